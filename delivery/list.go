package delivery

import (
	"context"
	"fmt"
	"slices"
	"time"

	"procyon/access"
	"procyon/store"
)

// Filter narrows a list of deliveries. What is empty does not narrow, but an empty list is
// passed by none.
type Filter struct {
	Statuses      []Status // any of these; nil: all
	IntegrationID string
	RequestID     string
	EventTypes    []access.EventType // of any of these; nil: all
	Kind          Kind
	OwedFrom      time.Time // last owed then or later
	OwedBefore    time.Time // last owed before
}

// passes tells whether a delivery passes a filter.
func (f Filter) passes(d *Delivery) bool {
	return (f.Statuses == nil || slices.Contains(f.Statuses, d.Status)) &&
		(f.IntegrationID == "" || f.IntegrationID == d.IntegrationID) &&
		(f.RequestID == "" || f.RequestID == d.RequestID) &&
		(f.EventTypes == nil || slices.Contains(f.EventTypes, d.EventType)) &&
		(f.Kind == "" || f.Kind == d.Kind) &&
		(f.OwedFrom.IsZero() || !d.OwedAt.Before(f.OwedFrom)) &&
		(f.OwedBefore.IsZero() || d.OwedAt.Before(f.OwedBefore))
}

// nothing tells that no delivery can pass.
func (f Filter) nothing() bool {
	return f.EventTypes != nil && (len(f.EventTypes) == 0 || f.Kind == KindTest)
}

// terms are those under which everything stands that passes; all tells that within the
// time nothing else does.
func (f Filter) terms() (terms []string, all bool) {
	if f.RequestID != "" {
		return []string{requestTerm(f.RequestID)}, f.Statuses == nil && f.IntegrationID == "" && f.EventTypes == nil && f.Kind == ""
	}
	wanted := f.Statuses
	if wanted == nil {
		wanted = statuses
	}
	for _, s := range wanted {
		if f.IntegrationID != "" {
			terms = append(terms, integrationTerm(f.IntegrationID, s))
		} else {
			terms = append(terms, statusTerm(s))
		}
	}
	return terms, f.EventTypes == nil && f.Kind == ""
}

// within reads the deliveries of the time alone in which they were last owed, by their
// order.
func (f Filter) within(docs store.Reader) store.Range {
	r := store.Range{Reader: docs}
	if !f.OwedFrom.IsZero() {
		r.From = store.TimeSort(f.OwedFrom)
	}
	if !f.OwedBefore.IsZero() {
		r.Before = store.TimeSort(f.OwedBefore)
	}
	return r
}

// List lists deliveries by the time they were last owed.
func (l *Ledger) List(ctx context.Context, f Filter, desc bool, p store.Page) (store.Listed, error) {
	if f.nothing() {
		return store.Listed{}, nil
	}
	terms, all := f.terms()
	var keep func(store.Document) bool
	if !all {
		keep = func(doc store.Document) bool {
			d, err := Decode(doc)
			return err == nil && f.passes(&d)
		}
	}
	return store.List(ctx, f.within(l.docs), terms, desc, p, keep)
}

// Latest is what an integration was owed last, whatever became of it; ok is false where it
// was never owed anything.
func (l *Ledger) Latest(ctx context.Context, integrationID string) (d Delivery, ok bool, err error) {
	list, err := l.List(ctx, Filter{IntegrationID: integrationID}, true, store.Page{First: 1})
	if err != nil || len(list.Docs) == 0 {
		return d, false, err
	}
	d, err = Decode(list.Docs[0])
	return d, err == nil, err
}

// Owes tells whether an integration is owed something.
func (l *Ledger) Owes(ctx context.Context, integrationID string) (bool, error) {
	_, owes, err := l.first(ctx, integrationTerm(integrationID, StatusPending))
	return owes, err
}

// MostCounted is how far Count counts.
const MostCounted = 100

// Count is how many deliveries of an integration stand at a status; MostCounted stands for
// so many and more.
func (l *Ledger) Count(ctx context.Context, integrationID string, s Status) (int, error) {
	docs, err := l.docs.List(ctx, store.Query{Term: integrationTerm(integrationID, s), Limit: MostCounted})
	if err != nil {
		return 0, fmt.Errorf("count what %s is owed: %w", integrationID, err)
	}
	return len(docs), nil
}

// CountOwed is how many deliveries of an integration ("": of all) stand at a status that were
// last owed from a time on and before another (zero: no bound), up to most. They are not read.
func (l *Ledger) CountOwed(ctx context.Context, integrationID string, s Status, from, before time.Time, most int) (int, error) {
	f := Filter{Statuses: []Status{s}, IntegrationID: integrationID, OwedFrom: from, OwedBefore: before}
	terms, _ := f.terms()
	n, err := f.within(l.docs).Count(ctx, terms[0], most)
	if err != nil {
		return 0, fmt.Errorf("count what was owed: %w", err)
	}
	return n, nil
}
