package app

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
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

// What is wrong with an address says how to write it: another place of this machine, a
// public URL at the top of its host, the gateway without the path of the API.
func TestAddressesThatAreWrong(t *testing.T) {
	for _, c := range []struct {
		server ServerConfig
		want   string // in the error; "" is none
	}{
		{ServerConfig{Listen: "8080"}, "PROCYON_LISTEN: address 8080: missing port in address; write it like 127.0.0.1:8080"},
		{ServerConfig{Listen: "127.0.0.1:99999"}, "PROCYON_LISTEN: listen tcp: address 99999: invalid port; choose an address of this machine with --listen"},
		{ServerConfig{Listen: "127.0.0.1:0", PublicURL: "https://a.example/procyon"}, "PROCYON_PUBLIC_URL must be a scheme and a host alone, such as https://a.example: "},
		{ServerConfig{Listen: "127.0.0.1:0", PublicURL: "https://a.example/?x"}, "such as https://a.example: "},
		{ServerConfig{Listen: "127.0.0.1:0", PublicURL: "https://me:secret@a.example"}, "such as https://a.example: "},
		{ServerConfig{Listen: "127.0.0.1:0", PublicURL: "a.example"}, `PROCYON_PUBLIC_URL "a.example" is not an http or https URL`},
		{ServerConfig{Listen: "127.0.0.1:0", PublicURL: "https://a.example/"}, ""},
	} {
		cfg := Config{Server: c.server}
		err := cfg.Bind(t.Context())
		cfg.Server.Unbind()
		if c.want == "" && (err != nil || cfg.Server.PublicURL != "https://a.example") || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%+v: %v; want %q", c.server, err, c.want)
		}
	}
	for raw, ok := range map[string]bool{
		"http://127.0.0.1:8080": true, "https://a.example/": true, "https://a.example/behind": true,
		"foo": false, "a.example:443": false, "https://a.example/graphql": false, "https://me:secret@a.example": false,
	} {
		c, err := Remote{URL: raw}.client()
		if ok != (err == nil) || !ok && !strings.HasPrefix(err.Error(), "PROCYON_GATEWAY_URL must look like ") {
			t.Errorf("%s: %v", raw, err)
		}
		if err == nil {
			c.Close()
		}
	}
}

// No request times out before it is there.
func TestDecideInThePast(t *testing.T) {
	cfg := RequestConfig{DecideIn: -time.Hour}
	if err := cfg.Check(); err == nil || !strings.Contains(err.Error(), "PROCYON_DECIDE_IN -1h0m0s is before the request") {
		t.Error(err)
	}
}
