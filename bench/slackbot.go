package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"procyon/internal/slackapi"
	"procyon/internal/slacksim"
)

// The size of what the Slack bot works with.
const (
	slackPeople    = 10_000
	slackApprovers = 10
	slackResources = 100_000
	slackOpen      = 1_000
)

// benchSlackBot measures how fast Slack is answered, and how much memory the server
// with its bot has.
func benchSlackBot(ctx context.Context, r *report) error {
	const rate = 100
	seconds, resources, people := 20, slackResources, slackPeople
	if r.quick {
		seconds, resources, people = 3, 3_000, 200
	}
	ctx, cancel := context.WithTimeout(ctx, 20*time.Minute)
	defer cancel()
	s, err := newSlack(ctx, r, people)
	if err != nil {
		return err
	}
	defer s.close()
	r.progress("slackbot: filling the store with %d resources and %d people", resources, people)
	if err := s.fill(ctx, resources, people); err != nil {
		return err
	}
	g, err := startGateway(ctx, s.options)
	if err != nil {
		return err
	}
	s.gateway = g
	r.progress("slackbot: waiting until every open request has its messages")
	if err := s.settle(ctx); err != nil {
		return errors.Join(err, g.stop())
	}
	rest, peak := g.memory()
	typed, err := s.typeAhead(ctx, 100*seconds/20)
	if err != nil {
		return errors.Join(err, g.stop())
	}
	commands, clicks, err := s.acknowledge(ctx, rate, seconds)
	if err == nil {
		err = s.decided(ctx, min(len(clicks), 50))
	}
	if err != nil {
		return errors.Join(err, g.stop())
	}
	after, most := g.memory()
	if err := g.stop(); err != nil {
		return err
	}
	s.tell(r, rate, seconds, resources, people, typed, commands, clicks, [4]string{rest, peak, after, most})
	return nil
}

// slack is a simulated Slack, a server with the bot, and who is there.
type slack struct {
	sim     *slacksim.Server
	server  *http.Server
	base    string
	options gatewayOptions
	gateway *gatewayProcess
	secret  string // the signing secret
	made    slackStore
}

func slackName(i int) string { return fmt.Sprintf("p%05d", i) }

// newSlack starts a Slack with so many people, and a server that installs its app
// there.
func newSlack(ctx context.Context, r *report, people int) (*slack, error) {
	binary, err := r.buildProcyon(ctx)
	if err != nil {
		return nil, err
	}
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	s := &slack{base: "http://" + l.Addr().String()}
	profiles := make([]slacksim.Profile, people)
	for i := range profiles {
		profiles[i] = slacksim.Profile{ID: slackUserID(i), Name: slackName(i), Real: "Person " + slackName(i), Email: slackName(i) + "@example.com"}
	}
	s.sim = slacksim.New(slacksim.Options{BaseURL: s.base, People: profiles, MaxMessages: 100})
	s.server = &http.Server{Handler: s.sim, ReadHeaderTimeout: 10 * time.Second}
	go func() { _ = s.server.Serve(l) }()
	address, err := freeAddress(ctx)
	if err != nil {
		return nil, err
	}
	public := "http://" + address
	s.sim.SetApp(slacksim.App{
		CommandURL: public + "/slack/command", InteractionURL: public + "/slack/interaction", EventURL: public + "/slack/event",
		RedirectURLs: []string{public + "/slack/oauth"},
	})
	app := s.sim.App()
	s.secret = app.SigningSecret
	s.options = gatewayOptions{binary: binary, address: address, store: filepath.Join(r.dir, "slackbot", "procyon.db"), env: []string{
		"PROCYON_PUBLIC_URL=" + public, "PROCYON_SLACK_API_URL=" + s.base + "/api/", "PROCYON_SLACK_SIGNING_SECRET=" + app.SigningSecret,
		"PROCYON_SLACK_CLIENT_ID=" + app.ClientID, "PROCYON_SLACK_CLIENT_SECRET=" + app.ClientSecret,
	}}
	if err := s.options.newAdmin(ctx); err != nil {
		return nil, err
	}
	err = s.install(ctx)
	return s, err
}

func (s *slack) close() {
	_ = s.server.Close()
	s.sim.Close()
}

// install installs the app, as a person's browser does.
func (s *slack) install(ctx context.Context) error {
	g, err := startGateway(ctx, s.options)
	if err != nil {
		return err
	}
	jar, err := cookiejar.New(nil)
	if err != nil {
		return err
	}
	web := &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	get := func(address string) (*http.Response, error) {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
		if err != nil {
			return nil, err
		}
		resp, err := web.Do(req)
		if err == nil {
			_ = resp.Body.Close()
		}
		return resp, err
	}
	begun, err := get(g.url + "/slack/install")
	if err != nil {
		return err
	}
	back, err := s.sim.As(slackName(0)).Allow(begun.Header.Get("Location"), slacksim.Grant{})
	if err != nil {
		return err
	}
	if ended, err := get(back); err != nil || ended.StatusCode != http.StatusOK {
		return fmt.Errorf("the app was not installed: %w", err)
	}
	return g.stop()
}

// fill makes who and what there is, with the server down.
func (s *slack) fill(ctx context.Context, resources, people int) (err error) {
	s.made, err = fillSlack(ctx, s.options.store, resources, people)
	return err
}

// settle waits until nothing was posted or changed for a while.
func (s *slack) settle(ctx context.Context) error {
	quiet := time.NewTimer(5 * time.Second)
	defer quiet.Stop()
	for {
		select {
		case <-s.sim.Changed():
			quiet.Reset(5 * time.Second)
		case <-quiet.C:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// send sends the server something signed, as Slack does, and reads the answer.
func (s *slack) send(ctx context.Context, path string, form url.Values) ([]byte, error) {
	body := form.Encode()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.gateway.url+path, strings.NewReader(body))
	if err != nil {
		return nil, err
	}
	stamp := strconv.FormatInt(time.Now().Unix(), 10)
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("X-Slack-Request-Timestamp", stamp)
	req.Header.Set("X-Slack-Signature", slackapi.Sign(s.secret, stamp, []byte(body)))
	resp, err := s.gateway.client.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	if err == nil && (resp.StatusCode != http.StatusOK || strings.Contains(string(answer), "did not answer in time")) {
		err = fmt.Errorf("%s: HTTP %d: %s", path, resp.StatusCode, answer)
	}
	return answer, err
}

func (s *slack) command(ctx context.Context, person int, text string) error {
	_, err := s.send(ctx, "/slack/command", url.Values{
		"command": {"/procyon"}, "text": {text}, "team_id": {s.made.team}, "user_id": {slackUserID(person)}, "channel_id": {"D0X"},
		"trigger_id": {"1.2.3"}, "response_url": {s.base + "/response/none"},
	})
	return err
}

func (s *slack) interact(ctx context.Context, person int, payload map[string]any) ([]byte, error) {
	payload["team"], payload["user"] = map[string]any{"id": s.made.team}, map[string]any{"id": slackUserID(person)}
	data, err := json.Marshal(payload)
	if err != nil {
		return nil, err
	}
	return s.send(ctx, "/slack/interaction", url.Values{"payload": {string(data)}})
}

// typeAhead looks things up, one after the other, as people do who look for
// something that is often there, seldom, once, or not at all.
func (s *slack) typeAhead(ctx context.Context, n int) (map[string]latencies, error) {
	queries := map[string]func(i int) string{
		"nothing typed yet":        func(int) string { return "" },
		"one letter":               func(i int) string { return string(rune('a' + i%20)) },
		"what begins many names":   func(int) string { return "orders" },
		"a name of one":            func(i int) string { return fmt.Sprintf("orders-db-%d", i*37%len(s.made.resources)) },
		"what no name begins with": func(i int) string { return fmt.Sprintf("zzz%d", i) },
	}
	out := map[string]latencies{}
	for name, query := range queries {
		l, err := inTurn(ctx, n, func(ctx context.Context, i int) error {
			answer, err := s.interact(ctx, i%len(s.made.people), map[string]any{
				"type": "block_suggestion", "action_id": "resources", "block_id": "resources", "value": query(i), "view": map[string]any{"type": "modal", "callback_id": "request"},
			})
			if err == nil && !strings.Contains(string(answer), `"options"`) {
				err = fmt.Errorf("no options: %s", answer)
			}
			return err
		})
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		out[name] = l
	}
	return out, nil
}

// acknowledge sends commands and clicks at a fixed rate. Each click decides another
// of the open requests while there are any; then the click is told that it is late.
func (s *slack) acknowledge(ctx context.Context, rate, seconds int) (commands, clicks latencies, err error) {
	texts := []string{"requests", "approvals", "help"}
	n := rate * seconds
	isClick := func(i int) bool { return i%5 == 0 }
	took := make([]time.Duration, n)
	call := func(ctx context.Context, i int) error {
		began := time.Now()
		defer func() { took[i] = time.Since(began) }()
		if !isClick(i) {
			return s.command(ctx, slackApprovers+i%(len(s.made.people)-slackApprovers), texts[i%len(texts)])
		}
		_, err := s.interact(ctx, i/5%slackApprovers, map[string]any{
			"type": "block_actions", "trigger_id": "1.2.3",
			"actions": []any{map[string]any{"action_id": "approve", "block_id": "b", "type": "button", "value": s.made.open[i/5%len(s.made.open)] + "|1|REQUEST"}},
		})
		return err
	}
	if _, err := openLoop(ctx, time.Now(), rate, n, call); err != nil {
		return nil, nil, err
	}
	for i, d := range took {
		if isClick(i) {
			clicks = append(clicks, d)
		} else {
			commands = append(commands, d)
		}
	}
	slices.Sort(commands)
	slices.Sort(clicks)
	return commands, clicks, nil
}

// decided makes sure that clicks were what they are measured as: they approved so many
// requests at least.
func (s *slack) decided(ctx context.Context, least int) error {
	var out struct {
		AccessRequests struct{ Nodes []struct{ ID string } }
	}
	err := s.gateway.do(ctx, "query ($n: Int!) { accessRequests(filter: {status: [APPROVED, ACTIVE]}, first: $n) { nodes { id } } }", map[string]any{"n": least}, &out)
	if n := len(out.AccessRequests.Nodes); err == nil && n < least {
		err = fmt.Errorf("only %d of the clicks approved something", n)
	}
	return err
}

// tell writes the figures.
func (s *slack) tell(r *report, rate, seconds, resources, people int, typed map[string]latencies, commands, clicks latencies, memory [4]string) {
	r.note("A gateway with its Slack bot in one process, on SQLite; %d people who linked Slack, %d of whom can approve, %d resources, %d open requests with their messages. "+
		"Slack is simulated beside it on this machine, without rate limits.", people, slackApprovers, resources, slackOpen)
	rows := [][]string{
		append([]string{fmt.Sprintf("commands, of %d a second together with clicks for %d s", rate, seconds), fmt.Sprint(len(commands))}, commands.cells()...),
		append([]string{"clicks that approve", fmt.Sprint(len(clicks))}, clicks.cells()...),
	}
	var worst time.Duration
	for _, name := range slices.Sorted(keysOf(typed)) {
		rows = append(rows, append([]string{"type-ahead, " + name, fmt.Sprint(len(typed[name]))}, typed[name].cells()...))
		worst = max(worst, typed[name].at(0.99))
	}
	r.table([]string{"answers to", "calls", "p50", "p99", "max"}, rows)
	r.table([]string{"memory", "resident", "at most"}, [][]string{
		{"with all messages posted", memory[0], memory[1]}, {"after the clicks and commands", memory[2], memory[3]},
	})
	slow := max(commands.at(0.99), clicks.at(0.99))
	var mib float64
	_, _ = fmt.Sscan(memory[0], &mib)
	r.targets(
		target{"commands and clicks, p99", "< 300 ms", milliseconds(slow), slow < 300*time.Millisecond},
		target{"type-ahead, p99", "< 100 ms", milliseconds(worst), worst < 100*time.Millisecond},
		target{"resident at rest", "< 150 MiB", memory[0], mib > 0 && mib < 150},
	)
}
