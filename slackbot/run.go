package slackbot

import (
	"context"
	"errors"
	"fmt"
	"time"

	"golang.org/x/sync/errgroup"

	"procyon/client"
)

const (
	consumerName = "slackbot"

	defaultLeaseTTL = 10 * time.Second

	noteEvery  = time.Second
	loginEvery = 2 * time.Second
	pruneEvery = 24 * time.Hour
)

// Run keeps messages up to date until ctx is done, and then returns nil. One bot
// does so at a time; others stand by, and answer Slack all the same. It returns an
// error only where the gateway, or Slack's sockets, refuse the token.
func (b *Bot) Run(ctx context.Context) error {
	if b.opt.AppToken == "" {
		return b.keepUp(ctx)
	}
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return b.listen(ctx) })
	group.Go(func() error { return b.keepUp(ctx) })
	return group.Wait()
}

func (b *Bot) keepUp(ctx context.Context) error {
	holder := client.NewHolder()
	for failures := 0; ctx.Err() == nil; failures++ {
		err := b.work(ctx, holder)
		switch {
		case ctx.Err() != nil:
			return nil //nolint:nilerr // it was told to stop
		case client.IsRefusal(err):
			return fmt.Errorf("the Slack bot's token is refused: %w", err)
		case errors.Is(err, client.ErrHeld):
			failures = 0
		default:
			b.log.Warn("the Slack bot starts again", "error", err)
		}
		sleep(ctx, client.Backoff(failures, b.opt.LeaseTTL/2, 30*time.Second))
	}
	return nil
}

// work works under one lease.
func (b *Bot) work(ctx context.Context, holder string) error {
	lease, err := client.TakeLease(ctx, b.gateway.Client, consumerName, holder, b.opt.LeaseTTL)
	if err != nil {
		return err
	}
	defer lease.Release(ctx)
	held, stop := lease.Hold(ctx)
	defer stop()
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	unlink := context.AfterFunc(held, func() { cancel(context.Cause(held)) })
	defer unlink()
	b.log.Info("the Slack bot works", "epoch", lease.Epoch, "cursor", lease.Cursor)
	group, ctx := errgroup.WithContext(ctx)
	b.reconciler.begin(ctx, group)
	defer b.reconciler.end()
	group.Go(func() error { return b.follow(ctx, lease) })
	group.Go(func() error { return b.every(ctx, b.opt.SweepEvery, b.sweep) })
	group.Go(func() error { return b.every(ctx, noteEvery, b.readNotes) })
	group.Go(func() error { return b.every(ctx, loginEvery, b.finishLogins) })
	group.Go(func() error { return b.every(ctx, waitingEvery, (&waitingTeller{Bot: b}).look) })
	group.Go(func() error { return b.every(ctx, pruneEvery, b.prune) })
	group.Go(func() error { return b.every(ctx, b.opt.SweepEvery, b.sweepLinks) })
	group.Go(func() error { return b.every(ctx, rotateEvery, b.RotateTokens) })
	if err := group.Wait(); err != nil {
		return err
	}
	return context.Cause(ctx)
}

const eventsSubscription = `subscription Events($after: Cursor) {
  requestEvents(after: $after) { cursor type request { id } }
}`

// follow plans the messages of each event, in order, and then moves the cursor.
func (b *Bot) follow(ctx context.Context, lease *client.Lease) error {
	sub, err := b.gateway.Subscribe(ctx, client.SubscribeOptions{Query: eventsSubscription, After: lease.Cursor})
	if err != nil {
		return err
	}
	defer sub.Close()
	for {
		e, err := sub.Next(ctx)
		if ctx.Err() != nil {
			return nil
		}
		if err != nil {
			return err
		}
		var out struct {
			RequestEvents struct {
				Cursor, Type string
				Request      struct{ ID string }
			}
		}
		if err := e.Decode(&out); err != nil {
			return err
		}
		v := out.RequestEvents
		if err := b.insist(ctx, func() error { return b.take(ctx, v.Request.ID, v.Type, v.Cursor) }); err != nil {
			return err
		}
		if err := b.insist(ctx, func() error { return b.gateway.AdvanceConsumer(ctx, lease.Name, lease.Epoch, v.Cursor) }); err != nil {
			return err
		}
	}
}

// take plans the messages of an event, and wakes the reconciler.
func (b *Bot) take(ctx context.Context, requestID, eventType, cursor string) error {
	r, err := b.gateway.request(ctx, requestID)
	if err != nil || r == nil {
		return err
	}
	list, err := b.plan(ctx, r, eventType, cursor)
	if err != nil {
		return err
	}
	for _, m := range list {
		if err := b.dirty(ctx, m); err != nil {
			return err
		}
	}
	return b.refreshHomes(ctx, r, cursor)
}

// insist tries again what fails for a while, until ctx is done.
func (b *Bot) insist(ctx context.Context, f func() error) error {
	for failures := 0; ; failures++ {
		err := f()
		if err == nil || ctx.Err() != nil || !client.IsRetryable(err) && !errors.Is(err, errChanged) {
			return err
		}
		sleep(ctx, client.Backoff(failures, 100*time.Millisecond, 5*time.Second))
	}
}

// every does something now and then, until ctx is done. Failures that may pass are
// only logged.
func (b *Bot) every(ctx context.Context, d time.Duration, f func(context.Context) error) error {
	for {
		err := f(ctx)
		if ctx.Err() != nil {
			return nil //nolint:nilerr // it was told to stop
		}
		if code := client.CodeOf(err); code == client.CodeUnauthenticated || code == client.CodeForbidden {
			return err
		}
		if err != nil {
			b.log.Warn("the Slack bot goes on after a failure", "error", err)
		}
		if !sleep(ctx, d) {
			return nil
		}
	}
}

// sweep looks for messages that no event of this session tells of: what a crash
// left behind, and what another replica's clicks brought up. And it tells those
// whose access ends soon.
func (b *Bot) sweep(ctx context.Context) error {
	for _, prefix := range []string{messagePrefix, homePrefix} {
		list, err := b.gateway.messages(ctx, prefix)
		if err != nil {
			return err
		}
		for _, m := range list {
			if m.stale() {
				b.reconciler.take(m)
			}
		}
	}
	return b.tellWhoExpires(ctx)
}

// sleep waits, and tells whether it did so to the end.
func sleep(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}
