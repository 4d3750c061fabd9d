package policy_test

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"procyon/policy"
)

func TestDiff(t *testing.T) {
	named := func(ids string) policy.Set {
		var s policy.Set
		for _, id := range strings.Fields(ids) {
			s.Policies = append(s.Policies, policy.Policy{ID: "pol_" + id, Name: id, Who: everyone})
		}
		return s
	}
	words := func(changes []policy.Change) string {
		var out []string
		for _, c := range changes {
			out = append(out, c.String())
		}
		return strings.Join(out, " ")
	}
	for name, c := range map[string]struct{ before, after, want string }{
		"The same is no change.":                      {"a b c", "a b c", ""},
		"What is new was added.":                      {"a c", "a b c", "Added the policy b at place 2."},
		"What is no more was removed.":                {"a b c", "a c", "Removed the policy b."},
		"What others moved for did not move.":         {"a b c d", "d a b c", "Moved the policy d from place 4 to place 1."},
		"Neither did what is elsewhere by a removal.": {"a b c d", "c d", "Removed the policy a. Removed the policy b."},
		"As few as possible moved.":                   {"a b c d e", "b c d a e", "Moved the policy a from place 1 to place 4."},
		"All at once is said in order.":               {"a b c d", "d x a c", "Removed the policy b. Moved the policy d from place 4 to place 1. Added the policy x at place 2."},
	} {
		t.Run(name, func(t *testing.T) {
			before, after := named(c.before), named(c.after)
			got := before.Diff(&after)
			if words(got) != c.want {
				t.Errorf("got %s", words(got))
			}
		})
	}

	full := policy.Policy{
		ID: "pol_1", Name: "One", Who: policy.Who{UserIDs: []string{"u1", "u2"}}, What: policy.What{Kinds: []string{"A", "B"}, Tags: []policy.Tag{{Key: "x"}, {Key: "y"}}}, MaxDuration: 60,
		Steps: []policy.Step{need(1, policy.Approvers{UserIDs: []string{"u1", "u2"}, Changed: by("usr_a", time.Hour)})},
	}
	t.Run("The order of lists without one, and whose doing it was, are no change.", func(t *testing.T) {
		other := full
		other.Who, other.What = users("u2", "u1"), policy.What{AccountIDs: []string{}, Kinds: []string{"B", "A"}, Tags: []policy.Tag{{Key: "y"}, {Key: "x"}}}
		other.Steps = []policy.Step{need(1, policy.Approvers{UserIDs: []string{"u2", "u1"}, Changed: by("usr_b", 0)})}
		before, after := set(full), set(other)
		after.Edits = policy.Edits{by("usr_b", 0)}
		if got := before.Diff(&after); len(got) > 0 {
			t.Errorf("got %s", words(got))
		}
	})
	t.Run("An edit says its fields, and a new name the old one.", func(t *testing.T) {
		other := full
		other.Name, other.MaxDuration, other.ConsoleOnly = "Uno", 120, true
		before, after := set(full), set(other)
		want := []policy.Change{{Kind: policy.Edited, ID: "pol_1", Name: "Uno", Was: "One", From: 1, To: 1, Edits: []policy.Edit{
			{Field: "name", Before: policy.Said{{Text: "One"}}, After: policy.Said{{Text: "Uno"}}},
			{Field: "maxDuration", Before: policy.Said{{Text: "1 minute"}}, After: policy.Said{{Text: "2 minutes"}}},
			{Field: "consoleOnly", Before: policy.Said{{Text: "anywhere"}}, After: policy.Said{{Text: "in the console alone"}}},
		}}}
		got := before.Diff(&after)
		if !reflect.DeepEqual(got, want) || words(got) != "Edited the policy Uno: its name, which was One, the longest time and whether approvals are taken in the console alone." {
			t.Errorf("got %+v: %s", got, words(got))
		}
	})
	t.Run("Guardrails are added, removed and edited; they have no order.", func(t *testing.T) {
		a, b, c := policy.Guardrail{ID: "grd_a", Name: "A", Refuse: "No."}, policy.Guardrail{ID: "grd_b", Name: "B", Refuse: "No."}, policy.Guardrail{ID: "grd_c", Name: "C", Refuse: "No."}
		before := policy.Set{Guardrails: []policy.Guardrail{a, b, c}}
		if after := (policy.Set{Guardrails: []policy.Guardrail{c, b, a}}); len(before.Diff(&after)) > 0 {
			t.Error("an order is a change")
		}
		edited := b
		edited.Refuse = "Never."
		after := policy.Set{Guardrails: []policy.Guardrail{{ID: "grd_d", Name: "D"}, edited, a}}
		if got := words(before.Diff(&after)); got != "Removed the guardrail C. Added the guardrail D. Edited the guardrail B: whether it refuses, or why." {
			t.Errorf("got %s", got)
		}
	})
	// Whatever a policy or guardrail has, a change of it is seen and has words.
	everyField(t, policy.Policy{ID: "pol_1"}, func(p policy.Policy) policy.Set { return policy.Set{Policies: []policy.Policy{p}} })
	everyField(t, policy.Guardrail{ID: "grd_1"}, func(g policy.Guardrail) policy.Set {
		return policy.Set{Guardrails: []policy.Guardrail{g}}
	})
}

// Whatever can be set of a step, or of whom and what something is for, is told in words, so
// that nobody sees a change of it without what it was and what it is.
func TestADiffSaysEveryPart(t *testing.T) {
	everyPart(t, "a step", policy.Step{Need: 2}, func(s policy.Step) policy.Policy { return policy.Policy{Steps: []policy.Step{s}} })
	everyPart(t, "who approves", policy.Approvers{}, func(a policy.Approvers) policy.Policy { return policy.Policy{Steps: []policy.Step{need(1, a)}} })
	everyPart(t, "who", policy.Who{}, func(w policy.Who) policy.Policy { return policy.Policy{Who: w} })
	everyPart(t, "what", policy.What{}, func(w policy.What) policy.Policy { return policy.Policy{What: w} })
	everyPart(t, "a ticket", policy.Ticket{}, func(v policy.Ticket) policy.Policy { return policy.Policy{Ticket: &v} })
	one := policy.Policy{
		ID: "pol_1", Name: "One", Who: policy.Who{UserIDs: []string{"u1"}, GroupIDs: []string{"g1", "g2"}}, MaxDuration: 3600,
		What:  policy.What{Kinds: []string{"PRIVATE_SERVER"}, AccountIDs: []string{"a1"}, Roles: []string{"r", "w"}, Tags: []policy.Tag{{Key: "env", Value: "prod"}, {Key: "old"}}},
		Steps: []policy.Step{{Name: "Review", Need: 2, Approvers: policy.Approvers{UserIDs: []string{"u2"}, Owners: true}}, need(1, policy.Approvers{Administrators: true})},
	}
	none, some := policy.Set{}, set(one)
	for _, c := range []struct {
		was, is *policy.Set
		of      func(policy.Edit) policy.Said
	}{{&none, &some, func(e policy.Edit) policy.Said { return e.After }}, {&some, &none, func(e policy.Edit) policy.Said { return e.Before }}} {
		var got []string
		for _, e := range c.was.Diff(c.is)[0].Edits {
			got = append(got, e.Label()+": "+said(c.of(e)))
		}
		want := "whom it is for: <u1>, the group <g1> or the group <g2>; what it is for: private server at the account <a1>, with the role r or w, tagged env=prod and old; the longest time: 1 hour; who has to approve: Review: 2 of <u2> or the owners then 1 of the administrators"
		if got := strings.Join(got, "; "); got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
}

func everyPart[P any](t *testing.T, what string, base P, in func(P) policy.Policy) {
	t.Helper()
	for i := range reflect.TypeFor[P]().NumField() {
		f := reflect.TypeFor[P]().Field(i)
		if f.Type == reflect.TypeFor[policy.Stamp]() || f.Type == reflect.TypeFor[policy.Approvers]() {
			continue // whose doing it was is no change; the other's parts are looked at by themselves
		}
		some := base
		fill(reflect.ValueOf(&some).Elem().Field(i))
		before, after := set(in(base)), set(in(some))
		before.Policies[0].ID, after.Policies[0].ID = "pol_1", "pol_1"
		got := before.Diff(&after)
		if len(got) != 1 || len(got[0].Edits) != 1 || said(got[0].Edits[0].Before) == said(got[0].Edits[0].After) {
			t.Errorf("another %s of %s: %+v", f.Name, what, got)
		}
	}
}

func everyField[E any](t *testing.T, none E, in func(E) policy.Set) {
	t.Helper()
	for i := range reflect.TypeFor[E]().NumField() {
		field, _, _ := strings.Cut(reflect.TypeFor[E]().Field(i).Tag.Get("json"), ",")
		if field == "id" {
			continue
		}
		t.Run("An edit is seen: "+field, func(t *testing.T) {
			some := none
			fill(reflect.ValueOf(&some).Elem().Field(i))
			before, after := in(none), in(some)
			got := before.Diff(&after)
			if len(got) != 1 || got[0].Kind != policy.Edited || len(got[0].Edits) != 1 || got[0].Edits[0].Field != field || strings.Contains(got[0].String(), ": .") {
				t.Fatalf("got %+v", got)
			}
			if before, after := said(got[0].Edits[0].Before), said(got[0].Edits[0].After); before == after {
				t.Errorf("before and after it says %q", after)
			}
		})
	}
}

// said is what is said where everything is called by its ID.
func said(s policy.Said) string { return s.In(func(id string) string { return "<" + id + ">" }) }

// fill gives a value something other than nothing.
func fill(v reflect.Value) {
	switch v.Kind() {
	case reflect.String:
		v.SetString("x")
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int, reflect.Int64:
		v.SetInt(7)
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
	case reflect.Struct:
		fill(v.Field(0))
	default:
		panic("another kind of field: " + v.Kind().String())
	}
}
