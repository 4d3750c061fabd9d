package app

import (
	"context"
	"errors"
	"net/http"

	"procyon/auth"
	"procyon/console"
	"procyon/internal/admission"
)

// signIn is what the console needs of the package auth, in the console's words.
type signIn struct {
	*auth.Service
	clients *clients
}

// Session implements console.Auth.
func (s signIn) Session(r *http.Request) (ctx context.Context, csrfToken string, err error) {
	ctx, csrfToken, err = s.Service.Session(r)
	if errors.Is(err, auth.ErrUnauthenticated) {
		err = console.ErrSignedOut
	}
	if err == nil {
		admission.From(r.Context()).Identified()
	}
	return ctx, csrfToken, err
}

// SignIn implements console.Auth.
func (s signIn) SignIn(w http.ResponseWriter, r *http.Request, email, password string) error {
	v, err := s.Service.SignIn(r.Context(), auth.Attempt{
		Email: email, Password: password, RemoteAddr: s.clients.address(r), Browser: s.BrowserToken(r),
	})
	switch {
	case err == nil:
		s.SetCookie(w, v)
		return nil
	case errors.Is(err, auth.ErrCredentials):
		return console.ErrCredentials
	default:
		return inConsoleWords(err)
	}
}

// inConsoleWords makes the console's error of one that says that there were too many
// attempts; others stay as they are.
func inConsoleWords(err error) error {
	var tooMany *auth.TooManyError
	if errors.As(err, &tooMany) {
		return &console.TooManyError{After: tooMany.RetryAfter}
	}
	return err
}

// SignOut implements console.Auth.
func (s signIn) SignOut(w http.ResponseWriter, r *http.Request) error {
	err := s.Service.SignOut(r.Context(), s.CookieToken(r))
	s.ClearCookie(w)
	return err
}
