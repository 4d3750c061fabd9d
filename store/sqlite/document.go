package sqlite

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"

	"procyon/store"
)

// state is what is stored of a document, but for its data.
type state struct {
	version uint64 // 0 where it is absent
	sort    string
	terms   []byte // packed
}

// Put implements journal.Store. It stores all of the documents or none.
func (s *Store) Put(ctx context.Context, docs ...store.Document) error {
	for i := range docs {
		if err := check(&docs[i]); err != nil {
			return err
		}
	}
	if len(docs) == 0 {
		return nil
	}
	return s.write.do(ctx, func(w *writer) error {
		for i := range docs {
			old, err := w.stateOf(docs[i].ID)
			if err != nil {
				return err
			}
			if old.version+1 != docs[i].Version {
				return store.ErrVersion
			}
			if err := w.store(&docs[i], old); err != nil {
				return err
			}
		}
		return nil
	})
}

// Repair implements journal.Store. It writes all of the views or none.
func (s *Store) Repair(ctx context.Context, views []store.Document) error {
	latest, err := newest(views)
	if err != nil || len(latest) == 0 {
		return err
	}
	return s.write.do(ctx, func(w *writer) error { return w.upsert(latest) })
}

// Reindex implements journal.Store. It lists all of the views or none.
func (s *Store) Reindex(ctx context.Context, views []store.Document) error {
	for i := range views {
		if err := check(&views[i]); err != nil {
			return err
		}
	}
	if len(views) == 0 {
		return nil
	}
	return s.write.do(ctx, func(w *writer) error {
		for i := range views {
			if err := w.reindex(&views[i]); err != nil {
				return err
			}
		}
		return nil
	})
}

// Delete implements journal.Store. It deletes all of the documents or none.
func (s *Store) Delete(ctx context.Context, ids ...string) error {
	if len(ids) == 0 {
		return nil
	}
	return s.write.do(ctx, func(w *writer) error {
		for _, id := range ids {
			if err := w.remove(id, 0); err != nil {
				return err
			}
		}
		return nil
	})
}

// Remove implements journal.Store.
func (s *Store) Remove(ctx context.Context, docs ...store.Document) error {
	if len(docs) == 0 {
		return nil
	}
	return s.write.do(ctx, func(w *writer) error {
		for i := range docs {
			if err := w.remove(docs[i].ID, docs[i].Version); err != nil {
				return err
			}
		}
		return nil
	})
}

func check(d *store.Document) error {
	if d.ID == "" || d.Version == 0 {
		return fmt.Errorf("sqlite: document %q of version %d: it needs an ID, and versions start at 1", d.ID, d.Version)
	}
	return nil
}

// newest keeps, of several versions of one document, the newest.
func newest(docs []store.Document) ([]*store.Document, error) {
	latest := make([]*store.Document, 0, len(docs))
	at := make(map[string]int, len(docs))
	for i := range docs {
		d := &docs[i]
		if err := check(d); err != nil {
			return nil, err
		}
		k, ok := at[d.ID]
		if !ok {
			at[d.ID] = len(latest)
			latest = append(latest, d)
		} else if latest[k].Version < d.Version {
			latest[k] = d
		}
	}
	return latest, nil
}

// upsert stores the documents that are newer than what is stored.
func (w *writer) upsert(docs []*store.Document) error {
	for _, d := range docs {
		old, err := w.stateOf(d.ID)
		if err != nil {
			return err
		}
		if old.version >= d.Version {
			continue
		}
		if err := w.store(d, old); err != nil {
			return err
		}
	}
	return nil
}

func (w *writer) stateOf(id string) (state, error) {
	var s state
	err := w.state.QueryRowContext(context.Background(), id).Scan(&s.version, &s.sort, &s.terms)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return s, fmt.Errorf("sqlite: read %s: %w", id, err)
	}
	return s, nil
}

// store writes a document over what is stored of it, and what changed of where
// it is listed.
func (w *writer) store(d *store.Document, old state) error {
	ctx := context.Background()
	terms := packTerms(d.Terms)
	statement := w.updateDocument
	if old.version == 0 {
		statement = w.insertDocument
	}
	if err := w.exec(ctx, statement, int64(d.Version), d.Sort, terms, blob(d.Data), d.ID); err != nil {
		return fmt.Errorf("sqlite: write %s: %w", d.ID, err)
	}
	if old.sort == d.Sort && bytes.Equal(old.terms, terms) {
		return nil
	}
	return w.move(d, old)
}

// reindex lists a document as given, if the stored version is its own.
func (w *writer) reindex(d *store.Document) error {
	old, err := w.stateOf(d.ID)
	if err != nil || old.version != d.Version {
		return err
	}
	terms := packTerms(d.Terms)
	if old.sort == d.Sort && bytes.Equal(old.terms, terms) {
		return nil
	}
	if err := w.exec(context.Background(), w.reindexDocument, d.Sort, terms, d.ID); err != nil {
		return fmt.Errorf("sqlite: list %s anew: %w", d.ID, err)
	}
	return w.move(d, old)
}

// move changes the rows of term from where a document was listed to where it is.
func (w *writer) move(d *store.Document, old state) error {
	before, err := unpackTerms(old.terms)
	if err != nil {
		return err
	}
	return w.list(d.ID, hashTerms(before), old.sort, hashTerms(d.Terms), d.Sort)
}

// list changes where a document is listed. Rows that stay are not touched.
func (w *writer) list(id string, before []int64, oldSort string, after []int64, newSort string) error {
	ctx := context.Background()
	same := oldSort == newSort
	for _, h := range before {
		if same && contains(after, h) {
			continue
		}
		if err := w.exec(ctx, w.deleteTerm, h, oldSort, id); err != nil {
			return fmt.Errorf("sqlite: unlist %s: %w", id, err)
		}
	}
	for _, h := range after {
		if same && contains(before, h) {
			continue
		}
		if err := w.exec(ctx, w.insertTerm, h, newSort, id); err != nil {
			return fmt.Errorf("sqlite: list %s: %w", id, err)
		}
	}
	return nil
}

// remove deletes a document, if the stored version is that one; 0 is any.
func (w *writer) remove(id string, version uint64) error {
	old, err := w.stateOf(id)
	if err != nil || old.version == 0 || version != 0 && old.version != version {
		return err
	}
	terms, err := unpackTerms(old.terms)
	if err != nil {
		return err
	}
	if err := w.list(id, hashTerms(terms), old.sort, nil, ""); err != nil {
		return err
	}
	if err := w.exec(context.Background(), w.deleteDocument, id); err != nil {
		return fmt.Errorf("sqlite: delete %s: %w", id, err)
	}
	return nil
}
