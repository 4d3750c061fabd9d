package memory

import (
	"context"
	"runtime/debug"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

const mib = 1 << 20

func TestWhenItIsWorthwhile(t *testing.T) {
	for _, c := range []struct {
		name string
		now  use
		want bool
	}{
		{"little", use{1, 10 * mib, 16 * mib}, false},
		{"much of a small one", use{1, 10 * mib, 17 * mib}, true},
		{"little of a big one", use{1, 400 * mib, 99 * mib}, false},
		{"much of a big one", use{1, 400 * mib, 101 * mib}, true},
	} {
		if got := c.now.worthwhile(); got != c.want {
			t.Errorf("%s: %t", c.name, got)
		}
	}
}

// What is collected early is what costs little, and that doesn't swing: what is afforded
// with much garbage is what it costs with little.
func TestHowMuchGarbageThereMayBe(t *testing.T) {
	for _, c := range []struct {
		name        string
		collections uint64
		now, want   int
	}{
		{"at rest", 1, calm, calm},
		{"as much as is afforded", 6, calm, calm},
		{"more than that", 7, calm, busy},
		{"as much with much garbage", 2, busy, busy},
		{"little again", 1, busy, calm},
	} {
		before := use{collections: 7, live: 90 * mib}
		now := use{collections: 7 + c.collections, live: 100 * mib}
		if got := percentFor(now.work(before, c.now)); got != c.want {
			t.Errorf("%s: %d %%, want %d %%", c.name, got, c.want)
		}
	}
}

// process is one whose runtime is played.
type process struct {
	mu sync.Mutex // guards all that follows
	use
	percent, freed int
}

func (p *process) collect(n, unused uint64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.collections, p.unused = p.collections+n, unused
}

func (p *process) check(t *testing.T, percent, freed int) {
	t.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.freed != freed || p.percent != percent {
		t.Errorf("%d %%, want %d %%; freed %d times, want %d", p.percent, percent, p.freed, freed)
	}
}

func (p *process) knobs() knobs {
	return knobs{
		read: func() use {
			p.mu.Lock()
			defer p.mu.Unlock()
			return p.use
		},
		percent: func(n int) int {
			p.mu.Lock()
			defer p.mu.Unlock()
			was := p.percent
			p.percent = n
			return was
		},
		free: func() {
			p.mu.Lock()
			defer p.mu.Unlock()
			p.collections, p.unused = p.collections+1, 0
			p.freed++
		},
	}
}

// It looks again and again, also where the collector ran by itself now and then, and leaves
// a process at work alone. Its own collections don't count as work.
func TestSpareOfAProcess(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		p := &process{use: use{collections: 1, live: 100 * mib, unused: 90 * mib}, percent: busy}
		go spare(ctx, p.knobs())
		after := func(collections, unused uint64, freed, percent int) {
			t.Helper()
			synctest.Wait()
			p.collect(collections, unused)
			<-time.After(look)
			synctest.Wait()
			p.check(t, percent, freed)
		}
		after(0, 90*mib, 1, calm)
		after(0, 0, 1, calm) // there is nothing
		after(1, 90*mib, 2, calm)
		after(50, 90*mib, 2, busy)
		after(10, 90*mib, 2, busy)
		after(2, 90*mib, 2, busy)
		after(1, 90*mib, 3, calm)
		p.collect(50, 90*mib)
		<-time.After(glance) // not only when it is looked whether to give back
		synctest.Wait()
		p.check(t, busy, 3)
		after(0, 90*mib, 3, busy)
		after(0, 90*mib, 4, calm)
		cancel()
		synctest.Wait()
		p.check(t, busy, 4) // as it was
	})
}

// Who sets GOGC is obeyed.
func TestSpareDoesAsItIsTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &process{use: use{collections: 1, live: 100 * mib, unused: 90 * mib}, percent: 400}
		go spare(t.Context(), p.knobs())
		<-time.After(3 * look)
		synctest.Wait()
		p.check(t, 400, 1)
	})
}

var garbage []byte

// What the runtime says is what it should be: garbage is unused, and then given back.
func TestWhatIsUnused(t *testing.T) {
	debug.FreeOSMemory()
	before := read()
	garbage = make([]byte, 64*mib)
	garbage = nil
	if got := read(); got.collections == before.collections && !got.worthwhile() {
		t.Errorf("with garbage: %+v, before: %+v", got, before)
	}
	debug.FreeOSMemory()
	got := read()
	if got.worthwhile() || got.collections == before.collections {
		t.Errorf("after: %+v, before: %+v", got, before)
	}
}
