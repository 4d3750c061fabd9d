package main

import (
	"context"
	"encoding/json"
	"fmt"
	"path/filepath"
	"time"
)

// benchHTTP asks for access at a fixed rate, over HTTP, of the real binary.
func benchHTTP(ctx context.Context, r *report) error {
	const rate = 200
	seconds := 30
	if r.quick {
		seconds = 5
	}
	ctx, cancel := context.WithTimeout(ctx, 5*time.Minute)
	defer cancel()
	binary, err := r.buildProcyon(ctx)
	if err != nil {
		return err
	}
	o := gatewayOptions{binary: binary, store: filepath.Join(r.dir, "http", "procyon.db")}
	if err := o.newAdmin(ctx); err != nil {
		return err
	}
	g, err := startGateway(ctx, o)
	if err != nil {
		return err
	}
	took, err := createAtRate(ctx, g, rate, seconds)
	if err != nil {
		return err
	}
	now, peak := g.memory()
	if err := g.stop(); err != nil {
		return err
	}
	r.note("`createAccessRequest` over HTTP against `procyon serve` on SQLite with full durability, its notifier running, "+
		"%d a second for %d s in an open loop: the schedule is fixed, and latency counts from the planned moment. The client shares the machine.", rate, seconds)
	r.table([]string{"requests", "p50", "p99", "max", "resident after", "at most"},
		[][]string{append(append([]string{fmt.Sprint(len(took))}, took.cells()...), now, peak)})
	p99 := took.at(0.99)
	r.targets(target{fmt.Sprintf("createAccessRequest, p99 at %d a second", rate), "< 50 ms", milliseconds(p99), p99 < 50*time.Millisecond})
	return nil
}

func createAtRate(ctx context.Context, g *gatewayProcess, rate, seconds int) (latencies, error) {
	c, err := newCatalog(ctx, g, 20)
	if err != nil {
		return nil, err
	}
	call := func(ctx context.Context, i int) error {
		body, err := json.Marshal(map[string]any{"query": createRequest, "variables": c.ask(i)})
		if err != nil {
			return err
		}
		_, err = g.post(ctx, body)
		return err
	}
	if _, err := openLoop(ctx, time.Now(), rate, rate, call); err != nil { // to warm up
		return nil, err
	}
	return openLoop(ctx, time.Now(), rate, rate*seconds, call)
}
