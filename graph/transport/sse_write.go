package transport

import (
	"bytes"
	"net/http"
	"strings"
	"time"

	"github.com/99designs/gqlgen/graphql"
)

// eventWriter gathers events, and writes them all at once.
type eventWriter struct {
	w       http.ResponseWriter
	control *http.ResponseController
	timeout time.Duration
	begun   bool
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
	h.Add("Vary", "Accept")
	e.w.WriteHeader(http.StatusOK)
	e.begun = true
	e.buf = append(e.buf, "retry: 1000\n:\n\n"...)
}

// next adds an event with a result.
func (e *eventWriter) next(p Payload) {
	if p.Cursor != "" && !strings.ContainsAny(p.Cursor, "\r\n\x00") {
		e.buf = append(e.buf, "id: "...)
		e.buf = append(e.buf, p.Cursor...)
		e.buf = append(e.buf, '\n')
	}
	e.buf = append(e.buf, "event: next\n"...)
	e.data(p.Data)
	e.buf = append(e.buf, '\n')
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
func (e *eventWriter) comment(text string) {
	e.buf = append(e.buf, ':')
	if text != "" {
		e.buf = append(e.buf, ' ')
		e.buf = append(e.buf, text...)
	}
	e.buf = append(e.buf, "\n\n"...)
}

// result writes the whole answer to an operation that has one result.
func (e *eventWriter) result(resp *graphql.Response) {
	e.begin()
	e.next(Payload{Data: encodeResponse(resp)})
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
