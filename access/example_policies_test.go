package access

import (
	"strings"
	"testing"
	"time"

	"procyon/policy"
)

// The example of docs/policies.md: what it says of each of the three things that Dev asks
// for, and of what would have been refused.
func TestTheExampleOfPolicies(t *testing.T) {
	w := newWorld(t)
	ctx := t.Context()
	owner := w.person("Olga", false)
	w.must(w.SetOwners(ctx, System(), w.account.ID, []string{owner.ID}, nil))
	engineers, err := w.CreateGroup(ctx, System(), NewGroup{Name: "Engineers", Source: SourceLocal})
	w.must(err)
	dba, err := w.CreateGroup(ctx, System(), NewGroup{Name: "DBA", Source: SourceLocal})
	w.must(err)
	_, err = w.ChangeMembers(ctx, System(), SourceLocal, engineers.ID, []string{w.dev.ID}, nil, nil)
	w.must(err)
	mac, err := w.CreateResource(ctx, System(), NewResource{Name: "build-mac", Kind: ResourcePrivateServer})
	w.must(err)
	office, err := w.CreateAccount(ctx, System(), NewAccount{Name: "Office", Provider: "AWS", ExternalID: "9"})
	w.must(err)
	wiki, err := w.CreateResource(ctx, System(), NewResource{Name: "wiki", Kind: ResourceApplication, AccountID: office.ID})
	w.must(err)
	admin := policy.Step{Need: 1, Approvers: policy.Approvers{Administrators: true}}
	w.govern(policy.Set{
		Guardrails: []policy.Guardrail{{
			Name: "No writing by hand", Except: policy.Who{GroupIDs: []string{dba.ID}}, What: policy.What{Roles: []string{"writer"}}, Refuse: "Changes go through migrations.",
		}},
		Policies: []policy.Policy{
			{
				Name: "Production", Who: policy.Who{Everyone: true}, What: policy.What{AccountIDs: []string{w.account.ID}}, MaxDuration: 2 * 3600,
				Ticket: &policy.Ticket{Pattern: "OPS-[0-9]+", Example: "OPS-17"}, Steps: []policy.Step{{Need: 1, Approvers: policy.Approvers{Owners: true}}, admin},
			},
			{Name: "Build hosts", Who: policy.Who{GroupIDs: []string{engineers.ID}}, What: policy.What{Kinds: []string{string(ResourcePrivateServer)}}, MaxDuration: 8 * 3600},
			{Name: "Everything else", Who: policy.Who{Everyone: true}, MaxDuration: 8 * 3600, Steps: []policy.Step{admin}},
		},
	})
	ask := func(role string, d Seconds, ticket string) (Request, error) {
		return w.CreateRequest(ctx, w.dev, NewRequest{
			Items: []ItemRef{{w.db.ID, role}, {mac.ID, ""}, {wiki.ID, ""}}, Duration: d, Reason: "INC-42", Ticket: ticket,
		})
	}
	_, err = ask("writer", 3600, "OPS-17")
	w.wants(err, CodeForbidden, "items.0")
	if !strings.Contains(err.Error(), "Changes go through migrations") {
		t.Error(err)
	}
	_, err = ask("reader", 3600, "")
	w.wants(err, CodeInvalid, "ticket")
	_, err = ask("reader", 3*3600, "OPS-17")
	w.wants(err, CodeInvalid, "duration")
	r, err := ask("reader", 3600, "OPS-17")
	w.must(err)
	var names []string
	for _, track := range r.Tracks() {
		names = append(names, track.PolicyName)
	}
	if strings.Join(names, ", ") != "Production, Build hosts, Everything else" || r.Status != StatusPending {
		t.Fatalf("%s: %v", r.Status, names)
	}
	_, err = w.review(owner, r.ID, ReviewRequest{Decision: DecisionApprove})
	w.must(err)
	r, err = w.review(w.admin, r.ID, ReviewRequest{Decision: DecisionApprove}) // of the wiki, and the second step of Production
	w.must(err)
	if r.Status != StatusApproved || r.Grant.ExpiresAt.Sub(r.Grant.StartsAt) != time.Hour {
		t.Errorf("%+v", r)
	}
	alone, err := w.CreateRequest(ctx, w.dev, NewRequest{Items: []ItemRef{{mac.ID, ""}}, Duration: 600, Reason: "to build", AllowDuplicate: true})
	w.must(err)
	if alone.Status != StatusApproved {
		t.Errorf("what nobody has to approve is %s", alone.Status)
	}
}
