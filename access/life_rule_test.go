package access_test

import (
	"slices"
	"time"

	"procyon/access"
	"procyon/policy"
)

// rule is by what one item is decided for one person.
type rule struct {
	governs
	longest, ahead access.Seconds // 0: any
	reason         int            // characters
	tickets        []policy.Ticket
	fixed          bool // no extensions
	no             bool // it is refused, by the policy or by a guardrail
}

// governs is what, where it changes, makes a review void.
type governs struct {
	policy  string // its ID
	refused bool   // by the policy: nobody decides it
	console bool
	steps   []step
}

type step struct {
	need int
	who  []approver
}

// approver is a person, a group or policy.Administrators, and by whose doing they are one.
type approver struct {
	id string
	stamp
}

// asking is what a requester chooses: limits look at it, never what governs an item.
type asking struct {
	lasting access.Seconds
}

// Conditions of guardrails in these worlds, and what they say.
var lifeConditions = map[string]func(m *model, t *thing, a asking) (holds bool){
	`duration > duration("3h")`:                        func(_ *model, _ *thing, a asking) bool { return a.lasting > 3*3600 },
	`"env" in item.tags && item.tags["env"] == "prod"`: func(_ *model, t *thing, _ asking) bool { return t.tags["env"] == "prod" },
}

func (m *model) covers(w *policy.What, i access.Item) bool {
	t := m.things[i.ResourceID]
	place := len(w.AccountIDs)+len(w.ResourceIDs) == 0 || slices.Contains(w.ResourceIDs, i.ResourceID) || slices.Contains(w.AccountIDs, t.account)
	for _, tag := range w.Tags {
		if value, has := t.tags[tag.Key]; !has || value != tag.Value {
			return false
		}
	}
	return place && (len(w.Roles) == 0 || slices.Contains(w.Roles, i.Role)) && (len(w.Kinds) == 0 || slices.Contains(w.Kinds, string(i.ResourceKind)))
}

// rule is the policies and guardrails of now about an item.
func (m *model) rule(holder string, i access.Item, a asking, now time.Time) (r rule) {
	h, t, mine := m.persons[holder], m.things[i.ResourceID], m.accounts(holder)
	for n := range m.set.Policies {
		p := &m.set.Policies[n]
		who := p.Who.Everyone || slices.Contains(p.Who.UserIDs, holder)
		for _, id := range p.Who.GroupIDs {
			_, in := h.groups[id]
			who = who || in || m.gone(id) // nobody can tell who was in it
		}
		if !who || !m.covers(&p.What, i) {
			continue
		}
		r.policy, r.console, r.fixed = p.ID, p.ConsoleOnly, p.NoExtensions
		r.longest, r.ahead, r.reason = p.MaxDuration, p.MaxAhead, p.MinReason
		if p.Ticket != nil {
			r.tickets = append(r.tickets, *p.Ticket)
		}
		names := slices.Concat(p.Who.UserIDs, p.Who.GroupIDs, p.What.AccountIDs, p.What.ResourceIDs)
		for _, s := range p.Steps {
			names = slices.Concat(names, s.Approvers.UserIDs, s.Approvers.GroupIDs)
			r.steps = append(r.steps, m.step(s, h, t))
		}
		r.refused = p.Refuse != "" || slices.ContainsFunc(names, m.gone)
		break
	}
	if len(r.steps) == 0 && !r.refused && (changedLately(m.setEdits, mine, now) || changedLately(h.edits, mine, now) || changedLately(t.edits, mine, now) ||
		t.account != "" && changedLately(m.things[t.account].edits, mine, now)) {
		r.steps = []step{{1, []approver{{id: policy.Administrators}}}}
	}
	r.no = r.refused
	for n := range m.set.Guardrails {
		g := &m.set.Guardrails[n]
		except := slices.Contains(g.Except.UserIDs, holder)
		for _, id := range g.Except.GroupIDs {
			s, in := h.groups[id]
			except = except || in && !lately(s, mine, now)
		}
		if except || !m.covers(&g.What, i) || g.Condition != "" && !lifeConditions[g.Condition](m, t, a) {
			continue
		}
		r.no, r.console = r.no || g.Refuse != "", r.console || g.ConsoleOnly
		if g.MaxDuration > 0 && (r.longest == 0 || g.MaxDuration < r.longest) {
			r.longest = g.MaxDuration
		}
		if g.Step != nil {
			r.steps = append(r.steps, m.step(*g.Step, h, t))
		}
	}
	return r
}

func (m *model) step(s policy.Step, holder *person, t *thing) step {
	out := step{need: s.Need}
	add := func(a approver) {
		if !slices.ContainsFunc(out.who, func(o approver) bool { return o.id == a.id }) {
			out.who = append(out.who, a)
		}
	}
	named := stamp{s.Approvers.Changed.ByID, s.Approvers.Changed.At}
	for _, id := range slices.Concat(s.Approvers.UserIDs, s.Approvers.GroupIDs) {
		add(approver{id, named})
	}
	if s.Approvers.Owners {
		owners := t.owners
		if len(owners) == 0 && t.account != "" {
			owners = m.things[t.account].owners
		}
		for _, o := range owners {
			add(o)
		}
	}
	if s.Approvers.Manager && holder.manager != "" {
		add(approver{holder.manager, holder.managerBy})
	}
	if s.Approvers.Administrators {
		add(approver{policy.Administrators, named})
	}
	return out
}

// names tells whether somebody is an approver of a step, whether that counts or not.
func (m *model) names(s step, id string) bool {
	p := m.persons[id]
	return slices.ContainsFunc(s.who, func(a approver) bool {
		_, in := p.groups[a.id]
		return a.id == id || in || a.id == policy.Administrators && p.admin
	})
}

// may tells whether somebody's approval counts for a step now: they can act, are no party, and
// have the right by the doing of others, or for a day.
func (m *model) may(s step, id, holder string, now time.Time) bool {
	p := m.persons[id]
	gave := append(m.accounts(id), m.accounts(holder)...)
	if p.disabled || m.same(id, holder) {
		return false
	}
	return slices.ContainsFunc(s.who, func(a approver) bool {
		switch g, in := p.groups[a.id]; {
		case lately(a.stamp, gave, now):
			return false
		case a.id == policy.Administrators:
			return p.admin && !lately(p.adminBy, gave, now)
		default:
			return a.id == id || in && !lately(g, gave, now)
		}
	})
}

// progress is how far some people, each once, bring steps: how many are met, and how many count
// for the next. It tries all ways.
func (m *model) progress(steps []step, who []string, can func(s step, id string) bool) (met, next int) {
	if len(steps) == 0 {
		return 0, 0
	}
	var fill func(s, need int, left []string, got int) (int, int)
	fill = func(s, need int, left []string, got int) (met, next int) {
		if need == 0 {
			if s++; s == len(steps) {
				return s, 0
			}
			return fill(s, steps[s].need, left, 0)
		}
		met, next = s, got
		for n, id := range left {
			if !can(steps[s], id) {
				continue
			}
			others := slices.DeleteFunc(slices.Clone(left[:n:n]), func(o string) bool { return m.same(o, id) })
			for _, o := range left[n+1:] {
				if !m.same(o, id) {
					others = append(others, o)
				}
			}
			if a, b := fill(s, need-1, others, got+1); a > met || a == met && b > next {
				if met, next = a, b; met == len(steps) {
					return met, next
				}
			}
		}
		return met, next
	}
	return fill(0, steps[0].need, who, 0)
}

// meetable tells whether enough people could ever meet an item's steps.
func (m *model) meetable(r rule, holder string) bool {
	var who []string
	for _, id := range m.people {
		if !m.persons[id].disabled && !m.same(id, holder) {
			who = append(who, id)
		}
	}
	met, _ := m.progress(r.steps, who, m.names)
	return met == len(r.steps)
}
