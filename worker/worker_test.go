package worker

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"procyon/client"
)

// idle works until it is told to stop.
func idle(ctx context.Context, _ *Lease) error {
	<-ctx.Done()
	return nil
}

func TestOneWorksAndTheOthersStandBy(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		var o office
		var working atomic.Int32
		work := func(ctx context.Context, l *Lease) error {
			if working.Add(1) != 1 {
				t.Error("two work at once")
			}
			defer working.Add(-1)
			return idle(ctx, l)
		}
		first := o.start(t, "one", work)
		o.start(t, "two", work)
		after(time.Hour)
		if o.holder != "one" || o.epoch != 1 || working.Load() != 1 {
			t.Fatalf("%s holds the lease, epoch %d", o.holder, o.epoch)
		}
		if err := first(); err != nil {
			t.Fatal(err)
		}
		after(DefaultTTL / 2) // it was given back, so nobody waits for its end
		if o.holder != "two" || o.epoch != 2 || working.Load() != 1 {
			t.Errorf("%s holds the lease, epoch %d", o.holder, o.epoch)
		}
	})
}

func TestStoppingWaitsForTheWork(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		var o office
		stop := o.start(t, "one", func(ctx context.Context, l *Lease) error {
			<-ctx.Done()
			if !errors.Is(context.Cause(ctx), context.Canceled) {
				t.Error(context.Cause(ctx))
			}
			if !client.Sleep(l.Held(), time.Minute) { // longer than the lease, which is kept
				t.Error("the lease ended with the order to stop")
			}
			return errors.New("late")
		})
		began := time.Now()
		if err := stop(); err != nil || time.Since(began) != time.Minute || o.holder != "" {
			t.Errorf("%v after %v; the lease is %q's", err, time.Since(began), o.holder)
		}
	})
}

// Who can't reach the server must end before another may begin.
func TestAnUnreachableServerEndsTheLeaseInTime(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		var o office
		var cause error
		var took time.Duration
		began := time.Now()
		o.start(t, "one", func(ctx context.Context, l *Lease) error {
			<-ctx.Done()
			if cause == nil {
				cause, took = context.Cause(ctx), time.Since(began)
				if l.Held().Err() == nil || !errors.Is(context.Cause(l.Held()), client.ErrLost) {
					t.Error(context.Cause(l.Held()))
				}
			}
			return ctx.Err()
		})
		o.set(func(o *office) { o.err = errDown })
		after(time.Minute)
		if !errors.Is(cause, client.ErrLost) || took >= DefaultTTL || took < DefaultTTL/2 {
			t.Errorf("%v after %v", cause, took)
		}
		o.set(func(o *office) { o.err = nil })
		after(mostRest)
		if o.epoch != 1 || o.holder != "one" {
			t.Errorf("%s, epoch %d", o.holder, o.epoch)
		}
	})
}

func TestAStolenLeaseIsLost(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		var o office
		var causes []error
		o.start(t, "one", func(ctx context.Context, _ *Lease) error {
			<-ctx.Done()
			causes = append(causes, context.Cause(ctx))
			return nil
		})
		o.set(func(o *office) { o.holder, o.epoch, o.until = "thief", 2, time.Now().Add(20*time.Second) })
		after(time.Minute)
		if len(causes) != 1 || !errors.Is(causes[0], client.ErrLost) || o.holder != "one" || o.epoch != 3 {
			t.Errorf("%v; %s, epoch %d", causes, o.holder, o.epoch)
		}
	})
}

func TestOnlyARefusedTokenEndsIt(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		refused := &client.Error{Code: client.CodeUnauthenticated, Message: "who?"}
		for name, stop := range map[string]func() error{
			"the lease": (&office{err: refused}).start(t, "one", idle),
			"the work":  (&office{}).start(t, "one", func(context.Context, *Lease) error { return refused }),
		} {
			var got *client.Error
			if err := stop(); !errors.As(err, &got) || !strings.HasPrefix(err.Error(), "the tests's token is refused: ") {
				t.Errorf("%s: %v", name, err)
			}
		}
		tries := 0
		stop := (&office{}).start(t, "one", func(context.Context, *Lease) error {
			tries++
			return client.UserErrors{{Code: "INVALID", Message: "no"}}
		})
		after(time.Hour)
		if tries < int(time.Hour/mostRest) || tries > int(2*time.Hour/mostRest)+5 {
			t.Errorf("%d tries in an hour", tries)
		}
		if err := stop(); err != nil {
			t.Error(err)
		}
	})
}

func TestALeaseIsKeptFourTimesInItsTime(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		var o office
		o.start(t, "one", func(ctx context.Context, l *Lease) error {
			if l.Name != "tests" || l.Cursor != "c1" || l.Epoch != 1 {
				t.Errorf("%+v", l)
			}
			return idle(ctx, l)
		})
		after(time.Hour)
		if want := int(4 * time.Hour / DefaultTTL); o.asked < want-5 || o.asked > want+5 {
			t.Errorf("asked %d times in an hour, want about %d", o.asked, want)
		}
		o.set(func(o *office) { o.err = errDown }) // one failure is made good
		after(DefaultTTL / 2)
		o.set(func(o *office) { o.err = nil })
		after(time.Hour)
		if o.epoch != 1 {
			t.Errorf("epoch %d", o.epoch)
		}
	})
}

// A lease that the server would never give ends Run at once.
func TestTTLsThatCannotBe(t *testing.T) {
	for _, ttl := range []time.Duration{-time.Second, time.Millisecond, 1500 * time.Millisecond, 5*time.Minute + time.Second} {
		err := Run(t.Context(), Options{Client: new(office), Consumer: "tests", TTL: ttl}, func(context.Context, *Lease) error {
			t.Errorf("%v: it works", ttl)
			return nil
		})
		if err == nil || !strings.Contains(err.Error(), "whole seconds") {
			t.Errorf("%v: %v", ttl, err)
		}
	}
}

func TestHoldersDiffer(t *testing.T) {
	if a, b := newHolder(), newHolder(); a == b || a == "" {
		t.Errorf("%q and %q", a, b)
	}
}
