package auth

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"procyon/access"
)

func TestSignInOpensASession(t *testing.T) {
	w := newWorld(t)
	v := w.signIn(w.dev)
	if !isSecret(v.Token) || v.UserID != w.dev.ID || !v.ExpiresAt.Equal(w.now().Add(7*24*time.Hour)) {
		t.Fatalf("got %+v", v)
	}
	for id, d := range w.store.docs {
		if strings.Contains(id+string(d.Data), v.Token) || strings.Contains(string(d.Data), password) {
			t.Errorf("the document %s tells a secret", id)
		}
	}
	p := w.who(w.post("Cookie", w.cookie(v)))
	if p == nil || p.Actor.ID != w.dev.ID || p.Actor.Email != devEmail || p.Actor.Via != "console" || p.Actor.Scopes != nil || p.SessionID != v.ID || p.TokenID != "" {
		t.Fatalf("got %+v", p)
	}
}

// Whatever is wrong, the answer and the work are the same: one look-up of the
// person, one read, one hash of full cost.
func TestSignInTellsNothing(t *testing.T) {
	w := newWorld(t)
	w.must(w.SetPassword(t.Context(), w.operator, w.dev.ID, password))
	gone := access.User{ID: "usr_gone", Email: "gone@example.com"}
	w.dir.set(gone)
	w.must(w.SetPassword(t.Context(), w.operator, gone.ID, password))
	gone.Disabled = true
	w.dir.set(gone)
	for _, try := range []struct{ email, password string }{
		{devEmail, "wrong"}, {"nobody@example.com", password}, {gone.Email, password}, {adaEmail, password},
		{devEmail, ""}, {"", ""}, {devEmail, strings.Repeat("x", maxPassword+1)}, {"", strings.Repeat("x", 1<<20)},
	} {
		before := w.store.reads()
		_, err := w.try(try.email, try.password, home)
		if err != ErrCredentials { //nolint:errorlint // not even its words may differ
			t.Errorf("%.20q: %v", try, err)
		}
		if n := w.store.reads() - before; n != 1 {
			t.Errorf("%.20q: %d reads", try, n)
		}
	}
	if w.store.count(sessionPrefix) != 0 {
		t.Error("a session was stored")
	}
	if d := newWorld(t).decoy(); d.weaker(w.cost) || len(d.key) != keyBytes || len(d.salt) != saltBytes {
		t.Errorf("the decoy is cheaper: %+v", d)
	}
}

func TestSignInFindsTheAddressInAnyCase(t *testing.T) {
	w := newWorld(t)
	w.must(w.SetPassword(t.Context(), w.operator, w.dev.ID, password))
	if _, err := w.try("DEV@Example.com", password, home); err != nil {
		t.Fatal(err)
	}
}

func TestSuccessCountsNoTry(t *testing.T) {
	w := newWorld(t)
	w.must(w.SetPassword(t.Context(), w.operator, w.dev.ID, password))
	for range 60 {
		if _, err := w.try(devEmail, password, home); err != nil {
			t.Fatal(err)
		}
	}
	if n := w.store.count(sessionPrefix); n != maxSessions {
		t.Errorf("%d sessions are kept", n)
	}
}

func TestAddressKey(t *testing.T) {
	for in, want := range map[string]string{
		"192.0.2.1:80": "192.0.2.1", "192.0.2.1": "192.0.2.1", "[::ffff:192.0.2.1]:80": "192.0.2.1",
		"[2001:db8:1:2:3::4]:80": "2001:db8:1::/48", "fe80::1%eth0": "fe80::/48", "@": "@", "": "",
	} {
		if got := addressKey(in); got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
}

func TestGateBoundsHashing(t *testing.T) {
	g := newGate(2, 3)
	var leaves []func()
	for range 2 {
		leave, err := g.enter(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		leaves = append(leaves, leave)
	}
	waiting, cancel := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	errs := make(chan error, 3)
	for range 3 {
		wg.Go(func() { _, err := g.enter(waiting); errs <- err })
	}
	for len(g.queue) < 5 { // a signal would need a hook; the queue is the signal
		select {
		case err := <-errs:
			t.Fatal(err)
		default:
		}
	}
	var many *TooManyError
	if _, err := g.enter(t.Context()); !errors.As(err, &many) || many.RetryAfter <= 0 {
		t.Fatalf("got %v", err)
	}
	cancel()
	wg.Wait()
	for range 3 {
		if err := <-errs; !errors.Is(err, context.Canceled) {
			t.Errorf("got %v", err)
		}
	}
	for _, leave := range leaves {
		leave()
	}
	if len(g.queue)+len(g.inside) != 0 {
		t.Error("places were lost")
	}
}

func TestFloodTakesNoTries(t *testing.T) {
	w := newWorld(t)
	w.gate = newGate(1, 0)
	leave, err := w.gate.enter(t.Context())
	w.must(err)
	var many *TooManyError
	for range 60 {
		if _, err := w.try(devEmail, "x", home); !errors.As(err, &many) {
			t.Fatal(err)
		}
	}
	leave()
	_, err = w.try(devEmail, "x", home)
	w.wants(err, ErrCredentials)
}

func TestWeakHashIsReplaced(t *testing.T) {
	w := newWorld(t)
	w.must(w.SetPassword(t.Context(), w.operator, w.ada.ID, password))
	v := w.signIn(w.ada)
	w.cost = cost{memory: 16, time: 2, threads: 1}
	w.signIn(w.ada)
	var c credential
	_, err := w.get(t.Context(), credentialID(w.ada.ID), &c)
	w.must(err)
	h, err := parsePHC(c.Hash)
	w.must(err)
	if h.cost != w.cost || c.Epoch != 1 {
		t.Fatalf("got %+v", c)
	}
	if w.who(w.post("Cookie", w.cookie(v))) == nil {
		t.Error("the session ended")
	}
	if printed, err := w.EnsureAdmin(t.Context(), "", ""); printed != "" || err != nil {
		t.Errorf("the administrator's credential is no longer known: %v", err)
	}
}

func TestNewPasswordEndsSessions(t *testing.T) {
	w := newWorld(t)
	v := w.signIn(w.dev)
	w.must(w.SetPassword(t.Context(), w.operator, w.dev.ID, "another good password"))
	if p := w.who(w.post("Cookie", w.cookie(v))); p != nil {
		t.Errorf("%s is still signed in", p.Actor.ID)
	}
	_, err := w.try(devEmail, password, home)
	w.wants(err, ErrCredentials)
}

// A password set between the check of the old one and the storing of the session
// ends that session, too.
func TestNewPasswordDuringSignIn(t *testing.T) {
	w := newWorld(t)
	w.must(w.SetPassword(t.Context(), w.operator, w.dev.ID, password))
	w.store.hook = func(id string) {
		if strings.HasPrefix(id, sessionPrefix) {
			w.store.hook = nil
			c, err := w.credential(t.Context(), w.dev.ID)
			w.must(err)
			w.must(w.putCredential(t.Context(), w.dev, c, credential{Hash: c.Hash, Epoch: c.Epoch + 1}))
		}
	}
	_, err := w.try(devEmail, password, home)
	w.wants(err, ErrCredentials)
	if w.store.count(sessionPrefix) != 0 {
		t.Error("the session is still there")
	}
}

func TestFailingStoreIsNoWrongPassword(t *testing.T) {
	w := newWorld(t)
	w.must(w.SetPassword(t.Context(), w.operator, w.dev.ID, password))
	w.store.fail = errors.New("the disk is gone")
	_, err := w.try(devEmail, password, home)
	w.wants(err, w.store.fail)
	if errors.Is(err, ErrCredentials) {
		t.Error("it is called a wrong password")
	}
}
