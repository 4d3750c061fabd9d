package client

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"
)

func TestSubscriptionResumesWhereItWas(t *testing.T) {
	// Each connection sends three events and is cut, without a word or with one.
	s := newServer(t, func(c *peer) {
		for n := c.after + 1; n <= c.after+3; n++ {
			if c.next(n) != nil {
				return
			}
		}
		switch c.number % 4 {
		case 0:
			c.end(1012, "restarting")
		case 1:
			_ = c.say("complete", "null")
		case 2:
			_ = c.say("error", `[{"message":"later","extensions":{"code":"UNAVAILABLE"}}]`)
		}
	})
	sub := s.subscribe(SubscribeOptions{After: "10"})
	expect(t, sub, 11, 60)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.inits[0]["Authorization"] != "Bearer secret-token" || s.headers[0].Get("Authorization") != "Bearer secret-token" {
		t.Errorf("the token was not sent: %v", s.inits[0])
	}
}

func TestSubscriptionDropsARepeat(t *testing.T) {
	s := newServer(t, func(c *peer) {
		if c.after > 0 {
			_ = c.next(c.after) // a server that takes "after" to include it
		}
		_ = c.next(c.after + 1)
	})
	expect(t, s.subscribe(SubscribeOptions{After: "5"}), 6, 12)
}

func TestSubscriptionTellsOfAGapThatItCannotRuleOut(t *testing.T) {
	s := newServer(t, func(c *peer) {
		if c.number == 1 {
			return // cut before there was anything
		}
		for n := c.after + 7; n < 10; n++ {
			_ = c.next(n)
		}
		c.wait()
	})
	sub := s.subscribe(SubscribeOptions{})
	first, err := sub.Next(t.Context())
	if err != nil || !first.MayFollowGap {
		t.Errorf("got %+v, %v; want a warning of a gap", first, err)
	}
	second, err := sub.Next(t.Context())
	if err != nil || second.MayFollowGap {
		t.Errorf("got %+v, %v; want no warning", second, err)
	}
}

func TestSlowConsumerHoldsTheServerBack(t *testing.T) {
	const count = 3000
	padding := strings.Repeat("x", 4<<10)
	written := make(chan int, 1)
	s := newServer(t, func(c *peer) {
		n := c.after
		for n < count {
			n++
			_ = c.SetWriteDeadline(time.Now().Add(100 * time.Millisecond))
			if c.say("next", `{"data":{"requestEvents":{"cursor":"`+itoa(n)+`","padding":"`+padding+`"}}}`) != nil {
				break // the client does not read: it is cut
			}
		}
		select {
		case written <- n:
		default:
		}
		if n == count {
			c.wait()
		}
	})
	sub := s.subscribe(SubscribeOptions{Buffer: 4})
	if n := <-written; n >= count {
		t.Fatal("everything was read though nobody took it")
	}
	expect(t, sub, 1, count)
}

func TestSilentServerIsLeft(t *testing.T) {
	s := newServer(t, func(c *peer) {
		_ = c.next(c.after + 1)
		c.wait() // hears and says nothing
	})
	sub := s.subscribe(SubscribeOptions{Silence: 30 * time.Millisecond, After: "1"})
	expect(t, sub, 2, 4)
}

func TestSubscriptionEndsOnRefusal(t *testing.T) {
	for name, c := range map[string]struct {
		script func(c *peer)
		code   string
	}{
		"unauthorized": {func(c *peer) { c.end(4401, "Unauthorized") }, CodeUnauthenticated},
		"forbidden":    {func(c *peer) { c.end(4403, "Forbidden") }, CodeForbidden},
		"bad message":  {func(c *peer) { c.end(4400, "Invalid") }, CodeClosed},
		"another journal": {func(c *peer) {
			_ = c.say("error", `[{"message":"restored","extensions":{"code":"JOURNAL_CHANGED"}}]`)
		}, CodeJournalChanged},
		"expired":   {func(c *peer) { _ = c.say("error", `[{"message":"gone","extensions":{"code":"CURSOR_EXPIRED"}}]`) }, CodeCursorExpired},
		"invalid":   {func(c *peer) { _ = c.say("error", `[{"message":"no field x"}]`) }, ""},
		"no cursor": {func(c *peer) { _ = c.say("next", `{"data":{"requestEvents":{"n":1}}}`) }, CodeProtocol},
		"unreadable": {func(c *peer) {
			_ = c.say("next", `{"data":null,"errors":[{"message":"no","extensions":{"code":"FORBIDDEN"}}]}`)
		}, CodeForbidden},
	} {
		t.Run(name, func(t *testing.T) {
			s := newServer(t, func(p *peer) { c.script(p); p.wait() })
			sub := s.subscribe(SubscribeOptions{})
			_, err := sub.Next(t.Context())
			var e *Error
			if !errors.As(err, &e) || e.Retryable || e.Code != c.code {
				t.Fatalf("got %#v, want a final error %q", err, c.code)
			}
			if _, again := sub.Next(t.Context()); !errors.Is(again, err) {
				t.Errorf("then %v", again)
			}
		})
	}
}

// A handshake that is refused ends a subscription by the server's own words alone.
func TestRefusedHandshakes(t *testing.T) {
	for name, c := range map[string]struct {
		status int
		body   string
		code   string
		again  bool
	}{
		"a bad token":   {401, `{"errors":[{"message":"no","extensions":{"code":"UNAUTHENTICATED"}}]}`, CodeUnauthenticated, false},
		"no store":      {503, `{"errors":[{"message":"later","extensions":{"code":"UNAVAILABLE"}}]}`, "UNAVAILABLE", true},
		"too many":      {429, `{"errors":[{"message":"later","extensions":{"code":"TOO_MANY_REQUESTS"}}]}`, "TOO_MANY_REQUESTS", true},
		"a proxy's 403": {403, `<html>`, CodeHTTP, true},
		"a proxy's 502": {502, `<html>`, CodeHTTP, true},
		"no handshake":  {200, `{"data":{"a":1}}`, CodeHTTP, false},
	} {
		client := respond(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(c.status)
			_, _ = io.WriteString(w, c.body)
		})
		_, err := client.dial(t.Context())
		if CodeOf(err) != c.code || IsRetryable(err) != c.again {
			t.Errorf("%s: %v, retryable %v", name, err, IsRetryable(err))
		}
	}
}

// What is wrong with a position is told apart from all else, and ends the subscription.
func TestErrorsOfPositions(t *testing.T) {
	all := map[string]error{CodeJournalChanged: ErrJournalChanged, CodeCursorExpired: ErrCursorExpired, CodeCursorMismatch: ErrCursorMismatch}
	for code := range all {
		s := newServer(t, func(c *peer) {
			_ = c.say("error", `[{"message":"no","extensions":{"code":"`+code+`"}}]`)
			c.wait()
		})
		_, ended := s.subscribe(SubscribeOptions{After: "8"}).Next(t.Context())
		for name, err := range map[string]error{"a subscription": ended, "a mutation": UserErrors{{Code: code, Message: "no"}}} {
			if !IsBadCursor(err) || IsRetryable(err) {
				t.Errorf("%s: %v", name, err)
			}
			for its, other := range all {
				if errors.Is(err, other) != (its == code) {
					t.Errorf("%s: %v is %v: %v", name, err, other, errors.Is(err, other))
				}
			}
		}
	}
	for _, err := range []error{nil, ErrLost, &Error{Code: "INTERNAL"}, UserErrors{{Code: "LEASE"}}} {
		if IsBadCursor(err) {
			t.Errorf("%v is a bad cursor", err)
		}
	}
}

func TestNextStopsWithItsContext(t *testing.T) {
	s := newServer(t, func(c *peer) { c.wait() })
	sub := s.subscribe(SubscribeOptions{})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := sub.Next(ctx); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	sub.Close()
	if _, err := sub.Next(t.Context()); !errors.Is(err, ErrClosed) {
		t.Error(err)
	}
	if _, ok := sub.Poll(); ok {
		t.Error("an event after the end")
	}
}
