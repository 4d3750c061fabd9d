package sqlite

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"procyon/journal"
	"procyon/store"
)

// next makes the entry after a head, and its view.
func next(t *testing.T, head journal.Head, data []byte) (journal.Entry, store.Document) {
	t.Helper()
	id := fmt.Sprintf("req_%d", head.Seq+1)
	e := journal.Entry{Seq: head.Seq + 1, At: time.UnixMicro(1).UTC(), Subject: id, Version: 1, Type: "CREATED", Data: data, After: []byte(`{}`)}
	if err := e.Seal(head.Hash); err != nil {
		t.Fatal(err)
	}
	return e, store.Document{ID: id, Version: 1, Data: e.After}
}

func begun(t *testing.T) (s *Store, path string, head journal.Head) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "procyon.db")
	s, err := Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	e, v := next(t, journal.Head{}, nil)
	if _, err := s.Append(t.Context(), []journal.Entry{e}, []store.Document{v}); err != nil {
		t.Fatal(err)
	}
	return s, path, journal.Head{Seq: e.Seq, Hash: e.Hash, At: e.At}
}

// What is written to a file that is no longer at its path is lost: so nothing is
// acknowledged, where it was removed and where another one was put there.
func TestTheFileIsReplaced(t *testing.T) {
	t.Parallel()
	for name, replace := range map[string]func(path string) error{
		"removed": os.Remove,
		"moved":   func(path string) error { return os.Rename(path, path+".old") },
		"another": func(path string) error {
			if err := os.WriteFile(path+".new", nil, 0o600); err != nil {
				return err
			}
			return os.Rename(path+".new", path)
		},
	} {
		s, path, head := begun(t)
		if err := s.Holds(t.Context(), head); err != nil {
			t.Error(err)
		}
		if err := replace(path); err != nil {
			t.Fatal(err)
		}
		if err := s.Holds(t.Context(), head); !errors.Is(err, journal.ErrReplaced) {
			t.Errorf("%s: Holds gives %v", name, err)
		}
		e, v := next(t, head, nil)
		if n, err := s.Append(t.Context(), []journal.Entry{e}, []store.Document{v}); n != 0 || !errors.Is(err, journal.ErrReplaced) {
			t.Errorf("%s: Append gives %d, %v", name, n, err)
		}
	}
}

// A full disk writes nothing, and says so; once there is room it goes on.
func TestTheDiskIsFull(t *testing.T) {
	t.Parallel()
	s, _, head := begun(t)
	limit := func(pages int) {
		t.Helper()
		err := s.write.do(t.Context(), func(w *writer) error {
			_, err := w.conn.ExecContext(context.Background(), fmt.Sprintf("PRAGMA max_page_count = %d", pages))
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	limit(1) // as many as there are
	large := make([]byte, 1<<20)
	_, _ = rand.Read(large) // which can't be packed
	e, v := next(t, head, large)
	if n, err := s.Append(t.Context(), []journal.Entry{e}, []store.Document{v}); n != 0 || !errors.Is(err, journal.ErrNotWritten) {
		t.Errorf("Append gives %d, %v", n, err)
	}
	if err := s.Holds(t.Context(), head); err != nil {
		t.Error(err)
	}
	limit(1 << 20)
	if _, err := s.Append(t.Context(), []journal.Entry{e}, []store.Document{v}); err != nil {
		t.Error(err)
	}
}

// Where the disk is full for one of those who write together, SQLite undoes what all of them
// did. Each hears that nothing was written, and none that it may have been.
func TestTheDiskIsFullForAllTogether(t *testing.T) {
	t.Parallel()
	s, _, head := begun(t)
	waiting := func(n int) {
		for len(s.write.queue) < n {
			runtime.Gosched()
		}
	}
	begin, began := make(chan struct{}), make(chan struct{})
	go func() {
		_ = s.write.do(context.Background(), func(w *writer) error {
			var pages int
			if err := w.conn.QueryRowContext(context.Background(), "PRAGMA page_count").Scan(&pages); err != nil {
				return err
			}
			_, err := w.conn.ExecContext(context.Background(), fmt.Sprintf("PRAGMA max_page_count = %d", pages+20))
			close(began)
			<-begin
			return err
		})
	}()
	<-began
	appended, put := make(chan error, 1), make(chan error, 1)
	e, v := next(t, head, nil)
	go func() {
		_, err := s.Append(context.Background(), []journal.Entry{e}, []store.Document{v})
		appended <- err
	}()
	waiting(1)
	large := make([]byte, 1<<20)
	_, _ = rand.Read(large)
	go func() { put <- s.Put(context.Background(), store.Document{ID: "large", Version: 1, Data: large}) }()
	waiting(2)
	close(begin)
	if err := <-put; err == nil {
		t.Error("what is too large is stored")
	}
	if err := <-appended; !errors.Is(err, journal.ErrNotWritten) {
		t.Errorf("Append gives %v", err)
	}
	if err := s.Holds(t.Context(), head); err != nil {
		t.Error(err)
	}
	if _, err := s.Append(t.Context(), []journal.Entry{e}, []store.Document{v}); err != nil {
		t.Error(err)
	}
}

// Who has no time to wait for another process's write does not.
func TestAWriteThatWaitsForAnother(t *testing.T) {
	t.Parallel()
	s, path, head := begun(t)
	other, err := Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	locked, free, freed := make(chan struct{}), make(chan struct{}), make(chan error, 1)
	go func() {
		freed <- other.write.do(context.Background(), func(*writer) error {
			close(locked)
			<-free
			return nil
		})
	}()
	<-locked
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	e, v := next(t, head, nil)
	began := time.Now()
	if _, err := s.Append(ctx, []journal.Entry{e}, []store.Document{v}); !errors.Is(err, context.DeadlineExceeded) || time.Since(began) > busyTimeout/2 {
		t.Errorf("%v after %s", err, time.Since(began))
	}
	close(free)
	if err := errors.Join(<-freed, other.Close()); err != nil {
		t.Error(err)
	}
}
