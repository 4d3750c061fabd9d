package auth

import (
	"context"
	"testing"

	"procyon/access"
	"procyon/store"
)

// contended are documents in which somebody else always writes first.
type contended struct{ store.Documents }

func (contended) Put(context.Context, ...store.Document) error { return store.ErrVersion }

// A choice that others overtake all the time ends with an error that says to try again.
func TestTimeZoneContentionEnds(t *testing.T) {
	w := newWorld(t)
	w.docs = contended{w.docs}
	_, err := w.SetTimeZone(t.Context(), access.ActorOf(w.dev), "Europe/Berlin")
	if access.CodeOf(err) != access.CodeConflict {
		t.Error(err)
	}
}
