package graph_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"procyon/access"
	"procyon/auth"
)

// workerOf is a service account's token.
func (b *bed) workerOf(account string, scopes ...string) caller {
	b.t.Helper()
	return b.by(b.newToken(session(b.ada), object{"name": "worker", "serviceAccountId": account, "scopes": scopes}).secret)
}

func TestConsumersAreListed(t *testing.T) {
	b := newBed(t)
	account := b.newAccount("siem")
	who := b.workerOf(account, "events:read")
	b.ok(who, "acquireConsumer", object{"name": "siem", "holder": "one", "ttl": "PT1M"})
	b.create()
	query := `{ consumers(first: 5) { nodes { id name holder epoch entriesBehind serviceAccountId userId serviceAccount { name } leaseExpiresAt } } }`
	want := fmt.Sprintf("map[consumers:map[nodes:[map[entriesBehind:1 epoch:1 holder:one id:con_siem leaseExpiresAt:2026-11-23T10:01:00Z name:siem serviceAccount:map[name:siem] serviceAccountId:%s userId:<nil>]]]]", account)
	for _, by := range []caller{session(b.ada), service(auth.ScopeAdmin)} {
		if r := b.do(by, query, nil); fmt.Sprint(r.Data) != want || len(r.Errors) > 0 {
			t.Errorf("%v", r)
		}
	}
	b.ok(who, "advanceConsumer", object{"name": "siem", "epoch": 1, "cursor": b.cursor(b.journal.Head())})
	if r := b.do(session(b.ada), `{ node(id: "con_siem") { ... on Consumer { entriesBehind } } }`, nil); fmt.Sprint(r.Data) != "map[node:map[entriesBehind:0]]" {
		t.Errorf("%v", r)
	}
	for _, by := range []caller{session(b.dev), who, acting(b.ada), token(b.ada, "events:read")} {
		if r := b.do(by, query, nil); r.codes() != "FORBIDDEN" {
			t.Errorf("%+v: %v", by.Actor, r)
		}
	}
}

// A consumer that is deleted is gone, and one of its name is another: who held the first
// holds nothing of it.
func TestAConsumerIsDeleted(t *testing.T) {
	b := newBed(t)
	account := b.newAccount("siem")
	who := b.workerOf(account, "events:read")
	lease := object{"name": "siem", "holder": "one", "ttl": "PT1M"}
	b.ok(who, "acquireConsumer", lease)
	gone := object{"name": "siem"}
	if got := b.userErrors(session(b.ada), "deleteConsumer", gone); got != "LEASE name" {
		t.Errorf("while it is held: %q", got)
	}
	b.pass(time.Minute)
	for want, callers := range map[string][]caller{
		"FORBIDDEN name": {service("events:read"), token(b.ada, "events:read")}, "error FORBIDDEN": {service("admin"), session(b.dev), acting(b.ada)},
	} {
		for _, by := range callers {
			if got := b.userErrors(by, "deleteConsumer", gone); !strings.HasPrefix(got, want) {
				t.Errorf("%+v: %q", by.Actor, got)
			}
		}
	}
	b.ok(session(b.ada), "deleteConsumer", gone)
	if b.done(account) != "CONSUMER_DELETED by Ada" {
		t.Error(b.done(account))
	}
	if got := b.userErrors(session(b.ada), "deleteConsumer", gone); got != "NOT_FOUND name" {
		t.Errorf("again: %q", got)
	}
	if r := b.do(session(b.ada), `{ consumers { nodes { name } } node(id: "con_siem") { id } }`, nil); fmt.Sprint(r.Data) != "map[consumers:map[nodes:[]] node:<nil>]" {
		t.Errorf("%v", r)
	}
	old := object{"name": "siem", "epoch": 1, "cursor": b.cursor(b.journal.Head())}
	if got := b.userErrors(who, "advanceConsumer", old); got != "NOT_FOUND name" {
		t.Errorf("its holder: %q", got)
	}
	other := b.workerOf(b.newAccount("other"), "events:read")
	b.ok(other, "acquireConsumer", lease)
	if got := b.userErrors(other, "advanceConsumer", old); got != "LEASE epoch" {
		t.Errorf("the epoch of the one before: %q", got)
	}
	if r := b.do(session(b.ada), `{ consumers { nodes { epoch entriesBehind serviceAccount { name } } } }`, nil); fmt.Sprint(r.Data) != "map[consumers:map[nodes:[map[entriesBehind:0 epoch:2 serviceAccount:map[name:other]]]]]" {
		t.Errorf("%v", r)
	}
	b.ok(other, "releaseConsumer", object{"name": "siem", "epoch": 2})
	b.ok(other, "deleteConsumer", gone) // one's own
}

// A reset of somebody else's consumer takes all of an administrator's rights, and is
// written down.
func TestAResetIsWrittenDown(t *testing.T) {
	b := newBed(t)
	account := b.newAccount("siem")
	who := b.workerOf(account, "events:read")
	b.ok(who, "acquireConsumer", object{"name": "siem", "holder": "one", "ttl": "PT1S"})
	b.pass(time.Second)
	reset := object{"name": "siem", "holder": "me", "ttl": "PT1S", "resetTo": "j0"}
	if got := b.userErrors(token(b.ada, "events:read"), "acquireConsumer", reset); got != "FORBIDDEN name" {
		t.Errorf("an administrator's limited token: %q", got)
	}
	b.ok(session(b.ada), "acquireConsumer", reset)
	if b.done(account) != "CONSUMER_RESET by Ada" {
		t.Error(b.done(account))
	}
	b.pass(time.Second)
	b.ok(who, "acquireConsumer", object{"name": "siem", "holder": "one", "ttl": "PT1S", "resetTo": "j0"})
	if b.done(account) != "CONSUMER_RESET by Ada" {
		t.Errorf("a worker's own: %s", b.done(account))
	}
}

// Who was an administrator when their connection was opened does nothing to others'
// consumers once they are none.
func TestWhoIsNoAdministratorAnyMoreResetsNothing(t *testing.T) {
	b := newBed(t)
	who := b.workerOf(b.newAccount("siem"), "events:read")
	b.ok(who, "acquireConsumer", object{"name": "siem", "holder": "one", "ttl": "PT1S"})
	b.pass(time.Minute)
	_, err := b.SetAdmin(t.Context(), access.System(), b.ada.ID, false)
	b.must(err)
	for name, input := range map[string]object{
		"acquireConsumer": {"name": "siem", "holder": "me", "ttl": "PT1S", "resetTo": "j0"}, "deleteConsumer": {"name": "siem"},
	} {
		if got := b.userErrors(session(b.ada), name, input); !strings.HasPrefix(got, "FORBIDDEN") {
			t.Errorf("%s: %q", name, got)
		}
	}
	if r := b.do(session(b.bo), `{ consumers { nodes { holder epoch } } }`, nil); fmt.Sprint(r.Data) != "map[consumers:map[nodes:[map[epoch:1 holder:one]]]]" {
		t.Errorf("%v", r)
	}
}
