package command

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"github.com/spf13/cobra"

	"procyon/access"
	"procyon/internal/app"
)

// firstAdmin is who becomes an administrator on the first start.
type firstAdmin struct{ email, password string }

func (f *firstAdmin) add(s settings) {
	s.text(&f.email, "admin-email", "", "the first administrator's e-mail address, on the first start")
	s.text(&f.password, "admin-password", "", "the first administrator's password; absent: a random one, printed once")
}

// Serve runs the server with its workers, until it is told to stop.
func Serve() *cobra.Command {
	var cfg app.Config
	var admin firstAdmin
	var process service
	c := leaf("serve", "run the server, with its workers", func(ctx context.Context, c *cobra.Command) error {
		return process.run(ctx, c, func(ctx context.Context, log *slog.Logger) error { return serve(ctx, c, cfg, admin, log) })
	})
	s := settingsOf(c)
	storeSettings(s, &cfg.Store)
	appSettings(s, &cfg)
	webhookSettings(s, &cfg.WebhookHosts)
	slackSettings(s, &cfg.Slack)
	admin.add(s)
	s.text(&cfg.Workers, "workers", "notifier,slackbot", "the workers to run in this process, comma-separated, or none")
	process.add(s)
	return c
}

func serve(ctx context.Context, c *cobra.Command, cfg app.Config, admin firstAdmin, log *slog.Logger) error {
	a, err := app.Open(ctx, cfg, log)
	if err != nil {
		return err
	}
	err = a.Run(ctx, func(ctx context.Context) error {
		printed, err := a.Auth.EnsureAdmin(ctx, admin.email, admin.password)
		if err != nil {
			return access.Moved("email", "admin-email", access.Moved("password", "admin-password", err))
		}
		if printed != "" {
			fmt.Fprintln(c.ErrOrStderr(), printed)
		}
		// Beside the log, which may be of a form that programs read.
		_, err = fmt.Fprintf(c.OutOrStdout(), "Procyon listens on %s. The console is at %s, the API at %s/graphql.\n", a.Address(), a.PublicURL(), a.PublicURL())
		return err
	})
	return errors.Join(err, a.Close())
}
