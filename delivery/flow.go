package delivery

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"procyon/access"
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
	// queueChanges is served first: of requests that the integration has heard of, and
	// test messages.
	queueChanges queue = "CHANGES"
	// queueNew holds new requests, and behind each what happened to it since.
	queueNew queue = "NEW"
)

func roundTerm(integrationID string) string { return "dlf/int=" + integrationID }

// flowTerm lists what is owed in a part of a flow, the longest owed first.
func flowTerm(k flowKey, q queue) string {
	return "dlv/int=" + k.IntegrationID + "/by=" + k.RequesterID + "/queue=" + string(q)
}

// newTerm lists what an integration is owed of a request that is new to it.
func newTerm(integrationID, requestID string) string {
	return "dlv/int=" + integrationID + "/new=" + requestID
}

// retryTerm lists what was tried and is tried again.
func retryTerm(integrationID string) string { return "dlv/int=" + integrationID + "/retry" }

func (d *Delivery) flow() flowKey { return flowKey{d.IntegrationID, d.RequesterID} }

// queueTerms are the terms under which a delivery waits to be sent.
func (d *Delivery) queueTerms() []string {
	if d.Status != Pending {
		return nil
	}
	var terms []string
	if d.Queue != "" {
		terms = append(terms, flowTerm(d.flow(), d.Queue))
	}
	if d.Queue == queueNew {
		terms = append(terms, newTerm(d.IntegrationID, d.RequestID))
	}
	if n := len(d.Attempts); n > 0 && d.Attempts[n-1].Outcome == OutcomeRetry {
		terms = append(terms, retryTerm(d.IntegrationID))
	}
	return terms
}

func (l *Ledger) flowID(k flowKey) string {
	return "dlf_" + l.derive("flow", k.IntegrationID, k.RequesterID)
}

func (l *Ledger) flowDocument(f *flow) (access.Document, error) {
	data, err := json.Marshal(f)
	if err != nil {
		return access.Document{}, fmt.Errorf("encode the flow of %s: %w", f.IntegrationID, err)
	}
	doc := access.Document{ID: l.flowID(f.flowKey), Version: f.version + 1, Sort: fmt.Sprintf("%016x", f.Place), Data: data}
	if f.Waiting {
		doc.Terms = []string{roundTerm(f.IntegrationID)}
	}
	return doc, nil
}

func decodeFlow(doc access.Document) (flow, error) {
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
	docs, err := l.docs.List(ctx, access.Query{Term: roundTerm(integrationID), Desc: true, Limit: 1})
	if err != nil || len(docs) == 0 {
		return 1, err
	}
	f, err := decodeFlow(docs[0])
	return f.Place + 1, err
}

// join returns the documents that let flows wait, each once, of those that don't.
func (l *Ledger) join(ctx context.Context, keys []flowKey) ([]access.Document, error) {
	if len(keys) == 0 {
		return nil, nil
	}
	flows, err := l.flows(ctx, distinct(keys)...)
	if err != nil {
		return nil, err
	}
	ends := map[string]uint64{} // by integration
	var docs []access.Document
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
		f.Place, f.Waiting = ends[f.IntegrationID], true
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
func (l *Ledger) served(ctx context.Context, k flowKey, except string) (docs []access.Document, left bool, err error) {
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
		f.Place, f.Waiting = end, true
	case !f.Waiting:
		return nil, false, nil
	default:
		f.Waiting, left = false, true
	}
	doc, err := l.flowDocument(f)
	return []access.Document{doc}, left, err
}

// owes tells whether something is owed in a flow, but for one delivery.
func (l *Ledger) owes(ctx context.Context, k flowKey, except string) (bool, error) {
	for _, q := range []queue{queueChanges, queueNew} {
		docs, err := l.docs.List(ctx, access.Query{Term: flowTerm(k, q), Limit: 2})
		if err != nil {
			return false, fmt.Errorf("list what %s is owed: %w", k.IntegrationID, err)
		}
		for _, doc := range docs {
			if doc.ID != except {
				return true, nil
			}
		}
	}
	return false, nil
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
// and what was tried and is tried again lets nothing come before it.
func (l *Ledger) Next(ctx context.Context, integrationID string) (d Delivery, ok bool, err error) {
	if d, ok, err = l.first(ctx, retryTerm(integrationID)); ok || err != nil {
		return d, ok, err
	}
	oldest, ok, err := l.first(ctx, integrationTerm(integrationID, Pending))
	if err != nil || !ok {
		return oldest, false, err
	}
	flows, err := l.flows(ctx, oldest.flow())
	if err != nil {
		return oldest, false, err
	}
	if oldest.Queue == "" || !flows[0].Waiting { // an earlier release owed it, or a crash left it
		return oldest, true, nil
	}
	return l.firstOfRound(ctx, integrationID)
}

// roundPage is how many flows are read at once. The first has something owed, unless a
// crash kept it from leaving.
const roundPage = 8

func (l *Ledger) firstOfRound(ctx context.Context, integrationID string) (d Delivery, ok bool, err error) {
	q := access.Query{Term: roundTerm(integrationID), Limit: roundPage}
	for {
		docs, err := l.docs.List(ctx, q)
		if err != nil {
			return d, false, fmt.Errorf("list the flows to %s: %w", integrationID, err)
		}
		for _, doc := range docs {
			f, err := decodeFlow(doc)
			if err != nil {
				return d, false, err
			}
			for _, part := range []queue{queueChanges, queueNew} {
				if d, ok, err = l.first(ctx, flowTerm(f.flowKey, part)); ok || err != nil {
					return d, ok, err
				}
			}
		}
		if len(docs) < q.Limit {
			return d, false, nil
		}
		last := docs[len(docs)-1]
		q.After = &access.Position{Sort: last.Sort, ID: last.ID}
	}
}

// first reads the delivery that was owed first under a term.
func (l *Ledger) first(ctx context.Context, term string) (Delivery, bool, error) {
	docs, err := l.docs.List(ctx, access.Query{Term: term, Limit: 1})
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
		docs, err := l.docs.List(ctx, access.Query{Term: newTerm(integrationID, requestID), Limit: maxPromoted})
		if err != nil {
			return fmt.Errorf("list what %s is owed: %w", integrationID, err)
		}
		var moved []access.Document
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
	if d.Queue == queueNew {
		failed = l.promote(ctx, d.IntegrationID, d.RequestID)
	}
	if left {
		failed = errors.Join(failed, l.afterLeaving(ctx, d.flow()))
	}
	return failed
}
