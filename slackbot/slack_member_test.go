package slackbot_test

import (
	"bytes"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"procyon/access"
	"procyon/internal/app"
	"procyon/internal/slackapi"
	"procyon/internal/slacksim"
	"procyon/slackworkspace"
)

// outsider is a person of another company in the channel "access", which is shared with
// them, whose Slack account is linked to an administrator: as if they had been of the
// house, or an older release had let them link.
func (b *slackBed) outsider() *slacksim.Person {
	b.T.Helper()
	b.Must(b.Sim.AddWorkspace(slacksim.Workspace{ID: "T0GUEST", Name: "Guest Ltd"}))
	b.Must(b.Sim.AddPerson("", slacksim.Profile{Name: "mal", Real: "Mal", Email: "mal@example.com", Foreign: "T0GUEST"}))
	b.Must(b.Sim.Invite("access", "mal"))
	b.linkAdmin("mal")
	return b.Sim.As("mal")
}

// linkAdmin links somebody to an administrator of the same name, without any look at
// Slack.
func (b *slackBed) linkAdmin(name string) {
	b.T.Helper()
	email := name + "@example.com"
	_, err := b.App.Access.CreateUser(b.Ctx, app.Operator(), access.NewUser{Email: email, Name: name, Admin: true})
	b.Must(err)
	b.relink(name)
}

// relink links somebody to the person with their address.
func (b *slackBed) relink(name string) {
	b.T.Helper()
	email := name + "@example.com"
	w := b.workspace(b.teamID())
	_, err := b.App.Workspaces.Link(b.Ctx, b.actorOf(email), slackworkspace.NewLink{
		WorkspaceID: w.ID, SlackUserID: b.Sim.As(name).ID(), SlackName: name, SlackEmail: email,
	})
	b.Must(err)
}

// told is what somebody alone is told next.
func (b *slackBed) told(p *slacksim.Person) string {
	b.T.Helper()
	m, err := p.ExpectEphemeral(b.Ctx)
	b.Must(err)
	return m.Text
}

func (b *slackBed) wantTold(p *slacksim.Person, what, words string) {
	b.T.Helper()
	if told := b.told(p); !strings.Contains(told, words) {
		b.T.Errorf("%s: they are told %q, not %q", what, told, words)
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
					b.Sim.SetApp(slacksim.App{SocketMode: true})
					b.Config.Slack.SigningSecret, b.Config.Slack.AppToken = "", b.Sim.App().AppToken
				}
			})
			if socket {
				b.Must(b.Sim.Connected(b.Ctx))
			}
			b.channel("access")
			b.ask(b.Sim.As("ada"), "finance-rdp 1h closing the books")
			asked := b.asked(b.Sim.As("bo"), "access")
			r := b.open()
			mal := b.outsider()
			const why = "you belong to another company's"
			b.Must(mal.Click(b.Ctx, asked, "Approve"))
			b.wantTold(mal, "a click", why)
			if b.linked("mal") {
				t.Error("the link of somebody of another company stays")
			}
			b.relink("mal")
			b.Must(mal.Click(b.Ctx, asked, "Deny…"))
			b.wantTold(mal, "a click that opens a form", why)
			for _, command := range []string{"approvals", "requests", "login", "logout", "help", "request finance-rdp 1h mine", "fly"} {
				b.Must(mal.Command(b.Ctx, "access", "/procyon "+command))
				b.wantTold(mal, command, why)
			}
			_, err := mal.OpenHome()
			b.Must(err)
			home, err := mal.AwaitHome(b.Ctx, why)
			b.Must(err)
			if strings.Contains(home.Text(), "closing the books") {
				t.Errorf("the Home tab of somebody of another company says %s", home.Text())
			}
			if s := b.status(r.ID); s != access.StatusPending {
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
	b.ask(b.Sim.As("ada"), "finance-rdp 1h closing the books")
	b.asked(b.Sim.As("bo"), "")
	b.Must(b.Await(func() bool { return !b.linked("mal") }))
	if n := len(mal.DMs()); n != 0 {
		t.Errorf("%d direct messages for somebody of another company", n)
	}
}

// Somebody of another workspace of the same organisation is of the house.
func TestSlackSiblingDecides(t *testing.T) {
	b := newSlackBed(t, func(b *slackBed) {
		b.OfEnterprise("E0ACME")
	})
	b.channel("access")
	b.Must(b.Sim.AddWorkspace(slacksim.Workspace{ID: "T0SISTER", Name: "Sister", Enterprise: "E0ACME"}))
	b.Must(b.Sim.AddPerson("", slacksim.Profile{Name: "sis", Real: "Sis", Email: "sis@example.com", Foreign: "T0SISTER"}))
	b.Must(b.Sim.Invite("access", "sis"))
	b.linkAdmin("sis")
	b.ask(b.Sim.As("ada"), "finance-rdp 1h closing the books")
	sis := b.Sim.As("sis")
	r := b.open()
	b.Must(sis.Click(b.Ctx, b.asked(sis, "access"), "Approve"))
	if s := b.status(r.ID); s == access.StatusPending {
		t.Errorf("the request is %s; they are told %v", s, sis.Ephemerals())
	}
}

// Who becomes a guest decides nothing more, in nothing that they have open, from the
// very next click on.
func TestSlackGuest(t *testing.T) {
	b := newSlackBed(t, withoutPeopleEvents)
	b.channel("access")
	bo, ada := b.Sim.As("bo"), b.Sim.As("ada")
	_, err := bo.OpenHome()
	b.Must(err)
	_, err = bo.AwaitHome(b.Ctx, "Nothing waits for your decision.")
	b.Must(err)
	b.ask(ada, "finance-rdp 1h closing the books")
	r := b.open()
	asked := b.asked(bo, "access")
	b.Must(bo.Click(b.Ctx, asked, "Deny…"))
	deny, err := bo.AwaitModal(b.Ctx, "Deny access")
	b.Must(err)
	b.Must(deny.Fill(b.Ctx, "Why", "no"))
	home, err := bo.AwaitHome(b.Ctx, "closing the books")
	b.Must(err)

	b.Must(b.Sim.Restrict("", "bo", true))
	const why = "you are a guest"
	b.Must(deny.Submit(b.Ctx))
	if !strings.Contains(deny.Text(), why) {
		t.Errorf("a form says %q", deny.Text())
	}
	b.Must(deny.Close(b.Ctx))
	b.relink("bo")
	// The tab may be drawn anew by now, for another reason: then it says so itself.
	if err := home.Click(b.Ctx, "Approve"); err == nil {
		told, err := bo.AwaitModal(b.Ctx, "Procyon")
		b.Must(err)
		if !strings.Contains(told.Text(), why) {
			t.Errorf("a click on the Home tab says %q", told.Text())
		}
		b.Must(told.Close(b.Ctx))
	} else if text := home.Text(); !strings.Contains(text, why) {
		t.Errorf("%v, and the Home tab says %q", err, text)
	}
	b.relink("bo")
	b.Must(bo.Click(b.Ctx, asked, "Approve"))
	b.wantTold(bo, "a click", why)
	if s := b.status(r.ID); s != access.StatusPending {
		t.Errorf("the request is %s", s)
	}
}

// Where Slack does not say who somebody is, they decide nothing, are told so in time,
// and keep their link.
func TestSlackLookUpFails(t *testing.T) {
	b := newSlackBed(t, func(b *slackBed) { b.Config.Slack.AnswerIn = 0 }) // Slack hangs: the bot's own time
	b.channel("access")
	b.ask(b.Sim.As("ada"), "finance-rdp 1h closing the books")
	bo := b.Sim.As("bo")
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
		b.Sim.FailCalls("users.info", 1, f.fault)
		b.Must(bo.Click(b.Ctx, asked, "Approve"))
		b.wantTold(bo, name, f.words)
		if s := b.status(r.ID); s != access.StatusPending {
			t.Fatalf("%s: the request is %s", name, s)
		}
		if !b.linked("bo") {
			t.Fatalf("%s: the link ended", name)
		}
	}
	b.Must(bo.Click(b.Ctx, asked, "Approve"))
	if s := b.status(r.ID); s == access.StatusPending {
		t.Errorf("with Slack back the request is %s", s)
	}
}

// event sends an event of Slack's to the bot, signed.
func (b *slackBed) event(event string) {
	b.T.Helper()
	body := []byte(`{"type":"event_callback","team_id":"` + b.teamID() + `","event":` + event + `}`)
	req, err := http.NewRequestWithContext(b.Ctx, http.MethodPost, b.Config.Server.PublicURL+"/slack/event", bytes.NewReader(body))
	b.Must(err)
	at := strconv.FormatInt(b.Now().Unix(), 10)
	req.Header.Set("X-Slack-Request-Timestamp", at)
	req.Header.Set("X-Slack-Signature", slackapi.Sign(b.Config.Slack.SigningSecret, at, body))
	resp, err := http.DefaultClient.Do(req)
	b.Must(err)
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		b.T.Errorf("an event is answered %d", resp.StatusCode)
	}
}

// withoutPeopleEvents is an app that was set up before it was told who leaves.
func withoutPeopleEvents(b *slackBed) {
	app := b.Sim.App()
	app.Events = []string{"app_home_opened", "app_uninstalled", "tokens_revoked"}
	b.Sim.SetApp(app)
}

// Who is deactivated in Slack is not linked any more, as the event tells and, without
// it, as the sweep finds; back again, they link anew. An event that comes too late ends
// nothing.
func TestSlackLeaver(t *testing.T) {
	t.Run("event", func(t *testing.T) {
		b := newSlackBed(t)
		b.Must(b.Sim.Deactivate("", "bo"))
		b.Must(b.Await(func() bool { return !b.linked("bo") }))
		b.Must(b.Sim.Reactivate("", "bo"))
		b.Must(b.Sim.Invite("prod-approvals", "bo"))
		b.link(b.offer(b.Sim.As("bo")), "bo@example.com")
		if !b.linked("bo") {
			t.Error("who is back can't link anew")
		}
		b.Must(b.Sim.Settle(b.Ctx))
		b.event(`{"type":"user_change","user":{"id":"` + b.Sim.As("bo").ID() + `","deleted":true}}`)
		if !b.linked("bo") {
			t.Error("an event that came late ended a link")
		}
		b.Sim.FailCalls("users.info", 1, slacksim.Fault{Status: http.StatusServiceUnavailable})
		b.Must(b.Sim.Deactivate("", "ada")) // Slack sends it again
		b.Must(b.Await(func() bool { return !b.linked("ada") }))
		b.Expect("http_error")
	})
	t.Run("sweep", func(t *testing.T) {
		b := newSlackBed(t, withoutPeopleEvents, func(b *slackBed) { b.Config.Slack.SweepEvery = 20 * time.Millisecond })
		b.Must(b.Sim.Deactivate("", "bo"))
		b.Sim.FailCalls("users.info", 1, slacksim.Fault{Status: http.StatusServiceUnavailable})
		b.Ahead(2 * time.Hour) // another round begins
		b.Must(b.Await(func() bool { return !b.linked("bo") }))
		if !b.linked("ada") {
			t.Error("somebody who is there was unlinked")
		}
	})
}

// A link that was offered to a member is no use to who is none when they take it.
func TestSlackLinkOfAGuest(t *testing.T) {
	b := newSlackBed(t, withoutPeopleEvents)
	dev := b.Sim.As("dev")
	b.Must(dev.Command(b.Ctx, "", "/procyon login"))
	page := b.offer(dev)
	b.Must(b.Sim.Restrict("", "dev", true))
	b.link(page, "dev@example.com")
	b.Must(b.Await(func() bool { return !b.linked("dev") }))
	if n := len(dev.DMs()); n != 0 {
		t.Errorf("%d direct messages for a guest", n)
	}
}
