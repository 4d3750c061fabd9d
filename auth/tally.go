package auth

import (
	"hash/maphash"
	"time"
)

// backoff says how failures make the next try wait.
type backoff struct {
	atOnce int           // failures that may follow each other at once
	first  time.Duration // the wait after the last of these; each further failure doubles it
	most   time.Duration // the longest wait
	forget time.Duration // how long until one failure is forgotten, and then the next
}

// wait is how long the next try waits after so many failures.
func (b backoff) wait(failures int) time.Duration {
	if failures < b.atOnce {
		return 0
	}
	wait := b.first
	for n := b.atOnce; n < failures && wait < b.most; n++ {
		wait *= 2
	}
	return min(wait, b.most)
}

// worst is the number of failures from which on more make no difference. More are not
// counted, so that the end of a long attack is soon forgotten.
func (b backoff) worst() int {
	n := b.atOnce
	for b.wait(n) < b.most {
		n++
	}
	return n
}

const (
	tallySets = 1 << 11
	tallyWays = 8 // entries of one set
)

// entry is what is known of one key. Its zero value is that of a key without failures.
type entry struct {
	key   uint64 // the hash of the key
	clean int64  // when all failures will be forgotten, in nanoseconds since 1970
	next  int64  // when the next try may be made
}

// tally counts failures by key. Its memory is fixed, whatever keys a flood brings, and
// keys do not share what is counted: each has an entry of its own in one of many small
// sets, by a hash that nobody outside can foresee. In a full set the entry that would
// be forgotten first makes room. So a flood of new keys pushes out one another, not a
// key with more failures than they have; to push out one of these takes thousands of
// failures for each guess that it gains.
//
// It is not safe for concurrent use: see limits.
type tally struct {
	backoff
	counted int // failures that make a difference: worst
	seed    maphash.Seed
	table   [tallySets][tallyWays]entry
}

func (t *tally) init(b backoff) {
	t.backoff, t.counted, t.seed = b, b.worst(), maphash.MakeSeed()
}

// find returns the entry of a key, or nil.
func (t *tally) find(key string) *entry {
	hash := maphash.String(t.seed, key)
	set := &t.table[hash%tallySets]
	for i := range set {
		if set[i].key == hash {
			return &set[i]
		}
	}
	return nil
}

// take returns the entry of a key, making room where it has none.
func (t *tally) take(key string) *entry {
	if e := t.find(key); e != nil {
		return e
	}
	hash := maphash.String(t.seed, key)
	set := &t.table[hash%tallySets]
	first := &set[0]
	for i := range set {
		if set[i].clean < first.clean {
			first = &set[i]
		}
	}
	*first = entry{key: hash}
	return first
}

// wait returns how long it is until a key may be tried; 0 is now. A wait longer than
// any comes from a clock that was set back, and is not believed.
func (t *tally) wait(key string, now time.Time) time.Duration {
	e := t.find(key)
	if e == nil {
		return 0
	}
	wait := time.Duration(e.next - now.UnixNano())
	if wait < 0 || wait > t.most {
		return 0
	}
	return wait
}

// fail counts a failure.
func (t *tally) fail(key string, now time.Time) {
	e, at := t.take(key), now.UnixNano()
	e.clean = min(max(e.clean, at)+int64(t.forget), at+int64(t.forget)*int64(t.counted))
	failures := (e.clean - at + int64(t.forget) - 1) / int64(t.forget) // one that is partly forgotten counts
	e.next = at + int64(t.backoff.wait(int(failures)))
}

// undo takes one failure off the count: it was none.
func (t *tally) undo(key string, now time.Time) {
	if e := t.find(key); e != nil {
		e.clean -= int64(t.forget)
		e.next = min(e.next, now.UnixNano())
	}
}

// reset forgets the failures of a key.
func (t *tally) reset(key string) {
	if e := t.find(key); e != nil {
		*e = entry{}
	}
}
