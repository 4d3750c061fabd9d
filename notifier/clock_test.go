package notifier

import (
	"context"
	"sync/atomic"
	"testing"
	"time"
)

// The clock is set ahead while a message waits for its next try, as after a machine was
// suspended: it is tried soon.
func TestTheClockIsSetAheadWhileAMessageWaits(t *testing.T) {
	inBubble(t, func(t *testing.T, b *bed) {
		var ahead, tries atomic.Int64
		b.channel.reply(func(context.Context, sent) Result {
			tries.Add(1)
			return Result{Outcome: OutcomeRetry, Status: 500, Detail: "no"}
		})
		b.start(func(o *Options) { o.Now = func() time.Time { return time.Now().Add(time.Duration(ahead.Load())) } })
		b.emit("a")
		after(time.Hour) // by then there are minutes between two tries
		before := tries.Load()
		ahead.Store(int64(2 * time.Hour))
		after(lookAtClock + time.Second)
		if tries.Load() == before {
			t.Error("it waits on")
		}
	})
}

// It is set back: the message waits no longer than it was to.
func TestTheClockIsSetBackWhileAMessageWaits(t *testing.T) {
	inBubble(t, func(t *testing.T, b *bed) {
		var back atomic.Int64
		b.channel.reply(func(context.Context, sent) Result {
			if back.Load() == 0 {
				return Result{Outcome: OutcomeRetry, Status: 429, RetryAfter: 5 * time.Minute, Detail: "too many"}
			}
			return Result{Outcome: OutcomeDelivered}
		})
		b.start(func(o *Options) { o.Now = func() time.Time { return time.Now().Add(-time.Duration(back.Load())) } })
		b.emit("a")
		after(time.Minute)
		back.Store(int64(2 * time.Hour))
		after(3 * time.Minute)
		b.want("a", "1/a")
		after(2 * time.Minute)
		b.want("a", "1/a 1/a")
	})
}
