package app

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"path/filepath"
	"sync"
	"testing"

	"github.com/gorilla/websocket"

	"procyon/graph/transport"
)

// newTestApp opens a server on a store of its own. Nothing runs yet.
func newTestApp(t *testing.T, change ...func(*Config)) *App {
	t.Helper()
	cfg := Config{Store: StoreConfig{URL: "sqlite:" + filepath.Join(t.TempDir(), "procyon.db")}, Server: ServerConfig{Listen: "127.0.0.1:0"}, Workers: "none"}
	for _, c := range change {
		c(&cfg)
	}
	a, err := Open(t.Context(), cfg, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := a.Close(); err != nil {
			t.Error(err)
		}
	})
	return a
}

// runCore runs the journal of a server whose handlers alone are tested, until stop is
// called, or else the test ends.
func runCore(t *testing.T, c *Core) (stop func()) {
	t.Helper()
	end, ended := make(chan struct{}), make(chan error, 1)
	go func() {
		ended <- c.Do(t.Context(), func() error {
			<-end
			return nil
		})
	}()
	stop = sync.OnceFunc(func() {
		close(end)
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	t.Cleanup(stop)
	return stop
}

// Whoever stops a server while it still starts has done nothing wrong.
func TestStopDuringStart(t *testing.T) {
	a := newTestApp(t)
	ctx, stop := context.WithCancel(t.Context())
	err := a.Run(ctx, func(ctx context.Context) error {
		stop()
		<-ctx.Done()
		return ctx.Err()
	})
	if err != nil {
		t.Errorf("run: %v", err)
	}
	if err := a.schedule(ctx); err != nil {
		t.Errorf("schedule: %v", err)
	}
}

// A start that fails is the operator's to hear of.
func TestFailedStart(t *testing.T) {
	a := newTestApp(t)
	err := a.Run(t.Context(), func(context.Context) error { return context.DeadlineExceeded })
	if err == nil {
		t.Error("run says nothing of what failed")
	}
}

// Who connected while a start that fails was under way is gone when Run returns: nothing
// asks a store that is closed then.
func TestAFailedStartLeavesNoConnection(t *testing.T) {
	a := newTestApp(t)
	var c *websocket.Conn
	err := a.Run(t.Context(), func(ctx context.Context) error {
		dialer := websocket.Dialer{Subprotocols: []string{transport.Protocol}}
		var resp *http.Response
		var err error
		if c, resp, err = dialer.DialContext(ctx, "ws://"+a.Address()+"/graphql", nil); err == nil {
			err = resp.Body.Close()
		}
		return errors.Join(err, context.DeadlineExceeded)
	})
	if c == nil {
		t.Fatal(err)
	}
	defer c.Close()
	if n := a.sockets.Sockets(); n != 0 {
		t.Errorf("%d connections are left", n)
	}
	var closed *websocket.CloseError
	if _, _, err := c.ReadMessage(); !errors.As(err, &closed) || closed.Code != websocket.CloseServiceRestart {
		t.Errorf("it hears %v", err)
	}
}
