package sqlite_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"procyon/access"
	"procyon/internal/subject"
	"procyon/journal"
	"procyon/store/sqlite"
	"procyon/store/storetest"
)

// older is the fixture with so many entries more, which only look like some: a file of an
// earlier release. As a release wrote it, it has no index by which entries are found.
func older(t *testing.T, more int) string {
	t.Helper()
	path := storetest.LoadFixture(t).SQLite(t)
	raw(t, path, fmt.Sprintf(`WITH RECURSIVE n(i) AS (SELECT max(seq) + 1 FROM entry UNION ALL SELECT i + 1 FROM n LIMIT %d)
		INSERT INTO entry SELECT i, 1800000000000000 + i, '{"kind":"USER","id":"usr_' || (i %% 1000) || '"}', 'req_' || i, 1, 'CREATED', zeroblob(2), zeroblob(2), zeroblob(32), zeroblob(32) FROM n`, more))
	return path
}

// raw runs SQL on a file.
func raw(t *testing.T, path string, scripts ...string) {
	t.Helper()
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	db.SetMaxOpenConns(1)
	for _, script := range scripts {
		if _, err := db.ExecContext(t.Context(), script); err != nil {
			t.Fatalf("%.200s: %v", script, err)
		}
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
}

// What is cut short at any step goes on with that step; what takes long is said before.
func TestMigrationIsCutShort(t *testing.T) {
	if testing.Short() {
		t.Skip("slow: it indexes many entries")
	}
	t.Parallel()
	const many = 100_000
	path := older(t, many)
	var said []string
	for cut := 0; ; cut++ {
		ctx, stop := context.WithCancel(t.Context())
		said = nil
		s, err := sqlite.OpenWith(ctx, path, sqlite.Options{Note: func(what string) {
			said = append(said, what)
			if len(said) > 1 || cut == 0 { // it gets one step on at most
				stop()
			}
		}})
		stop()
		if err == nil {
			if cut < 4 {
				t.Errorf("it was cut short %d times, want 4 or more", cut)
			}
			if err := errors.Join(storetest.CheckIndex(t.Context(), s), s.Close()); err != nil {
				t.Error(err)
			}
			break
		}
		if !errors.Is(err, context.Canceled) && !strings.Contains(err.Error(), "interrupted") || cut > 9 {
			t.Fatal(err)
		}
	}
	if len(said) != 1 || !strings.Contains(said[0], "the lists are made shorter (step 11 of 11)") {
		t.Errorf("it says %q", said)
	}
	s := open(t, path)
	for id, want := range map[string]int{"usr_7": 100, "usr_1000": 0} {
		found, err := s.Find(t.Context(), journal.EntryQuery{Trait: journal.Trait{Actor: id}, Limit: 1000})
		if err != nil || len(found) != want {
			t.Errorf("%s: %d entries, %v, want %d", id, len(found), err, want)
		}
	}
	if left, err := filepath.Glob(filepath.Join(filepath.Dir(path), "*etilqs*")); err != nil || len(left) > 0 {
		t.Errorf("it leaves %v, %v", left, err)
	}
}

// A short journal is brought up to date without a word.
func TestMigrationOfAShortJournal(t *testing.T) {
	t.Parallel()
	s, err := sqlite.OpenWith(t.Context(), older(t, 10), sqlite.Options{Note: func(what string) { t.Error(what) }})
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(storetest.CheckIndex(t.Context(), s), s.Close()); err != nil {
		t.Error(err)
	}
}

// Processes that start at once wait for the one that migrates, and find all done.
func TestMigrationByMany(t *testing.T) {
	t.Parallel()
	path := older(t, 20_000)
	failed := make(chan error, 4)
	for range cap(failed) {
		go func() {
			s, err := sqlite.Open(t.Context(), path)
			if err == nil {
				err = errors.Join(storetest.CheckIndex(t.Context(), s), s.Close())
			}
			failed <- err
		}()
	}
	for range cap(failed) {
		if err := <-failed; err != nil {
			t.Error(err)
		}
	}
}

// An entry whose actor is damaged does not get in the way of the rest: it is found by what
// is left of it, and named by who verifies.
func TestMigrationOfADamagedActor(t *testing.T) {
	t.Parallel()
	path := older(t, 0)
	raw(t, path, `UPDATE entry SET actor = '{"id":"usr_1' WHERE seq = 5`)
	s := open(t, path)
	if err := storetest.CheckIndex(t.Context(), s); err == nil || !strings.Contains(err.Error(), "the actor of entry 5 is damaged") {
		t.Errorf("all entries: %v", err)
	}
	if _, err := s.Entries(t.Context(), 4, 1); err == nil || !strings.Contains(err.Error(), "the actor of entry 5 is damaged") {
		t.Errorf("the entry: %v", err)
	}
	if found, err := s.Find(t.Context(), journal.EntryQuery{Trait: journal.Trait{Kind: access.KindGateway}, Limit: 3}); err != nil || len(found) == 0 {
		t.Errorf("others: %v, %v", found, err)
	}
}

// An index that lacks an entry, as damage to a file may leave it, is found by who verifies
// and made anew by who rebuilds.
func TestIndexWithoutAnEntry(t *testing.T) {
	t.Parallel()
	for _, index := range []string{"entry_actor", "entry_by", "entry_type", "entry_kind"} {
		path := older(t, 0)
		s := open(t, path)
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		lacking := ` WHERE seq > 5`
		if index == "entry_by" {
			lacking = ` AND seq > 60`
		}
		change := `PRAGMA writable_schema = ON; UPDATE sqlite_schema SET sql = %s WHERE name = '` + index + `'; PRAGMA writable_schema = RESET`
		raw(t, path, fmt.Sprintf(change, `sql || '`+lacking+`'`))
		raw(t, path, `REINDEX `+index)
		raw(t, path, fmt.Sprintf(change, `replace(sql, '`+lacking+`', '')`))
		s = open(t, path)
		err := storetest.CheckIndex(t.Context(), s)
		if err == nil || !strings.Contains(err.Error(), index) {
			t.Errorf("%s: %v", index, err)
		}
		if _, err := journal.Verify(t.Context(), s, journal.Proof{Kinds: subject.Kinds()}); err == nil || !strings.Contains(err.Error(), "rebuild") {
			t.Errorf("%s: Verify: %v", index, err)
		}
		if err := errors.Join(s.RebuildIndex(t.Context()), storetest.CheckIndex(t.Context(), s)); err != nil {
			t.Errorf("%s: %v", index, err)
		}
		if _, err := journal.Verify(t.Context(), s, journal.Proof{Kinds: subject.Kinds()}); err != nil {
			t.Errorf("%s: Verify: %v", index, err)
		}
	}
}

// What is sorted is kept in the file's folder, whatever that is called.
func TestMigrationInAnOddFolder(t *testing.T) {
	t.Parallel()
	folder := filepath.Join(t.TempDir(), "it's odd ?#% ü")
	if err := os.Mkdir(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(folder, "procyon.db")
	s := open(t, path)
	if err := errors.Join(s.RebuildIndex(t.Context()), storetest.CheckIndex(t.Context(), s)); err != nil {
		t.Error(err)
	}
}
