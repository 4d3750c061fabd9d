package e2e

import (
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// The README's first request, as it stands there, against its demo.
func TestReadme(t *testing.T) {
	t.Parallel()
	b := newBed(t, "")
	b.env = append(ownEnvironment(), "GORACE=atexit_sleep_ms=0", "PROCYON_DEMO_DIR="+filepath.Join(b.dir, "data", "demo"))
	g, slack := &server{b: b, address: freeAddress(t)}, freeAddress(t)
	page, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	start := regexp.MustCompile("`(PROCYON_LISTEN=127.0.0.1:9080 PROCYON_DEMO_SLACK=127.0.0.1:9090) make demo`").FindSubmatch(page)
	if start == nil {
		t.Fatal("the README does not say how to start the demo at other ports")
	}
	g.process = b.makes(b.log, "export "+strings.NewReplacer("127.0.0.1:9080", g.address, "127.0.0.1:9090", slack).Replace(string(start[1])), "demo")
	b.until("the demo's welcome", func() bool { return strings.Contains(b.log.String(), "Press Ctrl-C to stop.") })
	const section = "^The first request"
	sh := b.shell("127.0.0.1:8080", g.address, "127.0.0.1:8090", slack)
	for _, p := range blocks(t, "README.md") {
		if p.lang != "" || !strings.HasPrefix(p.text, "Procyon runs") {
			continue
		}
		if welcome := sh.as.Replace(p.text); !strings.Contains(b.log.String(), welcome) {
			t.Errorf("the README says that the demo prints\n%s\nbut it prints\n%s", welcome, b.log.String())
		}
	}
	all := steps(t, section, "README.md")
	for _, p := range all[:len(all)-1] {
		sh.follow(p, false)
	}
	again := sh.run(all[len(all)-2].commands)
	if !strings.Contains(again, `"code":"DUPLICATE"`) {
		t.Errorf("step 4 once more prints %s", again)
	}
	b.tok["readme"] = strings.TrimSpace(sh.run("echo $TOKEN"))
	asked := b.inChannel(slack, "infra-approvals", "Pods restart since the last release")
	for _, want := range []string{"Dev Developer", "dev@example.com", "staging-cluster", "view", "INC-41"} {
		if !strings.Contains(asked, want) {
			t.Errorf("the message has no %s: %s", want, asked)
		}
	}
	link := regexp.MustCompile(`http://` + regexp.QuoteMeta(g.address) + `(/requests/req_[0-9a-f]{32})`).FindStringSubmatch(asked)
	if link == nil {
		t.Fatalf("the message has no link to the request: %s", asked)
	}
	who := g.browser(t)
	who.signIn("ada@example.com", "procyon-demo-1", link[1])
	who.approve(link[1])
	b.inChannel(slack, "infra-approvals", "Ada Admin")
	sh.follow(all[len(all)-1], true)
	g.ctrlC()
}

// demo starts the demo, waits for its welcome, and returns it with the address of its
// Slack.
func (b *bed) demo() (g *server, slack string) {
	b.t.Helper()
	b.env = append(ownEnvironment(), "GORACE=atexit_sleep_ms=0")
	g, slack = &server{b: b, address: freeAddress(b.t)}, freeAddress(b.t)
	g.process = b.start(nil, "demo", "--listen", g.address, "--demo-slack", slack)
	b.until("the demo's welcome", func() bool { return strings.Contains(b.log.String(), "Press Ctrl-C to stop.") })
	return g, slack
}

// until waits at a process border.
func (b *bed) until(what string, ok func() bool) {
	b.t.Helper()
	for deadline := time.Now().Add(patience); !ok(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			b.t.Fatalf("%s does not come", what)
		}
	}
}

// inChannel waits for a message in a channel of the demo's Slack, and returns it.
func (b *bed) inChannel(slack, channel, text string) string {
	b.t.Helper()
	var found string
	b.until("a message with "+text, func() bool {
		resp, err := http.Get("http://" + slack + "/_sim/messages?channel=" + channel)
		if err != nil {
			b.t.Fatal(err)
		}
		defer resp.Body.Close()
		var list struct{ Messages []struct{ Text string } }
		if err := json.NewDecoder(resp.Body).Decode(&list); err != nil {
			b.t.Fatal(err)
		}
		for _, m := range list.Messages {
			if strings.Contains(m.Text, text) {
				found = m.Text
			}
		}
		return found != ""
	})
	return found
}
