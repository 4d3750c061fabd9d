package graph

import (
	"context"
	"slices"

	"procyon/access"
	"procyon/graph/fanout"
	"procyon/journal"
	"procyon/store"
)

// ReadEvent is fanout.Options.Read: of an entry of a request, the request as it was right
// after it, as a *access.Request, and what it touches.
func (r *Resolver) ReadEvent(e journal.Entry) (any, []string, error) {
	if access.KindOf(e.Subject) != access.KindRequest {
		return nil, nil, nil
	}
	v, err := access.Decode[access.Request](store.Document{ID: e.Subject, Version: e.Version, Data: e.After})
	if err != nil {
		return nil, nil, err
	}
	return &v, topics(&v), nil
}

// What the event of a request touches: whose it is, what it is for, and whom its plans name
// as approvers.
const (
	topicRequester = "requester "
	topicAccount   = "account "
	topicResource  = "resource "
	topicApprover  = "approver "
)

func topics(v *access.Request) []string {
	out := make([]string, 0, 2+2*len(v.Items))
	out = append(out, topicRequester+v.Requester.ID)
	for _, i := range v.Items {
		out = append(out, topicResource+i.ResourceID)
		if i.AccountID != "" {
			out = append(out, topicAccount+i.AccountID)
		}
	}
	for _, id := range v.Approvers() {
		out = append(out, topicApprover+id)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// route is by the part of a filter that lets the least through, and by what the viewer may
// see. Matches decides of what comes that way.
func (r *Resolver) route(by access.Actor, f *access.RequestFilter) fanout.Route {
	all, reviewable := r.Access.SeesAll(by), f.ReviewableByMe != nil && *f.ReviewableByMe
	switch {
	case f.RequesterID != "" && (all || f.RequesterID == by.ID):
		return fanout.Route{topicRequester + f.RequesterID}
	case reviewable:
		return approverRoute(&by)
	case !all:
		return append(approverRoute(&by), topicRequester+by.ID)
	case f.ResourceID != "":
		return fanout.Route{topicResource + f.ResourceID}
	case f.AccountID != "":
		return fanout.Route{topicAccount + f.AccountID}
	}
	return nil
}

// approverRoute is what has somebody among its approvers.
func approverRoute(by *access.Actor) fanout.Route {
	var out fanout.Route
	for _, id := range by.ApproverIDs() {
		out = append(out, topicApprover+id)
	}
	return out
}

// requestEvents follows the journal. What the caller may see is decided here once
// for the filter, and for each event by the policy; that the caller's rights have not
// changed meanwhile is checked by the stream for each event.
func (r *Resolver) requestEvents(ctx context.Context, f *RequestEventFilter, after *journal.Position) (<-chan *RequestEvent, error) {
	var filter access.RequestFilter
	var types []access.EventType // nil: all
	if f != nil {
		filter = access.RequestFilter{
			Statuses: distinct[access.Status](f.Status), RequesterID: value(f.RequesterID), AccountID: value(f.AccountID),
			ResourceID: value(f.ResourceID), ReviewableByMe: f.ReviewableByMe,
		}
		types = distinct[access.EventType](f.Types)
	}
	by := actor(ctx)
	return fanout.Bind(ctx, after, r.route(by, &filter), func(e *fanout.Event) (*RequestEvent, bool, error) {
		if types != nil && !slices.Contains(types, access.EventType(e.Type)) {
			return nil, false, nil
		}
		if e.Err != nil {
			return nil, false, e.Err
		}
		v := e.Value.(*access.Request) //nolint:forcetypeassert // ReadEvent's
		if !r.Access.Matches(by, v, filter) {
			return nil, false, nil
		}
		return eventOf(e.Entry, *v), true, nil
	})
}
