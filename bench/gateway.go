package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// The person as whom the benchmarks act, and the one who is told nothing.
const (
	adminEmail    = "bench@example.com"
	adminPassword = "of a person who lives for minutes"
)

// buildProcyon builds the product's binary, once for a run, unless one was given.
func (r *report) buildProcyon(ctx context.Context) (string, error) {
	if r.procyon != "" {
		return r.procyon, nil
	}
	binary := filepath.Join(r.dir, "procyon")
	if _, err := os.Stat(binary); err == nil {
		return binary, nil
	}
	r.progress("building procyon")
	out, err := exec.CommandContext(ctx, "go", "build", "-o", binary, "procyon").CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("build procyon: %w\n%s", err, out)
	}
	return binary, nil
}

// gatewayProcess is a `procyon serve` of our own, and a client of it.
type gatewayProcess struct {
	cmd    *exec.Cmd
	log    *bytes.Buffer // to be read once it has ended
	url    string
	token  string
	client *http.Client
	ready  time.Duration // from its start until /readyz said so
}

// gatewayOptions say how to serve.
type gatewayOptions struct {
	binary string
	store  string // the path of the SQLite file
	token  string // of who calls
	env    []string

	address  string        // "" is any that is free
	patience time.Duration // within which it is ready; 0: a minute
}

// procyon runs a command to its end, and returns the last line that it printed.
func (o *gatewayOptions) procyon(ctx context.Context, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, o.binary, args...)
	cmd.Env = o.environment()
	var errs bytes.Buffer
	cmd.Stderr = &errs
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("procyon %s: %w\n%s", args[0]+" "+args[1], err, errs.Bytes())
	}
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")
	return lines[len(lines)-1], nil
}

// environment is ours without the product's variables, which would change what
// is measured.
func (o *gatewayOptions) environment() []string {
	var env []string
	for _, v := range os.Environ() {
		if !strings.HasPrefix(v, "PROCYON_") {
			env = append(env, v)
		}
	}
	// A few people ask as fast as they can here.
	env = append(env, "PROCYON_MAX_OPEN_REQUESTS=0", "PROCYON_MAX_REQUESTS_PER_HOUR=0")
	return append(append(env, "PROCYON_STORE=sqlite:"+o.store, "PROCYON_LOG_LEVEL=warn"), o.env...)
}

// newAdmin makes the administrator, and the token that acts as them.
func (o *gatewayOptions) newAdmin(ctx context.Context) error {
	_, err := o.procyon(ctx, "user", "create", "--email", adminEmail, "--name", "Bench", "--password", adminPassword, "--admin")
	if err != nil {
		return err
	}
	return o.newToken(ctx)
}

func (o *gatewayOptions) newToken(ctx context.Context) (err error) {
	o.token, err = o.procyon(ctx, "token", "create", "--user", adminEmail, "--name", "bench", "--ttl", "24h")
	return err
}

// startGateway serves and returns once it is ready. It is killed when ctx ends.
func startGateway(ctx context.Context, o gatewayOptions) (*gatewayProcess, error) {
	address := o.address
	if address == "" {
		var err error
		if address, err = freeAddress(ctx); err != nil {
			return nil, err
		}
	}
	g := &gatewayProcess{
		cmd: exec.CommandContext(ctx, o.binary, "serve", "--listen", address), log: &bytes.Buffer{}, url: "http://" + address, token: o.token,
		client: &http.Client{Timeout: 30 * time.Second, Transport: &http.Transport{MaxIdleConnsPerHost: 256, DisableCompression: true}},
	}
	g.cmd.Env, g.cmd.Stderr, g.cmd.WaitDelay = o.environment(), g.log, time.Second
	began := time.Now()
	if err := g.cmd.Start(); err != nil {
		return nil, err
	}
	patience := cmp.Or(o.patience, time.Minute)
	for time.Since(began) < patience && ctx.Err() == nil {
		if g.isReady(ctx) {
			g.ready = time.Since(began)
			return g, nil
		}
		time.Sleep(time.Millisecond)
	}
	_ = g.cmd.Process.Kill()
	_ = g.cmd.Wait()
	return nil, fmt.Errorf("procyon serve is not ready after %s: %s", patience, g.log)
}

func (g *gatewayProcess) isReady(ctx context.Context) bool {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, g.url+"/readyz", nil)
	if err != nil {
		return false
	}
	resp, err := g.client.Do(req)
	if err != nil {
		return false
	}
	defer resp.Body.Close()
	_, _ = io.Copy(io.Discard, resp.Body)
	return resp.StatusCode == http.StatusOK
}

// freeAddress is one on which nobody listens at this moment.
func freeAddress(ctx context.Context) (string, error) {
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer l.Close()
	return l.Addr().String(), nil
}

// stop ends it as an operator would.
func (g *gatewayProcess) stop() error {
	g.client.CloseIdleConnections()
	if err := g.cmd.Process.Signal(os.Interrupt); err != nil {
		return err
	}
	late := time.AfterFunc(30*time.Second, func() { _ = g.cmd.Process.Kill() })
	defer late.Stop()
	if err := g.cmd.Wait(); err != nil {
		return fmt.Errorf("procyon serve: %w: %s", err, g.log)
	}
	return nil
}

// do runs an operation and decodes its data, unless out is nil. An error of any
// kind, a userError included, is an error.
func (g *gatewayProcess) do(ctx context.Context, query string, variables map[string]any, out any) error {
	body, err := json.Marshal(map[string]any{"query": query, "variables": variables})
	if err != nil {
		return err
	}
	answer, err := g.post(ctx, body)
	if err != nil || out == nil {
		return err
	}
	return json.Unmarshal(answer, &struct{ Data any }{out})
}

var (
	dataField  = []byte(`"data":`)
	noProblems = []byte(`"userErrors":[]`)
	problems   = []byte(`"userErrors":`)
)

// post sends a ready body and returns the answer. It looks at the bytes
// where it can, so that the client's work does not add to what is measured.
func (g *gatewayProcess) post(ctx context.Context, body []byte) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, g.url+"/graphql", bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Authorization", "Bearer "+g.token)
	resp, err := g.client.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	if err != nil {
		return nil, err
	}
	failed := bytes.Contains(answer, []byte(`"errors":`)) || bytes.Contains(answer, problems) && !bytes.Contains(answer, noProblems)
	if resp.StatusCode != http.StatusOK || failed {
		return nil, fmt.Errorf("HTTP %d: %s", resp.StatusCode, answer)
	}
	if !bytes.Contains(answer, dataField) {
		return nil, errors.New("the answer has no data")
	}
	return answer, nil
}

// memory is what the process has in memory, and the most that it ever had.
func (g *gatewayProcess) memory() (now, peak string) {
	status := fmt.Sprintf("/proc/%d/status", g.cmd.Process.Pid)
	return mebibytes(field(status, "VmRSS")), mebibytes(field(status, "VmHWM"))
}

// mebibytes converts a field of /proc such as "1024 kB".
func mebibytes(text string) string {
	var kib float64
	if _, err := fmt.Sscan(text, &kib); err != nil {
		return "unknown"
	}
	return fmt.Sprintf("%.0f MiB", kib/1024)
}
