package slackbot_test

import (
	"strings"
	"testing"
	"time"

	"procyon/access"
	"procyon/delivery"
	"procyon/internal/app"
	"procyon/internal/slacksim"
	"procyon/notifier/slackchannel"
	"procyon/store"
)

// channel adds a channel of the simulated Slack as an integration that hears of
// everything behind gateways and of an account.
func (b *slackBed) channel(name string, accounts ...string) (access.Integration, string) {
	b.T.Helper()
	id, err := b.Sim.AddChannel("", name, false)
	b.Must(err)
	by := app.Operator()
	w, err := b.App.Workspaces.Workspaces(b.Ctx, store.Page{First: 1})
	b.Must(err)
	// A new notifier begins with what happens from now on.
	b.Must(b.Await(func() bool {
		_, err := b.App.Ledger.ConsumerByID(b.Ctx, "con_slackchannel")
		return err == nil
	}))
	i, err := b.App.Access.CreateIntegration(b.Ctx, by, access.NewIntegration{
		Name: name, Kind: slackchannel.Name, Channel: &access.Channel{WorkspaceID: w.Docs[0].ID, ChannelID: id},
	})
	b.Must(err)
	i, err = b.App.Access.SetNotificationChannels(b.Ctx, by, i.ID, len(accounts) == 0, false)
	b.Must(err)
	if len(accounts) > 0 {
		i, err = b.App.Access.SetIntegrationAccounts(b.Ctx, by, i.ID, accounts)
		b.Must(err)
	}
	return i, id
}

// account returns the ID of a sample account.
func (b *slackBed) account(name string) string {
	b.T.Helper()
	l, err := b.App.Access.Accounts(b.Ctx, name, store.Page{First: 1})
	b.Must(err)
	return l.Docs[0].ID
}

// ask asks as a linked person, by the form that words fill in. Roles are given as
// resource and role.
func (b *slackBed) ask(p *slacksim.Person, words string, roles ...string) {
	b.T.Helper()
	b.Must(p.Command(b.Ctx, "", "/procyon request "+words))
	form, err := p.AwaitModal(b.Ctx, "Ask for access")
	b.Must(err)
	b.Must(b.Await(func() bool { return len(form.Value("reason")) > 0 && form.Value("reason")[0] != "" }))
	for i := 0; i < len(roles); i += 2 {
		b.Must(form.Fill(b.Ctx, "Role on "+roles[i], roles[i+1]))
	}
	b.Must(form.Submit(b.Ctx))
	if strings.Contains(form.Text(), "You have asked for this already") {
		b.Must(form.Submit(b.Ctx))
	}
	b.Must(p.AwaitNoModal(b.Ctx))
}

// awaitDelivery waits until what an integration is owed has a status.
func (b *slackBed) awaitDelivery(integration string, status delivery.Status) {
	b.T.Helper()
	b.Must(b.Await(func() bool {
		l, err := b.App.Ledger.List(b.Ctx, delivery.Filter{IntegrationID: integration, Statuses: []delivery.Status{status}}, true, store.Page{First: 1})
		return err == nil && len(l.Docs) > 0
	}))
}

// In a channel a request has one message with buttons, which changes, and its log as
// a thread. Who may not decide is told so, alone.
func TestSlackChannel(t *testing.T) {
	b := newSlackBed(t)
	b.channel("access")
	ada, bo, dev := b.Sim.As("ada"), b.Sim.As("bo"), b.Sim.As("dev")
	b.ask(ada, "finance-rdp 2h closing the books")
	asked := b.asked(bo, "access")
	for _, want := range []string{"Ada Admin asks for access", "finance-rdp", "2 hours", "closing the books"} {
		if !strings.Contains(asked.Text, want) {
			t.Errorf("the channel's message lacks %q: %s", want, asked.Text)
		}
	}

	b.Must(dev.Click(b.Ctx, asked, "Approve")) // is linked to nobody
	told, err := dev.ExpectEphemeral(b.Ctx)
	b.Must(err)
	if !strings.Contains(told.Text, "Link your Slack account") {
		t.Errorf("a stranger who clicks is told %q", told.Text)
	}
	b.Must(ada.Click(b.Ctx, asked, "Approve")) // her own
	told, err = ada.ExpectEphemeral(b.Ctx)
	b.Must(err)
	if !strings.Contains(told.Text, "own request") {
		t.Errorf("the requester who clicks is told %q", told.Text)
	}

	b.Must(bo.Click(b.Ctx, asked, "Approve"))
	after := b.decided(bo, asked)
	if !strings.Contains(after.Text, "Approved by Bo Approver") {
		t.Errorf("after the decision the channel shows %q", after.Text)
	}
	line, err := bo.AwaitMessage(b.Ctx, "access", func(m slacksim.Message) bool {
		return m.Thread == asked.TS && strings.Contains(m.Text, "Approved by Bo Approver")
	})
	b.Must(err)
	if !strings.Contains(line.Text, "for 2 hours") {
		t.Errorf("the log says %q", line.Text)
	}
	head := b.App.Journal.Head()
	_, _, err = b.Sim.Again(b.Ctx, "block_actions") // Slack repeats itself: it is the same decision
	b.Must(err)
	if n := len(bo.Ephemerals()); n > 0 || b.App.Journal.Head() != head {
		t.Errorf("a click that Slack repeats is answered %d times, and the journal grows by %d", n, b.App.Journal.Head()-head)
	}
	tops := 0
	for _, m := range b.Sim.Messages("access") {
		if m.Thread == "" && m.Only == "" {
			tops++
		}
	}
	if tops != 1 {
		t.Errorf("%d messages for one request", tops)
	}
}

// A channel sees the items that are routed to it, and how many others there are; and
// nothing any more once it is unlinked.
func TestSlackChannelSeesItsItemsAlone(t *testing.T) {
	b := newSlackBed(t)
	prod, _ := b.channel("prod-access", b.account("Production"))
	ada, bo := b.Sim.As("ada"), b.Sim.As("bo")
	b.Must(ada.Command(b.Ctx, "", "/procyon request orders-db 1h stuck orders"))
	form, err := ada.AwaitModal(b.Ctx, "Ask for access")
	b.Must(err)
	b.Must(b.Await(func() bool { return len(form.Value("reason")) > 0 && form.Value("reason")[0] != "" }))
	_, err = form.Suggest(b.Ctx, "What do you need?", "build")
	b.Must(err)
	b.Must(form.Fill(b.Ctx, "What do you need?", "orders-db – Production", "build-mac"))
	b.Must(b.Await(func() bool { return len(form.Value("What do you need?")) == 2 }))
	b.Must(form.Fill(b.Ctx, "Role on orders-db", "reader"))
	b.Must(form.Submit(b.Ctx))
	asked, err := bo.AwaitMessage(b.Ctx, "prod-access", func(m slacksim.Message) bool { return strings.Contains(string(m.Blocks), "Open it to decide") })
	b.Must(err)
	if all := asked.Text + string(asked.Blocks); strings.Contains(all, "build-mac") || !strings.Contains(all, "and 1 more item") || !strings.Contains(all, "orders-db as reader") {
		t.Errorf("the channel sees %s", all)
	}
	if live(asked) {
		t.Errorf("a channel that doesn't see all decides: %s", asked.Blocks)
	}
	_, err = b.App.Access.SetIntegrationAccounts(b.Ctx, app.Operator(), prod.ID, nil)
	b.Must(err)
	b.Must(bo.Click(b.Ctx, b.asked(bo, ""), "Approve"))
	after, err := bo.AwaitMessage(b.Ctx, "prod-access", func(now slacksim.Message) bool {
		return now.TS == asked.TS && strings.Contains(now.Text, "Approved by")
	})
	b.Must(err)
	if strings.Contains(after.Text, "orders-db") || strings.Contains(after.Text, "stuck orders") {
		t.Errorf("a channel that was unlinked sees %s", after.Text)
	}
}

// Test messages arrive; a channel that is gone, or that the app can't see, breaks the
// integration, and a workspace without the app does.
func TestSlackChannelBreaks(t *testing.T) {
	b := newSlackBed(t)
	i, _ := b.channel("access")
	_, err := b.App.Ledger.Test(b.Ctx, i.ID, i.Name)
	b.Must(err)
	_, err = b.Sim.Await(b.Ctx, "access", func(m slacksim.Message) bool { return strings.Contains(m.Text, "This integration works") })
	b.Must(err)
	b.Sim.FailCalls("chat.postMessage", 1, slacksim.Fault{Code: "ratelimited", Status: 429, RetryAfter: time.Second})
	_, err = b.App.Ledger.Test(b.Ctx, i.ID, i.Name)
	b.Must(err)
	b.Must(b.Await(func() bool { return len(b.Sim.Messages("access")) == 2 }))
	b.awaitDelivery(i.ID, delivery.StatusDelivered)

	b.Sim.Archive("access")
	_, err = b.App.Ledger.Test(b.Ctx, i.ID, i.Name)
	b.Must(err)
	b.Must(b.Await(func() bool {
		now, err := b.App.Access.Integration(b.Ctx, i.ID)
		return err == nil && now.Status == access.IntegrationBroken && strings.Contains(now.BrokenReason, "archived")
	}))
	b.Expect("is_archived")
}

// Where the policy takes approvals in the console alone, Slack offers to deny, and
// does not approve.
func TestSlackApproveInConsole(t *testing.T) {
	b := newSlackBed(t, func(b *slackBed) { b.Config.Requests.ApproveInConsole = true })
	ada, bo := b.Sim.As("ada"), b.Sim.As("bo")
	b.ask(ada, "finance-rdp 1h closing the books")
	asked := b.asked(bo, "")
	if strings.Contains(string(asked.Blocks), `"approve`) || !strings.Contains(string(asked.Blocks), "/requests/req_") {
		t.Errorf("%s", asked.Blocks)
	}
	b.Must(bo.Command(b.Ctx, "", "/procyon approvals"))
	list, err := bo.ExpectEphemeral(b.Ctx)
	b.Must(err)
	if strings.Contains(string(list.Blocks), `"approve`) {
		t.Errorf("%s", list.Blocks)
	}
}

// Approvers can be left in peace: then they hear of requests in channels.
func TestSlackQuietApprovers(t *testing.T) {
	b := newSlackBed(t, func(b *slackBed) { b.Config.Slack.ApproverDMs = false })
	b.channel("access")
	ada, bo := b.Sim.As("ada"), b.Sim.As("bo")
	_, err := bo.OpenHome()
	b.Must(err)
	b.ask(ada, "finance-rdp 1h closing the books")
	_, err = bo.AwaitHome(b.Ctx, "closing the books")
	b.Must(err)
	b.Must(bo.Click(b.Ctx, b.asked(bo, "access"), "Approve"))
	_, err = bo.AwaitHome(b.Ctx, "Nothing waits for your decision.")
	b.Must(err)
	_, err = ada.AwaitMessage(b.Ctx, "", func(m slacksim.Message) bool { return strings.Contains(m.Text, "Your request was approved.") })
	b.Must(err)
	if n := len(bo.DMs()); n != 0 {
		t.Errorf("%d direct messages for an approver", n)
	}
}

// A channel whose integration is switched off, or broken, goes on to show what it showed:
// it hears of nothing new, and the request's message there stays true and whole.
func TestSlackSilentChannelKeepsItsContent(t *testing.T) {
	off := false
	for name, silence := range map[string]func(b *slackBed, i access.Integration) error{
		"switched off": func(b *slackBed, i access.Integration) error {
			_, err := b.App.Access.UpdateIntegration(b.Ctx, app.Operator(), i.ID, access.IntegrationPatch{Enabled: &off})
			return err
		},
		"broken": func(b *slackBed, i access.Integration) error {
			return b.App.Access.BreakIntegration(b.Ctx, app.Operator(), i.ID, "the channel is gone")
		},
	} {
		t.Run(name, func(t *testing.T) {
			b := newSlackBed(t)
			i, _ := b.channel("access")
			ada, bo := b.Sim.As("ada"), b.Sim.As("bo")
			b.ask(ada, "finance-rdp 1h closing the books")
			asked := b.asked(bo, "access")
			b.Must(silence(b, i))
			b.Must(bo.Click(b.Ctx, b.asked(bo, ""), "Approve"))
			after := b.decided(bo, asked)
			if !strings.Contains(after.Text, "finance-rdp") || !strings.Contains(after.Text, "closing the books") || strings.Contains(after.Text, "not shown") {
				t.Errorf("the channel shows %q", after.Text)
			}
		})
	}
}
