package auth

import (
	"context"
	"testing"
	"time"

	"procyon/access"
)

func TestValid(t *testing.T) {
	w := newWorld(t)
	session := w.signIn(w.dev)
	r := w.post("Cookie", w.cookie(session))
	sessionCtx, err := w.Authenticate(t.Context(), r)
	w.must(err)
	personal, personalID := w.personal(devEmail)
	service, serviceID := w.service(ScopeEventsRead)
	acting, actingID := w.service(ScopeSlackAct)
	revoke := func(id string) func() error {
		return func() error { return w.RevokeToken(t.Context(), w.operator, id) }
	}
	for _, c := range []struct {
		name string
		ctx  context.Context
		end  func() error
	}{
		{"session", sessionCtx, func() error { return w.SignOut(t.Context(), session.Token) }},
		{"personal", w.as(personal), revoke(personalID)},
		{"service", w.as(service), revoke(serviceID)},
		{"acting", w.as(acting, ActForHeader, w.dev.ID), revoke(actingID)},
	} {
		w.must(w.Valid(c.ctx))
		before := w.store.reads()
		for range 10 {
			w.must(w.Valid(c.ctx))
		}
		if n := w.store.reads() - before; n != 0 {
			t.Errorf("%s: %d reads within 5 seconds", c.name, n)
		}
		w.pass(5 * time.Second)
		w.must(w.Valid(c.ctx))
		if w.store.reads() == before {
			t.Errorf("%s: no read after 5 seconds", c.name)
		}
		w.must(c.end())
		w.wants(w.Valid(c.ctx), ErrUnauthenticated) // at once
	}
	w.must(w.Valid(t.Context()))
	w.must(w.Valid(WithPrincipal(t.Context(), &Principal{Actor: w.operator})))
}

// Valid reads only what is not known, and what is known includes that it is over.
func TestValidReadsWhatIsNotKnown(t *testing.T) {
	w := newWorld(t)
	secret, id := w.service(ScopeEventsRead)
	ctx := w.as(secret)
	expect := func(ctx context.Context, known bool, want error) {
		t.Helper()
		before := w.store.reads()
		w.wants(w.Valid(ctx), want)
		if read := w.store.reads() != before; read == known {
			t.Errorf("it has read the store: %v, want %v", read, !known)
		}
	}
	w.pass(checkFor)
	expect(ctx, false, nil)
	expect(ctx, true, nil)
	w.must(w.RevokeToken(t.Context(), w.operator, id))
	expect(ctx, false, ErrUnauthenticated)
	expect(ctx, true, ErrUnauthenticated)
	expect(t.Context(), true, nil)
	expect(WithPrincipal(t.Context(), &Principal{Actor: w.operator}), true, nil)
}

func TestValidSeesWhatOthersChange(t *testing.T) {
	w := newWorld(t)
	acting, _ := w.service(ScopeSlackAct)
	personal, _ := w.personal(devEmail)
	acts, person := w.as(acting, ActForHeader, w.dev.ID), w.as(personal)
	wants := func(want error) {
		t.Helper()
		w.pass(checkFor)
		w.wants(w.Valid(acts), want)
		w.wants(w.Valid(person), want)
	}
	wants(nil)
	w.dir.set(access.User{ID: w.dev.ID, Email: devEmail, Admin: true})
	wants(ErrRightsChanged)
	w.dir.set(access.User{ID: w.dev.ID, Email: devEmail, Disabled: true})
	wants(ErrUnauthenticated)
	w.dir.set(w.dev)
	wants(nil)
	w.dir.setAccount(access.ServiceAccount{ID: "svc_worker", Name: "worker", Disabled: true})
	w.pass(checkFor)
	w.wants(w.Valid(acts), ErrUnauthenticated)
}

func TestValidEndsWithTheToken(t *testing.T) {
	w := newWorld(t)
	secret, _, err := w.CreateServiceToken(t.Context(), w.operator, "worker", []string{ScopeAdmin}, time.Minute)
	w.must(err)
	ctx := w.as(secret)
	w.pass(time.Minute - time.Second)
	w.must(w.Valid(ctx))
	w.pass(time.Second) // its answer is still kept
	w.wants(w.Valid(ctx), ErrUnauthenticated)
}

// What is read while the token is being revoked does not count.
func TestRevocationOvertakesAReading(t *testing.T) {
	w := newWorld(t)
	secret, id := w.service(ScopeEventsRead)
	ctx := w.as(secret)
	w.must(w.Valid(ctx))
	old := w.checks.answers[id+" svc_worker"]
	w.must(w.RevokeToken(t.Context(), w.operator, id))
	w.checks.keep(id+" svc_worker", old) // the late reader
	w.wants(w.Valid(ctx), ErrUnauthenticated)
}

func TestChecksAreBounded(t *testing.T) {
	c := newChecks()
	at := time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)
	for i := range 3 * maxChecks {
		c.keep(stamp(at.Add(time.Duration(i)*time.Microsecond)), &standing{readAt: at})
		if len(c.answers) > maxChecks {
			t.Fatalf("%d answers are kept", len(c.answers))
		}
	}
}

// Sessions and tokens of somebody who was disabled are over for good, also when nobody
// deleted them, and in streams that began before.
func TestEnabledAgainIsAnotherEpoch(t *testing.T) {
	w := newWorld(t)
	session := w.signIn(w.dev)
	r := w.post("Cookie", w.cookie(session))
	ctx, err := w.Authenticate(t.Context(), r)
	w.must(err)
	secret, _ := w.personal(devEmail)
	byToken := w.as(secret)
	u, err := w.dir.User(t.Context(), w.dev.ID)
	w.must(err)
	u.Epoch = 2 // disabled, and enabled again
	w.dir.set(u)
	w.pass(checkFor)
	for name, ctx := range map[string]context.Context{"session": ctx, "token": byToken} {
		w.wants(w.Valid(ctx), ErrUnauthenticated)
		if t.Failed() {
			t.Fatalf("the %s goes on", name)
		}
	}
	if _, _, err := w.Session(r); err == nil {
		t.Error("the session opens the console")
	}
	again := w.post("Authorization", "Bearer "+secret)
	if _, err := w.Authenticate(t.Context(), again); err == nil {
		t.Error("the token works again")
	}
	if list, err := w.ListTokens(t.Context(), w.dev.ID); err != nil || len(list) != 0 {
		t.Errorf("%v, %v", list, err)
	}
	fresh, _ := w.personal(devEmail)
	w.must(w.Valid(w.as(fresh)))
}

// An event that goes to thousands asks for each of them.
func TestValidAllocatesNothing(t *testing.T) {
	w := newWorld(t)
	secret, _, err := w.CreatePersonalToken(t.Context(), access.System(), w.dev.Email, "events", nil, 0)
	w.must(err)
	ctx := w.as(secret)
	w.must(w.Valid(ctx))
	if n := testing.AllocsPerRun(100, func() { w.must(w.Valid(ctx)) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
