package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// enemy is who attacks.
type enemy struct {
	address string
	cut     atomic.Int64 // connections that the server ended or refused
	sent    atomic.Int64 // requests and connections that began
}

// roleEnemy attacks the address that is its first argument, in the way whose number is
// the second, with as many connections as the third says. It answers:
//
//	results   how many connections and requests began, and how many the server ended
const roleEnemy = "enemy"

func enemyRole(ctx context.Context, args []string) error {
	if len(args) != 3 {
		return errors.New("it takes three arguments, an address and two numbers")
	}
	kind, err := strconv.Atoi(args[1])
	if err != nil {
		return err
	}
	conns, err := strconv.Atoi(args[2])
	if err != nil {
		return err
	}
	if err := needFiles(uint64(2*conns) + 50); err != nil {
		return err
	}
	ctx, stop := context.WithCancel(ctx)
	e := &enemy{address: args[0]}
	var tasks sync.WaitGroup
	tasks.Go(func() { attacks()[kind].run(ctx, e, conns) })
	defer tasks.Wait()
	defer stop()
	return answerLines("ok", func(command string, _ []string) (string, error) {
		if command != "results" {
			return "", fmt.Errorf("no such command: %s", command)
		}
		return fmt.Sprint(e.sent.Load(), e.cut.Load()), nil
	})
}

// attack is one way to do harm.
type attack struct {
	name string
	wave func(ctx context.Context, e *enemy, n int) // one of the connections' work: goes on until ctx is done
	most int                                        // how many connections do so; 0: as many as there are
	each []attack                                   // instead of wave: all of these at once
}

func (a attack) run(ctx context.Context, e *enemy, conns int) {
	var tasks sync.WaitGroup
	if a.wave == nil {
		for _, part := range a.each {
			tasks.Go(func() { part.run(ctx, e, conns/4) })
		}
		tasks.Wait()
		return
	}
	if a.most > 0 {
		conns = min(conns, a.most)
	}
	for n := range conns {
		tasks.Go(func() {
			for ctx.Err() == nil {
				a.wave(ctx, e, n)
			}
		})
	}
	tasks.Wait()
}

// attacks are all kinds, in the order in which they are made.
func attacks() []attack {
	kinds := []attack{
		{name: "half-sent headers", wave: halfHeaders},
		{name: "half-sent bodies, in drops", wave: halfBodies},
		{name: "clients that never read", wave: neverReading},
		{name: "bodies of a megabyte", wave: hugeBodies, most: 200},
		{name: "anonymous WebSockets", wave: silentSockets},
		{name: "fast requests", wave: fastRequests, most: 64},
		{name: "distinct documents", wave: distinctDocuments, most: 64},
	}
	return append(kinds, attack{name: "all of them at once", each: slices.Clone(kinds)})
}

// dial opens a connection that lasts as long as ctx at most.
func (e *enemy) dial(ctx context.Context) (net.Conn, func()) {
	c, err := (&net.Dialer{Timeout: 5 * time.Second}).DialContext(ctx, "tcp", e.address)
	if err != nil {
		e.cut.Add(1)
		pause(ctx, 50*time.Millisecond)
		return nil, func() {}
	}
	e.sent.Add(1)
	stop := context.AfterFunc(ctx, func() { _ = c.Close() })
	return c, func() {
		stop()
		_ = c.Close()
		if ctx.Err() == nil {
			e.cut.Add(1)
			pause(ctx, 20*time.Millisecond)
		}
	}
}

// head is the beginning of a request from one of a thousand addresses.
func head(line string, n int, more ...string) string {
	return line + " HTTP/1.1\r\nHost: x\r\n" + fmt.Sprintf("X-Forwarded-For: 203.0.%d.%d\r\n", n%4, n/4%250) + strings.Join(more, "\r\n") + "\r\n"
}

// pause waits, less where ctx ends.
func pause(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-ctx.Done():
	}
}

// drip writes a drop now and then until the connection ends.
func drip(ctx context.Context, c net.Conn, drop string) {
	gone := make(chan struct{})
	go func() {
		_, _ = io.Copy(io.Discard, c)
		close(gone)
	}()
	every := time.NewTicker(250 * time.Millisecond)
	defer every.Stop()
	for {
		select {
		case <-every.C:
			if _, err := io.WriteString(c, drop); err != nil {
				return
			}
		case <-gone:
			return
		case <-ctx.Done():
			return
		}
	}
}

func halfHeaders(ctx context.Context, e *enemy, n int) {
	c, done := e.dial(ctx)
	defer done()
	if c == nil {
		return
	}
	_, err := io.WriteString(c, head("GET /", n, "X-Long: "+strings.Repeat("x", 28<<10)))
	if err == nil {
		drip(ctx, c, "X-More: y\r\n")
	}
}

func halfBodies(ctx context.Context, e *enemy, n int) {
	c, done := e.dial(ctx)
	defer done()
	if c == nil {
		return
	}
	path := []string{"/graphql", "/signin", "/slack/command"}[n%3]
	media := []string{"application/json", "application/x-www-form-urlencoded"}[min(n%3, 1)]
	length := []int{16 << 10, 60_000, 1 << 20}[n/3%3]
	_, err := io.WriteString(c, head("POST "+path, n, "Content-Type: "+media, fmt.Sprintf("Content-Length: %d", length), "")+strings.Repeat("x", min(length, 15<<10)))
	if err == nil {
		drip(ctx, c, "x")
	}
}

// neverReading asks for one page after the other on a connection, and reads none.
func neverReading(ctx context.Context, e *enemy, n int) {
	c, done := e.dial(ctx)
	defer done()
	if c == nil {
		return
	}
	if tcp, ok := c.(*net.TCPConn); ok {
		_ = tcp.SetReadBuffer(4 << 10)
	}
	const atOnce = 16
	requests := strings.Repeat(head("GET /signin", n, ""), atOnce)
	for ctx.Err() == nil {
		_ = c.SetWriteDeadline(time.Now().Add(time.Minute))
		if _, err := io.WriteString(c, requests); err != nil {
			return
		}
	}
}

func hugeBodies(ctx context.Context, e *enemy, n int) {
	c, done := e.dial(ctx)
	defer done()
	if c == nil {
		return
	}
	const size = 1 << 20
	path := []string{"/graphql", "/slack/interaction"}[n%2]
	_ = c.SetDeadline(time.Now().Add(20 * time.Second))
	_, _ = io.WriteString(c, head("POST "+path, n, "Content-Type: application/json", fmt.Sprintf("Content-Length: %d", size), ""))
	_, _ = io.WriteString(c, `{"query":"{viewer{__typename}}","variables":{"a":[`+strings.Repeat("[],", (size-60)/3)+"0]}}"+strings.Repeat(" ", 20))
	_, _ = io.Copy(io.Discard, io.LimitReader(c, 1<<10))
}

func silentSockets(ctx context.Context, e *enemy, n int) {
	c, done := e.dial(ctx)
	defer done()
	if c == nil {
		return
	}
	_, err := io.WriteString(c, head("GET /graphql", n, "Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13",
		"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", "Sec-WebSocket-Protocol: graphql-transport-ws", "X-Long: "+strings.Repeat("x", 24<<10), ""))
	if err == nil {
		_, _ = io.Copy(io.Discard, c)
	}
}

func fastRequests(ctx context.Context, e *enemy, n int) {
	ask(ctx, e, n, func(int) string { return `{"query":"{ viewer { __typename } }"}` })
}

// distinctDocuments sends documents that no cache has seen, as long as is taken.
func distinctDocuments(ctx context.Context, e *enemy, n int) {
	ask(ctx, e, n, func(i int) string {
		return fmt.Sprintf(`{"query":"query q%d_%d_%d { viewer { __typename } }%s"}`, n, i, time.Now().UnixNano(), strings.Repeat(" ", 14<<10))
	})
}

// ask sends requests one after the other on a connection, as fast as they are answered.
func ask(ctx context.Context, e *enemy, n int, body func(i int) string) {
	c, done := e.dial(ctx)
	defer done()
	if c == nil {
		return
	}
	answers := bufio.NewReader(c)
	for i := 0; ctx.Err() == nil; i++ {
		text := body(i)
		_, err := io.WriteString(c, head("POST /graphql", n, "Content-Type: application/json", fmt.Sprintf("Content-Length: %d", len(text)), "")+text)
		if err != nil {
			return
		}
		e.sent.Add(1)
		resp, err := http.ReadResponse(answers, nil)
		if err != nil {
			return
		}
		_, _ = io.Copy(io.Discard, resp.Body)
		_ = resp.Body.Close()
		if resp.Close {
			return
		}
	}
}
