package admission

import (
	"errors"
	"io"
	"net/http"
	"os"
	"sync"
	"time"
)

// Deadline gives the body of each request a time, from the end of its headers, by
// which it must have come in whole, however it trickles in. Reading fails after that,
// and the connection is of no more use. A handler that has the whole body may take as
// long as it likes.
func Deadline(next http.Handler, within time.Duration) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Body == nil || r.Body == http.NoBody {
			next.ServeHTTP(w, r)
			return
		}
		control := http.NewResponseController(w)
		if err := control.SetReadDeadline(time.Now().Add(within)); err != nil && !errors.Is(err, http.ErrNotSupported) {
			panic(http.ErrAbortHandler) // the connection is gone, and must not seem to have been answered
		}
		// Before the next request of this connection the server sets the deadline anew.
		r.Body = &timedBody{ReadCloser: r.Body, whole: sync.OnceFunc(func() { _ = control.SetReadDeadline(time.Time{}) })}
		next.ServeHTTP(w, r)
	})
}

// timedBody lifts the deadline once all of the body is there: from then on the server
// reads on only to see whether the client leaves, and must not take a late one for gone.
type timedBody struct {
	io.ReadCloser
	whole func()
}

func (b *timedBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if errors.Is(err, io.EOF) {
		b.whole()
	}
	return n, err
}

// Late tells that a body was not there in time.
func Late(err error) bool { return errors.Is(err, os.ErrDeadlineExceeded) }
