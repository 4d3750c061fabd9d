package journal_test

import (
	"context"
	"database/sql"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"

	"procyon/journal"
	"procyon/store"
	"procyon/store/sqlite"
)

// kept is a file with a journal of four gateways of five versions each, closed.
func kept(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "p.db")
	s, err := sqlite.Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := journal.Open(t.Context(), s, journal.Options{Kinds: kinds}); err != nil { // which marks it
		t.Fatal(err)
	}
	write(t, s, 4, 5)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}

// write appends a version of each of some gateways, and so on.
func write(t *testing.T, s journal.Store, gateways, versions int) {
	t.Helper()
	head, err := s.Head(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var entries []journal.Entry
	var views []store.Document
	for v := range versions {
		for g := range gateways {
			e := entryAfter(t, head, change(fmt.Sprintf("gw_%d", g), uint64(v+1)))
			view, err := kinds.View(e.Subject, e.Version, e.After)
			if err != nil {
				t.Fatal(err)
			}
			entries, views = append(entries, e), append(views, view)
			head = journal.Head{Seq: e.Seq, Hash: e.Hash, At: e.At}
		}
	}
	if _, err := s.Append(t.Context(), entries, views); err != nil {
		t.Fatal(err)
	}
}

// Every kind of fault that the documentation says is found is found, by what it is. Those of
// views, on every store, are in the stores' suite.
func TestVerifyFindsEachKind(t *testing.T) {
	for _, fault := range []struct{ name, plant, want string }{
		{"another time", `UPDATE entry SET at = at + 1 WHERE seq = 7`, "entry 7 was altered"},
		{"another format", `UPDATE entry SET format = 1, actor = '{}', body = NULL WHERE seq = 7`, "entry 7 was altered"},
		{"an actor beside its own", `UPDATE entry SET actor = '{}' WHERE seq = 7`, "entry 7 is damaged"},
		{"another subject", `UPDATE entry SET subject = 'gw_9' WHERE seq = 7`, "entry 7 was altered"},
		{"another version", `UPDATE entry SET version = 99 WHERE seq = 7`, "entry 7 was altered"},
		{"another type", `UPDATE entry SET type = 'DELETED' WHERE seq = 7`, "entry 7 was altered"},
		{"the content of another", `UPDATE entry SET body = (SELECT body FROM entry WHERE seq = 12) WHERE seq = 7`, "entry 7 was altered"},
		{"a damaged content", `UPDATE entry SET body = substr(body, 1, 9) WHERE seq = 7`, "the body of entry 7 is damaged"},
		{"another hash", `UPDATE entry SET hash = zeroblob(32) WHERE seq = 7`, "entry 7 was altered"},
		{"a hash that is short", `UPDATE entry SET hash = zeroblob(31) WHERE seq = 7`, "hash of entry 7 is damaged"},
		{"another predecessor", `UPDATE entry SET prev = zeroblob(32) WHERE seq = 7`, "entry 7 is not chained to entry 6"},
		{"one removed", `DELETE FROM entry WHERE seq = 7`, "entry 8 follows entry 6"},
		{"the first removed", `DELETE FROM entry WHERE seq = 1`, "entry 2 follows entry 0"},
		{"two changed places", `UPDATE entry SET seq = 100 WHERE seq = 7; UPDATE entry SET seq = 7 WHERE seq = 8; UPDATE entry SET seq = 8 WHERE seq = 100`, "entry 7 is not chained"},
		{"the end cut off", `DELETE FROM entry WHERE seq > 18`, "gw_2 has version 5, its last entry (15) version 4: entries were removed"},
		{"a history cut off", `DELETE FROM entry WHERE seq > 3`, "gw_"},
		{"one put behind", `INSERT INTO entry (seq, at, actor, subject, version, type, data, after, prev, hash, format, body)
			SELECT 21, at, actor, 'gw_9', 1, type, data, after, hash, hash, format, body FROM entry WHERE seq = 20`, "entry 21 was altered"},
		{"a list emptied", `DELETE FROM term`, "is not listed under"},
		{"one taken off a list", `DELETE FROM term WHERE num = (SELECT num FROM document WHERE id = 'gw_2')`, "gw_2 is not listed under"},
		{"one put on a list", `INSERT INTO term VALUES (42, 'a', (SELECT num FROM document WHERE id = 'gw_2'))`, "gw_2 is listed at"},
		{"one moved within a list", `UPDATE term SET sort = 'zzz' WHERE num = (SELECT num FROM document WHERE id = 'gw_2')`, "gw_2 is listed at"},
		{"a list with somebody unknown", `INSERT INTO term VALUES (42, 'a', 999)`, "document number 999 is listed at"},
		{"damaged terms", `UPDATE document SET body = x'02ff' WHERE id = 'gw_2'`, "a document is damaged; rebuild the views if it is one: gw_2"},
		{"a rebuild that was cut short", `UPDATE document SET body = CAST(x'01011e' || '{"format":4,"rebuilding":true}' AS BLOB) WHERE id = 'meta_views'`, "procyon journal rebuild"},
	} {
		t.Run(fault.name, func(t *testing.T) {
			path := kept(t)
			if r, err := verifyFile(t, path); err != nil || r.Entries != 20 || r.Subjects != 4 || !r.Listed {
				t.Fatalf("before: %+v, %v", r, err)
			}
			plant(t, path, fault.plant)
			if _, err := verifyFile(t, path); err == nil || !strings.Contains(err.Error(), fault.want) {
				t.Errorf("got %v, want %q", err, fault.want)
			}
		})
	}
}

func plant(t *testing.T, path, script string) {
	t.Helper()
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Exec(script); err != nil {
		t.Fatal(err)
	}
}

func verifyFile(t *testing.T, path string) (journal.Report, error) {
	t.Helper()
	s, err := sqlite.Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	return journal.Verify(t.Context(), s, journal.Proof{Kinds: kinds})
}

// A rebuild mends damage that it could not read.
func TestRebuildMendsWhatCantBeRead(t *testing.T) {
	path := kept(t)
	plant(t, path, `UPDATE document SET body = x'02ff' WHERE id = 'gw_2'; INSERT INTO term VALUES (42, 'a', (SELECT num FROM document WHERE id = 'gw_2')); DELETE FROM term WHERE num = (SELECT num FROM document WHERE id = 'gw_1')`)
	s := opened(t, path)
	if n, err := journal.Rebuild(t.Context(), s, kinds); err != nil || n != 20 {
		t.Fatal(n, err)
	}
	if _, err := journal.Verify(t.Context(), s, journal.Proof{Kinds: kinds}); err != nil {
		t.Error(err)
	}
}

// Entries of a kind that nobody knows are no reason to leave out their views.
func TestVerifyNamesUnknownKinds(t *testing.T) {
	s := opened(t, filepath.Join(t.TempDir(), "p.db"))
	e := entryAfter(t, journal.Head{}, change("xyz_1", 1))
	if _, err := s.Append(t.Context(), []journal.Entry{e}, []store.Document{{ID: "xyz_1", Version: 1, Data: e.After}}); err != nil {
		t.Fatal(err)
	}
	for name, err := range map[string]error{
		"verify":  third(journal.Verify(t.Context(), s, journal.Proof{Kinds: kinds})),
		"rebuild": third(journal.Rebuild(t.Context(), s, kinds)),
	} {
		if err == nil || !strings.Contains(err.Error(), `"xyz"`) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func third[T any](_ T, err error) error { return err }

// Across many chunks that are read at once, each hash is told once and in order.
func TestVerifyTellsTheHashesInOrder(t *testing.T) {
	s := opened(t, filepath.Join(t.TempDir(), "p.db"))
	write(t, s, 70, 101)
	var told []journal.Hash
	r, err := journal.Verify(t.Context(), s, journal.Proof{Kinds: kinds, Observe: func(seq uint64, h journal.Hash) error {
		if told = append(told, h); seq != uint64(len(told)) {
			t.Errorf("entry %d is told as number %d", seq, len(told))
		}
		return nil
	}})
	if err != nil || r.Entries != 7070 || r.Subjects != 70 || len(told) != 7070 || told[7069] != r.Head.Hash {
		t.Fatalf("%+v, %d told, %v", r, len(told), err)
	}
}

// late is a store whose views come some looks after their entries, as MongoDB's do.
type late struct {
	journal.Store
	view  store.Document // as it was before
	looks int
}

func (l *late) Inspect(ctx context.Context) (journal.Inspection, error) {
	in, err := l.Store.Inspect(ctx)
	return &lateInspection{in, l}, err
}

type lateInspection struct {
	journal.Inspection
	late *late
}

func (i *lateInspection) Documents(ctx context.Context, each func(*store.Document) error) error {
	return i.Inspection.Documents(ctx, func(d *store.Document) error {
		if d.ID == i.late.view.ID {
			d = &i.late.view
		}
		return each(d)
	})
}

func (l *late) Get(ctx context.Context, ids ...string) ([]store.Document, error) {
	if len(ids) == 1 && ids[0] == l.view.ID && l.looks > 0 {
		l.looks--
		return []store.Document{l.view}, nil
	}
	return l.Store.Get(ctx, ids...)
}

func TestVerifyWaitsForAViewThatIsLate(t *testing.T) {
	path := kept(t)
	entries, err := opened(t, path).Subject(t.Context(), "gw_2", 3, 1)
	if err != nil {
		t.Fatal(err)
	}
	before, err := kinds.View("gw_2", 4, entries[0].After)
	if err != nil {
		t.Fatal(err)
	}
	damaged := before
	damaged.Data = []byte(`{"id":"gw_2","name":"forged","createdAt":"2026-11-23T10:00:00Z"}`)
	for _, test := range []struct {
		name  string
		view  store.Document
		looks int
		want  string
	}{
		{"comes", before, 5, ""},
		{"never comes", before, 1 << 30, "the view is out of date"},
		{"wrong by its own entry", damaged, 5, "gw_2 is not what entry 15 says"},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				_, err := journal.Verify(t.Context(), &late{opened(t, path), test.view, test.looks}, journal.Proof{Kinds: kinds})
				if test.want == "" && err != nil || test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)) {
					t.Errorf("got %v, want %q", err, test.want)
				}
			})
		})
	}
}
