package slackbot_test

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	"procyon/access"
	"procyon/delivery"
	"procyon/internal/slackapi"
	"procyon/internal/slacksim"
	"procyon/store"
)

// about are the messages and lines that say a word, in a channel or, with "", in a person's
// direct messages.
func about(p *slacksim.Person, channel, word string) []slacksim.Message {
	list := p.DMs()
	if channel != "" {
		list = p.Messages(channel)
	}
	return slices.DeleteFunc(list, func(m slacksim.Message) bool { return m.Only != "" || !strings.Contains(m.Text, word) })
}

// owesNothing tells whether all that an integration was owed is delivered.
func (b *slackBed) owesNothing(integration string) bool {
	all, err := b.App.Ledger.List(b.Ctx, delivery.Filter{IntegrationID: integration}, true, store.Page{First: 50})
	b.Must(err)
	sent, err := b.App.Ledger.List(b.Ctx, delivery.Filter{IntegrationID: integration, Statuses: []delivery.Status{delivery.StatusDelivered}}, true, store.Page{First: 50})
	b.Must(err)
	return len(sent.Docs) > 0 && len(all.Docs) == len(sent.Docs)
}

// However many answers to posts are lost, nothing is posted twice: not the channel's message,
// no direct message, no line of a thread.
func TestSlackLostAnswersLeaveNoSecondMessage(t *testing.T) {
	for name, lost := range map[string]slacksim.Fault{
		"the connection breaks": {Store: true},
		"a proxy answers":       {Store: true, Status: 503, Body: "upstream"},
	} {
		t.Run(name, func(t *testing.T) {
			b := newSlackBed(t)
			access, _ := b.channel("access")
			b.Must(b.Sim.Invite("access", "app"))
			ada, bo := b.Sim.As("ada"), b.Sim.As("bo")
			before := len(about(ada, "", "")) + len(about(bo, "", ""))
			b.Sim.FailCalls("chat.postMessage", 50, lost)
			b.ask(ada, "finance-rdp 1h closing the books")
			dm, asked := b.asked(bo, ""), b.asked(bo, "access")
			b.Must(bo.Click(b.Ctx, asked, "Approve"))
			b.decided(bo, dm)
			b.decided(bo, asked)
			_, err := bo.AwaitMessage(b.Ctx, "access", func(m slacksim.Message) bool { return m.Thread == asked.TS })
			b.Must(err)
			_, err = ada.AwaitMessage(b.Ctx, "", func(m slacksim.Message) bool { return strings.Contains(m.Text, "Your request was approved.") })
			b.Must(err)
			_, err = b.App.Ledger.Test(b.Ctx, access.ID, access.Name)
			b.Must(err)
			b.Must(b.Await(func() bool { return b.owesNothing(access.ID) }))
			b.Must(b.Sim.Settle(b.Ctx))

			seen := map[string]bool{}
			var all []string
			for _, m := range about(bo, "access", "") {
				line := fmt.Sprintf("thread %q: %s", m.Thread, m.Text)
				if seen[line] {
					t.Errorf("twice in the channel, %s", line)
				}
				seen[line], all = true, append(all, line)
			}
			if n := len(slices.DeleteFunc(slices.Clone(all), func(l string) bool { return !strings.HasPrefix(l, `thread ""`) })); n != 2 { // the card, and the test message
				t.Errorf("%d messages in the channel:\n%s", n, strings.Join(all, "\n"))
			}
			// Bo's card, Ada's card and the note that it was approved.
			if n := len(about(ada, "", "")) + len(about(bo, "", "")) - before; n != 3 {
				t.Errorf("%d direct messages: %+v %+v", n, about(ada, "", ""), about(bo, "", ""))
			}
			for _, m := range append(about(bo, "access", ""), about(bo, "", "")...) {
				if strings.Contains(string(m.Metadata), "req") || strings.Contains(string(m.Metadata), "books") {
					t.Errorf("any app of the workspace reads %s", m.Metadata)
				}
			}
		})
	}
}

// gate holds what Slack tells of posts back until it is opened.
type gate struct {
	open   chan struct{}
	mu     sync.Mutex // guards bodies
	bodies [][]byte   // what came
}

// gated puts a gate before the app's URL for events.
func (b *slackBed) gated() *gate {
	g := &gate{open: make(chan struct{})}
	a := b.Sim.App()
	to := a.EventURL
	front := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		if bytes.Contains(body, []byte(slackapi.MarkEvent)) {
			g.mu.Lock()
			g.bodies = append(g.bodies, body)
			g.mu.Unlock()
			select {
			case <-g.open:
			case <-b.Ctx.Done():
			}
		}
		req, err := http.NewRequestWithContext(r.Context(), r.Method, to, bytes.NewReader(body))
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadGateway)
			return
		}
		req.Header = r.Header.Clone()
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadGateway)
			return
		}
		defer resp.Body.Close()
		w.WriteHeader(resp.StatusCode)
	}))
	b.T.Cleanup(front.Close)
	a.EventURL = front.URL
	b.Sim.SetApp(a)
	return g
}

// first waits for the first that Slack told.
func (g *gate) first(b *slackBed) []byte {
	b.T.Helper()
	var out []byte
	b.Must(b.Await(func() bool {
		g.mu.Lock()
		defer g.mu.Unlock()
		if len(g.bodies) > 0 {
			out = g.bodies[0]
		}
		return out != nil
	}))
	return out
}

// Where Slack tells of a post too late, it is posted again, and one of the two is taken away.
// What somebody else says about the bot's posts counts for nothing.
func TestSlackTellsTooLateOfAPost(t *testing.T) {
	b := newSlackBed(t)
	b.channel("access")
	b.Must(b.Sim.Invite("access", "app"))
	bo := b.Sim.As("bo")
	g := b.gated()
	b.Sim.FailCalls("chat.postMessage", 3, slacksim.Fault{Store: true}) // perhaps of all three messages
	b.ask(b.Sim.As("ada"), "finance-rdp 1h closing the books")
	b.Must(b.Await(func() bool { return len(about(bo, "access", "")) == 2 || len(about(bo, "", "closing the books")) == 2 }))
	dm, asked := b.asked(bo, ""), b.asked(bo, "access")

	foreign := bytes.ReplaceAll(g.first(b), []byte(`"user_id":"U0B`), []byte(`"user_id":"U0X`))
	foreign = bytes.ReplaceAll(foreign, []byte(`"message_ts":"`), []byte(`"message_ts":"9`))
	stamp := fmt.Sprint(b.Now().Unix())
	req, err := http.NewRequestWithContext(b.Ctx, http.MethodPost, b.Config.Server.PublicURL+"/slack/event", bytes.NewReader(foreign))
	b.Must(err)
	req.Header.Set("X-Slack-Request-Timestamp", stamp)
	req.Header.Set("X-Slack-Signature", slackapi.Sign(b.Sim.App().SigningSecret, stamp, foreign))
	resp, err := http.DefaultClient.Do(req)
	b.Must(err)
	b.Must(resp.Body.Close())
	if resp.StatusCode != http.StatusOK { // nothing to delete: Slack would say message_not_found
		t.Errorf("another app's event is answered %d", resp.StatusCode)
	}

	close(g.open)
	b.Must(b.Sim.Settle(b.Ctx))
	b.Must(b.Await(func() bool { return len(about(bo, "access", "")) == 1 && len(about(bo, "", "closing the books")) == 1 }))
	b.Must(bo.Click(b.Ctx, b.asked(bo, "access"), "Approve"))
	b.decided(bo, asked)
	b.decided(bo, dm)
}

// A request is over before Slack tells of the message that asks somebody to decide: it would
// never be brought up to date, so it is taken away.
func TestSlackTellsOfAPostThatIsTooLate(t *testing.T) {
	b := newSlackBed(t)
	ada, bo := b.Sim.As("ada"), b.Sim.As("bo")
	g := b.gated()
	b.Sim.FailCalls("chat.postMessage", 200, slacksim.Fault{Store: true})
	b.ask(ada, "finance-rdp 1h closing the books")
	b.Must(b.Await(func() bool { return len(about(bo, "", "closing the books")) > 0 }))
	r := b.open()
	_, err := b.App.Access.CancelRequest(b.Ctx, b.actorOf("ada@example.com"), r.ID, access.Basis{})
	b.Must(err)
	account, err := b.App.Access.EnsureServiceAccount(b.Ctx, access.System(), "slackbot")
	b.Must(err)
	b.Must(b.Await(func() bool {
		kept, err := b.App.Records.List(b.Ctx, account.ID, "msg/"+r.ID+"/approver/", "", 10)
		b.Must(err)
		return len(kept) == 0
	}))
	close(g.open)
	b.Must(b.Sim.Settle(b.Ctx))
	b.Must(b.Await(func() bool { return len(about(bo, "", "closing the books")) == 0 }))
}

// An app that was installed by an earlier release posts as it did, and marks nothing.
func TestSlackWithoutTheScopeForPosts(t *testing.T) {
	b := newSlackBed(t, func(b *slackBed) {
		a := b.Sim.App()
		a.Scopes = []string{"commands", "chat:write", "chat:write.public", "im:write", "users:read", "users:read.email", "channels:read", "team:read"}
		b.Sim.SetApp(a)
	})
	bo := b.Sim.As("bo")
	b.Sim.FailCalls("chat.postMessage", 1, slacksim.Fault{Store: true})
	b.ask(b.Sim.As("ada"), "finance-rdp 1h closing the books")
	asked := b.asked(bo, "")
	if asked.Metadata != nil {
		t.Errorf("it has the metadata %s", asked.Metadata)
	}
	b.Must(bo.Click(b.Ctx, asked, "Approve"))
	b.decided(bo, asked)
}
