package slackbot

import (
	"context"
	"slices"

	"procyon/internal/slackapi"
)

// event takes in an event of Slack's. After an error Slack sends it again.
func (b *Bot) event(ctx context.Context, e envelope) error {
	switch {
	case e.Event.Type == "app_home_opened":
		return b.homeOpened(ctx, e)
	case e.Event.Type == "user_change" && e.Event.User.Leaves:
		return b.left(ctx, ofEvent(e))
	case e.Event.Type == "app_uninstalled", e.Event.Type == "tokens_revoked" && len(e.Event.Tokens.Bot) > 0:
		return b.uninstalled(ctx, e)
	case e.Event.Type == slackapi.MarkEvent:
		return b.told(ctx, e)
	case slices.Contains(channelEvents(), e.Event.Type):
		return b.channelsChanged(ctx, e)
	}
	return nil
}
