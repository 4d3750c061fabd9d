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
	// Keep is how long deliveries are kept, from when they were owed last; 0 is [DefaultKeep].
	// What happened longer ago is owed to nobody any more. Set it before the first use.
	Keep time.Duration

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

// outcome is what an attempt makes of a delivery. One that found its integration broken is
// owed still: to the integration as it is by now, or once that is mended.
func (d *Delivery) outcome(a Attempt, next time.Time) error {
	broken := a.Outcome == OutcomeBroken
	switch {
	case a.Outcome == OutcomeDelivered:
		d.Status, d.DeliveredAt = StatusDelivered, a.At
		d.end()
	case a.Outcome == OutcomeDead, broken && d.Kind == KindTest: // the test has its answer
		d.Status = StatusDead
		d.end()
	case a.Outcome == OutcomeRetry, broken:
		if broken {
			next, d.Held = a.At, true
		}
		if next.IsZero() {
			return access.Errorf(access.CodeInvalid, "nextAttemptAt", "Say when to try again.")
		}
		d.NextAttemptAt = next
		if d.Queue == queueNew {
			d.Queue = queueChanges // nothing passes it
		}
	default:
		return access.Errorf(access.CodeInvalid, "outcome", "There is no outcome %q.", a.Outcome)
	}
	return nil
}

// Bury makes dead letters of everything still owed to an integration.
func (l *Ledger) Bury(ctx context.Context, integrationID, reason string) error {
	for docs, err := range store.EachPage(ctx, l.docs, integrationTerm(integrationID, StatusPending), 100) {
		if err == nil {
			err = l.bury(ctx, docs, reason)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// bury makes dead letters of those of some deliveries that are still owed.
func (l *Ledger) bury(ctx context.Context, docs []store.Document, reason string) error {
	flows := map[flowKey]bool{}
	for _, doc := range docs {
		err := retry(ctx, func() error {
			d, err := l.Get(ctx, doc.ID)
			if err != nil || d.Status != StatusPending {
				return err
			}
			flows[d.flow()] = true
			d.add(Attempt{At: l.now(), Outcome: OutcomeDead, Error: reason})
			d.Status = StatusDead
			d.end()
			return l.put(ctx, &d)
		})
		if err != nil {
			return err
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
		d.OwedAt = latest(l.now(), latest(d.CreatedAt, d.OwedAt).Add(time.Microsecond)) // whatever this server's clock says
		d.Status, d.NextAttemptAt, d.DeliveredAt = StatusPending, l.now(), time.Time{}
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
