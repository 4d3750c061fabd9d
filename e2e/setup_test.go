package e2e

import (
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"procyon/internal/slacksim"
)

// firstDay is an administrator's first day, as docs/setup.md has it: the terminal in which
// the gateway runs, the one in which the commands are typed, and a Slack.
type firstDay struct {
	*bed
	g       *server
	gateway *logged // what the gateway's terminal shows
	exports string  // what was set in it
	sh      *shell  // the other terminal
	sim     *slacksim.Server
	steps   []step
}

// next takes the next step of the page, which must be of a section.
func (d *firstDay) next(section string) step {
	d.t.Helper()
	if len(d.steps) == 0 || !strings.HasPrefix(d.steps[0].section, section+". ") {
		d.t.Fatalf("the page has no further commands in section %s", section)
	}
	p := d.steps[0]
	d.steps = d.steps[1:]
	return p
}

// follows takes and follows all the steps of a section that are left.
func (d *firstDay) follows(section string) {
	d.t.Helper()
	for len(d.steps) > 0 && strings.HasPrefix(d.steps[0].section, section+". ") {
		p := d.next(section)
		d.sh.follow(p, strings.Contains(p.commands, "{ deliveries(") || strings.Contains(p.commands, "timeline("))
		d.tok["guide "+strconv.Itoa(len(d.steps))] = strings.TrimSpace(d.sh.run("echo $TOKEN"))
	}
}

// starts runs a step in the gateway's terminal, in which make run stays until Ctrl-C, and
// waits until it has printed what the page shows.
func (d *firstDay) starts(p step) {
	d.t.Helper()
	var exports strings.Builder
	for line := range strings.Lines(d.sh.as.Replace(p.commands)) {
		if strings.HasPrefix(line, "export ") {
			exports.WriteString(line)
		} else if strings.TrimSpace(line) != "make run" {
			d.t.Fatalf("the gateway's terminal is told %s", line)
		}
	}
	d.exports += exports.String()
	d.gateway = &logged{}
	d.g.process = d.makes(d.gateway, d.exports, "run")
	want := p.output
	if want == "" {
		want = "Procyon listens on 127.0.0.1:8080."
	}
	for line := range strings.Lines(alike(d.sh.as.Replace(want))) {
		d.until(strings.TrimSpace(line), func() bool { return strings.Contains(alike(d.gateway.String()), strings.TrimSpace(line)) })
	}
}

// ctrlC is what the pages say ends a server that make has started.
func (g *server) ctrlC() {
	g.t.Helper()
	if err := syscall.Kill(-g.cmd.Process.Pid, syscall.SIGINT); err != nil {
		g.t.Fatal(err)
	}
	_ = g.ended() // make ends by the signal
	if resp, err := http.Get("http://" + g.address + "/healthz"); err == nil {
		resp.Body.Close()
		g.t.Error("Ctrl-C does not end the gateway")
	}
}

var printedPassword = regexp.MustCompile(`signs in with the password ([0-9a-z]{24}) \(shown only now\)`)

// The way from an empty gateway to the first message, to people who ask and decide in
// Slack, and to single sign-on: all that docs/setup.md has one type, and what it prints.
func TestSetupGuide(t *testing.T) {
	t.Parallel()
	b := newBed(t, "sqlite:"+filepath.Join(t.TempDir(), "procyon.db"))
	d := &firstDay{bed: b, g: &server{b: b, address: freeAddress(t)}, steps: steps(t, "", "docs", "setup.md")}
	slack := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { d.sim.ServeHTTP(w, r) }))
	d.sim = slacksim.New(slacksim.Options{BaseURL: slack.URL, Workspace: "Your company"})
	t.Cleanup(func() { slack.Close(); d.sim.Close() })
	public := "http://" + d.g.address
	d.sim.SetApp(slacksim.App{
		CommandURL: public + "/slack/command", InteractionURL: public + "/slack/interaction", EventURL: public + "/slack/event",
		RedirectURLs: []string{public + "/slack/oauth"},
	})
	channel, err := d.sim.AddChannel("", "oncall", false)
	if err != nil {
		t.Fatal(err)
	}
	secrets := d.sim.App()
	b.env = append(b.env, "PROCYON_LISTEN="+d.g.address, "PROCYON_SLACK_API_URL="+slack.URL+"/api/",
		"PROCYON_ADMIN_EMAIL=", "PROCYON_ADMIN_PASSWORD=", "PROCYON_LOG_LEVEL=info") // the page says what they are
	hook := b.hooks.url("B0GUIDE")
	masked := strings.TrimSuffix(hook, "T0001/B0GUIDE/"+webhookSecret) + "T…/B…/…" + last(webhookSecret, 4)
	d.sh = b.shell("127.0.0.1:8080", d.g.address, "https://procyon.example.com", public,
		"https://hooks.slack.com/services/T…/B…/…kX9a", masked, "https://hooks.slack.com/services/…", hook, "C0123ABCD", channel,
		"PROCYON_SLACK_CLIENT_ID=…", "PROCYON_SLACK_CLIENT_ID="+secrets.ClientID, "PROCYON_SLACK_CLIENT_SECRET=…", "PROCYON_SLACK_CLIENT_SECRET="+secrets.ClientSecret,
		"PROCYON_SLACK_SIGNING_SECRET=…", "PROCYON_SLACK_SIGNING_SECRET="+secrets.SigningSecret,
		"PROCYON_OIDC_CLIENT_ID=…", "PROCYON_OIDC_CLIENT_ID=x", "PROCYON_OIDC_CLIENT_SECRET=…", "PROCYON_OIDC_CLIENT_SECRET=x")

	d.starts(d.next("0"))
	password := printedPassword.FindStringSubmatch(d.gateway.String())[1]
	d.signsIn("you@your-company.com", password, "/")
	for _, section := range []string{"2", "3", "4", "5"} {
		d.follows(section)
	}
	d.sh.follow(d.next("6"), false)
	for _, want := range []string{"Test message", "Orders are stuck in the queue"} {
		b.hooks.wait(t, want, func() bool { return strings.Contains(strings.Join(b.hooks.texts("B0GUIDE"), "\n"), want) })
	}
	link := regexp.MustCompile(regexp.QuoteMeta(public) + `(/requests/req_[0-9a-f]{32})`).FindStringSubmatch(strings.Join(b.hooks.texts("B0GUIDE"), "\n"))
	if link == nil {
		t.Fatal("the message has no link to the request")
	}
	bo := d.signsIn("bo@your-company.com", "quite another password", link[1])
	bo.approve(link[1])
	d.follows("6")

	d.g.ctrlC()
	d.starts(d.next("7"))
	d.admin = d.g.client(strings.TrimSpace(b.must("token", "create", "--user", "you@your-company.com")))
	(&slackBed{bed: b, server: d.g, sim: d.sim, public: public}).install()
	d.follows("7")

	d.g.ctrlC()
	d.starts(d.next("8"))
	if _, page := d.g.browser(t).get("/signin"); !strings.Contains(page, "single sign-on") {
		t.Errorf("the sign-in page offers no single sign-on: %s", page)
	}
	if len(d.steps) > 0 {
		t.Errorf("nobody has followed %+v", d.steps)
	}
	d.g.ctrlC()
}

// signsIn signs a person in to the console, who then sees a page.
func (d *firstDay) signsIn(email, password, path string) *browser {
	d.t.Helper()
	who := d.g.browser(d.t)
	if status, page := who.signIn(email, password, path); status != http.StatusOK || !who.isSignedIn() {
		d.t.Fatalf("%s can't sign in: %d %s", email, status, page)
	}
	return who
}
