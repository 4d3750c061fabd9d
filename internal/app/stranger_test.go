package app

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"

	"procyon/graph/scalar"
	"procyon/journal"
)

// What is over a limit is said to a stranger in the same words whether the schema has the
// field or not: else limits tell which fields there are.
func TestStrangersLearnNothingFromLimits(t *testing.T) {
	cfg := Config{Store: StoreConfig{URL: "sqlite:" + filepath.Join(t.TempDir(), "procyon.db")}, Server: ServerConfig{Listen: "127.0.0.1:0"}}
	g, err := Open(t.Context(), cfg, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = g.Close() }()
	ask := func(query string, variables any) string {
		body, err := json.Marshal(map[string]any{"query": query, "variables": variables})
		if err != nil {
			t.Fatal(err)
		}
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/graphql", strings.NewReader(string(body)))
		r.Header.Set("Content-Type", "application/json")
		w := httptest.NewRecorder()
		g.mux.ServeHTTP(w, r)
		return w.Body.String()
	}
	aliases := ""
	for _, c := range "abcdefghijklmnop" {
		aliases += string(c) + ": __typename "
	}
	directives := "__typename " + strings.Repeat(" ... @include(if: true) { __typename }", 50)
	long := make([]string, 1001)
	for i := range long {
		long[i] = "x"
	}
	for name, c := range map[string]struct {
		there, not string
		variables  any
	}{
		"aliases":    {"{" + aliases + "users { nodes { email } } }", "{" + aliases + "users { nodes { emial } } }", nil},
		"directives": {"{" + directives + "users { nodes { email } } }", "{" + directives + "users { nodes { emial } } }", nil},
		"cost":       {"{ accessRequests(first: 5001) { nodes { reason } } }", "{ accessRequests(first: 5001) { nodes { raeson } } }", nil},
		"list":       {"query($x: [ID!]!) { nodes(ids: $x) { id } }", "query($x: [ID!]!) { nodez(ids: $x) { id } }", map[string]any{"x": long}},
	} {
		there, not := ask(c.there, c.variables), ask(c.not, c.variables)
		if there != not {
			t.Errorf("%s:\n there: %s\n not:   %s", name, there, not)
		}
	}
}

// A number that is none is refused, and is no failure of the server's, whoever sends it.
func TestNoNumberFailsTheServer(t *testing.T) {
	d := newDoor(t, serverTimes())
	body := `{"query":"query($n: Int) { accessRequests(first: $n) { nodes { id } } }","variables":{"n":0.1e-9223372036854775808}}`
	for name, headers := range map[string][]string{"stranger": nil, "known": {"Authorization", "Bearer " + d.token}} {
		resp, text := d.ask(http.MethodPost, "/graphql", body, headers...)
		if resp.StatusCode >= 500 || strings.Contains(text, "INTERNAL") {
			t.Errorf("%s: %d %s", name, resp.StatusCode, text)
		}
	}
	c, _ := d.dial("Authorization", "Bearer "+d.token)
	if got := greet(t, c, "null"); got != ack {
		t.Fatal(got)
	}
	if err := c.WriteMessage(1, []byte(`{"type":"subscribe","id":"1","payload":`+body+`}`)); err != nil {
		t.Fatal(err)
	}
	if _, got, err := c.ReadMessage(); err != nil {
		t.Errorf("WebSocket: %v %s", err, got)
	}
}

// Requests whose senders hang up say nothing of the store, so nobody is told of an outage.
func TestWhoHangsUpIsNoOutage(t *testing.T) {
	d := newDoor(t, serverTimes())
	var heard int
	d.unsure = func(error) { heard++ }
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	r := httptest.NewRequestWithContext(ctx, http.MethodPost, "/graphql", strings.NewReader(`{"query":"{viewer{name}}"}`))
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Authorization", "Bearer "+d.token)
	d.mux.ServeHTTP(httptest.NewRecorder(), r)
	if heard > 0 {
		t.Error("an error is logged: it can't be found out who is calling")
	}
}

// A position that this server has yet to hear of, while the store is away, is no failure
// that ends a subscription for good.
func TestAResumeWhileTheStoreIsAway(t *testing.T) {
	o := newOutage(t)
	c, _ := o.dial("Authorization", "Bearer "+o.token)
	if got := greet(t, c, "null"); got != ack {
		t.Fatal(got)
	}
	if err := c.WriteMessage(1, []byte(`{"type":"subscribe","id":"0","payload":{"query":"{viewer{name}}"}}`)); err != nil {
		t.Fatal(err)
	}
	for range 2 { // its result, and that it is complete
		if _, _, err := c.ReadMessage(); err != nil {
			t.Fatal(err)
		}
	}
	ahead := o.Journal.Last()
	ahead.Seq++
	ahead.Mark = journal.Mark{1}
	o.store.away.Store(true)
	say := `{"type":"subscribe","id":"1","payload":{"query":"subscription{requestEvents(after:\"` + scalar.FormatCursor(ahead) + `\"){cursor}}"}}`
	if err := c.WriteMessage(1, []byte(say)); err != nil {
		t.Fatal(err)
	}
	_, got, err := c.ReadMessage()
	if strings.Contains(string(got), "INTERNAL") {
		t.Errorf("%s %v", got, err)
	}
}
