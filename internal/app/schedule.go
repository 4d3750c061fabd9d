package app

import (
	"context"
	"maps"
	"slices"
	"time"

	"procyon/access"
	"procyon/client"
	"procyon/journal"
)

// schedule takes the steps of requests that nobody asks for, each when it is due, until
// ctx is done. It follows the journal, so it knows of every server's changes.
func (c *Core) schedule(ctx context.Context) error {
	s := access.NewSchedule(c.Access)
	after := c.Journal.Head()
	recent, err := c.changedLast(ctx, after)
	if err == nil {
		err = s.Load(ctx, recent...)
	}
	if err != nil && ctx.Err() == nil {
		return err
	}
	for ctx.Err() == nil {
		c.stepping.Store(true)
		err := s.Advance(ctx)
		c.stepping.Store(false)
		if err != nil && ctx.Err() == nil {
			c.log.Error("scheduled step of a request", "error", err)
		}
		entries, err := c.changes(ctx, after, s.Next())
		if err != nil {
			return err
		}
		for _, e := range entries {
			if err := s.Observe(e.Subject, e.After); err != nil {
				c.log.Error("scheduled step of a request", "entry", e.Seq, "error", err)
			}
			after = e.Seq
		}
	}
	return nil
}

// changedLast are the subjects of the last entries up to a position: more than were ever
// committed while a server took the steps that were due.
func (c *Core) changedLast(ctx context.Context, head uint64) ([]string, error) {
	const many = 4096
	seen := map[string]bool{}
	for after := head - min(head, many); after < head; {
		entries, err := c.Journal.Read(ctx, after, 500)
		if err != nil || len(entries) == 0 {
			return nil, err
		}
		for _, e := range entries {
			seen[e.Subject] = true
		}
		after = entries[len(entries)-1].Seq
	}
	return slices.Sorted(maps.Keys(seen)), nil
}

// lookAtClock is how long the schedule sleeps at most where something is to come. Timers
// don't follow the clock: it may be set meanwhile, and they rest while a machine is
// suspended.
const lookAtClock = time.Second

// readAgain is how long reading the journal rests after it failed.
const readAgain = time.Second

// changes waits for entries after a position, and returns some; those that are there already
// also where the moment has passed. It returns none when ctx is done, and at a moment or before
// it, unless that is zero: look at the clock then.
func (c *Core) changes(ctx context.Context, after uint64, until time.Time) ([]journal.Entry, error) {
	wait := ctx
	if !until.IsZero() {
		var cancel context.CancelFunc
		wait, cancel = context.WithTimeout(ctx, min(until.Sub(c.now()), lookAtClock))
		defer cancel()
	}
	err := c.Journal.Wait(wait, after)
	if err != nil && wait.Err() != nil {
		return nil, nil
	}
	if err != nil {
		return nil, err // the journal has ended
	}
	entries, err := c.Journal.Read(ctx, after, 500)
	if err != nil && ctx.Err() == nil {
		c.log.Error("can't read the journal; trying again", "error", err)
		client.Sleep(ctx, readAgain)
		return nil, nil
	}
	return entries, nil
}
