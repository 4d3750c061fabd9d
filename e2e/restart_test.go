package e2e

import (
	"context"
	"errors"
	"net"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"procyon/client"
)

// through makes a client that reaches whichever of the servers listens, as behind a
// load balancer.
func (b *bed) through(token string, gateways ...*server) *client.Client {
	b.t.Helper()
	dial := func(ctx context.Context, network, _ string) (net.Conn, error) {
		var all error
		for _, g := range gateways {
			c, err := (&net.Dialer{}).DialContext(ctx, network, g.address)
			if err == nil {
				return c, nil
			}
			all = errors.Join(all, err)
		}
		return nil, all
	}
	c, err := client.New(client.Options{
		URL: "http://gateways.invalid/graphql", Token: token,
		HTTPClient: &http.Client{Transport: &http.Transport{DialContext: dial}},
	})
	if err != nil {
		b.t.Fatal(err)
	}
	b.t.Cleanup(c.Close)
	return c
}

// A server that is told to stop does so within seconds, though subscribers are
// connected and requests come in; the subscribers go on at the other one, without a
// gap or a repeat.
func TestSubscribersMoveToTheOtherGateway(t *testing.T) {
	t.Parallel()
	b := founded(t)
	one, two := b.serve("none"), b.serve("none")
	b.people(one)
	resource := b.catalog("move")
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var moving []*follower
	for range 5 {
		f, err := follow(ctx, b.through(b.tok["ada"], one, two), "j0")
		if err != nil {
			t.Fatal(err)
		}
		moving = append(moving, f)
	}
	b.dev = b.through(b.tok["dev"], one, two)
	stop, asked := make(chan struct{}), make(chan int)
	go func() {
		n := 0
		defer func() { asked <- n }()
		for {
			select {
			case <-stop:
				return
			case <-time.After(5 * time.Millisecond):
				if _, err := b.ask(resource, "x"); err == nil {
					n++
				}
			}
		}
	}()
	for _, f := range moving {
		f.wait(t, 10)
	}
	began := time.Now()
	one.stop()
	if took := time.Since(began); took > 10*time.Second {
		t.Errorf("stopping took %s", took)
	}
	seen := len(moving[0].events())
	for _, f := range moving {
		f.wait(t, seen+20) // they get on
	}
	close(stop)
	atLeast := <-asked
	still, err := follow(ctx, two.client(b.tok["ada"]), "j0")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := b.ask(resource, "the last"); err != nil {
		t.Fatal(err)
	}
	want := still.wait(t, atLeast+1)
	for i, f := range moving {
		got := f.wait(t, len(want))
		if n := min(len(got), len(want)); !slices.Equal(got[:n], want[:n]) {
			t.Errorf("subscriber %d saw another stream", i)
		}
	}
	cancel()
	two.stop()
}

// grant returns how a request stands, and when its grant begins and ends.
func (b *bed) grant(id string) (status string, starts, expires time.Time) {
	b.t.Helper()
	var out struct {
		AccessRequest struct {
			Status string
			Grant  *struct{ StartsAt, ExpiresAt time.Time }
		}
	}
	query := `query($id: ID!) { accessRequest(id: $id) { status grant { startsAt expiresAt } } }`
	if err := b.admin.Do(b.t.Context(), query, map[string]any{"id": id}, &out); err != nil {
		b.t.Fatal(err)
	}
	if g := out.AccessRequest.Grant; g != nil {
		starts, expires = g.StartsAt, g.ExpiresAt
	}
	return out.AccessRequest.Status, starts, expires
}

// An approved request comes into force on time, and runs out on time, whatever
// process runs then.
func TestGrantIsOnTimeAfterRestarts(t *testing.T) {
	t.Parallel() // it waits most of the time: a minute is the shortest grant
	b := founded(t)
	g := b.serve("none")
	b.people(g)
	var out struct{ AccessRequest struct{ ID string } }
	input := map[string]any{
		"items": []any{map[string]any{"resourceId": b.catalog("time")}}, "duration": "PT1M", "reason": "x",
		"startsAt": time.Now().Add(3 * time.Second).UTC().Truncate(time.Microsecond).Format(time.RFC3339Nano),
	}
	if err := mutate(t.Context(), b.dev, "createAccessRequest", input, "accessRequest { id }", &out); err != nil {
		t.Fatal(err)
	}
	id := out.AccessRequest.ID
	if err := mutate(t.Context(), b.boss, "reviewAccessRequest", map[string]any{"requestId": id, "expectedVersion": 1, "subject": "REQUEST", "decision": "APPROVE"}, "accessRequest { id }", nil); err != nil {
		t.Fatal(err)
	}
	status, starts, expires := b.grant(id)
	if status != "APPROVED" || expires.Sub(starts) != time.Minute {
		t.Fatalf("it is %s from %s to %s", status, starts, expires)
	}
	becomes := func(status, before string, at time.Time) {
		t.Helper()
		g.kill()
		g.again()
		for {
			now, _, _ := b.grant(id)
			switch early := time.Now().Before(at); {
			case now == status && early:
				t.Fatalf("it is %s before %s", status, at)
			case now == status:
				return
			case now != before, time.Since(at) > tooLate:
				t.Fatalf("it is %s at %s; want %s at %s", now, time.Now(), status, at)
			}
			time.Sleep(20 * time.Millisecond)
		}
	}
	becomes("ACTIVE", "APPROVED", starts)
	if testing.Short() {
		return
	}
	becomes("EXPIRED", "ACTIVE", expires)
	if out := b.must("journal", "verify"); !strings.Contains(out, "whole") {
		t.Error(out)
	}
}
