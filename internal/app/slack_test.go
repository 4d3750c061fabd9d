package app

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"procyon/internal/slackapi"
	"procyon/internal/slacksim"
)

// slackBed is the demo, in this process: a gateway with its workers, a simulated
// Slack with the app, and sample data.
type slackBed struct {
	t   *testing.T
	ctx context.Context //nolint:containedctx // of the test, which is the bed's life
	sim *slacksim.Server
	g   *gateway
	cfg *config

	expected []string // words of Slack's refusals that are part of the test

	ahead atomic.Int64 // of now, a duration

	mu    sync.Mutex
	taken []shown
}

// now is the clock of Slack and of the bot, which may go before the gateway's.
func (b *slackBed) now() time.Time { return time.Now().Add(time.Duration(b.ahead.Load())) }

// shown is something that Slack took to show it.
type shown struct {
	kind    string // message, view or options
	content json.RawMessage
}

func (b *slackBed) take(kind string, content json.RawMessage) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.taken = append(b.taken, shown{kind, slices.Clone(content)})
}

func newSlackBed(t *testing.T, change ...func(b *slackBed)) *slackBed {
	t.Helper()
	t.Parallel()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	b := &slackBed{t: t, ctx: ctx}
	slack, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	b.must(err)
	free, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	b.must(err)
	b.cfg = &config{store: "sqlite:" + filepath.Join(t.TempDir(), "procyon.db"), listen: free.Addr().String(), workers: "notifier,slackbot", webhookHosts: "127.0.0.1"}
	b.must(free.Close())
	b.must(b.cfg.check())
	b.cfg.slack.approverDMs, b.cfg.slack.now = true, b.now
	b.sim = slacksim.New(slacksim.Options{BaseURL: "http://" + slack.Addr().String(), Taken: b.take, Now: b.now})
	connect(b.sim, b.cfg, "http://"+slack.Addr().String())
	for _, f := range change {
		f(b)
	}
	b.g, err = openGateway(ctx, b.cfg, slog.New(slog.NewTextHandler(t.Output(), nil)))
	b.must(err)
	ready, ended := make(chan struct{}), make(chan error, 2)
	go func() { ended <- b.sim.Serve(ctx, slack) }()
	go func() {
		ended <- b.g.run(ctx, b.cfg, func(ctx context.Context) error {
			_, err := seed(ctx, b.g, b.sim)
			if err == nil {
				err = install(ctx, b.g, b.sim)
			}
			close(ready)
			return err
		})
	}()
	<-ready
	t.Cleanup(func() {
		cancel()
		b.must(<-ended)
		b.must(<-ended)
		b.sim.Close()
		b.must(b.g.close())
		for _, r := range b.sim.Refused() {
			if r.Ordered || b.isExpected(r) {
				continue
			}
			t.Errorf("Slack refused %s: %s %s", r.Method, r.Body, r.Why)
		}
	})
	return b
}

func (b *slackBed) must(err error) {
	b.t.Helper()
	if err != nil {
		b.t.Fatal(err)
	}
}

var linkURL = regexp.MustCompile(`http://[^"]+/link/slack/[\w-]+`)

// link does what the page behind /procyon login is for.
func (b *slackBed) link(page, email string) {
	b.t.Helper()
	jar, err := cookiejar.New(nil)
	b.must(err)
	web := &http.Client{Jar: jar}
	hidden := regexp.MustCompile(`name="(\w+)" value="([^"]*)"`)
	post := func(to, body string, more url.Values) string {
		b.t.Helper()
		for _, m := range hidden.FindAllStringSubmatch(body, -1) {
			if more.Get(m[1]) == "" {
				more.Set(m[1], m[2])
			}
		}
		resp, err := web.PostForm(to, more)
		b.must(err)
		defer resp.Body.Close()
		data, err := io.ReadAll(resp.Body)
		b.must(err)
		return string(data)
	}
	resp, err := web.Get(page)
	b.must(err)
	data, err := io.ReadAll(resp.Body)
	b.must(err)
	resp.Body.Close()
	u, err := url.Parse(page)
	b.must(err)
	asked := post(u.Scheme+"://"+u.Host+"/signin", string(data), url.Values{"email": {email}, "password": {demoPassword}})
	if !strings.Contains(asked, "Link this Slack account?") {
		b.t.Fatalf("the page does not ask: %s", asked)
	}
	if done := post(page, asked, url.Values{}); !strings.Contains(done, "Your Slack account is linked") {
		b.t.Fatalf("not linked: %s", done)
	}
}

// The whole story: somebody new asks for access, links on the way, and gets it.
func TestSlackStory(t *testing.T) {
	b := newSlackBed(t)
	dev, bo := b.sim.As("dev"), b.sim.As("bo")

	b.must(dev.Command(b.ctx, "prod-approvals", "/procyon request"))
	said, err := dev.ExpectEphemeral(b.ctx)
	b.must(err)
	page := linkURL.FindString(strings.ReplaceAll(string(said.Blocks), `\/`, "/"))
	if page == "" {
		t.Fatalf("a stranger is told %s", said.Blocks)
	}
	b.link(page, "dev@example.com")
	hello, err := dev.ExpectDM(b.ctx)
	b.must(err)
	if !strings.Contains(hello.Text, "Dev Developer") {
		t.Errorf("after the link Slack says %q", hello.Text)
	}

	b.must(dev.Command(b.ctx, "prod-approvals", "/procyon request orders-db 2h stuck orders, see INC-42"))
	form, err := dev.AwaitModal(b.ctx, "Ask for access")
	b.must(err)
	err = b.await(func() bool { return len(form.Value("reason")) > 0 && form.Value("reason")[0] != "" })
	b.must(err)
	b.must(form.Fill(b.ctx, "Role on orders-db", "reader"))
	b.must(form.Submit(b.ctx))
	b.must(dev.AwaitNoModal(b.ctx))

	asked := b.asked(bo, "")
	for _, want := range []string{"Dev Developer asks for access", "orders-db as reader", "2 hours", "INC-42", "stuck orders"} {
		if !strings.Contains(asked.Text, want) {
			t.Errorf("the approver's message lacks %q: %s", want, asked.Text)
		}
	}
	b.must(bo.Click(b.ctx, asked, "Approve"))
	after := b.decided(bo, asked)
	if strings.Contains(string(after.Blocks), `"approve"`) || !strings.Contains(after.Text, "Approved by Bo Approver") {
		t.Errorf("after the decision the message is %s", after.Blocks)
	}
	err = b.await(func() bool {
		for _, m := range dev.DMs() {
			if strings.Contains(m.Text, "Your request was approved.") {
				return true
			}
		}
		return false
	})
	b.must(err)
	// The other approver's copy has no buttons any more, either.
	err = b.await(func() bool {
		for _, m := range b.sim.As("ada").DMs() {
			if strings.Contains(string(m.Blocks), `"approve"`) {
				return false
			}
		}
		return len(b.sim.As("ada").DMs()) > 0
	})
	b.must(err)
}

// Deny asks for a reason, and the second decision is told who took the first.
func TestSlackDenyAndTooLate(t *testing.T) {
	b := newSlackBed(t)
	ada, bo := b.sim.As("ada"), b.sim.As("bo")
	b.must(ada.Command(b.ctx, "", "/procyon request finance-rdp 1h month's end"))
	form, err := ada.AwaitModal(b.ctx, "Ask for access")
	b.must(err)
	err = b.await(func() bool { return len(form.Value("reason")) > 0 && form.Value("reason")[0] != "" })
	b.must(err)
	b.must(form.Submit(b.ctx))
	asked := b.asked(bo, "")
	b.must(bo.Click(b.ctx, asked, "Deny…"))
	why, err := bo.AwaitModal(b.ctx, "Deny access")
	b.must(err)
	b.must(why.Fill(b.ctx, "Why", "Use the report instead."))
	b.must(why.Submit(b.ctx))
	after := b.decided(bo, asked)
	if !strings.Contains(after.Text, "Denied by Bo Approver") || !strings.Contains(after.Text, "Use the report instead.") {
		t.Errorf("after the denial: %s", after.Text)
	}
	if n := len(ada.DMs()); n == 0 {
		t.Error("the requester heard nothing")
	}
}

// What one has and what waits for one: by commands, and on the Home tab, live.
func TestSlackListsAndHome(t *testing.T) {
	b := newSlackBed(t)
	ada, bo := b.sim.As("ada"), b.sim.As("bo")
	_, err := bo.OpenHome()
	b.must(err)
	_, err = bo.AwaitHome(b.ctx, "Nothing waits for your decision.")
	b.must(err)
	b.must(ada.Command(b.ctx, "", "/procyon request finance-rdp 1h closing the books"))
	form, err := ada.AwaitModal(b.ctx, "Ask for access")
	b.must(err)
	err = b.await(func() bool { return len(form.Value("reason")) > 0 && form.Value("reason")[0] != "" })
	b.must(err)
	b.must(form.Submit(b.ctx))
	home, err := bo.AwaitHome(b.ctx, "closing the books")
	b.must(err)
	b.must(home.Click(b.ctx, "Approve"))
	_, err = bo.AwaitHome(b.ctx, "Nothing waits for your decision.")
	b.must(err)

	b.must(ada.Command(b.ctx, "", "/procyon requests"))
	list, err := ada.ExpectEphemeral(b.ctx)
	b.must(err)
	if !strings.Contains(string(list.Blocks), "finance-rdp: in force") && !strings.Contains(string(list.Blocks), "approved") {
		t.Errorf("/procyon requests says %s", list.Blocks)
	}
	b.must(bo.Command(b.ctx, "", "/procyon approvals"))
	none, err := bo.ExpectEphemeral(b.ctx)
	b.must(err)
	if !strings.Contains(none.Text, "Nothing waits for your decision.") {
		t.Errorf("/procyon approvals says %q", none.Text)
	}
	b.must(bo.Command(b.ctx, "", "/procyon fly"))
	help, err := bo.ExpectEphemeral(b.ctx)
	b.must(err)
	if !strings.Contains(string(help.Blocks), "There is no /procyon fly.") || !strings.Contains(help.Text, "/procyon approvals") {
		t.Errorf("/procyon fly says %s", help.Blocks)
	}
}

// Tokens that end are exchanged in time, by the bot that works.
func TestSlackTokensRotate(t *testing.T) {
	b := newSlackBed(t)
	app := b.sim.App()
	app.Rotate = true
	b.sim.SetApp(app)
	in, err := b.sim.Install("")
	b.must(err)
	if in.RefreshToken == "" {
		t.Fatal("this Slack does not rotate tokens")
	}
	_, err = b.g.slack.Install(b.ctx, slackapi.Installation{
		TeamID: in.TeamID, TeamName: "Procyon demo", AppID: app.ID, BotUserID: in.BotUserID, Scopes: in.Scopes,
		Token: in.Token, RefreshToken: in.RefreshToken, ExpiresIn: time.Hour,
	})
	b.must(err)
	b.must(b.g.slack.RotateTokens(b.ctx))
	b.must(b.sim.As("bo").Command(b.ctx, "", "/procyon help"))
	said, err := b.sim.As("bo").ExpectEphemeral(b.ctx)
	b.must(err)
	if !strings.Contains(said.Text, "linked as Bo Approver") {
		t.Errorf("after the exchange: %q", said.Text)
	}
	_, err = b.sim.As("bo").OpenHome() // needs the new token
	b.must(err)
	_, err = b.sim.As("bo").AwaitHome(b.ctx, "Nothing waits for your decision.")
	b.must(err)
}

// Socket Mode: Slack has no way to the gateway, and all goes through a socket.
func TestSlackSocketMode(t *testing.T) {
	b := newSlackBed(t, func(b *slackBed) {
		b.sim.SetApp(slacksim.App{SocketMode: true})
		b.cfg.slack.signingSecret, b.cfg.slack.appToken = "", b.sim.App().AppToken
	})
	b.must(b.sim.Connected(b.ctx))
	ada, bo := b.sim.As("ada"), b.sim.As("bo")
	b.must(bo.Command(b.ctx, "", "/procyon help"))
	said, err := bo.ExpectEphemeral(b.ctx)
	b.must(err)
	if !strings.Contains(said.Text, "linked as Bo Approver") {
		t.Errorf("%q", said.Text)
	}
	b.must(ada.Command(b.ctx, "", "/procyon request finance-rdp 1h through a socket"))
	form, err := ada.AwaitModal(b.ctx, "Ask for access")
	b.must(err)
	err = b.await(func() bool { return len(form.Value("reason")) > 0 && form.Value("reason")[0] != "" })
	b.must(err)
	b.must(form.Submit(b.ctx))
	asked := b.asked(bo, "")
	b.must(bo.Click(b.ctx, asked, "Approve"))
	b.decided(bo, asked)
	_, err = bo.OpenHome()
	b.must(err)
	_, err = bo.AwaitHome(b.ctx, "Nothing waits for your decision.")
	b.must(err)
}

// await waits until something is so, looking again whenever Slack changes, and now
// and then for what changes at the gateway alone.
func (b *slackBed) await(ok func() bool) error {
	for {
		news := b.sim.Changed()
		if ok() {
			return nil
		}
		select {
		case <-news:
		case <-time.After(20 * time.Millisecond):
		case <-b.ctx.Done():
			return b.ctx.Err()
		}
	}
}

// live tells whether a message offers to decide.
func live(m slacksim.Message) bool {
	return strings.Contains(string(m.Blocks), `"approve"`) || strings.Contains(string(m.Blocks), `"deny"`)
}

// asked waits until a person is offered to decide, in a channel or, with "", in
// their direct messages.
func (b *slackBed) asked(p *slacksim.Person, channel string) slacksim.Message {
	b.t.Helper()
	m, err := p.AwaitMessage(b.ctx, channel, func(m slacksim.Message) bool { return m.Only == "" && live(m) })
	b.must(err)
	return m
}

// decided waits until a message offers nothing any more.
func (b *slackBed) decided(p *slacksim.Person, m slacksim.Message) slacksim.Message {
	b.t.Helper()
	name := m.Channel
	if strings.HasPrefix(m.ChannelID, "D") {
		name = ""
	}
	m, err := p.AwaitMessage(b.ctx, name, func(now slacksim.Message) bool { return now.TS == m.TS && now.ChannelID == m.ChannelID && !live(now) })
	b.must(err)
	return m
}
