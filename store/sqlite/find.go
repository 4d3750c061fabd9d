package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"slices"

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
		{&f.actor, byActor("?1") + ` UNION ALL ` + byActor("?5"), "seq"},
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

// byActor finds entries by what stands for an actor in their format.
func byActor(is string) string {
	return entryColumns + ` WHERE ` + entryActor + ` = ` + is + ` AND ` + between + ` UNION ALL ` +
		entryColumns + ` WHERE ` + entryBy + ` = ` + is + ` AND ` + entryBy + ` IS NOT NULL AND ` + entryActor + ` IS NOT ` + is + ` AND ` + between
}

// Find implements journal.Store.
func (s *Store) Find(ctx context.Context, q journal.EntryQuery) ([]journal.Entry, error) {
	var found []journal.Entry
	for len(found) < q.Limit {
		limit := q.Limit - len(found)
		page, err := s.findPage(ctx, q, limit)
		if err != nil {
			return nil, err
		}
		full := len(page) == limit
		if full && q.Desc {
			q.Before = page[len(page)-1].Seq
		} else if full {
			q.After = page[len(page)-1].Seq
		}
		// The hash of another actor's ID may be the same.
		page = slices.DeleteFunc(page, func(e journal.Entry) bool { return !q.Trait.Has(&e) })
		found = append(found, page...)
		if !full {
			break
		}
	}
	return found, nil
}

// findPage reads entries with a trait, and those whose actors have the same hash.
func (s *Store) findPage(ctx context.Context, q journal.EntryQuery, limit int) ([]journal.Entry, error) {
	before := int64(maxInteger)
	if q.Before > 0 {
		before = int64(min(q.Before, maxInteger))
	}
	var f finder
	var has any
	var more []any
	switch t := q.Trait; {
	case t.Actor != "":
		f, has, more = s.read.find.actor, t.Actor, []any{hashID(t.Actor)}
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
	args := append([]any{has, int64(min(q.After, maxInteger)), before, limit}, more...)
	return s.readEntries(ctx, limit, statement, args...)
}

// RebuildIndex implements journal.Store. It is whole or undone.
func (s *Store) RebuildIndex(ctx context.Context) error {
	return s.write.do(ctx, func(w *writer) error {
		ctx := context.Background()
		if err := errors.Join(sortIn(ctx, w.conn, "FILE"), spill(ctx, w.conn, w.path)); err != nil {
			return err
		}
		err := eachFiled(ctx, w.filed, func(f filed) error {
			if f.have == f.want {
				return nil
			}
			return w.exec(ctx, w.file, f.want.actor, f.want.by, f.seq)
		})
		if err == nil {
			err = w.exec(ctx, w.reindexEntries)
		}
		return errors.Join(err, sortIn(ctx, w.conn, "MEMORY"))
	})
}
