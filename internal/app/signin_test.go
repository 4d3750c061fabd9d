package app

import (
	"bytes"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"procyon/access"
)

const goodPassword, wrongPassword = "correct horse battery", "incorrect horse battery"

// Where people sign in from.
const (
	homeAddr = "192.0.2.1:4711"
	awayAddr = "198.51.100.7:4711"
)

// front is a server without its network, on a clock of its own, with two people.
type front struct {
	t     *testing.T
	g     *App
	ahead atomic.Int64 // of the clock, a duration
	log   *lockedBuffer
	ada   access.User
}

// lockedBuffer is a log that may be read while it is written.
type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

func newFront(t *testing.T, change ...func(*Config)) *front {
	t.Helper()
	t.Parallel()
	f := &front{t: t, log: &lockedBuffer{}}
	start := time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)
	cfg := &Config{Store: StoreConfig{URL: "sqlite:" + filepath.Join(t.TempDir(), "procyon.db")}, Server: ServerConfig{Listen: "127.0.0.1:0", PublicURL: "https://procyon.example.com"}, CheapHashes: true}
	cfg.Now = func() time.Time { return start.Add(time.Duration(f.ahead.Load())) }
	for _, c := range change {
		c(cfg)
	}
	f.must(cfg.Check())
	var err error
	f.g, err = Open(t.Context(), *cfg, slog.New(slog.NewTextHandler(io.MultiWriter(f.log, t.Output()), nil)))
	f.must(err)
	t.Cleanup(func() { f.must(f.g.Close()) })
	runCore(t, f.g.Core)
	f.ada = f.person("ada@example.com", true)
	f.person("dev@example.com", false)
	return f
}

func (f *front) must(err error) {
	f.t.Helper()
	if err != nil {
		f.t.Fatal(err)
	}
}

func (f *front) pass(d time.Duration) { f.ahead.Add(int64(d)) }

// person adds somebody who signs in with the good password.
func (f *front) person(email string, admin bool) access.User {
	f.t.Helper()
	u, err := f.g.Access.CreateUser(f.t.Context(), Operator(), access.NewUser{Email: email, Name: "Somebody", Admin: admin})
	f.must(err)
	f.must(f.g.Auth.SetPassword(f.t.Context(), Operator(), u.ID, goodPassword))
	return u
}

// guest is a browser at a network address.
type guest struct {
	*front
	addr    string
	header  http.Header // of each request
	cookies map[string]string
}

func (f *front) visitor(addr string) *guest {
	return &guest{front: f, addr: addr, header: http.Header{}, cookies: map[string]string{}}
}

func (v *guest) do(method, path string, form url.Values) *httptest.ResponseRecorder {
	r := httptest.NewRequestWithContext(v.t.Context(), method, v.g.public.String()+path, strings.NewReader(form.Encode()))
	r.RemoteAddr = v.addr
	for name, values := range v.header {
		r.Header[name] = values
	}
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Origin", v.g.public.String())
	}
	for name, value := range v.cookies {
		r.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	w := httptest.NewRecorder()
	v.g.mux.ServeHTTP(w, r)
	for _, c := range w.Result().Cookies() {
		if v.cookies[c.Name] = c.Value; c.MaxAge < 0 {
			delete(v.cookies, c.Name)
		}
	}
	return w
}

// signIn sends the form of the sign-in page. A session that is there is forgotten.
func (v *guest) signIn(email, password string) *httptest.ResponseRecorder {
	v.t.Helper()
	delete(v.cookies, v.g.Auth.CookieName())
	page := v.do(http.MethodGet, "/signin", nil).Body.String()
	return v.do(http.MethodPost, "/signin", url.Values{
		"csrf": {between(page, `name="csrf" value="`, `"`)}, "next": {"/requests"}, "email": {email}, "password": {password},
	})
}

// gets is what a sign-in is answered with.
func (v *guest) gets(email, password string, status int) *httptest.ResponseRecorder {
	v.t.Helper()
	w := v.signIn(email, password)
	if w.Code != status {
		v.t.Fatalf("%s signs in as %s: %d, want %d", v.addr, email, w.Code, status)
	}
	return w
}

// Statuses of the answers to the form.
const (
	isIn     = http.StatusSeeOther
	isWrong  = http.StatusUnprocessableEntity
	mustWait = http.StatusTooManyRequests
)

// Whoever fails on purpose keeps out themselves alone; the page says how long, in words,
// and says the same of an e-mail address that nobody has.
func TestSignInLockOutAttack(t *testing.T) {
	f := newFront(t)
	var pages [2]string
	for i, email := range []string{"ada@example.com", "eve@example.com"} {
		stranger := f.visitor(fmt.Sprintf("198.51.100.%d:1", i))
		for range 5 {
			stranger.gets(email, wrongPassword, isWrong)
		}
		f.pass(600 * time.Millisecond) // of a minute
		w := stranger.gets(email, wrongPassword, mustWait)
		pages[i] = strings.ReplaceAll(w.Body.String(), email, "")
		pages[i] = strings.ReplaceAll(pages[i], between(pages[i], `name="csrf" value="`, `"`), "")
		if w.Header().Get("Retry-After") != "60" || !strings.Contains(pages[i], "Try again in 1 minute.") {
			t.Errorf("Retry-After %s: %s", w.Header().Get("Retry-After"), pages[i])
		}
	}
	if pages[0] != pages[1] {
		t.Errorf("the pages of somebody and of nobody differ: %s\n%s", pages[0], pages[1])
	}
	f.visitor(homeAddr).gets("ada@example.com", goodPassword, isIn)
	f.visitor("198.51.100.0:2").gets("dev@example.com", goodPassword, isIn) // the same office as the stranger
	f.pass(time.Minute)
	f.visitor("198.51.100.0:3").gets("ada@example.com", goodPassword, isIn)
}

// Guessing from everywhere makes strangers wait, and no browser that is known.
func TestSignInDistributedGuessing(t *testing.T) {
	f := newFront(t)
	known := f.visitor(homeAddr)
	known.gets("ada@example.com", goodPassword, isIn)
	old := known.cookies["__Host-procyon_browser"]
	page := known.do(http.MethodGet, "/requests", nil).Body.String()
	known.do(http.MethodPost, "/signout", url.Values{"csrf": {between(page, `name="csrf" content="`, `"`)}})
	if known.cookies["__Host-procyon_session"] != "" || known.cookies["__Host-procyon_browser"] != old {
		t.Fatalf("after signing out: %v", known.cookies)
	}
	for n := range 20 {
		f.visitor(fmt.Sprintf("10.0.0.%d:1", n)).gets("ada@example.com", wrongPassword, isWrong)
	}
	fresh := f.visitor(awayAddr)
	if w := fresh.gets("ada@example.com", goodPassword, mustWait); w.Header().Get("Retry-After") != "1" {
		t.Errorf("Retry-After %s", w.Header().Get("Retry-After"))
	}
	f.visitor(awayAddr).gets("dev@example.com", goodPassword, isIn) // somebody else
	stolen := f.visitor(awayAddr)
	stolen.cookies["__Host-procyon_browser"] = old
	stolen.gets("ada@example.com", wrongPassword, isWrong)
	known.gets("ada@example.com", goodPassword, isIn)
	stolen.gets("ada@example.com", goodPassword, mustWait) // the owner has a new token
	f.pass(time.Second)
	fresh.gets("ada@example.com", goodPassword, isIn)
}

// A known browser is known until the password changes, or the person is disabled.
func TestSignInKnownBrowserEnds(t *testing.T) {
	f := newFront(t)
	ends := map[string]func(u access.User) error{
		"password": func(u access.User) error { return f.g.Auth.SetPassword(t.Context(), Operator(), u.ID, goodPassword) },
		"disabled": func(u access.User) error {
			_, _, err := f.g.Access.DisableUser(t.Context(), Operator(), u.ID)
			return err
		},
		"disabled and enabled": func(u access.User) error {
			if _, _, err := f.g.Access.DisableUser(t.Context(), Operator(), u.ID); err != nil {
				return err
			}
			_, err := f.g.Access.EnableUser(t.Context(), Operator(), u.ID)
			return err
		},
	}
	for what, end := range ends {
		email := strings.ReplaceAll(what, " ", "-") + "@example.com"
		u := f.person(email, false)
		known := f.visitor(homeAddr)
		known.gets(email, goodPassword, isIn)
		for range 5 {
			f.visitor(homeAddr).gets(email, wrongPassword, isWrong)
		}
		f.visitor(homeAddr).gets(email, goodPassword, mustWait)
		known.gets(email, wrongPassword, isWrong)
		f.must(end(u))
		known.gets(email, goodPassword, mustWait)
		f.pass(time.Minute)
		want := isIn
		if what == "disabled" {
			want = isWrong
		}
		known.gets(email, goodPassword, want)
	}
}

// One password tried on many people from one address becomes slow; an office in which
// as many mistype waits for seconds, and its known browsers for nothing.
func TestSignInSpraying(t *testing.T) {
	f := newFront(t)
	known := f.visitor(homeAddr)
	known.gets("ada@example.com", goodPassword, isIn)
	spray := f.visitor(homeAddr)
	for n := range 100 {
		spray.gets(strconv.Itoa(n)+"@example.com", goodPassword, isWrong)
	}
	spray.gets("100@example.com", goodPassword, mustWait)
	f.visitor(homeAddr).gets("dev@example.com", goodPassword, mustWait)
	known.gets("ada@example.com", goodPassword, isIn)
	f.pass(time.Second)
	f.visitor(homeAddr).gets("dev@example.com", goodPassword, isIn)
}

// What an identity provider is asked by strangers is bounded: a code that somebody made
// up costs a request to it.
func TestSSOIsAskedInMeasure(t *testing.T) {
	var asked atomic.Int64
	mux := http.NewServeMux()
	provider := httptest.NewServer(mux)
	t.Cleanup(provider.Close)
	mux.HandleFunc("GET /.well-known/openid-configuration", func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprintf(w, `{"issuer": %q, "authorization_endpoint": %q, "token_endpoint": %q, "jwks_uri": %q}`,
			provider.URL, provider.URL+"/auth", provider.URL+"/token", provider.URL+"/keys")
	})
	mux.HandleFunc("POST /token", func(w http.ResponseWriter, _ *http.Request) {
		asked.Add(1)
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusBadRequest)
		fmt.Fprint(w, `{"error": "invalid_grant"}`)
	})
	f := newFront(t, func(c *Config) {
		c.OIDC = OIDCConfig{Issuer: provider.URL, ClientID: "procyon", ClientSecret: "a secret"}
	})
	stranger := f.visitor(awayAddr)
	guess := func(v *guest) *httptest.ResponseRecorder {
		start := v.do(http.MethodGet, "/auth/oidc/start", nil).Header().Get("Location")
		u, err := url.Parse(start)
		f.must(err)
		return v.do(http.MethodGet, ssoCallback+"?code=made-up&state="+url.QueryEscape(u.Query().Get("state")), nil)
	}
	before := asked.Load()
	for range 30 {
		if w := guess(stranger); w.Code != http.StatusForbidden {
			t.Fatalf("%d %s", w.Code, w.Body)
		}
	}
	perTry := (asked.Load() - before) / 30
	w := guess(stranger)
	if w.Code != http.StatusTooManyRequests || w.Header().Get("Retry-After") != "1" || !strings.Contains(w.Body.String(), "Try again in 1 second.") {
		t.Errorf("%d, Retry-After %s: %s", w.Code, w.Header().Get("Retry-After"), w.Body)
	}
	if n := asked.Load() - before; n != 30*perTry || perTry < 1 {
		t.Errorf("it was asked %d times, %d a try", n, perTry)
	}
	if w := guess(f.visitor(homeAddr)); w.Code != http.StatusForbidden {
		t.Errorf("somebody else gets %d", w.Code)
	}
	f.visitor(awayAddr).gets("dev@example.com", goodPassword, isIn) // passwords are counted apart
}

// What a proxy says of its clients is not believed unless it is named, and the log says
// so once.
func TestUntrustedProxyIsToldOnce(t *testing.T) {
	for _, c := range []struct {
		name, trusted string
		header        http.Header
		words         string
	}{
		{"no proxy", "", http.Header{}, ""},
		{"not named", "", http.Header{"X-Forwarded-For": {"203.0.113.5"}}, "PROCYON_TRUSTED_PROXIES"},
		{"not named, another header", "10.0.0.0/8", http.Header{"Forwarded": {"for=203.0.113.5"}}, "PROCYON_TRUSTED_PROXIES"},
		{"named", "192.0.2.0/24", http.Header{"X-Forwarded-For": {"203.0.113.5"}}, ""},
		{"silent", "192.0.2.1", http.Header{}, "let it set the header X-Forwarded-For"},
		{"silent, another header", "192.0.2.1", http.Header{"Forwarded": {"for=203.0.113.5"}}, "let it set the header X-Forwarded-For"},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := newFront(t, func(cfg *Config) { cfg.Server.TrustedProxies = c.trusted })
			v := f.visitor(homeAddr)
			v.header = c.header
			for range 3 {
				v.gets("nobody@example.com", wrongPassword, isWrong)
			}
			said := f.log.String()
			if n := strings.Count(said, "level=WARN"); n != min(1, len(c.words)) || !strings.Contains(said, c.words) {
				t.Errorf("the log has %q", said)
			}
			if strings.Contains(said, "203.0.113.5") {
				t.Error("the log has what the client made up")
			}
		})
	}
}
