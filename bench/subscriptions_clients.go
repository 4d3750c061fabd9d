package main

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/gorilla/websocket"
)

const roleSubscribers = "subscribers"

// subscribersRole connects all of a following, which is in the file that is its argument,
// and does as it is told:
//
//	gather n   before subscribing: how many messages each is to have in the end
//	subscribe  all of them; answers once they have
//	hurry      from now on, sleep as little as possible
//	rest       be idle between messages
//	await n    when that many messages have arrived since the start, of all together
//	gathered   when each has as many as are to be gathered
//	bytes      how many bytes these had
//
// A system that wakes a reader on the same machine does so in the writer's time.
// That is no cost of a server whose clients are elsewhere; so those measured
// against hurry: they poll.
func subscribersRole(ctx context.Context, args []string) error {
	if len(args) != 1 {
		return errors.New("it takes one argument, a file")
	}
	f, err := readFollowing(args[0])
	if err != nil {
		return err
	}
	if err := needFiles(uint64(len(f.Each)) + 50); err != nil {
		return err
	}
	conns, stop, err := f.dialAll(ctx)
	defer stop()
	if err != nil {
		return err
	}
	a := newAudience(len(conns))
	return answerLines("ok", func(command string, args []string) (string, error) {
		switch {
		case command == "subscribe":
			return "ok", a.open(ctx, f, conns, stop)
		case command == "hurry", command == "rest":
			a.hurried.Store(command == "hurry")
			return "ok", nil
		case command == "gather" && len(args) == 1, command == "await" && len(args) == 1:
			n, err := strconv.ParseInt(args[0], 10, 64)
			if err != nil {
				return "", err
			}
			if command == "gather" {
				a.gather = n
				return "ok", nil
			}
			return "ok", a.await(n)
		case command == "gathered":
			return "ok", a.gathered()
		case command == "bytes":
			return strconv.FormatInt(a.bytes.Load(), 10), nil
		}
		return "", fmt.Errorf("no such command: %s", command)
	})
}

// audience counts what all subscribers together have received.
type audience struct {
	size             int
	gather           int64 // messages that each is to have; not changed once they listen
	got, bytes, want atomic.Int64
	full             atomic.Int64 // subscribers that have gathered theirs
	hurried          atomic.Bool
	reached, all     chan struct{}
	broken           chan error
}

func newAudience(size int) *audience {
	a := &audience{size: size, reached: make(chan struct{}, 1), all: make(chan struct{}), broken: make(chan error, 1)}
	a.want.Store(-1)
	return a
}

// open subscribes on all connections and listens to them; stop is dialAll's.
func (a *audience) open(ctx context.Context, f *following, conns []*websocket.Conn, stop func()) error {
	list, err := f.subscribeAll(ctx, conns)
	stop()
	if err != nil {
		return err
	}
	ears, err := newEars(a)
	if err != nil {
		return err
	}
	for _, conn := range list {
		if err := ears.add(conn); err != nil {
			return err
		}
	}
	go ears.listen()
	return nil
}

// gathered returns when each has as many messages as they are to have.
func (a *audience) gathered() error {
	late := time.NewTimer(time.Hour)
	defer late.Stop()
	select {
	case <-a.all:
		return nil
	case err := <-a.broken:
		return err
	case <-late.C:
		return fmt.Errorf("after an hour %d of %d have their %d messages", a.full.Load(), a.size, a.gather)
	}
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
		if f.count++; f.count == a.gather && a.full.Add(1) == int64(a.size) {
			close(a.all)
		}
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

	count int64 // messages that were heard
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
