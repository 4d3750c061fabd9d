package access

import (
	"context"
	"slices"
	"time"
)

// UpdateRequest changes a pending request of one's own; its reviews are void. What
// changes nothing leaves all as it is.
func (s *Service) UpdateRequest(ctx context.Context, by Actor, id string, p RequestPatch, b Basis) (Request, error) {
	decide := func(ctx context.Context, r *Request, now time.Time) (requestEvent, []Guard, error) {
		if _, err := r.decideUpdate(by, terms{}, now); err != nil {
			return requestEvent{}, nil, err
		}
		t, guards, err := s.patched(ctx, r, p, now)
		if err != nil || r.asks(t) {
			return requestEvent{}, nil, err
		}
		next := Request{ID: r.ID, Requester: r.Requester, Items: t.Items}
		more, err := s.mayAsk(ctx, &next, p.AllowDuplicate || r.covers(t.Items))
		if err != nil {
			return requestEvent{}, nil, err
		}
		limits, err := s.mayUpdate(ctx, by, r, now)
		if err != nil {
			return requestEvent{}, nil, err
		}
		next.Status, next.Duration, next.Reason, next.Ticket, next.StartsAt = r.Status, t.Duration, t.Reason, t.Ticket, t.StartsAt
		l, err := s.rule(ctx, &next, now)
		if err == nil && !r.plan().Same(&l.Plan) { // else the edit makes nothing worse
			err = s.meetable(ctx, &l)
		}
		if err == nil {
			err = l.allowsRequest(t)
		}
		if err != nil {
			return requestEvent{}, nil, err
		}
		next.AsksNobody = l.Plan.NeedsNobody()
		ev, err := r.decideUpdate(by, t, now)
		ev.data.Plan, ev.data.AsksNobody = l.planFor(&next), next.AsksNobody
		return ev, slices.Concat(guards, l.guards, more, limits), err
	}
	r, err := s.asking(ctx, by, func() (Request, error) {
		return s.changeRequest(ctx, by, id, change{changeUpdate, b, p}, decide)
	})
	return s.approvedUnasked(ctx, r, err)
}

// mayUpdate checks whether a request can be changed at all, whatever is asked for instead,
// and returns the guards that keep it so.
func (s *Service) mayUpdate(ctx context.Context, by Actor, r *Request, now time.Time) ([]Guard, error) {
	if _, err := r.decideUpdate(by, terms{}, now); err != nil {
		return nil, err
	}
	guards, err := s.mayAct(ctx, r.Requester.ID)
	if err != nil {
		return nil, err
	}
	limits, err := s.mayAskAgain(ctx, r, now)
	return append(guards, limits...), err
}

// asks tells whether a request asks for just these terms.
func (r *Request) asks(t terms) bool {
	sameStart := r.StartsAt == nil && t.StartsAt == nil || r.StartsAt != nil && t.StartsAt != nil && r.StartsAt.Equal(*t.StartsAt)
	return sameStart && slices.Equal(r.Items, t.Items) && r.Duration == t.Duration && r.Reason == t.Reason && r.Ticket == t.Ticket
}

func (s *Service) patched(ctx context.Context, r *Request, p RequestPatch, now time.Time) (terms, []Guard, error) {
	refs := p.Items
	if refs == nil {
		for _, i := range r.Items {
			refs = append(refs, ItemRef{i.ResourceID, i.Role})
		}
	}
	d, reason, ticket, start := r.Duration, r.Reason, r.Ticket, p.StartsAt
	if p.Duration != nil {
		d = *p.Duration
	}
	if p.Reason != nil {
		reason = *p.Reason
	}
	if p.Ticket != nil {
		ticket = *p.Ticket
	}
	t, guards, err := s.terms(ctx, refs, d, reason, ticket, start, now)
	if err == nil && p.StartsAt == nil {
		t.StartsAt = r.StartsAt
	}
	if err == nil && sameItems(r.Items, t.Items) {
		t.Items = r.Items // what was renamed since is the same
	}
	return t, guards, err
}

// sameItems tells whether two lists ask for the same, whatever it is called.
func sameItems(a, b []Item) bool {
	return slices.EqualFunc(a, b, func(x, y Item) bool { return x.ResourceID == y.ResourceID && x.Role == y.Role })
}
