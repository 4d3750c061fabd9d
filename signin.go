package main

import (
	"context"
	"errors"
	"net/http"

	"procyon/auth"
	"procyon/console"
)

// signIn is what the console needs of the package auth, in the console's words.
type signIn struct {
	*auth.Service
	proxies trustedProxies
}

// Session implements console.Auth.
func (s signIn) Session(r *http.Request) (ctx context.Context, csrfToken string, err error) {
	ctx, csrfToken, err = s.Service.Session(r)
	if errors.Is(err, auth.ErrUnauthenticated) {
		err = console.ErrSignedOut
	}
	return ctx, csrfToken, err
}

// SignIn implements console.Auth.
func (s signIn) SignIn(w http.ResponseWriter, r *http.Request, email, password string) error {
	v, err := s.Service.SignIn(r.Context(), email, password, s.proxies.client(r))
	var tooMany *auth.TooManyError
	switch {
	case err == nil:
		s.SetCookie(w, v)
		return nil
	case errors.As(err, &tooMany):
		return &console.TooManyError{After: tooMany.RetryAfter}
	case errors.Is(err, auth.ErrCredentials):
		return console.ErrCredentials
	default:
		return err
	}
}

// SignOut implements console.Auth.
func (s signIn) SignOut(w http.ResponseWriter, r *http.Request) error {
	err := s.Service.SignOut(r.Context(), s.CookieToken(r))
	s.ClearCookie(w)
	return err
}
