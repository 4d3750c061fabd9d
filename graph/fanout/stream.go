package fanout

import (
	"context"
	"io"
	"math"
	"sync"
	"sync/atomic"

	"github.com/99designs/gqlgen/graphql"

	"procyon/graph/transport"
)

var _ transport.Stream = (*stream)(nil)

// stream is one subscriber: a position in the journal.
type stream struct {
	// What each delivery touches comes first: with thousands of subscribers none of
	// it is in the processor's cache, and the fewer lines it has, the better.
	wake   func()
	group  *group
	mu     sync.Mutex  // guards pos; held by Pull
	pos    uint64      // everything up to here was handed out or does not belong
	behind atomic.Bool // it counts in group.past
	closed atomic.Bool
	valid  func() error // Options.Valid's

	ctx    context.Context // the subscriber's own, as it was given to Open
	op     *graphql.OperationContext
	opened uint64 // where the journal ended then
	index  int    // in group.subs, under its lock
	turn   *turn  // under the lock of Fanout.turns; nil unless it is behind
}

// adopt keeps r for catching up where the ring does not reach back far enough.
func (s *stream) adopt(r *run) {
	s.group.mu.RLock()
	behind := s.pos < s.group.ring.floor
	s.group.mu.RUnlock()
	if behind {
		s.fallBehind(r)
	} else {
		r.cancel()
	}
}

// fallBehind has s count among those who catch up; r may be nil.
func (s *stream) fallBehind(r *run) {
	if !s.behind.Swap(true) {
		s.group.past.join(r)
	}
	if s.closed.Load() { // Close may have looked before
		s.caughtUp()
	}
}

// caughtUp has it count no more; false where it did not.
func (s *stream) caughtUp() bool {
	if !s.behind.Load() || !s.behind.Swap(false) {
		return false
	}
	s.group.f.turns.drop(s)
	s.group.caughtUp()
	return true
}

// Pull implements transport.Stream. It runs for each delivery, and so looks at
// nothing that is not needed: that the subscriber's context has ended is seen when
// the stream is closed.
func (s *stream) Pull(_ context.Context, dst []transport.Payload, limit int) ([]transport.Payload, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed.Load() {
		return dst, io.EOF
	}
	had := len(dst)
	dst, at, behind, err := s.group.read(s.pos, dst, limit, groupStep)
	s.pos = at
	if behind {
		dst, err = s.catchUp(dst, limit)
	} else if s.caughtUp() {
		s.wake() // it was not told of what came after it was read
	}
	if len(dst) == had {
		return dst, err
	}
	if refused := s.valid(); refused != nil {
		clear(dst[had:])
		return dst[:had], unsure(refused)
	}
	return dst, err
}

// catchUp takes results of a few entries when it is its turn. It always wakes the connection,
// now or once there are some, which then comes back for more after it has served others.
func (s *stream) catchUp(dst []transport.Payload, limit int) ([]transport.Payload, error) {
	s.fallBehind(nil)
	turns := s.group.f.turns
	if !turns.take(s) {
		return dst, nil
	}
	dst, at, past, err := s.group.read(s.pos, dst, limit, math.MaxInt)
	s.pos = at
	if past {
		p, err := s.group.replay(s)
		if err != nil || p == nil {
			return dst, err // it keeps its turn until others have rendered that
		}
		dst = s.takePart(p, dst, limit)
	}
	turns.used(s)
	s.wake()
	return dst, err
}

// takePart takes results of entries that the ring has no more.
func (s *stream) takePart(p *part, dst []transport.Payload, limit int) []transport.Payload {
	size, to := 0, p.to
	for _, it := range itemsAfter(p.items, s.pos) {
		if limit == 0 || size > catchUpBytes {
			to = s.pos
			break
		}
		dst, s.pos = append(dst, it.payload), it.seq
		limit--
		size += len(it.payload.Data)
	}
	s.pos = to
	return dst
}

// unsure says why nothing more is handed out: a refusal as it is; where it can't be told
// now whether the subscriber may go on, that it may come back.
func unsure(err error) error {
	if refused := transport.Presentable(err); refused != nil {
		return refused
	}
	return transport.ErrInterrupted
}

// Close implements transport.Stream. It does not wait for a Pull.
func (s *stream) Close() {
	s.closed.Store(true)
	s.caughtUp()
	s.group.f.leave(s)
}
