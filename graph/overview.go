package graph

import (
	"context"
	"time"

	"procyon/index"
	"procyon/overview"
)

func toPendingAge(a overview.Age) *PendingAge {
	return &PendingAge{From: optionalTime(a.From), Before: optionalTime(a.Before), Count: a.Count}
}

// requestNumbers is what became of requests in a span.
func (r *Resolver) requestNumbers(ctx context.Context, s overview.Span) (*RequestNumbers, error) {
	found, err := r.Numbers.Requests(ctx, s)
	if err != nil {
		return nil, err
	}
	all := &found.All
	out := &RequestNumbers{
		CountedUpTo: optionalTime(found.UpTo), Made: all.Made, Approved: all.Approved, Denied: all.Denied, TimedOut: all.TimedOut,
		MedianToDecide: within(all, 0.5), P90ToDecide: within(all, 0.9), Days: make([]*RequestDay, len(found.Days)),
	}
	for i := range found.Days {
		d := &found.Days[i]
		out.Days[i] = &RequestDay{
			Date: s.Date(i), Begins: d.Begins, Made: d.Made, Approved: d.Approved, Denied: d.Denied, TimedOut: d.TimedOut,
			MedianToDecide: within(d, 0.5), P90ToDecide: within(d, 0.9),
		}
	}
	out.BusiestResources, err = r.busiest(ctx, found.Asked)
	return out, err
}

// within is the time in which a part of decisions was made; nil where there was none.
func within(d *index.Day, part float64) *time.Duration {
	t, ok := d.Waits.Quantile(part)
	if !ok {
		return nil
	}
	return &t
}

func (r *Resolver) busiest(ctx context.Context, asked []index.Asked) ([]*BusyResource, error) {
	out := make([]*BusyResource, len(asked))
	for i, a := range asked {
		v, err := r.Access.Resource(ctx, a.ResourceID)
		if err != nil {
			return nil, err
		}
		out[i] = &BusyResource{ResourceID: a.ResourceID, Name: v.Name, Requests: a.Requests}
		if !v.Deleted {
			out[i].Resource = toResource(v)
		}
	}
	return out, nil
}

// deliveryNumbers is whether notifications arrive.
func (r *Resolver) deliveryNumbers(ctx context.Context, s overview.Span) (*DeliveryNumbers, error) {
	all, of, err := r.Numbers.Deliveries(ctx, s)
	if err != nil {
		return nil, err
	}
	return &DeliveryNumbers{
		Delivered: all.Delivered, Dead: all.Dead, Waiting: all.Waiting,
		Integrations: each(of, func(i overview.Integration) *IntegrationNumbers {
			return &IntegrationNumbers{Integration: toIntegration(i.Integration), Delivered: i.Delivered, Dead: i.Dead, Waiting: i.Waiting}
		}),
	}, nil
}
