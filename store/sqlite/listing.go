package sqlite

import (
	"context"
	"database/sql"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/maphash"

	"procyon/store"
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
	if err := eachRow(ctx, tx, `SELECT term, sort, num FROM term`, func(scan func(...any) error) error {
		var term, num int64
		var sort sql.RawBytes
		err := scan(&term, &sort, &num)
		rows.add(term, sort, num)
		return err
	}); err != nil {
		return s.failed(err, "check the lists")
	}
	if err := eachListed(ctx, tx, func(num int64, d *store.Document) error {
		for _, h := range hashTerms(d.Terms) {
			docs.add(h, []byte(d.Sort), num)
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

func (l *listing) add(term int64, sort []byte, num int64) {
	var key [16]byte
	binary.BigEndian.PutUint64(key[:8], uint64(term))
	binary.BigEndian.PutUint64(key[8:], uint64(num))
	for i, seed := range l.seeds {
		l.hash.SetSeed(seed)
		_, _ = l.hash.Write(key[:])
		_, _ = l.hash.Write(sort)
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

// eachListed calls f for each document with its number.
func eachListed(ctx context.Context, tx *sql.Tx, f func(num int64, d *store.Document) error) error {
	return eachRow(ctx, tx, `SELECT num, id, sort, body FROM document`, func(scan func(...any) error) error {
		var num int64
		var d store.Document
		var body sql.RawBytes
		if err := scan(&num, &d.ID, &d.Sort, &body); err != nil {
			return err
		}
		if err := setBody(&d, body); err != nil {
			return err
		}
		return f(num, &d)
	})
}

// wrongRow names a document that is listed where it does not belong, or is not where it
// does: the first that it finds.
func wrongRow(ctx context.Context, tx *sql.Tx) error {
	err := eachRow(ctx, tx, `SELECT t.num, t.term, t.sort, d.id, d.sort, d.body FROM term t LEFT JOIN document d ON d.num = t.num`, func(scan func(...any) error) error {
		var num, term int64
		var sort string
		var id, own sql.NullString
		var body sql.RawBytes
		if err := scan(&num, &term, &sort, &id, &own, &body); err != nil {
			return err
		}
		if !id.Valid {
			return fmt.Errorf("sqlite: document number %d is listed at %q, and there is no such document", num, sort)
		}
		d := store.Document{ID: id.String, Sort: own.String}
		if err := setBody(&d, body); err != nil {
			return err
		}
		if d.Sort != sort || !contains(hashTerms(d.Terms), term) {
			return fmt.Errorf("sqlite: %s is listed at %q under a term where it does not belong", d.ID, sort)
		}
		return nil
	})
	if err != nil {
		return err
	}
	return eachListed(ctx, tx, func(num int64, d *store.Document) error {
		for _, t := range d.Terms {
			var one int
			err := tx.QueryRowContext(ctx, `SELECT 1 FROM term WHERE term = ? AND sort = ? AND num = ?`, hashTerm(t), d.Sort, num).Scan(&one)
			if errors.Is(err, sql.ErrNoRows) {
				return fmt.Errorf("sqlite: %s is not listed under %q", d.ID, t)
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
}
