package app

import (
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"procyon/access"
	"procyon/auth"
	"procyon/catalogfile"
	"procyon/catalogimport"
)

// A file is taken of administrators alone, of those media types alone that no form sends,
// within bounds; and of a browser only from the console's own pages.
func TestWhoseFilesAreChecked(t *testing.T) {
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
	var cookie, admin, events, member, service string
	must(g.Do(t.Context(), func() error {
		by := Operator()
		ctx := t.Context()
		ada, err := g.Access.CreateUser(ctx, by, access.NewUser{Email: "ada@example.com", Name: "Ada", Admin: true})
		must(err)
		dev, err := g.Access.CreateUser(ctx, by, access.NewUser{Email: "dev@example.com", Name: "Dev"})
		must(err)
		in, err := g.Auth.SignInPerson(ctx, ada.ID, time.Time{}, "")
		must(err)
		cookie = in.Token
		issue := func(owner string, scopes ...string) string {
			tok, err := g.Auth.CreateToken(ctx, by, auth.NewToken{OwnerID: owner, Name: "t", Scopes: scopes})
			must(err)
			return tok.Secret
		}
		admin, events, member = issue(ada.ID, auth.ScopeAdmin), issue(ada.ID, auth.ScopeEventsRead), issue(dev.ID, auth.ScopeSelf)
		svc, err := g.Access.EnsureServiceAccount(ctx, by, "importer")
		must(err)
		service = issue(svc.ID, auth.ScopeAdmin)
		return nil
	}))
	const rows = "type,name\ngateway,Berlin\n"
	for name, c := range map[string]struct {
		token, cookie, origin, media string
		body                         io.Reader
		status                       int
		says                         string
	}{
		"a token of an administrator": {token: admin, media: "text/csv; charset=utf-8", status: 200, says: "imp_"},
		"a service":                   {token: service, media: "text/csv", status: 200, says: "imp_"},
		"the console":                 {cookie: cookie, origin: "http://127.0.0.1", media: "text/csv", status: 200, says: "imp_"},
		"JSON":                        {token: admin, media: "application/json", body: strings.NewReader(`[{"type":"gateway","name":"Berlin"}]`), status: 200, says: "imp_"},
		"another site":                {cookie: cookie, origin: "https://evil.example", media: "text/csv", status: 403, says: "FORBIDDEN"},
		"nobody":                      {media: "text/csv", status: 401, says: "UNAUTHENTICATED"},
		"a member":                    {token: member, media: "text/csv", status: 403, says: "FORBIDDEN"},
		"another scope":               {token: events, media: "text/csv", status: 403, says: "FORBIDDEN"},
		"no such token":               {token: "prc_nothing", media: "text/csv", status: 401, says: "UNAUTHENTICATED"},
		"a form":                      {token: admin, media: "multipart/form-data; boundary=x", status: 415, says: "text/csv"},
		"plain text":                  {token: admin, media: "text/plain", status: 415, says: "text/csv"},
		"what is no file":             {token: admin, media: "text/csv", body: strings.NewReader("\xff\xfea\x00"), status: 422, says: "UTF-16"},
		"too long":                    {token: admin, media: "text/csv", body: io.MultiReader(strings.NewReader("type,name\n"), io.LimitReader(repeat("gateway,"+strings.Repeat("x", 992)+"\n"), catalogfile.MaxBytes)), status: 413, says: "16 MiB"},
		"too long, and says so":       {token: admin, media: "text/csv", body: strings.NewReader(strings.Repeat("x", catalogfile.MaxBytes+1)), status: 413, says: "longer"},
		"a stranger's long one":       {media: "text/csv", body: strings.NewReader(strings.Repeat("x", 1<<20)), status: 413, says: "signed in"},
	} {
		if c.body == nil {
			c.body = strings.NewReader(rows)
		}
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, g.PublicURL()+"/import/catalog?name=rows.csv", c.body)
		r.Header.Set("Content-Type", c.media)
		if c.token != "" {
			r.Header.Set("Authorization", "Bearer "+c.token)
		}
		if c.cookie != "" {
			r.AddCookie(&http.Cookie{Name: g.Auth.CookieName(), Value: c.cookie})
			if c.origin == "http://127.0.0.1" {
				c.origin = g.PublicURL()
			}
			r.Header.Set("Origin", c.origin)
		}
		w := httptest.NewRecorder()
		g.mux.ServeHTTP(w, r)
		if w.Code != c.status || !strings.Contains(w.Body.String(), c.says) {
			t.Errorf("%s: %d %s", name, w.Code, w.Body)
			continue
		}
		if w.Code != http.StatusOK {
			continue
		}
		var out struct{ ImportID string }
		must(json.Unmarshal(w.Body.Bytes(), &out))
		st, err := g.Imports.Get(t.Context(), out.ImportID)
		if err != nil || st.FileName != "rows.csv" || st.Counts != (catalogimport.Counts{New: 1}) {
			t.Errorf("%s: %+v %v", name, st, err)
		}
	}
}

// repeat reads a text again and again.
type repeat string

func (r repeat) Read(p []byte) (int, error) {
	n := 0
	for n < len(p) {
		n += copy(p[n:], r)
	}
	return n, nil
}
