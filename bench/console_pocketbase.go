package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os/exec"
	"path/filepath"
	"time"

	"github.com/mxschmitt/playwright-go"
)

// pocketBase is a PocketBase with a collection of records, and somebody signed in there.
type pocketBase struct {
	cmd   *exec.Cmd
	url   string
	state *playwright.StorageState
}

// startPocketBase builds and serves the module bench/pocketbase. What that is made of is
// fetched by this, and by nothing else.
func startPocketBase(ctx context.Context, r *report, web playwright.Browser) (*pocketBase, error) {
	r.progress("building PocketBase")
	binary := filepath.Join(r.dir, "pocketbase")
	out, err := exec.CommandContext(ctx, "go", "build", "-C", filepath.Join("bench", "pocketbase"), "-o", binary, ".").CombinedOutput()
	if err != nil {
		return nil, fmt.Errorf("build PocketBase: %w\n%s", err, out)
	}
	address, err := freeAddress(ctx)
	if err != nil {
		return nil, err
	}
	const records = "1000"
	p := &pocketBase{cmd: exec.CommandContext(ctx, binary, filepath.Join(r.dir, "pocketbase-data"), address, adminEmail, adminPassword, records), url: "http://" + address}
	if err := p.cmd.Start(); err != nil {
		return nil, err
	}
	for began := time.Now(); !p.isReady(ctx); time.Sleep(10 * time.Millisecond) {
		if time.Since(began) > time.Minute {
			p.stop()
			return nil, errors.New("PocketBase is not ready after a minute")
		}
	}
	p.state, err = signedIn(web, p.url+"/_/", "input[type=email]", "input[type=password]", "button.next")
	if err != nil {
		p.stop()
		return nil, err
	}
	return p, nil
}

func (p *pocketBase) isReady(ctx context.Context) bool {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, p.url+"/api/health", http.NoBody)
	if err != nil {
		return false
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return false
	}
	resp.Body.Close()
	return resp.StatusCode == http.StatusOK
}

// stop ends it; nothing of it is kept.
func (p *pocketBase) stop() {
	_ = p.cmd.Process.Kill()
	_ = p.cmd.Wait()
}
