package app

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// Slack's settings that are only half there, or in each other's place, are refused at
// the start, with what is missing.
func TestSlackSettings(t *testing.T) {
	for want, c := range map[string]SlackConfig{
		"PROCYON_SLACK_SIGNING_SECRET is missing":  {ClientID: "1.2", ClientSecret: "s"},
		"; PROCYON_SLACK_CLIENT_SECRET is missing": {ClientID: "1.2", SigningSecret: "x"},
		"; PROCYON_SLACK_CLIENT_ID is missing":     {ClientSecret: "s", AppToken: "xapp-1"},
		"begins with xapp-":                        {AppToken: "xoxb-1"},
		"not the Signing Secret":                   {SigningSecret: "xoxb-1"},
		"PROCYON_SLACK_API_URL":                    {SigningSecret: "x", APIURL: "slack.com"},
	} {
		cfg := Config{Server: ServerConfig{Listen: "127.0.0.1:8080"}, Slack: c}
		if err := cfg.Check(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
	for name, c := range map[string]SlackConfig{
		"no Slack": {}, "a bot": {SigningSecret: "x", ClientID: "1.2", ClientSecret: "s"}, "Socket Mode": {AppToken: "xapp-1", ClientID: "1.2", ClientSecret: "s"},
		"installed once, and not again": {SigningSecret: "x"}, "both ways": {SigningSecret: "x", AppToken: "xapp-1"},
	} {
		cfg := Config{Server: ServerConfig{Listen: "127.0.0.1:8080"}, Slack: c}
		if err := cfg.Check(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A server without a Slack bot says what is missing where others add the app to Slack.
func TestSlackInstallPageWithoutABot(t *testing.T) {
	g := newTestApp(t)
	if _, err := g.workers(t.Context(), "http://127.0.0.1:1"); err != nil {
		t.Fatal(err)
	}
	w := httptest.NewRecorder()
	g.mux.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/slack/install", nil))
	for _, want := range []string{"PROCYON_SLACK_CLIENT_ID", "PROCYON_SLACK_CLIENT_SECRET", "PROCYON_SLACK_SIGNING_SECRET", "ask somebody who does"} {
		if !strings.Contains(w.Body.String(), want) {
			t.Errorf("%d %s lacks %s", w.Code, w.Body, want)
		}
	}
}
