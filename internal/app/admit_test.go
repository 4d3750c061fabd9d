package app

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"procyon/access"
	"procyon/graph/transport"
	"procyon/internal/admission"
	"procyon/internal/slackapi"
)

// door is an app with its real server, whose clients come from 127.0.0.1, a trusted
// proxy, and so from wherever they say.
type door struct {
	*App
	t       *testing.T
	address string
	token   string // of dev@example.com
	cookie  string // of their session
}

func newDoor(t *testing.T, limits times, change ...func(*Config)) *door {
	g := newTestApp(t, append(change, func(c *Config) {
		c.Server.TrustedProxies, c.Slack.SigningSecret, c.Slack.ClientID, c.Slack.ClientSecret = "127.0.0.1", "secret", "id", "secret"
	})...)
	runCore(t, g.Core)
	if _, err := g.Access.CreateUser(t.Context(), Operator(), access.NewUser{Email: "dev@example.com", Name: "Dev"}); err != nil {
		t.Fatal(err)
	}
	token, _, err := g.Auth.CreatePersonalToken(t.Context(), Operator(), "dev@example.com", "test", nil, time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := g.worker(t.Context(), "slackbot", "http://127.0.0.1:1"); err != nil {
		t.Fatal(err)
	}
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	srv := newServer(t.Context(), g.mux, slog.New(slog.DiscardHandler), limits)
	served := make(chan error)
	go func() { served <- srv.Serve(l) }()
	d := &door{App: g, t: t, address: l.Addr().String(), token: token}
	u, err := g.Access.UserByEmail(t.Context(), "dev@example.com")
	if err != nil {
		t.Fatal(err)
	}
	session, err := g.Auth.SignInPerson(t.Context(), u.ID, time.Time{}, "")
	if err != nil {
		t.Fatal(err)
	}
	d.cookie = g.Auth.CookieName() + "=" + session.Token
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
		defer cancel()
		if err := errors.Join(g.endSubscriptions(ctx), srv.Close()); err != nil {
			t.Error(err)
		}
		if err := <-served; !errors.Is(err, http.ErrServerClosed) {
			t.Error(err)
		}
	})
	return d
}

// say opens a connection and sends the beginning of a request.
func (d *door) say(text string) (net.Conn, *bufio.Reader) {
	d.t.Helper()
	c, err := (&net.Dialer{}).DialContext(d.t.Context(), "tcp", d.address)
	if err != nil {
		d.t.Fatal(err)
	}
	d.t.Cleanup(func() { _ = c.Close() })
	_ = c.SetDeadline(time.Now().Add(20 * time.Second))
	if _, err := io.WriteString(c, text); err != nil {
		d.t.Fatal(err)
	}
	return c, bufio.NewReader(c)
}

// ask sends a request; headers are names and values in turn.
func (d *door) ask(method, path, body string, headers ...string) (*http.Response, string) {
	d.t.Helper()
	r, err := http.NewRequestWithContext(d.t.Context(), method, "http://"+d.address+path, strings.NewReader(body))
	if err != nil {
		d.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	if host := r.Header.Get("Host"); host != "" {
		r.Host = host
	}
	resp, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		d.t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		d.t.Fatal(err)
	}
	return resp, string(text)
}

// dial opens a WebSocket; status is 101 where there is one.
func (d *door) dial(headers ...string) (c *websocket.Conn, status int) {
	d.t.Helper()
	h := http.Header{}
	for i := 0; i < len(headers); i += 2 {
		h.Set(headers[i], headers[i+1]) // Host, too
	}
	dialer := websocket.Dialer{Subprotocols: []string{transport.Protocol}, HandshakeTimeout: 20 * time.Second}
	c, resp, err := dialer.DialContext(d.t.Context(), "ws://"+d.address+"/graphql", h)
	if resp == nil {
		d.t.Fatal(err)
	}
	_ = resp.Body.Close()
	if err != nil {
		if again := resp.StatusCode == http.StatusTooManyRequests || resp.StatusCode == http.StatusServiceUnavailable; again && resp.Header.Get("Retry-After") == "" {
			d.t.Errorf("%d says nothing of when to try again", resp.StatusCode)
		}
		return nil, resp.StatusCode
	}
	d.t.Cleanup(func() { _ = c.Close() })
	_ = c.SetReadDeadline(time.Now().Add(20 * time.Second))
	return c, resp.StatusCode
}

// greet sends connection_init and returns what comes: a message, or how it is closed.
func greet(t *testing.T, c *websocket.Conn, payload string) string {
	t.Helper()
	if err := c.WriteMessage(websocket.TextMessage, []byte(`{"type":"connection_init","payload":`+payload+`}`)); err != nil {
		t.Fatal(err)
	}
	_, text, err := c.ReadMessage()
	var closed *websocket.CloseError
	if errors.As(err, &closed) {
		return fmt.Sprint(closed.Code)
	}
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// until waits for what the server does on its own.
func (d *door) until(what string, is func() bool) {
	d.t.Helper()
	look, late := time.NewTicker(2*time.Millisecond), time.After(20*time.Second)
	defer look.Stop()
	for !is() {
		select {
		case <-look.C:
		case <-late:
			d.t.Fatalf("waited in vain until %s", what)
		}
	}
}

const ack = `{"type":"connection_ack"}`

// Half a body is given up by everything that takes one, or takes none.
func TestHalfBodies(t *testing.T) {
	limits := serverTimes()
	limits.body = 100 * time.Millisecond
	d := newDoor(t, limits)
	var ended sync.WaitGroup
	for _, line := range []string{
		"POST /graphql", "GET /graphql?query={viewer{__typename}}", "POST /signin", "POST /signout", "POST /requests/x/review", "POST /link/slack/x", "POST /auth/oidc/callback",
		"POST /slack/command", "POST /slack/interaction", "POST /slack/event", "GET /slack/oauth", "GET /metrics", "GET /healthz", "GET /readyz", "GET /", "POST /nowhere", "PUT /graphql",
	} {
		media := "application/json"
		if !strings.Contains(line, "/graphql") {
			media = "application/x-www-form-urlencoded"
		}
		for _, more := range []string{"Content-Length: 1000\r\n\r\n{", "Content-Length: 1000\r\n\r\n", "Transfer-Encoding: chunked\r\n\r\n1\r\n{\r\n", "Expect: 100-continue\r\nContent-Length: 1000\r\n\r\n"} {
			_, r := d.say(line + " HTTP/1.1\r\nHost: x\r\nContent-Type: " + media + "\r\nAccept: text/event-stream, */*\r\n" + more)
			ended.Go(func() {
				if _, err := io.Copy(io.Discard, r); isTimeout(err) {
					t.Errorf("%s, %q: it is still held", line, more)
				}
			})
		}
	}
	ended.Wait()
}

func isTimeout(err error) bool {
	var late net.Error
	return errors.As(err, &late) && late.Timeout()
}

// Half a form is given up with an error that says so, not taken for a whole one.
func TestHalfBodyIsSaid(t *testing.T) {
	limits := serverTimes()
	limits.body = 100 * time.Millisecond
	d := newDoor(t, limits)
	_, r := d.say("POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{")
	resp, err := http.ReadResponse(r, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, _ := io.ReadAll(resp.Body)
	if resp.StatusCode != http.StatusRequestTimeout || !strings.Contains(string(text), "did not come in time") {
		t.Errorf("%d %s", resp.StatusCode, text)
	}
}

// Whoever never reads an answer is cut off.
func TestNeverReadingClient(t *testing.T) {
	written := make(chan error, 1)
	limits := times{headers: time.Minute, body: 50 * time.Millisecond, answer: 50 * time.Millisecond, idle: time.Minute}
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	srv := newServer(t.Context(), http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, err := w.Write(make([]byte, 64<<20)) // more than the system holds for a connection
		written <- err
	}), slog.New(slog.DiscardHandler), limits)
	served := make(chan error)
	go func() { served <- srv.Serve(l) }()
	d := &door{t: t, address: l.Addr().String()}
	d.say("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
	select {
	case err := <-written:
		if !isTimeout(err) {
			t.Errorf("it ended with %v", err)
		}
	case <-time.After(20 * time.Second):
		t.Error("it still waits to be read")
	}
	if err := srv.Close(); err != nil {
		t.Error(err)
	}
	<-served
}

// Strangers can open so many WebSockets from one address and so many in all, and no
// longer than they need to say who they are; those who are known don't count.
func TestStrangersSockets(t *testing.T) {
	d := newDoor(t, serverTimes())
	limits := strangerLimits()
	var open []*websocket.Conn
	for range limits.StrangersAddress {
		c, status := d.dial("X-Forwarded-For", "2001:db8::1")
		if status != http.StatusSwitchingProtocols {
			t.Fatalf("%d after %d", status, len(open))
		}
		open = append(open, c)
	}
	if _, status := d.dial("X-Forwarded-For", "2001:db8::2"); status != http.StatusTooManyRequests {
		t.Errorf("one more from this address: %d", status)
	}
	if resp, text := d.ask(http.MethodPost, "/graphql", `{"query":"{viewer{__typename}}"}`, "X-Forwarded-For", "2001:db8::3"); resp.StatusCode != http.StatusTooManyRequests ||
		resp.Header.Get("Retry-After") == "" || !strings.Contains(text, `"code":"TOO_MANY_REQUESTS"`) {
		t.Errorf("a query from this address: %d %s", resp.StatusCode, text)
	}
	for name, headers := range map[string][]string{
		"from another address": {"X-Forwarded-For", "2001:db8:0:1::1"},
		"with a token":         {"X-Forwarded-For", "2001:db8::1", "Authorization", "Bearer " + d.token},
		"with a session":       {"X-Forwarded-For", "2001:db8::1", "Cookie", d.cookie},
	} {
		if _, status := d.dial(headers...); status != http.StatusSwitchingProtocols {
			t.Errorf("%s: %d", name, status)
		}
	}
	if _, status := d.dial("X-Forwarded-For", "2001:db8::1", "Authorization", "Bearer bad"); status == http.StatusSwitchingProtocols {
		t.Error("with a bad token one is let in")
	}
	// Who says who they are frees the place for another one.
	if got := greet(t, open[0], `{"token":"`+d.token+`"}`); got != ack {
		t.Error(got)
	}
	if _, status := d.dial("X-Forwarded-For", "2001:db8::1"); status != http.StatusSwitchingProtocols {
		t.Errorf("after one said who they are: %d", status)
	}
	// Who doesn't can't stay.
	for _, payload := range []string{"null", "{}", `{"token":null}`} {
		if got := greet(t, open[1], payload); got != "4403" {
			t.Errorf("nobody with %s: %s", payload, got)
		}
		open = open[1:]
	}
}

// All addresses together have a bound, too.
func TestStrangersInAll(t *testing.T) {
	long := serverTimes()
	long.body = 5 * time.Minute // the first still waits when a busy machine lets the last in
	d := newDoor(t, long)
	limits := strangerLimits()
	for i := range limits.Strangers {
		d.say(fmt.Sprintf("POST /signin HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: 203.0.113.%d\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 10\r\n\r\n", i/limits.StrangersAddress))
	}
	d.until("all are inside", func() bool { return d.guards.pages.Strangers() == limits.Strangers })
	if resp, _ := d.ask(http.MethodGet, "/signin", "", "X-Forwarded-For", "198.51.100.1"); resp.StatusCode != http.StatusServiceUnavailable || resp.Header.Get("Retry-After") == "" {
		t.Errorf("one more: %d", resp.StatusCode)
	}
	if resp, text := d.ask(http.MethodGet, "/", "", "Cookie", d.cookie); resp.StatusCode != http.StatusOK {
		t.Errorf("who is signed in gets %d %s", resp.StatusCode, text)
	}
	for _, path := range []string{"/healthz", "/readyz"} {
		if resp, _ := d.ask(http.MethodGet, path, ""); resp.StatusCode != http.StatusOK {
			t.Errorf("%s: %d", path, resp.StatusCode)
		}
	}
	// A flood of pages closes neither the API nor Slack's endpoints.
	if resp, _ := d.ask(http.MethodPost, "/graphql", `{"query":"{viewer{__typename}}"}`); resp.StatusCode != http.StatusOK {
		t.Errorf("the API: %d", resp.StatusCode)
	}
	if resp, _ := d.ask(http.MethodPost, "/slack/command", "x"); resp.StatusCode != http.StatusUnauthorized {
		t.Errorf("Slack's endpoint: %d", resp.StatusCode)
	}
}

// Nobody can make the server wait with a stream of events without saying who they are.
func TestStrangersStream(t *testing.T) {
	d := newDoor(t, serverTimes())
	resp, text := d.ask(http.MethodPost, "/graphql", `{"query":"subscription { requestEvents { cursor } }"}`, "Accept", "text/event-stream")
	if resp.StatusCode != http.StatusOK || !strings.Contains(text, "UNAUTHENTICATED") || !strings.HasSuffix(text, "event: complete\ndata:\n\n") {
		t.Errorf("%d %s", resp.StatusCode, text)
	}
}

// One token, however it came out, opens so many lasting connections and no more.
func TestLastingConnections(t *testing.T) {
	d := newDoor(t, serverTimes())
	bearer := []string{"Authorization", "Bearer " + d.token}
	var last *websocket.Conn
	for i := range lastingConnections {
		headers := bearer
		if i%2 == 0 {
			headers = nil // the token is in connection_init alone
		}
		c, status := d.dial(headers...)
		if status != http.StatusSwitchingProtocols {
			t.Fatalf("the %dth: %d", i, status)
		}
		payload := "null"
		if i%2 == 0 || i%3 == 0 { // once or twice, it counts once
			payload = `{"token":"` + d.token + `"}`
		}
		if got := greet(t, c, payload); got != ack {
			t.Fatalf("the %dth: %s", i, got)
		}
		last = c
	}
	if _, status := d.dial(bearer...); status != http.StatusTooManyRequests {
		t.Errorf("one more: %d", status)
	}
	if _, status := d.dial("Cookie", d.cookie); status != http.StatusTooManyRequests {
		t.Errorf("one more, by the same person's session: %d", status)
	}
	c, _ := d.dial()
	if got := greet(t, c, `{"token":"`+d.token+`"}`); got != "1013" {
		t.Errorf("one more, whose token comes later: %s", got)
	}
	resp, text := d.ask(http.MethodPost, "/graphql", `{"query":"subscription { requestEvents { cursor } }"}`, append(bearer, "Accept", "text/event-stream")...)
	if resp.StatusCode != http.StatusTooManyRequests || !strings.Contains(text, "TOO_MANY_CONNECTIONS") {
		t.Errorf("a stream: %d %s", resp.StatusCode, text)
	}
	if resp, _ := d.ask(http.MethodPost, "/graphql", `{"query":"{viewer{__typename}}"}`, bearer...); resp.StatusCode != http.StatusOK {
		t.Errorf("a query: %d", resp.StatusCode)
	}
	held := d.guards.lasting.Taken()
	_ = last.Close()
	d.until("the server has seen it", func() bool { return d.guards.lasting.Taken() < held })
	if _, status := d.dial(bearer...); status != http.StatusSwitchingProtocols {
		t.Errorf("after one was closed: %d", status)
	}
}

// One token has so many requests under way.
func TestActiveRequests(t *testing.T) {
	d := newDoor(t, serverTimes())
	d.guards.active = admission.NewQuota(1, 0)
	resp, text := d.ask(http.MethodPost, "/graphql", `{"query":"{viewer{__typename}}"}`, "Authorization", "Bearer "+d.token)
	if resp.StatusCode != http.StatusTooManyRequests || resp.Header.Get("Retry-After") == "" || !strings.Contains(text, "under way") {
		t.Errorf("%d %s", resp.StatusCode, text)
	}
	if n := d.guards.api.Strangers(); n != 0 {
		t.Errorf("%d strangers", n)
	}
}

// A body that is longer than any that is taken is refused before it is sent.
func TestTooLongABody(t *testing.T) {
	d := newDoor(t, serverTimes())
	for path, want := range map[string]string{"/graphql": `"code":"BAD_REQUEST"`, "/signin": "longer than", "/slack/command": "longer than"} {
		_, r := d.say("POST " + path + " HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " + d.token + "\r\nContent-Type: application/json\r\nContent-Length: 1048577\r\n\r\n")
		resp, err := http.ReadResponse(r, nil)
		if err != nil {
			t.Fatal(err)
		}
		text, _ := io.ReadAll(resp.Body)
		_ = resp.Body.Close()
		if resp.StatusCode != http.StatusRequestEntityTooLarge || !strings.Contains(string(text), want) {
			t.Errorf("%s: %d %s", path, resp.StatusCode, text)
		}
	}
}

func TestMaxConnections(t *testing.T) {
	for n, want := range map[int]int{0: MaxConnections, 64: 64, 63: 0, -1: 0} {
		cfg := &Config{Store: StoreConfig{URL: "sqlite:x"}, Server: ServerConfig{Listen: "127.0.0.1:0", MaxConnections: n}, Workers: "none"}
		err := cfg.Check()
		if want == 0 && (err == nil || !strings.Contains(err.Error(), "PROCYON_MAX_CONNECTIONS")) {
			t.Errorf("%d: %v", n, err)
		}
		if want > 0 && (err != nil || cfg.Server.MaxConnections != want) {
			t.Errorf("%d: %d, %v", n, cfg.Server.MaxConnections, err)
		}
	}
}

// Those who are known don't count as strangers, whichever way they are.
func TestKnownIsNoStranger(t *testing.T) {
	d := newDoor(t, serverTimes())
	counted := func(guard *admission.Guard, next http.Handler, r *http.Request) int64 {
		var n int64
		guard.Wrap(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			next.ServeHTTP(w, r)
			n = guard.Strangers()
		})).ServeHTTP(httptest.NewRecorder(), r)
		return n
	}
	const form = "type=url_verification"
	now := strconv.FormatInt(time.Now().Unix(), 10)
	session := http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, _, _ = signIn{d.Auth, &clients{trusted: d.guards.proxies, log: slog.New(slog.DiscardHandler)}}.Session(r)
	})
	for name, tc := range map[string]struct {
		guard   *admission.Guard
		next    http.Handler
		headers []string
		want    int64
	}{
		"a session":           {d.guards.pages, session, []string{"Cookie", d.cookie}, 0},
		"no session":          {d.guards.pages, session, nil, 1},
		"signed by Slack":     {d.guards.slack, d.slack, []string{"X-Slack-Request-Timestamp", now, "X-Slack-Signature", slackapi.Sign("secret", now, []byte(form))}, 0},
		"signed by who knows": {d.guards.slack, d.slack, []string{"X-Slack-Request-Timestamp", now, "X-Slack-Signature", slackapi.Sign("guess", now, []byte(form))}, 1},
	} {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/slack/event", strings.NewReader(form))
		for i := 0; i < len(tc.headers); i += 2 {
			r.Header.Set(tc.headers[i], tc.headers[i+1])
		}
		if got := counted(tc.guard, tc.next, r); got != tc.want {
			t.Errorf("%s: %d strangers, want %d", name, got, tc.want)
		}
	}
}
