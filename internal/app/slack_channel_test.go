package app

import (
	"slices"
	"strings"
	"testing"
	"time"

	"procyon/access"
	"procyon/delivery"
	"procyon/internal/slacksim"
	"procyon/notifier/slackchannel"
	"procyon/store"
)

// channel adds a channel of the simulated Slack as an integration that hears of
// everything behind gateways and of an account.
func (b *slackBed) channel(name string, accounts ...string) (access.Integration, string) {
	b.t.Helper()
	id, err := b.sim.AddChannel("", name, false)
	b.must(err)
	by := operator()
	w, err := b.g.workspaces.Workspaces(b.ctx, store.Page{First: 1})
	b.must(err)
	i, err := b.g.access.CreateIntegration(b.ctx, by, access.NewIntegration{
		Name: name, Kind: slackchannel.Name, Channel: &access.Channel{WorkspaceID: w.Docs[0].ID, ChannelID: id},
	})
	b.must(err)
	i, err = b.g.access.SetNotificationChannels(b.ctx, by, i.ID, len(accounts) == 0, false)
	b.must(err)
	if len(accounts) > 0 {
		i, err = b.g.access.SetIntegrationAccounts(b.ctx, by, i.ID, accounts)
		b.must(err)
	}
	return i, id
}

// account returns the ID of a sample account.
func (b *slackBed) account(name string) string {
	b.t.Helper()
	l, err := b.g.access.Accounts(b.ctx, name, store.Page{First: 1})
	b.must(err)
	return l.Docs[0].ID
}

// ask asks as a linked person, by the form that words fill in. Roles are given as
// resource and role.
func (b *slackBed) ask(p *slacksim.Person, words string, roles ...string) {
	b.t.Helper()
	b.must(p.Command(b.ctx, "", "/procyon request "+words))
	form, err := p.AwaitModal(b.ctx, "Ask for access")
	b.must(err)
	b.must(b.await(func() bool { return len(form.Value("reason")) > 0 && form.Value("reason")[0] != "" }))
	for i := 0; i < len(roles); i += 2 {
		b.must(form.Fill(b.ctx, "Role on "+roles[i], roles[i+1]))
	}
	b.must(form.Submit(b.ctx))
	if strings.Contains(form.Text(), "You have asked for this already") {
		b.must(form.Submit(b.ctx))
	}
	b.must(p.AwaitNoModal(b.ctx))
}

// awaitDelivery waits until what an integration is owed has a status.
func (b *slackBed) awaitDelivery(integration string, status delivery.Status) {
	b.t.Helper()
	b.must(b.await(func() bool {
		l, err := b.g.ledger.List(b.ctx, delivery.Filter{IntegrationID: integration, Statuses: []delivery.Status{status}}, true, store.Page{First: 1})
		return err == nil && len(l.Docs) > 0
	}))
}

// In a channel a request has one message with buttons, which changes, and its log as
// a thread. Who may not decide is told so, alone.
func TestSlackChannel(t *testing.T) {
	b := newSlackBed(t)
	b.channel("access")
	ada, bo, dev := b.sim.As("ada"), b.sim.As("bo"), b.sim.As("dev")
	b.ask(ada, "finance-rdp 2h closing the books")
	asked := b.asked(bo, "access")
	for _, want := range []string{"Ada Admin asks for access", "finance-rdp", "2 hours", "closing the books"} {
		if !strings.Contains(asked.Text, want) {
			t.Errorf("the channel's message lacks %q: %s", want, asked.Text)
		}
	}

	b.must(dev.Click(b.ctx, asked, "Approve")) // is linked to nobody
	told, err := dev.ExpectEphemeral(b.ctx)
	b.must(err)
	if !strings.Contains(told.Text, "Link your Slack account") {
		t.Errorf("a stranger who clicks is told %q", told.Text)
	}
	b.must(ada.Click(b.ctx, asked, "Approve")) // her own
	told, err = ada.ExpectEphemeral(b.ctx)
	b.must(err)
	if !strings.Contains(told.Text, "own request") {
		t.Errorf("the requester who clicks is told %q", told.Text)
	}

	b.must(bo.Click(b.ctx, asked, "Approve"))
	after := b.decided(bo, asked)
	if !strings.Contains(after.Text, "Approved by Bo Approver") {
		t.Errorf("after the decision the channel shows %q", after.Text)
	}
	line, err := bo.AwaitMessage(b.ctx, "access", func(m slacksim.Message) bool {
		return m.Thread == asked.TS && strings.Contains(m.Text, "Approved by Bo Approver")
	})
	b.must(err)
	if !strings.Contains(line.Text, "for 2 hours") {
		t.Errorf("the log says %q", line.Text)
	}
	head := b.g.journal.Head()
	_, _, err = b.sim.Again(b.ctx, "block_actions") // Slack repeats itself: it is the same decision
	b.must(err)
	if n := len(bo.Ephemerals()); n > 0 || b.g.journal.Head() != head {
		t.Errorf("a click that Slack repeats is answered %d times, and the journal grows by %d", n, b.g.journal.Head()-head)
	}
	tops := 0
	for _, m := range b.sim.Messages("access") {
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
	ada, bo := b.sim.As("ada"), b.sim.As("bo")
	b.must(ada.Command(b.ctx, "", "/procyon request orders-db 1h stuck orders"))
	form, err := ada.AwaitModal(b.ctx, "Ask for access")
	b.must(err)
	b.must(b.await(func() bool { return len(form.Value("reason")) > 0 && form.Value("reason")[0] != "" }))
	_, err = form.Suggest(b.ctx, "What do you need?", "build")
	b.must(err)
	b.must(form.Fill(b.ctx, "What do you need?", "orders-db – Production", "build-mac"))
	b.must(b.await(func() bool { return len(form.Value("What do you need?")) == 2 }))
	b.must(form.Fill(b.ctx, "Role on orders-db", "reader"))
	b.must(form.Submit(b.ctx))
	asked, err := bo.AwaitMessage(b.ctx, "prod-access", func(m slacksim.Message) bool { return strings.Contains(string(m.Blocks), "Open it to decide") })
	b.must(err)
	if all := asked.Text + string(asked.Blocks); strings.Contains(all, "build-mac") || !strings.Contains(all, "and 1 more item") || !strings.Contains(all, "orders-db as reader") {
		t.Errorf("the channel sees %s", all)
	}
	if live(asked) {
		t.Errorf("a channel that doesn't see all decides: %s", asked.Blocks)
	}
	_, err = b.g.access.SetIntegrationAccounts(b.ctx, operator(), prod.ID, nil)
	b.must(err)
	b.must(bo.Click(b.ctx, b.asked(bo, ""), "Approve"))
	after, err := bo.AwaitMessage(b.ctx, "prod-access", func(now slacksim.Message) bool {
		return now.TS == asked.TS && strings.Contains(now.Text, "Approved by")
	})
	b.must(err)
	if strings.Contains(after.Text, "orders-db") || strings.Contains(after.Text, "stuck orders") {
		t.Errorf("a channel that was unlinked sees %s", after.Text)
	}
}

// Test messages arrive; a channel that is gone, or that the app can't see, breaks the
// integration, and a workspace without the app does.
func TestSlackChannelBreaks(t *testing.T) {
	b := newSlackBed(t)
	i, _ := b.channel("access")
	_, err := b.g.ledger.Test(b.ctx, i.ID, i.Name)
	b.must(err)
	_, err = b.sim.Await(b.ctx, "access", func(m slacksim.Message) bool { return strings.Contains(m.Text, "This integration works") })
	b.must(err)
	b.sim.FailCalls("chat.postMessage", 1, slacksim.Fault{Code: "ratelimited", Status: 429, RetryAfter: time.Second})
	_, err = b.g.ledger.Test(b.ctx, i.ID, i.Name)
	b.must(err)
	b.must(b.await(func() bool { return len(b.sim.Messages("access")) == 2 }))
	b.awaitDelivery(i.ID, delivery.Delivered)

	b.sim.Archive("access")
	_, err = b.g.ledger.Test(b.ctx, i.ID, i.Name)
	b.must(err)
	b.must(b.await(func() bool {
		now, err := b.g.access.Integration(b.ctx, i.ID)
		return err == nil && now.Status == access.Broken && strings.Contains(now.BrokenReason, "archived")
	}))
	b.refused("is_archived")
}

// Where the policy takes approvals in the console alone, Slack offers to deny, and
// does not approve.
func TestSlackApproveInConsole(t *testing.T) {
	b := newSlackBed(t, func(b *slackBed) { b.cfg.consoleOnly = true })
	ada, bo := b.sim.As("ada"), b.sim.As("bo")
	b.ask(ada, "finance-rdp 1h closing the books")
	asked := b.asked(bo, "")
	if strings.Contains(string(asked.Blocks), `"approve`) || !strings.Contains(string(asked.Blocks), "/requests/req_") {
		t.Errorf("%s", asked.Blocks)
	}
	b.must(bo.Command(b.ctx, "", "/procyon approvals"))
	list, err := bo.ExpectEphemeral(b.ctx)
	b.must(err)
	if strings.Contains(string(list.Blocks), `"approve`) {
		t.Errorf("%s", list.Blocks)
	}
}

// Approvers can be left in peace: then they hear of requests in channels.
func TestSlackQuietApprovers(t *testing.T) {
	b := newSlackBed(t, func(b *slackBed) { b.cfg.slack.approverDMs = false })
	b.channel("access")
	ada, bo := b.sim.As("ada"), b.sim.As("bo")
	_, err := bo.OpenHome()
	b.must(err)
	b.ask(ada, "finance-rdp 1h closing the books")
	_, err = bo.AwaitHome(b.ctx, "closing the books")
	b.must(err)
	b.must(bo.Click(b.ctx, b.asked(bo, "access"), "Approve"))
	_, err = bo.AwaitHome(b.ctx, "Nothing waits for your decision.")
	b.must(err)
	_, err = ada.AwaitMessage(b.ctx, "", func(m slacksim.Message) bool { return strings.Contains(m.Text, "Your request was approved.") })
	b.must(err)
	if n := len(bo.DMs()); n != 0 {
		t.Errorf("%d direct messages for an approver", n)
	}
}

// refused takes note of what Slack had to refuse, by its words.
func (b *slackBed) refused(words ...string) { b.expected = append(b.expected, words...) }

func (b *slackBed) isExpected(r slacksim.Refusal) bool {
	return slices.ContainsFunc(b.expected, func(word string) bool { return strings.Contains(r.Body+r.Why, word) })
}
