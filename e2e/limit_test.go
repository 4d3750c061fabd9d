package e2e

import (
	"errors"
	"testing"

	"procyon/client"
)

// How much one person may ask is set by variables, and holds on servers of one store
// together.
func TestHowMuchOnePersonMayAskIsASetting(t *testing.T) {
	t.Parallel()
	b := founded(t)
	settings := []string{"PROCYON_MAX_OPEN_REQUESTS=3", "PROCYON_MAX_REQUESTS_PER_HOUR=4"}
	g := b.serve("none", settings...)
	b.people(g)
	resource := b.catalog("limits")
	other := b.serve("none", settings...).client(b.tok["dev"])
	here := b.dev
	var last string
	for i := range 5 {
		b.dev = []*client.Client{here, other}[i%2]
		id, err := b.ask(resource, "x")
		var refused client.UserErrors
		if limited := errors.As(err, &refused) && refused.Has("LIMITED"); limited != (i >= 3) || !limited && err != nil {
			t.Fatalf("request %d: %v", i, err)
		}
		if id != "" {
			last = id
		}
	}
	if err := mutate(t.Context(), here, "cancelAccessRequest", map[string]any{"requestId": last}, "accessRequest { id }", nil); err != nil {
		t.Fatal(err)
	}
	if _, err := b.ask(resource, "x"); err != nil {
		t.Errorf("after one ended: %v", err)
	}
}
