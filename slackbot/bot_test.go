package slackbot

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"procyon/client"
	"procyon/internal/slackapi"
)

const signingSecret = "a signing secret"

// silent is a bot whose server and Slack never answer.
func silent(t *testing.T) (*Bot, time.Time) {
	t.Helper()
	down := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusServiceUnavailable) }))
	t.Cleanup(down.Close)
	c, err := client.New(client.Options{URL: down.URL, Token: "t"})
	if err != nil {
		t.Fatal(err)
	}
	api, err := slackapi.NewAPI(down.URL)
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)
	b, err := New(Options{
		Client: c, API: api, PublicURL: &url.URL{Scheme: "https", Host: "procyon.example.com"}, SigningSecret: signingSecret,
		ClientID: "1.2", ClientSecret: "s", Now: func() time.Time { return now },
	})
	if err != nil {
		t.Fatal(err)
	}
	return b, now
}

func send(b *Bot, path, body, signature string, at time.Time) *httptest.ResponseRecorder {
	r := httptest.NewRequestWithContext(context.Background(), http.MethodPost, path, strings.NewReader(body))
	stamp := strconv.FormatInt(at.Unix(), 10)
	if signature == "" {
		signature = slackapi.Sign(signingSecret, stamp, []byte(body))
	}
	r.Header.Set("X-Slack-Request-Timestamp", stamp)
	r.Header.Set("X-Slack-Signature", signature)
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	w := httptest.NewRecorder()
	b.ServeHTTP(w, r)
	return w
}

func TestOnlySlackIsListenedTo(t *testing.T) {
	b, now := silent(t)
	for _, path := range []string{"/slack/command", "/slack/interaction", "/slack/event"} {
		if w := send(b, path, "x=1", "v0=00", now); w.Code != http.StatusUnauthorized {
			t.Errorf("%s with a bad signature: %d", path, w.Code)
		}
		if w := send(b, path, "x=1", "", now.Add(-6*time.Minute)); w.Code != http.StatusUnauthorized {
			t.Errorf("%s of six minutes ago: %d", path, w.Code)
		}
		if w := send(b, path, strings.Repeat("x", maxBody+1), "", now); w.Code != http.StatusBadRequest {
			t.Errorf("%s that is too large: %d", path, w.Code)
		}
	}
}

// When the server is down a command still gets a plain sentence, with the status
// 200: for any other Slack would show words of its own.
func TestGatewayDown(t *testing.T) {
	b, now := silent(t)
	w := send(b, "/slack/command", "command=%2Fprocyon&text=requests&team_id=T1&user_id=U1&trigger_id=1", "", now)
	var a struct {
		Type string `json:"response_type"`
		Text string
	}
	if err := json.Unmarshal(w.Body.Bytes(), &a); err != nil || w.Code != http.StatusOK || a.Type != "ephemeral" || !strings.Contains(a.Text, "did not answer in time") {
		t.Errorf("%d %s %v", w.Code, w.Body, err)
	}
	// An event is not acknowledged: Slack sends it again.
	event := `{"type":"event_callback","team_id":"T1","event":{"type":"app_home_opened","user":"U1","tab":"home"}}`
	if w := send(b, "/slack/event", event, "", now); w.Code != http.StatusServiceUnavailable {
		t.Errorf("an event: %d", w.Code)
	}
}

func TestURLVerification(t *testing.T) {
	b, now := silent(t)
	w := send(b, "/slack/event", `{"type":"url_verification","challenge":"abc"}`, "", now)
	if w.Code != http.StatusOK || strings.TrimSpace(w.Body.String()) != `{"challenge":"abc"}` {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

func TestNonsenseIsRefused(t *testing.T) {
	b, now := silent(t)
	for path, body := range map[string]string{"/slack/interaction": "payload=%7Bnope", "/slack/event": "{nope"} {
		if w := send(b, path, body, "", now); w.Code != http.StatusBadRequest {
			t.Errorf("%s: %d", path, w.Code)
		}
	}
}

// What comes back from Slack's page must come to the browser that went there.
func TestInstallIsBoundToTheBrowser(t *testing.T) {
	b, _ := silent(t)
	get := func(path string, cookies ...*http.Cookie) *httptest.ResponseRecorder {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, nil)
		for _, c := range cookies {
			r.AddCookie(c)
		}
		w := httptest.NewRecorder()
		b.ServeHTTP(w, r)
		return w
	}
	begun := get("/slack/install")
	to, err := url.Parse(begun.Header().Get("Location"))
	if err != nil || begun.Code != http.StatusSeeOther || to.Query().Get("state") == "" || to.Query().Get("redirect_uri") != "https://procyon.example.com/slack/oauth" {
		t.Fatalf("%d %v", begun.Code, to)
	}
	cookie := begun.Result().Cookies()[0]
	if !cookie.HttpOnly || !cookie.Secure || cookie.Value == to.Query().Get("state") {
		t.Errorf("%+v", cookie)
	}
	for name, w := range map[string]*httptest.ResponseRecorder{
		"no cookie":     get("/slack/oauth?code=c&state=" + to.Query().Get("state")),
		"another state": get("/slack/oauth?code=c&state=x", cookie),
		"no state":      get("/slack/oauth?code=c", cookie),
	} {
		if w.Code != http.StatusBadRequest || !strings.Contains(w.Body.String(), "Begin here, please") {
			t.Errorf("%s: %d %s", name, w.Code, w.Body)
		}
	}
	// An offer of the console's goes with the cookie, and is part of what the state proves.
	offered := get("/slack/install?offer=from-the-console").Result().Cookies()[0]
	if _, offer, _ := strings.Cut(offered.Value, "."); offer != "from-the-console" {
		t.Errorf("%+v", offered)
	}
	state := hashState(offered.Value)
	offered.Value += "x"
	if w := get("/slack/oauth?code=c&state="+state, offered); w.Code != http.StatusBadRequest {
		t.Errorf("another offer: %d", w.Code)
	}
	if c := get("/slack/install?offer=%22%3B+Domain%3Devil").Result().Cookies()[0]; strings.Contains(c.Value, ".") {
		t.Errorf("%+v", c)
	}
	if w := get("/slack/oauth?error=access_denied"); w.Code != http.StatusOK || !strings.Contains(w.Body.String(), "nothing was installed") {
		t.Errorf("canceled: %d %s", w.Code, w.Body)
	}
}

// The page that Slack leads back to says what Slack's words mean, and nothing else of its
// address.
func TestWhyNothingIsInstalled(t *testing.T) {
	b, _ := silent(t)
	fixed := ""
	for code, want := range map[string]string{
		"access_denied": "You pressed Cancel", "invalid_team_for_non_distributed_app": "Manage Distribution", "invalid_scope": "slack manifest",
		"bad_redirect_uri": "/slack/oauth", "server_error": "try again", "invalid_client_id": "PROCYON_SLACK_CLIENT_ID",
		"call+0800-1234+now": "a reason that Procyon does not know", "%3Cscript%3E": "a reason that Procyon does not know",
	} {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/slack/oauth?error="+code+"&error_description=call+0800-1234+now&state=call+0800-1234+now", nil)
		w := httptest.NewRecorder()
		b.ServeHTTP(w, r)
		body := w.Body.String()
		if !strings.Contains(body, want) || strings.Contains(body, "0800") || strings.Contains(body, "script>") || strings.Contains(body, code) {
			t.Errorf("%s: %s", code, body)
		}
		if strings.Contains(want, "does not know") {
			if fixed != "" && fixed != body {
				t.Errorf("unknown words are told apart: %s", body)
			}
			fixed = body
		}
	}
}

// Without the app's settings the page that installs it says which are missing, to those
// who can set them and to those who can't.
func TestSetupPage(t *testing.T) {
	b, _ := silent(t)
	b.opt.ClientSecret = ""
	for name, c := range map[string]struct {
		h    http.Handler
		want []string
	}{
		"a bot without a client secret": {b, []string{"PROCYON_SLACK_CLIENT_SECRET", "docs/setup.md", "ask somebody who does"}},
		"no bot": {SetupPage(b.opt.PublicURL, []string{"PROCYON_SLACK_CLIENT_ID", "PROCYON_SLACK_SIGNING_SECRET"}),
			[]string{"PROCYON_SLACK_CLIENT_ID and PROCYON_SLACK_SIGNING_SECRET", "ask somebody who does"}},
		"a bot elsewhere": {SetupPage(b.opt.PublicURL, nil), []string{"PROCYON_WORKERS", "/slack/"}},
	} {
		w := httptest.NewRecorder()
		c.h.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/slack/install", nil))
		if w.Code != http.StatusServiceUnavailable || strings.Contains(w.Body.String(), "Install Procyon in Slack") {
			t.Errorf("%s: %d %s", name, w.Code, w.Body)
		}
		for _, want := range c.want {
			if !strings.Contains(w.Body.String(), want) {
				t.Errorf("%s lacks %q: %s", name, want, w.Body)
			}
		}
	}
}

// A refused request is logged with its reason and how far the clocks are apart, once a
// minute, and without anything that it brought.
func TestRefusedSignaturesAreLogged(t *testing.T) {
	b, now := silent(t)
	var out bytes.Buffer
	b.log = slog.New(slog.NewTextHandler(&out, nil))
	b.now = func() time.Time { return now }
	answers := map[string]bool{}
	try := func(signature string, at time.Time) string {
		out.Reset()
		w := send(b, "/slack/command", "text=a+secret+body", signature, at)
		answers[strconv.Itoa(w.Code)+w.Body.String()] = true
		return out.String()
	}
	line := try("", now.Add(-400*time.Second))
	if !strings.Contains(line, "too far from this machine's clock") || !strings.Contains(line, `seconds"=-400`) || !strings.Contains(line, `right"=true`) {
		t.Errorf("a wrong clock: %s", line)
	}
	for range 3 {
		if again := try("v0=secret-signature", now); again != "" {
			t.Errorf("within a minute: %s", again)
		}
	}
	now = now.Add(refusalEvery)
	line = try("v0=secret-signature", now.Add(2*time.Second))
	if !strings.Contains(line, "the signing secret is not the app's") || !strings.Contains(line, `seconds"=2`) || !strings.Contains(line, "line\"=3") || strings.Contains(line, "secret-signature") || strings.Contains(line, "secret+body") {
		t.Errorf("a wrong secret: %s", line)
	}
	now = now.Add(refusalEvery)
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/slack/event", strings.NewReader("{}"))
	w := httptest.NewRecorder()
	out.Reset()
	b.ServeHTTP(w, r)
	answers[strconv.Itoa(w.Code)+w.Body.String()] = true
	if !strings.Contains(out.String(), "there is no timestamp") || strings.Contains(out.String(), "seconds") {
		t.Errorf("no timestamp: %s", out.String())
	}
	if len(answers) != 1 {
		t.Errorf("the answers tell the reasons apart: %v", answers)
	}
}

func TestDurationsOffered(t *testing.T) {
	for most, want := range map[time.Duration]string{
		8 * time.Hour: "15m0s 30m0s 45m0s 1h0m0s 2h0m0s 4h0m0s 8h0m0s", 5 * time.Hour: "15m0s 30m0s 45m0s 1h0m0s 2h0m0s 4h0m0s 5h0m0s", 10 * time.Minute: "10m0s", 48 * time.Hour: "15m0s 30m0s 45m0s 1h0m0s 2h0m0s 4h0m0s 8h0m0s 12h0m0s 24h0m0s 48h0m0s",
	} {
		var got []string
		for _, d := range durations(most, 45*time.Minute, most, 0) {
			got = append(got, d.String())
		}
		if strings.Join(got, " ") != want {
			t.Errorf("up to %v: %s", most, got)
		}
	}
}
