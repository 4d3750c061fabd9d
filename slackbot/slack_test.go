package slackbot_test

import (
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"procyon/internal/app/apptest"
	"procyon/internal/demo"
	"procyon/internal/slackapi"
	"procyon/internal/slacksim"
)

// slackBed is the product in Slack, with what these tests do there.
type slackBed struct{ *apptest.Bed }

// newSlackBed starts it, once each change has had its say. The bot follows events when it
// returns: it begins with what happens after it has taken its lease for the first time.
func newSlackBed(t *testing.T, change ...func(b *slackBed)) *slackBed {
	t.Helper()
	b := &slackBed{apptest.New(t, func(b *apptest.Bed) {
		for _, f := range change {
			f(&slackBed{b})
		}
	})}
	if b.App.SlackBot() != nil {
		b.Must(b.Await(func() bool {
			_, err := b.App.Ledger.ConsumerByID(b.Ctx, "con_slackbot")
			return err == nil
		}))
	}
	return b
}

// link does what the page behind /procyon login is for.
func (b *slackBed) link(page, email string) {
	b.T.Helper()
	jar, err := cookiejar.New(nil)
	b.Must(err)
	web := &http.Client{Jar: jar}
	hidden := regexp.MustCompile(`name="(\w+)" value="([^"]*)"`)
	post := func(to, body string, more url.Values) string {
		b.T.Helper()
		for _, m := range hidden.FindAllStringSubmatch(body, -1) {
			if more.Get(m[1]) == "" {
				more.Set(m[1], m[2])
			}
		}
		resp, err := web.PostForm(to, more)
		b.Must(err)
		defer resp.Body.Close()
		data, err := io.ReadAll(resp.Body)
		b.Must(err)
		return string(data)
	}
	resp, err := web.Get(page)
	b.Must(err)
	data, err := io.ReadAll(resp.Body)
	b.Must(err)
	resp.Body.Close()
	u, err := url.Parse(page)
	b.Must(err)
	asked := post(u.Scheme+"://"+u.Host+"/signin", string(data), url.Values{"email": {email}, "password": {demo.Password}})
	if !strings.Contains(asked, "Link this Slack account?") {
		b.T.Fatalf("the page does not ask: %s", asked)
	}
	if done := post(page, asked, url.Values{}); !strings.Contains(done, "Your Slack account is linked") {
		b.T.Fatalf("not linked: %s", done)
	}
}

// The whole story: somebody new asks for access, links on the way, and gets it.
func TestSlackStory(t *testing.T) {
	b := newSlackBed(t)
	dev, bo := b.Sim.As("dev"), b.Sim.As("bo")

	b.Must(dev.Command(b.Ctx, "prod-approvals", "/procyon request"))
	said, err := dev.ExpectEphemeral(b.Ctx)
	b.Must(err)
	page := apptest.LinkPage(said)
	if page == "" {
		t.Fatalf("a stranger is told %s", said.Blocks)
	}
	b.link(page, "dev@example.com")
	hello, err := dev.ExpectDM(b.Ctx)
	b.Must(err)
	if !strings.Contains(hello.Text, "Dev Developer") {
		t.Errorf("after the link Slack says %q", hello.Text)
	}

	b.Must(dev.Command(b.Ctx, "prod-approvals", "/procyon request orders-db 2h stuck orders, see INC-42"))
	form, err := dev.AwaitModal(b.Ctx, "Ask for access")
	b.Must(err)
	err = b.Await(func() bool { return len(form.Value("reason")) > 0 && form.Value("reason")[0] != "" })
	b.Must(err)
	b.Must(form.Fill(b.Ctx, "Role on orders-db", "reader"))
	b.Must(form.Submit(b.Ctx))
	b.Must(dev.AwaitNoModal(b.Ctx))

	asked := b.asked(bo, "")
	for _, want := range []string{"Dev Developer asks for access", "orders-db as reader", "2 hours", "INC-42", "stuck orders"} {
		if !strings.Contains(asked.Text, want) {
			t.Errorf("the approver's message lacks %q: %s", want, asked.Text)
		}
	}
	b.Must(bo.Click(b.Ctx, asked, "Approve"))
	after := b.decided(bo, asked)
	if strings.Contains(string(after.Blocks), `"approve"`) || !strings.Contains(after.Text, "Approved by Bo Approver") {
		t.Errorf("after the decision the message is %s", after.Blocks)
	}
	err = b.Await(func() bool {
		for _, m := range dev.DMs() {
			if strings.Contains(m.Text, "Your request was approved.") {
				return true
			}
		}
		return false
	})
	b.Must(err)
	// The other approver's copy has no buttons any more, either.
	err = b.Await(func() bool {
		for _, m := range b.Sim.As("ada").DMs() {
			if strings.Contains(string(m.Blocks), `"approve"`) {
				return false
			}
		}
		return len(b.Sim.As("ada").DMs()) > 0
	})
	b.Must(err)
}

// Deny asks for a reason, and the second decision is told who took the first.
func TestSlackDenyAndTooLate(t *testing.T) {
	b := newSlackBed(t)
	ada, bo := b.Sim.As("ada"), b.Sim.As("bo")
	b.Must(ada.Command(b.Ctx, "", "/procyon request finance-rdp 1h month's end"))
	form, err := ada.AwaitModal(b.Ctx, "Ask for access")
	b.Must(err)
	err = b.Await(func() bool { return len(form.Value("reason")) > 0 && form.Value("reason")[0] != "" })
	b.Must(err)
	b.Must(form.Submit(b.Ctx))
	asked := b.asked(bo, "")
	b.Must(bo.Click(b.Ctx, asked, "Deny…"))
	why, err := bo.AwaitModal(b.Ctx, "Deny access")
	b.Must(err)
	b.Must(why.Fill(b.Ctx, "Why", "Use the report instead."))
	b.Must(why.Submit(b.Ctx))
	after := b.decided(bo, asked)
	if !strings.Contains(after.Text, "Denied by Bo Approver") || !strings.Contains(after.Text, "Use the report instead.") {
		t.Errorf("after the denial: %s", after.Text)
	}
	if err := b.Await(func() bool { return len(ada.DMs()) > 0 }); err != nil {
		t.Errorf("the requester heard nothing: %v", err)
	}
}

// What one has and what waits for one: by commands, and on the Home tab, live.
func TestSlackListsAndHome(t *testing.T) {
	b := newSlackBed(t)
	ada, bo := b.Sim.As("ada"), b.Sim.As("bo")
	_, err := bo.OpenHome()
	b.Must(err)
	_, err = bo.AwaitHome(b.Ctx, "Nothing waits for your decision.")
	b.Must(err)
	b.Must(ada.Command(b.Ctx, "", "/procyon request finance-rdp 1h closing the books"))
	form, err := ada.AwaitModal(b.Ctx, "Ask for access")
	b.Must(err)
	err = b.Await(func() bool { return len(form.Value("reason")) > 0 && form.Value("reason")[0] != "" })
	b.Must(err)
	b.Must(form.Submit(b.Ctx))
	home, err := bo.AwaitHome(b.Ctx, "closing the books")
	b.Must(err)
	b.Must(home.Click(b.Ctx, "Approve"))
	_, err = bo.AwaitHome(b.Ctx, "Nothing waits for your decision.")
	b.Must(err)

	b.Must(ada.Command(b.Ctx, "", "/procyon requests"))
	list, err := ada.ExpectEphemeral(b.Ctx)
	b.Must(err)
	if !strings.Contains(string(list.Blocks), "finance-rdp: in force") && !strings.Contains(string(list.Blocks), "approved") {
		t.Errorf("/procyon requests says %s", list.Blocks)
	}
	b.Must(bo.Command(b.Ctx, "", "/procyon approvals"))
	none, err := bo.ExpectEphemeral(b.Ctx)
	b.Must(err)
	if !strings.Contains(none.Text, "Nothing waits for your decision.") {
		t.Errorf("/procyon approvals says %q", none.Text)
	}
	b.Must(bo.Command(b.Ctx, "", "/procyon fly"))
	help, err := bo.ExpectEphemeral(b.Ctx)
	b.Must(err)
	if !strings.Contains(string(help.Blocks), "There is no /procyon fly.") || !strings.Contains(help.Text, "/procyon approvals") {
		t.Errorf("/procyon fly says %s", help.Blocks)
	}
}

// Tokens that end are exchanged in time, by the bot that works.
func TestSlackTokensRotate(t *testing.T) {
	b := newSlackBed(t)
	app := b.Sim.App()
	app.Rotate = true
	b.Sim.SetApp(app)
	in, err := b.Sim.Install("")
	b.Must(err)
	if in.RefreshToken == "" {
		t.Fatal("this Slack does not rotate tokens")
	}
	_, err = b.App.SlackBot().Install(b.Ctx, slackapi.Installation{
		TeamID: in.TeamID, TeamName: "Procyon demo", AppID: app.ID, BotUserID: in.BotUserID, Scopes: in.Scopes,
		Token: in.Token, RefreshToken: in.RefreshToken, ExpiresIn: time.Hour,
	})
	b.Must(err)
	b.Must(b.App.SlackBot().RotateTokens(b.Ctx))
	b.Must(b.Sim.As("bo").Command(b.Ctx, "", "/procyon help"))
	said, err := b.Sim.As("bo").ExpectEphemeral(b.Ctx)
	b.Must(err)
	if !strings.Contains(said.Text, "linked as Bo Approver") {
		t.Errorf("after the exchange: %q", said.Text)
	}
	_, err = b.Sim.As("bo").OpenHome() // needs the new token
	b.Must(err)
	_, err = b.Sim.As("bo").AwaitHome(b.Ctx, "Nothing waits for your decision.")
	b.Must(err)
}

// Socket Mode: Slack has no way to the server, and all goes through a socket.
func TestSlackSocketMode(t *testing.T) {
	b := newSlackBed(t, func(b *slackBed) {
		b.Sim.SetApp(slacksim.App{SocketMode: true})
		b.Config.Slack.SigningSecret, b.Config.Slack.AppToken = "", b.Sim.App().AppToken
	})
	b.Must(b.Sim.Connected(b.Ctx))
	ada, bo := b.Sim.As("ada"), b.Sim.As("bo")
	b.Must(bo.Command(b.Ctx, "", "/procyon help"))
	said, err := bo.ExpectEphemeral(b.Ctx)
	b.Must(err)
	if !strings.Contains(said.Text, "linked as Bo Approver") {
		t.Errorf("%q", said.Text)
	}
	b.Must(ada.Command(b.Ctx, "", "/procyon request finance-rdp 1h through a socket"))
	form, err := ada.AwaitModal(b.Ctx, "Ask for access")
	b.Must(err)
	err = b.Await(func() bool { return len(form.Value("reason")) > 0 && form.Value("reason")[0] != "" })
	b.Must(err)
	b.Must(form.Submit(b.Ctx))
	asked := b.asked(bo, "")
	b.Must(bo.Click(b.Ctx, asked, "Approve"))
	b.decided(bo, asked)
	_, err = bo.OpenHome()
	b.Must(err)
	_, err = bo.AwaitHome(b.Ctx, "Nothing waits for your decision.")
	b.Must(err)
}

// Slack replaces the socket again and again, before each step and within some: nothing is
// lost, and each is answered in time.
func TestSlackSocketRefreshes(t *testing.T) {
	b := newSlackBed(t, func(b *slackBed) {
		b.Sim.SetApp(slacksim.App{SocketMode: true})
		b.Config.Slack.SigningSecret, b.Config.Slack.AppToken = "", b.Sim.App().AppToken
	})
	b.Must(b.Sim.Connected(b.Ctx))
	ada, bo := b.Sim.As("ada"), b.Sim.As("bo")
	// during does something while Slack replaces the socket.
	during := func(do func() error) {
		t.Helper()
		ended := make(chan error, 1)
		go func() { ended <- do() }()
		b.Sim.Disconnect()
		b.Must(<-ended)
		b.Must(b.Sim.Connected(b.Ctx))
	}
	during(func() error { return ada.Command(b.Ctx, "", "/procyon request finance-rdp 1h through sockets") })
	form, err := ada.AwaitModal(b.Ctx, "Ask for access")
	b.Must(err)
	b.Must(b.Await(func() bool { return len(form.Value("reason")) > 0 && form.Value("reason")[0] != "" }))
	b.Sim.Disconnect() // while the form is open
	b.Must(b.Sim.Connected(b.Ctx))
	during(func() error { return form.Submit(b.Ctx) })
	asked := b.asked(bo, "")
	during(func() error { return bo.Click(b.Ctx, asked, "Approve") })
	b.decided(bo, asked)
	during(func() error { return ada.Command(b.Ctx, "", "/procyon requests") })
	said, err := ada.ExpectEphemeral(b.Ctx)
	b.Must(err)
	if strings.Count(string(said.Blocks), "finance-rdp") == 0 {
		t.Errorf("%s", said.Blocks)
	}
}

// live tells whether a message offers to decide.
func live(m slacksim.Message) bool {
	return strings.Contains(string(m.Blocks), `"approve"`) || strings.Contains(string(m.Blocks), `"deny"`)
}

// asked waits until a person is offered to decide, in a channel or, with "", in
// their direct messages.
func (b *slackBed) asked(p *slacksim.Person, channel string) slacksim.Message {
	b.T.Helper()
	m, err := p.AwaitMessage(b.Ctx, channel, func(m slacksim.Message) bool { return m.Only == "" && live(m) })
	b.Must(err)
	return m
}

// decided waits until a message offers nothing any more.
func (b *slackBed) decided(p *slacksim.Person, m slacksim.Message) slacksim.Message {
	b.T.Helper()
	name := m.Channel
	if strings.HasPrefix(m.ChannelID, "D") {
		name = ""
	}
	m, err := p.AwaitMessage(b.Ctx, name, func(now slacksim.Message) bool { return now.TS == m.TS && now.ChannelID == m.ChannelID && !live(now) })
	b.Must(err)
	return m
}
