package command

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"procyon/checkpoint"
	"procyon/index"
	"procyon/internal/app"
	"procyon/internal/subject"
	"procyon/journal"
)

// Journal reads and mends the journal.
func Journal() *cobra.Command {
	return group("journal", "prove the journal, sign it, or mend its views", journalVerify(), journalCheckpoint(), journalRebuild())
}

// onStore makes a command that works on the store alone, where there is one.
func onStore(name, about string, run func(ctx context.Context, c *cobra.Command, store journal.Store) error) *cobra.Command {
	return onStoreOf(new(app.StoreConfig), name, about, run)
}

// onStoreOf is onStore for a command that needs to know of the store's settings.
func onStoreOf(cfg *app.StoreConfig, name, about string, run func(ctx context.Context, c *cobra.Command, store journal.Store) error) *cobra.Command {
	c := leaf(name, about, func(ctx context.Context, c *cobra.Command) error { return withStore(ctx, c, cfg, run) })
	storeSettings(settingsOf(c), cfg)
	return c
}

// withStore opens the store, where there is one, for as long as run takes.
func withStore(ctx context.Context, c *cobra.Command, cfg *app.StoreConfig, run func(ctx context.Context, c *cobra.Command, store journal.Store) error) error {
	if err := app.NeedStore(cfg.URL); err != nil {
		return err
	}
	store, err := app.OpenStore(ctx, cfg.URL, app.StoreOptions{Once: true, Note: func(what string) { _, _ = fmt.Fprintln(c.ErrOrStderr(), what) }})
	if err != nil {
		return err
	}
	return errors.Join(run(ctx, c, store), store.Close())
}

func journalVerify() *cobra.Command {
	var cfg app.StoreConfig
	var files, public []string
	c := onStoreOf(&cfg, "verify", "prove that nothing in the journal was altered, removed or reordered", func(ctx context.Context, c *cobra.Command, store journal.Store) error {
		checkpoints, err := readCheckpoints(cfg, files, public)
		if err != nil {
			return err
		}
		signed := checkpoint.Compare(checkpoints...)
		r, err := journal.Verify(ctx, store, journal.Proof{Kinds: subject.Kinds(), Observe: signed.Observe})
		if err != nil {
			return errors.Join(err, signed.Wrong())
		}
		if !r.Listed {
			_, err := fmt.Fprintln(c.ErrOrStderr(), "An older release listed the views, so it was not compared how. The next start lists them anew; then run this again.")
			if err != nil {
				return err
			}
		}
		if _, err = fmt.Fprintf(c.OutOrStdout(), "The journal is whole: %d entries of %d subjects; the head is %d %s.\n", r.Entries, r.Subjects, r.Head.Seq, r.Head.Hash); err != nil || len(checkpoints) == 0 {
			return err
		}
		proved, err := signed.End(r.Head.Seq)
		if err == nil {
			_, err = fmt.Fprintf(c.OutOrStdout(), "Its first %d entries are those that were signed.\n", proved)
		}
		return err
	})
	c.Flags().StringArrayVar(&files, "checkpoint", nil, "a file with a checkpoint that was kept elsewhere, up to which the journal is proved; may be given several times")
	publicKeyFlag(c, &public, "may be given several times; left out: those of the key file")
	checkpointKeySettings(settings{c.Flags()}, &cfg)
	return c
}

// publicKeyFlag adds the keys that checkpoints are checked with.
func publicKeyFlag(c *cobra.Command, keys *[]string, more string) {
	c.Flags().StringArrayVar(keys, "public-key", nil, "a public key that checkpoints are checked with, as procyon journal checkpoint --public-key prints it; "+more)
}

// readCheckpoints reads files, and checks who signed them: by the keys that were given, or
// else those of the key file.
func readCheckpoints(cfg app.StoreConfig, files, public []string) ([]checkpoint.Checkpoint, error) {
	if len(files) == 0 {
		return nil, nil
	}
	keys, err := checkpoint.PublicKeys(public...)
	if len(public) == 0 {
		keys, err = checkpoint.ReadKeys(cfg.CheckpointKeyPath())
	}
	if err != nil {
		return nil, fmt.Errorf("%w; or give --public-key", err)
	}
	out := make([]checkpoint.Checkpoint, len(files))
	for i, name := range files {
		text, err := readFile(name, checkpoint.MaxNote)
		if err == nil {
			out[i], err = checkpoint.Parse(text, keys)
		}
		if err != nil {
			return nil, fmt.Errorf("the checkpoint in %s: %w", name, err)
		}
	}
	return out, nil
}

// readFile reads a file of at most so many bytes.
func readFile(name string, most int64) ([]byte, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	data, err := io.ReadAll(io.LimitReader(f, most+1))
	if err == nil && int64(len(data)) > most {
		err = fmt.Errorf("it has more than %d bytes", most)
	}
	return data, errors.Join(err, f.Close())
}

func journalCheckpoint() *cobra.Command {
	var cfg app.StoreConfig
	var public, anew bool
	c := onStoreOf(&cfg, "checkpoint", "sign what the journal is now, and print that, to be kept elsewhere", func(ctx context.Context, c *cobra.Command, store journal.Store) error {
		checkpoints, err := app.OpenCheckpoints(ctx, cfg, store, anew)
		if err != nil {
			return err
		}
		if public {
			_, err = fmt.Fprintln(c.OutOrStdout(), checkpoints.Public())
			return err
		}
		sign := checkpoints.Make
		if anew {
			sign = checkpoints.MakeAnew
		}
		made, err := sign(ctx)
		if err != nil {
			return err
		}
		_, err = fmt.Fprint(c.OutOrStdout(), made.Note)
		return err
	})
	c.Flags().BoolVar(&public, "public-key", false, "print the public key instead, with which others check checkpoints")
	c.Flags().BoolVar(&anew, "new-key", false, "go on with this key though the newest checkpoint is signed with one that is lost; a new key file is made if there is none")
	checkpointKeySettings(settings{c.Flags()}, &cfg)
	return c
}

func journalRebuild() *cobra.Command {
	return onStore("rebuild", "make all views anew from the journal", func(ctx context.Context, c *cobra.Command, store journal.Store) error {
		if err := errors.Join(index.ForgetEnded(ctx, store), index.ForgetDays(ctx, store), checkpoint.Forget(ctx, store)); err != nil {
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
