package graph

import (
	"math"
	"time"

	"procyon/access"
	"procyon/delivery"
	"procyon/graph/audit"
	"procyon/journal"
	"procyon/store"
)

// The functions here turn the domain's nouns into the API's.

func optional(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

func value[T any](p *T) T {
	var zero T
	if p == nil {
		return zero
	}
	return *p
}

func optionalTime(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

// seconds converts what the scalar Duration gives, which is whole seconds.
func seconds(d time.Duration) access.Seconds { return access.Seconds(d / time.Second) }

// listed is a list that is never null.
func listed[E any](list []E) []E {
	if list == nil {
		return []E{}
	}
	return list
}

func toUser(u access.User) *User {
	out := &User{
		ID: u.ID, Name: u.Name, Email: u.Email, Role: Role(u.Role()), Disabled: u.Disabled, CreatedAt: u.CreatedAt, Federated: u.Identity != nil, Version: entries(u.Version),
		HandedOver: &u.HandedOver, EnablingRefusedBecause: reason(access.EnablingRefused(u)), Source: u,
	}
	if p := u.Provisioned; p != nil {
		out.Directory = &DirectoryRecord{
			UserName: p.UserName, ExternalID: optional(p.ExternalID), Active: p.Active, Removed: u.Left, EmployeeNumber: optional(p.Employee), CreatedAt: p.CreatedAt, ChangedAt: p.ChangedAt,
		}
	}
	if by := u.KeptOutBy(); by != "" {
		out.DisabledBy = new(Source(by))
	}
	return out
}

func toActor(a access.Actor) *Actor {
	user, service := identity(a)
	return &Actor{
		Kind: ActorKind(a.Kind), UserID: user, ServiceAccountID: service, Name: a.Name, Email: optional(a.Email), Via: a.Via, ActingService: optional(a.ByName), CatalogImportID: optional(a.Import),
	}
}

// identity is the ID of a person or of a service, whichever it is.
func identity(a access.Actor) (userID, serviceAccountID *string) {
	switch a.Kind {
	case access.ActorUser:
		return optional(a.ID), nil
	case access.ActorService:
		return nil, optional(a.ID)
	}
	return nil, nil
}

func toAccount(a access.Account) *Account {
	return &Account{ID: a.ID, Name: a.Name, Provider: Provider(a.Provider), ExternalID: a.ExternalID, CreatedAt: a.CreatedAt, Version: entries(a.Version), Owned: a.Owners}
}

func toGateway(g access.Gateway) *Gateway {
	return &Gateway{ID: g.ID, Name: g.Name, CreatedAt: g.CreatedAt, Version: entries(g.Version), Owned: g.Owners}
}

func toResource(r access.Resource) *Resource {
	return &Resource{
		ID: r.ID, Name: r.Name, Kind: ResourceKind(r.Kind), Roles: listed(r.Roles), CreatedAt: r.CreatedAt, Version: entries(r.Version),
		AccountID: r.AccountID, GatewayID: r.GatewayID, Owned: r.Owners, Tagged: r.Tags,
	}
}

func toIntegrations(in []access.Integration) []*Integration {
	out := make([]*Integration, len(in))
	for n, i := range in {
		out[n] = toIntegration(i)
	}
	return out
}

func toIntegration(i access.Integration) *Integration {
	out := &Integration{
		ID: i.ID, Name: i.Name, Kind: IntegrationKind(i.Kind), WebhookURLMasked: optional(i.MaskedURL),
		Status: IntegrationStatus(i.Status), BrokenReason: optional(i.BrokenReason), Events: []RequestEventType{},
		Gateways: i.Gateways, PrivateServers: i.PrivateServers, CreatedAt: i.CreatedAt, Source: i,
		Version: int(min(i.Version, 1<<31-1)), WorksSince: optionalTime(i.WorksSince),
	}
	if c := i.Channel; c != nil {
		out.SlackChannel = &SlackChannel{ChannelID: c.ChannelID, WorkspaceID: c.WorkspaceID}
	}
	for _, e := range i.Events {
		out.Events = append(out.Events, RequestEventType(e))
	}
	return out
}

func toItems(items []access.ItemNow) []*AccessRequestItem {
	out := make([]*AccessRequestItem, len(items))
	for n, i := range items {
		out[n] = &AccessRequestItem{
			ResourceID: i.ResourceID, ResourceName: i.ResourceName, ResourceNameWas: optional(i.ResourceWas),
			ResourceKind: ResourceKind(i.ResourceKind), Role: optional(i.Role),
			AccountID: optional(i.AccountID), AccountName: optional(i.AccountName), AccountNameWas: optional(i.AccountWas),
			GatewayID: optional(i.GatewayID), GatewayName: optional(i.GatewayName), GatewayNameWas: optional(i.GatewayWas),
			Unavailable: optional(i.Missing),
		}
	}
	return out
}

func toRequest(r access.Request) *AccessRequest {
	out := &AccessRequest{
		ID: r.ID, Status: AccessRequestStatus(r.Status),
		Requester: &Requester{UserID: r.Requester.ID, Name: r.Requester.Name, Email: r.Requester.Email},
		Version:   int(r.Version()), RequestedDuration: r.Duration.Duration(), Reason: r.Reason, Ticket: optional(r.Ticket),
		StartsAt: r.StartsAt, Reviews: []*Review{}, CreatedAt: r.CreatedAt, UpdatedAt: r.UpdatedAt, DecideBy: r.TimesOut(),
		Outcome: optional(r.Outcome), Gone: r.Gone, Source: &r,
	}
	if d := r.GrantedDuration(); d > 0 {
		granted := d.Duration()
		out.GrantedDuration = &granted
	}
	if r.Grant != nil {
		out.Grant = &Grant{StartsAt: r.Grant.StartsAt, ExpiresAt: r.Grant.ExpiresAt}
	}
	if r.EndedBy != nil {
		out.EndedBy = toActor(*r.EndedBy)
	}
	for _, v := range r.Reviews {
		review := &Review{Reviewer: toActor(v.Reviewer), Decision: ReviewDecision(v.Decision), Comment: optional(v.Comment), At: v.At, Covers: v.Covers, Without: listed(v.Without)}
		if v.Duration > 0 {
			d := v.Duration.Duration()
			review.Duration = &d
		}
		out.Reviews = append(out.Reviews, review)
	}
	if x := r.Extension; x != nil {
		out.Extension = &Extension{
			Duration: x.Duration.Duration(), Reason: x.Reason, RequestedAt: x.RequestedAt,
			ExpiresAt: r.Grant.ExpiresAt.Add(x.Duration.Duration()),
		}
	}
	return out
}

// toSnapshot is a request as it was when r was read.
func toSnapshot(r access.Request) *RequestSnapshot {
	q := toRequest(r)
	return &RequestSnapshot{
		RequestID: q.ID, Status: q.Status, Requester: q.Requester, Version: q.Version, RequestedDuration: q.RequestedDuration,
		GrantedDuration: q.GrantedDuration, Reason: q.Reason, Ticket: q.Ticket, StartsAt: q.StartsAt, Grant: q.Grant, Reviews: q.Reviews,
		Extension: q.Extension, CreatedAt: q.CreatedAt, UpdatedAt: q.UpdatedAt, DecideBy: q.DecideBy, Outcome: q.Outcome, Gone: q.Gone,
		EndedBy: q.EndedBy, Source: q.Source,
	}
}

// toRoutes makes routes whose items are looked up together.
func (r *Resolver) toRoutes(routes []access.Route) []*NotificationRoute {
	out := make([]*NotificationRoute, len(routes))
	lists := make([][]access.Item, len(routes))
	for i, route := range routes {
		lists[i] = route.Items
	}
	names := r.Access.Names(lists...)
	for i, route := range routes {
		out[i] = &NotificationRoute{
			IntegrationID: route.Integration.ID, IntegrationName: route.Integration.Name,
			IntegrationKind: IntegrationKind(route.Integration.Kind), IntegrationStatus: IntegrationStatus(route.Integration.Status), OtherItemCount: route.Others, Names: names, NamesAt: i,
		}
	}
	return out
}

// together has the items of some requests looked up at once.
func (r *Resolver) together(requests []*AccessRequest) {
	lists := make([][]access.Item, len(requests))
	for i, q := range requests {
		lists[i] = q.Source.Items
	}
	names := r.Access.Names(lists...)
	for i, q := range requests {
		q.Names, q.NamesAt = names, i
	}
}

func toEnded(e access.Ended) *EndedRequests {
	return &EndedRequests{Count: e.Count, RequestIds: listed(e.RequestIDs)}
}

// toEvent makes an event of a request's journal entry.
func toEvent(e journal.Entry) (*RequestEvent, error) {
	r, err := access.Decode[access.Request](store.Document{ID: e.Subject, Version: e.Version, Data: e.After})
	if err != nil {
		return nil, err
	}
	return eventOf(e, r), nil
}

func eventOf(e journal.Entry, r access.Request) *RequestEvent {
	return &RequestEvent{
		Cursor: e.Position(), At: e.At, Type: RequestEventType(e.Type), Version: int(r.Version()), Actor: toActor(e.Actor), Request: toSnapshot(r),
	}
}

func toEntry(e journal.Entry) *JournalEntry {
	return &JournalEntry{
		Seq: int(e.Seq), Cursor: e.Position(), At: e.At, Actor: toActor(e.Actor), SubjectID: e.Subject, SubjectKind: subjectKind(e.Subject),
		Version: int(e.Version), Type: e.Type, Data: audit.Readable(e.Subject, e.Data), Hash: e.Hash.String(), PrevHash: e.Prev.String(),
		SubjectName: optional(audit.SubjectName(&e)), Source: &e,
	}
}

func toDelivery(d delivery.Delivery) *Delivery {
	out := &Delivery{
		ID: d.ID, Kind: DeliveryKind(d.Kind), RequestID: optional(d.RequestID), IntegrationID: d.IntegrationID,
		IntegrationName: d.IntegrationName, Status: DeliveryStatus(d.Status), Attempts: []*DeliveryAttempt{}, AttemptCount: d.AttemptCount,
		NextAttemptAt: optionalTime(d.NextAttemptAt), CreatedAt: d.CreatedAt,
		OwedAt: d.OwedAt, DeliveredAt: optionalTime(d.DeliveredAt),
	}
	if d.Kind == delivery.KindEvent {
		t := RequestEventType(d.EventType)
		out.EventType, out.EventSeq, out.EventMark = &t, d.EventSeq, d.EventMark
	}
	for _, a := range d.Attempts {
		attempt := &DeliveryAttempt{At: a.At, Outcome: DeliveryOutcome(a.Outcome), Error: optional(a.Error), TookMs: int(min(a.Took.Milliseconds(), math.MaxInt32))}
		if a.StatusCode != 0 {
			code := a.StatusCode
			attempt.StatusCode = &code
		}
		out.Attempts = append(out.Attempts, attempt)
	}
	return out
}
