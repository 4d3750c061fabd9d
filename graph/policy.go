package graph

import (
	"context"
	"slices"
	"strings"
	"time"

	"procyon/access"
	"procyon/duration"
	"procyon/policy"
)

// optionalSeconds is a length of time; 0 is none.
func optionalSeconds(s duration.Seconds) *time.Duration {
	if s == 0 {
		return nil
	}
	d := s.Duration()
	return &d
}

func (r *Resolver) policySet(ctx context.Context) (*PolicySet, error) {
	p, err := r.Access.Policies(ctx)
	if err != nil {
		return nil, err
	}
	return r.toPolicySet(p), nil
}

// policiesNaming are the names of what names something, or none.
func (r *Resolver) policiesNaming(ctx context.Context, id string) ([]string, error) {
	names, err := r.Access.NamedBy(ctx, id)
	return listed(names), err
}

func (r *Resolver) toPolicySet(p *access.Policies) *PolicySet {
	named := r.Access.Lookup()
	named.Want(p.Names()...)
	n := namer{named}
	out := &PolicySet{Version: entries(p.Version), Guardrails: []*Guardrail{}, Policies: []*Policy{}}
	if p.Version > 0 {
		at := p.ChangedAt
		related := r.Access.Related()
		out.ChangedAt, out.ChangedBy = &at, appointer(p.ChangedBy, related)
	}
	for i := range p.Guardrails {
		out.Guardrails = append(out.Guardrails, n.guardrail(&p.Guardrails[i]))
	}
	for i := range p.Policies {
		out.Policies = append(out.Policies, n.policy(&p.Policies[i]))
	}
	return out
}

// namer says what policies name, all of it looked up at once.
type namer struct{ named *access.Lookup }

func (n namer) subjects(ids []string) []*PolicySubject {
	out := make([]*PolicySubject, len(ids))
	for i, id := range ids {
		out[i] = &PolicySubject{SubjectID: id, Named: n.named}
	}
	return out
}

func (n namer) who(w *policy.Who) *PolicyWho {
	return &PolicyWho{Everyone: w.Everyone, Users: n.subjects(w.UserIDs), Groups: n.subjects(w.GroupIDs)}
}

func (n namer) what(w *policy.What) *PolicyWhat {
	out := &PolicyWhat{
		Accounts: n.subjects(w.AccountIDs), Gateways: n.subjects(w.GatewayIDs), Resources: n.subjects(w.ResourceIDs),
		Kinds: listed(enums[ResourceKind](w.Kinds)), Roles: listed(w.Roles), Tags: []*PolicyTag{},
	}
	for _, t := range w.Tags {
		out.Tags = append(out.Tags, &PolicyTag{Key: t.Key, Value: t.Value})
	}
	return out
}

func (n namer) step(s *policy.Step) *PolicyStep {
	a := &s.Approvers
	out := &PolicyStep{
		Name: optional(s.Name), Need: s.Need, Users: n.subjects(a.UserIDs), Groups: n.subjects(a.GroupIDs),
		Administrators: a.Administrators, Owners: a.Owners, Manager: a.Manager,
		RemindEvery: optionalSeconds(s.RemindEvery), EndAfter: optionalSeconds(s.EndAfter),
	}
	if e := s.Escalation; e != nil {
		a := &e.Approvers
		out.Escalation = &PolicyEscalation{
			After: e.After.Duration(), Users: n.subjects(a.UserIDs), Groups: n.subjects(a.GroupIDs),
			Administrators: a.Administrators, Owners: a.Owners, Manager: a.Manager,
		}
	}
	return out
}

func (n namer) policy(p *policy.Policy) *Policy {
	out := &Policy{
		PolicyID: p.ID, Name: p.Name, Who: n.who(&p.Who), What: n.what(&p.What), Refuse: optional(p.Refuse),
		MaxDuration: optionalSeconds(p.MaxDuration), MaxStartAhead: optionalSeconds(p.MaxAhead), Extensions: !p.NoExtensions,
		MinReasonLength: p.MinReason, TicketNeeded: p.Ticket != nil, ApproveInConsole: p.ConsoleOnly, HideApprovers: p.HideApprovers,
		Steps: []*PolicyStep{},
	}
	if p.Ticket != nil {
		out.TicketPattern, out.TicketExample = optional(p.Ticket.Pattern), optional(p.Ticket.Example)
	}
	for i := range p.Steps {
		out.Steps = append(out.Steps, n.step(&p.Steps[i]))
	}
	return out
}

func (n namer) guardrail(g *policy.Guardrail) *Guardrail {
	out := &Guardrail{
		GuardrailID: g.ID, Name: g.Name, Except: n.who(&g.Except), What: n.what(&g.What), Condition: optional(g.Condition),
		Refuse: optional(g.Refuse), MaxDuration: optionalSeconds(g.MaxDuration), ApproveInConsole: g.ConsoleOnly, SignInWithin: optionalSeconds(g.SignInWithin),
	}
	if g.Step != nil {
		out.Step = n.step(g.Step)
	}
	return out
}

// subjectName is what something that policies name is called now; nil where it is gone.
func subjectName(ctx context.Context, named *access.Lookup, id string) (*string, error) {
	if id == policy.Administrators {
		return nil, nil
	}
	name, there, err := access.NameOf(ctx, named, id)
	if err != nil || !there {
		return nil, err
	}
	return &name, nil
}

func fromWho(in *PolicyWhoInput) policy.Who {
	if in == nil {
		return policy.Who{}
	}
	return policy.Who{Everyone: in.Everyone, UserIDs: in.UserIds, GroupIDs: in.GroupIds}
}

func fromWhat(in *PolicyWhatInput) policy.What {
	out := policy.What{
		AccountIDs: in.AccountIds, GatewayIDs: in.GatewayIds, ResourceIDs: in.ResourceIds, Kinds: enums[string](in.Kinds), Roles: in.Roles,
	}
	for _, t := range in.Tags {
		out.Tags = append(out.Tags, policy.Tag{Key: t.Key, Value: t.Value})
	}
	return out
}

func fromStep(in *PolicyStepInput) policy.Step {
	out := policy.Step{
		Name: value(in.Name), Need: in.Need, RemindEvery: seconds(value(in.RemindEvery)), EndAfter: seconds(value(in.EndAfter)),
		Approvers: policy.Approvers{UserIDs: in.UserIds, GroupIDs: in.GroupIds, Administrators: in.Administrators, Owners: in.Owners, Manager: in.Manager},
	}
	if e := in.Escalation; e != nil {
		out.Escalation = &policy.Escalation{
			After:     seconds(e.After),
			Approvers: policy.Approvers{UserIDs: e.UserIds, GroupIDs: e.GroupIds, Administrators: e.Administrators, Owners: e.Owners, Manager: e.Manager},
		}
	}
	return out
}

func fromPolicySet(in *PolicySetInput) policy.Set {
	var out policy.Set
	for _, p := range in.Policies {
		next := policy.Policy{
			ID: value(p.PolicyID), Name: p.Name, Who: fromWho(p.Who), What: fromWhat(p.What), Refuse: value(p.Refuse),
			MaxDuration: seconds(value(p.MaxDuration)), MaxAhead: seconds(value(p.MaxStartAhead)), NoExtensions: !p.Extensions,
			MinReason: p.MinReasonLength, ConsoleOnly: p.ApproveInConsole, HideApprovers: p.HideApprovers,
		}
		if p.TicketNeeded || p.TicketPattern != nil {
			next.Ticket = &policy.Ticket{Pattern: value(p.TicketPattern), Example: value(p.TicketExample)}
		}
		for _, s := range p.Steps {
			next.Steps = append(next.Steps, fromStep(s))
		}
		out.Policies = append(out.Policies, next)
	}
	for _, g := range in.Guardrails {
		next := policy.Guardrail{
			ID: value(g.GuardrailID), Name: g.Name, Except: fromWho(g.Except), What: fromWhat(g.What), Condition: value(g.Condition),
			Refuse: value(g.Refuse), MaxDuration: seconds(value(g.MaxDuration)), ConsoleOnly: g.ApproveInConsole, SignInWithin: seconds(value(g.SignInWithin)),
		}
		if g.Step != nil {
			step := fromStep(g.Step)
			next.Step = &step
		}
		out.Guardrails = append(out.Guardrails, next)
	}
	return out
}

// policyField is where the input has a field of a set of policies.
func policyField(field string) string {
	return "set." + strings.NewReplacer(".approvers", "", ".ticket.pattern", ".ticketPattern", ".ticket.example", ".ticketExample", ".maxAhead", ".maxStartAhead").Replace(field)
}

func (r *Resolver) setPolicies(ctx context.Context, in SetPoliciesInput) (*SetPoliciesPayload, error) {
	out := &SetPoliciesPayload{Warnings: []*PolicyWarning{}}
	if in.ExpectedVersion < 0 {
		return answered(out, access.Errorf(access.CodeInvalid, "expectedVersion", "A version is 0 or more: give the version as it was shown."), func(p *SetPoliciesPayload) *[]*UserError { return &p.UserErrors })
	}
	p, problems, err := r.Access.SetPolicies(ctx, actor(ctx), fromPolicySet(in.Set), access.PolicyChange{Version: uint64(in.ExpectedVersion), DryRun: in.DryRun})
	ue, err := userErrors(err)
	if err != nil {
		return nil, err
	}
	for _, w := range problems.Warnings {
		out.Warnings = append(out.Warnings, &PolicyWarning{Field: policyField(w.Field), Message: w.Message})
	}
	for _, w := range problems.Wrong {
		ue = append(ue, &UserError{Code: UserErrorCodeInvalid, Message: w.Message, Field: append([]string{"input"}, strings.Split(policyField(w.Field), ".")...)})
	}
	if out.UserErrors = ue; len(ue) == 0 && !in.DryRun {
		out.PolicySet = r.toPolicySet(&p)
	}
	return out, nil
}

// tracks are those of a request, as the reviews counted when they were given.
func (r *Resolver) tracks(v *access.Request) []*Track {
	named := r.Access.Lookup()
	named.Want(v.Approvers()...)
	out := []*Track{}
	for _, t := range v.Tracks() {
		track := &Track{
			PolicyID: t.PolicyID, PolicyName: t.PolicyName, PolicyVersion: entries(t.Version), ResourceIds: t.ResourceIDs,
			RefusedBecause: optional(t.Refused), MaxDuration: optionalSeconds(t.MaxDuration), ApproveInConsole: t.ConsoleOnly, HideApprovers: t.HideApprovers,
			SignInWithin: optionalSeconds(t.SignInWithin),
			Guardrails:   listed(t.Guardrails), Steps: []*TrackStep{},
		}
		for i := range t.Steps {
			track.Steps = append(track.Steps, toTrackStep(v, &t, i, named))
		}
		out = append(out, track)
	}
	return out
}

func toTrackStep(v *access.Request, t *access.TrackNow, i int, named *access.Lookup) *TrackStep {
	s := &t.Steps[i]
	out := &TrackStep{
		Name: optional(s.Name), Need: s.Need, Guardrail: optional(s.Guardrail), ApprovedBy: []string{}, Status: TrackStepStatusLater,
		Request: v, Track: &t.Track, Asked: []*StepApprover{}, Escalated: s.Escalated,
	}
	switch {
	case i < t.Step:
		out.Status = TrackStepStatusMet
	case i == t.Step:
		out.Status, out.Lacking = TrackStepStatusPresent, t.Lacking
		out.EscalatesAt, out.EndsAt = optionalTime(t.Times.Escalates), optionalTime(t.Times.Ends)
	}
	if i < len(t.Approved) {
		for _, p := range t.Approved[i] {
			out.ApprovedBy = append(out.ApprovedBy, p.Name)
		}
	}
	for _, a := range s.CanApprove() {
		by := StepApproverByName
		switch a.As {
		case policy.Owner:
			by = StepApproverByOwner
		case policy.Manager:
			by = StepApproverByManager
		}
		out.Asked = append(out.Asked, &StepApprover{ApproverID: a.ID, By: by, Named: named})
	}
	return out
}

// stepApprovers are who can approve a step, unless the policy keeps that from the caller.
func (r *Resolver) stepApprovers(ctx context.Context, s *TrackStep) ([]*StepApprover, error) {
	if s.Request.ApproversHidden(actor(ctx), s.Track) {
		return nil, nil
	}
	return s.Asked, nil
}

// approversHidden tells whether policies keep from the caller who is asked.
func (r *Resolver) approversHidden(ctx context.Context, v *access.Request) bool {
	return slices.ContainsFunc(v.Tracks(), func(t access.TrackNow) bool { return v.ApproversHidden(actor(ctx), &t.Track) })
}

func (r *Resolver) explainAccess(ctx context.Context, in ExplainAccessInput) (*AccessExplanation, error) {
	wish := access.Wish{
		Items: fromItems(in.Items), Duration: seconds(value(in.Duration)), StartsAt: in.StartsAt, Reason: value(in.Reason), Ticket: value(in.Ticket),
		ForUser: value(in.ForUserID),
	}
	if in.Draft != nil {
		draft := fromPolicySet(in.Draft)
		wish.Policies = &draft
	}
	e, err := r.Access.Explain(ctx, actor(ctx), wish)
	if err != nil {
		return nil, err
	}
	out := &AccessExplanation{
		Tracks: r.tracks(&e.Request), MaxDuration: e.Needs.MaxDuration.Duration(), MaxStartAhead: optionalSeconds(e.Needs.MaxAhead),
		Extensions: !e.Needs.NoExtensions, MinReasonLength: e.Needs.MinReason, TicketNeeded: len(e.Needs.Tickets) > 0, TicketExamples: []string{},
		ApprovedAtOnce: e.Error == nil && e.Plan.NeedsNobody(),
	}
	for _, t := range e.Needs.Tickets {
		if t.Example != "" {
			out.TicketExamples = append(out.TicketExamples, t.Example)
		}
	}
	ue, err := userErrors(e.Error)
	if err != nil {
		return nil, err
	}
	for _, e := range ue {
		out.Refusal = &AccessRefusal{Message: e.Message}
		if len(e.Field) > 1 {
			out.Refusal.Field = optional(strings.Join(e.Field[1:], "."))
		}
	}
	if out.Approvers, err = r.approvers(ctx, &e.Request); err != nil {
		return nil, err
	}
	routes, _, err := r.Access.Routes(ctx, e.Items)
	out.NotificationRoutes = r.toRoutes(routes)
	return out, err
}
