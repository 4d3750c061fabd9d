package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"procyon/access"
	"procyon/auth"
	"procyon/directory/scim"
	"procyon/directory/scim/scimtest"
)

// directoryBed is a server in this process, with the token of a directory.
type directoryBed struct {
	*App
	t      *testing.T
	token  string
	admin  access.Actor
	others map[string]string // tokens that are not a directory's
	cookie string            // the session of an administrator
}

func newDirectoryBed(t *testing.T) *directoryBed {
	t.Helper()
	cfg := Config{Store: StoreConfig{URL: "sqlite:" + filepath.Join(t.TempDir(), "procyon.db")}, Server: ServerConfig{Listen: "127.0.0.1:0"}, CheapHashes: true}
	a, err := Open(t.Context(), cfg, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.WithoutCancel(t.Context()))
	ended := make(chan error, 1)
	go func() { ended <- a.Journal.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		<-ended
		_ = a.Close()
	})
	b := &directoryBed{App: a, t: t, others: map[string]string{}}
	by := Operator()
	ada, err := a.Access.CreateUser(ctx, by, access.NewUser{Email: "root@example.com", Name: "Root", Admin: true})
	b.must(err)
	b.admin = access.ActorOf(ada)
	in, err := a.Auth.SignInPerson(ctx, ada.ID, time.Time{}, "")
	b.must(err)
	b.cookie = in.Token
	issue := func(owner string, scopes ...string) string {
		tok, err := a.Auth.CreateToken(ctx, by, auth.NewToken{OwnerID: owner, Name: "t", Scopes: scopes})
		b.must(err)
		return tok.Secret
	}
	svc, err := a.Access.EnsureServiceAccount(ctx, by, "directory")
	b.must(err)
	b.token = issue(svc.ID, auth.ScopeSCIM)
	b.others["an administrator"] = issue(ada.ID, auth.ScopeAdmin)
	b.others["a service that manages"] = issue(svc.ID, auth.ScopeAdmin)
	return b
}

func (b *directoryBed) must(err error) {
	b.t.Helper()
	if err != nil {
		b.t.Fatal(err)
	}
}

// call asks the directory's endpoint something, and returns the answer.
func (b *directoryBed) call(method, path, body string, status int) map[string]any {
	b.t.Helper()
	r := httptest.NewRequest(method, scimPath+path, strings.NewReader(body))
	r.Header.Set("Authorization", "Bearer "+b.token)
	if body != "" {
		r.Header.Set("Content-Type", "application/scim+json")
	}
	w := httptest.NewRecorder()
	b.Handler().ServeHTTP(w, r)
	text, _ := io.ReadAll(w.Result().Body)
	if w.Code != status {
		b.t.Fatalf("%s %s: %d %s, want %d", method, path, w.Code, text, status)
	}
	out := map[string]any{}
	if len(text) > 0 {
		b.must(json.Unmarshal(text, &out))
	}
	return out
}

// What identity providers are documented to call does on the real domain and store what it
// does on the protocol's own.
func TestDirectoriesThatAreDocumented(t *testing.T) {
	for _, name := range scimtest.Transcripts() {
		t.Run(name, func(t *testing.T) {
			b := newDirectoryBed(t)
			scimtest.Play(t, b.Handler(), name, func(r *http.Request) {
				r.URL.Path = scimPath + r.URL.Path
				r.Header.Set("Authorization", "Bearer "+b.token)
			})
		})
	}
}

// Only a service with a token of the scope scim is a directory.
func TestWhoIsADirectory(t *testing.T) {
	b := newDirectoryBed(t)
	b.others["nobody"], b.others["a made-up token"] = "", "prc_nothing"
	for name, token := range b.others {
		for _, method := range []string{http.MethodGet, http.MethodPost} {
			r := httptest.NewRequest(method, scimPath+"/Users", strings.NewReader("{}"))
			want := http.StatusForbidden
			if token != "" {
				r.Header.Set("Authorization", "Bearer "+token)
			}
			if !strings.HasPrefix(name, "a") || strings.Contains(name, "made-up") {
				want = http.StatusUnauthorized
			}
			w := httptest.NewRecorder()
			b.Handler().ServeHTTP(w, r)
			if w.Code != want || w.Header().Get("Content-Type") != "application/scim+json" || !strings.Contains(w.Body.String(), `"status":"`+fmt.Sprint(want)+`"`) {
				t.Errorf("%s %s: %d %s", name, method, w.Code, w.Body)
			}
		}
	}
	r := httptest.NewRequest(http.MethodPost, scimPath+"/Users", strings.NewReader("{}"))
	r.AddCookie(&http.Cookie{Name: b.Auth.CookieName(), Value: b.cookie})
	w := httptest.NewRecorder()
	b.Handler().ServeHTTP(w, r)
	if w.Code != http.StatusForbidden && w.Code != http.StatusUnauthorized {
		t.Errorf("a session: %d %s", w.Code, w.Body)
	}
	// The scope opens nothing else.
	r = httptest.NewRequest(http.MethodPost, "/graphql", strings.NewReader(`{"query":"{ users { nodes { id } } }"}`))
	r.Header.Set("Authorization", "Bearer "+b.token)
	r.Header.Set("Content-Type", "application/json")
	w = httptest.NewRecorder()
	b.Handler().ServeHTTP(w, r)
	if !strings.Contains(w.Body.String(), "FORBIDDEN") {
		t.Errorf("the API for a directory: %s", w.Body)
	}
}

// A directory that has too much under way is told so in its protocol's form, and when to come
// again.
func TestADirectoryThatHasTooMuchUnderWay(t *testing.T) {
	b := newDirectoryBed(t)
	svc, err := b.Access.EnsureServiceAccount(t.Context(), Operator(), "directory")
	b.must(err)
	give, err := b.guards.active.Take(svc.ID, activeRequests)
	b.must(err)
	defer give()
	r := httptest.NewRequest(http.MethodGet, scimPath+"/Users", nil)
	r.Header.Set("Authorization", "Bearer "+b.token)
	w := httptest.NewRecorder()
	b.Handler().ServeHTTP(w, r)
	if h := w.Header(); w.Code != http.StatusTooManyRequests || h.Get("Retry-After") == "" || h.Get("Content-Type") != "application/scim+json" || !strings.Contains(w.Body.String(), `"status":"429"`) {
		t.Errorf("%d %v %s", w.Code, w.Header(), w.Body)
	}
}

// A call that was let in changes nothing once its token is over.
func TestADirectoryWhoseTokenEndsWithinACall(t *testing.T) {
	b := newDirectoryBed(t)
	r := httptest.NewRequest(http.MethodPost, scimPath+"/Groups", nil)
	r.Header.Set("Authorization", "Bearer "+b.token)
	ctx, err := b.Auth.Authenticate(t.Context(), r)
	b.must(err)
	if _, err := b.directory.CreateGroup(ctx, scim.Group{DisplayName: "Before"}, nil); err != nil {
		t.Fatal(err)
	}
	b.must(b.Auth.RevokeToken(t.Context(), Operator(), auth.From(ctx).TokenID))
	var refused *scim.Error
	if _, err := b.directory.CreateGroup(ctx, scim.Group{DisplayName: "After"}, nil); !errors.As(err, &refused) || refused.Status != http.StatusForbidden {
		t.Errorf("%v", err)
	}
}

const newPerson = `{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":%q,"displayName":"Somebody","active":true}`

// What is deactivated has lost its sessions, tokens and requests when the call is answered,
// and what was refused is remembered.
func TestDirectoryDeactivates(t *testing.T) {
	b := newDirectoryBed(t)
	ctx := t.Context()
	u := b.call("POST", "/Users", fmt.Sprintf(newPerson, "lena@example.com"), 201)
	id, _ := u["id"].(string)
	in, err := b.Auth.SignInPerson(ctx, id, time.Time{}, "")
	b.must(err)
	server, err := b.Access.CreateResource(ctx, b.admin, access.NewResource{Name: "host", Kind: access.ResourcePrivateServer})
	b.must(err)
	lena, err := b.Access.User(ctx, id)
	b.must(err)
	ask, err := b.Access.CreateRequest(ctx, access.ActorOf(lena), access.NewRequest{Items: []access.ItemRef{{ResourceID: server.ID}}, Duration: 3600, Reason: "why"})
	b.must(err)
	b.call("PATCH", "/Users/"+id, `{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[{"op":"Replace","path":"active","value":"False"}]}`, 200)
	if ask, err = b.Access.Request(ctx, ask.ID); err != nil || ask.Open() {
		t.Errorf("%+v, %v", ask.Status, err)
	}
	r := httptest.NewRequest(http.MethodGet, "/", nil)
	r.AddCookie(&http.Cookie{Name: b.Auth.CookieName(), Value: in.Token})
	if ctx, err := b.Auth.Authenticate(ctx, r); err == nil && auth.From(ctx) != nil {
		t.Error("their session is good")
	}
	for range 2 {
		b.call("POST", "/Users", fmt.Sprintf(newPerson, "root@example.com"), 409)
	}
	b.call("PATCH", "/Users/"+b.admin.ID, `{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[{"op":"replace","value":{"active":false}}]}`, 404)
	st, err := b.directory.State(ctx)
	b.must(err)
	if len(st.Refused) != 2 || st.Refused[1].Count != 2 || !strings.Contains(st.Refused[1].Detail, "administrator") || st.LastCallAt.IsZero() || st.LastChangeAt.IsZero() {
		t.Errorf("%+v", st)
	}
}

// People and groups are found by what identity providers ask.
func TestDirectoryFinds(t *testing.T) {
	b := newDirectoryBed(t)
	var ids []string
	for i := range 5 {
		u := b.call("POST", "/Users", fmt.Sprintf(newPerson, fmt.Sprintf("p%d@example.com", i)), 201)
		ids = append(ids, u["id"].(string))
	}
	g := b.call("POST", "/Groups", fmt.Sprintf(`{"schemas":["urn:ietf:params:scim:schemas:core:2.0:Group"],"displayName":"Ops","members":[{"value":%q},{"value":%q}]}`, ids[0], ids[3]), 201)
	group, _ := g["id"].(string)
	for filter, want := range map[string]int{
		`userName eq "P1@example.com"`: 1, `userName co "example"`: 5, `groups.value eq "` + group + `"`: 2, `id eq "` + ids[2] + `"`: 1,
		`groups.display eq "OPS"`: 2, `groups[display sw "O"] and userName sw "p3"`: 1, `not (groups.display pr)`: 3,
		`userName eq "root@example.com"`: 0, `active eq false`: 0, `id eq "` + b.admin.ID + `"`: 0,
	} {
		got := b.call("GET", "/Users?filter="+url.QueryEscape(filter), "", 200)
		if fmt.Sprint(got["totalResults"]) != fmt.Sprint(want) {
			t.Errorf("%s finds %v", filter, got)
		}
	}
	for filter, want := range map[string]int{`displayName eq "ops"`: 1, `members.value eq "` + ids[3] + `"`: 1, `members.value eq "` + ids[1] + `"`: 0} {
		got := b.call("GET", "/Groups?filter="+url.QueryEscape(filter), "", 200)
		if fmt.Sprint(got["totalResults"]) != fmt.Sprint(want) {
			t.Errorf("%s finds %v", filter, got)
		}
	}
	// The pages of a list have who still matches.
	b.call("GET", "/Users?count=1&filter="+url.QueryEscape(`groups.value eq "`+group+`"`), "", 200)
	b.call("PATCH", "/Groups/"+group, `{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[{"op":"remove","path":"members[value eq \"`+ids[3]+`\"]"}]}`, 204)
	if page := b.call("GET", "/Users?startIndex=2&count=1&filter="+url.QueryEscape(`groups.value eq "`+group+`"`), "", 200); len(page["Resources"].([]any)) != 0 {
		t.Errorf("who left the group is on its next page: %v", page)
	}
	page := b.call("GET", "/Users?startIndex=4&count=2", "", 200)
	if list, _ := page["Resources"].([]any); len(list) != 2 || fmt.Sprint(page["totalResults"]) != "5" {
		t.Errorf("%v", page)
	}
	// The pages of a list are those of when it was begun.
	b.call("GET", "/Users?startIndex=1&count=2", "", 200)
	b.call("POST", "/Users", fmt.Sprintf(newPerson, "late@example.com"), 201)
	for path, want := range map[string]string{"/Users?startIndex=3&count=2": "5", "/Users?startIndex=3&count=2&filter=" + url.QueryEscape(`userName pr`): "6"} {
		if page := b.call("GET", path, "", 200); fmt.Sprint(page["totalResults"]) != want {
			t.Errorf("%s: %v", path, page)
		}
	}
	if page := b.call("GET", "/Users?startIndex=1&count=2", "", 200); fmt.Sprint(page["totalResults"]) != "6" {
		t.Errorf("a new list: %v", page)
	}
}
