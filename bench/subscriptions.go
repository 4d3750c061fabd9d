package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"time"
)

// The ways to serve subscribers that are compared.
const (
	kindShared   = "procyon"
	kindPrepared = "raw-prepared"
	kindQueued   = "raw-prepared-queued"
	kindPlainRaw = "raw"
	kindGqlgen   = "gqlgen"
	kindServed   = "serve" // and a number
)

// subscriptionKind is how a kind is measured.
type subscriptionKind struct {
	name, about string
	weight      int      // rounds to measure at a time, as a multiple: cheap ones need more
	product     *product // the real binary that it is; nil: a kind of roleServer
}

func subscriptionKinds() []subscriptionKind {
	return []subscriptionKind{
		{kindShared, "Procyon: graph/transport and graph/fanout", 4, nil},
		{kindPrepared, "raw broadcaster, prepared messages", 4, nil},
		{kindQueued, "the same, a goroutine and a queue for each", 4, nil},
		{kindPlainRaw, "raw broadcaster", 4, nil},
		{kindGqlgen, "gqlgen as it comes", 1, nil},
	}
}

func benchSubscriptions(ctx context.Context, r *report) error {
	ctx, cancel := context.WithTimeout(ctx, 20*time.Minute)
	defer cancel()
	r.note("Every subscriber has the same operation of ten fields over a WebSocket of its own. Each kind's server is a process of its own " +
		"with one core (GOMAXPROCS=1), and its subscribers are another, which polls, so that waking it is not charged to the server. The kinds are measured in turn, again and again; the figures are medians, also of the ratios. " +
		"“All have it” is from publishing until the last subscriber has received the last event. " +
		"`procyon serve` has real rights, SQLite, and subscribers with a token each, who are administrators; an event is a mutation, with a commit of its own, and of a burst all are asked at once. " +
		"What as many mutations cost a twin to which nobody has subscribed, measured in turn, is taken off. Of it resident memory has garbage in it, which is collected from the others first.")
	sizes, samples := []int{1000, 5000}, 7
	if r.quick {
		sizes, samples = sizes[:1], 3
	}
	var results []subscriptionResult
	for _, size := range sizes {
		r.progress("%d subscribers", size)
		result, err := compareKinds(ctx, r, size, samples)
		if err != nil {
			return err
		}
		result.write(r)
		results = append(results, result)
	}
	writeSubscriptionTargets(r, results)
	return nil
}

// bursts are how many events are published at once.
func bursts() []int { return []int{1, 10} }

// stage is one kind with its subscribers.
type stage struct {
	subscriptionKind
	subscribers      int
	server, audience *process
	twin             *process // a real binary without subscribers
	delivered        int
	empty, idle      footprint
	samples          map[int][]sample // by burst
}

// sample is one measurement.
type sample struct {
	cpu     float64 // µs of the server for each delivery
	latency time.Duration
}

// compareKinds measures all kinds with so many subscribers.
func compareKinds(ctx context.Context, r *report, subscribers, samples int) (subscriptionResult, error) {
	result := subscriptionResult{subscribers: subscribers}
	err := measureStages(ctx, r, &result, samples)
	for _, s := range result.stages {
		err = errors.Join(err, s.close())
	}
	return result, err
}

func measureStages(ctx context.Context, r *report, result *subscriptionResult, samples int) error {
	served, err := servedKinds(ctx, r)
	if err != nil {
		return err
	}
	people, err := newCrowd(ctx, filepath.Join(r.dir, fmt.Sprintf("subscribers-%d", result.subscribers)), result.subscribers, 0)
	if err != nil {
		return err
	}
	for _, k := range slices.Concat(subscriptionKinds(), served) {
		s := &stage{subscriptionKind: k, subscribers: result.subscribers, samples: map[int][]sample{}}
		result.stages = append(result.stages, s)
		if err := s.open(ctx, r.dir, people); err != nil {
			return fmt.Errorf("%s: %w", k.name, err)
		}
	}
	for i := range samples + 1 {
		for _, burst := range bursts() {
			for _, s := range result.stages {
				if err := s.sample(burst, i == 0, r.profile); err != nil {
					return fmt.Errorf("%s: %w", s.name, err)
				}
			}
		}
	}
	return result.sameBytes()
}

// open starts both processes and waits until all have subscribed.
func (s *stage) open(ctx context.Context, dir string, people *crowd) (err error) {
	if s.product != nil {
		return s.openServed(ctx, dir, people)
	}
	if s.server, err = startRole(ctx, roleServer, []string{"GOMAXPROCS=1"}, s.name); err != nil {
		return err
	}
	addr, err := s.server.ask("")
	if err != nil {
		return err
	}
	if s.empty, err = s.footprint(); err != nil {
		return err
	}
	f := following{Address: addr, Path: "/", Query: subscriptionQuery, Each: make([]follower, s.subscribers)}
	if s.audience, err = f.startAudience(ctx, dir); err != nil {
		return err
	}
	if _, err := s.audience.ask("subscribe"); err != nil {
		return err
	}
	for range 1000 {
		var n int
		if err := s.server.askNumbers("subscribed", &n); err != nil {
			return err
		}
		if n == s.subscribers {
			s.idle, err = s.footprint()
			return err
		}
		time.Sleep(10 * time.Millisecond)
	}
	return errors.New("not all have subscribed within 10 s")
}

func (s *stage) footprint() (f footprint, err error) {
	return f, s.server.askNumbers("memory", &f.resident, &f.heap, &f.stacks)
}

// profiledMore is how many times more is measured where there is a profile to be made.
const profiledMore = 10

// sample publishes for a while. Warming up, it keeps no figures.
func (s *stage) sample(burst int, warmUp bool, profiles string) error {
	rounds := max(1, s.weight*20_000/s.subscribers)
	if burst > 1 {
		rounds = max(1, s.weight*50_000/s.subscribers/burst)
	}
	profile := func(_ *process, _ string, do func() error) error { return do() }
	if profiles != "" && !warmUp {
		rounds *= profiledMore
		profile = func(p *process, whose string, do func() error) error {
			name := fmt.Sprintf("%s-%d-%d-%d.pprof", whose, s.subscribers, burst, len(s.samples[burst]))
			return p.profiled(filepath.Join(profiles, name), do)
		}
	}
	if _, err := s.audience.ask("hurry"); err != nil {
		return err
	}
	var before, after int64
	if err := s.server.askNumbers("cpu", &before); err != nil {
		return err
	}
	began := time.Now()
	if err := profile(s.server, s.name, func() error { return s.publish(rounds, burst) }); err != nil {
		return err
	}
	took := time.Since(began)
	if err := s.server.askNumbers("cpu", &after); err != nil {
		return err
	}
	if _, err := s.audience.ask("rest"); err != nil {
		return err
	}
	var apart int64
	err := profile(s.twin, s.name+"-twin", func() (err error) {
		apart, err = s.apart(rounds, burst)
		return err
	})
	if err != nil || warmUp {
		return err
	}
	s.samples[burst] = append(s.samples[burst], sample{
		cpu: float64(after-before-apart) / float64(rounds*burst*s.subscribers), latency: took / time.Duration(rounds),
	})
	return nil
}

// publish has the server publish, and waits each time until all have it.
func (s *stage) publish(rounds, burst int) error {
	for range rounds {
		if _, err := s.server.ask("publish %d", burst); err != nil {
			return err
		}
		s.delivered += burst * s.subscribers
		if _, err := s.audience.ask("await %d", s.delivered); err != nil {
			return err
		}
	}
	return nil
}

// cpu is the median of µs for each delivery.
func (s *stage) cpu(burst int) float64 {
	return median(s.samples[burst], func(_ int, m sample) float64 { return m.cpu })
}

// latency is the median.
func (s *stage) latency(burst int) time.Duration {
	return time.Duration(median(s.samples[burst], func(_ int, m sample) float64 { return float64(m.latency) }))
}

// times is how many times other's processor time s takes: the median of the
// ratios of measurements that were made one after the other, which holds where
// the machine's speed drifts.
func (s *stage) times(other *stage, burst int) float64 {
	return median(s.samples[burst], func(i int, m sample) float64 { return m.cpu / other.samples[burst][i].cpu })
}

func median(list []sample, of func(i int, m sample) float64) float64 {
	values := make([]float64, 0, len(list))
	for i, m := range list {
		values = append(values, of(i, m))
	}
	slices.Sort(values)
	return values[len(values)/2]
}

// bytes is the mean size of a delivery as it came over the network.
func (s *stage) bytes() (float64, error) {
	var n float64
	err := s.audience.askNumbers("bytes", &n)
	return n / float64(s.delivered), err
}

func (s *stage) close() error {
	var err error
	for _, p := range []*process{s.audience, s.server, s.twin} {
		if p != nil {
			err = errors.Join(err, p.stop())
		}
	}
	return err
}
