package policy_test

import (
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"procyon/duration"
	"procyon/policy"
)

// TestGoverning has one item and a policy before the one for everything: which governs?
func TestGoverning(t *testing.T) {
	alice := person("usr_a", right("grp_sre"))
	for name, c := range map[string]struct {
		who  policy.Who
		what policy.What
		want bool
	}{
		"A policy for everyone is for whoever asks.":                   {who: everyone, want: true},
		"A policy for nobody governs nothing.":                         {who: policy.Who{}},
		"A policy for a person is for that person.":                    {who: users("usr_a"), want: true},
		"A policy for a person is for nobody else.":                    {who: users("usr_b")},
		"A policy for a group is for who is in it.":                    {who: groups("grp_x", "grp_sre"), want: true},
		"A policy for a group is for nobody else.":                     {who: groups("grp_x")},
		"A policy without things is for all.":                          {who: everyone, want: true},
		"A policy for an account is for what is in it.":                {who: everyone, what: policy.What{AccountIDs: []string{"acc_1"}}, want: true},
		"A policy for an account is for nothing else.":                 {who: everyone, what: policy.What{AccountIDs: []string{"acc_2"}}},
		"A policy for a resource is for it.":                           {who: everyone, what: policy.What{ResourceIDs: []string{"res_prod"}}, want: true},
		"A policy for a gateway is not for what is behind none.":       {who: everyone, what: policy.What{GatewayIDs: []string{"gw_1", ""}}},
		"An account and a resource are places of which one is enough.": {who: everyone, what: policy.What{AccountIDs: []string{"acc_2"}, ResourceIDs: []string{"res_prod"}}, want: true},
		"A policy for a kind is for that kind.":                        {who: everyone, what: policy.What{Kinds: []string{"DATABASE"}}, want: true},
		"A policy for a kind is for no other.":                         {who: everyone, what: policy.What{Kinds: []string{"KAFKA_CLUSTER"}}},
		"A policy for a role is for that role.":                        {who: everyone, what: policy.What{Roles: []string{"read", "admin"}}, want: true},
		"A policy for a role is for no other.":                         {who: everyone, what: policy.What{Roles: []string{"read"}}},
		"A policy for a tag is for what has it.":                       {who: everyone, what: policy.What{Tags: []policy.Tag{{Key: "env", Value: "prod"}}}, want: true},
		"A policy for a tag is not for another value.":                 {who: everyone, what: policy.What{Tags: []policy.Tag{{Key: "env", Value: "dev"}}}},
		"A policy for a tag without a value is not for one with it.":   {who: everyone, what: policy.What{Tags: []policy.Tag{{Key: "env"}}}},
		"Of several tags all are needed.":                              {who: everyone, what: policy.What{Tags: []policy.Tag{{Key: "env", Value: "prod"}, {Key: "team", Value: "a"}}}},
		"Place, kind and role are all needed.":                         {who: everyone, what: policy.What{AccountIDs: []string{"acc_1"}, Kinds: []string{"DATABASE"}, Roles: []string{"read"}}},
	} {
		t.Run(name, func(t *testing.T) {
			s := set(policy.Policy{ID: "pol_1", Name: "First", Who: c.who, What: c.what}, catchAll())
			if got := s.Governing(&alice, &prod) == 0; got != c.want {
				t.Errorf("it governs: %t", got)
			}
			a := ask(alice, prod)
			if got := s.Govern(1, &a, nil).Plan.Tracks[0].PolicyName == "First"; got != c.want {
				t.Errorf("the plan is by it: %t", got)
			}
		})
	}
}

func TestPoliciesOfASet(t *testing.T) {
	alice := person("usr_a")
	t.Run("The first that matches governs, and the others have no part.", func(t *testing.T) {
		s := set(
			policy.Policy{ID: "pol_1", Name: "First", Who: everyone, What: policy.What{Kinds: []string{"DATABASE"}}, MaxDuration: 7200, Steps: []policy.Step{need(1, byOwners)}},
			policy.Policy{ID: "pol_2", Name: "Second", Who: users("usr_a"), Refuse: "No.", MaxDuration: 60, MinReason: 99, Ticket: &policy.Ticket{}, ConsoleOnly: true},
			catchAll(),
		)
		a := ask(alice, prod)
		g := s.Govern(7, &a, nil)
		want := policy.Plan{Version: 7, Tracks: []policy.Track{{PolicyID: "pol_1", PolicyName: "First", ResourceIDs: []string{"res_prod"}, MaxDuration: 7200, Steps: []policy.PlannedStep{{Need: 1}}}}}
		if !reflect.DeepEqual(g.Plan, want) || len(g.Refused) > 0 || g.Needs.MinReason > 0 || len(g.Needs.Tickets) > 0 {
			t.Errorf("got %+v", g)
		}
	})
	t.Run("Where no policy is for something, nobody gets it.", func(t *testing.T) {
		s, a := set(policy.Policy{Name: "First", Who: users("usr_b")}), ask(alice, prod)
		g := s.Govern(1, &a, nil)
		if d := deciding(&s, a, admin("usr_x")); len(g.Refused) != 1 || d.Approved() || s.Governing(&alice, &prod) != -1 {
			t.Errorf("got %+v", g)
		}
	})
	t.Run("What a policy refuses is refused in its words, and never passed on.", func(t *testing.T) {
		s, a := set(policy.Policy{ID: "pol_1", Name: "No", Who: everyone, Refuse: "Not at all."}, catchAll()), ask(alice, prod)
		g := s.Govern(1, &a, nil)
		if want := []policy.Refusal{{Item: 0, By: "No", Why: "Not at all."}}; !reflect.DeepEqual(g.Refused, want) || g.Plan.Tracks[0].Refused != "Not at all." {
			t.Errorf("got %+v", g)
		}
	})
	t.Run("What a policy has for its requests is kept with the track.", func(t *testing.T) {
		p := catchAll(need(1, byAdmins))
		p.NoExtensions, p.ConsoleOnly, p.HideApprovers, p.MaxAhead, p.MinReason, p.Ticket = true, true, true, 600, 20, &policy.Ticket{Pattern: "A"}
		s, a := set(p), ask(alice, prod)
		g := s.Govern(1, &a, nil)
		if tr := g.Plan.Tracks[0]; !tr.NoExtensions || !tr.ConsoleOnly || !tr.HideApprovers || tr.MaxDuration != p.MaxDuration {
			t.Errorf("got %+v", tr)
		}
		if want := (policy.Needs{MaxDuration: 8 * 3600, MaxAhead: 600, MinReason: 20, Tickets: []policy.Ticket{{Pattern: "A"}}, NoExtensions: true}); !reflect.DeepEqual(g.Needs, want) {
			t.Errorf("needs %+v", g.Needs)
		}
	})
	t.Run("Of several items a request needs what each of them does.", func(t *testing.T) {
		first := policy.Policy{ID: "pol_1", Name: "First", Who: everyone, What: policy.What{Kinds: []string{"DATABASE"}}, MaxDuration: 3600, MaxAhead: 7200, MinReason: 10, Ticket: &policy.Ticket{Pattern: "A"}}
		last := catchAll()
		last.MaxDuration, last.MaxAhead, last.MinReason, last.Ticket, last.NoExtensions = 7200, 3600, 5, &policy.Ticket{Pattern: "B"}, true
		s, a := set(first, last), ask(alice, prod, dev)
		if got, want := s.Govern(1, &a, nil).Needs, (policy.Needs{MaxDuration: 3600, MaxAhead: 3600, MinReason: 10, Tickets: []policy.Ticket{{Pattern: "A"}, {Pattern: "B"}}, NoExtensions: true}); !reflect.DeepEqual(got, want) {
			t.Errorf("needs %+v", got)
		}
		last.Ticket = first.Ticket
		s = set(first, last)
		if got := s.Govern(1, &a, nil).Needs.Tickets; len(got) != 1 {
			t.Errorf("the same pattern twice: %+v", got)
		}
	})
	t.Run("A length that is not limited does not lift another's limit.", func(t *testing.T) {
		last := catchAll()
		last.MaxDuration = 0
		s, a := set(policy.Policy{ID: "pol_1", Name: "First", Who: everyone, What: policy.What{Kinds: []string{"DATABASE"}}, MaxDuration: 60}, last), ask(alice, dev, prod)
		g := s.Govern(1, &a, nil)
		if g.Needs.MaxDuration != 60 || g.Plan.MaxDuration() != 60 {
			t.Errorf("got %d, %d", g.Needs.MaxDuration, g.Plan.MaxDuration())
		}
	})
	t.Run("The set that a store begins with lets one administrator decide.", func(t *testing.T) {
		s, a := policy.Default(3600, 4), ask(alice, prod, dev)
		d := deciding(&s, a)
		boss, other := admin("usr_x"), person("usr_y")
		if got := d.Decidable(&boss); len(got) != 2 || len(d.Decidable(&other)) > 0 {
			t.Errorf("decidable: %v", got)
		}
		if d = deciding(&s, a, boss); !d.Approved() {
			t.Error("not approved")
		}
	})
}

func TestWhatIsGone(t *testing.T) {
	gone := func(ids ...string) map[string]bool {
		out := map[string]bool{}
		for _, id := range ids {
			out[id] = true
		}
		return out
	}
	first := policy.Policy{ID: "pol_1", Name: "First", Who: policy.Who{UserIDs: []string{"usr_a"}, GroupIDs: []string{"grp_a"}}, What: policy.What{AccountIDs: []string{"acc_1", "acc_2"}, GatewayIDs: []string{"gw_9"}, ResourceIDs: []string{"res_9"}}, Steps: []policy.Step{need(1, byUsers("usr_s")), need(1, byGroups("grp_s"))}}
	s := set(first, catchAll())
	for _, id := range []string{"usr_a", "grp_a", "acc_1", "acc_2", "gw_9", "res_9", "usr_s", "grp_s"} {
		t.Run("A policy that names what is gone refuses what it is for: "+id, func(t *testing.T) {
			a := ask(person("usr_a"), prod, dev)
			a.Gone = gone(id)
			g := s.Govern(1, &a, nil)
			if len(g.Refused) != 1 || g.Refused[0].Item != 0 || g.Refused[0].By != "First" || g.Plan.Tracks[0].Refused == "" {
				t.Errorf("got %+v", g.Refused)
			}
			if holder := person("usr_a"); !slices.Contains(s.RestsOn(&holder, &prod), id) {
				t.Errorf("it is not looked for")
			}
		})
	}
	t.Run("A policy that refuses says its own reason.", func(t *testing.T) {
		p := first
		p.Refuse, p.Steps = "Never.", nil
		s, a := set(p, catchAll()), ask(person("usr_a"), prod)
		a.Gone = gone("acc_2")
		if g := s.Govern(1, &a, nil); g.Refused[0].Why != "Never." {
			t.Errorf("got %+v", g.Refused)
		}
	})
	t.Run("Who was in a group that is gone is not let through to the next policy.", func(t *testing.T) {
		s := set(policy.Policy{ID: "pol_1", Name: "Contractors", Who: groups("grp_c"), Refuse: "Not for contractors."}, catchAll())
		a := ask(person("usr_c"), prod) // who was in it
		if g := s.Govern(1, &a, nil); len(g.Refused) > 0 {
			t.Fatalf("refused before: %+v", g.Refused)
		}
		a.Gone = gone("grp_c")
		if g := s.Govern(1, &a, nil); len(g.Refused) != 1 || g.Refused[0].By != "Contractors" {
			t.Errorf("got %+v", g.Refused)
		}
	})
	t.Run("What a policy is not for does not rest on it.", func(t *testing.T) {
		holder := person("usr_z")
		if got := s.RestsOn(&holder, &dev); len(got) > 0 {
			t.Errorf("rests on %v", got)
		}
		if got, want := s.RestsOn(&holder, &prod), []string{"grp_a"}; !slices.Equal(got, want) {
			t.Errorf("rests on %v, want %v", got, want)
		}
	})
	t.Run("A policy names each thing once, in order.", func(t *testing.T) {
		p := policy.Policy{Who: policy.Who{UserIDs: []string{"u2", "u1"}, GroupIDs: []string{"g"}}, What: policy.What{AccountIDs: []string{"a"}, GatewayIDs: []string{"w"}, ResourceIDs: []string{"r"}}, Steps: []policy.Step{need(1, byUsers("u1", "s")), need(1, byGroups("g"))}}
		if got, want := strings.Join(p.Names(), " "), "a g r s u1 u2 w"; got != want {
			t.Errorf("got %s", got)
		}
		step := need(1, policy.Approvers{UserIDs: []string{"u1", "s"}, GroupIDs: []string{"g"}})
		g := policy.Guardrail{Except: p.Who, What: p.What, Step: &step}
		if got, want := strings.Join(g.Names(), " "), "a g r s u1 u2 w"; got != want {
			t.Errorf("got %s", got)
		}
		g.Step = nil
		if got, want := strings.Join(g.Names(), " "), "a g r u1 u2 w"; got != want {
			t.Errorf("got %s", got)
		}
	})
}

// TestGuardrails has one guardrail before a policy that one administrator decides by.
func TestGuardrails(t *testing.T) {
	no := policy.Guardrail{ID: "grd_1", Name: "Rail", Refuse: "Too dangerous."}
	with := func(change func(*policy.Guardrail)) policy.Guardrail {
		g := no
		change(&g)
		return g
	}
	mine, others := by("usr_a", time.Hour), by("usr_x", time.Hour)
	for name, c := range map[string]struct {
		g   policy.Guardrail
		in  []policy.Right
		why string // of the refusal
	}{
		"A guardrail holds for whoever asks.":                     {g: no, why: "Too dangerous."},
		"A guardrail holds for what it names.":                    {g: with(func(g *policy.Guardrail) { g.What.Kinds = []string{"DATABASE"} }), why: "Too dangerous."},
		"A guardrail does not hold for anything else.":            {g: with(func(g *policy.Guardrail) { g.What.Kinds = []string{"APPLICATION"} })},
		"A guardrail does not hold for a person whom it excepts.": {g: with(func(g *policy.Guardrail) { g.Except = users("usr_a") })},
		"A guardrail does not hold for a group that it excepts.":  {g: with(func(g *policy.Guardrail) { g.Except = groups("grp_1") }), in: []policy.Right{right("grp_1", others)}},
		"A guardrail holds for others than it excepts.": {g: with(func(g *policy.Guardrail) {
			g.Except = policy.Who{UserIDs: []string{"usr_b"}, GroupIDs: []string{"grp_1"}}
		}), in: []policy.Right{right("grp_2")}, why: "Too dangerous."},
		"Who excepted themselves lately is not excepted.":                     {g: with(func(g *policy.Guardrail) { g.Except = groups("grp_1") }), in: []policy.Right{right("grp_1", mine)}, why: "Too dangerous."},
		"Who excepted themselves a day ago is.":                               {g: with(func(g *policy.Guardrail) { g.Except = groups("grp_1") }), in: []policy.Right{right("grp_1", by("usr_a", 24*time.Hour))}},
		"A guardrail holds where its condition is true.":                      {g: with(func(g *policy.Guardrail) { g.Condition = "true" }), why: "Too dangerous."},
		"A guardrail does not hold where its condition is false.":             {g: with(func(g *policy.Guardrail) { g.Condition = "false" })},
		"A guardrail whose condition errs refuses, whatever it does besides.": {g: policy.Guardrail{Name: "Rail", Condition: "oops", MaxDuration: 9999999}, why: "The condition of the guardrail Rail could not be evaluated: no such field."},
		"A condition is not asked where the guardrail is not for the item.":   {g: with(func(g *policy.Guardrail) { g.What.Roles, g.Condition = []string{"read"}, "oops" })},
		"A condition is not asked where the holder is excepted.":              {g: with(func(g *policy.Guardrail) { g.Except, g.Condition = users("usr_a"), "oops" })},
	} {
		t.Run(name, func(t *testing.T) {
			s, a := set(catchAll(need(1, byAdmins))), ask(person("usr_a", c.in...), prod)
			s.Guardrails = []policy.Guardrail{c.g}
			g := s.Govern(1, &a, conditions{})
			why := ""
			if len(g.Refused) > 0 {
				why = g.Refused[0].Why
			}
			if why != c.why || len(g.Plan.Tracks[0].Guardrails) > 0 != (c.why != "") {
				t.Errorf("refused %+v by %v", g.Refused, g.Plan.Tracks[0].Guardrails)
			}
		})
	}

	alice := person("usr_a")
	step := need(2, byUsers("usr_s"))
	s := set(catchAll(need(1, byAdmins)))
	t.Run("The shortest of all caps counts.", func(t *testing.T) {
		for _, order := range [][]duration.Seconds{{60, 120, 0}, {120, 60}, {0, 60, 999999}} {
			s.Guardrails = nil
			for _, d := range order {
				s.Guardrails = append(s.Guardrails, policy.Guardrail{Name: "Cap", MaxDuration: d, ConsoleOnly: true})
			}
			a := ask(alice, prod)
			if g := s.Govern(1, &a, nil); g.Needs.MaxDuration != 60 || g.Plan.MaxDuration() != 60 || !g.Plan.Tracks[0].ConsoleOnly {
				t.Errorf("%v: %+v", order, g)
			}
		}
	})
	t.Run("A cap longer than the policy's changes nothing.", func(t *testing.T) {
		s.Guardrails = []policy.Guardrail{{Name: "Cap", MaxDuration: 9 * 3600}}
		if a := ask(alice, prod); s.Govern(1, &a, nil).Needs.MaxDuration != 8*3600 {
			t.Error("it does")
		}
	})
	t.Run("People whom guardrails ask for come after the policy's, each in a step.", func(t *testing.T) {
		other := need(1, byOwners)
		s.Guardrails = []policy.Guardrail{{Name: "One", Step: &step}, {Name: "Two", Step: &other}}
		a := ask(alice, prod)
		got := s.Govern(1, &a, nil).Plan.Tracks[0].Steps
		want := []policy.PlannedStep{
			{Need: 1, Approvers: []policy.Approver{{ID: policy.Administrators}}},
			{Need: 2, Approvers: []policy.Approver{{ID: "usr_s"}}, Guardrail: "One"},
			{Need: 1, Guardrail: "Two"},
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("got %+v", got)
		}
	})
	t.Run("A condition that no server evaluates refuses.", func(t *testing.T) {
		s.Guardrails = []policy.Guardrail{{Name: "One", Condition: "true", ConsoleOnly: true}}
		a := ask(alice, prod)
		if g := s.Govern(1, &a, nil); len(g.Refused) != 1 {
			t.Errorf("got %+v", g)
		}
	})
	t.Run("An item has one refusal, the policy's before those of guardrails in their order.", func(t *testing.T) {
		s := set(policy.Policy{ID: "pol_1", Name: "No", Who: everyone, What: policy.What{Kinds: []string{"DATABASE"}}, Refuse: "By the policy."}, catchAll())
		s.Guardrails = []policy.Guardrail{{Name: "One", Refuse: "By one."}, {Name: "Two", Refuse: "By two."}}
		a := ask(alice, dev, prod)
		want := []policy.Refusal{{Item: 0, By: "One", Why: "By one."}, {Item: 1, By: "No", Why: "By the policy."}}
		if g := s.Govern(1, &a, nil); !reflect.DeepEqual(g.Refused, want) {
			t.Errorf("got %+v", g.Refused)
		}
	})
}

// TestWhoChangedWhatAllows has a policy that needs nobody: whoever changed what lets them
// have it needs somebody for a day.
func TestWhoChangedWhatAllows(t *testing.T) {
	edits := func(id string, ago time.Duration) policy.Edits { return policy.Edits{by(id, ago)} }
	for name, c := range map[string]struct {
		alter func(*policy.Set, *policy.Ask)
		need  bool
	}{
		"Where nobody changed anything nobody is needed.":          {alter: func(*policy.Set, *policy.Ask) {}},
		"Who changed the policies lately needs somebody.":          {alter: func(s *policy.Set, _ *policy.Ask) { s.Edits = edits("usr_a", time.Hour) }, need: true},
		"Who changed the item lately needs somebody.":              {alter: func(_ *policy.Set, a *policy.Ask) { a.Items[0].Edits = edits("usr_a", time.Hour) }, need: true},
		"Who changed their groups lately needs somebody.":          {alter: func(_ *policy.Set, a *policy.Ask) { a.Holder.Edits = edits("usr_a", time.Hour) }, need: true},
		"Who changed it by another account needs somebody.":        {alter: func(s *policy.Set, _ *policy.Ask) { s.Edits = edits("usr_a2", time.Hour) }, need: true},
		"What others changed needs nobody.":                        {alter: func(s *policy.Set, _ *policy.Ask) { s.Edits = edits("usr_b", time.Hour) }},
		"What was changed a day ago needs nobody.":                 {alter: func(s *policy.Set, _ *policy.Ask) { s.Edits = edits("usr_a", 24*time.Hour) }},
		"What was changed just short of a day ago needs somebody.": {alter: func(s *policy.Set, _ *policy.Ask) { s.Edits = edits("usr_a", 24*time.Hour-time.Second) }, need: true},
		"People whom a guardrail asks for do not stand for it.": {alter: func(s *policy.Set, _ *policy.Ask) {
			s.Edits = edits("usr_a", time.Hour)
			step := need(1, byUsers("usr_friend"))
			s.Guardrails = []policy.Guardrail{{Name: "Rail", Step: &step}}
		}, need: true},
	} {
		t.Run(name, func(t *testing.T) {
			s, a := set(catchAll()), ask(joined(person("usr_a"), person("usr_a2"))[0], prod)
			c.alter(&s, &a)
			got := s.Govern(1, &a, nil).Plan.Tracks[0].Steps
			asks := len(got) > 0 && got[0].Need == 1 && len(got[0].Approvers) == 1 && got[0].Approvers[0].ID == policy.Administrators
			if asks != c.need {
				t.Errorf("steps: %+v", got)
			}
		})
	}
	t.Run("A policy that asks somebody asks nobody more.", func(t *testing.T) {
		s, a := set(catchAll(need(1, byOwners))), ask(person("usr_a"), prod)
		s.Edits = edits("usr_a", time.Hour)
		if got := s.Govern(1, &a, nil).Plan.Tracks[0].Steps; len(got) != 1 {
			t.Errorf("steps: %+v", got)
		}
	})
}

func TestEdits(t *testing.T) {
	alice := person("usr_a")
	// asks tells whether whose edits they are needs somebody.
	asks := func(e policy.Edits) bool {
		s, a := set(catchAll()), ask(alice, prod)
		s.Edits = e
		return len(s.Govern(1, &a, nil).Plan.Tracks[0].Steps) > 0
	}
	t.Run("Everybody's last edit is kept once, the newest first.", func(t *testing.T) {
		e := policy.Edits{}.With(by("usr_a", 3*time.Hour)).With(by("usr_b", 2*time.Hour)).With(by("usr_a", time.Hour))
		if want := (policy.Edits{by("usr_a", time.Hour), by("usr_b", 2*time.Hour)}); !reflect.DeepEqual(e, want) {
			t.Errorf("got %+v", e)
		}
	})
	t.Run("What is a day old is left out.", func(t *testing.T) {
		if e := (policy.Edits{}).With(by("usr_a", 25*time.Hour)).With(by("usr_b", time.Hour)); len(e) != 1 {
			t.Errorf("got %+v", e)
		}
	})
	t.Run("Nobody's edit is pushed out by many others'.", func(t *testing.T) {
		e := policy.Edits{}.With(by("usr_a", 2*time.Hour))
		for i := range 500 {
			e = e.With(by("svc_"+string(rune('a'+i%26))+string(rune('a'+i/26)), time.Hour))
		}
		if len(e) > 20 {
			t.Errorf("%d are kept", len(e))
		}
		if !asks(e) {
			t.Error("it is forgotten")
		}
	})
}
