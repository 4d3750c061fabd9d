package storetest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"procyon/access"
	"procyon/journal"
	"procyon/store"
)

func testEmpty(t *testing.T, s suite) {
	head, err := s.a.Head(t.Context())
	if err != nil || head != (journal.Head{}) {
		t.Errorf("Head of an empty store: %+v, %v", head, err)
	}
	if got, err := s.a.Entries(t.Context(), 0, 10); err != nil || len(got) != 0 {
		t.Errorf("Entries of an empty store: %d, %v", len(got), err)
	}
	if got, err := s.a.Subject(t.Context(), "req_1", 0, 10); err != nil || len(got) != 0 {
		t.Errorf("Subject of an empty store: %d, %v", len(got), err)
	}
	s.wantAbsent(t, "req_1", "req_2")
	s.wantList(t, "thing/")
}

func testAppendRoundTrip(t *testing.T, s suite) {
	every := make([]byte, 256)
	for i := range every {
		every[i] = byte(i)
	}
	var head journal.Head
	var entries []journal.Entry
	var views []store.Document
	for i, edit := range []func(*journal.Entry){
		func(*journal.Entry) {},
		func(e *journal.Entry) { e.Data, e.After = every, make([]byte, 3) },
		func(e *journal.Entry) { e.Data, e.After = nil, []byte{} },
		func(e *journal.Entry) { e.Data = []byte("{\"b\":1,  \"a\":1.0}\n") }, // JSON, but not in a canonical form
		func(e *journal.Entry) { e.Actor = access.Actor{Kind: access.ActorSystem, ID: "system"} },
		func(e *journal.Entry) {
			e.Actor = access.Actor{Kind: access.ActorUser, ID: "usr_ü", Name: "名前 \"quoted\" <&>\u2028\x00"}
		},
		func(e *journal.Entry) { e.Subject, e.Type = "req_日本語 $.{}", "ÄÖÜ" },
		func(e *journal.Entry) { e.Version = 1 << 52 },
		func(e *journal.Entry) { e.At = time.Date(2099, 12, 31, 23, 59, 59, 999999000, time.UTC) },
	} {
		e, v := change(t, head, fmt.Sprintf("req_%d", i), 1)
		edit(&e)
		v.ID, v.Version, v.Data = e.Subject, e.Version, e.After
		seal(t, &e, head)
		head = headOf(&e)
		entries, views = append(entries, e), append(views, v)
	}
	s.append(t, entries, views)
	got, err := s.b.Entries(t.Context(), 0, 100)
	if err != nil {
		t.Fatal(err)
	}
	sameEntries(t, got, entries)
	s.wantHead(t, &entries[len(entries)-1])
	s.wantDocs(t, views...)
	var at journal.Head
	for i := range got {
		if err := got[i].Follows(at); err != nil {
			t.Error(err)
		}
		at = headOf(&got[i])
	}
}

func testAppendNothing(t *testing.T, s suite) {
	if n, err := s.a.Append(t.Context(), nil, nil); n != 0 || err != nil {
		t.Errorf("Append of nothing: %d, %v", n, err)
	}
	if err := errors.Join(s.a.Put(t.Context()), s.a.Delete(t.Context()), s.a.Repair(t.Context(), nil), s.a.Reindex(t.Context(), nil)); err != nil {
		t.Error(err)
	}
	if docs, err := s.a.Get(t.Context()); len(docs) != 0 || err != nil {
		t.Errorf("Get of nothing: %d, %v", len(docs), err)
	}
}

// New entries are of the newest format, whoever made them.
func testAppendOlderFormat(t *testing.T, s suite) {
	old, _ := s.fill(t, "req_1")
	entries, views := batch(t, headOf(&old[0]), "req_2")
	for _, format := range []journal.Format{0, journal.WithAfter, journal.WithAfterSum + 1} {
		entries[0].Format = format
		if n, err := s.a.Append(t.Context(), entries, views); n != 0 || err == nil {
			t.Errorf("Append of format %d: %d, %v", format, n, err)
		}
	}
	s.wantHead(t, &old[0])
	s.wantAbsent(t, "req_2")
}

func testEntriesPages(t *testing.T, s suite) {
	var subjects []string
	for i := range 23 {
		subjects = append(subjects, fmt.Sprintf("req_%d", i))
	}
	entries, _ := s.fill(t, subjects...)
	for _, limit := range []int{1, 7, 23, 1000} {
		for after := range uint64(25) {
			got, err := s.b.Entries(t.Context(), after, limit)
			if err != nil {
				t.Fatal(err)
			}
			from := min(int(after), len(entries))
			sameEntries(t, got, entries[from:min(from+limit, len(entries))])
		}
	}
	if got, err := s.b.Entries(t.Context(), 1<<63, 10); err != nil || len(got) != 0 {
		t.Errorf("Entries after a far position: %d, %v", len(got), err)
	}
}

func testSubjectPages(t *testing.T, s suite) {
	entries, _ := s.fill(t, "req_1", "req_2", "req_1", "req_10", "req_1", "req_2")
	ones := []journal.Entry{entries[0], entries[2], entries[4]}
	for after := range uint64(5) {
		for _, limit := range []int{1, 2, 10} {
			got, err := s.b.Subject(t.Context(), "req_1", after, limit)
			if err != nil {
				t.Fatal(err)
			}
			from := min(int(after), len(ones))
			sameEntries(t, got, ones[from:min(from+limit, len(ones))])
		}
	}
}

func testAppendViews(t *testing.T, s suite) {
	_, views := s.fill(t, "req_1", "req_2", "req_3")
	s.wantDocs(t, views...)
	s.wantList(t, "thing/", "req_1", "req_2", "req_3")
}

func testAppendOneSubjectTwice(t *testing.T, s suite) {
	entries, views := s.fill(t, "req_1", "req_2", "req_1", "req_1")
	s.wantDocs(t, views[1], views[3])
	s.wantList(t, "thing/", "req_2", "req_1")
	s.wantHead(t, &entries[3])
	e, v := change(t, headOf(&entries[3]), "req_1", 4, "other/")
	s.append(t, []journal.Entry{e}, []store.Document{v})
	s.wantDocs(t, v)
	s.wantList(t, "thing/", "req_2")
	s.wantList(t, "other/", "req_1")
}

func testAppendLeavesNewerViews(t *testing.T, s suite) {
	newer := doc("req_1", 7, "z", "later/")
	if err := s.b.Repair(t.Context(), []store.Document{newer}); err != nil {
		t.Fatal(err)
	}
	s.fill(t, "req_1", "req_2")
	s.wantDocs(t, newer)
	s.wantList(t, "later/", "req_1")
	s.wantList(t, "thing/", "req_2")
}

func testAppendBehind(t *testing.T, s suite) {
	entries, views := s.fill(t, "req_1", "req_2")
	late, lateViews := batch(t, journal.Head{}, "req_3", "req_4")
	n, err := s.b.Append(t.Context(), late, lateViews)
	if n != 0 || !errors.Is(err, journal.ErrBehind) {
		t.Errorf("Append behind the head: %d, %v, want ErrBehind", n, err)
	}
	// Where both keys are taken, being behind comes first: who reads on decides anew.
	n, err = s.b.Append(t.Context(), entries, views)
	if n != 0 || !errors.Is(err, journal.ErrBehind) {
		t.Errorf("Append of the same again: %d, %v, want ErrBehind", n, err)
	}
	s.wantHead(t, &entries[1])
	s.wantAbsent(t, "req_3", "req_4")
	s.wantDocs(t, views...)
}

func testAppendStale(t *testing.T, s suite) {
	old, oldViews := s.fill(t, "req_1")
	entries, views := batch(t, headOf(&old[0]), "req_2", "req_3", "req_1", "req_4")
	n, err := s.b.Append(t.Context(), entries, views)
	var taken *journal.TakenError
	if !errors.As(err, &taken) || *taken != (journal.TakenError{Index: 2, Subject: "req_1", Version: 1}) {
		t.Fatalf("Append of a taken version: %v, want a TakenError for index 2", err)
	}
	s.wantPrefix(t, old, entries, views, n, 2)
	s.wantAbsent(t, "req_4")
	s.wantDocs(t, oldViews...)
}

func testAppendStaleInBatch(t *testing.T, s suite) {
	old, _ := s.fill(t, "req_0")
	entries, views := batch(t, headOf(&old[0]), "req_1", "req_2")
	e, v := change(t, headOf(&entries[1]), "req_1", 1)
	entries, views = append(entries, e), append(views, v)
	n, err := s.a.Append(t.Context(), entries, views)
	var taken *journal.TakenError
	if !errors.As(err, &taken) || taken.Index != 2 {
		t.Fatalf("Append of one version twice: %v, want a TakenError for index 2", err)
	}
	s.wantPrefix(t, old, entries, views, n, 2)
}

// wantPrefix checks that n of entries were committed after old, with their
// views, and no more: all that come before the bad one, or none.
func (s suite) wantPrefix(t *testing.T, old, entries []journal.Entry, views []store.Document, n, bad int) {
	t.Helper()
	if want := bad; n != 0 && (s.options.Transactions || n != want) {
		t.Fatalf("%d entries are said to be committed, want %d or none", n, want)
	}
	all := append(old[:len(old):len(old)], entries[:n]...)
	got, err := s.a.Entries(t.Context(), 0, 100)
	if err != nil {
		t.Fatal(err)
	}
	sameEntries(t, got, all)
	s.wantHead(t, &all[len(all)-1])
	s.wantDocs(t, views[:n]...)
}

func testAppendLarge(t *testing.T, s suite) {
	var head journal.Head
	var entries []journal.Entry
	var views []store.Document
	for i := range 300 {
		e, v := change(t, head, fmt.Sprintf("req_%d", i), 1)
		if i%100 == 0 {
			e.Data = bytes.Repeat([]byte("0123456789abcdef"), 1<<16)
			seal(t, &e, head)
		}
		head = headOf(&e)
		entries, views = append(entries, e), append(views, v)
	}
	s.append(t, entries, views)
	got, err := s.b.Entries(t.Context(), 0, 1000)
	if err != nil {
		t.Fatal(err)
	}
	sameEntries(t, got, entries)
	if n := len(s.list(t, "thing/", false, 100)); n != 300 {
		t.Errorf("%d views are listed, want 300", n)
	}
}

// As many subjects as wait for a write together are changed by one Append.
func testAppendManyChanges(t *testing.T, s suite) {
	var head journal.Head
	for version := uint64(1); version <= 2; version++ {
		var entries []journal.Entry
		var views []store.Document
		for i := range 256 {
			e, v := change(t, head, fmt.Sprintf("req_%d", i), version)
			head = headOf(&e)
			entries, views = append(entries, e), append(views, v)
		}
		s.append(t, entries, views)
	}
	docs, err := s.b.Get(t.Context(), "req_0", "req_100", "req_255")
	if err != nil || len(docs) != 3 {
		t.Fatal(len(docs), err)
	}
	for _, d := range docs {
		if d.Version != 2 {
			t.Errorf("the view of %s is of version %d", d.ID, d.Version)
		}
	}
}

func testAppendCanceled(t *testing.T, s suite) {
	old, _ := s.fill(t, "req_0")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	entries, views := batch(t, headOf(&old[0]), "req_1")
	if n, err := s.a.Append(ctx, entries, views); err == nil || n != 0 {
		t.Errorf("Append with a canceled context: %d, %v", n, err)
	}
	if err := s.a.Put(ctx, doc("ses_1", 1, "a", "ses/")); err == nil {
		t.Error("Put with a canceled context succeeded")
	}
	s.wantHead(t, &old[0])
	s.wantAbsent(t, "req_1", "ses_1")
	s.append(t, entries, views)
}

// A store that has not what a batch was chained to takes nothing of it, and says so: as
// after a backup was restored under a writer.
func testAppendToAnother(t *testing.T, s suite) {
	entries, _ := s.fill(t, "req_1", "req_2", "req_3")
	last := headOf(&entries[2])
	if err := errors.Join(s.b.Holds(t.Context(), journal.Head{}), s.b.Holds(t.Context(), headOf(&entries[0])), s.b.Holds(t.Context(), last)); err != nil {
		t.Errorf("Holds of what is there: %v", err)
	}
	missing, other := last, last
	missing.Seq += 2
	other.Hash[0]++
	for name, head := range map[string]journal.Head{"missing": missing, "another one": other} {
		if err := s.b.Holds(t.Context(), head); !errors.Is(err, journal.ErrReplaced) {
			t.Errorf("Holds of what is %s: %v", name, err)
		}
		more, views := batch(t, head, "req_4", "req_5")
		if n, err := s.a.Append(t.Context(), more, views); n != 0 || !errors.Is(err, journal.ErrReplaced) {
			t.Errorf("Append behind an entry that is %s: %d, %v", name, n, err)
		}
		s.wantHead(t, &entries[2])
		s.wantAbsent(t, "req_4", "req_5")
	}
}
