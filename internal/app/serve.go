package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"procyon/internal/admission"
	"procyon/internal/memory"
)

// serve takes connections, tells ready, and serves until ctx is done: see [App.Run] for the
// order in which all of it ends.
func (a *App) serve(ctx context.Context, ready func(context.Context) error) error {
	l := bounded(a.cfg.Server.bound, a.cfg.Server, a.guards.proxies, a.log)
	// Before anybody is answered: the Slack bot brings endpoints of its own.
	workers, err := a.workers(ctx, "http://"+l.Addr().String())
	if err != nil {
		return errors.Join(err, l.Close())
	}
	srv := newServer(ctx, a.mux, a.log, serverTimes())
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return accept(srv, l) })
	group.Go(func() error { return a.schedule(ctx) })
	group.Go(func() error { return a.index(ctx) })
	group.Go(func() error { return a.imports(ctx) })
	group.Go(func() error { return a.expire(ctx) })
	group.Go(func() error { return a.finish(ctx) })
	group.Go(func() error { return a.checkpoint(ctx, a.cfg.Store, a.cfg.CheckpointEvery) })
	group.Go(func() error { memory.Spare(ctx); return nil })
	if err := ready(ctx); err != nil {
		if ctx.Err() != nil {
			err = nil // it was cut short: whoever ended ctx says why
		}
		cancel()
		end, done := context.WithTimeout(context.WithoutCancel(ctx), grace)
		defer done()
		// Who has come already goes: sockets are nothing that srv would close.
		return errors.Join(err, a.endSubscriptions(end), srv.Close(), group.Wait())
	}
	group.Go(func() error {
		return errors.Join(work(ctx, workers), a.drain(ctx, srv))
	})
	return group.Wait()
}

// accept serves a listener until the server is shut down.
func accept(srv *http.Server, l net.Listener) error {
	if err := srv.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// times are what a client has for each part of a request.
type times struct {
	headers time.Duration // to send them
	body    time.Duration // to send all of it, from the end of the headers
	answer  time.Duration // for the server to make it and the client to take all of it, from the end of the body
	idle    time.Duration // until the next request on the connection
}

// serverTimes are those of real servers. An operation has ten seconds of the answer's.
// Streams of events and WebSockets, which last, have times of their own for each write.
func serverTimes() times {
	return times{headers: 10 * time.Second, body: 10 * time.Second, answer: 30 * time.Second, idle: 2 * time.Minute}
}

// newServer makes a server with limits on how long a slow client can hold something.
func newServer(ctx context.Context, h http.Handler, log *slog.Logger, t times) *http.Server {
	unused := &unusedConns{conns: map[net.Conn]bool{}}
	srv := &http.Server{
		Handler: admission.Deadline(h, t.body), ReadHeaderTimeout: t.headers, WriteTimeout: t.body + t.answer, IdleTimeout: t.idle, MaxHeaderBytes: 32 << 10,
		ErrorLog:    slog.NewLogLogger(log.Handler(), slog.LevelDebug),
		BaseContext: func(net.Listener) context.Context { return context.WithoutCancel(ctx) },
		ConnState:   unused.track,
	}
	srv.RegisterOnShutdown(func() { time.AfterFunc(unusedGrace, unused.close) })
	return srv
}

// unusedGrace is how long a connection on which nothing was asked yet has for that
// when the server shuts down.
const unusedGrace = 500 * time.Millisecond

// unusedConns are the connections on which nothing was asked yet: clients open some
// to spare. Without closing them a server waits for them for five seconds at its end.
type unusedConns struct {
	mu    sync.Mutex // guards conns
	conns map[net.Conn]bool
}

func (u *unusedConns) track(c net.Conn, state http.ConnState) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if state == http.StateNew {
		u.conns[c] = true
	} else {
		delete(u.conns, c)
	}
}

func (u *unusedConns) close() {
	u.mu.Lock()
	defer u.mu.Unlock()
	for c := range u.conns {
		_ = c.Close()
	}
}

// grace is how long requests under way have at the end.
const grace = 10 * time.Second

// drain ends the subscriptions and waits for the requests under way.
func (a *App) drain(ctx context.Context, srv *http.Server) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), grace)
	defer cancel()
	err := a.endSubscriptions(ctx)
	if err := errors.Join(err, srv.Shutdown(ctx)); err != nil {
		return errors.Join(fmt.Errorf("requests under way were cut: %w", err), srv.Close())
	}
	return nil
}
