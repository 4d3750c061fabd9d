package journal_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"procyon/access"
	"procyon/journal"
	"procyon/store"
	"procyon/store/sqlite"
	"procyon/store/storetest"
)

const mark = "meta_views"

// opened opens a SQLite file until the test ends.
func opened(t *testing.T, path string) journal.Store {
	t.Helper()
	s, err := sqlite.Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// crowd is a store with more open requests than are listed anew at once, as an
// older release may have listed them: under their status alone, in another order.
func crowd(t *testing.T, path string) (s journal.Store, ids []string) {
	t.Helper()
	s = opened(t, path)
	var head journal.Head
	var entries []journal.Entry
	var views []store.Document
	for i := range 450 {
		id := fmt.Sprintf("req_%03d", i)
		c := change(id, 1)
		after := fmt.Appendf(nil, `{"id":%q,"status":"PENDING","requester":{"id":"usr_%d"},"createdAt":"2026-11-20T10:00:00.%06dZ","decideBy":"2026-11-21T10:00:00Z"}`, id, i%7, i)
		e := journal.Entry{Seq: head.Seq + 1, At: c.At, Actor: c.Actor, Subject: id, Version: 1, Type: "CREATED", After: after}
		if err := e.Seal(head.Hash); err != nil {
			t.Fatal(err)
		}
		head = journal.Head{Seq: e.Seq, Hash: e.Hash, At: e.At}
		v, err := kinds.View(id, 1, after)
		if err != nil {
			t.Fatal(err)
		}
		v.Sort, v.Terms = fmt.Sprintf("%03d", (i*7)%450), v.Terms[:1]
		ids, entries, views = append(ids, id), append(entries, e), append(views, v)
	}
	if n, err := s.Append(t.Context(), entries, views); err != nil || n != len(entries) {
		t.Fatal(n, err)
	}
	return s, ids
}

// wrongly counts the documents that are listed otherwise than today's code does.
func wrongly(t *testing.T, s journal.Store, ids []string) int {
	t.Helper()
	docs, err := s.Get(t.Context(), ids...)
	if err != nil || len(docs) != len(ids) {
		t.Fatalf("%d documents of %d, %v", len(docs), len(ids), err)
	}
	n := 0
	for _, d := range docs {
		v, err := kinds.View(d.ID, d.Version, d.Data)
		if err != nil {
			t.Fatal(err)
		}
		if v.Sort != d.Sort || !slices.Equal(v.Terms, d.Terms) {
			n++
		}
	}
	return n
}

// marked returns the mark's format, as it is stored; "" where there is none.
func marked(t *testing.T, s journal.Store) string {
	t.Helper()
	docs, err := s.Get(t.Context(), mark)
	if err != nil {
		t.Fatal(err)
	}
	if len(docs) == 0 {
		return ""
	}
	return string(docs[0].Data)
}

func present() string { return fmt.Sprintf(`{"format":%d}`, access.ViewFormat) }

func setMark(t *testing.T, s journal.Store, data string) {
	t.Helper()
	if err := s.Put(t.Context(), store.Document{ID: mark, Version: 1, Data: []byte(data)}); err != nil {
		t.Fatal(err)
	}
}

// flaky is a store whose Reindex fails after a number of calls.
type flaky struct {
	journal.Store
	left int
}

var errPower = errors.New("the power is out")

func (f *flaky) Reindex(ctx context.Context, views []store.Document) error {
	if f.left == 0 {
		return errPower
	}
	f.left--
	return f.Store.Reindex(ctx, views)
}

func TestOpenAfterACrashListsTheRestAnew(t *testing.T) {
	for calls := range 3 {
		s, ids := crowd(t, filepath.Join(t.TempDir(), "p.db"))
		if _, err := journal.Open(t.Context(), &flaky{s, calls}, journal.Options{Kinds: kinds}); !errors.Is(err, errPower) {
			t.Fatalf("after %d calls: %v", calls, err)
		}
		// Some stand under their old place still, and the mark does not claim otherwise.
		if n := wrongly(t, s, ids); n == 0 || calls > 0 && n >= len(ids) || marked(t, s) != "" {
			t.Fatalf("after %d calls: %d listed wrongly, mark %q", calls, n, marked(t, s))
		}
		if _, err := journal.Open(t.Context(), s, journal.Options{Kinds: kinds}); err != nil {
			t.Fatal(err)
		}
		if n := wrongly(t, s, ids); n != 0 || marked(t, s) != present() {
			t.Errorf("after %d calls and again: %d listed wrongly, mark %q", calls, n, marked(t, s))
		}
		// A store with the mark is not listed anew.
		if _, err := journal.Open(t.Context(), &flaky{s, 0}, journal.Options{Kinds: kinds}); err != nil {
			t.Error(err)
		}
	}
}

func TestOpenListsTheFixtureAnew(t *testing.T) {
	f := storetest.LoadFixture(t)
	for _, old := range []string{"", `{"format":1}`} {
		s := opened(t, f.SQLite(t))
		if old != "" {
			setMark(t, s, old)
		}
		id := f.ID(t, "dev-pending")
		docs, err := s.Get(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		docs[0].Terms = docs[0].Terms[:1]
		if err := s.Reindex(t.Context(), docs); err != nil {
			t.Fatal(err)
		}
		if _, err := journal.Open(t.Context(), s, journal.Options{Kinds: kinds}); err != nil {
			t.Fatal(err)
		}
		if n := wrongly(t, s, []string{id}); n != 0 || marked(t, s) != present() {
			t.Errorf("mark %q: %d listed wrongly, then mark %q", old, n, marked(t, s))
		}
	}
}

// meeting is a store whose first Reindex waits for that of another process.
type meeting struct {
	journal.Store
	once sync.Once
	meet *sync.WaitGroup
}

func (m *meeting) Reindex(ctx context.Context, views []store.Document) error {
	m.once.Do(func() {
		m.meet.Done()
		m.meet.Wait()
	})
	return m.Store.Reindex(ctx, views)
}

// Two servers that start at once both list anew; neither is in the other's way.
func TestTwoOpensAtOnce(t *testing.T) {
	path := filepath.Join(t.TempDir(), "p.db")
	a, ids := crowd(t, path)
	b := opened(t, path)
	var meet, done sync.WaitGroup
	meet.Add(2)
	for _, s := range []journal.Store{a, b} {
		done.Go(func() {
			if _, err := journal.Open(t.Context(), &meeting{Store: s, meet: &meet}, journal.Options{Kinds: kinds}); err != nil {
				t.Error(err)
			}
		})
	}
	done.Wait()
	if n := wrongly(t, a, ids); n != 0 || marked(t, a) != present() {
		t.Errorf("%d listed wrongly, mark %q", n, marked(t, a))
	}
}

// A view that another server brings on while it is listed anew stays as that one
// listed it.
func TestOpenBesideAWriter(t *testing.T) {
	path := filepath.Join(t.TempDir(), "p.db")
	s, ids := crowd(t, path)
	other := opened(t, path)
	entered := &overtaken{Store: s, t: t, other: other}
	if _, err := journal.Open(t.Context(), entered, journal.Options{Kinds: kinds}); err != nil {
		t.Fatal(err)
	}
	docs, err := s.Get(t.Context(), ids[0])
	if err != nil || len(docs) != 1 || docs[0].Version != 2 || !strings.HasPrefix(docs[0].Terms[0], "req/APPROVED/") {
		t.Errorf("%+v, %v", docs, err)
	}
	if n := wrongly(t, s, ids); n != 0 {
		t.Errorf("%d listed wrongly", n)
	}
	for _, status := range []string{"PENDING", "APPROVED"} {
		docs, err := s.List(t.Context(), store.Query{Term: "req/" + status + "/by=/acc=/res=", Limit: 1000})
		if want := map[string]int{"PENDING": len(ids) - 1, "APPROVED": 1}[status]; err != nil || len(docs) != want {
			t.Errorf("%d are %s, want %d: %v", len(docs), status, want, err)
		}
	}
}

// overtaken is a store on which another server approves a request just before its
// view is listed anew.
type overtaken struct {
	journal.Store
	t     *testing.T
	other journal.Store
	once  sync.Once
}

func (o *overtaken) Reindex(ctx context.Context, views []store.Document) error {
	o.once.Do(func() {
		head, err := o.other.Head(ctx)
		if err != nil {
			o.t.Error(err)
			return
		}
		const id = "req_000"
		after := []byte(`{"id":"req_000","status":"APPROVED","requester":{"id":"usr_0"},"createdAt":"2026-11-20T10:00:00Z",
			"grant":{"startsAt":"2026-11-20T12:00:00Z","expiresAt":"2026-11-20T13:00:00Z"}}`)
		c := change(id, 2)
		e := journal.Entry{Seq: head.Seq + 1, At: c.At, Actor: c.Actor, Subject: id, Version: 2, Type: "APPROVED", After: after}
		if err := e.Seal(head.Hash); err != nil {
			o.t.Error(err)
		}
		v, err := kinds.View(id, 2, after)
		if err != nil {
			o.t.Error(err)
		}
		if _, err := o.other.Append(ctx, []journal.Entry{e}, []store.Document{v}); err != nil {
			o.t.Error(err)
		}
	})
	return o.Store.Reindex(ctx, views)
}

func TestANewStoreIsMarked(t *testing.T) {
	_, s := open(t, filepath.Join(t.TempDir(), "p.db"))
	if marked(t, s) != present() {
		t.Errorf("mark %q", marked(t, s))
	}
}

func TestRebuildMarksTheStore(t *testing.T) {
	for _, old := range []string{"", `{"format":1}`, present()} {
		s, ids := crowd(t, filepath.Join(t.TempDir(), "p.db"))
		if old != "" {
			setMark(t, s, old)
		}
		if n, err := journal.Rebuild(t.Context(), s, kinds); err != nil || n != uint64(len(ids)) {
			t.Fatal(n, err)
		}
		if n := wrongly(t, s, ids); n != 0 || marked(t, s) != present() {
			t.Errorf("mark %q: %d listed wrongly, then mark %q", old, n, marked(t, s))
		}
	}
}

// torn is a store whose Repair fails after a number of calls.
type torn struct {
	journal.Store
	left int
}

func (f *torn) Repair(ctx context.Context, views []store.Document) error {
	if f.left == 0 {
		return errPower
	}
	f.left--
	return f.Store.Repair(ctx, views)
}

// No server works with the views that a rebuild has left which was cut short.
func TestARebuildThatWasCutShort(t *testing.T) {
	for _, old := range []string{"", `{"format":1}`, present()} {
		s, ids := crowd(t, filepath.Join(t.TempDir(), "p.db"))
		if old != "" {
			setMark(t, s, old)
		}
		if _, err := journal.Rebuild(t.Context(), &torn{s, 0}, kinds); !errors.Is(err, errPower) {
			t.Fatal(err)
		}
		if _, err := journal.Open(t.Context(), s, journal.Options{Kinds: kinds}); err == nil || !strings.Contains(err.Error(), "procyon journal rebuild") {
			t.Errorf("mark %q: it is opened, %v", old, err)
		}
		if n, err := journal.Rebuild(t.Context(), s, kinds); err != nil || n != uint64(len(ids)) {
			t.Fatal(n, err)
		}
		if _, err := journal.Open(t.Context(), s, journal.Options{Kinds: kinds}); err != nil || wrongly(t, s, ids) != 0 || marked(t, s) != present() {
			t.Errorf("mark %q: %v, then mark %q", old, err, marked(t, s))
		}
	}
}

// A store whose views a newer release has listed, or whose mark is damaged, is
// refused and left as it is.
func TestAnotherMarkIsRefused(t *testing.T) {
	for data, want := range map[string]string{
		fmt.Sprintf(`{"format":%d}`, access.ViewFormat+1): "run the newer release",
		`"seven"`: mark,
	} {
		s, ids := crowd(t, filepath.Join(t.TempDir(), "p.db"))
		setMark(t, s, data)
		_, opened := journal.Open(t.Context(), s, journal.Options{Kinds: kinds})
		_, rebuilt := journal.Rebuild(t.Context(), s, kinds)
		for _, err := range []error{opened, rebuilt} {
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("mark %s: %v, want it to say %q", data, err, want)
			}
		}
		if n := wrongly(t, s, ids); n != len(ids) || marked(t, s) != data {
			t.Errorf("mark %s: %d listed as before, of %d; mark %s", data, n, len(ids), marked(t, s))
		}
	}
}

// What earlier releases listed otherwise is listed anew, once.
func TestOpenListsAnewWhatWasListedOtherwise(t *testing.T) {
	for format, was := range map[int]struct{ id, after, without, under string }{
		2: { // all extensions that wait were in one list alone
			"req_1", `{"id":"req_1","status":"ACTIVE","requester":{"id":"usr_1"},"items":[{"resourceId":"res_1","accountId":"acc_1"}],"createdAt":"2026-11-20T10:00:00Z","decideBy":"2026-11-21T10:00:00Z","extension":{}}`,
			"req/EXTENDING/", "req/extension",
		},
		4: {"acc_1", `{"id":"acc_1","name":"Production","provider":"AWS","externalId":"1"}`, "acc/provider=", "acc/"}, // accounts were not by their IDs
	} {
		s := opened(t, filepath.Join(t.TempDir(), "procyon.db"))
		c := change(was.id, 1)
		e := journal.Entry{Seq: 1, At: c.At, Actor: c.Actor, Subject: was.id, Version: 1, Type: "CREATED", After: []byte(was.after)}
		if err := e.Seal(journal.Head{}.Hash); err != nil {
			t.Fatal(err)
		}
		v, err := kinds.View(was.id, 1, e.After)
		if err != nil {
			t.Fatal(err)
		}
		v.Terms = slices.DeleteFunc(v.Terms, func(term string) bool { return term == was.under || strings.HasPrefix(term, was.without) })
		v.Terms = append(v.Terms, was.under)
		if n, err := s.Append(t.Context(), []journal.Entry{e}, []store.Document{v}); err != nil || n != 1 {
			t.Fatal(n, err)
		}
		setMark(t, s, fmt.Sprintf(`{"format":%d}`, format))
		if wrongly(t, s, []string{was.id}) != 1 {
			t.Fatalf("format %d: it is listed as today before it is opened", format)
		}
		if _, err := journal.Open(t.Context(), s, journal.Options{Kinds: kinds}); err != nil {
			t.Fatal(err)
		}
		if wrongly(t, s, []string{was.id}) != 0 || marked(t, s) != present() {
			t.Errorf("format %d: it is not listed anew; the mark is %s", format, marked(t, s))
		}
	}
}
