package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"net/http"
	"strings"
	"sync"
	"time"

	"procyon/console/operation"
)

const (
	exportPart  = 500_000 // entries that each format is measured with
	exportRate  = 50      // requests of others a second
	exportBound = 50 << 20
)

// benchExport exports the journal of a long history over HTTP from the real binary, in all
// formats, by itself and while others work.
func benchExport(ctx context.Context, r *report) (err error) {
	closed, part := 1_000_000, exportPart
	if r.quick {
		closed, part = 50_000, 50_000
	}
	binary, err := r.buildProcyon(ctx)
	if err != nil {
		return err
	}
	_, o, err := historyStore(ctx, r, binary, closed)
	if err != nil {
		return err
	}
	g, err := startGateway(ctx, o)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, g.stop()) }()
	if err := g.untilAtRest(ctx); err != nil {
		return err
	}
	x := exports{report: r, g: g, slowest: math.Inf(1)}
	if err := x.prepare(ctx, part); err != nil {
		return err
	}
	if err := errors.Join(x.measure(ctx), x.withdraw(ctx)); err != nil {
		return err
	}
	x.write(closed, part)
	return nil
}

// exports are those that are measured, one after the other.
type exports struct {
	*report

	g       *gatewayProcess
	others  catalog
	list    []byte // the operation by which others read
	through string // the cursor of the last entry of a part
	rest    int64  // resident before the first, in bytes
	rows    [][]string
	slowest float64 // entries a second, by itself
	most    int64   // resident, in bytes
	wait    time.Duration

	mu   sync.Mutex // guards made
	made []string   // the requests that others asked for
}

// prepare finds what others ask for, and where a part of the journal ends.
func (x *exports) prepare(ctx context.Context, part int) error {
	texts, err := operation.All(".")
	if err != nil {
		return fmt.Errorf("run it in the repository's root: %w", err)
	}
	x.list, err = json.Marshal(map[string]any{"query": texts["ReadList"], "variables": map[string]any{"first": 50, "filter": map[string]any{"status": []string{"PENDING"}}}})
	if err != nil {
		return err
	}
	var found struct {
		JournalEntry *struct{ Cursor string }
		Resources    struct{ Nodes []struct{ ID string } }
	}
	err = x.g.do(ctx, `query ($part: Int!) { journalEntry(seq: $part) { cursor } resources(first: 20) { nodes { id } } }`, map[string]any{"part": part}, &found)
	if err != nil {
		return err
	}
	if found.JournalEntry == nil || len(found.Resources.Nodes) == 0 {
		return errors.New("the store is too small")
	}
	x.through = found.JournalEntry.Cursor
	for _, n := range found.Resources.Nodes {
		x.others.resources = append(x.others.resources, n.ID)
	}
	x.rest = residentOf(x.g.cmd.Process.Pid)
	return nil
}

// measure exports a part in each format, by itself and beside others, and at last all.
func (x *exports) measure(ctx context.Context) error {
	if err := x.beside(ctx, "no export", func(ctx context.Context) (exported, error) { return exported{}, pauseFor(ctx, 5*time.Second) }); err != nil {
		return err
	}
	for _, format := range []string{"jsonl", "csv", "cloudevents"} {
		query := "format=" + format + "&through=" + x.through
		x.progress("export: %s", format)
		e, most, err := x.watched(ctx, func(ctx context.Context) (exported, error) { return x.g.export(ctx, query) })
		if err != nil {
			return err
		}
		x.row(format+", by itself", e, most, nil)
		x.slowest = min(e.rate(), x.slowest)
		if err := x.beside(ctx, format, func(ctx context.Context) (exported, error) { return x.g.export(ctx, query) }); err != nil {
			return err
		}
	}
	x.progress("export: the whole journal")
	return x.beside(ctx, "jsonl, the whole journal", func(ctx context.Context) (exported, error) { return x.g.export(ctx, "format=jsonl") })
}

// beside exports while others ask for access and read what waits, in turn.
func (x *exports) beside(ctx context.Context, name string, do func(ctx context.Context) (exported, error)) error {
	x.progress("export: %s, beside others", name)
	var took latencies
	e, most, err := x.watched(ctx, func(ctx context.Context) (e exported, err error) {
		took, _, err = beside(ctx, exportRate, x.ask, func(ctx context.Context) (err error) {
			e, err = do(ctx)
			return err
		})
		return e, err
	})
	if err != nil {
		return err
	}
	x.row(name+", beside others", e, most, took)
	if e.entries > 0 {
		x.wait = max(x.wait, took.at(0.99))
	}
	return nil
}

// ask is what others do.
func (x *exports) ask(ctx context.Context, i int) error {
	if i%2 == 0 {
		_, err := x.g.post(ctx, x.list)
		return err
	}
	id, err := x.others.create(ctx, x.g, i)
	x.mu.Lock()
	x.made = append(x.made, id)
	x.mu.Unlock()
	return err
}

// watched does something, and returns the most that the server had resident meanwhile.
func (x *exports) watched(ctx context.Context, do func(ctx context.Context) (exported, error)) (exported, int64, error) {
	watching, stop := context.WithCancel(ctx)
	most := make(chan int64, 1)
	go func() { most <- mostResident(watching, x.g.cmd.Process.Pid) }()
	e, err := do(ctx)
	stop()
	return e, <-most, err
}

// mostResident watches how much a process has resident until ctx is done.
func mostResident(ctx context.Context, pid int) (most int64) {
	every := time.NewTicker(10 * time.Millisecond)
	defer every.Stop()
	for {
		most = max(most, residentOf(pid))
		select {
		case <-every.C:
		case <-ctx.Done():
			return most
		}
	}
}

func (x *exports) row(name string, e exported, most int64, others latencies) {
	row := []string{name, "–", "–", "–", "–", fmt.Sprintf("%.0f MiB", float64(most)/(1<<20)), "–", "–", "–"}
	if e.entries > 0 {
		x.most = max(x.most, most)
		row[1], row[2] = fmt.Sprint(e.entries), fmt.Sprintf("%.0f MB", float64(e.bytes)/1e6)
		row[3], row[4] = fmt.Sprintf("%.0f a second", e.rate()), fmt.Sprintf("%.1f µs", float64(e.cpu.Nanoseconds())/1e3/float64(e.entries))
	}
	if others != nil {
		copy(row[6:], others.cells())
	}
	x.rows = append(x.rows, row)
}

// withdraw cancels what others asked for, so that a kept store has no more that waits.
func (x *exports) withdraw(ctx context.Context) error {
	return abreast(ctx, len(x.made), func(ctx context.Context, i int) error {
		return x.g.do(ctx, `mutation ($in: CancelAccessRequestInput!) { cancelAccessRequest(input: $in) { userErrors { message } } }`, map[string]any{"in": map[string]any{"requestId": x.made[i]}}, nil)
	})
}

func (x *exports) write(closed, part int) {
	mib := func(n int64) string { return fmt.Sprintf("%.0f MiB", float64(n)/(1<<20)) }
	x.note("`GET /export/journal` of `procyon serve` on SQLite with %d closed requests, over HTTP, uncompressed: the first %d entries in each format, then all of them. "+
		"Others ask for access and read the pending page in turn, %d times a second in an open loop. The client shares the machine. Resident before: %s.", closed, part, exportRate, mib(x.rest))
	x.table([]string{"export", "entries", "bytes", "rate", "CPU of an entry", "resident at most", "others: p50", "p99", "max"}, x.rows)
	grown := x.most - x.rest
	x.targets(
		target{"entries exported by itself, the slowest format", "≥ 20000 a second", fmt.Sprintf("%.0f a second", x.slowest), x.slowest >= 20_000},
		target{"resident at most, beyond what was before", "≤ 50 MiB", mib(grown), grown <= exportBound},
		target{"a request of others meanwhile, p99", "≤ 50 ms", milliseconds(x.wait), x.wait <= 50*time.Millisecond},
	)
}

// untilAtRest waits until the server has nothing left to do by itself: at its first start
// it counts, and signs the journal, for which it reads all of it.
func (g *gatewayProcess) untilAtRest(ctx context.Context) error {
	for {
		before, err := cpuOf(g.cmd.Process.Pid)
		if err == nil {
			err = pauseFor(ctx, 3*time.Second)
		}
		if err != nil {
			return err
		}
		if after, err := cpuOf(g.cmd.Process.Pid); err != nil || after-before < 150*time.Millisecond {
			return err
		}
	}
}

// exported is what came of an export.
type exported struct {
	entries int
	bytes   int64
	took    time.Duration
	cpu     time.Duration // of the server, for whatever it did meanwhile
}

func (e *exported) rate() float64 { return float64(e.entries) / e.took.Seconds() }

// export reads an export to its end. One that is not whole is an error.
func (g *gatewayProcess) export(ctx context.Context, query string) (exported, error) {
	var e exported
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, g.url+"/export/journal?"+query, http.NoBody)
	if err != nil {
		return e, err
	}
	req.Header.Set("Authorization", "Bearer "+g.token)
	before, err := cpuOf(g.cmd.Process.Pid)
	if err != nil {
		return e, err
	}
	began := time.Now()
	endless := *g.client
	endless.Timeout = 0
	resp, err := endless.Do(req)
	if err != nil {
		return e, err
	}
	defer resp.Body.Close()
	if e.bytes, err = io.Copy(io.Discard, resp.Body); err != nil {
		return e, err
	}
	e.took = time.Since(began)
	after, err := cpuOf(g.cmd.Process.Pid)
	e.cpu = after - before
	said := resp.Trailer.Get("Procyon-Export")
	_, n, _ := strings.Cut(said, "entries=")
	if _, scan := fmt.Sscan(strings.ReplaceAll(n, ";", " "), &e.entries); scan != nil {
		return e, fmt.Errorf("HTTP %d, and the export says %q of itself", resp.StatusCode, said)
	}
	return e, err
}
