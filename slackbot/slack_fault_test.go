package slackbot_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"procyon/internal/app/apptest"
	"procyon/internal/slacksim"
)

// everyLive are the messages that offer to decide, wherever they are.
func (b *slackBed) everyLive() []slacksim.Message {
	var out []slacksim.Message
	for _, name := range []string{"ada", "bo", "dev"} {
		for _, m := range b.Sim.As(name).DMs() {
			if live(m) {
				out = append(out, m)
			}
		}
	}
	for _, c := range b.Sim.Channels() {
		for _, m := range b.Sim.Messages(c) {
			if live(m) && m.Only == "" {
				out = append(out, m)
			}
		}
	}
	return out
}

// Whatever Slack does with what it is sent: once a request is decided, no message
// offers to decide it, not even one that was posted without the bot hearing of it.
func TestSlackFaultsLeaveNoLiveButtons(t *testing.T) {
	lost := slacksim.Fault{Store: true} // Slack took it, and the answer got lost
	busy := slacksim.Fault{Status: 429, Code: "ratelimited", RetryAfter: time.Second}
	down := slacksim.Fault{Status: 503, Body: "upstream"}
	for name, order := range map[string]func(sim *slacksim.Server){
		"answers to posts are lost":       func(sim *slacksim.Server) { sim.FailCalls("chat.postMessage", 3, lost) },
		"answers to updates are lost":     func(sim *slacksim.Server) { sim.FailCalls("chat.update", 2, lost) },
		"too many posts":                  func(sim *slacksim.Server) { sim.FailCalls("chat.postMessage", 2, busy) },
		"too many updates":                func(sim *slacksim.Server) { sim.FailCalls("chat.update", 2, busy) },
		"the Home tab can't be published": func(sim *slacksim.Server) { sim.FailCalls("views.publish", 2, busy) },
		"Slack is down": func(sim *slacksim.Server) {
			sim.FailCalls("chat.postMessage", 1, down)
			sim.FailCalls("chat.update", 1, down)
			sim.FailCalls("conversations.open", 1, down)
		},
	} {
		t.Run(name, func(t *testing.T) {
			b := newSlackBed(t)
			b.channel("access")
			ada, bo := b.Sim.As("ada"), b.Sim.As("bo")
			_, err := bo.OpenHome()
			b.Must(err)
			_, err = bo.AwaitHome(b.Ctx, "Nothing waits for your decision.")
			b.Must(err)
			b.Expect("the app answered 503") // an event whose Home tab can't be published comes again
			order(b.Sim)
			b.ask(ada, "finance-rdp 1h closing the books")
			asked := b.asked(bo, "")
			b.asked(bo, "access")
			_, err = bo.AwaitHome(b.Ctx, "closing the books")
			b.Must(err)
			order(b.Sim)
			b.Must(bo.Click(b.Ctx, asked, "Approve"))
			b.decided(bo, asked)
			b.Must(b.Await(func() bool { return len(b.everyLive()) == 0 }))
			_, err = bo.AwaitHome(b.Ctx, "Nothing waits for your decision.")
			b.Must(err)
			_, err = ada.AwaitMessage(b.Ctx, "", func(m slacksim.Message) bool { return strings.Contains(m.Text, "Your request was approved.") })
			b.Must(err)
		})
	}
}

// Where the workspace forbids changes, a message goes rather than offer what is over.
func TestSlackForbidsChanges(t *testing.T) {
	b := newSlackBed(t)
	ada, bo := b.Sim.As("ada"), b.Sim.As("bo")
	b.ask(ada, "finance-rdp 1h closing the books")
	asked := b.asked(bo, "")
	b.Expect("thread_not_found", "message_not_found") // the bot finds out
	b.Sim.FailCalls("chat.update", 20, slacksim.Fault{Code: "edit_window_closed"})
	b.Must(bo.Click(b.Ctx, asked, "Approve"))
	b.Must(b.Await(func() bool { return len(b.everyLive()) == 0 }))
	_, err := ada.AwaitMessage(b.Ctx, "", func(m slacksim.Message) bool { return strings.Contains(m.Text, "Your request was approved.") })
	b.Must(err)
}

// Slack being away, a slash command still gets a plain sentence in time, and so does
// one while the server's store is busy; nothing is done twice by the next try.
func TestSlackAwayWhileCommanded(t *testing.T) {
	b := newSlackBed(t, func(b *slackBed) { b.Config.Slack.AnswerIn = 0 }) // Slack hangs: the bot's own time
	ada := b.Sim.As("ada")
	for i, f := range []slacksim.Fault{{Status: 503}, {Hang: true}, {Status: 429, Code: "ratelimited", RetryAfter: 30 * time.Second}} {
		b.Sim.FailCalls("views.open", 1, f)
		if err := ada.Command(b.Ctx, "prod-approvals", "/procyon request"); err != nil {
			t.Errorf("fault %d: %v", i, err)
			continue
		}
		said, err := ada.ExpectEphemeral(b.Ctx)
		b.Must(err)
		if !strings.Contains(said.Text, "try again") {
			t.Errorf("fault %d: %q", i, said.Text)
		}
	}
	b.Must(ada.Command(b.Ctx, "prod-approvals", "/procyon request"))
	_, err := ada.AwaitModal(b.Ctx, "Ask for access")
	b.Must(err)
}

// A click decides as who clicked, whatever the message says: a guest from another
// workspace who sees the channel decides nothing.
func TestSlackForeignClick(t *testing.T) {
	b := newSlackBed(t)
	b.channel("access")
	b.Must(b.Sim.AddWorkspace(slacksim.Workspace{ID: "T0GUEST", Name: "Guest Ltd", People: []slacksim.Profile{{Name: "mal", Real: "Mal", Email: "ada@example.com"}}}))
	b.Must(b.Sim.AddPerson("", slacksim.Profile{Name: "mal", Real: "Mal", Email: "bo@example.com", Foreign: "T0GUEST"}))
	b.Must(b.Sim.Invite("access", "mal"))
	b.ask(b.Sim.As("ada"), "finance-rdp 1h closing the books")
	mal := b.Sim.As("mal")
	asked := b.asked(mal, "access")
	if err := mal.Click(b.Ctx, asked, "Approve"); err != nil {
		t.Fatal(err)
	}
	told, err := mal.ExpectEphemeral(b.Ctx)
	b.Must(err)
	if !strings.Contains(told.Text, "not installed in your workspace") && !strings.Contains(told.Text, "Only full members") {
		t.Errorf("a guest is told %q", told.Text)
	}
	if len(b.everyLive()) == 0 {
		t.Error("a guest decided")
	}
}

// Two who decide at the same moment: one does, and the other is told who did.
func TestSlackRace(t *testing.T) {
	b := newSlackBed(t)
	b.Must(b.Sim.Invite("prod-approvals", "ada"))
	ada, bo, dev := b.Sim.As("ada"), b.Sim.As("bo"), b.Sim.As("dev")
	b.Must(dev.Command(b.Ctx, "prod-approvals", "/procyon login"))
	said, err := dev.ExpectEphemeral(b.Ctx)
	b.Must(err)
	b.link(apptest.LinkPage(said), "dev@example.com")
	for i := range 5 {
		b.ask(dev, fmt.Sprintf("finance-rdp 1h round %d", i))
		first, second := b.asked(ada, ""), b.asked(bo, "")
		ended := make(chan error, 2)
		go func() { ended <- ada.Click(b.Ctx, first, "Approve") }()
		go func() { ended <- bo.Click(b.Ctx, second, "Approve") }()
		b.Must(<-ended)
		b.Must(<-ended)
		b.decided(ada, first)
		b.decided(bo, second)
	}
	told := len(ada.Ephemerals()) + len(bo.Ephemerals())
	if told != 5 {
		t.Errorf("%d of 5 second clicks were told", told)
	}
}
