package main

import (
	"fmt"
	"slices"
)

// streamResult is what one product comes to with one kind.
type streamResult struct {
	// µs of the server for an event with its mutation, by round; with one and with all subscribed.
	nobody, heard      [2][]float64 // one that concerns nobody, and one that concerns somebody; nobody is empty for quiet kinds
	empty              int64        // bytes resident with one subscriber, after as long a rest
	connected, settled int64        // with all connected, and then with all subscribed, at rest
	peak               float64      // MiB, all this included
}

// grows is how many times what it costs with one subscriber an event costs with all: medians
// of the rounds.
func (s *streamResult) grows() float64 { return middle(s.heard[1]) / middle(s.heard[0]) }

// middle is the median; 0 of nothing.
func middle(values []float64) float64 {
	if len(values) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(values))
	return sorted[len(sorted)/2]
}

// writeStreams writes results, which are by kind and product.
func writeStreams(r *report, sizes streamSizes, products []product, results [][]*streamResult) {
	n := sizes.subscribers
	r.note("%d people with a token, a WebSocket and a subscription of ten fields each, on a `procyon serve` with one core (GOMAXPROCS=1), SQLite and no workers. "+
		"An event is a mutation with a commit of its own, which is part of what it costs; %d in a round of %s at most. The servers with one and with all subscribed take turns with every event; figures are medians of %d rounds. "+
		"Memory is what is resident after %s of rest.",
		n, sizes.events, sizes.round, sizes.rounds, sizes.rest)
	for i, k := range streamKinds() {
		r.note("Each follows %s; events: %s.", k.name, k.events)
		head := []string{
			"each follows " + k.name, "an event that concerns nobody, one subscribed", "all", "one that concerns one of them, one subscribed", "all", "grows by",
			"resident, one subscribed", "all connected", "all subscribed", "at most", "for each connection", "for each stream", "both",
		}
		rows := make([][]string, 0, len(products)+1)
		for j, p := range products {
			rows = append(rows, append([]string{p.name}, results[i][j].cells(n)...))
		}
		r.table(head, rows)
		if len(products) > 1 {
			r.note("With all subscribed, an event costs %s %.1f × as much, with its mutation.", products[1].name, middle(results[i][1].heard[1])/middle(results[i][0].heard[1]))
		}
	}
	r.targets(streamTargets(n, results)...)
}

func (s *streamResult) cells(n int) []string {
	cells := make([]string, 0, 12)
	for _, list := range slices.Concat(s.nobody[:], s.heard[:]) {
		cells = append(cells, microsecondsOf(list))
	}
	return append(cells, fmt.Sprintf("%.1f ×", s.grows()), mib(s.empty), mib(s.connected), mib(s.settled), fmt.Sprintf("%.0f MiB", s.peak),
		kilobytes((s.connected-s.empty)/int64(n)), kilobytes((s.settled-s.connected)/int64(n)), kilobytes((s.settled-s.empty)/int64(n)))
}

func streamTargets(n int, results [][]*streamResult) []target {
	var list []target
	for i, k := range streamKinds() {
		s := results[i][0]
		stream, both := (s.settled-s.connected)/int64(n), (s.settled-s.empty)/int64(n)
		list = append(list,
			target{k.name + ": an event, to one subscriber's", "3 × at most", fmt.Sprintf("%.1f ×", s.grows()), s.grows() <= 3},
			target{k.name + ": a quiet stream", "8 KB at most", kilobytes(stream), stream <= 8000},
			target{k.name + ": with its connection", "23 KB at most", kilobytes(both), both <= 23_000},
		)
	}
	own := results[0][0].settled
	return append(list, target{fmt.Sprintf("%d of their own requests with the server", n), "350 MB at most", fmt.Sprintf("%.0f MB", float64(own)/1e6), own <= 350e6})
}

// microsecondsOf is the median of µs.
func microsecondsOf(values []float64) string {
	us := middle(values)
	switch {
	case len(values) == 0:
		return "–"
	case us >= 1000:
		return fmt.Sprintf("%.2f ms", us/1000)
	}
	return fmt.Sprintf("%.0f µs", us)
}

func mib(bytes int64) string { return fmt.Sprintf("%.0f MiB", float64(bytes)/(1<<20)) }
