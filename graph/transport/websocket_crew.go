package transport

import (
	"sync"
	"sync/atomic"
)

// turn says where a connection is with its writing. At most one goroutine writes
// to it at a time: the one that took it from turnQueued to turnWriting.
type turn struct{ state atomic.Int32 }

const (
	turnIdle    = iota // has nothing to write
	turnQueued         // waits for a member of the crew
	turnWriting        // is written to
	turnAgain          // is written to, and has since got more to write
	turnOver           // will never be written to again
)

// ask reports whether the connection is to be queued, now that it has something
// to write.
func (t *turn) ask() bool {
	for {
		switch t.state.Load() {
		case turnIdle:
			if t.state.CompareAndSwap(turnIdle, turnQueued) {
				return true
			}
		case turnWriting:
			if t.state.CompareAndSwap(turnWriting, turnAgain) {
				return false
			}
		default:
			return false
		}
	}
}

// rest ends the writing; false, and it has to go on, where there is more to write.
func (t *turn) rest() bool { return t.state.CompareAndSwap(turnWriting, turnIdle) }

// crew writes to the connections that have something to be written and can take
// it at once, one after the other: an event for thousands of them costs neither
// thousands of goroutines' turns nor their stacks. Its members come with the
// first connection to be queued and go with the last, as many as processors are
// in use at most. None of them ever waits for a connection, a store or anything
// else that takes time: such a connection is handed to a goroutine of its own.
type crew struct {
	size int // the most members

	mu      sync.Mutex
	waiting []*socket // those before next have been taken
	next    int
	members int
}

// add queues a connection, and reports whether the crew needs another member.
func (c *crew) add(s *socket) (short bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.waiting) == cap(c.waiting) && c.next > len(c.waiting)/2 {
		n := copy(c.waiting, c.waiting[c.next:])
		clear(c.waiting[n:])
		c.waiting, c.next = c.waiting[:n], 0
	}
	c.waiting = append(c.waiting, s)
	if c.members >= c.size {
		return false
	}
	c.members++
	return true
}

// takeAtOnce is how many connections a member takes: it can, for none of them
// makes the others wait.
const takeAtOnce = 8

// take moves the connections that have waited longest to dst. Where there is
// none, the member that asks is no longer counted.
func (c *crew) take(dst []*socket) []*socket {
	c.mu.Lock()
	defer c.mu.Unlock()
	rest := c.waiting[c.next:]
	if len(rest) == 0 {
		c.waiting, c.next = c.waiting[:0], 0
		c.members--
		return dst
	}
	rest = rest[:min(takeAtOnce, len(rest))]
	dst = append(dst, rest...)
	clear(rest)
	c.next += len(rest)
	return dst
}

// queue has s written to. It never blocks.
func (t *WebSocket) queue(s *socket) {
	if t.crew.add(s) {
		t.tasks.Go(t.work) // that of s's reader is not done before s is over
	}
}

// work is what a member of the crew does.
func (t *WebSocket) work() {
	o := t.borrow()
	batch := make([]*socket, 0, takeAtOnce)
	for {
		batch = t.crew.take(batch[:0])
		if len(batch) == 0 {
			t.giveBack(o)
			return
		}
		for _, s := range batch {
			o = t.serve(s, o)
		}
	}
}

// serve writes to one connection and returns the outbox to go on with.
func (t *WebSocket) serve(s *socket, o *outbox) *outbox {
	s.turn.state.Store(turnWriting)
	switch s.flush(o, false) {
	case flushOver:
		s.over()
	case flushMore:
		s.turn.state.Store(turnQueued) // behind the others
		t.queue(s)
	case flushDone:
		if !s.turn.rest() {
			s.turn.state.Store(turnQueued)
			t.queue(s)
		}
	case flushWaits:
		t.tasks.Go(func() { s.workAlone(o) })
		return t.borrow()
	}
	return o
}

// workAlone writes to one connection, beginning with what o holds, until nothing
// is left to be written.
func (s *socket) workAlone(o *outbox) {
	defer s.t.giveBack(o)
	for {
		switch s.flush(o, true) {
		case flushOver:
			s.over()
			return
		case flushMore:
		default:
			if s.turn.rest() {
				return
			}
		}
		s.turn.state.Store(turnWriting)
	}
}

// over ends the writing for good.
func (s *socket) over() {
	s.turn.state.Store(turnOver)
	s.expectNothing()
	close(s.written)
}
