package auth

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
)

// Middleware authenticates each request and hands it on with its principal in
// the context. It answers itself, as GraphQL does, where Authenticate refuses:
// 401 for a bad token, 403 for a request from another site or an act for a
// person without the right to. It clears a cookie whose session is over.
//
// It reads the body first: a call is made when it is complete, so that nobody holds one
// open to finish it once their rights have ended. Of somebody who doesn't say who they
// are it takes short bodies alone, and of a long one it looks at who sends it before it
// reads on.
func (s *Service) Middleware(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := s.complete(r); err != nil {
			Refuse(w, err)
			return
		}
		ctx, stale, err := s.authenticate(r.Context(), r)
		if err != nil {
			Refuse(w, err)
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

// Refuse answers in the form of a GraphQL response. Nothing of an unexpected
// error is shown.
func Refuse(w http.ResponseWriter, err error) {
	status, code, message := http.StatusServiceUnavailable, "INTERNAL", "Who is calling can't be found out now; try again soon."
	var body *bodyError
	switch {
	case errors.As(err, &body):
		status, code, message = body.status, "BAD_REQUEST", body.message
		w.Header().Set("Connection", "close") // what is left of the body is not wanted
	case errors.Is(err, ErrUnauthenticated):
		status, code, message = http.StatusUnauthorized, "UNAUTHENTICATED", err.Error()
		w.Header().Set("WWW-Authenticate", "Bearer")
	case errors.Is(err, ErrForbidden):
		status, code, message = http.StatusForbidden, "FORBIDDEN", err.Error()
	}
	problem := failure{Message: message, Extensions: extensions{code}}
	answer, err := json.Marshal(failures{[]failure{problem}})
	if err != nil {
		status = http.StatusInternalServerError // never: it is text alone
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(status)
	_, _ = w.Write(answer)
}

// failures is a GraphQL response that holds nothing but errors.
type failures struct {
	Errors []failure `json:"errors"`
}

type failure struct {
	Message    string     `json:"message"`
	Extensions extensions `json:"extensions"`
}

type extensions struct {
	Code string `json:"code"`
}
