package delivery

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"procyon/access"
	"procyon/store"
)

// A flow is what one person's requests owe to one integration. The flows of an
// integration are served round robin, one message each, so whoever asks for much holds
// up themselves alone. Within a flow what concerns requests that the integration knows
// (changes, decisions) comes before requests that are new to it; and the events of one
// request stay in order, always.
//
// A flow with something owed waits in the round, which is a list: it joins at the end,
// goes to the end when it was served, and leaves when nothing is owed any more. Whoever
// owes something makes sure afterwards that its flow waits, and whoever takes a flow out
// makes sure afterwards that nothing is owed; so of two who do so at once one sees the
// other. What a crash leaves without a waiting flow is sent once it is the longest owed.
type flow struct {
	flowKey
	Place   uint64 `json:"place"`   // in the round: the least is served next
	Waiting bool   `json:"waiting"` // whether it is in the round
	// Left is when it left the round, of one that is not in it.
	Left time.Time `json:"left,omitzero"`

	version uint64
}

// flowKey names a flow. Test messages are a flow of their own, without a requester.
type flowKey struct {
	IntegrationID string `json:"integrationId"`
	RequesterID   string `json:"requesterId,omitempty"`
}

// queue is the part of a flow in which a delivery waits.
type queue string

const (
	// queueChanges is served first: of requests that the integration has heard of, test
	// messages, and what was tried before, for nothing may pass that.
	queueChanges queue = "CHANGES"
	// queueNew holds new requests, and behind each what happened to it since.
	queueNew queue = "NEW"
)

// idleTerm lists the flows that are in no round, those that left first first.
const idleTerm = "dlf/idle"

func roundTerm(integrationID string) string { return "dlf/int=" + integrationID }

// flowTerm lists all that is owed in a flow, the longest owed first.
func flowTerm(k flowKey) string {
	return "dlv/int=" + k.IntegrationID + "/by=" + k.RequesterID
}

// changesTerm lists what of it is served first.
func changesTerm(k flowKey) string { return flowTerm(k) + "/changes" }

// newTerm lists what an integration is owed of a request that is new to it.
func newTerm(integrationID, requestID string) string {
	return "dlv/int=" + integrationID + "/new=" + requestID
}

func (d *Delivery) flow() flowKey { return flowKey{d.IntegrationID, d.RequesterID} }

// queueTerms are the terms under which a delivery waits to be sent.
func (d *Delivery) queueTerms() []string {
	switch {
	case d.Status != StatusPending || d.Queue == "":
		return nil
	case d.Queue == queueNew:
		return []string{flowTerm(d.flow()), newTerm(d.IntegrationID, d.RequestID)}
	default:
		return []string{flowTerm(d.flow()), changesTerm(d.flow())}
	}
}

func (l *Ledger) flowID(k flowKey) string {
	return "dlf_" + l.derive("flow", k.IntegrationID, k.RequesterID)
}

func (l *Ledger) flowDocument(f *flow) (store.Document, error) {
	data, err := json.Marshal(f)
	if err != nil {
		return store.Document{}, fmt.Errorf("encode the flow of %s: %w", f.IntegrationID, err)
	}
	doc := store.Document{ID: l.flowID(f.flowKey), Version: f.version + 1, Data: data}
	if f.Waiting {
		doc.Sort, doc.Terms = f.sort(), []string{roundTerm(f.IntegrationID)}
	} else {
		doc.Sort, doc.Terms = store.TimeSort(f.Left), []string{idleTerm}
	}
	return doc, nil
}

func (f *flow) sort() string { return fmt.Sprintf("%016x", f.Place) }

func decodeFlow(doc store.Document) (flow, error) {
	var f flow
	if err := json.Unmarshal(doc.Data, &f); err != nil {
		return f, fmt.Errorf("flow %s: %w", doc.ID, err)
	}
	f.version = doc.Version
	return f, nil
}

// flows reads flows by key; those that never were are new ones.
func (l *Ledger) flows(ctx context.Context, keys ...flowKey) ([]flow, error) {
	ids := make([]string, len(keys))
	for i, k := range keys {
		ids[i] = l.flowID(k)
	}
	docs, err := l.docs.Get(ctx, ids...)
	if err != nil {
		return nil, fmt.Errorf("read flows: %w", err)
	}
	known := map[string]flow{}
	for _, doc := range docs {
		if known[doc.ID], err = decodeFlow(doc); err != nil {
			return nil, err
		}
	}
	out := make([]flow, len(keys))
	for i, k := range keys {
		out[i] = known[ids[i]]
		out[i].flowKey = k
	}
	return out, nil
}

// end is the place behind the last flow in an integration's round.
func (l *Ledger) end(ctx context.Context, integrationID string) (uint64, error) {
	docs, err := l.docs.List(ctx, store.Query{Term: roundTerm(integrationID), Desc: true, Limit: 1})
	if err != nil || len(docs) == 0 {
		return 1, err
	}
	f, err := decodeFlow(docs[0])
	return f.Place + 1, err
}

// join returns the documents that let flows wait, each once, of those that don't.
func (l *Ledger) join(ctx context.Context, keys []flowKey) ([]store.Document, error) {
	if len(keys) == 0 {
		return nil, nil
	}
	flows, err := l.flows(ctx, distinct(keys)...)
	if err != nil {
		return nil, err
	}
	ends := map[string]uint64{} // by integration
	var docs []store.Document
	for i := range flows {
		f := &flows[i]
		if f.Waiting {
			continue
		}
		if ends[f.IntegrationID] == 0 {
			if ends[f.IntegrationID], err = l.end(ctx, f.IntegrationID); err != nil {
				return nil, err
			}
		}
		f.Place, f.Waiting, f.Left = ends[f.IntegrationID], true, time.Time{}
		ends[f.IntegrationID]++
		doc, err := l.flowDocument(f)
		if err != nil {
			return nil, err
		}
		docs = append(docs, doc)
	}
	return docs, nil
}

func distinct(keys []flowKey) []flowKey {
	seen := map[flowKey]bool{}
	var out []flowKey
	for _, k := range keys {
		if !seen[k] {
			seen[k] = true
			out = append(out, k)
		}
	}
	return out
}

// ensureWaiting lets flows wait. It is called after something was owed, also where that
// let them wait already: somebody may have taken one out who did not see it yet.
func (l *Ledger) ensureWaiting(ctx context.Context, keys ...flowKey) error {
	return retry(ctx, func() error {
		docs, err := l.join(ctx, keys)
		if err != nil || len(docs) == 0 {
			return err
		}
		return l.docs.Put(ctx, docs...)
	})
}

// served returns the document that moves a flow to the end of its round, or out of it
// where nothing is owed but except, which was just dealt with. None where it stays.
func (l *Ledger) served(ctx context.Context, k flowKey, except string) (docs []store.Document, left bool, err error) {
	list, err := l.flows(ctx, k)
	if err != nil {
		return nil, false, err
	}
	f := &list[0]
	owes, err := l.owes(ctx, k, except)
	if err != nil {
		return nil, false, err
	}
	switch {
	case owes:
		end, err := l.end(ctx, k.IntegrationID)
		if err != nil || f.Waiting && f.Place+1 == end {
			return nil, false, err // it is the last already
		}
		f.Place, f.Waiting, f.Left = end, true, time.Time{}
	case !f.Waiting:
		return nil, false, nil
	default:
		f.Waiting, f.Left, left = false, l.now(), true
	}
	doc, err := l.flowDocument(f)
	return []store.Document{doc}, left, err
}

// owes tells whether something is owed in a flow, but for one delivery.
func (l *Ledger) owes(ctx context.Context, k flowKey, except string) (bool, error) {
	docs, err := l.docs.List(ctx, store.Query{Term: flowTerm(k), Limit: 2})
	if err != nil {
		return false, fmt.Errorf("list what %s is owed: %w", k.IntegrationID, err)
	}
	return slices.ContainsFunc(docs, func(doc store.Document) bool { return doc.ID != except }), nil
}

// leave takes a flow out of the round if nothing is owed in it.
func (l *Ledger) leave(ctx context.Context, k flowKey) error {
	left := false
	err := retry(ctx, func() error {
		docs, out, err := l.served(ctx, k, "")
		if left = out; err != nil || !left {
			return err
		}
		return l.docs.Put(ctx, docs...)
	})
	if err != nil || !left {
		return err
	}
	return l.afterLeaving(ctx, k)
}

// afterLeaving lets a flow that was taken out wait again where something is owed in it
// that was not seen then.
func (l *Ledger) afterLeaving(ctx context.Context, k flowKey) error {
	owes, err := l.owes(ctx, k, "")
	if err != nil || !owes {
		return err
	}
	return l.ensureWaiting(ctx, k)
}

// Next returns what is to be sent to an integration next; ok is false where it is owed
// nothing. It stays the same until an attempt is recorded, or something comes before it;
// and nothing comes before what was tried.
func (l *Ledger) Next(ctx context.Context, integrationID string) (d Delivery, ok bool, err error) {
	oldest, ok, err := l.first(ctx, integrationTerm(integrationID, StatusPending))
	if err != nil || !ok || oldest.Queue == "" { // an earlier release owed it
		return oldest, ok, err
	}
	q := store.Query{Term: roundTerm(integrationID), Limit: roundPage}
	for {
		round, err := l.round(ctx, q)
		if err != nil {
			return d, false, err
		}
		if q.After == nil {
			waits, err := l.waits(ctx, oldest.flow(), round)
			if err != nil || !waits { // a crash left it
				return oldest, err == nil, err
			}
		}
		for i := range round {
			if d, ok, err = l.firstOf(ctx, round[i].flowKey, &oldest); ok || err != nil {
				return d, ok, err
			}
		}
		if len(round) < q.Limit {
			return d, false, nil
		}
		q.After = &store.Position{Sort: round[len(round)-1].sort(), ID: l.flowID(round[len(round)-1].flowKey)}
	}
}

// roundPage is how many flows are read at once. The first has something owed, unless a
// crash kept it from leaving.
const roundPage = 8

// round reads flows of a round, the next first.
func (l *Ledger) round(ctx context.Context, q store.Query) ([]flow, error) {
	docs, err := l.docs.List(ctx, q)
	if err != nil {
		return nil, fmt.Errorf("list the flows under %s: %w", q.Term, err)
	}
	flows := make([]flow, len(docs))
	for i := range docs {
		if flows[i], err = decodeFlow(docs[i]); err != nil {
			return nil, err
		}
	}
	return flows, nil
}

// waits tells whether a flow is in its round, of which the beginning is known.
func (l *Ledger) waits(ctx context.Context, k flowKey, begins []flow) (bool, error) {
	if slices.ContainsFunc(begins, func(f flow) bool { return f.flowKey == k }) {
		return true, nil
	}
	flows, err := l.flows(ctx, k)
	return err == nil && flows[0].Waiting, err
}

// firstOf returns what is sent first of a flow. oldest is what is owed the longest of all
// flows, so it is the first of its part of its own.
func (l *Ledger) firstOf(ctx context.Context, k flowKey, oldest *Delivery) (d Delivery, ok bool, err error) {
	own := oldest.flow() == k
	if own && oldest.Queue == queueChanges {
		return *oldest, true, nil
	}
	if d, ok, err = l.first(ctx, changesTerm(k)); ok || err != nil {
		return d, ok, err
	}
	if own {
		return *oldest, true, nil
	}
	return l.first(ctx, flowTerm(k))
}

// first reads the delivery that was owed first under a term.
func (l *Ledger) first(ctx context.Context, term string) (Delivery, bool, error) {
	docs, err := l.docs.List(ctx, store.Query{Term: term, Limit: 1})
	if err != nil || len(docs) == 0 {
		return Delivery{}, false, err
	}
	d, err := Decode(docs[0])
	return d, err == nil, err
}

// known tells whether an integration has heard of a request, or hears of it by d.
func (l *Ledger) known(ctx context.Context, d *Delivery) (bool, error) {
	if d.EventType == access.EventCreated {
		return false, nil
	}
	if d.RequestID == "" {
		return true, nil
	}
	_, waits, err := l.first(ctx, newTerm(d.IntegrationID, d.RequestID))
	return !waits, err
}

// maxPromoted is how much of one request comes first at once.
const maxPromoted = 100

// promote lets what is owed of a request come before new requests, as soon as the
// integration knows it. In order, so that after a crash in between it is in order too.
func (l *Ledger) promote(ctx context.Context, integrationID, requestID string) error {
	return retry(ctx, func() error {
		docs, err := l.docs.List(ctx, store.Query{Term: newTerm(integrationID, requestID), Limit: maxPromoted})
		if err != nil {
			return fmt.Errorf("list what %s is owed: %w", integrationID, err)
		}
		var moved []store.Document
		for _, doc := range docs {
			d, err := Decode(doc)
			if err != nil {
				return err
			}
			if d.EventType == access.EventCreated {
				break // it still is new
			}
			d.Queue = queueChanges
			next, err := d.document()
			if err != nil {
				return err
			}
			moved = append(moved, next)
		}
		if len(moved) == 0 {
			return nil
		}
		return l.docs.Put(ctx, moved...)
	})
}

// settle brings a flow up to date after one of its deliveries is over, and what else is
// owed of the request.
func (l *Ledger) settle(ctx context.Context, d *Delivery, left bool) error {
	var failed error
	if d.Queue == queueNew || d.EventType == access.EventCreated {
		failed = l.promote(ctx, d.IntegrationID, d.RequestID)
	}
	if left {
		failed = errors.Join(failed, l.afterLeaving(ctx, d.flow()))
	}
	return failed
}
