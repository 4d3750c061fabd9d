package auth

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
)

// Middleware authenticates each request and hands it on with its principal in
// the context. It answers itself, as GraphQL does, where Authenticate refuses:
// 401 for a bad token, 403 for a request from another site or an act for a
// person without the right to. It clears a cookie whose session is over.
//
// It reads the body first: a call is made when it is complete, so that nobody holds one
// open to finish it once their rights have ended.
func (s *Service) Middleware(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		complete(r)
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

// complete reads a request's body into memory. What can't be read, or is longer than any
// that is taken, fails again when it is read there.
func complete(r *http.Request) {
	if r.Body == nil || r.Body == http.NoBody {
		return
	}
	body := r.Body
	start, err := io.ReadAll(io.LimitReader(body, maxHeld))
	rest := io.Reader(body)
	if err != nil {
		rest = failing{err}
	}
	r.Body = struct {
		io.Reader
		io.Closer
	}{io.MultiReader(bytes.NewReader(start), rest), body}
}

// failing is a reader that can't be read.
type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

// Refuse answers in the form of a GraphQL response. Nothing of an unexpected
// error is shown.
func Refuse(w http.ResponseWriter, err error) {
	status, code, message := http.StatusServiceUnavailable, "INTERNAL", "Who is calling can't be found out now; try again soon."
	switch {
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
