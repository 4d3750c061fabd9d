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
	"net"
	"path/filepath"
	"text/template"

	"golang.org/x/sync/errgroup"

	"procyon/internal/app"
	"procyon/internal/slacksim"
)

// DefaultFolder is where the demo keeps everything, unless it is told where.
var DefaultFolder = filepath.Join("data", "demo")

// Options say where a demo is.
type Options struct {
	// Folder has its store, which is removed at each start. One demo at a time uses a folder.
	Folder string
	// Slack is the address of the simulated Slack, on this machine.
	Slack string
}

// Run runs the demo until ctx is done. Once all is there it says on out how to use it. What
// cfg says of where the store and Slack are, and of workers, is replaced.
//
// It takes both addresses and the folder before it touches anything, so that a demo that
// cannot start leaves another one, which runs, as it is. A *RunningError says where that is.
func Run(ctx context.Context, cfg app.Config, o Options, log *slog.Logger, out io.Writer) (err error) {
	cfg.Store.URL, cfg.Workers, cfg.WebhookHosts = "sqlite:"+filepath.Join(o.Folder, "procyon.db"), "notifier,slackbot", "127.0.0.1"
	slack, err := bind(ctx, &cfg, o.Slack)
	if err != nil {
		if running := whoHas(o.Folder); running != nil {
			return running
		}
		return err
	}
	defer cfg.Server.Unbind()
	defer slack.Close()
	url := "http://" + slack.Addr().String()
	f, err := take(ctx, o.Folder, place{Console: cfg.Server.PublicURL, Slack: url})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.give()) }()
	if err := f.clear(); err != nil {
		return fmt.Errorf("remove the last demo: %w", err)
	}
	sim := slacksim.New(slacksim.Options{BaseURL: url})
	defer sim.Close()
	Connect(sim, &cfg, url)
	a, err := app.Open(ctx, cfg, log)
	if err != nil {
		return err
	}
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return sim.Serve(ctx, slack) })
	group.Go(func() error {
		return a.Run(ctx, func(ctx context.Context) error {
			s, err := Seed(ctx, a, sim)
			if err != nil {
				return err
			}
			workspace, err := Install(ctx, a, sim)
			if err == nil {
				err = Govern(ctx, a, sim, s, workspace)
			}
			if err != nil {
				return err
			}
			return welcome.Execute(out, greeting{Sample: s, Console: a.PublicURL(), Slack: url, Store: cfg.Store.URL})
		})
	})
	return errors.Join(group.Wait(), a.Close())
}

// bind takes the addresses of the server and of the simulated Slack, or neither.
func bind(ctx context.Context, cfg *app.Config, slack string) (net.Listener, error) {
	if err := cfg.Bind(ctx); err != nil {
		return nil, err
	}
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", slack)
	if err == nil {
		if at, ok := l.Addr().(*net.TCPAddr); ok && at.IP.IsLoopback() {
			return l, nil
		}
		_ = l.Close()
		err = fmt.Errorf("%q is no address of this machine alone, such as 127.0.0.1:8090", slack)
	}
	cfg.Server.Unbind()
	return nil, fmt.Errorf("PROCYON_DEMO_SLACK: %w; choose another address with --demo-slack", err)
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
  Sign in as       ada@example.com (administrator), dev@example.com or sam@example.com (security)
  Password         {{.Password}}

In the simulated Slack, be Dev and type /procyon request in any channel; then be who
decides it, and press Approve in the direct message that Procyon sent: Bo for staging,
Olga for the production database. The console's page Policies has who decides what.

A token for scripts: go run . token create --store {{.Store}} --user dev@example.com

Press Ctrl-C to stop.
`))
