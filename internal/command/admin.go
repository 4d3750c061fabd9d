package command

import (
	"context"
	"errors"

	"github.com/spf13/cobra"

	"procyon/internal/app"
)

// The commands of administration work on the store itself, also while servers run on it:
// they are further writers of the same journal.

// admin makes such a command, for a store that is there. Its flags are added to those of
// every one of them.
func admin(name, about string, run func(ctx context.Context, c *cobra.Command, k *app.Core) error) (*cobra.Command, settings) {
	return adminOf(app.NeedStore, name, about, run)
}

// adminOf is admin for a store whose address may passes.
func adminOf(may func(address string) error, name, about string, run func(ctx context.Context, c *cobra.Command, k *app.Core) error) (*cobra.Command, settings) {
	var cfg app.StoreConfig
	var logs logSettings
	c := leaf(name, about, func(ctx context.Context, c *cobra.Command) error {
		log, err := logs.logger(c.ErrOrStderr())
		if err != nil {
			return err
		}
		if err := may(cfg.URL); err != nil {
			return err
		}
		k, err := app.OpenCore(ctx, cfg, log)
		if err != nil {
			return err
		}
		return errors.Join(k.Do(ctx, func() error { return run(ctx, c, k) }), k.Close())
	})
	s := settingsOf(c)
	storeSettings(s, &cfg)
	logs.add(s)
	return c, s
}
