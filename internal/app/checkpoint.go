package app

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"time"

	"procyon/checkpoint"
	"procyon/client"
	"procyon/journal"
)

// OpenCheckpoints opens the log of a store's checkpoints with the key file, which it makes
// where there is none, unless the store has checkpoints already: those of a key that is
// missing here then. anew makes one even so.
func OpenCheckpoints(ctx context.Context, cfg StoreConfig, store journal.Store, anew bool) (*checkpoint.Log, error) {
	return openCheckpoints(ctx, cfg.CheckpointKeyPath(), store, anew, clock)
}

func openCheckpoints(ctx context.Context, path string, store journal.Store, anew bool, now func() time.Time) (*checkpoint.Log, error) {
	keys, err := checkpoint.ReadKeys(path)
	missing := errors.Is(err, fs.ErrNotExist)
	if missing {
		owner, failed := checkpoint.Owner(ctx, store)
		if failed != nil {
			return nil, failed
		}
		if owner != "" && !anew {
			return nil, notTheKey(owner, fmt.Sprintf("there is no key file %s", path))
		}
		keys, err = checkpoint.LoadKeys(path)
	}
	if err != nil {
		return nil, err
	}
	l := checkpoint.NewLog(store, keys, now)
	err = l.Claim(ctx, anew)
	var claimed *checkpoint.ClaimedError
	if !errors.As(err, &claimed) {
		return l, err
	}
	if missing { // another server was faster: what was just made has signed nothing, and never will
		if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
	}
	return nil, notTheKey(claimed.Key, fmt.Sprintf("the key file %s has not that key", path))
}

func notTheKey(owner, what string) error {
	return &checkpoint.KeyFileError{Err: fmt.Errorf("the store's checkpoints are signed with the key %s, and %s: put the file that has it there, from the backup or from another gateway, or name it with PROCYON_CHECKPOINT_KEY_FILE; if it is lost, begin with a new one by procyon journal checkpoint --new-key", owner, what)}
}

// checkpointLook is how often a server looks whether a checkpoint is due, roughly.
const checkpointLook = 5 * time.Minute

// checkpoint signs the journal's head when that is due, until ctx is done. Each server
// looks, at moments of its own; whoever finds it due signs. Each checkpoint goes to the log,
// so that it is kept where the logs are. Without the key there are none, and the log says so
// each time: the server itself can do without.
func (c *Core) checkpoint(ctx context.Context, cfg StoreConfig, every time.Duration) error {
	if every == 0 {
		return nil
	}
	pause := min(checkpointLook, every/4)
	//nolint:gosec // waits are no secrets
	for wait := rand.N(pause); client.Sleep(ctx, wait); wait = pause/2 + rand.N(pause) {
		made, err := c.dueCheckpoint(ctx, cfg, every)
		if err != nil && ctx.Err() == nil {
			c.log.Error("no checkpoint of the journal was made", "error", err)
		}
		if made != nil {
			c.signed(made)
		}
	}
	return nil
}

// signed puts a new checkpoint into the log.
func (c *Core) signed(made *checkpoint.Checkpoint) {
	c.log.Info("checkpoint of the journal", "entries", made.Size, "note", made.Note)
}

func (c *Core) dueCheckpoint(ctx context.Context, cfg StoreConfig, every time.Duration) (*checkpoint.Checkpoint, error) {
	checkpoints, err := openCheckpoints(ctx, cfg.CheckpointKeyPath(), c.Store, false, c.now)
	if err != nil {
		return nil, err
	}
	return checkpoints.MakeDue(ctx, every, c.giveWay())
}

const (
	// restShare is for how many times as long as it has worked what is in no hurry rests.
	restShare = 3
	// stepLook is how often it looks whether due steps are through.
	stepLook = 100 * time.Millisecond
)

// giveWay makes a pause for work that is in no hurry: it takes a quarter of one core at
// most, and rests for as long as requests have steps that are due.
func (c *Core) giveWay() func(context.Context) error {
	began := time.Now()
	return func(ctx context.Context) error {
		for on := client.Sleep(ctx, restShare*time.Since(began)); on && c.stepping.Load(); {
			on = client.Sleep(ctx, stepLook)
		}
		began = time.Now()
		return ctx.Err()
	}
}

// newestCheckpoint is the one in the store, whoever signed it: who reads it has the key.
func (c *Core) newestCheckpoint(ctx context.Context) (*checkpoint.Checkpoint, error) {
	return checkpoint.Stored(ctx, c.Store)
}
