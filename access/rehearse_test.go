package access

import (
	"fmt"
	"testing"
	"time"

	"procyon/policy"
)

// A rehearsal tells in what each request would be treated otherwise, and of no change that
// nothing would.
func TestRehearsal(t *testing.T) {
	w := newWorld(t)
	ctx := t.Context()
	approver, bo := w.person("Flo", false), w.boss
	group := w.group(SourceLocal, "Nobody")
	server, err := w.CreateResource(ctx, System(), NewResource{Name: "bastion", Kind: ResourcePrivateServer})
	w.must(err)
	other, err := w.CreateResource(ctx, System(), NewResource{Name: "old", Kind: ResourcePrivateServer})
	w.must(err)
	admins := policy.Step{Need: 1, Approvers: policy.Approvers{Administrators: true}}
	last := policy.Policy{ID: policy.CatchAllID, Name: "Everything else", Who: policy.Who{Everyone: true}, MaxDuration: 8 * 3600, Steps: []policy.Step{admins}}
	servers := policy.Policy{Name: "Servers", Who: policy.Who{Everyone: true}, What: policy.What{Kinds: []string{string(ResourcePrivateServer)}}, MaxDuration: 8 * 3600, Steps: []policy.Step{admins}}
	w.govern(policy.Set{Policies: []policy.Policy{last}})
	w.pass(25 * time.Hour)
	for _, id := range []string{server.ID, other.ID} {
		_, err = w.CreateRequest(ctx, w.dev, NewRequest{Items: []ItemRef{{id, ""}}, Duration: 2 * 3600, Reason: "INC-42"})
		w.must(err)
	}
	_, err = w.DeleteResource(ctx, System(), other.ID, true)
	w.must(err)
	db := w.ask(3600)
	_, err = w.CancelRequest(ctx, w.dev, db.ID, Basis{}) // what became of it has no part in it
	w.must(err)

	in := func(change func(p *policy.Policy)) policy.Set {
		p := servers
		change(&p)
		return policy.Set{Policies: []policy.Policy{p, last}}
	}
	for name, c := range map[string]struct {
		set  policy.Set
		want string
	}{
		"no change":      {policy.Set{Policies: []policy.Policy{last}}, "0 0 0 0 0: 0"},
		"another policy": {in(func(p *policy.Policy) {}), "1 0 0 0 0: 1"},
		"other approvers": {in(func(p *policy.Policy) {
			p.Steps = []policy.Step{{Need: 1, Approvers: policy.Approvers{UserIDs: []string{approver.ID}}}}
		}), "1 1 0 0 0: 1"},
		"too short": {in(func(p *policy.Policy) { p.MaxDuration = 3600 }), "1 0 1 0 0: 1"},
		"refused":   {in(func(p *policy.Policy) { p.Refuse, p.Steps, p.MaxDuration = "No.", nil, 0 }), "1 0 1 0 0: 1"},
		"nobody":    {in(func(p *policy.Policy) { p.Steps = nil }), "1 1 0 0 1: 1"},
		"nobody who can": {in(func(p *policy.Policy) {
			p.Steps = []policy.Step{{Need: 1, Approvers: policy.Approvers{GroupIDs: []string{group.ID}}}}
		}), "1 0 1 0 0: 1"},
		"for somebody else": {in(func(p *policy.Policy) {
			p.Who, p.Refuse, p.Steps, p.MaxDuration = policy.Who{UserIDs: []string{approver.ID}}, "No.", nil, 0
		}), "0 0 0 0 0: 0"},
	} {
		got, err := w.Rehearse(ctx, bo, c.set, MaxRehearsed)
		w.must(err)
		if said := fmt.Sprintf("%d %d %d %d %d: %d", got.OtherPolicy, got.OtherApprovers, got.Refused, got.Allowed, got.AtOnce, len(got.Differing)); said != c.want || got.Looked != 3 || got.Gone != 1 {
			t.Errorf("%s: %s of %d, %d gone; want %s", name, said, got.Looked, got.Gone, c.want)
		}
	}
	w.govern(in(func(p *policy.Policy) { p.Refuse, p.Steps, p.MaxDuration = "No.", nil, 0 }))
	got, err := w.Rehearse(ctx, bo, policy.Set{Policies: []policy.Policy{last}}, MaxRehearsed)
	if w.must(err); got.Allowed != 1 || got.Differing[0].Before.Refusal == "" || got.Differing[0].After.Refusal != "" {
		t.Errorf("what is allowed again: %+v", got)
	}
	if got, err = w.Rehearse(ctx, bo, policy.Set{Policies: []policy.Policy{last}}, 1); err != nil || got.Looked != 1 {
		t.Errorf("of the newest alone: %d, %v", got.Looked, err)
	}
	for _, n := range []int{0, -1, MaxRehearsed + 1} {
		_, err = w.Rehearse(ctx, bo, policy.Set{Policies: []policy.Policy{last}}, n)
		w.wants(err, CodeInvalid, "newest")
	}
	_, err = w.Rehearse(ctx, bo, policy.Set{}, 10)
	w.wants(err, CodeInvalid, "set")
	_, err = w.Rehearse(ctx, w.dev, policy.Set{Policies: []policy.Policy{last}}, 10)
	w.wants(err, CodeForbidden, "")
}

// Whatever was set, asked and decided before: rehearsing no change shows no difference.
func TestRehearsingNoChangeShowsNoDifference(t *testing.T) {
	m := newModel(t, 7)
	looked := 0
	for i := range 400 {
		if err := m.command(); CodeOf(err) == "" && err != nil {
			t.Fatal(err)
		}
		if i%20 > 0 {
			continue
		}
		now, err := m.Policies(t.Context())
		m.must(err)
		if now.Version == 0 {
			continue
		}
		got, err := m.Rehearse(t.Context(), System(), now.Set, MaxRehearsed)
		if CodeOf(err) == CodeInvalid {
			continue // it names what was removed since
		}
		if m.must(err); len(got.Differing) > 0 {
			t.Fatalf("%d of %d differ, such as %+v", len(got.Differing), got.Looked, got.Differing[0])
		}
		looked += got.Looked - got.Gone
	}
	if looked < 20 {
		t.Errorf("only %d requests were compared", looked)
	}
}
