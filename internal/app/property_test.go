package app

import (
	"context"
	"crypto/sha256"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"procyon/access"
)

// What must hold of decisions whatever happens in whatever order. People ask, change,
// decide, extend, give up and take away, in the API, the console and Slack, often on what
// they were shown some time ago, while resources, roles and people come and go. Then the
// whole journal is held against what each of them had before them: see judge.
//
// PROCYON_TEST_STEPS says how many steps there are, PROCYON_TEST_SEED what is drawn.

// propertySteps is how many steps are taken unless PROCYON_TEST_STEPS says otherwise.
func propertySteps() uint64 {
	if testing.Short() {
		return 4_000
	}
	return 20_000
}

// stepsAWorld is how many steps one world lasts, in which they come one after the other.
const stepsAWorld = 2_000

// setting reads a number from the environment.
func setting(t *testing.T, name string, otherwise uint64) uint64 {
	t.Helper()
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

// TestDecisionsInAnyOrder takes one step after the other, drawn from a seed that it
// prints: the same seed takes the same steps. Within a step there are pauses between what
// a command read and what it commits, and after what it commits first, in which others
// act. There are several worlds, each with a seed of its own.
func TestDecisionsInAnyOrder(t *testing.T) {
	seed := setting(t, "PROCYON_TEST_SEED", rand.Uint64()>>32)
	steps := setting(t, "PROCYON_TEST_STEPS", propertySteps()) * 9 / 10
	var all tally
	t.Run("worlds", func(t *testing.T) {
		for n := range max(1, steps/stepsAWorld) {
			t.Run(fmt.Sprintf("seed=%d", seed+n), func(t *testing.T) {
				t.Parallel()
				w := newWorld(t, 1, seed+n)
				defer func() {
					if t.Failed() {
						t.Logf("the same again: PROCYON_TEST_SEED=%d PROCYON_TEST_STEPS=%d go test -run TestDecisionsInAnyOrder .", seed+n, min(steps, stepsAWorld)*10/9+1)
					}
				}()
				rng := w.people[0].rng
				for w.tally.total() < min(stepsAWorld, int(steps)) && !t.Failed() {
					w.stepWithPauses(w.people[rng.IntN(len(w.people))])
				}
				w.judge()
				t.Logf("%d entries, all that happened: %s", w.head(), w.digest())
				all.take(&w.tally)
			})
		}
	})
	t.Logf("PROCYON_TEST_SEED=%d, %s", seed, &all)
	all.check(t)
}

// digest stands for all that happened to requests, in order.
func (w *world) digest() string {
	sum := sha256.New()
	for _, d := range w.acts {
		fmt.Fprintln(sum, d.kind, d.place, d.who, d.request, d.came, d.to)
	}
	return fmt.Sprintf("%x", sum.Sum(nil)[:8])
}

// stepWithPauses takes a step of somebody's, often with something of others in the
// middle of it; then, sooner or later, time is kept.
func (w *world) stepWithPauses(a *actor) {
	s := w.servers[0]
	often, before, after := a.rng.IntN(4) == 0, a.rng.IntN(2) > 0, a.rng.IntN(3) > 0
	s.pauses.set(&pause{
		fits: func(c access.Change) bool {
			switch access.KindOf(c.Subject) {
			case access.KindUser, access.KindResource:
				return true
			case access.KindRequest:
				return often && (c.Actor.ID == a.ID || c.Type == string(access.EventActivated))
			}
			return false
		},
		before: func(c access.Change) { w.meanwhile(a, c, before) },
		after:  func(c access.Change) { w.meanwhile(a, c, after) },
	})
	a.note(w.step(a))
	s.pauses.set(nil)
	if a.rng.IntN(3) > 0 {
		w.takeSteps()
	}
}

// meanwhile is what others do in the middle of a step of somebody's: most often
// something to a request that the step concerns.
func (w *world) meanwhile(a *actor, c access.Change, really bool) {
	if !really {
		return
	}
	id := w.someRequest(a.rng, func(r *access.Request) bool {
		if access.KindOf(c.Subject) != access.KindRequest && !r.Waits() && a.rng.IntN(3) > 0 {
			return false
		}
		return r.ID == c.Subject || r.Requester.ID == c.Subject || slices.ContainsFunc(r.Items, func(i access.Item) bool { return i.ResourceID == c.Subject })
	})
	other := w.people[a.rng.IntN(len(w.people))]
	for other == a {
		other = w.people[a.rng.IntN(len(w.people))]
	}
	if id == "" {
		w.step(other)
		return
	}
	r := w.request(id)
	if access.KindOf(c.Subject) != access.KindRequest && a.rng.IntN(3) > 0 {
		w.useWhatGoes(a, r)
		return
	}
	w.interfere(a, other, w.person(r.Requester.ID), r)
}

// useWhatGoes approves, begins or extends a request of which something is going at this
// moment.
func (w *world) useWhatGoes(a *actor, r *access.Request) {
	for _, p := range w.people[:3] {
		if p == a || p.ID == r.Requester.ID || !r.Waits() {
			continue
		}
		if v := w.lookByAPI(p, "API", r.ID); v != nil {
			if d := w.reviewByAPI(p, v, "approve"); !strings.HasPrefix(d.came, "FORBIDDEN") {
				return
			}
		}
	}
	w.minutes.Add(int64(a.rng.IntN(30)))
	w.takeSteps()
	if p := w.person(r.Requester.ID); p != a {
		w.extend(p, r.ID)
	}
}

// interfere does something to a request that somebody else is changing.
func (w *world) interfere(a, other, requester *actor, r *access.Request) {
	switch n := a.rng.IntN(16); {
	case n == 0:
		w.disable(other, requester)
	case n > 13:
		w.cutOff(other, r.ID)
	case n == 1:
		w.disable(other, a)
	case n < 4 && requester != a:
		w.edit(requester, r.ID)
	case n == 4 && requester != a:
		w.change(requester, "API", "cancel", "cancelAccessRequest", r.ID, map[string]any{"requestId": r.ID})
	case n == 5 && requester != a:
		w.extend(requester, r.ID)
	case n < 9:
		if v := w.lookByAPI(other, "API", r.ID); v != nil {
			w.reviewByAPI(other, v, []string{"approve", "approve shorter", "deny"}[a.rng.IntN(3)])
		}
	case n == 9:
		if t := w.thingOf(r); t != nil {
			w.setRoles(other, t, a.rng.IntN(3), true)
		}
	case n == 10:
		if t := w.thingOf(r); t != nil {
			w.removeThing(other, t, true)
		}
	case n == 11:
		w.takeSteps()
	case n == 12:
		w.setAdmin(other)
	default:
		w.step(other)
	}
}

// person finds somebody by ID; nil where there is nobody.
func (w *world) person(id string) *actor {
	for _, a := range w.people {
		if a.ID == id {
			return a
		}
	}
	return nil
}

// thingOf is the first resource that a request names; nil where that is deleted.
func (w *world) thingOf(r *access.Request) *thing {
	w.known.mu.Lock()
	defer w.known.mu.Unlock()
	for _, t := range w.known.resources {
		if t.id == r.Items[0].ResourceID {
			return t
		}
	}
	return nil
}

// TestDecisionsAtOnce has everybody act at once, on two servers over one store, with the
// bot's messages in Slack. The seed draws what they do, not when.
func TestDecisionsAtOnce(t *testing.T) {
	seed := setting(t, "PROCYON_TEST_SEED", rand.Uint64()>>32)
	steps := setting(t, "PROCYON_TEST_STEPS", propertySteps()) / 10
	var all tally
	for n := range max(1, steps/stepsAtOnce) {
		t.Run(fmt.Sprintf("seed=%d", seed+n), func(t *testing.T) {
			w := newWorld(t, 2, seed+n)
			stop := w.runBot()
			var wait sync.WaitGroup
			for i, a := range w.people {
				a.rng = rand.New(rand.NewPCG(seed+n, uint64(i+1)))
				wait.Go(func() {
					for w.tally.total() < min(stepsAtOnce, int(steps)) && !t.Failed() {
						a.note(w.stepAtOnce(a))
					}
				})
			}
			wait.Wait()
			stop()
			w.judge()
			all.take(&w.tally)
		})
	}
	t.Logf("PROCYON_TEST_SEED=%d, %s", seed, &all)
}

// stepsAtOnce is how many steps one world lasts in which they are taken at once.
const stepsAtOnce = 2_000

// stepAtOnce is a step while others take theirs; now and then it is sent twice at once.
func (w *world) stepAtOnce(a *actor) *act {
	d := w.step(a)
	if d != nil && d.again != nil && d.place == "API" && a.rng.IntN(10) == 0 {
		var wait sync.WaitGroup
		for range 2 {
			twin := &actor{User: a.User, rng: rand.New(rand.NewPCG(a.rng.Uint64(), 0)), old: a.old}
			wait.Go(func() { d.again(twin) })
		}
		wait.Wait()
	}
	return d
}

// runBot runs the bot of the server that Slack calls, which keeps its messages up to
// date, until stop is called.
func (w *world) runBot() (stop func()) {
	ctx, cancel := context.WithCancel(w.ctx)
	ended := make(chan error, 1)
	bot := w.servers[len(w.servers)-1].bot
	go func() { ended <- bot.Run(ctx) }()
	return func() {
		cancel()
		w.must(<-ended)
	}
}
