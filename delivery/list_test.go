package delivery_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"procyon/access"
	"procyon/delivery"
	"procyon/store"
)

// counted counts the documents that are listed.
type counted struct {
	store.Documents
	listed int
}

func (c *counted) List(ctx context.Context, q store.Query) ([]store.Document, error) {
	docs, err := c.Documents.List(ctx, q)
	c.listed += len(docs)
	return docs, err
}

// crowd is a ledger in memory that owes, has sent and has given up all kinds of things, and
// what it owes.
func crowd(t *testing.T, n int) (*world, *counted, []delivery.Delivery) {
	t.Helper()
	docs := &counted{Documents: newMemory()}
	w := &world{t: t, clock: time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)}
	w.past.end.Store(head)
	w.Ledger = delivery.New(docs, &w.past, w.now, w.newID, func(parts ...string) string { return strings.Join(parts, "-") })
	w.acquire("one")
	w.past.end.Store(head + uint64(n)) // what happens after the consumer began
	r := rand.New(rand.NewPCG(3, 4))
	var ids []string
	for seq := uint64(head + 1); seq <= head+uint64(n); seq++ {
		p := owed(seq, []string{"int_a", "int_b"}[r.IntN(2)])
		p.Event.RequestID = fmt.Sprint("req_", r.IntN(4))
		p.Event.Type = []access.EventType{access.EventCreated, access.EventApproved, access.EventDenied}[r.IntN(3)]
		made, err := w.Plan(t.Context(), claim("notifier", 1), at(seq), []delivery.Planned{p})
		w.must(err)
		ids = append(ids, made[0].ID)
		if r.IntN(4) == 0 {
			test, err := w.Test(t.Context(), p.IntegrationID, "name")
			w.must(err)
			ids = append(ids, test.ID)
		}
		id := ids[r.IntN(len(ids))]
		if outcome := []delivery.Outcome{delivery.OutcomeDelivered, delivery.OutcomeDead, ""}[r.IntN(3)]; outcome != "" {
			_, err := w.Record(t.Context(), claim("notifier", 1), id, delivery.Attempt{Outcome: outcome}, time.Time{})
			w.must(err)
		} else if r.IntN(3) == 0 {
			_, _ = w.Redeliver(t.Context(), id) // which may be pending
		}
		w.pass(time.Second)
		w.acquire("one")
	}
	made := make([]delivery.Delivery, len(ids))
	for i, id := range ids {
		var err error
		made[i], err = w.Get(t.Context(), id)
		w.must(err)
	}
	return w, docs, made
}

// has is a filter said once more, by a look at one delivery.
func has(f delivery.Filter, d *delivery.Delivery) bool {
	switch {
	case f.Statuses != nil && !slices.Contains(f.Statuses, d.Status),
		f.IntegrationID != "" && d.IntegrationID != f.IntegrationID,
		f.RequestID != "" && d.RequestID != f.RequestID,
		f.Kind != "" && d.Kind != f.Kind,
		f.EventTypes != nil && (d.Kind == delivery.KindTest || !slices.Contains(f.EventTypes, d.EventType)),
		!f.OwedFrom.IsZero() && d.OwedAt.Before(f.OwedFrom),
		!f.OwedBefore.IsZero() && !d.OwedAt.Before(f.OwedBefore):
		return false
	}
	return true
}

// and is passed by what passes both.
func and(f, g delivery.Filter) delivery.Filter {
	if f.Statuses == nil {
		f.Statuses = g.Statuses
	}
	if f.IntegrationID == "" {
		f.IntegrationID = g.IntegrationID
	}
	if f.RequestID == "" {
		f.RequestID = g.RequestID
	}
	if f.Kind == "" {
		f.Kind = g.Kind
	}
	if f.EventTypes == nil {
		f.EventTypes = g.EventTypes
	}
	if f.OwedFrom.IsZero() {
		f.OwedFrom = g.OwedFrom
	}
	if f.OwedBefore.IsZero() {
		f.OwedBefore = g.OwedBefore
	}
	return f
}

// turn reads a whole list in pages of 7.
func (w *world) turn(f delivery.Filter, desc bool) []string {
	w.t.Helper()
	var ids []string
	p := store.Page{First: 7}
	for range 200 {
		l, err := w.List(w.t.Context(), f, desc, p)
		w.must(err)
		for _, d := range l.Docs {
			ids = append(ids, d.ID)
		}
		if !l.Next {
			return ids
		}
		if p.After = l.End; p.After == nil {
			p.After = l.Docs[len(l.Docs)-1].Position()
		}
	}
	w.t.Fatal("the list has no end")
	return nil
}

// Every filter lists what passes it, and that alone, in the order of when it was owed: one
// at a time and several together.
func TestEveryFilterListsWhatPasses(t *testing.T) {
	w, _, made := crowd(t, 80)
	slices.SortFunc(made, func(a, b delivery.Delivery) int {
		if c := a.OwedAt.Compare(b.OwedAt); c != 0 {
			return c
		}
		if a.EventSeq != b.EventSeq {
			return int(a.EventSeq) - int(b.EventSeq)
		}
		return strings.Compare(a.ID, b.ID)
	})
	from, to := made[20].OwedAt, made[60].OwedAt
	one := []delivery.Filter{
		{}, {Statuses: []delivery.Status{delivery.StatusPending}}, {Statuses: []delivery.Status{delivery.StatusDead, delivery.StatusDelivered}}, {Statuses: []delivery.Status{}},
		{IntegrationID: "int_a"}, {IntegrationID: "int_c"}, {RequestID: "req_1"}, {Kind: delivery.KindTest}, {Kind: delivery.KindEvent},
		{EventTypes: []access.EventType{access.EventDenied}}, {EventTypes: []access.EventType{access.EventCreated, access.EventApproved}}, {EventTypes: []access.EventType{}},
		{OwedFrom: from}, {OwedBefore: to}, {OwedFrom: from, OwedBefore: to}, {OwedFrom: from, OwedBefore: from.Add(time.Microsecond)},
	}
	sizes := map[int]bool{}
	for _, a := range one {
		for _, b := range one {
			for _, c := range one[:10] {
				f := and(and(a, b), c)
				var want []string
				for _, d := range made {
					if has(f, &d) {
						want = append(want, d.ID)
					}
				}
				sizes[len(want)] = true
				for _, desc := range []bool{false, true} {
					got := w.turn(f, desc)
					if desc {
						slices.Reverse(got)
					}
					if !slices.Equal(got, want) {
						t.Fatalf("%+v (last first %t):\ngot  %v\nwant %v", f, desc, got, want)
					}
				}
			}
		}
	}
	if len(sizes) < 20 {
		t.Errorf("the filters are too alike: %v", sizes)
	}
}

// A look at a large ledger reads what stands in the time, and a bounded number where a
// filter drops most of it.
func TestALookIsBounded(t *testing.T) {
	w, docs, made := crowd(t, 1200)
	look := func(f delivery.Filter) (store.Listed, int) {
		t.Helper()
		docs.listed = 0
		l, err := w.List(t.Context(), f, true, store.Page{First: 5})
		w.must(err)
		return l, docs.listed
	}
	early := made[3].OwedAt
	if l, read := look(delivery.Filter{OwedFrom: made[0].OwedAt, OwedBefore: early}); len(l.Docs) == 0 || read > 30 {
		t.Errorf("the first seconds: %d are listed of %d", len(l.Docs), read)
	}
	l, read := look(delivery.Filter{EventTypes: []access.EventType{access.EventExpired}})
	if len(l.Docs) > 0 || !l.Next || l.End == nil || read > 3*store.MaxExamined {
		t.Errorf("what there is none of: %d, more %t, of %d", len(l.Docs), l.Next, read)
	}
	for _, f := range []delivery.Filter{{EventTypes: []access.EventType{}}, {Kind: delivery.KindTest, EventTypes: []access.EventType{access.EventCreated}}} {
		if l, read := look(f); len(l.Docs) > 0 || l.Next || read > 0 {
			t.Errorf("%+v: %d, more %t, of %d", f, len(l.Docs), l.Next, read)
		}
	}
}

// What an integration was owed last, and how much stands at a status, is known from a look
// at few.
func TestWhatAnIntegrationIsOwed(t *testing.T) {
	w, docs, made := crowd(t, 400)
	for _, id := range []string{"int_a", "int_b", "int_none"} {
		var last delivery.Delivery
		counts := map[delivery.Status]int{}
		for _, d := range made {
			if d.IntegrationID != id {
				continue
			}
			counts[d.Status]++
			if d.OwedAt.After(last.OwedAt) || d.OwedAt.Equal(last.OwedAt) && d.EventSeq >= last.EventSeq {
				last = d
			}
		}
		docs.listed = 0
		got, ok, err := w.Latest(t.Context(), id)
		w.must(err)
		if ok != (last.ID != "") || got.ID != last.ID || docs.listed > 6 {
			t.Errorf("%s: the last is %s (%t), want %s; %d were read", id, got.ID, ok, last.ID, docs.listed)
		}
		for _, s := range []delivery.Status{delivery.StatusPending, delivery.StatusDead, delivery.StatusDelivered} {
			n, err := w.Count(t.Context(), id, s)
			w.must(err)
			if n != min(counts[s], delivery.MostCounted) {
				t.Errorf("%s, %s: %d, want %d at most %d", id, s, n, counts[s], delivery.MostCounted)
			}
		}
	}
}
