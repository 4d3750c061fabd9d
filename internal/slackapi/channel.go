package slackapi

import (
	"context"

	"github.com/slack-go/slack"
)

// ChannelsAPage is how many channels a page of [Bot.Channels] has at most: Slack's own bound.
const ChannelsAPage = 1000

// Channel is a channel of a workspace, as the app sees it.
type Channel struct {
	ID       string
	Name     string // without the #
	Private  bool
	Archived bool
	Member   bool // the app is in it
	External bool // people of another company are in it, or were invited
}

// Channels asks Slack for a page of the channels that the app sees: the public ones, for
// which it needs the scope channels:read, and where private is set also the private ones
// that it is in, with groups:read. It returns the cursor of the next page, "" on the last.
func (b *Bot) Channels(ctx context.Context, private bool, cursor string) (page []Channel, next string, _ error) {
	types := []string{"public_channel"}
	if private {
		types = append(types, "private_channel")
	}
	list, next, err := b.client.GetConversationsContext(ctx, &slack.GetConversationsParameters{Types: types, Limit: ChannelsAPage, Cursor: cursor})
	if err != nil {
		return nil, "", apiError(ctx, "conversations.list", err)
	}
	for _, c := range list {
		page = append(page, Channel{
			ID: c.ID, Name: c.Name, Private: c.IsPrivate, Archived: c.IsArchived, Member: c.IsMember, External: c.IsExtShared || c.IsPendingExtShared,
		})
	}
	return page, next, nil
}
