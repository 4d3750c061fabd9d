package auth

import (
	"context"
	"errors"
	"testing"
)

func TestAuthenticateInit(t *testing.T) {
	w := newWorld(t)
	secret, id := w.personal(adaEmail)
	other, _ := w.personal(devEmail)
	r := w.post("Cookie", w.cookie(w.signIn(w.dev)))
	upgraded, err := w.Authenticate(t.Context(), r)
	w.must(err)
	for _, payload := range []map[string]any{
		{"authorization": "Bearer " + secret}, {"Authorization": "bearer " + secret}, {"AUTHORIZATION": "BEARER " + secret},
		{"token": secret}, {"token": secret, "authorization": nil, "other": 1}, {"authToken": secret},
		{"headers": map[string]any{"Authorization": "Bearer " + secret}}, {"headers": map[string]any{"AUTHORIZATION": "Bearer " + secret, "x": 1}},
		{"token": secret, "authToken": secret, "authorization": "Bearer " + secret, "headers": map[string]any{"authorization": "bearer  " + secret}},
	} {
		for _, ctx := range []context.Context{t.Context(), upgraded} {
			if p := From(w.init(t, ctx, payload)); p == nil || p.TokenID != id {
				t.Errorf("%q: got %+v", payload, p)
			}
		}
	}
	for _, payload := range []map[string]any{nil, {}, {"other": "x"}, {"token": nil}, {"Token": "x"}, {"headers": nil}, {"headers": map[string]any{"authorization": nil}}, {"Headers": 1}} {
		if p := From(w.init(t, upgraded, payload)); p == nil || p.Actor.ID != w.dev.ID {
			t.Errorf("%q: got %+v", payload, p)
		}
		if p := From(w.init(t, t.Context(), payload)); p != nil {
			t.Errorf("%q: got %+v", payload, p)
		}
	}
	for _, payload := range []map[string]any{
		{"authorization": secret}, {"authorization": "Basic x"}, {"authorization": 1}, {"token": ""}, {"token": []any{secret}},
		{"token": "Bearer " + secret}, {"token": secret, "authorization": "Bearer " + other}, {"token": secret, "authToken": "x"},
		{"authorization": "Bearer " + secret, "Authorization": "Bearer " + other}, {"authorization": "Bearer " + secret + ", Basic x"}, {"authToken": 1},
		{"token": secret, "headers": map[string]any{"authorization": "Basic x"}}, {"headers": []any{}}, {"headers": map[string]any{"authorization": ""}},
		{"headers": map[string]any{"authorization": "Bearer " + secret, "Authorization": "Bearer " + other}},
	} {
		if _, err := w.AuthenticateInit(upgraded, payload); !errors.Is(err, ErrUnauthenticated) {
			t.Errorf("%q: %v", payload, err)
		}
	}
}

// Whom to act for is taken from the payload as from a header, and only one.
func TestAuthenticateInitFor(t *testing.T) {
	w := newWorld(t)
	secret, _ := w.service(ScopeSlackAct)
	upgraded := w.as(secret, ActForHeader, w.ada.ID)
	for _, payload := range []map[string]any{
		{"headers": map[string]any{"Authorization": "Bearer " + secret, "procyon-act-for": w.ada.ID}},
		{"token": secret, "actFor": w.ada.ID, "headers": map[string]any{ActForHeader: w.ada.ID}},
	} {
		if p := From(w.init(t, t.Context(), payload)); p == nil || p.Actor.ID != w.ada.ID || p.Actor.ByID == "" {
			t.Errorf("%q: got %+v", payload, p)
		}
	}
	if p := From(w.init(t, upgraded, map[string]any{"actFor": w.ada.ID})); p == nil || p.Actor.ID != w.ada.ID {
		t.Errorf("the same as at the upgrade: got %+v", p)
	}
	for _, payload := range []map[string]any{
		{"token": secret, "actFor": w.ada.ID, "headers": map[string]any{ActForHeader: w.dev.ID}},
		{"token": secret, "headers": map[string]any{ActForHeader: ""}}, {"token": secret, "headers": map[string]any{ActForHeader: 1}},
	} {
		if _, err := w.AuthenticateInit(t.Context(), payload); !errors.Is(err, ErrForbidden) {
			t.Errorf("%q: %v", payload, err)
		}
	}
}
