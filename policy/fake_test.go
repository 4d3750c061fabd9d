package policy_test

import (
	"errors"
	"strings"
	"time"

	"procyon/policy"
)

var now = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

// by is a stamp of somebody's so long ago.
func by(id string, ago time.Duration) policy.Stamp { return policy.Stamp{ByID: id, At: now.Add(-ago)} }

func right(id string, s ...policy.Stamp) policy.Right {
	r := policy.Right{ID: id}
	if len(s) > 0 {
		r.Stamp = s[0]
	}
	return r
}

// person is somebody with one account, in groups.
func person(id string, groups ...policy.Right) policy.Person {
	return policy.Person{ID: id, Accounts: []string{id}, Groups: groups}
}

func admin(id string, s ...policy.Stamp) policy.Person {
	p := person(id)
	r := right(policy.Administrators, s...)
	p.Admin = &r
	return p
}

// joined gives people the accounts of one human.
func joined(people ...policy.Person) []policy.Person {
	var accounts []string
	for _, p := range people {
		accounts = append(accounts, p.ID)
	}
	for i := range people {
		people[i].Accounts = accounts
	}
	return people
}

var everyone = policy.Who{Everyone: true}

func users(ids ...string) policy.Who  { return policy.Who{UserIDs: ids} }
func groups(ids ...string) policy.Who { return policy.Who{GroupIDs: ids} }

func need(n int, a policy.Approvers) policy.Step { return policy.Step{Need: n, Approvers: a} }

var (
	byAdmins = policy.Approvers{Administrators: true}
	byOwners = policy.Approvers{Owners: true}
	byBoss   = policy.Approvers{Manager: true}
)

func byUsers(ids ...string) policy.Approvers  { return policy.Approvers{UserIDs: ids} }
func byGroups(ids ...string) policy.Approvers { return policy.Approvers{GroupIDs: ids} }

// catchAll is the last policy, by some steps.
func catchAll(steps ...policy.Step) policy.Policy {
	return policy.Policy{ID: policy.CatchAllID, Name: "Everything else", Who: everyone, MaxDuration: 8 * 3600, Steps: steps}
}

func set(policies ...policy.Policy) policy.Set { return policy.Set{Policies: policies} }

var (
	prod = policy.Item{ResourceID: "res_prod", Resource: "prod", Kind: "DATABASE", Role: "admin", AccountID: "acc_1", Tags: []policy.Tag{{Key: "env", Value: "prod"}}}
	dev  = policy.Item{ResourceID: "res_dev", Resource: "dev", Kind: "PRIVATE_SERVER", Role: "ssh", GatewayID: "gw_1", Tags: []policy.Tag{{Key: "env", Value: "dev"}}}
)

func ask(holder policy.Person, items ...policy.Item) policy.Ask {
	return policy.Ask{Holder: holder, Items: items, Duration: 3600, Reason: "To look at the logs", Now: now}
}

// deciding is what is asked for, under decision with some approvals of all of it.
func deciding(s *policy.Set, a policy.Ask, approvals ...policy.Person) policy.Deciding {
	g := s.Govern(1, &a, conditions{})
	d := policy.Deciding{Plan: &g.Plan, Parties: append([]string{a.Holder.ID}, a.Holder.Accounts...), Now: a.Now}
	for _, p := range approvals {
		d.Reviews = append(d.Reviews, policy.Review{By: p, Covers: resources(&a)})
	}
	return d
}

func resources(a *policy.Ask) []string {
	var ids []string
	for _, i := range a.Items {
		ids = append(ids, i.ResourceID)
	}
	return ids
}

// conditions evaluates a few expressions.
type conditions struct{}

func (conditions) Check(expression string) error {
	if strings.Contains(expression, "(") {
		return errors.New("1:1: a bracket too many")
	}
	return nil
}

func (conditions) Holds(expression string, a *policy.Ask, item *policy.Item) (bool, error) {
	switch expression {
	case "true":
		return true, nil
	case "false":
		return false, nil
	case "admin":
		return item.Role == "admin", nil
	case "ticket":
		if a.Ticket == "" {
			return false, errors.New("there is no ticket")
		}
		return !strings.HasPrefix(a.Ticket, "CHG"), nil
	case "night":
		at := a.StartsAt
		if at.IsZero() {
			at = a.Now
		}
		return at.Hour() < 6, nil
	}
	return true, errors.New("no such field")
}
