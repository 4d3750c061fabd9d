package storetest

import (
	"fmt"
	"slices"
	"testing"

	"procyon/store"
)

func testListOrder(t *testing.T, s suite) {
	s.put(t,
		doc("a_5", 1, "10", "x/", "y/"),
		doc("a_4", 1, "9", "x/"),
		doc("a_3", 1, "", "x/"),
		doc("a_2", 1, "Z", "x/", "y/"),
		doc("a_1", 1, "a", "x/"),
		doc("a_0", 1, "1", "x/more"),
		doc("a_9", 1, "1"),
	)
	s.wantList(t, "x/", "a_3", "a_5", "a_4", "a_2", "a_1")
	s.wantList(t, "y/", "a_5", "a_2")
	s.wantList(t, "x/more", "a_0")
	s.wantList(t, "x")
	s.wantList(t, "")
	docs, err := s.b.List(t.Context(), store.Query{Term: "y/", Limit: 10})
	if err != nil || len(docs) != 2 {
		t.Fatalf("List: %d, %v", len(docs), err)
	}
	sameDoc(t, docs[0], doc("a_5", 1, "10", "x/", "y/"))
	sameDoc(t, docs[1], doc("a_2", 1, "Z", "x/", "y/"))
}

func testListPages(t *testing.T, s suite) {
	var docs []store.Document
	var want []string
	for i := range 37 {
		// Some share a sort, and neither the sort nor the ID alone gives the order.
		docs = append(docs, doc(fmt.Sprintf("a_%02d", (i*7)%37), 1, fmt.Sprintf("%02d", i/5), "x/"))
	}
	s.put(t, docs...)
	slices.SortFunc(docs, func(a, b store.Document) int {
		if a.Sort != b.Sort {
			return compare(a.Sort, b.Sort)
		}
		return compare(a.ID, b.ID)
	})
	for _, d := range docs {
		want = append(want, d.ID)
	}
	s.wantList(t, "x/", want...)
}

func compare(a, b string) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

func testListFromAnyPosition(t *testing.T, s suite) {
	s.put(t, doc("a_1", 1, "b", "x/"), doc("a_2", 1, "b", "x/"), doc("a_3", 1, "d", "x/"))
	for _, test := range []struct {
		sort, id string
		desc     bool
		want     []string
	}{
		{"", "", false, []string{"a_1", "a_2", "a_3"}},
		{"a", "zzz", false, []string{"a_1", "a_2", "a_3"}},
		{"b", "", false, []string{"a_1", "a_2", "a_3"}},
		{"b", "a_1", false, []string{"a_2", "a_3"}},
		{"b", "a_11", false, []string{"a_2", "a_3"}},
		{"c", "a_0", false, []string{"a_3"}},
		{"d", "a_3", false, nil},
		{"e", "", false, nil},
		{"", "", true, nil},
		{"b", "a_2", true, []string{"a_1"}},
		{"b", "a_3", true, []string{"a_2", "a_1"}},
		{"c", "", true, []string{"a_2", "a_1"}},
		{"e", "", true, []string{"a_3", "a_2", "a_1"}},
	} {
		docs, err := s.b.List(t.Context(), store.Query{Term: "x/", Desc: test.desc, Limit: 10, After: &store.Position{Sort: test.sort, ID: test.id}})
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, d := range docs {
			got = append(got, d.ID)
		}
		if !slices.Equal(got, test.want) {
			t.Errorf("after (%q, %q), descending %v: %q, want %q", test.sort, test.id, test.desc, got, test.want)
		}
	}
}

func testListTies(t *testing.T, s suite) {
	s.put(t, doc("a_3", 1, "same", "x/"), doc("a_1", 1, "same", "x/"), doc("a_2", 1, "same", "x/"), doc("A_9", 1, "same", "x/"))
	s.wantList(t, "x/", "A_9", "a_1", "a_2", "a_3")
}

func testListTermsChange(t *testing.T, s suite) {
	s.put(t, doc("a_1", 1, "a", "x/", "y/", "z/"), doc("a_2", 1, "b", "x/", "y/"))
	s.put(t, doc("a_1", 2, "a", "y/", "w/"))
	s.wantList(t, "x/", "a_2")
	s.wantList(t, "y/", "a_1", "a_2")
	s.wantList(t, "z/")
	s.wantList(t, "w/", "a_1")
	s.put(t, doc("a_1", 3, "a"))
	s.wantList(t, "y/", "a_2")
	s.wantList(t, "w/")
	s.put(t, doc("a_1", 4, "a", "x/", "x/")) // a term said twice lists once
	s.wantList(t, "x/", "a_1", "a_2")
	s.put(t, doc("a_1", 5, "a", "y/"))
	s.wantList(t, "x/", "a_2")
}

func testListSortChanges(t *testing.T, s suite) {
	s.put(t, doc("a_1", 1, "a", "x/", "y/"), doc("a_2", 1, "b", "x/", "y/"))
	s.put(t, doc("a_1", 2, "c", "x/", "z/"))
	s.wantList(t, "x/", "a_2", "a_1")
	s.wantList(t, "y/", "a_2")
	s.wantList(t, "z/", "a_1")
}

func testListUnicode(t *testing.T, s suite) {
	// In the order of bytes, which is not that of UTF-16 nor that of a language.
	sorts := []string{"A", "Z", "a", "é", "日", "\uffee", "😀"}
	var docs []store.Document
	var want []string
	for i, sort := range sorts {
		id := fmt.Sprintf("a_%d_%s", len(sorts)-i, sort)
		docs = append(docs, doc(id, 1, sort, "имя=日本 $x.y"))
		want = append(want, id)
	}
	s.put(t, docs...)
	s.wantDocs(t, docs...)
	s.wantList(t, "имя=日本 $x.y", want...)
}

// What a store counts, if it is a store.Counter, is what it lists.
func testCount(t *testing.T, s suite) {
	s.put(t, doc("a_1", 1, "b", "x/", "y/"), doc("a_2", 1, "b", "x/"), doc("a_3", 1, "d", "x/"), doc("a_4", 1, "", "x/"), doc("a_5", 1, "€", "x/"))
	for _, test := range []struct {
		term, from, before string
		most, want         int
	}{
		{"x/", "", "", 10, 5},
		{"x/", "", "", 5, 5},
		{"x/", "", "", 4, 4},
		{"x/", "b", "", 10, 4},
		{"x/", "b", "d", 10, 2},
		{"x/", "b", "d", 1, 1},
		{"x/", "c", "c", 10, 0},
		{"x/", "", "b", 10, 1},
		{"y/", "", "", 10, 1},
		{"x", "", "", 10, 0},
	} {
		r := store.Range{Reader: s.b, From: test.from, Before: test.before}
		if n, err := r.Count(t.Context(), test.term, test.most); n != test.want || err != nil {
			t.Errorf("%+v: %d, %v", test, n, err)
		}
		r.Reader = struct{ store.Reader }{s.b} // which does not count
		if n, err := r.Count(t.Context(), test.term, test.most); n != test.want || err != nil {
			t.Errorf("read: %+v: %d, %v", test, n, err)
		}
	}
}
