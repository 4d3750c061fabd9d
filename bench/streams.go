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
	waits        bool // memory is looked at when garbage has been collected
}

func streamKinds() []streamKind {
	return []streamKind{
		{name: "one's own requests", waits: true, events: "one of them asks", filter: func(*catalog, int) map[string]any { return nil }},
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
	rest           time.Duration // until memory is at rest: garbage is collected every two minutes
	shortRest      time.Duration // for kinds that don't wait for that
}

// streamResult is what one product comes to with one kind.
type streamResult struct {
	mutation           []float64 // µs of the server with all subscribed for an event that concerns nobody, by round
	one, all           []float64 // µs for one that concerns somebody, beyond that: with one and with all subscribed
	empty              int64     // bytes resident with one subscriber
	connected, settled int64     // with all connected, and then with all subscribed, at rest
	peak               float64   // MiB, all this included
}

// benchStreams measures what an event costs that concerns one of many, and what many
// streams hold.
func benchStreams(ctx context.Context, r *report) error {
	sizes := streamSizes{subscribers: 10_000, rounds: 3, events: 300, round: 8 * time.Second, rest: 130 * time.Second, shortRest: 5 * time.Second}
	if r.quick {
		sizes = streamSizes{subscribers: 1000, rounds: 3, events: 100, round: 3 * time.Second, rest: 2 * time.Second, shortRest: 2 * time.Second}
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
	results := make([][]*streamResult, len(streamKinds()))
	for _, p := range products {
		w, err := newStreamWorld(ctx, r, p, people, sizes)
		if err != nil {
			return fmt.Errorf("%s: %w", p.name, err)
		}
		for i, k := range streamKinds() {
			r.progress("streams: %s: %s", p.name, k.name)
			result, err := w.measure(ctx, k)
			if err != nil {
				return fmt.Errorf("%s: %s: %w", p.name, k.name, err)
			}
			results[i] = append(results[i], result)
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

// measure measures one kind, on servers of its own.
func (w *streamWorld) measure(ctx context.Context, k streamKind) (result *streamResult, err error) {
	stages := make([]*streamStage, 0, len(w.stores))
	defer func() {
		for _, s := range stages {
			err = errors.Join(err, s.close())
		}
	}()
	result = &streamResult{}
	for i, subscribers := range []int{1, w.sizes.subscribers} {
		s, err := w.start(ctx, w.stores[i], subscribers)
		if s != nil {
			stages = append(stages, s)
		}
		if err == nil && k.quiet {
			err = w.askToCancel(ctx, s)
		}
		if err == nil {
			err = w.subscribe(ctx, s, k, result)
		}
		if err != nil {
			return nil, err
		}
	}
	for round := range w.sizes.rounds + 1 {
		heard, err := w.round(ctx, k, stages, true)
		if err != nil {
			return nil, err
		}
		unheard := make([]float64, len(stages))
		if !k.quiet {
			if unheard, err = w.round(ctx, k, stages, false); err != nil {
				return nil, err
			}
		}
		if round > 0 { // the first is to warm up
			result.mutation = append(result.mutation, unheard[1])
			result.one, result.all = append(result.one, heard[0]-unheard[0]), append(result.all, heard[1]-unheard[1])
		}
	}
	result.peak = peakMemory(stages[1].gateway.cmd.Process.Pid)
	return result, nil
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

// subscribe connects everybody, has them subscribe, and notes the memory of the server.
func (w *streamWorld) subscribe(ctx context.Context, s *streamStage, k streamKind, result *streamResult) (err error) {
	tokens := w.people.members
	if k.admins {
		tokens = w.people.admins
	}
	f := following{Address: s.gateway.address(), Path: "/graphql", Query: w.query, Confirm: true, Each: make([]follower, s.subscribers)}
	for i := range f.Each {
		f.Each[i] = follower{Token: tokens[i], Variables: map[string]any{"filter": k.filter(&w.catalog, i)}}
	}
	if s.audience, err = f.startAudience(ctx, w.dir); err != nil {
		return err
	}
	pid, rest := s.gateway.cmd.Process.Pid, w.sizes.shortRest
	if k.waits {
		rest = w.sizes.rest
	}
	if s.subscribers > 1 {
		pause(ctx, rest)
		result.connected = residentOf(pid)
	}
	if _, err := s.audience.ask("subscribe"); err != nil {
		return err
	}
	if s.subscribers == 1 {
		result.empty = residentOf(pid)
		return nil
	}
	pause(ctx, rest)
	result.settled = residentOf(pid)
	return nil
}

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

// costs are what an event costs with one and with all subscribed, as medians of the
// rounds, and how many times the one is the other; 0 where what one subscriber costs is
// lost in the noise of the mutations.
func (s *streamResult) costs() (one, all, times float64) {
	one, all = middle(s.one), middle(s.all)
	if one > 0 {
		times = max(all, 0) / one
	}
	return one, all, times
}

// whole is what an event costs with all subscribed, in µs, with its mutation: where each
// event goes to everybody, one that concerns nobody costs as much.
func (s *streamResult) whole() float64 {
	if len(s.mutation) == 0 {
		return middle(s.all)
	}
	return middle(s.mutation) + middle(s.all)
}

// middle is the median.
func middle(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	return sorted[len(sorted)/2]
}

// writeStreams writes results, which are by kind and product.
func writeStreams(r *report, sizes streamSizes, products []product, results [][]*streamResult) {
	n := sizes.subscribers
	r.note("%d people with a token, a WebSocket and a subscription of ten fields each, on a `procyon serve` with one core (GOMAXPROCS=1), SQLite and no workers. "+
		"An event is a mutation with a commit of its own, %d in a round of %s at most; its cost is the server's CPU less that of as many mutations, in the next round, that concern nobody: what a quiet event costs is its whole mutation. The servers with one and with all subscribed take turns with every event; figures are medians of %d rounds.",
		n, sizes.events, sizes.round, sizes.rounds)
	for i, k := range streamKinds() {
		r.note("Each follows %s; events: %s.", k.name, k.events)
		head := []string{"each follows " + k.name, "the mutation", "CPU of an event, one subscriber", "all", "grows by", "resident, all connected", "all subscribed", "at most", "for each connection", "for each stream"}
		rows := make([][]string, 0, len(products)+1)
		for j, p := range products {
			rows = append(rows, append([]string{p.name}, results[i][j].cells(n)...))
		}
		r.table(head, rows)
		if len(products) > 1 {
			r.note("With all subscribed, an event costs %s %.1f × as much, with its mutation.", products[1].name, results[i][1].whole()/results[i][0].whole())
		}
	}
	r.targets(streamTargets(n, results)...)
}

func (s *streamResult) cells(n int) []string {
	one, all, times := s.costs()
	return []string{
		microseconds(middle(s.mutation)), microseconds(one), microseconds(all), timesOrNoise(times),
		mib(s.connected), mib(s.settled), fmt.Sprintf("%.0f MiB", s.peak),
		kilobytes((s.connected - s.empty) / int64(n)), kilobytes((s.settled - s.connected) / int64(n)),
	}
}

func streamTargets(n int, results [][]*streamResult) []target {
	var list []target
	for i, k := range streamKinds() {
		s := results[i][0]
		_, _, times := s.costs()
		stream := (s.settled - s.connected) / int64(n)
		list = append(list,
			target{k.name + ": an event, to one subscriber's", "3 × at most", timesOrNoise(times), times > 0 && times <= 3},
			target{k.name + ": a quiet stream", "8 KB at most", kilobytes(stream), stream <= 8000},
		)
	}
	own := results[0][0]
	whole := (own.settled - own.empty) / int64(n)
	return append(list,
		target{"a subscriber on its connection", "23 KB at most", kilobytes(whole), whole <= 23_000},
		target{fmt.Sprintf("%d of them with the server", n), "350 MB at most", fmt.Sprintf("%.0f MB", float64(own.settled)/1e6), own.settled <= 350e6},
	)
}

func microseconds(us float64) string {
	if us >= 1000 {
		return fmt.Sprintf("%.2f ms", us/1000)
	}
	return fmt.Sprintf("%.0f µs", us)
}

// timesOrNoise says a ratio, unless it is lost in noise.
func timesOrNoise(times float64) string {
	if times == 0 {
		return "in the noise"
	}
	return fmt.Sprintf("%.1f ×", times)
}

func mib(bytes int64) string { return fmt.Sprintf("%.0f MiB", float64(bytes)/(1<<20)) }
