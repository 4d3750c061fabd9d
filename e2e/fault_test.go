package e2e

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"
)

// integration returns how an integration does.
func (b *bed) integration(name string) (status, reason string) {
	b.t.Helper()
	var out struct {
		Node struct{ Status, BrokenReason string }
	}
	if err := b.admin.Do(b.t.Context(), `query($id: ID!) { node(id: $id) { ... on Integration { status brokenReason } } }`, map[string]any{"id": b.integrations[name]}, &out); err != nil {
		b.t.Fatal(err)
	}
	return out.Node.Status, out.Node.BrokenReason
}

// deliveries returns the IDs of what is PENDING, DELIVERED or DEAD.
func (b *bed) deliveries(status string) []string {
	b.t.Helper()
	var out struct {
		Deliveries struct{ Nodes []struct{ ID string } }
	}
	query := fmt.Sprintf(`{ deliveries(first: 100, filter: {status: [%s]}) { nodes { id } } }`, status)
	if err := b.admin.Do(b.t.Context(), query, nil, &out); err != nil {
		b.t.Fatal(err)
	}
	var ids []string
	for _, n := range out.Deliveries.Nodes {
		ids = append(ids, n.ID)
	}
	return ids
}

// eventually polls, at the border of the processes.
func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for deadline := time.Now().Add(patience); !ok(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("%s: not in time", what)
		}
	}
}

// Slack in trouble: what may work later is tried again, in order; what never will
// breaks the integration; and nobody else waits for either.
func TestSlackInTrouble(t *testing.T) {
	t.Parallel()
	b := founded(t)
	g := b.serve("notifier")
	b.people(g)
	resources := b.linked(3)
	all := make(chan struct{})
	b.hooks.faults(func(name string, n int) (int, string, http.Header) {
		<-all // while an integration is broken, a request's last event alone is owed to it
		switch {
		case name == "k0" && n == 1:
			return http.StatusTooManyRequests, "rate_limited", http.Header{"Retry-After": {"1"}}
		case name == "k0" && n == 2:
			return http.StatusInternalServerError, "rollup_error", nil
		case name == "k1" && n == 1:
			return http.StatusBadRequest, "invalid_blocks", nil
		case name == "k2":
			return http.StatusNotFound, "no_service", nil
		}
		return http.StatusOK, "ok", nil
	})
	for range 2 {
		for i, r := range resources {
			if _, err := b.ask(r, []string{"first.", "second.", "third."}[i]); err != nil {
				t.Fatal(err)
			}
		}
	}
	eventually(t, "all is owed", func() bool { return len(b.deliveries("PENDING")) == 6 })
	close(all)
	eventually(t, "the removed webhook breaks its integration", func() bool {
		status, reason := b.integration("k2")
		return status == "BROKEN" && strings.Contains(reason, "removed") && !strings.Contains(reason, webhookSecret)
	})
	b.hooks.wait(t, "what was retried", func() bool { return len(b.hooks.texts("k0")) == 4 && len(b.hooks.texts("k1")) == 2 })
	if n := len(b.hooks.texts("k2")); n != 1 {
		t.Errorf("a broken integration got %d messages", n)
	}
	eventually(t, "what was refused, and what the broken one is owed", func() bool { return len(b.deliveries("DEAD")) == 1 && len(b.deliveries("PENDING")) == 2 })

	b.hooks.faults(nil)
	err := mutate(t.Context(), b.admin, "updateIntegration", map[string]any{"integrationId": b.integrations["k2"], "webhookUrl": b.hooks.url("mended")}, "integration { id }", nil)
	if err != nil {
		t.Fatal(err)
	}
	if status, _ := b.integration("k2"); status != "ENABLED" {
		t.Errorf("a new URL leaves it %s", status)
	}
	b.hooks.wait(t, "what it was owed", func() bool { return len(b.hooks.texts("mended")) == 2 })
	for _, id := range b.deliveries("DEAD") {
		if err := mutate(t.Context(), b.admin, "redeliver", map[string]any{"deliveryId": id}, "delivery { id }", nil); err != nil {
			t.Fatal(err)
		}
	}
	b.hooks.wait(t, "what was sent again", func() bool { return len(b.hooks.texts("k1")) == 3 })
	g.stop()
}

// A webhook that takes its time, and one that always fails, hold up nobody else; what
// they asked for is kept to.
func TestSlowWebhookHoldsUpNobody(t *testing.T) {
	t.Parallel()
	b := founded(t)
	b.patient()
	g := b.serve("notifier")
	b.people(g)
	resources := b.linked(4)
	release := make(chan struct{})
	b.hooks.faults(func(name string, n int) (int, string, http.Header) {
		switch {
		case name == "k0":
			<-release
		case name == "k1":
			return http.StatusServiceUnavailable, "", nil
		case name == "k2" && n == 1:
			return http.StatusTooManyRequests, "rate_limited", http.Header{"Retry-After": {"3"}}
		case name == "k2":
			return http.StatusGone, "channel_is_archived", nil
		}
		return http.StatusOK, "ok", nil
	})
	const each = 5
	for range each {
		for i, r := range resources {
			if _, err := b.ask(r, fmt.Sprintf("for %d.", i)); err != nil {
				t.Fatal(err)
			}
		}
	}
	b.hooks.wait(t, "the healthy webhook's messages", func() bool { return len(b.hooks.texts("k3")) == each })
	if n := len(b.hooks.texts("k0")); n > 1 {
		t.Errorf("the slow webhook got %d messages at once", n)
	}
	close(release)
	b.hooks.wait(t, "the slow webhook's messages", func() bool { return len(b.hooks.texts("k0")) == each })
	eventually(t, "the archived channel breaks its integration", func() bool {
		status, reason := b.integration("k2")
		return status == "BROKEN" && strings.Contains(reason, "archived")
	})
	if got := b.hooks.arrivals("k2"); len(got) != 2 || got[1].at.Sub(got[0].at) < 3*time.Second {
		t.Errorf("Retry-After was not kept to: %v", got)
	}
	if status, reason := b.integration("k1"); status != "ENABLED" {
		t.Errorf("a webhook that may work again is %s: %s", status, reason)
	}
	g.stop()
}

// A second notifier stands by, and goes on where the first was killed.
func TestNotifierStandsBy(t *testing.T) {
	t.Parallel()
	b := founded(t)
	g := b.serve("none")
	b.people(g)
	resources := b.linked(1)
	start := b.notifier(g)
	first := start()
	b.hears("k0")
	second := start()
	if _, err := b.ask(resources[0], "one."); err != nil {
		t.Fatal(err)
	}
	b.hooks.wait(t, "the first notifier's message", func() bool { return len(b.hooks.texts("k0")) == 2 })
	eventually(t, "the message is written down", func() bool { return len(b.deliveries("PENDING")) == 0 }) // or it would be sent again
	first.kill()
	if _, err := b.ask(resources[0], "two."); err != nil {
		t.Fatal(err)
	}
	b.hooks.wait(t, "the second notifier's message", func() bool { return len(b.hooks.texts("k0")) == 3 })
	if got := reasonOf(b.hooks.texts("k0")[2]); got != "two." {
		t.Errorf("got %q", got)
	}
	second.stop()
	g.stop()
}

// What time brings to a request does not need the process that took it in.
func TestRequestTimesOutAfterARestart(t *testing.T) {
	t.Parallel()
	b := founded(t)
	g := b.serve("none", "PROCYON_DECIDE_IN=2s")
	b.people(g)
	id, err := b.ask(b.catalog("time"), "x")
	if err != nil {
		t.Fatal(err)
	}
	g.kill()
	g.again()
	var last any
	defer func() {
		if t.Failed() {
			t.Log("at last: ", last)
		}
	}()
	eventually(t, "the request times out", func() bool {
		var now struct {
			AccessRequest struct {
				Status   string
				DecideBy time.Time
			}
		}
		err := b.admin.Do(t.Context(), `query($id: ID!) { accessRequest(id: $id) { status decideBy } }`, map[string]any{"id": id}, &now)
		last = []any{now, err, time.Now()}
		return err == nil && now.AccessRequest.Status == "TIMED_OUT"
	})
	g.stop()
}
