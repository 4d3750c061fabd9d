package transport_test

import (
	"context"
	"net/http"
	"runtime"
	"testing"

	"procyon/graph/transport"
)

// What goes deep for a moment, as a statement of the database does, is no reason for an
// idle connection to hold a big stack.
func TestAnIdleConnectionHasASmallStack(t *testing.T) {
	const connections, depth = 200, 64 << 10
	b := newWSBed(t, func(ws *transport.WebSocket) {
		ws.Init = func(ctx context.Context, r *http.Request, payload map[string]any) (context.Context, error) {
			deep(depth)
			return initViewer(ctx, r, payload)
		}
		ws.Authorized = func(context.Context) error {
			deep(depth)
			return nil
		}
	})
	b.connect("warm")
	before := stacks()
	for range connections {
		c := b.connect("a")
		c.send(`{"id":"1","type":"subscribe","payload":{"query":"subscription { events { id } }"}}`, `{"type":"ping"}`)
		c.expect(`{"type":"pong"}`)
	}
	if each := (stacks() - before) / connections; each > depth/4 {
		t.Errorf("each has %d bytes of stack", each)
	}
}

// deep uses at least so many bytes of the stack.
//
//go:noinline
func deep(bytes int) byte {
	var frame [1 << 10]byte
	if bytes > len(frame) {
		frame[0] = deep(bytes - len(frame))
	}
	return frame[bytes%len(frame)] + frame[0]
}

func stacks() int64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.StackInuse)
}
