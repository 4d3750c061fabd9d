package slackbot_test

import (
	"strings"
	"testing"
	"time"

	"procyon/access"
	"procyon/internal/app"
	"procyon/internal/app/apptest"
	"procyon/internal/slacksim"
	"procyon/store"
)

// What was asked for once can be asked for again; a list shows what was just done in
// it; and the form keeps what stands in it when more is chosen.
func TestSlackAskAgain(t *testing.T) {
	b := newSlackBed(t)
	ada := b.Sim.As("ada")
	b.ask(ada, "orders-db 2h stuck orders INC-42", "orders-db", "writer")
	first := b.asked(b.Sim.As("bo"), "")
	b.Must(ada.Command(b.Ctx, "prod-approvals", "/procyon requests"))
	list, err := ada.ExpectEphemeral(b.Ctx)
	b.Must(err)
	b.Must(ada.Click(b.Ctx, list, "Cancel request"))
	list, err = ada.AwaitMessage(b.Ctx, "prod-approvals", func(m slacksim.Message) bool {
		return m.TS == list.TS && strings.Contains(string(m.Blocks), "Ask again")
	})
	b.Must(err)
	if !strings.Contains(string(list.Blocks), "orders-db as writer: canceled") {
		t.Errorf("the list says %s", list.Blocks)
	}
	b.decided(b.Sim.As("bo"), first) // else the next message with buttons may be this one
	b.Must(ada.Click(b.Ctx, list, "Ask again"))
	form, err := ada.AwaitModal(b.Ctx, "Ask for access")
	b.Must(err)
	b.Must(b.Await(func() bool { return len(form.Value("Role on orders-db")) > 0 }))
	for field, want := range map[string]string{"For how long?": "PT2H", "Why?": "stuck orders INC-42", "Ticket": "INC-42", "Role on orders-db": "writer"} {
		if got := strings.Join(form.Value(field), ","); got != want {
			t.Errorf("%s is %q, want %q", field, got, want)
		}
	}
	if text := form.Text(); !strings.Contains(text, "Who is asked: Bo Approver.") || !strings.Contains(text, "Production approvals") {
		t.Errorf("the form does not say who is asked: %s", text)
	}
	_, err = form.Suggest(b.Ctx, "What do you need?", "build")
	b.Must(err)
	b.Must(form.Fill(b.Ctx, "What do you need?", "orders-db – Production", "build-mac"))
	b.Must(b.Await(func() bool { return strings.Contains(form.Text(), "Infra approvals") }))
	if got := form.Value("Why?"); len(got) != 1 || got[0] != "stuck orders INC-42" {
		t.Errorf("after another resource was chosen, the reason is %q", got)
	}
	b.Must(form.Submit(b.Ctx))
	asked := b.asked(b.Sim.As("bo"), "")
	if !strings.Contains(asked.Text, "build-mac") || !strings.Contains(asked.Text, "orders-db as writer") {
		t.Errorf("%s", asked.Text)
	}
}

// Errors stand beside the fields that they are about.
func TestSlackFormErrors(t *testing.T) {
	b := newSlackBed(t)
	ada := b.Sim.As("ada")
	b.Must(ada.Command(b.Ctx, "", "/procyon request finance-rdp 1h closing the books"))
	form, err := ada.AwaitModal(b.Ctx, "Ask for access")
	b.Must(err)
	b.Must(form.Fill(b.Ctx, "Start", time.Now().Add(-48*time.Hour).UTC().Format(time.RFC3339)))
	if err := form.Submit(b.Ctx); err == nil {
		t.Fatal("the form was taken")
	}
	errs := form.Errors()
	if errs["start"] == "" {
		t.Errorf("%v", errs)
	}
	b.Must(form.Fill(b.Ctx, "Start", time.Now().Add(time.Hour).UTC().Format(time.RFC3339)))
	b.Must(form.Submit(b.Ctx))
	b.Must(b.Sim.As("bo").Click(b.Ctx, b.asked(b.Sim.As("bo"), ""), "Approve"))
	b.Must(ada.Command(b.Ctx, "", "/procyon requests"))
	list, err := ada.ExpectEphemeral(b.Ctx)
	b.Must(err)
	if !strings.Contains(string(list.Blocks), "approved, begins") {
		t.Errorf("%s", list.Blocks)
	}
}

// What is not understood is said before the form opens, with buttons to go on; names may
// have spaces, and stand in quotes of any kind.
func TestSlackRequestWords(t *testing.T) {
	b := newSlackBed(t, func(b *slackBed) { b.Config.Requests.MaxDuration = 6 * time.Hour })
	b.resource("Orders <DB>", "readonly")
	ada := b.Sim.As("ada")
	b.Must(ada.Command(b.Ctx, "", "/procyon request doesnotexist 99h foo"))
	said, err := ada.ExpectEphemeral(b.Ctx)
	b.Must(err)
	for _, want := range []string{"There is no resource “doesnotexist”.", "4 days 3 hours is too long: at most 6 hours is allowed."} {
		if !strings.Contains(said.Text, want) {
			t.Errorf("%q lacks %q", said.Text, want)
		}
	}
	b.Must(ada.Click(b.Ctx, said, "Choose from the list"))
	form, err := ada.AwaitModal(b.Ctx, "Ask for access")
	b.Must(err)
	if got := form.Value("Why?"); len(got) != 1 || got[0] != "foo" || !strings.Contains(form.Text(), "at most 6 hours is allowed") || strings.Contains(string(form.JSON()), "PT8H") {
		t.Errorf("%q %s", got, form.Text())
	}
	b.Must(form.Close(b.Ctx))

	b.Must(ada.Command(b.Ctx, "", "/procyon request ordres-db as writer 2 hours why not"))
	said, err = ada.AwaitMessage(b.Ctx, "", func(m slacksim.Message) bool { return strings.Contains(m.Text, "“ordres-db”") })
	b.Must(err)
	b.Must(ada.Click(b.Ctx, said, "orders-db – Production"))
	form, err = ada.AwaitModal(b.Ctx, "Ask for access")
	b.Must(err)
	b.holds(form, "Role on orders-db", "writer", "PT2H", "why not")
	b.Must(form.Close(b.Ctx))

	b.Must(ada.Command(b.Ctx, "", "/procyon request “Orders <DB>” as READONLY for 1h 30m: a & b"))
	form, err = ada.AwaitModal(b.Ctx, "Ask for access")
	b.Must(err)
	b.holds(form, "Role on Orders &lt;DB&gt;", "readonly", "PT1H30M", "a & b")
	b.Must(form.Submit(b.Ctx))
	if asked := b.asked(b.Sim.As("bo"), ""); !strings.Contains(asked.Text, "a &amp; b") || !strings.Contains(asked.Text, "1 hour 30 minutes") {
		t.Errorf("%s", asked.Text)
	}
}

// resource makes one that stands alone.
func (b *slackBed) resource(name string, roles ...string) {
	b.T.Helper()
	_, err := b.App.Access.CreateResource(b.Ctx, app.Operator(), access.NewResource{Name: name, Kind: access.ResourcePrivateServer, Roles: roles})
	b.Must(err)
}

// holds fails the test where a form for a request holds something else.
func (b *slackBed) holds(form *slacksim.Form, roleLabel, role, length, reason string) {
	b.T.Helper()
	for field, want := range map[string]string{roleLabel: role, "For how long?": length, "Why?": reason} {
		if got := strings.Join(form.Value(field), ","); got != want {
			b.T.Errorf("%s is %q, want %q", field, got, want)
		}
	}
}

// An extension can't be asked for beyond the longest access, nor chosen.
func TestSlackExtensionIsWithinTheLongest(t *testing.T) {
	b := newSlackBed(t, func(b *slackBed) { b.Config.Requests.MaxDuration = 2 * time.Hour })
	ada, bo := b.Sim.As("ada"), b.Sim.As("bo")
	for words, want := range map[string]string{"finance-rdp 1h closing the books": "PT1H", "build-mac 2h signing": ""} {
		b.ask(ada, words)
		asked := b.asked(bo, "")
		b.Must(bo.Click(b.Ctx, asked, "Approve"))
		b.decided(bo, asked)
		name, _, _ := strings.Cut(words, " ")
		var list slacksim.Message
		b.Must(b.Await(func() bool { // it begins in a moment
			b.Must(ada.Command(b.Ctx, "", "/procyon requests"))
			var err error
			list, err = ada.ExpectEphemeral(b.Ctx)
			b.Must(err)
			return strings.Contains(string(list.Blocks), name+": in force")
		}))
		extend := strings.Contains(string(list.Blocks), "Extend the access to "+name)
		if extend != (want != "") {
			t.Errorf("%s: to extend it is offered: %v", words, extend)
		}
		if want == "" {
			continue
		}
		b.Must(ada.Click(b.Ctx, list, "Extend…"))
		form, err := ada.AwaitModal(b.Ctx, "Extend your access")
		b.Must(err)
		if json := string(form.JSON()); !strings.Contains(json, want) || strings.Contains(json, "PT2H") || !strings.Contains(form.Text(), "At most 1 hour.") {
			t.Errorf("%s: %s", words, json)
		}
		b.Must(form.Close(b.Ctx))
	}
}

// A form that Slack sends twice asks once.
func TestSlackFormSentTwice(t *testing.T) {
	b := newSlackBed(t)
	ada, bo := b.Sim.As("ada"), b.Sim.As("bo")
	b.ask(ada, "finance-rdp 1h closing the books")
	b.asked(bo, "")
	for range 3 {
		_, _, err := b.Sim.Again(b.Ctx, "view_submission")
		b.Must(err)
	}
	b.Must(bo.Command(b.Ctx, "", "/procyon approvals"))
	list, err := bo.ExpectEphemeral(b.Ctx)
	b.Must(err)
	if n := strings.Count(string(list.Blocks), "closing the books"); n != 1 {
		t.Errorf("asked %d times: %s", n, list.Blocks)
	}
}

// Who links because they wanted something goes on with it.
func TestSlackGoesOnAfterTheLink(t *testing.T) {
	b := newSlackBed(t)
	dev := b.Sim.As("dev")
	b.Must(dev.Command(b.Ctx, "prod-approvals", "/procyon request finance-rdp 30m closing the books"))
	said, err := dev.ExpectEphemeral(b.Ctx)
	b.Must(err)
	page := apptest.LinkPage(said)
	b.Must(dev.Command(b.Ctx, "infra-approvals", "/procyon login")) // a second offer
	b.Must(dev.Click(b.Ctx, said, "Sign in and link"))
	b.link(page, "dev@example.com")
	hello, err := dev.ExpectDM(b.Ctx)
	b.Must(err)
	for _, channel := range []string{"prod-approvals", "infra-approvals"} { // what offered it does so no more
		_, err := dev.AwaitMessage(b.Ctx, channel, func(m slacksim.Message) bool {
			return m.Only != "" && strings.Contains(m.Text, "here you are Dev Developer")
		})
		b.Must(err)
		_, err = dev.AwaitMessage(b.Ctx, channel, func(m slacksim.Message) bool { return strings.Contains(string(m.Blocks), "Ask for access") })
		b.Must(err)
		for _, m := range dev.Messages(channel) {
			if strings.Contains(string(m.Blocks), "Sign in and link") {
				t.Errorf("still offered: %s", m.Blocks)
			}
		}
	}
	b.Must(dev.Click(b.Ctx, hello, "Ask for access"))
	form, err := dev.AwaitModal(b.Ctx, "Ask for access")
	b.Must(err)
	b.Must(b.Await(func() bool { return strings.Join(form.Value("Why?"), "") == "closing the books" }))
	if got := form.Value("For how long?"); len(got) != 1 || got[0] != "PT30M" {
		t.Errorf("%v", got)
	}
}

// Who has access is told ten minutes before it ends, once.
func TestSlackTellsWhatEndsSoon(t *testing.T) {
	b := newSlackBed(t, func(b *slackBed) { b.Config.Slack.SweepEvery = 20 * time.Millisecond })
	ada, bo := b.Sim.As("ada"), b.Sim.As("bo")
	b.ask(ada, "finance-rdp 15m closing the books")
	b.Must(bo.Click(b.Ctx, b.asked(bo, ""), "Approve"))
	_, err := ada.AwaitMessage(b.Ctx, "", func(m slacksim.Message) bool { return strings.Contains(m.Text, "Your request was approved.") })
	b.Must(err)
	soon := func() (n int) {
		for _, m := range ada.DMs() {
			if strings.Contains(m.Text, "ends in less than ten minutes") {
				n++
			}
		}
		return n
	}
	if soon() != 0 {
		t.Error("told fifteen minutes before")
	}
	b.Expect("the app answered 401") // an event that was on its way while the clock moved: it comes again
	b.Ahead(5*time.Minute + time.Second)
	b.Must(b.Await(func() bool { return soon() > 0 }))
	b.Must(ada.Command(b.Ctx, "", "/procyon requests")) // some sweeps later
	_, err = ada.ExpectEphemeral(b.Ctx)
	b.Must(err)
	if n := soon(); n != 1 {
		t.Errorf("told %d times", n)
	}
}

// Who was disabled is a stranger in Slack, and is not asked any more.
func TestSlackDisabled(t *testing.T) {
	b := newSlackBed(t)
	ada, bo := b.Sim.As("ada"), b.Sim.As("bo")
	_, err := bo.OpenHome()
	b.Must(err)
	_, err = bo.AwaitHome(b.Ctx, "Nothing waits for your decision.")
	b.Must(err)
	b.ask(ada, "finance-rdp 15m closing the books")
	asked := b.asked(bo, "")
	_, err = bo.AwaitHome(b.Ctx, "closing the books")
	b.Must(err)
	_, err = b.App.Access.CreateUser(b.Ctx, app.Operator(), access.NewUser{Email: "cy@example.com", Name: "Cy", Admin: true}) // who can decide afterwards
	b.Must(err)
	_, _, err = b.App.Access.DisableUser(b.Ctx, app.Operator(), b.Person("bo@example.com").ID)
	b.Must(err)
	b.Must(bo.Click(b.Ctx, asked, "Approve"))
	said, err := bo.ExpectEphemeral(b.Ctx)
	b.Must(err)
	if !strings.Contains(said.Text, "Link your Slack account") {
		t.Errorf("a click is answered by %q", said.Text)
	}
	b.Must(bo.Command(b.Ctx, "prod-approvals", "/procyon approvals"))
	said, err = bo.ExpectEphemeral(b.Ctx)
	b.Must(err)
	if !strings.Contains(said.Text, "Link your Slack account") {
		t.Errorf("a command is answered by %q", said.Text)
	}
	dms := len(bo.DMs())
	b.ask(ada, "build-mac 15m signing")
	_, err = ada.AwaitMessage(b.Ctx, "", func(m slacksim.Message) bool { return strings.Contains(m.Text, "build-mac") })
	b.Must(err)
	if len(bo.DMs()) != dms {
		t.Error("somebody disabled is asked to decide")
	}
	// The first request's events still concern their Home tab, and end nothing.
	u := b.Person("ada@example.com")
	by := access.Actor{Kind: access.ActorUser, ID: u.ID, Name: u.Name, Email: u.Email, Admin: true}
	all, err := b.App.Access.Requests(b.Ctx, by, access.RequestFilter{RequesterID: u.ID}, access.RequestOrder{}, store.Page{First: 1})
	b.Must(err)
	_, err = b.App.Access.CancelRequest(b.Ctx, by, all.Docs[0].ID, access.Basis{})
	b.Must(err)
	_, err = bo.AwaitHome(b.Ctx, "Link your Slack account")
	b.Must(err)
	b.ask(ada, "bastion-1 15m looking around")
	_, err = ada.AwaitMessage(b.Ctx, "", func(m slacksim.Message) bool { return strings.Contains(m.Text, "bastion-1") })
	b.Must(err)
}
