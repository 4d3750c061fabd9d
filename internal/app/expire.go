package app

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"

	"procyon/client"
)

// When what is kept no longer is removed, and how fast.
const (
	expireFirst  = 2 * time.Minute
	expireEvery  = 10 * time.Minute
	expirePause  = 200 * time.Millisecond // after some were removed, for those who wait to write
	expireAtOnce = 200                    // times in a row, of one kind
)

// expire removes what is kept no longer, now and then, until ctx is done. Each server does,
// at moments of its own; to do it beside another is harmless. It begins a while after the
// start, when others have more to do.
func (c *Core) expire(ctx context.Context) error {
	//nolint:gosec // waits are no secrets
	for wait := rand.N(expireFirst); client.Sleep(ctx, wait); wait = expireEvery/2 + rand.N(expireEvery) {
		n, err := c.Expire(ctx, expirePause)
		if err != nil && ctx.Err() == nil {
			c.log.Error("can't remove what is kept no longer; trying again", "error", err)
		}
		if n > 0 {
			c.log.Debug("removed what is kept no longer", "documents", n)
		}
	}
	return nil
}

// Expire removes what is kept no longer: notifications, sessions, tokens, what workers
// remember, consumers that were deleted, files of the catalog. It rests for a while after each hundred or so, and
// leaves to the next time what is too much for one.
func (c *Core) Expire(ctx context.Context, pause time.Duration) (removed int, err error) {
	for _, some := range []func(context.Context) (int, error){c.Ledger.Expire, c.Records.Expire, c.Auth.Sweep, c.Imports.Expire} {
		n, failed := expireSome(ctx, pause, some)
		removed += n
		err = errors.Join(err, failed)
	}
	return removed, err
}

func expireSome(ctx context.Context, pause time.Duration, some func(context.Context) (int, error)) (removed int, err error) {
	for range expireAtOnce {
		n, err := some(ctx)
		removed += n
		if n == 0 || err != nil || !client.Sleep(ctx, pause) {
			return removed, err
		}
	}
	return removed, nil
}
