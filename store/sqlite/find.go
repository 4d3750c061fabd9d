package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"procyon/journal"
)

// finders are the statements that find entries by a trait, each in both directions.
type finders struct {
	actor, subject, kind, typ finder
}

// finder is a statement that finds the oldest first, and one that finds the newest first.
type finder struct{ up, down *sql.Stmt }

// between is what all finders have in common: numbers that are greater than ?2 and
// smaller than ?3. ?1 is what the entries have, ?4 how many are wanted at most.
const between = `seq > ?2 AND seq < ?3`

func (f *finders) queries() []query {
	var out []query
	for _, q := range []struct {
		to    *finder
		text  string
		order string
	}{
		{&f.actor, entryColumns + ` WHERE ` + entryActor + ` = ?1 AND ` + between + ` UNION ALL ` +
			entryColumns + ` WHERE ` + entryBy + ` = ?1 AND ` + entryBy + ` IS NOT NULL AND ` + entryActor + ` IS NOT ?1 AND ` + between, "seq"},
		// A subject's versions are in the order of the numbers, which are in the index beside
		// them. The plus has SQLite not search by number.
		{&f.subject, entryColumns + ` WHERE subject = ?1 AND +seq > ?2 AND +seq < ?3`, "version"},
		{&f.kind, entryColumns + ` WHERE ` + entryKind + ` = ?1 AND ` + between, "seq"},
		{&f.typ, entryColumns + ` WHERE ` + entryKind + ` = ?1 AND type = ?5 AND ` + between, "seq"},
	} {
		out = append(out,
			query{&q.to.up, q.text + ` ORDER BY ` + q.order + ` LIMIT ?4`},
			query{&q.to.down, q.text + ` ORDER BY ` + q.order + ` DESC LIMIT ?4`})
	}
	return out
}

// Find implements journal.Store.
func (s *Store) Find(ctx context.Context, q journal.EntryQuery) ([]journal.Entry, error) {
	before := int64(maxInteger)
	if q.Before > 0 {
		before = int64(min(q.Before, maxInteger))
	}
	var f finder
	var has any
	var more []any
	switch t := q.Trait; {
	case t.Actor != "":
		f, has = s.read.find.actor, t.Actor
	case t.Subject != "":
		f, has = s.read.find.subject, t.Subject
	case t.Type != "":
		f, has, more = s.read.find.typ, string(t.Kind), []any{t.Type}
	default:
		f, has = s.read.find.kind, string(t.Kind)
	}
	statement := f.up
	if q.Desc {
		statement = f.down
	}
	args := append([]any{has, int64(min(q.After, maxInteger)), before, q.Limit}, more...)
	return s.readEntries(ctx, q.Limit, statement, args...)
}

// CheckIndex implements journal.Store. SQLite compares each row of the table with those
// of its indexes, and the other way round.
func (s *Store) CheckIndex(ctx context.Context) error {
	var found string
	if err := s.read.checkEntries.QueryRowContext(ctx).Scan(&found); err != nil {
		return s.failed(err, "check the indexes of the entries")
	}
	if found != "ok" {
		return fmt.Errorf("sqlite: the indexes of the entries are damaged: %s; rebuild them", found)
	}
	return nil
}

// RebuildIndex implements journal.Store. It is whole or undone.
func (s *Store) RebuildIndex(ctx context.Context) error {
	return s.write.do(ctx, func(w *writer) error {
		ctx := context.Background()
		if err := errors.Join(sortIn(ctx, w.conn, "FILE"), spill(ctx, w.conn, w.path)); err != nil {
			return err
		}
		err := w.exec(ctx, w.reindexEntries)
		return errors.Join(err, sortIn(ctx, w.conn, "MEMORY"))
	})
}
