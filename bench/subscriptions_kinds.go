package main

import (
	"context"
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/handler"
	gqlgen "github.com/99designs/gqlgen/graphql/handler/transport"
	"github.com/gorilla/websocket"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"procyon/graph/fanout"
	"procyon/graph/fanout/fanouttest"
	"procyon/graph/transport"
	"procyon/journal"
)

// subscriptionQuery has ten fields.
const subscriptionQuery = `subscription { events { id cursor kind text owner a: id b: cursor c: kind d: owner e: kind } }`

func newFact() fanouttest.Fact {
	return fanouttest.Fact{Kind: "said", Text: strings.Repeat("x", 250), Owner: "somebody"}
}

// kind is a way to serve subscribers.
type kind interface {
	http.Handler
	// publish hands n events to all who have subscribed.
	publish(n int) error
	// subscribed is how many have.
	subscribed() int
}

// newKind returns the kind of a name in subscriptionKinds.
func newKind(name string) (kind, bool) {
	switch name {
	case kindShared:
		return newShared(), true
	case kindPrepared, kindPlainRaw:
		return &raw{prepared: name == kindPrepared}, true
	case kindQueued:
		return &raw{prepared: true, queued: true}, true
	case kindGqlgen:
		return newPlainGqlgen(), true
	}
	return nil, false
}

// shared is what the product does.
type shared struct {
	log  *fanouttest.Log
	exec *fanouttest.Executor
	ws   *transport.WebSocket
	seen counting
}

func newShared() *shared {
	s := &shared{log: fanouttest.NewLog()}
	s.exec = fanouttest.NewExecutor(s.log)
	s.seen.Source = fanout.New(s.log, s.exec, fanouttest.Options(s.exec))
	s.ws = &transport.WebSocket{
		Source: &s.seen,
		Init: func(ctx context.Context, _ *http.Request, _ map[string]any) (context.Context, error) {
			return fanouttest.WithViewer(ctx, fanouttest.Viewer{ID: "a", Admin: true}), nil
		},
	}
	return s
}

func (s *shared) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.ws.Do(w, r, s.exec) }

func (s *shared) publish(n int) error {
	batch := make([]journal.Entry, 0, n)
	for range n {
		batch = append(batch, fanouttest.Entry(newFact()))
	}
	s.log.Publish(batch...)
	return nil
}

func (s *shared) subscribed() int { return int(s.seen.opened.Load()) }

// counting counts the subscriptions opened.
type counting struct {
	transport.Source
	opened atomic.Int64
}

func (c *counting) Open(ctx context.Context, op *graphql.OperationContext, wake func()) (transport.Stream, gqlerror.List) {
	stream, errs := c.Source.Open(ctx, op, wake)
	if errs == nil {
		c.opened.Add(1)
	}
	return stream, errs
}

// raw is a broadcaster written on the WebSocket library alone, without GraphQL:
// it sends to everyone the message that the others would.
type raw struct {
	prepared bool // make the frame once for all
	queued   bool // a goroutine and a queue for each, so that nobody waits for a slow one

	mu    sync.Mutex // guards conns, queue and seq
	conns []*websocket.Conn
	queue []chan *websocket.PreparedMessage
	seq   int
}

func (b *raw) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	up := websocket.Upgrader{Subprotocols: []string{transport.Protocol}, ReadBufferSize: 1024, WriteBufferSize: 1024}
	conn, err := up.Upgrade(w, r, nil)
	if err != nil {
		return // answered
	}
	defer conn.Close()
	if conn.ReadJSON(&struct{}{}) != nil || conn.WriteMessage(websocket.TextMessage, []byte(`{"type":"connection_ack"}`)) != nil || conn.ReadJSON(&struct{}{}) != nil {
		return
	}
	queue := make(chan *websocket.PreparedMessage, 64)
	b.mu.Lock()
	b.conns, b.queue = append(b.conns, conn), append(b.queue, queue)
	b.mu.Unlock()
	if b.queued {
		go func() {
			for m := range queue { // for as long as the process lives
				if send(conn, m) != nil {
					return
				}
			}
		}()
	}
	for err == nil {
		_, _, err = conn.ReadMessage()
	}
}

func (b *raw) publish(n int) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	for range n {
		b.seq++
		body, err := b.message()
		if err != nil {
			return err
		}
		if err := b.broadcast(body); err != nil {
			return err
		}
	}
	return nil
}

func (b *raw) broadcast(body []byte) error {
	if !b.prepared {
		for _, conn := range b.conns {
			if err := conn.SetWriteDeadline(time.Now().Add(10 * time.Second)); err != nil {
				return err
			}
			if err := conn.WriteMessage(websocket.TextMessage, body); err != nil {
				return err
			}
		}
		return nil
	}
	m, err := websocket.NewPreparedMessage(websocket.TextMessage, body)
	if err != nil {
		return err
	}
	for i, conn := range b.conns {
		if b.queued {
			b.queue[i] <- m
		} else if err := send(conn, m); err != nil {
			return err
		}
	}
	return nil
}

func send(conn *websocket.Conn, m *websocket.PreparedMessage) error {
	if err := conn.SetWriteDeadline(time.Now().Add(10 * time.Second)); err != nil {
		return err
	}
	return conn.WritePreparedMessage(m)
}

// message is what the others send, byte for byte.
func (b *raw) message() ([]byte, error) {
	f, seq := newFact(), strconv.Itoa(b.seq)
	id := "evt_" + seq
	data, err := json.Marshal(struct {
		ID     string `json:"id"`
		Cursor string `json:"cursor"`
		Kind   string `json:"kind"`
		Text   string `json:"text"`
		Owner  string `json:"owner"`
		A      string `json:"a"`
		B      string `json:"b"`
		C      string `json:"c"`
		D      string `json:"d"`
		E      string `json:"e"`
	}{id, seq, f.Kind, f.Text, f.Owner, id, seq, f.Kind, f.Owner, f.Kind})
	return []byte(`{"id":"1","type":"next","payload":{"data":{"events":` + string(data) + `}}}`), err
}

func (b *raw) subscribed() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return len(b.conns)
}

// plainGqlgen is gqlgen as it comes: its own transport, and a resolver that gives
// each subscriber a channel, to which the same events are sent, made once.
type plainGqlgen struct {
	http.Handler
	*fanouttest.Resolver

	mu       sync.Mutex // guards channels and seq
	channels []chan *fanouttest.Event
	seq      int
}

func newPlainGqlgen() *plainGqlgen {
	p := &plainGqlgen{Resolver: &fanouttest.Resolver{}}
	server := handler.New(fanouttest.NewExecutableSchema(fanouttest.Config{Resolvers: p}))
	server.AddTransport(gqlgen.Websocket{})
	p.Handler = server
	return p
}

// Subscription implements fanouttest.ResolverRoot.
func (p *plainGqlgen) Subscription() fanouttest.SubscriptionResolver { return p }

// Events implements fanouttest.SubscriptionResolver.
func (p *plainGqlgen) Events(context.Context, *fanouttest.EventFilter, *string) (<-chan *fanouttest.Event, error) {
	c := make(chan *fanouttest.Event, 64)
	p.mu.Lock()
	defer p.mu.Unlock()
	p.channels = append(p.channels, c)
	return c, nil
}

func (p *plainGqlgen) publish(n int) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	f := newFact()
	for range n {
		p.seq++
		seq := strconv.Itoa(p.seq)
		e := &fanouttest.Event{ID: "evt_" + seq, Cursor: seq, Kind: f.Kind, Text: f.Text, Owner: f.Owner}
		for _, c := range p.channels {
			c <- e
		}
	}
	return nil
}

func (p *plainGqlgen) subscribed() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.channels)
}
