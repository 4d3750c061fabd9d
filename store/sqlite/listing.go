package sqlite

import (
	"context"
	"database/sql"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/maphash"
)

// CheckLists implements journal.Store. It compares the rows of table term with the terms of
// the documents, both as of one moment: by sums over all of them first, which are alike
// where both are the same rows.
func (s *Store) CheckLists(ctx context.Context) error {
	tx, err := s.reading.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return s.failed(err, "check the lists")
	}
	defer func() { _ = tx.Rollback() }() // it has only read
	rows, docs := newListing(), newListing()
	docs.seeds = rows.seeds
	if err := eachRow(ctx, tx, `SELECT term, sort, id FROM term`, func(scan func(...any) error) error {
		var term int64
		var sort, id sql.RawBytes
		err := scan(&term, &sort, &id)
		rows.add(term, sort, id)
		return err
	}); err != nil {
		return s.failed(err, "check the lists")
	}
	if err := eachRow(ctx, tx, `SELECT terms, sort, id FROM document`, func(scan func(...any) error) error {
		var packed, sort, id sql.RawBytes
		if err := scan(&packed, &sort, &id); err != nil {
			return err
		}
		terms, err := unpackTerms(packed)
		if err != nil {
			return fmt.Errorf("%s: %w", id, err)
		}
		for _, h := range hashTerms(terms) {
			docs.add(h, sort, id)
		}
		return nil
	}); err != nil {
		return s.failed(err, "check the lists")
	}
	if rows.sums == docs.sums {
		return nil
	}
	if err := wrongRow(ctx, tx); err != nil {
		return err
	}
	return errors.New("sqlite: the lists are not those of the documents")
}

// listing sums up rows of table term, in any order. Nobody who wrote to the file knew the
// seeds, so nobody could make two listings whose sums are alike.
type listing struct {
	seeds [2]maphash.Seed
	sums  [2]uint64
	hash  maphash.Hash
}

func newListing() *listing {
	return &listing{seeds: [2]maphash.Seed{maphash.MakeSeed(), maphash.MakeSeed()}}
}

func (l *listing) add(term int64, sort, id []byte) {
	var key [16]byte
	binary.BigEndian.PutUint64(key[:8], uint64(term))
	binary.BigEndian.PutUint64(key[8:], uint64(len(sort)))
	for i, seed := range l.seeds {
		l.hash.SetSeed(seed)
		for _, part := range [][]byte{key[:], sort, id} {
			_, _ = l.hash.Write(part)
		}
		l.sums[i] += l.hash.Sum64()
	}
}

// eachRow calls f for each row of a query.
func eachRow(ctx context.Context, tx *sql.Tx, query string, f func(scan func(...any) error) error) error {
	rows, err := tx.QueryContext(ctx, query)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := f(rows.Scan); err != nil {
			return err
		}
	}
	return rows.Err()
}

// wrongRow names a document that is listed where it does not belong, or is not where it
// does: the first that it finds.
func wrongRow(ctx context.Context, tx *sql.Tx) error {
	err := eachRow(ctx, tx, `SELECT t.id, t.term, t.sort, d.sort, d.terms FROM term t LEFT JOIN document d ON d.id = t.id`, func(scan func(...any) error) error {
		var id, sort string
		var term int64
		var own sql.NullString
		var packed []byte
		if err := scan(&id, &term, &sort, &own, &packed); err != nil {
			return err
		}
		terms, err := unpackTerms(packed)
		switch {
		case err != nil:
			return err
		case !own.Valid:
			return fmt.Errorf("sqlite: %s is listed, and there is no such document", id)
		case own.String != sort || !contains(hashTerms(terms), term):
			return fmt.Errorf("sqlite: %s is listed at %q under a term where it does not belong", id, sort)
		}
		return nil
	})
	if err != nil {
		return err
	}
	return eachRow(ctx, tx, `SELECT id, sort, terms FROM document`, func(scan func(...any) error) error {
		var id, sort string
		var packed []byte
		if err := scan(&id, &sort, &packed); err != nil {
			return err
		}
		terms, err := unpackTerms(packed)
		if err != nil {
			return err
		}
		for _, t := range terms {
			var one int
			err := tx.QueryRowContext(ctx, `SELECT 1 FROM term WHERE term = ? AND sort = ? AND id = ?`, hashTerm(t), sort, id).Scan(&one)
			if errors.Is(err, sql.ErrNoRows) {
				return fmt.Errorf("sqlite: %s is not listed under %q", id, t)
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
}
