package fanout

import (
	"container/list"
	"sync"
	"time"
)

// turnTime is how long a subscriber who is behind may keep its turn while another waits for
// one. To write what a turn gives takes a fraction of a millisecond: who needs longer waits
// for its client.
const turnTime = 10 * time.Millisecond

// turns lets only a few of those who are behind take results at a time, in the order in
// which they asked. All of them together would keep the processors busy for as long as it
// takes to write to each of them, and whoever is at the head, who needs no turn, would wait
// behind them; each would hold a buffer, too.
//
// A turn is one Pull that gives something and the writing of it: it is over when the
// subscriber pulls again, falls behind no more, or is closed. Who doesn't come back for
// turnTime loses its turn to another, and needs none until it is quick again, for its
// client is what holds it up. So readers that don't read hold up nobody for longer than
// turnTime, once.
//
// It is safe for concurrent use.
type turns struct {
	most int

	mu      sync.Mutex // guards all that follows, and the turn of each stream
	waiting list.List  // of *stream: the first has waited for longest
	held    list.List  // of *stream: the first has had its turn for longest
	timed   bool       // overdue will run
}

// turn is what a subscriber who is behind knows of its turn.
type turn struct {
	place *list.Element // in waiting or held; nil where it is in neither
	held  bool          // in which of them
	began time.Time     // its last turn
	used  bool          // results were taken, and are being written
	slow  bool          // it needs no turn
}

// take tells whether s may take results now; used is to be called once it has. If not, s is
// woken when it may.
func (t *turns) take(s *stream) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if s.closed.Load() { // Close may have dropped it before
		return false
	}
	if s.turn == nil {
		s.turn = &turn{}
	}
	own, now := s.turn, time.Now()
	switch {
	case own.held && own.used:
		t.remove(s)
	case own.place != nil:
		return own.held
	case own.slow && now.Sub(own.began) >= turnTime:
		own.began = now
		return true
	}
	own.slow = false
	own.place = t.waiting.PushBack(s)
	t.give(now, s)
	return own.held
}

// used tells that s has taken results.
func (t *turns) used(s *stream) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if s.turn != nil {
		s.turn.used = true
	}
}

// drop takes s out: it is behind no more.
func (t *turns) drop(s *stream) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if s.turn != nil {
		t.remove(s)
		s.turn = nil
		t.give(time.Now(), nil)
	}
}

// overdue takes the turn from those who have had it for too long.
func (t *turns) overdue() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.timed = false
	now := time.Now()
	for e := t.held.Front(); e != nil; e = t.held.Front() {
		s := of(e)
		if now.Sub(s.turn.began) < turnTime {
			break
		}
		t.remove(s)
		s.turn.slow = true
	}
	t.give(now, nil)
}

// give gives free turns to those who wait, and wakes them, but for the one who asks. mu is
// held; a wake never blocks.
func (t *turns) give(now time.Time, asks *stream) {
	for t.held.Len() < t.most && t.waiting.Len() > 0 {
		s := of(t.waiting.Front())
		t.remove(s)
		s.turn.place, s.turn.held, s.turn.used, s.turn.began = t.held.PushBack(s), true, false, now
		if s != asks {
			s.wake()
		}
	}
	if t.waiting.Len() > 0 && !t.timed {
		t.timed = true
		time.AfterFunc(turnTime, t.overdue)
	}
}

// remove takes s from where it is. mu is held.
func (t *turns) remove(s *stream) {
	own := s.turn
	switch {
	case own.held:
		t.held.Remove(own.place)
	case own.place != nil:
		t.waiting.Remove(own.place)
	}
	own.place, own.held = nil, false
}

func of(e *list.Element) *stream {
	return e.Value.(*stream) //nolint:forcetypeassert // as it was put in
}
