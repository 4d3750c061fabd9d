package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"procyon/client"
	"procyon/internal/admission"
	"procyon/internal/slackapi"
	"procyon/notifier"
	"procyon/slackbot"
)

// slackWorker is the Slack bot, with the notifier that sends to the channels in which
// the bot posts.
type slackWorker struct {
	bot      *slackbot.Bot
	notifier *notifier.Notifier // for what only the bot can post
	outlets  outlets
}

// slackConsumer is under what name what those channels are owed is followed: another
// one than the notifier's, which works for other kinds of integrations.
const slackConsumer = "slackchannel"

func newSlackWorker(address, token string, cfg *config, log *slog.Logger, attempted func(notifier.Attempt)) (*slackWorker, error) {
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
	bot, err := slackbot.New(slackbot.Options{
		Client: api, API: slack, PublicURL: public, SigningSecret: cfg.slack.signingSecret, AppToken: cfg.slack.appToken, ClientID: cfg.slack.clientID,
		ClientSecret: cfg.slack.clientSecret, QuietApprovers: !cfg.slack.approverDMs, LeaseTTL: max(cfg.leaseTTL, time.Second), Logger: log,
		Now: cfg.slack.now, SweepEvery: cfg.slack.sweepEvery,
		Signed: func(ctx context.Context) { admission.From(ctx).Identified() },
	})
	if err != nil {
		return nil, err
	}
	out := openOutlets("slackbot", surroundings{bot: bot})
	n, err := notifier.New(notifier.Options{
		Client: api, Channels: out.channels, Secrets: out.secrets, Consumer: slackConsumer,
		LeaseTTL: max(cfg.leaseTTL, time.Second), Interval: cfg.interval(), Logger: log, Attempted: attempted,
	})
	return &slackWorker{bot, n, out}, err
}

// run works until ctx is done.
func (w *slackWorker) run(ctx context.Context) error {
	defer w.outlets.close()
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return w.bot.Run(ctx) })
	group.Go(func() error { return w.notifier.Run(ctx) })
	return group.Wait()
}

// runSlackBot runs the Slack bot alone, with the endpoints that Slack calls.
func runSlackBot(ctx context.Context, c *call) error {
	var cfg config
	f := newFlags("slackbot", c)
	f.text(&cfg.gatewayURL, "gateway-url", "http://127.0.0.1:8080", "the gateway's URL")
	f.secret(&cfg.serviceToken, "service-token", "the token of a service account with the scopes "+strings.Join(workerScopes["slackbot"], ", "))
	f.text(&cfg.listen, "listen", "127.0.0.1:8081", "the address to serve /slack/… on")
	f.text(&cfg.publicURL, "public-url", "", "the URL under which Slack and people reach /slack/…; default: http:// and the address")
	f.text(&cfg.proxies, "trusted-proxies", "", "addresses of reverse proxies whose X-Forwarded-For is believed, comma-separated; without, all who come through a proxy share one limit")
	f.connectionFlags(&cfg)
	f.slackFlags(&cfg.slack)
	f.paceFlags(&cfg)
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
	proxies, err := parseTrustedProxies(cfg.proxies)
	if err != nil {
		return err
	}
	w, err := newSlackWorker(cfg.gatewayURL, cfg.serviceToken, &cfg, log, nil)
	if err != nil {
		return err
	}
	l, err := listen(ctx, &cfg, proxies, log)
	if err != nil {
		return err
	}
	srv := newServer(ctx, newGuard(proxies, nil, nil).Wrap(w.bot), log, serverTimes())
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error {
		if err := srv.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			return err
		}
		return nil
	})
	group.Go(func() error { return w.run(ctx) })
	group.Go(func() error {
		<-ctx.Done()
		end, cancel := context.WithTimeout(context.WithoutCancel(ctx), grace)
		defer cancel()
		return srv.Shutdown(end)
	})
	return group.Wait()
}

// slackManifest prints what Slack wants to know of the app.
func slackManifest(_ context.Context, c *call) error {
	var cfg config
	f := newFlags("slack manifest", c)
	var socketMode bool
	f.text(&cfg.publicURL, "public-url", "", "the URL under which Slack and people reach the gateway")
	f.yes(&socketMode, "socket-mode", false, "for Socket Mode: Slack then needs no way to the gateway")
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
	return e.Encode(slackbot.Manifest(public, socketMode))
}
