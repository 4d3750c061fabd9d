package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"procyon/journal"
	"procyon/store"
)

// Append implements journal.Store. It commits all of the entries or none. Where another
// file has come to the path what it has committed is not acknowledged: nobody will find it.
func (s *Store) Append(ctx context.Context, entries []journal.Entry, views []store.Document) (int, error) {
	if len(views) != len(entries) {
		return 0, fmt.Errorf("sqlite: %d entries come with %d views; each needs its own", len(entries), len(views))
	}
	if len(entries) == 0 {
		return 0, nil
	}
	rows, err := newRows(entries)
	if err != nil {
		return 0, err
	}
	latest, err := newest(views)
	if err != nil {
		return 0, err
	}
	err = s.write.do(ctx, func(w *writer) error {
		if err := s.inPlace(); err != nil {
			return err
		}
		if err := w.appendEntries(entries, rows); err != nil {
			return err
		}
		if err := w.upsert(latest); err != nil {
			return fmt.Errorf("%w: %w", journal.ErrNotWritten, err)
		}
		return nil
	})
	if err == nil {
		err = s.inPlace()
	}
	if err != nil {
		return 0, err
	}
	return len(entries), nil
}

// row is what is stored of an entry beside its own fields.
type row struct {
	by   filedBy
	body []byte
}

// newRows makes the rows of entries: before the one connection that writes is needed.
func newRows(entries []journal.Entry) ([]row, error) {
	rows := make([]row, len(entries))
	for i := range entries {
		e := &entries[i]
		if e.Format != journal.WithAfterSum {
			return nil, fmt.Errorf("sqlite: entry %d has format %d: new ones have format %d", e.Seq, e.Format, journal.WithAfterSum)
		}
		rows[i] = row{fileBy(e), e.Body()}
	}
	return rows, nil
}

func (w *writer) appendEntries(entries []journal.Entry, rows []row) error {
	ctx := context.Background()
	var head journal.Head
	var sum []byte
	err := w.head.QueryRowContext(ctx).Scan(&head.Seq, &sum)
	if err == nil {
		err = setHash(&head.Hash, sum, head.Seq)
	}
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return fmt.Errorf("%w: sqlite: read the head: %w", journal.ErrNotWritten, err)
	}
	switch first := &entries[0]; {
	case first.Seq <= head.Seq:
		return journal.ErrBehind
	case first.Seq != head.Seq+1:
		return fmt.Errorf("%w: sqlite: the last entry is %d, and entry %d is to be written", journal.ErrReplaced, head.Seq, first.Seq)
	case first.Prev != head.Hash:
		return fmt.Errorf("%w: sqlite: entry %d is another one", journal.ErrReplaced, head.Seq)
	}
	for i := range entries {
		e := &entries[i]
		if next := head.Seq + 1 + uint64(i); e.Seq != next {
			return fmt.Errorf("%w: sqlite: entry %d does not continue the journal: %d is next", journal.ErrNotWritten, e.Seq, next)
		}
		_, err := w.insertEntry.ExecContext(ctx, int64(e.Format), int64(e.Seq), e.At.UnixMicro(), e.Subject, int64(e.Version), e.Type,
			e.Prev[:], e.Hash[:], rows[i].by.actor, rows[i].by.by, rows[i].body)
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
	return fmt.Errorf("%w: sqlite: write entry %d: %w", journal.ErrNotWritten, entries[i].Seq, err)
}
