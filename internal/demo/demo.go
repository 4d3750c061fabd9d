// Package demo is the whole product on one machine: a server with its workers, a simulated
// Slack with the app installed, and sample data, all made anew at each start. Tests of the
// product in Slack start from the same data.
package demo

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"text/template"

	"golang.org/x/sync/errgroup"

	"procyon/internal/app"
	"procyon/internal/slacksim"
)

// folder is where the demo keeps everything. It is removed at each start.
var folder = filepath.Join("data", "demo")

// Run runs the demo until ctx is done, with a simulated Slack at the address slack. Once
// all is there it says on out how to use it. What cfg says of the store, of workers and of
// Slack is replaced.
func Run(ctx context.Context, cfg app.Config, slack string, log *slog.Logger, out io.Writer) error {
	cfg.Store.URL, cfg.Workers, cfg.WebhookHosts = "sqlite:"+filepath.Join(folder, "procyon.db"), "notifier,slackbot", "127.0.0.1"
	if err := cfg.Check(); err != nil {
		return err
	}
	if err := os.RemoveAll(folder); err != nil {
		return fmt.Errorf("remove the last demo: %w", err)
	}
	sim := slacksim.New(slacksim.Options{BaseURL: "http://" + slack})
	defer sim.Close()
	Connect(sim, &cfg, "http://"+slack)
	a, err := app.Open(ctx, cfg, log)
	if err != nil {
		return err
	}
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return sim.ListenAndServe(ctx, slack) })
	group.Go(func() error {
		return a.Run(ctx, func(ctx context.Context) error {
			s, err := Seed(ctx, a, sim)
			if err == nil {
				err = Install(ctx, a, sim)
			}
			if err != nil {
				return err
			}
			return welcome.Execute(out, greeting{Sample: s, Console: a.PublicURL(), Slack: "http://" + slack, Store: cfg.Store.URL})
		})
	})
	return errors.Join(group.Wait(), a.Close())
}

// Connect tells the simulated Slack where the app is, and the app where Slack is.
func Connect(sim *slacksim.Server, cfg *app.Config, slack string) {
	sim.SetApp(slacksim.App{
		CommandURL: cfg.Server.PublicURL + "/slack/command", InteractionURL: cfg.Server.PublicURL + "/slack/interaction", EventURL: cfg.Server.PublicURL + "/slack/event",
		RedirectURLs: []string{cfg.Server.PublicURL + "/slack/oauth"},
	})
	app := sim.App()
	cfg.Slack.SigningSecret, cfg.Slack.APIURL = app.SigningSecret, slack+"/api/"
	cfg.Slack.ClientID, cfg.Slack.ClientSecret = app.ClientID, app.ClientSecret
}

// greeting is what the demo says once it runs.
type greeting struct {
	Sample
	Console, Slack, Store string
}

var welcome = template.Must(template.New("").Parse(`
Procyon runs, with a simulated Slack and sample data.

  Console          {{.Console}}
  Simulated Slack  {{.Slack}}
  Sign in as       ada@example.com (administrator) or dev@example.com
  Password         {{.Password}}

In the simulated Slack, be Dev and type /procyon request in any channel; then be
Bo or Ada, and decide in #oncall, or in the direct message that Procyon sent.

The production database is {{.Database}}.
A token for scripts: go run . token create --store {{.Store}} --user dev@example.com

Press Ctrl-C to stop.
`))
