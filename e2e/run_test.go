package e2e

import (
	"encoding/json"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// ended waits until a program that was asked to end has done so.
func (p *process) ended() error {
	p.t.Helper()
	select {
	case <-p.done:
	case <-time.After(tooLate):
		p.t.Fatal("it does not end")
	}
	return p.err
}

// makes starts a target of the Makefile, as a person would in the checkout after some other
// commands, in a terminal of its own, with another place for what it builds.
func (b *bed) makes(out *logged, before, target string) *process {
	b.t.Helper()
	if _, err := exec.LookPath("make"); err != nil {
		b.t.Skip("there is no make")
	}
	built := filepath.Join(b.dir, "built")
	data, err := os.ReadFile(binary) // so that nothing is left to build
	if err == nil {
		err = os.WriteFile(built, data, 0o700)
	}
	if err != nil {
		b.t.Fatal(err)
	}
	script := before + "\nexec make --no-print-directory -C '" + checkout(b.t) + "' " + target + " BINARY='" + built + "'"
	return b.startProgram(out, append(slices.Clone(b.env), "GOFLAGS=-race"), "bash", "-c", script)
}

func checkout(t *testing.T) string {
	t.Helper()
	dir, err := filepath.Abs("..")
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

// onlyChild is the one process that a process has started and that runs.
func onlyChild(t *testing.T, of int) int {
	t.Helper()
	out, err := exec.Command("ps", "-o", "pid=", "--ppid", strconv.Itoa(of)).Output()
	if err != nil {
		t.Skip("ps can't tell the child of a process: ", err)
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(out)))
	if err != nil {
		t.Fatalf("make has started %q", out)
	}
	return pid
}

// Whoever ends make, in any of the usual ways, ends the gateway, which drains and is gone.
// What it built is what runs: there is no go command in between, which would leave it.
func TestMakeRunEndsWhatItRuns(t *testing.T) {
	t.Parallel()
	before, ok := strings.CutSuffix(steps(t, "^Run it for real", "README.md")[0].commands, "\nmake run\n")
	if !ok {
		t.Fatal("the README does not say to make run")
	}
	for name, c := range map[string]struct {
		signal func(t *testing.T, p *process) error
		code   int
	}{
		"the gateway is told to end": {func(t *testing.T, p *process) error {
			return syscall.Kill(onlyChild(t, p.cmd.Process.Pid), syscall.SIGTERM)
		}, 0},
		"make is told to end":    {func(_ *testing.T, p *process) error { return p.cmd.Process.Signal(syscall.SIGTERM) }, -1},
		"Ctrl-C at the terminal": {func(_ *testing.T, p *process) error { return syscall.Kill(-p.cmd.Process.Pid, syscall.SIGINT) }, -1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBed(t, "sqlite:"+filepath.Join(t.TempDir(), "procyon.db"))
			out := &logged{}
			p := b.makes(out, before+"\nexport PROCYON_LISTEN=127.0.0.1:0", "run")
			var address string
			b.until("where it listens", func() bool {
				m := listens.FindStringSubmatch(out.String())
				if m == nil {
					return false
				}
				address = m[1]
				return m[2] == "https://procyon.example.com"
			})
			if !strings.HasPrefix(out.String(), "Compiling Procyon") {
				t.Errorf("it does not say that it compiles: %s", out)
			}
			if err := c.signal(t, p); err != nil {
				t.Fatal(err)
			}
			err := p.ended()
			if got := p.cmd.ProcessState.ExitCode(); got != c.code { // make ends by the signal that it gets
				t.Errorf("make ends with %d, %v; want %d", got, err, c.code)
			}
			if strings.Contains(out.String(), "***") {
				t.Errorf("it does not end cleanly: %s", out)
			}
			if resp, err := http.Get("http://" + address + "/healthz"); err == nil {
				resp.Body.Close()
				t.Error("the gateway still runs")
			}
		})
	}
}

var listens = regexp.MustCompile(`(?m)^Procyon listens on (\S+)\. The console is at (\S+), the API at (\S+)\.$`)

// A server says to people where it is, whatever the log is like, with the port that it has;
// the log stays of one form.
func TestServeSaysWhereItListens(t *testing.T) {
	t.Parallel()
	for public, want := range map[string]string{"": "http://ADDRESS", "https://procyon.example.com": "https://procyon.example.com"} {
		b := newBed(t, "sqlite:"+filepath.Join(t.TempDir(), "procyon.db"))
		out, log := &logged{}, &logged{}
		p := b.startWith(out, log, []string{"PROCYON_PUBLIC_URL=" + public, "PROCYON_LOG_FORMAT=json"}, "serve", "--listen", "127.0.0.1:0")
		b.until("where it listens", func() bool { return strings.Contains(out.String(), "\n") })
		m := listens.FindStringSubmatch(out.String())
		if m == nil {
			t.Fatal(out.String())
		}
		console := strings.Replace(want, "ADDRESS", m[1], 1)
		if strings.HasSuffix(m[1], ":0") || m[2] != console || m[3] != console+"/graphql" {
			t.Errorf("it says %q", m)
		}
		resp, err := http.Get("http://" + m[1] + "/readyz")
		if err != nil || resp.StatusCode != http.StatusOK {
			t.Fatalf("%v %v", resp, err)
		}
		resp.Body.Close()
		p.stop()
		for line := range strings.Lines(log.String()) {
			if !json.Valid([]byte(line)) && !strings.HasPrefix(line, "The administrator ") {
				t.Errorf("the log has %s", line)
			}
		}
	}
}

// Who starts a server where something listens already is told so, before the store is
// touched.
func TestAServerWhoseAddressIsTakenTouchesNothing(t *testing.T) {
	t.Parallel()
	b := founded(t)
	g := b.serve("none")
	file := filepath.Join(t.TempDir(), "other.db")
	_, err := b.run("serve", "--listen", g.address, "--store", "sqlite:"+file)
	if err == nil || !strings.Contains(err.Error(), "PROCYON_LISTEN: listen tcp "+g.address) || !strings.Contains(err.Error(), "choose another address with --listen") {
		t.Error(err)
	}
	if _, err := os.Stat(file); err == nil {
		t.Error("it made its store")
	}
	g.stop()
}

// A second demo leaves the first one as it is, wherever the two meet.
func TestTwoDemos(t *testing.T) {
	t.Parallel()
	b := newBed(t, "")
	g, slack := b.demo()
	const token = "go run . token create --store sqlite:data/demo/procyon.db --user dev@example.com"
	sh := b.shell()
	find := func() {
		t.Helper()
		secret := strings.TrimSpace(sh.run(token))
		b.tok[secret] = secret
		var found struct {
			Resources struct{ Nodes []struct{ Name string } }
		}
		if err := g.client(secret).Do(t.Context(), `{ resources(search: "orders") { nodes { name } } }`, nil, &found); err != nil {
			t.Fatal(err)
		}
		if len(found.Resources.Nodes) != 1 {
			t.Errorf("the demo has %v", found)
		}
	}
	find()
	other, another := freeAddress(t), freeAddress(t)
	runs := "procyon: a demo runs already in data/demo as process " + strconv.Itoa(g.cmd.Process.Pid) + ": the console at http://" + g.address + ", the simulated Slack at http://" + slack + "."
	for name, c := range map[string]struct{ args, want []string }{
		"all is the same":         {[]string{"--listen", g.address, "--demo-slack", slack}, []string{runs, "--listen 127.0.0.1:9080 --demo-slack 127.0.0.1:9090 --demo-dir data/demo-2"}},
		"the Slack is the same":   {[]string{"--listen", other, "--demo-slack", slack}, []string{runs}},
		"the folder is the same":  {[]string{"--listen", other, "--demo-slack", another}, []string{runs}},
		"the folder is another":   {[]string{"--listen", g.address, "--demo-slack", another, "--demo-dir", "other"}, []string{"PROCYON_LISTEN: listen tcp " + g.address, "choose another address with --listen"}},
		"only the Slack is taken": {[]string{"--listen", other, "--demo-slack", slack, "--demo-dir", "other"}, []string{"PROCYON_DEMO_SLACK: listen tcp " + slack, "choose another address with --demo-slack"}},
		"a Slack for all":         {[]string{"--listen", other, "--demo-slack", "0.0.0.0:0", "--demo-dir", "other"}, []string{"PROCYON_DEMO_SLACK: ", "no address of this machine alone"}},
	} {
		_, err := b.run(append([]string{"demo"}, c.args...)...)
		for _, want := range c.want {
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%s: %v, want %q", name, err, want)
			}
		}
		find()
	}
	if _, err := os.Stat(filepath.Join(b.dir, "other")); err == nil {
		t.Error("a demo that can't start makes its folder")
	}
	// One with everything of its own runs beside it.
	beside := b.start(nil, "demo", "--listen", other, "--demo-slack", another, "--demo-dir", "other")
	b.until("the other demo", func() bool { return strings.Contains(b.log.String(), "Console          http://"+other) })
	find()
	beside.stop()
	// The lock ends with the process, however that ends; what the last one kept is gone.
	g.kill()
	again := b.start(nil, "demo", "--listen", g.address, "--demo-slack", slack)
	b.until("the demo, once more", func() bool { return strings.Count(b.log.String(), "Console          http://"+g.address) == 2 })
	find()
	again.stop()
}
