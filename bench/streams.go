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
	round          time.Duration // how long a round lasts at most, and what the server does by itself is measured: a server pings each connection about every 25 seconds
	rest           time.Duration // until memory is at rest: garbage is collected every two minutes
	shortRest      time.Duration // for kinds that don't wait for that
}

// streamResult is what one product comes to with one kind.
type streamResult struct {
	none, one, all     []float64 // µs of the server for each event, by round: with so many subscribers
	idle               float64   // of a processor, with all subscribed and no events
	empty              int64     // bytes resident with one subscriber
	connected, settled int64     // with all connected, and then with all subscribed, at rest
	peak               float64   // MiB, all this included
}

// benchStreams measures what an event costs that concerns one of many, and what many
// streams hold.
func benchStreams(ctx context.Context, r *report) error {
	sizes := streamSizes{subscribers: 10_000, rounds: 3, events: 1000, round: 25 * time.Second, rest: 130 * time.Second, shortRest: 5 * time.Second}
	if r.quick {
		sizes = streamSizes{subscribers: 1000, rounds: 3, events: 100, round: 5 * time.Second, rest: 2 * time.Second, shortRest: 2 * time.Second}
	}
	ctx, cancel := context.WithTimeout(ctx, time.Hour)
	defer cancel()
	products, err := r.products(ctx, "streams")
	if err != nil {
		return err
	}
	r.progress("streams: making %d people", 2*sizes.subscribers)
	people, err := newCrowd(ctx, filepath.Join(r.dir, "streams"), sizes.subscribers, sizes.subscribers)
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

// streamWorld is three copies of a store: with nobody, one and many subscribed.
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
		w.catalog, err = newCatalog(ctx, g, sizes.subscribers)
		w.catalog.older = !d.duplicates
	}
	if err := errors.Join(err, g.stop()); err != nil {
		return nil, err
	}
	for i := range 3 {
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
	audience    *process // nil for nobody
	subscribers int
	delivered   int
	idle        float64  // of a processor, that it uses without events
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
	for i, subscribers := range []int{0, 1, w.sizes.subscribers} {
		s, err := w.start(ctx, w.stores[i], subscribers)
		if s != nil {
			stages = append(stages, s)
		}
		if err == nil && k.quiet {
			err = w.askToCancel(ctx, s)
		}
		if err == nil && subscribers > 0 {
			err = w.subscribe(ctx, s, k, result)
		}
		if err != nil {
			return nil, err
		}
	}
	if err := w.atRest(ctx, stages); err != nil {
		return nil, err
	}
	result.idle = stages[2].idle
	for round := range w.sizes.rounds + 1 {
		costs, err := w.round(ctx, k, stages)
		if err != nil {
			return nil, err
		}
		if round > 0 { // the first is to warm up
			result.none, result.one, result.all = append(result.none, costs[0]), append(result.one, costs[1]), append(result.all, costs[2])
		}
	}
	result.peak = peakMemory(stages[2].gateway.cmd.Process.Pid)
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

// atRest measures what each server does by itself, in a round's time without events.
func (w *streamWorld) atRest(ctx context.Context, stages []*streamStage) error {
	before, err := cpuOfAll(stages)
	if err != nil {
		return err
	}
	pause(ctx, w.sizes.round)
	after, err := cpuOfAll(stages)
	for i, s := range stages {
		s.idle = float64(after[i]-before[i]) / float64(w.sizes.round)
	}
	return errors.Join(err, ctx.Err())
}

// round makes events on all servers, one after the other and at an even rate, and returns
// each server's time for an event, in µs, less what it does by itself meanwhile.
func (w *streamWorld) round(ctx context.Context, k streamKind, stages []*streamStage) ([]float64, error) {
	before, err := cpuOfAll(stages)
	if err != nil {
		return nil, err
	}
	began, made := time.Now(), 0
	for ; made < w.sizes.events && time.Since(began) < w.sizes.round; made++ {
		for _, s := range stages {
			if err := w.event(ctx, k, s); err != nil {
				return nil, err
			}
		}
		pause(ctx, time.Until(began.Add(w.sizes.round*time.Duration(made+1)/time.Duration(w.sizes.events))))
	}
	for _, s := range stages {
		if s.audience == nil {
			continue
		}
		if _, err := s.audience.ask("await %d", s.delivered); err != nil {
			return nil, err
		}
	}
	after, err := cpuOfAll(stages)
	if err != nil {
		return nil, err
	}
	took, costs := float64(time.Since(began)), make([]float64, len(stages))
	for i, s := range stages {
		costs[i] = (float64(after[i]-before[i]) - s.idle*took) / 1000 / float64(made)
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

// event makes one event, for which one of the subscribers is told unless the kind is quiet.
func (w *streamWorld) event(ctx context.Context, k streamKind, s *streamStage) error {
	if k.quiet {
		id := s.open[0]
		s.open = s.open[1:]
		return s.gateway.do(ctx, `mutation ($in: CancelAccessRequestInput!) { cancelAccessRequest(input: $in) { userErrors { message } } }`,
			map[string]any{"in": map[string]any{"requestId": id}}, nil)
	}
	w.asked++
	whom, as := 0, s.gateway
	if s.subscribers != 1 {
		whom = w.asked * 7919 % w.sizes.subscribers // a prime: all over
	}
	if !k.admins {
		as = s.gateway.as(w.people.members[whom])
	}
	if s.audience != nil {
		s.delivered++
	}
	_, err := w.catalog.create(ctx, as, whom)
	return err
}

func (s *streamStage) close() error {
	var err error
	if s.audience != nil {
		err = s.audience.stop()
	}
	return errors.Join(err, s.gateway.stop())
}

// costs are what an event costs with one and with all subscribers, beyond the mutation,
// as medians of the rounds, and how many times the one is the other; 0 where what one
// subscriber costs is lost in the noise of the mutations.
func (s *streamResult) costs() (one, all, times float64) {
	ones, alls := make([]float64, len(s.none)), make([]float64, len(s.none))
	for i, none := range s.none {
		ones[i], alls[i] = s.one[i]-none, s.all[i]-none
	}
	one, all = middle(ones), middle(alls)
	if one > 0 {
		times = max(all, 0) / one
	}
	return one, all, times
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
		"An event is a mutation with a commit of its own, up to %d in a round of %s; its cost is the server's CPU, less what it does by itself in that time (it pings each connection), less that of the same mutation on a server without subscribers. The servers with none, one and all take turns with every event; figures are medians of %d rounds.",
		n, sizes.events, sizes.round, sizes.rounds)
	for i, k := range streamKinds() {
		r.note("Each follows %s; events: %s.", k.name, k.events)
		head := []string{"each follows " + k.name, "the mutation", "CPU of an event, one subscriber", "all", "grows by", "by itself", "resident, all connected", "all subscribed", "at most", "for each connection", "for each stream"}
		rows := make([][]string, 0, len(products)+1)
		for j, p := range products {
			rows = append(rows, append([]string{p.name}, results[i][j].cells(n)...))
		}
		r.table(head, rows)
		if len(products) > 1 {
			_, this, _ := results[i][0].costs()
			_, other, _ := results[i][1].costs()
			r.note("With all subscribed, an event costs %s %.0f × as much.", products[1].name, other/max(this, 1))
		}
	}
	r.targets(streamTargets(n, results)...)
}

func (s *streamResult) cells(n int) []string {
	one, all, times := s.costs()
	return []string{
		microseconds(middle(s.none)), microseconds(one), microseconds(all), timesOrNoise(times), fmt.Sprintf("%.1f %% of a core", 100*s.idle),
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
