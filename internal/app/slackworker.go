package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/url"

	"golang.org/x/sync/errgroup"

	"procyon/graph"
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

func newSlackWorker(server Remote, publicURL string, cfg SlackConfig, pace PaceConfig, log *slog.Logger, attempted func(notifier.Attempt)) (*slackWorker, error) {
	public, err := url.Parse(publicURL)
	if err != nil {
		return nil, fmt.Errorf("PROCYON_PUBLIC_URL: %w", err)
	}
	slack, err := slackapi.NewAPI(cfg.APIURL)
	if err != nil {
		return nil, fmt.Errorf("PROCYON_SLACK_API_URL: %w", err)
	}
	api, err := server.client()
	if err != nil {
		return nil, err
	}
	bot, err := slackbot.New(slackbot.Options{
		Client: api, API: slack, PublicURL: public, SigningSecret: cfg.SigningSecret, AppToken: cfg.AppToken, ClientID: cfg.ClientID,
		ClientSecret: cfg.ClientSecret, QuietApprovers: !cfg.ApproverDMs, LeaseTTL: pace.leaseTTL(), Logger: log,
		Now: cfg.Now, SweepEvery: cfg.SweepEvery, AnswerIn: cfg.AnswerIn, Shorten: cfg.Shorten,
		Signed: func(ctx context.Context) { admission.From(ctx).Identified() },
	})
	if err != nil {
		return nil, err
	}
	out := openOutlets("slackbot", surroundings{bot: bot})
	n, err := notifier.New(notifier.Options{
		Client: api, Channels: out.channels, Secrets: out.secrets, Consumer: slackConsumer,
		LeaseTTL: pace.leaseTTL(), Interval: pace.interval(), Now: clock, Logger: log, Attempted: attempted,
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

// SlackBotConfig is what a Slack bot is told that runs by itself.
type SlackBotConfig struct {
	Server ServerConfig // of the endpoints that Slack calls
	Slack  SlackConfig
	Pace   PaceConfig
}

// Check fills in what follows from the rest, and refuses what can't be.
func (c *SlackBotConfig) Check() error {
	return errors.Join(c.Server.Check(), c.Slack.Check())
}

// RunSlackBot runs the Slack bot by itself, with the endpoints that Slack calls, until
// ctx is done. Once it takes connections it tells ready under which URL it is reached.
func RunSlackBot(ctx context.Context, server Remote, cfg SlackBotConfig, log *slog.Logger, ready func(publicURL string)) error {
	if err := cfg.Server.bind(ctx, cfg.Check); err != nil {
		return err
	}
	defer cfg.Server.Unbind()
	proxies, err := parseTrustedProxies(cfg.Server.TrustedProxies)
	if err != nil {
		return err
	}
	w, err := newSlackWorker(server, cfg.Server.PublicURL, cfg.Slack, cfg.Pace, log, nil)
	if err != nil {
		return err
	}
	l := bounded(cfg.Server.bound, cfg.Server, proxies, log)
	srv := newServer(ctx, newGuard(strangerLimits(), proxies, nil, nil).Wrap(w.bot), log, serverTimes())
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return accept(srv, l) })
	ready(cfg.Server.PublicURL)
	group.Go(func() error { return w.run(ctx) })
	group.Go(func() error {
		<-ctx.Done()
		end, cancel := context.WithTimeout(context.WithoutCancel(ctx), grace)
		defer cancel()
		return srv.Shutdown(end)
	})
	return group.Wait()
}

// describeSlackApp says what is needed to make the app at Slack, and to add it to workspaces.
func (a *App) describeSlackApp(to *graph.SlackApp) error {
	manifest, err := json.MarshalIndent(slackbot.Manifest(a.public, a.cfg.Slack.AppToken != ""), "", "  ")
	if err != nil {
		return fmt.Errorf("the Slack app's manifest: %w", err)
	}
	*to = graph.SlackApp{Manifest: string(manifest), Scopes: slackbot.BotScopes(), MissingSettings: append([]string{}, a.cfg.Slack.missing()...)}
	return nil
}
