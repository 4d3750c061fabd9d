package access

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"procyon/duration"
	"procyon/phrase"
	"procyon/policy"
)

// ruling is what the policies say of a request at a moment, with all that was read for it.
type ruling struct {
	policy.Governed

	ask    policy.Ask
	lost   loss    // what it rests on and is gone
	guards []Guard // keep everything that was read as it is
}

// Person is an actor as policies know people: with the rights of now.
func (a *Actor) Person() policy.Person {
	p := policy.Person{ID: a.ID, Name: a.Name, Email: a.Email, Groups: a.Groups, Accounts: append([]string{a.ID}, a.SameHuman...)}
	if a.Admin {
		p.Admin = &policy.Right{ID: policy.Administrators, Stamp: a.AdminBy}
	}
	return p
}

// lasting is how long the access would last in all, by what waits or by what was approved.
func (r *Request) lasting() Seconds {
	switch {
	case r.Grant == nil:
		return r.Duration
	case r.Subject() == SubjectExtension:
		return r.Grant.duration() + r.Extension.Duration
	}
	return r.GrantedDuration()
}

// rule asks the policies of today about a request, its items and its requester as they are
// now.
func (s *Service) rule(ctx context.Context, r *Request, now time.Time) (ruling, error) {
	return s.ruleBy(ctx, r, nil, now)
}

// ruleBy is rule by a set of policies that need not be in force; nil: by those that are.
func (s *Service) ruleBy(ctx context.Context, r *Request, set *policy.Set, now time.Time) (ruling, error) {
	var out ruling
	c, err := s.read(ctx, r.prerequisites()...)
	if err != nil {
		return out, err
	}
	out.guards = c.guards()
	if out.lost, err = c.missing(r); err != nil {
		return out, err
	}
	out.ask = policy.Ask{Duration: r.lasting(), Reason: r.Reason, Ticket: r.Ticket, Now: now}
	if r.StartsAt != nil && r.StartsAt.After(now) { // what is past is no start any more: it would be now
		out.ask.StartsAt = *r.StartsAt
	}
	u, _, err := find[User](c, r.Requester.ID)
	if err != nil {
		return out, err
	}
	by, more, err := s.actor(ctx, u)
	if err != nil {
		return out, err
	}
	out.guards = append(out.guards, more...)
	out.ask.Holder = by.Person()
	out.ask.Holder.Edits = u.Edits
	if m := u.Manager; m != nil {
		out.ask.Manager = &policy.Right{ID: m.UserID, Stamp: policy.Stamp{ByID: m.ByID, At: m.At}}
	}
	for _, i := range r.Items {
		item, err := c.fact(i)
		if err != nil {
			return out, err
		}
		out.ask.Items = append(out.ask.Items, item)
	}
	err = s.govern(ctx, &out, set)
	return out, err
}

// govern lets the policies judge the facts of a ruling.
func (s *Service) govern(ctx context.Context, out *ruling, set *policy.Set) error {
	now, g, err := s.policies(ctx)
	if err != nil {
		return err
	}
	out.guards = append(out.guards, g)
	if set == nil {
		set = &now.Set
	}
	var ids []string
	for i := range out.ask.Items {
		ids = append(ids, set.RestsOn(&out.ask.Holder, &out.ask.Items[i])...)
	}
	named, err := s.read(ctx, ids...)
	if err != nil {
		return err
	}
	out.guards = append(out.guards, named.guards()...)
	out.ask.Gone = map[string]bool{}
	for _, id := range named.ids {
		_, there, err := named.named(id)
		if err != nil {
			return err
		}
		if !there {
			out.ask.Gone[id] = true
		}
	}
	out.Governed = set.Govern(now.Version, &out.ask, s.opts.Conditions)
	return nil
}

// fact is an item as policies know it: as its resource, account and gateway are now.
func (c catalog) fact(i Item) (policy.Item, error) {
	r, _, err := find[Resource](c, i.ResourceID)
	if err != nil {
		return policy.Item{}, err
	}
	out := policy.Item{
		ResourceID: i.ResourceID, Resource: cmp.Or(r.Name, i.ResourceName), Kind: string(i.ResourceKind), Role: i.Role,
		AccountID: i.AccountID, Account: i.AccountName, GatewayID: i.GatewayID, Gateway: i.GatewayName, Edits: r.Edits,
	}
	for _, t := range r.Tags {
		out.Tags = append(out.Tags, policy.Tag{Key: t.Key, Value: t.Value})
	}
	owners := r.Owners
	if i.AccountID != "" {
		a, _, err := find[Account](c, i.AccountID)
		if err != nil {
			return out, err
		}
		out.Account = cmp.Or(a.Name, i.AccountName)
		out.Edits = out.Edits.And(a.Edits)
		if len(owners) == 0 {
			owners = a.Owners
		}
	}
	if i.GatewayID != "" {
		g, _, err := find[Gateway](c, i.GatewayID)
		if err != nil {
			return out, err
		}
		out.Gateway = cmp.Or(g.Name, i.GatewayName)
		out.Edits = out.Edits.And(g.Edits)
		if len(owners) == 0 {
			owners = g.Owners
		}
	}
	for _, o := range owners {
		out.Owners = append(out.Owners, policy.Right{ID: o.ID, Stamp: policy.Stamp{ByID: o.ByID, At: o.At}})
	}
	return out, nil
}

// deciding is a request under decision: with the approvals so far as they count now, each
// with the rights that its author has now, and the guards that these stay so.
func (s *Service) deciding(ctx context.Context, r *Request, l *ruling, now time.Time) (policy.Deciding, []Guard, error) {
	d := policy.Deciding{Plan: r.plan(), Parties: l.ask.Holder.Accounts, Now: now}
	reviews := r.approvals()
	ids := make([]string, len(reviews))
	for i, v := range reviews {
		ids[i] = v.Reviewer.ID
	}
	c, err := s.read(ctx, ids...)
	if err != nil {
		return d, nil, err
	}
	guards := c.guards()
	for _, v := range reviews {
		u, ok, err := find[User](c, v.Reviewer.ID)
		if err != nil {
			return d, nil, err
		}
		if !ok || u.Disabled {
			continue
		}
		by, more, err := s.actor(ctx, u)
		if err != nil {
			return d, nil, err
		}
		guards = append(guards, more...)
		if by.ManyAccounts {
			continue // whose they are not can't be told
		}
		d.Reviews = append(d.Reviews, policy.Review{By: by.Person(), Covers: r.covered(&v)})
	}
	return d, guards, nil
}

// planFor is the plan that a ruling makes for a request. Where policies came to need nobody
// after it was asked, one administrator still has to approve: neither time nor a
// directory ever does.
func (l *ruling) planFor(r *Request) *policy.Plan {
	p := l.Plan
	if !r.asksNobody() && p.NeedsNobody() {
		p.Tracks = slices.Clone(p.Tracks)
		for i := range p.Tracks {
			p.Tracks[i].Steps = []policy.PlannedStep{{Name: "An approval was needed when this was asked", Need: 1, Approvers: []policy.Approver{{ID: policy.Administrators}}}}
		}
	}
	if p.Version == 0 && p.Same(defaultPlan(r.Items)) {
		return nil
	}
	return p.EscalatedAs(r.plan())
}

// refusedWords says what can't happen with an item, why, and by which policy or guardrail.
func (i Item) refusedWords(what string, r policy.Refusal) string {
	return fmt.Sprintf("%s can't %s: %s (%s)", i.Label(), what, strings.TrimSuffix(r.Why, "."), r.By)
}

// allowsRequest says why the policies don't let a request be made; nil where they do.
func (l *ruling) allowsRequest(t terms) error {
	if len(l.Refused) > 0 {
		refused := l.Refused[0]
		return Errorf(CodeForbidden, fmt.Sprintf("items.%d", refused.Item), "%s", t.Items[refused.Item].refusedWords("be asked for", refused))
	}
	if longest := l.Needs.MaxDuration; longest > 0 && t.Duration > longest {
		return Errorf(CodeInvalid, "duration", "At most %s is allowed for this; %s was asked for.", duration.Words(longest.Duration()), duration.Words(t.Duration.Duration()))
	}
	return l.has(t.Reason, t.Ticket, t.StartsAt)
}

// has says what the policies require and a request lacks; nil where it has all of it.
func (l *ruling) has(reason, with string, startsAt *time.Time) error {
	if ahead := l.Needs.MaxAhead; ahead > 0 && startsAt != nil && startsAt.Sub(l.ask.Now) > ahead.Duration() {
		return Errorf(CodeInvalid, "startsAt", "This can start in %s at the latest.", duration.Words(ahead.Duration()))
	}
	if err := l.takesReason("reason", reason); err != nil {
		return err
	}
	for _, ticket := range l.Needs.Tickets {
		switch {
		case ticket.Takes(with):
		case with == "":
			return Errorf(CodeInvalid, "ticket", "This needs a ticket%s.", ticketExample(ticket))
		default:
			return Errorf(CodeInvalid, "ticket", "The ticket %s is not of the kind that this needs%s.", phrase.Quoted(with), ticketExample(ticket))
		}
	}
	return nil
}

// allowsApproval says why what waits can't be approved as it is, by what the policies
// require by now; nil where it can.
func (l *ruling) allowsApproval(r *Request) error {
	if r.Subject() == SubjectExtension {
		if l.Needs.NoExtensions {
			return Errorf(CodeConflict, "requestId", "This can't be extended any more: deny it, and let %s ask anew.", r.Requester.Name)
		}
		return nil
	}
	var lacks *Error
	if err := l.has(r.Reason, r.Ticket, r.StartsAt); errors.As(err, &lacks) {
		return Errorf(CodeConflict, "requestId", "The policies changed, and this can't be approved as it is; %s can edit it. %s", r.Requester.Name, lacks.Message)
	}
	return nil
}

func ticketExample(t policy.Ticket) string {
	if t.Example == "" {
		return ""
	}
	return ", such as " + t.Example
}

// takesReason checks that a text that says why is as long as the policies want it.
func (l *ruling) takesReason(field, reason string) error {
	if visible(reason) < l.Needs.MinReason {
		return Errorf(CodeInvalid, field, "Say why, in at least %s.", phrase.Count(l.Needs.MinReason, "character"))
	}
	return nil
}

// allowsExtension says why the policies don't let an access be extended; nil where they do.
func (l *ruling) allowsExtension(r *Request, x Extension) error {
	if len(l.Refused) > 0 {
		refused := l.Refused[0]
		return Errorf(CodeForbidden, "requestId", "%s", r.Items[refused.Item].refusedWords("be extended", refused))
	}
	if l.Needs.NoExtensions {
		return Errorf(CodeForbidden, "requestId", "This can't be extended; ask anew when it ends.")
	}
	total := r.Grant.ExpiresAt.Sub(r.Grant.StartsAt) + x.Duration.Duration()
	if longest := l.Needs.MaxDuration; longest > 0 && total > longest.Duration() {
		return Errorf(CodeInvalid, "duration", "With this extension the access would last %s; at most %s is allowed.", duration.Words(total), duration.Words(longest.Duration()))
	}
	return l.takesReason("reason", x.Reason)
}

// approvedUnasked is a request that was just changed, approved if nobody has to.
func (s *Service) approvedUnasked(ctx context.Context, r Request, err error) (Request, error) {
	if err != nil || !r.Waits() || !r.asksNobody() {
		return r, err
	}
	return s.approveUnasked(ctx, r.ID)
}

// approveUnasked approves what nobody has to approve, or what no longer is so is written
// down. It is harmless to repeat.
func (s *Service) approveUnasked(ctx context.Context, id string) (Request, error) {
	return s.advance(ctx, System(), id, func(ctx context.Context, r *Request) (requestEvent, []Guard, error) {
		now := s.Now()
		if !r.Waits() || !r.asksNobody() || !now.Before(r.ends()) {
			return requestEvent{}, nil, nil
		}
		l, err := s.rule(ctx, r, now)
		if err != nil {
			return requestEvent{}, nil, err
		}
		lost := l.lost
		if lost.why == "" && len(l.Refused) > 0 {
			lost = loss{why: l.Refused[0].Why}
		}
		if lost.why != "" {
			return r.decideEnd(System(), lost, now), l.guards, nil
		}
		if ev := r.decideGoverned(l.planFor(r), now); ev.typ != "" {
			return ev, l.guards, nil
		}
		ev := requestEvent{data: requestData{At: now, Rule: r.Rule()}}
		j := s.judged(r, &l, policy.Deciding{Plan: r.plan(), Parties: l.ask.Holder.Accounts, Now: now})
		err = cmp.Or(l.allowsApproval(r), r.approve(&ev, r.Reviews, j, now))
		var held []Guard
		if err == nil {
			held, err = s.withinHeld(ctx, r, nil, j, *ev.data.Grant)
		}
		var refused *Error
		switch {
		case errors.As(err, &refused):
			return r.decideEnd(System(), loss{why: refused.Message}, now), l.guards, nil
		case err != nil:
			return requestEvent{}, nil, err
		}
		return ev, append(l.guards, held...), nil
	})
}
