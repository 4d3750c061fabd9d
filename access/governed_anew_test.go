package access

import (
	"testing"

	"procyon/policy"
)

// A review of what was left out since counts for nothing, and goes with the next change of what
// governs the request: it would still shorten the access.
func TestAReviewOfWhatWasLeftOutGoes(t *testing.T) {
	w := newWorld(t)
	eve := w.person("Eve", false)
	w.person("Gil", true)
	server, err := w.CreateResource(t.Context(), System(), NewResource{Name: "bastion", Kind: ResourcePrivateServer})
	w.must(err)
	w.must(w.SetOwners(t.Context(), System(), server.ID, []string{eve.ID}, nil))
	govern := func(steps ...policy.Step) {
		w.govern(policy.Set{Policies: []policy.Policy{
			{Name: "Servers", Who: policy.Who{Everyone: true}, What: policy.What{ResourceIDs: []string{server.ID}}, MaxDuration: 3600, Steps: []policy.Step{{Need: 1, Approvers: policy.Approvers{Owners: true}}, byAdmins(1)}},
			everybody(steps...),
		}})
	}
	govern(byAdmins(2))
	r, err := w.CreateRequest(t.Context(), w.dev, NewRequest{Items: []ItemRef{{w.db.ID, "reader"}, {server.ID, ""}}, Duration: 3600, Reason: "INC-42"})
	w.must(err)
	_, err = w.review(eve, r.ID, ReviewRequest{Decision: DecisionApprove, Duration: 600})
	w.must(err)
	_, err = w.review(w.boss, r.ID, ReviewRequest{Decision: DecisionApprove, Without: []string{server.ID}})
	w.must(err)
	_, err = w.takeRequestStep(t.Context(), r.ID)
	w.must(err)
	if r, err = w.Request(t.Context(), r.ID); err != nil || r.Version() != 1 || len(r.Reviews) != 2 {
		t.Errorf("nobody lost a right, and it is version %d with %d reviews (%v)", r.Version(), len(r.Reviews), err)
	}
	govern(byAdmins(1))
	_, err = w.governAnew(t.Context(), r.ID)
	w.must(err)
	if r, err = w.Request(t.Context(), r.ID); err != nil || len(r.Reviews) > 0 {
		t.Errorf("its reviews are %+v (%v)", r.Reviews, err)
	}
	if r, err = w.review(w.boss, r.ID, ReviewRequest{Decision: DecisionApprove}); err != nil || r.Granted != 3600 {
		t.Errorf("it is granted for %d seconds (%v)", r.Granted, err)
	}
}

// Who lost the right by which they approved a step has not approved it any more, also where they
// could approve another: the step is shown again to those who can.
func TestAReviewByALostRightIsVoid(t *testing.T) {
	w := newWorld(t)
	g, err := w.CreateGroup(t.Context(), System(), NewGroup{Name: "Second", Source: SourceLocal})
	w.must(err)
	eve := w.person("Eve", false)
	_, err = w.ChangeMembers(t.Context(), System(), SourceLocal, g.ID, []string{w.boss.ID, eve.ID}, nil, nil)
	w.must(err)
	w.govern(policy.Set{Policies: []policy.Policy{everybody(byAdmins(1), policy.Step{Need: 1, Approvers: policy.Approvers{GroupIDs: []string{g.ID}}})}})
	r := w.ask(3600)
	_, err = w.review(w.boss, r.ID, ReviewRequest{Decision: DecisionApprove})
	w.must(err)
	_, err = w.SetAdmin(t.Context(), System(), w.boss.ID, false)
	w.must(err)
	_, err = w.takeRequestStep(t.Context(), r.ID)
	w.must(err)
	r, err = w.Request(t.Context(), r.ID)
	w.must(err)
	if len(r.Reviews) > 0 || len(w.DecidableBy(eve, &r)) > 0 || len(w.DecidableBy(w.admin, &r)) == 0 {
		t.Errorf("it shows %d reviews, and %v to the second step, %v to the first", len(r.Reviews), w.DecidableBy(eve, &r), w.DecidableBy(w.admin, &r))
	}
}

// Who approved one item after another, because what governed one of them changed, has lost
// nothing by that.
func TestTwoApprovalsOfOnePersonStay(t *testing.T) {
	w := newWorld(t)
	w.person("Gil", true)
	server, err := w.CreateResource(t.Context(), System(), NewResource{Name: "bastion", Kind: ResourcePrivateServer})
	w.must(err)
	govern := func(need int) {
		w.govern(policy.Set{Policies: []policy.Policy{
			{ID: "pol_1", Name: "Servers", Who: policy.Who{Everyone: true}, What: policy.What{ResourceIDs: []string{server.ID}}, MaxDuration: 3600, Steps: []policy.Step{byAdmins(need)}},
			everybody(byAdmins(2)),
		}})
	}
	govern(3)
	r, err := w.CreateRequest(t.Context(), w.dev, NewRequest{Items: []ItemRef{{w.db.ID, "reader"}, {server.ID, ""}}, Duration: 3600, Reason: "INC-42"})
	w.must(err)
	_, err = w.review(w.boss, r.ID, ReviewRequest{Decision: DecisionApprove})
	w.must(err)
	govern(2)
	_, err = w.governAnew(t.Context(), r.ID)
	w.must(err)
	_, err = w.review(w.boss, r.ID, ReviewRequest{Decision: DecisionApprove})
	w.must(err)
	_, err = w.takeRequestStep(t.Context(), r.ID)
	w.must(err)
	if r, err = w.Request(t.Context(), r.ID); err != nil || len(r.Reviews) != 2 || r.Reviews[0].Reviewer.ID != w.boss.ID || r.Reviews[1].Reviewer.ID != w.boss.ID {
		t.Errorf("its reviews are %+v (%v)", r.Reviews, err)
	}
}

// Where one item is governed by something else, and who approved another lost the right, both
// are seen by one look of the schedule.
func TestAnApprovalIsLostWhileThePolicyChanges(t *testing.T) {
	w := newWorld(t)
	w.person("Gil", true)
	w.person("Hal", true)
	server, err := w.CreateResource(t.Context(), System(), NewResource{Name: "bastion", Kind: ResourcePrivateServer})
	w.must(err)
	govern := func(need int) {
		w.govern(policy.Set{Policies: []policy.Policy{
			{ID: "pol_1", Name: "Servers", Who: policy.Who{Everyone: true}, What: policy.What{ResourceIDs: []string{server.ID}}, MaxDuration: 3600, Steps: []policy.Step{byAdmins(need)}},
			everybody(byAdmins(2)),
		}})
	}
	govern(3)
	r, err := w.CreateRequest(t.Context(), w.dev, NewRequest{Items: []ItemRef{{w.db.ID, "reader"}, {server.ID, ""}}, Duration: 3600, Reason: "INC-42"})
	w.must(err)
	_, err = w.review(w.boss, r.ID, ReviewRequest{Decision: DecisionApprove})
	w.must(err)
	s := NewSchedule(w.Service)
	govern(2)
	_, err = w.SetAdmin(t.Context(), System(), w.boss.ID, false)
	w.must(err)
	w.must(s.Load(t.Context(), w.boss.ID))
	w.must(s.Advance(t.Context()))
	if r, err = w.Request(t.Context(), r.ID); err != nil || len(r.Reviews) > 0 {
		t.Errorf("its reviews are %+v (%v)", r.Reviews, err)
	}
}
