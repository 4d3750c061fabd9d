package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"time"
)

// streamKind is what each of many subscribers follows, all of them something else.
type streamKind struct {
	name, events string
	admins       bool // the subscribers are administrators
	filter       func(c *catalog, i int) map[string]any
	quiet        bool // the events concern nobody
}

func streamKinds() []streamKind {
	return []streamKind{
		{name: "one's own requests", events: "one of them asks", filter: func(*catalog, int) map[string]any { return nil }},
		{name: "a resource", events: "somebody asks for one of these", admins: true, filter: func(c *catalog, i int) map[string]any {
			return map[string]any{"resourceId": c.resources[i]}
		}},
		{name: "an account", events: "somebody asks for a resource of one", admins: true, filter: func(c *catalog, i int) map[string]any {
			return map[string]any{"accountId": c.accounts[i]}
		}},
		{name: "what I may review", events: "a request is canceled, so that nobody may review it: nobody is told", admins: true, quiet: true, filter: func(*catalog, int) map[string]any {
			return map[string]any{"reviewableByMe": true}
		}},
	}
}

// streamSizes say how much is measured.
type streamSizes struct {
	subscribers    int
	rounds, events int           // events in each round at most
	round          time.Duration // how long a round lasts at most
	rest           time.Duration // until memory is at rest: a server gives it back within 40 seconds
}

// benchStreams measures what an event costs that concerns one of many, and what many
// streams hold.
func benchStreams(ctx context.Context, r *report) error {
	sizes := streamSizes{subscribers: 10_000, rounds: 3, events: 300, round: 4 * time.Second, rest: 45 * time.Second}
	if r.quick {
		sizes = streamSizes{subscribers: 1000, rounds: 3, events: 100, round: 3 * time.Second, rest: 2 * time.Second}
	}
	ctx, cancel := context.WithTimeout(ctx, time.Hour)
	defer cancel()
	products, err := r.products(ctx, "streams")
	if err != nil {
		return err
	}
	// Half of all people, resources and accounts are followed by nobody.
	r.progress("streams: making %d people", 4*sizes.subscribers)
	people, err := newCrowd(ctx, filepath.Join(r.dir, "streams"), 2*sizes.subscribers, 2*sizes.subscribers)
	if err != nil {
		return err
	}
	worlds := make([]*streamWorld, len(products))
	for i, p := range products {
		if worlds[i], err = newStreamWorld(ctx, r, p, people, sizes); err != nil {
			return fmt.Errorf("%s: %w", p.name, err)
		}
	}
	results := make([][]*streamResult, len(streamKinds()))
	for i, k := range streamKinds() {
		r.progress("streams: %s", k.name)
		if results[i], err = measureStreams(ctx, worlds, k); err != nil {
			return fmt.Errorf("%s: %w", k.name, err)
		}
	}
	writeStreams(r, sizes, products, results)
	return nil
}

// streamWorld is two copies of a store: with one and with many subscribed.
type streamWorld struct {
	dir     string
	product product
	sizes   streamSizes
	people  *crowd
	catalog catalog
	query   string
	stores  []string
	asked   int
}

func newStreamWorld(ctx context.Context, r *report, p product, people *crowd, sizes streamSizes) (*streamWorld, error) {
	w := &streamWorld{dir: r.dir, product: p, sizes: sizes, people: people}
	o := gatewayOptions{binary: p.binary, store: filepath.Join(p.dir, "made", "procyon.db")}
	if err := people.moveInto(ctx, &o); err != nil {
		return nil, err
	}
	g, err := startGateway(ctx, o)
	if err != nil {
		return nil, err
	}
	d, err := dialectOf(ctx, g)
	if err == nil {
		w.query = d.events()
		w.catalog, err = newCatalog(ctx, g, 2*sizes.subscribers)
		w.catalog.older = !d.duplicates
	}
	if err := errors.Join(err, g.stop()); err != nil {
		return nil, err
	}
	for i := range 2 {
		path, err := copyStore(o.store, filepath.Join(p.dir, fmt.Sprint("store-", i)))
		if err != nil {
			return nil, err
		}
		w.stores = append(w.stores, path)
	}
	return w, nil
}

// streamStage is a server with its subscribers.
type streamStage struct {
	gateway     *gatewayProcess
	audience    *process
	subscribers int
	delivered   int
	open        []string // requests to cancel
}

// measureStreams measures one kind with each product: they rest at the same time, and take
// turns with the rounds.
func measureStreams(ctx context.Context, worlds []*streamWorld, k streamKind) (results []*streamResult, err error) {
	stages := make([][]*streamStage, len(worlds))
	defer func() {
		for _, s := range slices.Concat(stages...) {
			err = errors.Join(err, s.close())
		}
	}()
	for i, w := range worlds {
		results = append(results, &streamResult{})
		for j, subscribers := range []int{1, w.sizes.subscribers} {
			s, err := w.start(ctx, w.stores[j], subscribers)
			if s != nil {
				stages[i] = append(stages[i], s)
			}
			if err == nil {
				err = w.connect(ctx, s, k)
			}
			if err != nil {
				return nil, fmt.Errorf("%s: %w", w.product.name, err)
			}
		}
	}
	pause(ctx, worlds[0].sizes.rest)
	for i, w := range worlds {
		results[i].connected = stages[i][1].resident()
		for _, s := range stages[i] {
			if _, err := s.audience.ask("subscribe"); err != nil {
				return nil, fmt.Errorf("%s: %w", w.product.name, err)
			}
		}
	}
	pause(ctx, worlds[0].sizes.rest)
	for i := range worlds {
		results[i].empty, results[i].settled = stages[i][0].resident(), stages[i][1].resident()
	}
	for round := range worlds[0].sizes.rounds + 1 {
		for i, w := range worlds {
			if err := w.sample(ctx, k, stages[i], results[i], round == 0); err != nil {
				return nil, fmt.Errorf("%s: %w", w.product.name, err)
			}
		}
	}
	for i := range worlds {
		results[i].peak = peakMemory(stages[i][1].gateway.cmd.Process.Pid)
	}
	return results, nil
}

// sample makes a round of events that concern one of the subscribers, and one of such that
// concern nobody. Warming up, it keeps no figures.
func (w *streamWorld) sample(ctx context.Context, k streamKind, stages []*streamStage, result *streamResult, warmUp bool) error {
	heard, err := w.round(ctx, k, stages, true)
	if err != nil {
		return err
	}
	var nobody []float64
	if !k.quiet {
		if nobody, err = w.round(ctx, k, stages, false); err != nil {
			return err
		}
	}
	if warmUp {
		return nil
	}
	for i := range heard {
		result.heard[i] = append(result.heard[i], heard[i])
	}
	for i := range nobody {
		result.nobody[i] = append(result.nobody[i], nobody[i])
	}
	return nil
}

func (w *streamWorld) start(ctx context.Context, store string, subscribers int) (*streamStage, error) {
	g, err := startGateway(ctx, gatewayOptions{
		binary: w.product.binary, store: store, token: w.people.admins[0], env: []string{"GOMAXPROCS=1", "PROCYON_WORKERS=none"},
	})
	if err != nil {
		return nil, err
	}
	return &streamStage{gateway: g, subscribers: subscribers}, nil
}

// askToCancel makes the requests whose cancellation are the events to come.
func (w *streamWorld) askToCancel(ctx context.Context, s *streamStage) error {
	s.open = make([]string, (w.sizes.rounds+1)*w.sizes.events)
	return abreast(ctx, len(s.open), func(ctx context.Context, i int) (err error) {
		s.open[i], err = w.catalog.create(ctx, s.gateway, i)
		return err
	})
}

// connect connects everybody, who is to subscribe when told so.
func (w *streamWorld) connect(ctx context.Context, s *streamStage, k streamKind) (err error) {
	if k.quiet {
		if err := w.askToCancel(ctx, s); err != nil {
			return err
		}
	}
	tokens := w.people.members
	if k.admins {
		tokens = w.people.admins
	}
	f := following{Address: s.gateway.address(), Path: "/graphql", Query: w.query, Confirm: true, Each: make([]follower, s.subscribers)}
	for i := range f.Each {
		f.Each[i] = follower{Token: tokens[i], Variables: map[string]any{"filter": k.filter(&w.catalog, i)}}
	}
	s.audience, err = f.startAudience(ctx, w.dir)
	return err
}

// resident is the memory in which the server has pages, in bytes.
func (s *streamStage) resident() int64 { return residentOf(s.gateway.cmd.Process.Pid) }

// round makes events on both servers, in turn and at an even rate, and returns each server's
// time for an event, in µs. They concern one of the subscribers, or nobody.
func (w *streamWorld) round(ctx context.Context, k streamKind, stages []*streamStage, heard bool) ([]float64, error) {
	before, err := cpuOfAll(stages)
	if err != nil {
		return nil, err
	}
	began, made := time.Now(), 0
	for ; made < w.sizes.events && time.Since(began) < w.sizes.round; made++ {
		for _, s := range stages {
			if err := w.event(ctx, k, s, heard); err != nil {
				return nil, err
			}
		}
		pause(ctx, time.Until(began.Add(w.sizes.round*time.Duration(made+1)/time.Duration(w.sizes.events))))
	}
	for _, s := range stages {
		if _, err := s.audience.ask("await %d", s.delivered); err != nil {
			return nil, err
		}
	}
	after, err := cpuOfAll(stages)
	if err != nil {
		return nil, err
	}
	costs := make([]float64, len(stages))
	for i := range stages {
		costs[i] = float64((after[i] - before[i]).Nanoseconds()) / 1000 / float64(made)
	}
	return costs, nil
}

func cpuOfAll(stages []*streamStage) ([]time.Duration, error) {
	used := make([]time.Duration, len(stages))
	for i, s := range stages {
		var err error
		if used[i], err = cpuOf(s.gateway.cmd.Process.Pid); err != nil {
			return nil, err
		}
	}
	return used, nil
}

// event makes one event, for which one of the subscribers is told if it is to be heard
// and not of a quiet kind.
func (w *streamWorld) event(ctx context.Context, k streamKind, s *streamStage, heard bool) error {
	if k.quiet {
		id := s.open[0]
		s.open = s.open[1:]
		return s.gateway.do(ctx, `mutation ($in: CancelAccessRequestInput!) { cancelAccessRequest(input: $in) { userErrors { message } } }`,
			map[string]any{"in": map[string]any{"requestId": id}}, nil)
	}
	w.asked++
	whom, as := 0, s.gateway
	if s.subscribers > 1 {
		whom = w.asked * 7919 % w.sizes.subscribers // a prime: all over
	}
	if heard {
		s.delivered++
	} else {
		whom += w.sizes.subscribers // where nobody follows
	}
	if !k.admins {
		as = s.gateway.as(w.people.members[whom])
	}
	_, err := w.catalog.create(ctx, as, whom)
	return err
}

func (s *streamStage) close() error {
	if s.audience == nil {
		return s.gateway.stop()
	}
	return errors.Join(s.audience.stop(), s.gateway.stop())
}
