package delivery_test

import (
	"fmt"
	"testing"
	"time"

	"procyon/access"
	"procyon/delivery"
	"procyon/journal"
	"procyon/store"
)

const day = 24 * time.Hour

// sweep removes all that is kept no longer.
func (w *world) sweep() {
	w.t.Helper()
	for range 1000 {
		n, err := w.Expire(w.t.Context())
		w.must(err)
		if n == 0 {
			return
		}
	}
	w.t.Fatal("it does not end")
}

// left is how many deliveries there are.
func (w *world) left() int {
	w.t.Helper()
	l, err := w.List(w.t.Context(), delivery.Filter{}, false, store.Page{First: 1000})
	w.must(err)
	return len(l.Docs)
}

// Deliveries are removed once they are kept for long enough since they were owed last,
// whatever became of them; what was owed all that time is a dead letter before.
func TestDeliveriesAreKeptForATime(t *testing.T) {
	stores(t, func(t *testing.T, docs store.Documents) {
		l := newLine(t, docs)
		l.Keep = 30 * day
		for i := range 250 { // more than are removed at once
			l.owe(fmt.Sprint("A", i))
		}
		l.send(248)
		l.try(delivery.OutcomeDead)
		l.pass(29 * day)
		l.acquire("one")
		again, _ := l.next()
		l.try(delivery.OutcomeDelivered)
		_, err := l.Redeliver(t.Context(), again.ID) // owed anew
		l.must(err)
		l.try(delivery.OutcomeDelivered)
		l.owe("B1", "B2") // nobody ever sends these
		if l.sweep(); l.left() != 252 {
			t.Fatalf("%d are left before their time", l.left())
		}
		l.pass(2 * day)
		if l.sweep(); l.left() != 3 {
			t.Errorf("%d are left after a month, want 3", l.left())
		}
		l.pass(30 * day)
		if l.sweep(); l.left() != 0 {
			t.Errorf("%d are left in the end", l.left())
		}
		if _, word := l.next(); word != "" {
			t.Errorf("it is owed %s", word)
		}
		l.acquire("one")
		if l.owe("C1"); l.send(1) != "C1.1" {
			t.Error("a flow of whom nothing is left does not go on")
		}
	})
}

// A flow is forgotten once nothing was owed in it for a day: not one that waits, nor one
// that is let wait while it is being forgotten. It begins anew when something is owed.
func TestFlowsAreForgotten(t *testing.T) {
	stores(t, func(t *testing.T, docs store.Documents) {
		l := newLine(t, docs)
		kept := func() (out string) {
			t.Helper()
			for _, by := range []string{"A", "B", "C"} {
				found, err := docs.Get(t.Context(), "dlf_flow-int_a-usr_"+by)
				l.must(err)
				if len(found) > 0 {
					out += by
				}
			}
			return out
		}
		l.owe("A1", "B1", "C1")
		if l.sweep(); kept() != "ABC" {
			t.Errorf("at once %s are kept", kept())
		}
		l.send(2)
		l.pass(day + time.Minute)
		idle, err := docs.List(t.Context(), store.Query{Term: "dlf/idle", Limit: 10})
		l.must(err)
		if len(idle) != 2 {
			t.Fatalf("%d are idle", len(idle))
		}
		l.acquire("one")
		l.owe("A2")
		l.must(docs.Remove(t.Context(), idle...)) // by another server, which has read them before
		if kept() != "AC" {
			t.Errorf("%s are kept", kept())
		}
		if l.sweep(); kept() != "AC" {
			t.Errorf("after a day %s are kept", kept())
		}
		if l.owe("B2"); l.send(10) != "C1.1 A2.1 B2.1" {
			t.Error("what is owed then is not sent in turn")
		}
		l.pass(day + time.Minute)
		if l.sweep(); kept() != "" {
			t.Errorf("in the end %s are kept", kept())
		}
	})
}

// What is redelivered while it is being removed stays.
func TestWhatIsOwedAgainIsNotRemoved(t *testing.T) {
	m := newMemory()
	l := newLine(t, m)
	l.owe("A1")
	d, _ := l.next()
	l.send(1)
	l.pass(100 * day)
	listed, err := m.List(t.Context(), store.Query{Term: "dlv/status=DELIVERED", Limit: 10})
	l.must(err)
	_, err = l.Redeliver(t.Context(), d.ID)
	l.must(err)
	l.must(m.Remove(t.Context(), listed...)) // by another server, which has read it before
	if _, word := l.next(); word != "A1.1" {
		t.Errorf("it is owed %q", word)
	}
}

// Who begins anew at the journal's start sends no notifications of years: what happened
// longer ago than deliveries are kept is owed to nobody, whether it was sent or not.
func TestWhatIsLongAgoIsNotOwed(t *testing.T) {
	l := newLine(t, newMemory())
	old := l.event("A1")
	l.pass(delivery.DefaultKeep + time.Second)
	l.acquire("one")
	recent := l.event("A1")
	out, err := l.Plan(t.Context(), claim("notifier", 1), at(l.seq), []delivery.Planned{old, recent})
	l.must(err)
	if len(out) != 1 || out[0].EventSeq != 2 || l.send(10) != "A1.2" {
		t.Errorf("planned %+v", out)
	}
}

// A deleted consumer is forgotten in the end, and no epoch of its name ever comes back.
func TestDeletedConsumersAreForgotten(t *testing.T) {
	stores(t, func(t *testing.T, docs store.Documents) {
		l := newLine(t, docs)
		l.past.end.Store(head)
		ask := func(name, holder string) delivery.Consumer {
			t.Helper()
			c, err := l.Acquire(t.Context(), delivery.Lease{By: "svc_1", Name: name, Holder: holder, TTL: time.Second})
			l.must(err)
			return c
		}
		epochs := map[string]int{}
		for i := range 120 { // more than are forgotten at once
			name := fmt.Sprint("c", i)
			for h := range i%7 + 1 {
				epochs[name] = ask(name, fmt.Sprint("h", h)).Epoch
				l.pass(2 * time.Second)
			}
			_, err := l.Delete(t.Context(), "svc_1", name, false, nil)
			l.must(err)
		}
		kept := func(name string) bool {
			t.Helper()
			found, err := docs.Get(t.Context(), "con_"+name)
			l.must(err)
			return len(found) == 1
		}
		if l.sweep(); !kept("c3") {
			t.Error("one is forgotten at once")
		}
		if c := ask("c5", "again"); c.Epoch != epochs["c5"]+1 {
			t.Errorf("made anew at once: epoch %d after %d", c.Epoch, epochs["c5"])
		}
		l.pass(31 * day)
		if l.sweep(); kept("c3") || kept("c119") || !kept("c5") {
			t.Error("not those are forgotten that were deleted")
		}
		for name, epoch := range epochs {
			if c := ask(name, "again"); c.Epoch <= epoch {
				t.Errorf("%s is in epoch %d again, it was in %d", name, c.Epoch, epoch)
			}
			if _, err := l.Advance(t.Context(), claim(name, epoch), journal.Position{}); access.CodeOf(err) != access.CodeLease {
				t.Errorf("%s: a holder from before: %v", name, err)
			}
			l.pass(2 * time.Second)
			_, err := l.Delete(t.Context(), "svc_1", name, false, nil)
			l.must(err)
		}
	})
}

// One owner can have a hundred consumers, and others theirs.
func TestConsumersOfOneOwnerAreBounded(t *testing.T) {
	l := newLine(t, newMemory())
	l.past.end.Store(head)
	ask := func(by, name string) error {
		_, err := l.Acquire(t.Context(), delivery.Lease{By: by, Name: name, Holder: "h", TTL: time.Second})
		return err
	}
	for i := range 99 { // and "notifier"
		l.must(ask("svc_1", fmt.Sprint("c", i)))
	}
	l.wants(ask("svc_1", "more"), access.CodeLimited, "name")
	l.must(ask("svc_1", "c7"))
	l.must(ask("svc_2", "more"))
	l.pass(time.Minute)
	_, err := l.Delete(t.Context(), "svc_1", "c7", false, nil)
	l.must(err)
	l.must(ask("svc_1", "another"))
	l.wants(ask("svc_1", "c7"), access.CodeLimited, "name")
}
