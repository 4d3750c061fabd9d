package sqlite

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"procyon/journal"
)

// reader holds the statements that read. Each runs on any of a few connections.
type reader struct {
	headEntry, entries, subject *sql.Stmt
	keys, numbered              *sql.Stmt
	hash                        *sql.Stmt
	find                        finders
	one, some, all              *sql.Stmt
	first, next, last, previous *sql.Stmt
	count                       *sql.Stmt
}

// getChunk is how many documents one statement gets at most.
const getChunk = 32

const (
	entryColumns    = `SELECT format, seq, at, subject, version, type, actor, data, after, body, prev, hash FROM entry`
	documentColumns = `SELECT id, version, sort, body FROM document`
	listColumns     = `SELECT d.id, d.version, d.sort, d.body FROM term t CROSS JOIN document d ON d.num = t.num WHERE t.term = ?1`
)

// query is a statement and where it is kept.
type query struct {
	to   **sql.Stmt
	text string
}

func (r *reader) queries() []query {
	marks := strings.Repeat("?, ", getChunk-1) + "?"
	queries := []query{
		{&r.headEntry, `SELECT seq, hash, at FROM entry ORDER BY seq DESC LIMIT 1`},
		{&r.hash, `SELECT hash FROM entry WHERE seq = ?`},
		{&r.entries, entryColumns + ` WHERE seq > ? ORDER BY seq LIMIT ?`},
		{&r.subject, entryColumns + ` WHERE subject = ? AND version > ? ORDER BY version LIMIT ?`},
		{&r.keys, `SELECT subject, version, seq FROM entry WHERE (subject, version) > (?, ?) ORDER BY subject, version LIMIT ?`},
		{&r.numbered, entryColumns + ` WHERE seq IN (SELECT value FROM json_each(?))`},
		{&r.one, documentColumns + ` WHERE id = ?`},
		{&r.some, documentColumns + ` WHERE id IN (` + marks + `)`},
		{&r.all, documentColumns + ` WHERE id > ? ORDER BY id LIMIT ?`},
		{&r.first, listColumns + ` ORDER BY t.sort, d.id LIMIT ?2`},
		{&r.next, listColumns + ` AND t.sort >= ?2 AND (t.sort > ?2 OR d.id > ?3) ORDER BY t.sort, d.id LIMIT ?4`},
		{&r.last, listColumns + ` ORDER BY t.sort DESC, d.id DESC LIMIT ?2`},
		{&r.previous, listColumns + ` AND t.sort <= ?2 AND (t.sort < ?2 OR d.id < ?3) ORDER BY t.sort DESC, d.id DESC LIMIT ?4`},
		{&r.count, `SELECT count(*) FROM (SELECT 1 FROM term t WHERE t.term = ? AND t.sort >= ? AND t.sort < ? LIMIT ?)`},
	}
	return append(queries, r.find.queries()...)
}

func openReader(ctx context.Context, db *sql.DB) (*reader, error) {
	r := &reader{}
	for _, q := range r.queries() {
		var err error
		if *q.to, err = db.PrepareContext(ctx, q.text); err != nil { //nolint:sqlclosecheck // kept, and closed in close
			return nil, errors.Join(fmt.Errorf("sqlite: prepare %q: %w", q.text, err), r.close())
		}
	}
	return r, nil
}

func (r *reader) close() error {
	var err error
	for _, q := range r.queries() {
		if *q.to != nil {
			err = errors.Join(err, (*q.to).Close())
		}
	}
	return err
}

// Head implements journal.Store.
func (s *Store) Head(ctx context.Context) (journal.Head, error) {
	var head journal.Head
	var at int64
	var sum []byte
	err := s.read.headEntry.QueryRowContext(ctx).Scan(&head.Seq, &sum, &at)
	if errors.Is(err, sql.ErrNoRows) {
		return journal.Head{}, nil
	}
	if err != nil {
		return journal.Head{}, s.failed(err, "read the head")
	}
	head.At = time.UnixMicro(at).UTC()
	if err := setHash(&head.Hash, sum, head.Seq); err != nil {
		return head, fmt.Errorf("sqlite: %w", err)
	}
	return head, nil
}

// Holds implements journal.Store.
func (s *Store) Holds(ctx context.Context, h journal.Head) error {
	if err := s.inPlace(); err != nil || h.Seq == 0 {
		return err
	}
	var sum []byte
	err := s.read.hash.QueryRowContext(ctx, int64(min(h.Seq, maxInteger))).Scan(&sum)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return fmt.Errorf("%w: sqlite: entry %d is missing", journal.ErrReplaced, h.Seq)
	case err != nil:
		return s.failed(err, "read an entry")
	case !bytes.Equal(sum, h.Hash[:]):
		return fmt.Errorf("%w: sqlite: entry %d is another one", journal.ErrReplaced, h.Seq)
	}
	return nil
}

// Entries implements journal.Store.
func (s *Store) Entries(ctx context.Context, after uint64, limit int) ([]journal.Entry, error) {
	return s.readEntries(ctx, limit, s.read.entries, int64(min(after, maxInteger)), limit)
}

// Subject implements journal.Store.
func (s *Store) Subject(ctx context.Context, subject string, after uint64, limit int) ([]journal.Entry, error) {
	return s.readEntries(ctx, limit, s.read.subject, subject, int64(min(after, maxInteger)), limit)
}

// maxInteger is the greatest that SQLite stores.
const maxInteger = 1<<63 - 1

func (s *Store) readEntries(ctx context.Context, limit int, statement *sql.Stmt, args ...any) ([]journal.Entry, error) {
	if limit <= 0 {
		return nil, nil
	}
	rows, err := statement.QueryContext(ctx, args...)
	if err != nil {
		return nil, s.failed(err, "read entries")
	}
	defer rows.Close()
	var entries []journal.Entry
	for rows.Next() {
		var e journal.Entry
		var at int64
		var prev, hash []byte
		var content journal.Stored
		if err := rows.Scan(&e.Format, &e.Seq, &at, &e.Subject, &e.Version, &e.Type,
			&content.Actor, &content.Data, &content.After, &content.Body, &prev, &hash); err != nil {
			return nil, s.failed(err, "read entries")
		}
		e.At = time.UnixMicro(at).UTC()
		err := errors.Join(setHash(&e.Prev, prev, e.Seq), setHash(&e.Hash, hash, e.Seq), e.SetStored(content))
		if err != nil {
			return nil, fmt.Errorf("sqlite: %w", err)
		}
		entries = append(entries, e)
	}
	if err := rows.Err(); err != nil {
		return nil, s.failed(err, "read entries")
	}
	return entries, nil
}

func setHash(h *journal.Hash, sum []byte, seq uint64) error {
	if len(sum) != len(h) {
		return fmt.Errorf("the hash of entry %d is damaged: it has %d bytes, not %d", seq, len(sum), len(h))
	}
	copy(h[:], sum)
	return nil
}
