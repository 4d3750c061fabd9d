package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"procyon/access"
	"procyon/journal"
	"procyon/store/sqlite"
)

// benchJournal compares appends of many clients at once with those of one, in
// turn, on the same file.
func benchJournal(ctx context.Context, r *report) error {
	rounds, each := 9, 3*time.Second
	if r.quick {
		rounds, each = 3, time.Second
	}
	latency, err := syncLatency(r.dir, 1000)
	if err != nil {
		return err
	}
	store, err := sqlite.Open(ctx, filepath.Join(r.dir, "journal", "procyon.db"))
	if err != nil {
		return err
	}
	j, err := journal.Open(ctx, store, journal.Options{})
	if err != nil {
		return errors.Join(err, store.Close())
	}
	running, stop := context.WithCancel(ctx)
	ended := make(chan error, 1)
	go func() { ended <- j.Run(running) }()
	rates, err := appendInTurn(ctx, j, rounds, each)
	stop()
	if err := errors.Join(err, <-ended, store.Close()); err != nil {
		return err
	}
	writeJournal(r, rates, latency, each)
	return nil
}

// clients are how many append at once.
func clients() []int { return []int{1, 8, 64, 256} }

// appendInTurn measures appends a second: for each round, with each number of clients.
func appendInTurn(ctx context.Context, j *journal.Journal, rounds int, each time.Duration) ([][]float64, error) {
	next := &atomic.Int64{}
	rates := make([][]float64, rounds)
	for n := range rounds + 1 {
		for _, c := range clients() {
			rate, err := appends(ctx, j, next, c, each)
			if err != nil {
				return nil, err
			}
			if n > 0 { // the first is to warm up
				rates[n-1] = append(rates[n-1], rate)
			}
		}
	}
	return rates, nil
}

// appends lets so many clients append requests for a while, each waiting for its
// own to be durable, and returns how many they were a second.
func appends(ctx context.Context, j *journal.Journal, next *atomic.Int64, clients int, d time.Duration) (float64, error) {
	var done atomic.Int64
	failed := make([]error, clients)
	began := time.Now()
	var group sync.WaitGroup
	for c := range clients {
		group.Go(func() {
			for time.Since(began) < d && failed[c] == nil {
				change, err := newRequestChange(int(next.Add(1)))
				if err == nil {
					_, err = j.Append(ctx, change)
				}
				failed[c] = err
				done.Add(1)
			}
		})
	}
	group.Wait()
	return float64(done.Load()) / time.Since(began).Seconds(), errors.Join(firstFew(failed)...)
}

// newRequestChange is what asking for access appends.
func newRequestChange(n int) (access.Change, error) {
	now := time.Now().UTC().Truncate(time.Microsecond)
	who := access.Person{ID: fmt.Sprintf("usr_%032x", n%200), Name: "Dev Developer", Email: fmt.Sprintf("dev%d@example.com", n%200)}
	request := access.Request{
		ID: sequentialID(access.KindRequest, now, uint64(n)), Status: access.StatusPending, Requester: who,
		Items: []access.Item{{
			ResourceID: fmt.Sprintf("res_%032x", n%500), ResourceName: fmt.Sprintf("orders-db-%d", n%500), ResourceKind: access.ResourceDatabase,
			Role: "reader", AccountID: fmt.Sprintf("acc_%032x", n%20), AccountName: fmt.Sprintf("Production %d", n%20),
		}},
		Duration: 3600, Reason: "Look into the incident: orders are late", Ticket: fmt.Sprintf("OPS-%d", n),
		CreatedAt: now, UpdatedAt: now, DecideBy: now.Add(24 * time.Hour),
	}
	after, err := json.Marshal(&request)
	if err != nil {
		return access.Change{}, err
	}
	data, err := json.Marshal(map[string]any{"at": now, "request": json.RawMessage(after)})
	return access.Change{
		Subject: request.ID, Version: 1, At: now, Type: string(access.EventCreated), Data: data, After: after,
		Actor: access.Actor{Kind: access.ActorUser, ID: who.ID, Name: who.Name, Email: who.Email, Via: "api"},
	}, err
}

func writeJournal(r *report, rates [][]float64, latency time.Duration, each time.Duration) {
	column := func(i int, of func(row []float64) float64) []float64 {
		var out []float64
		for _, row := range rates {
			out = append(out, of(row))
		}
		slices.Sort(out)
		return out
	}
	var rows [][]string
	best, ratio64 := 0.0, 0.0
	for i, c := range clients() {
		rate := column(i, func(row []float64) float64 { return row[i] })
		ratio := column(i, func(row []float64) float64 { return row[i] / row[0] })
		middle := len(rates) / 2
		rows = append(rows, []string{
			fmt.Sprint(c), fmt.Sprintf("%.0f", rate[middle]), fmt.Sprintf("%.0f–%.0f", rate[0], rate[len(rate)-1]),
			fmt.Sprintf("%.1f ×", ratio[middle]), fmt.Sprintf("%.1f–%.1f ×", ratio[0], ratio[len(ratio)-1]),
		})
		if c == 64 {
			best, ratio64 = rate[middle], ratio[middle]
		}
	}
	r.note("Appends of access requests (entry, view and its six terms) to one SQLite file with `synchronous=FULL`, every client waiting until its own is durable. "+
		"The numbers of clients take turns of %s, %d rounds; medians, and the least and greatest. An fdatasync takes %s here (median of 1000).", each, len(rates), latency)
	r.table([]string{"clients", "appends a second", "range", "against one client", "range"}, rows)
	r.targets(
		target{"64 clients against one", "≥ 5 ×", fmt.Sprintf("%.1f ×", ratio64), ratio64 >= 5},
		target{"appends a second of 64 clients, where an fdatasync takes 0.3 ms", "≥ 5000", fmt.Sprintf("%.0f (at %s)", best, latency), best >= 5000},
	)
}
