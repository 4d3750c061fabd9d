package storetest

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"procyon/access"
	"procyon/journal"
	"procyon/store"
)

// start is when the first entry of each journal is made.
func start() time.Time { return time.Date(2026, 3, 1, 9, 0, 0, 123456000, time.UTC) }

// change makes the entry after head that brings subject to version, and its view.
func change(t testing.TB, head journal.Head, subject string, version uint64, terms ...string) (journal.Entry, store.Document) {
	t.Helper()
	e := journal.Entry{
		Seq:     head.Seq + 1,
		At:      start().Add(time.Duration(head.Seq) * time.Microsecond),
		Actor:   access.Actor{Kind: access.ActorUser, ID: "usr_1", Name: "Zoë", Email: "zoe@example.com", Via: "console", ByID: "svc_1", ByName: "bot"},
		Subject: subject,
		Version: version,
		Type:    "THING_CHANGED",
		Data:    fmt.Appendf(nil, `{"n":%d}`, version),
		After:   fmt.Appendf(nil, `{"subject":%q,"version":%d}`, subject, version),
	}
	seal(t, &e, head)
	if terms == nil {
		terms = []string{"thing/"}
	}
	return e, store.Document{ID: subject, Version: version, Sort: fmt.Sprintf("%020d", e.Seq), Terms: terms, Data: e.After}
}

func seal(t testing.TB, e *journal.Entry, head journal.Head) {
	t.Helper()
	if err := e.Seal(head.Hash); err != nil {
		t.Fatal(err)
	}
}

func headOf(e *journal.Entry) journal.Head { return journal.Head{Seq: e.Seq, Hash: e.Hash, At: e.At} }

// batch makes changes that bring each of subjects, in order, to its next version.
func batch(t testing.TB, head journal.Head, subjects ...string) ([]journal.Entry, []store.Document) {
	t.Helper()
	versions := map[string]uint64{}
	var entries []journal.Entry
	var views []store.Document
	for _, s := range subjects {
		versions[s]++
		e, v := change(t, head, s, versions[s])
		head = headOf(&e)
		entries, views = append(entries, e), append(views, v)
	}
	return entries, views
}

// fill appends a first batch to an empty store and returns it.
func (s suite) fill(t *testing.T, subjects ...string) ([]journal.Entry, []store.Document) {
	t.Helper()
	entries, views := batch(t, journal.Head{}, subjects...)
	s.append(t, entries, views)
	return entries, views
}

// append appends through the first handle what must succeed.
func (s suite) append(t *testing.T, entries []journal.Entry, views []store.Document) {
	t.Helper()
	n, err := s.a.Append(t.Context(), entries, views)
	if err != nil || n != len(entries) {
		t.Fatalf("Append of %d entries: %d, %v", len(entries), n, err)
	}
}

func (s suite) put(t *testing.T, docs ...store.Document) {
	t.Helper()
	if err := s.a.Put(t.Context(), docs...); err != nil {
		t.Fatalf("Put: %v", err)
	}
}

// conflict puts what must be refused.
func (s suite) conflict(t *testing.T, docs ...store.Document) {
	t.Helper()
	if err := s.b.Put(t.Context(), docs...); !errors.Is(err, store.ErrVersion) {
		t.Fatalf("Put of %s version %d: %v, want ErrVersion", docs[0].ID, docs[0].Version, err)
	}
}

// doc makes an operational document.
func doc(id string, version uint64, sort string, terms ...string) store.Document {
	return store.Document{ID: id, Version: version, Sort: sort, Terms: terms, Data: fmt.Appendf(nil, `{"id":%q,"version":%d}`, id, version)}
}

// wantDocs checks through the other handle what documents are stored.
func (s suite) wantDocs(t *testing.T, want ...store.Document) {
	t.Helper()
	for _, w := range want {
		got, err := s.b.Get(t.Context(), w.ID)
		if err != nil || len(got) != 1 {
			t.Fatalf("Get %s: %d documents, %v", w.ID, len(got), err)
		}
		sameDoc(t, got[0], w)
	}
}

func (s suite) wantAbsent(t *testing.T, ids ...string) {
	t.Helper()
	got, err := s.b.Get(t.Context(), ids...)
	if err != nil || len(got) != 0 {
		t.Fatalf("Get %q: %d documents, %v, want none", ids, len(got), err)
	}
}

func sameDoc(t *testing.T, got, want store.Document) {
	t.Helper()
	if got.ID != want.ID || got.Version != want.Version || got.Sort != want.Sort ||
		!slices.Equal(got.Terms, want.Terms) || !bytes.Equal(got.Data, want.Data) {
		t.Errorf("got the document\n%+v, want\n%+v", got, want)
	}
}

func sameEntries(t *testing.T, got, want []journal.Entry) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("got %d entries, want %d", len(got), len(want))
	}
	for i := range got {
		sameEntry(t, &got[i], &want[i])
	}
}

func sameEntry(t *testing.T, got, want *journal.Entry) {
	t.Helper()
	g, w := *got, *want
	if !bytes.Equal(g.Data, w.Data) || !bytes.Equal(g.After, w.After) {
		t.Errorf("entry %d has data %q and after %q, want %q and %q", w.Seq, g.Data, g.After, w.Data, w.After)
	}
	if !g.At.Equal(w.At) || g.At.Location() != time.UTC {
		t.Errorf("entry %d is at %v, want %v", w.Seq, g.At, w.At)
	}
	if g.Format != w.Format || !bytes.Equal(g.ActorJSON, w.ActorJSON) {
		t.Errorf("entry %d has format %d and actor %q, want %d and %q", w.Seq, g.Format, g.ActorJSON, w.Format, w.ActorJSON)
	}
	gotActor, wantActor := fmt.Sprintf("%+v", g.Actor), fmt.Sprintf("%+v", w.Actor)
	if g.Seq != w.Seq || gotActor != wantActor || g.Subject != w.Subject || g.Version != w.Version ||
		g.Type != w.Type || g.Prev != w.Prev || g.Hash != w.Hash {
		t.Errorf("got the entry\n%+v, want\n%+v", g, w)
	}
}

// wantHead checks through both handles that entry is the last.
func (s suite) wantHead(t *testing.T, last *journal.Entry) {
	t.Helper()
	for _, db := range []journal.Store{s.a, s.b} {
		got, err := db.Head(t.Context())
		if err != nil {
			t.Fatalf("Head: %v", err)
		}
		if got.Seq != last.Seq || got.Hash != last.Hash || !got.At.Equal(last.At) {
			t.Fatalf("the head is %+v, want %+v", got, headOf(last))
		}
	}
}

// list returns the IDs under a term, read in pages of the given size.
func (s suite) list(t *testing.T, term string, desc bool, page int) []string {
	t.Helper()
	var ids []string
	q := store.Query{Term: term, Desc: desc, Limit: page}
	for range 1000 {
		docs, err := s.b.List(t.Context(), q)
		if err != nil {
			t.Fatalf("List %q: %v", term, err)
		}
		for _, d := range docs {
			ids = append(ids, d.ID)
			q.After = &store.Position{Sort: d.Sort, ID: d.ID}
		}
		if len(docs) > page {
			t.Fatalf("List %q: %d documents, the limit is %d", term, len(docs), page)
		}
		if len(docs) < page {
			return ids
		}
	}
	t.Fatalf("List %q does not end", term)
	return nil
}

// wantList checks what is under a term, in both directions and in pages of several sizes.
func (s suite) wantList(t *testing.T, term string, want ...string) {
	t.Helper()
	reversed := slices.Clone(want)
	slices.Reverse(reversed)
	for _, page := range []int{1, 2, 3, 1000} {
		if got := s.list(t, term, false, page); !slices.Equal(got, want) {
			t.Fatalf("under %q by %d: %q, want %q", term, page, got, want)
		}
		if got := s.list(t, term, true, page); !slices.Equal(got, reversed) {
			t.Fatalf("under %q by %d, descending: %q, want %q", term, page, got, reversed)
		}
	}
}
