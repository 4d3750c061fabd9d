package e2e

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"procyon/client"
)

// follower collects the events that a subscriber sees, as "cursor type".
type follower struct {
	mu   sync.Mutex
	seen []string
	news chan struct{}
	err  error
	done chan struct{}
}

const followQuery = `subscription($after: Cursor) { requestEvents(after: $after) { cursor type request { requestId } } }`

func follow(ctx context.Context, c *client.Client, after string) (*follower, error) {
	sub, err := c.Subscribe(ctx, client.SubscribeOptions{Query: followQuery, After: after, MinBackoff: 20 * time.Millisecond, MaxBackoff: 200 * time.Millisecond})
	if err != nil {
		return nil, err
	}
	f := &follower{news: make(chan struct{}, 1), done: make(chan struct{})}
	go func() {
		defer close(f.done)
		defer sub.Close()
		for {
			e, err := sub.Next(ctx)
			f.mu.Lock()
			if err != nil {
				f.err = err
				f.mu.Unlock()
				return
			}
			var out struct {
				RequestEvents struct {
					Type    string
					Request struct{ RequestID string }
				}
			}
			if err := e.Decode(&out); err != nil {
				f.err = err
			}
			f.seen = append(f.seen, e.Cursor+" "+out.RequestEvents.Type+" "+out.RequestEvents.Request.RequestID)
			f.mu.Unlock()
			select {
			case f.news <- struct{}{}:
			default:
			}
		}
	}()
	return f, nil
}

func (f *follower) events() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.seen)
}

// wait waits until the follower has seen so many events.
func (f *follower) wait(t *testing.T, n int) []string {
	t.Helper()
	late := time.After(patience)
	for {
		if got := f.events(); len(got) >= n {
			return got
		}
		select {
		case <-f.news:
		case <-f.done:
			t.Fatalf("the subscription ended: %v", f.err)
		case <-late:
			t.Fatalf("saw %d of %d events", len(f.events()), n)
		}
	}
}

// Two servers on one store: everybody sees the same, in the same order.
func TestTwoGatewaysOneStream(t *testing.T) {
	t.Parallel()
	stores(t, func(t *testing.T, store func(t *testing.T) string) {
		b := newBed(t, store(t))
		one, two := b.serve("none"), b.serve("none")
		b.people(one)
		resource := b.catalog("two")
		clients := []*client.Client{one.client(b.tok["dev"]), two.client(b.tok["dev"])}
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		var followers []*follower
		for _, g := range []*server{one, two, one, two} {
			f, err := follow(ctx, g.client(b.tok["ada"]), "j0")
			if err != nil {
				t.Fatal(err)
			}
			followers = append(followers, f)
		}
		const each = 25
		var all sync.WaitGroup
		for i, c := range clients {
			for w := range 2 {
				all.Go(func() {
					for n := range each {
						err := mutate(ctx, c, "createAccessRequest", map[string]any{
							"items": []any{map[string]any{"resourceId": resource}}, "duration": "PT1H", "allowDuplicate": true, "reason": fmt.Sprintf("%d %d %d", i, w, n),
						}, "accessRequest { id }", nil)
						if err != nil {
							t.Error(err)
						}
					}
				})
			}
		}
		all.Wait()
		want := followers[0].wait(t, 4*each)
		for _, f := range followers[1:] {
			if got := f.wait(t, 4*each); !slices.Equal(got, want) {
				t.Fatal("two subscribers saw different streams")
			}
		}
		if seen := slices.Compact(slices.Sorted(slices.Values(want))); len(seen) != 4*each {
			t.Errorf("%d different events of %d", len(seen), 4*each)
		}
		t.Run("a decision is taken once", func(t *testing.T) { decideOnce(t, b, one, two, resource) })
		cancel()
		one.stop()
		two.stop()
	})
}

// catalog makes an account with one resource, and returns the resource.
func (b *bed) catalog(name string) string {
	b.t.Helper()
	account := b.made("createAccount", "account", map[string]any{"name": name, "provider": "AWS", "externalId": name})
	return b.made("createResource", "resource", map[string]any{"name": name, "kind": "DATABASE", "accountId": account})
}

func decideOnce(t *testing.T, b *bed, one, two *server, resource string) {
	for range 5 {
		id, err := b.ask(resource, "decide me")
		if err != nil {
			t.Fatal(err)
		}
		var mu sync.Mutex
		won := 0
		var all sync.WaitGroup
		for i, c := range []*client.Client{one.client(b.tok["ada"]), two.client(b.tok["bo"]), one.client(b.tok["bo"]), two.client(b.tok["ada"])} {
			all.Go(func() {
				decision := []string{"APPROVE", "DENY"}[i%2]
				input := map[string]any{"requestId": id, "expectedVersion": 1, "subject": "REQUEST", "decision": decision, "comment": "mine"}
				if err := mutate(t.Context(), c, "reviewAccessRequest", input, "accessRequest { id }", nil); err == nil {
					mu.Lock()
					won++
					mu.Unlock()
				}
			})
		}
		all.Wait()
		if won != 1 {
			t.Errorf("%d decisions were taken", won)
		}
	}
}

// A server that is told to stop does so with subscribers connected; they go on
// where they were when it is back.
func TestSubscribersSurviveARestart(t *testing.T) {
	t.Parallel()
	b := founded(t)
	g := b.serve("none")
	b.people(g)
	resource := b.catalog("restart")
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	f, err := follow(ctx, g.client(b.tok["ada"]), "j0")
	if err != nil {
		t.Fatal(err)
	}
	for i := range 3 {
		for range 5 {
			if _, err := b.ask(resource, "x"); err != nil {
				t.Fatal(err)
			}
		}
		f.wait(t, 5*(i+1))
		if i == 1 {
			g.kill()
		} else {
			g.stop()
		}
		g.again()
	}
	if got := f.events(); len(got) != 15 || len(slices.Compact(slices.Sorted(slices.Values(got)))) != 15 {
		t.Errorf("saw %d events", len(got))
	}
}
