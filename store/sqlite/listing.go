package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"procyon/store"
)

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
func (s *Store) wrongRow(ctx context.Context) error {
	tx, err := s.reading.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return s.failed(err, "check the lists")
	}
	defer func() { _ = tx.Rollback() }() // it has only read
	err = eachRow(ctx, tx, `SELECT t.num, t.term, t.sort, d.id, d.sort, d.body FROM term t LEFT JOIN document d ON d.num = t.num`, func(scan func(...any) error) error {
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
