package policy_test

import (
	"slices"
	"time"

	"procyon/policy"
)

// This is how access is decided, written down once more in the plainest way, to compare
// with. It shares no code with what it is compared to, and tries all ways where that is
// simpler than to find the right one.

// model is what is asked for, by which set, and who approved.
type model struct {
	set     policy.Set
	ask     policy.Ask
	reviews []policy.Review
}

// verdict is what is decided of one item.
type verdict struct {
	policy   string // by whose name it is governed
	refused  bool
	approved bool
}

func (m *model) verdict(item *policy.Item) verdict {
	p := m.governing(item)
	out := verdict{policy: p.Name, refused: p.Refuse != "" || m.namesGone(p)}
	var steps []policy.Step
	steps = append(steps, p.Steps...)
	if len(steps) == 0 && (m.changed(m.set.Edits) || m.changed(m.ask.Holder.Edits) || m.changed(item.Edits)) {
		steps = append(steps, policy.Step{Need: 1, Approvers: policy.Approvers{Administrators: true}})
	}
	byPolicy := out.refused
	for i := range m.set.Guardrails {
		g := &m.set.Guardrails[i]
		holds, errs := m.holds(g, item)
		if !holds {
			continue
		}
		if errs || g.Refuse != "" {
			out.refused = true
		}
		if g.Step != nil {
			steps = append(steps, *g.Step)
		}
	}
	out.approved = !byPolicy && m.met(item, steps, nil)
	return out
}

func (m *model) governing(item *policy.Item) *policy.Policy {
	for i := range m.set.Policies {
		p := &m.set.Policies[i]
		who := p.Who.Everyone
		for _, id := range p.Who.UserIDs {
			who = who || id == m.ask.Holder.ID
		}
		for _, id := range p.Who.GroupIDs {
			who = who || m.ask.Gone[id]
			for _, g := range m.ask.Holder.Groups {
				who = who || g.ID == id
			}
		}
		if who && covers(&p.What, item) {
			return p
		}
	}
	return nil
}

func covers(w *policy.What, item *policy.Item) bool {
	var places []bool
	for _, id := range w.AccountIDs {
		places = append(places, id == item.AccountID)
	}
	for _, id := range w.GatewayIDs {
		places = append(places, id == item.GatewayID)
	}
	for _, id := range w.ResourceIDs {
		places = append(places, id == item.ResourceID)
	}
	tags := 0
	for _, t := range w.Tags {
		for _, has := range item.Tags {
			if has == t {
				tags++
			}
		}
	}
	return (len(places) == 0 || slices.Contains(places, true)) &&
		(len(w.Kinds) == 0 || slices.Contains(w.Kinds, item.Kind)) &&
		(len(w.Roles) == 0 || slices.Contains(w.Roles, item.Role)) &&
		tags == len(w.Tags)
}

func (m *model) namesGone(p *policy.Policy) bool {
	lists := [][]string{p.Who.UserIDs, p.Who.GroupIDs, p.What.AccountIDs, p.What.GatewayIDs, p.What.ResourceIDs}
	for _, s := range p.Steps {
		lists = append(lists, s.Approvers.UserIDs, s.Approvers.GroupIDs)
	}
	for _, list := range lists {
		for _, id := range list {
			if m.ask.Gone[id] {
				return true
			}
		}
	}
	return false
}

func (m *model) holds(g *policy.Guardrail, item *policy.Item) (holds, errs bool) {
	if !covers(&g.What, item) || slices.Contains(g.Except.UserIDs, m.ask.Holder.ID) {
		return false, false
	}
	for _, in := range m.ask.Holder.Groups {
		if slices.Contains(g.Except.GroupIDs, in.ID) && !m.lately(in.Stamp, m.ask.Holder.Accounts) {
			return false, false
		}
	}
	if g.Condition == "" {
		return true, false
	}
	holds, err := conditions{}.Holds(g.Condition, &m.ask, item)
	return holds || err != nil, err != nil
}

// lately tells whether something is by one of these, within a day.
func (m *model) lately(s policy.Stamp, accounts []string) bool {
	return slices.Contains(accounts, s.ByID) && m.ask.Now.Sub(s.At) < 24*time.Hour
}

func (m *model) changed(e policy.Edits) bool {
	for _, s := range e {
		if m.lately(s, m.ask.Holder.Accounts) {
			return true
		}
	}
	return false
}

// met tries all humans for all places of all steps.
func (m *model) met(item *policy.Item, steps []policy.Step, taken [][]string) bool {
	if len(steps) == 0 {
		return true
	}
	first := steps[0]
	if first.Need == 0 {
		return m.met(item, steps[1:], taken)
	}
	for i := range m.reviews {
		r := &m.reviews[i]
		if !slices.Contains(r.Covers, item.ResourceID) || !m.may(&first.Approvers, &r.By, item) {
			continue
		}
		if slices.ContainsFunc(taken, func(accounts []string) bool { return slices.Contains(accounts, r.By.ID) }) {
			continue
		}
		less := first
		less.Need--
		if m.met(item, append([]policy.Step{less}, steps[1:]...), append(slices.Clone(taken), r.By.Accounts)) {
			return true
		}
	}
	return false
}

// may tells whether somebody may approve where these are the approvers, by a right that
// counts.
func (m *model) may(a *policy.Approvers, by *policy.Person, item *policy.Item) bool {
	for _, id := range by.Accounts {
		if slices.Contains(m.ask.Holder.Accounts, id) {
			return false
		}
	}
	approvers := map[string]policy.Stamp{} // a name in the policy goes before an owner, and this before a manager
	add := func(id string, s policy.Stamp) {
		if _, there := approvers[id]; !there {
			approvers[id] = s
		}
	}
	for _, id := range append(slices.Clone(a.UserIDs), a.GroupIDs...) {
		add(id, a.Changed)
	}
	if a.Owners {
		for _, o := range item.Owners {
			add(o.ID, o.Stamp)
		}
	}
	if a.Manager && m.ask.Manager != nil {
		add(m.ask.Manager.ID, m.ask.Manager.Stamp)
	}
	counts := func(s policy.Stamp) bool { return !m.lately(s, by.Accounts) && !m.lately(s, m.ask.Holder.Accounts) }
	if s, named := approvers[by.ID]; named && counts(s) {
		return true
	}
	for _, g := range by.Groups {
		if s, named := approvers[g.ID]; named && counts(s) && counts(g.Stamp) {
			return true
		}
	}
	return a.Administrators && by.Admin != nil && counts(a.Changed) && counts(by.Admin.Stamp)
}
