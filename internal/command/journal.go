package command

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"procyon/index"
	"procyon/internal/app"
	"procyon/internal/subject"
	"procyon/journal"
)

// Journal reads and mends the journal.
func Journal() *cobra.Command {
	return group("journal", "prove the journal, or mend its views", journalVerify(), journalRebuild())
}

// onStore makes a command that works on the store alone, where there is one.
func onStore(name, about string, run func(ctx context.Context, c *cobra.Command, store journal.Store) error) *cobra.Command {
	var cfg app.StoreConfig
	c := leaf(name, about, func(ctx context.Context, c *cobra.Command) error {
		if err := app.NeedStore(cfg.URL); err != nil {
			return err
		}
		store, err := app.OpenStore(ctx, cfg.URL, app.StoreOptions{Once: true, Note: func(what string) { _, _ = fmt.Fprintln(c.ErrOrStderr(), what) }})
		if err != nil {
			return err
		}
		return errors.Join(run(ctx, c, store), store.Close())
	})
	storeSettings(settingsOf(c), &cfg)
	return c
}

func journalVerify() *cobra.Command {
	return onStore("verify", "prove that nothing in the journal was altered, removed or reordered", func(ctx context.Context, c *cobra.Command, store journal.Store) error {
		r, err := journal.Verify(ctx, store, journal.Proof{Kinds: subject.Kinds()})
		if err != nil {
			return err
		}
		if !r.Listed {
			_, err := fmt.Fprintln(c.ErrOrStderr(), "An older release listed the views, so it was not compared how. The next start lists them anew; then run this again.")
			if err != nil {
				return err
			}
		}
		_, err = fmt.Fprintf(c.OutOrStdout(), "The journal is whole: %d entries of %d subjects; the head is %d %s.\n", r.Entries, r.Subjects, r.Head.Seq, r.Head.Hash)
		return err
	})
}

func journalRebuild() *cobra.Command {
	return onStore("rebuild", "make all views anew from the journal", func(ctx context.Context, c *cobra.Command, store journal.Store) error {
		if err := index.ForgetEnded(ctx, store); err != nil {
			return err
		}
		n, err := journal.Rebuild(ctx, store, subject.Kinds())
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(c.OutOrStdout(), "All views were made anew from %d entries.\n", n)
		return err
	})
}
