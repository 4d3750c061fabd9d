package slacksim

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"procyon/internal/slackapi"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var start = time.Date(2026, 11, 23, 10, 39, 0, 0, time.UTC)

// clock is a clock that tests move.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time { c.mu.Lock(); defer c.mu.Unlock(); return c.now }
func (c *clock) add(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

func open(t *testing.T, o Options) (*Server, *http.Client) {
	t.Helper()
	s := New(o)
	ts := httptest.NewServer(s)
	s.SetBaseURL(ts.URL)
	t.Cleanup(func() { s.Close(); ts.Close() })
	client := ts.Client()
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return s, client
}

func post(t *testing.T, client *http.Client, url, body string) (int, string, http.Header) {
	t.Helper()
	resp, err := client.Post(url, "application/json", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(b), resp.Header
}

// card is a message as the product makes it.
func card(e slackapi.Event) slackapi.Message {
	return slackapi.Card{
		Event: e, Actor: slackapi.Person{Name: "Grace"}, Requester: slackapi.Person{Name: "Ada", Email: "ada@example.com"},
		Items: []slackapi.Item{{Resource: "orders-db", Role: "read", Kind: "Database", Place: "Production"}}, MoreItems: 1,
		Duration: time.Hour, StartsAt: start, At: start, Reason: "<script>alert(1)</script> *x* <!channel>", Ticket: "T-1", Status: "PENDING",
		URL: "http://127.0.0.1:8080/requests/req_1?a=1&b=2", Interactive: e == slackapi.EventCreated,
	}.Message()
}

func webhook1(t *testing.T) *slackapi.Webhook {
	t.Helper()
	p, err := slackapi.ParseHostPolicy("127.0.0.1")
	if err != nil {
		t.Fatal(err)
	}
	w := slackapi.NewWebhook(p, slackapi.WebhookOptions{})
	t.Cleanup(w.Close)
	return w
}

func TestProductsMessagesArrive(t *testing.T) {
	s, _ := open(t, Options{})
	url, w := s.AddWebhook("prod"), webhook1(t)
	for _, e := range []slackapi.Event{slackapi.EventCreated, slackapi.EventApproved, slackapi.EventDenied, slackapi.EventCanceled, slackapi.EventExpired, slackapi.EventClosed, slackapi.EventRevoked, slackapi.EventTimedOut, slackapi.EventTest} {
		m := card(e)
		if r := w.Post(t.Context(), url, m); r.Outcome != slackapi.OutcomeDelivered {
			t.Fatalf("%s: %+v, refused: %+v", e, r, s.Refused())
		}
		got, err := s.Expect(t.Context(), "prod")
		if err != nil || got.Text != m.Text || got.Channel != "prod" || len(got.Blocks) == 0 {
			t.Fatalf("%s: %+v, %v", e, got, err)
		}
	}
	if left := s.Unexpected(); len(left) != 0 {
		t.Fatalf("unexpected: %+v", left)
	}
}

func TestURLsAreTheSameInEveryRun(t *testing.T) {
	one, two := New(Options{BaseURL: "http://127.0.0.1:8090/"}), New(Options{BaseURL: "http://127.0.0.1:8090"})
	a, b := one.AddWebhook("prod"), two.AddWebhook("prod")
	if a != b || !strings.HasPrefix(a, "http://127.0.0.1:8090/services/T0SIMULATED/B0") {
		t.Errorf("%s, %s", a, b)
	}
	if c := one.AddWebhook("prod"); c == a {
		t.Error("a second webhook has the first one's URL")
	}
	if _, err := one.AddWebhookWithID("prod", "B0PROD", "abcdefgh"); err != nil {
		t.Error(err)
	}
	for _, bad := range [][3]string{{"prod", "B0PROD", "abcdefgh"}, {"", "B0X", "abcdefgh"}, {"x", "X0", "abcdefgh"}, {"x", "B0Y", "a/b"}} {
		if _, err := one.AddWebhookWithID(bad[0], bad[1], bad[2]); err == nil {
			t.Errorf("%v is accepted", bad)
		}
	}
}

func TestStates(t *testing.T) {
	s, client := open(t, Options{})
	url := s.AddWebhook("prod")
	base, _, _ := strings.Cut(url, "/services/")
	check := func(name, to string, status int, body string) {
		t.Helper()
		got, text, _ := post(t, client, to, `{"text":"hi"}`)
		if got != status || text != body {
			t.Errorf("%s: %d %q, want %d %q", name, got, text, status, body)
		}
	}
	check("good", url, 200, "ok")
	check("made up", base+"/services/TX/BX/abc", 302, "")
	check("incomplete", base+"/services/T0SIMULATED/BX", 404, "no_service_id")
	check("unknown", base+"/services/T0SIMULATED/BX/abc", 404, "no_service")
	check("wrong secret", url+"x", 403, "invalid_token")
	s.Revoke(url)
	check("revoked", url, 404, "no_service")
	s.Restore(url)
	s.Archive("prod")
	check("archived", url, 410, "channel_is_archived")
	s.Delete("prod")
	check("deleted", url, 404, "channel_not_found")
	s.DisableTeam(true)
	check("disabled", url, 403, "team_disabled")
	if n := len(s.Messages("prod")); n != 1 {
		t.Errorf("%d messages", n)
	}
}

func TestFaults(t *testing.T) {
	s, client := open(t, Options{})
	url := s.AddWebhook("prod")
	s.FailNext(url, 429, "rate_limited", 1500*time.Millisecond)
	s.Fail(url, Fault{Status: 500, Body: "rollup_error", Store: true})
	s.Fail(url, Fault{})
	if status, body, h := post(t, client, url, `{"text":"a"}`); status != 429 || body != "rate_limited" || h.Get("Retry-After") != "2" {
		t.Errorf("%d %q %v", status, body, h)
	}
	if status, _, _ := post(t, client, url, `{"text":"b"}`); status != 500 {
		t.Error(status)
	}
	if r := webhook1(t).PostJSON(t.Context(), url, []byte(`{"text":"c"}`)); r.Outcome != slackapi.OutcomeRetry || r.Code != "network" {
		t.Errorf("%+v", r)
	}
	if status, _, _ := post(t, client, url, `{"text":"d"}`); status != 200 {
		t.Error(status)
	}
	var texts []string
	for _, m := range s.Messages("prod") {
		texts = append(texts, m.Text)
	}
	if got := strings.Join(texts, ""); got != "bd" {
		t.Errorf("stored %q, want the one that was stored all the same, and the good one", got)
	}
}

func TestRateLimit(t *testing.T) {
	c := &clock{now: start}
	s, client := open(t, Options{RateLimit: true, Now: c.Now})
	one, two := s.AddWebhook("one"), s.AddWebhook("two")
	for _, step := range []struct {
		url    string
		wait   time.Duration
		status int
	}{{one, 0, 200}, {one, 0, 429}, {two, 0, 200}, {one, 999 * time.Millisecond, 429}, {one, time.Millisecond, 200}} {
		c.add(step.wait)
		status, _, h := post(t, client, step.url, `{"text":"x"}`)
		if status != step.status || (status == 429 && h.Get("Retry-After") != "1") {
			t.Errorf("%+v: %d %v", step, status, h)
		}
	}
}

func TestLatencyEndsWithTheSender(t *testing.T) {
	s, client := open(t, Options{})
	target := s.AddWebhook("prod")
	s.SetLatency(time.Hour)
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, target, strings.NewReader(`{"text":"x"}`))
	if err != nil {
		t.Fatal(err)
	}
	if resp, err := client.Do(req); err == nil {
		_ = resp.Body.Close()
		t.Fatal("answered at once")
	}
	if len(s.Messages("prod")) != 0 {
		t.Error("stored before the delay was over")
	}
}

func TestExpect(t *testing.T) {
	s, client := open(t, Options{})
	target := s.AddWebhook("prod")
	got := make(chan Message, 1)
	go func() {
		m, err := s.Expect(t.Context(), "prod")
		if err != nil {
			t.Error(err)
		}
		got <- m
	}()
	post(t, client, target, `{"text":"late"}`)
	if m := <-got; m.Text != "late" || m.Seq != 1 {
		t.Errorf("%+v", m)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := s.Expect(ctx, "prod"); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	s.Close()
	if _, err := s.Expect(t.Context(), "prod"); !errors.Is(err, ErrClosed) {
		t.Error(err)
	}
}

func TestForm(t *testing.T) {
	s, client := open(t, Options{})
	resp, err := client.PostForm(s.AddWebhook("prod"), url.Values{"payload": {`{"text":"form"}`}})
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	if m := s.Messages("prod"); resp.StatusCode != http.StatusOK || len(m) != 1 || m[0].Text != "form" {
		t.Errorf("%d %+v", resp.StatusCode, m)
	}
}

func TestOldMessagesGo(t *testing.T) {
	s, client := open(t, Options{MaxMessages: 2})
	target := s.AddWebhook("prod")
	for _, x := range []string{"a", "b", "c"} {
		post(t, client, target, `{"text":"`+x+`"}`)
	}
	if m := s.Messages("prod"); len(m) != 2 || m[0].Text != "b" {
		t.Errorf("%+v", m)
	}
}

func TestJSON(t *testing.T) {
	s, client := open(t, Options{})
	a, b := s.AddWebhook("a"), s.AddWebhook("b")
	post(t, client, b, `{"text":"1"}`)
	post(t, client, a, `{"text":"2"}`)
	post(t, client, a, `{}`)
	base, _, _ := strings.Cut(a, "/services/")
	get := func(path string, into any) {
		t.Helper()
		resp, err := client.Get(base + path)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = resp.Body.Close() }()
		if err := json.NewDecoder(resp.Body).Decode(into); err != nil {
			t.Fatal(err)
		}
	}
	var all, one struct{ Messages []Message }
	get("/_sim/messages", &all)
	get("/_sim/messages?channel=a", &one)
	if len(all.Messages) != 2 || all.Messages[0].Text != "1" || len(one.Messages) != 1 || one.Messages[0].Text != "2" {
		t.Errorf("%+v %+v", all, one)
	}
	var refused struct{ Refused []Refusal }
	get("/_sim/refused", &refused)
	if len(refused.Refused) != 1 || refused.Refused[0].Body != "no_text" {
		t.Errorf("%+v", refused)
	}
}

func TestListensOnLoopbackOnly(t *testing.T) {
	for _, addr := range []string{":0", "0.0.0.0:0", "[::]:0", "192.0.2.1:0", "example.com:0", "x"} {
		if err := New(Options{}).ListenAndServe(t.Context(), addr); err == nil || strings.Contains(err.Error(), "bind") {
			t.Errorf("%q: %v", addr, err)
		}
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := New(Options{})
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- s.Serve(ctx, l) }()
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	resp, err := client.Get("http://" + l.Addr().String() + "/_sim/messages")
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	cancel()
	if err := <-done; err != nil {
		t.Fatal(err)
	}
}
