// Package slackwebhook sends notifications to Slack's incoming webhooks
// (https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks).
package slackwebhook

import (
	"context"

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
	}
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
