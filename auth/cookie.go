package auth

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
)

// CookieName is the session cookie's name. On https its prefix makes browsers
// refuse one that another host of the domain, or plain http, has set (RFC 6265bis).
func (s *Service) CookieName() string {
	if s.opts.SecureCookie {
		return "__Host-procyon_session"
	}
	return "procyon_session"
}

// CookieToken returns the session token in r's cookie, or "" where there is
// none that could be one.
func (s *Service) CookieToken(r *http.Request) string {
	c, err := r.Cookie(s.CookieName())
	if err != nil || !isSecret(c.Value) {
		return ""
	}
	return c.Value
}

// SetCookie hands a new session to the browser. Call it before anything is written.
func (s *Service) SetCookie(w http.ResponseWriter, v Session) {
	age := int(v.ExpiresAt.Sub(s.now()).Seconds())
	s.setCookie(w, v.Token, max(age, 1))
}

// ClearCookie makes the browser forget the session. Call it before anything is written.
func (s *Service) ClearCookie(w http.ResponseWriter) { s.setCookie(w, "", -1) }

func (s *Service) setCookie(w http.ResponseWriter, value string, maxAge int) {
	//nolint:gosec // Secure follows from how people come: over plain http it would hide the cookie
	http.SetCookie(w, &http.Cookie{
		Name: s.CookieName(), Value: value, Path: "/", MaxAge: maxAge,
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
