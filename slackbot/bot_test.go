package slackbot

import (
	"context"
	"encoding/json"
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

// silent is a bot whose gateway and Slack never answer.
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

// When the gateway is down a command still gets a plain sentence, with the status
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
	if w := get("/slack/oauth?error=access_denied"); w.Code != http.StatusOK || !strings.Contains(w.Body.String(), "nothing was installed") {
		t.Errorf("canceled: %d %s", w.Code, w.Body)
	}
	if w := get("/slack/oauth?error=%3Cscript%3E"); strings.Contains(w.Body.String(), "<script>") {
		t.Error("the page shows what an address says")
	}
}

func TestWordsBehindRequest(t *testing.T) {
	b, _ := silent(t) // no resource is found, so every word is kept
	f := b.parse(t.Context(), admitted{}, "prod-db 2h fixing INC-42, at once")
	if f.duration != 2*time.Hour || f.ticket != "INC-42" || f.reason != "prod-db fixing INC-42, at once" {
		t.Errorf("%+v", f)
	}
	for word, want := range map[string]bool{"INC-42": true, "(OPS-1)": true, "inc-42": false, "A-": false, "-1": false, "re-do": false} {
		if ticketLike(word) != want {
			t.Errorf("%s: %v", word, !want)
		}
	}
}

func TestDurationsOffered(t *testing.T) {
	for d, n := range map[time.Duration]int{time.Hour: 6, 45 * time.Minute: 7, 10 * time.Hour: 7, time.Minute: 7} {
		list := withDuration(d)
		found := false
		for i, v := range list {
			found = found || v == d
			if i > 0 && v <= list[i-1] {
				t.Errorf("%v: %v", d, list)
			}
		}
		if len(list) != n || !found {
			t.Errorf("%v: %v", d, list)
		}
	}
}
