package client

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// server speaks graphql-transport-ws. Each connection is given to script, once
// its subscribe has been read, with the position that it resumes from.
type server struct {
	*httptest.Server
	t      *testing.T
	script func(c *peer)

	mu       sync.Mutex
	inits    []map[string]string
	headers  []http.Header
	sessions sync.WaitGroup
}

// peer is a connection from the server's side.
type peer struct {
	*websocket.Conn
	t      *testing.T
	number int           // 1, 2, …: which connection this is
	after  int           // 0 where there is none
	gone   chan struct{} // closed when the client is gone
}

func newServer(t *testing.T, script func(c *peer)) *server {
	t.Helper()
	s := &server{t: t, script: script}
	s.Server = httptest.NewServer(http.HandlerFunc(s.serve))
	t.Cleanup(func() { s.Close(); s.sessions.Wait() })
	return s
}

func (s *server) client() *Client {
	s.t.Helper()
	c, err := New(Options{URL: s.URL, Token: "secret-token"})
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(c.Close)
	return c
}

func (s *server) serve(w http.ResponseWriter, r *http.Request) {
	s.sessions.Add(1)
	defer s.sessions.Done()
	up := websocket.Upgrader{Subprotocols: []string{protocol}}
	conn, err := up.Upgrade(w, r, nil)
	if err != nil {
		return
	}
	defer conn.Close()
	c := &peer{Conn: conn, t: s.t, gone: make(chan struct{})}
	if !s.handshake(c, r) {
		return
	}
	go func() { // reads until the client is gone
		defer close(c.gone)
		for {
			var m message
			if conn.ReadJSON(&m) != nil {
				return
			}
		}
	}()
	s.script(c)
	conn.Close()
	<-c.gone
}

func (s *server) handshake(c *peer, r *http.Request) bool {
	var m message
	if c.ReadJSON(&m) != nil {
		return false
	}
	var given map[string]string
	if m.Type != "connection_init" || json.Unmarshal(m.Payload, &given) != nil {
		s.t.Errorf("got %s %s, want connection_init", m.Type, m.Payload)
	}
	s.mu.Lock()
	s.inits, s.headers = append(s.inits, given), append(s.headers, r.Header)
	c.number = len(s.inits)
	s.mu.Unlock()
	if c.WriteJSON(message{Type: "connection_ack"}) != nil || c.ReadJSON(&m) != nil {
		return false
	}
	var sub struct {
		Query     string
		Variables struct{ After string }
	}
	if m.Type != "subscribe" || json.Unmarshal(m.Payload, &sub) != nil || sub.Query == "" {
		s.t.Errorf("got %s %s, want subscribe", m.Type, m.Payload)
	}
	c.after, _ = strconv.Atoi(sub.Variables.After)
	return true
}

// next sends event n.
func (c *peer) next(n int) error {
	return c.say("next", fmt.Sprintf(`{"data":{"requestEvents":{"cursor":"%d","n":%d}}}`, n, n))
}

func (c *peer) say(kind, payload string) error {
	return c.WriteJSON(message{ID: subscriptionID, Type: kind, Payload: json.RawMessage(payload)})
}

func (c *peer) end(code int, reason string) {
	_ = c.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(code, reason), time.Now().Add(time.Second))
}

// wait waits until the client is gone.
func (c *peer) wait() { <-c.gone }

const query = `subscription($after: Cursor) { requestEvents(after: $after) { cursor n } }`

func (s *server) subscribe(o SubscribeOptions) *Subscription {
	s.t.Helper()
	o.Query, o.MinBackoff, o.MaxBackoff = query, time.Millisecond, 5*time.Millisecond
	sub, err := s.client().Subscribe(s.t.Context(), o)
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(sub.Close)
	return sub
}

// expect takes the events from one number to another.
func expect(t *testing.T, sub *Subscription, from, to int) {
	t.Helper()
	for n := from; n <= to; n++ {
		e, err := sub.Next(t.Context())
		if err != nil {
			t.Fatalf("event %d: %v", n, err)
		}
		if e.Cursor != strconv.Itoa(n) {
			t.Fatalf("got event %s, want %d", e.Cursor, n)
		}
	}
}
