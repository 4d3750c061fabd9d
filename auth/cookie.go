package auth

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"time"
)

// CookieName is the session cookie's name.
func (s *Service) CookieName() string { return s.prefixed("procyon_session") }

// prefixed is the name of a cookie of ours. On https its prefix makes browsers refuse
// one that another host of the domain, or plain http, has set (RFC 6265bis).
func (s *Service) prefixed(name string) string {
	if s.opts.SecureCookie {
		return "__Host-" + name
	}
	return name
}

// CookieToken returns the session token in r's cookie, or "" where there is
// none that could be one.
func (s *Service) CookieToken(r *http.Request) string { return secretCookie(r, s.CookieName()) }

// secretCookie returns the secret in one of r's cookies, or "".
func secretCookie(r *http.Request, name string) string {
	c, err := r.Cookie(name)
	if err != nil || !isSecret(c.Value) {
		return ""
	}
	return c.Value
}

// SetCookie hands a new session to the browser, which is known from then on. Call it
// before anything is written.
func (s *Service) SetCookie(w http.ResponseWriter, v Session) {
	age := int(v.ExpiresAt.Sub(s.now()).Seconds())
	s.setCookie(w, s.CookieName(), v.Token, max(age, 1))
	if v.Browser != "" {
		s.setCookie(w, s.browserCookie(), v.Browser, int(browserTTL/time.Second))
	}
}

// ClearCookie makes the browser forget the session, but not that it is known. Call it
// before anything is written.
func (s *Service) ClearCookie(w http.ResponseWriter) { s.setCookie(w, s.CookieName(), "", -1) }

func (s *Service) setCookie(w http.ResponseWriter, name, value string, maxAge int) {
	//nolint:gosec // Secure follows from how people come: over plain http it would hide the cookie
	http.SetCookie(w, &http.Cookie{
		Name: name, Value: value, Path: "/", MaxAge: maxAge,
		Secure: s.opts.SecureCookie, HttpOnly: true, SameSite: http.SameSiteLaxMode,
	})
}

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
