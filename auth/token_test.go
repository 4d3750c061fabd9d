package auth

import (
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"procyon/access"
)

func TestServiceToken(t *testing.T) {
	w := newWorld(t)
	secret, info, err := w.CreateServiceToken(t.Context(), w.operator, "ci", []string{ScopeEventsRead, ScopeAdmin, ScopeAdmin}, 0)
	w.must(err)
	if !isToken(secret) || len(secret) != 47 || info.OwnerID != "svc_ci" || strings.Join(info.Scopes, " ") != "admin events:read" || !info.ExpiresAt.Equal(w.now().Add(90*24*time.Hour)) {
		t.Fatalf("got %q, %+v", secret, info)
	}
	if len(w.dir.issued) != 1 || w.dir.issued[0].TokenID != info.ID || w.dir.issued[0].Name != "ci" {
		t.Errorf("recorded %+v", w.dir.issued)
	}
	for id, d := range w.store.docs {
		if strings.Contains(id+string(d.Data), secret) {
			t.Error("the store tells the secret")
		}
	}
	p := From(w.as(secret))
	if p.Actor.Kind != access.ActorService || p.Actor.ID != "svc_ci" || p.Actor.Name != "ci" || p.Actor.Via != "api" || p.TokenID != info.ID || p.SessionID != "" || p.Actor.Admin {
		t.Errorf("got %+v", p)
	}
}

func TestPersonalToken(t *testing.T) {
	w := newWorld(t)
	secret, info, err := w.CreatePersonalToken(t.Context(), w.operator, "ADA@example.com", "laptop", nil, time.Hour)
	w.must(err)
	if info.OwnerID != w.ada.ID || strings.Join(info.Scopes, " ") != "self" {
		t.Fatalf("got %+v", info)
	}
	p := From(w.as(secret))
	if p.Actor.Kind != access.ActorUser || p.Actor.ID != w.ada.ID || !p.Actor.Admin || p.Actor.Via != "api" {
		t.Errorf("got %+v", p)
	}
	w.pass(time.Hour)
	_, err = w.Authenticate(t.Context(), w.post("Authorization", "Bearer "+secret))
	w.wants(err, ErrUnauthenticated)
}

// Scopes of nil would be all that the person may do.
func TestDamagedTokenOpensNothing(t *testing.T) {
	w := newWorld(t)
	secret, id := w.personal(devEmail)
	d := w.store.docs[id]
	d.Data = []byte(`{"ownerId":"usr_dev","expiresAt":"2030-01-01T00:00:00Z"}`)
	w.store.docs[id] = d
	p := From(w.as(secret))
	if p.Actor.Scopes == nil || p.full() {
		t.Fatalf("got %+v", p)
	}
	w.wants(Allows(p, roleMember, []string{ScopeEventsRead}, false), ErrForbidden)
	d.Data = []byte(`{"ownerId":"req_1","expiresAt":"2030-01-01T00:00:00Z"}`)
	w.store.docs[id] = d
	_, err := w.Authenticate(t.Context(), w.post("Authorization", "Bearer "+secret))
	w.wants(err, ErrUnauthenticated)
}

func TestTokenRefusals(t *testing.T) {
	w := newWorld(t)
	for _, c := range []struct {
		name    string
		user    string
		scopes  []string
		ttl     time.Duration
		code    access.Code
		field   string
		mention string
	}{
		{"ci", "", []string{"root"}, 0, access.CodeInvalid, "scopes", `"root"`},
		{"ci", "", []string{ScopeSelf}, 0, access.CodeInvalid, "scopes", `"self"`},
		{"ci", "", nil, 0, access.CodeInvalid, "scopes", "at least one"},
		{"ci", "", []string{ScopeAdmin}, -1, access.CodeInvalid, "ttl", "366"},
		{"ci", "", []string{ScopeAdmin}, maxTTL + 1, access.CodeInvalid, "ttl", "366"},
		{" ", "", []string{ScopeAdmin}, 0, access.CodeInvalid, "name", "80"},
		{"a\nb", "", []string{ScopeAdmin}, 0, access.CodeInvalid, "name", "control"},
		{strings.Repeat("ä", 81), "", []string{ScopeAdmin}, 0, access.CodeInvalid, "name", "80"},
		{"off", "", []string{ScopeAdmin}, 0, access.CodeConflict, "name", "disabled"},
		{"x", devEmail, []string{ScopeSlackAct}, 0, access.CodeInvalid, "scopes", `"slack:act"`},
		{"x", "nobody@example.com", nil, 0, access.CodeNotFound, "id", ""},
		{"x", "off@example.com", nil, 0, access.CodeConflict, "email", "disabled"},
	} {
		w.dir.setAccount(access.ServiceAccount{ID: "svc_off", Name: "off", Disabled: true})
		w.dir.set(access.User{ID: "usr_off", Email: "off@example.com", Disabled: true})
		var secret string
		var err error
		if c.user == "" {
			secret, _, err = w.CreateServiceToken(t.Context(), w.operator, c.name, c.scopes, c.ttl)
		} else {
			secret, _, err = w.CreatePersonalToken(t.Context(), w.operator, c.user, c.name, c.scopes, c.ttl)
		}
		w.wantsCode(err, c.code, c.field)
		if secret != "" || !strings.Contains(err.Error(), c.mention) {
			t.Errorf("%+v: %q, %v", c, secret, err)
		}
	}
	if w.store.count(tokenPrefix) != 0 || len(w.dir.issued) != 0 {
		t.Error("something was made")
	}
}

func TestTokenIsNotGoodUnlessRecorded(t *testing.T) {
	w := newWorld(t)
	w.dir.failing = errors.New("the journal is closed")
	secret, _, err := w.CreatePersonalToken(t.Context(), w.operator, devEmail, "x", nil, 0)
	w.wants(err, w.dir.failing)
	if secret != "" || w.store.count(tokenPrefix) != 0 {
		t.Error("there is a token")
	}
}

func TestWhoMakesTokens(t *testing.T) {
	w := newWorld(t)
	person := func(u access.User, scopes []string) access.Actor {
		a := access.ActorOf(u)
		a.Scopes = scopes
		return a
	}
	acting := person(w.ada, []string{ScopeSlackAct})
	acting.ByID = "svc_worker"
	bo, former := access.User{ID: "usr_bo", Admin: true}, access.User{ID: "usr_former", Admin: true}
	w.dir.set(bo)
	w.dir.set(access.User{ID: former.ID})
	for _, c := range []struct {
		name         string
		by           access.Actor
		service, own bool // may make a service's token; one of ada's
	}{
		{"operator", w.operator, true, true},
		{"administrator", person(w.ada, nil), true, true},
		{"administrator's full token", person(w.ada, []string{ScopeSelf}), true, true},
		{"administrator's limited token", person(w.ada, []string{ScopeEventsRead}), false, false},
		{"another person", person(w.dev, nil), false, false},
		{"another administrator", person(bo, nil), true, false},
		{"who was one when they connected", person(former, nil), false, false},
		{"service", access.Actor{Kind: access.ActorService, ID: "svc_ci", Scopes: []string{ScopeAdmin}}, false, false},
		{"service acting for the administrator", acting, false, false},
		{"nobody", access.Actor{}, false, false},
	} {
		_, _, err := w.CreateServiceToken(t.Context(), c.by, "ci", []string{ScopeEventsRead}, 0)
		if c.service != (err == nil) || !c.service && access.CodeOf(err) != access.CodeForbidden {
			t.Errorf("%s: a service's: %v", c.name, err)
		}
		_, _, err = w.CreatePersonalToken(t.Context(), c.by, adaEmail, "x", nil, 0)
		if c.own != (err == nil) || !c.own && access.CodeOf(err) != access.CodeForbidden {
			t.Errorf("%s: ada's: %v", c.name, err)
		}
	}
}

func TestRevokeToken(t *testing.T) {
	w := newWorld(t)
	limited := access.ActorOf(w.ada)
	limited.Scopes = []string{ScopeEventsRead}
	for _, c := range []struct {
		name string
		by   access.Actor
		may  bool
	}{
		{"the owner", access.ActorOf(w.dev), true},
		{"the operator", w.operator, true},
		{"an administrator", access.ActorOf(w.ada), true},
		{"an administrator's limited token", limited, false},
		{"another person", access.Actor{Kind: access.ActorUser, ID: "usr_bo"}, false},
		{"nobody", access.Actor{}, false},
	} {
		secret, id := w.personal(devEmail)
		err := w.RevokeToken(t.Context(), c.by, id)
		_, still := w.Authenticate(t.Context(), w.post("Authorization", "Bearer "+secret))
		if c.may && (err != nil || !errors.Is(still, ErrUnauthenticated)) || !c.may && (access.CodeOf(err) != access.CodeNotFound || still != nil) {
			t.Errorf("%s: %v, then %v", c.name, err, still)
		}
	}
	v := w.signIn(w.dev)
	for _, id := range []string{"", "tok_", "tok_absent", v.ID, credentialID(w.dev.ID)} {
		w.wantsCode(w.RevokeToken(t.Context(), w.operator, id), access.CodeNotFound, "id")
	}
}

func TestListTokens(t *testing.T) {
	w := newWorld(t)
	_, first := w.personal(devEmail)
	w.pass(time.Minute)
	_, _, err := w.CreatePersonalToken(t.Context(), w.operator, devEmail, "short", nil, time.Minute)
	w.must(err)
	w.pass(time.Minute)
	_, last := w.personal(devEmail, ScopeEventsRead)
	w.personal(adaEmail)
	list, err := w.ListTokens(t.Context(), w.dev.ID)
	w.must(err)
	if len(list) != 2 || list[0].ID != last || list[1].ID != first || list[0].Scopes[0] != ScopeEventsRead || list[1].Name != "laptop" {
		t.Errorf("got %+v", list)
	}
}

// The page about the API explains each scope that there is, and no other.
func TestScopesAreInTheDocumentation(t *testing.T) {
	page, err := os.ReadFile("../docs/api.md")
	if err != nil {
		t.Fatal(err)
	}
	_, table, _ := strings.Cut(string(page), "| scope | what it allows |\n|---|---|\n")
	table, _, _ = strings.Cut(table, "\n\n")
	said := map[string]bool{}
	for row := range strings.Lines(table) {
		name, _, _ := strings.Cut(strings.TrimPrefix(row, "| `"), "`")
		said[name] = true
	}
	for _, s := range TokenScopes() {
		if !said[s.Name] {
			t.Errorf("%s is not there", s.Name)
		}
		delete(said, s.Name)
	}
	if len(said) > 0 {
		t.Errorf("there are no scopes %v", said)
	}
}
