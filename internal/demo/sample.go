package demo

import (
	"context"

	"procyon/access"
	"procyon/internal/app"
	"procyon/internal/slackapi"
	"procyon/internal/slacksim"
	"procyon/notifier/slackchannel"
	"procyon/notifier/slackwebhook"
	"procyon/slackworkspace"
	"procyon/store"
)

// Password is that of all sample people.
const Password = "procyon-demo-1" //nolint:gosec // of sample people that live as long as the demo, and it prints it

// Sample is what there is to say of the sample data.
type Sample struct {
	Password            string
	Production, Staging string // the IDs of the accounts
	Database            string // the ID of the production database
}

// Seed makes the sample people, accounts, resources and integrations.
func Seed(ctx context.Context, a *app.App, sim *slacksim.Server) (Sample, error) {
	by := app.Operator()
	s := Sample{Password: Password}
	for _, u := range []access.NewUser{
		{Email: "ada@example.com", Name: "Ada Admin", Admin: true},
		{Email: "bo@example.com", Name: "Bo Approver", Admin: true},
		{Email: "dev@example.com", Name: "Dev Developer"},
	} {
		if _, err := person(ctx, a, u); err != nil {
			return s, err
		}
	}
	production, err := a.Access.CreateAccount(ctx, by, access.NewAccount{Name: "Production", Provider: "AWS", ExternalID: "111122223333"})
	if err != nil {
		return s, err
	}
	staging, err := a.Access.CreateAccount(ctx, by, access.NewAccount{Name: "Staging", Provider: "GCP", ExternalID: "procyon-staging"})
	if err != nil {
		return s, err
	}
	s.Production, s.Staging = production.ID, staging.ID
	berlin, err := a.Access.CreateGateway(ctx, by, access.NewGateway{Name: "Berlin office"})
	if err != nil {
		return s, err
	}
	for i, r := range []access.NewResource{
		{Name: "orders-db", Kind: access.ResourceDatabase, AccountID: production.ID, Roles: []string{"reader", "writer"}},
		{Name: "PowerUser", Kind: access.ResourceCloudRole, AccountID: production.ID},
		{Name: "events-kafka", Kind: access.ResourceKafkaCluster, AccountID: production.ID, Roles: []string{"consumer", "admin"}},
		{Name: "staging-cluster", Kind: access.ResourceKubernetesCluster, AccountID: staging.ID, Roles: []string{"view", "edit", "cluster-admin"}},
		{Name: "grafana", Kind: access.ResourceApplication, AccountID: staging.ID, Roles: []string{"viewer", "editor"}},
		{Name: "bastion-1", Kind: access.ResourcePrivateServer, GatewayID: berlin.ID},
		{Name: "build-mac", Kind: access.ResourcePrivateServer},
		{Name: "finance-rdp", Kind: access.ResourceWindowsServer, GatewayID: berlin.ID},
	} {
		made, err := a.Access.CreateResource(ctx, by, r)
		if err != nil {
			return s, err
		}
		if i == 0 {
			s.Database = made.ID
		}
	}
	return s, link(ctx, a, sim, production.ID, staging.ID)
}

// person makes a sample person, who signs in with Password.
func person(ctx context.Context, a *app.App, u access.NewUser) (access.User, error) {
	made, err := a.Access.CreateUser(ctx, app.Operator(), u)
	if err == nil {
		err = a.Auth.SetPassword(ctx, app.Operator(), made.ID, Password)
	}
	return made, err
}

// link makes the two sample integrations, and ties them to accounts and channels.
func link(ctx context.Context, a *app.App, sim *slacksim.Server, production, staging string) error {
	by := app.Operator()
	prod, err := a.Access.CreateIntegration(ctx, by, access.NewIntegration{
		Name: "Production approvals", Kind: slackwebhook.Name, URL: sim.AddWebhook("prod-approvals"),
	})
	if err != nil {
		return err
	}
	infra, err := a.Access.CreateIntegration(ctx, by, access.NewIntegration{
		Name: "Infra approvals", Kind: slackwebhook.Name, URL: sim.AddWebhook("infra-approvals"),
	})
	if err != nil {
		return err
	}
	if _, err := a.Access.SetIntegrationAccounts(ctx, by, prod.ID, []string{production}); err != nil {
		return err
	}
	if _, err := a.Access.SetIntegrationAccounts(ctx, by, infra.ID, []string{staging}); err != nil {
		return err
	}
	_, err = a.Access.SetNotificationChannels(ctx, by, infra.ID, true, true)
	return err
}

// Install installs the app in the simulated workspace, and links those who decide.
// Dev links by /procyon login. It returns the workspace's ID.
func Install(ctx context.Context, a *app.App, sim *slacksim.Server) (string, error) {
	in, err := sim.Install("")
	if err != nil {
		return "", err
	}
	w, err := a.SlackBot().Install(ctx, slackapi.Installation{
		TeamID: in.TeamID, TeamName: "Procyon demo", AppID: sim.App().ID, BotUserID: in.BotUserID, Scopes: in.Scopes, Token: in.Token,
	})
	if err == nil {
		err = AcceptWorkspace(ctx, a.Core, w)
	}
	if err != nil {
		return "", err
	}
	for _, p := range slacksim.SamplePeople() {
		if p.Name == "dev" {
			continue
		}
		u, err := a.Access.UserByEmail(ctx, p.Email)
		if err == nil {
			err = linkToSlack(ctx, a, u, w, p)
		}
		if err != nil {
			return "", err
		}
	}
	return w, post(ctx, a, sim, w)
}

// linkToSlack links a sample person to who they are in a workspace.
func linkToSlack(ctx context.Context, a *app.App, u access.User, workspaceID string, p slacksim.Profile) error {
	by := access.Actor{Kind: access.ActorUser, ID: u.ID, Name: u.Name, Email: u.Email, Admin: u.Admin, Via: "cli"}
	_, err := a.Workspaces.Link(ctx, by, slackworkspace.NewLink{WorkspaceID: workspaceID, SlackUserID: p.ID, SlackName: p.Real, SlackEmail: p.Email})
	return err
}

// AcceptWorkspace lets a workspace be used, as it is installed now.
func AcceptWorkspace(ctx context.Context, k *app.Core, id string) error {
	w, err := k.Workspaces.WorkspaceByID(ctx, id)
	if err == nil {
		_, err = k.Workspaces.Accept(ctx, app.Operator(), id, w.InstalledAt)
	}
	return err
}

// post makes a channel in which the bot itself posts what concerns production and
// servers.
func post(ctx context.Context, a *app.App, sim *slacksim.Server, workspaceID string) error {
	by := app.Operator()
	channel, err := sim.AddChannel("", "oncall", false)
	if err != nil {
		return err
	}
	i, err := a.Access.CreateIntegration(ctx, by, access.NewIntegration{
		Name: "On call", Kind: slackchannel.Name, Channel: &access.Channel{WorkspaceID: workspaceID, ChannelID: channel},
	})
	if err != nil {
		return err
	}
	production, err := a.Access.Accounts(ctx, "Production", store.Page{First: 1})
	if err != nil {
		return err
	}
	for _, account := range production.Docs {
		if _, err := a.Access.SetIntegrationAccounts(ctx, by, i.ID, []string{account.ID}); err != nil {
			return err
		}
	}
	_, err = a.Access.SetNotificationChannels(ctx, by, i.ID, true, true)
	return err
}
