package app

import (
	"context"
	"net/http"

	"procyon/auth"
	"procyon/internal/admission"
)

// signIn is what the console needs of the package auth, for requests over HTTP.
type signIn struct {
	*auth.Service
	clients *clients
}

// Session implements console.Auth.
func (s signIn) Session(r *http.Request) (ctx context.Context, csrfToken string, err error) {
	ctx, csrfToken, err = s.Service.Session(r)
	if err == nil {
		admission.From(r.Context()).Identified()
	}
	return ctx, csrfToken, err
}

// SignIn implements console.Auth.
func (s signIn) SignIn(w http.ResponseWriter, r *http.Request, email, password, newPassword string) error {
	v, err := s.Service.SignIn(r.Context(), auth.Attempt{
		Email: email, Password: password, NewPassword: newPassword, RemoteAddr: s.clients.address(r), Browser: s.BrowserToken(r),
	})
	if err != nil {
		return err
	}
	s.SetCookie(w, v)
	return s.Service.SignOut(r.Context(), s.CookieToken(r)) // the session before it, if any
}

// SignOut implements console.Auth.
func (s signIn) SignOut(w http.ResponseWriter, r *http.Request) error {
	err := s.Service.SignOut(r.Context(), s.CookieToken(r))
	s.ClearCookie(w)
	return err
}
