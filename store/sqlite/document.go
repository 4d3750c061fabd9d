package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"

	"procyon/store"
)

// state is what is stored of a document.
type state struct {
	num     int64  // by which the rows of term name it
	version uint64 // 0 where it is absent
	sort    string
	body    []byte // packed
}

// terms are those under which it is listed.
func (s *state) terms(id string) ([]string, error) {
	if s.version == 0 {
		return nil, nil
	}
	d := store.Document{ID: id, Sort: s.sort}
	err := setBody(&d, s.body)
	return d.Terms, err
}

// packed is a document with what is stored of it: that is made before the one connection
// that writes is needed.
type packed struct {
	*store.Document
	body []byte
}

// Put implements journal.Store. It stores all of the documents or none.
func (s *Store) Put(ctx context.Context, docs ...store.Document) error {
	all := make([]packed, len(docs))
	for i := range docs {
		if err := check(&docs[i]); err != nil {
			return err
		}
		all[i] = packed{&docs[i], packBody(&docs[i])}
	}
	if len(docs) == 0 {
		return nil
	}
	return s.write.do(ctx, func(w *writer) error {
		for _, d := range all {
			old, err := w.stateOf(d.ID)
			if err != nil {
				return err
			}
			if old.version+1 != d.Version {
				return store.ErrVersion
			}
			if err := w.store(d, old); err != nil {
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

// newest keeps, of several versions of one document, the newest, and packs it.
func newest(docs []store.Document) ([]packed, error) {
	latest := make([]packed, 0, len(docs))
	at := make(map[string]int, len(docs))
	for i := range docs {
		d := &docs[i]
		if err := check(d); err != nil {
			return nil, err
		}
		k, ok := at[d.ID]
		if !ok {
			at[d.ID] = len(latest)
			latest = append(latest, packed{Document: d})
		} else if latest[k].Version < d.Version {
			latest[k].Document = d
		}
	}
	for i := range latest {
		latest[i].body = packBody(latest[i].Document)
	}
	return latest, nil
}

// upsert stores the documents that are newer than what is stored.
func (w *writer) upsert(docs []packed) error {
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
	err := w.state.QueryRowContext(context.Background(), id).Scan(&s.num, &s.version, &s.sort, &s.body)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return s, fmt.Errorf("sqlite: read %s: %w", id, err)
	}
	return s, nil
}

// store writes a document over what is stored of it, and what changed of where
// it is listed.
func (w *writer) store(d packed, old state) error {
	ctx := context.Background()
	before, err := old.terms(d.ID)
	if err != nil {
		return err
	}
	if old.version > 0 {
		err = w.exec(ctx, w.updateDocument, int64(d.Version), d.Sort, d.body, old.num)
	} else {
		var made sql.Result
		if made, err = w.insertDocument.ExecContext(ctx, int64(d.Version), d.Sort, d.body, d.ID); err == nil {
			old.num, err = made.LastInsertId()
		}
	}
	if err != nil {
		return fmt.Errorf("sqlite: write %s: %w", d.ID, err)
	}
	return w.move(d.Document, old, before)
}

// reindex lists a document as given, if the stored version is its own.
func (w *writer) reindex(d *store.Document) error {
	old, err := w.stateOf(d.ID)
	if err != nil || old.version != d.Version {
		return err
	}
	have := store.Document{ID: d.ID, Version: old.version, Sort: old.sort}
	if err := setBody(&have, old.body); err != nil {
		return err
	}
	before := have.Terms
	have.Sort, have.Terms = d.Sort, d.Terms
	if err := w.exec(context.Background(), w.updateDocument, int64(have.Version), have.Sort, packBody(&have), old.num); err != nil {
		return fmt.Errorf("sqlite: list %s anew: %w", d.ID, err)
	}
	return w.move(d, old, before)
}

// move changes the rows of term from where a document was listed, under the terms before, to
// where it is.
func (w *writer) move(d *store.Document, old state, before []string) error {
	if old.sort == d.Sort && slices.Equal(before, d.Terms) {
		return nil
	}
	if err := w.list(old.num, hashTerms(before), old.sort, hashTerms(d.Terms), d.Sort); err != nil {
		return fmt.Errorf("sqlite: list %s: %w", d.ID, err)
	}
	return nil
}

// list changes where the document with a number is listed. Rows that stay are not touched.
func (w *writer) list(num int64, before []int64, oldSort string, after []int64, newSort string) error {
	ctx := context.Background()
	same := oldSort == newSort
	for _, h := range before {
		if same && contains(after, h) {
			continue
		}
		if err := w.exec(ctx, w.deleteTerm, h, oldSort, num); err != nil {
			return err
		}
	}
	for _, h := range after {
		if same && contains(before, h) {
			continue
		}
		if err := w.exec(ctx, w.insertTerm, h, newSort, num); err != nil {
			return err
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
	terms, err := old.terms(id)
	if err != nil {
		return err
	}
	if err := w.list(old.num, hashTerms(terms), old.sort, nil, ""); err != nil {
		return fmt.Errorf("sqlite: unlist %s: %w", id, err)
	}
	if err := w.exec(context.Background(), w.deleteDocument, old.num); err != nil {
		return fmt.Errorf("sqlite: delete %s: %w", id, err)
	}
	return nil
}
