package access

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"
)

// Limits of a request's parts.
const (
	minDuration = Seconds(60)
	maxItems    = 20
	maxReason   = 1000 // characters
	maxTicket   = 80   // characters
	maxAhead    = 30 * 24 * time.Hour
	startSlack  = time.Minute // a start this far in the past is "now": clocks differ
)

// ItemRef names one thing to ask for.
type ItemRef struct {
	ResourceID string
	Role       string
}

// NewRequest is a request to be made.
type NewRequest struct {
	Items          []ItemRef
	Duration       Seconds
	Reason         string
	Ticket         string
	StartsAt       *time.Time
	IdempotencyKey string // "" or the client's own: the same key of one person asks only once
}

// RequestPatch is a change of a pending request; nil leaves a part as it is.
type RequestPatch struct {
	Items    []ItemRef
	Duration *Seconds
	Reason   *string
	Ticket   *string
	StartsAt *time.Time
}

// ReviewRequest is an approver's decision on a request.
type ReviewRequest struct {
	Decision Decision
	Comment  string
	Duration Seconds // with Approve: shorter than asked; 0: as asked
}

// Request returns a request by ID, or a NOT_FOUND *Error. It checks no rights: see MaySee.
func (s *Service) Request(ctx context.Context, id string) (Request, error) {
	var r Request
	_, err := s.load(ctx, id, KindRequest, "id", &r)
	return r, err
}

// MaySee tells whether an actor may see a request: administrators, services and
// the requester.
func MaySee(by Actor, r *Request) bool {
	return by.Kind != ActorUser || by.Admin || by.ID == r.Requester.ID
}

// CreateRequest asks for access.
func (s *Service) CreateRequest(ctx context.Context, by Actor, in NewRequest) (Request, error) {
	if by.Kind != ActorUser {
		return Request{}, Errorf(Forbidden, "", "Only a person can ask for access; a service has to name the one that it acts for.")
	}
	key, err := cleanText("idempotencyKey", in.IdempotencyKey, 0, 80, false)
	if err != nil {
		return Request{}, err
	}
	id := s.newID(KindRequest)
	if key != "" {
		id = string(KindRequest) + "_" + s.opts.DeriveID("request", by.ID, key)
		if r, err := s.Request(ctx, id); err == nil {
			return r, nil
		} else if CodeOf(err) != NotFound {
			return Request{}, err
		}
	}
	now := s.now()
	t, err := s.terms(ctx, in.Items, in.Duration, in.Reason, in.Ticket, in.StartsAt, now)
	if err != nil {
		return Request{}, err
	}
	r := Request{
		ID: id, Status: Pending, Requester: Person{by.ID, by.Name, by.Email}, Items: t.Items, Duration: t.Duration,
		Reason: t.Reason, Ticket: t.Ticket, StartsAt: t.StartsAt, CreatedAt: now, UpdatedAt: now, DecideBy: now.Add(s.opts.DecideIn),
	}
	var made Request
	err = s.commit(ctx, by, id, 1, string(EventCreated), requestData{At: now, Request: &r}, &made, now)
	if errors.Is(err, ErrRaced) && key != "" {
		return s.Request(ctx, id)
	}
	return made, err
}

// terms checks what is asked for and takes down the names of today.
func (s *Service) terms(ctx context.Context, refs []ItemRef, d Seconds, reason, ticket string, start *time.Time, now time.Time) (terms, error) {
	var t terms
	items, err := s.Items(ctx, refs)
	if err != nil {
		return t, err
	}
	if err := s.checkDuration(d, items); err != nil {
		return t, err
	}
	if reason, err = cleanText("reason", reason, 1, maxReason, true); err != nil {
		return t, err
	}
	if ticket, err = cleanText("ticket", ticket, 0, maxTicket, false); err != nil {
		return t, err
	}
	if start, err = checkStart(start, now); err != nil {
		return t, err
	}
	return terms{Items: items, Duration: d, Reason: reason, Ticket: ticket, StartsAt: start}, nil
}

func (s *Service) checkDuration(d Seconds, items []Item) error {
	if d < minDuration {
		return Errorf(Invalid, "duration", "Ask for at least one minute.")
	}
	if longest := s.opts.Policy.MaxDuration(items); d.Duration() > longest {
		return Errorf(Invalid, "duration", "At most %s is allowed for this; %s was asked for.", longest, d.Duration())
	}
	return nil
}

func checkStart(start *time.Time, now time.Time) (*time.Time, error) {
	if start == nil {
		return nil, nil
	}
	at := start.UTC().Truncate(time.Second)
	if at.Before(now.Add(-startSlack)) {
		return nil, Errorf(Invalid, "startsAt", "The start %s is in the past.", at.Format(time.RFC3339))
	}
	if at.After(now.Add(maxAhead)) {
		return nil, Errorf(Invalid, "startsAt", "The start %s is more than 30 days ahead.", at.Format(time.RFC3339))
	}
	return &at, nil
}

// Items resolves what is asked for against the catalog: 1 to 20 items, no
// resource twice, a role where the resource has roles.
func (s *Service) Items(ctx context.Context, refs []ItemRef) ([]Item, error) {
	if len(refs) == 0 {
		return nil, Errorf(Invalid, "items", "Choose at least one resource.")
	}
	if len(refs) > maxItems {
		return nil, Errorf(Invalid, "items", "Choose at most %d resources; these are %d.", maxItems, len(refs))
	}
	items := make([]Item, 0, len(refs))
	seen := map[string]bool{}
	for n, ref := range refs {
		field := fmt.Sprintf("items.%d", n)
		item, err := s.item(ctx, ref, field)
		if err != nil {
			return nil, err
		}
		if seen[ref.ResourceID] {
			return nil, Errorf(Invalid, field+".resourceId", "%s is asked for twice; choose one role, or ask a second time.", item.ResourceName)
		}
		seen[ref.ResourceID] = true
		items = append(items, item)
	}
	return items, nil
}

func (s *Service) item(ctx context.Context, ref ItemRef, field string) (Item, error) {
	var r Resource
	if _, err := s.load(ctx, ref.ResourceID, KindResource, field+".resourceId", &r); err != nil {
		return Item{}, err
	}
	if r.Deleted {
		return Item{}, notFound(field+".resourceId", KindResource)
	}
	if err := checkRole(ref.Role, &r, field+".role"); err != nil {
		return Item{}, err
	}
	item := Item{ResourceID: r.ID, ResourceName: r.Name, ResourceKind: r.Kind, Role: ref.Role, AccountID: r.AccountID, GatewayID: r.GatewayID}
	if r.AccountID != "" {
		a, err := s.Account(ctx, r.AccountID)
		if err != nil {
			return Item{}, err
		}
		item.AccountName = a.Name
	}
	if r.GatewayID != "" {
		g, err := s.Gateway(ctx, r.GatewayID)
		if err != nil {
			return Item{}, err
		}
		item.GatewayName = g.Name
	}
	return item, nil
}

func checkRole(role string, r *Resource, field string) error {
	if len(r.Roles) == 0 {
		if role != "" {
			return Errorf(Invalid, field, "%s has no roles to choose from; leave the role out.", r.Name)
		}
		return nil
	}
	for _, have := range r.Roles {
		if have == role {
			return nil
		}
	}
	if role == "" {
		return Errorf(Invalid, field, "Choose a role on %s.", r.Name)
	}
	return Errorf(Invalid, field, "%s has no role %q.", r.Name, role)
}

// changeRequest loads a request that the actor may see, lets a pure function
// decide, and commits.
func (s *Service) changeRequest(ctx context.Context, by Actor, id string, decide func(r *Request, now time.Time) (requestEvent, error)) (Request, error) {
	var r Request
	err := retry(ctx, func() error {
		r = Request{}
		version, err := s.load(ctx, id, KindRequest, "requestId", &r)
		if err != nil {
			return err
		}
		if !MaySee(by, &r) {
			return notFound("requestId", KindRequest)
		}
		now := s.now()
		ev, err := decide(&r, now)
		if err != nil || ev.typ == "" {
			return err // or nothing happened
		}
		return s.commit(ctx, by, id, version+1, string(ev.typ), ev.data, &r, now)
	})
	return r, err
}

// UpdateRequest changes a pending request of one's own; its reviews are void. What
// changes nothing leaves all as it is.
func (s *Service) UpdateRequest(ctx context.Context, by Actor, id string, p RequestPatch) (Request, error) {
	return s.changeRequest(ctx, by, id, func(r *Request, now time.Time) (requestEvent, error) {
		if _, err := r.decideUpdate(by, terms{}, now); err != nil {
			return requestEvent{}, err
		}
		t, err := s.patched(ctx, r, p, now)
		if err != nil {
			return requestEvent{}, err
		}
		if r.asks(t) {
			return requestEvent{}, nil
		}
		return r.decideUpdate(by, t, now)
	})
}

// asks tells whether a request asks for just these terms.
func (r *Request) asks(t terms) bool {
	sameStart := r.StartsAt == nil && t.StartsAt == nil || r.StartsAt != nil && t.StartsAt != nil && r.StartsAt.Equal(*t.StartsAt)
	return sameStart && slices.Equal(r.Items, t.Items) && r.Duration == t.Duration && r.Reason == t.Reason && r.Ticket == t.Ticket
}

func (s *Service) patched(ctx context.Context, r *Request, p RequestPatch, now time.Time) (terms, error) {
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
	t, err := s.terms(ctx, refs, d, reason, ticket, start, now)
	if err == nil && p.StartsAt == nil {
		t.StartsAt = r.StartsAt
	}
	return t, err
}

// ReviewRequest approves or denies a pending request, or an active one's extension.
func (s *Service) ReviewRequest(ctx context.Context, by Actor, id string, c ReviewRequest) (Request, error) {
	comment, err := cleanText("comment", c.Comment, 0, maxReason, true)
	if err != nil {
		return Request{}, err
	}
	c.Comment = comment
	return s.changeRequest(ctx, by, id, func(r *Request, now time.Time) (requestEvent, error) {
		return r.decideReview(by, c, s.opts.Policy, now)
	})
}

// CancelRequest takes back a request of one's own that is not yet in force.
func (s *Service) CancelRequest(ctx context.Context, by Actor, id string) (Request, error) {
	return s.changeRequest(ctx, by, id, func(r *Request, now time.Time) (requestEvent, error) {
		return r.decideCancel(by, now)
	})
}

// CloseRequest gives up an active access of one's own.
func (s *Service) CloseRequest(ctx context.Context, by Actor, id string) (Request, error) {
	return s.changeRequest(ctx, by, id, func(r *Request, now time.Time) (requestEvent, error) {
		return r.decideClose(by, now)
	})
}

// RevokeRequest takes a granted access away.
func (s *Service) RevokeRequest(ctx context.Context, by Actor, id, reason string) (Request, error) {
	reason, err := cleanText("reason", reason, 1, maxReason, true)
	if err != nil {
		return Request{}, err
	}
	return s.changeRequest(ctx, by, id, func(r *Request, now time.Time) (requestEvent, error) {
		return r.decideRevoke(by, reason, s.opts.Policy, now)
	})
}

// ExtendRequest asks to prolong an active access of one's own.
func (s *Service) ExtendRequest(ctx context.Context, by Actor, id string, d Seconds, reason string) (Request, error) {
	reason, err := cleanText("reason", reason, 1, maxReason, true)
	if err != nil {
		return Request{}, err
	}
	return s.changeRequest(ctx, by, id, func(r *Request, now time.Time) (requestEvent, error) {
		return r.decideExtend(by, Extension{Duration: d, Reason: reason}, s.opts.Policy, now)
	})
}
