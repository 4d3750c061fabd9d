package app

import (
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"procyon/access"
	"procyon/internal/slacksim"
	"procyon/slackworkspace"
	"procyon/store"
)

// other adds a workspace in which eve has given herself Ada's e-mail address, and installs
// the app there as a stranger.
func (b *slackBed) other() *slacksim.Person {
	b.t.Helper()
	b.must(b.sim.AddWorkspace(slacksim.Workspace{ID: "T0OTHER", Name: "Other", People: []slacksim.Profile{{Name: "eve", Real: "Ada Admin", Email: "ada@example.com"}}}))
	_, err := b.sim.AddChannel("T0OTHER", "general", false)
	b.must(err)
	eve := b.sim.As("eve").In("T0OTHER")
	page := b.visitor().install(eve, slacksim.Grant{Channel: "general"})
	if !strings.Contains(page, "Procyon is installed, and waits for an administrator") || !strings.Contains(page, "other.slack.com") {
		b.t.Fatalf("after the installation: %s", page)
	}
	return eve
}

// told counts the direct messages to somebody that say what waits for an administrator.
func told(p *slacksim.Person) (n int, last string) {
	for _, m := range p.DMs() {
		if strings.Contains(m.Text, "Waiting for an administrator of Procyon") {
			n, last = n+1, m.Text
		}
	}
	return n, last
}

func (b *slackBed) hears(p *slacksim.Person, n int) string {
	b.t.Helper()
	var last string
	b.must(b.await(func() bool {
		var got int
		got, last = told(p)
		return got >= n
	}))
	return last
}

func (b *slackBed) ephemeral(p *slacksim.Person, channel, command string) slacksim.Message {
	b.t.Helper()
	b.must(p.Command(b.ctx, channel, command))
	m, err := p.ExpectEphemeral(b.ctx)
	b.must(err)
	return m
}

// Whoever installs the app in a workspace of their own, and gives themselves somebody
// else's e-mail address there, gets nothing until an administrator has accepted it.
func TestSlackWorkspaceOfAStranger(t *testing.T) {
	b := newSlackBed(t)
	ada := b.sim.As("ada")
	_, err := ada.OpenHome()
	b.must(err)
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
	b.must(b.sim.Settle(b.ctx))
	if home := eve.Home(); home != nil && home.Text() != "" {
		t.Errorf("a Home tab is drawn: %s", home.Text())
	}
	if text := b.hears(ada, 1); !strings.Contains(text, "“Other” (other.slack.com, T0OTHER) has the app and waits to be accepted") || !strings.Contains(text, "/links") {
		t.Errorf("%s", text)
	}
	_, err = ada.AwaitHome(b.ctx, "Waiting for an administrator")
	b.must(err)
	if dms := eve.DMs(); len(dms) > 0 {
		t.Errorf("eve hears %v", dms)
	}

	b.must(acceptWorkspace(b.ctx, b.g.core, w.ID))
	if said := b.ephemeral(eve, "general", "/procyon help"); !strings.Contains(said.Text, "You are not linked yet") {
		t.Errorf("accepted, and /procyon says %s", said.Text)
	}
	b.must(b.await(func() bool { return !strings.Contains(ada.Home().Text(), "Waiting for an administrator") }))

	_, err = b.g.workspaces.Remove(b.ctx, operator(), w.ID, nil)
	b.must(err)
	if said := b.ephemeral(eve, "general", "/procyon help"); !strings.Contains(said.Text, "not installed in your Slack workspace") {
		t.Errorf("removed, and /procyon says %s", said.Text)
	}
	b.must(b.g.slack.RotateTokens(b.ctx))
	account, err := b.g.access.ServiceAccountByName(b.ctx, "slackbot")
	b.must(err)
	kept, err := b.g.records.List(b.ctx, account.ID, "tok/T0OTHER", "", 1)
	b.must(err)
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
	ada := b.sim.As("ada")
	b.must(ada.Command(b.ctx, "", "/procyon request finance-rdp 1h month's end"))
	form, err := ada.AwaitModal(b.ctx, "Ask for access")
	b.must(err)
	b.must(b.await(func() bool { return len(form.Value("reason")) > 0 && form.Value("reason")[0] != "" }))
	b.must(form.Submit(b.ctx))
	asked := b.asked(b.sim.As("bo"), "oncall")
	team := b.teamID()
	_, err = b.g.workspaces.Remove(b.ctx, operator(), b.workspace(team).ID, nil)
	b.must(err)
	if page := b.visitor().install(ada, slacksim.Grant{Channel: "prod-approvals"}); !strings.Contains(page, "waits for an administrator") {
		t.Fatalf("%s", page)
	}
	b.must(b.sim.As("bo").Click(b.ctx, asked, "Approve"))
	said, err := b.sim.As("bo").ExpectEphemeral(b.ctx)
	b.must(err)
	if !strings.Contains(said.Text, "waits for an administrator") {
		t.Errorf("%s", said.Text)
	}
	if l, err := b.g.access.Requests(b.ctx, operator(), access.RequestFilter{Statuses: []access.Status{access.Pending}}, access.RequestOrder{}, store.Page{First: 5}); err != nil || len(l.Docs) != 1 {
		t.Errorf("it was decided: %+v, %v", l, err)
	}
	b.must(acceptWorkspace(b.ctx, b.g.core, b.workspace(team).ID))
	b.must(b.sim.As("bo").Click(b.ctx, asked, "Approve"))
	b.decided(b.sim.As("bo"), asked)
}

// waits makes a link that waits, of somebody new with another e-mail address in Slack.
func (b *slackBed) waits(name, slackEmail string) slackworkspace.Link {
	b.t.Helper()
	u, err := b.g.access.CreateUser(b.ctx, operator(), access.NewUser{Email: name + "@example.com", Name: name})
	b.must(err)
	b.must(b.sim.AddPerson("", slacksim.Profile{Name: name, Real: name, Email: slackEmail}))
	by := access.Actor{Kind: access.ActorUser, ID: u.ID, Name: u.Name, Email: u.Email}
	l, err := b.g.workspaces.Link(b.ctx, by, slackworkspace.NewLink{WorkspaceID: b.workspace(b.teamID()).ID, SlackUserID: b.sim.As(name).ID(), SlackName: name, SlackEmail: slackEmail})
	b.must(err)
	return l
}

// A flood of links that wait is one message to each administrator in an hour, which
// counts those that it does not name.
func TestFloodOfWaitingLinksIsOneMessage(t *testing.T) {
	b := newSlackBed(t)
	ada, bo := b.sim.As("ada"), b.sim.As("bo")
	_, err := bo.OpenHome()
	b.must(err)
	first := b.waits("w0", "")
	if text := b.hears(ada, 1); !strings.Contains(text, "w0@example.com (“w0”); Slack told no e-mail address") {
		t.Errorf("%s", text)
	}
	for n := range 30 {
		b.waits(fmt.Sprintf("w%d", n+1), "x@elsewhere.example")
	}
	_, err = bo.AwaitHome(b.ctx, "And 26 more.")
	b.must(err)
	for _, p := range []*slacksim.Person{ada, bo} {
		if n, _ := told(p); n != 1 {
			t.Errorf("%s got %d messages", p.ID(), n)
		}
	}
	b.ahead.Store(int64(time.Hour + time.Minute))
	if text := b.hears(bo, 2); !strings.Contains(text, "And 26 more.") || !strings.Contains(text, "e-mail address is x@elsewhere.example") {
		t.Errorf("%s", text)
	}
	b.hears(ada, 2)
	_, err = b.g.workspaces.Agree(b.ctx, operator(), first.ID, first.UserID)
	b.must(err)
	_, err = bo.AwaitHome(b.ctx, "And 25 more.")
	b.must(err)
	b.ahead.Store(int64(2*time.Hour + 2*time.Minute)) // fewer wait: nobody is told again
	b.waits("late", "")
	b.hears(bo, 3)
	if n, _ := told(ada); n > 3 {
		t.Errorf("ada got %d messages", n)
	}
}

// Who waits to be linked is told why, can take it back, and begin anew.
func TestWaitingPersonLogsOut(t *testing.T) {
	b := newSlackBed(t)
	b.must(b.sim.AddPerson("", slacksim.Profile{Name: "nomail", Real: "No Mail"}))
	p := b.sim.As("nomail")
	page := b.offer(p)
	web := newSurfer(t)
	asks := web.send(web.get(page), url.Values{"email": {"dev@example.com"}, "password": {demoPassword}})
	wants(t, asks, "Slack told no e-mail address of this account", "procyon-demo.slack.com")
	wants(t, web.send(asks, url.Values{}), "An administrator has to agree", "Slack told no e-mail address")
	dm, err := p.ExpectDM(b.ctx)
	b.must(err)
	if !strings.Contains(dm.Text, "Slack told no e-mail address of yours") || !strings.Contains(dm.Text, "users:read.email") {
		t.Errorf("%s", dm.Text)
	}
	if said := b.ephemeral(p, "prod-approvals", "/procyon login"); !strings.Contains(said.Text, "/procyon logout takes it back") {
		t.Errorf("%s", said.Text)
	}
	if said := b.ephemeral(p, "prod-approvals", "/procyon logout"); !strings.Contains(said.Text, "Your link is taken back") {
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
	b.must(b.sim.AddPerson("", slacksim.Profile{Name: "bo2", Real: "Bo Again", Email: "bo@example.com"}))
	bo2 := b.sim.As("bo2")
	web := newSurfer(t)
	asks := web.send(web.get(b.offer(bo2)), url.Values{"email": {"bo@example.com"}, "password": {demoPassword}})
	wants(t, asks, "In place of", b.sim.As("bo").ID(), "Replace it by this account")
	wants(t, web.send(asks, url.Values{}), "Your Slack account is linked")
	if said := b.ephemeral(bo2, "prod-approvals", "/procyon help"); !strings.Contains(said.Text, "linked as Bo Approver") {
		t.Errorf("%s", said.Text)
	}
	if said := b.ephemeral(b.sim.As("bo"), "prod-approvals", "/procyon help"); !strings.Contains(said.Text, "You are not linked yet") {
		t.Errorf("%s", said.Text)
	}
}
