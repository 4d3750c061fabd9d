package storetest

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"procyon/access"
	"procyon/internal/subject"
	"procyon/journal"
	"procyon/store"
)

// RunFixture checks that today's code verifies, rebuilds, opens and continues the
// fixture. kind is "sqlite" or "ferretdb". open unpacks a copy of its own and opens
// it with the driver; it closes it with t.Cleanup.
func RunFixture(t *testing.T, kind string, open func(t *testing.T, f Fixture) journal.Store) {
	t.Helper()
	f := LoadFixture(t)
	for _, test := range []struct {
		name string
		run  func(t *testing.T, k kept)
	}{
		{"Verify", testFixtureVerify},
		{"Find", testFixtureFind},
		{"Rebuild", testFixtureRebuild},
		{"Relist", testFixtureRelist},
		{"Continue", testFixtureContinue},
		{"Formats", testFixtureFormats},
	} {
		t.Run(test.name, func(t *testing.T) {
			test.run(t, kept{Fixture: f, db: open(t, f), head: f.Heads[kind]})
		})
	}
}

// kept is what each test gets: a copy of the fixture in a store.
type kept struct {
	Fixture
	db   journal.Store
	head string
}

func testFixtureVerify(t *testing.T, k kept) {
	k.wantWhole(t)
	for name, want := range k.Statuses {
		r, err := access.Decode[access.Request](k.get(t, k.ID(t, name))[0])
		if err != nil || r.Status != want {
			t.Errorf("%s is %s, want %s: %v", name, r.Status, want, err)
		}
	}
}

// testFixtureFind checks that entries that were there before there was an index are found
// by all that they are.
func testFixtureFind(t *testing.T, k kept) {
	all, err := k.db.Entries(t.Context(), 0, 10_000)
	if err != nil || uint64(len(all)) != k.Seq {
		t.Fatalf("%d entries, %v", len(all), err)
	}
	suite{a: k.db, b: k.db}.wantFound(t, rand.New(rand.NewPCG(7, 8)), all, 1)
	if err := CheckIndex(t.Context(), k.db); err != nil {
		t.Error(err)
	}
	for name, want := range map[string]int{"ada": 1, "slackbot": 1, "gus": 1} {
		got, err := k.db.Find(t.Context(), journal.EntryQuery{Trait: journal.Trait{Actor: k.ID(t, name)}, Limit: 1})
		if err != nil || len(got) < want {
			t.Errorf("of %s: %d entries, %v", name, len(got), err)
		}
	}
}

// testFixtureRebuild checks that views made anew are those that were stored, and
// are listed where today's code lists them; whatever else is stored stays.
func testFixtureRebuild(t *testing.T, k kept) {
	views, others := k.views(t), k.others(t)
	n, err := journal.Rebuild(t.Context(), k.db, subject.Kinds())
	if err != nil || n != k.Seq {
		t.Fatalf("Rebuild: %d entries, %v, want %d", n, err, k.Seq)
	}
	k.wantWhole(t)
	k.wantViews(t, views)
	wantSame(t, k.others(t), others)
}

// testFixtureRelist takes the open requests off all lists but that of their status,
// as if the fixture's commit had listed them so: opening the journal lists them as
// today, once, and leaves whatever else is stored.
func testFixtureRelist(t *testing.T, k kept) {
	views, others := k.views(t), k.others(t)
	k.strip(t)
	k.with(t, func(context.Context, *journal.Journal) {})
	k.wantViews(t, views)
	wantSame(t, k.others(t), others)
	k.strip(t)
	stripped := k.views(t)
	k.with(t, func(context.Context, *journal.Journal) {})
	wantSame(t, k.views(t), stripped)
	if _, err := journal.Verify(t.Context(), k.db, journal.Proof{Kinds: subject.Kinds()}); err == nil || !strings.Contains(err.Error(), "it belongs under") {
		t.Errorf("views that are listed otherwise: %v", err)
	}
	if _, err := journal.Rebuild(t.Context(), k.db, subject.Kinds()); err != nil {
		t.Fatal(err)
	}
	k.wantViews(t, views)
	k.wantWhole(t)
}

// strip lists each open request under its first term alone.
func (k kept) strip(t *testing.T) {
	t.Helper()
	var docs []store.Document
	for name, status := range k.Statuses {
		if status == access.StatusPending || status == access.StatusApproved || status == access.StatusActive {
			d := k.get(t, k.ID(t, name))[0]
			d.Terms = d.Terms[:1]
			docs = append(docs, d)
		}
	}
	if err := k.db.Reindex(t.Context(), docs); err != nil {
		t.Fatal(err)
	}
	for _, d := range docs {
		sameDoc(t, k.get(t, d.ID)[0], d)
	}
}

// testFixtureContinue opens the journal twice, the second time after an entry was
// added: the state that a release leaves can be opened again.
func testFixtureContinue(t *testing.T, k kept) {
	views, others := k.views(t), k.others(t)
	k.with(t, func(ctx context.Context, j *journal.Journal) {
		if j.Head() != k.Seq {
			t.Errorf("the head is %d, want %d", j.Head(), k.Seq)
		}
		k.wantWhole(t)
		k.wantViews(t, views)
		wantSame(t, k.others(t), others)
		if err := commit(ctx, j, k.db, "acc_new"); err != nil {
			t.Fatal(err)
		}
	})
	k.with(t, func(ctx context.Context, j *journal.Journal) {
		if err := commit(ctx, j, k.db, k.ID(t, "production")); err != nil {
			t.Fatal(err)
		}
	})
	report, err := journal.Verify(t.Context(), k.db, journal.Proof{Kinds: subject.Kinds()})
	if err != nil || report.Entries != k.Seq+2 || report.Subjects != len(k.Versions)+1 {
		t.Errorf("after two more entries: %+v, %v", report, err)
	}
	wantSame(t, k.others(t), others)
}

// testFixtureFormats checks that entries of today's format stand behind the fixture's, and
// that both are read and found alike.
func testFixtureFormats(t *testing.T, k kept) {
	s := suite{a: k.db, b: k.db}
	head, err := k.db.Head(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	want, err := k.db.Entries(t.Context(), 0, 10_000)
	if err != nil {
		t.Fatal(err)
	}
	actors := []string{k.ID(t, "ada"), k.ID(t, "dev"), k.ID(t, "slackbot"), "usr_new"}
	for i := range 60 {
		e, v := change(t, head, fmt.Sprintf("req_new%d", i), 1)
		e.At = head.At.Add(time.Microsecond)
		e.Actor = access.Actor{Kind: access.ActorUser, ID: actors[i%4], Name: "Ada", ByID: []string{"", k.ID(t, "slackbot"), "svc_new"}[i%3]}
		e.Type = []string{"CREATED", "APPROVED"}[i%2]
		seal(t, &e, head)
		head = headOf(&e)
		s.append(t, []journal.Entry{e}, []store.Document{v})
		want = append(want, e)
	}
	got, err := k.db.Entries(t.Context(), 0, 10_000)
	if err != nil {
		t.Fatal(err)
	}
	sameEntries(t, got, want)
	var at journal.Head
	for i := range got {
		format := journal.WithAfter
		if uint64(i) >= k.Seq {
			format = journal.WithAfterSum
		}
		if got[i].Format != format {
			t.Errorf("entry %d has format %d, want %d", got[i].Seq, got[i].Format, format)
		}
		if err := got[i].Follows(at); err != nil {
			t.Error(err)
		}
		at = headOf(&got[i])
	}
	s.wantFound(t, rand.New(rand.NewPCG(9, 10)), want, 1)
	if err := CheckIndex(t.Context(), k.db); err != nil {
		t.Error(err)
	}
	if err := errors.Join(k.db.RebuildIndex(t.Context()), CheckIndex(t.Context(), k.db)); err != nil {
		t.Error(err)
	}
	s.wantFound(t, rand.New(rand.NewPCG(11, 12)), want, 1)
}

// with runs a journal on the store for as long as f takes.
func (k kept) with(t *testing.T, f func(ctx context.Context, j *journal.Journal)) {
	t.Helper()
	j, err := journal.Open(t.Context(), k.db, journal.Options{Kinds: subject.Kinds(), OnError: func(err error) { t.Error(err) }})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- j.Run(ctx) }()
	defer func() {
		stop()
		if err := <-ended; err != nil && !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
	}()
	f(ctx, j)
}

func (k kept) wantWhole(t *testing.T) {
	t.Helper()
	report, err := journal.Verify(t.Context(), k.db, journal.Proof{Kinds: subject.Kinds()})
	if err != nil {
		t.Fatal(err)
	}
	if report.Entries != k.Seq || report.Head.Hash.String() != k.head || report.Subjects != len(k.Versions) {
		t.Errorf("%d entries of %d subjects with the head %s; want %d, %d and %s",
			report.Entries, report.Subjects, report.Head.Hash, k.Seq, len(k.Versions), k.head)
	}
}

// views are those of all subjects, by their IDs.
func (k kept) views(t *testing.T) []store.Document {
	t.Helper()
	var ids []string
	for id := range k.Versions {
		ids = append(ids, id)
	}
	docs := k.get(t, ids...)
	for _, d := range docs {
		if d.Version != k.Versions[d.ID] {
			t.Errorf("%s has version %d, want %d", d.ID, d.Version, k.Versions[d.ID])
		}
	}
	return docs
}

func (k kept) get(t *testing.T, ids ...string) []store.Document {
	t.Helper()
	docs, err := k.db.Get(t.Context(), ids...)
	if err != nil || len(docs) != len(ids) {
		t.Fatalf("Get of %d documents: %d, %v", len(ids), len(docs), err)
	}
	slices.SortFunc(docs, func(a, b store.Document) int { return strings.Compare(a.ID, b.ID) })
	return docs
}

// wantViews checks that the views hold what they held, and are listed as today's
// code lists them.
func (k kept) wantViews(t *testing.T, held []store.Document) {
	t.Helper()
	want := make([]store.Document, len(held))
	for i, d := range held {
		var err error
		if want[i], err = subject.Kinds().View(d.ID, d.Version, d.Data); err != nil {
			t.Fatal(err)
		}
	}
	wantSame(t, k.views(t), want)
}

// others are the documents that are no views, as far as they are listed.
func (k kept) others(t *testing.T) []store.Document {
	t.Helper()
	var out []store.Document
	for _, term := range []string{
		"con/", "dlv/status=PENDING", "dlv/status=DELIVERED", "dlv/status=DEAD", "rec/" + k.ID(t, "slackbot"), "auth/expiry",
	} {
		docs, err := k.db.List(t.Context(), store.Query{Term: term, Limit: 1000})
		if err != nil || len(docs) == 0 {
			t.Fatalf("List %q: %d documents, %v", term, len(docs), err)
		}
		out = append(out, docs...)
	}
	return out
}

func wantSame(t *testing.T, got, want []store.Document) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%d documents, want %d", len(got), len(want))
	}
	for i := range got {
		sameDoc(t, got[i], want[i])
	}
}
