package policy_test

import (
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"procyon/policy"
)

func TestPlannedSteps(t *testing.T) {
	all := policy.Approvers{UserIDs: []string{"usr_1", "usr_o"}, GroupIDs: []string{"grp_1"}, Administrators: true, Owners: true, Manager: true, Changed: by("usr_x", time.Hour)}
	item := prod
	item.Owners = []policy.Right{right("usr_o", by("usr_y", time.Hour)), right("grp_o", by("usr_z", time.Hour))}
	s, a := set(catchAll(policy.Step{Name: "All", Need: 3, Approvers: all})), ask(person("usr_a"), item)
	boss := right("usr_m", by("usr_w", time.Hour))
	t.Run("Approvers are those named, the owners, the manager and the administrators, each once with whose doing it was.", func(t *testing.T) {
		a.Manager = &boss
		want := []policy.PlannedStep{{Name: "All", Need: 3, Approvers: []policy.Approver{
			{ID: "usr_1", Stamp: all.Changed}, {ID: "usr_o", Stamp: all.Changed}, {ID: "grp_1", Stamp: all.Changed},
			{ID: "grp_o", As: policy.Owner, Stamp: by("usr_z", time.Hour)}, {ID: "usr_m", As: policy.Manager, Stamp: boss.Stamp},
			{ID: policy.Administrators, Stamp: all.Changed},
		}}}
		if got := s.Govern(1, &a, nil).Plan.Tracks[0].Steps; !reflect.DeepEqual(got, want) {
			t.Errorf("got %+v", got)
		}
	})
	t.Run("Who has no manager, and what has no owners, has none of these.", func(t *testing.T) {
		s, a := set(catchAll(need(1, policy.Approvers{Owners: true, Manager: true}))), ask(person("usr_a"), prod)
		if got := s.Govern(1, &a, nil).Plan.Tracks[0].Steps[0].Approvers; len(got) > 0 {
			t.Errorf("got %+v", got)
		}
	})
	t.Run("A plan is the same when it was written down and read.", func(t *testing.T) {
		all.Changed.At = time.Now() // of this place, and with the running clock
		s, a := set(catchAll(policy.Step{Need: 1, Approvers: all})), ask(person("usr_a"), item)
		p := s.Govern(1, &a, nil).Plan
		text, err := json.Marshal(p)
		var back policy.Plan
		if err != nil || json.Unmarshal(text, &back) != nil || !p.Same(&back) {
			t.Errorf("%s is another than %+v", text, p)
		}
	})
}

func TestPlan(t *testing.T) {
	owned := func(id, owner string) policy.Item {
		return policy.Item{ResourceID: id, Kind: "DATABASE", Owners: []policy.Right{right(owner)}}
	}
	s := set(catchAll(need(1, policy.Approvers{Owners: true, GroupIDs: []string{"grp_1"}})))
	a := ask(person("usr_a"), owned("res_1", "usr_1"), owned("res_2", "usr_2"), owned("res_3", "usr_1"))
	p := s.Govern(1, &a, nil).Plan
	t.Run("Items with the same policy and approvers are one track.", func(t *testing.T) {
		if len(p.Tracks) != 2 || !slices.Equal(p.Tracks[0].ResourceIDs, []string{"res_1", "res_3"}) || !slices.Equal(p.Tracks[1].ResourceIDs, []string{"res_2"}) {
			t.Errorf("got %+v", p.Tracks)
		}
	})
	t.Run("Its approvers are all of them once, in order.", func(t *testing.T) {
		if got := strings.Join(p.Approvers(), " "); got != "grp_1 usr_1 usr_2" {
			t.Errorf("got %s", got)
		}
	})
	t.Run("It names who is an approver, by themselves, a group, or as an administrator.", func(t *testing.T) {
		admins := set(catchAll(need(1, byAdmins)))
		byAdmin := admins.Govern(1, &a, nil).Plan
		for _, c := range []struct {
			p    policy.Plan
			who  policy.Person
			want bool
		}{
			{p, person("usr_1"), true}, {p, person("usr_3"), false}, {p, admin("usr_3"), false},
			{p, person("usr_3", right("grp_1", by("usr_3", time.Hour))), true}, {p, person("usr_3", right("grp_2")), false},
			{byAdmin, admin("usr_3"), true}, {byAdmin, person("usr_3"), false},
		} {
			if got := c.p.Names(&c.who); got != c.want {
				t.Errorf("%+v: %t", c.who, got)
			}
		}
	})
	t.Run("Without items it is the plan of the others.", func(t *testing.T) {
		got := p.Without([]string{"res_2", "res_3"})
		if len(got.Tracks) != 1 || !slices.Equal(got.Tracks[0].ResourceIDs, []string{"res_1"}) || got.Version != 1 || len(p.Tracks[0].ResourceIDs) != 2 {
			t.Errorf("got %+v", got)
		}
		if got := p.Without([]string{"res_1", "res_2", "res_3"}); len(got.Tracks) > 0 {
			t.Errorf("got %+v", got)
		}
	})
	t.Run("It is the same by another version, and not by other approvers.", func(t *testing.T) {
		other := s.Govern(2, &a, nil).Plan
		if !p.Same(&other) {
			t.Error("another version is not the same")
		}
		a.Items[0].Owners = []policy.Right{right("usr_2")}
		if other = s.Govern(1, &a, nil).Plan; p.Same(&other) {
			t.Error("other owners are the same")
		}
	})
}
