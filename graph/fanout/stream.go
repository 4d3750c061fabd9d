package fanout

import (
	"context"
	"errors"
	"io"
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
	wake    func()
	group   *group
	mu      sync.Mutex // guards pos and private; held by Pull
	pos     uint64     // everything up to here was handed out or does not belong
	private *run       // while catching up
	closed  atomic.Bool
	ctx     context.Context // the subscriber's own; ended by Close

	cancel context.CancelFunc
	op     *graphql.OperationContext
	index  int // in group.subs, under its lock
}

// adopt keeps r for catching up where the ring does not reach back far enough.
func (s *stream) adopt(r *run) {
	s.group.mu.RLock()
	behind := s.pos < s.group.ring.floor
	s.group.mu.RUnlock()
	if !behind {
		r.cancel()
		return
	}
	s.private = r
	context.AfterFunc(s.ctx, r.cancel)
}

// Pull implements transport.Stream. It runs for each delivery, and so looks at
// nothing that is not needed: that the subscriber's context has ended is seen when
// the stream is closed.
func (s *stream) Pull(ctx context.Context, dst []transport.Payload, limit int) ([]transport.Payload, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed.Load() {
		return dst, io.EOF
	}
	had := len(dst)
	dst, at, behind, err := s.group.read(s.pos, dst, limit)
	s.pos = at
	if behind {
		dst, err = s.catchUp(ctx, dst, limit)
	} else {
		s.caughtUp()
	}
	if len(dst) == had {
		return dst, err
	}
	if refused := s.group.f.opt.Valid(s.ctx); refused != nil {
		clear(dst[had:])
		return dst[:had], unsure(refused)
	}
	return dst, err
}

// catchUp reads a few entries from the log and renders them. It always wakes
// the connection, which then comes back for more after it has served others.
func (s *stream) catchUp(ctx context.Context, dst []transport.Payload, limit int) ([]transport.Payload, error) {
	if s.private == nil {
		r, errs := s.group.f.start(s.ctx, s.op)
		if errs != nil {
			return dst, errs
		}
		s.private = r
	}
	entries, err := s.group.f.log.Read(s.private.ctx, s.pos, privStep)
	if err == nil && len(entries) == 0 {
		err = errors.New("the journal ends before a position that it had reached")
	}
	if err != nil {
		return dst, s.group.f.fault(s.private.ctx, err)
	}
	size := 0
	for _, e := range entries {
		if limit == 0 || size > privBytes || done(ctx) {
			break
		}
		data, ok, err := s.private.render(e)
		if err != nil {
			return dst, err
		}
		s.pos = e.Seq
		if ok {
			dst = append(dst, transport.Payload{Cursor: s.group.f.opt.Cursor(e.Position()), Data: data})
			limit--
			size += len(data)
		}
	}
	s.wake()
	return dst, nil
}

// caughtUp drops the execution that catching up needed.
func (s *stream) caughtUp() {
	if s.private != nil {
		s.private.cancel()
		s.private = nil
	}
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
	s.cancel()
	s.group.f.leave(s)
}

// done tells whether nobody waits for more.
func done(ctx context.Context) bool { return ctx.Err() != nil }
