package e2e

import (
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// table reads the rows of a section's first table, without its head.
func table(t *testing.T, section string, path ...string) [][]string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(append([]string{".."}, path...)...))
	if err != nil {
		t.Fatal(err)
	}
	_, rest, ok := strings.Cut(string(data), "\n## "+section+"\n")
	if !ok {
		t.Fatalf("%v has no section %s", path, section)
	}
	rest, _, _ = strings.Cut(rest, "\n## ")
	var rows [][]string
	for line := range strings.Lines(rest) {
		line = strings.TrimSpace(line)
		if !strings.HasPrefix(line, "|") {
			if len(rows) > 0 {
				break
			}
			continue
		}
		var row []string
		for cell := range strings.SplitSeq(strings.Trim(line, "|"), "|") {
			row = append(row, strings.TrimSpace(cell))
		}
		rows = append(rows, row)
	}
	if len(rows) < 3 {
		t.Fatalf("the section %s has no table", section)
	}
	return rows[2:]
}

var code = regexp.MustCompile("`([^`]+)`")

// quoted are the words of a cell that stand in code.
func quoted(cell string) []string {
	var out []string
	for _, m := range code.FindAllStringSubmatch(cell, -1) {
		out = append(out, m[1])
	}
	return out
}

// help is what a command prints about itself.
func (b *bed) help(args ...string) string {
	b.t.Helper()
	cmd := exec.CommandContext(b.t.Context(), binary, append(args, "--help")...)
	cmd.Env = append(ownEnvironment(), "GORACE=atexit_sleep_ms=0")
	out, err := cmd.CombinedOutput()
	if err != nil {
		b.t.Fatalf("%v --help: %v\n%s", args, err, out)
	}
	return string(out)
}

var (
	commandLine = regexp.MustCompile(`(?m)^  ([a-z-]+(?: [a-z-]+)?) {2,}\S`)
	flagLine    = regexp.MustCompile(`(?m)^ +(?:-[a-z], )?--([a-z-]+)(.*)$`)
	ofVariable  = regexp.MustCompile(`\((PROCYON_[A-Z_]+)\)`)
	ofDefault   = regexp.MustCompile(`\(default "?(.*?)"?\)$`)
)

// sameValue tells whether a default in the page is the one that the command names.
func sameValue(page, command string) bool {
	if page == command {
		return true
	}
	a, errA := time.ParseDuration(page)
	b, errB := time.ParseDuration(command)
	return errA == nil && errB == nil && a == b
}

// The tables of commands and settings in docs/operations.md are those of the binary.
func TestSettingsTables(t *testing.T) {
	t.Parallel()
	b := newBed(t, "")
	var real, told []string
	for _, m := range commandLine.FindAllStringSubmatch(b.help(), -1) {
		real = append(real, m[1])
	}
	for _, row := range table(t, "Commands", "docs", "operations.md") {
		told = append(told, strings.TrimPrefix(quoted(row[0])[0], "procyon "))
	}
	slices.Sort(real)
	slices.Sort(told)
	if len(real) < 5 || !slices.Equal(real, told) {
		t.Fatalf("the commands are %v; the page has %v", real, told)
	}
	type setting struct{ flag, command string }
	values := map[setting][2]string{} // variable and default, by what the page says
	for _, row := range table(t, "Settings", "docs", "operations.md") {
		value := strings.Join(quoted(row[2]), "")
		for _, command := range quoted(row[3]) {
			key := setting{strings.TrimPrefix(quoted(row[0])[0], "--"), command}
			if _, twice := values[key]; twice {
				t.Errorf("the page has --%s of %s twice", key.flag, key.command)
			}
			values[key] = [2]string{quoted(row[1])[0], value}
		}
	}
	for _, command := range real {
		for _, m := range flagLine.FindAllStringSubmatch(b.help(strings.Fields(command)...), -1) {
			variable := ofVariable.FindStringSubmatch(m[2])
			if variable == nil {
				continue // of one call, not a setting
			}
			value := ""
			if d := ofDefault.FindStringSubmatch(m[2]); d != nil {
				value = d[1]
			}
			key := setting{m[1], command}
			page, ok := values[key]
			if !ok || page[0] != variable[1] || !sameValue(page[1], value) {
				t.Errorf("procyon %s has --%s, %s, default %q; the page has %q", command, m[1], variable[1], value, page)
			}
			delete(values, key)
		}
	}
	for key := range values {
		t.Errorf("procyon %s has no --%s, which the page has", key.command, key.flag)
	}
}

// What docs/operations.md says of a broken webhook, and of the keys, as it stands there.
func TestOperationsGuide(t *testing.T) {
	t.Parallel()
	for _, program := range []string{"openssl", "sqlite3"} {
		if _, err := exec.LookPath(program); err != nil {
			t.Skipf("the page's commands need %s", program)
		}
	}
	b := founded(t)
	g := b.serve("notifier")
	b.people(g)
	b.hooks.faults(func(name string, _ int) (int, string, http.Header) {
		if name == "B0GONE" {
			return http.StatusNotFound, "no_service", nil
		}
		return http.StatusOK, "ok", nil
	})
	gone := b.made("createIntegration", "integration", map[string]any{"name": "Gone", "webhookUrl": b.hooks.url("B0GONE")})
	test := func() {
		t.Helper()
		if err := mutate(t.Context(), b.admin, "testIntegration", map[string]any{"integrationId": gone}, "delivery { id }", nil); err != nil {
			t.Fatal(err)
		}
	}
	test()
	sh := b.shell("127.0.0.1:8080", g.address, "https://hooks.slack.com/services/…", b.hooks.url("B0NEW"),
		"data/procyon.db", b.file(), "data/secret.key", "secret.key", "data/new.key", "new.key", "data/copy.db", "copy.db")
	sh.run(steps(t, "^2. ", "docs", "setup.md")[0].commands)
	b.tok["guide"] = strings.TrimSpace(sh.run("echo $TOKEN"))
	for _, p := range steps(t, "^When things are down", "docs", "operations.md") {
		sh.follow(p, strings.Contains(p.commands, "tee dead.json"))
	}
	arrived := func(n int) {
		t.Helper()
		b.hooks.wait(t, "the message", func() bool { return len(b.hooks.texts("B0NEW")) >= n })
	}
	arrived(1)
	before, err := os.ReadFile(filepath.Join(b.dir, "secret.key"))
	if err != nil {
		t.Fatal(err)
	}
	sh.follow(steps(t, "^Keys", "docs", "operations.md")[0], false)
	after, err := os.ReadFile(filepath.Join(b.dir, "secret.key"))
	if err != nil || !strings.HasPrefix(string(after), "k2 ") || !strings.HasSuffix(string(after), string(before)) {
		t.Fatalf("the new key is not on top of the old ones: %v", err)
	}
	g.stop()
	g.again()
	test() // under the old key
	arrived(2)
	sh.follow(steps(t, "^Backup", "docs", "operations.md")[0], false)
	if out := b.must("journal", "verify", "--store", "sqlite:"+filepath.Join(b.dir, "copy.db")); !strings.HasPrefix(out, "The journal is whole: ") {
		t.Error(out)
	}
	g.stop()
}

// What docs/operations.md says of somebody who leaves, as it stands there.
func TestLeavingGuide(t *testing.T) {
	t.Parallel()
	b := founded(t)
	g := b.serve("none")
	b.people(g)
	resource := b.catalog("leaving")
	for range 2 {
		if _, err := b.ask(resource, "before leaving"); err != nil {
			t.Fatal(err)
		}
	}
	b.shell("procyon user", binary+" user").follow(steps(t, "^When somebody leaves", "docs", "operations.md")[0], false)
	g.stop()
}
