package demo

import (
	"context"
	"errors"
	"fmt"
	"time"

	"procyon/access"
	"procyon/duration"
	"procyon/internal/app"
	"procyon/internal/slacksim"
	"procyon/policy"
)

// Govern says who can hold what of the sample data, and who decides it: three policies and a
// guardrail, with the people, groups and owners whom they need. Tests that start from the
// sample data do without, and any administrator decides there.
//
// All of it is the operator's doing, who is none of the people, so that each right counts at
// once. One that an administrator of the demo gives does not count with them, or for whom
// they gave it, within the first day: see [policy.TooNew].
func Govern(ctx context.Context, a *app.App, sim *slacksim.Server, s Sample, workspaceID string) error {
	g := governing{App: a, Sample: s}
	if err := g.people(ctx, sim, workspaceID); err != nil {
		return err
	}
	if err := g.rights(ctx); err != nil {
		return err
	}
	now, err := a.Access.Policies(ctx)
	if err != nil {
		return err
	}
	set := g.set()
	set.Policies = append(set.Policies, now.Policies...) // which are for everything else
	_, problems, err := a.Access.SetPolicies(ctx, app.Operator(), set, access.PolicyChange{Version: now.Version})
	for _, p := range problems.Wrong {
		err = errors.Join(err, fmt.Errorf("%s: %s", p.Field, p.Message))
	}
	return err
}

// governing is the IDs of what the policies name.
type governing struct {
	*app.App
	Sample

	payroll                         string
	platform, security, contractors string // groups
}

// people makes those whom the sample data lacks. Sam decides in the console, and is linked to
// nobody in Slack.
func (g *governing) people(ctx context.Context, sim *slacksim.Server, workspaceID string) error {
	for _, p := range []slacksim.Profile{
		{ID: "U0KIM", Name: "kim", Real: "Kim Contractor", Email: "kim@example.com"},
		{ID: "U0OLGA", Name: "olga", Real: "Olga Owner", Email: "olga@example.com"},
		{ID: "U0SAM", Name: "sam", Real: "Sam Security", Email: "sam@example.com"},
	} {
		u, err := person(ctx, g.App, access.NewUser{Email: p.Email, Name: p.Real})
		if err == nil {
			err = sim.AddPerson("", p)
		}
		if err == nil && p.Name != "sam" {
			err = linkToSlack(ctx, g.App, u, workspaceID, p)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// rights makes the groups, the owners and the payroll database. The owner of an account
// answers for all in it that has no owner of its own.
func (g *governing) rights(ctx context.Context) (err error) {
	if g.platform, err = g.group(ctx, "Platform", "ada@example.com", "bo@example.com"); err != nil {
		return err
	}
	if g.security, err = g.group(ctx, "Security", "sam@example.com"); err != nil {
		return err
	}
	if g.contractors, err = g.group(ctx, "Contractors", "kim@example.com"); err != nil {
		return err
	}
	olga, err := g.Access.UserByEmail(ctx, "olga@example.com")
	if err == nil {
		err = g.Access.SetOwners(ctx, app.Operator(), g.Database, []string{olga.ID}, nil)
	}
	if err == nil {
		err = g.Access.SetOwners(ctx, app.Operator(), g.Production, []string{g.platform}, nil)
	}
	if err != nil {
		return err
	}
	payroll, err := g.Access.CreateResource(ctx, app.Operator(), access.NewResource{
		Name: "payroll-db", Kind: access.ResourceDatabase, AccountID: g.Production, Roles: []string{"reader"},
	})
	g.payroll = payroll.ID
	return err
}

// group makes a group of people, and returns its ID.
func (g *governing) group(ctx context.Context, name string, emails ...string) (string, error) {
	var members []string
	for _, email := range emails {
		u, err := g.Access.UserByEmail(ctx, email)
		if err != nil {
			return "", err
		}
		members = append(members, u.ID)
	}
	made, err := g.Access.CreateGroup(ctx, app.Operator(), access.NewGroup{Name: name, Source: access.SourceLocal})
	if err == nil {
		_, err = g.Access.ChangeMembers(ctx, app.Operator(), access.SourceLocal, made.ID, members, nil, nil)
	}
	return made.ID, err
}

// set is the guardrail and the policies, without that for everything else.
func (g *governing) set() policy.Set {
	everyone, production := policy.Who{Everyone: true}, policy.What{AccountIDs: []string{g.Production}}
	return policy.Set{
		Guardrails: []policy.Guardrail{{
			Name: "Contractors in production", What: production,
			Condition: fmt.Sprintf("%q in holder.groups // the group Contractors", g.contractors), MaxDuration: hours(1),
		}},
		Policies: []policy.Policy{
			{
				Name: "Payroll", Who: everyone, What: policy.What{ResourceIDs: []string{g.payroll}},
				Refuse: "Salaries are for the payroll application alone. Ask finance@example.com for a report.",
			},
			{
				Name: "Production", Who: everyone, What: production, MaxDuration: hours(2),
				Ticket: &policy.Ticket{Pattern: "(INC|OPS)-[0-9]+", Example: "INC-42"},
				Steps: []policy.Step{
					{Name: "Owner", Need: 1, Approvers: policy.Approvers{Owners: true}},
					{Name: "Security", Need: 1, Approvers: policy.Approvers{GroupIDs: []string{g.security}}},
				},
			},
			{
				Name: "Staging", Who: everyone, What: policy.What{AccountIDs: []string{g.Staging}}, MaxDuration: hours(8),
				Steps: []policy.Step{{Need: 1, Approvers: policy.Approvers{GroupIDs: []string{g.platform}}}},
			},
		},
	}
}

func hours(n int) duration.Seconds {
	return duration.Seconds(time.Duration(n) * time.Hour / time.Second)
}
