package sqlite

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"

	"procyon/journal"
)

const (
	// keyChunk and documentChunk are how many keys of entries and how many documents one
	// statement reads: a reading that lasts keeps the WAL from being folded into the file.
	keyChunk      = 5000
	documentChunk = 500
)

// Subjects implements journal.Store.
func (s *Store) Subjects(ctx context.Context) iter.Seq2[journal.Ending, error] {
	return journal.Endings(s.keys(ctx), func(seqs []uint64) ([]journal.Entry, error) {
		wanted, err := json.Marshal(seqs)
		if err != nil {
			return nil, fmt.Errorf("sqlite: read entries: %w", err)
		}
		return s.readEntries(ctx, len(seqs), s.read.numbered, string(wanted))
	})
}

// keys returns those of all entries, by subject and version: the order of their index.
func (s *Store) keys(ctx context.Context) iter.Seq2[journal.Key, error] {
	return func(yield func(journal.Key, error) bool) {
		var last journal.Key
		for {
			page, err := s.keysAfter(ctx, last)
			if err != nil {
				yield(last, err)
				return
			}
			for _, k := range page {
				if !yield(k, nil) {
					return
				}
			}
			if len(page) < keyChunk {
				return
			}
			last = page[len(page)-1]
		}
	}
}

func (s *Store) keysAfter(ctx context.Context, last journal.Key) ([]journal.Key, error) {
	rows, err := s.read.keys.QueryContext(ctx, last.Subject, int64(min(last.Version, maxInteger)), keyChunk)
	if err != nil {
		return nil, s.failed(err, "read the subjects")
	}
	defer rows.Close()
	page := make([]journal.Key, 0, keyChunk)
	for rows.Next() {
		var k journal.Key
		if err := rows.Scan(&k.Subject, &k.Version, &k.Seq); err != nil {
			return nil, s.failed(err, "read the subjects")
		}
		page = append(page, k)
	}
	if err := rows.Err(); err != nil {
		return nil, s.failed(err, "read the subjects")
	}
	return page, nil
}

// pastPrefix is the first text that is greater than all that begin with a prefix, which ends in
// an ASCII character.
func pastPrefix(prefix string) string {
	b := []byte(prefix)
	b[len(b)-1]++
	return string(b)
}

// Clear implements journal.Store. Each part of it is whole or undone.
func (s *Store) Clear(ctx context.Context, prefixes ...string) error {
	for _, prefix := range prefixes {
		for removed := int64(documentChunk); removed == documentChunk; {
			err := s.write.do(ctx, func(w *writer) error {
				result, err := w.clearDocuments.ExecContext(context.Background(), prefix, pastPrefix(prefix), documentChunk)
				if err != nil {
					return fmt.Errorf("sqlite: remove documents: %w", err)
				}
				removed, err = result.RowsAffected()
				return err
			})
			if err != nil {
				return err
			}
		}
	}
	if err := s.write.do(ctx, func(w *writer) error { return w.exec(context.Background(), w.clearTerms) }); err != nil {
		return fmt.Errorf("sqlite: clear the lists: %w", err)
	}
	return s.listAll(ctx)
}

// listAll lists all documents that there are under the terms that they have.
func (s *Store) listAll(ctx context.Context) error {
	last := ""
	for {
		docs, err := s.documents(ctx, s.read.all, last, documentChunk)
		if err != nil || len(docs) == 0 {
			return err
		}
		err = s.write.do(ctx, func(w *writer) error {
			for i := range docs {
				now, err := w.stateOf(docs[i].ID) // others may write meanwhile
				if err != nil {
					return err
				}
				terms, err := now.terms(docs[i].ID)
				if err != nil {
					return err
				}
				if err := w.list(now.num, nil, "", hashTerms(terms), now.sort); err != nil {
					return fmt.Errorf("sqlite: list %s: %w", docs[i].ID, err)
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
		last = docs[len(docs)-1].ID
	}
}
