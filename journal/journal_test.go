package journal_test

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"procyon/access"
	"procyon/internal/subject"
	"procyon/journal"
	"procyon/store"
	"procyon/store/sqlite"
)

// kinds are those of the subjects in these tests.
var kinds = subject.Kinds()

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// open opens a journal on a SQLite file and runs it until the test ends.
func open(t *testing.T, path string) (*journal.Journal, journal.Store) {
	t.Helper()
	s, err := sqlite.Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	j, err := journal.Open(t.Context(), s, journal.Options{Poll: 5 * time.Millisecond, OnError: func(err error) { t.Error(err) }})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- j.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := errors.Join(<-done, s.Close()); err != nil {
			t.Error(err)
		}
	})
	return j, s
}

func change(id string, version uint64) access.Change {
	after := fmt.Sprintf(`{"id":%q,"name":"n%d","createdAt":"2026-11-23T10:00:00Z"}`, id, version)
	return access.Change{
		Subject: id, Version: version, At: time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC), Type: "UPDATED",
		Actor: access.Actor{Kind: access.ActorSystem, ID: "system"}, Data: []byte(after), After: []byte(after),
	}
}

func TestWritersOfTwoGatewaysMakeOneJournal(t *testing.T) {
	path := filepath.Join(t.TempDir(), "p.db")
	a, store := open(t, path)
	b, _ := open(t, path)
	const subjects, perWriter = 5, 20
	wins := make([]map[string]int, 8)
	var wg sync.WaitGroup
	for w := range wins {
		wins[w] = map[string]int{}
		j := []*journal.Journal{a, b}[w%2]
		wg.Go(func() {
			for i := range perWriter {
				id := fmt.Sprintf("gw_%d", i%subjects)
				_, err := j.Append(t.Context(), change(id, uint64(1+i/subjects)))
				if err == nil {
					wins[w][fmt.Sprint(id, i/subjects)]++
				} else if !errors.Is(err, access.ErrRaced) {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	total := map[string]int{}
	for _, m := range wins {
		for k, n := range m {
			total[k] += n
		}
	}
	for k, n := range total {
		if n != 1 {
			t.Errorf("%s was taken %d times", k, n)
		}
	}
	r, err := journal.Verify(t.Context(), store, journal.Proof{Kinds: kinds})
	if err != nil {
		t.Fatal(err)
	}
	if int(r.Entries) != len(total) {
		t.Fatalf("%d entries, %d wins", r.Entries, len(total))
	}
	for _, j := range []*journal.Journal{a, b} {
		if err := j.Wait(t.Context(), r.Entries-1); err != nil {
			t.Fatal(err)
		}
		all, err := j.Read(t.Context(), 0, 1000)
		if err != nil || len(all) != int(r.Entries) {
			t.Fatalf("%d entries are read, %v", len(all), err)
		}
	}
}

func TestAGuardSeesWhatOthersDid(t *testing.T) {
	path := filepath.Join(t.TempDir(), "p.db")
	a, _ := open(t, path)
	b, _ := open(t, path)
	since := a.Head()
	if _, err := b.Append(t.Context(), change("gw_1", 1)); err != nil { // its name is n1
		t.Fatal(err)
	}
	for _, key := range []string{"gw_1", "gw/name=n1"} {
		c := change("gw_2", 1)
		c.Guards = []access.Guard{{Key: key, Since: since}}
		if _, err := a.Append(t.Context(), c); !errors.Is(err, access.ErrRaced) {
			t.Errorf("guard on %s: %v", key, err)
		}
	}
	c := change("gw_2", 1)
	c.Guards = []access.Guard{{Key: "gw_1", Since: since + 1}, {Key: "other", Since: since}}
	if _, err := a.Append(t.Context(), c); err != nil {
		t.Errorf("guards that hold: %v", err)
	}
}

func TestReadersGoOnFromTheirPosition(t *testing.T) {
	j, _ := open(t, filepath.Join(t.TempDir(), "p.db"))
	var wg sync.WaitGroup
	const n = 300
	seen := make([][]uint64, 3)
	for i := range seen {
		wg.Go(func() {
			for after := uint64(0); after < n; {
				if err := j.Wait(t.Context(), after); err != nil {
					t.Error(err)
					return
				}
				entries, err := j.Read(t.Context(), after, 7)
				if err != nil {
					t.Error(err)
					return
				}
				for _, e := range entries {
					seen[i] = append(seen[i], e.Seq)
					after = e.Seq
				}
			}
		})
	}
	for w := range 3 {
		wg.Go(func() {
			for i := range n / 3 {
				if _, err := j.Append(t.Context(), change(fmt.Sprintf("gw_%d", w), uint64(i+1))); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	for i, s := range seen {
		if len(s) != n || !slices.IsSorted(s) || s[0] != 1 || s[n-1] != n {
			t.Errorf("reader %d saw %d entries from %d to %d", i, len(s), s[0], s[len(s)-1])
		}
	}
}

func TestASmallTailFallsBackToTheStore(t *testing.T) {
	s, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "p.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	j, err := journal.Open(t.Context(), s, journal.Options{Tail: 4, MaxBatch: 2})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- j.Run(ctx) }()
	for v := range 50 {
		if _, err := j.Append(t.Context(), change("gw_1", uint64(v+1))); err != nil {
			t.Fatal(err)
		}
	}
	for after := range uint64(50) {
		entries, err := j.Read(t.Context(), after, 3)
		if err != nil || len(entries) == 0 || entries[0].Seq != after+1 {
			t.Fatalf("after %d: %d entries, %v", after, len(entries), err)
		}
	}
	stop()
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	if _, err := j.Append(t.Context(), change("gw_1", 51)); !errors.Is(err, journal.ErrStopped) {
		t.Fatalf("after the end: %v", err)
	}
	if err := j.Wait(t.Context(), 50); !errors.Is(err, journal.ErrStopped) {
		t.Fatalf("after the end: %v", err)
	}
}

func TestEntryAltersItsHash(t *testing.T) {
	base := func() journal.Entry {
		return journal.Entry{
			Seq: 7, At: time.UnixMicro(5).UTC(), Subject: "gw_1", Version: 3, Type: "UPDATED", Data: []byte(`{"a":1}`), After: []byte(`{}`),
			Actor: access.Actor{ID: "usr_1", Kind: access.ActorUser},
		}
	}
	e := base()
	if err := e.Seal(journal.Hash{1}); err != nil {
		t.Fatal(err)
	}
	for name, alter := range map[string]func(*journal.Entry){
		"seq": func(e *journal.Entry) { e.Seq++ }, "at": func(e *journal.Entry) { e.At = e.At.Add(time.Microsecond) },
		"actor": func(e *journal.Entry) { e.Actor.ID = "usr_2" }, "via": func(e *journal.Entry) { e.Actor.Via = "cli" },
		"subject": func(e *journal.Entry) { e.Subject = "gw_2" }, "version": func(e *journal.Entry) { e.Version++ },
		"type": func(e *journal.Entry) { e.Type = "CREATED" }, "data": func(e *journal.Entry) { e.Data = []byte(`{"a":2}`) },
		"after": func(e *journal.Entry) { e.After = nil },
		"moved": func(e *journal.Entry) { e.Data, e.After = []byte(`{"a":1}{`), []byte(`}`) },
	} {
		other := base()
		alter(&other)
		if err := other.Seal(journal.Hash{1}); err != nil {
			t.Fatal(err)
		}
		if other.Hash == e.Hash {
			t.Errorf("%s: the same hash", name)
		}
	}
}

// What the hashes are over is fixed for ever. Of format 1 it is what the first release
// hashed, here computed apart.
func TestEncodings(t *testing.T) {
	e := journal.Entry{
		Seq: 7, At: time.UnixMicro(5).UTC(), Subject: "gw_1", Version: 3, Type: "UPDATED", Data: []byte(`{"a":1}`), After: []byte(`{}`),
		ActorJSON: []byte(`{"kind":"USER","id":"usr_1","name":"Ada","later":true}`), Prev: journal.Hash{1, 2},
	}
	number := func(n int) string { return "\x00\x00\x00\x00\x00\x00\x00" + string(rune(n)) }
	common := number(7) + number(5) + number(len(e.ActorJSON)) + string(e.ActorJSON) + number(4) + "gw_1" + number(3) + number(7) + "UPDATED" + number(7) + `{"a":1}`
	after := sha256.Sum256(e.After)
	for format, want := range map[journal.Format]string{
		journal.WithAfter:    "\x01" + common + number(2) + "{}" + string(e.Prev[:]),
		journal.WithAfterSum: "\x02" + common + string(after[:]) + string(e.Prev[:]),
	} {
		e.Format = format
		got, err := e.AppendEncoding([]byte("before"))
		if err != nil || string(got) != "before"+want {
			t.Errorf("format %d: %q, %v, want %q", format, got, err, want)
		}
		if sum, err := e.Sum(); err != nil || sum != sha256.Sum256([]byte(want)) {
			t.Errorf("format %d: %s, %v", format, sum, err)
		}
	}
	for _, format := range []journal.Format{0, 3, 255} {
		e.Format = format
		for _, err := range []error{e.Follows(journal.Head{Seq: 6, Hash: e.Prev}), e.SetBody(nil)} {
			if err == nil || !strings.Contains(err.Error(), "entry 7 has format") || !strings.Contains(err.Error(), "run the newer release") {
				t.Errorf("format %d: %v", format, err)
			}
		}
	}
}

// entryAfter makes the entry of a change.
func entryAfter(t *testing.T, head journal.Head, c access.Change) journal.Entry {
	t.Helper()
	e := journal.Entry{Seq: head.Seq + 1, At: c.At, Actor: c.Actor, Subject: c.Subject, Version: c.Version, Type: c.Type, Data: c.Data, After: c.After}
	if err := e.Seal(head.Hash); err != nil {
		t.Fatal(err)
	}
	return e
}

// altered is a store in which somebody replaced the beginning, up to entry 3.
type altered struct{ journal.Store }

func (a altered) Inspect(ctx context.Context) (journal.Inspection, error) {
	in, err := a.Store.Inspect(ctx)
	return alteredInspection{in}, err
}

type alteredInspection struct{ journal.Inspection }

func (a alteredInspection) Entries(ctx context.Context, after, to uint64, each func(*journal.Entry) error) error {
	return a.Inspection.Entries(ctx, after, to, func(e *journal.Entry) error {
		if e.Seq == 4 {
			prev := e.Prev
			prev[0]++
			if err := e.Seal(prev); err != nil {
				return err
			}
		}
		return each(e)
	})
}

func TestVerifyNamesTheFirstBadEntry(t *testing.T) {
	path := filepath.Join(t.TempDir(), "p.db")
	s, err := sqlite.Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	var head journal.Head
	for v := range 5 {
		e := entryAfter(t, head, change("gw_1", uint64(v+1)))
		view, err := kinds.View(e.Subject, e.Version, e.After)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.Append(t.Context(), []journal.Entry{e}, []store.Document{view}); err != nil {
			t.Fatal(err)
		}
		head = journal.Head{Seq: e.Seq, Hash: e.Hash, At: e.At}
	}
	_, err = journal.Verify(t.Context(), altered{s}, journal.Proof{Kinds: kinds})
	if err == nil || !strings.Contains(err.Error(), "entry 4 is not chained") {
		t.Fatalf("got %v", err)
	}
}

func TestRebuildMakesTheSameViews(t *testing.T) {
	j, s := open(t, filepath.Join(t.TempDir(), "p.db"))
	for i := range 30 {
		if _, err := j.Append(t.Context(), change(fmt.Sprintf("gw_%d", i%3), uint64(i/3+1))); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Delete(t.Context(), "gw_1"); err != nil { // a view is lost
		t.Fatal(err)
	}
	if _, err := journal.Verify(t.Context(), s, journal.Proof{Kinds: kinds}); err == nil || !strings.Contains(err.Error(), "gw_1") {
		t.Fatalf("a lost view: %v", err)
	}
	if n, err := journal.Rebuild(t.Context(), s, kinds); err != nil || n != 30 {
		t.Fatalf("%d, %v", n, err)
	}
	if _, err := journal.Verify(t.Context(), s, journal.Proof{Kinds: kinds}); err != nil {
		t.Fatal(err)
	}
	docs, err := s.List(t.Context(), store.Query{Term: "gw/", Limit: 10})
	if err != nil || len(docs) != 3 || docs[0].Version != 10 {
		t.Fatalf("%v %v", docs, err)
	}
}
