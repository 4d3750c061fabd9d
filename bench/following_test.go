package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"procyon/graph/transport"
)

// greeter is a server that sends each subscriber as many messages as its variable n says.
// It tells on tokens how they came.
type greeter struct{ tokens chan string }

func (g *greeter) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	up := websocket.Upgrader{Subprotocols: []string{transport.Protocol}}
	conn, err := up.Upgrade(w, r, nil)
	if err != nil {
		return
	}
	defer conn.Close()
	g.tokens <- r.Header.Get("Authorization")
	for {
		var m struct {
			Type    string
			Payload struct{ Variables struct{ N int } }
		}
		if conn.ReadJSON(&m) != nil {
			return
		}
		switch m.Type {
		case "connection_init":
			_ = conn.WriteMessage(websocket.TextMessage, []byte(`{"type":"connection_ack"}`))
		case "ping":
			_ = conn.WriteMessage(websocket.TextMessage, []byte(`{"type":"pong"}`))
		}
		for i := range m.Payload.Variables.N {
			_ = conn.WriteMessage(websocket.TextMessage, fmt.Appendf(nil, `{"type":"next","n":%d}`, i))
		}
	}
}

func TestEachGathersTheirs(t *testing.T) {
	g := &greeter{tokens: make(chan string, 2)}
	server := httptest.NewServer(g)
	defer server.Close()
	f := &following{Address: server.Listener.Addr().String(), Path: "/graphql", Query: "subscription { a }", Each: []follower{
		{Token: "one", Variables: map[string]any{"n": 3}}, {Token: "one", Variables: map[string]any{"n": 5}},
	}}
	data, err := json.Marshal(f)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "following")
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	if f, err = readFollowing(path); err != nil {
		t.Fatal(err)
	}
	conns, stop, err := f.dialAll(t.Context())
	defer stop()
	if err != nil {
		t.Fatal(err)
	}
	a := newAudience(len(conns))
	a.gather = 3
	a.hurried.Store(true)
	if err := a.open(t.Context(), f, conns, stop); err != nil {
		t.Fatal(err)
	}
	if err := a.gathered(); err != nil {
		t.Fatal(err)
	}
	if err := a.await(8); err != nil {
		t.Fatal(err)
	}
	if token := <-g.tokens; token != "Bearer one" {
		t.Errorf("the token comes as %q", token)
	}
}

func TestConfirmedSubscriptionsAreTaken(t *testing.T) {
	server := httptest.NewServer(&greeter{tokens: make(chan string, 1)})
	defer server.Close()
	f := &following{Address: server.Listener.Addr().String(), Confirm: true, Each: make([]follower, 1)}
	conns, stop, err := f.dialAll(t.Context())
	defer stop()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.subscribeAll(context.Background(), conns); err != nil {
		t.Error(err)
	}
}

func TestFramesAreCountedInAnyPieces(t *testing.T) {
	stream := append([]byte{0x81, 3, 'a', 'b', 'c', 0x89, 0, 0x81, 126, 0, 200}, make([]byte, 200)...)
	for size := 1; size <= len(stream); size++ {
		var f frames
		texts, pings := 0, 0
		for rest := stream; len(rest) > 0; {
			n := min(size, len(rest))
			t, p := f.feed(rest[:n])
			texts, pings, rest = texts+t, pings+p, rest[n:]
		}
		if texts != 2 || pings != 1 {
			t.Fatalf("in pieces of %d: %d messages and %d pings", size, texts, pings)
		}
	}
}

func TestWhatAnEventCosts(t *testing.T) {
	s := streamResult{heard: [2][]float64{{80, 70, 90}, {1200, 160, 150}}, empty: 10 << 20, connected: 12 << 20, settled: 13 << 20}
	if s.grows() != 2 {
		t.Errorf("%v ×", s.grows())
	}
	cells := strings.Join(s.cells(1<<10), "|")
	if want := "–|–|80 µs|160 µs|2.0 ×|10 MiB|12 MiB|13 MiB|0 MiB|2.0 KB|1.0 KB|3.1 KB"; cells != want {
		t.Errorf("%s, want %s", cells, want)
	}
}

func TestWaitsAtTheHead(t *testing.T) {
	at := time.Now()
	h := &headFollower{
		answers: map[string]time.Time{"a": at, "b": at},
		arrived: map[string]time.Time{"a": at.Add(-time.Millisecond), "b": at.Add(3 * time.Millisecond)},
	}
	if took := h.waits(); took[0] != 0 || took.at(1) != 3*time.Millisecond {
		t.Error(took)
	}
}

// An API is asked in its own words.
func TestDialects(t *testing.T) {
	answer := `{"data":{"snapshot":{"name":"RequestSnapshot"},"input":{"inputFields":[{"name":"items"},{"name":"allowDuplicate"}]}}}`
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, answer) }))
	defer server.Close()
	g := &gatewayProcess{url: server.URL, client: server.Client()}
	if d, err := dialectOf(t.Context(), g); err != nil || d != (dialect{"requestId", true}) {
		t.Errorf("%+v, %v", d, err)
	}
	answer = `{"data":{"snapshot":null,"input":{"inputFields":[{"name":"items"}]}}}`
	if d, err := dialectOf(t.Context(), g); err != nil || d != (dialect{"id", false}) {
		t.Errorf("an older one: %+v, %v", d, err)
	}
}
