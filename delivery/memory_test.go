package delivery_test

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"sync"

	"procyon/store"
)

// memory keeps documents as a store without transactions does: in order, stopping at the
// first failure.
type memory struct {
	mu   sync.Mutex
	docs map[string]store.Document
	// before runs before each document is stored; an error is a crash there.
	before func(d store.Document) error
}

func newMemory() *memory { return &memory{docs: map[string]store.Document{}} }

var errCrash = errors.New("a crash")

func (m *memory) Get(_ context.Context, ids ...string) ([]store.Document, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var out []store.Document
	for _, id := range ids {
		if d, ok := m.docs[id]; ok {
			out = append(out, d)
		}
	}
	return out, nil
}

func (m *memory) List(_ context.Context, q store.Query) ([]store.Document, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	compare := func(a, b store.Document) int { return cmp.Or(cmp.Compare(a.Sort, b.Sort), cmp.Compare(a.ID, b.ID)) }
	var out []store.Document
	for _, d := range m.docs {
		if slices.Contains(d.Terms, q.Term) {
			out = append(out, d)
		}
	}
	slices.SortFunc(out, compare)
	if q.Desc {
		slices.Reverse(out)
	}
	if q.After != nil {
		from := store.Document{Sort: q.After.Sort, ID: q.After.ID}
		out = slices.DeleteFunc(out, func(d store.Document) bool { return compare(d, from) == 0 || compare(d, from) < 0 != q.Desc })
	}
	return out[:min(len(out), q.Limit)], nil
}

func (m *memory) Put(ctx context.Context, docs ...store.Document) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	for _, d := range docs {
		m.mu.Lock()
		before := m.before
		m.mu.Unlock()
		if before != nil {
			if err := before(d); err != nil {
				return err
			}
		}
		m.mu.Lock()
		stale := m.docs[d.ID].Version+1 != d.Version
		if !stale {
			m.docs[d.ID] = d
		}
		m.mu.Unlock()
		if stale {
			return store.ErrVersion
		}
	}
	return nil
}

func (m *memory) Delete(_ context.Context, ids ...string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, id := range ids {
		delete(m.docs, id)
	}
	return nil
}

func (m *memory) Remove(ctx context.Context, docs ...store.Document) error {
	for _, d := range docs {
		now, err := m.Get(ctx, d.ID)
		if err == nil && len(now) == 1 && now[0].Version == d.Version {
			err = m.Delete(ctx, d.ID)
		}
		if err != nil {
			return err
		}
	}
	return nil
}
