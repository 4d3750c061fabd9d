package access

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"procyon/policy"
	"procyon/policy/condition"
)

// What docs/policies.md says that policies and guardrails do, one by one and by the commands of
// people. TestThePageOfPolicies says where the rest of the page is tested.
func TestWhatPoliciesSay(t *testing.T) {
	with := func(change func(p *policy.Policy)) policy.Set {
		p := everybody(byAdmins(1))
		change(&p)
		return policy.Set{Policies: []policy.Policy{p}}
	}
	rail := func(g policy.Guardrail) policy.Set {
		g.Name = "Rail"
		return policy.Set{Policies: []policy.Policy{everybody(byAdmins(1))}, Guardrails: []policy.Guardrail{g}}
	}
	ask := func(a *attack, change func(in *NewRequest)) (Request, error) {
		in := NewRequest{Items: []ItemRef{{a.server.ID, ""}}, Duration: 3600, Reason: "INC-42", AllowDuplicate: true}
		change(&in)
		return a.CreateRequest(a.t.Context(), a.dev, in)
	}
	as := func(*NewRequest) {}
	lasting := func(d Seconds) func(*NewRequest) { return func(in *NewRequest) { in.Duration = d } }
	for name, try := range map[string]func(a *attack){
		"a new gateway: one administrator, and the setting says how long": func(a *attack) {
			a.opts.MaxDuration = 2 * time.Hour
			_, err := ask(a, lasting(3*3600))
			a.wants(err, CodeInvalid, "duration")
			r, err := ask(a, lasting(2*3600))
			a.must(err)
			a.must(a.approves(a.boss, r.ID))
			a.is(r.ID, StatusApproved)
			if now, err := a.Policies(a.t.Context()); err != nil || now.Version != 0 || len(now.Policies) != 1 || now.Policies[0].Name != "Everything else" {
				a.t.Errorf("%+v (%v)", now, err)
			}
		},
		"a request of before is decided as before until a set is saved": func(a *attack) {
			r, err := ask(a, as)
			a.must(err)
			if r.Plan != nil {
				a.t.Errorf("it keeps %+v", r.Plan)
			}
			a.govern(with(func(p *policy.Policy) { p.Steps = []policy.Step{byAdmins(2)} }))
			a.person("Gil", true)
			a.must(second(a.governAnew(a.t.Context(), r.ID)))
			a.must(a.approves(a.boss, r.ID))
			a.is(r.ID, StatusPending)
		},
		"the settings cap what policies allow": func(a *attack) {
			a.opts.MaxDuration = 2 * time.Hour
			a.govern(with(func(p *policy.Policy) { p.MaxDuration = 8 * 3600 }))
			_, err := ask(a, lasting(3*3600))
			a.wants(err, CodeInvalid, "duration")
		},
		"what the first policy requires is never passed on": func(a *attack) {
			first := everybody(byAdmins(1))
			first.ID, first.Name, first.Ticket = "pol_1", "First", &policy.Ticket{}
			first.What.ResourceIDs = []string{a.server.ID}
			a.govern(policy.Set{Policies: []policy.Policy{first, everybody()}})
			_, err := ask(a, as)
			a.wants(err, CodeInvalid, "ticket")
		},
		"cap the duration": func(a *attack) {
			a.govern(with(func(p *policy.Policy) { p.MaxDuration = 3600 }))
			_, err := ask(a, lasting(3601))
			a.wants(err, CodeInvalid, "duration")
			a.must(second(ask(a, as)))
		},
		"cap how far ahead it starts": func(a *attack) {
			a.govern(with(func(p *policy.Policy) { p.MaxAhead = 3600 }))
			at := a.now().Add(2 * time.Hour)
			_, err := ask(a, func(in *NewRequest) { in.StartsAt = &at })
			a.wants(err, CodeInvalid, "startsAt")
			at = a.now().Add(time.Hour)
			a.must(second(ask(a, func(in *NewRequest) { in.StartsAt = &at })))
		},
		"forbid extensions": func(a *attack) {
			a.govern(with(func(p *policy.Policy) { p.NoExtensions = true }))
			_, err := a.ExtendRequest(a.t.Context(), a.dev, a.active().ID, 600, "still at it", Basis{})
			a.wants(err, CodeForbidden, "requestId")
		},
		"ask for a reason of some length": func(a *attack) {
			a.govern(with(func(p *policy.Policy) { p.MinReason = 7 }))
			_, err := ask(a, as)
			a.wants(err, CodeInvalid, "reason")
			a.must(second(ask(a, func(in *NewRequest) { in.Reason = "INC-421" })))
		},
		"ask for a ticket": func(a *attack) {
			a.govern(with(func(p *policy.Policy) { p.Ticket = &policy.Ticket{Pattern: "OPS-[0-9]+", Example: "OPS-1"} }))
			_, err := ask(a, func(in *NewRequest) { in.Ticket = "DEV-1" })
			a.wants(err, CodeInvalid, "ticket")
			a.must(second(ask(a, func(in *NewRequest) { in.Ticket = "OPS-2" })))
		},
		"take approvals in the console alone": func(a *attack) {
			a.govern(with(func(p *policy.Policy) { p.ConsoleOnly = true }))
			a.inConsole(ask(a, as))
		},
		"keep from requesters who is asked": func(a *attack) {
			a.govern(with(func(p *policy.Policy) { p.HideApprovers = true }))
			r, err := ask(a, as)
			a.must(err)
			if track := &r.Tracks()[0].Track; !r.ApproversHidden(a.dev, track) || r.ApproversHidden(a.boss, track) {
				a.t.Error("the requester sees who is asked, or an approver does not")
			}
		},
		"refuse, with a reason": func(a *attack) {
			a.govern(with(func(p *policy.Policy) { p.Refuse, p.Steps = "It is frozen.", nil }))
			for _, who := range []Actor{a.dev, a.admin} {
				_, err := a.asks(who, 3600)
				a.says(err, "It is frozen")
			}
		},
		"what names something that was removed refuses until it is edited": func(a *attack) {
			a.govern(with(func(p *policy.Policy) { p.Steps[0].Approvers.GroupIDs = []string{a.group.ID} }))
			a.must(a.DeleteGroup(a.t.Context(), System(), SourceLocal, a.group.ID, nil))
			_, err := ask(a, as)
			a.says(err, "names something that was removed")
			a.govern(with(func(*policy.Policy) {}))
			a.must(second(ask(a, as)))
		},
		"owners are the resource's, or else its account's": func(a *attack) {
			a.govern(policy.Set{Policies: []policy.Policy{everybody(policy.Step{Need: 1, Approvers: policy.Approvers{Owners: true}})}})
			a.must(a.SetOwners(a.t.Context(), System(), a.account.ID, []string{a.eve.ID}, nil))
			r := a.ask(3600)
			a.must(a.approves(a.eve, r.ID))
			a.must(a.SetOwners(a.t.Context(), System(), a.db.ID, []string{a.boss.ID}, nil))
			r = a.ask(3600)
			if len(a.DecidableBy(a.eve, &r)) > 0 || len(a.DecidableBy(a.boss, &r)) == 0 {
				a.t.Error("the account's owner decides what has owners of its own")
			}
		},
		"one denial denies all of it": func(a *attack) {
			a.must(a.SetOwners(a.t.Context(), System(), a.server.ID, []string{a.eve.ID}, nil))
			a.must(a.SetOwners(a.t.Context(), System(), a.db.ID, []string{a.boss.ID}, nil))
			a.govern(policy.Set{Policies: []policy.Policy{everybody(policy.Step{Need: 1, Approvers: policy.Approvers{Owners: true}})}})
			r, err := ask(a, func(in *NewRequest) { in.Items = append(in.Items, ItemRef{a.db.ID, "reader"}) })
			a.must(err)
			a.must(a.approves(a.boss, r.ID))
			a.must(second(a.review(a.eve, r.ID, ReviewRequest{Decision: DecisionDeny})))
			a.is(r.ID, StatusDenied)
		},
		"what was approved is frozen": func(a *attack) {
			at := a.now().Add(time.Hour)
			r, err := ask(a, func(in *NewRequest) { in.StartsAt = &at })
			a.must(err)
			a.must(a.approves(a.boss, r.ID))
			a.govern(with(func(p *policy.Policy) { p.MaxDuration, p.Steps = 60, []policy.Step{byAdmins(2)} }))
			a.must(second(a.SetAdmin(a.t.Context(), System(), a.boss.ID, false)))
			a.must(second(a.takeRequestStep(a.t.Context(), r.ID)))
			a.pass(time.Hour)
			a.must(second(a.takeRequestStep(a.t.Context(), r.ID)))
			now, err := a.Request(a.t.Context(), r.ID)
			a.must(err)
			if by := now.Tracks()[0].Approved; now.Status != StatusActive || now.Grant.duration() != 3600 || len(by) != 1 || by[0][0].ID != a.boss.ID {
				a.t.Errorf("it is %s for %d seconds, by %v", now.Status, now.Grant.duration(), by)
			}
		},
		"what is refused by then is not extended": func(a *attack) {
			r := a.active()
			a.govern(rail(policy.Guardrail{Refuse: "It is frozen."}))
			_, err := a.ExtendRequest(a.t.Context(), a.dev, r.ID, 600, "still at it", Basis{})
			a.says(err, "It is frozen")
			a.must(second(a.takeRequestStep(a.t.Context(), r.ID)))
			a.is(r.ID, StatusActive)
		},
		"a guardrail caps, and the shortest wins": func(a *attack) {
			set := rail(policy.Guardrail{MaxDuration: 2 * 3600})
			set.Guardrails = append(set.Guardrails, policy.Guardrail{Name: "Shorter", MaxDuration: 1800})
			a.govern(set)
			_, err := ask(a, lasting(1801))
			a.wants(err, CodeInvalid, "duration")
			a.must(second(ask(a, lasting(1800))))
		},
		"a guardrail takes approvals in the console alone": func(a *attack) {
			a.govern(rail(policy.Guardrail{ConsoleOnly: true}))
			a.inConsole(ask(a, as))
		},
		"a guardrail asks for one more step": func(a *attack) {
			a.govern(rail(policy.Guardrail{Step: &policy.Step{Need: 1, Approvers: policy.Approvers{UserIDs: []string{a.eve.ID}}}}))
			r, err := ask(a, as)
			a.must(err)
			a.must(a.approves(a.boss, r.ID))
			a.is(r.ID, StatusPending)
			a.must(a.approves(a.eve, r.ID))
			a.is(r.ID, StatusApproved)
		},
		"a guardrail holds for all but those whom it excepts": func(a *attack) {
			a.govern(rail(policy.Guardrail{Refuse: "It is frozen.", Except: policy.Who{UserIDs: []string{a.eve.ID}}}))
			_, err := ask(a, as)
			a.says(err, "It is frozen")
			a.must(second(a.asks(a.eve, 3600)))
		},
		"a condition goes by an ID, whatever it is called": func(a *attack) {
			conditions, err := condition.New()
			a.must(err)
			a.opts.Conditions = conditions
			renamed, none := "renamed", `item.resource.id == "res_none"`
			_, _, err = a.UpdateResource(a.t.Context(), System(), a.server.ID, ResourcePatch{Name: &renamed})
			a.must(err)
			a.govern(rail(policy.Guardrail{Condition: none, Refuse: "It is frozen."})) // which nobody notices
			a.must(second(ask(a, as)))
			a.govern(rail(policy.Guardrail{Condition: fmt.Sprintf("item.resource.id == %q", a.server.ID), Refuse: "It is frozen."}))
			_, err = ask(a, as)
			a.says(err, "It is frozen")
		},
	} {
		t.Run(name, func(t *testing.T) { try(newAttack(t)) })
	}
}

// active is an access of Dev's, in force for an hour.
func (a *attack) active() Request {
	a.t.Helper()
	r := a.asked(a.dev, 3600)
	a.must(a.approves(a.boss, r.ID))
	a.must(second(a.takeRequestStep(a.t.Context(), r.ID)))
	a.is(r.ID, StatusActive)
	return r
}

// inConsole expects that a request is approved in the console alone, and denied anywhere.
func (a *attack) inConsole(r Request, err error) {
	a.t.Helper()
	a.must(err)
	a.refused(a.approves(a.boss, r.ID), CodeForbidden)
	by := a.boss
	by.Via = ViaConsole
	a.must(a.approves(by, r.ID))
	a.is(r.ID, StatusApproved)
	r = a.asked(a.dev, 600)
	a.must(second(a.review(a.boss, r.ID, ReviewRequest{Decision: DecisionDeny})))
}

// says expects a refusal with some words.
func (a *attack) says(err error, words string) {
	a.t.Helper()
	if a.refused(err, CodeForbidden); !strings.Contains(err.Error(), words) {
		a.t.Errorf("got %v, want %q", err, words)
	}
}
