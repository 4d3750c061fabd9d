package policy

import "fmt"

// MaxNames is how many people, groups, accounts, gateways and resources a Set names at most.
const MaxNames = 5000

// TooMuch returns which lists of a Set are too long. It looks at nothing else, so that
// what is read and checked of a Set afterwards is bounded.
func (s *Set) TooMuch() []Problem {
	c := checker{}
	atMost := func(field string, n, most int) {
		if n > most {
			c.wrong(field, "Give at most %d; these are %d.", most, n)
		}
	}
	names := 0
	named := func(field string, ids []string) {
		atMost(field, len(ids), MaxNamed)
		names += len(ids)
	}
	who := func(at string, w *Who) {
		named(at+".userIds", w.UserIDs)
		named(at+".groupIds", w.GroupIDs)
	}
	what := func(at string, w *What) {
		named(at+".accountIds", w.AccountIDs)
		named(at+".gatewayIds", w.GatewayIDs)
		named(at+".resourceIds", w.ResourceIDs)
		atMost(at+".kinds", len(w.Kinds), MaxNamed)
		atMost(at+".roles", len(w.Roles), MaxNamed)
		atMost(at+".tags", len(w.Tags), MaxNamed)
	}
	step := func(at string, s *Step) {
		for i, a := range s.approvers() {
			at := at + []string{"", ".escalation"}[i]
			named(at+".approvers.userIds", a.UserIDs)
			named(at+".approvers.groupIds", a.GroupIDs)
		}
	}
	if atMost("policies", len(s.Policies), MaxPolicies); len(c.problems) > 0 {
		return c.problems
	}
	if atMost("guardrails", len(s.Guardrails), MaxGuardrails); len(c.problems) > 0 {
		return c.problems
	}
	for i := range s.Policies {
		p, at := &s.Policies[i], fmt.Sprintf("policies.%d", i)
		who(at+".who", &p.Who)
		what(at+".what", &p.What)
		atMost(at+".steps", len(p.Steps), MaxSteps)
		for n := range p.Steps[:min(len(p.Steps), MaxSteps)] {
			step(fmt.Sprintf("%s.steps.%d", at, n), &p.Steps[n])
		}
	}
	for i := range s.Guardrails {
		g, at := &s.Guardrails[i], fmt.Sprintf("guardrails.%d", i)
		who(at+".except", &g.Except)
		what(at+".what", &g.What)
		if g.Step != nil {
			step(at+".step", g.Step)
		}
	}
	if names > MaxNames {
		c.wrong("policies", "The policies and guardrails name %d people, groups and things; give at most %d. Groups and tags stand for many.", names, MaxNames)
	}
	return c.problems
}
