package access

import (
	"context"
	"fmt"
	"slices"
	"time"

	"procyon/duration"
	"procyon/phrase"
)

// Limits of a request's parts.
const (
	minDuration = Seconds(60)
	maxItems    = 20
	maxTicket   = 80 // characters
	maxAhead    = 30 * 24 * time.Hour
	startGrace  = time.Minute // a start this far in the past is "now": clocks differ
)

const (
	// MinDuration is the shortest time for which access can be asked.
	MinDuration = time.Duration(minDuration) * time.Second
	// MaxReason is how long a text that says why may be, in characters.
	MaxReason = 1000
)

// Limits are those of what can be asked for, so that a form offers what is allowed. They
// follow from settings alone: who asks, and for what, may allow less, which is only known
// when it is asked.
type Limits struct {
	MinDuration, MaxDuration time.Duration // of an access, extensions included
	MinReason, MaxReason     int           // characters, wherever a text says why
	MaxTicket                int           // characters
	MaxItems                 int           // of one request
	MaxAhead                 time.Duration // until the start
	DecideIn                 time.Duration // that a request waits for a decision
	MaxOpen, MaxPerHour      int           // requests of one person; 0: no limit
}

// Limits returns those in force.
func (s *Service) Limits() Limits {
	return Limits{
		MinDuration: MinDuration, MaxDuration: s.opts.MaxDuration,
		MinReason: s.opts.MinReason, MaxReason: MaxReason, MaxTicket: maxTicket, MaxItems: maxItems,
		MaxAhead: maxAhead, DecideIn: s.opts.DecideIn, MaxOpen: s.maxOpen, MaxPerHour: s.maxPerHour,
	}
}

// ItemRef names one thing to ask for.
type ItemRef struct {
	ResourceID string
	Role       string
}

// NewRequest is a request to be made.
type NewRequest struct {
	Items    []ItemRef
	Duration Seconds
	Reason   string
	Ticket   string
	StartsAt *time.Time
	// AllowDuplicate asks again for what an open request of theirs asks for already.
	AllowDuplicate bool
	IdempotencyKey *string // nil or the client's own: the same key of one person asks only once
}

// Basis is what a change of a request rests on.
type Basis struct {
	// ExpectedVersion is the version of the terms that its maker saw: see
	// Request.Version. 0: whichever it is. Where it is another, the change is refused
	// with CONFLICT, which says what changed since.
	ExpectedVersion uint64
	// IdempotencyKey is nil or the client's own: a change with the key of an earlier one
	// changes nothing and returns the request as it is now; CONFLICT where the earlier
	// one had another input. The last 20 of a request are known.
	IdempotencyKey *string
}

// RequestPatch is a change of a pending request; nil leaves a part as it is.
type RequestPatch struct {
	Items    []ItemRef
	Duration *Seconds
	Reason   *string
	Ticket   *string
	StartsAt *time.Time

	AllowDuplicate bool // see NewRequest
}

// ReviewRequest is an approver's decision on a request.
type ReviewRequest struct {
	Basis    // the version is needed: nobody decides on what they did not see
	Subject  ReviewSubject
	Decision Decision
	Comment  string  // needed with Deny
	Duration Seconds // with Approve: shorter than asked; 0: as asked
	// Without are the resources of items that an approval leaves out, of those that its maker
	// decides.
	Without []string
	// Shown are the resources of the items that the reviewer was shown as theirs to decide:
	// the review covers no other that became theirs since. nil: it covers whatever they decide.
	Shown []string `json:",omitempty"` // left out of what the keys of earlier releases stand for
}

// shown are those of some items that the reviewer was shown; more tells whether there are
// others.
func (c *ReviewRequest) shown(ids []string) (shown []string, more bool) {
	if c.Shown == nil {
		return ids, false
	}
	for _, id := range ids {
		if slices.Contains(c.Shown, id) {
			shown = append(shown, id)
		}
	}
	return shown, len(shown) < len(ids)
}

// Request returns a request by ID, or a NOT_FOUND *Error. It checks no rights: see MaySee.
func (s *Service) Request(ctx context.Context, id string) (Request, error) {
	return Load[Request](ctx, s.Subjects, id, "id")
}

// MaySee tells whether an actor may see a request: administrators and services see all,
// requesters their own, and approvers what names them, whatever became of it.
func (s *Service) MaySee(by Actor, r *Request) bool { return r.maySee(&by) }

// SeesAll tells whether an actor may see every request: all who do see the same.
func (s *Service) SeesAll(by Actor) bool { return seesAll(&by) }

// CreateRequest asks for access. What the person has asked for already, and still
// waits for or has, is DUPLICATE unless they insist; LIMITED where they have asked for
// much already.
func (s *Service) CreateRequest(ctx context.Context, by Actor, in NewRequest) (Request, error) {
	if by.Kind != ActorUser {
		return Request{}, Errorf(CodeForbidden, "", "Only a person can ask for access; a service has to name the one that it acts for.")
	}
	c, err := s.creation(by, KindRequest, in.IdempotencyKey, in)
	if err != nil {
		return Request{}, err
	}
	r, err := s.asking(ctx, by, func() (Request, error) { return s.makeRequest(ctx, by, c, in) })
	return s.approvedUnasked(ctx, r, err)
}

func (s *Service) makeRequest(ctx context.Context, by Actor, c creation, in NewRequest) (Request, error) {
	return create[Request](ctx, s.Subjects, by, c, func() (Effect, error) {
		now := s.Now()
		t, guards, err := s.terms(ctx, in.Items, in.Duration, in.Reason, in.Ticket, in.StartsAt, now)
		if err != nil {
			return Nothing(), err
		}
		asked := Request{
			ID: c.id, Status: StatusPending, Requester: Person{by.ID, by.Name, by.Email}, Items: t.Items, Duration: t.Duration,
			Reason: t.Reason, Ticket: t.Ticket, StartsAt: t.StartsAt, CreatedAt: now, UpdatedAt: now, DecideBy: now.Add(s.opts.DecideIn),
			TermsVersion: 1, Asked: c.asked, Asks: []time.Time{now},
		}
		l, err := s.rule(ctx, &asked, now)
		if err == nil {
			err = s.meetable(ctx, &l)
		}
		if err == nil {
			err = l.allowsRequest(t)
		}
		if err != nil {
			return Nothing(), err
		}
		asked.AsksNobody = l.Plan.NeedsNobody()
		asked.Plan = l.planFor(&asked)
		more, err := s.mayAsk(ctx, &asked, in.AllowDuplicate)
		if err != nil {
			return Nothing(), err
		}
		limits, err := s.mayAskMore(ctx, &Request{Requester: asked.Requester}, now)
		ev := requestEvent{EventCreated, requestData{At: now, Request: &asked}}
		return ev.effect(now, slices.Concat(guards, l.guards, more, limits)), err
	})
}

// mayAsk checks that the requester may act, and has no other open request for the same
// unless they insist.
func (s *Service) mayAsk(ctx context.Context, r *Request, duplicate bool) ([]Guard, error) {
	guards, err := s.mayAct(ctx, r.Requester.ID)
	if duplicate || err != nil {
		return guards, err
	}
	more, err := s.unasked(ctx, r)
	return append(guards, more...), err
}

// mayAct checks that a person is there and not disabled, and returns the guard that keeps
// it so.
func (s *Service) mayAct(ctx context.Context, id string) ([]Guard, error) {
	c, err := s.read(ctx, id)
	if err != nil {
		return nil, err
	}
	u, ok, err := find[User](c, id)
	if err != nil {
		return nil, err
	}
	if !ok || u.Disabled {
		return nil, errDisabled()
	}
	return c.guards(), nil
}

// unasked checks that no other open request of the person asks for all that this one
// asks for, and returns the guards that keep it so: also of two clicks at once, one
// asks.
func (s *Service) unasked(ctx context.Context, r *Request) ([]Guard, error) {
	var guards []Guard
	for _, st := range openStatuses() {
		g := Guard{Key: requestTerm(st, r.Requester.ID, "", r.Items[0].ResourceID), Since: s.log.Head()}
		open, err := All[Request](ctx, s.Subjects, g.Key)
		if err != nil {
			return nil, err
		}
		for i := range open {
			if open[i].ID != r.ID && open[i].covers(r.Items) {
				return nil, open[i].duplicate(r.Items)
			}
		}
		guards = append(guards, g)
	}
	return guards, nil
}

// covers tells whether a request asks for all of these items.
func (r *Request) covers(items []Item) bool {
	for _, i := range items {
		if !slices.ContainsFunc(r.Items, func(have Item) bool { return have.ResourceID == i.ResourceID && have.Role == i.Role }) {
			return false
		}
	}
	return true
}

// duplicate says that a request asks for these items already.
func (r *Request) duplicate(items []Item) error {
	stands := map[Status]string{StatusPending: "it waits for a decision", StatusApproved: "it is approved, and starts later", StatusActive: "it is in force"}[r.Status]
	e := Errorf(CodeDuplicate, "items", "You have asked for %s already: %s. Allow a duplicate to ask once more.", labels(items), stands)
	e.Subject = r.ID
	return e
}

// terms checks what is asked for and takes down the names of today.
func (s *Service) terms(ctx context.Context, refs []ItemRef, d Seconds, reason, ticket string, start *time.Time, now time.Time) (terms, []Guard, error) {
	var t terms
	items, guards, err := s.items(ctx, refs)
	if err != nil {
		return t, nil, err
	}
	if err := s.checkDuration(d); err != nil {
		return t, nil, err
	}
	if reason, err = s.cleanReason("reason", reason); err != nil {
		return t, nil, err
	}
	if ticket, err = CleanText("ticket", ticket, 0, maxTicket, false); err != nil {
		return t, nil, err
	}
	if start, err = checkStart(start, now); err != nil {
		return t, nil, err
	}
	return terms{Items: items, Duration: d, Reason: reason, Ticket: ticket, StartsAt: start}, guards, nil
}

// cleanReason checks a text that says why: of a request, an extension, a denial or a
// revocation alike.
func (s *Service) cleanReason(field, reason string) (string, error) {
	reason, err := CleanText(field, reason, 0, MaxReason, true)
	if n := visible(reason); err == nil && n < s.opts.MinReason {
		if n == 0 && s.opts.MinReason == 1 {
			return "", Errorf(CodeInvalid, field, "Say why.")
		}
		return "", Errorf(CodeInvalid, field, "Say why, in at least %s.", phrase.Count(s.opts.MinReason, "character"))
	}
	return reason, err
}

func (s *Service) checkDuration(d Seconds) error {
	if d < minDuration {
		return Errorf(CodeInvalid, "duration", "Ask for at least one minute.")
	}
	if longest := s.opts.MaxDuration; d.Duration() > longest {
		return Errorf(CodeInvalid, "duration", "At most %s is allowed for this; %s was asked for.", duration.Words(longest), duration.Words(d.Duration()))
	}
	return nil
}

// checkStart keeps a start as precise as all times are kept, to the microsecond; the API
// takes no finer ones.
func checkStart(start *time.Time, now time.Time) (*time.Time, error) {
	if start == nil {
		return nil, nil
	}
	at := start.UTC().Truncate(time.Microsecond)
	if at.Before(now.Add(-startGrace)) {
		return nil, Errorf(CodeInvalid, "startsAt", "The start %s is in the past.", at.Format(time.RFC3339))
	}
	if at.After(now.Add(maxAhead)) {
		return nil, Errorf(CodeInvalid, "startsAt", "The start %s is more than 30 days ahead.", at.Format(time.RFC3339))
	}
	return &at, nil
}

// Items resolves what is asked for against the catalog: 1 to 20 items, no
// resource twice, a role where the resource has roles.
func (s *Service) Items(ctx context.Context, refs []ItemRef) ([]Item, error) {
	items, _, err := s.items(ctx, refs)
	return items, err
}

// items is Items with the guards that keep the catalog as it was read.
func (s *Service) items(ctx context.Context, refs []ItemRef) ([]Item, []Guard, error) {
	if len(refs) == 0 {
		return nil, nil, Errorf(CodeInvalid, "items", "Choose at least one resource.")
	}
	if len(refs) > maxItems {
		return nil, nil, Errorf(CodeInvalid, "items", "Choose at most %d resources; these are %d.", maxItems, len(refs))
	}
	c, err := s.readCatalog(ctx, refs)
	if err != nil {
		return nil, nil, err
	}
	items := make([]Item, 0, len(refs))
	seen := map[string]bool{}
	for n, ref := range refs {
		field := fmt.Sprintf("items.%d", n)
		item, err := c.item(ref, field)
		if err != nil {
			return nil, nil, err
		}
		if seen[ref.ResourceID] {
			return nil, nil, Errorf(CodeInvalid, field+".resourceId", "%s is asked for twice; choose one role, or ask a second time.", item.ResourceName)
		}
		seen[ref.ResourceID] = true
		items = append(items, item)
	}
	return items, c.guards(), nil
}

// readCatalog reads all that is asked for: the resources, then where they are.
func (s *Service) readCatalog(ctx context.Context, refs []ItemRef) (catalog, error) {
	var ids []string
	for _, ref := range refs {
		if KindOf(ref.ResourceID) == KindResource {
			ids = append(ids, ref.ResourceID)
		}
	}
	resources, err := s.read(ctx, ids...)
	if err != nil {
		return resources, err
	}
	var parents []string
	for _, id := range ids {
		r, _, err := find[Resource](resources, id)
		if err != nil {
			return resources, err
		}
		if parent := r.AccountID + r.GatewayID; parent != "" {
			parents = append(parents, parent)
		}
	}
	places, err := s.read(ctx, parents...)
	return resources.with(places), err
}

// item is one that is asked for, by the names of now.
func (c catalog) item(ref ItemRef, field string) (Item, error) {
	missing := Missing[Resource](field + ".resourceId")
	r, ok, err := find[Resource](c, ref.ResourceID)
	if err != nil {
		return Item{}, err
	}
	if !ok || r.Deleted {
		return Item{}, missing
	}
	if err := checkRole(ref.Role, &r, field+".role"); err != nil {
		return Item{}, err
	}
	item := Item{ResourceID: r.ID, ResourceName: r.Name, ResourceKind: r.Kind, Role: ref.Role, AccountID: r.AccountID, GatewayID: r.GatewayID}
	if r.AccountID != "" {
		a, ok, err := find[Account](c, r.AccountID)
		if err != nil {
			return Item{}, err
		}
		if !ok || a.Deleted {
			return Item{}, missing
		}
		item.AccountName = a.Name
	}
	if r.GatewayID != "" {
		g, ok, err := find[Gateway](c, r.GatewayID)
		if err != nil {
			return Item{}, err
		}
		if !ok || g.Deleted {
			return Item{}, missing
		}
		item.GatewayName = g.Name
	}
	return item, nil
}

func checkRole(role string, r *Resource, field string) error {
	if len(r.Roles) == 0 {
		if role != "" {
			return Errorf(CodeInvalid, field, "%s has no roles to choose from; leave the role out.", r.Name)
		}
		return nil
	}
	for _, have := range r.Roles {
		if have == role {
			return nil
		}
	}
	if role == "" {
		return Errorf(CodeInvalid, field, "Choose a role on %s.", r.Name)
	}
	return Errorf(CodeInvalid, field, "%s has no role %q.", r.Name, role)
}
