package transport

import (
	"context"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/gorilla/websocket"
)

// Protocol is the WebSocket subprotocol spoken here:
// https://github.com/enisdenjo/graphql-ws/blob/master/PROTOCOL.md
const Protocol = "graphql-transport-ws"

// WebSocket serves queries, mutations and subscriptions over WebSocket. Each
// connection has a goroutine that reads, and one that writes for as long as there
// is something to be written, in as few system calls as possible. A subscription
// has none, and queues nothing: results are pulled as they are written. A
// connection that cannot be written to within WriteTimeout is cut, without harm to
// any other.
//
// Whether a page of another origin may open one is not judged here: that depends on what
// the upgrade proves of its sender, as with any other request.
//
// Set the fields before the first use; the zero value of each of the limits
// means its default. Use a pointer. It is safe for concurrent use.
type WebSocket struct {
	// Source opens subscriptions. Required.
	Source Source
	// Init authenticates: it is given the payload of connection_init, nil where
	// there is none, and returns the context that all operations of the connection
	// run in, derived from ctx. Nil accepts all. An error closes the connection: as a
	// *CloseError says; a GraphQL error, see Presentable, is a refusal, 4403 with its
	// message; any other means that it can't be told now, and the client may come back.
	Init func(ctx context.Context, r *http.Request, payload map[string]any) (context.Context, error)
	// Authorized is asked with Init's context before each operation and at each
	// ping whether the connection may go on. An error closes it, as one of Init's does.
	// Optional.
	Authorized func(ctx context.Context) error
	// Opened is told of each connection after its handshake, with the request's context,
	// also of those that will never say who they are. What it returns is called when
	// the connection is gone. Optional.
	Opened func(ctx context.Context) (gone func())

	InitTimeout      time.Duration // until connection_init is accepted: 5 s
	WriteTimeout     time.Duration // for each write, or up to a tenth less: 10 s
	PingInterval     time.Duration // a peer that says nothing from one ping to the next is gone: 25 s
	MaxSubscriptions int           // live operations on one connection: 20
	MaxMessage       int64         // bytes of one message from the client: 1 MiB

	// AfterFunc is time.AfterFunc and its timer's Stop, unless a test has another clock.
	AfterFunc func(d time.Duration, f func()) (stop func() bool)
	// Logger hears of panics; nil means slog's default.
	Logger *slog.Logger

	mu       sync.Mutex // guards closing and sockets
	closing  bool
	sockets  map[*socket]struct{}
	tasks    sync.WaitGroup // all goroutines of all sockets; a writer's end is waited for by its reader
	outboxes sync.Pool      // of *outbox
}

var _ graphql.Transport = (*WebSocket)(nil)

// Bounds that are nobody's to choose.
const (
	maxID         = 256       // bytes of an operation's id, which is sent back with each result
	maxPong       = 1 << 10   // bytes of a ping's payload that are sent back
	maxGreeting   = 16 << 10  // bytes of a message before the client is known
	maxReplies    = 64        // replies that wait because the client does not read
	maxReplyBytes = 256 << 10 // of those replies
	flushSize     = 64 << 10  // bytes after which a write is made though there is more
	lingering     = time.Second
	readBuffer    = 256
	resumeReason  = "Interrupted: connect again and resume after your last cursor"
	restartReason = "Restarting: connect again and resume after your last cursor"
	silentReason  = "No answer to a ping: connect again and resume after your last cursor"
	unknownReason = "Whether you may go on can't be found out now: connect again and resume after your last cursor"
)

// CloseError is an error of Init that says how the connection is closed.
type CloseError struct {
	Code   int // of RFC 6455 or of graphql-transport-ws
	Reason string
}

// Error implements error.
func (e *CloseError) Error() string { return e.Reason }

// Supports implements graphql.Transport.
func (t *WebSocket) Supports(r *http.Request) bool { return websocket.IsWebSocketUpgrade(r) }

// Do implements graphql.Transport. It returns after the handshake; what the
// request's context holds stays available to operations, its end does not.
func (t *WebSocket) Do(w http.ResponseWriter, r *http.Request, exec graphql.GraphExecutor) {
	g := &guard{}
	up := websocket.Upgrader{
		CheckOrigin:     func(*http.Request) bool { return true }, // judged before
		Subprotocols:    []string{Protocol},
		Error:           refuseUpgrade,
		ReadBufferSize:  readBuffer,
		WriteBufferPool: noBuffers{}, // we write ourselves
	}
	conn, err := up.Upgrade(&hijacker{ResponseWriter: w, guard: g}, r, nil)
	if err != nil {
		return // answered
	}
	s := newSocket(t, conn, g, exec, r)
	if !t.admit(s) {
		conn.Close()
		return
	}
	if t.Opened != nil {
		s.gone = t.Opened(r.Context())
	}
	s.startBeat()
	go s.read()
}

// admit counts a socket in, unless all are about to be closed.
func (t *WebSocket) admit(s *socket) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.closing {
		return false
	}
	if t.sockets == nil {
		t.sockets = map[*socket]struct{}{}
	}
	t.sockets[s] = struct{}{}
	t.tasks.Add(1)
	return true
}

// Shutdown closes all connections with a reason that tells clients to come back,
// and waits until they are gone or ctx is done. Later ones are dropped at once.
func (t *WebSocket) Shutdown(ctx context.Context) error {
	t.mu.Lock()
	t.closing = true
	for s := range t.sockets {
		s.end(websocket.CloseServiceRestart, restartReason)
	}
	t.mu.Unlock()
	gone := make(chan struct{})
	go func() {
		t.tasks.Wait()
		close(gone)
	}()
	select {
	case <-gone:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (t *WebSocket) forget(s *socket) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.sockets, s)
}

// refuseUpgrade answers a handshake that is none.
func refuseUpgrade(w http.ResponseWriter, r *http.Request, status int, reason error) {
	refused := refusef(status, "This is no handshake of a WebSocket: %s", reason)
	if status == http.StatusMethodNotAllowed {
		refused.allow = http.MethodGet
	}
	refused.write(w, r)
}

func (t *WebSocket) after(d time.Duration, f func()) (stop func() bool) {
	if t.AfterFunc != nil {
		return t.AfterFunc(d, f)
	}
	return time.AfterFunc(d, f).Stop
}

func (t *WebSocket) initTimeout() time.Duration  { return positive(t.InitTimeout, 5*time.Second) }
func (t *WebSocket) writeTimeout() time.Duration { return positive(t.WriteTimeout, 10*time.Second) }
func (t *WebSocket) pingInterval() time.Duration { return positive(t.PingInterval, 25*time.Second) }
func (t *WebSocket) maxSubscriptions() int       { return positive(t.MaxSubscriptions, 20) }
func (t *WebSocket) maxMessage() int64           { return positive(t.MaxMessage, 1<<20) }

func positive[N int | int64 | time.Duration](n, fallback N) N {
	if n > 0 {
		return n
	}
	return fallback
}

func (t *WebSocket) logger() *slog.Logger {
	if t.Logger != nil {
		return t.Logger
	}
	return slog.Default()
}

// Sockets returns the number of open connections, for metrics.
func (t *WebSocket) Sockets() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return len(t.sockets)
}
