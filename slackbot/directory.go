package slackbot

import (
	"context"
	"crypto/rand"
	"errors"
	"slices"
	"strings"
	"time"

	"procyon/client"
	"procyon/internal/slackapi"
)

// Which channels the app sees is told to the server, which has no token to ask Slack by
// itself: after each start that finds nothing known, when an event of Slack's or an
// administrator asks for it, and now and then. Only the bot that holds the lease does so.
// Whichever bot hears of an event asks at the server, so the one with the lease finds it.

const (
	// directoryEvery is how often is looked whether a workspace's channels are to be listed.
	directoryEvery = 3 * time.Second
	// directoryFor is how long a listing is good where nothing asks for another.
	directoryFor = time.Hour
	// directoryPage is the time after a listing for each of its pages in which no other
	// begins: so a workspace is asked for ten pages a minute at most, half of what Slack
	// allows (https://docs.slack.dev/apis/web-api/rate-limits).
	directoryPage = 6 * time.Second
	// directoryRetry is how long a listing that failed is not tried again.
	directoryRetry = time.Minute

	channelsAPiece = 500 // of a report to the server
	maxPieces      = 200 // of a listing, the empty one that begins it, too: more channels are left out
)

// directory is what the bot that holds the lease remembers of the listings that it made.
// One goroutine uses it.
type directory struct {
	next map[string]time.Time // by Slack's ID of a workspace: when it may be listed again
}

// listChannels lists the channels of the workspaces where it is time to.
func (b *Bot) listChannels(ctx context.Context) error {
	return client.EachPage(func(after string) (client.PageInfo, error) {
		out, err := readDirectories(ctx, b.server, aPage, after)
		if err != nil {
			return client.PageInfo{}, err
		}
		for _, w := range out.SlackWorkspaces.Nodes {
			if err := b.listIfDue(ctx, w); err != nil {
				return client.PageInfo{}, err
			}
		}
		return out.SlackWorkspaces.PageInfo, nil
	})
}

// due tells whether a workspace's channels are to be listed, as the server has it.
func (w *directoryState) due(now time.Time) bool {
	if w.Organization || !slices.Contains(w.Scopes, "channels:read") {
		return false
	}
	return w.ChannelsWanted || w.ChannelsAsOf.IsZero() || w.ChannelsAsOf.Before(w.InstalledAt) || now.Sub(w.ChannelsAsOf) >= directoryFor
}

// listIfDue lists a workspace's channels, if it is time to. What fails is tried again
// later, and does not hold up the other workspaces; an error is one of the server's.
func (b *Bot) listIfDue(ctx context.Context, w directoryState) error {
	if b.directory.next == nil {
		b.directory.next = map[string]time.Time{}
	}
	if !w.due(b.now()) || b.now().Before(b.directory.next[w.SlackID]) {
		return nil
	}
	pages, err := b.listChannelsOf(ctx, w)
	wait := b.opt.Shorten(time.Duration(pages) * directoryPage)
	if err != nil {
		wait = b.opt.Shorten(directoryRetry)
	}
	b.directory.next[w.SlackID] = b.now().Add(wait)
	if err == nil || ctx.Err() != nil || slackapi.CodeOf(err) == "" && !errors.Is(err, errNotInstalled) && !errors.Is(err, errWaiting) {
		return err
	}
	b.log.Warn("can't list the channels of a Slack workspace", "workspace", w.SlackID, "error", err)
	return nil
}

// listChannelsOf asks Slack for all channels of a workspace, and tells the server. It
// returns how many pages they were.
func (b *Bot) listChannelsOf(ctx context.Context, w directoryState) (pages int, _ error) {
	at, err := b.spaces.open(ctx, w.SlackID)
	if err != nil {
		return 0, err
	}
	private := slices.Contains(w.Scopes, "groups:read")
	r := report{bot: b, slackID: w.SlackID, listing: rand.Text()}
	// The first piece begins the listing at the server, before Slack is asked: what changes
	// from here on may be missing, and is asked for again.
	if err := r.send(ctx, false, false); err != nil {
		return 0, err
	}
	for cursor := ""; ; {
		page, next, err := b.channelPage(ctx, at, private, cursor)
		if err != nil {
			return pages, err
		}
		pages++
		full, err := r.add(ctx, page)
		if err != nil {
			return pages, err
		}
		if full || next == "" {
			return pages, r.send(ctx, true, private && !full)
		}
		cursor = next
	}
}

// channelPage asks for a page until Slack gives it, as often as it says how long to wait.
func (b *Bot) channelPage(ctx context.Context, at workspace, private bool, cursor string) ([]slackapi.Channel, string, error) {
	for range 5 {
		page, next, err := at.Channels(ctx, private, cursor)
		wait, again := slackapi.RetryAfter(err)
		if !again {
			return page, next, err
		}
		if !client.Sleep(ctx, b.opt.Shorten(wait)) {
			return nil, "", ctx.Err()
		}
	}
	return at.Channels(ctx, private, cursor)
}

// report tells the server of a listing, piece by piece.
type report struct {
	bot     *Bot
	slackID string
	listing string
	piece   int // how many were sent
	held    []ListedSlackChannelInput
}

// add takes in a page, and sends what makes whole pieces but for the last, whose channels
// may be the last of all. full: no more channels fit into the listing.
func (r *report) add(ctx context.Context, page []slackapi.Channel) (full bool, _ error) {
	for _, c := range page {
		if len(r.held) == channelsAPiece {
			if r.piece == maxPieces-1 {
				return true, nil
			}
			if err := r.send(ctx, false, false); err != nil {
				return false, err
			}
		}
		name := []rune(strings.TrimSpace(c.Name))
		if len(name) == 0 {
			continue // one that Slack does not name can't be chosen by its name
		}
		r.held = append(r.held, ListedSlackChannelInput{
			ChannelID: c.ID, Name: string(name[:min(len(name), 80)]), Private: c.Private, Archived: c.Archived, Member: c.Member, External: c.External,
		})
	}
	return false, nil
}

// send sends what is held as the next piece.
func (r *report) send(ctx context.Context, last, complete bool) error {
	r.piece++
	if r.held == nil {
		r.held = []ListedSlackChannelInput{}
	}
	in := ReportSlackChannelsInput{SlackID: r.slackID, Listing: r.listing, Piece: r.piece, Channels: r.held, Last: last, Complete: complete}
	r.held = nil
	return r.bot.retry(ctx, func() error {
		out, err := reportChannels(ctx, r.bot.server, in)
		if err != nil {
			return err
		}
		return client.UserErrors(out.ReportSlackChannels.UserErrors).Err()
	})
}

// channelEvents are those after which other channels can be seen, or the same otherwise.
func channelEvents() []string {
	return []string{
		"channel_created", "channel_rename", "channel_archive", "channel_unarchive", "channel_deleted", "channel_left",
		"group_rename", "group_archive", "group_unarchive", "group_deleted", "group_left", "member_joined_channel",
	}
}

// channelsChanged has the channels of a workspace listed again, after an event of Slack's.
func (b *Bot) channelsChanged(ctx context.Context, e envelope) error {
	w, err := b.spaces.find(ctx, ofEvent(e).installations...)
	if errors.Is(err, errNotInstalled) || errors.Is(err, errWaiting) {
		return nil
	}
	if err != nil {
		return err
	}
	if e.Event.Type == "member_joined_channel" && e.Event.User.ID != w.BotUserID {
		return nil // somebody else
	}
	out, err := refreshChannels(ctx, b.server, RefreshSlackChannelsInput{WorkspaceID: w.WorkspaceID})
	if err != nil {
		return err
	}
	errs := client.UserErrors(out.RefreshSlackChannels.UserErrors)
	if errs.Has("CONFLICT") {
		return nil // the app may not list channels there
	}
	return errs.Err()
}
