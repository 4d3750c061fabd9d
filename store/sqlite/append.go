package sqlite

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"procyon/journal"
	"procyon/store"
)

// Append implements journal.Store. It commits all of the entries or none.
func (s *Store) Append(ctx context.Context, entries []journal.Entry, views []store.Document) (int, error) {
	if len(views) != len(entries) {
		return 0, fmt.Errorf("sqlite: %d entries come with %d views; each needs its own", len(entries), len(views))
	}
	if len(entries) == 0 {
		return 0, nil
	}
	actors, err := encodeActors(entries)
	if err != nil {
		return 0, err
	}
	latest, err := newest(views)
	if err != nil {
		return 0, err
	}
	err = s.write.do(ctx, func(w *writer) error {
		if err := w.appendEntries(entries, actors); err != nil {
			return err
		}
		return w.upsert(latest)
	})
	if err != nil {
		return 0, err
	}
	return len(entries), nil
}

// encodeActors encodes each entry's actor, and those that repeat the one before once.
func encodeActors(entries []journal.Entry) ([]string, error) {
	actors := make([]string, len(entries))
	for i := range entries {
		data, err := json.Marshal(&entries[i].Actor)
		if err != nil {
			return nil, fmt.Errorf("sqlite: entry %d: actor: %w", entries[i].Seq, err)
		}
		actors[i] = string(data)
	}
	return actors, nil
}

func (w *writer) appendEntries(entries []journal.Entry, actors []string) error {
	ctx := context.Background()
	var head int64
	if err := w.head.QueryRowContext(ctx).Scan(&head); err != nil {
		return fmt.Errorf("sqlite: read the head: %w", err)
	}
	for i := range entries {
		e := &entries[i]
		switch next := uint64(head) + 1 + uint64(i); {
		case e.Seq < next && i == 0:
			return journal.ErrBehind
		case e.Seq != next:
			return fmt.Errorf("sqlite: entry %d does not continue the journal: %d is next", e.Seq, next)
		}
		_, err := w.insertEntry.ExecContext(ctx, int64(e.Seq), e.At.UnixMicro(), actors[i], e.Subject,
			int64(e.Version), e.Type, blob(e.Data), blob(e.After), e.Prev[:], e.Hash[:])
		if err != nil {
			return appendError(err, entries, i)
		}
	}
	return nil
}

// appendError says in the contract's words which of an entry's keys was taken.
func appendError(err error, entries []journal.Entry, i int) error {
	var failure *sqlite.Error
	if errors.As(err, &failure) {
		switch failure.Code() {
		case sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY, sqlite3.SQLITE_CONSTRAINT_ROWID:
			return journal.ErrBehind
		case sqlite3.SQLITE_CONSTRAINT_UNIQUE:
			return &journal.TakenError{Index: i, Subject: entries[i].Subject, Version: entries[i].Version}
		}
	}
	return fmt.Errorf("sqlite: write entry %d: %w", entries[i].Seq, err)
}

// blob makes of nil, which SQLite would store as NULL, an empty blob.
func blob(b []byte) []byte {
	if b == nil {
		return []byte{}
	}
	return b
}
