// Package app is the server: the core (the journal on its store, the domain over it, and
// who may act), the handlers over the core, the workers that run beside it, and the order
// in which all of that starts and ends.
//
//	a, err := app.Open(ctx, cfg, log)
//	err = a.Run(ctx, ready) // serves until ctx is done, then drains
//	err = a.Close()
//
// Commands that administer a store open the core alone, with [OpenCore]. Workers that
// run by themselves, against a server elsewhere, are [RunNotifier] and [RunSlackBot].
package app

import (
	"context"
	"errors"
	"log/slog"
	"net/http"

	"procyon/directory"
	"procyon/graph/audit"
	"procyon/graph/fanout"
	"procyon/graph/transport"
	"procyon/slackbot"
)

// App is a server: the core with its network.
type App struct {
	*Core
	cfg    Config
	mux    *http.ServeMux // answers all
	api    local
	slack  *slackbot.Bot // where it runs in this process
	guards *guards

	directory *directory.Service
	export    *audit.Export
	sockets   *transport.WebSocket
	events    *fanout.Fanout
	unsure    func(error) // hears that it can't be found out who is calling
	metrics   *metrics

	readiness *readiness
}

// Open checks the configuration, takes its address (see [Config.Bind]), opens the store
// and puts the handlers together. Nothing is served, and nothing committed, before Run.
// Whoever has opened it closes it; where it fails, the address is given back.
func Open(ctx context.Context, cfg Config, log *slog.Logger) (*App, error) {
	if err := cfg.Bind(ctx); err != nil {
		return nil, err
	}
	k, err := openCore(ctx, &cfg, log)
	if err != nil {
		cfg.Server.Unbind()
		return nil, err
	}
	a := &App{Core: k, cfg: cfg, metrics: newMetrics(k)}
	a.directory = a.newDirectory()
	if err := a.routes(); err != nil {
		return nil, errors.Join(err, a.Close())
	}
	return a, nil
}

// Close closes the store and the listener.
func (a *App) Close() error {
	a.cfg.Server.Unbind()
	return a.Core.Close()
}

// Run starts the journal, the server, the schedule and the workers, calls ready once it
// answers, and serves until ctx is done or one of them fails. It returns when all of them
// have ended: first the workers, which still talk to the server; then the subscriptions,
// whose clients resume elsewhere; then the requests under way; and last the journal.
func (a *App) Run(ctx context.Context, ready func(context.Context) error) error {
	return a.Do(ctx, func() error { return a.serve(ctx, ready) })
}

// Handler answers all that comes over HTTP. While Run works, it has Slack's endpoints, too.
func (a *App) Handler() http.Handler { return a.mux }

// SlackBot is the bot that runs in this process; nil where none does, and before Run has
// called ready.
func (a *App) SlackBot() *slackbot.Bot { return a.slack }

// PublicURL is where people reach the server. Where neither it nor the port was told, it has
// the port that was free.
func (a *App) PublicURL() string { return a.cfg.Server.PublicURL }

// Address is where the server listens, with the port that it has.
func (a *App) Address() string { return a.cfg.Server.Listen }
