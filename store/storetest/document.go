package storetest

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"procyon/journal"
	"procyon/store"
)

func testRepair(t *testing.T, s suite) {
	_, views := s.fill(t, "req_1", "req_2", "req_3")
	same, older := views[1], views[2]
	same.Data = []byte(`"of the same version"`)
	s.put(t, store.Document{ID: "req_3", Version: 2, Sort: "b", Terms: []string{"thing/"}, Data: []byte("2")})
	older.Data = []byte(`"older"`)
	newer := doc("req_1", 5, "a", "thing/", "five/")
	fresh := doc("req_9", 3, "c", "thing/")
	if err := s.a.Repair(t.Context(), []store.Document{newer, same, older, fresh}); err != nil {
		t.Fatal(err)
	}
	s.wantDocs(t, newer, views[1], fresh)
	s.wantDocs(t, store.Document{ID: "req_3", Version: 2, Sort: "b", Terms: []string{"thing/"}, Data: []byte("2")})
	s.wantList(t, "five/", "req_1")
	s.wantList(t, "thing/", "req_2", "req_1", "req_3", "req_9")
	// Again, and by the other server: nothing changes.
	if err := s.b.Repair(t.Context(), []store.Document{newer, same, older, fresh}); err != nil {
		t.Fatal(err)
	}
	s.wantDocs(t, newer, views[1], fresh)
}

func testRepairRemovesOldTerms(t *testing.T, s suite) {
	if err := s.a.Repair(t.Context(), []store.Document{doc("req_1", 1, "a", "x/", "y/")}); err != nil {
		t.Fatal(err)
	}
	if err := s.b.Repair(t.Context(), []store.Document{doc("req_1", 2, "a", "y/", "z/")}); err != nil {
		t.Fatal(err)
	}
	s.wantList(t, "x/")
	s.wantList(t, "y/", "req_1")
	s.wantList(t, "z/", "req_1")
}

func testPut(t *testing.T, s suite) {
	one, two, three := doc("ses_1", 1, "a", "ses/"), doc("ses_1", 2, "b", "ses/"), doc("ses_1", 3, "c", "ses/")
	s.conflict(t, two)
	s.wantAbsent(t, "ses_1")
	s.put(t, one)
	s.wantDocs(t, one)
	s.conflict(t, one)
	s.conflict(t, three)
	s.wantDocs(t, one)
	s.put(t, two)
	s.conflict(t, two)
	s.conflict(t, one)
	s.wantDocs(t, two)
	if err := s.b.Put(t.Context(), three); err != nil {
		t.Fatal(err)
	}
	s.wantDocs(t, three)
}

func testPutMany(t *testing.T, s suite) {
	var docs []store.Document
	var ids []string
	for i := range 70 {
		d := doc(fmt.Sprintf("dlv_%03d", i), 1, fmt.Sprintf("%03d", i), "dlv/")
		docs, ids = append(docs, d), append(ids, d.ID)
	}
	s.put(t, docs...)
	s.wantDocs(t, docs...)
	for i := range docs {
		docs[i].Version = 2
	}
	s.put(t, docs...)
	s.wantDocs(t, docs...)
	if got := s.list(t, "dlv/", false, 40); !slices.Equal(got, ids) {
		t.Errorf("listed %q", got)
	}
}

func testPutConflictAmongMany(t *testing.T, s suite) {
	s.put(t, doc("ses_2", 1, "a", "ses/"))
	first, last := doc("ses_1", 1, "a", "ses/"), doc("ses_3", 1, "a", "ses/")
	s.conflict(t, first, doc("ses_2", 1, "b", "other/"), last)
	s.wantAbsent(t, "ses_3")
	s.wantDocs(t, doc("ses_2", 1, "a", "ses/"))
	s.wantList(t, "other/")
	if s.options.Transactions {
		s.wantAbsent(t, "ses_1")
		s.wantList(t, "ses/", "ses_2")
	}
}

func testPutOneTwice(t *testing.T, s suite) {
	s.put(t, doc("ses_1", 1, "a", "x/"), doc("ses_1", 2, "b", "y/"))
	s.wantDocs(t, doc("ses_1", 2, "b", "y/"))
	s.wantList(t, "x/")
	s.wantList(t, "y/", "ses_1")
}

func testPutBytes(t *testing.T, s suite) {
	every := make([]byte, 256)
	for i := range every {
		every[i] = byte(i)
	}
	d := doc("ses_1", 1, "", "ses/")
	d.Data = every
	s.put(t, d)
	s.wantDocs(t, d)
	d.Version, d.Data, d.Terms = 2, nil, nil
	s.put(t, d)
	s.wantDocs(t, d)
	s.wantList(t, "ses/")
}

// Remove takes away what is still as it was read, and leaves the rest.
func testRemove(t *testing.T, s suite) {
	one, changed, absent := doc("dlv_1", 1, "a", "dlv/"), doc("dlv_2", 1, "b", "dlv/"), doc("dlv_3", 1, "c", "dlv/")
	s.put(t, one, changed)
	now := changed
	now.Version = 2
	s.put(t, now)
	for range 2 { // to repeat it changes nothing
		if err := s.b.Remove(t.Context(), absent, changed, one); err != nil {
			t.Fatal(err)
		}
		s.wantAbsent(t, "dlv_1")
		s.wantAbsent(t, "dlv_3")
		s.wantDocs(t, now)
		s.wantList(t, "dlv/", "dlv_2")
	}
	if err := s.a.Remove(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func testDelete(t *testing.T, s suite) {
	s.put(t, doc("ses_1", 1, "a", "ses/", "user/1"), doc("ses_2", 1, "b", "ses/"), doc("ses_3", 1, "c", "ses/"))
	if err := s.b.Delete(t.Context(), "ses_1", "ses_absent", "ses_3"); err != nil {
		t.Fatal(err)
	}
	s.wantAbsent(t, "ses_1", "ses_3", "ses_absent")
	s.wantList(t, "ses/", "ses_2")
	s.wantList(t, "user/1")
	s.conflict(t, doc("ses_1", 2, "a", "ses/"))
	s.put(t, doc("ses_1", 1, "z", "ses/"))
	s.wantList(t, "ses/", "ses_2", "ses_1")
}

func testGet(t *testing.T, s suite) {
	var docs []store.Document
	var ids []string
	for i := range 300 {
		docs = append(docs, doc(fmt.Sprintf("ses_%d", i), 1, "a", "ses/"))
		ids = append(ids, docs[i].ID, fmt.Sprintf("ses_absent%d", i))
	}
	s.put(t, docs...)
	ids = append(ids, "ses_7", "ses_7")
	got, err := s.b.Get(t.Context(), ids...)
	if err != nil {
		t.Fatal(err)
	}
	if len(got) != len(docs) {
		t.Fatalf("Get: %d documents, want %d", len(got), len(docs))
	}
	sort := func(a, b store.Document) int { return strings.Compare(a.ID, b.ID) }
	slices.SortFunc(got, sort)
	slices.SortFunc(docs, sort)
	for i := range got {
		sameDoc(t, got[i], docs[i])
	}
}

// testRaceIndependent checks that the conflict of one caller leaves the others alone.
func testRaceIndependent(t *testing.T, s suite) {
	const writers, each = 16, 10
	s.put(t, doc("ses_taken", 1, "a", "ses/"))
	race(t, writers, func(w int) error {
		db := []journal.Store{s.a, s.b}[w%2]
		for i := range each {
			if w%4 == 3 {
				if err := db.Put(t.Context(), doc(fmt.Sprintf("ses_%d_%d", w, i), 1, "a"), doc("ses_taken", 1, "b")); !errors.Is(err, store.ErrVersion) {
					return fmt.Errorf("put of a taken document: %w, want ErrVersion", err)
				}
				continue
			}
			if err := db.Put(t.Context(), doc(fmt.Sprintf("ses_%d_%d", w, i), 1, fmt.Sprintf("%d/%d", w, i), "mine/")); err != nil {
				return err
			}
		}
		return nil
	})
	if got, want := len(s.list(t, "mine/", false, 50)), writers*3/4*each; got != want {
		t.Errorf("%d documents are listed, want %d", got, want)
	}
	s.wantDocs(t, doc("ses_taken", 1, "a", "ses/"))
}
