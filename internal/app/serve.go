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
	"procyon/slackbot"
)

// serve runs the gateway until ctx is done, with its workers.
func serve(ctx context.Context, c *call) error {
	var cfg config
	f := newFlags("serve", c)
	f.gatewayFlags(&cfg)
	f.text(&cfg.workers, "workers", "notifier,slackbot", "the workers to run in this process, comma-separated, or none")
	if err := f.parse(c.args); err != nil {
		return err
	}
	if err := cfg.check(); err != nil {
		return err
	}
	log, err := cfg.logger(c.err)
	if err != nil {
		return err
	}
	g, err := openGateway(ctx, &cfg, log)
	if err != nil {
		return err
	}
	err = g.run(ctx, &cfg, func(ctx context.Context) error {
		printed, err := firstAdmin(ctx, g, &cfg)
		if err == nil && printed != "" {
			fmt.Fprintln(c.err, printed)
		}
		fmt.Fprintf(c.err, "Procyon serves %s\n", cfg.publicURL)
		return err
	})
	return errors.Join(err, g.close())
}

// firstAdmin makes the first administrator, on the first start.
func firstAdmin(ctx context.Context, g *gateway, cfg *config) (string, error) {
	printed, _, err := g.auth.EnsureAdmin(ctx, cfg.adminEmail, cfg.adminPassword)
	return printed, err
}

// run listens, tells ready, and serves until ctx is done: then the workers stop,
// which still talk to the gateway; then the subscriptions end, whose clients resume
// elsewhere; then the requests under way.
func (g *gateway) run(ctx context.Context, cfg *config, ready func(context.Context) error) error {
	l, err := listen(ctx, cfg, g.guards.proxies, g.log)
	if err != nil {
		return err
	}
	// Before anybody is answered: the Slack bot brings endpoints of its own.
	workers, err := g.workers(ctx, cfg, "http://"+l.Addr().String())
	if err != nil {
		return errors.Join(err, l.Close())
	}
	srv := newServer(ctx, g.handler, g.log, serverTimes())
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error {
		if err := srv.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			return err
		}
		return nil
	})
	group.Go(func() error { return g.keepTime(ctx) })
	if err := ready(ctx); err != nil {
		if ctx.Err() != nil {
			err = nil // it was cut short: whoever ended ctx says why
		}
		cancel()
		return errors.Join(err, srv.Close(), group.Wait())
	}
	group.Go(func() error {
		return errors.Join(work(ctx, workers), g.drain(ctx, srv))
	})
	return group.Wait()
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
	mu    sync.Mutex
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

// workers makes the workers that are to run in this process.
func (g *gateway) workers(ctx context.Context, cfg *config, address string) ([]func(context.Context) error, error) {
	var out []func(context.Context) error
	for _, name := range cfg.workerList() {
		run, err := g.worker(ctx, name, address, cfg)
		if err != nil {
			return nil, err
		}
		out = append(out, run)
	}
	if g.slack == nil {
		g.mux.Handle("GET /slack/install", slackbot.SetupPage(g.public, cfg.slack.missing()))
	}
	return out, nil
}

// work runs workers until ctx is done or one fails.
func work(ctx context.Context, workers []func(context.Context) error) error {
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error {
		<-ctx.Done()
		return nil
	})
	for _, run := range workers {
		group.Go(func() error { return run(ctx) })
	}
	return group.Wait()
}

// grace is how long requests under way have at the end.
const grace = 10 * time.Second

// drain ends the subscriptions and waits for the requests under way.
func (g *gateway) drain(ctx context.Context, srv *http.Server) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), grace)
	defer cancel()
	err := g.endSubscriptions(ctx)
	if err := errors.Join(err, srv.Shutdown(ctx)); err != nil {
		return errors.Join(fmt.Errorf("requests under way were cut: %w", err), srv.Close())
	}
	return nil
}
