package e2e

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
)

// example writes the example of docs/api.md after a fence with these words into a folder.
func example(t *testing.T, lang, dir, name string) string {
	t.Helper()
	path := filepath.Join(dir, name)
	for _, b := range blocks(t, "docs", "api.md") {
		if b.lang == lang {
			if err := os.WriteFile(path, []byte(b.text), 0o600); err != nil {
				t.Fatal(err)
			}
			return path
		}
	}
	t.Fatalf("docs/api.md has no example after a fence with %q", lang)
	return ""
}

// TestExamples runs the examples of docs/api.md: they miss no event when the server
// restarts, nor when they do themselves, and they get them in order. The one in Go may
// repeat the event in hand when the server goes, because its position is kept there:
// it may have dealt with the event and not yet said so. The others repeat none.
func TestExamples(t *testing.T) {
	t.Parallel()
	t.Run("Go", func(t *testing.T) {
		t.Parallel()
		source, program := example(t, "go", t.TempDir(), "main.go"), filepath.Join(t.TempDir(), "example")
		if out, err := exec.Command("go", "build", "-race", "-o", program, source).CombinedOutput(); err != nil {
			t.Fatalf("the example does not compile: %v\n%s", err, out)
		}
		follows(t, "http://", os.Interrupt, []string{"ACTIVATED", "REVOKED"}, program)
	})
	for name, client := range map[string]struct{ scheme, project string }{
		"graphql-ws": {"ws://", wsProject}, "graphql-sse": {"http://", sseProject}, "eventsource": {"http://", sseProject},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			source := example(t, "js "+name+".mjs", t.TempDir(), name+".mjs")
			modules := nodeModules(t, client.project, name)
			if err := os.Symlink(modules, filepath.Join(filepath.Dir(source), "node_modules")); err != nil {
				t.Fatal(err)
			}
			follows(t, client.scheme, syscall.SIGTERM, []string{"CREATED", "APPROVED", "ACTIVATED", "REVOKED"}, "node", source)
		})
	}
	for _, name := range []string{"urql.mjs", "apollo.mjs", "follow.js"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := judges(t)
			for _, file := range []string{"stream.mjs", name} {
				example(t, "js "+file, dir, file)
			}
			follows(t, "ws://", syscall.SIGTERM, []string{"CREATED", "APPROVED", "ACTIVATED", "REVOKED"}, "node", filepath.Join(dir, "example.js"), name)
		})
	}
}

// The calls in docs/api.md print what stands there, against the demo.
func TestAPIGuide(t *testing.T) {
	t.Parallel()
	b := newBed(t, "")
	g, _ := b.demo()
	sh := b.shell("127.0.0.1:8080", g.address)
	for _, p := range steps(t, "", "docs", "api.md") {
		soon := strings.Contains(p.commands, "extendAccessRequest") // once the access has come into force
		sh.follow(p, soon)
		for _, name := range []string{"DEV", "ADA"} {
			b.tok[name] = strings.TrimSpace(sh.run("echo $" + name))
		}
	}
	g.stop()
}

// The codes of expected failures in docs/api.md are those of the schema.
func TestAPIGuideCodes(t *testing.T) {
	schema, err := os.ReadFile("../schema/base.graphqls")
	if err != nil {
		t.Fatal(err)
	}
	_, enum, _ := strings.Cut(string(schema), "\nenum UserErrorCode {\n")
	enum, _, _ = strings.Cut(enum, "\n}")
	var real, told []string
	for line := range strings.Lines(enum) {
		if line = strings.TrimSpace(line); !strings.HasPrefix(line, `"`) {
			real = append(real, line)
		}
	}
	for _, row := range table(t, "What went wrong", "docs", "api.md") {
		told = append(told, quoted(row[0])...)
	}
	slices.Sort(real)
	slices.Sort(told)
	if len(real) < 5 || !slices.Equal(real, told) {
		t.Errorf("the codes are %v; the page has %v", real, told)
	}
}

// installing lets one test at a time install packages.
var installing sync.Mutex

// The Node projects that have the clients of the examples.
const (
	wsProject  = "../graph/transport/testdata/ws"
	sseProject = "../graph/transport/testdata/audit"
)

// nodeModules is where the packages of a Node project are, which it installs where one
// of them is not there.
func nodeModules(t *testing.T, project, needed string) string {
	t.Helper()
	dir, err := filepath.Abs(project)
	if err != nil {
		t.Fatal(err)
	}
	modules := filepath.Join(dir, "node_modules")
	installing.Lock()
	defer installing.Unlock()
	if _, err := os.Stat(filepath.Join(modules, needed)); err != nil {
		cmd := exec.CommandContext(t.Context(), "npm", "ci", "--no-audit", "--no-fund")
		cmd.Dir = dir
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("npm ci in %s: %v; Node.js 20 and npm must be installed\n%s", dir, err, out)
		}
	}
	return modules
}

// follows runs a program that prints the type and the request of each event, and
// compares what it prints with what happened.
func follows(t *testing.T, scheme string, stop os.Signal, types []string, program ...string) {
	leased := stop == os.Interrupt // it keeps its position in the server
	b := founded(t)
	g := b.serve("none")
	b.people(g)
	resource := b.catalog("follow")
	b.tok["example"] = strings.TrimSpace(b.must("token", "create", "--name", "example", "--scope", "events:read"))
	out := &logged{}
	var want []string
	start := func() *process {
		return b.startProgram(out, []string{"PROCYON_API=" + scheme + g.address + "/graphql", "TOKEN=" + b.tok["example"]}, program...)
	}
	happen := func() {
		t.Helper()
		id, err := b.ask(resource, "an example")
		if err != nil {
			t.Fatal(err)
		}
		if err := mutate(t.Context(), b.admin, "reviewAccessRequest", map[string]any{"requestId": id, "expectedVersion": 1, "subject": "REQUEST", "decision": "APPROVE"}, "accessRequest { id }", nil); err != nil {
			t.Fatal(err)
		}
		b.until("the access", func() bool { // which time brings, not the decision itself
			var v struct{ AccessRequest struct{ Status string } }
			if err := b.admin.Do(t.Context(), `query($id: ID!) { accessRequest(id: $id) { status } }`, map[string]any{"id": id}, &v); err != nil {
				t.Fatal(err)
			}
			return v.AccessRequest.Status == "ACTIVE"
		})
		if err := mutate(t.Context(), b.admin, "revokeAccessRequest", map[string]any{"requestId": id, "reason": "over"}, "accessRequest { id }", nil); err != nil {
			t.Fatal(err)
		}
		for _, typ := range types {
			want = append(want, typ+" "+id)
		}
	}
	printed := func() []string {
		var got []string
		for line := range strings.Lines(out.String()) {
			if words := strings.Fields(line); len(words) > 1 && slices.Contains(types, words[0]) {
				got = append(got, words[0]+" "+words[1])
			}
		}
		if leased {
			return slices.Compact(got)
		}
		return got
	}
	seen := func(what string) {
		t.Helper()
		b.until(what, func() bool { return len(printed()) >= len(want) })
	}
	p := start()
	if leased {
		b.until("the lease", func() bool { return strings.Contains(out.String(), "following after") })
	}
	happen()
	seen("the first request's events")
	g.stop()
	g.again()
	happen()
	seen("what happened after the gateway's restart")
	if !leased { // killed before it keeps its position, it would repeat the last event
		b.until("the position in the file", func() bool { return b.keeps("cursor") })
	}
	_ = p.cmd.Process.Signal(stop)
	<-p.done
	happen()
	start()
	seen("what happened while it did not run")
	happen()
	seen("what happened then")
	if got := printed(); !slices.Equal(got, want) {
		t.Errorf("it printed\n%s\nbut this happened\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	g.stop()
}

// keeps tells whether a file holds the position of the last event.
func (b *bed) keeps(file string) bool {
	b.t.Helper()
	var v struct {
		Journal struct{ Nodes []struct{ Cursor string } }
	}
	if err := b.admin.Do(b.t.Context(), `{ journal(last: 1) { nodes { cursor } } }`, nil, &v); err != nil || len(v.Journal.Nodes) != 1 {
		b.t.Fatal("read the journal: ", err)
	}
	data, err := os.ReadFile(filepath.Join(b.dir, file))
	return err == nil && string(data) == v.Journal.Nodes[0].Cursor
}

// startProgram starts a program other than procyon, in the folder that the shell uses.
func (b *bed) startProgram(out *logged, env []string, program ...string) *process {
	b.t.Helper()
	p := &process{t: b.t, cmd: exec.Command(program[0], program[1:]...), done: make(chan struct{})}
	p.cmd.Env, p.cmd.Dir, p.cmd.Stdout, p.cmd.Stderr, p.cmd.SysProcAttr = append(ownEnvironment(), env...), b.dir, out, out, ownGroup()
	if err := p.cmd.Start(); err != nil {
		b.t.Fatal(err)
	}
	go func() {
		p.err = p.cmd.Wait()
		close(p.done)
	}()
	b.t.Cleanup(func() {
		p.kill()
		if b.t.Failed() {
			b.t.Log(last(out.String(), 3000))
		}
	})
	return p
}
