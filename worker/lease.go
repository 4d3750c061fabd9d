package worker

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"time"

	"procyon/client"
)

// Leaser gives leases; [client.Client] does.
type Leaser interface {
	// AcquireConsumer takes or keeps a lease, or returns [client.ErrHeld].
	AcquireConsumer(ctx context.Context, name, holder string, ttl time.Duration) (client.Consumer, error)
	// ReleaseConsumer gives a lease back.
	ReleaseConsumer(ctx context.Context, name string, epoch int) error
}

// newHolder makes a name that no other process has: two holders of one name would
// both believe that the lease is theirs.
func newHolder() string {
	host, err := os.Hostname()
	if err != nil || len(host) > 60 {
		host = "worker"
	}
	return fmt.Sprintf("%s/%d/%s", host, os.Getpid(), rand.Text()[:8])
}

// Lease is the right to work as a consumer, for a time. [Run] takes it, keeps it and
// gives it back.
type Lease struct {
	// Name is the consumer's.
	Name string
	// Epoch proves the lease to the server. It grows with each new holder, and what a
	// holder of an earlier one says is refused.
	Epoch int
	// Cursor is where the consumer stood when the lease was taken.
	Cursor string

	leaser Leaser
	holder string
	ttl    time.Duration
	until  time.Time // by the clock of this process, counted from before it was asked for
	held   context.Context
}

// Held is done, with [client.ErrLost] as its cause, when the lease is lost, a little
// before its end. It outlives the order to stop, so that what was begun can be ended
// and written down.
func (l *Lease) Held() context.Context { return l.held }

// takeLease takes the lease of a consumer for a time, or returns [client.ErrHeld]. The time
// counts from before the call: the server may have given the lease as soon as it was asked.
func takeLease(ctx context.Context, from Leaser, name, holder string, ttl time.Duration) (*Lease, error) {
	l := &Lease{Name: name, leaser: from, holder: holder, ttl: ttl}
	began := time.Now()
	c, err := from.AcquireConsumer(ctx, name, holder, ttl)
	if err != nil {
		return nil, err
	}
	l.Epoch, l.Cursor, l.until = c.Epoch, c.Cursor, began.Add(ttl)
	if l.left() <= 0 {
		// The answer was too slow for it. One more call is enough where the server is back.
		if err := l.prolong(ctx, ttl); err != nil {
			return nil, err
		}
	}
	return l, nil
}

// left is how long the lease can be relied on. Nothing is done in its last tenth, for
// clocks that run at other speeds.
func (l *Lease) left() time.Duration { return time.Until(l.until) - l.ttl/10 }

// hold begins to keep the lease, until stop is called. From then on, too, Held is done.
func (l *Lease) hold(ctx context.Context) (stop func()) {
	held, cancel := context.WithCancelCause(context.WithoutCancel(ctx))
	l.held = held
	stopped := make(chan struct{})
	go func() {
		defer close(stopped)
		if err := l.keep(held); err != nil {
			cancel(err)
		}
	}()
	return func() {
		cancel(context.Canceled)
		<-stopped
	}
}

// keep prolongs the lease when a quarter of its time is over, counted from before the call
// that gave it, and soon again when that fails. A call gets a third of the time, so there is
// time for another one after the slowest.
func (l *Lease) keep(ctx context.Context) error {
	wait := l.untilDue()
	for {
		left := l.left()
		if !client.Sleep(ctx, min(wait, left)) {
			return nil
		}
		if left <= wait {
			return client.ErrLost
		}
		switch err := l.prolong(ctx, min(left-wait, l.ttl/3)); {
		case errors.Is(err, client.ErrLost):
			return err
		case err != nil:
			wait = l.ttl / 20
		default:
			wait = l.untilDue()
		}
	}
}

// untilDue is when the lease is to be prolonged.
func (l *Lease) untilDue() time.Duration { return max(0, time.Until(l.until)-l.ttl*3/4) }

// prolong asks for the lease once more: [client.ErrLost] where it is somebody else's.
func (l *Lease) prolong(ctx context.Context, timeout time.Duration) error {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	began := time.Now()
	c, err := l.leaser.AcquireConsumer(ctx, l.Name, l.holder, l.ttl)
	switch {
	case errors.Is(err, client.ErrHeld), err == nil && c.Epoch != l.Epoch:
		return client.ErrLost
	case err != nil:
		return err
	}
	l.until = began.Add(l.ttl)
	return nil
}

// release gives the lease back so that another holder can begin at once. Else it
// runs out by itself. One that was lost is not given back: where the server was away, that
// could reach it behind the call that takes the next one, and end that.
func (l *Lease) release(ctx context.Context) {
	if errors.Is(context.Cause(l.held), client.ErrLost) {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*time.Second)
	defer cancel()
	_ = l.leaser.ReleaseConsumer(ctx, l.Name, l.Epoch)
}
