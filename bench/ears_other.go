//go:build !linux

package main

import "net"

// ears reads from many connections, in a goroutine each: it can't hurry here.
type ears struct {
	a     *audience
	conns []net.Conn
}

func newEars(a *audience) (*ears, error) { return &ears{a: a}, nil }

// add takes a connection over. It may not be called once listen was.
func (e *ears) add(conn net.Conn) error {
	e.conns = append(e.conns, conn)
	return nil
}

func (e *ears) listen() {
	for _, conn := range e.conns {
		go e.hear(conn)
	}
}

func (e *ears) hear(conn net.Conn) {
	defer conn.Close()
	var f frames
	buf := make([]byte, 4<<10)
	for {
		n, err := conn.Read(buf)
		if pongs := e.a.heard(&f, buf[:n]); len(pongs) > 0 {
			_, _ = conn.Write(pongs)
		}
		if err != nil {
			e.a.lost(err)
			return
		}
	}
}
