package slackapi

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/gorilla/websocket"
	"github.com/slack-go/slack"
)

// Envelope is what Slack sends through a socket that the app opened, in place of a
// request to one of its URLs: https://docs.slack.dev/apis/events-api/using-socket-mode
type Envelope struct {
	// Type is "slash_commands", "interactive" or "events_api".
	Type    string
	Payload json.RawMessage
}

const (
	// atOnce bounds how many envelopes of a socket are worked on at a time.
	atOnce = 64
	// socketSilence is how long nothing may come of Slack, which pings every few seconds,
	// before a socket counts as dead.
	socketSilence = 45 * time.Second
	// socketRead bounds one message, as the bodies of requests are bounded.
	socketRead = 1 << 20
	// socketWrite is how long one answer may take.
	socketWrite = 5 * time.Second
	// maxSocketAnswer is the size from which on Slack drops an answer without a word.
	maxSocketAnswer = 20_000
	// socketOld is how long a socket is kept that Slack said it will close.
	socketOld = 30 * time.Second
)

// Socket is a connection that the app opened to Slack. [Socket.Serve] ends and closes it.
//
// Slack closes sockets every few hours, and says so before. What came through one is
// answered through it, also then: open another one when [Socket.Leaving] is closed, and
// let this one serve until it ends.
type Socket struct {
	conn    *websocket.Conn
	writing sync.Mutex // held while something is written
	leaving chan struct{}
	leave   func() // closes leaving; may be called again
}

// socketMessage is what comes through a socket.
type socketMessage struct {
	Type       string          `json:"type"`
	EnvelopeID string          `json:"envelope_id"`
	Payload    json.RawMessage `json:"payload"`
}

// OpenSocket opens a socket with an app-level token. It returns once Slack has said hello,
// so that what Slack sends from then on can come through it. An error is an *[APIError],
// or ctx's.
func (a *API) OpenSocket(ctx context.Context, appToken string) (*Socket, error) {
	const method = "apps.connections.open"
	api := slack.New("", slack.OptionAppLevelToken(appToken), slack.OptionHTTPClient(a.HTTP), slack.OptionAPIURL(a.URL))
	_, address, err := api.StartSocketModeContext(ctx)
	if err != nil {
		return nil, apiError(ctx, method, err)
	}
	dialer := websocket.Dialer{Proxy: http.ProxyFromEnvironment, HandshakeTimeout: apiTimeout}
	conn, resp, err := dialer.DialContext(ctx, address, nil)
	if resp != nil && resp.Body != nil {
		_ = resp.Body.Close()
	}
	if err != nil { // it may hold the address, which is a secret
		return nil, apiError(ctx, method, errors.New("no connection"))
	}
	s := &Socket{conn: conn, leaving: make(chan struct{})}
	s.leave = sync.OnceFunc(func() { close(s.leaving) })
	conn.SetReadLimit(socketRead)
	stop := context.AfterFunc(ctx, func() { _ = conn.Close() })
	defer stop()
	_ = conn.SetReadDeadline(time.Now().Add(apiTimeout))
	var hello socketMessage
	if err := conn.ReadJSON(&hello); err != nil || hello.Type != "hello" {
		_ = conn.Close()
		return nil, apiError(ctx, method, errors.New("no hello"))
	}
	return s, nil
}

// Leaving is closed when Slack says that it will close the socket soon, and when it ends.
func (s *Socket) Leaving() <-chan struct{} { return s.leaving }

// Serve hands what comes through the socket to take, and answers with what that returns;
// where ok is false it does not answer, and Slack sends an event again. It returns once
// the socket has ended and all is answered: with ctx's error where ctx is done.
func (s *Socket) Serve(ctx context.Context, take func(context.Context, Envelope) (answer any, ok bool)) error {
	var tasks sync.WaitGroup
	defer tasks.Wait()
	defer s.leave()
	defer func() { _ = s.conn.Close() }()
	stop := context.AfterFunc(ctx, func() { _ = s.conn.Close() })
	defer stop()
	s.alive()
	s.conn.SetPingHandler(func(data string) error {
		s.alive()
		_ = s.conn.WriteControl(websocket.PongMessage, []byte(data), time.Now().Add(socketWrite)) // a broken connection is found by reading
		return nil
	})
	slots := make(chan struct{}, atOnce)
	for {
		_, data, err := s.conn.ReadMessage()
		if err != nil {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			return fmt.Errorf("slackapi: the socket ended: %w", err)
		}
		s.alive()
		var m socketMessage
		switch err := json.Unmarshal(data, &m); {
		case err != nil: // nothing that could be answered
		case m.Type == "disconnect":
			_ = s.conn.SetReadDeadline(time.Now().Add(socketOld))
			s.leave()
		case m.EnvelopeID != "":
			slots <- struct{}{}
			tasks.Go(func() {
				defer func() { <-slots }()
				if answer, ok := take(ctx, Envelope{Type: m.Type, Payload: m.Payload}); ok {
					_ = s.answer(m.EnvelopeID, answer) // else Slack sends an event again
				}
			})
		}
	}
}

// alive gives Slack its time for the next sign of life, unless it has said that it goes.
func (s *Socket) alive() {
	select {
	case <-s.leaving:
	default:
		_ = s.conn.SetReadDeadline(time.Now().Add(socketSilence))
	}
}

// answer acknowledges an envelope.
func (s *Socket) answer(envelopeID string, payload any) error {
	data, err := json.Marshal(struct {
		EnvelopeID string `json:"envelope_id"`
		Payload    any    `json:"payload,omitempty"`
	}{envelopeID, payload})
	if err != nil {
		return fmt.Errorf("slackapi: encode an answer: %w", err)
	}
	if len(data) >= maxSocketAnswer {
		return errors.New("slackapi: the answer is longer than Slack takes through a socket")
	}
	s.writing.Lock()
	defer s.writing.Unlock()
	_ = s.conn.SetWriteDeadline(time.Now().Add(socketWrite))
	return s.conn.WriteMessage(websocket.TextMessage, data)
}
