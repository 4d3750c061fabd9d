package e2e

import (
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// The promise: what is acknowledged is not lost, whatever is killed whenever; each
// owed message arrives; and a kill repeats at most the one message that was in
// flight to each integration.
func TestKill(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	if s := os.Getenv("PROCYON_TEST_SEED"); s != "" {
		seed, _ = strconv.ParseUint(s, 10, 64)
	}
	t.Logf("PROCYON_TEST_SEED=%d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	rounds := 20
	if testing.Short() {
		rounds = 3
	}
	b := newBed(t, "sqlite:"+t.TempDir()+"/procyon.db")
	g := b.serve("none")
	b.people(g)
	const integrations = 3
	resources := b.linked(integrations)
	start := b.notifier(g)
	n := start()
	b.hears("k0") // a new notifier begins with what happens from now on

	acked := newAcked()
	stop := make(chan struct{})
	var all sync.WaitGroup
	for w := range 4 {
		all.Go(func() { ask(b, resources, w, stop, acked) })
	}
	for range rounds {
		time.Sleep(time.Duration(50+random.IntN(500)) * time.Millisecond) // the random point of the kill
		if random.IntN(2) == 0 {
			g.kill()
			g.again()
		} else {
			n.kill()
			n = start()
		}
	}
	close(stop)
	all.Wait()
	if len(acked.reasons) < rounds {
		t.Fatalf("only %d requests were acknowledged: there was no load", len(acked.reasons))
	}
	b.hooks.wait(t, "what is owed", func() bool { return acked.missing(b) == "" })
	n.stop()
	g.stop()
	checkArrived(t, b, integrations, rounds)
	if out := b.must("journal", "verify"); !strings.Contains(out, "whole") {
		t.Error(out)
	}
	t.Logf("%d requests were acknowledged", len(acked.reasons))
}

// acked is what the gateway acknowledged: the integration by reason.
type acked struct {
	mu      sync.Mutex
	reasons map[string]int
}

func newAcked() *acked { return &acked{reasons: map[string]int{}} }

// missing is a reason that did not arrive where it should, or "".
func (a *acked) missing(b *bed) string {
	arrived := map[string]bool{}
	for i := range 10 {
		name := fmt.Sprint("k", i)
		for _, text := range b.hooks.texts(name) {
			arrived[name+" "+reasonOf(text)] = true
		}
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	for reason, i := range a.reasons {
		if !arrived[fmt.Sprint("k", i)+" "+reason] {
			return reason
		}
	}
	return ""
}

// reasonOf finds a message's reason.
func reasonOf(text string) string {
	_, rest, _ := strings.Cut(text, "Reason: ")
	reason, _, _ := strings.Cut(rest, "\n")
	return reason
}

// linked makes accounts, each with a resource and an integration of its own.
func (b *bed) linked(n int) []string {
	b.t.Helper()
	var out []string
	b.integrations = map[string]string{}
	for i := range n {
		name := fmt.Sprint("k", i)
		account := b.made("createAccount", "account", map[string]any{"name": name, "provider": "AWS", "externalId": "1"})
		out = append(out, b.made("createResource", "resource", map[string]any{"name": name, "kind": "DATABASE", "accountId": account}))
		integration := b.made("createIntegration", "integration", map[string]any{"name": name, "webhookUrl": b.hooks.url(name)})
		b.integrations[name] = integration
		err := mutate(b.t.Context(), b.admin, "setIntegrationAccounts", map[string]any{"integrationId": integration, "accountIds": []string{account}}, "integration { id }", nil)
		if err != nil {
			b.t.Fatal(err)
		}
	}
	return out
}

// hears waits until a notifier works, which a test message shows.
func (b *bed) hears(name string) {
	b.t.Helper()
	before := len(b.hooks.texts(name))
	if err := mutate(b.t.Context(), b.admin, "testIntegration", map[string]any{"integrationId": b.integrations[name]}, "delivery { id }", nil); err != nil {
		b.t.Fatal(err)
	}
	b.hooks.wait(b.t, "the test message", func() bool { return len(b.hooks.texts(name)) > before })
}

// ask asks for one thing after the other, until it is told to stop.
func ask(b *bed, resources []string, worker int, stop <-chan struct{}, a *acked) {
	for n := 0; ; n++ {
		select {
		case <-stop:
			return
		case <-time.After(5 * time.Millisecond):
		}
		i, reason := n%len(resources), fmt.Sprintf("reason-%d-%d.", worker, n)
		if _, err := b.ask(resources[i], reason); err != nil {
			continue // not acknowledged: nothing is promised
		}
		a.mu.Lock()
		a.reasons[reason] = i
		a.mu.Unlock()
	}
}

// checkArrived looks for repeats, and for messages out of order: what one worker
// asked for one integration arrives in the order of asking.
func checkArrived(t *testing.T, b *bed, integrations, kills int) {
	t.Helper()
	repeats := 0
	for i := range integrations {
		name := fmt.Sprint("k", i)
		seen, newest := map[string]bool{}, map[string]int{}
		for _, text := range b.hooks.texts(name) {
			reason := reasonOf(text)
			if reason == "" {
				continue // a test message
			}
			if seen[reason] {
				repeats++
				continue
			}
			seen[reason] = true
			var worker, n int
			if _, err := fmt.Sscanf(reason, "reason-%d-%d.", &worker, &n); err != nil {
				t.Fatalf("%q: %v", reason, err)
			}
			if key := fmt.Sprint(worker); n < newest[key] {
				t.Errorf("%s: %d of worker %d came after %d", name, n, worker, newest[key])
			} else {
				newest[key] = n
			}
		}
	}
	if repeats > kills*integrations {
		t.Errorf("%d repeats for %d kills", repeats, kills)
	}
	t.Logf("%d repeats for %d kills with %d integrations", repeats, kills, integrations)
}
