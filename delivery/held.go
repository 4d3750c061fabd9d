package delivery

import (
	"context"

	"procyon/store"
)

// What is owed to a broken integration is held: it waits until the integration is mended,
// however long that takes. Of each request only the last event is: once it is told, with
// where the request stands then, the earlier ones say nothing new. So who mends an
// integration gets one message a request, and what is held is bounded by the requests.

// heldTerm lists what is held of a request for an integration.
func heldTerm(integrationID, requestID string) string {
	return "dlv/int=" + integrationID + "/held=" + requestID
}

// heldChunk is how many held deliveries of one request are read at once. There is one,
// but for what a crash left.
const heldChunk = 20

// heldOnes are the held deliveries of what is being planned, the last of each request.
type heldOnes map[string]Delivery

// before returns what is held of the request of a delivery that is about to be held,
// superseded by it.
func (h heldOnes) before(ctx context.Context, l *Ledger, d *Delivery) ([]Delivery, error) {
	term := heldTerm(d.IntegrationID, d.RequestID)
	last, planned := h[term]
	h[term] = *d
	if planned {
		last.supersede()
		return []Delivery{last}, nil
	}
	var before []Delivery
	for docs, err := range store.EachPage(ctx, l.docs, term, heldChunk) {
		if err != nil {
			return nil, err
		}
		for _, doc := range docs {
			e, err := Decode(doc)
			if err != nil {
				return nil, err
			}
			e.supersede()
			before = append(before, e)
		}
	}
	return before, nil
}

func (d *Delivery) supersede() {
	d.Status = StatusSuperseded
	d.end()
}
