package slackbot

import (
	"context"
	"encoding/json"
	"errors"
	"sync"
	"time"

	"github.com/slack-go/slack"

	"procyon/client"
	"procyon/internal/slackapi"
)

// listen takes what Slack sends through a socket that the bot opened, for servers
// that Slack can't reach. Each replica has a socket, and Slack chooses one.
//
// Slack closes a socket every few hours, and says so before: then another one is opened
// while the old one still takes and answers what is under way.
func (b *Bot) listen(ctx context.Context) error {
	var serving sync.WaitGroup
	defer serving.Wait()
	failures := 0 // since the last socket that Slack said hello through
	for {
		socket, err := b.opt.API.OpenSocket(ctx, b.opt.AppToken)
		switch {
		case ctx.Err() != nil:
			return nil // it was told to stop
		case slackapi.TokenLost(err):
			return errors.New("slack refuses PROCYON_SLACK_APP_TOKEN: make one with the scope connections:write under Basic Information, App-Level Tokens")
		case err == nil:
			failures = 0
			opened := b.now()
			serving.Go(func() {
				if err := socket.Serve(ctx, b.envelope); ctx.Err() == nil {
					b.log.Info("a socket to Slack ended", "error", err)
				}
			})
			<-socket.Leaving()
			if b.now().Sub(opened) >= socketShort {
				continue
			}
		}
		wait := client.Backoff(failures, time.Second, time.Minute)
		if asked, ok := slackapi.RetryAfter(err); ok {
			wait = max(wait, asked)
		}
		wait = b.opt.Shorten(wait)
		failures++
		b.log.Warn("there is no socket to Slack, or soon none any more; opening one", "error", err, "in", wait)
		if !client.Sleep(ctx, wait) {
			return nil
		}
	}
}

// socketShort is the least life of a socket after which another one is opened at once:
// Slack allows few openings a minute.
const socketShort = 10 * time.Second

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
