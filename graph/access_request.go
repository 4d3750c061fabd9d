package graph

import (
	"context"
	"errors"
	"slices"
	"time"

	"procyon/access"
	"procyon/auth"
)

func fromItems(in []*AccessRequestItemInput) []access.ItemRef {
	if in == nil {
		return nil
	}
	out := make([]access.ItemRef, len(in))
	for i, item := range in {
		out[i] = access.ItemRef{ResourceID: item.ResourceID, Role: value(item.Role)}
	}
	return out
}

// enums are values of an enum in the domain's words. What is not given stays so.
func enums[To, From ~string](in []From) []To {
	if in == nil {
		return nil
	}
	out := make([]To, len(in))
	for i, v := range in {
		out[i] = To(v)
	}
	return out
}

// distinct are enums in one form for the same set of them.
func distinct[To, From ~string](in []From) []To {
	out := enums[To](in)
	slices.Sort(out)
	return slices.Compact(out)
}

// limits are those of requests.
func (r *Resolver) limits() *Limits {
	l := r.Access.Limits()
	return &Limits{
		MinDuration: l.MinDuration, MaxDuration: l.MaxDuration, MinReasonLength: l.MinReason, MaxReasonLength: l.MaxReason,
		MaxTicketLength: l.MaxTicket, MaxItems: l.MaxItems, MaxStartAhead: l.MaxAhead, DecideIn: l.DecideIn,
		MaxOpenRequests: unlessNone(l.MaxOpen), MaxRequestsPerHour: unlessNone(l.MaxPerHour),
	}
}

// unlessNone is a limit, or null where there is none.
func unlessNone(n int) *int {
	if n == 0 {
		return nil
	}
	return &n
}

// items looks up what a request asks for. Two fields of one query may ask at once.
func (r *Resolver) items(ctx context.Context, items []access.Item) ([]*AccessRequestItem, error) {
	now, err := r.Access.Names(items).Of(ctx, 0)
	return toItems(now), err
}

// requestURL is a request's page in the console.
func (r *Resolver) requestURL(id string) string { return r.PublicURL.JoinPath("requests", id).String() }

// request returns a request that the caller may see.
func (r *Resolver) request(ctx context.Context, id string) (*AccessRequest, error) {
	v, err := r.Access.Request(ctx, id)
	if err != nil {
		return nil, err
	}
	if !r.Access.MaySee(actor(ctx), &v) {
		return nil, access.Errorf(access.CodeNotFound, "id", "There is no such access request.")
	}
	return toRequest(v), nil
}

func fromRequestFilter(f *AccessRequestFilter) (access.RequestFilter, error) {
	if f == nil {
		return access.RequestFilter{}, nil
	}
	for name, text := range map[string]*string{"role": f.Role, "ticket": f.Ticket} {
		if text != nil && access.Fold(*text) == "" {
			return access.RequestFilter{}, access.Errorf(access.CodeInvalid, "filter."+name, "Give the %s, or leave it out.", name)
		}
	}
	from, before, err := fromTimeRange("filter.createdAt", f.CreatedAt)
	return access.RequestFilter{
		Statuses: distinct[access.Status](f.Status), RequesterID: value(f.RequesterID), AccountID: value(f.AccountID),
		GatewayID: value(f.GatewayID), ResourceID: value(f.ResourceID), Role: access.Fold(value(f.Role)), Ticket: access.Fold(value(f.Ticket)),
		ReviewerID: value(f.ReviewerID), Decision: access.Decision(value(f.Decision)), Search: access.Fold(value(f.Search)),
		AskedFrom: from, AskedBefore: before, ReviewableByMe: f.ReviewableByMe,
	}, err
}

// fromTimeRange reads a span of time. A bound that is not given is zero.
func fromTimeRange(field string, t *TimeRange) (from, to time.Time, err error) {
	if t == nil {
		return from, to, nil
	}
	from, to = value(t.From).UTC(), value(t.To).UTC()
	if t.To != nil && to.IsZero() { // the first moment of all: nothing was before it
		to = to.Add(time.Microsecond)
	}
	if t.From != nil && t.To != nil && !from.Before(to) {
		err = access.Errorf(access.CodeInvalid, field+".to", "The end of the time must be after its beginning.")
	}
	return from, to, err
}

func fromRequestOrder(o *AccessRequestOrder) access.RequestOrder {
	if o == nil {
		return access.RequestOrder{Desc: true}
	}
	return access.RequestOrder{Deadline: o.Field == AccessRequestOrderFieldDecideBy, Desc: o.Direction == OrderDirectionDesc}
}

// review decides. A duration that rounds to nothing is refused here, because the
// domain would take it for none: as asked.
func (r *Resolver) review(ctx context.Context, in ReviewAccessRequestInput) (access.Request, error) {
	d := seconds(value(in.Duration))
	if in.Duration != nil && d == 0 {
		return access.Request{}, access.Errorf(access.CodeInvalid, "duration", "Allow at least one minute, or leave the duration out to allow what was asked for.")
	}
	b, err := basis(&in.ExpectedVersion, in.IdempotencyKey)
	if err != nil {
		return access.Request{}, err
	}
	return r.Access.ReviewRequest(ctx, actor(ctx), in.RequestID, access.ReviewRequest{
		Basis: b, Subject: access.ReviewSubject(in.Subject), Decision: access.Decision(in.Decision), Comment: value(in.Comment), Duration: d,
		Without: in.WithoutResourceIds, Shown: in.ResourceIds,
	})
}

// basis is what a change rests on, in the domain's words.
func basis(version *int, key *string) (access.Basis, error) {
	b := access.Basis{IdempotencyKey: key}
	if version != nil {
		if *version < 1 {
			return b, access.Errorf(access.CodeInvalid, "expectedVersion", "A version is 1 or more: give the request's version as it was shown.")
		}
		b.ExpectedVersion = uint64(*version)
	}
	return b, nil
}

// requestPayload makes the parts of a payload that all changes of a request have. other
// is the request that stands in the way, where one does.
func (r *Resolver) requestPayload(ctx context.Context, v access.Request, err error) (request, other *AccessRequest, ue []*UserError, fatal error) {
	if ue, fatal = userErrors(err); fatal != nil {
		return nil, nil, nil, fatal
	}
	if len(ue) == 0 {
		return toRequest(v), nil, ue, nil
	}
	var e *access.Error
	if errors.As(err, &e) && e.Subject != "" {
		other, fatal = absent(r.request(ctx, e.Subject))
	}
	return nil, other, ue, fatal
}

func (r *Resolver) preview(ctx context.Context, refs []access.ItemRef) (*NotificationPreview, error) {
	items, err := r.Access.Items(ctx, refs)
	if err != nil {
		return nil, err
	}
	routes, silent, err := r.Access.Routes(ctx, items)
	if err != nil {
		return nil, err
	}
	heard := map[access.Item]bool{}
	for _, route := range routes {
		for _, i := range route.Items {
			heard[i] = true
		}
	}
	approvers := []string{}
	if by := actor(ctx); by.Kind == access.ActorUser {
		e, err := r.Access.Explain(ctx, by, access.Wish{Items: refs})
		if err != nil {
			return nil, err
		}
		if approvers, err = r.approvers(ctx, &e.Request); err != nil {
			return nil, err
		}
	}
	out := &NotificationPreview{Routes: r.toRoutes(routes), SilentRoutes: r.toRoutes(silent), Unrouted: []string{}, Approvers: approvers}
	for _, i := range items {
		if !heard[i] {
			out.Unrouted = append(out.Unrouted, i.Label())
		}
	}
	return out, nil
}

// viewer says who is calling; nil where nobody is signed in.
func (r *Resolver) viewer(ctx context.Context) (*Viewer, error) {
	p := auth.From(ctx)
	if p == nil {
		return nil, nil
	}
	v := &Viewer{Name: p.Actor.Name, Role: RoleMember, Scopes: p.Actor.Scopes}
	v.UserID, v.ServiceAccountID = identity(p.Actor)
	if p.Actor.Kind != access.ActorUser {
		return v, nil
	}
	u, err := r.Access.User(ctx, p.Actor.ID)
	if err != nil {
		return nil, err
	}
	v.User = toUser(u)
	v.Role = v.User.Role
	return v, nil
}
