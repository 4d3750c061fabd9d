package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"

	"procyon/access"
	"procyon/client"
	"procyon/internal/slackapi"
	"procyon/notifier"
	"procyon/slackbot"
)

// workerRow is a worker that can run in the server's process, or by itself.
type workerRow struct {
	name   string
	scopes []string // what its token must allow
	// on tells whether there is enough configured for it; where there is not, it is left out.
	on func(*Config) bool
	// open makes it, and adds what it answers to the server's endpoints. It talks to the
	// server as any other client would.
	open func(a *App, server Remote) (run func(context.Context) error, err error)
}

// workerTable has a row for each worker, in the order in which they are listed.
func workerTable() []workerRow {
	return []workerRow{
		{"notifier", []string{"events:read", "deliveries:write", "webhooks:read"}, func(*Config) bool { return true }, (*App).openNotifier},
		{"slackbot", []string{"slack:act", "events:read", "deliveries:write"}, func(c *Config) bool { return c.Slack.on() }, (*App).openSlackBot},
	}
}

// workerNamed returns a worker's row, and whether there is such a worker.
func workerNamed(name string) (workerRow, bool) {
	table := workerTable()
	i := slices.IndexFunc(table, func(w workerRow) bool { return w.name == name })
	if i < 0 {
		return workerRow{}, false
	}
	return table[i], true
}

// WorkerNames are the workers that there are.
func WorkerNames() []string {
	var names []string
	for _, w := range workerTable() {
		names = append(names, w.name)
	}
	return names
}

// WorkerScopes are what the token of a worker must allow; nil where there is no such worker.
func WorkerScopes(name string) []string {
	w, _ := workerNamed(name)
	return w.scopes
}

// Remote is a server elsewhere, as a worker that runs by itself reaches it.
type Remote struct {
	URL   string
	Token string // of a service account with the worker's scopes
}

func (r Remote) client() (*client.Client, error) {
	u, err := url.Parse(r.URL)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" || u.User != nil || u.Fragment != "" || strings.HasSuffix(strings.TrimSuffix(u.Path, "/"), "/graphql") {
		return nil, errors.New("PROCYON_GATEWAY_URL must look like https://procyon.example.com: where the gateway is, without /graphql, a user name or a password")
	}
	return client.New(client.Options{URL: strings.TrimSuffix(r.URL, "/") + "/graphql", Token: r.Token})
}

// workers makes the workers that are to run in this process.
func (a *App) workers(ctx context.Context, address string) ([]func(context.Context) error, error) {
	var out []func(context.Context) error
	for _, name := range a.cfg.workerList() {
		run, err := a.worker(ctx, name, address)
		if err != nil {
			return nil, err
		}
		out = append(out, run)
	}
	if a.slack == nil {
		a.mux.Handle("GET /slack/install", slackbot.SetupPage(a.public, a.cfg.Slack.missing()))
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

// worker makes one worker of this process, with a token that lives only here.
func (a *App) worker(ctx context.Context, name, address string) (run func(context.Context) error, err error) {
	row, known := workerNamed(name)
	if !known {
		return nil, fmt.Errorf("there is no worker %q", name)
	}
	token, err := a.Auth.LocalToken(ctx, access.System(), name, row.scopes)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return row.open(a, Remote{URL: address, Token: token})
}

func (a *App) openNotifier(server Remote) (func(context.Context) error, error) {
	cfg := NotifierConfig{WebhookHosts: a.cfg.WebhookHosts, Pace: a.cfg.Pace}
	return func(ctx context.Context) error { return notify(ctx, server, cfg, a.log, a.metrics.attempted) }, nil
}

func (a *App) openSlackBot(server Remote) (func(context.Context) error, error) {
	w, err := newSlackWorker(server, a.PublicURL(), a.cfg.Slack, a.cfg.Pace, a.log, a.metrics.attempted)
	if err != nil {
		return nil, err
	}
	a.mux.Handle("/slack/", a.guards.slack.Wrap(w.bot))
	a.slack = w.bot
	return w.run, nil
}

// NotifierConfig is what a notifier is told.
type NotifierConfig struct {
	WebhookHosts string // as [Config] has it
	Pace         PaceConfig
}

// RunNotifier runs a notifier by itself, until ctx is done.
func RunNotifier(ctx context.Context, server Remote, cfg NotifierConfig, log *slog.Logger) error {
	return notify(ctx, server, cfg, log, nil)
}

// notify runs a notifier until ctx is done.
func notify(ctx context.Context, server Remote, cfg NotifierConfig, log *slog.Logger, attempted func(notifier.Attempt)) error {
	hosts, err := slackapi.ParseHostPolicy(cfg.WebhookHosts)
	if err != nil {
		return fmt.Errorf("PROCYON_WEBHOOK_HOSTS: %w", err)
	}
	api, err := server.client()
	if err != nil {
		return err
	}
	defer api.Close()
	out := openOutlets("notifier", surroundings{hosts: hosts})
	defer out.close()
	n, err := notifier.New(notifier.Options{
		Client: api, Channels: out.channels, Secrets: out.secrets,
		LeaseTTL: cfg.Pace.leaseTTL(), Interval: cfg.Pace.interval(), Now: clock, Logger: log, Attempted: attempted,
	})
	if err != nil {
		return err
	}
	return n.Run(ctx)
}
