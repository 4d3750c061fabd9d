package overview

import (
	"cmp"
	"context"
	"slices"
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
	all, err := o.health(ctx, "", s.From())
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
		h, err := o.health(ctx, one.ID, s.From())
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
func (o *Overview) health(ctx context.Context, id string, from time.Time) (Health, error) {
	var h Health
	for _, part := range []struct {
		to     *int
		status delivery.Status
		from   time.Time
	}{
		{&h.Delivered, delivery.StatusDelivered, from}, {&h.Dead, delivery.StatusDead, from}, {&h.Waiting, delivery.StatusPending, time.Time{}},
	} {
		n, err := o.Ledger.CountOwed(ctx, id, part.status, part.from, MostCounted)
		if err != nil {
			return h, err
		}
		*part.to = n
	}
	return h, nil
}
