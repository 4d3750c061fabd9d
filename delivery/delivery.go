// Package delivery is the ledger of notifications: what event is owed to which
// integration, how each attempt went, and the consumers that work it off. It is
// operational state, kept as documents with compare-and-set: a delivery's ID
// follows from its event and integration, so nothing is ever owed twice. What an
// integration is owed is sent in turn for those whose requests it is about: see flow.
package delivery

import (
	"encoding/json"
	"fmt"
	"time"

	"procyon/access"
	"procyon/journal"
	"procyon/store"
)

// Kind is what is sent.
type Kind string

// The kinds of deliveries.
const (
	KindEvent Kind = "EVENT"
	KindTest  Kind = "TEST"
)

// Status says where a delivery stands.
type Status string

// The statuses of a delivery.
const (
	StatusPending   Status = "PENDING"
	StatusDelivered Status = "DELIVERED"
	StatusDead      Status = "DEAD"
	// StatusSuperseded: not sent, because what came later is owed in its place. See held.go.
	StatusSuperseded Status = "SUPERSEDED"
)

var statuses = []Status{StatusPending, StatusDelivered, StatusDead, StatusSuperseded}

// Outcome is how an attempt went.
type Outcome string

// The outcomes of an attempt.
const (
	OutcomeDelivered Outcome = "DELIVERED"
	OutcomeRetry     Outcome = "RETRY"
	OutcomeDead      Outcome = "DEAD"
	OutcomeBroken    Outcome = "BROKEN"
)

// Attempt is one try.
type Attempt struct {
	At         time.Time     `json:"at"`
	Outcome    Outcome       `json:"outcome"`
	StatusCode int           `json:"statusCode,omitempty"`
	Error      string        `json:"error,omitempty"`
	Took       time.Duration `json:"took"`
}

// Delivery is one event owed to one integration.
type Delivery struct {
	ID              string           `json:"id"` // dlv_…
	Kind            Kind             `json:"kind"`
	EventSeq        uint64           `json:"eventSeq,omitempty"`
	EventMark       *journal.Mark    `json:"eventMark,omitempty"` // nil where an earlier release owed it
	EventType       access.EventType `json:"eventType,omitempty"`
	RequestID       string           `json:"requestId,omitempty"`
	RequesterID     string           `json:"requesterId,omitempty"`
	IntegrationID   string           `json:"integrationId"`
	IntegrationName string           `json:"integrationName"` // as it was called then
	Status          Status           `json:"status"`
	Attempts        []Attempt        `json:"attempts,omitempty"` // the last maxAttempts
	AttemptCount    int              `json:"attemptCount"`
	NextAttemptAt   time.Time        `json:"nextAttemptAt,omitzero"`
	CreatedAt       time.Time        `json:"createdAt"` // when it was written down, and never before its event
	// OwedAt is when its event happened, or it was redelivered. Deliveries are listed in this
	// order, and those of one time by their events: so events come in the journal's order.
	OwedAt      time.Time `json:"owedAt"`
	DeliveredAt time.Time `json:"deliveredAt,omitzero"`
	// Queue is where it waits while it is pending: see flow. "" where an earlier release
	// owed it: that is sent before all others, in order.
	Queue queue `json:"queue,omitempty"`
	Held  bool  `json:"held,omitempty"` // owed while the integration was broken

	version uint64
}

const maxAttempts = 20

func (d *Delivery) document() (store.Document, error) {
	data, err := json.Marshal(d)
	if err != nil {
		return store.Document{}, fmt.Errorf("encode %s: %w", d.ID, err)
	}
	terms := []string{statusTerm(d.Status), integrationTerm(d.IntegrationID, d.Status)}
	if d.RequestID != "" {
		terms = append(terms, requestTerm(d.RequestID))
	}
	terms = append(terms, d.queueTerms()...)
	if d.Held && d.Status == StatusPending {
		terms = append(terms, heldTerm(d.IntegrationID, d.RequestID))
	}
	return store.Document{
		ID: d.ID, Version: d.version + 1, Terms: terms, Data: data,
		Sort: store.TimeSort(d.OwedAt) + fmt.Sprintf("/%016x", d.EventSeq),
	}, nil
}

func statusTerm(s Status) string                 { return "dlv/status=" + string(s) }
func integrationTerm(id string, s Status) string { return "dlv/int=" + id + "/status=" + string(s) }
func requestTerm(id string) string               { return "dlv/req=" + id }

// Decode reads a delivery from its document.
func Decode(doc store.Document) (Delivery, error) {
	var d Delivery
	if err := json.Unmarshal(doc.Data, &d); err != nil {
		return d, fmt.Errorf("delivery %s: %w", doc.ID, err)
	}
	d.version = doc.Version
	return d, nil
}

// end is for a delivery that is not owed any more.
func (d *Delivery) end() { d.NextAttemptAt, d.Held = time.Time{}, false }

func (d *Delivery) add(a Attempt) {
	d.AttemptCount++
	d.Attempts = append(d.Attempts, a)
	if n := len(d.Attempts); n > maxAttempts {
		d.Attempts = d.Attempts[n-maxAttempts:]
	}
}
