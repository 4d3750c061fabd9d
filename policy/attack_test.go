package policy_test

import (
	"slices"
	"testing"
	"time"

	"procyon/policy"
)

// TestAttacks has what somebody would try who wants an access that they should not get.
// Each says how it would be done, and ends without it.
func TestAttacks(t *testing.T) {
	alice := person("usr_a") // who wants it
	safe := set(catchAll(need(1, byAdmins)))

	t.Run("The owner of one item decides another's.", func(t *testing.T) {
		mine, theirs := dev, prod
		mine.Owners, theirs.Owners = []policy.Right{right("usr_friend")}, []policy.Right{right("usr_owner")}
		s := set(catchAll(need(1, byOwners)))
		d := deciding(&s, ask(alice, mine, theirs), person("usr_friend"))
		if d.Approved() {
			t.Error("they do")
		}
		friend := person("usr_friend")
		if d.Reviews = nil; !slices.Equal(d.Decidable(&friend), []string{"res_dev"}) {
			t.Errorf("they may decide %v", d.Decidable(&friend))
		}
	})
	t.Run("Asked together with something harmless, something else becomes harmless too.", func(t *testing.T) {
		s := set(policy.Policy{ID: "pol_1", Name: "Dev", Who: everyone, What: policy.What{ResourceIDs: []string{"res_dev"}}}, safe.Policies[0])
		if d := deciding(&s, ask(alice, dev, prod)); d.Approved() || d.Stands()[1].Met {
			t.Errorf("got %+v", d.Stands())
		}
	})
	t.Run("A condition is dodged by leaving out the ticket that it reads.", func(t *testing.T) {
		s := safe
		s.Guardrails = []policy.Guardrail{{Name: "Change", Condition: "ticket", Refuse: "Only with a change."}}
		a := ask(alice, prod)
		if g := s.Govern(1, &a, conditions{}); len(g.Refused) == 0 {
			t.Error("it is")
		}
		a.Ticket = "CHG-1"
		if g := s.Govern(1, &a, conditions{}); len(g.Refused) > 0 {
			t.Errorf("with one it is %+v", g.Refused)
		}
	})
	t.Run("A condition is dodged by another start.", func(t *testing.T) {
		s := safe
		s.Guardrails = []policy.Guardrail{{Name: "Night", Condition: "night", Refuse: "Not at night."}}
		a := ask(alice, prod)
		a.StartsAt = now.Add(17 * time.Hour) // asked for by day, for the night
		if g := s.Govern(1, &a, conditions{}); len(g.Refused) == 0 {
			t.Error("it is, by asking for the night")
		}
		a = ask(alice, prod)
		if a.Now = now.Add(17 * time.Hour); len(s.Govern(1, &a, conditions{}).Refused) == 0 {
			t.Error("it is, by leaving the start out and having it approved at night")
		}
	})
	t.Run("A ticket of spaces, or one that only begins as it should, is taken.", func(t *testing.T) {
		for pattern, tickets := range map[string][]string{
			"":           {"", " ", "\t\n"},
			`(OPS-\d+)?`: {"", " "},
			`OPS-\d+`:    {"", "OPS-1x", "xOPS-1", "OPS-1\n", "OPS-1\nOPS-2", "ops-1"},
			`OPS|DEV`:    {"OPS-1", "xDEV"},
			`(?m)OPS$`:   {"OPS\nno"},
			`OPS\Q`:      {"OPSx"},
			`)(`:         {"", "x"},
		} {
			for _, ticket := range tickets {
				if p := (&policy.Ticket{Pattern: pattern}); p.Takes(ticket) {
					t.Errorf("%q is taken by %q", ticket, pattern)
				}
			}
		}
		for pattern, ticket := range map[string]string{"": "x", `OPS-\d+`: "OPS-1", `OPS|DEV`: "DEV", `(OPS-\d+)?`: "OPS-1"} {
			if p := (&policy.Ticket{Pattern: pattern}); !p.Takes(ticket) {
				t.Errorf("%q is not taken by %q", ticket, pattern)
			}
		}
	})
	t.Run("A group is deleted in the directory to be out of what refuses it.", func(t *testing.T) {
		s := set(policy.Policy{ID: "pol_1", Name: "Contractors", Who: groups("grp_c"), Refuse: "No."}, catchAll())
		a := ask(alice, prod)
		a.Gone = map[string]bool{"grp_c": true}
		if g := s.Govern(1, &a, nil); len(g.Refused) == 0 {
			t.Error("they are")
		}
	})
	t.Run("A group of approvers is deleted, so that only the easier step is left.", func(t *testing.T) {
		s := set(catchAll(need(1, byUsers("usr_friend")), need(1, byGroups("grp_sec"))))
		a := ask(alice, prod)
		a.Gone = map[string]bool{"grp_sec": true}
		if d := deciding(&s, a, person("usr_friend")); d.Approved() {
			t.Error("it is")
		}
	})
	t.Run("A second account approves what the first asks for.", func(t *testing.T) {
		both := joined(alice, admin("usr_a2"))
		if d := deciding(&safe, ask(both[0], prod), both[1]); d.Approved() {
			t.Error("it does")
		}
		// Whoever tells of the two, be it only the one who approves.
		second := admin("usr_a2")
		second.Accounts = []string{"usr_a2", "usr_a"}
		if d := deciding(&safe, ask(alice, prod), second); d.Approved() {
			t.Error("it does, where only the second account is known to be the first's")
		}
		a := ask(both[0], prod)
		if d := deciding(&safe, a, admin("usr_a2")); d.Approved() {
			t.Error("it does, where only the first account is known to be the second's")
		}
	})
	t.Run("Two accounts of an accomplice are two approvers.", func(t *testing.T) {
		s := set(catchAll(need(2, byAdmins)))
		if d := deciding(&s, ask(alice, prod), joined(admin("usr_b"), admin("usr_b2"))...); d.Approved() {
			t.Error("they are")
		}
	})
	t.Run("Somebody gives themselves for an hour the group that needs nobody.", func(t *testing.T) {
		s := set(policy.Policy{ID: "pol_1", Name: "SRE", Who: groups("grp_sre"), MaxDuration: 3600}, safe.Policies[0])
		sneak := person("usr_a", right("grp_sre", by("usr_a", time.Minute)))
		sneak.Edits = policy.Edits{by("usr_a", time.Minute)}
		if d := deciding(&s, ask(sneak, prod)); d.Approved() {
			t.Error("they have it")
		}
		if d := deciding(&s, ask(sneak, prod), admin("usr_b")); !d.Approved() {
			t.Error("nobody can let them")
		}
	})
	t.Run("They give it to themselves by their second account, or let a guardrail ask a friend instead.", func(t *testing.T) {
		s := set(policy.Policy{ID: "pol_1", Name: "SRE", Who: groups("grp_sre"), MaxDuration: 3600}, safe.Policies[0])
		step := need(1, byUsers("usr_friend"))
		s.Guardrails = []policy.Guardrail{{Name: "Friend", Step: &step}}
		sneak := joined(person("usr_a", right("grp_sre", by("usr_a2", time.Minute))), person("usr_a2"))[0]
		sneak.Edits = policy.Edits{by("usr_a2", time.Minute)}
		if d := deciding(&s, ask(sneak, prod), person("usr_friend")); d.Approved() {
			t.Error("they have it")
		}
	})
	t.Run("An accomplice is given the right to approve.", func(t *testing.T) {
		for name, friend := range map[string]policy.Person{
			"as an administrator":                     admin("usr_b", by("usr_a", time.Hour)),
			"as an administrator, by another account": admin("usr_b", by("usr_a2", time.Hour)),
			"as an administrator, by themselves":      admin("usr_b", by("usr_b", time.Hour)),
		} {
			if d := deciding(&safe, ask(joined(alice, person("usr_a2"))[0], prod), friend); d.Approved() {
				t.Error("they approve " + name)
			}
		}
		s := set(catchAll(need(1, policy.Approvers{GroupIDs: []string{"grp_1"}, Owners: true, Manager: true})))
		item, boss := prod, right("usr_b", by("usr_a", time.Hour))
		item.Owners = []policy.Right{right("usr_b", by("usr_a", time.Hour))}
		a := ask(alice, item)
		a.Manager = &boss
		if d := deciding(&s, a, person("usr_b", right("grp_1", by("usr_a", time.Hour)))); d.Approved() {
			t.Error("they approve in a group, as an owner or as the manager")
		}
		item.Owners[0] = right("grp_o", by("usr_x", time.Hour))
		if d := deciding(&s, ask(alice, item), person("usr_b", right("grp_o", by("usr_a", time.Hour)))); d.Approved() {
			t.Error("they approve in a group of owners")
		}
	})
	t.Run("A tag is changed, and put back by somebody else.", func(t *testing.T) {
		s := set(policy.Policy{ID: "pol_1", Name: "Dev", Who: everyone, What: policy.What{Tags: []policy.Tag{{Key: "env", Value: "dev"}}}, MaxDuration: 3600}, safe.Policies[0])
		item := prod
		item.Tags = []policy.Tag{{Key: "env", Value: "dev"}} // by usr_a, an hour ago
		item.Edits = policy.Edits{}.With(by("usr_a", time.Hour))
		if d := deciding(&s, ask(alice, item)); d.Approved() {
			t.Error("they have it")
		}
		item.Edits = item.Edits.With(by("usr_b", time.Minute)) // who changed something else
		if d := deciding(&s, ask(alice, item)); d.Approved() {
			t.Error("they have it after another's edit")
		}
		for i := range 30 {
			item.Edits = item.Edits.With(by("svc_"+string(rune('a'+i)), time.Minute))
		}
		if d := deciding(&s, ask(alice, item)); d.Approved() {
			t.Error("they have it after many others' edits")
		}
	})
	t.Run("A reviewer loses the right before the last step.", func(t *testing.T) {
		s := set(catchAll(need(1, byGroups("grp_lead")), need(1, byAdmins)))
		lead := person("usr_l", right("grp_lead"))
		if d := deciding(&s, ask(alice, prod), lead, admin("usr_b")); !d.Approved() {
			t.Fatal("it is not approved with the right")
		}
		lead.Groups = nil
		if d := deciding(&s, ask(alice, prod), lead, admin("usr_b")); d.Approved() {
			t.Error("their review still counts")
		}
		lead.Groups = []policy.Right{right("grp_lead", by("usr_l", 0))} // and takes it back
		if d := deciding(&s, ask(alice, prod), lead, admin("usr_b")); d.Approved() {
			t.Error("it counts again by what they gave themselves")
		}
	})
	t.Run("A policy is tightened meanwhile.", func(t *testing.T) {
		before := deciding(&safe, ask(alice, prod))
		for name, s := range map[string]policy.Set{
			"it refuses":            set(policy.Policy{ID: policy.CatchAllID, Name: "Everything else", Who: everyone, Refuse: "No."}),
			"it needs another":      set(catchAll(need(2, byAdmins))),
			"it has a step more":    set(catchAll(need(1, byAdmins), need(1, byOwners))),
			"others approve":        set(catchAll(need(1, byOwners))),
			"there is one before":   set(policy.Policy{ID: "pol_1", Name: "New", Who: users("usr_a"), Refuse: "No."}, safe.Policies[0]),
			"a guardrail adds some": {Policies: safe.Policies, Guardrails: []policy.Guardrail{{Name: "New", Step: &policy.Step{Need: 1, Approvers: byOwners}}}},
		} {
			after := deciding(&s, ask(alice, prod), admin("usr_b"))
			if after.Approved() {
				t.Error("still approved, though " + name)
			}
			if before.Plan.Same(after.Plan) {
				t.Error("the plan is the same, though " + name)
			}
		}
	})
	t.Run("A guardrail is dodged by a group that one gives oneself.", func(t *testing.T) {
		s := set(catchAll())
		s.Guardrails = []policy.Guardrail{{Name: "Rail", Except: groups("grp_breakglass"), Refuse: "No."}}
		a := ask(person("usr_a", right("grp_breakglass", by("usr_a", time.Minute))), prod)
		if g := s.Govern(1, &a, nil); len(g.Refused) == 0 {
			t.Error("it is")
		}
	})
	t.Run("A group is called as all administrators are.", func(t *testing.T) {
		if d := deciding(&safe, ask(alice, prod), person("usr_b", right(policy.Administrators))); d.Approved() {
			t.Error("its members are administrators")
		}
	})
}
