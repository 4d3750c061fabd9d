// Package cookie sets the cookies of the product's own site, all in the same safe way:
// out of the reach of scripts, not sent along with what other sites make a browser
// send, and where people come over https, only there.
package cookie

import "net/http"

// Site is where cookies are for. The zero Site is all of one that people reach over
// plain http.
type Site struct {
	Secure bool   // people come over https: over plain http a cookie would be hidden
	Path   string // below which the cookie is sent; "" means everywhere
}

// Name is the full name of the cookie that a site calls name. On https its prefix makes
// browsers refuse one that another host of the domain, or plain http, has set (RFC
// 6265bis). They know it only for cookies of a whole site.
func (s Site) Name(name string) string {
	if s.Secure && s.path() == "/" {
		return "__Host-procyon_" + name
	}
	return "procyon_" + name
}

// Get returns the value of a cookie of r; ok tells whether there is one.
func (s Site) Get(r *http.Request, name string) (value string, ok bool) {
	c, err := r.Cookie(s.Name(name))
	if err != nil {
		return "", false
	}
	return c.Value, true
}

// Set sets a cookie for so many seconds: 0 for as long as the browser runs, below 0 to
// delete it. Call it before anything is written.
func (s Site) Set(w http.ResponseWriter, name, value string, seconds int) {
	http.SetCookie(w, &http.Cookie{ //nolint:gosec // Secure wherever the site itself is on https
		Name: s.Name(name), Value: value, Path: s.path(), MaxAge: seconds,
		Secure: s.Secure, HttpOnly: true, SameSite: http.SameSiteLaxMode,
	})
}

func (s Site) path() string {
	if s.Path == "" {
		return "/"
	}
	return s.Path
}
