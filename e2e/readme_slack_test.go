package e2e

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"strings"
	"testing"
)

// The same in Slack, as the README has it, from the command to the linked account and the
// message that goes on with the request. How it is decided there is the Slack bot's own
// story, which its tests tell.
func TestReadmeInSlack(t *testing.T) {
	t.Parallel()
	b := newBed(t, "")
	g, slack := b.demo()
	readme, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, section, _ := strings.Cut(string(readme), "\n## The same in Slack\n")
	section, _, _ = strings.Cut(section, "\n## ")
	command := regexp.MustCompile("be Dev, and type `(/procyon request [^`]+)` in any channel").FindStringSubmatch(section)
	person := regexp.MustCompile("sign in as `([^`]+)`").FindStringSubmatch(section)
	if command == nil || person == nil {
		t.Fatalf("the README does not say what to type, or as whom to sign in: %s", section)
	}
	const dev = "T0SIMULATED/dev"
	b.inSlack(slack, map[string]any{"as": dev, "do": "say", "channel": "oncall", "text": command[1]})
	var path string
	b.until("the button that leads to the link", func() bool {
		path = linkPath.FindString(b.slackPage(slack, url.Values{"as": {dev}, "channel": {"oncall"}}))
		return path != ""
	})
	web := g.browser(t)
	if _, page := web.signIn(person[1], "procyon-demo-1", path); !strings.Contains(page, "Link this Slack account?") {
		t.Fatalf("the page does not ask: %s", page)
	} else if _, page = web.post(path, form(page)); !strings.Contains(page, "Your Slack account is linked") {
		t.Fatalf("not linked: %s", page)
	}
	b.until("the direct message that goes on", func() bool {
		return strings.Contains(b.slackPage(slack, url.Values{"as": {dev}, "app": {"messages"}}), "linked")
	})
	g.stop()
}

// inSlack does what somebody does on the page of the demo's Slack.
func (b *bed) inSlack(slack string, deed map[string]any) {
	b.t.Helper()
	body, err := json.Marshal(deed)
	if err != nil {
		b.t.Fatal(err)
	}
	resp, err := http.Post("http://"+slack+"/_sim/do", "application/json", bytes.NewReader(body))
	if err != nil {
		b.t.Fatal(err)
	}
	defer resp.Body.Close()
	var out struct{ Problem string }
	if err := json.NewDecoder(resp.Body).Decode(&out); err != nil || resp.StatusCode != http.StatusOK || out.Problem != "" {
		b.t.Fatalf("%v: %s %v %s", deed, resp.Status, err, out.Problem)
	}
}

// slackPage is the page of the demo's Slack, as somebody sees it.
func (b *bed) slackPage(slack string, query url.Values) string {
	b.t.Helper()
	resp, err := http.Get("http://" + slack + "/?" + query.Encode())
	if err != nil {
		b.t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK {
		b.t.Fatalf("%s %v", resp.Status, err)
	}
	return string(text)
}
