package main

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/gorilla/websocket"

	"procyon/graph/transport"
)

const roleSubscribers = "subscribers"

// subscribersRole subscribes to the address that is its first argument as often
// as the second says, reads what comes, and answers:
//
//	hurry     from now on, sleep as little as possible
//	rest      be idle between messages
//	await n   when that many messages have arrived since the start
//	bytes     how many bytes these had
//
// A system that wakes a reader on the same machine does so in the writer's time.
// That is no cost of a server whose clients are elsewhere; so those measured
// against hurry: they poll.
func subscribersRole(ctx context.Context, args []string) error {
	if len(args) != 2 {
		return errors.New("it takes two arguments, an address and a number")
	}
	n, err := strconv.Atoi(args[1])
	if err != nil {
		return err
	}
	if err := needFiles(uint64(n) + 50); err != nil {
		return err
	}
	a := &audience{reached: make(chan struct{}, 1), broken: make(chan error, 1)}
	a.want.Store(-1)
	ears, err := newEars(a)
	if err != nil {
		return err
	}
	for range n {
		conn, err := subscribe(ctx, args[0])
		if err != nil {
			return err
		}
		if err := ears.add(conn); err != nil {
			return err
		}
	}
	go ears.listen()
	return answerLines("ok", func(command string, args []string) (string, error) {
		switch {
		case command == "hurry", command == "rest":
			a.hurried.Store(command == "hurry")
			return "ok", nil
		case command == "await" && len(args) == 1:
			n, err := strconv.ParseInt(args[0], 10, 64)
			if err != nil {
				return "", err
			}
			return "ok", a.await(n)
		case command == "bytes":
			return strconv.FormatInt(a.bytes.Load(), 10), nil
		}
		return "", fmt.Errorf("no such command: %s", command)
	})
}

// subscribe returns a connection on which only results are to come, and pings.
func subscribe(ctx context.Context, addr string) (net.Conn, error) {
	d := websocket.Dialer{Subprotocols: []string{transport.Protocol}, ReadBufferSize: 256, WriteBufferSize: 256}
	conn, resp, err := d.DialContext(ctx, "ws://"+addr+"/", nil)
	if err != nil {
		return nil, err
	}
	resp.Body.Close()
	payload, err := json.Marshal(map[string]string{"query": subscriptionQuery})
	if err != nil {
		return nil, err
	}
	var ack struct{ Type string }
	if err := errors.Join(
		conn.WriteMessage(websocket.TextMessage, []byte(`{"type":"connection_init"}`)),
		conn.ReadJSON(&ack),
		conn.WriteMessage(websocket.TextMessage, fmt.Appendf(nil, `{"id":"1","type":"subscribe","payload":%s}`, payload)),
	); err != nil {
		return nil, err
	}
	if ack.Type != "connection_ack" {
		return nil, fmt.Errorf("the server greets with %q", ack.Type)
	}
	return conn.NetConn(), nil
}

// audience counts what all subscribers together have received.
type audience struct {
	got, bytes, want atomic.Int64
	hurried          atomic.Bool
	reached          chan struct{}
	broken           chan error
}

// await returns when n messages have arrived since the start.
func (a *audience) await(n int64) error {
	a.want.Store(n)
	if a.got.Load() >= n { // it may have been reached before it was wanted
		select {
		case <-a.reached:
		default:
		}
		return nil
	}
	late := time.NewTimer(time.Minute)
	defer late.Stop()
	select {
	case <-a.reached:
		return nil
	case err := <-a.broken:
		return err
	case <-late.C:
		return fmt.Errorf("after a minute %d messages have arrived, of %d", a.got.Load(), n)
	}
}

// heard takes what has come on one connection, and returns the answers due.
func (a *audience) heard(f *frames, p []byte) (pongs []byte) {
	texts, pings := f.feed(p)
	a.bytes.Add(int64(len(p)))
	for range texts {
		if a.got.Add(1) == a.want.Load() {
			a.reached <- struct{}{}
		}
	}
	for range pings {
		pongs = append(pongs, 0x80|websocket.PongMessage, 0x80, 0, 0, 0, 0)
	}
	return pongs
}

// lost says that a connection has ended; the first counts.
func (a *audience) lost(err error) {
	select {
	case a.broken <- fmt.Errorf("a subscription ended: %w", err):
	default:
	}
}

// frames finds where frames that a server sends begin and end (RFC 6455, 5.2).
type frames struct {
	head []byte // of a frame whose header is not complete
	rest int    // bytes until the present frame ends
	text bool   // the present frame is one
}

// feed returns how many messages have become complete, and how many pings began.
// It looks at the headers alone, so as to leave the processors to the server.
func (f *frames) feed(p []byte) (texts, pings int) {
	for len(p) > 0 {
		if f.rest > 0 {
			n := min(f.rest, len(p))
			p, f.rest = p[n:], f.rest-n
			if f.rest == 0 && f.text {
				texts++
			}
			continue
		}
		f.head, p = append(f.head, p[0]), p[1:]
		size, complete := frameSize(f.head)
		if !complete {
			continue
		}
		opcode := int(f.head[0] & 0x0f)
		f.rest, f.text, f.head = size, opcode == websocket.TextMessage, f.head[:0]
		if opcode == websocket.PingMessage {
			pings++
		}
	}
	return texts, pings
}

func frameSize(head []byte) (size int, complete bool) {
	if len(head) < 2 {
		return 0, false
	}
	switch short := int(head[1] & 0x7f); {
	case short < 126:
		return short, true
	case short == 126 && len(head) == 4:
		return int(binary.BigEndian.Uint16(head[2:])), true
	case short == 127 && len(head) == 10:
		return int(binary.BigEndian.Uint64(head[2:])), true
	}
	return 0, false
}
