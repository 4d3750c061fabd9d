package app

import (
	"context"
	"errors"
	"time"

	"golang.org/x/sync/errgroup"

	"procyon/client"
)

// keepIn is how long the last writing down of what was counted may take.
const keepIn = 5 * time.Second

// index keeps what is held in memory for lists near the present, until ctx is done, so that
// whoever asks has little to wait for.
func (c *Core) index(ctx context.Context) error {
	group, running := errgroup.WithContext(ctx)
	group.Go(func() error { return c.follow(running, "names", c.names.Follow) })
	group.Go(func() error { return c.follow(running, "requests that have ended", c.ended.Follow) })
	group.Go(func() error { return c.follow(running, "requests by day", c.days.Follow) })
	err := group.Wait()
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), keepIn)
	defer cancel()
	if err := errors.Join(c.ended.Keep(last), c.days.Keep(last)); err != nil {
		c.log.Warn("what was counted is not kept; the next start counts it again", "error", err)
	}
	return err
}

// follow lets something follow the journal.
func (c *Core) follow(ctx context.Context, what string, follow func(context.Context) error) error {
	for {
		at := c.Journal.Head()
		if err := follow(ctx); err != nil && ctx.Err() == nil {
			c.log.Error("can't follow the journal; trying again", "for", what, "error", err)
			client.Sleep(ctx, readAgain)
			continue
		}
		if err := c.Journal.Wait(ctx, at); err != nil {
			if errors.Is(err, ctx.Err()) {
				return nil
			}
			return err // the journal has ended
		}
	}
}
