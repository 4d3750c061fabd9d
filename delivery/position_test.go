package delivery_test

import (
	"context"
	"encoding/json"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"procyon/access"
	"procyon/delivery"
	"procyon/journal"
	"procyon/store"
	"procyon/store/sqlite"
)

// past is a journal as long as the test says. Its entries have the marks that at gives,
// but for those after the number of a fork, which are another's.
type past struct{ end, fork atomic.Uint64 }

func at(seq uint64) journal.Position {
	return journal.Position{Seq: seq, Mark: journal.Mark{1, byte(seq >> 8), byte(seq)}}
}

func (p *past) place(seq uint64) journal.Position {
	out := at(seq)
	if fork := p.fork.Load(); fork > 0 && seq > fork {
		out.Mark[0] = 2
	}
	return out
}

func (p *past) Last() journal.Position { return p.place(p.end.Load()) }

func (p *past) Check(_ context.Context, at journal.Position) error {
	if at == (journal.Position{}) {
		return nil
	}
	if at.Seq > p.end.Load() || at != p.place(at.Seq) {
		return journal.Changed("Another journal")
	}
	return nil
}

func (p *past) PositionAt(_ context.Context, seq uint64) (journal.Position, error) {
	if seq > p.end.Load() {
		return journal.Position{}, journal.Changed("Shorter")
	}
	return p.place(seq), nil
}

// A consumer whose place is not in the journal goes on for nobody until it is reset on
// purpose; then what is owed for an event is not taken for what another journal's event
// of the same number owed.
func TestAConsumerOfAnotherJournal(t *testing.T) {
	w := newWorld(t, filepath.Join(t.TempDir(), "p.db"))
	ctx := t.Context()
	w.acquire("one")
	w.past.end.Store(110)
	old, err := w.Plan(ctx, claim("notifier", 1), at(105), []delivery.Planned{owed(102, "int_a"), owed(105, "int_a")})
	w.must(err)
	w.past.fork.Store(103) // the journal is one of before, which grew on
	for _, to := range []journal.Position{at(104), at(111)} {
		_, err = w.Advance(ctx, claim("notifier", 1), to)
		w.wants(err, access.CodeJournalChanged, "cursor")
		_, err = w.Plan(ctx, claim("notifier", 1), to, nil)
		w.wants(err, access.CodeJournalChanged, "cursor")
	}
	for _, holder := range []string{"one", "two"} {
		w.pass(time.Minute)
		_, err = w.Acquire(ctx, lease(holder))
		w.wants(err, access.CodeJournalChanged, "name")
		if !strings.Contains(err.Error(), "resetTo") {
			t.Errorf("it does not say what to do: %v", err)
		}
	}
	ask, wrong, to := lease("one"), at(105), at(102)
	ask.ResetTo = &wrong
	_, err = w.Acquire(ctx, ask)
	w.wants(err, access.CodeJournalChanged, "resetTo")
	ask.By, ask.ResetTo = "usr_1", &to
	_, err = w.Acquire(ctx, ask)
	w.wants(err, access.CodeForbidden, "name")
	ask.AnyOwner = true
	c, err := w.Acquire(ctx, ask)
	w.must(err)
	if c.Position != to || c.Epoch != 2 || c.Owner != "svc_1" {
		t.Errorf("reset: %+v", c)
	}
	_, err = w.Plan(ctx, claim("notifier", 1), w.past.place(110), nil) // who still holds the epoch before
	w.wants(err, access.CodeLease, "epoch")
	w.pass(time.Minute)
	if c = w.acquire("two"); c.Position != to || c.Epoch != 3 {
		t.Errorf("after the reset: %+v", c)
	}
	anew := owed(105, "int_a")
	anew.Event.Position = w.past.place(105)
	plan := []delivery.Planned{owed(102, "int_a"), anew}
	for range 2 { // a repeat owes nothing twice
		got, err := w.Plan(ctx, claim("notifier", 3), w.past.place(105), plan)
		w.must(err)
		if got[0].ID != old[0].ID || got[1].ID == old[1].ID || got[1].Status != delivery.StatusPending {
			t.Errorf("owed: %+v", got)
		}
	}
	waiting, err := w.List(ctx, delivery.Filter{Statuses: []delivery.Status{delivery.StatusPending}}, false, store.Page{First: 10})
	w.must(err)
	if len(waiting.Docs) != 3 {
		t.Errorf("%d wait", len(waiting.Docs))
	}
}

// What an earlier release stored has no mark. It is found when the lease is next taken,
// and stored.
func TestAConsumerOfAnEarlierRelease(t *testing.T) {
	db, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "p.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	w := newLine(t, db).world
	w.past.end.Store(120)
	stored := func() (out map[string]any) {
		t.Helper()
		docs, err := db.Get(t.Context(), "con_notifier")
		w.must(err)
		w.must(json.Unmarshal(docs[0].Data, &out))
		return out
	}
	earlier := func(seq uint64) {
		t.Helper()
		docs, err := db.Get(t.Context(), "con_notifier")
		w.must(err)
		data := stored()
		delete(data, "mark")
		data["cursor"] = seq
		docs[0].Version++
		docs[0].Data, err = json.Marshal(data)
		w.must(err)
		w.must(db.Put(t.Context(), docs[0]))
	}
	if s := stored(); s["cursor"] != float64(head) || s["mark"] != at(head).Mark.String() {
		t.Errorf("stored: %v", s)
	}
	earlier(104)
	if c := w.acquire("one"); c.Position != at(104) || stored()["mark"] != at(104).Mark.String() {
		t.Errorf("acquired: %+v, stored %v", c, stored())
	}
	earlier(105)
	c, err := w.Advance(t.Context(), claim("notifier", 1), at(104))
	w.must(err)
	if c.Position != at(105) {
		t.Errorf("not moved backwards: %+v", c)
	}
	c, err = w.Advance(t.Context(), claim("notifier", 1), at(106))
	w.must(err)
	if c.Position != at(106) || stored()["mark"] != at(106).Mark.String() {
		t.Errorf("advanced: %+v, stored %v", c, stored())
	}
	earlier(121)
	_, err = w.Acquire(t.Context(), lease("one"))
	w.wants(err, access.CodeJournalChanged, "name")
}
