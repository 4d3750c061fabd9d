package worker

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"procyon/client"
)

func TestLanesDoNotWaitForEachOther(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		runs := map[string]*atomic.Int32{"slow": {}, "quick": {}}
		lanes := NewLanes(ctx, func(key string) func(context.Context) error {
			return func(ctx context.Context) error {
				runs[key].Add(1)
				if key == "slow" {
					client.Sleep(ctx, time.Minute)
				}
				return nil
			}
		})
		for range 10 {
			for key := range runs {
				if !lanes.Wake(key) {
					t.Error("the lanes are asleep")
				}
			}
			synctest.Wait()
		}
		if runs["slow"].Load() != 1 || runs["quick"].Load() != 10 {
			t.Errorf("slow %d, quick %d", runs["slow"].Load(), runs["quick"].Load())
		}
		after(time.Hour) // what it was woken for while it worked is one more run
		if runs["slow"].Load() != 2 {
			t.Errorf("slow %d", runs["slow"].Load())
		}
		cancel()
		if err := lanes.Wait(); err != nil || lanes.Wake("quick") {
			t.Errorf("%v; or they still work", err)
		}
	})
}

func TestALaneThatFailsEndsAll(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		broken := errors.New("broken")
		lanes := NewLanes(t.Context(), func(key string) func(context.Context) error {
			return func(ctx context.Context) error {
				if key == "bad" {
					return broken
				}
				<-ctx.Done()
				client.Sleep(context.WithoutCancel(ctx), time.Minute) // what it has begun
				return errors.New("canceled")
			}
		})
		lanes.Wake("good")
		synctest.Wait() // it has begun
		lanes.Wake("bad")
		began := time.Now()
		if err := lanes.Wait(); !errors.Is(err, broken) || time.Since(began) != time.Minute {
			t.Errorf("%v after %v", err, time.Since(began))
		}
	})
}

// A key's work is never done by two at once, and none is forgotten: this is also run
// under the race detector.
func TestLanesUnderLoad(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	const keys, each = 5, 1000
	var owed, done, busy [keys]atomic.Int64
	var all sync.WaitGroup
	all.Add(keys * each)
	lanes := NewLanes(ctx, func(key string) func(context.Context) error {
		var k int
		_, _ = fmt.Sscan(key, &k)
		return func(context.Context) error {
			if busy[k].Add(1) != 1 {
				t.Error("two in one lane")
			}
			defer busy[k].Add(-1)
			for done[k].Load() < owed[k].Load() {
				done[k].Add(1)
				all.Done()
			}
			return nil
		}
	})
	for k := range keys {
		for range 2 {
			go func() {
				for range each / 2 {
					owed[k].Add(1)
					lanes.Wake(fmt.Sprint(k))
				}
			}()
		}
	}
	all.Wait()
	cancel()
	if err := lanes.Wait(); err != nil {
		t.Error(err)
	}
}
