package admission

import (
	"errors"
	"net/http"
	"os"
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
		// net/http lifts it when the body has been read to its end, and before the next
		// request of the connection.
		next.ServeHTTP(w, r)
	})
}

// Late tells that a body was not there in time.
func Late(err error) bool { return errors.Is(err, os.ErrDeadlineExceeded) }
