package transport_test

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"procyon/graph/fanout/fanouttest"
	"procyon/graph/transport"
)

// TestPausedReader: a connection that takes no more for a while gets all of it
// afterwards, in order and whole, and none other waits.
func TestPausedReader(t *testing.T) {
	const n = 200 // × 64 KiB: more than the system holds for a connection
	b := newWSBed(t, func(ws *transport.WebSocket) { ws.WriteTimeout = time.Minute })
	paused, healthy := b.connect("ann"), b.connect("bob")
	for _, c := range []*client{paused, healthy} {
		c.send(subscribe("1", events), `{"type":"ping"}`)
		c.expect(`{"type":"pong"}`)
	}
	text := func(i int) string { return strings.Repeat(strconv.Itoa(i%10), 64<<10) }
	for i := range n {
		b.say(text(i))
		healthy.expect(next("1", text(i)))
	}
	for i := range n {
		got, err := paused.read()
		if err != nil {
			t.Fatal(err)
		}
		if got != next("1", text(i)) {
			t.Fatalf("message %d is another, of %d bytes", i, len(got))
		}
	}
	paused.send(`{"type":"ping"}`)
	paused.expect(`{"type":"pong"}`)
	b.say("at last")
	paused.expect(next("1", "at last"))
}

// waiting is a source of streams, some of which have to wait for their results.
type waiting struct {
	transport.Source
	held chan struct{} // until it is closed, Pull waits on every second stream

	opens  chan struct{} // one for each stream opened
	mu     sync.Mutex    // guards opened
	opened int
}

func (w *waiting) Open(ctx context.Context, op *graphql.OperationContext, wake func()) (transport.Stream, gqlerror.List) {
	s, errs := w.Source.Open(ctx, op, wake)
	if errs != nil {
		return nil, errs
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.opened++
	w.opens <- struct{}{}
	return &waitingStream{Stream: s, w: w, held: w.opened%2 == 1}, nil
}

type waitingStream struct {
	transport.Stream
	w    *waiting
	held bool
}

func (s *waitingStream) Pull(ctx context.Context, dst []transport.Payload, limit int) ([]transport.Payload, error) {
	if s.held {
		<-s.w.held
	}
	return s.Stream.Pull(ctx, dst, limit)
}

// TestStreamsThatWait: they hold up nobody else, however many there are.
func TestStreamsThatWait(t *testing.T) {
	const pairs = 20
	w := &waiting{held: make(chan struct{}), opens: make(chan struct{}, 2*pairs)}
	b := newWSBed(t, func(ws *transport.WebSocket) {
		w.Source = ws.Source
		ws.Source = w
	})
	var held, free []*client
	for i := range pairs {
		for j, list := range []*[]*client{&held, &free} {
			c := b.connect(fmt.Sprint("v", i, j))
			c.send(subscribe("1", events))
			<-w.opens // the pong of a held one would wait too
			*list = append(*list, c)
		}
	}
	b.say("hello")
	for _, c := range free {
		c.expect(next("1", "hello"))
	}
	close(w.held)
	for _, c := range held {
		c.expect(next("1", "hello"))
	}
}

// TestManyAtOnce: with connections coming, going and being written to at the same
// time, each gets what is its own, in order.
func TestManyAtOnce(t *testing.T) {
	const connections, messages = 30, 50
	b := newWSBed(t)
	var group sync.WaitGroup
	for i := range connections {
		c := b.connect(fmt.Sprint("v", i))
		c.send(subscribe("1", events), `{"type":"ping"}`)
		c.expect(`{"type":"pong"}`)
		group.Go(func() {
			for j := range messages {
				got, err := c.read()
				if err != nil || got != next("1", strconv.Itoa(j)) {
					t.Errorf("connection %d, message %d: %s %v", i, j, got, err)
					return
				}
				if i%3 == 0 && j == messages/2 {
					c.conn.Close()
					return
				}
			}
		})
	}
	for j := range messages {
		b.log.Publish(fanouttest.Entry(fanouttest.Fact{Text: strconv.Itoa(j)}))
	}
	group.Wait()
}

// lateStream has something only after it was asked, and says so while it is asked.
type lateStream struct {
	wake  func()
	asked int
}

func (s *lateStream) Pull(_ context.Context, dst []transport.Payload, _ int) ([]transport.Payload, error) {
	s.asked++
	switch s.asked {
	case 1:
		s.wake()
	case 2:
		dst = append(dst, transport.Payload{Data: []byte(`{"data":{"events":{"text":"late"}}}`)})
	}
	return dst, nil
}

func (s *lateStream) Close() {}

type sourceFunc func(wake func()) transport.Stream

func (f sourceFunc) Open(_ context.Context, _ *graphql.OperationContext, wake func()) (transport.Stream, gqlerror.List) {
	return f(wake), nil
}

// TestWokenWhileWritten: what comes while a connection is written to is not
// forgotten afterwards.
func TestWokenWhileWritten(t *testing.T) {
	b := newWSBed(t, func(ws *transport.WebSocket) {
		ws.Source = sourceFunc(func(wake func()) transport.Stream { return &lateStream{wake: wake} })
		ws.AfterFunc = newClock().AfterFunc // no ping will help it along
	})
	c := b.connect("ann")
	c.send(subscribe("1", events))
	c.expect(next("1", "late"))
}
