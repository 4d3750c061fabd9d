package transport

import (
	"context"
	"time"

	"github.com/gorilla/websocket"
)

// outbox is what is needed while writing, borrowed from a pool so that idle
// connections hold nothing.
type outbox struct {
	buf   []byte
	ops   []*operation
	batch batch
}

// maxPooled is the largest buffer worth keeping.
const maxPooled = 4 * flushSize

func (t *WebSocket) borrow() *outbox {
	if o, ok := t.outboxes.Get().(*outbox); ok {
		return o
	}
	return &outbox{batch: make(batch, 0, pullAtOnce)}
}

func (t *WebSocket) giveBack(o *outbox) {
	clear(o.ops)
	if cap(o.buf) <= maxPooled {
		o.buf, o.ops = o.buf[:0], o.ops[:0]
		t.outboxes.Put(o)
	}
}

// signal has what is ready written. It never blocks. The first signal of an idle
// connection starts its writer; those that come while one writes have it look again.
func (s *socket) signal() {
	if s.signals.Add(1) == 1 {
		go s.write() // read, which is waited for, waits for the last of them
	}
}

// write writes until it has answered every signal, and ends. At most one runs for
// each connection: the one that took signals from 0. The last one, after which
// nothing is written any more, leaves them above 0.
func (s *socket) write() {
	o := s.t.borrow()
	defer func() {
		if p := recover(); p != nil {
			s.report(p)
			s.cut()
			s.over()
		}
		s.t.giveBack(o)
	}()
	for {
		seen := s.signals.Load()
		for more := true; more; {
			var last bool
			if more, last = s.flush(o); last {
				s.over()
				return
			}
		}
		if s.signals.Add(-seen) == 0 {
			return
		}
	}
}

// over ends the writing for good, and bounds how long the reader waits for the
// peer's close.
func (s *socket) over() {
	_ = s.net.SetReadDeadline(time.Now().Add(lingering))
	close(s.written)
}

// flush writes what is ready, at most one round of all operations. more says that
// there may be others; last, that nothing is to be written any more.
func (s *socket) flush(o *outbox) (more, last bool) {
	if s.gatherReplies(o) {
		s.send(o)
		return false, true
	}
	for _, op := range o.ops {
		if !op.dirty.Load() || !op.dirty.Swap(false) {
			continue
		}
		more = s.pull(o, op) || more
		if len(o.buf) >= flushSize && !s.send(o) {
			return false, true
		}
	}
	return more, !s.send(o)
}

// gatherReplies fills o with the replies that wait, and notes the operations
// there. last says that the connection's last frame is among the replies.
func (s *socket) gatherReplies(o *outbox) (last bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, f := range s.replies {
		o.buf = append(o.buf, f...)
	}
	s.replies, s.replyBytes = nil, 0
	if s.ending {
		o.buf = append(o.buf, s.farewell...)
		s.farewell = nil
		return true
	}
	clear(o.ops)
	o.ops = append(o.ops[:0], s.ops...)
	return false
}

// pull takes one operation's results; true where it may have more.
func (s *socket) pull(o *outbox, op *operation) bool {
	more, err := o.batch.pull(context.Background(), op.stream, func(p Payload) {
		if !op.gone.Load() {
			o.buf = appendNext(o.buf, op.prefix, p.Data)
		}
	})
	if err != nil {
		s.finish(o, op, err)
	}
	if more {
		op.dirty.Store(true)
	}
	return more
}

// finish ends an operation whose stream has ended.
func (s *socket) finish(o *outbox, op *operation, err error) {
	errs, interrupted := outcome(err)
	switch {
	case interrupted:
		s.end(websocket.CloseTryAgainLater, resumeReason)
	case !s.drop(op): // the client wants no more of it
	case errs != nil:
		o.buf = append(o.buf, message{ID: op.id, Type: "error", Payload: documented(errs)}.frame()...)
	default:
		o.buf = append(o.buf, message{ID: op.id, Type: "complete"}.frame()...)
	}
}

// send writes and empties the buffer. It waits until the system has taken all of
// it; false, and the connection is cut, where that takes too long.
func (s *socket) send(o *outbox) bool {
	if len(o.buf) == 0 {
		return true
	}
	err := s.limitWrite()
	if err == nil {
		_, err = s.net.Write(o.buf)
	}
	o.buf = o.buf[:0]
	if err != nil {
		s.cut()
	}
	return err == nil
}

// limitWrite gives the write to come its deadline, at most WriteTimeout away. To set
// one costs a twentieth of a write, so one that is there will do while no more than
// a tenth of its time has passed.
func (s *socket) limitWrite() error {
	limit, now := s.t.writeTimeout(), time.Now()
	if s.deadline.Sub(now) >= limit-limit/10 {
		return nil
	}
	s.deadline = now.Add(limit)
	return s.net.SetWriteDeadline(s.deadline)
}
