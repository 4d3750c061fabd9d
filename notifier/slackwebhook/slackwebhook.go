// Package slackwebhook sends notifications to Slack's incoming webhooks
// (https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks).
package slackwebhook

import (
	"context"
	"strings"

	"procyon/integration"
	"procyon/internal/slackapi"
	"procyon/notifier"
	"procyon/notifier/slackcard"
)

// Name is the kind's.
const Name = "SLACK_WEBHOOK"

// Kind is a Slack incoming webhook, on a host that the policy allows.
func Kind(policy slackapi.HostPolicy) integration.Kind {
	return integration.Kind{
		Name:        Name,
		Destination: []integration.Field{{Name: integration.WebhookURL, Secret: true, Check: policy.CheckURL, Mask: slackapi.RedactURL}},
		Foreign:     "A Slack webhook posts to the channel that was chosen in Slack; give its URL alone.",
		Mend:        mend,
	}
}

// mend says what mends a webhook that is broken for a reason of [slackapi]'s.
func mend(reason string) string {
	switch {
	case strings.Contains(reason, "no longer knows"):
		return "Slack no longer knows this webhook. Make a new one, then Rotate URL."
	case strings.Contains(reason, "archived"):
		return "Unarchive the channel in Slack and press Enable, or make a webhook for another channel, then Rotate URL."
	case strings.Contains(reason, "forbids"), strings.Contains(reason, "general channel"):
		return "Have a Slack administrator allow it and press Enable, or make a webhook for another channel, then Rotate URL."
	}
	return "Make a new webhook in Slack, then Rotate URL."
}

// Channel implements [notifier.Channel]. It is safe for concurrent use.
type Channel struct{ webhook *slackapi.Webhook }

// New makes a Channel that posts to hosts that the policy allows.
func New(policy slackapi.HostPolicy) *Channel {
	return &Channel{slackapi.NewWebhook(policy, slackapi.WebhookOptions{})}
}

// Close drops idle connections. It returns nil.
func (c *Channel) Close() error {
	c.webhook.Close()
	return nil
}

// Send implements [notifier.Channel]; address is the webhook's URL.
func (c *Channel) Send(ctx context.Context, address string, m notifier.Message) notifier.Result {
	return slackcard.Result(c.webhook.Post(ctx, address, slackcard.Card(m).Message()))
}
