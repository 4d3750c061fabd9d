package transport

import (
	"bufio"
	"net"
	"net/http"
	"sync/atomic"
	"time"
)

// guard stands between the WebSocket library and the network connection. Until
// the handshake is done it lets everything pass. Then the library only reads:
// the control frames that it wants to send go to the connection's writer, so
// that it never waits, and never mixes its frames with others.
type guard struct {
	net.Conn
	send  func(frame []byte) // set after the handshake, before the first read
	heard atomic.Bool        // something was received
}

func (g *guard) Read(p []byte) (int, error) {
	n, err := g.Conn.Read(p)
	if n > 0 && !g.heard.Load() {
		g.heard.Store(true)
	}
	return n, err
}

func (g *guard) Write(p []byte) (int, error) {
	if g.send == nil {
		return g.Conn.Write(p)
	}
	g.send(append([]byte(nil), p...))
	return len(p), nil
}

func (g *guard) SetWriteDeadline(t time.Time) error {
	if g.send == nil {
		return g.Conn.SetWriteDeadline(t)
	}
	return nil // the writer's own business
}

// hijacker hands out the connection in its guard.
type hijacker struct {
	http.ResponseWriter
	guard *guard
}

// Hijack implements http.Hijacker.
func (h *hijacker) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	conn, rw, err := http.NewResponseController(h.ResponseWriter).Hijack()
	h.guard.Conn = conn
	return h.guard, rw, err
}

// noBuffers keeps the library from holding a write buffer for each connection.
type noBuffers struct{}

func (noBuffers) Get() any { return nil }
func (noBuffers) Put(any)  {}
