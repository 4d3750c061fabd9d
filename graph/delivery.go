package graph

import (
	"context"
	"fmt"
	"time"
	"unicode/utf8"

	"procyon/access"
	"procyon/delivery"
	"procyon/graph/scalar"
	"procyon/journal"
	"procyon/store"
)

func toDeliveries(in []delivery.Delivery) []*Delivery {
	out := make([]*Delivery, len(in))
	for i, d := range in {
		out[i] = toDelivery(d)
	}
	return out
}

func (r *Resolver) test(ctx context.Context, integrationID string) (delivery.Delivery, error) {
	i, err := r.Access.Integration(ctx, integrationID)
	if err != nil {
		return delivery.Delivery{}, access.AtField("integrationId", err)
	}
	if i.Deleted {
		return delivery.Delivery{}, access.Errorf(access.CodeNotFound, "integrationId", "There is no such integration.")
	}
	if err := works(i, "integrationId"); err != nil {
		return delivery.Delivery{}, err
	}
	return r.Ledger.Test(ctx, i.ID, i.Name)
}

// works refuses an integration that would not get a message now.
func works(i access.Integration, field string) error {
	switch {
	case i.Deleted:
		return access.Errorf(access.CodeConflict, field, "The integration %q was deleted.", i.Name)
	case i.Status == access.IntegrationDisabled:
		return access.Errorf(access.CodeConflict, field, "The integration %q is switched off; switch it on first.", i.Name)
	case i.Status == access.IntegrationBroken:
		return access.Errorf(access.CodeConflict, field, "The integration %q is broken (%s); mend its URL or switch it on first.", i.Name, i.BrokenReason)
	}
	return nil
}

// redeliver owes a notification again, where its integration can get it.
func (r *Resolver) redeliver(ctx context.Context, id string) (delivery.Delivery, error) {
	d, err := r.Ledger.Get(ctx, id)
	if err != nil {
		return d, err
	}
	i, err := r.Access.Integration(ctx, d.IntegrationID)
	if err != nil {
		return d, access.AtField("deliveryId", err)
	}
	if err := works(i, "deliveryId"); err != nil {
		return d, err
	}
	return r.Ledger.Redeliver(ctx, id)
}

// owed is how many deliveries of an integration stand at a status, as far as is counted.
func (r *Resolver) owed(ctx context.Context, integrationID string, s delivery.Status) (*int, error) {
	n, err := r.Ledger.Count(ctx, integrationID, s)
	if err != nil {
		return nil, err
	}
	return &n, nil
}

// fromDeliveryFilter is in one form for the same filter.
func fromDeliveryFilter(f *DeliveryFilter) (delivery.Filter, error) {
	if f == nil {
		return delivery.Filter{}, nil
	}
	from, before, err := fromTimeRange("filter.owedAt", f.OwedAt)
	return delivery.Filter{
		Statuses: distinct[delivery.Status](f.Status), IntegrationID: value(f.IntegrationID), RequestID: value(f.RequestID),
		EventTypes: distinct[access.EventType](f.EventTypes), Kind: delivery.Kind(value(f.Kind)), OwedFrom: from, OwedBefore: before,
	}, err
}

// eventPosition is the place of the event that a delivery is about. An earlier release
// did not store the whole of it; where the journal has no such entry it is nil.
func (r *Resolver) eventPosition(ctx context.Context, d *Delivery) (*journal.Position, error) {
	if d.EventSeq == 0 {
		return nil, nil
	}
	if d.EventMark != nil {
		return &journal.Position{Seq: d.EventSeq, Mark: *d.EventMark}, nil
	}
	p, err := r.Journal.PositionAt(ctx, d.EventSeq)
	return nullAt(access.CodeJournalChanged, &p, err)
}

// deliveryEvent is the event that a delivery is about, as the journal has it; nil where
// it has it no more, because a backup was restored.
func (r *Resolver) deliveryEvent(ctx context.Context, d *Delivery) (*RequestEvent, error) {
	p, err := r.eventPosition(ctx, d)
	if err != nil || p == nil {
		return nil, err
	}
	e, err := r.Journal.EntryAt(ctx, *p)
	if known, err := nullAt(access.CodeJournalChanged, &e, err); err != nil || known == nil {
		return nil, err
	}
	return toEvent(e)
}

// deliveryRequest is the request that a delivery is about, as it stands now.
func (r *Resolver) deliveryRequest(ctx context.Context, d *Delivery) (*RequestSnapshot, error) {
	if d.RequestID == nil {
		return nil, nil
	}
	v, err := r.Access.Request(ctx, *d.RequestID)
	if known, err := nullAt(access.CodeNotFound, &v, err); err != nil || known == nil {
		return nil, err // where a backup was restored
	}
	return toSnapshot(v), nil
}

// nextDelivery is what is to be sent to an integration next. While that is broken all that
// it is owed waits.
func (r *Resolver) nextDelivery(ctx context.Context, integrationID string) (*Delivery, error) {
	d, ok, err := r.Ledger.Next(ctx, integrationID)
	if err != nil || !ok {
		return nil, err
	}
	i, err := r.Access.Integration(ctx, integrationID)
	if err != nil || i.Status == access.IntegrationBroken && !i.Deleted {
		return nil, err
	}
	return toDelivery(d), nil
}

// deliveryRoute says which items an integration may see of the request that a
// delivery is about: those routed to it now, whether it is enabled or not.
func (r *Resolver) deliveryRoute(ctx context.Context, d *Delivery) (*NotificationRoute, error) {
	ev, err := r.deliveryEvent(ctx, d)
	if err != nil || ev == nil {
		return nil, err
	}
	i, err := r.Access.Integration(ctx, d.IntegrationID)
	if err != nil {
		return nil, err
	}
	items := ev.Request.Source.Items
	routes := access.RouteItems(items, []access.Integration{i})
	if len(routes) == 0 {
		routes = []access.Route{{Integration: i, Others: len(items)}}
	}
	return r.toRoutes(routes)[0], nil
}

// plan writes down what is owed. Each event must be one of a request, and each
// integration one that is there.
func (r *Resolver) plan(ctx context.Context, in PlanDeliveriesInput) ([]delivery.Delivery, error) {
	events := map[journal.Position]delivery.Event{}
	integrations := map[string]access.Integration{}
	planned := make([]delivery.Planned, len(in.Deliveries))
	for i, p := range in.Deliveries {
		if _, ok := events[p.EventCursor]; !ok {
			field := fmt.Sprintf("deliveries.%d.eventCursor", i)
			if p.EventCursor.Seq == 0 {
				return nil, access.Errorf(access.CodeInvalid, field, "There is no event at the journal's beginning.")
			}
			e, err := r.Journal.EntryAt(ctx, p.EventCursor)
			if err != nil {
				return nil, access.AtField(field, err)
			}
			if access.KindOf(e.Subject) != access.KindRequest {
				return nil, access.Errorf(access.CodeInvalid, field, "There is no request's event at the cursor %s.", scalar.FormatCursor(p.EventCursor))
			}
			v, err := access.Decode[access.Request](store.Document{ID: e.Subject, Version: e.Version, Data: e.After})
			if err != nil {
				return nil, err
			}
			events[p.EventCursor] = delivery.Event{Position: p.EventCursor, At: e.At, Type: access.EventType(e.Type), RequestID: e.Subject, RequesterID: v.Requester.ID}
		}
		to, ok := integrations[p.IntegrationID]
		if !ok {
			var err error
			if to, err = r.Access.Integration(ctx, p.IntegrationID); err != nil {
				return nil, access.AtField(fmt.Sprintf("deliveries.%d.integrationId", i), err)
			}
			integrations[p.IntegrationID] = to
		}
		planned[i] = delivery.Planned{
			Event: events[p.EventCursor], IntegrationID: p.IntegrationID, IntegrationName: to.Name, Held: to.Status == access.IntegrationBroken,
		}
	}
	return r.Ledger.Plan(ctx, claim(ctx, in.Consumer, in.Epoch), in.Cursor, planned)
}

const (
	maxAttemptError = 500 // characters
	maxTook         = 24 * time.Hour
)

// record writes down an attempt; where the other side said that the integration
// will never work, the integration is broken, unless it was changed since it was tried.
func (r *Resolver) record(ctx context.Context, in RecordDeliveryAttemptInput) (delivery.Delivery, error) {
	reason := value(in.Error)
	if utf8.RuneCountInString(reason) > maxAttemptError {
		return delivery.Delivery{}, access.Errorf(access.CodeInvalid, "error", "Give at most %d characters.", maxAttemptError)
	}
	took := time.Duration(in.TookMs) * time.Millisecond
	if in.TookMs < 0 || took > maxTook {
		return delivery.Delivery{}, access.Errorf(access.CodeInvalid, "tookMs", "Say in milliseconds how long the attempt took: from 0 to %d.", maxTook.Milliseconds())
	}
	if value(in.IntegrationVersion) < 0 {
		return delivery.Delivery{}, access.Errorf(access.CodeInvalid, "integrationVersion", "A version is 0 or more: give the one that was tried.")
	}
	d, err := r.Ledger.Record(ctx, claim(ctx, in.Consumer, in.Epoch), in.DeliveryID, delivery.Attempt{
		Outcome: delivery.Outcome(in.Outcome), StatusCode: value(in.StatusCode), Error: reason, Took: took,
	}, value(in.NextAttemptAt))
	if err != nil || in.Outcome != DeliveryOutcomeBroken {
		return d, err
	}
	if in.IntegrationVersion == nil {
		err = r.Access.BreakIntegration(ctx, actor(ctx), d.IntegrationID, reason)
	} else {
		err = r.Access.BreakTried(ctx, actor(ctx), d.IntegrationID, uint64(*in.IntegrationVersion), reason)
	}
	if access.CodeOf(err) == access.CodeNotFound {
		err = nil // it was deleted meanwhile, with all that it was owed
	}
	return d, err
}

// claim is a caller's claim to the lease of a consumer.
func claim(ctx context.Context, consumer string, epoch int) delivery.Claim {
	return delivery.Claim{By: actor(ctx).ID, Consumer: consumer, Epoch: epoch}
}
