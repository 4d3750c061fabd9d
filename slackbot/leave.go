package slackbot

import (
	"context"
	"errors"
	"time"

	"procyon/client"
	"procyon/internal/slackapi"
)

const (
	// linksASweep is how many linked people are looked up at a time. With a sweep a
	// minute that is a fifth of what Slack allows:
	// https://docs.slack.dev/apis/web-api/rate-limits
	linksASweep = 20
	// linksEvery is how often at most all of them are looked up.
	linksEvery = time.Hour
)

// left takes Slack's hint that somebody has left, or is no full member any more. It
// ends their link only if Slack says so when it is asked: a hint can be late, and they
// can be back.
func (b *Bot) left(ctx context.Context, at arrival) error {
	a, err := b.admit(ctx, at, fresh)
	switch {
	case err == nil, errors.Is(err, errNotInstalled), errors.Is(err, errWaiting):
		return nil
	case slackapi.StandingOf(err) != "":
		return b.touchHome(ctx, seat{a.space.SlackID, at.user}, "left "+b.now().String())
	case settled(err):
		return nil
	}
	return err
}

// linkSweep is how far the look at all links has come.
type linkSweep struct {
	underWay bool
	after    string    // the place in the list, "" for its beginning
	began    time.Time // of the latest round
}

// sweepLinks looks up some of the linked people, those who wait included, and ends the
// links of those who are no full members any more. Slack tells of that by an event, but
// an app can be without it, and an event can get lost. Only one bot sweeps at a time.
func (b *Bot) sweepLinks(ctx context.Context) error {
	s := &b.links
	if !s.underWay {
		if !s.began.IsZero() && b.now().Sub(s.began) < linksEvery {
			return nil
		}
		*s = linkSweep{underWay: true, began: b.now()}
	}
	out, err := listLinks(ctx, b.server, linksASweep, s.after)
	if err != nil {
		if !client.IsRetryable(err) {
			*s = linkSweep{} // the place in the list may be no longer good
		}
		return err
	}
	for _, l := range out.SlackLinks.Nodes {
		if l.Workspace.Removed {
			continue
		}
		if err := b.left(ctx, arrival{installations: []string{l.Workspace.SlackID}, user: l.SlackUserID}); err != nil {
			return err // the next sweep looks at the same ones
		}
	}
	s.underWay, s.after = out.SlackLinks.PageInfo.HasNextPage, out.SlackLinks.PageInfo.EndCursor
	return nil
}
