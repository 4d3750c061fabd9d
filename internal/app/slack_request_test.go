package app

import (
	"strings"
	"testing"
	"time"

	"procyon/access"
	"procyon/internal/slacksim"
	"procyon/store"
)

// What was asked for once can be asked for again; a list shows what was just done in
// it; and the form keeps what stands in it when more is chosen.
func TestSlackAskAgain(t *testing.T) {
	b := newSlackBed(t)
	ada := b.sim.As("ada")
	b.ask(ada, "orders-db 2h stuck orders INC-42", "orders-db", "writer")
	b.must(ada.Command(b.ctx, "prod-approvals", "/procyon requests"))
	list, err := ada.ExpectEphemeral(b.ctx)
	b.must(err)
	b.must(ada.Click(b.ctx, list, "Cancel"))
	list, err = ada.AwaitMessage(b.ctx, "prod-approvals", func(m slacksim.Message) bool {
		return m.TS == list.TS && strings.Contains(string(m.Blocks), "Ask again")
	})
	b.must(err)
	if !strings.Contains(string(list.Blocks), "orders-db as writer: canceled") {
		t.Errorf("the list says %s", list.Blocks)
	}
	b.must(ada.Click(b.ctx, list, "Ask again"))
	form, err := ada.AwaitModal(b.ctx, "Ask for access")
	b.must(err)
	b.must(b.await(func() bool { return len(form.Value("Role on orders-db")) > 0 }))
	for field, want := range map[string]string{"For how long?": "PT2H", "Why?": "stuck orders INC-42", "Ticket": "INC-42", "Role on orders-db": "writer"} {
		if got := strings.Join(form.Value(field), ","); got != want {
			t.Errorf("%s is %q, want %q", field, got, want)
		}
	}
	if text := form.Text(); !strings.Contains(text, "Who is asked: Bo Approver.") || !strings.Contains(text, "Production approvals") {
		t.Errorf("the form does not say who is asked: %s", text)
	}
	_, err = form.Suggest(b.ctx, "What do you need?", "build")
	b.must(err)
	b.must(form.Fill(b.ctx, "What do you need?", "orders-db – Production", "build-mac"))
	b.must(b.await(func() bool { return strings.Contains(form.Text(), "Infra approvals") }))
	if got := form.Value("Why?"); len(got) != 1 || got[0] != "stuck orders INC-42" {
		t.Errorf("after another resource was chosen, the reason is %q", got)
	}
	b.must(form.Submit(b.ctx))
	asked := b.asked(b.sim.As("bo"), "")
	if !strings.Contains(asked.Text, "build-mac") || !strings.Contains(asked.Text, "orders-db as writer") {
		t.Errorf("%s", asked.Text)
	}
}

// Errors stand beside the fields that they are about.
func TestSlackFormErrors(t *testing.T) {
	b := newSlackBed(t)
	ada := b.sim.As("ada")
	b.must(ada.Command(b.ctx, "", "/procyon request finance-rdp 9h too long"))
	form, err := ada.AwaitModal(b.ctx, "Ask for access")
	b.must(err)
	b.must(b.await(func() bool { return len(form.Value("Why?")) > 0 && form.Value("Why?")[0] != "" }))
	b.must(form.Fill(b.ctx, "Start", time.Now().Add(-48*time.Hour).UTC().Format(time.RFC3339)))
	if err := form.Submit(b.ctx); err == nil {
		t.Fatal("the form was taken")
	}
	errs := form.Errors()
	if errs["duration"] == "" && errs["start"] == "" {
		t.Errorf("%v", errs)
	}
	b.must(form.Fill(b.ctx, "For how long?", "PT1H"))
	b.must(form.Fill(b.ctx, "Start", time.Now().Add(time.Hour).UTC().Format(time.RFC3339)))
	b.must(form.Submit(b.ctx))
	b.must(b.sim.As("bo").Click(b.ctx, b.asked(b.sim.As("bo"), ""), "Approve"))
	b.must(ada.Command(b.ctx, "", "/procyon requests"))
	list, err := ada.ExpectEphemeral(b.ctx)
	b.must(err)
	if !strings.Contains(string(list.Blocks), "approved, begins") {
		t.Errorf("%s", list.Blocks)
	}
}

// A form that Slack sends twice asks once.
func TestSlackFormSentTwice(t *testing.T) {
	b := newSlackBed(t)
	ada, bo := b.sim.As("ada"), b.sim.As("bo")
	b.ask(ada, "finance-rdp 1h closing the books")
	b.asked(bo, "")
	for range 3 {
		_, _, err := b.sim.Again(b.ctx, "view_submission")
		b.must(err)
	}
	b.must(bo.Command(b.ctx, "", "/procyon approvals"))
	list, err := bo.ExpectEphemeral(b.ctx)
	b.must(err)
	if n := strings.Count(string(list.Blocks), "closing the books"); n != 1 {
		t.Errorf("asked %d times: %s", n, list.Blocks)
	}
}

// Who links because they wanted something goes on with it.
func TestSlackGoesOnAfterTheLink(t *testing.T) {
	b := newSlackBed(t)
	dev := b.sim.As("dev")
	b.must(dev.Command(b.ctx, "prod-approvals", "/procyon request finance-rdp 30m closing the books"))
	said, err := dev.ExpectEphemeral(b.ctx)
	b.must(err)
	b.link(linkURL.FindString(strings.ReplaceAll(string(said.Blocks), `\/`, "/")), "dev@example.com")
	hello, err := dev.ExpectDM(b.ctx)
	b.must(err)
	b.must(dev.Click(b.ctx, hello, "Ask for access"))
	form, err := dev.AwaitModal(b.ctx, "Ask for access")
	b.must(err)
	b.must(b.await(func() bool { return strings.Join(form.Value("Why?"), "") == "closing the books" }))
	if got := form.Value("For how long?"); len(got) != 1 || got[0] != "PT30M" {
		t.Errorf("%v", got)
	}
}

// Who has access is told ten minutes before it ends, once.
func TestSlackTellsWhatEndsSoon(t *testing.T) {
	b := newSlackBed(t, func(b *slackBed) { b.cfg.slack.sweepEvery = 20 * time.Millisecond })
	ada, bo := b.sim.As("ada"), b.sim.As("bo")
	b.ask(ada, "finance-rdp 15m closing the books")
	b.must(bo.Click(b.ctx, b.asked(bo, ""), "Approve"))
	_, err := ada.AwaitMessage(b.ctx, "", func(m slacksim.Message) bool { return strings.Contains(m.Text, "Your request was approved.") })
	b.must(err)
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
	b.ahead.Store(int64(5*time.Minute + time.Second))
	b.must(b.await(func() bool { return soon() > 0 }))
	b.must(ada.Command(b.ctx, "", "/procyon requests")) // some sweeps later
	_, err = ada.ExpectEphemeral(b.ctx)
	b.must(err)
	if n := soon(); n != 1 {
		t.Errorf("told %d times", n)
	}
}

// Who was disabled is a stranger in Slack, and is not asked any more.
func TestSlackDisabled(t *testing.T) {
	b := newSlackBed(t)
	ada, bo := b.sim.As("ada"), b.sim.As("bo")
	_, err := bo.OpenHome()
	b.must(err)
	_, err = bo.AwaitHome(b.ctx, "Nothing waits for your decision.")
	b.must(err)
	b.ask(ada, "finance-rdp 15m closing the books")
	asked := b.asked(bo, "")
	_, err = bo.AwaitHome(b.ctx, "closing the books")
	b.must(err)
	_, _, err = b.g.access.DisableUser(b.ctx, operator(), b.person("bo@example.com").ID)
	b.must(err)
	b.must(bo.Click(b.ctx, asked, "Approve"))
	said, err := bo.ExpectEphemeral(b.ctx)
	b.must(err)
	if !strings.Contains(said.Text, "Link your Slack account") {
		t.Errorf("a click is answered by %q", said.Text)
	}
	b.must(bo.Command(b.ctx, "prod-approvals", "/procyon approvals"))
	said, err = bo.ExpectEphemeral(b.ctx)
	b.must(err)
	if !strings.Contains(said.Text, "Link your Slack account") {
		t.Errorf("a command is answered by %q", said.Text)
	}
	dms := len(bo.DMs())
	b.ask(ada, "build-mac 15m signing")
	_, err = ada.AwaitMessage(b.ctx, "", func(m slacksim.Message) bool { return strings.Contains(m.Text, "build-mac") })
	b.must(err)
	if len(bo.DMs()) != dms {
		t.Error("somebody disabled is asked to decide")
	}
	// The first request's events still concern their Home tab, and end nothing.
	u := b.person("ada@example.com")
	by := access.Actor{Kind: access.ActorUser, ID: u.ID, Name: u.Name, Email: u.Email, Admin: true}
	all, err := b.g.access.Requests(b.ctx, by, access.RequestFilter{RequesterID: u.ID}, access.RequestOrder{}, store.Page{First: 1})
	b.must(err)
	_, err = b.g.access.CancelRequest(b.ctx, by, all.Docs[0].ID, access.Basis{})
	b.must(err)
	_, err = bo.AwaitHome(b.ctx, "Link your Slack account")
	b.must(err)
	b.ask(ada, "bastion-1 15m looking around")
	_, err = ada.AwaitMessage(b.ctx, "", func(m slacksim.Message) bool { return strings.Contains(m.Text, "bastion-1") })
	b.must(err)
}
