package auth

import (
	"errors"
	"strings"
	"testing"

	"procyon/access"
)

func principal(kind access.ActorKind, admin bool, by string, scopes ...string) *Principal {
	a := access.Actor{Kind: kind, ID: "usr_1", Admin: admin, ByID: by, Scopes: append([]string{}, scopes...)}
	if kind == access.ActorService {
		a.ID = "svc_1"
	}
	return &Principal{Actor: a}
}

func session(admin bool) *Principal {
	p := principal(access.ActorUser, admin, "")
	p.Actor.Scopes = nil
	return p
}

func TestAllows(t *testing.T) {
	const user, service = access.ActorUser, access.ActorService
	none := []string(nil)
	for _, c := range []struct {
		name   string
		p      *Principal
		role   string
		scopes []string
		public bool
		want   error
		says   string
	}{
		{"anybody, public", nil, "ADMIN", none, true, nil, ""},
		{"empty token, public", principal(user, false, ""), "ADMIN", none, true, nil, ""},
		{"nobody", nil, "MEMBER", none, false, ErrUnauthenticated, ""},
		{"nobody, scopes", nil, "MEMBER", []string{ScopeAdmin}, false, ErrUnauthenticated, ""},

		{"member", session(false), "MEMBER", none, false, nil, ""},
		{"member needs no scope", session(false), "MEMBER", []string{ScopeSlackAct}, false, nil, ""},
		{"member where an administrator is needed", session(false), "ADMIN", []string{ScopeAdmin}, false, ErrForbidden, "administrator"},
		{"administrator", session(true), "ADMIN", none, false, nil, ""},
		{"administrator as member", session(true), "MEMBER", none, false, nil, ""},
		{"unknown role", session(true), "OWNER", none, false, ErrForbidden, "OWNER"},
		{"no role", session(true), "", none, false, ErrForbidden, "role"},

		{"self", principal(user, false, "", ScopeSelf), "MEMBER", none, false, nil, ""},
		{"self is no administrator", principal(user, false, "", ScopeSelf), "ADMIN", none, false, ErrForbidden, "administrator"},
		{"self of an administrator", principal(user, true, "", ScopeSelf), "ADMIN", []string{ScopeWebhooksRead}, false, nil, ""},
		{"admin of an administrator", principal(user, true, "", ScopeAdmin), "ADMIN", []string{ScopeDeliveriesWrite}, false, nil, ""},
		{"admin of a member", principal(user, false, "", ScopeAdmin), "ADMIN", []string{ScopeAdmin}, false, ErrForbidden, "administrator"},
		{"limited, with the scope", principal(user, false, "", ScopeEventsRead), "MEMBER", []string{ScopeAdmin, ScopeEventsRead}, false, nil, ""},
		{"limited, without the scope", principal(user, true, "", ScopeEventsRead), "MEMBER", []string{ScopeSlackAct}, false, ErrForbidden, "slack:act, self"},
		{"limited, no scopes listed", principal(user, true, "", ScopeEventsRead), "MEMBER", none, false, ErrForbidden, "self"},
		{"limited, with the scope, without the role", principal(user, false, "", ScopeJournalRead), "ADMIN", []string{ScopeJournalRead}, false, ErrForbidden, "administrator"},
		{"limited, with both", principal(user, true, "", ScopeJournalRead), "ADMIN", []string{ScopeJournalRead}, false, nil, ""},
		{"a token without scopes", principal(user, true, ""), "MEMBER", []string{ScopeAdmin}, false, ErrForbidden, "admin"},

		{"service", principal(service, false, "", ScopeDeliveriesWrite), "ADMIN", []string{ScopeDeliveriesWrite}, false, nil, ""},
		{"service with another scope", principal(service, false, "", ScopeEventsRead), "MEMBER", []string{ScopeDeliveriesWrite}, false, ErrForbidden, "deliveries:write"},
		{"service, no scopes listed", principal(service, false, "", ScopeAdmin), "MEMBER", none, false, ErrForbidden, "Services"},
		{"service without scopes", principal(service, true, ""), "MEMBER", []string{ScopeAdmin}, false, ErrForbidden, "admin"},
		{"service with self", principal(service, true, "", ScopeSelf), "MEMBER", none, false, ErrForbidden, "Services"},
		{"service with scopes of nil", &Principal{Actor: access.Actor{Kind: service, Admin: true}}, "MEMBER", []string{ScopeAdmin}, false, ErrForbidden, "admin"},

		{"acting", principal(user, false, "svc_1", ScopeSlackAct), "MEMBER", []string{ScopeSlackAct}, false, nil, ""},
		{"acting for a member", principal(user, false, "svc_1", ScopeSlackAct), "ADMIN", []string{ScopeSlackAct}, false, ErrForbidden, "administrator"},
		{"acting for an administrator", principal(user, true, "svc_1", ScopeSlackAct), "ADMIN", []string{ScopeSlackAct}, false, nil, ""},
		{"acting where it is not listed", principal(user, true, "svc_1", ScopeSlackAct, ScopeAdmin), "ADMIN", []string{ScopeAdmin}, false, ErrForbidden, "for a person"},
		{"acting without the scope", principal(user, true, "svc_1", ScopeAdmin, ScopeSelf), "MEMBER", []string{ScopeSlackAct}, false, ErrForbidden, "for a person"},
		{"acting, scopes of nil", &Principal{Actor: access.Actor{Kind: user, Admin: true, ByID: "svc_1"}}, "MEMBER", none, false, ErrForbidden, "for a person"},

		{"the operator", &Principal{Actor: access.Actor{Kind: access.ActorSystem, Admin: true}}, "ADMIN", none, false, nil, ""},
	} {
		err := Allows(c.p, c.role, c.scopes, c.public)
		if !errors.Is(err, c.want) || c.want == nil && err != nil || err != nil && !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: got %v, want %v with %q", c.name, err, c.want, c.says)
		}
	}
}

func TestAllowsLeavesTheListAlone(t *testing.T) {
	list := append(make([]string, 0, 4), ScopeSlackAct)
	_ = Allows(principal(access.ActorUser, false, "", ScopeEventsRead), "MEMBER", list, false)
	if list[:2][1] != "" {
		t.Error("the field's list of scopes was written to")
	}
}

func TestScope(t *testing.T) {
	const user, service = access.ActorUser, access.ActorService
	other := session(false)
	other.Actor.ID = "usr_2"
	otherAdmin := session(true)
	otherAdmin.Actor.ID = "usr_2"
	sees := func(by access.Actor) bool { return by.Kind != access.ActorUser || by.Admin }
	want := map[string][]*Principal{
		"anonymous":                         {nil},
		"all:user:full":                     {session(true), otherAdmin, principal(user, true, "", ScopeSelf)},
		"all:user:events:read":              {principal(user, true, "", ScopeEventsRead)},
		"all:service:admin,events:read":     {principal(service, false, "", ScopeEventsRead, ScopeAdmin), principal(service, false, "", ScopeAdmin, ScopeEventsRead)},
		"all:service:events:read":           {principal(service, false, "", ScopeEventsRead)},
		"all:acting:slack:act":              {principal(user, true, "svc_1", ScopeSlackAct)},
		"user:usr_1:user:full":              {session(false)},
		"user:usr_2:user:full":              {other},
		"user:usr_1:user:events:read":       {principal(user, false, "", ScopeEventsRead)},
		"user:usr_1:acting:slack:act":       {principal(user, false, "svc_1", ScopeSlackAct)},
		"user:svc_1:service:slack:act":      {principal(service, false, "", ScopeSlackAct)},
		"user:svc_1:service:webhooks:read":  {principal(service, true, "", ScopeWebhooksRead)},
		"user:usr_1:acting:admin,slack:act": {principal(user, false, "svc_1", ScopeSlackAct, ScopeAdmin)},
	}
	for scope, list := range want {
		for _, p := range list {
			if got := Scope(p, sees); got != scope {
				t.Errorf("got %q, want %q", got, scope)
			}
		}
	}
}
