package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"procyon/access"
	"procyon/client"
	"procyon/internal/slackapi"
	"procyon/notifier"
	"procyon/notifier/slackwebhook"
	"procyon/slackbot"
)

// workerScopes are what each worker's token may do.
var workerScopes = map[string][]string{
	"notifier": {"events:read", "deliveries:write", "webhooks:read"},
	"slackbot": {"slack:act", "events:read"},
}

// worker makes one worker of this process. It talks to this gateway as any other
// client would, with a token that lives only in this process.
func (g *gateway) worker(ctx context.Context, name, address string, cfg *config) (run func(context.Context) error, err error) {
	token, err := g.auth.LocalToken(ctx, access.System(), name, workerScopes[name])
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	if name == "slackbot" {
		bot, err := newSlackBot(address, token, cfg, g.log)
		if err != nil {
			return nil, err
		}
		g.mux.Handle("/slack/", bot)
		g.slack = bot
		return bot.Run, nil
	}
	return func(ctx context.Context) error { return notify(ctx, address, token, cfg, g.log, g.metrics.attempted) }, nil
}

// newSlackBot makes the Slack bot.
func newSlackBot(address, token string, cfg *config, log *slog.Logger) (*slackbot.Bot, error) {
	public, err := url.Parse(cfg.publicURL)
	if err != nil {
		return nil, fmt.Errorf("PROCYON_PUBLIC_URL: %w", err)
	}
	slack, err := slackapi.NewAPI(cfg.slack.apiURL)
	if err != nil {
		return nil, fmt.Errorf("PROCYON_SLACK_API_URL: %w", err)
	}
	api, err := client.New(client.Options{URL: strings.TrimSuffix(address, "/") + "/graphql", Token: token})
	if err != nil {
		return nil, err
	}
	return slackbot.New(slackbot.Options{
		Client: api, API: slack, PublicURL: public, SigningSecret: cfg.slack.signingSecret, AppToken: cfg.slack.appToken, ClientID: cfg.slack.clientID,
		ClientSecret: cfg.slack.clientSecret, Logger: log,
	})
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

// runSlackBot runs the Slack bot alone, with the endpoints that Slack calls.
func runSlackBot(ctx context.Context, c *call) error {
	var cfg config
	f := newFlags("slackbot", c)
	f.text(&cfg.gatewayURL, "gateway-url", "http://127.0.0.1:8080", "the gateway's URL")
	f.secret(&cfg.serviceToken, "service-token", "the token of a service account with the scopes "+strings.Join(workerScopes["slackbot"], ", "))
	f.text(&cfg.listen, "listen", "127.0.0.1:8081", "the address to serve /slack/… on")
	f.text(&cfg.publicURL, "public-url", "", "the URL under which Slack and people reach /slack/…; default: http:// and the address")
	f.slackFlags(&cfg.slack)
	f.logFlags(&cfg)
	if err := f.parse(c.args); err != nil {
		return err
	}
	if cfg.serviceToken == "" {
		return errors.New("PROCYON_SERVICE_TOKEN is missing; make one with: procyon token create --name slackbot --scope " + strings.Join(workerScopes["slackbot"], ","))
	}
	if err := cfg.check(); err != nil {
		return err
	}
	log, err := cfg.logger(c.err)
	if err != nil {
		return err
	}
	bot, err := newSlackBot(cfg.gatewayURL, cfg.serviceToken, &cfg, log)
	if err != nil {
		return err
	}
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", cfg.listen)
	if err != nil {
		return fmt.Errorf("PROCYON_LISTEN: %w", err)
	}
	srv := newServer(ctx, bot, log)
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error {
		if err := srv.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			return err
		}
		return nil
	})
	group.Go(func() error { return bot.Run(ctx) })
	group.Go(func() error {
		<-ctx.Done()
		end, cancel := context.WithTimeout(context.WithoutCancel(ctx), grace)
		defer cancel()
		return srv.Shutdown(end)
	})
	return group.Wait()
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
	slack := slackwebhook.New(hosts)
	defer slack.Close()
	interval := cfg.webhookEvery
	if interval <= 0 {
		interval = -1 // none, where 0 would mean the default
	}
	n, err := notifier.New(notifier.Options{
		Client: api, Channels: map[string]notifier.Channel{slackwebhook.Kind: slack},
		LeaseTTL: max(cfg.leaseTTL, time.Second), Interval: interval, Logger: log, Attempted: attempted,
	})
	if err != nil {
		return err
	}
	return n.Run(ctx)
}

// slackManifest prints what Slack wants to know of the app.
func slackManifest(_ context.Context, c *call) error {
	var cfg config
	f := newFlags("slack manifest", c)
	f.text(&cfg.publicURL, "public-url", "", "the URL under which Slack and people reach the gateway")
	if err := f.parse(c.args); err != nil {
		return err
	}
	public, err := url.Parse(cfg.publicURL)
	if err != nil || public.Scheme != "https" || public.Host == "" {
		return errors.New("PROCYON_PUBLIC_URL must be an https URL that Slack can reach")
	}
	e := json.NewEncoder(c.out)
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false)
	return e.Encode(slackbot.Manifest(public))
}
