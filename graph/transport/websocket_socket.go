package transport

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"
	"unicode/utf8"

	"github.com/99designs/gqlgen/graphql"
	"github.com/gorilla/websocket"
)

// socket is one connection.
type socket struct {
	// What each delivery touches comes first: with thousands of connections none of
	// it is in the processor's cache, and the fewer lines it has, the better.
	signals  atomic.Int64 // not yet answered by a writer; there is one unless it is 0
	mu       sync.Mutex   // guards ops, ending, replies, replyBytes, farewell and running
	ops      []*operation
	ending   bool // no more operations; set with farewell or when cut
	t        *WebSocket
	net      net.Conn  // for writing
	deadline time.Time // of writes; the writer's

	replies    [][]byte // frames, in order
	replyBytes int
	farewell   []byte // the close frame, once the connection is to end
	running    int    // queries and mutations that execute

	conn    *websocket.Conn // for reading only
	guard   *guard
	exec    graphql.GraphExecutor
	written chan struct{} // closed when nothing will be written any more
	beat    beat

	// Of the reader.
	request *http.Request   // until the client is known
	ctx     context.Context // of operations; Init may replace it
	greeted bool            // connection_init was received
	parted  bool            // the client's close frame was received

	gone   func() // told of the end; may be nil
	cancel context.CancelFunc
	acked  atomic.Bool
	opCtx  atomic.Pointer[context.Context] // ctx once acked, for the timer
}

func newSocket(t *WebSocket, conn *websocket.Conn, g *guard, exec graphql.GraphExecutor, r *http.Request) *socket {
	s := &socket{
		t: t, conn: conn, guard: g, net: g.Conn, exec: exec, request: r, written: make(chan struct{}),
	}
	s.ctx, s.cancel = context.WithCancel(context.WithoutCancel(r.Context()))
	g.send = s.relay
	conn.SetReadLimit(min(maxGreeting, t.maxMessage()))
	conn.SetPingHandler(func(data string) error {
		s.reply(frame(websocket.PongMessage, []byte(data)))
		return nil
	})
	conn.SetCloseHandler(func(code int, _ string) error {
		if code == websocket.CloseNoStatusReceived {
			code = websocket.CloseNormalClosure
		}
		s.end(code, "")
		return nil
	})
	return s
}

// read is the reading goroutine. It outlives all writing and cleans up.
func (s *socket) read() {
	defer s.t.tasks.Done()
	defer s.release()
	defer s.recovered()
	if s.conn.Subprotocol() != Protocol {
		s.end(4406, "Subprotocol not acceptable: offer "+Protocol)
	}
	for {
		kind, data, err := s.conn.ReadMessage()
		if err != nil {
			s.parted = closedByPeer(err)
			return
		}
		switch {
		case s.ended(): // waits for the client's close
		case kind != websocket.TextMessage:
			s.end(websocket.CloseUnsupportedData, "Only text messages are understood")
		case !utf8.Valid(data):
			s.end(websocket.CloseInvalidFramePayloadData, "Text that is not UTF-8")
		default:
			s.aside(func() { s.handle(data) })
		}
	}
}

// aside runs what goes deep on a goroutine of its own, and waits for it: a statement of
// the database, the validation of a document. The reader's stack would be as big ever
// after, or until garbage was collected some times, and most of what an idle connection
// holds.
func (s *socket) aside(deep func()) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer s.recovered()
		deep()
	}()
	<-done
}

func closedByPeer(err error) bool {
	var closed *websocket.CloseError
	return errors.As(err, &closed) && closed.Code != websocket.CloseAbnormalClosure
}

// recovered is to be deferred itself: a panic ends this connection alone.
func (s *socket) recovered() {
	if p := recover(); p != nil { //nolint:revive // it is called by defer
		s.report(p)
		s.end(websocket.CloseInternalServerErr, "Internal error")
	}
}

// report logs a panic of what the server's owner has plugged in, which ends this
// connection alone.
func (s *socket) report(p any) {
	s.t.logger().Error("panic on a WebSocket connection", "panic", p, "stack", string(debug.Stack()))
}

// release waits for the last words to be written, and lets go of everything.
func (s *socket) release() {
	if s.ended() {
		<-s.written // bounded by the write deadline
		if !s.parted {
			s.linger()
		}
	} else {
		s.cut()
		<-s.written
	}
	s.endBeat()
	s.cancel()
	s.net.Close()
	s.t.forget(s)
	s.mu.Lock()
	ops := s.ops
	s.ops = nil
	s.mu.Unlock()
	for _, op := range ops {
		op.close()
	}
	if s.gone != nil {
		s.gone()
	}
}

// linger reads on for a moment: closing with unread input makes the system
// discard what was just written, the reason for the end included.
func (s *socket) linger() {
	if s.net.SetReadDeadline(time.Now().Add(lingering)) != nil {
		return
	}
	if c, ok := s.net.(interface{ CloseWrite() error }); !ok || c.CloseWrite() != nil {
		return
	}
	_, _ = io.CopyN(io.Discard, s.net, s.t.maxMessage())
}

// relay takes the frames that the WebSocket library wants to send.
func (s *socket) relay(frame []byte) {
	if len(frame) > 0 && frame[0]&0x0f == websocket.CloseMessage {
		s.bye(frame)
		return
	}
	s.reply(frame)
}

// end closes the connection with a code and a reason, after the replies before
// it; the first call counts.
func (s *socket) end(code int, reason string) { s.bye(closeFrame(code, reason)) }

func (s *socket) bye(frame []byte) {
	s.mu.Lock()
	if !s.ending {
		s.ending, s.farewell = true, frame
	}
	s.mu.Unlock()
	s.cancel()
	s.signal()
}

// cut ends the connection without a word.
func (s *socket) cut() {
	s.mu.Lock()
	s.ending, s.farewell = true, nil
	s.mu.Unlock()
	s.cancel()
	s.net.Close()
	s.signal()
}

func (s *socket) ended() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.ending
}

// reply has a frame written, unless too many wait already.
func (s *socket) reply(frame []byte) {
	s.mu.Lock()
	full := len(s.replies) > 0 && (len(s.replies) >= maxReplies || s.replyBytes+len(frame) > maxReplyBytes)
	if !full && !s.ending {
		s.replies = append(s.replies, frame)
		s.replyBytes += len(frame)
	}
	s.mu.Unlock()
	if full {
		s.end(websocket.ClosePolicyViolation, "Too many messages while replies wait to be read")
		return
	}
	s.signal()
}

// incoming is any message from a client.
type incoming struct {
	ID      *string         `json:"id"`
	Type    *string         `json:"type"`
	Payload json.RawMessage `json:"payload"`
}

func (s *socket) handle(data []byte) {
	var m incoming
	if err := json.Unmarshal(data, &m); err != nil || m.Type == nil {
		s.invalid("not a JSON object with a type")
		return
	}
	switch *m.Type {
	case "connection_init":
		s.greet(m.Payload)
	case "ping":
		s.pong(m.Payload)
	case "pong":
	case "subscribe":
		s.subscribe(m)
	case "complete":
		s.complete(m)
	default:
		s.invalid("unexpected type")
	}
}

func (s *socket) invalid(why string) { s.end(4400, "Invalid message: "+why) }

func (s *socket) greet(payload json.RawMessage) {
	if s.greeted {
		s.end(4429, "Too many initialisation requests")
		return
	}
	s.greeted = true
	var given map[string]any
	if len(payload) > 0 && json.Unmarshal(payload, &given) != nil {
		s.invalid("the payload of connection_init is not an object")
		return
	}
	if s.t.Init != nil {
		ctx, err := s.t.Init(s.ctx, s.request, given)
		if err != nil {
			s.endFor(err)
			return
		}
		s.ctx = ctx
	}
	s.request = nil
	ctx := s.ctx
	s.opCtx.Store(&ctx)
	s.acked.Store(true)
	s.conn.SetReadLimit(s.t.maxMessage())
	s.reply(message{Type: "connection_ack"}.frame())
}

// endFor ends a connection because of an error of Init or Authorized. For good it ends
// only by what says that it is a refusal: of any other error the client is to come back.
func (s *socket) endFor(err error) {
	var how *CloseError
	if errors.As(err, &how) {
		s.end(how.Code, how.Reason)
		return
	}
	if refused := Presentable(err); refused != nil {
		s.end(4403, "Forbidden: "+refused[0].Message)
		return
	}
	s.end(websocket.CloseTryAgainLater, unknownReason)
}

func (s *socket) pong(payload json.RawMessage) {
	m := message{Type: "pong"}
	if len(payload) > 0 && string(payload) != "null" {
		var object map[string]json.RawMessage
		if json.Unmarshal(payload, &object) != nil {
			s.invalid("the payload of ping is not an object")
			return
		}
		if len(payload) <= maxPong {
			m.Payload = payload
		}
	}
	s.reply(m.frame())
}

// authorized asks whether the connection may go on, and ends it if not.
func (s *socket) authorized(ctx context.Context) bool {
	if s.t.Authorized == nil {
		return true
	}
	err := s.t.Authorized(ctx)
	if err != nil {
		s.endFor(err)
	}
	return err == nil
}
