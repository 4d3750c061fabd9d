package transport_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"
	"github.com/vektah/gqlparser/v2/gqlerror"
	"go.uber.org/goleak"

	"procyon/graph/fanout"
	"procyon/graph/fanout/fanouttest"
	"procyon/graph/transport"
)

// wsBed is a server of the test schema over WebSocket.
type wsBed struct {
	t    testing.TB
	log  *fanouttest.Log
	exec *fanouttest.Executor
	ws   *transport.WebSocket
	url  string
}

func newWSBed(t testing.TB, change ...func(*transport.WebSocket)) *wsBed {
	running := goleak.IgnoreCurrent()
	log := fanouttest.NewLog()
	exec := fanouttest.NewExecutor(log)
	exec.SetRecoverFunc(func(context.Context, any) error { return errors.New("quiet") })
	opt := fanouttest.Options(exec)
	opt.Logger = slog.New(slog.DiscardHandler)
	fan := fanout.New(log, exec, opt)
	ws := &transport.WebSocket{Source: fan, Init: initViewer, Logger: opt.Logger}
	for _, c := range change {
		c(ws)
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !ws.Supports(r) {
			http.Error(w, "not a WebSocket", http.StatusBadRequest)
			return
		}
		ws.Do(w, r, exec)
	}))
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
		defer cancel()
		if err := ws.Shutdown(ctx); err != nil {
			t.Errorf("shutting down: %v", err)
		}
		fan.Close()
		server.Close()
		goleak.VerifyNone(t, running)
	})
	return &wsBed{t: t, log: log, exec: exec, ws: ws, url: "ws" + strings.TrimPrefix(server.URL, "http")}
}

// initViewer takes the viewer's name as it comes, administrators unless it
// begins with m.
func initViewer(ctx context.Context, _ *http.Request, payload map[string]any) (context.Context, error) {
	name, _ := payload["name"].(string)
	if name == "nobody" {
		return nil, &gqlerror.Error{Message: "who is that"}
	}
	if name == "unknown" {
		return nil, errors.New("the store is away")
	}
	if name == "panic" {
		panic("in Init")
	}
	return fanouttest.WithViewer(ctx, fanouttest.Viewer{ID: "v" + name, Admin: !strings.HasPrefix(name, "m")}), nil
}

func (b *wsBed) say(text string) {
	b.log.Publish(fanouttest.Entry(fanouttest.Fact{Kind: "said", Text: text}))
}

// client is one connection that reads and writes raw messages.
type client struct {
	t    testing.TB
	conn *websocket.Conn
}

func (b *wsBed) dial(protocols ...string) *client {
	b.t.Helper()
	d := websocket.Dialer{Subprotocols: protocols}
	conn, resp, err := d.Dial(b.url, nil)
	if err != nil {
		b.t.Fatal(err)
	}
	resp.Body.Close()
	b.t.Cleanup(func() { conn.Close() })
	return &client{t: b.t, conn: conn}
}

// connect dials and introduces itself.
func (b *wsBed) connect(name string) *client {
	b.t.Helper()
	c := b.dial(transport.Protocol)
	c.send(`{"type":"connection_init","payload":{"name":"` + name + `"}}`)
	c.expect(`{"type":"connection_ack"}`)
	return c
}

func (c *client) send(messages ...string) {
	c.t.Helper()
	for _, m := range messages {
		if err := c.conn.WriteMessage(websocket.TextMessage, []byte(m)); err != nil {
			c.t.Fatal(err)
		}
	}
}

func (c *client) read() (string, error) {
	c.conn.SetReadDeadline(time.Now().Add(20 * time.Second))
	_, data, err := c.conn.ReadMessage()
	return string(data), err
}

func (c *client) expect(messages ...string) {
	c.t.Helper()
	for _, want := range messages {
		got, err := c.read()
		if err != nil {
			c.t.Fatalf("%v, want %s", err, want)
		}
		if got != want {
			c.t.Fatalf("got  %s\nwant %s", got, want)
		}
	}
}

// expectError reads the error message of an id.
func (c *client) expectError(id, part string) {
	c.t.Helper()
	got, err := c.read()
	if err != nil {
		c.t.Fatal(err)
	}
	var m struct {
		ID, Type string
		Payload  []struct{ Message string }
	}
	if json.Unmarshal([]byte(got), &m) != nil || m.ID != id || m.Type != "error" || len(m.Payload) == 0 || !strings.Contains(got, part) {
		c.t.Fatalf("got %s, want an error of %s with %q", got, id, part)
	}
}

func (c *client) expectClose(code int, reason string) {
	c.t.Helper()
	for {
		got, err := c.read()
		var closed *websocket.CloseError
		switch {
		case err == nil:
			c.t.Logf("passed over %s", got)
		case !errors.As(err, &closed):
			c.t.Fatalf("%v, want close %d", err, code)
		case closed.Code != code || !strings.Contains(closed.Text, reason):
			c.t.Fatalf("closed with %d %q, want %d %q", closed.Code, closed.Text, code, reason)
		default:
			return
		}
	}
}

func subscribe(id, query string) string {
	data, _ := json.Marshal(map[string]any{"id": id, "type": "subscribe", "payload": map[string]any{"query": query}})
	return string(data)
}

func next(id, text string) string {
	return `{"id":"` + id + `","type":"next","payload":{"data":{"events":{"text":"` + text + `"}}}}`
}

const (
	greeting = `{"type":"connection_init"}`
	ack      = `{"type":"connection_ack"}`
	events   = `subscription { events { text } }`
)

// TestCloseCodes sends messages and expects the connection to be closed.
func TestCloseCodes(t *testing.T) {
	b := newWSBed(t)
	for _, test := range []struct {
		name   string
		send   []string
		code   int
		reason string
	}{
		{"subscribe before init", []string{subscribe("1", events)}, 4401, "Unauthorized"},
		{"init twice", []string{greeting, greeting}, 4429, "Too many initialisation requests"},
		{"forbidden", []string{`{"type":"connection_init","payload":{"name":"nobody"}}`}, 4403, "Forbidden: who is that"},
		{"nobody can tell", []string{`{"type":"connection_init","payload":{"name":"unknown"}}`}, 1013, "connect again and resume"},
		{"init panics", []string{`{"type":"connection_init","payload":{"name":"panic"}}`}, 1011, "Internal"},
		{"init payload", []string{`{"type":"connection_init","payload":[]}`}, 4400, "Invalid message"},
		{"not JSON", []string{`{`}, 4400, "Invalid message"},
		{"an array", []string{`[]`}, 4400, "Invalid message"},
		{"null", []string{`null`}, 4400, "Invalid message"},
		{"two objects", []string{`{"type":"ping"}{"type":"ping"}`}, 4400, "Invalid message"},
		{"no type", []string{`{"id":"1"}`}, 4400, "Invalid message"},
		{"unknown type", []string{greeting, `{"type":"connection_terminate"}`}, 4400, "Invalid message"},
		{"the server's type", []string{greeting, `{"type":"connection_ack"}`}, 4400, "Invalid message"},
		{"no id", []string{greeting, `{"type":"subscribe","payload":{"query":"{ ping }"}}`}, 4400, "missing id"},
		{"empty id", []string{greeting, subscribe("", events)}, 4400, "missing id"},
		{"long id", []string{greeting, subscribe(strings.Repeat("x", 257), events)}, 4400, "id is too long"},
		{"an id that is no string", []string{greeting, `{"id":1,"type":"subscribe","payload":{"query":"{ ping }"}}`}, 4400, "Invalid message"},
		{"no payload", []string{greeting, `{"id":"1","type":"subscribe"}`}, 4400, "Invalid message"},
		{"no query", []string{greeting, `{"id":"1","type":"subscribe","payload":{}}`}, 4400, "missing query"},
		{"a query that is no string", []string{greeting, `{"id":"1","type":"subscribe","payload":{"query":{}}}`}, 4400, "Invalid message"},
		{"variables that are no object", []string{greeting, `{"id":"1","type":"subscribe","payload":{"query":"{ ping }","variables":[]}}`}, 4400, "Invalid message"},
		{"complete without id", []string{greeting, `{"type":"complete"}`}, 4400, "missing id"},
		{"ping payload", []string{`{"type":"ping","payload":3}`}, 4400, "Invalid message"},
		{"a live id", []string{greeting, subscribe("7", events), subscribe("7", events)}, 4409, "Subscriber for 7 already exists"},
		{"a long live id", []string{greeting, subscribe(strings.Repeat("ö", 128), events), subscribe(strings.Repeat("ö", 128), events)}, 4409, "Subscriber for öö"},
		{"not UTF-8", []string{"{\"type\":\"\xff\"}"}, 1007, "UTF-8"},
		{"too big a greeting", []string{`{"type":"ping","payload":{"x":"` + strings.Repeat("x", 64<<10) + `"}}`}, 1009, ""},
		{"too big", []string{greeting, `{"type":"ping","payload":{"x":"` + strings.Repeat("x", 1<<20) + `"}}`}, 1009, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			c := b.dial(transport.Protocol)
			c.t = t
			for _, m := range test.send {
				if c.conn.WriteMessage(websocket.TextMessage, []byte(m)) != nil {
					break // closed already
				}
			}
			c.expectClose(test.code, test.reason)
		})
	}
}

func TestBinaryIsRefused(t *testing.T) {
	c := newWSBed(t).dial(transport.Protocol)
	c.conn.WriteMessage(websocket.BinaryMessage, []byte(greeting))
	c.expectClose(1003, "text")
}

func TestSubprotocols(t *testing.T) {
	b := newWSBed(t)
	both := b.dial("graphql-ws", transport.Protocol)
	if got := both.conn.Subprotocol(); got != transport.Protocol {
		t.Errorf("negotiated %q", got)
	}
	both.send(greeting)
	both.expect(ack)
	b.dial("graphql-ws").expectClose(4406, "Subprotocol not acceptable")
	b.dial().expectClose(4406, "Subprotocol not acceptable")
}

// TestHandshakesThatAreNone: they are answered as any other request of GraphQL is.
func TestHandshakesThatAreNone(t *testing.T) {
	b := newWSBed(t)
	for name, c := range map[string]struct {
		method, key string
		status      int
	}{"without a key": {"GET", "", 400}, "by POST": {"POST", "x", 405}} {
		r, err := http.NewRequestWithContext(t.Context(), c.method, "http"+strings.TrimPrefix(b.url, "ws"), nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header = http.Header{"Connection": {"Upgrade"}, "Upgrade": {"websocket"}, "Sec-Websocket-Version": {"13"}, "Sec-Websocket-Key": {c.key}, "Accept": {asResponse}}
		resp, err := http.DefaultTransport.RoundTrip(r)
		if err != nil {
			t.Fatal(err)
		}
		body, _ := io.ReadAll(resp.Body)
		resp.Body.Close()
		if resp.StatusCode != c.status || !strings.HasPrefix(resp.Header.Get("Content-Type"), asResponse) || resp.Header.Get("Vary") != "Accept" {
			t.Errorf("%s: %s %v", name, resp.Status, resp.Header)
		}
		expectBody(t, string(body), "BAD_REQUEST")
	}
	http.DefaultClient.CloseIdleConnections()
}

func TestPings(t *testing.T) {
	b := newWSBed(t)
	c := b.dial(transport.Protocol)
	c.send(`{"type":"ping"}`, `{"type":"ping","payload":{"a":1}}`, `{"type":"ping","payload":null}`, `{"type":"pong"}`)
	c.expect(`{"type":"pong"}`, `{"type":"pong","payload":{"a":1}}`, `{"type":"pong"}`)
	c.send(greeting, `{"type":"ping"}`)
	c.expect(ack, `{"type":"pong"}`)
	var ponged bytes.Buffer
	c.conn.SetPongHandler(func(data string) error { ponged.WriteString(data); return nil })
	c.conn.WriteControl(websocket.PingMessage, []byte("hi"), time.Now().Add(time.Second))
	c.send(`{"type":"ping"}`)
	c.expect(`{"type":"pong"}`)
	if ponged.String() != "hi" {
		t.Errorf("ponged %q", ponged.String())
	}
}

func TestOperations(t *testing.T) {
	b := newWSBed(t)
	c := b.connect("ann")
	// A subscription sees the mutation sent right after it; ids are free again.
	c.send(subscribe("s", events))
	for range 3 {
		c.send(subscribe("q", `{ ping }`))
		c.expect(`{"id":"q","type":"next","payload":{"data":{"ping":"pong"}}}`, `{"id":"q","type":"complete"}`)
	}
	c.send(subscribe("hold", `{ hold }`)) // blocks nothing
	c.send(subscribe("m", `mutation { publish(text: "hello") }`))
	seen := map[string]bool{}
	for range 3 {
		m, err := c.read()
		if err != nil {
			t.Fatal(err)
		}
		seen[m] = true
	}
	for _, want := range []string{
		next("s", "hello"),
		`{"id":"m","type":"next","payload":{"data":{"publish":"hello"}}}`,
		`{"id":"m","type":"complete"}`,
	} {
		if !seen[want] {
			t.Errorf("missing %s in %v", want, seen)
		}
	}
	// The client's complete is not echoed, and frees the id.
	c.send(`{"id":"s","type":"complete"}`, `{"id":"hold","type":"complete"}`, `{"id":"never","type":"complete"}`, `{"type":"ping"}`)
	c.expect(`{"type":"pong"}`)
	b.say("unheard")
	c.send(subscribe("s", events), `{"type":"ping"}`)
	c.expect(`{"type":"pong"}`)
	b.say("heard")
	c.expect(next("s", "heard"))
}

func TestErrorsEndAnOperation(t *testing.T) {
	b := newWSBed(t)
	c := b.connect("ann")
	c.send(subscribe("1", `{ nothing }`))
	c.expectError("1", "nothing")
	c.send(`{"id":"1","type":"subscribe","payload":{"query":"query a { ping } query b { ping }","operationName":"c"}}`)
	c.expectError("1", `no operation named \"c\": it has \"a\", \"b\".`)
	c.send(subscribe("1", `subscription { events(after: "99") { text } }`))
	c.expectError("1", "JOURNAL_CHANGED")
	c.send(subscribe("1", events), `{"type":"ping"}`)
	c.expect(`{"type":"pong"}`)
	b.log.Publish(fanouttest.Entry(fanouttest.Fact{Kind: "panic"}))
	c.expectError("1", "INTERNAL")
	c.send(subscribe("1", events), `{"type":"ping"}`) // no complete came in between
	c.expect(`{"type":"pong"}`)
}

func TestLiveOperationsAreCapped(t *testing.T) {
	b := newWSBed(t, func(ws *transport.WebSocket) { ws.MaxSubscriptions = 3 })
	c := b.connect("ann")
	c.send(subscribe("1", events), subscribe("2", events), subscribe("3", `{ hold }`), subscribe("4", events))
	c.expectError("4", "TOO_MANY")
	c.send(`{"id":"2","type":"complete"}`, subscribe("4", events), `{"type":"ping"}`)
	c.expect(`{"type":"pong"}`)
}

func TestInterruptionSaysHowToResume(t *testing.T) {
	b := newWSBed(t)
	c := b.connect("ann")
	c.send(subscribe("1", events), `{"type":"ping"}`)
	c.expect(`{"type":"pong"}`)
	b.log.Fail(errors.New("disk"))
	c.expectClose(1013, "resume after your last cursor")
}

func TestShutdownSaysHowToResume(t *testing.T) {
	b := newWSBed(t)
	c := b.connect("ann")
	c.send(subscribe("1", events), `{"type":"ping"}`)
	c.expect(`{"type":"pong"}`)
	done := make(chan error)
	go func() { done <- b.ws.Shutdown(context.Background()) }()
	c.expectClose(1012, "resume after your last cursor")
	if err := <-done; err != nil {
		t.Error(err)
	}
}

func TestClientsCloseIsAnswered(t *testing.T) {
	c := newWSBed(t).connect("ann")
	c.conn.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(1000, "bye"), time.Now().Add(time.Second))
	c.expectClose(1000, "")
}
