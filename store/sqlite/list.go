package sqlite

import (
	"cmp"
	"context"
	"database/sql"
	"slices"

	"procyon/store"
)

// Get implements journal.Store. With many IDs, the documents may be of
// different moments.
func (s *Store) Get(ctx context.Context, ids ...string) ([]store.Document, error) {
	if len(ids) == 1 {
		return s.documents(ctx, s.read.one, ids[0])
	}
	ids = slices.Clone(ids)
	slices.Sort(ids)
	ids = slices.Compact(ids)
	docs := make([]store.Document, 0, len(ids))
	args := make([]any, getChunk)
	for chunk := range slices.Chunk(ids, getChunk) {
		for i := range args {
			args[i] = chunk[min(i, len(chunk)-1)] // a repeat finds nothing more
		}
		found, err := s.documents(ctx, s.read.some, args...)
		if err != nil {
			return nil, err
		}
		docs = append(docs, found...)
	}
	return docs, nil
}

// List implements journal.Store.
func (s *Store) List(ctx context.Context, q store.Query) ([]store.Document, error) {
	var docs []store.Document
	for len(docs) < q.Limit {
		limit := q.Limit - len(docs)
		page, err := s.page(ctx, q, limit)
		if err != nil {
			return nil, err
		}
		full := len(page) == limit
		if full {
			end := page[len(page)-1]
			q.After = &store.Position{Sort: end.Sort, ID: end.ID}
		}
		// The hash of another term may be the same.
		page = slices.DeleteFunc(page, func(d store.Document) bool { return !slices.Contains(d.Terms, q.Term) })
		docs = append(docs, page...)
		if !full {
			break
		}
	}
	return docs, nil
}

// page reads the documents under the hash of a term.
func (s *Store) page(ctx context.Context, q store.Query, limit int) ([]store.Document, error) {
	hash := hashTerm(q.Term)
	switch {
	case q.After == nil && q.Desc:
		return s.documents(ctx, s.read.last, hash, limit)
	case q.After == nil:
		return s.documents(ctx, s.read.first, hash, limit)
	case q.Desc:
		return s.documents(ctx, s.read.previous, hash, q.After.Sort, q.After.ID, limit)
	default:
		return s.documents(ctx, s.read.next, hash, q.After.Sort, q.After.ID, limit)
	}
}

var _ store.Counter = (*Store)(nil)

// beyond comes behind every Sort, which is UTF-8.
const beyond = "\xff"

// Count implements store.Counter. What is under another term of the same hash is counted as
// well: nobody can make such a term for one that they did not choose.
func (s *Store) Count(ctx context.Context, term, from, before string, most int) (n int, err error) {
	if err := s.read.count.QueryRowContext(ctx, hashTerm(term), from, cmp.Or(before, beyond), most).Scan(&n); err != nil {
		return 0, s.failed(err, "count documents")
	}
	return n, nil
}

func (s *Store) documents(ctx context.Context, statement *sql.Stmt, args ...any) ([]store.Document, error) {
	rows, err := statement.QueryContext(ctx, args...)
	if err != nil {
		return nil, s.failed(err, "read documents")
	}
	defer rows.Close()
	var docs []store.Document
	for rows.Next() {
		var d store.Document
		var body sql.RawBytes
		if err := rows.Scan(&d.ID, &d.Version, &d.Sort, &body); err != nil {
			return nil, s.failed(err, "read documents")
		}
		if err := setBody(&d, body); err != nil {
			return nil, err
		}
		docs = append(docs, d)
	}
	if err := rows.Err(); err != nil {
		return nil, s.failed(err, "read documents")
	}
	return docs, nil
}
