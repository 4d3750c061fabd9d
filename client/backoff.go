package client

import (
	"context"
	"math/rand/v2"
	"time"
)

// Backoff is how long to wait after so many failures, counted from 0: it doubles
// from least up to most, less a random part of up to half, so that many who failed
// together do not come back together.
func Backoff(failures int, least, most time.Duration) time.Duration {
	d := most
	if failures < 30 {
		d = min(most, least<<failures)
	}
	if d <= 0 {
		d = most
	}
	return d - rand.N(d/2+1) //nolint:gosec // a wait is no secret
}

// Sleep waits, and tells whether it did so to the end, or ctx was done before.
func Sleep(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}
