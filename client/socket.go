package client

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"
	"time"

	"github.com/gorilla/websocket"
)

// protocol is the subprotocol spoken:
// https://github.com/enisdenjo/graphql-ws/blob/master/PROTOCOL.md
const protocol = "graphql-transport-ws"

const (
	handshakeTimeout = 10 * time.Second
	writeTimeout     = 10 * time.Second
	maxMessage       = 16 << 20 // bytes of one message from the server
	subscriptionID   = "1"      // one subscription a connection
)

// message is one message of the protocol, in either direction.
type message struct {
	ID      string          `json:"id,omitempty"`
	Type    string          `json:"type"`
	Payload json.RawMessage `json:"payload,omitempty"`
}

// socket is one connection. Reading is for one goroutine, writing for any.
type socket struct {
	conn    *websocket.Conn
	silence time.Duration
	mu      sync.Mutex // held while a frame is written
}

// connect makes a connection, subscribes, and hands on events until something
// ends it. It never returns nil.
func (s *Subscription) connect(ctx context.Context) error {
	conn, err := s.client.dial(ctx)
	if err != nil {
		return err
	}
	k := &socket{conn: conn, silence: s.opt.Silence}
	conn.SetReadLimit(maxMessage)
	ctx, cancel := context.WithCancel(ctx)
	var tasks sync.WaitGroup
	tasks.Go(func() { k.keepAlive(ctx) })
	tasks.Go(func() {
		<-ctx.Done()
		k.goodbye()
	})
	defer tasks.Wait()
	defer cancel()
	if err := s.greet(ctx, k); err != nil {
		return err
	}
	if s.opt.Connected != nil {
		s.opt.Connected()
	}
	return s.follow(ctx, k)
}

// dial opens the connection with the settings of the HTTP client.
func (c *Client) dial(ctx context.Context) (*websocket.Conn, error) {
	d := websocket.Dialer{Subprotocols: []string{protocol}, HandshakeTimeout: handshakeTimeout, Proxy: http.ProxyFromEnvironment}
	if t, ok := c.http.Transport.(*http.Transport); ok {
		d.Proxy, d.NetDialContext = t.Proxy, t.DialContext
		if t.TLSClientConfig != nil {
			d.TLSClientConfig = t.TLSClientConfig.Clone()
			d.TLSClientConfig.NextProtos = nil // HTTP/1.1 alone can be upgraded
		}
	}
	u := *c.url
	u.Scheme = map[string]string{"http": "ws", "https": "wss"}[u.Scheme]
	conn, resp, err := d.DialContext(ctx, u.String(), c.header())
	if resp != nil && resp.Body != nil {
		defer func() { _ = resp.Body.Close() }()
	}
	if err != nil {
		if errors.Is(err, websocket.ErrBadHandshake) && resp != nil {
			return nil, handshakeError(resp)
		}
		return nil, networkError(ctx, err)
	}
	if conn.Subprotocol() != protocol {
		_ = conn.Close()
		return nil, &Error{Code: CodeProtocol, Message: "the gateway does not speak " + protocol}
	}
	return conn, nil
}

// handshakeError describes an answer that is no handshake.
func handshakeError(resp *http.Response) error {
	data, err := io.ReadAll(resp.Body) // the library keeps but the beginning
	if err == nil {
		err = decodeAnswer(resp, data, nil)
	}
	var known *Error
	if errors.As(err, &known) {
		return known
	}
	return statusError(resp.StatusCode)
}

// greet introduces the client and subscribes.
func (s *Subscription) greet(ctx context.Context, k *socket) error {
	hello := map[string]string{}
	if s.client.token != "" {
		hello["Authorization"] = "Bearer " + s.client.token
	}
	if s.client.actFor != "" {
		hello["actFor"] = s.client.actFor
	}
	if err := k.write("", "connection_init", hello); err != nil {
		return networkError(ctx, err)
	}
	for {
		m, err := k.read(ctx)
		if err != nil {
			return err
		}
		switch m.Type {
		case "connection_ack":
			vars := s.variables()
			if err := k.write(subscriptionID, "subscribe", envelope{Query: s.opt.Query, Variables: vars}); err != nil {
				return networkError(ctx, err)
			}
			return nil
		case "ping", "pong":
			if err := k.answer(ctx, m); err != nil {
				return err
			}
		default:
			return &Error{Code: CodeProtocol, Message: fmt.Sprintf("unexpected message %q before connection_ack", m.Type)}
		}
	}
}

// follow reads events until the connection or the subscription ends.
func (s *Subscription) follow(ctx context.Context, k *socket) error {
	for {
		m, err := k.read(ctx)
		if err != nil {
			return err
		}
		switch m.Type {
		case "next":
			var a answer
			if err := json.Unmarshal(m.Payload, &a); err != nil {
				return &Error{Code: CodeProtocol, Message: "an event that is not GraphQL's", cause: err}
			}
			if err := s.take(ctx, a); err != nil {
				return err
			}
		case "error":
			var list []GraphQLError
			if err := json.Unmarshal(m.Payload, &list); err != nil || len(list) == 0 {
				return &Error{Code: CodeProtocol, Message: "an error without content"}
			}
			return graphQLError(0, list)
		case "complete":
			// The stream has no end, so this is the server going away.
			return &Error{Code: CodeClosed, Message: "the gateway ended the subscription", Retryable: true}
		case "ping", "pong":
			if err := k.answer(ctx, m); err != nil {
				return err
			}
		default:
			return &Error{Code: CodeProtocol, Message: fmt.Sprintf("unexpected message %q", m.Type)}
		}
	}
}

func (k *socket) write(id, kind string, payload any) error {
	m := message{ID: id, Type: kind}
	if payload != nil {
		data, err := json.Marshal(payload)
		if err != nil {
			return fmt.Errorf("encode %s: %w", kind, err)
		}
		m.Payload = data
	}
	data, err := json.Marshal(m)
	if err != nil {
		return fmt.Errorf("encode %s: %w", kind, err)
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if err := k.conn.SetWriteDeadline(time.Now().Add(writeTimeout)); err != nil {
		return err
	}
	return k.conn.WriteMessage(websocket.TextMessage, data)
}

// read waits for a message, but no longer than the server may be silent. The
// time in which nobody reads does not count.
func (k *socket) read(ctx context.Context) (message, error) {
	var m message
	if err := k.conn.SetReadDeadline(time.Now().Add(k.silence)); err != nil {
		return m, networkError(ctx, err)
	}
	kind, data, err := k.conn.ReadMessage()
	if err != nil {
		return m, closeError(ctx, err)
	}
	if kind != websocket.TextMessage || json.Unmarshal(data, &m) != nil {
		return m, &Error{Code: CodeProtocol, Message: "a message that is not JSON"}
	}
	return m, nil
}

// answer answers a ping.
func (k *socket) answer(ctx context.Context, m message) error {
	if m.Type != "ping" {
		return nil
	}
	if err := k.write("", "pong", nil); err != nil {
		return networkError(ctx, err)
	}
	return nil
}

// keepAlive makes the server say something at least three times in the time
// that it may be silent, and tells it that we are here while nobody reads.
func (k *socket) keepAlive(ctx context.Context) {
	t := time.NewTicker(k.silence / 3)
	defer t.Stop()
	for {
		select {
		case <-t.C:
			if k.write("", "ping", nil) != nil {
				_ = k.conn.Close() // the reader will notice
				return
			}
		case <-ctx.Done():
			return
		}
	}
}

// goodbye closes the connection from our side, and makes reading fail.
func (k *socket) goodbye() {
	_ = k.conn.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(websocket.CloseNormalClosure, ""), time.Now().Add(time.Second))
	_ = k.conn.Close()
}

// closeError describes why a connection ended.
func closeError(ctx context.Context, err error) error {
	var closed *websocket.CloseError
	if ctx.Err() != nil || !errors.As(err, &closed) {
		return networkError(ctx, err)
	}
	e := &Error{Status: closed.Code, Code: CodeClosed, Message: "the gateway closed the connection", cause: err, Retryable: true}
	if closed.Text != "" {
		e.Message += ": " + closed.Text
	}
	switch closed.Code {
	case 4400, 4406, 4409, 4429:
		e.Retryable = false
	case 4401:
		e.Code, e.Retryable = CodeUnauthenticated, false
	case 4403:
		e.Code, e.Retryable = CodeForbidden, false
	}
	return e
}
