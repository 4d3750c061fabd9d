package app

import (
	"bytes"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"procyon/access"
	"procyon/internal/slackapi"
	"procyon/internal/slacksim"
	"procyon/slackworkspace"
)

// outsider is a person of another company in the channel "access", which is shared with
// them, whose Slack account is linked to an administrator: as if they had been of the
// house, or an older release had let them link.
func (b *slackBed) outsider() *slacksim.Person {
	b.t.Helper()
	b.must(b.sim.AddWorkspace(slacksim.Workspace{ID: "T0GUEST", Name: "Guest Ltd"}))
	b.must(b.sim.AddPerson("", slacksim.Profile{Name: "mal", Real: "Mal", Email: "mal@example.com", Foreign: "T0GUEST"}))
	b.must(b.sim.Invite("access", "mal"))
	b.linkAdmin("mal")
	return b.sim.As("mal")
}

// linkAdmin links somebody to an administrator of the same name, without any look at
// Slack.
func (b *slackBed) linkAdmin(name string) {
	b.t.Helper()
	email := name + "@example.com"
	_, err := b.g.access.CreateUser(b.ctx, operator(), access.NewUser{Email: email, Name: name, Admin: true})
	b.must(err)
	b.relink(name)
}

// relink links somebody to the person with their address.
func (b *slackBed) relink(name string) {
	b.t.Helper()
	email := name + "@example.com"
	w := b.workspace(b.teamID())
	_, err := b.g.workspaces.Link(b.ctx, b.actorOf(email), slackworkspace.NewLink{
		WorkspaceID: w.ID, SlackUserID: b.sim.As(name).ID(), SlackName: name, SlackEmail: email,
	})
	b.must(err)
}

// told is what somebody alone is told next.
func (b *slackBed) told(p *slacksim.Person) string {
	b.t.Helper()
	m, err := p.ExpectEphemeral(b.ctx)
	b.must(err)
	return m.Text
}

func (b *slackBed) wantTold(p *slacksim.Person, what, words string) {
	b.t.Helper()
	if told := b.told(p); !strings.Contains(told, words) {
		b.t.Errorf("%s: they are told %q, not %q", what, told, words)
	}
}

// People of another company are no members, whatever they are linked to and though Slack
// calls them no strangers: their click, command and Home tab do nothing, say why to them
// alone, and end the link.
func TestSlackConnect(t *testing.T) {
	for name, socket := range map[string]bool{"endpoints": false, "socket": true} {
		t.Run(name, func(t *testing.T) {
			b := newSlackBed(t, func(b *slackBed) {
				if socket {
					b.sim.SetApp(slacksim.App{SocketMode: true})
					b.cfg.slack.signingSecret, b.cfg.slack.appToken = "", b.sim.App().AppToken
				}
			})
			if socket {
				b.must(b.sim.Connected(b.ctx))
			}
			b.channel("access")
			b.ask(b.sim.As("ada"), "finance-rdp 1h closing the books")
			asked := b.asked(b.sim.As("bo"), "access")
			r := b.open()
			mal := b.outsider()
			const why = "you belong to another company's"
			b.must(mal.Click(b.ctx, asked, "Approve"))
			b.wantTold(mal, "a click", why)
			if b.linked("mal") {
				t.Error("the link of somebody of another company stays")
			}
			b.relink("mal")
			b.must(mal.Click(b.ctx, asked, "Deny…"))
			b.wantTold(mal, "a click that opens a form", why)
			for _, command := range []string{"approvals", "requests", "login", "logout", "help", "request finance-rdp 1h mine", "fly"} {
				b.must(mal.Command(b.ctx, "access", "/procyon "+command))
				b.wantTold(mal, command, why)
			}
			_, err := mal.OpenHome()
			b.must(err)
			home, err := mal.AwaitHome(b.ctx, why)
			b.must(err)
			if strings.Contains(home.Text(), "closing the books") {
				t.Errorf("the Home tab of somebody of another company says %s", home.Text())
			}
			if s := b.status(r.ID); s != access.Pending {
				t.Errorf("the request is %s", s)
			}
		})
	}
}

// Nobody of another company gets a direct message, also where a link of theirs makes them
// somebody to ask.
func TestSlackConnectGetsNoMessages(t *testing.T) {
	b := newSlackBed(t)
	b.channel("access")
	mal := b.outsider()
	b.ask(b.sim.As("ada"), "finance-rdp 1h closing the books")
	b.asked(b.sim.As("bo"), "")
	b.must(b.await(func() bool { return !b.linked("mal") }))
	if n := len(mal.DMs()); n != 0 {
		t.Errorf("%d direct messages for somebody of another company", n)
	}
}

// Somebody of another workspace of the same organisation is of the house.
func TestSlackSiblingDecides(t *testing.T) {
	b := newSlackBed(t, func(b *slackBed) {
		base := strings.TrimSuffix(b.cfg.slack.apiURL, "/api/")
		b.sim = slacksim.New(slacksim.Options{BaseURL: base, Enterprise: "E0ACME", Taken: b.take, Now: b.now})
		connect(b.sim, b.cfg, base)
	})
	b.channel("access")
	b.must(b.sim.AddWorkspace(slacksim.Workspace{ID: "T0SISTER", Name: "Sister", Enterprise: "E0ACME"}))
	b.must(b.sim.AddPerson("", slacksim.Profile{Name: "sis", Real: "Sis", Email: "sis@example.com", Foreign: "T0SISTER"}))
	b.must(b.sim.Invite("access", "sis"))
	b.linkAdmin("sis")
	b.ask(b.sim.As("ada"), "finance-rdp 1h closing the books")
	sis := b.sim.As("sis")
	r := b.open()
	b.must(sis.Click(b.ctx, b.asked(sis, "access"), "Approve"))
	if s := b.status(r.ID); s == access.Pending {
		t.Errorf("the request is %s; they are told %v", s, sis.Ephemerals())
	}
}

// Who becomes a guest decides nothing more, in nothing that they have open, from the
// very next click on.
func TestSlackGuest(t *testing.T) {
	b := newSlackBed(t, withoutPeopleEvents)
	b.channel("access")
	bo, ada := b.sim.As("bo"), b.sim.As("ada")
	_, err := bo.OpenHome()
	b.must(err)
	_, err = bo.AwaitHome(b.ctx, "Nothing waits for your decision.")
	b.must(err)
	b.ask(ada, "finance-rdp 1h closing the books")
	r := b.open()
	asked := b.asked(bo, "access")
	b.must(bo.Click(b.ctx, asked, "Deny…"))
	deny, err := bo.AwaitModal(b.ctx, "Deny access")
	b.must(err)
	b.must(deny.Fill(b.ctx, "Why", "no"))
	home, err := bo.AwaitHome(b.ctx, "closing the books")
	b.must(err)

	b.must(b.sim.Restrict("", "bo", true))
	const why = "you are a guest"
	b.must(deny.Submit(b.ctx))
	if !strings.Contains(deny.Text(), why) {
		t.Errorf("a form says %q", deny.Text())
	}
	b.relink("bo")
	b.must(home.Click(b.ctx, "Approve"))
	told, err := bo.AwaitModal(b.ctx, "Procyon")
	b.must(err)
	if !strings.Contains(told.Text(), why) {
		t.Errorf("a click on the Home tab says %q", told.Text())
	}
	b.relink("bo")
	b.must(bo.Click(b.ctx, asked, "Approve"))
	b.wantTold(bo, "a click", why)
	if s := b.status(r.ID); s != access.Pending {
		t.Errorf("the request is %s", s)
	}
}

// Where Slack does not say who somebody is, they decide nothing, are told so in time,
// and keep their link.
func TestSlackLookUpFails(t *testing.T) {
	b := newSlackBed(t)
	b.channel("access")
	b.ask(b.sim.As("ada"), "finance-rdp 1h closing the books")
	bo := b.sim.As("bo")
	asked := b.asked(bo, "access")
	r := b.open()
	for name, f := range map[string]struct {
		fault slacksim.Fault
		words string
	}{
		"down":      {slacksim.Fault{Status: http.StatusServiceUnavailable}, "try again"},
		"silent":    {slacksim.Fault{Hang: true}, "try again"},
		"too many":  {slacksim.Fault{Status: http.StatusTooManyRequests, Code: "ratelimited", RetryAfter: 30 * time.Second}, "try again"},
		"no scope":  {slacksim.Fault{Code: "missing_scope"}, "users:read"},
		"not found": {slacksim.Fault{Code: "user_not_found"}, "does not tell Procyon who you are"},
	} {
		b.sim.FailCalls("users.info", 1, f.fault)
		b.must(bo.Click(b.ctx, asked, "Approve"))
		b.wantTold(bo, name, f.words)
		if s := b.status(r.ID); s != access.Pending {
			t.Fatalf("%s: the request is %s", name, s)
		}
		if !b.linked("bo") {
			t.Fatalf("%s: the link ended", name)
		}
	}
	b.must(bo.Click(b.ctx, asked, "Approve"))
	if s := b.status(r.ID); s == access.Pending {
		t.Errorf("with Slack back the request is %s", s)
	}
}

// event sends an event of Slack's to the bot, signed.
func (b *slackBed) event(event string) {
	b.t.Helper()
	body := []byte(`{"type":"event_callback","team_id":"` + b.teamID() + `","event":` + event + `}`)
	req, err := http.NewRequestWithContext(b.ctx, http.MethodPost, b.cfg.publicURL+"/slack/event", bytes.NewReader(body))
	b.must(err)
	at := strconv.FormatInt(b.now().Unix(), 10)
	req.Header.Set("X-Slack-Request-Timestamp", at)
	req.Header.Set("X-Slack-Signature", slackapi.Sign(b.cfg.slack.signingSecret, at, body))
	resp, err := http.DefaultClient.Do(req)
	b.must(err)
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		b.t.Errorf("an event is answered %d", resp.StatusCode)
	}
}

// withoutPeopleEvents is an app that was set up before it was told who leaves.
func withoutPeopleEvents(b *slackBed) {
	app := b.sim.App()
	app.Events = []string{"app_home_opened", "app_uninstalled", "tokens_revoked"}
	b.sim.SetApp(app)
}

// Who is deactivated in Slack is not linked any more, as the event tells and, without
// it, as the sweep finds; back again, they link anew. An event that comes too late ends
// nothing.
func TestSlackLeaver(t *testing.T) {
	t.Run("event", func(t *testing.T) {
		b := newSlackBed(t)
		b.must(b.sim.Deactivate("", "bo"))
		b.must(b.await(func() bool { return !b.linked("bo") }))
		b.must(b.sim.Reactivate("", "bo"))
		b.must(b.sim.Invite("prod-approvals", "bo"))
		b.link(b.offer(b.sim.As("bo")), "bo@example.com")
		if !b.linked("bo") {
			t.Error("who is back can't link anew")
		}
		b.must(b.sim.Settle(b.ctx))
		b.event(`{"type":"user_change","user":{"id":"` + b.sim.As("bo").ID() + `","deleted":true}}`)
		if !b.linked("bo") {
			t.Error("an event that came late ended a link")
		}
		b.sim.FailCalls("users.info", 1, slacksim.Fault{Status: http.StatusServiceUnavailable})
		b.must(b.sim.Deactivate("", "ada")) // Slack sends it again
		b.must(b.await(func() bool { return !b.linked("ada") }))
		b.refused("http_error")
	})
	t.Run("sweep", func(t *testing.T) {
		b := newSlackBed(t, withoutPeopleEvents, func(b *slackBed) { b.cfg.slack.sweepEvery = 20 * time.Millisecond })
		b.must(b.sim.Deactivate("", "bo"))
		b.sim.FailCalls("users.info", 1, slacksim.Fault{Status: http.StatusServiceUnavailable})
		b.ahead.Store(int64(2 * time.Hour)) // another round begins
		b.must(b.await(func() bool { return !b.linked("bo") }))
		if !b.linked("ada") {
			t.Error("somebody who is there was unlinked")
		}
	})
}

// A link that was offered to a member is no use to who is none when they take it.
func TestSlackLinkOfAGuest(t *testing.T) {
	b := newSlackBed(t, withoutPeopleEvents)
	dev := b.sim.As("dev")
	b.must(dev.Command(b.ctx, "", "/procyon login"))
	page := b.offer(dev)
	b.must(b.sim.Restrict("", "dev", true))
	b.link(page, "dev@example.com")
	b.must(b.await(func() bool { return !b.linked("dev") }))
	if n := len(dev.DMs()); n != 0 {
		t.Errorf("%d direct messages for a guest", n)
	}
}
