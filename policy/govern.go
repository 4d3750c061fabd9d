package policy

import (
	"cmp"
	"fmt"
	"slices"

	"procyon/duration"
)

// Conditions evaluates those of guardrails. It is safe for concurrent use.
type Conditions interface {
	// Check refuses an expression that is none, gives no boolean, or could cost too much.
	Check(expression string) error
	// Holds evaluates it for one item of what is asked for.
	Holds(expression string, a *Ask, item *Item) (bool, error)
}

// Governed is what a Set says of what is asked for.
type Governed struct {
	Plan Plan
	// Needs are what the policies require of a request, for all of its items together.
	Needs Needs
	// Refused are why items can't be had, in the order of the items; the first reason of
	// each.
	Refused []Refusal
}

// Refusal is why an item can't be had.
type Refusal struct {
	Item int    // its place in Ask.Items
	By   string // the name of the policy or guardrail
	Why  string // a sentence for people
}

// Needs is what is required of a request.
type Needs struct {
	MaxDuration  duration.Seconds // the shortest of all; 0: no limit
	MaxAhead     duration.Seconds // 0: no limit
	MinReason    int
	Tickets      []Ticket // the ticket has to match all of these
	NoExtensions bool
}

// Govern says by what each item is decided, and what is refused. It is what
// explains a request beforehand, makes its plan, and judges it again when it is decided,
// begins and is extended.
func (s *Set) Govern(version uint64, a *Ask, conditions Conditions) Governed {
	g := Governed{Plan: Plan{Version: version}}
	for i := range a.Items {
		item := &a.Items[i]
		p := s.governing(a, item)
		t := p.track(a, item)
		g.Needs.add(p)
		if len(t.Steps) == 0 && t.Refused == "" && s.madeBy(a, item) { // whatever guardrails ask for besides
			t.Steps = []PlannedStep{{Name: "Who asks changed what allows this within a day", Need: 1, Approvers: []Approver{{ID: Administrators}}}}
		}
		why, by := t.Refused, p.Name
		for n := range s.Guardrails {
			r := &s.Guardrails[n]
			holds, err := r.holds(a, item, conditions)
			if !holds {
				continue
			}
			t.Guardrails = append(t.Guardrails, r.Name)
			t.MaxDuration = shorter(t.MaxDuration, r.MaxDuration)
			t.SignInWithin = shorter(t.SignInWithin, r.SignInWithin)
			t.ConsoleOnly = t.ConsoleOnly || r.ConsoleOnly || r.SignInWithin > 0
			if r.Step != nil {
				t.Steps = append(t.Steps, r.Step.plan(a, item, r.Name))
			}
			switch {
			case why != "":
			case err != nil:
				why, by = fmt.Sprintf("The condition of the guardrail %s could not be evaluated: %v.", r.Name, err), r.Name
			case r.Refuse != "":
				why, by = r.Refuse, r.Name
			}
		}
		g.Needs.MaxDuration = shorter(g.Needs.MaxDuration, t.MaxDuration)
		g.Needs.NoExtensions = g.Needs.NoExtensions || t.NoExtensions
		if why != "" {
			g.Refused = append(g.Refused, Refusal{i, by, why})
		}
		g.Plan.add(t, item.ResourceID)
	}
	return g
}

// Governing returns the place in Policies of the policy that governs an item for a holder,
// where nothing that it rests on is gone.
func (s *Set) Governing(holder *Person, item *Item) int {
	return slices.IndexFunc(s.Policies, func(p Policy) bool { return p.Who.names(holder) && p.What.names(item) })
}

// RestsOn are the IDs of what decides by what an item is governed for a holder, if it is
// gone: all that the governing policy names, and the groups for which the policies before it
// are. Ask.Gone has to tell of all of these.
func (s *Set) RestsOn(holder *Person, item *Item) []string {
	var ids []string
	for i := range s.Policies {
		p := &s.Policies[i]
		switch {
		case !p.What.names(item):
		case p.Who.names(holder):
			ids = append(ids, p.Names()...)
			slices.Sort(ids)
			return slices.Compact(ids)
		default:
			ids = append(ids, p.Who.GroupIDs...)
		}
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

// governing is the first policy that is for the holder and the item. Nobody can tell any
// more for whom one was whose group is gone: it governs as if all were in it, and refuses,
// so that no group's end lets its members through to what comes after.
func (s *Set) governing(a *Ask, item *Item) *Policy {
	for i := range s.Policies {
		p := &s.Policies[i]
		if p.What.names(item) && (p.Who.names(&a.Holder) || slices.ContainsFunc(p.Who.GroupIDs, a.gone)) {
			return p
		}
	}
	// A Set without a last policy for everything is none that Check lets pass.
	return &Policy{Name: "No policy", Refuse: "No policy is for this."}
}

func (a *Ask) gone(id string) bool { return a.Gone[id] }

// names tells whether a person is among these. A right counts here however new it is: what
// they changed themselves asks for another human instead, see Set.madeBy.
func (w *Who) names(p *Person) bool {
	return w.Everyone || slices.Contains(w.UserIDs, p.ID) || slices.ContainsFunc(w.GroupIDs, func(id string) bool { _, in := p.in(id); return in })
}

// except is names for an exception, for which a right that the person gave themselves does
// not count yet.
func (w *Who) except(a *Ask) bool {
	return w.Everyone || slices.Contains(w.UserIDs, a.Holder.ID) || slices.ContainsFunc(a.Holder.GroupIDs(a.Now), func(id string) bool { return slices.Contains(w.GroupIDs, id) })
}

func (w *What) names(i *Item) bool {
	anywhere := len(w.AccountIDs)+len(w.GatewayIDs)+len(w.ResourceIDs) == 0
	return (anywhere || slices.Contains(w.ResourceIDs, i.ResourceID) ||
		i.AccountID != "" && slices.Contains(w.AccountIDs, i.AccountID) ||
		i.GatewayID != "" && slices.Contains(w.GatewayIDs, i.GatewayID)) &&
		(len(w.Kinds) == 0 || slices.Contains(w.Kinds, i.Kind)) &&
		(len(w.Roles) == 0 || slices.Contains(w.Roles, i.Role)) &&
		!slices.ContainsFunc(w.Tags, func(t Tag) bool {
			return !slices.Contains(i.Tags, t)
		})
}

// holds tells whether a guardrail holds for an item. One that errs does.
func (g *Guardrail) holds(a *Ask, item *Item, conditions Conditions) (bool, error) {
	if !g.What.names(item) || g.Except.except(a) {
		return false, nil
	}
	if g.Condition == "" {
		return true, nil
	}
	if conditions == nil {
		return true, fmt.Errorf("this server evaluates no conditions")
	}
	holds, err := conditions.Holds(g.Condition, a, item)
	return holds || err != nil, err
}

// track is what a policy has for one item.
func (p *Policy) track(a *Ask, item *Item) Track {
	t := Track{
		PolicyID: p.ID, PolicyName: p.Name, Refused: p.Refuse, MaxDuration: p.MaxDuration,
		NoExtensions: p.NoExtensions, ConsoleOnly: p.ConsoleOnly, HideApprovers: p.HideApprovers,
	}
	if t.Refused == "" && slices.ContainsFunc(p.Names(), a.gone) {
		t.Refused = fmt.Sprintf("The policy %s names something that was removed: an administrator has to edit it.", p.Name)
	}
	for i := range p.Steps {
		t.Steps = append(t.Steps, p.Steps[i].plan(a, item, ""))
	}
	return t
}

// madeBy tells whether the holder changed, within a day, what lets the policy give them the
// item.
func (s *Set) madeBy(a *Ask, item *Item) bool {
	mine := a.Holder.accounts()
	return s.Edits.by(mine, a.Now) || a.Holder.Edits.by(mine, a.Now) || item.Edits.by(mine, a.Now)
}

// Names are the IDs of all people, groups, accounts, gateways and resources that a policy
// names, each once, in order. Where one is gone, the policy refuses what it is for.
func (p *Policy) Names() []string {
	ids := slices.Concat(p.Who.ids(), p.What.ids())
	for i := range p.Steps {
		ids = append(ids, p.Steps[i].ids()...)
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

// Names are the IDs that a guardrail names.
func (g *Guardrail) Names() []string {
	ids := slices.Concat(g.Except.ids(), g.What.ids())
	if g.Step != nil {
		ids = append(ids, g.Step.ids()...)
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

func (w *Who) ids() []string { return slices.Concat(w.UserIDs, w.GroupIDs) }

func (w *What) ids() []string { return slices.Concat(w.AccountIDs, w.GatewayIDs, w.ResourceIDs) }

func (n *Needs) add(p *Policy) {
	n.MaxAhead = shorter(n.MaxAhead, p.MaxAhead)
	n.MinReason = max(n.MinReason, p.MinReason)
	if p.Ticket != nil && !slices.Contains(n.Tickets, *p.Ticket) {
		n.Tickets = append(n.Tickets, *p.Ticket)
	}
}

// shorter is the shorter of two lengths, of which 0 is none.
func shorter(a, b duration.Seconds) duration.Seconds {
	if a == 0 || b == 0 {
		return cmp.Or(a, b)
	}
	return min(a, b)
}
