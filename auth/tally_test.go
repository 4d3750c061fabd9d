package auth

import (
	"strconv"
	"testing"
	"time"
	"unsafe"
)

func newTally(b backoff) *tally {
	t := &tally{}
	t.init(b)
	return t
}

var gentle = backoff{atOnce: 3, first: time.Second, most: 10 * time.Second, forget: time.Minute}

func TestBackoffGrowsToItsBound(t *testing.T) {
	for failures, want := range []time.Duration{0, 0, 0, time.Second, 2 * time.Second, 4 * time.Second, 8 * time.Second, 10 * time.Second, 10 * time.Second} {
		if got := gentle.wait(failures); got != want {
			t.Errorf("after %d failures: %s, want %s", failures, got, want)
		}
	}
	if gentle.worst() != 7 || gentle.wait(1<<40) != gentle.most {
		t.Errorf("the worst is %d", gentle.worst())
	}
}

func TestTally(t *testing.T) {
	start := time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)
	fails := func(c *tally, n int) {
		for range n {
			c.fail("k", start)
		}
	}
	for _, c := range []struct {
		name string
		do   func(c *tally)
		at   time.Duration
		want time.Duration
	}{
		{"nothing", func(*tally) {}, 0, 0},
		{"few", func(c *tally) { fails(c, 2) }, 0, 0},
		{"enough", func(c *tally) { fails(c, 3) }, 0, time.Second},
		{"enough, later", func(c *tally) { fails(c, 3) }, 400 * time.Millisecond, 600 * time.Millisecond},
		{"enough, waited", func(c *tally) { fails(c, 3) }, time.Second, 0},
		{"far too many", func(c *tally) { fails(c, 1000) }, 0, 10 * time.Second},
		{"another key", func(c *tally) { fails(c, 1000); c.reset("other"); c.undo("other", start) }, 0, 10 * time.Second},
		{"undone", func(c *tally) { fails(c, 3); c.undo("k", start) }, 0, 0},
		{"undone and failed", func(c *tally) { fails(c, 3); c.undo("k", start); c.fail("k", start) }, 0, time.Second},
		{"reset", func(c *tally) { fails(c, 1000); c.reset("k"); fails(c, 2) }, 0, 0},
		{"one is forgotten", func(c *tally) { fails(c, 3); c.fail("k", start.Add(time.Minute)) }, time.Minute, time.Second},
		{"a part of one is not", func(c *tally) { fails(c, 3); c.fail("k", start.Add(59*time.Second)) }, 59 * time.Second, 2 * time.Second},
		{"the longest attack is forgotten", func(c *tally) { fails(c, 1000); c.fail("k", start.Add(7*time.Minute)) }, 7 * time.Minute, 0},
		{"a clock that was ahead", func(c *tally) { c.fail("k", start.Add(1000*time.Hour)); fails(c, 3) }, 0, 10 * time.Second},
		{"a clock that is set back", func(c *tally) { fails(c, 3) }, -time.Hour, 0},
	} {
		k := newTally(gentle)
		c.do(k)
		if got := k.wait("k", start.Add(c.at)); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}

// A flood of keys takes no memory, does not make other keys wait, and does not make a
// key be forgotten that has failed more often than they.
func TestTallyUnderFlood(t *testing.T) {
	now := time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)
	k := newTally(gentle)
	for range 4 {
		k.fail("attacked", now)
	}
	keys := make([]string, 10*tallySets*tallyWays)
	for i := range keys {
		keys[i] = strconv.Itoa(i) + "@example.com"
	}
	i := 0
	if n := testing.AllocsPerRun(len(keys)-1, func() { k.fail(keys[i], now); i++ }); n > 0 {
		t.Errorf("%v allocations a key", n)
	}
	if k.wait("attacked", now) != 2*time.Second {
		t.Error("the key that was attacked is forgotten")
	}
	for n := range 10_000 {
		if wait := k.wait(strconv.Itoa(n)+"@example.org", now); wait > 0 {
			t.Fatalf("somebody else waits for %s", wait)
		}
	}
	for range 3 { // new keys are counted all the same
		k.fail("new", now)
	}
	if k.wait("new", now) != time.Second {
		t.Error("a new key is not counted")
	}
	if size := unsafe.Sizeof(limits{}); size > 4<<20 {
		t.Errorf("the limits take %d bytes", size)
	}
}
