package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"time"
)

// profiled is how long a CPU profile of another process takes, which can't be ended before.
const profiled = 10 * time.Second

// profiler has a process that can be inspected make CPU profiles of itself.
type profiler struct {
	address string
	ended   chan error
}

// begin has it make one for a file; end waits for that.
func (p *profiler) begin(ctx context.Context, path string) {
	p.ended = make(chan error, 1)
	go func() { p.ended <- p.take(ctx, path) }()
}

func (p *profiler) end() error { return <-p.ended }

func (p *profiler) take(ctx context.Context, path string) error {
	url := fmt.Sprintf("http://%s/debug/pprof/profile?seconds=%.0f", p.address, profiled.Seconds())
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("a CPU profile: HTTP %d", resp.StatusCode)
	}
	out, err := os.Create(path)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, resp.Body)
	return errors.Join(err, out.Close())
}
