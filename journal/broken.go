package journal

import (
	"context"
	"errors"
	"fmt"
	"time"

	"procyon/access"
)

// Broken returns why nothing can be written any more, a JOURNAL_CHANGED *access.Error, or
// nil. It is so from when the store was found to have another journal than this process
// knows until the process ends: what is in memory follows from the former one. Nor is any
// position one of this journal then.
func (j *Journal) Broken() error {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.broken
}

// breakOff ends all writing, reports why, and returns what Broken does.
func (j *Journal) breakOff(why error) error {
	j.mu.Lock()
	first := j.broken == nil
	if first {
		j.broken = access.Errorf(access.CodeJournalChanged, "", "The gateway's journal is another one than when the gateway started: a backup was restored, or its store replaced, while it ran. "+
			"Nothing was changed, and nothing can be until the gateway is restarted. Then look at what happened since the backup.")
	}
	broken := j.broken
	j.mu.Unlock()
	if first {
		j.opts.OnError(fmt.Errorf("journal: the store has another journal than before; nothing is written until a restart: %w", why))
	}
	return broken
}

// holds looks whether the store has what this process knows.
func (j *Journal) holds(ctx context.Context) error {
	j.mu.Lock()
	head := j.head
	j.mu.Unlock()
	err := j.store.Holds(ctx, head)
	switch {
	case errors.Is(err, ErrReplaced):
		return j.breakOff(err)
	case err != nil:
		return fmt.Errorf("journal: look for entry %d: %w", head.Seq, err)
	}
	return nil
}

// failedFor is how long a commit that failed counts, where none has succeeded since.
const failedFor = 30 * time.Second

// Ready returns nil where the store answers and has the journal that this process knows,
// what commits is at work, and the last commit has not just failed. Run must be running.
func (j *Journal) Ready(ctx context.Context) error {
	if err := j.Broken(); err != nil {
		return err
	}
	j.mu.Lock()
	failed, at := j.failed, j.failedAt
	j.mu.Unlock()
	if failed != nil && time.Since(at) < failedFor {
		return failed
	}
	if err := j.CatchUp(ctx); err != nil {
		return err
	}
	return j.holds(ctx)
}
