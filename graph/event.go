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
	return &v, r.topics(&v), nil
}

// What the event of a request touches: whose it is, what it is for, and who may decide it.
const (
	topicRequester      = "requester "
	topicAccount        = "account "
	topicResource       = "resource "
	topicReviewer       = "reviewer "
	topicAdministrators = "administrators"
)

func (r *Resolver) topics(v *access.Request) []string {
	out := make([]string, 0, 2+2*len(v.Items))
	out = append(out, topicRequester+v.Requester.ID)
	for _, i := range v.Items {
		out = append(out, topicResource+i.ResourceID)
		if i.AccountID != "" {
			out = append(out, topicAccount+i.AccountID)
		}
	}
	if v.Waits() {
		approvers := r.Access.Policy().Approvers(v)
		if approvers.Administrators {
			out = append(out, topicAdministrators)
		}
		for _, id := range approvers.UserIDs {
			out = append(out, topicReviewer+id)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// route is by the part of a filter that lets the least through, and by what the viewer may
// see. Matches decides of what comes that way.
func (r *Resolver) route(by access.Actor, f *access.RequestFilter) fanout.Route {
	own := r.Access.Policy().Sight(by) == access.SightOwn
	switch {
	case own && f.RequesterID != "" && f.RequesterID != by.ID:
		return fanout.Route{}
	case f.RequesterID != "":
		return fanout.Route{topicRequester + f.RequesterID}
	case own:
		return fanout.Route{topicRequester + by.ID}
	case f.ResourceID != "":
		return fanout.Route{topicResource + f.ResourceID}
	case f.AccountID != "":
		return fanout.Route{topicAccount + f.AccountID}
	case f.ReviewableByMe != nil && *f.ReviewableByMe && by.Admin:
		return fanout.Route{topicAdministrators, topicReviewer + by.ID}
	case f.ReviewableByMe != nil && *f.ReviewableByMe:
		return fanout.Route{topicReviewer + by.ID}
	}
	return nil
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
