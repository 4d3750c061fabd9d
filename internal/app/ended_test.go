package app

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"procyon/access"
	"procyon/auth"
)

// beats are the timers of the WebSockets of a test, which says when they fire.
type beats struct {
	mu    sync.Mutex // guards armed
	armed []*func()
}

// AfterFunc is for transport.WebSocket.
func (b *beats) AfterFunc(_ time.Duration, f func()) (stop func() bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	timer := &f
	b.armed = append(b.armed, timer)
	return func() bool {
		b.mu.Lock()
		defer b.mu.Unlock()
		i := slices.Index(b.armed, timer)
		if i >= 0 {
			b.armed = slices.Delete(b.armed, i, i+1)
		}
		return i >= 0
	}
}

// fire lets the time of all be over.
func (b *beats) fire() {
	b.mu.Lock()
	due := b.armed
	b.armed = nil
	b.mu.Unlock()
	for _, f := range due {
		(*f)()
	}
}

// endings is a server at which people and services follow what Dev asks for.
type endings struct {
	*door
	beats  *beats
	admin  string // a token of Ada's
	dev    access.User
	server string // the ID of what can be asked for
}

func newEndings(t *testing.T) *endings {
	e := &endings{beats: &beats{}}
	e.door = newDoor(t, serverTimes(), func(c *Config) { c.CheapHashes = true })
	e.sockets.AfterFunc = e.beats.AfterFunc
	if _, err := e.Access.CreateUser(t.Context(), Operator(), access.NewUser{Email: "ada@example.com", Name: "Ada", Admin: true}); err != nil {
		t.Fatal(err)
	}
	var err error
	if e.admin, _, err = e.Auth.CreatePersonalToken(t.Context(), Operator(), "ada@example.com", "test", nil, time.Hour); err != nil {
		t.Fatal(err)
	}
	if e.dev, err = e.Access.UserByEmail(t.Context(), "dev@example.com"); err != nil {
		t.Fatal(err)
	}
	r, err := e.Access.CreateResource(t.Context(), Operator(), access.NewResource{Name: "server", Kind: access.ResourcePrivateServer})
	if err != nil {
		t.Fatal(err)
	}
	e.server = r.ID
	return e
}

// change carries a mutation out, by what the headers say.
func (e *endings) change(document string, headers ...string) {
	e.t.Helper()
	body, err := json.Marshal(map[string]string{"query": "mutation { " + document + " { userErrors { code message } } }"})
	if err != nil {
		e.t.Fatal(err)
	}
	if resp, text := e.ask(http.MethodPost, "/graphql", string(body), headers...); resp.StatusCode != http.StatusOK || !strings.Contains(text, `"userErrors":[]`) {
		e.t.Fatalf("%s: %d %s", document, resp.StatusCode, text)
	}
}

// byAda carries a mutation out as an administrator.
func (e *endings) byAda(document string) { e.change(document, "Authorization", "Bearer "+e.admin) }

// asks lets Dev ask for access, which is an event that all who follow here may see.
func (e *endings) asks() {
	e.t.Helper()
	_, err := e.Access.CreateRequest(e.t.Context(), access.ActorOf(e.dev), access.NewRequest{
		Items: []access.ItemRef{{ResourceID: e.server}}, Duration: 3600, Reason: "stuck orders", AllowDuplicate: true,
	})
	if err != nil {
		e.t.Fatal(err)
	}
}

// follow opens a WebSocket with a subscription; what comes of it is what read returns.
func (e *endings) follow(payload string, headers ...string) *websocket.Conn {
	e.t.Helper()
	c, _ := e.dial(headers...)
	if got := greet(e.t, c, payload); got != ack {
		e.t.Fatal(got)
	}
	for id, query := range []string{"subscription { requestEvents { cursor } }", "{ viewer { name } }"} {
		if err := c.WriteMessage(websocket.TextMessage, fmt.Appendf(nil, `{"type":"subscribe","id":"%d","payload":{"query":"%s"}}`, id, query)); err != nil {
			e.t.Fatal(err)
		}
	}
	for { // the query is answered once the subscription is open
		_, text, err := c.ReadMessage()
		if err != nil {
			e.t.Fatal(err)
		}
		if string(text) == `{"id":"1","type":"complete"}` {
			return c
		}
	}
}

// closed reads what still comes, and returns how the connection is closed and what came
// before.
func closed(t *testing.T, c *websocket.Conn) (how *websocket.CloseError, before []string) {
	t.Helper()
	for {
		_, text, err := c.ReadMessage()
		if err == nil {
			before = append(before, string(text))
			continue
		}
		if !errors.As(err, &how) {
			t.Fatal(err)
		}
		return how, before
	}
}

// What is open by a session or a token that was ended over the API gets nothing more from
// then on, and is closed when it is next asked for a sign of life.
func TestWhatIsOpenEndsWithItsSessionOrToken(t *testing.T) {
	type opened struct {
		id      string // of the session or token
		payload string
		headers []string
	}
	session := func(e *endings) opened {
		s, err := e.Auth.SignInPerson(t.Context(), e.dev.ID, time.Time{}, "")
		if err != nil {
			t.Fatal(err)
		}
		return opened{s.ID, "null", []string{"Cookie", e.Auth.CookieName() + "=" + s.Token, "Origin", e.PublicURL()}}
	}
	token := func(e *endings) opened {
		v, err := e.Auth.CreateToken(t.Context(), access.ActorOf(e.dev), auth.NewToken{OwnerID: e.dev.ID, Name: "follow"})
		if err != nil {
			t.Fatal(err)
		}
		return opened{v.ID, `{"token":"` + v.Secret + `"}`, nil}
	}
	service := func(e *endings) opened {
		secret, v, err := e.Auth.CreateServiceToken(t.Context(), Operator(), "siem", []string{auth.ScopeEventsRead}, time.Hour)
		if err != nil {
			t.Fatal(err)
		}
		return opened{v.ID, `{"token":"` + secret + `"}`, nil}
	}
	disabled := func(e *endings, _ opened) { e.byAda(`disableUser(input: {userId: "` + e.dev.ID + `"})`) }
	for name, c := range map[string]struct {
		open func(e *endings) opened
		end  func(e *endings, o opened)
		gone bool // Dev can ask for nothing afterwards
	}{
		"a session, by itself": {open: session, end: func(e *endings, o opened) {
			e.change(`endSession(input: {sessionId: "`+o.id+`"})`, o.headers...)
		}},
		"a session, by an administrator": {open: session, end: func(e *endings, o opened) { e.byAda(`endSession(input: {sessionId: "` + o.id + `"})`) }},
		"all sessions":                   {open: session, end: func(e *endings, o opened) { e.byAda(`endSessions(input: {userId: "` + e.dev.ID + `"})`) }},
		"a session, by a new password":   {open: session, end: func(e *endings, o opened) { e.byAda(`resetPassword(input: {userId: "` + e.dev.ID + `"})`) }},
		"a session of somebody disabled": {open: session, end: disabled, gone: true},
		"a token, by its owner": {open: token, end: func(e *endings, o opened) {
			e.change(`revokeToken(input: {tokenId: "`+o.id+`"})`, "Authorization", "Bearer "+e.token)
		}},
		"a token, by an administrator": {open: token, end: func(e *endings, o opened) { e.byAda(`revokeToken(input: {tokenId: "` + o.id + `"})`) }},
		"a token of somebody disabled": {open: token, end: disabled, gone: true},
		"a service's token":            {open: service, end: func(e *endings, o opened) { e.byAda(`revokeToken(input: {tokenId: "` + o.id + `"})`) }},
		"a service's, disabled": {open: service, end: func(e *endings, o opened) {
			v, err := e.Auth.Token(t.Context(), o.id)
			if err != nil {
				t.Fatal(err)
			}
			e.byAda(`disableServiceAccount(input: {serviceAccountId: "` + v.OwnerID + `"})`)
		}},
	} {
		t.Run(name, func(t *testing.T) {
			e := newEndings(t)
			o := c.open(e)
			busy, idle := e.follow(o.payload, o.headers...), e.follow(o.payload, o.headers...)
			e.asks()
			for _, ws := range []*websocket.Conn{busy, idle} {
				if _, text, err := ws.ReadMessage(); err != nil || !strings.HasPrefix(string(text), `{"id":"0","type":"next"`) {
					t.Fatalf("%v %s", err, text)
				}
			}
			c.end(e, o)
			if !c.gone {
				e.asks()
				if _, text, err := busy.ReadMessage(); err != nil || !strings.HasPrefix(string(text), `{"id":"0","type":"error"`) {
					t.Errorf("what happens afterwards is told: %v %s", err, text)
				}
			}
			e.beats.fire()
			for _, ws := range []*websocket.Conn{busy, idle} {
				how, _ := closed(t, ws)
				if how.Code != 4403 {
					t.Errorf("closed with %v", how)
				}
			}
		})
	}
}
