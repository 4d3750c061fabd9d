package app

import (
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"procyon/access"
	"procyon/auth"
)

// The journal is exported to whoever may read the API's field, in the server as it is wired:
// everybody else is told why, in the form of all refusals, and gets nothing.
func TestWhoseExports(t *testing.T) {
	cfg := Config{Store: StoreConfig{URL: "sqlite:" + filepath.Join(t.TempDir(), "procyon.db")}, Server: ServerConfig{Listen: "127.0.0.1:0"}, CheapHashes: true}
	g, err := Open(t.Context(), cfg, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = g.Close() }()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	callers := map[string]caller{"nobody": {}, "a token that is none": {token: "prc_nothing"}}
	must(g.Do(t.Context(), func() error {
		ctx, by := t.Context(), Operator()
		person := func(name string, admin bool) access.User {
			u, err := g.Access.CreateUser(ctx, by, access.NewUser{Email: name + "@example.com", Name: name, Admin: admin})
			must(err)
			return u
		}
		signedIn := func(u access.User) caller {
			in, err := g.Auth.SignInPerson(ctx, u.ID, time.Time{}, "")
			must(err)
			return caller{cookie: in.Token}
		}
		withToken := func(owner string, scopes ...string) caller {
			tok, err := g.Auth.CreateToken(ctx, by, auth.NewToken{OwnerID: owner, Name: "t", Scopes: scopes})
			must(err)
			return caller{token: tok.Secret}
		}
		ada, dev, bo := person("Ada", true), person("Dev", false), person("Bo", true)
		svc, err := g.Access.EnsureServiceAccount(ctx, by, "siem")
		must(err)
		callers["an administrator"], callers["a member"], callers["who was one"] = signedIn(ada), signedIn(dev), signedIn(bo)
		callers["an administrator's token"], callers["their token to read the journal"] = withToken(ada.ID, auth.ScopeAdmin), withToken(ada.ID, auth.ScopeJournalRead)
		callers["their token of another scope"], callers["a member's token"] = withToken(ada.ID, auth.ScopeEventsRead), withToken(dev.ID, auth.ScopeSelf)
		callers["a service"], callers["a service of another scope"] = withToken(svc.ID, auth.ScopeJournalRead), withToken(svc.ID, auth.ScopeEventsRead)
		callers["a token of who was one"] = withToken(bo.ID, auth.ScopeJournalRead)
		_, err = g.Access.SetAdmin(ctx, by, bo.ID, false)
		must(err)
		whoseExports(t, g, callers)
		return nil
	}))
}

// caller is who asks: by a token, by a session's cookie, or by neither.
type caller struct{ token, cookie string }

func whoseExports(t *testing.T, g *App, callers map[string]caller) {
	t.Helper()
	get := func(c caller, method, query string) *httptest.ResponseRecorder {
		r := httptest.NewRequestWithContext(t.Context(), method, g.PublicURL()+"/export/journal"+query, http.NoBody)
		if c.token != "" {
			r.Header.Set("Authorization", "Bearer "+c.token)
		}
		if c.cookie != "" {
			r.AddCookie(&http.Cookie{Name: g.Auth.CookieName(), Value: c.cookie})
		}
		w := httptest.NewRecorder()
		g.mux.ServeHTTP(w, r)
		return w
	}
	for name, code := range map[string]string{
		"an administrator": "", "an administrator's token": "", "their token to read the journal": "", "a service": "",
		"nobody": "UNAUTHENTICATED", "a token that is none": "UNAUTHENTICATED",
		"a member": "FORBIDDEN", "a member's token": "FORBIDDEN", "who was one": "FORBIDDEN", "a token of who was one": "FORBIDDEN",
		"their token of another scope": "FORBIDDEN", "a service of another scope": "FORBIDDEN",
	} {
		for _, method := range []string{http.MethodGet, http.MethodHead} {
			w := get(callers[name], method, "")
			status := map[string]int{"": http.StatusOK, "UNAUTHENTICATED": http.StatusUnauthorized, "FORBIDDEN": http.StatusForbidden}[code]
			if w.Code != status || code != "" && w.Header().Get("Content-Disposition") != "" {
				t.Errorf("%s, %s: %d %v", name, method, w.Code, w.Header())
			}
			if method == http.MethodHead {
				continue
			}
			if code == "" {
				if n := strings.Count(w.Body.String(), "\n"); n < 5 || !strings.HasPrefix(w.Result().Trailer.Get("Procyon-Export"), "complete; ") {
					t.Errorf("%s: %d entries, %v", name, n, w.Result().Trailer)
				}
				continue
			}
			var said struct {
				Errors []struct {
					Message    string
					Extensions struct{ Code string }
				}
			}
			if err := json.Unmarshal(w.Body.Bytes(), &said); err != nil || len(said.Errors) != 1 || said.Errors[0].Extensions.Code != code || said.Errors[0].Message == "" {
				t.Errorf("%s: %s %v", name, w.Body, err)
			}
		}
	}
	admin := callers["an administrator"]
	for query, want := range map[string]struct{ media, body string }{
		"?types=NONE":                    {"application/jsonl; charset=utf-8", ""},
		"?types=NONE&format=csv":         {"text/csv; charset=utf-8; header=present", "seq,cursor,at,"},
		"?types=NONE&format=cloudevents": {"application/cloudevents-batch+json; charset=utf-8", "[\n]\n"},
	} {
		w := get(admin, http.MethodGet, query)
		if w.Code != http.StatusOK || w.Header().Get("Content-Type") != want.media || !strings.HasPrefix(w.Body.String(), want.body) || strings.Contains(w.Body.String(), "usr_") {
			t.Errorf("%s: %d %v %s", query, w.Code, w.Header(), w.Body)
		}
		if said := w.Result().Trailer.Get("Procyon-Export"); !strings.HasPrefix(said, "complete; entries=0; ") {
			t.Errorf("%s: it says %q of itself", query, said)
		}
	}
	for query, status := range map[string]int{"?format=xml": http.StatusBadRequest, "?kinds=PERSON": http.StatusBadRequest, "?after=j1.00000000": http.StatusConflict} {
		if w := get(admin, http.MethodGet, query); w.Code != status || !json.Valid(w.Body.Bytes()) {
			t.Errorf("%s: %d %s", query, w.Code, w.Body)
		}
	}
}
