package graph_test

import (
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"procyon/access"
	"procyon/auth"
)

// What one person may ask holds on two servers together, however they ask: signed in,
// with a token, or by a service that acts for them.
func TestLimitsOnTwoServers(t *testing.T) {
	path := filepath.Join(t.TempDir(), "procyon.db")
	one := newBedOn(t, path, time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC))
	one.furnish()
	two := newBedOn(t, path, one.now())
	two.ids = 1 << 20 // other IDs than the first makes
	input := func(key string) object {
		return object{"items": []object{{"resourceId": one.server.ID}}, "duration": "PT1H", "reason": "r", "idempotencyKey": key}
	}
	callers := []caller{session(one.dev), token(one.dev, auth.ScopeSelf), acting(one.dev)}
	var mu sync.Mutex
	made := map[string]string{} // by key: what it answered
	var all sync.WaitGroup
	for i := range access.DefaultMaxOpen + 20 {
		all.Go(func() {
			key := fmt.Sprint("key", i)
			got := []*bed{one, two}[i%2].userErrors(callers[i%3], "createAccessRequest", input(key))
			mu.Lock()
			defer mu.Unlock()
			made[key] = got
		})
	}
	all.Wait()
	n, known, refused := 0, "", ""
	for key, got := range made {
		switch {
		case got == "":
			n++
			known = key
		case strings.HasPrefix(got, "LIMITED"):
			refused = key
		default:
			t.Errorf("%s: %s", key, got)
		}
	}
	if n != access.DefaultMaxOpen {
		t.Errorf("%d requests were made, want %d", n, access.DefaultMaxOpen)
	}
	for _, b := range []*bed{one, two} {
		if got := b.userErrors(session(one.dev), "createAccessRequest", input(known)); got != "" {
			t.Errorf("a repeated call: %s", got)
		}
		if got := b.userErrors(session(one.dev), "createAccessRequest", input(refused)); !strings.HasPrefix(got, "LIMITED") {
			t.Errorf("a refused call, repeated: %q", got)
		}
		if got := b.userErrors(session(one.eve), "createAccessRequest", input("eve")); got != "" {
			t.Errorf("another person: %s", got)
		}
	}
}
