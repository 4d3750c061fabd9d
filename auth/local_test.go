package auth

import (
	"context"
	"testing"

	"procyon/access"
)

func TestLocalTokenIsGoodInThisProcessAlone(t *testing.T) {
	w := newWorld(t)
	system := access.Actor{Kind: access.ActorSystem, ID: "system"}
	secret, err := w.LocalToken(t.Context(), system, "notifier", []string{ScopeEventsRead})
	if err != nil {
		t.Fatal(err)
	}
	p, err := w.byToken(t.Context(), secret)
	if err != nil || p.Actor.Name != "notifier" || !p.has(ScopeEventsRead) || p.has(ScopeAdmin) {
		t.Fatalf("%+v, %v", p, err)
	}
	if err := w.Valid(WithPrincipal(t.Context(), p)); err != nil {
		t.Fatal(err)
	}
	other := New(w.store, w.dir, Options{})
	if _, err := other.byToken(t.Context(), secret); err == nil {
		t.Fatal("it is good in another process")
	}
	if _, err := w.LocalToken(t.Context(), system, "notifier", []string{"root"}); access.CodeOf(err) != access.CodeInvalid {
		t.Fatalf("an unknown scope: %v", err)
	}
}

func TestLocalTokenActsForAPerson(t *testing.T) {
	w := newWorld(t)
	secret, err := w.LocalToken(t.Context(), w.operator, "slackbot", []string{ScopeSlackAct})
	w.must(err)
	ctx := w.as(secret, ActForHeader, w.dev.ID)
	if a := From(ctx).Actor; a.ID != w.dev.ID || a.ByName != "slackbot" {
		t.Fatalf("got %+v", a)
	}
	w.must(w.Valid(ctx))
	w.dev.Disabled = true
	w.dir.set(w.dev)
	w.pass(checkFor)
	w.wants(w.Valid(ctx), ErrUnauthenticated)
}

func TestServicesActOnlyForThoseWhoLetThem(t *testing.T) {
	w := newWorld(t)
	secret, err := w.LocalToken(t.Context(), w.operator, "slackbot", []string{ScopeSlackAct})
	w.must(err)
	linked := true
	w.opts.MayActFor = func(_ context.Context, id string) (bool, error) { return linked && id == w.dev.ID, nil }
	ctx := w.as(secret, ActForHeader, w.dev.ID)
	w.must(w.Valid(ctx))
	linked = false // a subscription that is open ends, too
	w.pass(checkFor)
	w.wants(w.Valid(ctx), ErrUnauthenticated)
	_, err = w.Authenticate(t.Context(), w.post("Authorization", "Bearer "+secret, ActForHeader, w.dev.ID))
	w.wants(err, ErrForbidden)
}
