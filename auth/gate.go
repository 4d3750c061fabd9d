package auth

import (
	"context"
	"time"
)

// Each hash takes 19 MiB and tens of milliseconds of a core. So that a flood of
// sign-ins costs neither all the memory nor all the processor, few are made at
// once and few more may wait. A place is kept for those whom strangers must not keep
// out: browsers that are known, and people who set a password.
const (
	maxHashing, maxWaiting   = 2, 32
	keptHashing, keptWaiting = 1, 16
)

// How many may ask an identity provider at once, and how many more may wait for that.
const maxAsking, maxAskers = 8, 64

// gate lets few in at once.
type gate struct {
	inside chan struct{}
	queue  chan struct{} // those inside and those who wait
}

func newGate(inside, waiting int) *gate {
	return &gate{inside: make(chan struct{}, inside), queue: make(chan struct{}, inside+waiting)}
}

// enter waits for a place and returns what gives it back. Where too many are
// waiting already, it returns a *TooManyError at once.
func (g *gate) enter(ctx context.Context) (leave func(), err error) {
	select {
	case g.queue <- struct{}{}:
	default:
		return nil, &TooManyError{RetryAfter: 5 * time.Second}
	}
	select {
	case g.inside <- struct{}{}:
		return func() { <-g.inside; <-g.queue }, nil
	case <-ctx.Done():
		<-g.queue
		return nil, ctx.Err()
	}
}
