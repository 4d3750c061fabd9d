package e2e

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"procyon/client"
)

// The promise: whatever is killed whenever, what is acknowledged is not lost, and
// each owed message arrives: new requests in order, and what happened to one after it, but
// before other new ones. Repeats are bound by this: whenever a notifier begins, at most one
// message to each integration is to be repeated, the last one that arrived, which was not
// yet written down as delivered; only what happened to known requests comes before that,
// also after the next one began. And it never repeats what it sent itself. A notifier begins after it was killed, or after the server was gone
// for longer than its lease (or, on a machine under much load, was as good as gone).
func TestKill(t *testing.T) {
	t.Parallel()
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		killAll(t, founded(t), "2s", 20) // a lease that a slow machine does not lose
	})
	if !testing.Short() {
		t.Run("ferretdb", func(t *testing.T) {
			t.Parallel()
			killAll(t, newBed(t, startFerret(t)), "5s", 3) // nor one with a slow store
		})
	}
	if uri := os.Getenv("PROCYON_TEST_MONGODB_URI"); uri != "" {
		t.Run("mongodb", func(t *testing.T) {
			t.Parallel()
			killAll(t, newBed(t, namedDatabase(uri)), "5s", 5)
		})
	}
}

// killAll kills the server or the notifier in each round, at a random moment while
// messages flow.
func killAll(t *testing.T, b *bed, lease string, rounds int) {
	seed := uint64(time.Now().UnixNano())
	if s := os.Getenv("PROCYON_TEST_SEED"); s != "" {
		seed, _ = strconv.ParseUint(s, 10, 64)
	}
	t.Logf("PROCYON_TEST_SEED=%d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	if testing.Short() {
		rounds = min(rounds, 3)
	}
	b.env = append(b.env, "PROCYON_LEASE_TTL="+lease)
	g := b.serve("none")
	b.people(g)
	const integrations = 3
	resources := b.linked(integrations)
	start := b.notifier(g)
	n := start()
	b.hears("k0") // a new notifier begins with what happens from now on
	b.hooks.slow(10 * time.Millisecond)

	acked := &acked{statuses: map[string]string{}}
	stop := make(chan struct{})
	var all sync.WaitGroup
	for w := range 4 {
		all.Go(func() { load(b, resources, w, stop, acked) })
	}
	defer all.Wait()
	end := sync.OnceFunc(func() { close(stop) })
	defer end()
	for range rounds {
		before := b.hooks.total()
		b.hooks.wait(t, "a message between two kills", func() bool { return b.hooks.total() > before })
		time.Sleep(time.Duration(random.IntN(100)) * time.Millisecond) // the random point
		if random.IntN(2) == 0 {
			g.kill()
			g.again()
		} else {
			n.kill()
			n = start()
		}
	}
	end()
	all.Wait()
	if len(acked.statuses) < rounds {
		t.Fatalf("only %d requests were acknowledged: there was no load", len(acked.statuses))
	}
	owed := b.owed(t, acked)
	b.hooks.wait(t, "what is owed", func() bool {
		for name, keys := range owed {
			if len(firsts(b.hooks.arrivals(name))) < len(keys) {
				return false
			}
		}
		return true
	})
	n.stop()
	g.stop()
	begun := b.begun(t)
	t.Logf("%d kills; notifiers began %d times", rounds, len(begun))
	for _, name := range slices.Sorted(maps.Keys(owed)) {
		checkArrived(t, name, owed[name], b.hooks.arrivals(name), begun)
	}
	if out := b.must("journal", "verify"); !strings.Contains(out, "whole") {
		t.Error(out)
	}
	t.Logf("%d requests were acknowledged", len(acked.statuses))
}

// acked is what the server acknowledged: the last status by request. It is
// "UNKNOWN" while a change has no answer.
type acked struct {
	mu       sync.Mutex
	statuses map[string]string
}

func (a *acked) len() int {
	a.mu.Lock()
	defer a.mu.Unlock()
	return len(a.statuses)
}

func (a *acked) set(id, status string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.statuses[id] = status
}

// mostWaiting is about how many messages may wait to be sent before the load rests,
// so that a slow machine's last rounds still have messages in flight.
const mostWaiting = 60

// load asks for one thing after the other, and takes some of it back, until it is
// told to stop. What fails is not acknowledged: nothing is promised.
func load(b *bed, resources []string, worker int, stop <-chan struct{}, a *acked) {
	for n := 0; ; n++ {
		select {
		case <-stop:
			return
		case <-time.After(10 * time.Millisecond):
		}
		if a.len() > b.hooks.total()+mostWaiting {
			continue
		}
		id, err := b.ask(resources[n%len(resources)], fmt.Sprintf("reason-%d-%d.", worker, n))
		if err != nil {
			continue
		}
		a.set(id, "PENDING")
		if n%4 == 0 {
			a.set(id, "UNKNOWN")
			if mutate(b.t.Context(), b.dev, "cancelAccessRequest", map[string]any{"requestId": id}, "accessRequest { id }", nil) == nil {
				a.set(id, "CANCELED")
			}
		}
	}
}

// owed reads the whole stream, which says what is owed: by integration, its messages
// in order. It checks that all that was acknowledged is in it.
func (b *bed) owed(t *testing.T, a *acked) map[string][]string {
	t.Helper()
	// A last change shows where to stop.
	last, err := b.ask(b.resources[0], "the last.")
	if err != nil {
		t.Fatal(err)
	}
	sub, err := b.admin.Subscribe(t.Context(), client.SubscribeOptions{After: "j0", Query: `subscription($after: Cursor) {
		requestEvents(after: $after) { cursor type request { requestId status reason items { resourceName } } }
	}`})
	if err != nil {
		t.Fatal(err)
	}
	defer sub.Close()
	owed, statuses := map[string][]string{}, map[string]string{}
	for statuses[last] == "" {
		e, err := sub.Next(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		var out struct {
			RequestEvents struct {
				Type    string
				Request struct {
					RequestID, Status, Reason string
					Items                     []struct{ ResourceName string }
				}
			}
		}
		if err := e.Decode(&out); err != nil {
			t.Fatal(err)
		}
		r := out.RequestEvents.Request
		statuses[r.RequestID] = r.Status
		name := r.Items[0].ResourceName // as its integration is called
		owed[name] = append(owed[name], out.RequestEvents.Type+" "+r.Reason)
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	for id, want := range a.statuses {
		if got := statuses[id]; got != want && (want != "UNKNOWN" || got == "") {
			t.Errorf("%s was acknowledged as %s and is %q", id, want, got)
		}
	}
	return owed
}

// reasonOf finds a message's reason.
func reasonOf(text string) string {
	_, rest, _ := strings.Cut(text, "Reason: ")
	reason, _, _ := strings.Cut(rest, "\n")
	return reason
}

// key tells a message from others: what happened to which request; "" for a test
// message.
func (a arrival) key() string {
	reason := reasonOf(a.text)
	switch {
	case reason == "":
		return ""
	case strings.Contains(a.text, " canceled"):
		return "CANCELED " + reason
	default:
		return "CREATED " + reason
	}
}

// firsts are the messages without their repeats, in order.
func firsts(got []arrival) []string {
	var keys []string
	seen := map[string]bool{"": true}
	for _, a := range got {
		if k := a.key(); !seen[k] {
			seen[k] = true
			keys = append(keys, k)
		}
	}
	return keys
}

var works = regexp.MustCompile(`time=(\S+) level=INFO msg="the notifier works"`)

// begun is when notifiers took up work, by their log.
func (b *bed) begun(t *testing.T) []time.Time {
	t.Helper()
	var out []time.Time
	for _, m := range works.FindAllStringSubmatch(b.log.String(), -1) {
		at, err := time.Parse(time.RFC3339, m[1])
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, at)
	}
	return out
}

// checkOrder checks that all that was owed arrived: new requests in order, and what
// happened to one after it.
func checkOrder(t *testing.T, name string, owed, first []string) {
	t.Helper()
	if got, want := slices.Sorted(slices.Values(first)), slices.Sorted(slices.Values(owed)); !slices.Equal(got, want) {
		t.Errorf("%s: %d messages arrived, %d were owed, or others", name, len(got), len(want))
	}
	got, want := created(first), created(owed)
	for i := range min(len(got), len(want)) {
		if got[i] != want[i] {
			t.Errorf("%s: request %d is %q; %q was owed", name, i, got[i], want[i])
			break
		}
	}
	for i, k := range first {
		if reason, ok := strings.CutPrefix(k, "CANCELED "); ok && !slices.Contains(first[:i], "CREATED "+reason) {
			t.Errorf("%s: %q came before the request", name, k)
		}
	}
}

// created are the messages about new requests.
func created(keys []string) []string {
	return slices.DeleteFunc(slices.Clone(keys), func(k string) bool { return !strings.HasPrefix(k, "CREATED ") })
}

func lastIndex(keys []string, key string) int {
	for i := len(keys) - 1; i >= 0; i-- {
		if keys[i] == key {
			return i
		}
	}
	return -1
}

// checkArrived compares what one integration got with what it was owed, and counts
// the repeats since each time that a notifier began.
func checkArrived(t *testing.T, name string, owed []string, got []arrival, begun []time.Time) {
	t.Helper()
	checkOrder(t, name, owed, firsts(got))
	repeats := make([]int, len(begun)+1) // none before the first began, whose number is 1
	var keys []string
	for _, a := range got {
		k := a.key()
		if k == "" {
			continue
		}
		if at := lastIndex(keys, k); at >= 0 {
			n, _ := slices.BinarySearchFunc(begun, a.at, time.Time.Compare)
			repeats[n]++
			if between := created(keys[at+1:]); len(between) > 0 {
				t.Errorf("%s: %q was repeated after %q", name, k, between)
			}
		}
		keys = append(keys, k)
	}
	sum := 0
	for i, n := range repeats {
		if sum += n; sum > max(0, i-1) {
			t.Errorf("%s: %d repeats up to the notifier that began as number %d", name, sum, i)
		}
	}
	t.Logf("%s: %d messages, repeats since each beginning: %v", name, len(owed), repeats)
}

// linked makes accounts, each with a resource and an integration of its own.
func (b *bed) linked(n int) []string {
	b.t.Helper()
	var out []string
	b.integrations = map[string]string{}
	for i := range n {
		name := fmt.Sprint("k", i)
		account := b.made("createAccount", "account", map[string]any{"name": name, "provider": "AWS", "externalId": name})
		out = append(out, b.made("createResource", "resource", map[string]any{"name": name, "kind": "DATABASE", "accountId": account}))
		integration := b.made("createIntegration", "integration", map[string]any{"name": name, "webhookUrl": b.hooks.url(name)})
		b.integrations[name] = integration
		err := mutate(b.t.Context(), b.admin, "setIntegrationAccounts", map[string]any{"integrationId": integration, "accountIds": []string{account}}, "integration { id }", nil)
		if err != nil {
			b.t.Fatal(err)
		}
	}
	b.resources = out
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
