package e2e

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"

	"procyon/client"
)

// Two servers on one store that are asked for the same account at a provider at once, each
// under another name, make one.
func TestAnAccountIsAddedOnce(t *testing.T) {
	t.Parallel()
	stores(t, func(t *testing.T, store func(t *testing.T) string) {
		b := newBed(t, store(t))
		one, two := b.serve("none"), b.serve("none")
		b.people(one)
		servers := []*client.Client{one.client(b.tok["ada"]), two.client(b.tok["bo"])}
		const rounds = 20
		var made int
		for round := range rounds {
			var both sync.WaitGroup
			said := make([]error, len(servers))
			for i, c := range servers {
				both.Go(func() {
					said[i] = mutate(t.Context(), c, "createAccount", map[string]any{
						"name": fmt.Sprintf("Account %d of server %d", round, i), "provider": "AWS", "externalId": fmt.Sprintf("%012d", round),
					}, "account { id }", nil)
				})
			}
			both.Wait()
			for _, err := range said {
				var refused client.UserErrors
				switch {
				case err == nil:
					made++
				case !errors.As(err, &refused) || refused[0].Code != "DUPLICATE" || !slices.Contains(refused[0].Field, "externalId"):
					t.Errorf("round %d: %v", round, err)
				}
			}
		}
		if made != rounds {
			t.Errorf("%d accounts were made, want %d", made, rounds)
		}
		one.stop()
		two.stop()
		b.must("journal", "verify")
	})
}
