package transport_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"procyon/graph/fanout"
	"procyon/graph/fanout/fanouttest"
	"procyon/graph/transport"
)

// switching serves one WebSocket after another: /cut shuts the present one down.
type switching struct {
	log  *fanouttest.Log
	exec *fanouttest.Executor
	fan  *fanout.Fanout

	mu   sync.Mutex // guards ws and said
	ws   *transport.WebSocket
	said int
}

func (s *switching) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	if s.ws == nil {
		s.ws = &transport.WebSocket{Source: s.fan, Init: initViewer}
	}
	ws := s.ws
	switch r.URL.Path {
	case "/say":
		n, _ := strconv.Atoi(r.FormValue("n"))
		for range n {
			s.log.Publish(fanouttest.Entry(fanouttest.Fact{Kind: "numbered", Text: strconv.Itoa(s.said)}))
			s.said++
		}
	case "/cut":
		s.ws = nil
	}
	s.mu.Unlock()
	switch {
	case ws.Supports(r):
		ws.Do(w, r, s.exec)
	case r.URL.Path == "/cut":
		if err := ws.Shutdown(r.Context()); err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
		}
	}
}

// TestReferenceClient runs the npm package graphql-ws against us: operations,
// errors, refusal, and resuming across cuts.
func TestReferenceClient(t *testing.T) {
	if testing.Short() {
		t.Skip("starts Node.js")
	}
	const folder = "testdata/ws"
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	if _, err := os.Stat(filepath.Join(folder, "node_modules", "graphql-ws")); errors.Is(err, os.ErrNotExist) {
		install := exec.CommandContext(ctx, "npm", "ci", "--no-audit", "--no-fund")
		install.Dir = folder
		if out, err := install.CombinedOutput(); err != nil {
			t.Fatalf("npm ci in %s: %v; Node.js 20 and npm must be installed\n%s", folder, err, out)
		}
	}
	log := fanouttest.NewLog()
	s := &switching{log: log, exec: fanouttest.NewExecutor(log)}
	s.fan = fanout.New(log, s.exec, fanouttest.Options(s.exec))
	defer s.fan.Close()
	server := httptest.NewServer(s)
	defer server.Close()
	node := exec.CommandContext(ctx, "node", "client.mjs", "ws"+strings.TrimPrefix(server.URL, "http"), server.URL)
	node.Dir = folder
	if out, err := node.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	s.mu.Lock()
	ws := s.ws
	s.mu.Unlock()
	if ws != nil {
		if err := ws.Shutdown(ctx); err != nil {
			t.Error(err)
		}
	}
}
