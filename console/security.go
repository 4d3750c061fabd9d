package console

import (
	"net/http"
	"net/url"
	"strings"
)

// policy is the content security policy of every page: our own style sheet, icon
// and forms, and nothing else, scripts least of all.
const policy = "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"

// headers sets what every answer carries. The referrer policy is not no-referrer,
// for browsers would then send `Origin: null` with our own forms.
func headers(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("Referrer-Policy", "same-origin")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("X-Frame-Options", "DENY")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
		h.Set("Cache-Control", "no-store")
		next.ServeHTTP(w, r)
	})
}

// maxBody is far above what our forms send: a comment has at most 1000 characters.
const maxBody = 64 << 10

func limitBody(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.Body = http.MaxBytesReader(w, r.Body, maxBody)
		next.ServeHTTP(w, r)
	})
}

const maxNext = 2000 // bytes

// localPath returns s where it is a path, with or without a query, on this very
// server, and "/" otherwise. Browsers take "//host", "/\host" and paths with tabs
// or line breaks in between for other servers, so all these are refused, and so
// are the pages on which nobody wants to land after signing in.
func localPath(s string) string {
	if len(s) > maxNext || !strings.HasPrefix(s, "/") || strings.Contains(s, "\\") {
		return "/"
	}
	for _, r := range s {
		if r <= ' ' || r == 0x7f {
			return "/"
		}
	}
	u, err := url.Parse(s)
	if err != nil || u.IsAbs() || u.Host != "" || u.User != nil || strings.Contains(u.Path, "//") || strings.Contains(u.Path, "\\") {
		return "/"
	}
	if u.Path == "/signin" || u.Path == "/signout" || strings.HasPrefix(u.Path, "/auth/") {
		return "/"
	}
	return (&url.URL{Path: u.Path, RawPath: u.RawPath, RawQuery: u.RawQuery, Fragment: u.Fragment}).String()
}

// validID tells what can be an ID at all, so that nothing else is put into a path
// or a cookie.
func validID(id string) bool {
	const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-"
	return id != "" && len(id) <= 80 && strings.Trim(id, letters) == ""
}
