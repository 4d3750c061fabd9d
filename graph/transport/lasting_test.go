package transport_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"
	"time"

	"github.com/vektah/gqlparser/v2/gqlerror"

	"procyon/graph/transport"
)

// Whoever counts connections hears of every one's begin and end, whatever came of it.
func TestOpenedAndGone(t *testing.T) {
	clock := newClock()
	opened, gone := make(chan struct{}, 1), make(chan struct{}, 1)
	b := newWSBed(t, func(ws *transport.WebSocket) {
		ws.AfterFunc = clock.AfterFunc
		ws.Opened = func(context.Context) func() {
			opened <- struct{}{}
			return func() { gone <- struct{}{} }
		}
	})
	for name, do := range map[string]func(c *client){
		"silent": func(c *client) {
			clock.tick()
			c.expectClose(4408, "Connection initialisation timeout")
		},
		"refused": func(c *client) {
			c.send(`{"type":"connection_init","payload":{"name":"nobody"}}`)
			c.expectClose(4403, "Forbidden")
		},
		"cut": func(c *client) { c.conn.Close() },
		"good": func(c *client) {
			c.send(`{"type":"connection_init","payload":{"name":"ann"}}`)
			c.expect(`{"type":"connection_ack"}`)
			c.conn.Close()
		},
	} {
		c := b.dial(transport.Protocol)
		<-opened
		do(c)
		c.conn.Close()
		select {
		case <-gone:
		case <-time.After(20 * time.Second):
			t.Fatalf("%s: it is never gone", name)
		}
		for len(clock.timers) > 0 {
			<-clock.timers
		}
	}
	if len(opened)+len(gone) > 0 {
		t.Error("something was told twice")
	}
}

func TestInitSaysHowToClose(t *testing.T) {
	b := newWSBed(t, func(ws *transport.WebSocket) {
		ws.Init = func(ctx context.Context, _ *http.Request, _ map[string]any) (context.Context, error) {
			return ctx, &transport.CloseError{Code: 1013, Reason: "Too many"}
		}
	})
	c := b.dial(transport.Protocol)
	c.send(`{"type":"connection_init"}`)
	c.expectClose(1013, "Too many")
}

func TestTooManyStreams(t *testing.T) {
	b := newHTTPBed(t, transport.SSE{Enter: func(context.Context) *gqlerror.Error {
		return &gqlerror.Error{Message: "One too many.", Extensions: map[string]any{"code": "TOO_MANY_CONNECTIONS"}}
	}})
	resp, body := b.ask(http.MethodGet, "?query="+url.QueryEscape(events), "", "Accept", "text/event-stream")
	if want := `{"errors":[{"message":"One too many.","extensions":{"code":"TOO_MANY_CONNECTIONS","documentation":"errors#TOO_MANY_CONNECTIONS"}}]}`; resp.StatusCode != http.StatusTooManyRequests || body != want || resp.Header.Get("Retry-After") == "" {
		t.Errorf("%d %v %s", resp.StatusCode, resp.Header, body)
	}
	if resp, _ := b.ask(http.MethodGet, "?query="+url.QueryEscape("{ ping }"), "", "Accept", "text/event-stream"); resp.StatusCode != http.StatusOK {
		t.Errorf("a query: %d", resp.StatusCode)
	}
}

// A stream lasts longer than the server gives other answers, and leaves a deadline for
// its end, as it does none to a server that would not set another one.
func TestStreamOnAServerWithAWriteTimeout(t *testing.T) {
	const limit = 50 * time.Millisecond
	b := newSSEBed(t)
	srv := httptest.NewUnstartedServer(b.server.Config.Handler)
	srv.Config.WriteTimeout = limit
	srv.Start()
	defer srv.Close()
	b.url = srv.URL
	s := b.stream(events)
	<-time.After(3 * limit)
	b.say("late")
	s.expect(nextEvent(1, "late"))
	s.stop()
}

// deadlines notes the write deadlines of a response.
type deadlines struct {
	*httptest.ResponseRecorder
	last time.Time
}

func (d *deadlines) SetWriteDeadline(t time.Time) error {
	d.last = t
	return nil
}

func TestDeadlineAfterAStream(t *testing.T) {
	b := newHTTPBed(t, transport.SSE{WriteTimeout: time.Hour})
	for limit, left := range map[time.Duration]bool{0: false, time.Minute: true} {
		ctx := context.WithValue(t.Context(), http.ServerContextKey, &http.Server{WriteTimeout: limit, ReadHeaderTimeout: limit})
		r := httptest.NewRequestWithContext(ctx, http.MethodGet, "/?query="+url.QueryEscape("{ ping }"), nil)
		r.Header.Set("Accept", "text/event-stream")
		w := &deadlines{ResponseRecorder: httptest.NewRecorder()}
		b.server.Config.Handler.ServeHTTP(w, r)
		if !w.last.IsZero() != left {
			t.Errorf("with a limit of %v, the deadline is %v", limit, w.last)
		}
	}
}
