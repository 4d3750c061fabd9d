package app

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"procyon/access"
	"procyon/auth"
	"procyon/auth/oidc"
	"procyon/console"
	"procyon/internal/cookie"
)

// ssoCallback is where the identity provider sends people back to.
const ssoCallback = "/auth/oidc/callback"

// sso is what the console needs of the package auth/oidc, in the console's words.
type sso struct {
	*App
	clients  *clients
	provider *oidc.Provider
	domains  []string // of e-mail addresses that may come in; none: all
}

// newSSO makes single sign-on of the configuration; nil where there is none.
func (a *App) newSSO(from *clients) (console.SingleSignOn, error) {
	cfg := a.cfg.OIDC
	if cfg.Issuer == "" {
		return nil, nil
	}
	p, err := oidc.New(oidc.Options{
		Issuer: cfg.Issuer, ClientID: cfg.ClientID, ClientSecret: cfg.ClientSecret, RedirectURL: a.public.JoinPath(ssoCallback).String(),
		GroupsClaim: cfg.GroupsClaim, Scopes: listed(cfg.Scopes),
	})
	if err != nil {
		return nil, fmt.Errorf("PROCYON_OIDC_ISSUER: %w", err)
	}
	return &sso{App: a, clients: from, provider: p, domains: listed(strings.ToLower(cfg.EmailDomains))}, nil
}

// listed splits what is listed in a setting.
func listed(s string) []string {
	return strings.FieldsFunc(s, func(r rune) bool { return r == ',' || r == ' ' })
}

// flowCookie keeps what was begun at the identity provider.
const flowCookie = "oidc"

func (s *sso) cookies() cookie.Site { return cookie.Site{Secure: s.public.Scheme == "https"} }

// Begin implements console.SingleSignOn.
func (s *sso) Begin(w http.ResponseWriter, _ *http.Request, next string, again bool) (string, error) {
	page, flow, err := s.provider.Begin(next, again)
	if err != nil {
		return "", s.inWords(err)
	}
	value, err := flow.Encode()
	if err != nil {
		return "", err
	}
	s.cookies().Set(w, flowCookie, value, int(oidc.FlowTTL/time.Second))
	return page, nil
}

// Finish implements console.SingleSignOn.
func (s *sso) Finish(w http.ResponseWriter, r *http.Request) (next string, err error) {
	value, ok := s.cookies().Get(r, flowCookie)
	if !ok {
		return "", console.ErrStale
	}
	s.cookies().Set(w, flowCookie, "", -1) // it is good once
	flow, err := oidc.DecodeFlow(value)
	if err != nil {
		return "", s.inWords(err)
	}
	var id oidc.Identity
	err = s.Auth.Vouched(r.Context(), s.clients.address(r), func() (err error) {
		id, err = s.provider.Finish(r.Context(), flow, r.URL.Query())
		return err
	})
	if err != nil {
		return flow.Next, s.inWords(err)
	}
	if !s.admits(id) {
		return flow.Next, &console.RefusedError{Text: "Only people with a verified e-mail address of this organisation can come in."}
	}
	u, err := s.Access.Identify(r.Context(), access.System(), access.SignedIn{
		Identity: access.Identity{Issuer: id.Issuer, Subject: id.Subject}, Email: id.Email, EmailVerified: id.EmailVerified, Name: id.Name,
		Groups: id.Groups,
	})
	if err != nil {
		return flow.Next, s.inWords(err)
	}
	if id.GroupsFault != nil {
		s.log.Warn("single sign-on: the identity provider does not say in which groups somebody is; what it said before counts for a day", "user", u.ID, "reason", id.GroupsFault)
	}
	v, err := s.Auth.SignInPerson(r.Context(), u.ID, id.ProvedAt, s.Auth.BrowserToken(r))
	if errors.Is(err, auth.ErrCredentials) {
		return flow.Next, console.ErrStale // their password was changed in this moment
	}
	if err != nil {
		return flow.Next, err
	}
	s.Auth.SetCookie(w, v)
	return flow.Next, s.Auth.SignOut(r.Context(), s.Auth.CookieToken(r)) // the session before it, if any
}

// admits tells whether somebody's e-mail address is of one of the domains.
func (s *sso) admits(id oidc.Identity) bool {
	domain := id.Email[strings.LastIndex(id.Email, "@")+1:]
	return len(s.domains) == 0 || id.EmailVerified && slices.Contains(s.domains, strings.ToLower(domain))
}

// inWords are errors in the console's words; the log has what people need not know.
func (s *sso) inWords(err error) error {
	var e *access.Error
	switch {
	case errors.As(err, &e):
		return &console.RefusedError{Text: e.Message}
	case errors.Is(err, oidc.ErrUnavailable):
		s.log.Warn("single sign-on: the identity provider does not answer", "error", err)
		return console.ErrProviderDown
	case errors.Is(err, oidc.ErrRefused):
		s.log.Warn("single sign-on: the identity provider's answer is not accepted", "error", err)
		return &console.RefusedError{Text: "The identity provider's answer was not accepted. Try again; if it stays so, tell an administrator: the log has the reason."}
	case errors.Is(err, oidc.ErrNotAgain):
		s.log.Warn("single sign-on: the identity provider does not say that somebody signed in again", "error", err)
		return &console.RefusedError{Text: "Your identity provider does not say that you signed in again just now. Try again; if it stays so, tell an administrator: the log has the reason."}
	case errors.Is(err, oidc.ErrCanceled):
		return console.ErrCanceled
	case errors.Is(err, oidc.ErrStale):
		return console.ErrStale
	}
	return err
}
