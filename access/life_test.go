package access_test

import (
	"math/rand/v2"
	"os"
	"runtime"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// The whole life of requests, in random commands of many people, on two servers over one SQLite
// file: policies that are edited between, groups, owners and rights that change, clocks that jump
// and differ, crashes between an entry and its view, restarts. After each command everything that
// was committed is judged by the model (life_model_test.go and what is beside it), which is written
// from the words of the rules and shares no code with what it judges: states, times, who can
// decide, and what has to hold whatever happens:
//
//	(a) an approval, a start and an extension are what the rules say of the state just before
//	(b) other items, duration, start, reason and ticket never change what governs an item
//	(c) items asked together are decided as so many requests
//	(d) one guardrail more never allows more, longer, or by fewer
//	(e) to swap neighbouring policies that are for different people or things changes nothing
//	(f) each step of an approved item has its humans, disjoint, none of them a party
//	(g) to join two accounts into one human never brings anything on
//	(h) the directory or the clock alone never approve
//	(i) what is granted lies within what every reviewer who counts saw
//	(j) nothing that is refused starts or is extended
//	(l) nobody holds anything without a break for longer than allowed
//	(o) what was explained is what asking does, and rehearsing no change shows no difference
//
// PROCYON_TEST_STEPS says how many commands there are, PROCYON_TEST_SEED which.

// stepsALife is how many commands one world lasts.
const stepsALife = 500

func lifeNumber(t *testing.T, name string, otherwise uint64) uint64 {
	text := os.Getenv(name)
	if text == "" {
		return otherwise
	}
	n, err := strconv.ParseUint(text, 10, 64)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return n
}

// lifeSteps is how many commands there are unless PROCYON_TEST_STEPS says otherwise: with the race
// detector on fewer, for which make test runs it without that, too.
var lifeSteps uint64 = 20_000

// TestLife runs worlds until there were so many commands, as many worlds at once as there are
// processors. Each has a seed of its own.
func TestLife(t *testing.T) {
	steps := lifeNumber(t, "PROCYON_TEST_STEPS", lifeSteps)
	if testing.Short() {
		steps = min(steps, 1_000)
	}
	drawn := uint64(1) // so that what fails for one fails for all; longer runs draw theirs
	if steps > lifeSteps {
		drawn = rand.Uint64() >> 32
	}
	seed := lifeNumber(t, "PROCYON_TEST_SEED", drawn)
	t.Logf("PROCYON_TEST_SEED=%d PROCYON_TEST_STEPS=%d", seed, steps)
	var mu sync.Mutex
	tally, began, next := map[string]int{}, time.Now(), atomic.Uint64{}
	worlds := max(1, steps/stepsALife)
	t.Run("worlds", func(t *testing.T) {
		for range runtime.GOMAXPROCS(0) {
			t.Run("", func(t *testing.T) {
				t.Parallel()
				for n := next.Add(1) - 1; n < worlds && !t.Failed(); n = next.Add(1) - 1 {
					counted := runLife(t, seed+n, int(min(steps, stepsALife)))
					mu.Lock()
					for k, v := range counted {
						tally[k] += v
					}
					mu.Unlock()
					if done := (n + 1) * stepsALife; done%100_000 == 0 {
						t.Logf("%d commands after %s", done, time.Since(began).Round(time.Second))
					}
				}
			})
		}
	})
	t.Log(tally)
	for _, what := range []string{
		"APPROVED by nobody", "APPROVED by 1", "APPROVED by 2", "APPROVED by 3", "EXTENDED by nobody", "EXTENDED by 1", "of several items",
		"event POLICY_CHANGED", "event REVIEWED", "event DENIED", "event EXTENSION_DENIED", "event REVOKED", "event TIMED_OUT", "event UPDATED",
		"crash", "deciders", "rehearsed", "join", "leave", "delete", "group", "disable",
	} {
		if steps >= 20_000 && tally[what] == 0 && !t.Failed() {
			t.Errorf("%s: never", what)
		}
	}
}

// runLife runs one world, and counts what happened.
func runLife(t *testing.T, seed uint64, steps int) map[string]int {
	folder, err := os.MkdirTemp(t.TempDir(), "")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = os.RemoveAll(folder) }()
	l := newLife(t, seed, folder)
	defer l.close()
	for at := range steps {
		if l.step(); t.Failed() {
			l.last()
			t.Errorf("command %d of the world: to see it again, PROCYON_TEST_SEED=%d PROCYON_TEST_STEPS=%d go test ./access -run TestLife", at, seed, stepsALife)
			break
		}
	}
	return l.tally
}
