package access

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"procyon/phrase"
	"procyon/policy"
	"procyon/store"
)

// MaxRehearsed is how many requests a rehearsal looks at, at most.
const MaxRehearsed = 200

// rehearsedAtOnce is how many of them are read at once.
const rehearsedAtOnce = 50

// Rehearsal is what policies that are not in force would have made of the newest requests,
// beside what those in force make of them, both as everything is now.
type Rehearsal struct {
	Looked int // how many requests were looked at
	Gone   int // of these, whose requester or things are there no more: nothing is said of them

	OtherPolicy    int // another policy governs an item
	OtherApprovers int // others, or more or fewer of them, have to approve an item
	Refused        int // it would be refused, and is not now
	Allowed        int // it is refused now, and would not be
	AtOnce         int // nobody would have to approve it, and somebody has to now

	Differing []Rehearsed // the requests of which one of these is so, newest first
}

// Rehearsed is a request that policies would treat in another way.
type Rehearsed struct {
	Request       Request
	Before, After RehearsedOutcome
}

// RehearsedOutcome is what some policies make of a request.
type RehearsedOutcome struct {
	Plan    policy.Plan
	Refusal string // why it is refused; "": it is not
}

// Rehearse has policies decide the newest requests anew, as if the caller had saved them, and
// tells what differs from those in force. Nothing is changed, and nobody is told.
func (s *Service) Rehearse(ctx context.Context, by Actor, set policy.Set, newest int) (Rehearsal, error) {
	var out Rehearsal
	if by.Kind == ActorUser && !by.Admin {
		return out, Errorf(CodeForbidden, "", "Only an administrator can rehearse policies.")
	}
	if newest < 1 || newest > MaxRehearsed {
		return out, Errorf(CodeInvalid, "newest", "newest must be from 1 to %d.", MaxRehearsed)
	}
	if wrong := set.TooMuch(); len(wrong) > 0 {
		return out, Errorf(CodeInvalid, "set", "%s", wrong[0].Message)
	}
	known, err := s.known(ctx, &set)
	if err != nil {
		return out, err
	}
	if wrong, _ := set.Check(known); len(wrong) > 0 {
		return out, Errorf(CodeInvalid, "set", "Mend first what is wrong: %s", wrong[0].Message)
	}
	saved, err := s.asSaved(ctx, by, set)
	if err != nil {
		return out, err
	}
	page := store.Page{}
	for more := true; more && out.Looked < newest; {
		page.First = min(rehearsedAtOnce, newest-out.Looked)
		l, err := s.Requests(ctx, System(), RequestFilter{}, RequestOrder{}, page)
		if err != nil {
			return out, err
		}
		requests, err := DecodeAll[Request](l.Docs)
		if err != nil {
			return out, err
		}
		for i := range requests {
			if err := s.rehearse(ctx, &out, &requests[i], saved); err != nil {
				return out, err
			}
		}
		page.After, more = l.End, l.Next && len(requests) > 0
	}
	return out, nil
}

// rehearse adds one request to a rehearsal.
func (s *Service) rehearse(ctx context.Context, out *Rehearsal, of *Request, set *policy.Set) error {
	out.Looked++
	now := s.Now()
	// It is looked at as if it were asked for now, whatever became of it.
	r := Request{
		Status: StatusPending, Requester: of.Requester, Items: of.Items, Duration: of.Duration, Reason: of.Reason, Ticket: of.Ticket,
		CreatedAt: now, UpdatedAt: now, DecideBy: now.Add(s.opts.DecideIn),
	}
	if of.StartsAt != nil && of.StartsAt.After(of.CreatedAt) {
		r.StartsAt = new(now.Add(of.StartsAt.Sub(of.CreatedAt)))
	}
	before, err := s.ruleBy(ctx, &r, nil, now)
	if err != nil {
		return err
	}
	if before.lost.why != "" {
		out.Gone++
		return nil
	}
	after := before
	if err := s.govern(ctx, &after, set); err != nil {
		return err
	}
	v := Rehearsed{Request: *of}
	if v.Before, err = s.outcome(ctx, &r, &before); err != nil {
		return err
	}
	if v.After, err = s.outcome(ctx, &r, &after); err != nil {
		return err
	}
	if out.count(&v) {
		out.Differing = append(out.Differing, v)
	}
	return nil
}

// outcome is what a ruling makes of a request.
func (s *Service) outcome(ctx context.Context, r *Request, l *ruling) (RehearsedOutcome, error) {
	out := RehearsedOutcome{Plan: l.Plan}
	if err := s.meetable(ctx, l); err != nil {
		return out, err
	}
	if refused := l.allowsRequest(terms{Items: r.Items, Duration: r.Duration, Reason: r.Reason, Ticket: r.Ticket, StartsAt: r.StartsAt}); refused != nil {
		out.Refusal = refused.Error()
	}
	return out, nil
}

// count counts in what a request would be treated otherwise, and tells whether in anything.
func (out *Rehearsal) count(v *Rehearsed) (differs bool) {
	add := func(to *int, is bool) {
		if is {
			*to++
			differs = true
		}
	}
	was, is := itemsDecided(&v.Before.Plan), itemsDecided(&v.After.Plan)
	other := func(of func(itemDecided) string) bool {
		return slices.ContainsFunc(v.Request.Items, func(i Item) bool { return of(was[i.ResourceID]) != of(is[i.ResourceID]) })
	}
	refused := v.After.Refusal != ""
	add(&out.OtherPolicy, other(func(d itemDecided) string { return d.policyID }))
	add(&out.OtherApprovers, !refused && v.Before.Refusal == "" && other(func(d itemDecided) string { return d.approvers }))
	add(&out.Refused, refused && v.Before.Refusal == "")
	add(&out.Allowed, !refused && v.Before.Refusal != "")
	add(&out.AtOnce, !refused && v.After.Plan.NeedsNobody() && !v.Before.Plan.NeedsNobody())
	return differs
}

// itemDecided is by which policy and by whom an item is decided, as one text; whose doing
// that was has no part in it.
type itemDecided struct{ policyID, approvers string }

// itemsDecided are those of a plan, by the resource of the item.
func itemsDecided(p *policy.Plan) map[string]itemDecided {
	out := map[string]itemDecided{}
	for _, t := range p.Tracks {
		var steps []string
		for _, st := range t.Steps {
			ids := make([]string, len(st.Approvers))
			for i, a := range st.Approvers {
				ids[i] = a.ID
			}
			slices.Sort(ids)
			steps = append(steps, fmt.Sprintf("%d of %s", st.Need, strings.Join(ids, " ")))
		}
		for _, id := range t.ResourceIDs {
			out[id] = itemDecided{t.PolicyID, strings.Join(steps, ", ")}
		}
	}
	return out
}

// Words says what some policies make of a request: "Databases: 1 of Ada or the
// administrators, then 2 of Ops." names says what a person or a group is called; "": they
// were removed.
func (o *RehearsedOutcome) Words(names func(id string) string) string {
	if o.Refusal != "" {
		return "It is refused: " + o.Refusal
	}
	out := make([]string, len(o.Plan.Tracks))
	for i, t := range o.Plan.Tracks {
		steps := make([]string, len(t.Steps))
		for n := range t.Steps {
			steps[n] = stepNames(&t.Steps[n], names)
		}
		if len(steps) == 0 {
			steps = []string{"nobody has to approve"}
		}
		out[i] = t.PolicyName + ": " + strings.Join(steps, ", then ") + "."
	}
	return strings.Join(out, " ")
}

func stepNames(s *policy.PlannedStep, names func(id string) string) string {
	const most = 10 // approvers who are named
	var who []string
	for _, a := range s.Approvers[:min(most, len(s.Approvers))] {
		who = append(who, phrase.Approver(a.ID, names(a.ID), a.As))
	}
	if more := len(s.Approvers) - most; more > 0 {
		who = append(who, fmt.Sprintf("%d more", more))
	}
	if len(who) == 0 {
		who = []string{"nobody"}
	}
	return fmt.Sprintf("%d of %s", s.Need, phrase.Listed(who, "or"))
}
