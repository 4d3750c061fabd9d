package sqlite_test

import (
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"procyon/journal"
	"procyon/store"
	"procyon/store/sqlite"
)

func TestOpenModes(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "data", "procyon.db")
	s := open(t, path)
	if err := s.Put(t.Context(), store.Document{ID: "ses_1", Version: 1}); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]os.FileMode{filepath.Dir(path): 0o700, path: 0o600, path + "-wal": 0o600, path + "-shm": 0o600} {
		info, err := os.Stat(name)
		if err != nil {
			t.Fatal(err)
		}
		if got := info.Mode().Perm(); got != want {
			t.Errorf("%s has mode %o, want %o", filepath.Base(name), got, want)
		}
	}
}

func TestOpenAgain(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "procyon.db")
	s := open(t, path)
	want := store.Document{ID: "ses_1", Version: 1, Sort: "a", Terms: []string{"ses/"}, Data: []byte("{}")}
	if err := s.Put(t.Context(), want); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(path + "-wal"); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("Close left the WAL beside the file: %v", err)
	}
	docs, err := open(t, path).List(t.Context(), store.Query{Term: "ses/", Limit: 10})
	if err != nil || len(docs) != 1 || docs[0].ID != want.ID {
		t.Errorf("List after opening again: %+v, %v", docs, err)
	}
}

func TestOpenRefuses(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, script, want string }{
		{"a newer file", "PRAGMA application_id = 0x5052434e; PRAGMA user_version = 99", "schema version 99"},
		{"another program's file", "CREATE TABLE other (id INTEGER)", "another program"},
		{"another program's empty file", "PRAGMA user_version = 1", "another program"},
	} {
		t.Run(test.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "procyon.db")
			db, err := sql.Open("sqlite", path)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := db.ExecContext(t.Context(), test.script); err != nil {
				t.Fatal(err)
			}
			if err := db.Close(); err != nil {
				t.Fatal(err)
			}
			if _, err := sqlite.Open(t.Context(), path); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("Open of %s: %v, want it to say %q", test.name, err, test.want)
			}
		})
	}
	for _, path := range []string{"", ":memory:", filepath.Join(os.DevNull, "procyon.db"), t.TempDir()} {
		if s, err := sqlite.Open(t.Context(), path); err == nil {
			t.Errorf("Open of %q succeeded", path)
			s.Close()
		}
	}
	noise := filepath.Join(t.TempDir(), "noise.db")
	if err := os.WriteFile(noise, []byte(strings.Repeat("this is not a database", 1000)), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := sqlite.Open(t.Context(), noise); err == nil {
		t.Error("Open of a file that is no database succeeded")
	}
}

func TestClosed(t *testing.T) {
	t.Parallel()
	s := open(t, filepath.Join(t.TempDir(), "procyon.db"))
	if err := errors.Join(s.Close(), s.Close()); err != nil {
		t.Fatal(err)
	}
	_, headErr := s.Head(t.Context())
	_, entriesErr := s.Entries(t.Context(), 0, 1)
	_, getErr := s.Get(t.Context(), "a")
	for _, err := range []error{s.Put(t.Context(), store.Document{ID: "a", Version: 1}), s.Delete(t.Context(), "a"), headErr, entriesErr, getErr} {
		if !errors.Is(err, sqlite.ErrClosed) {
			t.Errorf("after Close: %v, want ErrClosed", err)
		}
	}
}

func TestRefuses(t *testing.T) {
	t.Parallel()
	s := open(t, filepath.Join(t.TempDir(), "procyon.db"))
	gap := journal.Entry{Seq: 3, Subject: "req_1", Version: 1}
	view := store.Document{ID: "req_1", Version: 1}
	if n, err := s.Append(t.Context(), []journal.Entry{gap}, []store.Document{view}); err == nil || n != 0 {
		t.Errorf("Append that leaves a gap: %d, %v", n, err)
	}
	if _, err := s.Append(t.Context(), []journal.Entry{{Seq: 1}}, nil); err == nil {
		t.Error("Append without a view succeeded")
	}
	for _, d := range []store.Document{{ID: "a"}, {Version: 1}} {
		if err := s.Put(t.Context(), d); err == nil || errors.Is(err, store.ErrVersion) {
			t.Errorf("Put of %+v: %v", d, err)
		}
	}
}
