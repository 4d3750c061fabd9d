package console_test

import (
	"html"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"procyon/console"
)

// site is a console on a server of its own, and a browser that keeps cookies.
type site struct {
	t       testing.TB
	api     *fakeAPI
	auth    *fakeAuth
	server  *httptest.Server
	browser *http.Client
}

// page is one of the application's addresses.
const page = "/requests/req_0199aaaabbbbccccddddeeeeffff0001"

// newSite starts a console for Grace, an administrator.
func newSite(t testing.TB, change ...func(*console.Options)) *site {
	t.Helper()
	s := &site{t: t, auth: &fakeAuth{}, api: &fakeAPI{
		schema: loadSchema(t),
		person: object{"userId": "usr_grace", "name": "Grace Hopper", "role": "ADMIN"},
		fields: map[string]any{},
		errs:   map[string]error{}, calls: map[string]object{},
	}}
	var handler http.Handler
	s.server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { handler.ServeHTTP(w, r) }))
	t.Cleanup(s.server.Close)
	o := console.Options{
		API: s.api, Auth: s.auth, PublicURL: s.server.URL, Log: newLog(),
	}
	for _, f := range change {
		f(&o)
	}
	c, err := console.New(o)
	if err != nil {
		t.Fatal(err)
	}
	handler = c
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	s.browser = &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	return s
}

// signedIn gives the browser a session.
func (s *site) signedIn() *site {
	u, err := url.Parse(s.server.URL)
	if err != nil {
		s.t.Fatal(err)
	}
	s.browser.Jar.SetCookies(u, []*http.Cookie{{Name: "session", Value: "s1", Path: "/"}})
	return s
}

// answer is a page.
type answer struct {
	*http.Response
	body string
}

func (s *site) do(r *http.Request) answer {
	s.t.Helper()
	res, err := s.browser.Do(r)
	if err != nil {
		s.t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	return answer{res, string(body)}
}

func (s *site) get(path string) answer {
	s.t.Helper()
	r, err := http.NewRequest(http.MethodGet, s.server.URL+path, http.NoBody)
	if err != nil {
		s.t.Fatal(err)
	}
	return s.do(r)
}

// post sends a form as a browser does from a page of the site itself.
func (s *site) post(path string, form url.Values) answer {
	s.t.Helper()
	return s.do(s.form(path, form, map[string]string{"Sec-Fetch-Site": "same-origin", "Origin": s.server.URL}))
}

func (s *site) form(path string, form url.Values, header map[string]string) *http.Request {
	s.t.Helper()
	r, err := http.NewRequest(http.MethodPost, s.server.URL+path, strings.NewReader(form.Encode()))
	if err != nil {
		s.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	for k, v := range header {
		r.Header.Set(k, v)
	}
	return r
}

func (a answer) want(t testing.TB, status int, parts ...string) {
	t.Helper()
	if a.StatusCode != status {
		t.Errorf("status %d, want %d; page: %s", a.StatusCode, status, a.text())
	}
	text := a.text()
	for _, p := range parts {
		if !strings.Contains(text, p) {
			t.Errorf("page lacks %q: %s", p, text)
		}
	}
}

func (a answer) wantNot(t testing.TB, parts ...string) {
	t.Helper()
	for _, p := range parts {
		if strings.Contains(a.text(), p) {
			t.Errorf("page has %q: %s", p, a.text())
		}
	}
}

func (a answer) wantTo(t testing.TB, location string) {
	t.Helper()
	if a.StatusCode != http.StatusSeeOther || a.Header.Get("Location") != location {
		t.Errorf("status %d to %q, want 303 to %q; page: %s", a.StatusCode, a.Header.Get("Location"), location, a.text())
	}
}

var (
	tags   = regexp.MustCompile(`<[^>]*>`)
	spaces = regexp.MustCompile(`\s+`)
)

// text is what a person reads of a page, in one line.
func (a answer) text() string {
	_, body, _ := strings.Cut(a.body, "</head>")
	text := tags.ReplaceAllString(body, "")
	return spaces.ReplaceAllString(html.UnescapeString(text), " ")
}

// field is the value of a hidden field.
func (a answer) field(t testing.TB, name string) string {
	t.Helper()
	m := regexp.MustCompile(`name="` + name + `" value="([^"]*)"`).FindStringSubmatch(a.body)
	if m == nil {
		t.Fatalf("no hidden field %q", name)
	}
	return html.UnescapeString(m[1])
}

func newLog() *slog.Logger { return slog.New(slog.DiscardHandler) }
