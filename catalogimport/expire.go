package catalogimport

import (
	"context"
	"fmt"
	"time"

	"procyon/access"
	"procyon/store"
)

// How long what was found of a file is kept: of one that was only checked, and of one that
// was imported, from its start. The journal has the import for good.
const (
	keepDrafts  = 24 * time.Hour
	keepStarted = 30 * 24 * time.Hour
)

// removedAtOnce is how many imports are removed at once.
const removedAtOnce = 5

// Expire removes some of what is kept no longer, and returns how much: call it again until
// that is nothing. It is harmless beside others who do so. An import that is cut off so has
// been running for thirty days.
func (s *Service) Expire(ctx context.Context) (int, error) {
	removed := 0
	for term, keep := range map[string]time.Duration{draftTerm: keepDrafts, startedTerm: keepStarted} {
		old := store.Range{Reader: s.docs, Before: store.TimeSort(s.now().Add(-keep))}
		docs, err := old.List(ctx, store.Query{Term: term, Limit: removedAtOnce})
		if err == nil {
			err = s.remove(ctx, docs)
		}
		if err != nil {
			return removed, err
		}
		removed += len(docs)
	}
	old := store.Range{Reader: s.docs, Before: store.TimeSort(s.now().Add(-keepDrafts - keepStarted))}
	docs, err := old.List(ctx, store.Query{Term: partTerm, Limit: removedAtOnce})
	if err == nil {
		err = s.docs.Remove(ctx, docs...)
	}
	return removed + len(docs), err
}

// remove removes records that are as they were read, and then their rows. What a crash leaves
// of these goes by its age.
func (s *Service) remove(ctx context.Context, docs []store.Document) error {
	for _, d := range docs {
		r, err := decodeRecord(d)
		if err != nil {
			return err
		}
		begun, err := s.begun(ctx, &r)
		if err != nil {
			return err
		}
		if begun {
			continue
		}
		ids := make([]string, len(r.Parts))
		for n := range r.Parts {
			ids[n] = partID(r.Import.ID, n)
		}
		if err := s.docs.Remove(ctx, d); err != nil {
			return fmt.Errorf("remove an import: %w", err)
		}
		switch left, err := s.docs.Get(ctx, d.ID); {
		case err != nil:
			return fmt.Errorf("remove an import: %w", err)
		case len(left) > 0: // it has just been begun, or gone on: its rows are needed
			continue
		}
		if err := s.docs.Delete(ctx, ids...); err != nil {
			return fmt.Errorf("remove the rows of an import: %w", err)
		}
	}
	return nil
}

// begun tells whether an import began whose record does not know it yet, which it then does:
// a crash came between the two.
func (s *Service) begun(ctx context.Context, r *record) (bool, error) {
	if r.Import.Status != Checked {
		return false, nil
	}
	i, err := access.Load[Import](ctx, s.catalog.Subjects, r.Import.ID, "importId")
	if access.CodeOf(err) == access.CodeNotFound {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	r.Import = i
	return true, gone(s.put(ctx, r))
}
