package slackbot

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"procyon/client"
	"procyon/internal/slackapi"
)

// A socket through which Slack said hello ends the row of failures: the next wait is a short
// one again.
func TestSocketBackOffBeginsAnew(t *testing.T) {
	const failing = 5 // openings that fail, between those that work
	tries := 0
	mux := http.NewServeMux()
	web := httptest.NewServer(mux)
	t.Cleanup(web.Close)
	mux.HandleFunc("/api/apps.connections.open", func(w http.ResponseWriter, _ *http.Request) {
		if tries++; tries%(failing+1) != 0 {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		_, _ = fmt.Fprintf(w, `{"ok":true,"url":"ws%s/link"}`, strings.TrimPrefix(web.URL, "http"))
	})
	mux.HandleFunc("/link", func(w http.ResponseWriter, r *http.Request) {
		conn, err := new(websocket.Upgrader).Upgrade(w, r, nil)
		if err != nil {
			return
		}
		_ = conn.WriteJSON(map[string]string{"type": "hello"})
		_ = conn.Close()
	})
	c, err := client.New(client.Options{URL: web.URL, Token: "t"})
	if err != nil {
		t.Fatal(err)
	}
	api, err := slackapi.NewAPI(web.URL + "/api")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(api.Close)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var waits []time.Duration
	b, err := New(Options{Client: c, API: api, PublicURL: &url.URL{Scheme: "https", Host: "procyon.example.com"}, AppToken: "xapp-1", Shorten: func(d time.Duration) time.Duration {
		if waits = append(waits, d); tries > 2*(failing+1) {
			cancel()
		}
		return 0
	}})
	if err != nil {
		t.Fatal(err)
	}
	if err := b.listen(ctx); err != nil {
		t.Fatal(err)
	}
	if longest := waits[failing-1]; longest <= 4*time.Second {
		t.Errorf("after %d failures in a row the wait is %v", failing, longest)
	}
	if short := waits[failing]; short > time.Second {
		t.Errorf("after a good session the wait is %v", short)
	}
	if again := waits[2*failing]; again <= 4*time.Second {
		t.Errorf("after %d more failures the wait is %v", failing, again)
	}
}
