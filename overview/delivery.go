package overview

import (
	"cmp"
	"context"
	"slices"
	"sync"
	"time"

	"procyon/access"
	"procyon/delivery"
	"procyon/store"
)

// Health is whether notifications arrive: what was owed in a span and delivered or became a dead letter,
// and what waits now, whenever it was owed.
type Health struct{ Delivered, Waiting, Dead int }

// Integration is the health of one.
type Integration struct {
	access.Integration
	Health
}

// maxRead is how many integrations are looked at.
const maxRead = 100

// Deliveries is the health of all integrations together, those that were deleted included,
// and of each of those that are worst off: with most dead letters, then those that most waits for.
func (o *Overview) Deliveries(ctx context.Context, s Span) (Health, []Integration, error) {
	all, err := o.health(ctx, "", s)
	if err != nil {
		return all, nil, err
	}
	l, err := o.Access.Integrations(ctx, access.IntegrationFilter{}, store.Page{First: maxRead})
	if err != nil {
		return all, nil, err
	}
	integrations, err := access.DecodeAll[access.Integration](l.Docs)
	if err != nil {
		return all, nil, err
	}
	out := make([]Integration, len(integrations))
	for i, one := range integrations {
		h, err := o.health(ctx, one.ID, s)
		if err != nil {
			return all, nil, err
		}
		out[i] = Integration{one, h}
	}
	slices.SortStableFunc(out, func(a, b Integration) int {
		return cmp.Or(cmp.Compare(b.Dead, a.Dead), cmp.Compare(b.Waiting, a.Waiting), cmp.Compare(b.Delivered, a.Delivered))
	})
	return all, out[:min(len(out), MaxIntegrations)], nil
}

// health is that of an integration; "" is of all.
func (o *Overview) health(ctx context.Context, id string, s Span) (h Health, err error) {
	if h.Delivered, err = o.delivered(ctx, id, s); err != nil {
		return h, err
	}
	if h.Dead, err = o.Ledger.CountOwed(ctx, id, delivery.StatusDead, s.From(), time.Time{}, MostCounted); err != nil {
		return h, err
	}
	h.Waiting, err = o.Ledger.CountOwed(ctx, id, delivery.StatusPending, time.Time{}, time.Time{}, MostCounted)
	return h, err
}

const (
	// settled is after how long what was delivered hardly changes any more, but for what is
	// redelivered: it is counted anew after recount.
	settled = 24 * time.Hour
	recount = 10 * time.Minute
	// maxKnown is how many counts are remembered.
	maxKnown = 1000
)

// past is what was counted of deliveries that are settled: those delivered are most of all,
// and to count them each time would take longer the more there are.
type past struct {
	mu    sync.Mutex // guards known
	known map[pastKey]pastCount
}

type pastKey struct {
	integration string
	from        int64 // in seconds
}

type pastCount struct {
	n         int
	until, at time.Time
}

func (o *Overview) delivered(ctx context.Context, id string, s Span) (int, error) {
	from := s.From()
	p, err := o.settled(ctx, id, s)
	if err != nil {
		return 0, err
	}
	if p.until.After(from) {
		from = p.until
	}
	late, err := o.Ledger.CountOwed(ctx, id, delivery.StatusDelivered, from, time.Time{}, MostCounted)
	return min(p.n+late, MostCounted), err
}

// settled is how many of a span's deliveries were delivered longer ago.
func (o *Overview) settled(ctx context.Context, id string, s Span) (pastCount, error) {
	key := pastKey{id, s.From().Unix()}
	o.past.mu.Lock()
	p, ok := o.past.known[key]
	o.past.mu.Unlock()
	if ok && s.At.Sub(p.at) < recount {
		return p, nil
	}
	p = pastCount{until: s.At.Add(-settled), at: s.At}
	if !p.until.After(s.From()) {
		return pastCount{}, nil
	}
	var err error
	if p.n, err = o.Ledger.CountOwed(ctx, id, delivery.StatusDelivered, s.From(), p.until, MostCounted); err != nil {
		return p, err
	}
	o.past.mu.Lock()
	defer o.past.mu.Unlock()
	if o.past.known == nil || len(o.past.known) >= maxKnown {
		o.past.known = map[pastKey]pastCount{}
	}
	o.past.known[key] = p
	return p, nil
}
