package policy_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"procyon/duration"
	"procyon/policy"
)

func known() policy.Known {
	k := policy.Known{Names: map[string]string{}, Kinds: kinds, Members: map[string]int{"grp_0": 0, "grp_1": 1}, Conditions: conditions{}}
	for _, id := range slices.Concat(userIDs, groupIDs, accountIDs, gatewayIDs, resourceIDs) {
		k.Names[id] = "Name of " + id
	}
	return k
}

func many(n int) []string {
	out := make([]string, n)
	for i := range out {
		out[i] = fmt.Sprintf("role %d", i)
	}
	return out
}

// TestCheck changes a set that is fine, and looks where it is said to be wrong.
func TestCheck(t *testing.T) {
	ok := func() policy.Set {
		return policy.Set{
			Policies:   []policy.Policy{{ID: "pol_1", Name: "One", Who: users("usr_0"), What: policy.What{Kinds: kinds[:1]}, MaxDuration: 3600, Steps: []policy.Step{need(1, byAdmins)}}, catchAll(need(1, byAdmins))},
			Guardrails: []policy.Guardrail{{ID: "grd_1", Name: "Rail", MaxDuration: 3600}},
		}
	}
	type edit = func(*policy.Set)
	one := func(change func(*policy.Policy)) edit { return func(s *policy.Set) { change(&s.Policies[0]) } }
	steps := func(list ...policy.Step) edit { return one(func(p *policy.Policy) { p.Steps = list }) }
	timed := func(s policy.Step) edit {
		s.Need, s.Approvers = 1, byAdmins
		return steps(s)
	}
	rail := func(change func(*policy.Guardrail)) edit { return func(s *policy.Set) { change(&s.Guardrails[0]) } }
	what := func(w policy.What) edit { return one(func(p *policy.Policy) { p.What = w }) }
	ticket := func(pattern, example string) edit {
		return one(func(p *policy.Policy) { p.Ticket = &policy.Ticket{Pattern: pattern, Example: example} })
	}
	for name, c := range map[string]struct {
		edit  edit
		field string // "": it is fine
	}{
		"What is fine is fine.":                             {func(*policy.Set) {}, ""},
		"There is a policy at least.":                       {func(s *policy.Set) { s.Policies = nil }, "policies"},
		"There are not too many policies.":                  {func(s *policy.Set) { s.Policies = make([]policy.Policy, policy.MaxPolicies+1) }, "policies"},
		"There are not too many guardrails.":                {func(s *policy.Set) { s.Guardrails = make([]policy.Guardrail, policy.MaxGuardrails+1) }, "guardrails"},
		"The last policy is for everyone.":                  {func(s *policy.Set) { s.Policies[1].Who = users("usr_0") }, "policies.1"},
		"The last policy is for everything.":                {func(s *policy.Set) { s.Policies[1].What.Roles = []string{"admin"} }, "policies.1"},
		"A policy has a name.":                              {one(func(p *policy.Policy) { p.Name = "" }), "policies.0.name"},
		"A name is not too long.":                           {one(func(p *policy.Policy) { p.Name = strings.Repeat("ä", 81) }), "policies.0.name"},
		"A name may be as long as it may be.":               {one(func(p *policy.Policy) { p.Name = strings.Repeat("ä", 80) }), ""},
		"A name has no spaces at its ends.":                 {one(func(p *policy.Policy) { p.Name = " One" }), "policies.0.name"},
		"A name has no control characters.":                 {one(func(p *policy.Policy) { p.Name = "O\x1bne" }), "policies.0.name"},
		"A name does not turn the direction of text.":       {one(func(p *policy.Policy) { p.Name = "O\u202ene" }), "policies.0.name"},
		"A name is text.":                                   {one(func(p *policy.Policy) { p.Name = "O\xffne" }), "policies.0.name"},
		"Two policies have two names.":                      {func(s *policy.Set) { s.Policies[1].Name = "oNE" }, "policies.1.name"},
		"Two policies have two IDs.":                        {func(s *policy.Set) { s.Policies[1].ID = "pol_1" }, "policies.1.id"},
		"What is new has no ID yet.":                        {func(s *policy.Set) { s.Policies[0].ID, s.Policies[1].ID = "", "" }, ""},
		"A policy is for somebody.":                         {one(func(p *policy.Policy) { p.Who = policy.Who{} }), "policies.0.who"},
		"A policy is for everyone or for some.":             {one(func(p *policy.Policy) { p.Who.Everyone = true }), "policies.0.who"},
		"A person exists.":                                  {one(func(p *policy.Policy) { p.Who = users("usr_0", "usr_99") }), "policies.0.who.userIds.1"},
		"A person is a person.":                             {one(func(p *policy.Policy) { p.Who = users("grp_0") }), "policies.0.who.userIds.0"},
		"A group exists.":                                   {one(func(p *policy.Policy) { p.Who = groups("grp_99") }), "policies.0.who.groupIds.0"},
		"Nobody is named twice.":                            {one(func(p *policy.Policy) { p.Who = users("usr_0", "usr_0") }), "policies.0.who.userIds.1"},
		"Not too many are named.":                           {one(func(p *policy.Policy) { p.Who = users(many(51)...) }), "policies.0.who.userIds"},
		"An account exists.":                                {what(policy.What{AccountIDs: []string{"acc_99"}}), "policies.0.what.accountIds.0"},
		"A gateway exists.":                                 {what(policy.What{GatewayIDs: []string{"acc_0"}}), "policies.0.what.gatewayIds.0"},
		"A resource exists.":                                {what(policy.What{ResourceIDs: []string{""}}), "policies.0.what.resourceIds.0"},
		"A kind exists.":                                    {what(policy.What{Kinds: []string{"BOAT"}}), "policies.0.what.kinds.0"},
		"A role has a name.":                                {what(policy.What{Roles: []string{""}}), "policies.0.what.roles.0"},
		"There are not too many roles.":                     {what(policy.What{Roles: many(51)}), "policies.0.what.roles"},
		"There may be as many roles as there may be.":       {what(policy.What{Roles: many(50)}), ""},
		"There are not too many tags.":                      {what(policy.What{Tags: make([]policy.Tag, 51)}), "policies.0.what.tags"},
		"A tag has a key.":                                  {what(policy.What{Tags: []policy.Tag{{Value: "x"}}}), "policies.0.what.tags.0.key"},
		"A tag's value is not too long.":                    {what(policy.What{Tags: []policy.Tag{{Key: "x", Value: strings.Repeat("x", 257)}}}), "policies.0.what.tags.0.value"},
		"A tag has one value.":                              {what(policy.What{Tags: []policy.Tag{{Key: "x", Value: "1"}, {Key: "x", Value: "2"}}}), "policies.0.what.tags.1.key"},
		"Why it refuses is not too long.":                   {one(func(p *policy.Policy) { p.Refuse, p.Steps = strings.Repeat("x", 301), nil }), "policies.0.refuse"},
		"What refuses has no steps.":                        {one(func(p *policy.Policy) { p.Refuse = "No." }), "policies.0.steps"},
		"What refuses needs no longest time.":               {one(func(p *policy.Policy) { p.Refuse, p.Steps, p.MaxDuration = "No.", nil, 0 }), ""},
		"What refuses is right in all that it has besides.": {one(func(p *policy.Policy) { p.Refuse, p.Steps, p.MinReason = "No.", nil, -1 }), "policies.0.minReasonLength"},
		"There is a longest time.":                          {one(func(p *policy.Policy) { p.MaxDuration = 0 }), "policies.0.maxDuration"},
		"The longest time is not too short.":                {one(func(p *policy.Policy) { p.MaxDuration = 59 }), "policies.0.maxDuration"},
		"The longest time is not too long.":                 {one(func(p *policy.Policy) { p.MaxDuration = duration.Seconds(duration.Max/time.Second) + 1 }), "policies.0.maxDuration"},
		"How far ahead is not below nothing.":               {one(func(p *policy.Policy) { p.MaxAhead = -60 }), "policies.0.maxAhead"},
		"How long a reason is can be met.":                  {one(func(p *policy.Policy) { p.MinReason = 501 }), "policies.0.minReasonLength"},
		"A ticket needs no pattern.":                        {ticket("", ""), ""},
		"A pattern with an example is fine.":                {ticket(`OPS-\d{1,6}`, "OPS-1"), ""},
		"A pattern is one.":                                 {ticket(`OPS-(`, "OPS-1"), "policies.0.ticket.pattern"},
		"A pattern is one with all around it.":              {ticket(`OPS\Q`, "OPS"), "policies.0.ticket.pattern"},
		"A pattern is not too long.":                        {ticket(strings.Repeat("x", 201), "x"), "policies.0.ticket.pattern"},
		"A pattern does not repeat too much.":               {ticket(`((a?){30}){30}`, "a"), "policies.0.ticket.pattern"},
		"A pattern has an example.":                         {ticket(`OPS-\d+`, ""), "policies.0.ticket.example"},
		"An example matches.":                               {ticket(`OPS-\d+`, "OPS-1x"), "policies.0.ticket.example"},
		"There are not too many steps.":                     {steps(make([]policy.Step, 6)...), "policies.0.steps"},
		"A step reminds every five minutes at most often.":  {timed(policy.Step{RemindEvery: 299}), "policies.0.steps.0.remindEvery"},
		"It may remind as often.":                           {timed(policy.Step{RemindEvery: 300}), ""},
		"It does not end at once.":                          {timed(policy.Step{EndAfter: 59}), "policies.0.steps.0.endAfter"},
		"It does not end before its first reminder.":        {timed(policy.Step{RemindEvery: 600, EndAfter: 600}), "policies.0.steps.0.remindEvery"},
		"Nor before its escalation.":                        {timed(policy.Step{EndAfter: 3600, Escalation: &policy.Escalation{After: 3600, Approvers: byBoss}}), "policies.0.steps.0.escalation.after"},
		"It escalates before its end.":                      {timed(policy.Step{EndAfter: 3600, Escalation: &policy.Escalation{After: 3599, Approvers: byBoss}}), ""},
		"An escalation comes after a time.":                 {timed(policy.Step{Escalation: &policy.Escalation{Approvers: byBoss}}), "policies.0.steps.0.escalation.after"},
		"It is for somebody.":                               {timed(policy.Step{Escalation: &policy.Escalation{After: 3600}}), "policies.0.steps.0.escalation.approvers"},
		"Whom it names exist.":                              {timed(policy.Step{Escalation: &policy.Escalation{After: 3600, Approvers: byUsers("usr_99")}}), "policies.0.steps.0.escalation.approvers.userIds.0"},
		"They are not too many.":                            {timed(policy.Step{Escalation: &policy.Escalation{After: 3600, Approvers: byGroups(many(51)...)}}), "policies.0.steps.0.escalation.approvers.groupIds"},
		"They count for what a step needs.":                 {steps(policy.Step{Need: 2, Approvers: byUsers("usr_0"), Escalation: &policy.Escalation{After: 3600, Approvers: byUsers("usr_1", "usr_0")}}), ""},
		"But each once.":                                    {steps(policy.Step{Need: 2, Approvers: byUsers("usr_0"), Escalation: &policy.Escalation{After: 3600, Approvers: byUsers("usr_0")}}), "policies.0.steps.0.need"},
		"A step needs somebody.":                            {steps(need(0, byAdmins)), "policies.0.steps.0.need"},
		"A step does not need too many.":                    {steps(need(11, byAdmins)), "policies.0.steps.0.need"},
		"A step has approvers.":                             {steps(need(1, byAdmins), need(1, policy.Approvers{})), "policies.0.steps.1.approvers"},
		"A step's approvers exist.":                         {steps(need(1, byUsers("usr_99"))), "policies.0.steps.0.approvers.userIds.0"},
		"Its groups exist.":                                 {steps(need(1, byGroups("usr_0"))), "policies.0.steps.0.approvers.groupIds.0"},
		"Its name is not too long.":                         {steps(policy.Step{Name: strings.Repeat("x", 81), Need: 1, Approvers: byAdmins}), "policies.0.steps.0.name"},
		"A step has as many approvers as it needs.":         {steps(need(2, byUsers("usr_0"))), "policies.0.steps.0.need"},
		"A manager is one.":                                 {steps(need(2, byBoss)), "policies.0.steps.0.need"},
		"A person and a manager can be two.":                {steps(need(2, policy.Approvers{UserIDs: []string{"usr_0"}, Manager: true})), ""},
		"Of a group nobody knows how many.":                 {steps(need(9, byGroups("grp_0"))), ""},
		"Two steps are not for the same person alone.":      {steps(need(1, byUsers("usr_0")), need(1, byAdmins), need(1, byUsers("usr_0"))), "policies.0.steps.2.approvers"},
		"Nor are they for the same manager.":                {steps(need(1, byBoss), need(1, byBoss)), "policies.0.steps.1.approvers"},
		"Two steps can share two people.":                   {steps(need(1, byUsers("usr_0", "usr_1")), need(1, byUsers("usr_0"))), ""},
		"Three can't.":                                      {steps(need(1, byUsers("usr_0", "usr_1")), need(1, byUsers("usr_0", "usr_1")), need(1, byUsers("usr_1", "usr_0"))), "policies.0.steps.2.approvers"},
		"A guardrail has a name.":                           {rail(func(g *policy.Guardrail) { g.Name = "" }), "guardrails.0.name"},
		"Two guardrails have two names.": {func(s *policy.Set) {
			s.Guardrails = append(s.Guardrails, policy.Guardrail{Name: "rail", ConsoleOnly: true})
		}, "guardrails.1.name"},
		"Two guardrails have two IDs.": {func(s *policy.Set) {
			s.Guardrails = append(s.Guardrails, policy.Guardrail{ID: "grd_1", Name: "R", ConsoleOnly: true})
		}, "guardrails.1.id"},
		"A guardrail and a policy may have the same name.": {rail(func(g *policy.Guardrail) { g.Name = "One" }), ""},
		"A guardrail does not except everyone.":            {rail(func(g *policy.Guardrail) { g.Except.Everyone = true }), "guardrails.0.except.everyone"},
		"Whom it excepts exists.":                          {rail(func(g *policy.Guardrail) { g.Except = groups("grp_99") }), "guardrails.0.except.groupIds.0"},
		"What it is for exists.":                           {rail(func(g *policy.Guardrail) { g.What.ResourceIDs = []string{"res_99"} }), "guardrails.0.what.resourceIds.0"},
		"A guardrail does something.":                      {rail(func(g *policy.Guardrail) { g.MaxDuration = 0 }), "guardrails.0"},
		"To refuse is something.":                          {rail(func(g *policy.Guardrail) { g.MaxDuration, g.Refuse = 0, "No." }), ""},
		"To want a sign-in of late is something.":          {rail(func(g *policy.Guardrail) { g.MaxDuration, g.SignInWithin = 0, 60 }), ""},
		"A sign-in is not of this moment.":                 {rail(func(g *policy.Guardrail) { g.SignInWithin = 59 }), "guardrails.0.signInWithin"},
		"To take approvals in the console is something.":   {rail(func(g *policy.Guardrail) { g.MaxDuration, g.ConsoleOnly = 0, true }), ""},
		"Why it refuses is not too long either.":           {rail(func(g *policy.Guardrail) { g.Refuse = strings.Repeat("x", 301) }), "guardrails.0.refuse"},
		"Its cap is not too short.":                        {rail(func(g *policy.Guardrail) { g.MaxDuration = 1 }), "guardrails.0.maxDuration"},
		"Its step can be met.":                             {rail(func(g *policy.Guardrail) { s := need(2, byUsers("usr_0")); g.Step = &s }), "guardrails.0.step.need"},
		"Its step does not name too many.":                 {rail(func(g *policy.Guardrail) { s := need(2, byUsers(many(51)...)); g.Step = &s }), "guardrails.0.step.approvers.userIds"},
		"Its condition is one.":                            {rail(func(g *policy.Guardrail) { g.Condition = "(" }), "guardrails.0.condition"},
		"Its condition is not too long.":                   {rail(func(g *policy.Guardrail) { g.Condition = strings.Repeat("x", 2001) }), "guardrails.0.condition"},
		"A condition is fine.":                             {rail(func(g *policy.Guardrail) { g.Condition = "true" }), ""},
		"No policy has all of a later one.":                {one(func(p *policy.Policy) { p.Who, p.What = everyone, policy.What{} }), "policies.1"},
	} {
		t.Run(name, func(t *testing.T) {
			s := ok()
			c.edit(&s)
			wrong, _ := s.Check(known())
			switch {
			case c.field == "" && len(wrong) > 0:
				t.Errorf("got %v", wrong)
			case c.field != "" && (len(wrong) == 0 || wrong[0].Field != c.field && !slices.ContainsFunc(wrong, func(p policy.Problem) bool { return p.Field == c.field })):
				t.Errorf("got %v, want %s", wrong, c.field)
			}
			for _, p := range wrong {
				if len(p.Message) > 400 || !strings.HasSuffix(p.Message, ".") && p.Field != "guardrails.0.condition" {
					t.Errorf("it is said as %q", p.Message)
				}
			}
		})
	}
	t.Run("Where no server evaluates conditions there are none.", func(t *testing.T) {
		s, k := ok(), known()
		k.Conditions, s.Guardrails[0].Condition = nil, "true"
		if wrong, _ := s.Check(k); len(wrong) != 1 || wrong[0].Field != "guardrails.0.condition" {
			t.Errorf("got %v", wrong)
		}
	})
	t.Run("The set that a store begins with is fine.", func(t *testing.T) {
		s := policy.Default(3600, 0)
		if wrong, warnings := s.Check(policy.Known{}); len(wrong)+len(warnings) > 0 {
			t.Errorf("got %v, %v", wrong, warnings)
		}
	})
	t.Run("Its maker hears what can't happen now.", func(t *testing.T) {
		s := ok()
		s.Policies[0].Steps, s.Policies[1].Steps = nil, []policy.Step{need(1, byGroups("grp_1", "grp_2")), need(1, byGroups("grp_0"))}
		wrong, warnings := s.Check(known())
		if len(wrong) > 0 || len(warnings) != 2 || warnings[0].Field != "policies.0.steps" || warnings[1].Field != "policies.1.steps.1.approvers.groupIds.0" {
			t.Errorf("got %v, %v", wrong, warnings)
		}
	})
	t.Run("Its maker hears which approver can use themselves up.", func(t *testing.T) {
		s := ok()
		warned := func(steps ...policy.Step) (fields []string) {
			s.Policies[0].Steps = steps
			wrong, warnings := s.Check(known())
			if len(wrong) > 0 {
				t.Errorf("%v is wrong", wrong)
			}
			for _, w := range warnings {
				fields = append(fields, w.Field)
			}
			return fields
		}
		both, one, admins := byUsers("usr_0", "usr_1"), byUsers("usr_0"), byAdmins
		for n, c := range []struct {
			steps []policy.Step
			want  int // the step that is warned of; 0: none
		}{
			{[]policy.Step{need(1, both), need(1, one)}, 1},
			{[]policy.Step{need(1, one), need(1, both)}, 0},
			{[]policy.Step{need(1, admins), need(1, one)}, 0},
			{[]policy.Step{need(1, both), need(1, admins), need(1, both)}, 0},
			{[]policy.Step{need(1, policy.Approvers{UserIDs: one.UserIDs, Administrators: true}), need(1, admins), need(1, one)}, 2},
			{[]policy.Step{need(1, byUsers("usr_0", "usr_2")), need(1, byUsers("usr_0", "usr_3")), need(1, both)}, 0},
		} {
			var want []string
			if c.want > 0 {
				want = []string{fmt.Sprintf("policies.0.steps.%d.approvers", c.want)}
			}
			if got := warned(c.steps...); !slices.Equal(got, want) {
				t.Errorf("%d: warned of %v, want %v", n, got, want)
			}
		}
	})
	t.Run("All together does not name too many.", func(t *testing.T) {
		s := ok()
		for len(s.Policies) < policy.MaxPolicies {
			s.Policies = slices.Insert(s.Policies, 0, policy.Policy{Who: users(many(50)...)})
		}
		if wrong := s.TooMuch(); len(wrong) != 1 || wrong[0].Field != "policies" {
			t.Errorf("got %v", wrong)
		}
	})
}

func TestShadowed(t *testing.T) {
	place := policy.What{AccountIDs: []string{"acc_0", "acc_1"}, ResourceIDs: []string{"res_0"}}
	for name, c := range map[string]struct {
		who, later     policy.Who
		what, narrower policy.What
		want           bool
	}{
		"Everyone has everybody.":          {who: everyone, later: users("usr_0"), want: true},
		"Some have not everyone.":          {who: users("usr_0"), later: everyone},
		"More people have some of them.":   {who: users("usr_0", "usr_1"), later: users("usr_1"), want: true},
		"One has not two.":                 {who: users("usr_0"), later: users("usr_0", "usr_1")},
		"A group has not its people.":      {who: groups("grp_0"), later: users("usr_0")},
		"Everything has all.":              {who: everyone, later: everyone, narrower: place, want: true},
		"Some places have not everything.": {who: everyone, later: everyone, what: place},
		"More places have some of them.":   {who: everyone, later: everyone, what: place, narrower: policy.What{AccountIDs: []string{"acc_1"}}, want: true},
		"A place has not another.":         {who: everyone, later: everyone, what: place, narrower: policy.What{AccountIDs: []string{"acc_1"}, GatewayIDs: []string{"gw_0"}}},
		"A kind has not all kinds.":        {who: everyone, later: everyone, what: policy.What{Kinds: kinds[:1]}, narrower: place},
		"All kinds have a kind.":           {who: everyone, later: everyone, narrower: policy.What{Kinds: kinds[:1]}, want: true},
		"A role has not another.":          {who: everyone, later: everyone, what: policy.What{Roles: roles[:1]}, narrower: policy.What{Roles: roles}},
		"Roles have one of them.":          {who: everyone, later: everyone, what: policy.What{Roles: roles}, narrower: policy.What{Roles: roles[:1]}, want: true},
		"A tag has that tag with another.": {who: everyone, later: everyone, what: policy.What{Tags: tags[:1]}, narrower: policy.What{Tags: []policy.Tag{tags[0], tags[2]}}, want: true},
		"Two tags have not one of them.":   {who: everyone, later: everyone, what: policy.What{Tags: []policy.Tag{tags[0], tags[2]}}, narrower: policy.What{Tags: tags[:1]}},
	} {
		t.Run(name, func(t *testing.T) {
			s := set(
				policy.Policy{Name: "First", Who: c.who, What: c.what, Refuse: "No."},
				policy.Policy{Name: "Later", Who: c.later, What: c.narrower, Refuse: "No."},
				catchAll(),
			)
			wrong, _ := s.Check(known())
			if got := slices.ContainsFunc(wrong, func(p policy.Problem) bool { return p.Field == "policies.1" }); got != c.want {
				t.Errorf("got %v", wrong)
			}
		})
	}
}

// FuzzCheck reads sets as the API does: nothing panics, takes long, or says endlessly much.
func FuzzCheck(f *testing.F) {
	one := policy.Set{Policies: []policy.Policy{{Name: "One", Who: users("usr_0"), Ticket: &policy.Ticket{Pattern: `A{2,9}`, Example: "AAA"}, Steps: []policy.Step{need(2, byBoss)}}, catchAll()}, Guardrails: []policy.Guardrail{{Name: "R", Condition: "true", Step: &policy.Step{}}}}
	worst := policy.Set{}
	for i := range policy.MaxPolicies {
		w := policy.What{Roles: many(50), Tags: []policy.Tag{{Key: fmt.Sprint(i)}}}
		worst.Policies = append(worst.Policies, policy.Policy{Name: fmt.Sprint(i), Who: everyone, What: w, Ticket: &policy.Ticket{Pattern: strings.Repeat("(a?){9}", 20)}})
	}
	for _, s := range []policy.Set{one, worst, {}} {
		text, err := json.Marshal(s)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	f.Add([]byte(`{"policies":[{"who":{"userIds":["\u0000","\u0000"]},"maxDuration":-9223372036854775808,"steps":[{"need":-1}]}],"guardrails":[{"step":{}}]}`))
	k := known()
	f.Fuzz(func(t *testing.T, text []byte) {
		var s policy.Set
		if json.Unmarshal(text, &s) != nil {
			return
		}
		began := time.Now()
		wrong, warnings := s.Check(k)
		if d := time.Since(began); d > 5*time.Second {
			t.Errorf("it took %s", d)
		}
		if len(wrong) > 100 || len(warnings) > 100 {
			t.Errorf("%d are wrong, and %d warned of", len(wrong), len(warnings))
		}
		for _, p := range append(wrong, warnings...) {
			if p.Field == "" || p.Message == "" || len(p.Message) > 1000 {
				t.Errorf("got %.200v", p)
			}
		}
		if len(wrong) > 0 {
			return
		}
		m := &model{set: s, ask: ask(person("usr_0"), prod, dev)}
		if o := m.outcome(); len(o.stands) != 2 || len(s.Diff(&s)) > 0 {
			t.Errorf("a set that is fine decides %v", o.stands)
		}
	})
}
