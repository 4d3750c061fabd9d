package e2e

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"procyon/client"
)

const (
	adminEmail    = "ada@example.com"
	adminPassword = "the-admins-long-password"
	devPassword   = "the-developers-long-password"
	webhookSecret = "webhookSecretThatNobodyMayLog"
	// patience is how long something may take at a process border. Nothing waits for
	// it unless it fails.
	patience = 2 * time.Minute
	// tooLate is from when on the product itself is at fault: a process that does not end,
	// a grant that does not begin.
	tooLate = 30 * time.Second
)

// bed is a store with processes on it, and a receiver of webhooks.
type bed struct {
	t     *testing.T
	build string // of procyon that it runs; "": the one for all
	dir   string
	env   []string
	hooks *receiver
	log   *logged
	admin *client.Client // Ada, an administrator
	dev   *client.Client // Dev, a developer
	boss  *client.Client // Bo, another administrator
	tok   map[string]string

	integrations map[string]string // by name
	resources    []string          // of linked
}

// logged keeps what the processes wrote, to be shown when a test fails and to be
// searched for secrets when it does not.
type logged struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *logged) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *logged) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// stores are where the product can keep everything; each test of the whole way runs
// on all of them. f gets what makes a new, empty one, which
// lasts as long as the test that is given.
func stores(t *testing.T, f func(t *testing.T, store func(t *testing.T) string)) {
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		f(t, func(t *testing.T) string { return "sqlite:" + filepath.Join(t.TempDir(), "procyon.db") })
	})
	t.Run("ferretdb", func(t *testing.T) {
		t.Parallel()
		f(t, startFerret)
	})
	if uri := os.Getenv("PROCYON_TEST_MONGODB_URI"); uri != "" {
		t.Run("mongodb", func(t *testing.T) {
			t.Parallel()
			f(t, func(*testing.T) string {
				return namedDatabase(uri)
			})
		})
	}
}

// namedDatabase is a new database of a server that the environment names.
func namedDatabase(uri string) string {
	return strings.TrimSuffix(uri, "/") + "/" + fmt.Sprintf("procyon_e2e_%d", time.Now().UnixNano())
}

// ferretTurn lets one test at a time use a FerretDB, which keeps a processor busy.
var ferretTurn sync.Mutex

// startFerret starts a FerretDB, when no other test has one, and returns its URI.
func startFerret(t *testing.T) string {
	t.Helper()
	ferretTurn.Lock()
	t.Cleanup(ferretTurn.Unlock)
	path, err := ferret()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(path, "-data", t.TempDir())
	cmd.SysProcAttr = ownGroup()
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	uri, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal("FerretDB did not start: ", err)
	}
	return strings.TrimSuffix(strings.TrimSpace(uri), "/") + "/procyon"
}

func newBed(t *testing.T, store string) *bed {
	t.Helper()
	b := &bed{t: t, dir: t.TempDir(), hooks: newReceiver(t), log: &logged{}, tok: map[string]string{}}
	b.env = append(ownEnvironment(), "PROCYON_STORE="+store, "PROCYON_SECRET_KEY_FILE="+filepath.Join(b.dir, "secret.key"),
		"PROCYON_WEBHOOK_HOSTS=127.0.0.1", "PROCYON_WEBHOOK_INTERVAL=0s", "PROCYON_LEASE_TTL=1s", "PROCYON_LOG_LEVEL=debug",
		"PROCYON_MAX_OPEN_REQUESTS=0", "PROCYON_MAX_REQUESTS_PER_HOUR=0", // one person asks for hundreds here
		"PROCYON_ADMIN_EMAIL="+adminEmail, "PROCYON_ADMIN_PASSWORD="+adminPassword, "GORACE=halt_on_error=1 atexit_sleep_ms=0")
	t.Cleanup(func() {
		out := b.log.String()
		if t.Failed() {
			t.Log(last(out, 100_000))
		}
		for _, secret := range append(slices.Collect(maps.Values(b.tok)), adminPassword, devPassword, webhookSecret) {
			if strings.Contains(out, secret) {
				t.Errorf("the log has the secret %.6s…", secret)
			}
		}
		if strings.Contains(out, "DATA RACE") {
			t.Error("a data race: see the log")
		}
	})
	return b
}

// ownEnvironment is this process's, without settings of the product.
func ownEnvironment() []string {
	return slices.DeleteFunc(os.Environ(), func(v string) bool { return strings.HasPrefix(v, "PROCYON_") })
}

func last(s string, n int) string { return s[max(0, len(s)-n):] }

// run runs a command to its end and returns what it printed.
func (b *bed) run(args ...string) (string, error) {
	ctx, cancel := context.WithTimeout(b.t.Context(), patience)
	defer cancel()
	cmd := exec.CommandContext(ctx, cmp.Or(b.build, binary), args...)
	var errs bytes.Buffer
	cmd.Env, cmd.Dir, cmd.Stderr = b.env, b.dir, io.MultiWriter(b.log, &errs)
	out, err := cmd.Output()
	if err != nil {
		err = fmt.Errorf("procyon %s: %w: %s", strings.Join(args, " "), err, errs.String())
	}
	return string(out), err
}

func (b *bed) must(args ...string) string {
	b.t.Helper()
	out, err := b.run(args...)
	if err != nil {
		b.t.Fatal(err)
	}
	return out
}

// process is a running procyon.
type process struct {
	t    *testing.T
	cmd  *exec.Cmd
	done chan struct{}
	err  error
}

func (b *bed) start(env []string, args ...string) *process {
	b.t.Helper()
	return b.startWith(b.log, b.log, env, args...)
}

// startWith is start with other places for what it prints and for its log.
func (b *bed) startWith(out, log io.Writer, env []string, args ...string) *process {
	b.t.Helper()
	p := &process{t: b.t, cmd: exec.Command(cmp.Or(b.build, binary), args...), done: make(chan struct{})}
	p.cmd.Env, p.cmd.Dir, p.cmd.Stdout, p.cmd.Stderr = append(b.env, env...), b.dir, out, log
	p.cmd.SysProcAttr = ownGroup()
	if err := p.cmd.Start(); err != nil {
		b.t.Fatal(err)
	}
	go func() {
		p.err = p.cmd.Wait()
		close(p.done)
	}()
	b.t.Cleanup(p.end)
	return p
}

// end kills it when the test is over. When the test failed it tells first where its
// goroutines are, for what hangs.
func (p *process) end() {
	if p.t.Failed() {
		_ = p.cmd.Process.Signal(syscall.SIGQUIT)
		select {
		case <-p.done:
		case <-time.After(5 * time.Second):
		}
	}
	p.kill()
}

// kill is kill -9, of the process and of whatever it might have started.
func (p *process) kill() {
	select {
	case <-p.done:
		return // its number may be somebody else's by now
	default:
	}
	_ = syscall.Kill(-p.cmd.Process.Pid, syscall.SIGKILL)
	<-p.done
}

// stop asks it to end, and waits until it did.
func (p *process) stop() {
	p.t.Helper()
	_ = p.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case <-p.done:
		if p.err != nil {
			p.t.Errorf("after SIGTERM: %v", p.err)
		}
	case <-time.After(tooLate):
		p.kill()
		p.t.Error("it did not stop")
	}
}

// server is a running server at an address that it keeps across restarts.
type server struct {
	*process
	b       *bed
	address string
	env     []string
}

// patient makes leases long, for tests in which no notifier is to be followed by another:
// so a slow machine loses none, and repeats no message.
func (b *bed) patient() { b.env = append(b.env, "PROCYON_LEASE_TTL=30s") }

// serve starts a server with these workers and waits until it is ready.
func (b *bed) serve(workers string, env ...string) *server {
	b.t.Helper()
	g := &server{b: b, address: freeAddress(b.t)}
	g.env = append([]string{"PROCYON_LISTEN=" + g.address, "PROCYON_WORKERS=" + workers}, env...)
	g.again()
	return g
}

// again starts the server after it has ended.
func (g *server) again() {
	g.b.t.Helper()
	g.process = g.b.start(g.env, "serve")
	deadline := time.Now().Add(patience)
	for time.Now().Before(deadline) {
		resp, err := http.Get("http://" + g.address + "/readyz")
		if err == nil {
			resp.Body.Close()
			if resp.StatusCode == http.StatusOK {
				return
			}
		}
		select {
		case <-g.done:
			g.b.t.Fatalf("the gateway ended: %v\n%s", g.err, last(g.b.log.String(), 3000))
		case <-time.After(20 * time.Millisecond):
		}
	}
	g.b.t.Fatal("the gateway does not get ready")
}

func (g *server) client(token string) *client.Client {
	g.b.t.Helper()
	c, err := client.New(client.Options{URL: "http://" + g.address + "/graphql", Token: token})
	if err != nil {
		g.b.t.Fatal(err)
	}
	g.b.t.Cleanup(c.Close)
	return c
}

// notifier starts a notifier of its own, for a server.
func (b *bed) notifier(g *server) func() *process {
	b.t.Helper()
	token := strings.TrimSpace(b.must("token", "create", "--name", "notifier", "--scope", "events:read,deliveries:write,webhooks:read"))
	b.tok["notifier"] = token
	return func() *process {
		return b.start([]string{"PROCYON_GATEWAY_URL=http://" + g.address, "PROCYON_SERVICE_TOKEN=" + token}, "notifier")
	}
}

// mutate runs a mutation with one input, and decodes what is selected of its
// payload into out.
func mutate(ctx context.Context, c *client.Client, name string, input map[string]any, selected string, out any) error {
	query := fmt.Sprintf("mutation Do($input: %sInput!) { result: %s(input: $input) { %s userErrors { code field message } } }",
		strings.ToUpper(name[:1])+name[1:], name, selected)
	var raw struct{ Result json.RawMessage }
	if err := c.Do(ctx, query, map[string]any{"input": input}, &raw); err != nil {
		return err
	}
	var answer struct{ UserErrors client.UserErrors }
	if err := json.Unmarshal(raw.Result, &answer); err != nil {
		return err
	}
	if len(answer.UserErrors) > 0 || out == nil {
		return answer.UserErrors.Err()
	}
	return json.Unmarshal(raw.Result, out)
}

// made runs a mutation that makes something, and returns its ID.
func (b *bed) made(name, object string, input map[string]any) string {
	b.t.Helper()
	out := map[string]json.RawMessage{}
	err := mutate(b.t.Context(), b.admin, name, input, object+" { id }", &out)
	if err != nil {
		b.t.Fatalf("%s: %v", name, err)
	}
	var v struct{ ID string }
	if err := json.Unmarshal(out[object], &v); err != nil {
		b.t.Fatal(err)
	}
	return v.ID
}

// ask asks for access as Dev.
func (b *bed) ask(resource, reason string) (string, error) {
	var out struct{ AccessRequest struct{ ID string } }
	err := mutate(b.t.Context(), b.dev, "createAccessRequest", map[string]any{
		"items": []any{map[string]any{"resourceId": resource}}, "duration": "PT1H", "reason": reason, "allowDuplicate": true,
	}, "accessRequest { id }", &out)
	return out.AccessRequest.ID, err
}
