package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"procyon/access"
	"procyon/client"
	"procyon/internal/slackapi"
	"procyon/notifier"
)

// workerScopes are what each worker's token may do.
var workerScopes = map[string][]string{
	"notifier": {"events:read", "deliveries:write", "webhooks:read"},
	"slackbot": {"slack:act", "events:read", "deliveries:write"},
}

// worker makes one worker of this process. It talks to this gateway as any other
// client would, with a token that lives only in this process.
func (g *gateway) worker(ctx context.Context, name, address string, cfg *config) (run func(context.Context) error, err error) {
	token, err := g.auth.LocalToken(ctx, access.System(), name, workerScopes[name])
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	if name == "slackbot" {
		w, err := newSlackWorker(address, token, cfg, g.log, g.metrics.attempted)
		if err != nil {
			return nil, err
		}
		g.mux.Handle("/slack/", g.guards.slack.Wrap(w.bot))
		g.slack = w.bot
		return w.run, nil
	}
	return func(ctx context.Context) error { return notify(ctx, address, token, cfg, g.log, g.metrics.attempted) }, nil
}

// runNotifier runs the notifier alone.
func runNotifier(ctx context.Context, c *call) error {
	var cfg config
	f := newFlags("notifier", c)
	f.text(&cfg.gatewayURL, "gateway-url", "http://127.0.0.1:8080", "the gateway's URL")
	f.secret(&cfg.serviceToken, "service-token", "the token of a service account with the scopes "+strings.Join(workerScopes["notifier"], ", "))
	f.notifierFlags(&cfg)
	f.logFlags(&cfg)
	if err := f.parse(c.args); err != nil {
		return err
	}
	if cfg.serviceToken == "" {
		return errors.New("PROCYON_SERVICE_TOKEN is missing; make one with: procyon token create --name notifier --scope " + strings.Join(workerScopes["notifier"], ","))
	}
	log, err := cfg.logger(c.err)
	if err != nil {
		return err
	}
	return notify(ctx, cfg.gatewayURL, cfg.serviceToken, &cfg, log, nil)
}

// notify runs a notifier until ctx is done.
func notify(ctx context.Context, address, token string, cfg *config, log *slog.Logger, attempted func(notifier.Attempt)) error {
	hosts, err := slackapi.ParseHostPolicy(cfg.webhookHosts)
	if err != nil {
		return fmt.Errorf("PROCYON_WEBHOOK_HOSTS: %w", err)
	}
	api, err := client.New(client.Options{URL: strings.TrimSuffix(address, "/") + "/graphql", Token: token})
	if err != nil {
		return err
	}
	defer api.Close()
	out := openOutlets("notifier", surroundings{hosts: hosts})
	defer out.close()
	n, err := notifier.New(notifier.Options{
		Client: api, Channels: out.channels, Secrets: out.secrets,
		LeaseTTL: max(cfg.leaseTTL, time.Second), Interval: cfg.interval(), Logger: log, Attempted: attempted,
	})
	if err != nil {
		return err
	}
	return n.Run(ctx)
}
