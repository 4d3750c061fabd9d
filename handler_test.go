package main

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
	cfg := &config{store: "sqlite:" + filepath.Join(t.TempDir(), "procyon.db"), listen: "127.0.0.1:0"}
	if err := cfg.check(); err != nil {
		t.Fatal(err)
	}
	g, err := openGateway(t.Context(), cfg, slog.New(slog.NewTextHandler(&log, nil)))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := g.access.CreateUser(t.Context(), operator(), access.NewUser{Email: "dev@example.com", Name: "Dev"}); err != nil {
		t.Fatal(err)
	}
	token, _, err := g.auth.CreatePersonalToken(t.Context(), operator(), "dev@example.com", "test", nil, time.Hour)
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
			g.handler.ServeHTTP(w, r)
			return w.Body.String()
		}
		if answer := ask(""); !strings.Contains(answer, `"code":"UNAUTHENTICATED"`) || strings.Contains(answer, `"name"`) {
			t.Errorf("%s: a stranger gets %s", query, answer)
		}
		if answer := ask(token); strings.Contains(answer, "errors") || !strings.Contains(answer, `"name":"Query"`) {
			t.Errorf("%s: who is signed in gets %s", query, answer)
		}
	}
	if err := g.close(); err != nil {
		t.Error(err)
	}
	if log.Len() > 0 {
		t.Errorf("the log has %s", &log)
	}
}
