package main

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"sync"
	"time"
)

// latencies are how long calls took, sorted.
type latencies []time.Duration

// at is the least latency that so much of all (0 to 1) don't exceed.
func (l latencies) at(part float64) time.Duration {
	if len(l) == 0 {
		return 0
	}
	return l[min(int(math.Ceil(part*float64(len(l))))-1, len(l)-1)]
}

// cells are the p50, p99 and maximum.
func (l latencies) cells() []string {
	return []string{milliseconds(l.at(0.5)), milliseconds(l.at(0.99)), milliseconds(l.at(1))}
}

func milliseconds(d time.Duration) string {
	return fmt.Sprintf("%.2f ms", float64(d)/float64(time.Millisecond))
}

// openLoop calls n times at a fixed rate a second from began on, each call at its planned
// moment, whether or not earlier ones have ended. What it returns counts from the
// planned moments, so that a stall counts for everybody who met it.
func openLoop(ctx context.Context, began time.Time, rate, n int, call func(ctx context.Context, i int) error) (latencies, error) {
	took, failed := make(latencies, n), make([]error, n)
	var running sync.WaitGroup
	for i := range n {
		planned := plannedAt(began, rate, i)
		if wait := time.Until(planned); wait > 0 {
			time.Sleep(wait)
		}
		if ctx.Err() != nil {
			running.Wait()
			return nil, ctx.Err()
		}
		running.Go(func() {
			failed[i] = call(ctx, i)
			took[i] = time.Since(planned)
		})
	}
	running.Wait()
	slices.Sort(took)
	return took, errors.Join(firstFew(failed)...)
}

// plannedAt is the moment of the i-th call.
func plannedAt(began time.Time, rate, i int) time.Time {
	return began.Add(time.Duration(i) * time.Second / time.Duration(rate))
}

// inTurn calls n times, one after the other.
func inTurn(ctx context.Context, n int, call func(ctx context.Context, i int) error) (latencies, error) {
	took := make(latencies, n)
	for i := range n {
		began := time.Now()
		if err := call(ctx, i); err != nil {
			return nil, err
		}
		took[i] = time.Since(began)
	}
	slices.Sort(took)
	return took, nil
}

// firstFew keeps as many errors as one wants to read.
func firstFew(all []error) []error {
	var few []error
	for _, err := range all {
		if err != nil && len(few) < 3 {
			few = append(few, err)
		}
	}
	return few
}
