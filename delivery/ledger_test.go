package delivery_test

import (
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"procyon/access"
	"procyon/delivery"
	"procyon/store"
	"procyon/store/sqlite"
)

// world is a ledger on a real store, with a clock that the test moves.
type world struct {
	*delivery.Ledger
	t     *testing.T
	mu    sync.Mutex
	clock time.Time
	ids   int
	past  past
}

func newWorld(t *testing.T, path string) *world {
	t.Helper()
	db, err := sqlite.Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	w := &world{t: t, clock: began}
	w.past.end.Store(head)
	w.Ledger = delivery.New(db, &w.past, w.now, w.newID, derived)
	return w
}

func derived(parts ...string) string { return strings.Join(parts, "-") }

func (w *world) now() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.clock
}

func (w *world) pass(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.clock = w.clock.Add(d)
}

func (w *world) newID() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.ids++
	return fmt.Sprint(w.ids)
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) wants(err error, code access.Code, field string) {
	w.t.Helper()
	if access.CodeOf(err) != code || field != "" && !strings.HasPrefix(err.Error(), field+":") {
		w.t.Fatalf("got %v, want %s %s", err, code, field)
	}
}

const head = 100

// began is when the first event happened; each next one a millisecond later.
var began = time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)

func claim(consumer string, epoch int) delivery.Claim {
	return delivery.Claim{By: "svc_1", Consumer: consumer, Epoch: epoch}
}

func (w *world) acquire(holder string) delivery.Consumer {
	w.t.Helper()
	c, err := w.Acquire(w.t.Context(), lease(holder))
	w.must(err)
	return c
}

func lease(holder string) delivery.Lease {
	return delivery.Lease{By: "svc_1", Name: "notifier", Holder: holder, TTL: 10 * time.Second}
}

func owed(seq uint64, integration string) delivery.Planned {
	return delivery.Planned{
		Event: delivery.Event{Position: at(seq), At: began.Add(time.Duration(seq) * time.Millisecond), Type: access.EventCreated, RequestID: "req_1"}, IntegrationID: integration, IntegrationName: "name of " + integration,
	}
}

func TestLease(t *testing.T) {
	w := newWorld(t, filepath.Join(t.TempDir(), "p.db"))
	ctx := t.Context()
	c := w.acquire("one")
	if c.Epoch != 1 || c.Position != at(head) {
		t.Errorf("a new consumer: %+v", c)
	}
	_, err := w.Acquire(ctx, lease("two"))
	w.wants(err, access.CodeLease, "holder")
	w.pass(5 * time.Second)
	if c = w.acquire("one"); c.Epoch != 1 {
		t.Errorf("kept: %+v", c)
	}
	w.pass(10 * time.Second) // it ran out just now
	if c = w.acquire("two"); c.Epoch != 2 {
		t.Errorf("taken over: %+v", c)
	}
	for name, err := range map[string]error{
		"plan":    func() error { _, err := w.Plan(ctx, claim("notifier", 1), at(head), nil); return err }(),
		"advance": func() error { _, err := w.Advance(ctx, claim("notifier", 1), at(head)); return err }(),
		"record": func() error {
			_, err := w.Record(ctx, claim("notifier", 1), "dlv_x", delivery.Attempt{Outcome: delivery.OutcomeDelivered}, time.Time{})
			return err
		}(),
		"release": func() error { _, err := w.Release(ctx, claim("notifier", 1)); return err }(),
	} {
		if access.CodeOf(err) != access.CodeLease {
			t.Errorf("%s by whoever lost the lease: %v", name, err)
		}
	}
	_, err = w.Release(ctx, claim("notifier", 2))
	w.must(err)
	if c = w.acquire("one"); c.Epoch != 3 {
		t.Errorf("after a release each holder has an epoch of its own: %+v", c)
	}
	_, err = w.Advance(ctx, claim("nobody", 1), at(1))
	w.wants(err, access.CodeNotFound, "consumer")
	for field, ask := range map[string]delivery.Lease{
		"name":   {Name: " ", Holder: "x", TTL: time.Second},
		"holder": {Name: "x", Holder: strings.Repeat("h", 121), TTL: time.Second},
		"ttl":    {Name: "x", Holder: "y", TTL: 6 * time.Minute},
	} {
		ask.By = "svc_1"
		_, err := w.Acquire(ctx, ask)
		w.wants(err, access.CodeInvalid, field)
	}
}

// A consumer is whose token made it: nobody else can take its lease, or guess its
// epoch and move its cursor past what is owed.
func TestAConsumerIsItsMakersAlone(t *testing.T) {
	w := newWorld(t, filepath.Join(t.TempDir(), "p.db"))
	ctx := t.Context()
	w.acquire("one")
	w.pass(time.Hour)
	_, err := w.Acquire(ctx, delivery.Lease{By: "svc_2", Name: "notifier", Holder: "thief", TTL: 10 * time.Second})
	w.wants(err, access.CodeForbidden, "name")
	guess := delivery.Claim{By: "svc_2", Consumer: "notifier", Epoch: 1}
	_, err = w.Advance(ctx, guess, at(head+5))
	w.wants(err, access.CodeForbidden, "consumer")
	_, err = w.Plan(ctx, guess, at(head+5), nil)
	w.wants(err, access.CodeForbidden, "consumer")
	_, err = w.Release(ctx, guess)
	w.wants(err, access.CodeForbidden, "consumer")
	_, err = w.Record(ctx, guess, "dlv_x", delivery.Attempt{Outcome: delivery.OutcomeDead}, time.Time{})
	w.wants(err, access.CodeForbidden, "consumer")
	if c := w.acquire("two"); c.Epoch != 2 || c.Position != at(head) {
		t.Errorf("%+v", c)
	}
}

// Two servers, many holders: one of them has the lease, and no two one epoch.
func TestLeaseRace(t *testing.T) {
	path := filepath.Join(t.TempDir(), "p.db")
	a, b := newWorld(t, path), newWorld(t, path)
	for round := range 5 {
		var mu sync.Mutex
		var won []delivery.Consumer
		var all sync.WaitGroup
		for i := range 8 {
			all.Go(func() {
				w := []*world{a, b}[i%2]
				c, err := w.Acquire(t.Context(), lease(fmt.Sprint("holder", round, i)))
				if err == nil {
					mu.Lock()
					won = append(won, c)
					mu.Unlock()
				} else if code := access.CodeOf(err); code != access.CodeLease && code != access.CodeConflict {
					t.Error(err)
				}
			})
		}
		all.Wait()
		if len(won) != 1 || won[0].Epoch != round+1 {
			t.Fatalf("round %d: %+v", round, won)
		}
		a.pass(11 * time.Second)
		b.pass(11 * time.Second)
	}
}

func TestPlanOwesNothingTwice(t *testing.T) {
	w := newWorld(t, filepath.Join(t.TempDir(), "p.db"))
	ctx := t.Context()
	w.acquire("one")
	w.past.end.Store(110)
	plan := []delivery.Planned{owed(101, "int_a"), owed(101, "int_b"), owed(102, "int_a")}
	first, err := w.Plan(ctx, claim("notifier", 1), at(102), plan)
	w.must(err)
	_, err = w.Record(ctx, claim("notifier", 1), first[0].ID, delivery.Attempt{Outcome: delivery.OutcomeDelivered, StatusCode: 200}, time.Time{})
	w.must(err)
	w.pass(time.Hour) // a crash, and the notifier plans again
	w.acquire("two")
	again, err := w.Plan(ctx, claim("notifier", 2), at(102), plan)
	w.must(err)
	for i := range plan {
		if again[i].ID != first[i].ID || !again[i].CreatedAt.Equal(first[i].CreatedAt) {
			t.Errorf("%d is owed anew: %+v", i, again[i])
		}
	}
	if again[0].Status != delivery.StatusDelivered || again[1].Status != delivery.StatusPending {
		t.Errorf("%+v", again)
	}
	c, err := w.Advance(ctx, claim("notifier", 2), at(50))
	w.must(err)
	if c.Position != at(102) {
		t.Errorf("the cursor went to %v", c.Position)
	}
	_, err = w.Plan(ctx, claim("notifier", 2), at(111), nil)
	w.wants(err, access.CodeJournalChanged, "cursor")
	_, err = w.Plan(ctx, claim("notifier", 2), at(110), make([]delivery.Planned, 501))
	w.wants(err, access.CodeInvalid, "deliveries")
}

func TestAttempts(t *testing.T) {
	w := newWorld(t, filepath.Join(t.TempDir(), "p.db"))
	ctx := t.Context()
	w.acquire("one")
	w.past.end.Store(110)
	list, err := w.Plan(ctx, claim("notifier", 1), at(101), []delivery.Planned{owed(101, "int_a")})
	w.must(err)
	id := list[0].ID
	try := func(o delivery.Outcome, next time.Time) (delivery.Delivery, error) {
		return w.Record(ctx, claim("notifier", 1), id, delivery.Attempt{Outcome: o, Error: "e"}, next)
	}
	_, err = try(delivery.OutcomeRetry, time.Time{})
	w.wants(err, access.CodeInvalid, "nextAttemptAt")
	_, err = try("MAYBE", time.Time{})
	w.wants(err, access.CodeInvalid, "outcome")
	var d delivery.Delivery
	for range 25 {
		d, err = try(delivery.OutcomeRetry, w.now().Add(time.Minute))
		w.must(err)
	}
	if d.AttemptCount != 25 || len(d.Attempts) != 20 || d.Status != delivery.StatusPending || !d.NextAttemptAt.Equal(w.now().Add(time.Minute)) {
		t.Errorf("%d attempts, %d kept, %s", d.AttemptCount, len(d.Attempts), d.Status)
	}
	d, err = try(delivery.OutcomeDead, time.Time{})
	w.must(err)
	if d.Status != delivery.StatusDead || !d.NextAttemptAt.IsZero() {
		t.Errorf("%+v", d)
	}
	d, err = try(delivery.OutcomeDelivered, time.Time{}) // too late
	w.must(err)
	if d.Status != delivery.StatusDead || d.AttemptCount != 26 {
		t.Errorf("a delivery that is over changed: %+v", d)
	}
	w.pass(time.Hour)
	d, err = w.Redeliver(ctx, id)
	w.must(err)
	if d.Status != delivery.StatusPending || !d.OwedAt.Equal(w.now()) || d.CreatedAt.Equal(d.OwedAt) {
		t.Errorf("%+v", d)
	}
	_, err = w.Redeliver(ctx, id)
	w.wants(err, access.CodeConflict, "deliveryId")
	_, err = w.Redeliver(ctx, "dlv_none")
	w.wants(err, access.CodeNotFound, "deliveryId")
}

func TestListsAndBurial(t *testing.T) {
	w := newWorld(t, filepath.Join(t.TempDir(), "p.db"))
	ctx := t.Context()
	w.acquire("one")
	w.past.end.Store(110)
	for seq := uint64(101); seq <= 105; seq++ {
		_, err := w.Plan(ctx, claim("notifier", 1), at(seq), []delivery.Planned{owed(seq, "int_a"), owed(seq, "int_b")})
		w.must(err)
		w.pass(time.Second)
	}
	test, err := w.Test(ctx, "int_a", "A")
	w.must(err)
	seqs := func(f delivery.Filter, desc bool, p store.Page) string {
		t.Helper()
		l, err := w.List(ctx, f, desc, p)
		w.must(err)
		var out []string
		for _, doc := range l.Docs {
			d, err := delivery.Decode(doc)
			w.must(err)
			out = append(out, fmt.Sprint(d.EventSeq))
		}
		return strings.Join(out, " ")
	}
	a := delivery.Filter{IntegrationID: "int_a", Statuses: []delivery.Status{delivery.StatusPending}}
	if got := seqs(a, true, store.Page{First: 3}); got != "0 105 104" {
		t.Errorf("the last owed first: %s", got)
	}
	if got := seqs(a, true, store.Page{Last: 1}); got != "101" {
		t.Errorf("the longest owed: %s", got)
	}
	if got := seqs(delivery.Filter{RequestID: "req_1", IntegrationID: "int_b"}, false, store.Page{First: 10}); got != "101 102 103 104 105" {
		t.Errorf("of a request: %s", got)
	}
	w.must(w.Bury(ctx, "int_a", "gone"))
	if got := seqs(a, false, store.Page{First: 10}); got != "" {
		t.Errorf("still owed: %s", got)
	}
	if got := seqs(delivery.Filter{Statuses: []delivery.Status{delivery.StatusPending}}, false, store.Page{First: 10}); got != "101 102 103 104 105" {
		t.Errorf("another's: %s", got)
	}
	d, err := w.Get(ctx, test.ID)
	w.must(err)
	if d.Status != delivery.StatusDead || d.Attempts[0].Error != "gone" {
		t.Errorf("%+v", d)
	}
}
