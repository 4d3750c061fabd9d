package delivery

import (
	"context"
	"fmt"
	"time"

	"procyon/access"
	"procyon/journal"
	"procyon/store"
)

// Ledger keeps deliveries and consumers. It is safe for concurrent use, by
// several servers too. Its errors are *access.Error where they are expected.
type Ledger struct {
	docs    store.Documents
	journal Journal
	now     func() time.Time
	newID   func() string
	derive  func(parts ...string) string
}

// Journal says what is a place in the journal; [journal.Journal] does.
type Journal interface {
	// Last is the place behind the last entry.
	Last() journal.Position
	// Check refuses a place that is not in the journal: JOURNAL_CHANGED.
	Check(ctx context.Context, p journal.Position) error
	// PositionAt is the place behind the entry with a number, or JOURNAL_CHANGED.
	PositionAt(ctx context.Context, seq uint64) (journal.Position, error)
}

// New makes a Ledger. derive makes an ID from its parts, always the same.
func New(docs store.Documents, entries Journal, now func() time.Time, newID func() string, derive func(parts ...string) string) *Ledger {
	return &Ledger{docs: docs, journal: entries, now: func() time.Time { return now().UTC().Truncate(time.Microsecond) }, newID: newID, derive: derive}
}

// Event is a journal entry of a request, as far as a delivery keeps it.
type Event struct {
	Position    journal.Position // of the entry
	Type        access.EventType
	RequestID   string
	RequesterID string
}

// Planned is an event owed to an integration.
type Planned struct {
	Event           Event
	IntegrationID   string
	IntegrationName string
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

// fresh returns all the planned deliveries, and the documents of those that are new.
func (l *Ledger) fresh(ctx context.Context, planned []Planned) ([]Delivery, []store.Document, error) {
	ids, known, err := l.plannedBefore(ctx, planned)
	if err != nil {
		return nil, nil, err
	}
	now := l.now()
	out := make([]Delivery, len(planned))
	var docs []store.Document
	isNew := map[string]bool{} // terms of requests that are new by what is planned here
	for i, p := range planned {
		d, ok := known[ids[i]]
		if !ok {
			d = Delivery{
				ID: ids[i], Kind: KindEvent, EventSeq: p.Event.Position.Seq, EventMark: &p.Event.Position.Mark, EventType: p.Event.Type, RequestID: p.Event.RequestID,
				RequesterID: p.Event.RequesterID, IntegrationID: p.IntegrationID, IntegrationName: p.IntegrationName, Status: StatusPending, NextAttemptAt: now, CreatedAt: now, OwedAt: now,
			}
			if err := l.enqueue(ctx, &d, isNew); err != nil {
				return nil, nil, err
			}
			doc, err := d.document()
			if err != nil {
				return nil, nil, err
			}
			d.version = doc.Version
			known[d.ID] = d
			docs = append(docs, doc)
		}
		out[i] = d
	}
	return out, docs, nil
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

// enqueue says where a delivery waits. isNew has the terms of requests that are about to
// be new to an integration, and gets this one's.
func (l *Ledger) enqueue(ctx context.Context, d *Delivery, isNew map[string]bool) error {
	term := newTerm(d.IntegrationID, d.RequestID)
	if !isNew[term] {
		known, err := l.known(ctx, d)
		if err != nil {
			return err
		}
		isNew[term] = !known
	}
	d.Queue = queueChanges
	if isNew[term] {
		d.Queue = queueNew
	}
	return nil
}

// Get returns a delivery by ID, or a NOT_FOUND *Error.
func (l *Ledger) Get(ctx context.Context, id string) (Delivery, error) {
	if access.KindOf(id) != "dlv" {
		return Delivery{}, notFound()
	}
	docs, err := l.docs.Get(ctx, id)
	if err != nil {
		return Delivery{}, fmt.Errorf("read %s: %w", id, err)
	}
	if len(docs) == 0 {
		return Delivery{}, notFound()
	}
	return Decode(docs[0])
}

func notFound() error {
	return access.Errorf(access.CodeNotFound, "deliveryId", "There is no such delivery.")
}

func (l *Ledger) put(ctx context.Context, d *Delivery) error {
	doc, err := d.document()
	if err != nil {
		return err
	}
	if err := l.docs.Put(ctx, doc); err != nil {
		return err
	}
	d.version = doc.Version
	return nil
}

// Record writes down how an attempt went; next is when to try again after
// OutcomeRetry. A delivery that is over already stays as it is. With one that is over now
// it is the next flow's turn.
func (l *Ledger) Record(ctx context.Context, claim Claim, id string, a Attempt, next time.Time) (Delivery, error) {
	var d Delivery
	over, left := false, false // d, and its flow
	err := retry(ctx, func() error {
		if _, err := l.held(ctx, claim); err != nil {
			return err
		}
		var err error
		if d, err = l.Get(ctx, id); err != nil {
			return err
		}
		var docs []store.Document
		if d.Status == StatusPending {
			a.At = l.now()
			d.add(a)
			if err := d.outcome(a, next); err != nil {
				return err
			}
			doc, err := d.document()
			if err != nil {
				return err
			}
			docs = append(docs, doc)
			over = d.Status != StatusPending
		}
		if over {
			moved, out, err := l.served(ctx, d.flow(), d.ID)
			if err != nil {
				return err
			}
			docs, left = append(docs, moved...), out
		}
		if len(docs) == 0 {
			return nil
		}
		return l.docs.Put(ctx, docs...)
	})
	if err != nil || !over {
		return d, err
	}
	err = l.settle(ctx, &d, left)
	return d, err
}

func (d *Delivery) outcome(a Attempt, next time.Time) error {
	d.NextAttemptAt = time.Time{}
	switch a.Outcome {
	case OutcomeDelivered:
		d.Status, d.DeliveredAt = StatusDelivered, a.At
	case OutcomeRetry:
		if next.IsZero() {
			return access.Errorf(access.CodeInvalid, "nextAttemptAt", "Say when to try again.")
		}
		d.NextAttemptAt = next
		if d.Queue == queueNew {
			d.Queue = queueChanges // nothing passes it
		}
	case OutcomeDead, OutcomeBroken:
		d.Status = StatusDead
	default:
		return access.Errorf(access.CodeInvalid, "outcome", "There is no outcome %q.", a.Outcome)
	}
	return nil
}

// Bury makes dead letters of everything still owed to an integration.
func (l *Ledger) Bury(ctx context.Context, integrationID, reason string) error {
	flows := map[flowKey]bool{}
	for {
		docs, err := l.docs.List(ctx, store.Query{Term: integrationTerm(integrationID, StatusPending), Limit: 100})
		if err != nil {
			return fmt.Errorf("list what %s is owed: %w", integrationID, err)
		}
		if len(docs) == 0 {
			break
		}
		for _, doc := range docs {
			err := retry(ctx, func() error {
				d, err := l.Get(ctx, doc.ID)
				if err != nil || d.Status != StatusPending {
					return err
				}
				flows[d.flow()] = true
				d.add(Attempt{At: l.now(), Outcome: OutcomeDead, Error: reason})
				d.Status, d.NextAttemptAt = StatusDead, time.Time{}
				return l.put(ctx, &d)
			})
			if err != nil {
				return err
			}
		}
	}
	for k := range flows {
		if err := l.leave(ctx, k); err != nil {
			return err
		}
	}
	return nil
}

// Redeliver owes a delivery again: a dead letter, or one that was sent. It goes to
// the end of its flow.
func (l *Ledger) Redeliver(ctx context.Context, id string) (Delivery, error) {
	var d Delivery
	err := retry(ctx, func() error {
		var err error
		if d, err = l.Get(ctx, id); err != nil {
			return err
		}
		if d.Status == StatusPending {
			return access.Errorf(access.CodeConflict, "deliveryId", "This delivery is still pending.")
		}
		d.OwedAt = l.now()
		d.Status, d.NextAttemptAt, d.DeliveredAt = StatusPending, d.OwedAt, time.Time{}
		return l.owe(ctx, &d)
	})
	if err != nil {
		return d, err
	}
	return d, l.planned(ctx, []Delivery{d}, waiting([]Delivery{d}))
}

// owe stores a delivery that waits in its flow, and the flow before it: what is stored is
// then seen.
func (l *Ledger) owe(ctx context.Context, d *Delivery) error {
	if err := l.enqueue(ctx, d, map[string]bool{}); err != nil {
		return err
	}
	docs, err := l.join(ctx, []flowKey{d.flow()})
	if err != nil {
		return err
	}
	doc, err := d.document()
	if err != nil {
		return err
	}
	if err := l.docs.Put(ctx, append(docs, doc)...); err != nil {
		return err
	}
	d.version = doc.Version
	return nil
}

// Test owes a test message to an integration.
func (l *Ledger) Test(ctx context.Context, integrationID, integrationName string) (Delivery, error) {
	now := l.now()
	d := Delivery{ID: "dlv_" + l.newID(), Kind: KindTest, IntegrationID: integrationID, IntegrationName: integrationName, Status: StatusPending, NextAttemptAt: now, CreatedAt: now, OwedAt: now}
	if err := retry(ctx, func() error { return l.owe(ctx, &d) }); err != nil {
		return d, err
	}
	return d, l.ensureWaiting(ctx, d.flow())
}
