package app

import (
	"net/http"
	"strings"
	"testing"

	"github.com/gorilla/websocket"

	"procyon/internal/admission"
)

const whoami = `{"query":"{viewer{__typename}}"}`

// Whoever refuses a request at the address of the API, all answer alike: a GraphQL
// response in the type that the request accepts, which says what it depends on.
func TestEveryRefusalIsGraphQL(t *testing.T) {
	d := newDoor(t, serverTimes())
	bearer := []string{"Authorization", "Bearer " + d.token}
	cases := map[string]struct {
		method, path string
		headers      []string
		status       int
		code         string
	}{
		"another scheme":           {"POST", "/graphql", []string{"Authorization", "Basic YTpi"}, 401, "UNAUTHENTICATED"},
		"another beside a session": {"POST", "/graphql", []string{"Authorization", "Basic YTpi", "Cookie", d.cookie}, 401, "UNAUTHENTICATED"},
		"a bad token":              {"POST", "/graphql", []string{"Authorization", "Bearer x"}, 401, "UNAUTHENTICATED"},
		"an empty one":             {"POST", "/graphql", []string{"Authorization", "Bearer ", "Cookie", d.cookie}, 401, "UNAUTHENTICATED"},
		"another site":             {"POST", "/graphql", []string{"Cookie", d.cookie, "Sec-Fetch-Site", "cross-site"}, 403, "FORBIDDEN"},
		"another method":           {"DELETE", "/graphql", bearer, 405, "BAD_REQUEST"},
		"no JSON":                  {"POST", "/graphql", append([]string{"Content-Type", "text/plain"}, bearer...), 415, "BAD_REQUEST"},
		"nothing there":            {"GET", "/graphql/schema", bearer, 404, "BAD_REQUEST"},
		"too many":                 {"POST", "/graphql", bearer, 429, "TOO_MANY_REQUESTS"},
	}
	for name, c := range cases {
		for accept, media := range map[string]string{
			"application/json": "application/json", "application/graphql-response+json": "application/graphql-response+json",
			"text/event-stream": "application/json", "*/*": "application/json",
		} {
			active := d.guards.active
			if c.status == http.StatusTooManyRequests {
				d.guards.active = admission.NewQuota(1, 0)
			}
			resp, text := d.ask(c.method, c.path, whoami, append([]string{"Accept", accept}, c.headers...)...)
			d.guards.active = active
			h := resp.Header
			if resp.StatusCode != c.status || !strings.HasPrefix(text, `{"errors":[{"message":"`) || !strings.Contains(text, `"code":"`+c.code+`"`) {
				t.Errorf("%s: %d %s", name, resp.StatusCode, text)
			}
			vary := strings.Join(h.Values("Vary"), ", ")
			if h.Get("Content-Type") != media+"; charset=utf-8" || h.Get("Cache-Control") != "no-store" || !strings.Contains(vary, "Authorization, Cookie") || strings.Count(vary, "Accept") != 1 {
				t.Errorf("%s, Accept %s: %v", name, accept, h)
			}
			if (h.Get("WWW-Authenticate") == "Bearer") != (c.status == 401) || (h.Get("Retry-After") != "") != (c.status == 429) || (h.Get("Allow") != "") != (c.status == 405) {
				t.Errorf("%s: %v", name, h)
			}
		}
	}
	// As a status of the operation's own.
	resp, _ := d.ask("POST", "/graphql", `{"query":"{nothing}"}`, "Accept", "application/graphql-response+json")
	if resp.StatusCode != http.StatusUnauthorized || resp.Header.Get("WWW-Authenticate") != "Bearer" {
		t.Errorf("nobody: %d %v", resp.StatusCode, resp.Header)
	}
}

// closing sends connection_init and returns how it is closed, or what comes.
func closing(t *testing.T, c *websocket.Conn, payload string) (code int, reason string) {
	t.Helper()
	if err := c.WriteMessage(websocket.TextMessage, []byte(`{"type":"connection_init","payload":`+payload+`}`)); err != nil {
		t.Fatal(err)
	}
	_, text, err := c.ReadMessage()
	if closed, ok := err.(*websocket.CloseError); ok { //nolint:errorlint // it comes as it is
		return closed.Code, closed.Text
	}
	return 0, string(text)
}

// What is given at connection_init and not understood is said, and is not nobody, nor
// whoever's session came with the upgrade.
func TestConnectionInitIsUnderstood(t *testing.T) {
	d := newDoor(t, serverTimes())
	for payload, want := range map[string]string{
		`{"authorization":"Bearer ` + d.token + `"}`:             "",
		`{"headers":{"Authorization":"Bearer ` + d.token + `"}}`: "",
		`{"authToken":"` + d.token + `"}`:                        "",
		`{"authorization":"Basic YTpi"}`:                         "Forbidden: connection_init holds a token that is not understood",
		`{"token":"x"}`:                                          "Forbidden: the token is wrong",
		`{"token":"` + d.token + `","authToken":"x"}`:            "Forbidden: connection_init holds different tokens",
		`{"token":"` + d.token + `","actFor":"usr_x"}`:           "Forbidden: Only a service",
	} {
		for _, headers := range [][]string{nil, {"Cookie", d.cookie}} {
			c, _ := d.dial(headers...)
			code, reason := closing(t, c, payload)
			if want == "" && reason != ack || want != "" && (code != 4403 || !strings.HasPrefix(reason, want)) {
				t.Errorf("%s, %v: %d %s", payload, headers, code, reason)
			}
			_ = c.Close()
		}
	}
}

// A POST and the opening of a WebSocket are judged by one rule: with a session's cookie
// they must come from the console's own pages, whatever a proxy has made of Host; without
// one they may come from anywhere.
func TestOneRuleOfOrigins(t *testing.T) {
	d := newDoor(t, serverTimes(), func(c *Config) { c.Server.PublicURL = "https://Procyon.example:443/" })
	const public = "https://procyon.example"
	for name, c := range map[string]struct {
		headers []string
		allowed bool // with the cookie
	}{
		"its page, Host rewritten":          {[]string{"Origin", public, "Sec-Fetch-Site", "same-origin"}, true},
		"its page, by Origin alone":         {[]string{"Origin", public}, true},
		"its page, by Sec-Fetch-Site alone": {[]string{"Sec-Fetch-Site", "same-origin"}, true},
		"its page, Host as it is":           {[]string{"Host", "inner.example:8080", "Origin", "http://inner.example:8080"}, true},
		"neither":                           {nil, true},
		"another site":                      {[]string{"Origin", "https://evil.example", "Sec-Fetch-Site", "cross-site"}, false},
		"another site, by Origin alone":     {[]string{"Origin", "https://evil.example"}, false},
		"another site, by Sec-Fetch-Site":   {[]string{"Sec-Fetch-Site", "cross-site"}, false},
		"another host of the site":          {[]string{"Origin", "https://other.procyon.example", "Sec-Fetch-Site", "same-site"}, false},
		"no origin at all":                  {[]string{"Origin", "null"}, false},
		"the public host without its TLS":   {[]string{"Origin", "http://procyon.example"}, false},
		"another port":                      {[]string{"Origin", public + ":8443"}, false},
	} {
		for who, credential := range map[string][]string{"cookie": {"Cookie", d.cookie}, "token": {"Authorization", "Bearer " + d.token}, "nobody": nil} {
			headers := append(append([]string{}, credential...), c.headers...)
			post, upgrade := http.StatusOK, http.StatusSwitchingProtocols
			if who == "cookie" && !c.allowed {
				post, upgrade = http.StatusForbidden, http.StatusForbidden
			}
			if resp, text := d.ask("POST", "/graphql", whoami, headers...); resp.StatusCode != post {
				t.Errorf("%s, %s: POST is %d %s", name, who, resp.StatusCode, text)
			}
			conn, status := d.dial(headers...)
			if status != upgrade {
				t.Errorf("%s, %s: the upgrade is %d", name, who, status)
			}
			if conn != nil {
				_ = conn.Close()
			}
			if resp, _ := d.ask("GET", "/graphql?query={viewer{__typename}}", "", headers...); resp.StatusCode != http.StatusOK {
				t.Errorf("%s, %s: GET is %d", name, who, resp.StatusCode)
			}
		}
	}
}

// What no transport carries out is not offered, and is refused before anything is done.
func TestDirectivesThatAreNotOffered(t *testing.T) {
	d := newDoor(t, serverTimes())
	bearer := []string{"Authorization", "Bearer " + d.token}
	_, text := d.ask("POST", "/graphql", `{"query":"{__schema{directives{name}}}"}`, bearer...)
	if !strings.Contains(text, `"name":"include"`) || !strings.Contains(text, `"name":"oneOf"`) || strings.Contains(text, "defer") || strings.Contains(text, `"stream"`) {
		t.Errorf("introspection offers %s", text)
	}
	for _, query := range []string{`{ ... @defer { viewer { __typename } } }`, `{ accessRequests { nodes @stream { id } } }`} {
		if _, text := d.ask("POST", "/graphql", `{"query":"`+query+`"}`, bearer...); !strings.Contains(text, "GRAPHQL_VALIDATION_FAILED") || !strings.Contains(text, "Unknown directive") {
			t.Errorf("%s: %s", query, text)
		}
	}
}
