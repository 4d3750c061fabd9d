package app

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"text/template"

	"golang.org/x/sync/errgroup"

	"procyon/access"
	"procyon/internal/slackapi"
	"procyon/internal/slacksim"
	"procyon/notifier/slackchannel"
	"procyon/notifier/slackwebhook"
	"procyon/slackworkspace"
	"procyon/store"
)

const (
	demoPassword = "procyon-demo-1" //nolint:gosec // of sample people that live as long as the demo, and it prints it
	demoSlack    = "127.0.0.1:8090"
)

// demo runs the whole product on this machine: the gateway with its workers, a
// simulated Slack, and sample data, all made anew at each start.
func demo(ctx context.Context, c *call) error {
	var cfg config
	var slack string
	f := newFlags("demo", c)
	f.gatewayFlags(&cfg)
	f.text(&slack, "demo-slack", demoSlack, "the address of the simulated Slack")
	if err := f.parse(c.args); err != nil {
		return err
	}
	cfg.store, cfg.workers, cfg.webhookHosts = "sqlite:"+filepath.Join("data", "demo", "procyon.db"), "notifier,slackbot", "127.0.0.1"
	if err := cfg.check(); err != nil {
		return err
	}
	log, err := cfg.logger(c.err)
	if err != nil {
		return err
	}
	if err := os.RemoveAll(filepath.Join("data", "demo")); err != nil {
		return fmt.Errorf("remove the last demo: %w", err)
	}
	sim := slacksim.New(slacksim.Options{BaseURL: "http://" + slack})
	defer sim.Close()
	connect(sim, &cfg, "http://"+slack)
	g, err := openGateway(ctx, &cfg, log)
	if err != nil {
		return err
	}
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return sim.ListenAndServe(ctx, slack) })
	group.Go(func() error {
		return g.run(ctx, &cfg, func(ctx context.Context) error {
			s, err := seed(ctx, g, sim)
			if err == nil {
				err = install(ctx, g, sim)
			}
			if err != nil {
				return err
			}
			s.Console, s.Slack, s.Store = cfg.publicURL, "http://"+slack, cfg.store
			return welcome.Execute(c.out, s)
		})
	})
	return errors.Join(group.Wait(), g.close())
}

// connect tells the simulated Slack where the app is, and the app where Slack is.
func connect(sim *slacksim.Server, cfg *config, slack string) {
	sim.SetApp(slacksim.App{
		CommandURL: cfg.publicURL + "/slack/command", InteractionURL: cfg.publicURL + "/slack/interaction", EventURL: cfg.publicURL + "/slack/event",
		RedirectURLs: []string{cfg.publicURL + "/slack/oauth"},
	})
	app := sim.App()
	cfg.slack.signingSecret, cfg.slack.apiURL = app.SigningSecret, slack+"/api/"
	cfg.slack.clientID, cfg.slack.clientSecret = app.ClientID, app.ClientSecret
}

// install installs the app in the simulated workspace, and links those who decide.
// Dev links by /procyon login.
func install(ctx context.Context, g *gateway, sim *slacksim.Server) error {
	in, err := sim.Install("")
	if err != nil {
		return err
	}
	w, err := g.slack.Install(ctx, slackapi.Installation{
		TeamID: in.TeamID, TeamName: "Procyon demo", AppID: sim.App().ID, BotUserID: in.BotUserID, Scopes: in.Scopes, Token: in.Token,
	})
	if err == nil {
		err = acceptWorkspace(ctx, g.core, w)
	}
	if err != nil {
		return err
	}
	for _, p := range slacksim.SamplePeople() {
		if p.Name == "dev" {
			continue
		}
		u, err := g.access.UserByEmail(ctx, p.Email)
		if err != nil {
			return err
		}
		by := access.Actor{Kind: access.ActorUser, ID: u.ID, Name: u.Name, Email: u.Email, Admin: u.Admin, Via: "cli"}
		_, err = g.workspaces.Link(ctx, by, slackworkspace.NewLink{WorkspaceID: w, SlackUserID: sim.As(p.Name).ID(), SlackName: p.Real, SlackEmail: p.Email})
		if err != nil {
			return err
		}
	}
	return post(ctx, g, sim, w)
}

// acceptWorkspace lets a workspace be used, as it is installed now.
func acceptWorkspace(ctx context.Context, k *core, id string) error {
	w, err := k.workspaces.WorkspaceByID(ctx, id)
	if err == nil {
		_, err = k.workspaces.Accept(ctx, operator(), id, w.InstalledAt)
	}
	return err
}

// post makes a channel in which the bot itself posts what concerns production and
// servers.
func post(ctx context.Context, g *gateway, sim *slacksim.Server, workspaceID string) error {
	by := operator()
	channel, err := sim.AddChannel("", "oncall", false)
	if err != nil {
		return err
	}
	i, err := g.access.CreateIntegration(ctx, by, access.NewIntegration{
		Name: "On call", Kind: slackchannel.Name, Channel: &access.Channel{WorkspaceID: workspaceID, ChannelID: channel},
	})
	if err != nil {
		return err
	}
	production, err := g.access.Accounts(ctx, "Production", store.Page{First: 1})
	if err != nil {
		return err
	}
	for _, a := range production.Docs {
		if _, err := g.access.SetIntegrationAccounts(ctx, by, i.ID, []string{a.ID}); err != nil {
			return err
		}
	}
	_, err = g.access.SetNotificationChannels(ctx, by, i.ID, true, true)
	return err
}

// sample is what the demo tells of its sample data.
type sample struct {
	Console, Slack, Store, Password string
	Database                        string
}

var welcome = template.Must(template.New("").Parse(`
Procyon runs, with a simulated Slack and sample data.

  Console          {{.Console}}
  Simulated Slack  {{.Slack}}
  Sign in as       ada@example.com (administrator) or dev@example.com
  Password         {{.Password}}

In the simulated Slack, be Dev and type /procyon request in any channel; then be
Bo or Ada, and decide in #oncall, or in the direct message that Procyon sent.

The production database is {{.Database}}.
A token for scripts: go run . token create --store {{.Store}} --user dev@example.com

Press Ctrl-C to stop.
`))

// seed makes the sample people, accounts, resources and integrations.
func seed(ctx context.Context, g *gateway, sim *slacksim.Server) (sample, error) {
	by := operator()
	s := sample{Password: demoPassword}
	for _, u := range []access.NewUser{
		{Email: "ada@example.com", Name: "Ada Admin", Admin: true},
		{Email: "bo@example.com", Name: "Bo Approver", Admin: true},
		{Email: "dev@example.com", Name: "Dev Developer"},
	} {
		made, err := g.access.CreateUser(ctx, by, u)
		if err != nil {
			return s, err
		}
		if err := g.auth.SetPassword(ctx, made.ID, demoPassword); err != nil {
			return s, err
		}
	}
	production, err := g.access.CreateAccount(ctx, by, access.NewAccount{Name: "Production", Provider: "AWS", ExternalID: "111122223333"})
	if err != nil {
		return s, err
	}
	staging, err := g.access.CreateAccount(ctx, by, access.NewAccount{Name: "Staging", Provider: "GCP", ExternalID: "procyon-staging"})
	if err != nil {
		return s, err
	}
	berlin, err := g.access.CreateGateway(ctx, by, access.NewGateway{Name: "Berlin office"})
	if err != nil {
		return s, err
	}
	for i, r := range []access.NewResource{
		{Name: "orders-db", Kind: access.Database, AccountID: production.ID, Roles: []string{"reader", "writer"}},
		{Name: "PowerUser", Kind: access.CloudRole, AccountID: production.ID},
		{Name: "events-kafka", Kind: access.KafkaCluster, AccountID: production.ID, Roles: []string{"consumer", "admin"}},
		{Name: "staging-cluster", Kind: access.KubernetesCluster, AccountID: staging.ID, Roles: []string{"view", "edit", "cluster-admin"}},
		{Name: "grafana", Kind: access.Application, AccountID: staging.ID, Roles: []string{"viewer", "editor"}},
		{Name: "bastion-1", Kind: access.PrivateServer, GatewayID: berlin.ID},
		{Name: "build-mac", Kind: access.PrivateServer},
		{Name: "finance-rdp", Kind: access.WindowsServer, GatewayID: berlin.ID},
	} {
		made, err := g.access.CreateResource(ctx, by, r)
		if err != nil {
			return s, err
		}
		if i == 0 {
			s.Database = made.ID
		}
	}
	return s, link(ctx, g, sim, production.ID, staging.ID)
}

// link makes the two sample integrations, and ties them to accounts and channels.
func link(ctx context.Context, g *gateway, sim *slacksim.Server, production, staging string) error {
	by := operator()
	prod, err := g.access.CreateIntegration(ctx, by, access.NewIntegration{
		Name: "Production approvals", Kind: slackwebhook.Name, URL: sim.AddWebhook("prod-approvals"),
	})
	if err != nil {
		return err
	}
	infra, err := g.access.CreateIntegration(ctx, by, access.NewIntegration{
		Name: "Infra approvals", Kind: slackwebhook.Name, URL: sim.AddWebhook("infra-approvals"),
	})
	if err != nil {
		return err
	}
	if _, err := g.access.SetIntegrationAccounts(ctx, by, prod.ID, []string{production}); err != nil {
		return err
	}
	if _, err := g.access.SetIntegrationAccounts(ctx, by, infra.ID, []string{staging}); err != nil {
		return err
	}
	_, err = g.access.SetNotificationChannels(ctx, by, infra.ID, true, true)
	return err
}
