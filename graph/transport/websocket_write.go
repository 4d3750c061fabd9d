package transport

import (
	"context"
	"errors"
	"io"
	"time"

	"github.com/gorilla/websocket"
)

// outbox is what is needed while writing, borrowed from a pool so that idle
// connections hold nothing.
type outbox struct {
	buf      []byte
	sent     int // bytes of buf that were written
	ops      []*operation
	payloads []Payload
	attempt  attempt
}

// maxPooled is the largest buffer worth keeping.
const maxPooled = 4 * flushSize

func (t *WebSocket) borrow() *outbox {
	if o, ok := t.outboxes.Get().(*outbox); ok {
		return o
	}
	return &outbox{payloads: make([]Payload, 0, pullAtOnce)}
}

func (t *WebSocket) giveBack(o *outbox) {
	o.empty()
	clear(o.ops)
	if cap(o.buf) <= maxPooled {
		o.ops = o.ops[:0]
		t.outboxes.Put(o)
	}
}

func (o *outbox) empty() { o.buf, o.sent = o.buf[:0], 0 }

// flushed is what came of writing.
type flushed int

const (
	flushDone  flushed = iota // all that was there
	flushMore                 // there is more
	flushWaits                // something has to be waited for; the outbox may hold bytes to begin with
	flushOver                 // the connection has ended
)

// flush writes what is ready, at most one round of all operations. Unless it is
// patient, it gives up as soon as it would have to wait.
func (s *socket) flush(o *outbox, patient bool) (done flushed) {
	defer func() {
		if p := recover(); p != nil {
			s.report(p)
			s.cut()
			o.empty()
			done = flushOver
		}
	}()
	if s.gatherReplies(o) {
		if done = s.send(o, patient); done == flushDone {
			done = flushOver
		}
		return done
	}
	more := false
	for _, op := range o.ops {
		if !op.dirty.Load() || !op.dirty.Swap(false) {
			continue
		}
		again, waits := s.pull(o, op, patient)
		if waits {
			op.dirty.Store(true)
			return flushWaits
		}
		more = more || again
		if len(o.buf) >= flushSize {
			if done = s.send(o, patient); done != flushDone {
				return done
			}
		}
	}
	if done = s.send(o, patient); done == flushDone && more {
		done = flushMore
	}
	return done
}

// expectNothing bounds how long the reader waits for the peer's close.
func (s *socket) expectNothing() { _ = s.net.SetReadDeadline(time.Now().Add(lingering)) }

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

// pull takes one operation's results; more where it may have others. waits says
// that nothing was taken since that would take time.
func (s *socket) pull(o *outbox, op *operation, patient bool) (more, waits bool) {
	ready, ok, err := op.results(o.payloads[:0], patient)
	if !ok {
		return false, true
	}
	if !op.gone.Load() {
		for _, p := range ready {
			o.buf = appendNext(o.buf, op.prefix, p.Data)
		}
	}
	full := len(ready) >= pullAtOnce
	clear(ready)
	if err == nil {
		if full {
			op.dirty.Store(true)
		}
		return full, false
	}
	s.finish(o, op, err)
	return false, false
}

// results pulls; ok is false where that would take time and the caller has none.
func (op *operation) results(dst []Payload, patient bool) (ready []Payload, ok bool, err error) {
	if !patient {
		stream, can := op.stream.(ReadyStream)
		if !can {
			return nil, false, nil
		}
		return stream.PullReady(dst, pullAtOnce)
	}
	ready, err = op.stream.Pull(context.Background(), dst, pullAtOnce)
	return ready, true, err
}

// finish ends an operation whose stream has ended.
func (s *socket) finish(o *outbox, op *operation, err error) {
	list := listOf(err)
	if list == nil && !errors.Is(err, io.EOF) {
		s.end(websocket.CloseTryAgainLater, resumeReason)
		return
	}
	if !s.drop(op) {
		return
	}
	if list != nil {
		o.buf = append(o.buf, message{ID: op.id, Type: "error", Payload: list}.frame()...)
		return
	}
	o.buf = append(o.buf, message{ID: op.id, Type: "complete"}.frame()...)
}

// send writes and empties the buffer, in one call if the system takes it all. A
// patient one waits until it does; the connection is cut if that takes too long.
func (s *socket) send(o *outbox, patient bool) flushed {
	if o.sent == len(o.buf) {
		o.empty()
		return flushDone
	}
	var err error
	if patient {
		if err = s.net.SetWriteDeadline(time.Now().Add(s.t.writeTimeout())); err == nil {
			_, err = s.net.Write(o.buf[o.sent:])
		}
		o.sent = len(o.buf)
	} else if s.raw != nil {
		var n int
		n, err = o.attempt.write(s.raw, o.buf[o.sent:])
		o.sent += n
	}
	switch {
	case err != nil:
		o.empty()
		s.cut()
		return flushOver
	case o.sent < len(o.buf):
		return flushWaits
	}
	o.empty()
	return flushDone
}
