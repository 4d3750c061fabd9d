package slacksim

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// node starts a script of testdata/judge, which holds Slack's own SDKs, and installs
// those first where they are missing.
func node(t *testing.T, env []string, args ...string) *exec.Cmd {
	t.Helper()
	dir := filepath.Join("testdata", "judge")
	bin, err := exec.LookPath("node")
	npm, errNPM := exec.LookPath("npm")
	if err != nil || errNPM != nil {
		if os.Getenv("CI") != "" {
			t.Fatal("node or npm is missing: install Node.js 20 or later with npm")
		}
		t.Skip("node or npm is missing: install Node.js 20 or later with npm to have Slack's own SDKs judge the simulator")
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), 3*time.Minute) // it ends with the test's last cleanup
	t.Cleanup(cancel)
	if _, err := os.Stat(filepath.Join(dir, "node_modules", "@slack", "bolt")); err != nil {
		install := exec.CommandContext(ctx, npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund")
		install.Dir = dir
		if out, err := install.CombinedOutput(); err != nil {
			t.Fatalf("npm ci: %v\n%s", err, out)
		}
	}
	cmd := exec.CommandContext(ctx, bin, args...)
	cmd.Dir, cmd.Env = dir, append(os.Environ(), env...)
	cmd.WaitDelay = 10 * time.Second
	return cmd
}

// TestOfficialClient has Slack's own client drive the Web API.
func TestOfficialClient(t *testing.T) {
	if testing.Short() {
		t.Skip("needs Node and npm")
	}
	b := newBed(t, Options{})
	id := must[string](t)(b.AddChannel("", "general", false))
	to := must[string](t)(b.As("ada").Allow(b.page("redirect_uri", "", "scope", "incoming-webhook"), Grant{Channel: "general"}))
	_, code, _ := strings.Cut(to, "code=")
	code, _, _ = strings.Cut(code, "&")
	b.FailCalls("conversations.list", 1, Fault{Status: 429, RetryAfter: 9 * time.Second})
	a := b.App()
	out, err := node(t, []string{"BOT_TOKEN=" + b.in.Token, "CLIENT_ID=" + a.ClientID, "CLIENT_SECRET=" + a.ClientSecret, "CODE=" + code}, "client.mjs", b.url, id).Output()
	if err != nil || string(out) != "content\n" {
		var exit *exec.ExitError
		if errors.As(err, &exit) {
			out = append(out, exit.Stderr...)
		}
		t.Fatalf("%v\n%s\nrefused: %+v", err, out, b.Refused())
	}
}

// routed is a line of bolt.mjs.
type routed map[string]any

// bolt is an app made with Slack's own framework.
type bolt struct {
	*bed
	lines chan routed
}

func newBolt(t *testing.T, mode string) *bolt {
	t.Helper()
	if testing.Short() {
		t.Skip("needs Node and npm")
	}
	b := &bolt{bed: newBed(t, Options{Now: time.Now, App: App{SocketMode: mode == "socket"}}), lines: make(chan routed, 100)}
	b.start("bolt.mjs", mode)
	ready := b.expect("ready", nil)
	if port := ready["port"]; port != 0.0 {
		a, to := b.App(), fmt.Sprintf("http://127.0.0.1:%v/slack/events", port)
		a.CommandURL, a.InteractionURL, a.OptionsURL, a.EventURL = to, to, "", to
		b.SetApp(a)
	}
	return b
}

// start runs a script that tells by lines of JSON what it was brought.
func (b *bolt) start(script string, more ...string) {
	t, a := b.t, b.App()
	t.Helper()
	env := []string{"BOT_TOKEN=" + b.in.Token, "SIGNING_SECRET=" + a.SigningSecret, "APP_TOKEN=" + a.AppToken, "CLIENT_ID=" + a.ClientID, "CLIENT_SECRET=" + a.ClientSecret}
	cmd := node(t, env, append([]string{script, b.url}, more...)...)
	in := must[io.WriteCloser](t)(cmd.StdinPipe())
	out := must[io.ReadCloser](t)(cmd.StdoutPipe())
	var said strings.Builder
	cmd.Stderr = &said
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	read := make(chan struct{})
	go func() {
		defer close(read)
		defer close(b.lines)
		for s := bufio.NewScanner(out); s.Scan(); {
			var line routed
			if json.Unmarshal(s.Bytes(), &line) == nil {
				b.lines <- line
			}
		}
	}()
	t.Cleanup(func() {
		_ = in.Close()
		<-read
		if err := cmd.Wait(); err != nil {
			t.Errorf("%s: %v", script, err)
		}
		if said.Len() > 0 {
			t.Errorf("%s complains: %s", script, said.String())
		}
	})
}

// expect waits for the next thing that the framework routed.
func (b *bolt) expect(what string, want routed) routed {
	b.t.Helper()
	select {
	case got, ok := <-b.lines:
		if !ok || got["routed"] != what {
			b.t.Fatalf("routed %v, want %s (refused: %+v)", got, what, b.Refused())
		}
		for name, v := range want {
			if fmt.Sprint(got[name]) != fmt.Sprint(v) {
				b.t.Errorf("%s: %v, want %s = %v", what, got, name, v)
			}
		}
		return got
	case <-soon(b.t).Done():
		b.t.Fatalf("nothing was routed, want %s (refused: %+v)", what, b.Refused())
		return nil
	}
}

// TestBolt has Slack's own framework route everything that the simulator sends, by
// HTTP and by Socket Mode.
func TestBolt(t *testing.T) {
	for _, mode := range []string{"http", "socket"} {
		t.Run(mode, func(t *testing.T) { judge(t, newBolt(t, mode), mode) })
	}
}

func judge(t *testing.T, b *bolt, mode string) {
	ok := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatalf("%v (refused: %+v)", err, b.Refused())
		}
	}
	ctx := soon(t)
	if _, err := b.AddChannel("", "general", false); err != nil {
		t.Fatal(err)
	}
	if mode == "http" {
		ok(b.VerifyEvents(ctx))
	} else {
		ok(b.Connected(ctx))
	}
	dev, bo := b.As("dev"), b.As("bo")
	if mode == "socket" { // the framework comes back by itself
		b.Disconnect()
		ok(b.Connected(ctx))
	}
	ok(dev.Command(ctx, "general", "/procyon request"))
	b.expect("command", routed{"text": "request", "user": "U0DEV", "team": "T0SIMULATED"})
	form := must[*Form](t)(dev.AwaitModal(ctx, "Ask"))
	if got := must[[]Option](t)(form.Suggest(ctx, "What", "ord")); len(got) != 1 {
		t.Errorf("%+v", got)
	}
	b.expect("options", routed{"value": "ord"})
	ok(form.Fill(ctx, "What", "orders-db"))
	for _, reason := range []string{"no", "more", "fine"} {
		ok(form.Fill(ctx, "Why", reason))
		if err := form.Submit(ctx); (err != nil) != (reason == "no") {
			t.Errorf("%s: %v", reason, err)
		}
		b.expect("submission", routed{"user": "U0DEV", "reason": reason, "resource": "res_1"})
	}
	if !form.Gone() {
		t.Error("the modal is still there")
	}
	ok(dev.Command(ctx, "general", "/procyon request"))
	b.expect("command", nil)
	ok(must[*Form](t)(dev.AwaitModal(ctx, "Ask")).Close(ctx))
	b.expect("closed", routed{"cleared": false})

	ok(dev.Command(ctx, "general", "/procyon respond"))
	b.expect("command", nil)
	if m := must[Message](t)(dev.ExpectEphemeral(ctx)); m.Text != "only you" {
		t.Errorf("%+v", m)
	}
	ok(dev.Command(ctx, "general", "/procyon say"))
	b.expect("command", nil)
	m := must[Message](t)(b.Expect(ctx, "general"))
	ok(bo.Click(ctx, m, "Approve"))
	b.expect("action", routed{"value": "req_1", "user": "U0BO", "from": "message"})
	must[Message](t)(b.Await(ctx, "general", func(m Message) bool { return m.Text == "approved" }))

	if _, err := dev.OpenHome(); err != nil {
		t.Fatal(err)
	}
	b.expect("event", routed{"type": "app_home_opened", "user": "U0DEV"})
	ok(must[*Form](t)(dev.AwaitHome(ctx, "Approve")).Click(ctx, "Approve"))
	b.expect("action", routed{"from": "view", "user": "U0DEV"})
	ok(b.Uninstall("", true))
	b.expect("event", routed{"type": "tokens_revoked", "bots": 1})
	b.expect("event", routed{"type": "app_uninstalled"})
	ok(b.Settle(ctx))
	b.clean()
}
