package main

import (
	"fmt"
	"math"
	"slices"
	"time"
)

// subscriptionResult is what was measured with one number of subscribers.
type subscriptionResult struct {
	subscribers int
	stages      []*stage
}

func (r *subscriptionResult) stage(name string) *stage {
	i := slices.IndexFunc(r.stages, func(s *stage) bool { return s.name == name })
	return r.stages[i]
}

// sameBytes fails unless all kinds have sent as much: what is compared must be
// the same work. The real binary's events are its own.
func (r *subscriptionResult) sameBytes() error {
	want, err := r.stages[0].bytes()
	if err != nil {
		return err
	}
	for _, s := range r.stages[1:] {
		if s.product != nil {
			continue
		}
		got, err := s.bytes()
		if err != nil {
			return err
		}
		if math.Abs(got-want) > want*0.03 {
			return fmt.Errorf("%s sends %.0f bytes for each delivery, %s %.0f", s.name, got, r.stages[0].name, want)
		}
	}
	return nil
}

func (r *subscriptionResult) write(out *report) {
	ours := r.stage(kindShared)
	var rows [][]string
	for _, s := range r.stages {
		row := []string{s.about}
		for _, burst := range bursts() {
			us := s.cpu(burst)
			row = append(row,
				fmt.Sprintf("%.2f µs", us), fmt.Sprintf("%.1f ×", s.times(ours, burst)),
				s.latency(burst).Round(100*time.Microsecond).String())
		}
		rows = append(rows, row)
	}
	out.note("%d subscribers: server CPU for each delivery.", r.subscribers)
	out.table([]string{"", "single events", "of Procyon's", "all have it", "bursts of 10", "of Procyon's", "all have it"}, rows)
	rows = nil
	for _, s := range r.stages {
		m := s.perSubscriber()
		if s.product != nil {
			rows = append(rows, []string{s.about, kilobytes(m.resident), "", "", ""})
			continue
		}
		rows = append(rows, []string{s.about, kilobytes(m.resident), kilobytes(m.heap + m.stacks), kilobytes(m.heap), kilobytes(m.stacks)})
	}
	out.note("%d subscribers: memory of the server for each that is idle.", r.subscribers)
	out.table([]string{"", "resident", "heap and stacks", "heap", "stacks"}, rows)
}

// perSubscriber is the memory that an idle subscriber adds.
func (s *stage) perSubscriber() footprint {
	n := int64(s.subscribers)
	return footprint{
		resident: (s.idle.resident - s.empty.resident) / n,
		heap:     (s.idle.heap - s.empty.heap) / n,
		stacks:   (s.idle.stacks - s.empty.stacks) / n,
	}
}

func kilobytes(n int64) string { return fmt.Sprintf("%.1f KB", float64(n)/1000) }

func writeSubscriptionTargets(out *report, results []subscriptionResult) {
	var list []target
	for _, r := range results {
		ours, prepared, gqlgen := r.stage(kindShared), r.stage(kindPrepared), r.stage(kindGqlgen)
		ratio := func(what string, other *stage, burst int, wanted float64, words string) {
			got := other.times(ours, burst)
			list = append(list, target{fmt.Sprintf("%d subscribers, %s", r.subscribers, what), words, fmt.Sprintf("%.2f ×", got), got >= wanted})
		}
		ratio("single events: raw, prepared, to Procyon", prepared, 1, 0.95, "1 ×, within 5 %")
		ratio("bursts of 10: raw, prepared, to Procyon", prepared, 10, 3, "3 ×")
		ratio("bursts of 10: gqlgen to Procyon", gqlgen, 10, 20, "20 ×")
		served := r.stage(fmt.Sprint(kindServed, 0))
		for _, burst := range bursts() {
			got := served.times(ours, burst)
			list = append(list, target{fmt.Sprintf("%d subscribers, bursts of %d: the real binary to the small schema", r.subscribers, burst), "1.3 × at most", fmt.Sprintf("%.2f ×", got), got <= 1.3})
		}
		idle := ours.perSubscriber().resident
		list = append(list, target{fmt.Sprintf("%d subscribers, resident memory of each", r.subscribers), "under 30 KB", kilobytes(idle), idle < 30_000})
	}
	out.targets(list...)
}
