package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/gorilla/websocket"
	"golang.org/x/sync/errgroup"
)

// resumeRate is how many events a second there are while others catch up.
const resumeRate = 10

// resumeResult is what one product comes to.
type resumeResult struct {
	cpu, wall time.Duration // until all have everything
	rest      int64         // bytes resident before
	peak      float64       // MiB
	waits     latencies     // of who is at the head, from the mutation's answer
	sent      int64         // bytes
	cut       error         // why it ended before all had everything
}

// benchResume has many subscribers of the same operation resume at once, far behind.
func benchResume(ctx context.Context, r *report) error {
	subscribers, entries := 1000, 10_000
	if r.quick {
		subscribers, entries = 100, 2000
	}
	ctx, cancel := context.WithTimeout(ctx, time.Hour)
	defer cancel()
	products, err := r.products(ctx, "resume")
	if err != nil {
		return err
	}
	people, err := newCrowd(ctx, filepath.Join(r.dir, "resume"), subscribers, 0)
	if err != nil {
		return err
	}
	results := make([]*resumeResult, 0, len(products))
	for _, p := range products {
		r.progress("resume: %s", p.name)
		result, err := resumeAll(ctx, r, p, people, entries)
		if err != nil {
			return fmt.Errorf("%s: %w", p.name, err)
		}
		results = append(results, result)
	}
	writeResume(r, subscribers, entries, products, results)
	return nil
}

// resumeWorld is a store with many requests, and where to resume from.
type resumeWorld struct {
	options gatewayOptions
	catalog catalog
	query   string
	cursor  string // before all but the first of them
}

func resumeAll(ctx context.Context, r *report, p product, people *crowd, entries int) (*resumeResult, error) {
	w := &resumeWorld{options: gatewayOptions{binary: p.binary, store: filepath.Join(p.dir, "procyon.db"), env: []string{"PROCYON_WORKERS=none"}}}
	if err := people.moveInto(ctx, &w.options); err != nil {
		return nil, err
	}
	g, err := startGateway(ctx, w.options)
	if err != nil {
		return nil, err
	}
	if err := errors.Join(w.fill(ctx, g, entries), g.stop()); err != nil {
		return nil, err
	}
	if g, err = startGateway(ctx, w.options); err != nil { // with nothing in memory of that
		return nil, err
	}
	result, err := w.measure(ctx, g, r.dir, people, entries)
	return result, errors.Join(err, g.stop())
}

// fill makes requests, and finds the cursor of the first.
func (w *resumeWorld) fill(ctx context.Context, g *gatewayProcess, entries int) error {
	d, err := dialectOf(ctx, g)
	if err != nil {
		return err
	}
	if w.catalog, err = newCatalog(ctx, g, 20); err != nil {
		return err
	}
	w.query, w.catalog.older = d.events(), !d.duplicates
	head, err := followHead(ctx, g, w.query)
	if err != nil {
		return err
	}
	defer head.conn.Close()
	if _, err := w.catalog.create(ctx, g, 0); err != nil {
		return err
	}
	first, err := head.next()
	if err != nil {
		return err
	}
	w.cursor = first.Cursor
	return abreast(ctx, entries, func(ctx context.Context, i int) error {
		_, err := w.catalog.create(ctx, g, i)
		return err
	})
}

// measure has all resume at once, while one is at the head.
func (w *resumeWorld) measure(ctx context.Context, g *gatewayProcess, dir string, people *crowd, entries int) (*resumeResult, error) {
	result, pid := &resumeResult{}, g.cmd.Process.Pid
	f := following{Address: g.address(), Path: "/graphql", Query: w.query, Each: make([]follower, len(people.admins))}
	for i := range f.Each {
		f.Each[i] = follower{Token: people.admins[i], Variables: map[string]any{"after": w.cursor}}
	}
	audience, err := f.startAudience(ctx, dir)
	if err != nil {
		return nil, err
	}
	defer func() { _ = audience.cmd.Process.Kill() }() // no matter where it has ended
	head, err := followHead(ctx, g, w.query)
	if err != nil {
		return nil, err
	}
	defer head.conn.Close()
	if _, err := audience.ask("gather %d", entries); err != nil {
		return nil, err
	}
	if err := settle(ctx, pid); err != nil {
		return nil, err
	}
	result.rest = residentOf(pid)
	before, err := cpuOf(pid)
	if err != nil {
		return nil, err
	}
	running, stop := context.WithCancel(ctx)
	events := make(chan error, 1)
	began := time.Now()
	go func() { events <- w.goOn(running, g, head) }()
	result.cut = gather(audience) // a server that is too slow is one that cuts off who does not answer in time
	result.wall = time.Since(began)
	after, err := cpuOf(pid)
	stop()
	if err := errors.Join(err, <-events); err != nil {
		return nil, errors.Join(result.cut, err)
	}
	result.cpu, result.peak, result.waits = after-before, peakMemory(pid), head.waits()
	if result.cut != nil {
		return result, nil
	}
	if err := audience.askNumbers("bytes", &result.sent); err != nil {
		return nil, err
	}
	return result, audience.stop()
}

// settle waits until a process does hardly anything any more, for a minute at most.
func settle(ctx context.Context, pid int) error {
	used, err := cpuOf(pid)
	for range 1200 {
		if err := errors.Join(err, ctx.Err()); err != nil {
			return err
		}
		pause(ctx, 50*time.Millisecond)
		before := used
		if used, err = cpuOf(pid); used-before < time.Millisecond {
			return err
		}
	}
	return errors.New("the server is still at work after a minute")
}

func gather(audience *process) error {
	if _, err := audience.ask("subscribe"); err != nil {
		return err
	}
	_, err := audience.ask("gathered")
	return err
}

// goOn makes events at a fixed rate until ctx is done, and then waits until the one at
// the head has had all of them.
func (w *resumeWorld) goOn(ctx context.Context, g *gatewayProcess, head *headFollower) error {
	received := make(chan error, 1)
	go func() { received <- head.receive() }()
	tick := time.NewTicker(time.Second / resumeRate)
	defer tick.Stop()
	var asked errgroup.Group
	made := 0
	for ; ctx.Err() == nil; made++ { // whether or not earlier ones are answered
		asked.Go(func() error {
			id, err := w.catalog.create(context.WithoutCancel(ctx), g, made)
			head.answered(id, time.Now())
			return err
		})
		select {
		case <-tick.C:
		case <-ctx.Done():
		}
	}
	if err := asked.Wait(); err != nil {
		return err
	}
	late := time.AfterFunc(time.Minute, func() { head.conn.Close() })
	defer late.Stop()
	head.expect(made)
	return <-received
}

// headFollower is one subscriber that has had everything, and notes when more comes.
type headFollower struct {
	conn *websocket.Conn

	mu      sync.Mutex           // guards all that follows
	answers map[string]time.Time // when the mutation was answered, by request
	arrived map[string]time.Time // when the event was
	wanted  int                  // events, of all; 0: not known yet
}

// headEvent is what it looks at of an event.
type headEvent struct {
	Cursor  string
	Request struct{ ID string }
}

// followHead subscribes to what happens from now on.
func followHead(ctx context.Context, g *gatewayProcess, query string) (*headFollower, error) {
	f := following{Address: g.address(), Path: "/graphql", Query: query, Confirm: true}
	conn, err := f.dial(ctx, g.token)
	if err != nil {
		return nil, err
	}
	h := &headFollower{conn: conn, answers: map[string]time.Time{}, arrived: map[string]time.Time{}}
	return h, f.subscribe(conn, nil)
}

// next waits for an event.
func (h *headFollower) next() (headEvent, error) {
	var m struct {
		Type    string
		Payload struct {
			Data struct{ RequestEvents headEvent }
		}
	}
	_, data, err := h.conn.ReadMessage()
	if err != nil {
		return headEvent{}, err
	}
	if err := json.Unmarshal(data, &m); err != nil || m.Type != "next" {
		return headEvent{}, fmt.Errorf("the one at the head is told %s: %w", data, err)
	}
	return m.Payload.Data.RequestEvents, nil
}

// receive notes events until all that are to come have.
func (h *headFollower) receive() error {
	for {
		e, err := h.next()
		now := time.Now()
		h.mu.Lock()
		if err == nil {
			h.arrived[e.Request.ID] = now
		}
		done := h.wanted > 0 && len(h.arrived) >= h.wanted
		h.mu.Unlock()
		switch {
		case done:
			return nil
		case err != nil:
			return err
		}
	}
}

// answered notes that the mutation that made a request is answered.
func (h *headFollower) answered(id string, at time.Time) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.answers[id] = at
}

// expect says how many events there are in all.
func (h *headFollower) expect(n int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.wanted = n
	if len(h.arrived) >= n {
		_ = h.conn.SetReadDeadline(time.Now()) // receive waits for no more
	}
}

// waits are how long events took from the answer to their mutation; nothing where they
// came before it.
func (h *headFollower) waits() latencies {
	h.mu.Lock()
	defer h.mu.Unlock()
	took := make(latencies, 0, len(h.arrived))
	for id, at := range h.arrived {
		took = append(took, max(at.Sub(h.answers[id]), 0))
	}
	slices.Sort(took)
	return took
}

func writeResume(r *report, subscribers, entries int, products []product, results []*resumeResult) {
	r.note("%d subscribers of the same operation of ten fields, with a token and a WebSocket each, resume at once, %d entries behind, on a `procyon serve` without workers that was just started. "+
		"The server's CPU is until all have everything. Meanwhile there are %d events a second, and one subscriber is at the head: what it waits for is from the mutation's answer to the event. All are on one machine, whose processors the subscribers use too.", subscribers, entries, resumeRate)
	deliveries := float64(subscribers) * float64(entries)
	rows := make([][]string, 0, len(products))
	for i, p := range products {
		s := results[i]
		wall, each, sent := fmt.Sprintf("%.2f s", s.wall.Seconds()), fmt.Sprintf("%.2f µs", float64(s.cpu.Nanoseconds())/1000/deliveries), fmt.Sprintf("%.0f B", float64(s.sent)/deliveries)
		if s.cut != nil {
			wall, each, sent = fmt.Sprintf("never: after %.0f s one was cut off", s.wall.Seconds()), "–", "–"
			r.note("%s: %s", p.name, s.cut)
		}
		rows = append(rows, []string{
			p.name, fmt.Sprintf("%.2f s", s.cpu.Seconds()), each, wall,
			mib(s.rest), fmt.Sprintf("%.0f MiB", s.peak), fmt.Sprint(len(s.waits)), milliseconds(s.waits.at(0.5)), milliseconds(s.waits.at(0.99)), milliseconds(s.waits.at(1)),
			sent,
		})
	}
	r.table([]string{"", "CPU", "CPU of a delivery", "all have it after", "resident before", "at most", "events at the head", "p50", "p99", "max", "sent for each"}, rows)
	longest := results[0].waits.at(1)
	list := []target{{"the longest wait at the head", "50 ms at most", milliseconds(longest), longest <= 50*time.Millisecond}}
	if len(results) > 1 {
		times := results[1].cpu.Seconds() / results[0].cpu.Seconds()
		measured := fmt.Sprintf("%.1f ×", times)
		if results[1].cut != nil {
			measured = "over " + measured
		}
		list = append(list, target{"CPU of " + products[1].name + " to this", "10 ×", measured, times >= 10 && results[0].cut == nil})
	}
	r.targets(list...)
}
