package access

import (
	"testing"
	"time"

	"procyon/policy"
)

// unasked is an access that nobody had to approve, in force for an hour.
func (w *world) unasked() Request {
	w.t.Helper()
	w.govern(policy.Set{Policies: []policy.Policy{everybody()}})
	r := w.ask(3600)
	_, err := w.takeRequestStep(w.t.Context(), r.ID)
	w.must(err)
	r, err = w.Request(w.t.Context(), r.ID)
	w.must(err)
	if r.Status != StatusActive || len(r.Reviews) > 0 {
		w.t.Fatalf("it is %s, with %d reviews", r.Status, len(r.Reviews))
	}
	return r
}

// An extension that needs nobody is made at once, and the access goes on.
func TestExtensionThatNobodyHasToApprove(t *testing.T) {
	w := newWorld(t)
	r := w.unasked()
	w.pass(time.Minute)
	r, err := w.ExtendRequest(t.Context(), w.dev, r.ID, 1800, "still at it", Basis{})
	w.must(err)
	_, err = w.takeRequestStep(t.Context(), r.ID)
	w.must(err)
	if r, err = w.Request(t.Context(), r.ID); err != nil || r.Status != StatusActive || r.Extension != nil || r.GrantedDuration() != 5400 {
		t.Errorf("it is %s for %d seconds, and waits for %+v (%v)", r.Status, r.GrantedDuration(), r.Extension, err)
	}
}

// The reviews of an extension count from the first one on, also where there was none before.
func TestExtensionOfWhatNobodyApproved(t *testing.T) {
	w := newWorld(t)
	r := w.unasked()
	third := w.person("Gil", true)
	w.govern(policy.Set{Policies: []policy.Policy{everybody(byAdmins(1), byAdmins(1))}})
	_, err := w.ExtendRequest(t.Context(), w.dev, r.ID, 1800, "still at it", Basis{})
	w.must(err)
	_, err = w.review(w.admin, r.ID, ReviewRequest{Decision: DecisionApprove, Duration: 600})
	w.must(err)
	if now, err := w.Request(t.Context(), r.ID); err != nil || now.Tracks()[0].Step != 1 {
		t.Errorf("after one approval it is at step %d (%v)", now.Tracks()[0].Step, err)
	}
	r, err = w.review(third, r.ID, ReviewRequest{Decision: DecisionApprove})
	w.must(err)
	if r.Extension != nil || r.GrantedDuration() != 4200 {
		t.Errorf("it lasts %d seconds, and waits for %+v", r.GrantedDuration(), r.Extension)
	}
}

// Many accounts of one human do not stand in the way of the others who could approve.
func TestEnoughCanApproveBesideManyAccountsOfOne(t *testing.T) {
	w := newWorld(t)
	g, err := w.CreateGroup(t.Context(), System(), NewGroup{Name: "Approvers", Source: SourceLocal})
	w.must(err)
	var ids []string
	for _, name := range []string{"Aa1", "Aa2", "Aa3", "Aa4", "Zoe"} {
		ids = append(ids, w.person(name, false).ID)
	}
	for _, id := range ids[1:4] {
		_, err = w.JoinUsers(t.Context(), System(), id, ids[0], nil)
		w.must(err)
	}
	_, err = w.ChangeMembers(t.Context(), System(), SourceLocal, g.ID, ids, nil, nil)
	w.must(err)
	w.govern(policy.Set{Policies: []policy.Policy{everybody(policy.Step{Need: 2, Approvers: policy.Approvers{GroupIDs: []string{g.ID}}})}})
	w.ask(3600)
}
