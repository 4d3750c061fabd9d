package command

import (
	"context"
	"log/slog"

	"github.com/spf13/cobra"

	"procyon/internal/app"
	"procyon/internal/demo"
)

// Demo runs the whole product on this machine. It takes what a server takes, but for what a
// demo has of its own: the store, Slack, the workers and the first administrator.
func Demo() *cobra.Command {
	var cfg app.Config
	var process service
	var at demo.Options
	c := leaf("demo", "run the whole product on this machine, with a simulated Slack and sample data", func(ctx context.Context, c *cobra.Command) error {
		return process.run(ctx, c, func(ctx context.Context, log *slog.Logger) error {
			return demo.Run(ctx, cfg, at, log, c.OutOrStdout())
		})
	})
	s := settingsOf(c)
	keySettings(s, &cfg.Store)
	appSettings(s, &cfg)
	s.text(&at.Slack, "demo-slack", "127.0.0.1:8090", "the address of the simulated Slack")
	s.text(&at.Folder, "demo-dir", demo.DefaultFolder, "the folder of the demo, whose store is made anew at each start; one demo at a time")
	process.add(s)
	return c
}
