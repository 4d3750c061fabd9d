package transport_test

import (
	"context"
	"errors"
	"net"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gorilla/websocket"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"procyon/graph/fanout/fanouttest"
	"procyon/graph/transport"
)

// clock hands out timers that fire when the test says so.
type clock struct{ timers chan timer }

type timer struct {
	after time.Duration
	fire  func()
}

func newClock() *clock { return &clock{timers: make(chan timer, 16)} }

func (c *clock) AfterFunc(d time.Duration, f func()) (stop func() bool) {
	c.timers <- timer{d, f}
	return func() bool { return true }
}

// tick fires the timer that was set last and returns what it was set to.
func (c *clock) tick() time.Duration {
	t := <-c.timers
	t.fire()
	return t.after
}

func TestInitTimesOut(t *testing.T) {
	clock := newClock()
	b := newWSBed(t, func(ws *transport.WebSocket) { ws.AfterFunc = clock.AfterFunc })
	c := b.dial(transport.Protocol)
	c.send(`{"type":"ping"}`)
	c.expect(`{"type":"pong"}`)
	if d := clock.tick(); d != 5*time.Second {
		t.Errorf("waited %v", d)
	}
	c.expectClose(4408, "Connection initialisation timeout")
}

func TestAnswersKeepAConnection(t *testing.T) {
	clock := newClock()
	b := newWSBed(t, func(ws *transport.WebSocket) { ws.AfterFunc = clock.AfterFunc })
	c := b.connect("ann")
	pings := 0
	c.conn.SetPingHandler(func(string) error {
		pings++
		return nil
	})
	timer := <-clock.timers
	for i := range 4 {
		timer.fire()
		timer = <-clock.timers // the tick is over
		if timer.after != 25*time.Second {
			t.Errorf("waits %v", timer.after)
		}
		c.send(`{"type":"ping"}`) // any word will do
		c.expect(`{"type":"pong"}`)
		if pings != i+1 {
			t.Fatalf("%d pings after %d ticks", pings, i+1)
		}
	}
}

func TestUnansweredPing(t *testing.T) {
	clock := newClock()
	b := newWSBed(t, func(ws *transport.WebSocket) { ws.AfterFunc = clock.AfterFunc })
	c := b.connect("ann")
	pings := 0
	c.conn.SetPingHandler(func(string) error {
		pings++
		return nil // no answer
	})
	clock.tick()
	clock.tick()
	c.expectClose(1013, "No answer to a ping")
	if pings != 1 {
		t.Errorf("%d pings", pings)
	}
}

// A connection ends for good by what says that its client may not go on. Where that
// can't be told now, the client is to come back.
func TestAuthorizedIsAskedAgain(t *testing.T) {
	for name, c := range map[string]struct {
		why    error
		code   int
		reason string
	}{
		"signed out":         {&gqlerror.Error{Message: "signed out"}, 4403, "Forbidden: signed out"},
		"a store that fails": {errors.New("no store"), 1013, "connect again and resume"},
	} {
		t.Run(name, func(t *testing.T) { authorizedIsAskedAgain(t, c.why, c.code, c.reason) })
	}
}

func authorizedIsAskedAgain(t *testing.T, why error, code int, reason string) {
	clock := newClock()
	var ended atomic.Bool
	b := newWSBed(t, func(ws *transport.WebSocket) {
		ws.AfterFunc = clock.AfterFunc
		ws.Authorized = func(ctx context.Context) error {
			if fanouttest.ViewerFrom(ctx).ID == "" {
				return errors.New("not the context of Init")
			}
			if ended.Load() {
				return why
			}
			return nil
		}
	})
	idle, busy := b.connect("ann"), b.connect("bob")
	busy.send(subscribe("1", events), `{"type":"ping"}`)
	busy.expect(`{"type":"pong"}`)
	ended.Store(true)
	busy.send(subscribe("2", `{ ping }`))
	busy.expectClose(code, reason)
	clock.tick()
	clock.tick()
	idle.expectClose(code, reason)
}

// TestPingFlood: a client that asks and never reads cannot make replies pile up.
func TestPingFlood(t *testing.T) {
	b := newWSBed(t, func(ws *transport.WebSocket) { ws.WriteTimeout = 100 * time.Millisecond })
	c := b.connect("ann")
	flood := []byte(`{"type":"ping","payload":{"x":"` + strings.Repeat("x", 900) + `"}}`)
	c.conn.SetWriteDeadline(time.Now().Add(20 * time.Second))
	for {
		if err := c.conn.WriteMessage(websocket.TextMessage, flood); err != nil {
			var slow net.Error
			if errors.As(err, &slow) && slow.Timeout() {
				t.Fatal("still connected")
			}
			return
		}
	}
}

// TestSlowReader: one that stops reading is cut, and the others go on meanwhile.
func TestSlowReader(t *testing.T) {
	const deadline = 500 * time.Millisecond
	b := newWSBed(t, func(ws *transport.WebSocket) { ws.WriteTimeout = deadline })
	stuck, healthy := b.connect("ann"), b.connect("bob")
	for _, c := range []*client{stuck, healthy} {
		c.send(subscribe("1", events), `{"type":"ping"}`)
		c.expect(`{"type":"pong"}`)
	}
	text := strings.Repeat("x", 64<<10)
	entry := fanouttest.Entry(fanouttest.Fact{Text: text})
	began := time.Now()
	for b.ws.Sockets() > 1 {
		b.log.Publish(entry)
		sent := time.Now()
		healthy.expect(next("1", text))
		if waited := time.Since(sent); waited > time.Second {
			t.Fatalf("an event took %v", waited)
		}
		if time.Since(began) > 20*time.Second {
			t.Fatal("the slow reader is still connected")
		}
	}
	// What was in the system's buffers comes, then the cut.
	for {
		if _, err := stuck.read(); err != nil {
			return
		}
	}
}
