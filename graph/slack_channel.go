package graph

import (
	"context"
	"strings"

	"procyon/access"
	"procyon/slackworkspace"
	"procyon/store"
)

// kindChannel begins the IDs of channels, which name the workspace and the channel: they
// are no subjects of the journal.
const kindChannel access.Kind = "sch"

func channelNodeID(workspaceID, channelID string) string {
	return string(kindChannel) + strings.TrimPrefix(workspaceID, string(slackworkspace.KindWorkspace)) + "_" + channelID
}

// channelOfNode reads the ID of a channel.
func channelOfNode(id string) (workspaceID, channelID string) {
	i := max(strings.LastIndex(id, "_"), len(kindChannel))
	return string(slackworkspace.KindWorkspace) + id[len(kindChannel):i], strings.TrimPrefix(id[i:], "_")
}

// toListedChannel makes nodes of the channels of a workspace.
func toListedChannel(workspaceID string) func(slackworkspace.Channel) *ListedSlackChannel {
	return func(c slackworkspace.Channel) *ListedSlackChannel {
		return &ListedSlackChannel{
			ID: channelNodeID(workspaceID, c.ChannelID), ChannelID: c.ChannelID, Name: c.Name,
			Private: c.Private, Archived: c.Archived, Member: c.Member, External: c.External,
		}
	}
}

// channelSeen returns a channel as the app saw it; nil where it did not.
func (r *Resolver) channelSeen(ctx context.Context, workspaceID, channelID string) (*ListedSlackChannel, error) {
	c, ok, err := r.Slack.ChannelSeen(ctx, workspaceID, channelID)
	if err != nil || !ok {
		return nil, err
	}
	return toListedChannel(workspaceID)(c), nil
}

// channel is the channel that is given by its ID or its name; nil where none is.
func (r *Resolver) channel(ctx context.Context, in *SlackChannelInput) (*access.Channel, error) {
	switch {
	case in == nil:
		return nil, nil
	case (in.ChannelID == nil) == (in.Name == nil):
		return nil, access.Errorf(access.CodeInvalid, "slackChannel", "Give the channel by its ID or by its name: one of them.")
	case in.ChannelID != nil:
		return &access.Channel{WorkspaceID: in.WorkspaceID, ChannelID: *in.ChannelID}, nil
	}
	id, err := r.Slack.ChannelNamed(ctx, in.WorkspaceID, *in.Name)
	return &access.Channel{WorkspaceID: in.WorkspaceID, ChannelID: id}, err
}

// named puts an error about a channel's ID to its name, where that is what was given.
func named(in *SlackChannelInput, err error) error {
	if in == nil || in.Name == nil {
		return err
	}
	return access.Moved("slackChannel.channelId", "slackChannel.name", err)
}

func (r *Resolver) createIntegration(ctx context.Context, in CreateIntegrationInput) (access.Integration, error) {
	channel, err := r.channel(ctx, in.SlackChannel)
	if err != nil {
		return access.Integration{}, err
	}
	i, err := r.Access.CreateIntegration(ctx, actor(ctx), access.NewIntegration{
		Name: in.Name, Kind: access.IntegrationKind(in.Kind), URL: value(in.WebhookURL), Channel: channel,
		OfferedBy: value(in.OfferedByWorkspaceID), OfferSeen: in.OfferInstalledAt, Events: enums[access.EventType](in.Events), IdempotencyKey: in.IdempotencyKey,
	})
	return i, named(in.SlackChannel, err)
}

func (r *Resolver) updateIntegration(ctx context.Context, in UpdateIntegrationInput) (access.Integration, error) {
	channel, err := r.channel(ctx, in.SlackChannel)
	if err != nil {
		return access.Integration{}, err
	}
	i, err := r.Access.UpdateIntegration(ctx, actor(ctx), in.IntegrationID, access.IntegrationPatch{
		Name: in.Name, URL: in.WebhookURL, Channel: channel, Enabled: in.Enabled, Events: enums[access.EventType](in.Events),
	})
	return i, named(in.SlackChannel, err)
}

// seenChannels lists what the app saw; the count of all pages comes with it.
func (r *Resolver) seenChannels(ctx context.Context, workspaceID string, f slackworkspace.ChannelFilter, p *paged) (store.Listed, error) {
	l, n, err := r.Slack.Channels(ctx, workspaceID, f, p.Page)
	p.count = func(context.Context) (int, bool, error) { return n, true, nil }
	return l, err
}

func (r *Resolver) reportSlackChannels(ctx context.Context, in ReportSlackChannelsInput) (slackworkspace.Workspace, error) {
	p := slackworkspace.Piece{Listing: in.Listing, Number: in.Piece, Last: in.Last, Complete: in.Complete}
	for _, c := range in.Channels {
		p.Channels = append(p.Channels, slackworkspace.Channel{
			ChannelID: c.ChannelID, Name: c.Name, Private: c.Private, Archived: c.Archived, Member: c.Member, External: c.External,
		})
	}
	return r.Slack.Report(ctx, in.SlackID, p)
}
