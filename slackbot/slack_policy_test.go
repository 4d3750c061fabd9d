package slackbot_test

import (
	"slices"
	"strings"
	"testing"

	"procyon/access"
	"procyon/internal/app"
	"procyon/internal/slacksim"
	"procyon/policy"
	"procyon/slackworkspace"
	"procyon/store"
)

// newMember makes a person with a linked Slack account.
func (b *slackBed) newMember(name, real string) (*slacksim.Person, access.User) {
	b.T.Helper()
	u, err := b.App.Access.CreateUser(b.Ctx, app.Operator(), access.NewUser{Email: name + "@example.com", Name: real})
	b.Must(err)
	b.Must(b.Sim.AddPerson("", slacksim.Profile{Name: name, Real: real, Email: u.Email}))
	p := b.Sim.As(name)
	by := access.Actor{Kind: access.ActorUser, ID: u.ID, Name: u.Name, Email: u.Email, Via: "cli"}
	_, err = b.App.Workspaces.Link(b.Ctx, by, slackworkspace.NewLink{WorkspaceID: b.workspace(b.teamID()).ID, SlackUserID: p.ID(), SlackName: name, SlackEmail: u.Email})
	b.Must(err)
	return p, u
}

// resourceID is the ID of a sample resource.
func (b *slackBed) resourceID(name string) string {
	b.T.Helper()
	l, err := b.App.Access.Resources(b.Ctx, access.ResourceFilter{Search: name}, store.Page{First: 1})
	b.Must(err)
	return l.Docs[0].ID
}

// steps makes a policy for some resources, or for the rest, by steps of people of whom one
// each has to approve.
func (b *slackBed) steps(name string, resources []string, people ...string) policy.Policy {
	p := policy.Policy{Name: name, Who: policy.Who{Everyone: true}, MaxDuration: 8 * 3600}
	for _, r := range resources {
		p.What.ResourceIDs = append(p.What.ResourceIDs, b.resourceID(r))
	}
	for _, id := range people {
		s := policy.Step{Need: 1, Approvers: policy.Approvers{UserIDs: []string{id}}}
		if id == policy.Administrators {
			s.Approvers = policy.Approvers{Administrators: true}
		}
		p.Steps = append(p.Steps, s)
	}
	return p
}

func (b *slackBed) setPolicies(version uint64, list ...policy.Policy) {
	b.T.Helper()
	set := policy.Set{Policies: append(list, b.steps("Everything else", nil, policy.Administrators))}
	_, problems, err := b.App.Access.SetPolicies(b.Ctx, app.Operator(), set, access.PolicyChange{Version: version})
	b.Must(err)
	if len(problems.Wrong) > 0 {
		b.T.Fatal(problems.Wrong)
	}
}

// says waits until a message says all of some words.
func (b *slackBed) says(p *slacksim.Person, m slacksim.Message, words ...string) slacksim.Message {
	b.T.Helper()
	channel := m.Channel
	if strings.HasPrefix(m.ChannelID, "D") {
		channel = ""
	}
	var last string
	now, err := p.AwaitMessage(b.Ctx, channel, func(now slacksim.Message) bool {
		if now.TS != m.TS || now.ChannelID != m.ChannelID {
			return false
		}
		last = now.Text
		for _, w := range words {
			if !strings.Contains(now.Text, w) {
				return false
			}
		}
		return true
	})
	if err != nil {
		b.T.Fatalf("%v: it says %s", err, last)
	}
	return now
}

// asksFor tells whether somebody is asked to decide in a direct message.
func asksFor(p *slacksim.Person) bool {
	for _, m := range p.DMs() {
		if strings.Contains(m.Text, "asks for access") {
			return true
		}
	}
	return false
}

// Steps follow each other: only those of the present one are asked, the next ones once it is
// met, and the first ones see that it was their approval that counted.
func TestSlackStepsFollowEachOther(t *testing.T) {
	b := newSlackBed(t)
	b.channel("access")
	ada, bo := b.Sim.As("ada"), b.Sim.As("bo")
	eve, eveUser := b.newMember("eve", "Eve")
	flo, floUser := b.newMember("flo", "Flo")
	for _, p := range []*slacksim.Person{ada, eve, flo} {
		_, err := p.OpenHome()
		b.Must(err)
		_, err = p.AwaitHome(b.Ctx, "Nothing waits for your decision.")
		b.Must(err)
	}
	b.setPolicies(0, b.steps("Money", []string{"finance-rdp"}, eveUser.ID, floUser.ID))
	b.ask(ada, "finance-rdp 2h closing the books")
	inChannel := b.says(eve, b.asked(eve, "access"), "Step 1 of 2: waits for 1 approval from: Eve")
	for p, want := range map[*slacksim.Person]string{
		flo: "It is not your step that waits now. Policy Money: 1 of the people named, then 1 of the people named.",
		bo:  "You are no approver of this request: Policy Money: 1 of the people named, then 1 of the people named.",
	} {
		b.Must(p.Click(b.Ctx, inChannel, "Approve"))
		if told, err := p.ExpectEphemeral(b.Ctx); err != nil || told.Text != want {
			t.Errorf("who clicks too early is told %q, %v", told.Text, err)
		}
	}
	_, err := eve.AwaitHome(b.Ctx, "Step 1 of 2: waits for 1 approval from: Eve")
	b.Must(err)
	first := b.says(eve, b.asked(eve, ""), "Who decides: Policy Money: Step 1 of 2: waits for 1 approval from: Eve; Step 2 of 2: then 1 approval from: Flo")
	own, err := ada.AwaitMessage(b.Ctx, "", func(m slacksim.Message) bool { return strings.Contains(m.Text, "waits for 1 approval from: Eve") })
	b.Must(err)
	if asksFor(flo) || asksFor(bo) {
		t.Error("somebody is asked whose step it is not")
	}
	b.Must(ada.Command(b.Ctx, "", "/procyon requests"))
	list, err := ada.ExpectEphemeral(b.Ctx)
	b.Must(err)
	if !strings.Contains(string(list.Blocks), "Step 1 of 2: waits for 1 approval from: Eve.") {
		t.Errorf("one's own requests say %s", list.Blocks)
	}
	b.Must(eve.Command(b.Ctx, "", "/procyon approvals"))
	old, err := eve.ExpectEphemeral(b.Ctx)
	b.Must(err)

	b.Must(eve.Click(b.Ctx, first, "Approve"))
	b.decided(eve, first)
	const half = "Step 1 of 2: approved by Eve; Step 2 of 2: waits for 1 approval from: Flo"
	b.says(eve, first, half, "Nothing of this waits for your decision now.")
	b.says(ada, own, half)
	b.says(ada, inChannel, half)
	_, err = eve.AwaitHome(b.Ctx, "Nothing waits for your decision.")
	b.Must(err)
	_, err = flo.AwaitHome(b.Ctx, "Step 1 of 2: approved by Eve\n• Step 2 of 2: waits for 1 approval from: Flo")
	b.Must(err)
	_, err = ada.AwaitHome(b.Ctx, "Step 2 of 2: waits for 1 approval from: Flo.")
	b.Must(err)
	second := b.says(flo, b.asked(flo, ""), half)
	b.Must(eve.Click(b.Ctx, old, "Approve"))
	told, err := eve.ExpectEphemeral(b.Ctx)
	b.Must(err)
	if !strings.Contains(told.Text, "You have approved this already; it waits for others.") {
		t.Errorf("who approves twice is told %q", told.Text)
	}
	b.Must(flo.Click(b.Ctx, second, "Approve"))
	b.says(flo, b.decided(flo, second), "Approved by Flo", "Step 1 of 2: approved by Eve; Step 2 of 2: approved by Flo")
	b.says(eve, first, "Approved by Flo")
}

// Where what governs a waiting request changes, its messages follow: those who decide by now
// are asked, the others no longer, and nothing is posted anew in channels.
func TestSlackFollowsChangedPolicies(t *testing.T) {
	b := newSlackBed(t)
	b.channel("access")
	ada, bo := b.Sim.As("ada"), b.Sim.As("bo")
	eve, eveUser := b.newMember("eve", "Eve")
	b.ask(ada, "finance-rdp 2h closing the books")
	direct, asked := b.asked(bo, ""), b.asked(bo, "access")
	if strings.Contains(direct.Text+asked.Text, "Who decides") {
		t.Errorf("with nobody's policies it says %s", direct.Text)
	}
	b.setPolicies(0, b.steps("Money", []string{"finance-rdp"}, eveUser.ID))
	b.Must(bo.Click(b.Ctx, asked, "Approve"))
	told, err := bo.ExpectEphemeral(b.Ctx)
	b.Must(err)
	if told.Text != "You are no approver of this request: Policy Money: 1 of the people named." || b.status(b.open().ID) != access.StatusPending {
		t.Errorf("who decides no longer is told %q", told.Text)
	}
	b.says(bo, b.decided(bo, direct), "Policy Money", "Nothing of this waits for your decision now.")
	b.says(bo, asked, "Policy Money: Approval: waits for 1 approval from: Eve")
	now := b.asked(eve, "")
	for _, m := range b.Sim.Messages("access") {
		if m.Thread != "" || m.TS != asked.TS && strings.Contains(m.Text, "finance-rdp") {
			t.Errorf("the channel got %s", m.Text)
		}
	}
	b.Must(eve.Command(b.Ctx, "", "/procyon approvals"))
	old, err := eve.ExpectEphemeral(b.Ctx)
	b.Must(err)
	flo, floUser := b.newMember("flo", "Flo")
	b.setPolicies(1, b.steps("Money", []string{"finance-rdp"}, eveUser.ID, floUser.ID))
	b.says(eve, now, "Step 2 of 2: then 1 approval from: Flo")
	b.Must(eve.Click(b.Ctx, old, "Approve"))
	told, err = eve.ExpectEphemeral(b.Ctx)
	b.Must(err)
	if !strings.HasPrefix(told.Text, "What governs this request changed just now, after you saw it.") || !strings.Contains(string(told.Blocks), "Step 2 of 2: then 1 approval from: Flo") {
		t.Errorf("who decides by what governed it before is told %q, %s", told.Text, told.Blocks)
	}
	b.Must(eve.Click(b.Ctx, told, "Approve"))
	b.Must(flo.Click(b.Ctx, b.asked(flo, ""), "Approve"))
	b.says(bo, b.decided(bo, asked), "Approved by Flo")
}

// A channel that sees one item leads to a form that shows all that somebody decides: they
// approve what they check there, and leave the rest out.
func TestSlackChoosesWhatToApprove(t *testing.T) {
	b := newSlackBed(t)
	b.channel("access")
	ada := b.Sim.As("ada")
	eve, eveUser := b.newMember("eve", "Eve")
	flo, floUser := b.newMember("flo", "Flo")
	b.setPolicies(0, b.steps("Money", []string{"finance-rdp", "bastion-1", "PowerUser"}, eveUser.ID), b.steps("Data", []string{"build-mac"}, floUser.ID))
	var items []access.ItemRef
	for _, name := range []string{"finance-rdp", "PowerUser", "build-mac"} {
		items = append(items, access.ItemRef{ResourceID: b.resourceID(name)})
	}
	r, err := b.App.Access.CreateRequest(b.Ctx, b.actorOf("ada@example.com"), access.NewRequest{Items: items, Duration: 7200, Reason: "closing the books"})
	b.Must(err)
	asked, err := eve.AwaitMessage(b.Ctx, "access", func(m slacksim.Message) bool { return strings.Contains(string(m.Blocks), `"choose"`) })
	b.Must(err)
	if strings.Contains(string(asked.Blocks), "PowerUser") || strings.Contains(string(asked.Blocks), "Flo") || strings.Contains(string(asked.Blocks), "build-mac") {
		t.Errorf("the channel sees what is not routed to it: %s", asked.Blocks)
	}
	if text := b.opens(ada, asked).Text(); !strings.Contains(text, "You can't review your own request") {
		t.Errorf("the requester sees %s", text)
	}
	form := b.opens(eve, asked)
	for _, want := range []string{"finance-rdp", "PowerUser", "for 2 hours", "“closing the books”", "Not yours to decide now:\n• build-mac"} {
		if !strings.Contains(form.Text(), want) {
			t.Errorf("the form lacks %q: %s", want, form.Text())
		}
	}
	b.Must(form.Fill(b.Ctx, "What you approve", "finance-rdp"))
	b.Must(form.Fill(b.Ctx, "For how long?", "1 hour"))
	b.Must(form.Submit(b.Ctx))
	b.Must(eve.AwaitNoModal(b.Ctx))
	b.Must(b.Await(func() bool { r, err = b.App.Access.Request(b.Ctx, r.ID); return err == nil && len(r.Reviews) == 1 }))
	late := b.choosing(flo)
	if !strings.Contains(late.Text(), "You decide:\n• build-mac") {
		t.Errorf("the form says %s", late.Text())
	}
	b.Must(late.Submit(b.Ctx))
	b.Must(flo.AwaitNoModal(b.Ctx))
	b.Must(b.Await(func() bool { return b.status(r.ID) != access.StatusPending }))
	r, err = b.App.Access.Request(b.Ctx, r.ID)
	b.Must(err)
	if len(r.Items) != 2 || r.GrantedDuration() != 3600 {
		t.Errorf("granted: %+v for %d", r.Items, r.GrantedDuration())
	}
	_, err = ada.AwaitMessage(b.Ctx, "", func(m slacksim.Message) bool {
		return strings.Contains(m.Text, "Your request was approved.") && strings.Contains(m.Text, "PowerUser – left out by an approver")
	})
	b.Must(err)
}

// The form of a request says by which policy it is decided and what that requires, before
// anything is asked; what nobody gets is said there, and at its field where it is asked for
// all the same.
func TestSlackFormExplains(t *testing.T) {
	b := newSlackBed(t)
	ada := b.Sim.As("ada")
	_, eveUser := b.newMember("eve", "Eve")
	money := b.steps("Money", []string{"finance-rdp"}, eveUser.ID)
	money.MaxDuration, money.MinReason, money.Ticket = 2*3600, 12, &policy.Ticket{Pattern: "FIN-[0-9]+", Example: "FIN-7"}
	writers := b.steps("Writers", []string{"orders-db"})
	writers.What.Roles, writers.MaxDuration, writers.Refuse = []string{"writer"}, 0, "Writers are for the night shift."
	quiet := b.steps("Quiet", []string{"grafana"}, eveUser.ID)
	quiet.HideApprovers = true
	b.setPolicies(0, money, writers, quiet)

	b.Must(ada.Command(b.Ctx, "", "/procyon request finance-rdp 8h closing"))
	form, err := ada.AwaitModal(b.Ctx, "Ask for access")
	b.Must(err)
	b.Must(b.Await(func() bool { return strings.Contains(form.Text(), "Who is asked") }))
	for _, want := range []string{"Policy Money:\n• Approval: 1 approval from: Eve", "Who is asked: Eve.", "At most 2 hours is allowed for this.", "At least 12 characters.", "Such as FIN-7."} {
		if !strings.Contains(form.Text(), want) {
			t.Errorf("the form lacks %q: %s", want, form.Text())
		}
	}
	b.Must(form.Fill(b.Ctx, "Why?", "closing the books of November"))
	if err := form.Submit(b.Ctx); err == nil {
		t.Error("it is asked for without a ticket")
	}
	b.Must(form.Fill(b.Ctx, "Ticket", "INC-1"))
	if err := form.Submit(b.Ctx); err == nil || !strings.Contains(form.Errors()["ticket"], "is not of the kind that this needs, such as FIN-7") {
		t.Errorf("another kind of ticket: %v, %v", err, form.Errors())
	}
	b.Must(form.Fill(b.Ctx, "Ticket", "FIN-12"))
	b.Must(form.Submit(b.Ctx))
	b.Must(ada.AwaitNoModal(b.Ctx))
	if r := b.open(); r.Ticket != "FIN-12" || r.Duration != 2*3600 {
		t.Errorf("%+v", r)
	}

	b.Must(ada.Command(b.Ctx, "", "/procyon request orders-db 1h stuck orders"))
	form, err = ada.AwaitModal(b.Ctx, "Ask for access")
	b.Must(err)
	b.Must(b.Await(func() bool { return strings.Contains(form.Text(), "This is so for orders-db as reader") }))
	b.Must(form.Fill(b.Ctx, "Role on orders-db", "writer"))
	const refused = "orders-db as writer can't be asked for: Writers are for the night shift (Writers)"
	if text := form.Text(); !strings.Contains(text, refused) || !strings.Contains(text, "Nobody is asked.") {
		t.Errorf("the form says %s", text)
	}
	if err := form.Submit(b.Ctx); err == nil || form.Errors()["resources"] != refused {
		t.Errorf("what nobody gets: %v, %v", err, form.Errors())
	}
	b.Must(form.Close(b.Ctx))

	dev, _ := b.newMember("dan", "Dan")
	b.Must(dev.Command(b.Ctx, "", "/procyon request grafana as viewer 1h a look at it"))
	form, err = dev.AwaitModal(b.Ctx, "Ask for access")
	b.Must(err)
	b.Must(b.Await(func() bool { return strings.Contains(form.Text(), "Policy Quiet") }))
	if text := form.Text(); strings.Contains(text, "Eve") || !strings.Contains(text, "Who is asked is not shown.") {
		t.Errorf("who is asked is hidden, and the form says %s", text)
	}
	b.Must(form.Submit(b.Ctx))
	b.Must(dev.AwaitNoModal(b.Ctx))
	own, err := dev.AwaitMessage(b.Ctx, "", func(m slacksim.Message) bool { return strings.Contains(m.Text, "Policy Quiet") })
	b.Must(err)
	if strings.Contains(own.Text+string(own.Blocks), "Eve") {
		t.Errorf("who is asked is hidden, and their message says %s", own.Text)
	}
}

// What becomes somebody's to decide while they choose is not decided by their choice, and
// waits for them until they were shown it.
func TestSlackChoosesNothingUnseen(t *testing.T) {
	b := newSlackBed(t)
	eve, eveUser := b.newMember("eve", "Eve")
	flo, floUser := b.newMember("flo", "Flo")
	b.setPolicies(0, b.steps("Money", []string{"finance-rdp"}, eveUser.ID, floUser.ID), b.steps("Data", []string{"build-mac"}, floUser.ID))
	var items []access.ItemRef
	for _, name := range []string{"finance-rdp", "build-mac"} {
		items = append(items, access.ItemRef{ResourceID: b.resourceID(name)})
	}
	r, err := b.App.Access.CreateRequest(b.Ctx, b.actorOf("ada@example.com"), access.NewRequest{Items: items, Duration: 7200, Reason: "closing the books"})
	b.Must(err)
	form := b.choosing(flo)
	if text := form.Text(); !strings.Contains(text, "You decide:\n• build-mac") || !strings.Contains(text, "Not yours to decide now:\n• finance-rdp") {
		t.Errorf("the form says %s", text)
	}
	first := b.choosing(eve)
	b.Must(first.Submit(b.Ctx))
	b.Must(eve.AwaitNoModal(b.Ctx))
	b.Must(b.Await(func() bool { r, err = b.App.Access.Request(b.Ctx, r.ID); return err == nil && len(r.Reviews) == 1 }))
	b.Must(form.Submit(b.Ctx))
	b.Must(flo.AwaitNoModal(b.Ctx))
	b.Must(b.Await(func() bool { r, err = b.App.Access.Request(b.Ctx, r.ID); return err == nil && len(r.Reviews) == 2 }))
	if last := r.Reviews[1]; r.Status != access.StatusPending || !slices.Equal(last.Covers, []string{b.resourceID("build-mac")}) {
		t.Errorf("it is %s, by %+v", r.Status, last)
	}
	rest := b.choosing(flo)
	if text := rest.Text(); !strings.Contains(text, "You decide:\n• finance-rdp") {
		t.Errorf("the form says %s", text)
	}
	b.Must(rest.Submit(b.Ctx))
	b.Must(flo.AwaitNoModal(b.Ctx))
	b.Must(b.Await(func() bool { return b.status(r.ID) != access.StatusPending }))
}

// choosing is the form that somebody opens from their direct message.
func (b *slackBed) choosing(p *slacksim.Person) *slacksim.Form {
	b.T.Helper()
	m, err := p.AwaitMessage(b.Ctx, "", func(m slacksim.Message) bool { return strings.Contains(string(m.Blocks), `"choose"`) })
	b.Must(err)
	return b.opens(p, m)
}

// opens presses the button that leads to the form, and waits for it.
func (b *slackBed) opens(p *slacksim.Person, m slacksim.Message) *slacksim.Form {
	b.T.Helper()
	b.Must(p.Click(b.Ctx, m, "Approve…"))
	f, err := p.AwaitModal(b.Ctx, "Approve access")
	b.Must(err)
	b.Must(b.Await(func() bool { return !strings.Contains(f.Text(), "Looking up") }))
	return f
}
