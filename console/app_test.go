package console_test

import (
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"
)

// Each of the application's addresses is one document, for who is signed in alone; any
// other is not found, also by its status.
func TestApplicationsAddresses(t *testing.T) {
	s := newSite(t)
	paths := []string{"/", "/requests", "/requests?tab=history", page, "/ask", "/people", "/people?tab=services", "/people/usr_1", "/profile", "/slack", "/integrations", "/integrations/int_1", "/integrations/int_1?part=deliveries"}
	for _, path := range paths {
		if a := s.get(path); a.StatusCode != http.StatusSeeOther || !strings.HasPrefix(a.Header.Get("Location"), "/signin") {
			t.Errorf("%s: a stranger gets %d", path, a.StatusCode)
		}
	}
	s.signedIn()
	for _, path := range paths {
		if a := s.get(path); a.StatusCode != http.StatusOK || !strings.Contains(a.body, `<div id="root">`) {
			t.Errorf("%s: %d %s", path, a.StatusCode, a.body)
		}
	}
	for _, path := range []string{"/nowhere", "/requests/a/b", "/ask/x", "/assets/none.js"} {
		s.get(path).want(t, http.StatusNotFound)
	}
}

// The document loads nothing but files of this server, runs no script of its own, and has
// a nonce that no other answer has, which its policy names.
func TestApplicationsPolicy(t *testing.T) {
	s := newSite(t).signedIn()
	seen := map[string]bool{}
	for range 3 {
		a := s.get("/")
		m := regexp.MustCompile(`<meta property="csp-nonce" nonce="([A-Z2-7]{26})">`).FindStringSubmatch(a.body)
		if len(m) != 2 || seen[m[1]] {
			t.Fatalf("no nonce of its own: %s", a.body)
		}
		seen[m[1]] = true
		policy := a.Header.Get("Content-Security-Policy")
		if want := "default-src 'none'; script-src 'self'; style-src 'self' 'nonce-" + m[1] + "'; img-src 'self'; connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"; policy != want {
			t.Errorf("the policy is %s", policy)
		}
		if a.Header.Get("Cache-Control") != "no-store" {
			t.Errorf("the document is kept: %s", a.Header.Get("Cache-Control"))
		}
		if strings.Contains(a.body, "PROCYON-") || !strings.Contains(a.body, `name="csrf" content="`+sessionToken+`"`) {
			t.Errorf("not filled in: %s", a.body)
		}
		for _, m := range regexp.MustCompile(`<script([^>]*)>([^<]*)`).FindAllStringSubmatch(a.body, -1) {
			if !strings.Contains(m[1], ` src="/assets/`) || strings.TrimSpace(m[2]) != "" {
				t.Errorf("a script of its own: %s", m[0])
			}
		}
		for _, m := range regexp.MustCompile(`(?:src|href)="([^"]*)"`).FindAllStringSubmatch(a.body, -1) {
			if !strings.HasPrefix(m[1], "/assets/") {
				t.Errorf("it loads %s", m[1])
			}
			if got := s.get(m[1]); got.StatusCode != http.StatusOK {
				t.Errorf("%s: %d", m[1], got.StatusCode)
			}
		}
	}
}

// Files are the same compressed and not, and browsers may keep them. The smallest would only
// grow, and are not compressed.
func TestApplicationsFiles(t *testing.T) {
	s := newSite(t).signedIn()
	for _, m := range regexp.MustCompile(`(?:src|href)="(/assets/[^"]*\.(?:js|css))"`).FindAllStringSubmatch(s.get("/").body, -1) {
		small := s.get(m[1]) // net/http asks for it compressed, and undoes that
		r, err := http.NewRequest(http.MethodGet, s.server.URL+m[1], http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Accept-Encoding", "identity")
		plain, err := s.browser.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(plain.Body)
		plain.Body.Close()
		if err != nil || string(body) != small.body || len(body) == 0 {
			t.Errorf("%s: %v, %d bytes and %d", m[1], err, len(body), len(small.body))
		}
		if !small.Uncompressed && len(body) > 100 || plain.Header.Get("Content-Encoding") != "" {
			t.Errorf("%s: compressed is %t, plain is %q", m[1], small.Uncompressed, plain.Header.Get("Content-Encoding"))
		}
		media := map[bool]string{true: "text/javascript; charset=utf-8", false: "text/css; charset=utf-8"}[strings.HasSuffix(m[1], ".js")]
		if small.Header.Get("Content-Type") != media || !strings.Contains(small.Header.Get("Cache-Control"), "immutable") || small.Header.Get("Vary") != "Accept-Encoding" {
			t.Errorf("%s: %v", m[1], small.Header)
		}
	}
}
