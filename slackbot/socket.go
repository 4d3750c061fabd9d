package slackbot

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"github.com/slack-go/slack"

	"procyon/client"
	"procyon/internal/slackapi"
)

// listen takes what Slack sends through a socket that the bot opened, for servers
// that Slack can't reach. Each replica has a socket, and Slack chooses one.
func (b *Bot) listen(ctx context.Context) error {
	for failures := 0; ; failures++ {
		began := time.Now()
		err := b.opt.API.Listen(ctx, b.opt.AppToken, b.envelope)
		if ctx.Err() != nil {
			return nil //nolint:nilerr // it was told to stop
		}
		if slackapi.TokenLost(err) {
			return errors.New("slack refuses PROCYON_SLACK_APP_TOKEN: make one with the scope connections:write under Basic Information, App-Level Tokens")
		}
		if time.Since(began) > time.Minute {
			failures = 0
		}
		b.log.Warn("the socket to Slack ended; opening another one", "error", err)
		if !client.Sleep(ctx, b.opt.Shorten(client.Backoff(failures, time.Second, time.Minute))) {
			return nil
		}
	}
}

// envelope answers one thing that came through the socket, as the endpoints do.
func (b *Bot) envelope(ctx context.Context, e slackapi.Envelope) (any, bool) {
	ctx, cancel := context.WithTimeout(ctx, b.opt.AnswerIn)
	defer cancel()
	switch e.Type {
	case "slash_commands":
		var c slack.SlashCommand
		if err := json.Unmarshal(e.Payload, &c); err != nil {
			return nil, true
		}
		if a := b.command(ctx, c); a != nil {
			return a, true
		}
		return nil, true
	case "interactive":
		var in interaction
		if err := json.Unmarshal(e.Payload, &in); err != nil {
			return nil, true
		}
		return b.interaction(ctx, in), true
	case "events_api":
		var v envelope
		if err := json.Unmarshal(e.Payload, &v); err != nil {
			return nil, true
		}
		if err := b.event(ctx, v); err != nil {
			b.log.Warn("an event of Slack's failed; Slack sends it again", "type", v.Event.Type, "error", err)
			return nil, false
		}
	}
	return nil, true
}
