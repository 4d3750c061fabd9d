package sqlite

import (
	"context"
	"database/sql"
	"path/filepath"
	"strings"
	"testing"

	"procyon/store"
)

func openInside(t *testing.T) (*Store, *sql.DB) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "procyon.db")
	s, err := Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	db, err := open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return s, db
}

// TestPlans checks that every read is a range of an index: none scans a table or sorts, but
// for documents that are at one place of a list.
func TestPlans(t *testing.T) {
	t.Parallel()
	_, db := openInside(t)
	for _, p := range (&reader{}).queries() {
		plan := strings.ReplaceAll(explain(t, db, p.text), "USE TEMP B-TREE FOR LAST TERM OF ORDER BY", "")
		for _, bad := range []string{"TEMP B-TREE", "SCAN d", "SCAN t", "SCAN document", "SCAN term"} {
			if strings.Contains(plan, bad) {
				t.Errorf("%s\nis read so:\n%s", p.text, plan)
			}
		}
	}
	var f finders
	for _, p := range f.queries() {
		plan := explain(t, db, p.text)
		if strings.Contains(plan, "SCAN entry") || strings.Contains(plan, "PRIMARY KEY") || !strings.Contains(plan, "INDEX") {
			t.Errorf("%s\nis read so:\n%s", p.text, plan)
		}
	}
}

func explain(t *testing.T, db *sql.DB, query string) string {
	t.Helper()
	args := make([]any, strings.Count(query, "?"))
	rows, err := db.QueryContext(t.Context(), "EXPLAIN QUERY PLAN "+query, args...)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var plan strings.Builder
	for rows.Next() {
		var id, parent, unused int
		var detail string
		if err := rows.Scan(&id, &parent, &unused, &detail); err != nil {
			t.Fatal(err)
		}
		plan.WriteString(detail + "\n")
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return plan.String()
}

// TestListSharedHash gives two terms one hash, which anybody can find a pair
// for: what is under one of them is not listed under the other.
func TestListSharedHash(t *testing.T) {
	t.Parallel()
	s, _ := openInside(t)
	var docs []store.Document
	for _, id := range []string{"a", "b", "c", "d", "e"} {
		docs = append(docs, store.Document{ID: id, Version: 1, Sort: id, Terms: []string{"mine/"}})
	}
	docs[4].Terms = []string{"theirs/"}
	if err := s.Put(t.Context(), docs...); err != nil {
		t.Fatal(err)
	}
	err := s.write.do(t.Context(), func(w *writer) error {
		for _, d := range docs[:4] {
			at, err := w.stateOf(d.ID)
			if err == nil {
				err = w.exec(context.Background(), w.insertTerm, hashTerm("theirs/"), d.Sort, at.num)
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, limit := range []int{1, 2, 10} {
		for _, desc := range []bool{false, true} {
			got, err := s.List(t.Context(), store.Query{Term: "theirs/", Limit: limit, Desc: desc})
			if err != nil || len(got) != 1 || got[0].ID != "e" {
				t.Errorf("List by %d: %+v, %v, want e alone", limit, got, err)
			}
		}
	}
}

func TestUnpackTermsDamaged(t *testing.T) {
	t.Parallel()
	for _, packed := range [][]byte{{5}, {1, 'a', 2, 'b'}, {0xff}, {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01}} {
		if terms, err := unpackTerms(packed); err == nil {
			t.Errorf("unpackTerms(%x) = %q", packed, terms)
		}
	}
}
