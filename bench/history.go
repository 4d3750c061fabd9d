package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	mathrand "math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"time"

	"procyon/access"
	"procyon/console/operation"
	"procyon/journal"
	"procyon/store/sqlite"
)

// history is a store with requests that are over, served.
type history struct {
	closed  int
	built   time.Duration // 0: kept from an earlier run
	size    int64         // bytes
	starts  latencies     // until ready
	idle    string        // memory after the start
	gateway *gatewayProcess
	ids     []string // of some requests, from all times
	took    map[string]latencies
	people  []string
}

// benchHistory measures the same store twice: with little history and with much.
func benchHistory(ctx context.Context, r *report) error {
	sizes := []int{10_000, 1_000_000}
	if r.quick {
		sizes[1] = 50_000
	}
	binary, err := r.buildProcyon(ctx)
	if err != nil {
		return err
	}
	var all []*history
	defer func() {
		for _, h := range all {
			if h.gateway != nil {
				_ = h.gateway.stop()
			}
		}
	}()
	for _, closed := range sizes {
		h, err := openHistory(ctx, r, binary, closed)
		if err != nil {
			return fmt.Errorf("with %d closed requests: %w", closed, err)
		}
		all = append(all, h)
	}
	rounds := 10
	if r.quick {
		rounds = 3
	}
	if err := queryInTurn(ctx, r, all, rounds); err != nil {
		return err
	}
	writeHistory(r, all)
	return nil
}

// openHistory makes the store, or takes the kept one, and serves it.
func openHistory(ctx context.Context, r *report, binary string, closed int) (*history, error) {
	h, o, err := historyStore(ctx, r, binary, closed)
	if err != nil {
		return nil, err
	}
	if err := h.sample(ctx, o.store); err != nil {
		return nil, err
	}
	err = h.start(ctx, o)
	return h, err
}

// historyStore makes the store, or takes the kept one, with a token of its administrator.
func historyStore(ctx context.Context, r *report, binary string, closed int) (*history, gatewayOptions, error) {
	h := &history{closed: closed, took: map[string]latencies{}}
	folder := r.historyFolder(closed)
	o := gatewayOptions{binary: binary, store: filepath.Join(folder, "procyon.db")}
	if err := h.build(ctx, r, folder, o.store); err != nil {
		return h, o, err
	}
	err := o.newToken(ctx)
	return h, o, err
}

// historyFolder is where the store of so many closed requests is.
func (r *report) historyFolder(closed int) string {
	dir := r.dir
	if r.keep != "" {
		dir = r.keep
	}
	return filepath.Join(dir, fmt.Sprintf("history-%d", closed))
}

// build makes the store unless a whole one is there.
func (h *history) build(ctx context.Context, r *report, folder, path string) error {
	whole := filepath.Join(folder, "whole")
	if _, err := os.Stat(whole); err != nil {
		if err := os.RemoveAll(folder); err != nil {
			return err
		}
		began := time.Now()
		err := buildHistory(ctx, path, h.closed, func(done int) {
			if done%100_000 == 0 {
				r.progress("%d of %d requests after %s", done, h.closed, time.Since(began).Round(time.Second))
			}
		})
		if err != nil {
			return err
		}
		h.built = time.Since(began)
		if err := os.WriteFile(whole, nil, 0o600); err != nil {
			return err
		}
	}
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	h.size = info.Size()
	return nil
}

// sample takes down busy people, and the IDs of requests of all times.
func (h *history) sample(ctx context.Context, path string) error {
	store, err := sqlite.Open(ctx, path)
	if err != nil {
		return err
	}
	head, err := store.Head(ctx)
	if err != nil {
		return errors.Join(err, store.Close())
	}
	err = errors.Join(h.sampleRequests(ctx, store, head.Seq), h.sampleBusy(ctx, store))
	return errors.Join(err, store.Close())
}

func (h *history) sampleRequests(ctx context.Context, store journal.Store, head uint64) error {
	random := mathrand.New(mathrand.NewPCG(3, 4))
	for range 100_000 {
		entries, err := store.Entries(ctx, random.Uint64N(head), 1)
		if err != nil {
			return err
		}
		if access.KindOf(entries[0].Subject) == access.KindRequest {
			h.ids = append(h.ids, entries[0].Subject)
		}
		if len(h.ids) == 500 {
			return nil
		}
	}
	return errors.New("there are hardly any requests in the journal")
}

// sampleBusy finds those with the most requests, who were made first.
func (h *history) sampleBusy(ctx context.Context, store journal.Store) error {
	entries, err := store.Entries(ctx, 0, historyPeople)
	if err != nil {
		return err
	}
	for _, e := range entries[1:] { // the first is the administrator
		if access.KindOf(e.Subject) == access.KindUser && len(h.people) < historyBusy {
			h.people = append(h.people, e.Subject)
		}
	}
	return nil
}

// start serves, again and again, and leaves the last one running.
func (h *history) start(ctx context.Context, o gatewayOptions) error {
	const starts = 7
	for i := range starts {
		g, err := startGateway(ctx, o)
		if err != nil {
			return err
		}
		h.starts = append(h.starts, g.ready)
		if i == starts-1 {
			h.gateway = g
			break
		}
		if err := g.stop(); err != nil {
			return err
		}
	}
	slices.Sort(h.starts)
	// It is at rest once it has answered: what the start leaves to do is done by then.
	if _, err := inTurn(ctx, 20, func(ctx context.Context, _ int) error {
		return h.gateway.do(ctx, `{ viewer { name } }`, nil, nil)
	}); err != nil {
		return err
	}
	h.idle, _ = h.gateway.memory()
	return nil
}

// historyQuery is one of the console's queries.
type historyQuery struct {
	name      string
	operation string // of those in console/web/src
	wanted    bool   // there is a target for it
	variables func(h *history, i int) map[string]any
}

func historyQueries() []historyQuery {
	list := func(filter map[string]any) map[string]any { return map[string]any{"first": 50, "filter": filter} }
	return []historyQuery{
		{"pending page", "ReadList", true, func(*history, int) map[string]any {
			return list(map[string]any{"status": []string{"PENDING"}})
		}},
		{"one busy person's history", "ReadList", true, func(h *history, i int) map[string]any {
			return list(map[string]any{"requesterId": h.people[i%len(h.people)]})
		}},
		{"one request", "ReadRequest", true, func(h *history, i int) map[string]any {
			return map[string]any{"id": h.ids[i%len(h.ids)]}
		}},
		{"everybody's history", "ReadList", false, func(*history, int) map[string]any {
			return list(map[string]any{})
		}},
		{"what I may review", "ReadList", false, func(*history, int) map[string]any {
			return list(map[string]any{"reviewableByMe": true})
		}},
	}
}

// queryInTurn asks each store in turn, so that the machine's moods meet both.
func queryInTurn(ctx context.Context, r *report, all []*history, rounds int) error {
	const each = 100
	texts, err := operation.All(".")
	if err != nil {
		return fmt.Errorf("run it in the repository's root: %w", err)
	}
	for _, q := range historyQueries() {
		r.progress("%s", q.name)
		text := texts[q.operation]
		for round := range rounds + 1 {
			for _, h := range all {
				took, err := inTurn(ctx, each, func(ctx context.Context, i int) error {
					body, err := json.Marshal(map[string]any{"query": text, "variables": q.variables(h, round*each+i)})
					if err == nil {
						_, err = h.gateway.post(ctx, body)
					}
					return err
				})
				if err != nil {
					return fmt.Errorf("%s: %w", q.name, err)
				}
				if round > 0 { // the first is to warm up
					h.took[q.name] = append(h.took[q.name], took...)
				}
			}
		}
		for _, h := range all {
			slices.Sort(h.took[q.name])
		}
	}
	return nil
}

func writeHistory(r *report, all []*history) {
	small, large := all[0], all[1]
	r.note("`procyon serve` on SQLite with %d and with %d closed requests, both with %d pending ones, %d people and %d resources; "+
		"every closed request has two to four journal entries. Both are served at the same time and asked in turn, over HTTP, by one client, with the console's own queries of 50 requests. "+
		"Half of all requests are those of %d busy people. The files were written just before, or read before, and so are in the system's cache.", small.closed, large.closed, historyPending, historyPeople, historyResources, historyBusy)
	var rows [][]string
	for _, h := range all {
		built := "kept"
		if h.built > 0 {
			built = h.built.Round(100 * time.Millisecond).String()
		}
		now, peak := h.gateway.memory()
		rows = append(rows, []string{
			fmt.Sprint(h.closed), built, fmt.Sprintf("%.0f MiB", float64(h.size)/(1<<20)),
			milliseconds(h.starts.at(0.5)), milliseconds(h.starts.at(1)), h.idle, now, peak,
		})
	}
	r.table([]string{"closed requests", "built in", "file", "start to ready, p50 of 7", "max", "resident at rest", "after the queries", "at most"}, rows)
	rows = nil
	var targets []target
	for _, q := range historyQueries() {
		few, many := small.took[q.name], large.took[q.name]
		rows = append(rows, append(append([]string{q.name}, append(few.cells()[:2], many.cells()...)...),
			fmt.Sprintf("%.2f ×", float64(many.at(0.5))/float64(few.at(0.5))), fmt.Sprintf("%.2f ×", float64(many.at(0.99))/float64(few.at(0.99)))))
		if q.wanted {
			p99 := many.at(0.99)
			targets = append(targets, target{q.name + ", p99", "< 10 ms", milliseconds(p99), p99 < 10*time.Millisecond})
		}
	}
	few, many := fmt.Sprintf(" with %d", small.closed), fmt.Sprintf(" with %d", large.closed)
	r.table([]string{"query", "p50" + few, "p99" + few, "p50" + many, "p99" + many, "max" + many, "p50 grows by", "p99 grows by"}, rows)
	disk := float64(large.size-small.size) / float64(large.closed-small.closed)
	_, peak := large.gateway.memory()
	var most float64
	_, _ = fmt.Sscan(peak, &most)
	r.targets(append(targets,
		target{"start to ready, max", "< 2 s", milliseconds(large.starts.at(1)), large.starts.at(1) < 2*time.Second},
		target{"resident memory, at most", "< 300 MiB", peak, most > 0 && most < 300},
		target{"disk for each closed request, by the difference of the files", "≤ 3.5 KB", fmt.Sprintf("%.2f KB", disk/1e3), disk <= 3500},
	)...)
}
