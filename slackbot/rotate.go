package slackbot

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"procyon/internal/slackapi"
)

const (
	rotateEvery = 5 * time.Minute
	// rotateBefore is how long before its end a token is exchanged; Slack's last for
	// twelve hours (https://docs.slack.dev/authentication/using-token-rotation).
	rotateBefore = 2 * time.Hour
)

// RotateTokens exchanges tokens that end soon, and forgets those of workspaces that an
// administrator has removed. Only the bot that holds the lease does so,
// because each exchange ends the refresh token that it used; Run does so every few
// minutes.
func (b *Bot) RotateTokens(ctx context.Context) error {
	b.rotating.Lock() // who comes second finds the new tokens
	defer b.rotating.Unlock()
	for list, err := range b.server.records(ctx, credentialKey("")) {
		if err != nil {
			return err
		}
		for _, r := range list {
			var c credential
			if err := json.Unmarshal([]byte(r.Value), &c); err != nil {
				return fmt.Errorf("record %s: %w", r.Key, err)
			}
			retired, err := b.spaces.retire(ctx, r, c)
			if err != nil {
				return err
			}
			if retired || c.Refresh == "" || c.ExpiresAt.Sub(b.now()) > rotateBefore {
				continue
			}
			if err := b.exchange(ctx, c); err != nil {
				b.log.Error("can't exchange a Slack token; the app must be installed again if this goes on", "workspace", c.SlackID, "error", err)
			}
		}
	}
	return nil
}

// exchange gets a new token, and stores it whatever ctx does by then: the old one is
// of no more use.
func (b *Bot) exchange(ctx context.Context, c credential) error {
	in, err := b.opt.API.Refresh(ctx, b.opt.ClientID, b.opt.ClientSecret, c.Refresh)
	if err != nil {
		if slackapi.TokenLost(err) {
			b.spaces.forget(c.SlackID)
		}
		return err
	}
	c.Token, c.Refresh, c.ExpiresAt = in.Token, in.RefreshToken, b.now().Add(in.ExpiresIn)
	store, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Minute)
	defer cancel()
	return b.retry(store, func() error { return b.spaces.keep(store, c) })
}
