package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/gorilla/websocket"
	"golang.org/x/sync/errgroup"

	"procyon/graph/transport"
)

// following is what an audience subscribes to.
type following struct {
	Address string // of the server
	Path    string
	Query   string
	Each    []follower
	// Confirm waits until the server has taken each subscription: it must answer pings
	// between, and there must be nothing to deliver yet.
	Confirm bool
}

// follower is one subscriber, on a connection of its own.
type follower struct {
	Token     string         // in the header; "" for none
	Variables map[string]any // of the operation
}

// dialAtOnce is how many connections are opened at the same time.
const dialAtOnce = 32

// startAudience starts a process in which all have a connection and are greeted, and
// nobody has subscribed. What is to be followed is handed over in a file of that folder.
func (f *following) startAudience(ctx context.Context, dir string) (*process, error) {
	data, err := json.Marshal(f)
	if err != nil {
		return nil, err
	}
	file, err := os.CreateTemp(dir, "following-")
	if err != nil {
		return nil, err
	}
	_, err = file.Write(data)
	if err := errors.Join(err, file.Close()); err != nil {
		return nil, err
	}
	p, err := startRole(ctx, roleSubscribers, nil, file.Name())
	if err != nil {
		return nil, err
	}
	if _, err := p.ask(""); err != nil {
		return nil, errors.Join(err, p.stop())
	}
	return p, nil
}

// readFollowing reads what startAudience wrote.
func readFollowing(path string) (*following, error) {
	data, err := os.ReadFile(filepath.Clean(path))
	if err != nil {
		return nil, err
	}
	f := &following{}
	return f, json.Unmarshal(data, f)
}

// dialAll opens everybody's connection. They say that they are there until stop is
// called: a server cuts off who is silent from one ping to the next, and nobody listens
// while others are still being connected.
func (f *following) dialAll(ctx context.Context) (conns []*websocket.Conn, stop func(), err error) {
	conns = make([]*websocket.Conn, len(f.Each))
	living, end := context.WithCancel(context.WithoutCancel(ctx))
	var beats sync.WaitGroup
	stop = func() {
		end()
		beats.Wait()
	}
	var known greeted
	beats.Go(func() {
		for living.Err() == nil {
			pause(living, 10*time.Second)
			for _, conn := range known.all() {
				if living.Err() == nil {
					_ = conn.WriteControl(websocket.PongMessage, nil, time.Now().Add(time.Second)) // a broken one is seen when it is read
				}
			}
		}
	})
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(dialAtOnce)
	for i := range f.Each {
		group.Go(func() error {
			conn, err := f.dial(ctx, f.Each[i].Token)
			if err != nil {
				return err
			}
			conns[i] = conn
			known.add(conn)
			return nil
		})
	}
	return conns, stop, group.Wait()
}

// greeted are connections that are open. It is safe for concurrent use.
type greeted struct {
	mu    sync.Mutex // guards conns
	conns []*websocket.Conn
}

func (g *greeted) add(c *websocket.Conn) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.conns = append(g.conns, c)
}

func (g *greeted) all() []*websocket.Conn {
	g.mu.Lock()
	defer g.mu.Unlock()
	return slices.Clone(g.conns)
}

// dial opens a connection and waits for the server's greeting.
func (f *following) dial(ctx context.Context, token string) (*websocket.Conn, error) {
	d := websocket.Dialer{Subprotocols: []string{transport.Protocol}, ReadBufferSize: 256, WriteBufferSize: 256}
	head := http.Header{}
	if token != "" {
		head.Set("Authorization", "Bearer "+token)
	}
	conn, resp, err := d.DialContext(ctx, "ws://"+f.Address+f.Path, head)
	if err != nil {
		return nil, err
	}
	resp.Body.Close()
	if err := conn.WriteMessage(websocket.TextMessage, []byte(`{"type":"connection_init"}`)); err != nil {
		return nil, err
	}
	return conn, expect(conn, "connection_ack")
}

// expect reads one message, which must be of that type.
func expect(conn *websocket.Conn, kind string) error {
	_, data, err := conn.ReadMessage()
	if err != nil {
		return err
	}
	var m struct{ Type string }
	if err := json.Unmarshal(data, &m); err != nil {
		return err
	}
	if m.Type != kind {
		return fmt.Errorf("the server says %s in place of %s", data, kind)
	}
	return nil
}

// subscribeAll subscribes on all connections, and returns these: only results are to
// come on them, and pings.
func (f *following) subscribeAll(ctx context.Context, conns []*websocket.Conn) ([]net.Conn, error) {
	out := make([]net.Conn, len(conns))
	group, _ := errgroup.WithContext(ctx)
	group.SetLimit(dialAtOnce)
	for i, conn := range conns {
		group.Go(func() error {
			out[i] = conn.NetConn()
			return f.subscribe(conn, f.Each[i].Variables)
		})
	}
	return out, group.Wait()
}

func (f *following) subscribe(conn *websocket.Conn, variables map[string]any) error {
	message, err := json.Marshal(map[string]any{
		"id": "1", "type": "subscribe", "payload": map[string]any{"query": f.Query, "variables": variables},
	})
	if err != nil {
		return err
	}
	if err := conn.WriteMessage(websocket.TextMessage, message); err != nil || !f.Confirm {
		return err
	}
	if err := conn.WriteMessage(websocket.TextMessage, []byte(`{"type":"ping"}`)); err != nil {
		return err
	}
	return expect(conn, "pong")
}
