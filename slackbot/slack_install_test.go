package slackbot_test

import (
	"io"
	"net/http"
	"net/http/cookiejar"
	"strings"
	"testing"
	"time"

	"procyon/access"
	"procyon/internal/app"
	"procyon/internal/slacksim"
	"procyon/notifier/slackwebhook"
	"procyon/slackworkspace"
	"procyon/store"
)

// visitor is somebody's browser.
type visitor struct {
	b   *slackBed
	web *http.Client
}

func (b *slackBed) visitor() *visitor {
	b.T.Helper()
	jar, err := cookiejar.New(nil)
	b.Must(err)
	return &visitor{b, &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
}

// get returns a page, or where it leads.
func (v *visitor) get(url string) (body, location string) {
	v.b.T.Helper()
	req, err := http.NewRequestWithContext(v.b.Ctx, http.MethodGet, url, nil)
	v.b.Must(err)
	resp, err := v.web.Do(req)
	v.b.Must(err)
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	v.b.Must(err)
	return string(data), resp.Header.Get("Location")
}

// install goes through Slack's pages as a person, and returns the last page.
func (v *visitor) install(p *slacksim.Person, g slacksim.Grant) string {
	v.b.T.Helper()
	return v.installFrom(p, g, "/slack/install")
}

// add is install by who began in the console as an administrator.
func (v *visitor) add(p *slacksim.Person, g slacksim.Grant) string {
	v.b.T.Helper()
	u := v.b.Person("ada@example.com")
	token, _, err := v.b.App.Auth.OfferSlackInstall(v.b.Ctx, access.Actor{Kind: access.ActorUser, ID: u.ID, Admin: u.Admin})
	v.b.Must(err)
	return v.installFrom(p, g, "/slack/install?offer="+token)
}

func (v *visitor) installFrom(p *slacksim.Person, g slacksim.Grant, path string) string {
	v.b.T.Helper()
	_, to := v.get(v.b.Config.Server.PublicURL + path)
	back, err := p.Allow(to, g)
	v.b.Must(err)
	page, _ := v.get(back)
	return page
}

func (b *slackBed) workspace(slackID string) slackworkspace.Workspace {
	b.T.Helper()
	w, err := b.App.Workspaces.Workspace(b.Ctx, slackID)
	b.Must(err)
	return w
}

// The app can be installed in several workspaces; the channel that was chosen for
// its webhook is offered as an integration, and works as one.
func TestSlackInstallOffersItsWebhook(t *testing.T) {
	b := newSlackBed(t)
	b.Must(b.Sim.AddWorkspace(slacksim.Workspace{ID: "T0OTHER", Name: "Other", People: []slacksim.Profile{{Name: "eve", Real: "Eve", Email: "eve@other.example"}}}))
	_, err := b.Sim.AddChannel("T0OTHER", "ops", false)
	b.Must(err)
	page := b.visitor().add(b.Sim.As("eve").In("T0OTHER"), slacksim.Grant{Channel: "ops"})
	if !strings.Contains(page, "<h1>Procyon is installed</h1>") || !strings.Contains(page, "other.slack.com") || !strings.Contains(page, "#ops") {
		t.Fatalf("after the installation: %s", page)
	}
	w := b.workspace("T0OTHER")
	if w.Webhook == nil || w.Webhook.Channel != "#ops" || strings.Contains(w.Webhook.SealedURL, "http") {
		t.Fatalf("%+v", w.Webhook)
	}
	i, err := b.App.Access.CreateIntegration(b.Ctx, app.Operator(), access.NewIntegration{Name: "Other ops", Kind: slackwebhook.Name, OfferedBy: w.ID})
	b.Must(err)
	_, err = b.App.Ledger.Test(b.Ctx, i.ID, i.Name)
	b.Must(err)
	b.Must(b.Await(func() bool {
		for _, m := range b.Sim.As("eve").In("T0OTHER").Messages("ops") {
			if strings.Contains(m.Text, "This integration works") {
				return true
			}
		}
		return false
	}))
	// Eve is a stranger here, and the first workspace's people are not hers.
	b.Must(b.Sim.As("eve").In("T0OTHER").Command(b.Ctx, "ops", "/procyon help"))
	said, err := b.Sim.As("eve").In("T0OTHER").ExpectEphemeral(b.Ctx)
	b.Must(err)
	if !strings.Contains(said.Text, "You are not linked yet") {
		t.Errorf("%q", said.Text)
	}
}

// One installation for an organisation serves all its workspaces, until it is gone.
func TestSlackOrganisation(t *testing.T) {
	b := newSlackBed(t)
	for _, id := range []string{"T0ONE", "T0TWO"} {
		b.Must(b.Sim.AddWorkspace(slacksim.Workspace{ID: id, Name: id, Enterprise: "E0ACME", People: []slacksim.Profile{{Name: "eve", Real: "Eve", Email: "eve@acme.example"}}}))
		_, err := b.Sim.AddChannel(id, "general", false)
		b.Must(err)
	}
	eve := func(id string) *slacksim.Person { return b.Sim.As("eve").In(id) }
	page := b.visitor().add(eve("T0ONE"), slacksim.Grant{Organisation: true, Channel: "general"})
	if !strings.Contains(page, "<h1>Procyon is installed</h1>") {
		t.Fatalf("%s", page)
	}
	if w := b.workspace("E0ACME"); !w.Organization {
		t.Errorf("%+v", w)
	}
	for _, id := range []string{"T0ONE", "T0TWO"} {
		b.Must(eve(id).Command(b.Ctx, "general", "/procyon help"))
		said, err := eve(id).ExpectEphemeral(b.Ctx)
		b.Must(err)
		if !strings.Contains(said.Text, "You are not linked yet") {
			t.Errorf("%s: %q", id, said.Text)
		}
	}
	b.Must(b.Sim.Uninstall("E0ACME", true))
	b.Must(b.Sim.Settle(b.Ctx))
	b.Must(b.Await(func() bool { return b.workspace("E0ACME").Removed }))
	b.Expect("account_inactive") // the bot asks whether its token works
}

// The app can go and come back; events of the old installation that arrive late do
// not end the new one.
func TestSlackInstallAgain(t *testing.T) {
	for name, revokedFirst := range map[string]bool{"tokens first": true, "app first": false} {
		t.Run(name, func(t *testing.T) { installAgain(t, revokedFirst) })
	}
}

func installAgain(t *testing.T, revokedFirst bool) {
	b := newSlackBed(t)
	team := b.workspace(b.teamID()).SlackID
	b.Must(b.Sim.Uninstall(team, revokedFirst))
	b.Must(b.Sim.Settle(b.Ctx))
	b.Must(b.Await(func() bool { return b.workspace(team).Removed }))
	if page := b.visitor().add(b.Sim.As("ada"), slacksim.Grant{Channel: "prod-approvals"}); !strings.Contains(page, "Procyon is installed") {
		t.Fatalf("%s", page)
	}
	for _, kind := range []string{"app_uninstalled", "tokens_revoked"} {
		_, _, err := b.Sim.Again(b.Ctx, kind)
		b.Must(err)
	}
	if b.workspace(team).Removed {
		t.Error("an old event ended the new installation")
	}
	b.Must(b.Sim.As("ada").Command(b.Ctx, "", "/procyon help"))
	said, err := b.Sim.As("ada").ExpectEphemeral(b.Ctx)
	b.Must(err)
	if !strings.Contains(said.Text, "linked as Ada Admin") { // links outlast the app
		t.Errorf("%q", said.Text)
	}
	b.Expect("token_revoked", "account_inactive", "invalid_auth")
}

// teamID is the sample workspace's ID at Slack.
func (b *slackBed) teamID() string {
	b.T.Helper()
	l, err := b.App.Workspaces.Workspaces(b.Ctx, store.Page{First: 1})
	b.Must(err)
	w, err := access.Decode[slackworkspace.Workspace](l.Docs[0])
	b.Must(err)
	return w.SlackID
}

// Cancel installs nothing.
func TestSlackInstallCanceled(t *testing.T) {
	b := newSlackBed(t)
	v := b.visitor()
	_, to := v.get(b.Config.Server.PublicURL + "/slack/install")
	back, err := b.Sim.As("ada").Refuse(to)
	b.Must(err)
	if page, _ := v.get(back); !strings.Contains(page, "nothing was installed") {
		t.Errorf("%s", page)
	}
}

// What the lack of the app broke is mended when it is installed again: integrations come
// back, and messages show what happened meanwhile.
func TestSlackInstallAgainMends(t *testing.T) {
	b := newSlackBed(t, func(b *slackBed) { b.Config.Slack.SweepEvery = 50 * time.Millisecond })
	i, _ := b.channel("access")
	ada, bo := b.Sim.As("ada"), b.Sim.As("bo")
	b.ask(ada, "finance-rdp 1h closing the books")
	direct, asked := b.asked(bo, ""), b.asked(bo, "access")
	r, team := b.open(), b.workspace(b.teamID()).SlackID
	b.Expect("token_revoked", "account_inactive", "invalid_auth")
	b.Must(b.Sim.Uninstall(team, true))
	b.Must(b.Sim.Settle(b.Ctx))
	b.Must(b.Await(func() bool { return b.workspace(team).Removed }))
	decide := access.ReviewRequest{Basis: access.Basis{ExpectedVersion: r.Version()}, Subject: access.SubjectRequest, Decision: access.DecisionDeny, Comment: "not now"}
	_, err := b.App.Access.ReviewRequest(b.Ctx, b.actorOf("bo@example.com"), r.ID, decide)
	b.Must(err)
	broken := func() bool {
		now, err := b.App.Access.Integration(b.Ctx, i.ID)
		b.Must(err)
		return now.Status == access.IntegrationBroken
	}
	b.Must(b.Await(broken))
	if page := b.visitor().add(ada, slacksim.Grant{Channel: "prod-approvals"}); !strings.Contains(page, "Procyon is installed") {
		t.Fatalf("%s", page)
	}
	if broken() {
		t.Error("the integration is still broken")
	}
	for _, m := range []slacksim.Message{direct, asked} {
		after := b.decided(bo, m)
		if !strings.Contains(after.Text, "Denied by Bo Approver") || !strings.Contains(after.Text, "finance-rdp") {
			t.Errorf("after the app is back: %q", after.Text)
		}
	}
	_, err = b.App.Ledger.Test(b.Ctx, i.ID, i.Name)
	b.Must(err)
	_, err = b.Sim.Await(b.Ctx, "access", func(m slacksim.Message) bool { return strings.Contains(m.Text, "This integration works") })
	b.Must(err)
}
