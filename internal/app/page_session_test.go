package app

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"
)

// read is the next message of a WebSocket, or the code and reason by which it is closed.
func read(t *testing.T, c *websocket.Conn) string {
	t.Helper()
	_, text, err := c.ReadMessage()
	var closed *websocket.CloseError
	if errors.As(err, &closed) {
		return fmt.Sprintf("closed %d: %s", closed.Code, closed.Text)
	}
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func subscribe(t *testing.T, c *websocket.Conn, id, query string) {
	t.Helper()
	if err := c.WriteMessage(websocket.TextMessage, []byte(`{"type":"subscribe","id":"`+id+`","payload":{"query":"`+query+`"}}`)); err != nil {
		t.Fatal(err)
	}
}

// A page of the console's own origin asks, changes and follows with nothing but the
// session's cookie; one of another origin does nothing. When the session ends, so does all
// that is open by it, and the next call is nobody's.
func TestAPageNeedsNothingButItsSession(t *testing.T) {
	d := newDoor(t, serverTimes())
	d.sockets.PingInterval = 50 * time.Millisecond // so that an idle one is soon asked about
	page := []string{"Cookie", d.cookie, "Origin", "http://" + d.address, "Sec-Fetch-Site", "same-origin"}
	const (
		look   = `{viewer{name}}`
		change = `mutation{createToken(input:{name:\"x\"}){token{name} userErrors{message}}}`
		follow = `subscription{requestEvents{cursor}}`
		mine   = `{accessRequests(first:1){nodes{id}}}`
	)
	post := func(query string, headers ...string) (*http.Response, string) {
		t.Helper()
		return d.ask(http.MethodPost, "/graphql", `{"query":"`+query+`"}`, headers...)
	}
	tokens := func() int {
		t.Helper()
		u, err := d.Access.UserByEmail(t.Context(), "dev@example.com")
		if err != nil {
			t.Fatal(err)
		}
		list, err := d.Auth.ListTokens(t.Context(), u.ID)
		if err != nil {
			t.Fatal(err)
		}
		return len(list)
	}

	before := tokens()
	if _, got := post(look, page...); !strings.Contains(got, `"name":"Dev"`) {
		t.Errorf("a query: %s", got)
	}
	if _, got := post(change, page...); !strings.Contains(got, `"name":"x"`) {
		t.Errorf("a mutation: %s", got)
	}
	open := func() *websocket.Conn {
		t.Helper()
		c, status := d.dial(page...)
		if c == nil {
			t.Fatalf("the upgrade is %d", status)
		}
		if got := greet(t, c, "null"); got != ack {
			t.Fatalf("connection_init: %s", got)
		}
		return c
	}
	idle, busy := open(), open()
	for id, query := range map[string]string{"1": look, "2": change} {
		subscribe(t, busy, id, query)
		if got := read(t, busy); !strings.Contains(got, `"type":"next"`) || strings.Contains(got, "errors") {
			t.Errorf("over a WebSocket, %s: %s", query, got)
		}
		if got := read(t, busy); !strings.Contains(got, `"complete"`) {
			t.Errorf("over a WebSocket, %s: %s", query, got)
		}
	}
	subscribe(t, idle, "3", follow)
	if got := tokens(); got != before+2 {
		t.Errorf("%d tokens were made", got-before)
	}

	for _, other := range [][]string{{"Origin", "https://evil.example"}, {"Origin", "null"}, {"Origin", "http://127.0.0.1:1"}, {"Sec-Fetch-Site", "cross-site"}, {"Sec-Fetch-Site", "same-site"}} {
		headers := append([]string{"Cookie", d.cookie}, other...)
		if resp, got := post(change, headers...); resp.StatusCode != http.StatusForbidden {
			t.Errorf("%v: a mutation is %d %s", other, resp.StatusCode, got)
		}
		if c, status := d.dial(headers...); c != nil || status != http.StatusForbidden {
			t.Errorf("%v: the upgrade is %d", other, status)
		}
	}
	if got := tokens(); got != before+2 {
		t.Errorf("another origin made %d tokens", got-before-2)
	}

	_, secret, _ := strings.Cut(d.cookie, "=")
	if err := d.Auth.SignOut(t.Context(), secret); err != nil {
		t.Fatal(err)
	}
	_ = busy.WriteMessage(websocket.TextMessage, []byte(`{"type":"subscribe","id":"4","payload":{"query":"`+change+`"}}`)) // it may be closed already
	for name, c := range map[string]*websocket.Conn{"idle": idle, "busy": busy} {
		if got := read(t, c); !strings.HasPrefix(got, "closed 4403: ") {
			t.Errorf("the %s socket: %s", name, got)
		}
	}
	resp, got := post(mine, page...)
	if !strings.Contains(got, `"code":"UNAUTHENTICATED"`) || !strings.HasPrefix(resp.Header.Get("Set-Cookie"), d.Auth.CookieName()+"=;") {
		t.Errorf("the next call: %s, %v", got, resp.Header)
	}
	if _, got := post(change, page...); !strings.Contains(got, `"code":"UNAUTHENTICATED"`) || tokens() != before+2 {
		t.Errorf("the next change: %s", got)
	}
	c, _ := d.dial(page...)
	if code, reason := closing(t, c, "null"); code != 4403 {
		t.Errorf("the next socket: %d %s", code, reason)
	}
}
