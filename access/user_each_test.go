package access

import (
	"errors"
	"fmt"
	"testing"
)

func TestEachUserVisitsAll(t *testing.T) {
	w := newWorld(t)
	for i := range 2*allChunk + 1 {
		w.person(fmt.Sprintf("p%04d", i), false)
	}
	seen := map[string]bool{}
	w.must(w.EachUser(t.Context(), func(u User) error {
		seen[u.ID] = true
		return nil
	}))
	if want := 2*allChunk + 1 + 3; len(seen) != want {
		t.Errorf("%d people, want %d", len(seen), want)
	}
	enough := errors.New("enough")
	if err := w.EachUser(t.Context(), func(User) error { return enough }); !errors.Is(err, enough) {
		t.Error(err)
	}
}
