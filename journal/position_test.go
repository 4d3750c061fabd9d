package journal_test

import (
	"context"
	"errors"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"procyon/access"
	"procyon/journal"
	"procyon/store/sqlite"
)

// counted is a store that counts how often entries are read.
type counted struct {
	journal.Store
	mu    sync.Mutex // guards reads
	reads int
}

func (c *counted) Entries(ctx context.Context, after uint64, limit int) ([]journal.Entry, error) {
	c.mu.Lock()
	c.reads++
	c.mu.Unlock()
	return c.Store.Entries(ctx, after, limit)
}

func (c *counted) count(f func()) int {
	c.mu.Lock()
	before := c.reads
	c.mu.Unlock()
	f()
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.reads - before
}

// slow opens a journal that does not look at the store by itself. stop ends it.
func slow(t *testing.T, path string, tail int) (j *journal.Journal, s *counted, stop func()) {
	t.Helper()
	db, err := sqlite.Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	s = &counted{Store: db}
	j, err = journal.Open(t.Context(), s, journal.Options{Poll: time.Hour, Tail: tail, MaxBatch: 4, OnError: func(err error) { t.Error(err) }})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- j.Run(ctx) }()
	stop = sync.OnceFunc(func() {
		cancel()
		if err := errors.Join(<-done, db.Close()); err != nil {
			t.Error(err)
		}
	})
	t.Cleanup(stop)
	return j, s, stop
}

func grow(t *testing.T, j *journal.Journal, id string, versions ...uint64) {
	t.Helper()
	for _, v := range versions {
		if _, err := j.Append(t.Context(), change(id, v)); err != nil {
			t.Fatal(err)
		}
	}
}

// What one server has given out is known to the other at once, by one look at the store;
// what nobody has written is JOURNAL_CHANGED, by one look.
func TestAPositionThatAnotherServerGaveOut(t *testing.T) {
	path := filepath.Join(t.TempDir(), "p.db")
	a, _, _ := slow(t, path, 0)
	b, s, _ := slow(t, path, 0)
	grow(t, a, "gw_1", 1, 2, 3)
	if b.Head() != 0 {
		t.Fatal("it has looked by itself")
	}
	at := a.Last()
	if n := s.count(func() {
		if err := b.Check(t.Context(), at); err != nil || b.Head() != 3 || b.Last() != at {
			t.Errorf("%v; head %d", err, b.Head())
		}
	}); n != 2 { // the second finds that there are no more
		t.Errorf("%d reads", n)
	}
	beyond := journal.Position{Seq: 4, Mark: at.Mark}
	if n := s.count(func() {
		if err := b.Check(t.Context(), beyond); access.CodeOf(err) != access.CodeJournalChanged {
			t.Error(err)
		}
	}); n != 1 {
		t.Errorf("%d reads", n)
	}
	if n := s.count(func() {
		for _, p := range []journal.Position{{}, at} {
			if err := b.Check(t.Context(), p); err != nil {
				t.Error(err)
			}
		}
		for _, p := range []journal.Position{{Seq: 3}, {Seq: 2, Mark: at.Mark}, {Mark: at.Mark}} {
			if err := b.Check(t.Context(), p); access.CodeOf(err) != access.CodeJournalChanged {
				t.Errorf("%v: %v", p, err)
			}
		}
		if p, err := b.PositionAt(t.Context(), 3); err != nil || p != at {
			t.Error(p, err)
		}
	}); n != 0 {
		t.Errorf("the tail has it, and the store was read %d times", n)
	}
	if e, err := b.EntryAt(t.Context(), at); err != nil || e.Seq != 3 || e.Position() != at {
		t.Error(e.Seq, err)
	}
}

// Many who look at once, while others write, all find what was there before they looked.
func TestManyLookAtOnce(t *testing.T) {
	path := filepath.Join(t.TempDir(), "p.db")
	a, _, _ := slow(t, path, 0)
	b, _, stop := slow(t, path, 0)
	var all sync.WaitGroup
	for v := uint64(1); v <= 30; v++ {
		grow(t, a, "gw_1", v)
		at := a.Last()
		for range 3 {
			all.Go(func() {
				if err := b.Check(t.Context(), at); err != nil {
					t.Errorf("%d: %v", at.Seq, err)
				}
			})
		}
	}
	all.Wait()
	stop()
	if err := b.ReachTo(t.Context(), 1000); !errors.Is(err, journal.ErrStopped) {
		t.Error(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := b.ReachTo(ctx, 1); err != nil {
		t.Errorf("what is known needs no look: %v", err)
	}
}

// An old position is read from the store.
func TestAPositionBeforeTheTail(t *testing.T) {
	j, s, _ := slow(t, filepath.Join(t.TempDir(), "p.db"), 2)
	grow(t, j, "gw_1", 1)
	first := j.Last()
	grow(t, j, "gw_1", 2, 3, 4, 5, 6, 7, 8, 9)
	if n := s.count(func() {
		if err := j.Check(t.Context(), first); err != nil {
			t.Error(err)
		}
		if err := j.Check(t.Context(), journal.Position{Seq: 1}); access.CodeOf(err) != access.CodeJournalChanged {
			t.Error(err)
		}
	}); n != 2 {
		t.Errorf("%d reads", n)
	}
}

func FuzzMark(f *testing.F) {
	f.Add("01234abv")
	f.Add("0123456\n")
	f.Fuzz(func(t *testing.T, in string) {
		if m, err := journal.ParseMark(in); err == nil && m.String() != in {
			t.Fatalf("%q and %q are one mark", in, m)
		}
	})
}
