package main

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"strings"

	"procyon/journal"
	"procyon/store"
	"procyon/store/sqlite"
)

// firstForm is how the first release laid out a SQLite file. All others read it: they bring
// it to their own form when they open it.
const firstForm = `PRAGMA journal_mode = WAL;
PRAGMA synchronous = OFF; -- until it is done
CREATE TABLE entry (
	seq     INTEGER PRIMARY KEY,
	at      INTEGER NOT NULL,
	actor   TEXT NOT NULL,
	subject TEXT NOT NULL,
	version INTEGER NOT NULL,
	type    TEXT NOT NULL,
	data    BLOB NOT NULL,
	after   BLOB NOT NULL,
	prev    BLOB NOT NULL,
	hash    BLOB NOT NULL,
	UNIQUE (subject, version)
) STRICT;
CREATE TABLE document (
	id      TEXT PRIMARY KEY,
	version INTEGER NOT NULL,
	sort    TEXT NOT NULL,
	terms   BLOB NOT NULL,
	data    BLOB NOT NULL
) STRICT;
CREATE TABLE term (
	term INTEGER NOT NULL,
	sort TEXT NOT NULL,
	id   TEXT NOT NULL,
	PRIMARY KEY (term, sort, id)
) STRICT, WITHOUT ROWID;
PRAGMA application_id = 0x5052434e;
PRAGMA user_version = 1;`

// copyInFirstForm copies a store into a file that is not there yet, in the form of the first
// release: the entries, sealed as that one did, and the documents whose IDs begin so.
func copyInFirstForm(ctx context.Context, from *sqlite.Store, to string, prefixes ...string) error {
	db, err := sql.Open("sqlite", to)
	if err != nil {
		return err
	}
	db.SetMaxOpenConns(1)
	if _, err = db.ExecContext(ctx, firstForm); err == nil {
		err = inTransaction(ctx, db, func(tx *sql.Tx) error {
			if err := copyEntries(ctx, from, tx); err != nil {
				return err
			}
			for _, prefix := range prefixes {
				if err := copyDocuments(ctx, from, tx, prefix); err != nil {
					return err
				}
			}
			return nil
		})
	}
	return errors.Join(err, db.Close())
}

func inTransaction(ctx context.Context, db *sql.DB, do func(*sql.Tx) error) error {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	if err := do(tx); err != nil {
		return errors.Join(err, tx.Rollback())
	}
	return tx.Commit()
}

func copyEntries(ctx context.Context, from *sqlite.Store, tx *sql.Tx) error {
	var prev journal.Hash
	for after := uint64(0); ; {
		entries, err := from.Entries(ctx, after, 1000)
		if err != nil || len(entries) == 0 {
			return err
		}
		for i := range entries {
			e := &entries[i]
			e.Format, e.Prev = journal.WithAfter, prev
			if e.Hash, err = e.Sum(); err != nil {
				return err
			}
			_, err := tx.ExecContext(ctx, `INSERT INTO entry VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
				int64(e.Seq), e.At.UnixMicro(), string(e.ActorJSON), e.Subject, int64(e.Version), e.Type, blob(e.Data), blob(e.After), e.Prev[:], e.Hash[:])
			if err != nil {
				return fmt.Errorf("entry %d: %w", e.Seq, err)
			}
			after, prev = e.Seq, e.Hash
		}
	}
}

func copyDocuments(ctx context.Context, from *sqlite.Store, tx *sql.Tx, prefix string) error {
	in, err := from.Inspect(ctx)
	if err != nil {
		return err
	}
	defer in.Close()
	var ids []string
	if err := in.IDs(ctx, func(id string) error {
		if strings.HasPrefix(id, prefix) {
			ids = append(ids, id)
		}
		return nil
	}); err != nil {
		return err
	}
	for some := range slices.Chunk(ids, 500) {
		docs, err := from.Get(ctx, some...)
		if err != nil {
			return err
		}
		for _, d := range docs {
			if err := copyDocument(ctx, tx, d); err != nil {
				return fmt.Errorf("%s: %w", d.ID, err)
			}
		}
	}
	return nil
}

func copyDocument(ctx context.Context, tx *sql.Tx, d store.Document) error {
	terms := []byte{}
	for _, t := range d.Terms {
		terms = append(binary.AppendUvarint(terms, uint64(len(t))), t...)
	}
	if _, err := tx.ExecContext(ctx, `INSERT INTO document VALUES (?, ?, ?, ?, ?)`, d.ID, int64(d.Version), d.Sort, terms, blob(d.Data)); err != nil {
		return err
	}
	for _, t := range d.Terms {
		if _, err := tx.ExecContext(ctx, `INSERT OR IGNORE INTO term VALUES (?, ?, ?)`, hashOfTerm(t), d.Sort, d.ID); err != nil {
			return err
		}
	}
	return nil
}

func hashOfTerm(term string) int64 {
	sum := sha256.Sum256([]byte(term))
	return int64(binary.BigEndian.Uint64(sum[:8]))
}

// blob makes of nil, which would be stored as NULL, an empty blob.
func blob(b []byte) []byte {
	if b == nil {
		return []byte{}
	}
	return b
}
