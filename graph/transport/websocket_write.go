package transport

import (
	"context"
	"errors"
	"io"
	"time"

	"github.com/gorilla/websocket"
)

// outbox is what a writer needs while it writes, borrowed from a pool so that
// idle connections hold nothing.
type outbox struct {
	buf      []byte
	ops      []*operation
	payloads []Payload
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
	clear(o.ops)
	if cap(o.buf) <= maxPooled {
		o.buf, o.ops = o.buf[:0], o.ops[:0]
		t.outboxes.Put(o)
	}
}

// write is the writing goroutine, the only one that writes.
func (s *socket) write() {
	defer s.t.tasks.Done()
	defer close(s.written)
	defer func() {
		if p := recover(); p != nil {
			s.report(p)
			s.cut()
		}
	}()
	timer, stop := s.t.after(s.t.initTimeout())
	defer func() { stop() }()
	for asked := false; ; {
		select {
		case <-s.wake:
			if !s.flush() {
				return
			}
		case <-timer:
			asked = s.tick(asked)
			timer, stop = s.t.after(s.t.pingInterval())
		}
	}
}

// tick asks the peer for a sign of life, and ends the connection of one that
// gave none since it was asked, or never said who it is.
func (s *socket) tick(asked bool) bool {
	ctx := s.opCtx.Load()
	switch {
	case ctx == nil:
		s.end(4408, "Connection initialisation timeout")
	case asked && !s.guard.heard.Load():
		s.end(websocket.CloseTryAgainLater, silentReason)
	case s.authorized(*ctx):
		s.guard.heard.Store(false)
		s.reply(frame(websocket.PingMessage, nil))
		return true
	}
	return false
}

// flush writes all that is ready; false when that was the last.
func (s *socket) flush() bool {
	o := s.t.borrow()
	defer s.t.giveBack(o)
	for more := true; more; {
		var last bool
		more, last = s.gather(o)
		if !s.send(o) || last {
			s.expectNothing()
			return false
		}
	}
	return true
}

// expectNothing bounds how long the reader waits for the peer's close.
func (s *socket) expectNothing() { _ = s.net.SetReadDeadline(time.Now().Add(lingering)) }

// gather fills o with frames: replies first, then the results that are ready,
// each operation in its turn. more says that there may be others; last, that
// the close frame is among them.
func (s *socket) gather(o *outbox) (more, last bool) {
	s.mu.Lock()
	for _, f := range s.replies {
		o.buf = append(o.buf, f...)
	}
	s.replies, s.replyBytes = nil, 0
	if s.ending {
		o.buf = append(o.buf, s.farewell...)
		s.mu.Unlock()
		return false, true
	}
	clear(o.ops)
	o.ops = append(o.ops[:0], s.ops...)
	s.mu.Unlock()
	for _, op := range o.ops {
		if !op.dirty.Load() || !op.dirty.Swap(false) {
			continue
		}
		more = s.pull(o, op) || more
		if len(o.buf) >= flushSize && !s.send(o) {
			return false, true
		}
	}
	return more, false
}

// pull takes one operation's results; true where it may have more.
func (s *socket) pull(o *outbox, op *operation) bool {
	ready, err := op.stream.Pull(context.Background(), o.payloads[:0], pullAtOnce)
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
		return full
	}
	s.finish(o, op, err)
	return false
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

// send writes and empties the buffer in one call; false, and the connection is
// cut, when that fails or takes too long.
func (s *socket) send(o *outbox) bool {
	if len(o.buf) == 0 {
		return true
	}
	err := s.net.SetWriteDeadline(time.Now().Add(s.t.writeTimeout()))
	if err == nil {
		_, err = s.net.Write(o.buf)
	}
	o.buf = o.buf[:0]
	if err != nil {
		s.cut()
		return false
	}
	return true
}
