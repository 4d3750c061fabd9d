package auth

import (
	"context"
	"testing"

	"procyon/access"
)

// made is a token that was made by what is in ctx.
func (w *world) made(ctx context.Context) (Issued, error) {
	return w.CreateToken(ctx, From(ctx).Actor, NewToken{OwnerID: w.dev.ID, Name: "made"})
}

// Who has stolen a token has nothing left once it is revoked: what was made with it ends,
// too, and what is open by that at once.
func TestWhatATokenMadeEndsWithIt(t *testing.T) {
	w := newWorld(t)
	own := WithPrincipal(t.Context(), &Principal{Actor: access.ActorOf(w.dev)})
	chain := []context.Context{own}
	for range 4 { // each is made with the one before
		v, err := w.made(chain[len(chain)-1])
		w.must(err)
		chain = append(chain, w.as(v.Secret))
	}
	twin, err := w.made(chain[1])
	w.must(err)
	for _, ctx := range chain {
		w.must(w.Valid(ctx))
	}
	w.must(w.RevokeToken(own, access.ActorOf(w.dev), From(chain[2]).TokenID))
	for i, ctx := range chain {
		if err := w.Valid(ctx); (err == nil) != (i < 2) {
			t.Errorf("%d: %v", i, err)
		}
	}
	w.must(w.Valid(w.as(twin.Secret)))
	w.must(w.RevokeToken(own, w.operator, From(chain[1]).TokenID))
	if n := w.store.count(tokenPrefix); n != 0 {
		t.Errorf("%d tokens are left", n)
	}
}

// Nothing is made with what ends in the same moment.
func TestWhatIsOverMakesNoToken(t *testing.T) {
	w := newWorld(t)
	secret, v, err := w.CreatePersonalToken(t.Context(), w.operator, devEmail, "first", nil, 0)
	w.must(err)
	stay := w.signIn(w.dev)
	session, err := w.bySession(t.Context(), stay.Token)
	w.must(err)
	for name, c := range map[string]struct {
		ctx context.Context
		id  string
	}{"a token": {w.as(secret), v.ID}, "a session": {WithPrincipal(t.Context(), session), session.SessionID}} {
		w.store.hook = func(string) { // whoever ends it has looked already for what was made with it
			w.store.hook = nil
			w.must(w.store.Delete(t.Context(), c.id))
		}
		for range 2 { // in that moment, and afterwards
			issued, err := w.made(c.ctx)
			w.wants(err, ErrUnauthenticated)
			if issued.Secret != "" {
				t.Errorf("%s makes %+v", name, issued)
			}
		}
	}
	if n := w.store.count(tokenPrefix); n != 0 || len(w.dir.issued) != 1 {
		t.Errorf("%d tokens are left, %d were written down", n, len(w.dir.issued))
	}
}
