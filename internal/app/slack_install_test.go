package app

import (
	"io"
	"net/http"
	"net/http/cookiejar"
	"strings"
	"testing"

	"procyon/access"
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
	b.t.Helper()
	jar, err := cookiejar.New(nil)
	b.must(err)
	return &visitor{b, &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
}

// get returns a page, or where it leads.
func (v *visitor) get(url string) (body, location string) {
	v.b.t.Helper()
	req, err := http.NewRequestWithContext(v.b.ctx, http.MethodGet, url, nil)
	v.b.must(err)
	resp, err := v.web.Do(req)
	v.b.must(err)
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	v.b.must(err)
	return string(data), resp.Header.Get("Location")
}

// install goes through Slack's pages as a person, and returns the last page.
func (v *visitor) install(p *slacksim.Person, g slacksim.Grant) string {
	v.b.t.Helper()
	return v.installFrom(p, g, "/slack/install")
}

// add is install by who began in the console as an administrator.
func (v *visitor) add(p *slacksim.Person, g slacksim.Grant) string {
	v.b.t.Helper()
	u := v.b.person("ada@example.com")
	token, _, err := v.b.g.auth.OfferSlackInstall(v.b.ctx, access.Actor{Kind: access.ActorUser, ID: u.ID, Admin: u.Admin})
	v.b.must(err)
	return v.installFrom(p, g, "/slack/install?offer="+token)
}

func (v *visitor) installFrom(p *slacksim.Person, g slacksim.Grant, path string) string {
	v.b.t.Helper()
	_, to := v.get(v.b.cfg.publicURL + path)
	back, err := p.Allow(to, g)
	v.b.must(err)
	page, _ := v.get(back)
	return page
}

func (b *slackBed) workspace(slackID string) slackworkspace.Workspace {
	b.t.Helper()
	w, err := b.g.workspaces.Workspace(b.ctx, slackID)
	b.must(err)
	return w
}

// The app can be installed in several workspaces; the channel that was chosen for
// its webhook is offered as an integration, and works as one.
func TestSlackInstallOffersItsWebhook(t *testing.T) {
	b := newSlackBed(t)
	b.must(b.sim.AddWorkspace(slacksim.Workspace{ID: "T0OTHER", Name: "Other", People: []slacksim.Profile{{Name: "eve", Real: "Eve", Email: "eve@other.example"}}}))
	_, err := b.sim.AddChannel("T0OTHER", "ops", false)
	b.must(err)
	page := b.visitor().add(b.sim.As("eve").In("T0OTHER"), slacksim.Grant{Channel: "ops"})
	if !strings.Contains(page, "<h1>Procyon is installed</h1>") || !strings.Contains(page, "other.slack.com") || !strings.Contains(page, "#ops") {
		t.Fatalf("after the installation: %s", page)
	}
	w := b.workspace("T0OTHER")
	if w.Webhook == nil || w.Webhook.Channel != "#ops" || strings.Contains(w.Webhook.SealedURL, "http") {
		t.Fatalf("%+v", w.Webhook)
	}
	i, err := b.g.access.CreateIntegration(b.ctx, operator(), access.NewIntegration{Name: "Other ops", Kind: slackwebhook.Name, OfferedBy: w.ID})
	b.must(err)
	_, err = b.g.ledger.Test(b.ctx, i.ID, i.Name)
	b.must(err)
	b.must(b.await(func() bool {
		for _, m := range b.sim.As("eve").In("T0OTHER").Messages("ops") {
			if strings.Contains(m.Text, "This integration works") {
				return true
			}
		}
		return false
	}))
	// Eve is a stranger here, and the first workspace's people are not hers.
	b.must(b.sim.As("eve").In("T0OTHER").Command(b.ctx, "ops", "/procyon help"))
	said, err := b.sim.As("eve").In("T0OTHER").ExpectEphemeral(b.ctx)
	b.must(err)
	if !strings.Contains(said.Text, "You are not linked yet") {
		t.Errorf("%q", said.Text)
	}
}

// One installation for an organisation serves all its workspaces, until it is gone.
func TestSlackOrganisation(t *testing.T) {
	b := newSlackBed(t)
	for _, id := range []string{"T0ONE", "T0TWO"} {
		b.must(b.sim.AddWorkspace(slacksim.Workspace{ID: id, Name: id, Enterprise: "E0ACME", People: []slacksim.Profile{{Name: "eve", Real: "Eve", Email: "eve@acme.example"}}}))
		_, err := b.sim.AddChannel(id, "general", false)
		b.must(err)
	}
	eve := func(id string) *slacksim.Person { return b.sim.As("eve").In(id) }
	page := b.visitor().add(eve("T0ONE"), slacksim.Grant{Organisation: true, Channel: "general"})
	if !strings.Contains(page, "<h1>Procyon is installed</h1>") {
		t.Fatalf("%s", page)
	}
	if w := b.workspace("E0ACME"); !w.Organization {
		t.Errorf("%+v", w)
	}
	for _, id := range []string{"T0ONE", "T0TWO"} {
		b.must(eve(id).Command(b.ctx, "general", "/procyon help"))
		said, err := eve(id).ExpectEphemeral(b.ctx)
		b.must(err)
		if !strings.Contains(said.Text, "You are not linked yet") {
			t.Errorf("%s: %q", id, said.Text)
		}
	}
	b.must(b.sim.Uninstall("E0ACME", true))
	b.must(b.sim.Settle(b.ctx))
	b.must(b.await(func() bool { return b.workspace("E0ACME").Removed }))
	b.refused("account_inactive") // the bot asks whether its token works
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
	b.must(b.sim.Uninstall(team, revokedFirst))
	b.must(b.sim.Settle(b.ctx))
	b.must(b.await(func() bool { return b.workspace(team).Removed }))
	if page := b.visitor().add(b.sim.As("ada"), slacksim.Grant{Channel: "prod-approvals"}); !strings.Contains(page, "Procyon is installed") {
		t.Fatalf("%s", page)
	}
	for _, kind := range []string{"app_uninstalled", "tokens_revoked"} {
		_, _, err := b.sim.Again(b.ctx, kind)
		b.must(err)
	}
	if b.workspace(team).Removed {
		t.Error("an old event ended the new installation")
	}
	b.must(b.sim.As("ada").Command(b.ctx, "", "/procyon help"))
	said, err := b.sim.As("ada").ExpectEphemeral(b.ctx)
	b.must(err)
	if !strings.Contains(said.Text, "linked as Ada Admin") { // links outlast the app
		t.Errorf("%q", said.Text)
	}
	b.refused("token_revoked", "account_inactive", "invalid_auth")
}

// teamID is the sample workspace's ID at Slack.
func (b *slackBed) teamID() string {
	b.t.Helper()
	l, err := b.g.workspaces.Workspaces(b.ctx, store.Page{First: 1})
	b.must(err)
	w, err := access.Decode[slackworkspace.Workspace](l.Docs[0])
	b.must(err)
	return w.SlackID
}

// Cancel installs nothing.
func TestSlackInstallCanceled(t *testing.T) {
	b := newSlackBed(t)
	v := b.visitor()
	_, to := v.get(b.cfg.publicURL + "/slack/install")
	back, err := b.sim.As("ada").Refuse(to)
	b.must(err)
	if page, _ := v.get(back); !strings.Contains(page, "nothing was installed") {
		t.Errorf("%s", page)
	}
}
