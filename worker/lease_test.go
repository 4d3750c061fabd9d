package worker

import (
	"context"
	"slices"
	"sync"
	"testing"
	"time"

	"procyon/client"
)

// slowOffice is an office whose calls take time. While it is frozen none is answered; then
// all are done, the last first, also for callers who are gone.
type slowOffice struct {
	office
	// acquiring is how long the n-th call for the lease takes, from 1; nil: no time.
	acquiring func(n int) time.Duration

	mu      sync.Mutex // guards all below
	asks    int
	frozen  bool
	waiting []func()
}

// call does something, after a time, unless the caller is gone by then.
func (o *slowOffice) call(ctx context.Context, takes time.Duration, do func()) error {
	done := make(chan struct{})
	o.mu.Lock()
	if o.frozen {
		o.waiting = append(o.waiting, func() { do(); close(done) })
		o.mu.Unlock()
		select {
		case <-done:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	o.mu.Unlock()
	if !client.Sleep(ctx, takes) {
		return ctx.Err()
	}
	do()
	return nil
}

func (o *slowOffice) thaw() {
	o.mu.Lock()
	waiting := slices.Backward(o.waiting)
	o.frozen, o.waiting = false, nil
	o.mu.Unlock()
	for _, do := range waiting {
		do()
	}
}

func (o *slowOffice) AcquireConsumer(ctx context.Context, name, holder string, ttl time.Duration) (c client.Consumer, err error) {
	o.mu.Lock()
	o.asks++
	var takes time.Duration
	if o.acquiring != nil {
		takes = o.acquiring(o.asks)
	}
	o.mu.Unlock()
	late := o.call(ctx, takes, func() { c, err = o.office.AcquireConsumer(ctx, name, holder, ttl) })
	if late != nil {
		return client.Consumer{}, late
	}
	return c, err
}

func (o *slowOffice) ReleaseConsumer(ctx context.Context, name string, epoch int) error {
	return o.call(ctx, 0, func() { _ = o.office.ReleaseConsumer(ctx, name, epoch) })
}

// sessions counts how often a worker begins within some time.
func sessions(t *testing.T, o *slowOffice, during func()) int {
	t.Helper()
	n := 0
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() {
		ended <- Run(ctx, Options{Client: o, Consumer: "tests", Holder: "one"}, func(ctx context.Context, l *Lease) error {
			n++
			return idle(ctx, l)
		})
	}()
	during()
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	return n
}

// A server that was away ends the lease once: what it still hears from before does not end
// the next one.
func TestAnOutageEndsTheLeaseOnce(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		for _, outage := range []time.Duration{11 * time.Second, 15 * time.Second, time.Minute} {
			o := &slowOffice{}
			n := sessions(t, o, func() {
				after(time.Minute)
				o.mu.Lock()
				o.frozen = true
				o.mu.Unlock()
				after(outage)
				o.thaw()
				after(time.Hour)
			})
			if n != 2 {
				t.Errorf("an outage of %v: %d sessions", outage, n)
			}
		}
	})
}

func TestSlowCallsLoseNoLease(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		for name, takes := range map[string]func(n int) time.Duration{
			"the first call takes nearly all of it": func(n int) time.Duration {
				if n == 1 {
					return DefaultTTL - time.Millisecond
				}
				return 0
			},
			"the first call takes longer than it lasts": func(n int) time.Duration {
				if n == 1 {
					return 2 * DefaultTTL
				}
				return 0
			},
			"every other call is never answered": func(n int) time.Duration {
				if n%2 == 0 {
					return time.Hour
				}
				return 0
			},
			"each call takes most of what it may": func(int) time.Duration { return DefaultTTL * 3 / 10 },
		} {
			if n := sessions(t, &slowOffice{acquiring: takes}, func() { after(time.Hour) }); n != 1 {
				t.Errorf("%s: %d sessions", name, n)
			}
		}
	})
}
