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
	for want, c := range map[string]slackConfig{
		"PROCYON_SLACK_SIGNING_SECRET is missing":  {clientID: "1.2", clientSecret: "s"},
		"; PROCYON_SLACK_CLIENT_SECRET is missing": {clientID: "1.2", signingSecret: "x"},
		"; PROCYON_SLACK_CLIENT_ID is missing":     {clientSecret: "s", appToken: "xapp-1"},
		"begins with xapp-":                        {appToken: "xoxb-1"},
		"not the Signing Secret":                   {signingSecret: "xoxb-1"},
		"PROCYON_SLACK_API_URL":                    {signingSecret: "x", apiURL: "slack.com"},
	} {
		cfg := config{listen: "127.0.0.1:8080", slack: c}
		if err := cfg.check(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
	for name, c := range map[string]slackConfig{
		"no Slack": {}, "a bot": {signingSecret: "x", clientID: "1.2", clientSecret: "s"}, "Socket Mode": {appToken: "xapp-1", clientID: "1.2", clientSecret: "s"},
		"installed once, and not again": {signingSecret: "x"}, "both ways": {signingSecret: "x", appToken: "xapp-1"},
	} {
		cfg := config{listen: "127.0.0.1:8080", slack: c}
		if err := cfg.check(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A server without a Slack bot says what is missing where others add the app to Slack.
func TestSlackInstallPageWithoutABot(t *testing.T) {
	g, cfg := newTestGateway(t)
	if _, err := g.workers(t.Context(), cfg, "http://127.0.0.1:1"); err != nil {
		t.Fatal(err)
	}
	w := httptest.NewRecorder()
	g.handler.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/slack/install", nil))
	for _, want := range []string{"PROCYON_SLACK_CLIENT_ID", "PROCYON_SLACK_CLIENT_SECRET", "PROCYON_SLACK_SIGNING_SECRET", "ask somebody who does"} {
		if !strings.Contains(w.Body.String(), want) {
			t.Errorf("%d %s lacks %s", w.Code, w.Body, want)
		}
	}
}
