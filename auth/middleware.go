package auth

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
)

// Middleware authenticates each request and hands it on with its principal in the
// context. Where Authenticate refuses, refuse answers instead; see RefusalOf. It clears a
// cookie whose session is over.
//
// It reads the body first: a call is made when it is complete, so that nobody holds one
// open to finish it once their rights have ended. Of somebody who doesn't say who they
// are it takes short bodies alone, and of a long one it looks at who sends it before it
// reads on.
func (s *Service) Middleware(next http.Handler, refuse func(w http.ResponseWriter, r *http.Request, err error)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := s.complete(r); err != nil {
			var body *bodyError
			if errors.As(err, &body) {
				w.Header().Set("Connection", "close") // what is left of the body is not wanted
			}
			refuse(w, r, err)
			return
		}
		ctx, stale, err := s.authenticate(r.Context(), r)
		if err != nil {
			refuse(w, r, err)
			return
		}
		if stale {
			s.ClearCookie(w)
		}
		next.ServeHTTP(w, r.WithContext(ctx))
	})
}

// maxHeld is how much of a body is read before its sender is authenticated: all of any
// that is taken.
const maxHeld = 1<<20 + 1

// MaxUnknown is how long a body may be whose sender doesn't say who they are, in bytes.
const MaxUnknown = 16 << 10

// Why a body is not taken.
var (
	errLong = &bodyError{http.StatusRequestEntityTooLarge, fmt.Sprintf("A body of more than %d bytes is taken only with a token, or of somebody who is signed in.", MaxUnknown)}
	errLate = &bodyError{http.StatusRequestTimeout, "The body did not come in time; send it again."}
	errCut  = &bodyError{http.StatusBadRequest, "The body could not be read to its end."}
)

type bodyError struct {
	status  int
	message string
}

func (e *bodyError) Error() string { return e.message }

// complete reads a request's body into memory. What is longer than any that is taken is
// left to fail where it is read.
func (s *Service) complete(r *http.Request) error {
	if r.Body == nil || r.Body == http.NoBody {
		return nil
	}
	body, start := r.Body, []byte(nil)
	whole := false
	if r.ContentLength <= MaxUnknown { // it is short, or doesn't say
		var err error
		if start, err = read(body, MaxUnknown+1); err != nil {
			return err
		}
		whole = len(start) <= MaxUnknown
	}
	if !whole {
		if err := s.mayBeLong(r); err != nil {
			return err
		}
		rest, err := read(body, maxHeld-len(start))
		if err != nil {
			return err
		}
		start = append(start, rest...)
	}
	var all io.Reader = bytes.NewReader(start)
	if len(start) >= maxHeld {
		all = io.MultiReader(all, body)
	}
	r.Body = struct {
		io.Reader
		io.Closer
	}{all, body}
	return nil
}

func read(body io.Reader, most int) ([]byte, error) {
	data, err := io.ReadAll(io.LimitReader(body, int64(most)))
	var long *http.MaxBytesError
	switch {
	case errors.As(err, &long):
		return nil, &bodyError{http.StatusRequestEntityTooLarge, fmt.Sprintf("The body is longer than %d bytes.", long.Limit)}
	case errors.Is(err, os.ErrDeadlineExceeded):
		return nil, errLate
	case err != nil:
		return nil, errCut
	}
	return data, nil
}

// mayBeLong tells whether a long body is worth reading: whether it comes from somebody.
func (s *Service) mayBeLong(r *http.Request) error {
	ctx, _, err := s.authenticate(r.Context(), r)
	if err == nil && From(ctx) == nil {
		return errLong
	}
	return err
}

// Refusal is how a request is refused over HTTP.
type Refusal struct {
	Status  int
	Code    string // of a GraphQL error: its extensions.code
	Message string // for the caller; nothing of an unexpected error is in it
}

// RefusalOf says how a request is refused because of an error of this package. An
// unexpected one, such as a failure of the store, says nothing of who is calling: it is
// 503, and worth another try.
func RefusalOf(err error) Refusal {
	var body *bodyError
	switch {
	case errors.As(err, &body):
		return Refusal{body.status, "BAD_REQUEST", body.message}
	case errors.Is(err, ErrUnauthenticated):
		return Refusal{http.StatusUnauthorized, "UNAUTHENTICATED", err.Error()}
	case errors.Is(err, ErrForbidden), errors.Is(err, ErrRightsChanged):
		return Refusal{http.StatusForbidden, "FORBIDDEN", err.Error()}
	default:
		return Refusal{http.StatusServiceUnavailable, "UNAVAILABLE", "Who is calling can't be found out now; try again soon."}
	}
}
