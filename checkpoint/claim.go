package checkpoint

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"procyon/store"
)

// claimID is the document that says whose key signs a store's first checkpoint. It has the
// key's name alone: who reads the store can't sign.
const claimID = "checkpoint_key"

type claim struct {
	Key string `json:"key"` // its name and hash, as Checkpoint.Key has it
}

// ClaimedError says that a store's checkpoints are another key's.
type ClaimedError struct{ Key string }

func (e *ClaimedError) Error() string {
	return fmt.Sprintf("the store's checkpoints are to be signed with the key %s, which another server has made", e.Key)
}

// casTries bounds how often a document is written against other servers.
const casTries = 10

// Claim makes the log's key the one that signs the store's first checkpoint. Of servers that
// do so at once, each with a key of its own, one gets it, and the others get a *ClaimedError:
// so there are never two keys. anew takes it from whoever has it. Where there are checkpoints
// already these say whose they are, and it changes nothing.
func (l *Log) Claim(ctx context.Context, anew bool) error {
	mine := l.keys.name()
	for range casTries {
		key, version, err := owner(ctx, l.store)
		switch {
		case err != nil:
			return err
		case key != "" && (version == 0 || l.keys.has(key)):
			return nil
		case key != "" && !anew:
			return &ClaimedError{key}
		}
		data, err := json.Marshal(claim{mine})
		if err != nil {
			return err
		}
		err = l.store.Put(ctx, store.Document{ID: claimID, Version: version + 1, Data: data})
		if !errors.Is(err, store.ErrVersion) {
			return err
		}
	}
	return fmt.Errorf("checkpoints: other servers change %s all the time; try again", claimID)
}

// Owner is the name of the key that signs a store's checkpoints: of its newest, or the one
// that was claimed for the first. "" is none yet.
func Owner(ctx context.Context, r store.Reader) (string, error) {
	key, _, err := owner(ctx, r)
	return key, err
}

// owner is Owner, with the version of what was claimed; 0: nothing was, or there are
// checkpoints.
func owner(ctx context.Context, r store.Reader) (key string, version uint64, err error) {
	last, err := Stored(ctx, r)
	if err != nil {
		return "", 0, err
	}
	if last != nil {
		return last.Key, 0, nil
	}
	docs, err := r.Get(ctx, claimID)
	if err != nil {
		return "", 0, fmt.Errorf("checkpoints: read %s: %w", claimID, err)
	}
	if len(docs) == 0 {
		return "", 0, nil
	}
	var c claim
	if err := json.Unmarshal(docs[0].Data, &c); err != nil || c.Key == "" {
		return "", 0, fmt.Errorf("checkpoints: document %s is damaged", claimID)
	}
	return c.Key, docs[0].Version, nil
}
