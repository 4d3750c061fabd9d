package command

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"strings"

	"github.com/spf13/cobra"

	"procyon/internal/app"
	"procyon/slackbot"
)

// remoteSettings are those of a worker that runs by itself.
func remoteSettings(s settings, c *app.Remote, worker string) {
	s.text(&c.URL, "gateway-url", "http://127.0.0.1:8080", "the server's URL")
	s.text(&c.Token, "service-token", "", "the token of a service account with the scopes "+strings.Join(app.WorkerScopes(worker), ", "))
}

// checkRemote refuses a worker without a token.
func checkRemote(c app.Remote, worker string) error {
	if c.Token == "" {
		return errors.New("PROCYON_SERVICE_TOKEN is missing; make one with: procyon token create --name " + worker + " --scope " + strings.Join(app.WorkerScopes(worker), ","))
	}
	return nil
}

// Notifier runs the notifier alone.
func Notifier() *cobra.Command {
	var server app.Remote
	var cfg app.NotifierConfig
	var process service
	c := leaf("notifier", "run the notifier alone, against a server elsewhere", func(ctx context.Context, c *cobra.Command) error {
		return process.run(ctx, c, func(ctx context.Context, log *slog.Logger) error {
			return app.RunNotifier(ctx, server, cfg, log)
		})
	})
	s := settingsOf(c)
	remoteSettings(s, &server, "notifier")
	webhookSettings(s, &cfg.WebhookHosts)
	paceSettings(s, &cfg.Pace)
	process.add(s)
	return checked(c, func() error { return checkRemote(server, "notifier") })
}

// SlackBot runs the Slack bot alone, with the endpoints that Slack calls.
func SlackBot() *cobra.Command {
	var server app.Remote
	var cfg app.SlackBotConfig
	var process service
	c := leaf("slackbot", "run the Slack bot alone, against a server elsewhere", func(ctx context.Context, c *cobra.Command) error {
		return process.run(ctx, c, func(ctx context.Context, log *slog.Logger) error {
			return app.RunSlackBot(ctx, server, cfg, log, func(publicURL string) {
				fmt.Fprintf(c.OutOrStdout(), "Procyon's Slack bot runs, for Slack to call at %s/slack/.\n", publicURL)
			})
		})
	})
	s := settingsOf(c)
	remoteSettings(s, &server, "slackbot")
	s.text(&cfg.Server.Listen, "listen", "127.0.0.1:8081", "the address to serve /slack/… on")
	s.text(&cfg.Server.PublicURL, "public-url", "", "the URL under which Slack and people reach /slack/…; default: http:// and the address")
	s.text(&cfg.Server.TrustedProxies, "trusted-proxies", "", "addresses of reverse proxies whose X-Forwarded-For is believed, comma-separated; without, all who come through a proxy share one limit")
	connectionSettings(s, &cfg.Server)
	slackSettings(s, &cfg.Slack)
	approverSettings(s, &cfg.Slack)
	paceSettings(s, &cfg.Pace)
	process.add(s)
	return checked(c, func() error { return checkRemote(server, "slackbot") })
}

// Slack is about the Slack app.
func Slack() *cobra.Command {
	return group("slack", "set up the Slack app", slackManifest())
}

// slackManifest prints what Slack wants to know of the app.
func slackManifest() *cobra.Command {
	var publicURL string
	var socketMode bool
	var public *url.URL
	c := leaf("manifest", "print the manifest of the Slack app for this server's public URL", func(_ context.Context, c *cobra.Command) error {
		e := json.NewEncoder(c.OutOrStdout())
		e.SetIndent("", "  ")
		e.SetEscapeHTML(false)
		return e.Encode(slackbot.Manifest(public, socketMode))
	})
	s := settingsOf(c)
	s.text(&publicURL, "public-url", "", "the URL under which Slack and people reach the server")
	s.toggle(&socketMode, "socket-mode", false, "for Socket Mode: Slack then needs no way to the server")
	return checked(c, func() (err error) {
		if !strings.HasPrefix(publicURL, "https://") {
			return errors.New("PROCYON_PUBLIC_URL must be an https URL that Slack can reach; give it with --public-url")
		}
		public, err = app.ParsePublicURL(publicURL)
		return err
	})
}
