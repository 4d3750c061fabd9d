package app

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"

	"procyon/access"
	"procyon/client"
	"procyon/internal/slackapi"
	"procyon/notifier"
	"procyon/slackbot"
)

// workerScopes are what each worker's token may do.
var workerScopes = map[string][]string{
	"notifier": {"events:read", "deliveries:write", "webhooks:read"},
	"slackbot": {"slack:act", "events:read", "deliveries:write"},
}

// WorkerScopes are what the token of a worker must allow; nil where there is no such worker.
func WorkerScopes(name string) []string { return slices.Clone(workerScopes[name]) }

// Remote is a server elsewhere, as a worker that runs by itself reaches it.
type Remote struct {
	URL   string
	Token string // of a service account with the worker's scopes
}

func (r Remote) client() (*client.Client, error) {
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

// worker makes one worker of this process. It talks to this server as any other
// client would, with a token that lives only in this process.
func (a *App) worker(ctx context.Context, name, address string) (run func(context.Context) error, err error) {
	token, err := a.Auth.LocalToken(ctx, access.System(), name, workerScopes[name])
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	here := Remote{URL: address, Token: token}
	if name == "slackbot" {
		w, err := newSlackWorker(here, a.PublicURL(), a.cfg.Slack, a.cfg.Pace, a.log, a.metrics.attempted)
		if err != nil {
			return nil, err
		}
		a.mux.Handle("/slack/", a.guards.slack.Wrap(w.bot))
		a.slack = w.bot
		return w.run, nil
	}
	return func(ctx context.Context) error {
		return notify(ctx, here, NotifierConfig{WebhookHosts: a.cfg.WebhookHosts, Pace: a.cfg.Pace}, a.log, a.metrics.attempted)
	}, nil
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
		LeaseTTL: cfg.Pace.leaseTTL(), Interval: cfg.Pace.interval(), Logger: log, Attempted: attempted,
	})
	if err != nil {
		return err
	}
	return n.Run(ctx)
}
