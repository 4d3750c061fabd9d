package app

import (
	"bytes"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"procyon/access"
)

// Introspection is for those who are signed in; nobody else fills the log with it.
func TestIntrospection(t *testing.T) {
	var log bytes.Buffer
	cfg := Config{Store: StoreConfig{URL: "sqlite:" + filepath.Join(t.TempDir(), "procyon.db")}, Server: ServerConfig{Listen: "127.0.0.1:0"}}
	g, err := Open(t.Context(), cfg, slog.New(slog.NewTextHandler(&log, nil)))
	if err != nil {
		t.Fatal(err)
	}
	stop := runCore(t, g.Core)
	if _, err := g.Access.CreateUser(t.Context(), Operator(), access.NewUser{Email: "dev@example.com", Name: "Dev"}); err != nil {
		t.Fatal(err)
	}
	token, _, err := g.Auth.CreatePersonalToken(t.Context(), Operator(), "dev@example.com", "test", nil, time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	for _, query := range []string{`{ __schema { queryType { name } } }`, `{ s: __schema { queryType { name } } }`, `{ __type(name: \"Query\") { name } }`} {
		ask := func(token string) string {
			r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/graphql", strings.NewReader(`{"query": "`+query+`"}`))
			r.Header.Set("Content-Type", "application/json")
			if token != "" {
				r.Header.Set("Authorization", "Bearer "+token)
			}
			w := httptest.NewRecorder()
			g.mux.ServeHTTP(w, r)
			return w.Body.String()
		}
		if answer := ask(""); !strings.Contains(answer, `"code":"UNAUTHENTICATED"`) || strings.Contains(answer, `"name"`) {
			t.Errorf("%s: a stranger gets %s", query, answer)
		}
		if answer := ask(token); strings.Contains(answer, "errors") || !strings.Contains(answer, `"name":"Query"`) {
			t.Errorf("%s: who is signed in gets %s", query, answer)
		}
	}
	stop()
	if err := g.Close(); err != nil {
		t.Error(err)
	}
	if log.Len() > 0 {
		t.Errorf("the log has %s", &log)
	}
}

// What is wrong in an operation names types and fields of the schema, so those who are not
// signed in are not told.
func TestStrangersLearnNothingOfTheSchema(t *testing.T) {
	cfg := Config{Store: StoreConfig{URL: "sqlite:" + filepath.Join(t.TempDir(), "procyon.db")}, Server: ServerConfig{Listen: "127.0.0.1:0"}}
	g, err := Open(t.Context(), cfg, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	for name, body := range map[string]string{
		"a field that is not there":    `{"query": "{ user { id } }"}`,
		"an inner one":                 `{"query": "{ users { nodes { emial } } }"}`,
		"of the one that is open":      `{"query": "{ viewer { nam } }"}`,
		"an argument":                  `{"query": "{ users(frist: 1) { nodes { id } } }"}`,
		"an argument that is missing":  `{"query": "{ node { id } }"}`,
		"a type":                       `{"query": "query($v: AccessRequestFiltre) { accessRequests(filter: $v) { nodes { id } } }"}`,
		"a fragment's type":            `{"query": "{ node(id: 1) { ... on Usr { id } } }"}`,
		"an enum":                      `{"query": "{ accessRequests(filter: {status: PENDNG}) { nodes { id } } }"}`,
		"an enum in a variable":        `{"query": "query($v: [AccessRequestStatus!]) { accessRequests(filter: {status: $v}) { nodes { id } } }", "variables": {"v": ["PENDNG"]}}`,
		"an input's field":             `{"query": "mutation($v: CreateAccessRequestInput!) { createAccessRequest(input: $v) { accessRequest { id } } }", "variables": {"v": {}}}`,
		"a scalar":                     `{"query": "mutation { createAccessRequest(input: {items: [], reason: \"x\", duration: \"long\"}) { accessRequest { id } } }"}`,
		"leaves":                       `{"query": "{ users }"}`,
		"an operation that is missing": `{"query": "query a { viewer { name } }", "operationName": "b"}`,
		"a long document":              `{"query": "{ ` + strings.Repeat("viewer { name } ", 300) + `}"}`,
	} {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/graphql", strings.NewReader(body))
		r.Header.Set("Content-Type", "application/json")
		w := httptest.NewRecorder()
		g.mux.ServeHTTP(w, r)
		answer := w.Body.String()
		if !strings.HasPrefix(answer, `{"errors":[{"message":"Sign in, or send a token."`) || strings.Contains(answer, "locations") {
			t.Errorf("%s: a stranger gets %s", name, answer)
		}
	}
	if err := g.Close(); err != nil {
		t.Error(err)
	}
}
