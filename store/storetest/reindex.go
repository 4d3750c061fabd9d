package storetest

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"procyon/journal"
	"procyon/store"
)

func testReindex(t *testing.T, s suite) {
	_, views := s.fill(t, "req_1", "req_2", "req_3")
	want := slices.Clone(views)
	want[0].Sort, want[0].Terms = "z", []string{"thing/", "more/", "more/"}
	want[1].Terms = []string{"more/"}
	given := slices.Clone(want[:2])
	for i := range given {
		given[i].Data = []byte(`"of no account"`)
	}
	for _, db := range []journal.Store{s.a, s.b} { // the second time nothing changes
		if err := db.Reindex(t.Context(), given); err != nil {
			t.Fatal(err)
		}
		s.wantDocs(t, want...)
		s.wantList(t, "thing/", "req_3", "req_1")
		s.wantList(t, "more/", "req_2", "req_1")
	}
	given[0].Sort, given[0].Terms = "", nil
	if err := s.b.Reindex(t.Context(), given[:1]); err != nil {
		t.Fatal(err)
	}
	s.wantList(t, "thing/", "req_3")
	s.wantList(t, "more/", "req_2")
	// What comes next is listed by its own terms, and by none of before.
	if err := s.a.Repair(t.Context(), []store.Document{doc("req_2", 2, "a", "thing/")}); err != nil {
		t.Fatal(err)
	}
	s.wantList(t, "more/")
	s.wantList(t, "thing/", "req_3", "req_2")
}

func testReindexStale(t *testing.T, s suite) {
	_, views := s.fill(t, "req_1", "req_1", "req_2", "req_3")
	older, newer, absent, own := views[0], views[2], doc("req_9", 1, "a", "late/"), views[3]
	newer.Version = 2
	own.Terms = []string{"thing/", "own/"}
	for _, d := range []*store.Document{&older, &newer} {
		d.Sort, d.Terms = "0", []string{"late/"}
	}
	if err := s.b.Reindex(t.Context(), []store.Document{older, newer, absent, own}); err != nil {
		t.Fatal(err)
	}
	s.wantDocs(t, views[1], views[2], own)
	s.wantAbsent(t, "req_9")
	s.wantList(t, "late/")
	s.wantList(t, "own/", "req_3")
	s.wantList(t, "thing/", "req_1", "req_2", "req_3")
}

func testReindexMany(t *testing.T, s suite) {
	n := 300
	if !s.options.Transactions {
		n = 120 // such a driver's server writes each by itself
	}
	var subjects []string
	for i := range n {
		subjects = append(subjects, fmt.Sprintf("req_%03d", i))
	}
	_, views := s.fill(t, subjects...)
	for i := range views {
		views[i].Sort, views[i].Terms = fmt.Sprintf("%03d", n-i), []string{"other/"}
	}
	if err := s.b.Reindex(t.Context(), views); err != nil {
		t.Fatal(err)
	}
	slices.Reverse(subjects)
	if got := s.list(t, "other/", false, 70); !slices.Equal(got, subjects) {
		t.Errorf("listed %q", got)
	}
	s.wantList(t, "thing/")
}

// testRaceReindex lists views anew while others bring their subjects on: each ends
// where its last version is listed.
func testRaceReindex(t *testing.T, s suite) {
	if !s.options.CompareAndSetRaces {
		t.Skip("this server does not replace by ID and version atomically")
	}
	const subjects, versions = 4, 25
	listed := func(n uint64) []string { return []string{"thing/", fmt.Sprintf("version=%d", n)} }
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 2)
	for _, db := range []journal.Store{s.a, s.b} {
		go func() { ended <- relist(ctx, db, listed) }()
	}
	var head journal.Head
	for v := range uint64(versions) {
		for i := range subjects {
			e, view := change(t, head, fmt.Sprintf("req_%d", i), v+1, listed(v+1)...)
			head = headOf(&e)
			s.append(t, []journal.Entry{e}, []store.Document{view})
		}
	}
	stop()
	for range 2 {
		if err := <-ended; err != nil {
			t.Error(err)
		}
	}
	for i := range subjects {
		docs, err := s.b.Get(t.Context(), fmt.Sprintf("req_%d", i))
		if err != nil || len(docs) != 1 || docs[0].Version != versions || !slices.Equal(docs[0].Terms[:2], listed(versions)) {
			t.Errorf("%+v, %v", docs, err)
		}
	}
	for v := range uint64(versions - 1) {
		s.wantList(t, listed(v + 1)[1])
		s.wantList(t, again(v+1))
	}
	if got := s.list(t, listed(versions)[1], false, 100); len(got) != subjects {
		t.Errorf("under the last version are %q", got)
	}
}

// again is a term that only those have that were listed anew.
func again(version uint64) string { return fmt.Sprintf("again=%d", version) }

// relist lists all views anew, time and again, each as of the version that it read.
func relist(ctx context.Context, db journal.Store, listed func(uint64) []string) error {
	for ctx.Err() == nil {
		docs, err := db.List(ctx, store.Query{Term: "thing/", Limit: 100})
		if err == nil {
			for i := range docs {
				docs[i].Terms = append(listed(docs[i].Version), again(docs[i].Version))
			}
			err = db.Reindex(ctx, docs)
		}
		if err != nil && ctx.Err() == nil {
			return err
		}
	}
	return nil
}
