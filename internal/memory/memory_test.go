package memory

import (
	"context"
	"runtime/debug"
	"testing"
	"testing/synctest"
	"time"
)

func TestWhenItIsWorthwhile(t *testing.T) {
	const mib = 1 << 20
	for _, c := range []struct {
		name        string
		before, now use
		want        bool
	}{
		{"little", use{1, 10 * mib, 0}, use{1, 10 * mib, 16 * mib}, false},
		{"much of a small one", use{1, 10 * mib, 0}, use{1, 10 * mib, 17 * mib}, true},
		{"little of a big one", use{1, 400 * mib, 0}, use{1, 400 * mib, 99 * mib}, false},
		{"much of a big one", use{1, 400 * mib, 0}, use{1, 400 * mib, 101 * mib}, true},
		{"at work", use{1, 10 * mib, 0}, use{2, 10 * mib, 90 * mib}, false},
	} {
		if got := c.now.spare(c.before); got != c.want {
			t.Errorf("%s: %t", c.name, got)
		}
	}
}

// It looks again and again, and leaves a process alone in which the collector ran by itself.
// Its own collections don't count as that.
func TestGiveBackOfAProcessAtRest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		now, freed := use{collections: 1, live: 100 << 20, unused: 90 << 20}, 0
		go giveBack(ctx, func() use { return now }, func() {
			now.collections, now.unused = now.collections+1, 0
			freed++
		})
		after := func(change func(), want int) {
			t.Helper()
			synctest.Wait()
			change()
			<-time.After(look)
			synctest.Wait()
			if freed != want {
				t.Errorf("freed %d times, want %d", freed, want)
			}
		}
		after(func() {}, 1)
		after(func() {}, 1) // there is nothing
		after(func() { now.collections, now.unused = now.collections+1, 90<<20 }, 1)
		after(func() {}, 2)
		after(func() { now.unused = 90 << 20 }, 3)
		cancel()
	})
}

var garbage []byte

// What the runtime says is what it should be: garbage is unused, and then given back.
func TestWhatIsUnused(t *testing.T) {
	debug.FreeOSMemory()
	before := read()
	garbage = make([]byte, 64<<20)
	garbage = nil
	if got := read(); got.collections == before.collections && !got.spare(before) {
		t.Errorf("with garbage: %+v, before: %+v", got, before)
	}
	debug.FreeOSMemory()
	got := read()
	if got.spare(got) || got.collections == before.collections {
		t.Errorf("after: %+v, before: %+v", got, before)
	}
}
