package app

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"

	"procyon/journal"
	"procyon/store"
	"procyon/store/storetest"
)

// memoryStore is a journal.Store in memory, for tests of many steps: what costs time on
// disk is not what they are about. It passes the suite that the real stores pass.
type memoryStore struct {
	mu       sync.RWMutex
	entries  []journal.Entry
	subjects map[string][]int // where the entries of each subject are
	docs     map[string]store.Document
	terms    map[string][]store.Position // in order
}

func newMemoryStore() *memoryStore {
	return &memoryStore{subjects: map[string][]int{}, docs: map[string]store.Document{}, terms: map[string][]store.Position{}}
}

func comparePositions(a, b store.Position) int {
	return cmp.Or(cmp.Compare(a.Sort, b.Sort), cmp.Compare(a.ID, b.ID))
}

// drop removes a document; s.mu is held.
func (s *memoryStore) drop(id string) {
	d := s.docs[id]
	for _, t := range d.Terms {
		if at, ok := slices.BinarySearchFunc(s.terms[t], store.Position{Sort: d.Sort, ID: d.ID}, comparePositions); ok {
			s.terms[t] = slices.Delete(s.terms[t], at, at+1)
		}
	}
	delete(s.docs, id)
}

// set stores a document in place of what was there; s.mu is held.
func (s *memoryStore) set(d store.Document) {
	s.drop(d.ID)
	d.Terms, d.Data = slices.Clone(d.Terms), slices.Clone(d.Data)
	p := store.Position{Sort: d.Sort, ID: d.ID}
	for _, t := range d.Terms {
		if at, ok := slices.BinarySearchFunc(s.terms[t], p, comparePositions); !ok {
			s.terms[t] = slices.Insert(s.terms[t], at, p)
		}
	}
	s.docs[d.ID] = d
}

// Append implements journal.Store; all of the entries are committed or none.
func (s *memoryStore) Append(ctx context.Context, entries []journal.Entry, views []store.Document) (int, error) {
	if ctx.Err() != nil {
		return 0, ctx.Err()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(entries) > 0 && entries[0].Seq > 1 {
		if err := s.holds(journal.Head{Seq: entries[0].Seq - 1, Hash: entries[0].Prev}); err != nil {
			return 0, err
		}
	}
	more := map[string]int{}
	for i := range entries {
		e := &entries[i]
		if e.Format != journal.WithAfterSum {
			return 0, fmt.Errorf("entry %d has format %d", e.Seq, e.Format)
		}
		if e.Seq != uint64(len(s.entries)+i+1) {
			return 0, journal.ErrBehind
		}
		if have := uint64(len(s.subjects[e.Subject]) + more[e.Subject]); e.Version <= have {
			return 0, &journal.TakenError{Index: i, Subject: e.Subject, Version: e.Version}
		}
		more[e.Subject]++
	}
	for i := range entries {
		s.subjects[entries[i].Subject] = append(s.subjects[entries[i].Subject], len(s.entries))
		s.entries = append(s.entries, entries[i])
		if views[i].Version > s.docs[views[i].ID].Version {
			s.set(views[i])
		}
	}
	return len(entries), nil
}

// Head implements journal.Store.
func (s *memoryStore) Head(context.Context) (journal.Head, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if len(s.entries) == 0 {
		return journal.Head{}, nil
	}
	e := &s.entries[len(s.entries)-1]
	return journal.Head{Seq: e.Seq, Hash: e.Hash, At: e.At}, nil
}

// Holds implements journal.Store.
func (s *memoryStore) Holds(_ context.Context, h journal.Head) error {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.holds(h)
}

func (s *memoryStore) holds(h journal.Head) error {
	if h.Seq > 0 && (h.Seq > uint64(len(s.entries)) || s.entries[h.Seq-1].Hash != h.Hash) {
		return journal.ErrReplaced
	}
	return nil
}

// Entries implements journal.Store.
func (s *memoryStore) Entries(_ context.Context, after uint64, limit int) ([]journal.Entry, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	from := min(after, uint64(len(s.entries)))
	return slices.Clone(s.entries[from:min(from+uint64(limit), uint64(len(s.entries)))]), nil
}

// Subject implements journal.Store.
func (s *memoryStore) Subject(_ context.Context, subject string, after uint64, limit int) ([]journal.Entry, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	var out []journal.Entry
	for _, at := range s.subjects[subject] {
		if e := s.entries[at]; e.Version > after && len(out) < limit {
			out = append(out, e)
		}
	}
	return out, nil
}

// Find implements journal.Store, by a look at all entries.
func (s *memoryStore) Find(_ context.Context, q journal.EntryQuery) ([]journal.Entry, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	var out []journal.Entry
	for i := range s.entries {
		at := i
		if q.Desc {
			at = len(s.entries) - 1 - i
		}
		e := &s.entries[at]
		if len(out) < q.Limit && e.Seq > q.After && (q.Before == 0 || e.Seq < q.Before) && q.Trait.Has(e) {
			out = append(out, *e)
		}
	}
	return out, nil
}

// RebuildIndex implements journal.Store: there is none.
func (*memoryStore) RebuildIndex(context.Context) error { return nil }

// keys are those of all entries, by subject and version.
func (s *memoryStore) keys() []journal.Key {
	s.mu.RLock()
	defer s.mu.RUnlock()
	var keys []journal.Key
	for id, at := range s.subjects {
		for _, i := range at {
			keys = append(keys, journal.Key{Subject: id, Version: s.entries[i].Version, Seq: s.entries[i].Seq})
		}
	}
	slices.SortFunc(keys, func(a, b journal.Key) int {
		return cmp.Or(cmp.Compare(a.Subject, b.Subject), cmp.Compare(a.Version, b.Version))
	})
	return keys
}

// Subjects implements journal.Store.
func (s *memoryStore) Subjects(context.Context) iter.Seq2[journal.Ending, error] {
	all := func(yield func(journal.Key, error) bool) {
		for _, k := range s.keys() {
			if !yield(k, nil) {
				return
			}
		}
	}
	return journal.Endings(all, func(seqs []uint64) ([]journal.Entry, error) {
		s.mu.RLock()
		defer s.mu.RUnlock()
		var out []journal.Entry
		for _, seq := range seqs {
			out = append(out, s.entries[seq-1])
		}
		return out, nil
	})
}

// memoryInspection is what a memoryStore had at a moment. Nothing in it is found by anything
// but what it is.
type memoryInspection struct {
	s    *memoryStore // a copy, which nobody writes to
	head journal.Head
}

// Inspect implements journal.Store.
func (s *memoryStore) Inspect(ctx context.Context) (journal.Inspection, error) {
	s.mu.RLock()
	then := &memoryStore{entries: slices.Clone(s.entries), subjects: maps.Clone(s.subjects), docs: maps.Clone(s.docs)}
	s.mu.RUnlock()
	head, err := then.Head(ctx)
	return &memoryInspection{then, head}, err
}

func (in *memoryInspection) Head() journal.Head         { return in.head }
func (*memoryInspection) Finding(context.Context) error { return nil }
func (*memoryInspection) Close() error                  { return nil }

func (in *memoryInspection) Keys(_ context.Context, each func(journal.Key) error) error {
	for _, k := range in.s.keys() {
		if err := each(k); err != nil {
			return err
		}
	}
	return nil
}

func (in *memoryInspection) Entries(_ context.Context, after, to uint64, each func(*journal.Entry) error) error {
	for i := after; i < to; i++ {
		e := in.s.entries[i]
		if err := each(&e); err != nil {
			return err
		}
	}
	return nil
}

func (in *memoryInspection) IDs(ctx context.Context, each func(string) error) error {
	return in.Documents(ctx, func(d *store.Document) error { return each(d.ID) })
}

func (in *memoryInspection) Documents(_ context.Context, each func(*store.Document) error) error {
	for _, id := range slices.Sorted(maps.Keys(in.s.docs)) {
		d := in.s.docs[id]
		if err := each(&d); err != nil {
			return err
		}
	}
	return nil
}

// Clear implements journal.Store.
func (s *memoryStore) Clear(_ context.Context, prefixes ...string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for id := range s.docs {
		if slices.ContainsFunc(prefixes, func(p string) bool { return strings.HasPrefix(id, p) }) {
			s.drop(id)
		}
	}
	return nil
}

// Repair implements journal.Store.
func (s *memoryStore) Repair(_ context.Context, views []store.Document) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, d := range views {
		if d.Version > s.docs[d.ID].Version {
			s.set(d)
		}
	}
	return nil
}

// Reindex implements journal.Store.
func (s *memoryStore) Reindex(_ context.Context, views []store.Document) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, d := range views {
		if have, ok := s.docs[d.ID]; ok && have.Version == d.Version {
			d.Data = have.Data
			s.set(d)
		}
	}
	return nil
}

// Get implements journal.Store.
func (s *memoryStore) Get(ctx context.Context, ids ...string) ([]store.Document, error) {
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	var out []store.Document
	for _, id := range slices.Compact(slices.Sorted(slices.Values(ids))) {
		if d, ok := s.docs[id]; ok {
			out = append(out, handedOut(d))
		}
	}
	return out, nil
}

func handedOut(d store.Document) store.Document {
	d.Data, d.Terms = slices.Clone(d.Data), slices.Clone(d.Terms)
	return d
}

// List implements journal.Store.
func (s *memoryStore) List(ctx context.Context, q store.Query) ([]store.Document, error) {
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	list := s.terms[q.Term]
	if q.After != nil {
		at, found := slices.BinarySearchFunc(list, *q.After, comparePositions)
		switch {
		case q.Desc:
			list = list[:at]
		case found:
			list = list[at+1:]
		default:
			list = list[at:]
		}
	}
	var out []store.Document
	for n := range min(q.Limit, len(list)) {
		p := list[n]
		if q.Desc {
			p = list[len(list)-1-n]
		}
		out = append(out, handedOut(s.docs[p.ID]))
	}
	return out, nil
}

// Put implements journal.Store; all of the documents are stored or none.
func (s *memoryStore) Put(ctx context.Context, docs ...store.Document) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	versions := map[string]uint64{}
	for _, d := range docs {
		have, ok := versions[d.ID]
		if !ok {
			have = s.docs[d.ID].Version
		}
		if d.Version != have+1 {
			return store.ErrVersion
		}
		versions[d.ID] = d.Version
	}
	for _, d := range docs {
		s.set(d)
	}
	return nil
}

// Delete implements journal.Store.
func (s *memoryStore) Delete(_ context.Context, ids ...string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, id := range ids {
		s.drop(id)
	}
	return nil
}

// Remove implements journal.Store.
func (s *memoryStore) Remove(_ context.Context, docs ...store.Document) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, d := range docs {
		if s.docs[d.ID].Version == d.Version {
			s.drop(d.ID)
		}
	}
	return nil
}

// Close implements journal.Store.
func (s *memoryStore) Close() error { return nil }

// The store of the property tests keeps what every store promises.
func TestMemoryStore(t *testing.T) {
	storetest.Run(t, func(*testing.T) (a, b journal.Store) {
		s := newMemoryStore()
		return s, s
	}, storetest.Options{CompareAndSetRaces: true, Transactions: true})
}
