package delivery

import (
	"context"
	"fmt"
	"slices"
	"time"

	"procyon/access"
	"procyon/journal"
	"procyon/store"
)

// Event is a journal entry of a request, as far as a delivery keeps it.
type Event struct {
	Position    journal.Position // of the entry
	At          time.Time        // the entry's: never before that of an earlier entry
	Type        access.EventType
	RequestID   string
	RequesterID string
}

// Planned is an event owed to an integration.
type Planned struct {
	Event           Event
	IntegrationID   string
	IntegrationName string
	// Held says that the integration is broken: what it is owed waits until it is mended,
	// and of each request that is the last event alone.
	Held bool
}

// maxPlanned is how many deliveries one plan may hold.
const maxPlanned = 500

// Plan writes down what is owed and moves the consumer's cursor past it, at once
// where the store can, and otherwise in this order: so a crash loses nothing, and
// a repeat finds what is there already and leaves it as it is. The place and the events
// must be of this journal: JOURNAL_CHANGED, and nothing is written.
func (l *Ledger) Plan(ctx context.Context, claim Claim, to journal.Position, planned []Planned) ([]Delivery, error) {
	if len(planned) > maxPlanned {
		return nil, access.Errorf(access.CodeInvalid, "deliveries", "Plan at most %d deliveries at once; these are %d.", maxPlanned, len(planned))
	}
	var out []Delivery
	var flows []flowKey
	err := retry(ctx, func() error {
		c, err := l.held(ctx, claim)
		if err != nil {
			return err
		}
		if err := l.check(ctx, "cursor", to); err != nil {
			return err
		}
		var fresh []store.Document
		if out, fresh, err = l.fresh(ctx, planned); err != nil {
			return err
		}
		flows = waiting(out)
		docs, err := l.join(ctx, flows)
		if err != nil {
			return err
		}
		docs = append(docs, fresh...)
		if to.Seq > c.Position.Seq {
			c.moveTo(to)
			doc, err := c.document()
			if err != nil {
				return err
			}
			docs = append(docs, doc)
		}
		if len(docs) == 0 {
			return nil
		}
		return l.docs.Put(ctx, docs...)
	})
	if err != nil {
		return out, err
	}
	return out, l.planned(ctx, out, flows)
}

// waiting are the flows of what is pending.
func waiting(list []Delivery) []flowKey {
	var keys []flowKey
	for i := range list {
		if list[i].Status == StatusPending && list[i].Queue != "" {
			keys = append(keys, list[i].flow())
		}
	}
	return keys
}

// planned makes sure of what others did meanwhile: that flows wait, and that nothing
// stands behind new requests which the integration has heard of.
func (l *Ledger) planned(ctx context.Context, list []Delivery, flows []flowKey) error {
	for i := range list {
		d := &list[i]
		if d.Status != StatusPending || d.Queue != queueNew || d.EventType == access.EventCreated {
			continue
		}
		if err := l.promote(ctx, d.IntegrationID, d.RequestID); err != nil {
			return err
		}
	}
	return l.ensureWaiting(ctx, flows...)
}

// fresh returns the planned deliveries, and the documents of those that are new. What happened
// longer ago than deliveries are kept is left out: it may have been sent and forgotten, and
// who begins anew at the journal's start is not to send years of notifications.
func (l *Ledger) fresh(ctx context.Context, planned []Planned) ([]Delivery, []store.Document, error) {
	ids, known, err := l.plannedBefore(ctx, planned)
	if err != nil {
		return nil, nil, err
	}
	now := l.now()
	isNew := map[string]bool{} // terms of requests that are new by what is planned here
	held := heldOnes{}
	var changed []string // the IDs of what is to be stored, in order
	for i, p := range planned {
		if _, ok := known[ids[i]]; ok || p.Event.At.Before(now.Add(-l.keep())) {
			continue
		}
		d := newDelivery(ids[i], p, now)
		if err := l.enqueue(ctx, &d, isNew); err != nil {
			return nil, nil, err
		}
		if d.Held {
			before, err := held.before(ctx, l, &d)
			if err != nil {
				return nil, nil, err
			}
			for _, e := range before {
				if !slices.Contains(changed, e.ID) {
					changed = append(changed, e.ID)
				}
				known[e.ID] = e
			}
		}
		known[d.ID] = d
		changed = append(changed, d.ID)
	}
	docs := make([]store.Document, len(changed))
	for i, id := range changed {
		d := known[id]
		if docs[i], err = d.document(); err != nil {
			return nil, nil, err
		}
		d.version = docs[i].Version
		known[id] = d
	}
	var out []Delivery
	for i := range planned {
		if d, ok := known[ids[i]]; ok {
			out = append(out, d)
		}
	}
	return out, docs, nil
}

// newDelivery is what a plan owes that nobody has planned before. It is owed since its event:
// the journal orders the times of its entries as the entries themselves, whichever servers'
// clocks they are by, so what is listed by that is in the order of what happened.
func newDelivery(id string, p Planned, now time.Time) Delivery {
	at := p.Event.At.UTC().Truncate(time.Microsecond)
	return Delivery{
		ID: id, Kind: KindEvent, EventSeq: p.Event.Position.Seq, EventMark: &p.Event.Position.Mark, EventType: p.Event.Type, RequestID: p.Event.RequestID,
		RequesterID: p.Event.RequesterID, IntegrationID: p.IntegrationID, IntegrationName: p.IntegrationName, Status: StatusPending,
		NextAttemptAt: now, CreatedAt: latest(now, at), OwedAt: at, Held: p.Held,
	}
}

// latest is the later of two times.
func latest(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// plannedBefore returns the IDs of planned deliveries, and those that are known. An ID
// follows from the event's number and the integration. Where a delivery of another
// journal has it, because a backup of the journal alone was restored, the event's mark is
// in the ID as well: what is owed is not taken for what was sent.
func (l *Ledger) plannedBefore(ctx context.Context, planned []Planned) (ids []string, known map[string]Delivery, err error) {
	known = map[string]Delivery{}
	ids = make([]string, len(planned))
	for i, p := range planned {
		ids[i] = "dlv_" + l.derive("delivery", fmt.Sprint(p.Event.Position.Seq), p.IntegrationID)
	}
	if err := l.read(ctx, ids, known); err != nil {
		return nil, nil, err
	}
	var others []string
	for i, p := range planned {
		at := p.Event.Position
		if d, ok := known[ids[i]]; ok && d.EventMark != nil && *d.EventMark != at.Mark {
			ids[i] = "dlv_" + l.derive("delivery", fmt.Sprint(at.Seq), p.IntegrationID, at.Mark.String())
			others = append(others, ids[i])
		}
	}
	return ids, known, l.read(ctx, others, known)
}

// read adds the deliveries that there are to known.
func (l *Ledger) read(ctx context.Context, ids []string, known map[string]Delivery) error {
	if len(ids) == 0 {
		return nil
	}
	docs, err := l.docs.Get(ctx, ids...)
	if err != nil {
		return fmt.Errorf("read deliveries: %w", err)
	}
	for _, doc := range docs {
		if known[doc.ID], err = Decode(doc); err != nil {
			return err
		}
	}
	return nil
}
