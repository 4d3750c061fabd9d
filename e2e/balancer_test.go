package e2e

import (
	"fmt"
	"math/rand/v2"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"testing"
)

// balanced are servers behind a balancer that sends each request to any of them.
func (b *bed) balanced(servers ...*server) *server {
	b.t.Helper()
	proxy := httptest.NewServer(&httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
		r.SetURL(&url.URL{Scheme: "http", Host: servers[rand.IntN(len(servers))].address})
	}})
	b.t.Cleanup(proxy.Close)
	return &server{b: b, address: strings.TrimPrefix(proxy.URL, "http://")}
}

// Two servers of one store behind a balancer that knows nothing of who asked where before
// are as one to the notifier: it gets every message to its channel once and in order, gives
// none up, and works through under one lease.
func TestTheNotifierBehindABalancer(t *testing.T) {
	t.Parallel()
	b := founded(t)
	b.patient()
	one, other := b.serve("none"), b.serve("none")
	both := b.balanced(one, other)
	b.people(both)
	resources := b.linked(2)
	began := len(b.log.String())
	n := b.notifier(both)()
	b.hears("k0") // a new notifier begins with what happens from now on
	const asked = 25
	for i := range asked {
		id, err := b.ask(resources[i%2], fmt.Sprintf("number %02d.", i))
		if err != nil {
			t.Fatal(err)
		}
		err = mutate(t.Context(), b.boss, "reviewAccessRequest", map[string]any{
			"requestId": id, "decision": "DENY", "comment": "no", "expectedVersion": 1, "subject": "REQUEST",
		}, "accessRequest { id }", nil)
		if err != nil {
			t.Fatal(err)
		}
	}
	arrived := func() int { return len(b.hooks.texts("k0")) - 1 + len(b.hooks.texts("k1")) }
	b.hooks.wait(t, "all messages", func() bool { return arrived() >= 2*asked })
	eventually(t, "all is written down", func() bool { return len(b.deliveries("PENDING")) == 0 })
	n.stop()
	if n := arrived(); n != 2*asked || len(b.deliveries("DEAD")) > 0 {
		t.Errorf("%d messages arrived, want %d; %d were given up", n, 2*asked, len(b.deliveries("DEAD")))
	}
	for i := range asked {
		var events []string
		for _, text := range b.hooks.texts(fmt.Sprint("k", i%2)) {
			if strings.Contains(text, fmt.Sprintf("number %02d.", i)) {
				events = append(events, strings.SplitN(text, "\n", 2)[0])
			}
		}
		if got := strings.Join(events, ", "); got != "Dev Developer asks for access, Access denied for Dev Developer" {
			t.Errorf("of request %d arrived: %s", i, got)
		}
	}
	log := b.log.String()[began:]
	if strings.Count(log, "the notifier works") != 1 || strings.Contains(log, "the notifier starts again") {
		t.Errorf("the notifier did not work through:\n%s", last(log, 3000))
	}
	one.stop()
	other.stop()
}
