package e2e

import (
	"context"
	"io"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
)

// The sections of docs/operations.md whose commands are run as they stand there. Another
// one with commands, or a block that nobody looks at, fails.
func TestOperationsGuideIsRun(t *testing.T) {
	run := map[string]string{ // by which test
		"The notifier on another machine": "TestOperationsOfOneDay",
		"When things are down":            "TestOperationsGuide",
		"Backup, restore, upgrade":        "TestOperationsGuide",
		"Keys":                            "TestOperationsGuide",
		"When somebody leaves":            "TestLeavingGuide",
	}
	for _, b := range blocks(t, "docs", "operations.md") {
		switch b.lang {
		case "sh":
			if run[b.section] == "" {
				t.Errorf("nobody runs\n%s", b.text)
			}
		case "graphql", "yaml", "": // see TestOperationsOfOneDay, and internal/command
		default:
			t.Errorf("nobody looks at a block of %s in %s", b.lang, b.section)
		}
	}
}

var digits = regexp.MustCompile(`\d+|\b[0-9a-f]{64}\b`)

// printed is the output that a section of docs/operations.md shows without a command.
func printed(t *testing.T, beginning string) string {
	t.Helper()
	for _, b := range blocks(t, "docs", "operations.md") {
		if b.lang == "" && strings.HasPrefix(b.text, beginning) {
			return b.text
		}
	}
	t.Fatalf("docs/operations.md does not show %s", beginning)
	return ""
}

// What docs/operations.md says that a gateway prints and answers, of a notifier beside it,
// and of where a consumer goes on.
func TestOperationsOfOneDay(t *testing.T) {
	t.Parallel()
	b := founded(t)
	g := b.serve("none")
	b.people(g)
	// It says so once it answers, so somebody who has an answer may not have read it yet.
	listens := strings.ReplaceAll(printed(t, "Procyon listens"), "127.0.0.1:8080", g.address)
	b.until(listens, func() bool { return strings.Contains(b.log.String(), listens) })
	want, got := printed(t, "The journal is whole"), b.must("journal", "verify")
	if hash := regexp.MustCompile(`[0-9a-f]{64}`); digits.ReplaceAllString(hash.ReplaceAllString(got, "H"), "N") != digits.ReplaceAllString(hash.ReplaceAllString(want, "H"), "N") {
		t.Errorf("verify prints %s, and not %s", got, want)
	}

	// Another machine.
	commands := steps(t, "^The notifier on another machine", "docs", "operations.md")[0].commands
	out := &logged{}
	script := strings.NewReplacer("https://procyon.example.com", "http://"+g.address, "procyon ", binary+" ").Replace(commands)
	notifier := b.startProgram(out, b.env, "bash", "-c", script)
	b.until("the notifier", func() bool { return strings.Contains(out.String(), "the notifier works") })
	if err := syscall.Kill(-notifier.cmd.Process.Pid, syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	_ = notifier.ended()

	// Where its consumer goes on.
	for _, block := range blocks(t, "docs", "operations.md") {
		if block.lang != "graphql" {
			continue
		}
		var reset struct {
			AcquireConsumer struct {
				Consumer   *struct{ Cursor string }
				UserErrors []struct{ Message string }
			}
		}
		if err := b.admin.Do(t.Context(), block.text, nil, &reset); err != nil || reset.AcquireConsumer.Consumer == nil {
			t.Errorf("%s: %v %+v", block.text, err, reset)
		} else if reset.AcquireConsumer.Consumer.Cursor != "j0" {
			t.Errorf("the consumer goes on at %s", reset.AcquireConsumer.Consumer.Cursor)
		}
	}
	b.answers(g)
	g.stop()
}

// answers checks the addresses of a gateway, and the metrics that the page lists.
func (b *bed) answers(g *server) {
	t := b.t
	t.Helper()
	for path, want := range map[string]int{
		"/healthz": http.StatusOK, "/readyz": http.StatusOK, "/metrics": http.StatusUnauthorized,
		"/slack/install": http.StatusServiceUnavailable /* there is no bot */, "/signin": http.StatusOK, "/errors": http.StatusOK,
	} {
		if status, _ := get(t, g, path, ""); status != want {
			t.Errorf("%s answers %d, not %d", path, status, want)
		}
	}
	token := strings.TrimSpace(b.must("token", "create", "--name", "prometheus", "--scope", "metrics:read"))
	b.tok["prometheus"] = token
	if err := b.admin.Do(t.Context(), `{ nothing }`, nil, nil); err == nil { // which counts as an error
		t.Error("there is a field nothing")
	}
	page, err := os.ReadFile("../docs/operations.md")
	if err != nil {
		t.Fatal(err)
	}
	_, text := get(t, g, "/metrics", token)
	var told []string
	for _, m := range regexp.MustCompile("`(procyon_[a-z_]+)`").FindAllStringSubmatch(string(page), -1) {
		if !slices.Contains(told, m[1]) && m[1] != "procyon_browser" {
			told = append(told, m[1])
		}
	}
	for _, name := range told {
		if !strings.Contains(text, "# TYPE "+name) && !strings.Contains(name, "_delivery_attempt_") { // no notifier has tried here
			t.Errorf("there is no metric %s", name)
		}
	}
	for _, m := range regexp.MustCompile(`(?m)^# TYPE (procyon_[a-z_]+) `).FindAllStringSubmatch(text, -1) {
		if !slices.Contains(told, m[1]) {
			t.Errorf("nothing is said of the metric %s", m[1])
		}
	}
}

func get(t *testing.T, g *server, path, token string) (int, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(context.WithoutCancel(t.Context()), http.MethodGet, "http://"+g.address+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(text)
}
