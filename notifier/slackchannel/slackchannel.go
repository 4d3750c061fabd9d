// Package slackchannel sends notifications to channels of Slack workspaces that have the
// app, which posts there itself: a request has one message, with buttons, that stays up to
// date, and a thread below it.
package slackchannel

import (
	"context"
	"strings"

	"procyon/integration"
	"procyon/internal/slackapi"
	"procyon/notifier"
	"procyon/notifier/slackcard"
)

// Name is the kind's.
const Name = "SLACK_CHANNEL"

// Kind is a channel of a workspace that has the app.
func Kind() integration.Kind {
	return integration.Kind{
		Name:        Name,
		Destination: []integration.Field{{Name: integration.SlackWorkspace}, {Name: integration.SlackChannel, Check: integration.CheckSlackID}},
		Missing:     "Choose a Slack workspace and one of its channels.",
		Foreign:     "A Slack channel has no webhook; leave the URL out.",
		Mend:        mend,
	}
}

// mend says what mends a channel that is broken for a reason of [slackapi.PostOutcome]'s.
func mend(reason string) string {
	switch {
	case strings.Contains(reason, "install"), strings.Contains(reason, "no longer has access"):
		return "Install the app in the workspace again, then press Enable."
	case strings.Contains(reason, "archived"):
		return "Unarchive the channel in Slack and press Enable, or choose another channel."
	case strings.Contains(reason, "/invite"):
		return "Invite the app to the channel in Slack with /invite and press Enable, or choose another channel."
	}
	return "Mend this in Slack and press Enable, or choose another channel."
}

// Post is what a channel is owed: an event of a request, or a test message.
type Post struct {
	// IntegrationID is the channel's integration.
	IntegrationID string
	// DeliveryID is the same at each try.
	DeliveryID string
	// RequestID and Cursor are the request and the event's position; both are "" for
	// a test message.
	RequestID, Cursor string
	// Card is the event, with what the channel may see of the request.
	Card slackapi.Card
}

// Poster posts in Slack as the app, and keeps up to date what it posted.
type Poster interface {
	// Post posts to a channel, such as "T0123/C0456". It returns soon after ctx is done.
	Post(ctx context.Context, address string, p Post) slackapi.Result
}

// Channel implements [notifier.Updater]. It is safe for concurrent use.
type Channel struct{ poster Poster }

// New makes a Channel that posts through a poster.
func New(p Poster) *Channel { return &Channel{p} }

// Send implements [notifier.Channel]; address is a workspace's and a channel's ID.
func (c *Channel) Send(ctx context.Context, address string, m notifier.Message) notifier.Result {
	card := slackcard.Card(m)
	card.Interactive = true
	return slackcard.Result(c.poster.Post(ctx, address, Post{
		IntegrationID: m.IntegrationID, DeliveryID: m.Delivery, RequestID: m.RequestID, Cursor: m.Cursor, Card: card,
	}))
}

// Updates implements [notifier.Updater].
func (c *Channel) Updates() {}
