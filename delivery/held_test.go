package delivery_test

import (
	"testing"
	"time"

	"procyon/access"
	"procyon/delivery"
	"procyon/store"
)

// hold plans events for an integration that is broken.
func (l *line) hold(list ...delivery.Planned) []delivery.Delivery {
	l.t.Helper()
	for i := range list {
		list[i].Held = true
	}
	out, err := l.Plan(l.t.Context(), claim("notifier", 1), at(l.seq), list)
	l.must(err)
	l.pass(time.Millisecond)
	return out
}

// While an integration is broken it is owed the last event of each request, whether they
// were planned together or not; mended, it gets these, in order.
func TestOfARequestOnlyTheLastEventIsHeld(t *testing.T) {
	stores(t, func(t *testing.T, docs store.Documents) {
		l := newLine(t, docs)
		l.owe("A1", "A2") // before it broke
		if got := l.try(delivery.OutcomeBroken); got != "A1.1" {
			t.Fatal(got)
		}
		l.pass(time.Millisecond)
		l.hold(l.event("A1"))
		l.hold(l.event("B1"), l.event("B1"), l.event("A1"))
		out := l.hold(l.event("B1"))
		again, err := l.Plan(t.Context(), claim("notifier", 1), at(l.seq), []delivery.Planned{{
			Event:         delivery.Event{Position: at(l.seq), At: l.now(), Type: access.EventUpdated, RequestID: "req_B1", RequesterID: "usr_B"},
			IntegrationID: "int_a", Held: true,
		}})
		l.must(err)
		if again[0].ID != out[0].ID || again[0].Status != delivery.StatusPending {
			t.Errorf("planned again: %+v", again)
		}
		if n, err := l.Count(t.Context(), "int_a", delivery.StatusSuperseded); n != 4 || err != nil {
			t.Errorf("%d are superseded: %v", n, err)
		}
		if got := l.send(100); got != "A2.1 B1.3 A1.3" && got != "A1.3 B1.3 A2.1" {
			t.Errorf("mended, it got %s", got)
		}
	})
}

// What found its integration broken is owed still; a test message has its answer.
func TestABrokenOutcomeIsOwedStill(t *testing.T) {
	stores(t, func(t *testing.T, docs store.Documents) {
		l := newLine(t, docs)
		l.owe("A1", "A1")
		l.try(delivery.OutcomeBroken)
		d, word := l.next()
		if word != "A1.1" || d.Status != delivery.StatusPending || d.AttemptCount != 1 || d.NextAttemptAt.After(l.now()) {
			t.Errorf("next is %s: %+v", word, d)
		}
		l.send(2)
		test, err := l.Test(t.Context(), "int_a", "a")
		l.must(err)
		l.try(delivery.OutcomeBroken)
		test, err = l.Get(t.Context(), test.ID)
		l.must(err)
		if _, word = l.next(); word != "" || test.Status != delivery.StatusDead {
			t.Errorf("next is %q; the test is %s", word, test.Status)
		}
	})
}
