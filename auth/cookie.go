package auth

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"time"

	"procyon/internal/cookie"
)

// CookieName is the session cookie's name.
func (s *Service) CookieName() string { return s.site().Name(sessionCookie) }

// The cookies' names in the site.
const (
	sessionCookie = "session"
	browserCookie = "browser"
)

func (s *Service) site() cookie.Site { return cookie.Site{Secure: s.opts.SecureCookie} }

// CookieToken returns the session token in r's cookie, or "" where there is
// none that could be one.
func (s *Service) CookieToken(r *http.Request) string { return s.secretCookie(r, sessionCookie) }

// secretCookie returns the secret in one of r's cookies, or "".
func (s *Service) secretCookie(r *http.Request, name string) string {
	if v, ok := s.site().Get(r, name); ok && isSecret(v) {
		return v
	}
	return ""
}

// SetCookie hands a new session to the browser, which is known from then on. Call it
// before anything is written.
func (s *Service) SetCookie(w http.ResponseWriter, v Session) {
	age := int(v.ExpiresAt.Sub(s.now()).Seconds())
	s.site().Set(w, sessionCookie, v.Token, max(age, 1))
	if v.Browser != "" {
		s.site().Set(w, browserCookie, v.Browser, int(browserTTL/time.Second))
	}
}

// ClearCookie makes the browser forget the session, but not that it is known. Call it
// before anything is written.
func (s *Service) ClearCookie(w http.ResponseWriter) { s.site().Set(w, sessionCookie, "", -1) }

// CSRFToken returns what the forms of a session carry, so that no other site can
// send them: it follows from the session's token but does not tell it. Before
// there is a session, use any random secret in a cookie of its own.
func CSRFToken(secret string) string {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte("procyon form"))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

// CheckCSRF tells whether a form's token belongs to the secret, which must not be empty.
func CheckCSRF(secret, given string) bool {
	return secret != "" && hmac.Equal([]byte(CSRFToken(secret)), []byte(given))
}
