package notifier

import (
	"context"
	"errors"
	"time"
)

var (
	// errHeld: another holder has the lease.
	errHeld = errors.New("another notifier holds the lease")
	// errLost: the lease is over, or could not be kept in time.
	errLost = errors.New("the lease was lost")
)

// lease is the right to work as a consumer, for a time.
type lease struct {
	gateway gateway
	name    string
	holder  string
	ttl     time.Duration
	epoch   int
	cursor  string    // where the consumer stood when the lease was taken
	until   time.Time // by the clock of this process, counted from before it was asked for
}

// acquire takes the lease, or returns errHeld.
func acquire(ctx context.Context, g gateway, o Options) (*lease, error) {
	l := &lease{gateway: g, name: o.Consumer, holder: o.Holder, ttl: o.LeaseTTL}
	began := time.Now()
	c, err := g.acquire(ctx, l.name, l.holder, l.ttl)
	if err != nil {
		return nil, err
	}
	l.epoch, l.cursor, l.until = c.Epoch, c.Cursor, began.Add(l.ttl)
	return l, nil
}

// hold keeps the lease until stop is called. It returns a context that outlives ctx
// and is done with errLost as its cause when the lease is lost, a little before its
// end, or else when stop is called.
func (l *lease) hold(ctx context.Context) (held context.Context, stop func()) {
	held, cancel := context.WithCancelCause(context.WithoutCancel(ctx))
	stopped := make(chan struct{})
	go func() {
		defer close(stopped)
		if err := l.keep(held); err != nil {
			cancel(err)
		}
	}()
	return held, func() {
		cancel(context.Canceled)
		<-stopped
	}
}

// keep prolongs the lease three times in its time, and more often when that fails.
func (l *lease) keep(ctx context.Context) error {
	wait := l.ttl / 3
	for {
		// Nothing is sent in the last tenth, for clocks that run at other speeds.
		left := time.Until(l.until) - l.ttl/10
		if !sleep(ctx, min(wait, left)) {
			return nil
		}
		if left <= wait {
			return errLost
		}
		switch err := l.prolong(ctx, left-wait); {
		case errors.Is(err, errLost):
			return err
		case err != nil:
			wait = l.ttl / 20
		default:
			wait = l.ttl / 3
		}
	}
}

func (l *lease) prolong(ctx context.Context, timeout time.Duration) error {
	ctx, cancel := context.WithTimeout(ctx, min(timeout, l.ttl/3))
	defer cancel()
	began := time.Now()
	c, err := l.gateway.acquire(ctx, l.name, l.holder, l.ttl)
	switch {
	case errors.Is(err, errHeld), err == nil && c.Epoch != l.epoch:
		return errLost
	case err != nil:
		return err
	}
	l.until = began.Add(l.ttl)
	return nil
}

// release gives the lease back so that another holder can begin at once.
func (l *lease) release(ctx context.Context) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*time.Second)
	defer cancel()
	_ = l.gateway.release(ctx, l.name, l.epoch) // else it runs out by itself
}
