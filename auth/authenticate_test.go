package auth

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"testing"

	"procyon/access"
)

func TestBearerComesBeforeCookie(t *testing.T) {
	w := newWorld(t)
	v := w.signIn(w.dev)
	secret, _ := w.personal(adaEmail)
	r := w.post("Cookie", w.cookie(v), "Authorization", "bearer  "+secret)
	if p := w.who(r); p == nil || p.Actor.ID != w.ada.ID || p.SessionID != "" {
		t.Errorf("got %+v", p)
	}
	// A bad token is not made good by a cookie.
	_, err := w.Authenticate(t.Context(), w.post("Cookie", w.cookie(v), "Authorization", "Bearer x"))
	w.wants(err, ErrUnauthenticated)
}

func TestNobody(t *testing.T) {
	w := newWorld(t)
	for _, headers := range [][]string{
		{}, {"Cookie", "procyon_session="}, {"Cookie", "procyon_session=x"},
		{"Cookie", w.CookieName() + "=" + strings.Repeat("A", 43)}, {"Cookie", "other=1"},
	} {
		if p := w.who(w.post(headers...)); p != nil {
			t.Errorf("%q: got %+v", headers, p)
		}
	}
}

func TestBadTokens(t *testing.T) {
	w := newWorld(t)
	secret, id := w.service(ScopeAdmin)
	cookie := w.cookie(w.signIn(w.dev))
	for _, value := range []string{
		"", " ", "Basic YTpi", "Digest username=\"x\"", secret, "Token " + secret, "Bearer:" + secret, "Bearer\t" + secret, "Bearer " + secret + ", Basic YTpi", "Basic YTpi, Bearer " + secret,
		"Bearer", "Bearer ", "Bearer x", "Bearer pcn_", "Bearer pcn_" + strings.Repeat("A", 43), "Bearer " + secret + "A",
		"Bearer " + secret[:46], "Bearer " + strings.ToUpper(secret), "Bearer " + secret + " x", "Bearer " + id, "Bearer " + strings.Repeat("x", 1<<16),
	} {
		_, err := w.Authenticate(t.Context(), w.post("Authorization", value))
		if !errors.Is(err, ErrUnauthenticated) {
			t.Errorf("%.60q: %v", value, err)
		}
		if _, err := w.Authenticate(t.Context(), w.post("Authorization", value, "Cookie", cookie)); !errors.Is(err, ErrUnauthenticated) {
			t.Errorf("%.60q beside a cookie: %v", value, err)
		}
		if err != nil && strings.Contains(err.Error(), "pcn_") {
			t.Errorf("the error tells the token: %v", err)
		}
	}
	_, err := w.Authenticate(t.Context(), w.post("Authorization", "Bearer "+secret, "Authorization", "Bearer "+secret))
	w.wants(err, ErrUnauthenticated)
}

func TestOtherSitesCannotUseTheCookie(t *testing.T) {
	public, err := url.Parse("https://public.example:8443/console")
	if err != nil {
		t.Fatal(err)
	}
	w := newWorld(t, func(o *Options) { o.PublicURL = public })
	cookie := w.cookie(w.signIn(w.dev))
	token, _ := w.personal(devEmail)
	for _, c := range []struct {
		name    string
		method  string
		headers []string
		refused bool
	}{
		{"same origin", "POST", []string{"Sec-Fetch-Site", "same-origin"}, false},
		{"typed by the person", "POST", []string{"Sec-Fetch-Site", "none"}, false},
		{"another site", "POST", []string{"Sec-Fetch-Site", "cross-site"}, true},
		{"another host of the site", "POST", []string{"Sec-Fetch-Site", "same-site", "Origin", "http://other.procyon.example"}, true},
		{"own origin", "POST", []string{"Origin", "http://procyon.example"}, false},
		{"another origin", "POST", []string{"Origin", "https://evil.example"}, true},
		{"no origin at all", "POST", []string{"Origin", "null"}, true},
		{"public origin", "POST", []string{"Origin", "https://public.example:8443", "Sec-Fetch-Site", "cross-site"}, false},
		{"not a browser", "POST", nil, false},
		{"a reading link", "GET", []string{"Sec-Fetch-Site", "cross-site"}, false},
		{"a WebSocket of another site", "GET", []string{"Upgrade", "websocket", "Origin", "https://evil.example"}, true},
		{"a WebSocket of ours", "GET", []string{"Upgrade", "websocket", "Origin", "http://procyon.example"}, false},
	} {
		r := w.post(append(c.headers, "Cookie", cookie)...)
		r.Method = c.method
		ctx, err := w.Authenticate(t.Context(), r)
		if c.refused != errors.Is(err, ErrForbidden) || c.refused != (From(ctx) == nil) || !c.refused && err != nil {
			t.Errorf("%s: %v, %+v", c.name, err, From(ctx))
		}
		// A token is not sent by browsers on their own.
		r = w.post(append(c.headers, "Authorization", "Bearer "+token)...)
		r.Method = c.method
		if p := w.who(r); p == nil {
			t.Errorf("%s: the token was refused", c.name)
		}
		// Without a session nobody is endangered.
		r = w.post(append(c.headers, "Cookie", w.CookieName()+"=over")...)
		r.Method = c.method
		if _, err := w.Authenticate(t.Context(), r); err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

func TestActingForAPerson(t *testing.T) {
	w := newWorld(t)
	secret, id := w.service(ScopeSlackAct, ScopeEventsRead)
	for name, ctx := range map[string]context.Context{
		"header": w.as(secret, ActForHeader, w.ada.ID),
		"init":   w.init(t, t.Context(), map[string]any{"token": secret, "actFor": w.ada.ID}),
		"both":   w.init(t, w.as(secret), map[string]any{"actFor": w.ada.ID}),
	} {
		p := From(ctx)
		a := p.Actor
		if a.Kind != access.ActorUser || a.ID != w.ada.ID || a.Email != adaEmail || !a.Admin || a.Via != "slack" || a.ByID != "svc_worker" || a.ByName != "worker" || len(a.Scopes) != 2 || p.TokenID != id {
			t.Errorf("%s: got %+v", name, p)
		}
	}
	if p := From(w.as(secret)); p.Actor.Kind != access.ActorService || p.Actor.ByID != "" {
		t.Errorf("for nobody: got %+v", p)
	}
}

func (w *world) init(t *testing.T, ctx context.Context, payload map[string]any) context.Context { //nolint:revive // t is first in tests
	t.Helper()
	ctx, err := w.AuthenticateInit(ctx, payload)
	w.must(err)
	return ctx
}

func TestActingIsRefused(t *testing.T) {
	w := newWorld(t)
	gone := access.User{ID: "usr_gone", Email: "gone@example.com", Disabled: true}
	w.dir.set(gone)
	slack, _ := w.service(ScopeSlackAct)
	admin, _ := w.service(ScopeAdmin)
	person, _ := w.personal(adaEmail)
	cookie := w.cookie(w.signIn(w.ada))
	for name, headers := range map[string][]string{
		"without the scope": {"Authorization", "Bearer " + admin, ActForHeader, w.dev.ID},
		"by a person":       {"Authorization", "Bearer " + person, ActForHeader, w.dev.ID},
		"in a session":      {"Cookie", cookie, ActForHeader, w.dev.ID},
		"by nobody":         {ActForHeader, w.dev.ID},
		"for nobody":        {"Authorization", "Bearer " + slack, ActForHeader, ""},
		"for the unknown":   {"Authorization", "Bearer " + slack, ActForHeader, "usr_x"},
		"for the disabled":  {"Authorization", "Bearer " + slack, ActForHeader, gone.ID},
		"for a service":     {"Authorization", "Bearer " + slack, ActForHeader, "svc_worker"},
		"for two":           {"Authorization", "Bearer " + slack, ActForHeader, w.dev.ID, ActForHeader, w.ada.ID},
	} {
		ctx, err := w.Authenticate(t.Context(), w.post(headers...))
		if !errors.Is(err, ErrForbidden) || From(ctx) != nil {
			t.Errorf("%s: %v, %+v", name, err, From(ctx))
		}
	}
	acting := w.as(slack, ActForHeader, w.dev.ID)
	for name, c := range map[string]struct {
		ctx    context.Context
		actFor any
	}{
		"no text": {w.as(slack), 1.5}, "by nobody": {t.Context(), w.dev.ID}, "without the scope": {w.as(admin), w.dev.ID},
		"from one to another": {acting, w.ada.ID}, "for nobody": {w.as(slack), ""},
	} {
		if _, err := w.AuthenticateInit(c.ctx, map[string]any{"actFor": c.actFor}); !errors.Is(err, ErrForbidden) {
			t.Errorf("init, %s: %v", name, err)
		}
	}
}

// refuse answers as whoever serves the API would, in plain text.
func refuse(w http.ResponseWriter, _ *http.Request, err error) {
	f := RefusalOf(err)
	w.WriteHeader(f.Status)
	_, _ = w.Write([]byte(f.Code + " " + f.Message))
}

func TestMiddleware(t *testing.T) {
	w := newWorld(t)
	secret, _ := w.personal(devEmail)
	live, over := w.cookie(w.signIn(w.dev)), w.signIn(w.dev)
	w.must(w.SignOut(t.Context(), over.Token))
	h := w.Middleware(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		id := "nobody"
		if p := From(r.Context()); p != nil {
			id = p.Actor.ID
		}
		rw.Write([]byte(id))
	}), refuse)
	for _, c := range []struct {
		name    string
		headers []string
		status  int
		body    string
		clears  bool
	}{
		{"nobody", nil, 200, "nobody", false},
		{"token", []string{"Authorization", "Bearer " + secret}, 200, w.dev.ID, false},
		{"session", []string{"Cookie", live}, 200, w.dev.ID, false},
		{"session that is over", []string{"Cookie", w.cookie(over)}, 200, "nobody", true},
		{"nonsense in the cookie", []string{"Cookie", "procyon_session=x"}, 200, "nobody", true},
		{"bad token", []string{"Authorization", "Bearer x"}, 401,
			"UNAUTHENTICATED the token is wrong, has expired or was revoked", false},
		{"another scheme", []string{"Authorization", "Basic YTpi", "Cookie", live}, 401,
			"UNAUTHENTICATED The Authorization header must be Bearer and a token, and nothing else; leave it out to use a session or none.", false},
		{"another site", []string{"Cookie", live, "Sec-Fetch-Site", "cross-site"}, 403,
			"FORBIDDEN This request comes from another site; send a token instead of the cookie.", false},
	} {
		rec := httptest.NewRecorder()
		h.ServeHTTP(rec, w.post(c.headers...))
		cleared := len(rec.Result().Cookies()) == 1 && rec.Result().Cookies()[0].MaxAge < 0
		if rec.Code != c.status || rec.Body.String() != c.body || cleared != c.clears {
			t.Errorf("%s: %d %s, cleared %v", c.name, rec.Code, rec.Body, cleared)
		}
	}
	w.store.fail = errors.New("secret detail")
	rec := httptest.NewRecorder()
	h.ServeHTTP(rec, w.post("Cookie", live))
	if rec.Code != 503 || !strings.HasPrefix(rec.Body.String(), "UNAVAILABLE ") || strings.Contains(rec.Body.String(), "detail") || len(rec.Result().Cookies()) != 0 {
		t.Errorf("a failing store: %d %s", rec.Code, rec.Body)
	}
}

// No header makes somebody of nobody, and none panics.
func FuzzAuthenticate(f *testing.F) {
	f.Add("Bearer pcn_"+strings.Repeat("A", 43), "procyon_session="+strings.Repeat("A", 43), "usr_dev", "https://evil.example")
	f.Add("Bearer", "procyon_session=\"", "", "null")
	f.Add("", "a=b; procyon_session=x; procyon_session=y", "svc_x", "")
	f.Fuzz(func(t *testing.T, authorization, cookie, actFor, origin string) {
		w := newWorld(t)
		r := w.post()
		r.Header = http.Header{"Authorization": {authorization}, "Cookie": {cookie}, ActForHeader: {actFor}, "Origin": {origin}}
		ctx, err := w.Authenticate(t.Context(), r)
		if From(ctx) != nil {
			t.Fatalf("%q, %q: %+v", authorization, cookie, From(ctx))
		}
		if err != nil && !errors.Is(err, ErrUnauthenticated) && !errors.Is(err, ErrForbidden) {
			t.Fatal(err)
		}
		if secret, ok := parseBearer(authorization); ok && strings.ContainsAny(secret, " ") && isToken(secret) {
			t.Fatalf("%q is a token", secret)
		}
		if token := w.CookieToken(r); token != "" && !isSecret(token) {
			t.Fatalf("%q is a session's token", token)
		}
	})
}

func FuzzIsToken(f *testing.F) {
	f.Add("pcn_" + strings.Repeat("A", 43))
	f.Add("pcn_" + strings.Repeat("A", 42) + "\n")
	f.Fuzz(func(t *testing.T, s string) {
		if isToken(s) && (len(s) != 47 || strings.Trim(s[4:], "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_") != "") {
			t.Fatalf("%q is taken for a token", s)
		}
	})
}

// onRead is a body that does something when it is read.
type onRead struct {
	do   func()
	body io.Reader
}

func (b *onRead) Read(p []byte) (int, error) {
	if b.do != nil {
		b.do()
		b.do = nil
	}
	return b.body.Read(p)
}

// A call is made when it is complete: who lost their rights while it was held open is
// refused, and the handler gets the whole body of everybody else.
func TestAHeldCallIsJudgedWhenComplete(t *testing.T) {
	w := newWorld(t)
	secret, _ := w.personal(devEmail)
	for name, tc := range map[string]struct {
		do   func()
		want int
	}{
		"a good one": {nil, http.StatusOK},
		"one whose sender is disabled meanwhile": {func() {
			w.dir.set(access.User{ID: w.dev.ID, Email: devEmail, Disabled: true})
		}, http.StatusUnauthorized},
	} {
		w.dir.set(w.dev)
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/graphql", &onRead{do: tc.do, body: strings.NewReader(strings.Repeat("x", 3000))})
		r.Header.Set("Authorization", "Bearer "+secret)
		got := httptest.NewRecorder()
		w.Middleware(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			if body, err := io.ReadAll(r.Body); err != nil || len(body) != 3000 {
				t.Errorf("%s: %d bytes, %v", name, len(body), err)
			}
		}), refuse).ServeHTTP(got, r)
		if got.Code != tc.want {
			t.Errorf("%s: %d", name, got.Code)
		}
	}
	// One that is longer than any that is taken still says so, where it is read.
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/graphql", strings.NewReader(strings.Repeat("x", 2*maxHeld)))
	r.Header.Set("Authorization", "Bearer "+secret)
	w.dir.set(w.dev)
	w.Middleware(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		if body, err := io.ReadAll(r.Body); err != nil || len(body) != 2*maxHeld {
			t.Errorf("%d bytes, %v", len(body), err)
		}
	}), refuse).ServeHTTP(httptest.NewRecorder(), r)
}

// A long body is only read of somebody: of nobody, and of a token that is not good,
// nothing is read that says it is long, and of what doesn't say no more than is short.
func TestLongBodiesAreOfSomebody(t *testing.T) {
	w := newWorld(t)
	secret, _ := w.personal(devEmail)
	for name, tc := range map[string]struct {
		token  string
		length int
		says   bool // how long it is
		want   int
		most   int // of it that is read
	}{
		"nobody, short":           {"", MaxUnknown, true, http.StatusOK, MaxUnknown},
		"nobody, long":            {"", MaxUnknown + 1, true, http.StatusRequestEntityTooLarge, 0},
		"nobody, long and silent": {"", maxHeld, false, http.StatusRequestEntityTooLarge, MaxUnknown + 1},
		"a bad token":             {"pcn_bad", maxHeld, true, http.StatusUnauthorized, 0},
		"somebody, long":          {secret, maxHeld - 1, true, http.StatusOK, maxHeld - 1},
		"somebody, silent":        {secret, maxHeld - 1, false, http.StatusOK, maxHeld - 1},
	} {
		body := strings.NewReader(strings.Repeat("x", tc.length))
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/graphql", body)
		if r.ContentLength = -1; tc.says {
			r.ContentLength = int64(tc.length)
		}
		if tc.token != "" {
			r.Header.Set("Authorization", "Bearer "+tc.token)
		}
		got := httptest.NewRecorder()
		w.Middleware(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			if body, err := io.ReadAll(r.Body); err != nil || len(body) != tc.length {
				t.Errorf("%s: %d bytes, %v", name, len(body), err)
			}
		}), refuse).ServeHTTP(got, r)
		if read := tc.length - body.Len(); got.Code != tc.want || read > tc.most {
			t.Errorf("%s: %d after %d bytes, want %d after %d", name, got.Code, read, tc.want, tc.most)
		}
	}
}

// A long call, too, is judged when it is complete.
func TestALongHeldCallIsJudgedWhenComplete(t *testing.T) {
	w := newWorld(t)
	secret, _ := w.personal(devEmail)
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/graphql", &onRead{
		do:   func() { w.dir.set(access.User{ID: w.dev.ID, Email: devEmail, Disabled: true}) },
		body: strings.NewReader(strings.Repeat("x", 2*MaxUnknown)),
	})
	r.ContentLength = 2 * MaxUnknown
	r.Header.Set("Authorization", "Bearer "+secret)
	got := httptest.NewRecorder()
	w.Middleware(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("it is let in") }), refuse).ServeHTTP(got, r)
	if got.Code != http.StatusUnauthorized {
		t.Errorf("%d", got.Code)
	}
}

// What does not come to its end is no call, whatever its handler would make of it.
func TestHalfABody(t *testing.T) {
	w := newWorld(t)
	for err, want := range map[error]int{os.ErrDeadlineExceeded: http.StatusRequestTimeout, io.ErrUnexpectedEOF: http.StatusBadRequest, &http.MaxBytesError{Limit: 7}: http.StatusRequestEntityTooLarge} {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/graphql?query={x}", io.MultiReader(strings.NewReader("{"), failing{err}))
		got := httptest.NewRecorder()
		w.Middleware(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Errorf("%v: it is let in", err) }), refuse).ServeHTTP(got, r)
		if got.Code != want || got.Header().Get("Connection") != "close" {
			t.Errorf("%v: %d, want %d", err, got.Code, want)
		}
	}
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }
