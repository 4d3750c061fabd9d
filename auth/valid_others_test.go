package auth

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"procyon/access"
)

// house is two processes on one store, which share what changed of people.
type house struct {
	*world
	other   *Service
	changed atomic.Uint64
	away    atomic.Bool // what changed can't be found out
	ctx     context.Context
	id      string // of the token in ctx
}

func newHouse(t *testing.T) *house {
	h := &house{}
	h.world = newWorld(t, func(o *Options) {
		o.Changed = func(context.Context) (uint64, error) {
			if h.away.Load() {
				return 0, errors.New("the journal is away")
			}
			return h.changed.Load(), nil
		}
	})
	h.other = New(h.store, h.dir, h.opts)
	var secret string
	secret, h.id = h.personal(devEmail)
	h.ctx = h.as(secret)
	h.must(h.Valid(h.ctx))
	return h
}

// reading is how many readings of the store a judgement takes, which must be this one.
func (h *house) reading(want error) int {
	h.t.Helper()
	before := h.store.reads()
	h.wants(h.Valid(h.ctx), want)
	return h.store.reads() - before
}

// One look at the store is enough for everybody.
func TestValidLooksOnceForAll(t *testing.T) {
	h := newHouse(t)
	all := make([]*Principal, 100)
	judge := func(p *Principal) { h.must(h.Valid(WithPrincipal(t.Context(), p))) }
	for i := range all {
		secret, _ := h.service(ScopeEventsRead)
		all[i] = h.who(h.post("Authorization", "Bearer "+secret))
		judge(all[i])
	}
	for range 5 {
		h.pass(checkFor)
		before := h.store.reads()
		for _, p := range all {
			judge(p)
		}
		if n := h.store.reads() - before; n != 1 {
			t.Fatalf("%d readings for 100 tokens", n)
		}
	}
}

// What another process ends is noticed within five seconds, however it is ended.
func TestValidSeesWhatAnotherProcessEnds(t *testing.T) {
	for name, end := range map[string]func(*house) error{
		"the token": func(h *house) error { return h.other.RevokeToken(h.t.Context(), h.operator, h.id) },
		"another's": func(h *house) error { return h.other.end(h.t.Context(), h.id, "tok_another") },
		"at the same time": func(h *house) error {
			h.store.hook = func(string) { // one who announces just before
				h.store.hook = nil
				_ = h.other.announce(h.t.Context())
			}
			return errors.Join(h.other.announce(h.t.Context()), h.other.RevokeToken(h.t.Context(), h.operator, h.id))
		},
		"the person": func(h *house) error {
			h.dir.set(access.User{ID: h.dev.ID, Email: devEmail, Disabled: true})
			h.changed.Add(1)
			return nil
		},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t)
			h.pass(checkFor)
			if n := h.reading(nil); n != 1 {
				t.Fatalf("%d readings", n)
			}
			h.pass(checkFor - time.Millisecond)
			h.must(end(h))
			h.pass(checkFor)
			h.reading(ErrUnauthenticated)
		})
	}
}

// A crash leaves a token that is gone, and nobody who was told.
func TestValidSeesWhatNobodyAnnounced(t *testing.T) {
	h := newHouse(t)
	h.must(h.store.Delete(t.Context(), h.id))
	h.pass(keepFor)
	h.reading(ErrUnauthenticated)
}

// Where the journal says that it has ended, finishing that is enough.
func TestValidSeesWhatWasFinished(t *testing.T) {
	h := newHouse(t)
	h.must(h.store.Delete(t.Context(), h.id))
	h.must(h.Finish(t.Context(), access.Revoked{TokenID: h.id, OwnerID: From(h.ctx).Actor.ID}))
	h.pass(checkFor)
	h.reading(ErrUnauthenticated)
}

// Where the look fails everybody is read, as ever.
func TestValidGoesOnWithoutTheLook(t *testing.T) {
	h := newHouse(t)
	h.away.Store(true)
	h.pass(checkFor)
	if n := h.reading(nil); n < 2 {
		t.Errorf("%d readings", n)
	}
	h.must(h.store.Delete(t.Context(), h.id))
	h.pass(checkFor)
	h.reading(ErrUnauthenticated)
}

// A session that is used goes on, though what was read of it said that it would be over.
func TestValidOfASessionThatWasProlonged(t *testing.T) {
	h := newHouse(t)
	h.opts.SessionTTL = time.Minute
	h.Service = New(h.store, h.dir, h.opts)
	session := h.signIn(h.dev)
	r := h.post("Cookie", h.cookie(session))
	var err error
	h.ctx, err = h.Authenticate(t.Context(), r)
	h.must(err)
	h.pass(10 * time.Second)
	h.must(h.Valid(h.ctx))
	h.pass(45 * time.Second)
	_, err = h.Authenticate(t.Context(), r) // prolongs it
	h.must(err)
	h.pass(10 * time.Second)
	h.reading(nil)
}

// Nobody makes all processes read everything anew by signing out of what they made up.
func TestSigningOutOfNothingIsNotAnnounced(t *testing.T) {
	h := newHouse(t)
	secret, err := h.newSecret()
	h.must(err)
	h.must(h.other.SignOut(t.Context(), secret))
	h.must(h.other.SignOut(t.Context(), "no secret"))
	if h.store.count(endedID) > 0 {
		t.Error("it is announced")
	}
}
