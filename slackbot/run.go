package slackbot

import (
	"context"
	"errors"
	"time"

	"golang.org/x/sync/errgroup"

	"procyon/client"
	"procyon/worker"
)

const (
	consumerName = "slackbot"

	noteEvery  = time.Second
	loginEvery = 2 * time.Second
	pruneEvery = 24 * time.Hour
)

// Run keeps messages up to date until ctx is done, and then returns nil. One bot
// does so at a time; others stand by, and answer Slack all the same. It returns an
// error only where the server, or Slack's sockets, refuse the token.
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
	o := worker.Options{Client: b.server.Client, Consumer: consumerName, Worker: "Slack bot", TTL: b.opt.LeaseTTL, Logger: b.log}
	return worker.Run(ctx, o, b.work)
}

// work works under one lease.
func (b *Bot) work(ctx context.Context, lease *worker.Lease) error {
	group, ctx := errgroup.WithContext(ctx)
	lanes := b.reconciler.begin(ctx)
	b.endings.clear()
	defer b.reconciler.end()
	group.Go(lanes.Wait)
	group.Go(func() error { return worker.Follow(ctx, b.server.Client, lease, followEvents_Operation, b.follow) })
	for _, each := range b.chores() {
		group.Go(func() error { return worker.Every(ctx, each.every, b.tolerant(each.do)) })
	}
	return group.Wait()
}

// chore is what is done now and then.
type chore struct {
	every time.Duration
	do    func(context.Context) error
}

func (b *Bot) chores() []chore {
	return []chore{
		{b.opt.SweepEvery, b.sweep()},
		{b.opt.Shorten(noteEvery), b.readNotes},
		{b.opt.Shorten(loginEvery), b.finishLogins},
		{b.opt.Shorten(tellEvery), (&teller{Bot: b}).look},
		{pruneEvery, b.prune},
		{b.opt.SweepEvery, b.sweepLinks},
		{rotateEvery, b.RotateTokens},
		{b.opt.Shorten(directoryEvery), b.listChannels},
	}
}

// tolerant is f, but failures that may pass are only logged.
func (b *Bot) tolerant(f func(context.Context) error) func(context.Context) error {
	return func(ctx context.Context) error {
		err := f(ctx)
		if err == nil || ctx.Err() != nil || worker.Refused(err) {
			return err
		}
		b.log.Warn("the Slack bot goes on after a failure", "error", err)
		return nil
	}
}

// follow plans the messages of an event.
func (b *Bot) follow(ctx context.Context, e client.Event) error {
	var out followEventsResponse
	if err := e.Decode(&out); err != nil {
		return err
	}
	v := out.RequestEvents
	return b.retry(ctx, func() error { return b.take(ctx, v.Request.RequestID, string(v.Type), v.Cursor) })
}

// take plans the messages of an event, and wakes the reconciler.
func (b *Bot) take(ctx context.Context, requestID, eventType, cursor string) error {
	r, err := b.server.request(ctx, requestID)
	if err != nil || r == nil {
		return err
	}
	b.endings.note(r)
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

// retry tries again what fails for a while, or was changed meanwhile, until ctx is done.
func (b *Bot) retry(ctx context.Context, f func() error) error {
	return worker.Retry(ctx, func(err error) bool { return client.IsRetryable(err) || errors.Is(err, errChanged) }, f)
}

// sweep looks for messages that no event of this session tells of: what a crash
// left behind, and what another replica's clicks brought up. And it tells those
// whose access ends soon. The first one of a session reads all messages, for an earlier
// release stored them without saying which are due.
func (b *Bot) sweep() func(ctx context.Context) error {
	read := b.server.messages
	return func(ctx context.Context) error {
		for _, prefix := range []string{messagePrefix, homePrefix} {
			list, err := read(ctx, prefix)
			if err != nil {
				return err
			}
			for _, m := range list {
				if m.stale() {
					b.reconciler.take(m)
				}
			}
		}
		read = b.server.dueMessages
		return b.tellWhoExpires(ctx)
	}
}
