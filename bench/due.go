package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"procyon/access"
	"procyon/journal"
	"procyon/store/mongo"
	"procyon/store/sqlite"
)

// dueCount is how many requests are due at the same moment; with -mongodb, where a server may
// take long for each, dueCountThere.
const (
	dueCount      = 10_000
	dueCountThere = 1000
)

// benchDue compares the time that the schedule takes for many requests that are due at the
// same moment with the time in which clients append as many, on the same file.
func benchDue(ctx context.Context, r *report) error {
	rounds, count := 7, dueCount
	if r.mongodb != "" {
		rounds, count = 3, dueCountThere
	}
	if r.quick {
		rounds = 2
	}
	appended, taken := make([]time.Duration, rounds), make([]time.Duration, rounds)
	for n := range rounds {
		store, err := r.dueStore(ctx, n)
		if err != nil {
			return err
		}
		if appended[n], taken[n], err = dueRound(ctx, store, count); err != nil {
			return err
		}
		r.progress("round %d: %s and %s", n+1, appended[n], taken[n])
	}
	ratios := make([]float64, rounds)
	for n := range rounds {
		ratios[n] = taken[n].Seconds() / appended[n].Seconds()
	}
	for _, list := range [][]time.Duration{appended, taken} {
		slices.Sort(list)
	}
	slices.Sort(ratios)
	ratio := ratios[rounds/2]
	r.note("%d access requests, appended by 64 clients, each waiting until its own is durable; then all of them time out at once. Each of %d rounds has a store of its own, %s; medians, and the least and greatest.", count, rounds, r.dueStoreWords())
	spread := func(list []time.Duration) string {
		return fmt.Sprintf("%.2f–%.2f s", list[0].Seconds(), list[rounds-1].Seconds())
	}
	r.table([]string{"what", "time", "range"}, [][]string{
		{"appended", fmt.Sprintf("%.2f s", appended[rounds/2].Seconds()), spread(appended)},
		{"timed out", fmt.Sprintf("%.2f s", taken[rounds/2].Seconds()), spread(taken)},
		{"one against the other", fmt.Sprintf("%.2f ×", ratio), fmt.Sprintf("%.2f–%.2f ×", ratios[0], ratios[rounds-1])},
	})
	if r.mongodb != "" {
		return nil
	}
	r.targets(target{"10,000 requests due at once, against as many appends of 64 clients", "≤ 1.2 ×", fmt.Sprintf("%.2f ×", ratio), ratio <= 1.2})
	return nil
}

// dueStore opens the store of a round.
func (r *report) dueStore(ctx context.Context, round int) (journal.Store, error) {
	if r.mongodb == "" {
		return sqlite.Open(ctx, filepath.Join(r.dir, fmt.Sprint("due", round), "procyon.db"))
	}
	return mongo.Open(ctx, strings.TrimSuffix(r.mongodb, "/")+fmt.Sprintf("/bench%d_%d", time.Now().Unix(), round))
}

func (r *report) dueStoreWords() string {
	if r.mongodb == "" {
		return "a SQLite file with `synchronous=FULL`"
	}
	return "a database of a server of MongoDB's protocol"
}

// dueRound is one round, on a new store, which it closes.
func dueRound(ctx context.Context, store journal.Store, count int) (appended, taken time.Duration, err error) {
	j, err := journal.Open(ctx, store, journal.Options{})
	if err != nil {
		return 0, 0, errors.Join(err, store.Close())
	}
	running, stop := context.WithCancel(ctx)
	ended := make(chan error, 1)
	go func() { ended <- j.Run(running) }()
	defer func() {
		stop()
		err = errors.Join(err, <-ended, store.Close())
	}()
	changes := make([]access.Change, count)
	for n := range changes {
		if changes[n], err = newRequestChange(n); err != nil {
			return 0, 0, err
		}
	}
	if appended, err = appendAll(ctx, j, changes, 64); err != nil {
		return 0, 0, err
	}
	subjects := access.NewSubjects(j, store, access.SubjectOptions{
		Kinds: access.NewKinds(access.OwnKinds()), Now: func() time.Time { return time.Now().Add(48 * time.Hour) },
		NewID: func() string { return "" }, DeriveID: access.DeriveID,
	})
	schedule := access.NewSchedule(access.New(subjects, access.Options{}))
	for i := range changes {
		if err := schedule.Observe(changes[i].Subject, changes[i].After); err != nil {
			return 0, 0, err
		}
	}
	began := time.Now()
	if err := schedule.Advance(ctx); err != nil {
		return 0, 0, err
	}
	taken = time.Since(began)
	if got := j.Head(); got != 2*uint64(count) {
		return 0, 0, fmt.Errorf("the journal has %d entries; want %d", got, 2*count)
	}
	return appended, taken, nil
}

// appendAll lets clients append changes, each the next one once its last is durable, and
// returns how long that took.
func appendAll(ctx context.Context, j *journal.Journal, changes []access.Change, clients int) (time.Duration, error) {
	var next atomic.Int64
	failed := make([]error, clients)
	began := time.Now()
	var group sync.WaitGroup
	for c := range clients {
		group.Go(func() {
			for failed[c] == nil {
				n := int(next.Add(1)) - 1
				if n >= len(changes) {
					return
				}
				_, failed[c] = j.Append(ctx, changes[n])
			}
		})
	}
	group.Wait()
	return time.Since(began), errors.Join(firstFew(failed)...)
}
