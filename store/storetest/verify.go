package storetest

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"procyon/access"
	"procyon/internal/subject"
	"procyon/journal"
	"procyon/store"
)

// gateways fills the store with gateways, each of three versions.
func (s suite) gateways(t *testing.T, n int) {
	t.Helper()
	var head journal.Head
	var entries []journal.Entry
	var views []store.Document
	for version := range uint64(3) {
		for i := range n {
			id := fmt.Sprintf("gw_%03d", i)
			state := fmt.Appendf(nil, `{"id":%q,"name":"gateway %d, %d","createdAt":"2026-11-23T10:00:00Z"}`, id, i, version)
			e := journal.Entry{
				Seq: head.Seq + 1, At: start(), Actor: access.Actor{Kind: access.ActorSystem, ID: "system"},
				Subject: id, Version: version + 1, Type: "UPDATED", Data: state, After: state,
			}
			seal(t, &e, head)
			head = headOf(&e)
			v, err := subject.Kinds().View(id, version+1, state)
			if err != nil {
				t.Fatal(err)
			}
			entries, views = append(entries, e), append(views, v)
		}
	}
	s.append(t, entries, views)
	// What is no view is none of it.
	s.put(t, doc("ses_1", 1, "a", "sessions/"), doc("gwx_1", 1, "a", "others/"))
	s.mark(t)
}

// mark says that the views are listed as this release does.
func (s suite) mark(t *testing.T) {
	t.Helper()
	j, err := journal.Open(t.Context(), s.a, journal.Options{Kinds: subject.Kinds()})
	if err != nil || j.Head() == 0 {
		t.Fatal(err)
	}
}

// Every way in which a view can be wrong is found, and a rebuild mends it.
func testVerifyViews(t *testing.T, s suite) {
	const n = 7
	s.gateways(t, n)
	s.wantVerified(t, 3*n)
	view := func() store.Document { return s.get(t, "gw_003") }
	repair := func(d store.Document) {
		if err := s.a.Delete(t.Context(), d.ID); err != nil {
			t.Fatal(err)
		}
		if err := s.a.Repair(t.Context(), []store.Document{d}); err != nil {
			t.Fatal(err)
		}
	}
	for _, fault := range []struct {
		name  string
		plant func()
		want  string
	}{
		{"missing", func() { _ = s.a.Delete(t.Context(), "gw_003") }, "view of gw_003 (entry 18) is missing"},
		{"altered", func() {
			d := view()
			d.Data = []byte(strings.Replace(string(d.Data), "gateway", "Gateway", 1))
			repair(d)
		}, "view of gw_003 is not what entry 18 says"},
		{"old", func() {
			d := view()
			d.Version--
			repair(d)
		}, "gw_003 is not what entry 11 says"},
		{"left behind", func() {
			entries, err := s.a.Subject(t.Context(), "gw_003", 1, 1)
			if err != nil {
				t.Fatal(err)
			}
			d, err := subject.Kinds().View("gw_003", 2, entries[0].After)
			if err != nil {
				t.Fatal(err)
			}
			repair(d)
		}, "the view is out of date"},
		{"ahead", func() {
			d := view()
			d.Version++
			repair(d)
		}, "version 4, its last entry (18) version 3: entries were removed"},
		{"a stranger of a kind", func() {
			s.put(t, store.Document{ID: "usr_forged", Version: 1, Sort: "a", Terms: []string{"usr/"}, Data: []byte(`{"id":"usr_forged","role":"ADMIN"}`)})
		}, "usr_forged is a view of version 1, and no entry says how it came"},
		{"a stranger between others", func() {
			d := view()
			d.ID, d.Version = "gw_0035", 1
			s.put(t, d)
		}, "gw_0035 is a view"},
		{"another place", func() { s.reindex(t, view(), func(d *store.Document) { d.Sort = "zzz" }) }, `stands at "zzz"`},
		{"a list less", func() { s.reindex(t, view(), func(d *store.Document) { d.Terms = nil }) }, "is listed under []"},
		{"a list more", func() { s.reindex(t, view(), func(d *store.Document) { d.Terms = append(d.Terms, "usr/ADMIN") }) }, "usr/ADMIN"},
	} {
		fault.plant()
		_, err := journal.Verify(t.Context(), s.b, journal.Proof{Kinds: subject.Kinds()})
		if err == nil || !strings.Contains(err.Error(), fault.want) {
			t.Errorf("%s: %v", fault.name, err)
		}
		if entries, err := journal.Rebuild(t.Context(), s.b, subject.Kinds()); err != nil || entries != 3*n {
			t.Fatalf("%s: rebuild: %d, %v", fault.name, entries, err)
		}
		s.wantVerified(t, 3*n)
		s.wantList(t, "sessions/", "ses_1")
		s.wantList(t, "others/", "gwx_1")
	}
}

func (s suite) get(t *testing.T, id string) store.Document {
	t.Helper()
	docs, err := s.a.Get(t.Context(), id)
	if err != nil || len(docs) != 1 {
		t.Fatal(docs, err)
	}
	return docs[0]
}

// reindex lists a document otherwise.
func (s suite) reindex(t *testing.T, d store.Document, change func(*store.Document)) {
	t.Helper()
	change(&d)
	if err := s.a.Reindex(t.Context(), []store.Document{d}); err != nil {
		t.Fatal(err)
	}
}

// While servers write, nothing is called wrong.
func testVerifyBeside(t *testing.T, s suite) {
	if !s.options.CompareAndSetRaces {
		t.Skip("two writers of one subject can both win here")
	}
	j, err := journal.Open(t.Context(), s.a, journal.Options{Kinds: subject.Kinds(), OnError: func(err error) { t.Error(err) }})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 3)
	go func() { ended <- j.Run(ctx) }()
	const each = 100 // changes between two looks, so that no store has too many
	over, halt := context.WithCancel(t.Context())
	allowed := make(chan struct{}, each)
	for w := range 2 {
		go func() {
			for i := 0; ; i++ {
				select {
				case <-allowed:
				case <-over.Done():
					ended <- nil
					return
				}
				if err := commit(t.Context(), j, s.a, fmt.Sprintf("acc_%d", (i+w)%40)); err != nil {
					ended <- err
					return
				}
			}
		}()
	}
	var last uint64
	for range 25 {
		for range each {
			select {
			case allowed <- struct{}{}:
			default: // they have enough
			}
		}
		r, err := journal.Verify(t.Context(), s.b, journal.Proof{Kinds: subject.Kinds()})
		if err != nil {
			t.Error(err)
			break
		}
		if r.Head.Seq < last || r.Entries != r.Head.Seq {
			t.Errorf("%d entries up to %d, after %d", r.Entries, r.Head.Seq, last)
		}
		last = r.Head.Seq
	}
	halt()
	for range 2 {
		if err := <-ended; err != nil {
			t.Error(err)
		}
	}
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}
