package transport

import (
	"bytes"
	"net/http"
	"strings"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/gqlerror"
)

// eventWriter gathers events, and writes them all at once.
type eventWriter struct {
	w       http.ResponseWriter
	control *http.ResponseController
	timeout time.Duration
	begun   bool
	tooLong error // of an event that was left out; none may follow it
	buf     []byte
	batch   batch
}

// maxKept is how much room a quiet connection keeps for events to come, in bytes.
const maxKept = 16 << 10

func newEventWriter(w http.ResponseWriter, timeout time.Duration) *eventWriter {
	if timeout <= 0 {
		timeout = 10 * time.Second
	}
	return &eventWriter{w: w, control: http.NewResponseController(w), timeout: timeout}
}

// begin writes the head of the answer, and a first comment: some browsers do
// not take a stream to be open before its first byte.
func (e *eventWriter) begin() {
	// The server's own limit on how long a request may take to arrive would end
	// the stream. A writer without deadlines is one of a test.
	_ = e.control.SetReadDeadline(time.Time{})
	h := e.w.Header()
	h.Set("Content-Type", mediaEvents+"; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Accel-Buffering", "no") // tells proxies to pass events on as they come
	h.Add("Vary", "Accept, Last-Event-ID")
	e.w.WriteHeader(http.StatusOK)
	e.begun = true
	e.buf = append(e.buf, "retry: 1000\n:\n\n"...)
}

// maxEvent is how long an event may be, all of its lines together, in bytes. Two clients
// in Go that are in wide use, r3labs/sse and tmaxmax/go-sse, read an event into a buffer
// of 64 KiB, however many lines it has; of a longer one they give up, and come back for
// the same one.
const maxEvent = 64_000

// next adds an event with a result of a subscription. Instead of one that is too long,
// and of all after it, it sets tooLong.
func (e *eventWriter) next(p Payload) {
	if e.tooLong != nil {
		return
	}
	if size := e.add(p); size > 0 {
		err := failuref(CodeEventTooLong, "The next event takes %d bytes, and an event stream carries at most %d in one. Select less of it, or follow by WebSocket, from your last cursor; or go on after it, from the cursor in extensions.", size, maxEvent)
		if p.Cursor != "" {
			err.Extensions["cursor"] = p.Cursor
		}
		e.tooLong = err
	}
}

// add adds an event with a result. One that is too long it leaves out, and returns its
// size.
func (e *eventWriter) add(p Payload) (tooLong int) {
	start := len(e.buf)
	if p.Cursor != "" && !strings.ContainsAny(p.Cursor, "\r\n\x00") {
		e.buf = append(e.buf, "id: "...)
		e.buf = append(e.buf, p.Cursor...)
		e.buf = append(e.buf, '\n')
	}
	e.buf = append(e.buf, "event: next\n"...)
	e.data(p.Data)
	e.buf = append(e.buf, '\n')
	if size := len(e.buf) - start; size > maxEvent {
		e.buf = e.buf[:start]
		return size
	}
	return 0
}

// data adds JSON, in which a line end can only stand between tokens.
func (e *eventWriter) data(json []byte) {
	for {
		end := bytes.IndexAny(json, "\r\n")
		if end < 0 {
			break
		}
		e.line(json[:end])
		json = json[end+1:]
	}
	e.line(json)
}

func (e *eventWriter) line(data []byte) {
	e.buf = append(e.buf, "data: "...)
	e.buf = append(e.buf, data...)
	e.buf = append(e.buf, '\n')
}

// complete adds the last event. It has data, though empty, because an
// EventSource leaves out events that have none.
func (e *eventWriter) complete() { e.buf = append(e.buf, "event: complete\ndata:\n\n"...) }

// comment adds what clients pass over.
func (e *eventWriter) comment() { e.buf = append(e.buf, ":\n\n"...) }

// result writes the whole answer to an operation that has one result.
func (e *eventWriter) result(resp *graphql.Response) {
	e.begin()
	if size := e.add(Payload{Data: encodeResponse(resp)}); size > 0 {
		err := failuref(CodeEventTooLong, "The result takes %d bytes, and an event stream carries at most %d in one. It was carried out all the same. Select less of it, or ask by POST or WebSocket.", size, maxEvent)
		e.add(Payload{Data: encodeResponse(&graphql.Response{Errors: gqlerror.List{err}})})
	}
	e.complete()
	_ = e.flush()
}

// flush writes what was added. After an error the connection is of no more use.
func (e *eventWriter) flush() error {
	if len(e.buf) == 0 {
		return nil
	}
	_ = e.control.SetWriteDeadline(time.Now().Add(e.timeout))
	_, err := e.w.Write(e.buf) //nolint:gosec // it is JSON, sent as text/event-stream with nosniff
	if err == nil {
		err = e.control.Flush()
	}
	e.buf = e.buf[:0]
	if cap(e.buf) > maxKept {
		e.buf = nil
	}
	return err
}

// close ends our use of the connection, which may carry more requests. The server has
// yet to write the end of the answer, which must not wait for ever: its time is left to
// run where the server gives the next request one of its own, and is lifted elsewhere.
func (e *eventWriter) close(r *http.Request) {
	if !e.begun {
		return
	}
	end := time.Time{}
	if srv, ok := r.Context().Value(http.ServerContextKey).(*http.Server); ok && srv.WriteTimeout > 0 {
		end = time.Now().Add(e.timeout)
	}
	_ = e.control.SetWriteDeadline(end)
}
