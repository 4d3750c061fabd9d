package slackbot_test

import (
	"strings"
	"testing"

	"procyon/access"
	"procyon/internal/slacksim"
	"procyon/store"
)

// actorOf is a person of the demo, as who calls.
func (b *slackBed) actorOf(email string) access.Actor {
	b.T.Helper()
	u := b.Person(email)
	return access.Actor{Kind: access.ActorUser, ID: u.ID, Name: u.Name, Email: u.Email, Admin: u.Admin, Via: "api"}
}

// open is the newest open request.
func (b *slackBed) open() access.Request {
	b.T.Helper()
	for _, st := range []access.Status{access.StatusPending, access.StatusApproved, access.StatusActive} {
		l, err := b.App.Access.Requests(b.Ctx, access.System(), access.RequestFilter{Statuses: []access.Status{st}}, access.RequestOrder{Desc: true}, store.Page{First: 1})
		b.Must(err)
		if len(l.Docs) > 0 {
			r, err := access.Decode[access.Request](l.Docs[0])
			b.Must(err)
			return r
		}
	}
	b.T.Fatal("nothing is open")
	return access.Request{}
}

func (b *slackBed) status(id string) access.Status {
	b.T.Helper()
	r, err := b.App.Access.Request(b.Ctx, id)
	b.Must(err)
	return r.Status
}

// A list that was drawn before an edit approves nothing: who presses is told what
// changed and by whom, and decides on what is asked for now.
func TestSlackStaleApproval(t *testing.T) {
	b := newSlackBed(t)
	ada, bo := b.Sim.As("ada"), b.Sim.As("bo")
	b.ask(ada, "finance-rdp 15m closing the books")
	r := b.open()
	b.Must(bo.Command(b.Ctx, "prod-approvals", "/procyon approvals"))
	list, err := bo.ExpectEphemeral(b.Ctx)
	b.Must(err)
	if !strings.Contains(string(list.Blocks), "ada@example.com (“Ada Admin”) gets finance-rdp, for 15 minutes") {
		t.Errorf("the list says %s", list.Blocks)
	}
	eight := access.Seconds(8 * 3600)
	_, err = b.App.Access.UpdateRequest(b.Ctx, b.actorOf("ada@example.com"), r.ID, access.RequestPatch{Duration: &eight}, access.Basis{})
	b.Must(err)
	b.Must(bo.Click(b.Ctx, list, "Approve"))
	told, err := bo.ExpectEphemeral(b.Ctx)
	b.Must(err)
	for _, want := range []string{"ada@example.com (“Ada Admin”) changed this request", "duration: 15 minutes → 8 hours"} {
		if !strings.Contains(told.Text, want) {
			t.Errorf("who presses an old button is told %q, without %q", told.Text, want)
		}
	}
	if s := b.status(r.ID); s != access.StatusPending {
		t.Fatalf("it is %s", s)
	}
	b.Must(bo.Click(b.Ctx, told, "Approve"))
	b.Must(b.Await(func() bool { return b.status(r.ID) != access.StatusPending }))
	if r, _ = b.App.Access.Request(b.Ctx, r.ID); r.GrantedDuration() != eight {
		t.Errorf("granted for %s", r.GrantedDuration().Duration())
	}
}

// The form of a denial says what it is about, and denies nothing else.
func TestSlackDenialSaysWhat(t *testing.T) {
	b := newSlackBed(t)
	ada, bo := b.Sim.As("ada"), b.Sim.As("bo")
	b.ask(ada, "finance-rdp 15m closing the books")
	r := b.open()
	b.Must(bo.Click(b.Ctx, b.asked(bo, ""), "Deny…"))
	form, err := bo.AwaitModal(b.Ctx, "Deny access")
	b.Must(err)
	b.Must(b.Await(func() bool { return strings.Contains(form.Text(), "gets finance-rdp, for 15 minutes") }))
	if !strings.Contains(form.Text(), "ada@example.com (“Ada Admin”)") || !strings.Contains(form.Text(), "“closing the books”") {
		t.Errorf("the form says %s", form.Text())
	}
	why := "month's end"
	_, err = b.App.Access.UpdateRequest(b.Ctx, b.actorOf("ada@example.com"), r.ID, access.RequestPatch{Reason: &why}, access.Basis{})
	b.Must(err)
	b.Must(form.Fill(b.Ctx, "Why", "no"))
	if err := form.Submit(b.Ctx); err == nil || !strings.Contains(form.Errors()["why"], "reason: “closing the books” → “month's end”") {
		t.Errorf("the form answers %v, %q", err, form.Errors())
	}
	if s := b.status(r.ID); s != access.StatusPending {
		t.Errorf("it is %s", s)
	}
}

// A button of the request approves no extension that was asked for later.
func TestSlackApprovalIsNoExtension(t *testing.T) {
	b := newSlackBed(t)
	ada, bo := b.Sim.As("ada"), b.Sim.As("bo")
	b.ask(ada, "finance-rdp 15m closing the books")
	b.Must(bo.Command(b.Ctx, "prod-approvals", "/procyon approvals"))
	list, err := bo.ExpectEphemeral(b.Ctx)
	b.Must(err)
	r := b.open()
	decide := access.ReviewRequest{Basis: access.Basis{ExpectedVersion: 1}, Subject: access.SubjectRequest, Decision: access.DecisionApprove}
	_, err = b.App.Access.ReviewRequest(b.Ctx, b.actorOf("bo@example.com"), r.ID, decide)
	b.Must(err)
	b.Must(b.Await(func() bool { return b.status(r.ID) == access.StatusActive }))
	_, err = b.App.Access.ExtendRequest(b.Ctx, b.actorOf("ada@example.com"), r.ID, 3600, "not done", access.Basis{})
	b.Must(err)
	b.Must(bo.Click(b.Ctx, list, "Approve"))
	told, err := bo.ExpectEphemeral(b.Ctx)
	b.Must(err)
	if !strings.Contains(told.Text, "already approved by Bo Approver") || !strings.Contains(string(told.Blocks), "keeps finance-rdp for 1 hour more, until") {
		t.Errorf("%q %s", told.Text, told.Blocks)
	}
	if r, _ = b.App.Access.Request(b.Ctx, r.ID); r.Extension == nil {
		t.Error("the extension was decided")
	}
}

// To ask for the same again is asked about; what is deleted is not offered again; and
// who asked hears what became of it.
func TestSlackDuplicateAndDeleted(t *testing.T) {
	b := newSlackBed(t)
	ada, bo := b.Sim.As("ada"), b.Sim.As("bo")
	b.ask(ada, "finance-rdp 15m closing the books")
	asked := b.asked(bo, "")
	b.Must(ada.Command(b.Ctx, "", "/procyon request finance-rdp 30m the same"))
	form, err := ada.AwaitModal(b.Ctx, "Ask for access")
	b.Must(err)
	b.Must(b.Await(func() bool { return len(form.Value("reason")) > 0 && form.Value("reason")[0] != "" }))
	b.Must(form.Submit(b.Ctx))
	if text := form.Text(); !strings.Contains(text, "You have asked for this already. finance-rdp, for 15 minutes: waits for a decision.") || strings.Join(form.Value("reason"), "") != "the same" {
		t.Errorf("the form says %s, %v", text, form.Value("reason"))
	}
	b.Must(form.Submit(b.Ctx))
	b.Must(ada.AwaitNoModal(b.Ctx))
	twin := b.open()
	if twin.Reason != "the same" {
		t.Fatalf("%q was asked", twin.Reason)
	}
	admin := b.actorOf("bo@example.com")
	if _, err := b.App.Access.DeleteResource(b.Ctx, admin, twin.Items[0].ResourceID, false); access.CodeOf(err) != access.CodeInUse {
		t.Errorf("%v", err)
	}
	ended, err := b.App.Access.DeleteResource(b.Ctx, admin, twin.Items[0].ResourceID, true)
	b.Must(err)
	if ended.Count != 2 || b.status(twin.ID) != access.StatusCanceled {
		t.Errorf("%+v, %s", ended, b.status(twin.ID))
	}
	after := b.decided(bo, asked)
	if !strings.Contains(after.Text, "Canceled by Bo Approver") || !strings.Contains(after.Text, "The resource finance-rdp was deleted.") {
		t.Errorf("the approver's message says %q", after.Text)
	}
	_, err = ada.AwaitMessage(b.Ctx, "", func(m slacksim.Message) bool {
		return strings.HasPrefix(m.Text, "Your request was canceled.") && strings.Contains(m.Text, "was deleted")
	})
	b.Must(err)
	b.Must(ada.Command(b.Ctx, "prod-approvals", "/procyon requests"))
	list, err := ada.ExpectEphemeral(b.Ctx)
	b.Must(err)
	b.Must(ada.Click(b.Ctx, list, "Ask again"))
	form, err = ada.AwaitModal(b.Ctx, "Ask for access")
	b.Must(err)
	b.Must(b.Await(func() bool { return len(form.Value("reason")) > 0 && form.Value("reason")[0] != "" }))
	if strings.Contains(string(form.JSON()), "finance-rdp") {
		t.Errorf("what was deleted is offered again: %s", form.JSON())
	}
}

// What a message shows already is not sent again: an approval and the start of what it
// grants look alike.
func TestSlackEqualUpdatesAreSentOnce(t *testing.T) {
	b := newSlackBed(t)
	b.channel("access")
	ada, bo := b.Sim.As("ada"), b.Sim.As("bo")
	b.ask(ada, "finance-rdp 1h closing the books")
	direct, asked := b.asked(bo, ""), b.asked(bo, "access")
	b.Must(bo.Click(b.Ctx, asked, "Approve"))
	b.decided(bo, direct)
	b.Must(b.Await(func() bool { // it has begun
		b.Must(ada.Command(b.Ctx, "", "/procyon requests"))
		list, err := ada.ExpectEphemeral(b.Ctx)
		b.Must(err)
		return strings.Contains(string(list.Blocks), "in force")
	}))
	b.Must(ada.Command(b.Ctx, "", "/procyon requests"))
	list, err := ada.ExpectEphemeral(b.Ctx)
	b.Must(err)
	b.Must(ada.Click(b.Ctx, list, "Close"))
	for where, m := range map[string]slacksim.Message{"": direct, "access": asked} {
		last, err := bo.AwaitMessage(b.Ctx, where, func(now slacksim.Message) bool {
			return now.TS == m.TS && strings.Contains(now.Text, "Closed by")
		})
		b.Must(err)
		if last.Edits > 3 { // the buttons, the approval, the end
			t.Errorf("in %q the message was changed %d times", where, last.Edits)
		}
	}
}
