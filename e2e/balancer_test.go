package e2e

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
)

// balancer gives each request to any of some servers, also those of one client, as load
// balancers do.
func (b *bed) balancer(servers ...*server) (address string) {
	b.t.Helper()
	var mu sync.Mutex // guards which
	which := rand.New(rand.NewPCG(1, 2))
	web := httptest.NewServer(&httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			mu.Lock()
			to := servers[which.IntN(len(servers))]
			mu.Unlock()
			r.SetURL(&url.URL{Scheme: "http", Host: to.address})
		},
		ErrorLog:     slog.NewLogLogger(slog.DiscardHandler, slog.LevelDebug),
		ErrorHandler: func(w http.ResponseWriter, _ *http.Request, _ error) { w.WriteHeader(http.StatusBadGateway) },
	})
	b.t.Cleanup(func() {
		web.CloseClientConnections()
		web.Close()
	})
	return strings.TrimPrefix(web.URL, "http://")
}

// Behind a balancer two servers are as one: whoever calls, follows or works hears of all,
// in order, and finds what another request has just been answered. Nothing that is owed is
// lost, or taken for something that is owed to nobody, and no worker has to start again.
func TestTwoServersBehindABalancer(t *testing.T) {
	t.Parallel()
	b := founded(t)
	b.patient()
	one, two := b.serve("none"), b.serve("none")
	front := &server{b: b, address: b.balancer(one, two)}
	b.people(front)
	resources := b.linked(2)
	notifier := b.notifier(front)()
	b.hears("k0")
	b.hears("k1")
	tests := b.hooks.total()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	early, err := follow(ctx, front.client(b.tok["ada"]), "j0")
	if err != nil {
		t.Fatal(err)
	}
	const each, events = 12, 3 // asked for, approved, begun
	const told = 2             // that it has begun is for whoever chooses to hear of it
	var all sync.WaitGroup
	for w := range 4 {
		all.Go(func() {
			for n := range each {
				if err := b.askAndApprove(resources[w%2], fmt.Sprintf("%d %d.", w, n)); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	all.Wait()
	seen := early.wait(t, 4*each*events)
	if n := len(slices.Compact(slices.Sorted(slices.Values(seen)))); n != 4*each*events || len(seen) != n {
		t.Errorf("%d different events of %d", n, len(seen))
	}
	middle := strings.Fields(seen[len(seen)/2])[0]
	for range 5 { // whoever is asked, the cursor is good
		late, err := follow(ctx, front.client(b.tok["ada"]), middle)
		if err != nil {
			t.Fatal(err)
		}
		rest := seen[len(seen)/2+1:]
		if got := late.wait(t, len(rest)); !slices.Equal(got, rest) {
			t.Error("who resumes sees another stream")
		}
	}
	b.hooks.wait(t, "all messages", func() bool { return b.hooks.total() >= tests+4*each*told })
	eventually(t, "all is written down", func() bool { return len(b.deliveries("PENDING")) == 0 })
	if dead := b.deliveries("DEAD"); len(dead) > 0 {
		t.Errorf("%d dead letters", len(dead))
	}
	if n := b.hooks.total(); n != tests+4*each*told {
		t.Errorf("%d messages, and not %d", n-tests, 4*each*told)
	}
	if said := b.log.String(); strings.Contains(said, "starts again") || strings.Contains(said, "JOURNAL_CHANGED") {
		t.Error("a worker was told something wrong, or started again")
	}
	cancel()
	notifier.stop()
	one.stop()
	two.stop()
}

// askAndApprove asks for access as Dev, and approves it as Ada, each by what the last
// answer said.
func (b *bed) askAndApprove(resource, reason string) error {
	id, err := b.ask(resource, reason)
	if err != nil {
		return err
	}
	var now struct{ AccessRequest *struct{ Version int } }
	if err := b.admin.Do(b.t.Context(), `query($id: ID!) { accessRequest(id: $id) { version } }`, map[string]any{"id": id}, &now); err != nil {
		return err
	}
	if now.AccessRequest == nil {
		return fmt.Errorf("%s is not there yet", id)
	}
	return mutate(b.t.Context(), b.admin, "reviewAccessRequest", map[string]any{
		"requestId": id, "expectedVersion": now.AccessRequest.Version, "subject": "REQUEST", "decision": "APPROVE",
	}, "accessRequest { id }", nil)
}
