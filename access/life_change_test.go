package access_test

import (
	"context"
	"fmt"
	"reflect"
	"slices"

	"procyon/access"
	"procyon/policy"
)

// facts changes people, groups and the catalog.
func (l *life) facts(s *server) {
	by, p := l.manager(s), drawn(l, l.people)
	res := drawn(l, l.resources)
	var what string
	var f func(context.Context) error
	switch n := l.rng.IntN(32); {
	case n < 9:
		id, add, remove := l.group(), []string{p, drawn(l, l.people)}, []string(nil)
		if l.one(2) {
			add, remove = nil, add
		}
		what, f = "members", func(ctx context.Context) error {
			_, err := s.ChangeMembers(ctx, by, access.SourceLocal, id, add, remove, nil)
			return err
		}
	case n < 12:
		boss := drawn(l, append(slices.Clone(l.people), ""))
		what, f = "manager", func(ctx context.Context) error { _, err := s.SetManager(ctx, by, p, boss, nil); return err }
	case n < 15:
		admin := l.one(2)
		what, f = "admin", func(ctx context.Context) error { _, err := s.SetAdmin(ctx, by, p, admin); return err }
	case n < 16:
		other := drawn(l, l.people)
		l.joined(s, by, p, other)
		return
	case n < 18:
		what, f = "separate", func(ctx context.Context) error { _, err := s.SeparateUser(ctx, by, p, nil); return err }
	case n < 20:
		tags := []access.Tag{{Key: "env", Value: drawn(l, []string{"prod", "test"})}}[:l.rng.IntN(2)]
		what, f = "tags", func(ctx context.Context) error { _, err := s.SetTags(ctx, by, res, tags, nil); return err }
	case n < 23:
		owners, id := []string{p, l.group()}[:l.rng.IntN(3)], res
		if a := l.things[res].account; a != "" && l.one(2) {
			id = a
		}
		what, f = "owners", func(ctx context.Context) error { return s.SetOwners(ctx, by, id, owners, nil) }
	case n < 24:
		roles := [][]string{{"reader"}, {"reader", "writer"}, {"writer"}}[l.rng.IntN(3)]
		end := l.one(2)
		what, f = "roles", func(ctx context.Context) error {
			_, _, err := s.UpdateResource(ctx, by, res, access.ResourcePatch{Roles: roles, EndOpenRequests: end})
			return err
		}
	case n < 25 && l.one(3):
		end := l.one(2)
		what, f = "delete", func(ctx context.Context) error { _, err := s.DeleteResource(ctx, by, res, end); return err }
	case n < 25:
		what, f = "resource", func(ctx context.Context) error {
			r, err := s.CreateResource(ctx, by, access.NewResource{Name: fmt.Sprint("new ", l.ids), Kind: access.ResourcePrivateServer})
			if err == nil {
				l.resources = append(l.resources, r.ID)
			}
			return err
		}
	case n < 27:
		what, f = "disable", func(ctx context.Context) error { _, _, err := s.DisableUser(ctx, by, p); return err }
	case n < 30:
		for _, id := range l.people {
			if l.persons[id].disabled && !l.one(3) {
				p = id
			}
		}
		what, f = "enable", func(ctx context.Context) error { _, err := s.EnableUser(ctx, by, p); return err }
	case n < 31 && l.one(4):
		what, f = "leave", func(ctx context.Context) error { return s.DeprovisionUser(ctx, by, p, nil) }
	case l.one(3):
		id := l.group()
		what, f = "group", func(ctx context.Context) error {
			if err := l.addGroup(ctx, s); err != nil {
				return err
			}
			return s.DeleteGroup(ctx, by, access.SourceLocal, id, nil)
		}
	default:
		return
	}
	known, err := l.do(s, f)
	if !known {
		return
	}
	l.outcome(what, "", err, false)
	for _, id := range l.asked { // disabling somebody, and deleting something, ends access at once
		r := l.requests[id]
		concerns := (what == "disable" || what == "leave") && r.holder == p || what == "delete" && slices.Contains(ids(r.items), res)
		if err == nil && r.open() && concerns {
			l.t.Errorf("after %s %s is still %s", what, id, r.status)
		}
	}
}

// joined says that two accounts are one human's: (g) nothing that waits is further then.
func (l *life) joined(s *server, by access.Actor, id, with string) {
	reach := func() map[string]int {
		out := map[string]int{}
		for _, a := range l.asked {
			r := l.requests[a]
			if !r.waits() {
				continue
			}
			have, err := s.Request(l.t.Context(), a)
			l.must(err)
			for _, t := range have.Tracks() {
				for _, item := range t.ResourceIDs {
					out[a+item] += t.Step*100 - t.Lacking
				}
			}
		}
		return out
	}
	if err := s.tick(l.t.Context()); err != nil {
		l.t.Error(err)
	}
	l.takeIn(s)
	before := reach()
	known, err := l.do(s, func(ctx context.Context) error { _, err := s.JoinUsers(ctx, by, id, with, nil); return err })
	if !known {
		return
	}
	l.outcome("join", "", err, false)
	for item, n := range reach() {
		if was, waited := before[item]; waited && n > was {
			l.t.Errorf("(g) %s is further, at %d instead of %d, since %s and %s are one human's", item, n, was, id, with)
		}
	}
}

// approvers are some, drawn.
func (l *life) approvers() policy.Approvers {
	switch l.rng.IntN(6) {
	case 0:
		return policy.Approvers{GroupIDs: []string{l.group()}}
	case 1:
		return policy.Approvers{Owners: true, Administrators: l.one(2)}
	case 2:
		return policy.Approvers{Manager: true, GroupIDs: []string{l.group()}}
	case 3:
		ids := []string{drawn(l, l.people), drawn(l, l.people)}
		slices.Sort(ids)
		return policy.Approvers{UserIDs: slices.Compact(ids)}
	}
	return policy.Approvers{Administrators: true}
}

func (l *life) steps() (out []policy.Step) {
	for range min(l.rng.IntN(4), l.rng.IntN(4)) {
		s := policy.Step{Need: 1, Approvers: l.approvers()}
		if (s.Approvers.Administrators || len(s.Approvers.GroupIDs) > 0) && l.one(5) {
			s.Need = 2
		}
		out = append(out, s)
	}
	return out
}

func (l *life) policy(id string, who policy.Who, what policy.What) policy.Policy {
	p := policy.Policy{ID: id, Name: id, Who: who, What: what, MaxDuration: drawn(l, []access.Seconds{3600, 2 * 3600, 5 * 3600, 8 * 3600})}
	switch l.rng.IntN(12) {
	case 0:
		p.Refuse = "Nobody."
		return p
	case 1:
		p.NoExtensions = true
	case 2:
		p.MaxAhead = 2 * 3600
	case 3:
		p.MinReason = 10
	case 4:
		p.Ticket = &policy.Ticket{Pattern: "OPS-[0-9]+", Example: "OPS-1"}
	case 5:
		p.ConsoleOnly = true
	}
	if p.Steps = l.steps(); len(p.Steps) == 0 && l.one(2) {
		p.Steps = []policy.Step{{Need: 1, Approvers: policy.Approvers{Administrators: true}}}
	}
	return p
}

func (l *life) what() (w policy.What) {
	switch l.rng.IntN(5) {
	case 0:
		w.Tags = []policy.Tag{{Key: "env", Value: "prod"}}
	case 1:
		w.Roles = []string{"writer"}
	case 2:
		w.Kinds = []string{string(access.ResourcePrivateServer)}
	case 3:
		w.AccountIDs = []string{l.things[l.resources[0]].account}
	default:
		w.ResourceIDs = []string{drawn(l, l.resources)}
	}
	return w
}

func (l *life) who() policy.Who {
	switch l.rng.IntN(3) {
	case 0:
		return policy.Who{GroupIDs: []string{l.group()}}
	case 1:
		return policy.Who{UserIDs: []string{drawn(l, l.people)}}
	}
	return policy.Who{Everyone: true}
}

func (l *life) guardrail(n int) policy.Guardrail {
	g := policy.Guardrail{ID: fmt.Sprint("grd_", n), Name: fmt.Sprint("Guardrail ", n), What: l.what()}
	if l.one(3) {
		g.Except = policy.Who{GroupIDs: []string{l.group()}}
	}
	switch l.rng.IntN(6) {
	case 0:
		g.Refuse = "Not now."
	case 1:
		g.ConsoleOnly = true
	case 2:
		g.Condition, g.Refuse = `duration > duration("3h")`, "Too long."
	case 3:
		g.Condition, g.MaxDuration = `"env" in item.tags && item.tags["env"] == "prod"`, 3600
	case 4:
		g.MaxDuration = 2 * 3600
	default:
		g.Step = &policy.Step{Need: 1, Approvers: l.approvers()}
	}
	return g
}

// drawnSet is another set of policies, or what is in force with a change.
func (l *life) drawnSet() policy.Set {
	set := policy.Set{Policies: slices.Clone(l.set.Policies), Guardrails: slices.Clone(l.set.Guardrails)}
	last := len(set.Policies) - 1
	switch n := l.rng.IntN(8); {
	case n == 0 && len(set.Guardrails) < 3:
		set.Guardrails = append(set.Guardrails, l.guardrail(l.ids))
		l.ids++
	case n < 3 && len(set.Guardrails) > 0:
		set.Guardrails = set.Guardrails[1:]
	case n < 5 && last > 0:
		i := l.rng.IntN(last)
		set.Policies[i].Steps, set.Policies[i].Refuse = l.steps(), ""
	case n < 6:
		set.Policies[last] = l.policy(policy.CatchAllID, policy.Who{Everyone: true}, policy.What{})
	default:
		set.Policies = nil
		for n := range l.rng.IntN(4) {
			set.Policies = append(set.Policies, l.policy(fmt.Sprint("pol_", n), l.who(), l.what()))
		}
		set.Policies = append(set.Policies, l.policy(policy.CatchAllID, policy.Who{Everyone: true}, policy.What{}))
	}
	return set
}

// govern changes the policies.
func (l *life) govern(s *server) {
	by, set, version := l.manager(s), l.drawnSet(), l.version
	var wrong []policy.Problem
	known, err := l.do(s, func(ctx context.Context) error {
		_, problems, err := s.SetPolicies(ctx, by, set, access.PolicyChange{Version: version})
		wrong = problems.Wrong
		return err
	})
	if !known {
		return
	}
	if len(wrong) > 0 {
		l.tally["policies wrong"]++
		return
	}
	l.outcome("policies", "", err, false)
}

// rehearse explains what somebody could ask for by other policies, and what else they could
// ask for, and compares.
func (l *life) rehearse(s *server) {
	l.must(s.journal.CatchUp(l.t.Context()))
	admin := access.System()
	w := access.Wish{Items: l.items(), Duration: 3600, Reason: "INC-42 is being looked at", Ticket: "OPS-1", ForUser: drawn(l, l.people)}
	told := func(w access.Wish) (access.Explanation, bool) {
		e, err := s.Explain(l.t.Context(), admin, w)
		return e, err == nil
	}
	now, ok := told(w)
	if !ok {
		return
	}
	by := l.plan(&now.Plan, now.Items)
	same := func(invariant string, w access.Wish) access.Explanation {
		then, ok := told(w)
		for id, g := range l.plan(&then.Plan, then.Items) {
			if !ok || !sameGoverns(g, by[id]) || l.refusedOf(then)[id] != l.refusedOf(now)[id] {
				l.t.Errorf("%s %s is decided by %+v (%v), and before by %+v (%v)", invariant, id, g, then.Refused, by[id], now.Refused)
			}
		}
		return then
	}
	set := policy.Set{Policies: slices.Clone(l.set.Policies), Guardrails: slices.Clone(l.set.Guardrails)}
	draft := w
	draft.Policies = &set
	if e := same("(o)", draft); fmt.Sprint(e.Error) != fmt.Sprint(now.Error) || !reflect.DeepEqual(e.Needs, now.Needs) {
		l.t.Errorf("(o) rehearsing no change: %v, %+v, and before %v, %+v", e.Error, e.Needs, now.Error, now.Needs)
	}
	other := w
	other.Duration, other.Reason, other.Ticket = 60, "", ""
	same("(b)", other)
	for _, item := range w.Items {
		alone := w
		alone.Items = []access.ItemRef{item}
		same("(b), (c)", alone)
	}
	if n := len(set.Policies); n > 2 { // (e)
		i := l.rng.IntN(n - 2)
		apart := draft
		swapped := policy.Set{Policies: slices.Clone(set.Policies), Guardrails: set.Guardrails}
		a, b := swapped.Policies[i], swapped.Policies[i+1]
		if l.apart(a, b, w.ForUser) {
			swapped.Policies[i], swapped.Policies[i+1] = b, a
			apart.Policies = &swapped
			same("(e)", apart)
		}
	}
	more := policy.Set{Policies: set.Policies, Guardrails: append(slices.Clone(set.Guardrails), l.guardrail(l.ids))}
	draft.Policies = &more
	l.tightened(now, draft, told)
	l.tally["rehearsed"]++
}

// apart tells whether two policies can't be for the same: (e).
func (l *life) apart(a, b policy.Policy, _ string) bool {
	return len(a.Who.UserIDs) > 0 && len(b.Who.UserIDs) > 0 && a.Who.UserIDs[0] != b.Who.UserIDs[0] ||
		len(a.What.ResourceIDs) > 0 && len(b.What.ResourceIDs) > 0 && a.What.ResourceIDs[0] != b.What.ResourceIDs[0]
}

func (l *life) refusedOf(e access.Explanation) map[string]bool {
	out := map[string]bool{}
	for _, r := range e.Refused {
		out[e.Items[r.Item].ResourceID] = true
	}
	return out
}

// tightened is (d): one guardrail more never allows more, longer, or by fewer.
func (l *life) tightened(now access.Explanation, w access.Wish, told func(access.Wish) (access.Explanation, bool)) {
	then, ok := told(w)
	if !ok {
		return
	}
	people := func(g governs) (n int) {
		for _, s := range g.steps {
			n += s.need
		}
		return n
	}
	before, after := l.plan(&now.Plan, now.Items), l.plan(&then.Plan, then.Items)
	for id := range before {
		if l.refusedOf(now)[id] && !l.refusedOf(then)[id] || people(after[id]) < people(before[id]) || before[id].console && !after[id].console {
			l.t.Errorf("(d) %s is decided by %+v with one guardrail more, and before by %+v", id, after[id], before[id])
		}
	}
	if then.Needs.MaxDuration > now.Needs.MaxDuration || then.Error == nil && now.Error != nil {
		l.t.Errorf("(d) one guardrail more allows %s instead of %s", then.Needs.MaxDuration.Duration(), now.Needs.MaxDuration.Duration())
	}
}
