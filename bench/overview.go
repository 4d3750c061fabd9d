package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"time"

	"procyon/console/operation"
)

// overviewSpans are how many days are asked for.
var overviewSpans = []int{7, 30, 90}

// overviewTries is how often each is asked for.
const overviewTries = 200

// benchOverview asks for the overview of a long history, as the console does.
func benchOverview(ctx context.Context, r *report) (err error) {
	closed := 1_000_000
	if r.quick {
		closed = 50_000
	}
	texts, err := operation.All(".")
	if err != nil {
		return fmt.Errorf("run it in the repository's root: %w", err)
	}
	binary, err := r.buildProcyon(ctx)
	if err != nil {
		return err
	}
	h := &history{closed: closed}
	folder := r.historyFolder(closed)
	o := gatewayOptions{binary: binary, store: filepath.Join(folder, "procyon.db")}
	if err := h.build(ctx, r, folder, o.store); err != nil {
		return err
	}
	if err := o.newToken(ctx); err != nil {
		return err
	}
	g, err := startGateway(ctx, o)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, g.stop()) }()

	counted, err := countedAfter(ctx, g)
	if err != nil {
		return err
	}
	var all latencies
	var rows [][]string
	for _, days := range overviewSpans {
		r.progress("%d days", days)
		body, err := json.Marshal(map[string]any{"query": texts["ReadOverview"], "variables": map[string]any{"days": days, "timeZone": "Asia/Kolkata"}})
		if err != nil {
			return err
		}
		var made struct {
			Overview struct{ Requests struct{ Made int } }
		}
		if err := g.do(ctx, `query($days: Int!) { overview(days: $days, timeZone: "Asia/Kolkata") { requests { made } } }`, map[string]any{"days": days}, &made); err != nil {
			return err
		}
		took, err := inTurn(ctx, overviewTries, func(ctx context.Context, _ int) error {
			_, err := g.post(ctx, body)
			return err
		})
		if err != nil {
			return err
		}
		rows = append(rows, append([]string{fmt.Sprint(days), fmt.Sprint(made.Overview.Requests.Made)}, took.cells()...))
		all = append(all, took...)
	}
	slices.Sort(all)
	now, peak := g.memory()
	r.note("`procyon serve` on SQLite with %d closed requests over 700 days and %d pending ones; the console's own operation, over HTTP, %d times each, by one client. "+
		"After the start everything was counted within %s; a store that was served before has it counted already.", closed, historyPending, overviewTries, counted.Round(10*time.Millisecond))
	r.table([]string{"days", "requests in them", "p50", "p99", "max"}, rows)
	r.note("Resident memory afterwards: %s, at most %s.", now, peak)
	worst := all.at(1)
	r.targets(target{"the overview, max", "≤ 300 ms", milliseconds(worst), worst <= 300*time.Millisecond})
	return nil
}

// countedAfter waits until all days are counted, and returns how long that took.
func countedAfter(ctx context.Context, g *gatewayProcess) (time.Duration, error) {
	began := time.Now()
	for {
		var now struct {
			Overview struct{ Requests struct{ CountedUpTo *string } }
		}
		if err := g.do(ctx, `{ overview(days: 1) { requests { countedUpTo } } }`, nil, &now); err != nil {
			return 0, err
		}
		if now.Overview.Requests.CountedUpTo == nil {
			return time.Since(began), nil
		}
		select {
		case <-time.After(10 * time.Millisecond):
		case <-ctx.Done():
			return 0, ctx.Err()
		}
	}
}
