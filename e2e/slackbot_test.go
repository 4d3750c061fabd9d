package e2e

import (
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/http/httputil"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"procyon/internal/slacksim"
)

// slackBed is a bed with a simulated Slack and the Slack bot as processes of its own.
type slackBed struct {
	*bed
	server *server
	sim    *slacksim.Server
	public string // where Slack reaches the bots
	bots   []*process
	start  []func() *process
}

// newSlackBed starts a server and some replicas of the bot, and installs the app.
func newSlackBed(t *testing.T, replicas int) *slackBed {
	b := founded(t)
	g := b.serve("none")
	b.people(g)
	s := b.withSlack(g, replicas)
	s.install()
	return s
}

// withSlack starts a simulated Slack, which does not have the app yet, and some replicas of
// the bot beside a server. What Slack sends goes to the first that answers.
func (b *bed) withSlack(g *server, replicas int) *slackBed {
	t := b.t
	s := &slackBed{bed: b, server: g}
	slack := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { s.sim.ServeHTTP(w, r) }))
	s.sim = slacksim.New(slacksim.Options{BaseURL: slack.URL})
	addresses := make([]string, replicas)
	for i := range addresses {
		addresses[i] = freeAddress(t)
	}
	front := httptest.NewServer(&httputil.ReverseProxy{Rewrite: func(*httputil.ProxyRequest) {}, Transport: &balancer{addresses: addresses}})
	s.public = front.URL
	t.Cleanup(func() { front.Close(); slack.Close(); s.sim.Close() })
	s.sim.SetApp(slacksim.App{
		CommandURL: s.public + "/slack/command", InteractionURL: s.public + "/slack/interaction", EventURL: s.public + "/slack/event",
		RedirectURLs: []string{s.public + "/slack/oauth"},
	})
	app := s.sim.App()
	b.tok["signing secret"], b.tok["client secret"] = app.SigningSecret, app.ClientSecret
	b.tok["slackbot"] = strings.TrimSpace(b.must("token", "create", "--name", "slackbot", "--scope", "slack:act,events:read,deliveries:write"))
	for _, address := range addresses {
		env := []string{
			"PROCYON_GATEWAY_URL=http://" + s.server.address, "PROCYON_SERVICE_TOKEN=" + b.tok["slackbot"], "PROCYON_LISTEN=" + address,
			"PROCYON_PUBLIC_URL=" + s.public, "PROCYON_SLACK_API_URL=" + slack.URL + "/api/", "PROCYON_SLACK_SIGNING_SECRET=" + app.SigningSecret,
			"PROCYON_SLACK_CLIENT_ID=" + app.ClientID, "PROCYON_SLACK_CLIENT_SECRET=" + app.ClientSecret,
		}
		start := func() *process { return b.start(env, "slackbot") }
		s.start, s.bots = append(s.start, start), append(s.bots, start())
	}
	eventually(t, "a bot answers", func() bool {
		resp, err := http.Get(s.public + "/slack/oauth?error=access_denied")
		if err != nil {
			return false
		}
		defer resp.Body.Close()
		return resp.StatusCode == http.StatusOK
	})
	return s
}

// balancer sends a request to the next address, or to another where that one is dead.
type balancer struct {
	addresses []string
	next      atomic.Int64
}

func (l *balancer) RoundTrip(r *http.Request) (*http.Response, error) {
	var body []byte
	var err error
	if r.Body != nil {
		if body, err = io.ReadAll(r.Body); err != nil {
			return nil, err
		}
	}
	first := int(l.next.Add(1))
	for i := range l.addresses {
		out := r.Clone(r.Context())
		out.URL.Scheme, out.URL.Host = "http", l.addresses[(first+i)%len(l.addresses)]
		out.Body = io.NopCloser(bytes.NewReader(body))
		var resp *http.Response
		if resp, err = http.DefaultTransport.RoundTrip(out); err == nil {
			return resp, nil
		}
	}
	return nil, err
}

// install installs the app as Ada does, in her browser, beginning as an administrator.
func (s *slackBed) install() {
	s.t.Helper()
	var offer struct{ StartSlackInstall struct{ URL string } }
	if err := s.admin.Do(s.t.Context(), `mutation { startSlackInstall { url } }`, nil, &offer); err != nil {
		s.t.Fatal(err)
	}
	_, query, _ := strings.Cut(offer.StartSlackInstall.URL, "/slack/install")
	if page := s.installs(query); !strings.Contains(page, "<h1>Procyon is installed</h1>") {
		s.t.Fatalf("not installed: %s", page)
	}
}

// installs installs the app in a browser of its own, beginning where the query says, and
// returns the page at its end.
func (s *slackBed) installs(query string) string {
	s.t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		s.t.Fatal(err)
	}
	web := &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	resp, err := web.Get(s.public + "/slack/install" + query)
	if err != nil {
		s.t.Fatal(err)
	}
	resp.Body.Close()
	back, err := s.sim.As("ada").Allow(resp.Header.Get("Location"), slacksim.Grant{})
	if err != nil {
		s.t.Fatal(err)
	}
	if resp, err = web.Get(back); err != nil {
		s.t.Fatal(err)
	}
	_, page := (&browser{t: s.t}).read(resp)
	return page
}

var linkPath = regexp.MustCompile(`/link/slack/[\w-]+`)

// link links a Slack user to a person, by /procyon login and the page behind it.
func (s *slackBed) link(handle, email, password string) {
	s.t.Helper()
	p := s.sim.As(handle)
	if err := p.Command(s.t.Context(), "", "/procyon login"); err != nil {
		s.t.Fatal(err)
	}
	said, err := p.ExpectEphemeral(s.t.Context())
	if err != nil {
		s.t.Fatal(err)
	}
	path := linkPath.FindString(strings.ReplaceAll(string(said.Blocks), `\/`, "/"))
	web := s.server.browser(s.t)
	if _, page := web.signIn(email, password, path); !strings.Contains(page, "Link this Slack account?") {
		s.t.Fatalf("the page does not ask: %s", page)
	} else if _, page = web.post(path, form(page)); !strings.Contains(page, "Your Slack account is linked") {
		s.t.Fatalf("not linked: %s", page)
	}
}

// live are the messages that offer to decide, in a channel or in somebody's direct
// messages.
func (s *slackBed) live(channel string, handles ...string) []slacksim.Message {
	list := s.sim.Messages(channel)
	for _, h := range handles {
		list = append(list, s.sim.As(h).DMs()...)
	}
	return slices.DeleteFunc(list, func(m slacksim.Message) bool {
		return !strings.Contains(string(m.Blocks), `"deny"`) || m.Only != ""
	})
}

// Whatever is killed whenever: each request that was decided, here or there, ends up
// decided in every message about it, none is decided twice, and the channel's thread
// says who did.
func TestSlackBotKilled(t *testing.T) {
	t.Parallel()
	seed := uint64(time.Now().UnixNano())
	if v := os.Getenv("PROCYON_TEST_SEED"); v != "" {
		seed, _ = strconv.ParseUint(v, 10, 64)
	}
	t.Logf("PROCYON_TEST_SEED=%d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	s := newSlackBed(t, 2)
	s.link("ada", adminEmail, adminPassword)
	s.link("bo", "bo@example.com", devPassword)
	resource := s.inSlack("oncall")
	if _, err := s.sim.As("ada").OpenHome(); err != nil {
		t.Fatal(err)
	}

	rounds := 8
	if testing.Short() {
		rounds = 3
	}
	decided := map[string]string{} // by request: the status
	for round := range rounds {
		var ids []string
		for n := range 3 {
			id, err := s.ask(resource, fmt.Sprintf("round-%d-%d.", round, n))
			if err != nil {
				t.Fatal(err)
			}
			ids = append(ids, id)
		}
		time.Sleep(time.Duration(random.IntN(400)) * time.Millisecond) // the random point
		s.kill(random.IntN(3))
		// One is decided through the API, before anybody could click; one by a click,
		// during which another process may be killed; the third is left for later.
		s.review(t, ids[0], "DENY", decided)
		reason := fmt.Sprintf("round-%d-1.", round)
		var asked []slacksim.Message
		eventually(t, "a message to click in", func() bool {
			asked = slices.DeleteFunc(s.live("oncall", "ada"), func(m slacksim.Message) bool { return reasonOf(m.Text) != reason })
			return len(asked) > 0
		})
		clicked, m := make(chan error, 1), asked[random.IntN(len(asked))]
		go func() { clicked <- s.sim.As("ada").Click(t.Context(), m, "Approve") }()
		s.kill(random.IntN(3))
		if err := <-clicked; err != nil {
			t.Logf("round %d: a click got no answer: %v", round, err) // it was killed under it; the person tries again
		}
	}
	s.decideTheRest(t, decided)
	eventually(t, "no message offers to decide", func() bool { return len(s.live("oncall", "ada", "bo")) == 0 })
	home := s.sim.As("ada").Home()
	eventually(t, "the Home tab offers nothing", func() bool { return home != nil && strings.Contains(home.Text(), "Nothing waits for your decision.") })
	eventually(t, "the threads say who decided", func() bool { return len(s.undecidedThreads(t)) == 0 })
	for _, p := range s.bots {
		p.stop()
	}
	s.server.stop()
	if strings.Contains(s.log.String(), "xox") {
		t.Error("the log has a token of Slack's")
	}
	if out := s.must("journal", "verify"); !strings.Contains(out, "whole") {
		t.Error(out)
	}
}

// Killed after Slack took a message and before that is written down, at once in the channel
// and in a direct message: the replica that goes on finds both by what Slack tells, and leaves
// one of each.
func TestSlackBotKilledBeforeItHeard(t *testing.T) {
	t.Parallel()
	s := newSlackBed(t, 2)
	s.link("ada", adminEmail, adminPassword)
	resource := s.inSlack("oncall")
	if err := s.sim.Invite("oncall", "app"); err != nil {
		t.Fatal(err)
	}
	s.sim.FailCalls("chat.postMessage", 2, slacksim.Fault{Store: true, Hang: true})
	if _, err := s.ask(resource, "round-0-0."); err != nil {
		t.Fatal(err)
	}
	posted := func() (channel, direct int) {
		count := func(list []slacksim.Message) int {
			return len(slices.DeleteFunc(slices.Clone(list), func(m slacksim.Message) bool { return reasonOf(m.Text) != "round-0-0." }))
		}
		return count(s.sim.Messages("oncall")), count(s.sim.As("ada").DMs())
	}
	eventually(t, "both messages, which the bot did not hear of", func() bool { c, d := posted(); return c == 1 && d == 1 })
	s.kill(0)
	s.kill(1)
	eventually(t, "buttons in both", func() bool { return len(s.live("oncall", "ada")) == 2 })
	// Where Slack told too late, on a busy machine, one of two is removed.
	eventually(t, "one message in each place", func() bool { c, d := posted(); return c == 1 && d == 1 })
}

// kill kills a bot or, last, the server, and starts it again.
func (s *slackBed) kill(which int) {
	if which == len(s.bots) {
		s.server.kill()
		s.server.again()
		return
	}
	s.bots[which].kill()
	s.bots[which] = s.start[which]()
}

// shows waits until the bot has told the server of a channel.
func (s *slackBed) shows(id string) {
	s.t.Helper()
	eventually(s.t, "the bot sees the channel", func() bool {
		var seen struct {
			SlackWorkspaces struct {
				Nodes []struct{ Channels struct{ TotalCount int } }
			}
		}
		err := s.admin.Do(s.t.Context(), `query($id: String!) { slackWorkspaces(first: 1) { nodes { channels(search: $id, first: 1) { totalCount } } } }`, map[string]any{"id": id}, &seen)
		return err == nil && seen.SlackWorkspaces.Nodes[0].Channels.TotalCount == 1
	})
}

// inSlack makes a channel an integration, and returns a resource that it hears of.
func (s *slackBed) inSlack(channel string) string {
	s.t.Helper()
	id, err := s.sim.AddChannel("", channel, false)
	if err != nil {
		s.t.Fatal(err)
	}
	var out struct {
		SlackWorkspaces struct{ Nodes []struct{ ID string } }
	}
	if err := s.admin.Do(s.t.Context(), `{ slackWorkspaces(first: 1) { nodes { id } } }`, nil, &out); err != nil {
		s.t.Fatal(err)
	}
	s.shows(id)
	account := s.made("createAccount", "account", map[string]any{"name": channel, "provider": "AWS", "externalId": channel})
	integration := s.made("createIntegration", "integration", map[string]any{
		"name": channel, "kind": "SLACK_CHANNEL", "slackChannel": map[string]any{"workspaceId": out.SlackWorkspaces.Nodes[0].ID, "channelId": id},
	})
	err = mutate(s.t.Context(), s.admin, "setIntegrationAccounts", map[string]any{"integrationId": integration, "accountIds": []string{account}}, "integration { id }", nil)
	if err != nil {
		s.t.Fatal(err)
	}
	// A bot that sends to channels begins with what happens from now on: it must be at work.
	err = mutate(s.t.Context(), s.admin, "testIntegration", map[string]any{"integrationId": integration}, "delivery { id }", nil)
	if err != nil {
		s.t.Fatal(err)
	}
	eventually(s.t, "the test message", func() bool { return len(s.sim.Messages(channel)) > 0 })
	return s.made("createResource", "resource", map[string]any{"name": channel, "kind": "DATABASE", "accountId": account})
}

// review decides a request through the API, unless a click was faster.
func (s *slackBed) review(t *testing.T, id, decision string, decided map[string]string) {
	t.Helper()
	var out struct{ AccessRequest struct{ Status string } }
	err := mutate(t.Context(), s.boss, "reviewAccessRequest", map[string]any{"requestId": id, "expectedVersion": 1, "subject": "REQUEST", "decision": decision, "comment": "over the API"}, "accessRequest { status }", &out)
	if err != nil && !strings.Contains(err.Error(), "CONFLICT") {
		t.Fatal(err)
	}
	if err == nil {
		decided[id] = out.AccessRequest.Status
	}
}

// decideTheRest denies what still waits, and checks that nothing was decided twice,
// and that what was acknowledged stands.
func (s *slackBed) decideTheRest(t *testing.T, decided map[string]string) {
	t.Helper()
	type node struct {
		ID, Status string
		Reviews    []struct{ Decision string }
	}
	read := func() []node {
		var out struct{ AccessRequests struct{ Nodes []node } }
		if err := s.admin.Do(t.Context(), `{ accessRequests(first: 100) { nodes { id status reviews { decision } } } }`, nil, &out); err != nil {
			t.Fatal(err)
		}
		return out.AccessRequests.Nodes
	}
	for _, n := range read() {
		if n.Status == "PENDING" {
			s.review(t, n.ID, "DENY", decided)
		}
	}
	clicked := 0
	for _, n := range read() {
		if len(n.Reviews) != 1 {
			t.Errorf("%s was decided %d times: %+v", n.ID, len(n.Reviews), n.Reviews)
		}
		if want := decided[n.ID]; want != "" && n.Status != want {
			t.Errorf("%s was acknowledged as %s and is %s", n.ID, want, n.Status)
		}
		if n.Status != "DENIED" {
			clicked++
		}
	}
	t.Logf("%d requests, %d decided by a click", len(read()), clicked)
}

// undecidedThreads are the requests' messages in the channel below which nobody says
// who decided.
func (s *slackBed) undecidedThreads(t *testing.T) []string {
	t.Helper()
	told := map[string]bool{}
	list := s.sim.Messages("oncall")
	for _, m := range list {
		if strings.Contains(m.Text, "Approved by") || strings.Contains(m.Text, "Denied by") {
			told[m.Thread] = true
		}
	}
	reasons := map[string]bool{}
	for _, m := range list {
		if m.Thread == "" && m.Only == "" && told[m.TS] {
			reasons[reasonOf(m.Text)] = true
		}
	}
	var out []string
	for _, m := range list {
		// A crash may leave a second message of a request; one has the thread.
		if r := reasonOf(m.Text); r != "" && m.Thread == "" && m.Only == "" && !reasons[r] {
			out = append(out, r)
		}
	}
	return out
}
