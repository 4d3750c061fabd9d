package index_test

import (
	"bytes"
	"context"
	"errors"
	"maps"
	"path/filepath"
	"testing"

	"procyon/access"
	"procyon/index"
	"procyon/journal"
	"procyon/store"
)

// ask makes a request of somebody and lets it end.
func (s *server) ask(t *testing.T, by, admin access.Actor, resource string, end bool) {
	t.Helper()
	r, err := s.CreateRequest(t.Context(), by, access.NewRequest{Items: []access.ItemRef{{ResourceID: resource}}, Duration: 3600, Reason: "x", AllowDuplicate: true})
	must(t, err)
	if !end {
		return
	}
	review := access.ReviewRequest{Basis: access.Basis{ExpectedVersion: 1}, Subject: access.SubjectRequest, Decision: access.DecisionDeny, Comment: "no"}
	_, err = s.ReviewRequest(t.Context(), admin, r.ID, review)
	must(t, err)
}

// counts are how many requests there are by status, and in all.
func (s *server) counts(t *testing.T, statuses ...access.Status) (int, bool) {
	t.Helper()
	n, ok, err := s.RequestCount(t.Context(), admin, access.RequestFilter{Statuses: statuses})
	must(t, err)
	return n, ok
}

func TestRequestsAreCounted(t *testing.T) {
	path := filepath.Join(t.TempDir(), "procyon.db")
	a, _ := open(t, path)
	b, stop := open(t, path)
	u, err := a.CreateUser(t.Context(), admin, access.NewUser{Name: "Dev", Email: "dev@example.com"})
	must(t, err)
	dev := access.ActorOf(u)
	u, err = a.CreateUser(t.Context(), admin, access.NewUser{Name: "Ada", Email: "ada@example.com", Admin: true})
	must(t, err)
	admin := access.ActorOf(u)
	g, err := a.CreateGateway(t.Context(), admin, access.NewGateway{Name: "edge"})
	must(t, err)
	db, err := a.CreateResource(t.Context(), admin, access.NewResource{Name: "db", Kind: access.ResourcePrivateServer, GatewayID: g.ID})
	must(t, err)
	for i := range 7 {
		a.ask(t, dev, admin, db.ID, i < 4)
		b.ask(t, dev, admin, db.ID, i < 2)
	}
	check := func(s *server, pending, denied int) {
		t.Helper()
		for want, statuses := range map[int][]access.Status{
			pending: {access.StatusPending}, denied: {access.StatusDenied}, pending + denied: nil, 0: {access.StatusExpired, access.StatusActive},
		} {
			if n, ok := s.counts(t, statuses...); !ok || n != want {
				t.Errorf("%v: %d, %t; want %d", statuses, n, ok, want)
			}
		}
	}
	check(a, 8, 6)
	check(b, 8, 6)
	// Who sees their own alone is told nothing of how many there are, nor who narrows more.
	for by, f := range map[*access.Actor]access.RequestFilter{&dev: {}, &admin: {Search: "x"}} {
		if n, ok, err := a.RequestCount(t.Context(), *by, f); ok || n != 0 || err != nil {
			t.Errorf("%s: %d, %t, %v", by.Name, n, ok, err)
		}
	}
	must(t, b.ended.Keep(t.Context()))
	stop()
	a.ask(t, dev, admin, db.ID, true)
	c, _ := open(t, path)
	check(c, 8, 7)

	// What is kept of another journal is not believed: a restored backup, say.
	docs, err := c.store.Get(t.Context(), "meta_ended")
	must(t, err)
	docs[0].Version++
	docs[0].Data = []byte(`{"at":{"Seq":3,"Mark":"aaaaaaaa"},"n":{"DENIED":1000}}`)
	must(t, c.store.Put(t.Context(), docs...))
	d, _ := open(t, path)
	check(d, 8, 7)
	must(t, d.ended.Keep(t.Context()))
	e, _ := open(t, path)
	check(e, 8, 7)

	// What is forgotten is counted from the beginning.
	docs, err = c.store.Get(t.Context(), "meta_ended")
	must(t, err)
	docs[0].Version++
	docs[0].Data = bytes.Replace(docs[0].Data, []byte(`"DENIED":7`), []byte(`"DENIED":9`), 1)
	must(t, c.store.Put(t.Context(), docs...))
	f, _ := open(t, path)
	check(f, 8, 9)
	must(t, index.ForgetEnded(t.Context(), c.store))
	f, _ = open(t, path)
	check(f, 8, 7)
}

// A request that ends while requests are counted is counted once.
func TestNoRequestIsLostThatEndsMeanwhile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "procyon.db")
	a, _ := open(t, path)
	b, _ := open(t, path)
	_, err := a.CreateUser(t.Context(), admin, access.NewUser{Name: "Ada", Email: "ada@example.com", Admin: true}) // who can decide
	must(t, err)
	u, err := a.CreateUser(t.Context(), admin, access.NewUser{Name: "Dev", Email: "dev@example.com"})
	must(t, err)
	dev := access.ActorOf(u)
	db, err := a.CreateResource(t.Context(), admin, access.NewResource{Name: "db", Kind: access.ResourcePrivateServer})
	must(t, err)
	var ids []string
	for range 5 {
		r, err := a.CreateRequest(t.Context(), dev, access.NewRequest{Items: []access.ItemRef{{ResourceID: db.ID}}, Duration: 3600, Reason: "x", AllowDuplicate: true})
		must(t, err)
		ids = append(ids, r.ID)
	}
	a.counted = func() {
		if len(ids) > 2 {
			_, err := b.CancelRequest(t.Context(), dev, ids[0], access.Basis{ExpectedVersion: 1})
			must(t, err)
			ids = ids[1:]
		}
	}
	if n, ok := a.counts(t); !ok || n != 5 || len(ids) != 2 {
		t.Errorf("%d, %t, and %d wait", n, ok, len(ids))
	}
	// Where requests end all the time it is not known, rather than wrong.
	a.counted = func() { a.ask(t, dev, admin, db.ID, false); cancelOne(t, b, dev) }
	if n, ok := a.counts(t); ok || n != 0 {
		t.Errorf("%d, %t", n, ok)
	}
}

// cancelOne takes back one of somebody's requests that wait.
func cancelOne(t *testing.T, s *server, by access.Actor) {
	t.Helper()
	l, err := s.Requests(t.Context(), by, access.RequestFilter{Statuses: []access.Status{access.StatusPending}}, access.RequestOrder{}, store.Page{First: 1})
	must(t, err)
	_, err = s.CancelRequest(t.Context(), by, l.Docs[0].ID, access.Basis{ExpectedVersion: 1})
	must(t, err)
}

// many is a journal of so many entries, each of which ends a request.
type many struct {
	n    uint64
	read func(after uint64)
}

func (m many) Head() uint64 { return m.n }

func (m many) Read(ctx context.Context, after uint64, limit int) ([]journal.Entry, error) {
	if m.read != nil {
		m.read(after)
	}
	var out []journal.Entry
	for seq := after + 1; seq <= m.n && len(out) < limit; seq++ {
		out = append(out, journal.Entry{Seq: seq, Subject: "req_1", Type: string(access.EventExpired)})
	}
	return out, ctx.Err()
}

func (many) CatchUp(context.Context) error                 { return nil }
func (many) Check(context.Context, journal.Position) error { return nil }

// none keeps nothing but the last document.
type none struct {
	store.Documents
	last store.Document
	puts int
}

func (n *none) Get(context.Context, ...string) ([]store.Document, error) {
	if n.puts == 0 {
		return nil, nil
	}
	return []store.Document{n.last}, nil
}

func (n *none) Put(_ context.Context, docs ...store.Document) error {
	n.last = docs[0]
	n.puts++
	return nil
}

// Nobody waits until a long journal is counted, and a crash costs little of what was.
func TestALongJournalIsCountedByAndBy(t *testing.T) {
	docs := &none{}
	var e *index.Ended
	stop := errors.New("the process was killed")
	ctx, kill := context.WithCancelCause(t.Context())
	asked := 0
	j := many{n: 50_000, read: func(after uint64) {
		if after == 25_000 {
			kill(stop)
		}
	}}
	e = index.NewEnded(j, docs)
	if n, ok, err := e.Count(t.Context()); ok || err != nil {
		t.Fatalf("%v, %t, %v", n, ok, err)
	}
	if err := e.Follow(ctx); err == nil {
		t.Fatal("it went on")
	}
	first := uint64(0)
	e = index.NewEnded(many{n: 50_000, read: func(after uint64) {
		if asked++; asked == 1 {
			first = after
		}
	}}, docs)
	must(t, e.Follow(t.Context()))
	n, ok, err := e.Count(t.Context())
	if want := map[access.Status]int{access.StatusExpired: 50_000}; !ok || err != nil || !maps.Equal(n, want) {
		t.Errorf("%v, %t, %v", n, ok, err)
	}
	if first < 20_000 || docs.puts > 30 {
		t.Errorf("it went on at %d, and was written down %d times", first, docs.puts)
	}
}
