package slackbot_test

import (
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"procyon/access"
	"procyon/internal/app"
	"procyon/internal/app/apptest"
	"procyon/internal/demo"
	"procyon/internal/slacksim"
	"procyon/slackworkspace"
	"procyon/store"
)

// other adds a workspace in which eve has given herself Ada's e-mail address, and installs
// the app there as a stranger.
func (b *slackBed) other() *slacksim.Person {
	b.T.Helper()
	b.Must(b.Sim.AddWorkspace(slacksim.Workspace{ID: "T0OTHER", Name: "Other", People: []slacksim.Profile{{Name: "eve", Real: "Ada Admin", Email: "ada@example.com"}}}))
	_, err := b.Sim.AddChannel("T0OTHER", "general", false)
	b.Must(err)
	eve := b.Sim.As("eve").In("T0OTHER")
	page := b.visitor().install(eve, slacksim.Grant{Channel: "general"})
	if !strings.Contains(page, "Procyon is installed, and waits for an administrator") || !strings.Contains(page, "other.slack.com") {
		b.T.Fatalf("after the installation: %s", page)
	}
	return eve
}

// told counts the direct messages to somebody that say what waits for an administrator.
func told(p *slacksim.Person) (n int, last string) {
	for _, m := range p.DMs() {
		if strings.Contains(m.Text, "This needs an administrator of Procyon") {
			n, last = n+1, m.Text
		}
	}
	return n, last
}

func (b *slackBed) hears(p *slacksim.Person, n int) string {
	b.T.Helper()
	var last string
	b.Must(b.Await(func() bool {
		var got int
		got, last = told(p)
		return got >= n
	}))
	return last
}

func (b *slackBed) ephemeral(p *slacksim.Person, channel, command string) slacksim.Message {
	b.T.Helper()
	b.Must(p.Command(b.Ctx, channel, command))
	m, err := p.ExpectEphemeral(b.Ctx)
	b.Must(err)
	return m
}

// Whoever installs the app in a workspace of their own, and gives themselves somebody
// else's e-mail address there, gets nothing until an administrator has accepted it.
func TestSlackWorkspaceOfAStranger(t *testing.T) {
	b := newSlackBed(t)
	ada := b.Sim.As("ada")
	_, err := ada.OpenHome()
	b.Must(err)
	eve := b.other()
	w := b.workspace("T0OTHER")
	if !w.Waiting || w.Domain != "other.slack.com" {
		t.Fatalf("%+v", w)
	}
	for _, command := range []string{"help", "login", "logout", "request orders-db", "approvals"} {
		said := b.ephemeral(eve, "general", "/procyon "+command)
		if !strings.Contains(said.Text, "waits for an administrator of Procyon to accept it") || !strings.Contains(said.Text, "/links") {
			t.Errorf("/procyon %s: %s", command, said.Text)
		}
	}
	if _, err := eve.OpenHome(); err != nil {
		t.Error(err)
	}
	b.Must(b.Sim.Settle(b.Ctx))
	if home := eve.Home(); home != nil && home.Text() != "" {
		t.Errorf("a Home tab is drawn: %s", home.Text())
	}
	b.Ahead(time.Minute) // what fails at once is told at once
	if text := b.hears(ada, 1); !strings.Contains(text, "“Other” (other.slack.com, T0OTHER) has the app and waits to be accepted") || !strings.Contains(text, "/slack") {
		t.Errorf("%s", text)
	}
	_, err = ada.AwaitHome(b.Ctx, "Needs an administrator")
	b.Must(err)
	if dms := eve.DMs(); len(dms) > 0 {
		t.Errorf("eve hears %v", dms)
	}

	b.Must(demo.AcceptWorkspace(b.Ctx, b.App.Core, w.ID))
	if said := b.ephemeral(eve, "general", "/procyon help"); !strings.Contains(said.Text, "You are not linked yet") {
		t.Errorf("accepted, and /procyon says %s", said.Text)
	}
	b.Must(b.Await(func() bool { return !strings.Contains(ada.Home().Text(), "Needs an administrator") }))

	_, err = b.App.Workspaces.Remove(b.Ctx, app.Operator(), w.ID, nil)
	b.Must(err)
	if said := b.ephemeral(eve, "general", "/procyon help"); !strings.Contains(said.Text, "not installed in your Slack workspace") {
		t.Errorf("removed, and /procyon says %s", said.Text)
	}
	b.Must(b.App.SlackBot().RotateTokens(b.Ctx))
	account, err := b.App.Access.ServiceAccountByName(b.Ctx, "slackbot")
	b.Must(err)
	kept, err := b.App.Records.List(b.Ctx, account.ID, "tok/T0OTHER", "", 1)
	b.Must(err)
	if len(kept) != 1 || strings.Contains(kept[0].Value, "xox") {
		t.Errorf("the token of a removed workspace is kept: %d records", len(kept))
	}
	b.visitor().install(eve, slacksim.Grant{Channel: "general"})
	if w := b.workspace("T0OTHER"); !w.Waiting || w.Removed {
		t.Errorf("installed again: %+v", w)
	}
}

// In a channel of a workspace that was removed and installed again nothing is posted
// until it is accepted anew; what is owed there waits, and the messages that are there
// offer nothing to anybody.
func TestSlackWorkspaceThatCameBackWaits(t *testing.T) {
	b := newSlackBed(t)
	ada := b.Sim.As("ada")
	b.Must(ada.Command(b.Ctx, "", "/procyon request finance-rdp 1h month's end"))
	form, err := ada.AwaitModal(b.Ctx, "Ask for access")
	b.Must(err)
	b.Must(b.Await(func() bool { return len(form.Value("reason")) > 0 && form.Value("reason")[0] != "" }))
	b.Must(form.Submit(b.Ctx))
	asked := b.asked(b.Sim.As("bo"), "oncall")
	team := b.teamID()
	_, err = b.App.Workspaces.Remove(b.Ctx, app.Operator(), b.workspace(team).ID, nil)
	b.Must(err)
	if page := b.visitor().install(ada, slacksim.Grant{Channel: "prod-approvals"}); !strings.Contains(page, "waits for an administrator") {
		t.Fatalf("%s", page)
	}
	b.Must(b.Sim.As("bo").Click(b.Ctx, asked, "Approve"))
	said, err := b.Sim.As("bo").ExpectEphemeral(b.Ctx)
	b.Must(err)
	if !strings.Contains(said.Text, "waits for an administrator") {
		t.Errorf("%s", said.Text)
	}
	if l, err := b.App.Access.Requests(b.Ctx, app.Operator(), access.RequestFilter{Statuses: []access.Status{access.StatusPending}}, access.RequestOrder{}, store.Page{First: 5}); err != nil || len(l.Docs) != 1 {
		t.Errorf("it was decided: %+v, %v", l, err)
	}
	b.Must(demo.AcceptWorkspace(b.Ctx, b.App.Core, b.workspace(team).ID))
	b.Must(b.Sim.As("bo").Click(b.Ctx, asked, "Approve"))
	b.decided(b.Sim.As("bo"), asked)
}

// waits makes a link that waits, of somebody new with another e-mail address in Slack.
func (b *slackBed) waits(name, slackEmail string) slackworkspace.Link {
	b.T.Helper()
	u, err := b.App.Access.CreateUser(b.Ctx, app.Operator(), access.NewUser{Email: name + "@example.com", Name: name})
	b.Must(err)
	b.Must(b.Sim.AddPerson("", slacksim.Profile{Name: name, Real: name, Email: slackEmail}))
	by := access.Actor{Kind: access.ActorUser, ID: u.ID, Name: u.Name, Email: u.Email}
	l, err := b.App.Workspaces.Link(b.Ctx, by, slackworkspace.NewLink{WorkspaceID: b.workspace(b.teamID()).ID, SlackUserID: b.Sim.As(name).ID(), SlackName: name, SlackEmail: slackEmail})
	b.Must(err)
	return l
}

// A flood of links that wait is one message to each administrator in an hour, which
// counts those that it does not name.
func TestFloodOfWaitingLinksIsOneMessage(t *testing.T) {
	b := newSlackBed(t)
	ada, bo := b.Sim.As("ada"), b.Sim.As("bo")
	_, err := bo.OpenHome()
	b.Must(err)
	first := b.waits("w0", "")
	b.Ahead(time.Minute)
	if text := b.hears(ada, 1); !strings.Contains(text, "w0@example.com (“w0”); Slack told no e-mail address") {
		t.Errorf("%s", text)
	}
	for n := range 30 {
		b.waits(fmt.Sprintf("w%d", n+1), "x@elsewhere.example")
	}
	_, err = bo.AwaitHome(b.Ctx, "And 26 more.")
	b.Must(err)
	for _, p := range []*slacksim.Person{ada, bo} {
		if n, _ := told(p); n != 1 {
			t.Errorf("%s got %d messages", p.ID(), n)
		}
	}
	b.Ahead(time.Hour + 2*time.Minute)
	if text := b.hears(bo, 2); !strings.Contains(text, "And 26 more.") || !strings.Contains(text, "e-mail address is x@elsewhere.example") {
		t.Errorf("%s", text)
	}
	b.hears(ada, 2)
	_, err = b.App.Workspaces.Agree(b.Ctx, app.Operator(), first.ID, first.UserID)
	b.Must(err)
	_, err = bo.AwaitHome(b.Ctx, "And 25 more.")
	b.Must(err)
	b.Ahead(2*time.Hour + 4*time.Minute) // fewer wait: nobody is told again
	b.waits("late", "")
	b.hears(bo, 3)
	if n, _ := told(ada); n > 3 {
		t.Errorf("ada got %d messages", n)
	}
}

// Who waits to be linked is told why, can take it back, and begin anew.
func TestWaitingPersonLogsOut(t *testing.T) {
	b := newSlackBed(t)
	b.Must(b.Sim.AddPerson("", slacksim.Profile{Name: "nomail", Real: "No Mail"}))
	p := b.Sim.As("nomail")
	page := b.offer(p)
	web := apptest.NewBrowser(t)
	asks := web.Send(web.Get(page), url.Values{"email": {"dev@example.com"}, "password": {demo.Password}})
	apptest.Wants(t, asks, "Slack told no e-mail address of this account", "procyon-demo.slack.com")
	apptest.Wants(t, web.Send(asks, url.Values{}), "An administrator has to agree", "Slack told no e-mail address")
	dm, err := p.ExpectDM(b.Ctx)
	b.Must(err)
	if !strings.Contains(dm.Text, "Slack told no e-mail address of yours") || !strings.Contains(dm.Text, "users:read.email") {
		t.Errorf("%s", dm.Text)
	}
	if said := b.ephemeral(p, "prod-approvals", "/procyon login"); !strings.Contains(said.Text, "/procyon logout cancels it") {
		t.Errorf("%s", said.Text)
	}
	if said := b.ephemeral(p, "prod-approvals", "/procyon logout"); !strings.Contains(said.Text, "Your link is canceled") {
		t.Errorf("%s", said.Text)
	}
	if b.linked("dev") {
		t.Error("the link still waits")
	}
	if said := b.ephemeral(p, "prod-approvals", "/procyon logout"); !strings.Contains(said.Text, "No account of Procyon's is linked") {
		t.Errorf("%s", said.Text)
	}
	if page := b.offer(p); page == "" {
		t.Error("no way to begin anew")
	}
}

// Somebody with a new Slack account replaces the link of the old one, on the page.
func TestNewSlackAccountReplacesTheOld(t *testing.T) {
	b := newSlackBed(t)
	b.Must(b.Sim.AddPerson("", slacksim.Profile{Name: "bo2", Real: "Bo Again", Email: "bo@example.com"}))
	bo2 := b.Sim.As("bo2")
	web := apptest.NewBrowser(t)
	asks := web.Send(web.Get(b.offer(bo2)), url.Values{"email": {"bo@example.com"}, "password": {demo.Password}})
	apptest.Wants(t, asks, "In place of", b.Sim.As("bo").ID(), "Replace it by this account")
	apptest.Wants(t, web.Send(asks, url.Values{}), "Your Slack account is linked")
	if said := b.ephemeral(bo2, "prod-approvals", "/procyon help"); !strings.Contains(said.Text, "linked as Bo Approver") {
		t.Errorf("%s", said.Text)
	}
	if said := b.ephemeral(b.Sim.As("bo"), "prod-approvals", "/procyon help"); !strings.Contains(said.Text, "You are not linked yet") {
		t.Errorf("%s", said.Text)
	}
}
