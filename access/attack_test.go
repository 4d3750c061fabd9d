package access

import (
	"strings"
	"testing"
	"time"

	"procyon/policy"
)

// attack is a world in which somebody tries to get what they are not to have.
type attack struct {
	*world
	eve    Actor // who tries; she administrates where a case says so
	group  Group
	server Resource
}

// everybody is the last policy of a set, by some steps.
func everybody(steps ...policy.Step) policy.Policy {
	return policy.Policy{ID: policy.CatchAllID, Name: "Everything else", Who: policy.Who{Everyone: true}, MaxDuration: 8 * 3600, Steps: steps}
}

func byAdmins(n int) policy.Step {
	return policy.Step{Need: n, Approvers: policy.Approvers{Administrators: true}}
}

func newAttack(t *testing.T) *attack {
	a := &attack{world: newWorld(t)}
	a.eve = a.person("Eve", false)
	var err error
	a.server, err = a.CreateResource(t.Context(), System(), NewResource{Name: "bastion", Kind: ResourcePrivateServer})
	a.must(err)
	a.group, err = a.CreateGroup(t.Context(), System(), NewGroup{Name: "Deciders", Source: SourceLocal})
	a.must(err)
	a.pass(25 * time.Hour)
	return a
}

// join puts people into the group of deciders, as somebody's doing.
func (a *attack) join(by Actor, ids ...string) {
	a.t.Helper()
	_, err := a.ChangeMembers(a.t.Context(), by, SourceLocal, a.group.ID, ids, nil, nil)
	a.must(err)
}

// asks has somebody ask for the server.
func (a *attack) asks(by Actor, d Seconds) (Request, error) {
	return a.CreateRequest(a.t.Context(), by, NewRequest{Items: []ItemRef{{a.server.ID, ""}}, Duration: d, Reason: "INC-42", AllowDuplicate: true})
}

func (a *attack) asked(by Actor, d Seconds) Request {
	a.t.Helper()
	r, err := a.asks(by, d)
	a.must(err)
	return r
}

func (a *attack) approves(by Actor, id string) error {
	by, _, err := a.AsOfNow(a.t.Context(), by)
	a.must(err)
	_, err = a.review(by, id, ReviewRequest{Decision: DecisionApprove})
	return err
}

// refused expects an attempt to fail, with a code.
func (a *attack) refused(err error, code Code) {
	a.t.Helper()
	if CodeOf(err) != code {
		a.t.Fatalf("got %v, want %s", err, code)
	}
}

func (a *attack) is(id string, st Status) {
	a.t.Helper()
	r, err := a.Request(a.t.Context(), id)
	a.must(err)
	if r.Status != st {
		a.t.Fatalf("it is %s, want %s", r.Status, st)
	}
}

// TestAttacks is what people try who want more than the policies give them.
func TestAttacks(t *testing.T) {
	for name, try := range map[string]func(t *testing.T, a *attack){
		"an owner of one item decides another": func(t *testing.T, a *attack) {
			a.must(a.SetOwners(t.Context(), System(), a.server.ID, []string{a.eve.ID}, nil))
			a.must(a.SetOwners(t.Context(), System(), a.db.ID, []string{a.boss.ID}, nil))
			a.govern(policy.Set{Policies: []policy.Policy{everybody(policy.Step{Need: 1, Approvers: policy.Approvers{Owners: true}})}})
			r, err := a.CreateRequest(t.Context(), a.dev, NewRequest{Items: []ItemRef{{a.server.ID, ""}, {a.db.ID, "reader"}}, Duration: 3600, Reason: "INC-42"})
			a.must(err)
			a.must(a.approves(a.eve, r.ID))
			a.is(r.ID, StatusPending)
			a.refused(a.approves(a.eve, r.ID), CodeConflict)
			_, err = a.review(a.boss, r.ID, ReviewRequest{Decision: DecisionApprove, Without: []string{a.server.ID}})
			a.refused(err, CodeInvalid)
		},
		"a ticket that became needed is left out": func(t *testing.T, a *attack) {
			r := a.asked(a.dev, 3600)
			p := everybody(byAdmins(1))
			p.Ticket = &policy.Ticket{Pattern: "OPS-[0-9]+", Example: "OPS-1"}
			a.govern(policy.Set{Policies: []policy.Policy{p}})
			a.must(second(a.governAnew(t.Context(), r.ID)))
			a.refused(a.approves(a.boss, r.ID), CodeConflict)
			ticket := "OPS-7"
			_, err := a.UpdateRequest(t.Context(), a.dev, r.ID, RequestPatch{Ticket: &ticket}, Basis{})
			a.must(err)
			a.must(a.approves(a.boss, r.ID))
		},
		"a start that is allowed is over when it is approved": func(t *testing.T, a *attack) {
			a.opts.Conditions = conditionOn(func(ask *policy.Ask) bool {
				at := ask.StartsAt
				if at.IsZero() {
					at = ask.Now
				}
				return at.Hour() < 6
			})
			a.govern(policy.Set{Policies: []policy.Policy{everybody(byAdmins(1))}, Guardrails: []policy.Guardrail{{Name: "No nights", Condition: "night", Refuse: "Nobody works at night."}}})
			at := a.now().Add(10 * time.Minute)
			r, err := a.CreateRequest(t.Context(), a.dev, NewRequest{Items: []ItemRef{{a.server.ID, ""}}, Duration: 3600, Reason: "INC-42", StartsAt: &at})
			a.must(err)
			a.pass(time.Duration(25-a.now().Hour()) * time.Hour)
			a.refused(a.approves(a.boss, r.ID), CodeForbidden)
		},
		"a cap on the duration is passed by extensions": func(t *testing.T, a *attack) {
			a.opts.Conditions = conditionOn(func(ask *policy.Ask) bool { return ask.Duration > 4*3600 })
			a.govern(policy.Set{Policies: []policy.Policy{everybody(byAdmins(1))}, Guardrails: []policy.Guardrail{{Name: "Four hours", Condition: "long", Refuse: "That is too long."}}})
			r := a.asked(a.dev, 4*3600)
			a.must(a.approves(a.boss, r.ID))
			a.must(second(a.takeRequestStep(t.Context(), r.ID)))
			_, err := a.ExtendRequest(t.Context(), a.dev, r.ID, 3600, "still at it", Basis{})
			a.refused(err, CodeForbidden)
		},
		"the maximum is passed by a second request": func(t *testing.T, a *attack) {
			first, again := a.asked(a.dev, 6*3600), a.asked(a.dev, 6*3600)
			a.must(a.approves(a.boss, first.ID))
			a.pass(3 * time.Hour)
			a.refused(a.approves(a.boss, again.ID), CodeInvalid)
			a.is(again.ID, StatusPending)
			_, err := a.review(a.boss, again.ID, ReviewRequest{Decision: DecisionApprove, Duration: 5 * 3600})
			a.must(err) // eight hours in all
			other, err := a.CreateRequest(t.Context(), a.dev, NewRequest{Items: []ItemRef{{a.db.ID, "reader"}}, Duration: 6 * 3600, Reason: "INC-42"})
			a.must(err)
			a.must(a.approves(a.boss, other.ID)) // something else
		},
		"the maximum is passed by a request that begins where the other ends": func(t *testing.T, a *attack) {
			first := a.asked(a.dev, 6*3600)
			a.must(a.approves(a.boss, first.ID))
			at := a.now().Add(6 * time.Hour)
			next, err := a.CreateRequest(t.Context(), a.dev, NewRequest{Items: []ItemRef{{a.server.ID, ""}}, Duration: 3 * 3600, Reason: "INC-42", StartsAt: &at, AllowDuplicate: true})
			a.must(err)
			a.refused(a.approves(a.boss, next.ID), CodeInvalid)
		},
		"the maximum is passed by approving two at once": func(t *testing.T, a *attack) {
			first, again := a.asked(a.dev, 6*3600), a.asked(a.dev, 6*3600)
			a.log.raceOn = func(Change) { a.must(a.approves(a.admin, first.ID)) }
			a.pass(0)
			a.must(a.approves(a.boss, again.ID)) // the windows are the same
			late := a.asked(a.dev, 6*3600)
			a.pass(5 * time.Hour)
			a.refused(a.approves(a.boss, late.ID), CodeInvalid)
		},
		"an extension that waits is approved after extensions were forbidden": func(t *testing.T, a *attack) {
			r := a.asked(a.dev, 3600)
			a.must(a.approves(a.boss, r.ID))
			a.must(second(a.takeRequestStep(t.Context(), r.ID)))
			_, err := a.ExtendRequest(t.Context(), a.dev, r.ID, 3600, "still at it", Basis{})
			a.must(err)
			p := everybody(byAdmins(1))
			p.NoExtensions = true
			a.govern(policy.Set{Policies: []policy.Policy{p}})
			a.must(second(a.governAnew(t.Context(), r.ID)))
			a.refused(a.approves(a.boss, r.ID), CodeConflict)
		},
		"a second account decides": func(t *testing.T, a *attack) {
			other := a.person("Dev2", true)
			_, err := a.JoinUsers(t.Context(), System(), a.dev.ID, other.ID, nil)
			a.must(err)
			r := a.asked(a.dev, 3600)
			a.refused(a.approves(other, r.ID), CodeSelfReview)
		},
		"two accounts of one human decide two steps": func(t *testing.T, a *attack) {
			a.govern(policy.Set{Policies: []policy.Policy{everybody(byAdmins(1), byAdmins(1))}})
			r := a.asked(a.dev, 3600)
			a.must(a.approves(a.admin, r.ID))
			_, err := a.JoinUsers(t.Context(), System(), a.admin.ID, a.boss.ID, nil)
			a.must(err)
			a.refused(a.approves(a.boss, r.ID), CodeConflict)
			a.is(r.ID, StatusPending)
		},
		"a right given to an accomplice for an hour": func(t *testing.T, a *attack) {
			a.govern(policy.Set{Policies: []policy.Policy{everybody(policy.Step{Need: 1, Approvers: policy.Approvers{GroupIDs: []string{a.group.ID}}})}})
			a.pass(25 * time.Hour)
			a.join(a.admin, a.eve.ID)
			r := a.asked(a.admin, 3600)
			a.refused(a.approves(a.eve, r.ID), CodeForbidden)
			a.is(r.ID, StatusPending)
		},
		"a membership given to oneself for what needs nobody": func(t *testing.T, a *attack) {
			a.govern(policy.Set{Policies: []policy.Policy{
				{Name: "Deciders", Who: policy.Who{GroupIDs: []string{a.group.ID}}, MaxDuration: 3600}, everybody(byAdmins(1)),
			}})
			a.pass(25 * time.Hour)
			a.join(a.admin, a.admin.ID, a.dev.ID)
			a.is(a.asked(a.dev, 3600).ID, StatusApproved)
			a.is(a.asked(a.admin, 3600).ID, StatusPending)
		},
		"tags changed, used and put back": func(t *testing.T, a *attack) {
			a.govern(policy.Set{Policies: []policy.Policy{
				{Name: "Test", Who: policy.Who{Everyone: true}, What: policy.What{Tags: []policy.Tag{{Key: "env", Value: "test"}}}, MaxDuration: 3600}, everybody(byAdmins(1)),
			}})
			a.pass(25 * time.Hour)
			_, err := a.SetTags(t.Context(), a.admin, a.server.ID, []Tag{{Key: "env", Value: "test"}}, nil)
			a.must(err)
			a.is(a.asked(a.admin, 3600).ID, StatusPending)
			a.is(a.asked(a.dev, 3600).ID, StatusApproved)
		},
		"a resource made under a policy that asks nobody": func(t *testing.T, a *attack) {
			a.govern(policy.Set{Policies: []policy.Policy{everybody()}})
			a.pass(25 * time.Hour)
			var err error
			a.server, err = a.CreateResource(t.Context(), a.admin, NewResource{Name: "bastion again", Kind: ResourcePrivateServer})
			a.must(err)
			a.is(a.asked(a.admin, 3600).ID, StatusPending)
			a.is(a.asked(a.dev, 3600).ID, StatusApproved)
		},
		"an address given to oneself": func(t *testing.T, a *attack) {
			a.govern(policy.Set{Policies: []policy.Policy{everybody()}})
			a.pass(25 * time.Hour)
			_, err := a.UpdateUser(t.Context(), a.admin, a.admin.ID, patchOf("Ada", "ada@oncall.example.com"))
			a.must(err)
			a.is(a.asked(a.admin, 3600).ID, StatusPending)
		},
		"a group that refuses is deleted": func(t *testing.T, a *attack) {
			a.join(System(), a.dev.ID)
			a.govern(policy.Set{Policies: []policy.Policy{
				{Name: "Not these", Who: policy.Who{GroupIDs: []string{a.group.ID}}, Refuse: "They left the team."}, everybody(byAdmins(1)),
			}})
			_, err := a.asks(a.dev, 3600)
			a.refused(err, CodeForbidden)
			err = a.DeleteGroup(t.Context(), System(), SourceLocal, a.group.ID, nil)
			a.must(err)
			_, err = a.asks(a.dev, 3600)
			a.refused(err, CodeForbidden)
			_, err = a.asks(a.eve, 3600) // nobody can tell who was in it
			a.refused(err, CodeForbidden)
		},
		"a reviewer loses the right before the last step": func(t *testing.T, a *attack) {
			a.join(System(), a.eve.ID)
			a.govern(policy.Set{Policies: []policy.Policy{everybody(policy.Step{Need: 1, Approvers: policy.Approvers{GroupIDs: []string{a.group.ID}}}, byAdmins(1))}})
			r := a.asked(a.dev, 3600)
			a.must(a.approves(a.eve, r.ID))
			_, err := a.ChangeMembers(t.Context(), System(), SourceLocal, a.group.ID, nil, []string{a.eve.ID}, nil)
			a.must(err)
			a.refused(a.approves(a.boss, r.ID), CodeForbidden)
			a.must(second(a.takeRequestStep(t.Context(), r.ID)))
			r, err = a.Request(t.Context(), r.ID)
			a.must(err)
			if len(r.Reviews) > 0 || r.Tracks()[0].Step != 0 {
				t.Errorf("it shows %d reviews, at step %d", len(r.Reviews), r.Tracks()[0].Step)
			}
			a.join(System(), a.eve.ID)
			a.refused(a.approves(a.boss, r.ID), CodeForbidden) // the review does not come back
		},
		"a group that approves is deleted while a request waits": func(t *testing.T, a *attack) {
			a.join(System(), a.eve.ID)
			a.govern(policy.Set{Policies: []policy.Policy{everybody(policy.Step{Need: 1, Approvers: policy.Approvers{GroupIDs: []string{a.group.ID}}})}})
			r := a.asked(a.dev, 3600)
			schedule := NewSchedule(a.Service)
			a.must(schedule.Load(t.Context()))
			a.must(a.DeleteGroup(t.Context(), System(), SourceLocal, a.group.ID, nil))
			docs, err := a.log.Get(t.Context(), a.group.ID)
			a.must(err)
			a.must(schedule.Observe(a.group.ID, docs[0].Data))
			a.must(schedule.Advance(t.Context()))
			r, err = a.Request(t.Context(), r.ID)
			a.must(err)
			if len(r.Tracks()) != 1 || r.Tracks()[0].Refused == "" {
				t.Errorf("it is shown as %+v", r.Tracks())
			}
			a.refused(a.approves(a.boss, r.ID), CodeForbidden)
		},
		"a reviewer is switched off before the last step": func(t *testing.T, a *attack) {
			a.govern(policy.Set{Policies: []policy.Policy{everybody(byAdmins(1), byAdmins(1))}})
			third := a.person("Gil", true)
			r := a.asked(a.dev, 3600)
			a.must(a.approves(a.admin, r.ID))
			_, _, err := a.DisableUser(t.Context(), System(), a.admin.ID)
			a.must(err)
			a.must(a.approves(a.boss, r.ID))
			a.is(r.ID, StatusPending)
			a.must(a.approves(third, r.ID))
			a.is(r.ID, StatusApproved)
		},
		"a policy is tightened while a request waits": func(t *testing.T, a *attack) {
			r := a.asked(a.dev, 3600)
			a.govern(policy.Set{Policies: []policy.Policy{{Name: "No more", Who: policy.Who{UserIDs: []string{a.dev.ID}}, Refuse: "Not for now."}, everybody(byAdmins(1))}})
			a.refused(a.approves(a.boss, r.ID), CodeForbidden)
			a.is(r.ID, StatusPending)
		},
		"a policy is tightened before the access starts": func(t *testing.T, a *attack) {
			at := a.now().Add(time.Hour)
			r, err := a.CreateRequest(t.Context(), a.dev, NewRequest{Items: []ItemRef{{a.server.ID, ""}}, Duration: 3600, Reason: "INC-42", StartsAt: &at})
			a.must(err)
			a.must(a.approves(a.boss, r.ID))
			a.govern(policy.Set{Policies: []policy.Policy{everybody(byAdmins(1))}, Guardrails: []policy.Guardrail{{Name: "Freeze", Refuse: "Nothing is changed today."}}})
			a.pass(time.Hour)
			a.must(second(a.takeRequestStep(t.Context(), r.ID)))
			a.is(r.ID, StatusRevoked)
		},
		"the only administrator asks": func(t *testing.T, a *attack) {
			_, _, err := a.DisableUser(t.Context(), a.admin, a.boss.ID)
			a.must(err)
			_, err = a.asks(a.admin, 3600)
			a.refused(err, CodeForbidden)
			a.must(second(a.asks(a.dev, 3600)))
		},
		"one human for two steps": func(t *testing.T, a *attack) {
			a.govern(policy.Set{Policies: []policy.Policy{everybody(byAdmins(1), policy.Step{Need: 2, Approvers: policy.Approvers{Administrators: true, UserIDs: []string{a.dev.ID}}})}})
			_, err := a.asks(a.dev, 3600)
			a.refused(err, CodeForbidden)
			a.must(second(a.asks(a.eve, 3600)))
		},
	} {
		t.Run(name, func(t *testing.T) { try(t, newAttack(t)) })
	}
}

// second is the error of two results.
func second[R any](_ R, err error) error { return err }

// conditionOn is a condition of guardrails that a function decides.
type conditionOn func(*policy.Ask) bool

func (conditionOn) Check(string) error { return nil }

func (c conditionOn) Holds(_ string, a *policy.Ask, _ *policy.Item) (bool, error) { return c(a), nil }

// A review of either kind is by the policies of its commit: who decides by them no more while
// it is on its way decides nothing.
func TestPoliciesThatChangeUnderAReview(t *testing.T) {
	for _, decision := range []Decision{DecisionApprove, DecisionDeny} {
		w := newWorld(t)
		eve := w.person("Eve", false)
		by := func(id string) policy.Set {
			set := policy.Default(8*3600, 0)
			set.Policies[0].Steps[0].Approvers = policy.Approvers{UserIDs: []string{id}}
			return set
		}
		w.govern(by(eve.ID))
		r := w.ask(3600)
		w.log.raceOn = func(Change) { w.govern(by(w.boss.ID)) }
		_, err := w.review(eve, r.ID, ReviewRequest{Decision: decision, Comment: "so"})
		if CodeOf(err) != CodeForbidden && CodeOf(err) != CodeConflict && CodeOf(err) != CodeNotFound {
			t.Errorf("%s: %v", decision, err)
		}
		if now, err := w.Request(t.Context(), r.ID); err != nil || now.Status != StatusPending {
			t.Errorf("%s left it %s (%v)", decision, now.Status, err)
		}
	}
}

// A server knows what the policies name from its start on, also where nothing waited then.
func TestScheduleKnowsWhatPoliciesName(t *testing.T) {
	w := newWorld(t)
	g, err := w.CreateGroup(t.Context(), System(), NewGroup{Name: "Approvers", Source: SourceLocal})
	w.must(err)
	_, err = w.ChangeMembers(t.Context(), System(), SourceLocal, g.ID, []string{w.boss.ID}, nil, nil)
	w.must(err)
	set := policy.Default(8*3600, 0)
	set.Policies[0].Steps[0].Approvers = policy.Approvers{GroupIDs: []string{g.ID}}
	w.govern(set)
	s := NewSchedule(w.Service)
	w.must(s.Load(t.Context()))
	r := w.ask(3600)
	observe := func(id string) {
		t.Helper()
		docs, err := w.views.Get(t.Context(), id)
		w.must(err)
		w.must(s.Observe(id, docs[0].Data))
	}
	observe(r.ID)
	w.must(w.DeleteGroup(t.Context(), System(), SourceLocal, g.ID, nil))
	observe(g.ID)
	w.must(s.Advance(t.Context()))
	now, err := w.Request(t.Context(), r.ID)
	w.must(err)
	if tracks := now.Tracks(); tracks[0].Refused == "" {
		t.Errorf("it still waits for a group that is gone: %+v", tracks)
	}
}

// TestASignInOfLate is that an approval counts only by a session in the console that began lately,
// where a guardrail wants that; a denial always does.
func TestASignInOfLate(t *testing.T) {
	a := newAttack(t)
	a.govern(policy.Set{Policies: []policy.Policy{everybody(byAdmins(1))}, Guardrails: []policy.Guardrail{
		{Name: "Servers", What: policy.What{ResourceIDs: []string{a.server.ID}}, SignInWithin: 900},
		{Name: "All", SignInWithin: 3600},
	}})
	r := a.asked(a.dev, 3600)
	if !a.ConsoleOnly(&r) {
		t.Error("it can be approved elsewhere")
	}
	by := a.boss
	for name, c := range map[string]struct {
		via   string
		since time.Duration // the sign-in; 0: not known
		again bool
	}{
		"not in the console": {"slack", time.Minute, false},
		"not known":          {ViaConsole, 0, true},
		"too long ago":       {ViaConsole, 16 * time.Minute, true},
	} {
		by.Via, by.SignedInAt = c.via, time.Time{}
		if c.since > 0 {
			by.SignedInAt = a.now().Add(-c.since)
		}
		if got := a.SignInToApprove(by, &r); got != c.again {
			t.Errorf("%s: to sign in again: %t", name, got)
		}
		_, err := a.review(by, r.ID, ReviewRequest{Decision: DecisionApprove})
		if a.refused(err, CodeForbidden); c.again && !strings.Contains(err.Error(), "Sign in again to approve this: a guardrail wants a sign-in that is not older than 15 minutes.") {
			t.Errorf("%s: %v", name, err)
		}
	}
	if a.SignInToApprove(a.dev, &r) {
		t.Error("who can't decide is to sign in again")
	}
	by.Via, by.SignedInAt = ViaConsole, a.now().Add(-15*time.Minute)
	_, err := a.review(by, r.ID, ReviewRequest{Decision: DecisionApprove})
	a.must(err)
	a.is(r.ID, StatusApproved)
	r = a.asked(a.dev, 3600)
	by.Via, by.SignedInAt = "slack", time.Time{}
	_, err = a.review(by, r.ID, ReviewRequest{Decision: DecisionDeny})
	a.must(err)
}
