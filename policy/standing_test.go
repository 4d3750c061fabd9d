package policy_test

import (
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"procyon/policy"
)

// TestApproved has one item, for which usr_a asks, and approvals in their order.
func TestApproved(t *testing.T) {
	lead, security := right("grp_lead"), right("grp_sec")
	twoSteps := []policy.Step{need(1, byGroups("grp_lead")), need(1, byGroups("grp_sec"))}
	for name, c := range map[string]struct {
		steps     []policy.Step
		approvals []policy.Person
		want      bool
	}{
		"What needs nobody is approved.":                      {want: true},
		"What nobody approved is not.":                        {steps: []policy.Step{need(1, byAdmins)}},
		"A person who is named can approve.":                  {steps: []policy.Step{need(1, byUsers("usr_1"))}, approvals: []policy.Person{person("usr_1")}, want: true},
		"Somebody in a group that is named can.":              {steps: twoSteps[:1], approvals: []policy.Person{person("usr_1", lead)}, want: true},
		"An administrator can where they are named.":          {steps: []policy.Step{need(1, byAdmins)}, approvals: []policy.Person{admin("usr_1")}, want: true},
		"An administrator can't where they are not named.":    {steps: twoSteps[:1], approvals: []policy.Person{admin("usr_1")}},
		"Nobody else can.":                                    {steps: []policy.Step{need(1, byAdmins)}, approvals: []policy.Person{person("usr_1", lead)}},
		"A step without approvers is never met.":              {steps: []policy.Step{need(1, byOwners)}, approvals: []policy.Person{admin("usr_1"), person("usr_2", lead)}},
		"A step that would need nobody is not met by nobody.": {steps: []policy.Step{need(0, byAdmins)}},
		"Of two whom a step needs one is not enough.":         {steps: []policy.Step{need(2, byAdmins)}, approvals: []policy.Person{admin("usr_1")}},
		"Two are.":                                                   {steps: []policy.Step{need(2, byAdmins)}, approvals: []policy.Person{admin("usr_1"), admin("usr_2")}, want: true},
		"One who approves twice counts once.":                        {steps: []policy.Step{need(2, byAdmins)}, approvals: []policy.Person{admin("usr_1"), admin("usr_1")}},
		"One human with two accounts counts once.":                   {steps: []policy.Step{need(2, byAdmins)}, approvals: joined(admin("usr_1"), admin("usr_2"))},
		"Each step needs people of its own.":                         {steps: twoSteps, approvals: []policy.Person{person("usr_1", lead, security)}},
		"One human counts for one step alone.":                       {steps: twoSteps, approvals: []policy.Person{person("usr_1", lead, security), person("usr_1", lead, security)}},
		"One for each step is enough.":                               {steps: twoSteps, approvals: []policy.Person{person("usr_1", lead), person("usr_2", security)}, want: true},
		"Whoever asks approves nothing.":                             {steps: []policy.Step{need(1, byAdmins)}, approvals: []policy.Person{admin("usr_a")}},
		"Nor by another account.":                                    {steps: []policy.Step{need(1, byAdmins)}, approvals: joined(admin("usr_9"), person("usr_a"))[:1]},
		"Who could meet either step leaves the first to another.":    {steps: twoSteps, approvals: []policy.Person{person("usr_1", lead, security), person("usr_2", lead)}, want: true},
		"A right that the reviewer gave themselves does not count.":  {steps: twoSteps[:1], approvals: []policy.Person{person("usr_1", right("grp_lead", by("usr_1", time.Hour)))}},
		"Nor where no accounts are said of them.":                    {steps: twoSteps[:1], approvals: []policy.Person{{ID: "usr_1", Groups: []policy.Right{right("grp_lead", by("usr_1", time.Hour))}}}},
		"A right that whoever asks gave does not count.":             {steps: twoSteps[:1], approvals: []policy.Person{person("usr_1", right("grp_lead", by("usr_a", time.Hour)))}},
		"A right that another gave counts at once.":                  {steps: twoSteps[:1], approvals: []policy.Person{person("usr_1", right("grp_lead", by("usr_2", 0)))}, want: true},
		"After a day it counts whoever gave it.":                     {steps: twoSteps[:1], approvals: []policy.Person{person("usr_1", right("grp_lead", by("usr_1", 24*time.Hour)))}, want: true},
		"That they made themselves an administrator does not count.": {steps: []policy.Step{need(1, byAdmins)}, approvals: []policy.Person{admin("usr_1", by("usr_1", time.Hour))}},
		"Where one right does not count another may.":                {steps: []policy.Step{need(1, policy.Approvers{GroupIDs: []string{"grp_lead", "grp_sec"}})}, approvals: []policy.Person{person("usr_1", right("grp_lead", by("usr_1", 0)), security)}, want: true},
		"An approver whom they named themselves does not count.":     {steps: []policy.Step{need(1, policy.Approvers{UserIDs: []string{"usr_1"}, Changed: by("usr_1", time.Hour)})}, approvals: []policy.Person{person("usr_1")}},
		"Nor one whom the asker named.":                              {steps: []policy.Step{need(1, policy.Approvers{Administrators: true, Changed: by("usr_a", time.Hour)})}, approvals: []policy.Person{admin("usr_1")}},
	} {
		t.Run(name, func(t *testing.T) {
			s := set(catchAll(c.steps...))
			d := deciding(&s, ask(person("usr_a"), prod), c.approvals...)
			if got := d.Approved(); got != c.want {
				t.Errorf("approved: %t; %+v", got, d.Stands())
			}
		})
	}
	t.Run("Of nothing nothing is approved.", func(t *testing.T) {
		if d := (policy.Deciding{Plan: &policy.Plan{}}); d.Approved() {
			t.Error("approved")
		}
	})
	t.Run("What a policy refuses nobody approves.", func(t *testing.T) {
		s := set(catchAll(need(1, byAdmins)))
		d := deciding(&s, ask(person("usr_a"), prod), admin("usr_1"))
		d.Plan.Tracks[0].Refused = "No."
		boss := admin("usr_2")
		if d.Approved() || len(d.Decidable(&boss)) > 0 || d.Stands()[0].Lacking != 1 {
			t.Errorf("got %+v", d.Stands())
		}
	})
	t.Run("Every item needs its own.", func(t *testing.T) {
		s := set(catchAll(need(1, byAdmins)))
		d := deciding(&s, ask(person("usr_a"), prod, dev), admin("usr_1"))
		d.Reviews[0].Covers = []string{"res_prod"}
		if stands := d.Stands(); d.Approved() || !stands[0].Met || stands[1].Met {
			t.Errorf("got %+v", stands)
		}
	})
}

func TestStands(t *testing.T) {
	lead, security := right("grp_lead"), right("grp_sec")
	s := set(catchAll(need(2, byGroups("grp_lead")), need(1, byGroups("grp_sec"))))
	a := ask(person("usr_a"), prod)
	one, two, three := person("usr_1", lead), person("usr_2", lead, security), person("usr_3", lead, security)
	stand := func(d policy.Deciding) policy.Stand { return d.Stands()[0] }
	t.Run("An item waits for its first step, then for the next.", func(t *testing.T) {
		for _, c := range []struct {
			approvals     []policy.Person
			step, lacking int
			counted       string
			met           bool
		}{
			{nil, 0, 2, "", false},
			{[]policy.Person{one}, 0, 1, "usr_1", false},
			{[]policy.Person{one, two}, 1, 1, "", false},
			{[]policy.Person{one, two, three}, 2, 0, "", true},
		} {
			got := stand(deciding(&s, a, c.approvals...))
			if got.Step != c.step || got.Lacking != c.lacking || strings.Join(got.Counted, " ") != c.counted || got.Met != c.met {
				t.Errorf("after %d: %+v", len(c.approvals), got)
			}
		}
	})
	t.Run("It says who met each step.", func(t *testing.T) {
		if got, want := stand(deciding(&s, a, one, two, three)).By, [][]string{{"usr_1", "usr_2"}, {"usr_3"}}; !reflect.DeepEqual(got, want) {
			t.Errorf("got %v", got)
		}
	})
	t.Run("A review of the next step that came first is not lost when the step before is met anew.", func(t *testing.T) {
		lost := one
		lost.Groups = nil
		d := deciding(&s, a, lost, two, person("usr_5", security), person("usr_6", lead))
		if got := stand(d); !got.Met || !reflect.DeepEqual(got.By, [][]string{{"usr_2", "usr_6"}, {"usr_5"}}) {
			t.Errorf("got %+v", got)
		}
	})
	t.Run("A right more never means less.", func(t *testing.T) {
		s := set(catchAll(need(1, byGroups("grp_lead")), need(1, byGroups("grp_sec"))))
		for _, groups := range [][]policy.Right{{security}, {lead, security}} {
			again := person("usr_9", groups...)
			if d := deciding(&s, a, again, one, again); !d.Approved() {
				t.Errorf("with %v: %+v", groups, d.Stands())
			}
		}
	})
	t.Run("A review between two shows that they are one human.", func(t *testing.T) {
		s := set(catchAll(need(3, byAdmins)))
		x, y, z := admin("usr_x"), admin("usr_y"), admin("usr_z")
		z.Accounts = []string{"usr_z", "usr_x", "usr_y"}
		if got := stand(deciding(&s, a, x, y, z)); got.Lacking != 2 {
			t.Errorf("got %+v", got)
		}
	})
	t.Run("Somebody may decide the items whose present step is theirs, until they did.", func(t *testing.T) {
		item := dev
		item.Owners = []policy.Right{right("usr_2")}
		s := set(policy.Policy{ID: "pol_1", Name: "Dev", Who: everyone, What: policy.What{Kinds: []string{item.Kind}}, Steps: []policy.Step{need(1, byOwners)}}, s.Policies[0])
		a := ask(person("usr_a"), item, prod)
		for _, c := range []struct {
			approvals []policy.Person
			who       policy.Person
			want      string
		}{
			{nil, two, "res_dev res_prod"},
			{nil, one, "res_prod"},
			{nil, person("usr_5", security), ""},
			{nil, person("usr_a", lead), ""},
			{[]policy.Person{two}, two, ""},
			{[]policy.Person{two}, joined(person("usr_4", lead), two)[0], ""},
			{[]policy.Person{one, two}, person("usr_5", security), "res_prod"},
			{[]policy.Person{one, two}, person("usr_5", lead), ""},
			{[]policy.Person{one, two, three}, person("usr_5", lead, security), ""},
		} {
			d := deciding(&s, a, c.approvals...)
			if got := strings.Join(d.Decidable(&c.who), " "); got != c.want {
				t.Errorf("%s after %d approvals: %q, want %q", c.who.ID, len(c.approvals), got, c.want)
			}
		}
	})
	t.Run("Reviews as they were given count for the step of then, whatever rights are left.", func(t *testing.T) {
		d := deciding(&s, a, person("usr_1"), person("usr_2"))
		if got := stand(d); got.Lacking != 2 {
			t.Errorf("they count: %+v", got)
		}
		for i := range d.Reviews {
			d.Reviews[i].Given = true
		}
		got := stand(d)
		leader, guard := person("usr_5", lead), person("usr_6", security)
		if got.Step != 1 || !slices.Equal(got.By[0], []string{"usr_1", "usr_2"}) || len(d.Decidable(&leader)) > 0 || len(d.Decidable(&guard)) != 1 {
			t.Errorf("got %+v", got)
		}
		d.Reviews = append(d.Reviews, policy.Review{By: guard, Covers: []string{"res_prod"}, Given: true}, policy.Review{By: leader, Covers: []string{"res_prod"}, Given: true})
		if got := stand(d); !got.Met || len(got.By[1]) != 1 {
			t.Errorf("got %+v", got)
		}
	})
}

func TestAble(t *testing.T) {
	c := func(n int, ids ...string) policy.Candidates {
		out := policy.Candidates{Need: n}
		for _, id := range ids {
			account, human, _ := strings.Cut(id, "=")
			out.People = append(out.People, policy.Candidate{ID: account, Human: human})
		}
		return out
	}
	for name, x := range map[string]struct {
		steps []policy.Candidates
		want  int // the step that can't be met
	}{
		"No steps are met by nobody.":                        {nil, 0},
		"A step with as many as it needs can be met.":        {[]policy.Candidates{c(2, "a", "b")}, 1},
		"One with fewer can't.":                              {[]policy.Candidates{c(2, "a")}, 0},
		"Somebody who is there twice is one.":                {[]policy.Candidates{c(2, "a", "a")}, 0},
		"Two accounts of one human are one.":                 {[]policy.Candidates{c(2, "a=h", "b=h")}, 0},
		"An account can be named as the human of another.":   {[]policy.Candidates{c(2, "a", "b=a")}, 0},
		"A step that would need nobody needs somebody.":      {[]policy.Candidates{c(0)}, 0},
		"Two steps need two humans.":                         {[]policy.Candidates{c(1, "a"), c(1, "a")}, 1},
		"Who can do both leaves one to who can't.":           {[]policy.Candidates{c(1, "a", "b"), c(1, "a")}, 2},
		"It takes a chain of such.":                          {[]policy.Candidates{c(1, "a", "b"), c(1, "b", "c"), c(1, "c", "d"), c(1, "a")}, 4},
		"The first that can't be met is named.":              {[]policy.Candidates{c(1, "a", "b"), c(1, "a", "b"), c(1, "a", "b"), c(1)}, 2},
		"The order of the steps changes nothing in whether.": {[]policy.Candidates{c(1, "a"), c(2, "a", "b", "c")}, 2},
	} {
		t.Run(name, func(t *testing.T) {
			step, ok := policy.Able(x.steps)
			if step != x.want || ok != (x.want == len(x.steps)) {
				t.Errorf("step %d, able %t", step, ok)
			}
		})
	}
	t.Run("As many as there can be take no time.", func(t *testing.T) {
		var steps []policy.Candidates
		for range policy.MaxSteps + policy.MaxGuardrails {
			s := policy.Candidates{Need: policy.MaxNeed}
			for i := range 10_000 {
				s.People = append(s.People, policy.Candidate{ID: "usr_" + string(rune(i))})
			}
			steps = append(steps, s)
		}
		began := time.Now()
		if _, ok := policy.Able(steps); !ok || time.Since(began) > 5*time.Second {
			t.Errorf("able: %t after %s", ok, time.Since(began))
		}
		for i := range steps {
			steps[i].People = steps[i].People[:len(steps)*policy.MaxNeed-1] // one is lacking
		}
		if step, ok := policy.Able(steps); ok || step != len(steps)-1 || time.Since(began) > 10*time.Second {
			t.Errorf("step %d, able: %t after %s", step, ok, time.Since(began))
		}
	})
}
