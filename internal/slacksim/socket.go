package slacksim

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/gorilla/websocket"
)

// socket is a connection of Socket Mode.
type socket struct {
	conn *websocket.Conn

	writing sync.Mutex // held while an envelope is written

	mu      sync.Mutex          // guards waiting
	waiting map[string]chan ack // by envelope

	leaving bool // Slack said that it will close it; the server's mu guards it
}

// idle tells whether no answer is waited for.
func (k *socket) idle() bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	return len(k.waiting) == 0
}

func (k *socket) write(v any) error {
	k.writing.Lock()
	defer k.writing.Unlock()
	_ = k.conn.SetWriteDeadline(time.Now().Add(5 * time.Second))
	return k.conn.WriteJSON(v)
}

// beat sends pings, without which a library takes the connection for dead, until
// ctx ends, and closes the connection then.
func (k *socket) beat(ctx context.Context) {
	t := time.NewTicker(10 * time.Second)
	defer t.Stop()
	for {
		select {
		case <-ctx.Done():
			k.close()
			return
		case <-t.C:
			_ = k.conn.WriteControl(websocket.PingMessage, nil, time.Now().Add(5*time.Second))
		}
	}
}

// bye ends the connection in good order: the other side has two seconds to agree.
func (k *socket) bye() {
	soon := time.Now().Add(2 * time.Second)
	_ = k.conn.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(websocket.CloseNormalClosure, ""), soon)
	_ = k.conn.SetReadDeadline(soon)
}

func (k *socket) close() { _ = k.conn.Close() }

// serveSocket holds a connection of Socket Mode.
func (s *Server) serveSocket(w http.ResponseWriter, r *http.Request) {
	ticket := r.URL.Query().Get("ticket")
	s.mu.Lock()
	good := s.tickets[ticket]
	delete(s.tickets, ticket)
	if !good {
		s.keep(Refusal{Method: "WebSocket", Status: http.StatusForbidden, Body: "forbidden", Why: "the address is unknown, or was used before"})
	}
	s.mu.Unlock()
	if !good {
		http.Error(w, "The address is good for one connection.", http.StatusForbidden)
		return
	}
	// Who may connect is told by the ticket; libraries send Slack's own origin.
	up := websocket.Upgrader{HandshakeTimeout: 5 * time.Second, CheckOrigin: func(*http.Request) bool { return true }}
	conn, err := up.Upgrade(w, r, nil)
	if err != nil {
		return
	}
	conn.SetReadLimit(maxAck)
	k := &socket{conn: conn, waiting: map[string]chan ack{}}
	ctx, stop := context.WithCancel(s.alive)
	defer stop()
	defer k.close()
	s.mu.Lock()
	n, id := len(s.sockets)+1, s.app.ID
	s.mu.Unlock()
	hello := reply{"type": "hello", "num_connections": n, "connection_info": reply{"app_id": id}, "debug_info": reply{"host": "simulated", "approximate_connection_time": 18060}}
	if k.write(hello) != nil { // before anything is sent through it
		return
	}
	s.mu.Lock()
	closed := ctx.Err() != nil // while Close waits, nothing begins
	if !closed {
		s.sockets = append(s.sockets, k)
		s.events.Go(func() { k.beat(ctx) })
		s.announce()
	}
	s.mu.Unlock()
	if closed {
		return
	}
	defer s.dropSocket(k)
	for {
		var said struct {
			EnvelopeID string          `json:"envelope_id"`
			Payload    json.RawMessage `json:"payload"`
		}
		if conn.ReadJSON(&said) != nil {
			return
		}
		k.mu.Lock()
		c := k.waiting[said.EnvelopeID]
		delete(k.waiting, said.EnvelopeID)
		k.mu.Unlock()
		if c != nil {
			a := ack{status: http.StatusOK, body: said.Payload, json: true}
			if string(a.body) == "null" || string(a.body) == "{}" || string(a.body) == `""` {
				a.body = nil // a library's way to say nothing
			}
			c <- a // has room for it
		}
	}
}

func (s *Server) dropSocket(k *socket) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i, other := range s.sockets {
		if other == k {
			s.sockets = append(s.sockets[:i:i], s.sockets[i+1:]...)
		}
	}
	s.announce()
}

// Connected waits until the app holds a connection of Socket Mode that Slack has not
// said it will close.
func (s *Server) Connected(ctx context.Context) error {
	return s.await(ctx, "the app opened no WebSocket", func() bool { return s.socket(false) != nil })
}

// socket is the newest connection, of those that Slack will close or of the others; nil
// where there is none. s.mu is held.
func (s *Server) socket(leaving bool) *socket {
	for _, k := range slices.Backward(s.sockets) {
		if k.leaving == leaving {
			return k
		}
	}
	return nil
}

// refreshGrace is how long a connection stays open after Slack said that it will close it.
const refreshGrace = 10 * time.Second

// Disconnect has the connections of Socket Mode replaced, as Slack does every few hours:
// it announces that it will close them, leaves them open until the app holds another one
// and has answered what came through them, or for ten seconds, and closes them then. Until
// the app has another one, all goes through the old.
// Source: https://docs.slack.dev/apis/events-api/using-socket-mode#disconnect
func (s *Server) Disconnect() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, k := range s.sockets {
		if k.leaving || s.alive.Err() != nil {
			continue
		}
		k.leaving = true
		s.events.Go(func() { s.retire(k) })
	}
	s.announce()
}

// retire announces the end of a connection, and closes it when it is time.
func (s *Server) retire(k *socket) {
	bye := func(reason string) {
		_ = k.write(reply{"type": "disconnect", "reason": reason, "debug_info": reply{"host": "simulated"}})
	}
	bye("warning")
	ctx, cancel := context.WithTimeout(s.alive, refreshGrace)
	defer cancel()
	_ = s.await(ctx, "the app opened no other WebSocket", func() bool { return s.socket(false) != nil && k.idle() }) // or not: its time is up
	s.dropSocket(k)
	bye("refresh_requested")
	k.bye()
}

// sendSocket brings a parcel through the newest connection, one that stays where there is any.
func (s *Server) sendSocket(ctx context.Context, p parcel) (ack, error) {
	s.mu.Lock()
	k := cmp.Or(s.socket(false), s.socket(true))
	if k == nil {
		s.mu.Unlock()
		return ack{}, errors.New("the app opened no WebSocket")
	}
	id, answer := uuid.NewString(), make(chan ack, 1)
	k.mu.Lock()
	k.waiting[id] = answer // before the server's mu is free: nobody retires it meanwhile
	k.mu.Unlock()
	s.mu.Unlock()
	defer func() {
		k.mu.Lock()
		delete(k.waiting, id)
		k.mu.Unlock()
		s.mu.Lock()
		s.announce()
		s.mu.Unlock()
	}()
	envelope := reply{"envelope_id": id, "type": p.what, "payload": p.payload, "accepts_response_payload": p.what != "events_api"}
	if p.what == "events_api" {
		envelope["retry_attempt"], envelope["retry_reason"] = 0, ""
		if n := p.header.Get("X-Slack-Retry-Num"); n != "" {
			envelope["retry_attempt"], envelope["retry_reason"] = json.Number(n), p.header.Get("X-Slack-Retry-Reason")
		}
	}
	if err := k.write(envelope); err != nil {
		return ack{}, err
	}
	select {
	case a := <-answer:
		return a, nil
	case <-ctx.Done():
		return ack{}, ctx.Err()
	}
}
