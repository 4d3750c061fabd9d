package graph_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"procyon/access"
	"procyon/auth"
)

// newAccount makes a service account.
func (b *bed) newAccount(name string) string {
	b.t.Helper()
	out := b.mutation(session(b.ada), "createServiceAccount", "serviceAccount { id }", object{"name": name})
	if said(out) != "" {
		b.t.Fatal(said(out))
	}
	return out["serviceAccount"].(object)["id"].(string)
}

// A service account's token does what its scopes say, until it is revoked, or the account
// is switched off; and then nothing of it comes back.
func TestAServiceAccount(t *testing.T) {
	b := newBed(t)
	id := b.newAccount("siem")
	if got := b.userErrors(session(b.ada), "createServiceAccount", object{"name": "SIEM"}); got != "DUPLICATE name" {
		t.Errorf("the same name: %q", got)
	}
	input := object{"name": "prod", "serviceAccountId": id, "scopes": []string{"events:read"}, "ttl": "P7D"}
	first, second := b.newToken(session(b.ada), input), b.newToken(session(b.ada), input)
	if b.done(id) != "TOKEN_ISSUED by Ada" {
		t.Error(b.done(id))
	}
	who := b.by(first.secret)
	if r := b.do(who, `{ viewer { serviceAccountId scopes } }`, nil); fmt.Sprint(r.Data) != fmt.Sprintf("map[viewer:map[scopes:[events:read] serviceAccountId:%s]]", id) {
		t.Errorf("%v", r)
	}
	b.ok(session(b.bo), "revokeToken", object{"tokenId": first.id})
	if b.by(first.secret) != nil || b.valid(who) || b.by(second.secret) == nil {
		t.Error("the wrong token was revoked, or none")
	}
	if got := b.userErrors(session(b.bo), "revokeToken", object{"tokenId": first.id}); got != "NOT_FOUND tokenId" {
		t.Errorf("again: %q", got)
	}
	who = b.by(second.secret)
	out := b.mutation(session(b.ada), "disableServiceAccount", "serviceAccount { disabled tokens { nodes { id } } } endedTokens", object{"serviceAccountId": id})
	if fmt.Sprint(out) != "map[endedTokens:1 serviceAccount:map[disabled:true tokens:map[nodes:[]]] userErrors:[]]" || b.valid(who) || b.by(second.secret) != nil {
		t.Errorf("%v", out)
	}
	if got := b.userErrors(session(b.ada), "createToken", input); got != "CONFLICT serviceAccountId" {
		t.Errorf("a token for who is disabled: %q", got)
	}
	b.ok(session(b.ada), "disableServiceAccount", object{"serviceAccountId": id})
	b.ok(session(b.ada), "enableServiceAccount", object{"serviceAccountId": id})
	if b.by(second.secret) != nil {
		t.Error("a token came back")
	}
	if b.by(b.newToken(session(b.ada), input).secret) == nil {
		t.Error("no new token is good")
	}
	r := b.do(session(b.ada), `{ serviceAccounts(first: 5) { nodes { name disabled tokens(first: 5) { nodes { name scopes serviceAccountId userId current } } } } }`, nil)
	if want := fmt.Sprintf("map[serviceAccounts:map[nodes:[map[disabled:false name:siem tokens:map[nodes:[map[current:false name:prod scopes:[events:read] serviceAccountId:%s userId:<nil>]]]]]]]", id); fmt.Sprint(r.Data) != want {
		t.Errorf("%v", r.Data)
	}
}

// A worker in the server is switched off by who starts that.
func TestTheServersOwnWorkersStay(t *testing.T) {
	b := newBed(t)
	_, err := b.auth.LocalToken(t.Context(), access.System(), "notifier", []string{auth.ScopeEventsRead})
	b.must(err)
	a, err := b.ServiceAccountByName(t.Context(), "notifier")
	b.must(err)
	if got := b.userErrors(session(b.ada), "disableServiceAccount", object{"serviceAccountId": a.ID}); got != "CONFLICT serviceAccountId" {
		t.Errorf("%q", got)
	}
}

// A connection that was opened by an administrator who is none any more makes nobody.
func TestRightsToManageAreThoseOfNow(t *testing.T) {
	b := newBed(t)
	was := session(b.bo)
	id := b.newAccount("siem")
	b.ok(session(b.ada), "setUserRole", object{"userId": b.bo.ID, "role": "MEMBER"})
	for name, input := range map[string]object{
		"createUser": {"name": "z", "email": "z@example.com", "role": "ADMIN"}, "setUserRole": {"userId": b.bo.ID, "role": "ADMIN"}, "disableUser": {"userId": b.ada.ID},
		"enableUser": {"userId": b.dev.ID}, "updateUser": {"userId": b.ada.ID, "email": "evil@example.com"}, "resetPassword": {"userId": b.ada.ID},
		"createServiceAccount": {"name": "y"}, "disableServiceAccount": {"serviceAccountId": id}, "enableServiceAccount": {"serviceAccountId": id},
		"createToken": {"serviceAccountId": id, "name": "x", "scopes": []string{"admin"}},
	} {
		if name == "enableUser" {
			b.ok(session(b.ada), "disableUser", object{"userId": b.dev.ID})
		}
		if got := b.userErrors(was, name, input); got != "FORBIDDEN " {
			t.Errorf("%s: %q", name, got)
		}
	}
	if got := b.userErrors(was, "endSessions", object{"userId": b.ada.ID}); got != "FORBIDDEN userId" {
		t.Errorf("endSessions: %q", got)
	}
	theirs := b.newToken(session(b.ada), object{"name": "laptop"})
	stay := b.signIn(b.ada)
	if got := b.userErrors(was, "revokeToken", object{"tokenId": theirs.id}) + b.userErrors(was, "endSession", object{"sessionId": stay.SessionID}); got != "NOT_FOUND tokenIdNOT_FOUND sessionId" {
		t.Errorf("%q", got)
	}
}

// A repeated call makes one token, and tells its secret once.
func TestATokensSecretIsToldOnce(t *testing.T) {
	b := newBed(t)
	in := object{"name": "laptop", "idempotencyKey": "k"}
	made := b.newToken(session(b.dev), in)
	again := b.newToken(session(b.dev), in)
	if made.secret == "" || again.secret != "" || again.id != made.id {
		t.Errorf("%v, then %v", made, again)
	}
	b.notInJournal(made.secret)
	other := b.newToken(session(b.eve), in) // others' keys are others'
	if other.id == made.id || other.secret == "" {
		t.Error("a key of another person gives their token")
	}
	in["scopes"] = []string{"self"}
	if got := b.userErrors(session(b.dev), "createToken", in); got != "CONFLICT idempotencyKey" {
		t.Errorf("another input: %q", got)
	}
	delete(in, "scopes")
	b.ok(session(b.dev), "revokeToken", object{"tokenId": made.id})
	if got := b.userErrors(session(b.dev), "createToken", in); got != "CONFLICT idempotencyKey" {
		t.Errorf("after it was revoked: %q", got)
	}
	for want, input := range map[string]object{
		"INVALID scopes": {"name": "x", "scopes": []string{}}, "INVALID ttl": {"name": "x", "ttl": "P366DT1S"}, "INVALID name": {"name": " "},
		"NOT_FOUND serviceAccountId": {"name": "x", "serviceAccountId": b.bo.ID, "scopes": []string{"admin"}},
	} {
		if got := b.userErrors(session(b.ada), "createToken", input); got != want && !strings.HasPrefix(got, "error INVALID") {
			t.Errorf("%v: %q", input, got)
		}
	}
	if got := b.userErrors(session(b.ada), "createToken", object{"name": "x", "scopes": []string{"slack:act"}}); got != "INVALID scopes" {
		t.Errorf("a scope of services: %q", got)
	}
}

// No token makes one that may do more, or lasts longer; nobody makes one for others.
func TestTokensBegetNothingStronger(t *testing.T) {
	b := newBed(t)
	id := b.newAccount("siem")
	service1 := object{"name": "x", "serviceAccountId": id, "scopes": []string{"admin"}}
	for _, who := range []caller{
		token(b.ada, "events:read"), token(b.ada, "journal:read", "deliveries:write"), acting(b.ada), acting(b.dev), service("admin"), service("admin", "slack:act"), token(b.ada, []string{}...),
	} {
		for name, input := range map[string]object{
			"createToken": service1, "createServiceAccount": {"name": "y"}, "createUser": {"name": "z", "email": "z@example.com"},
			"setUserRole": {"userId": b.eve.ID, "role": "ADMIN"}, "resetPassword": {"userId": b.bo.ID}, "disableUser": {"userId": b.bo.ID},
			"endSessions": {"userId": b.bo.ID}, "enableServiceAccount": {"serviceAccountId": id}, "updateUser": {"userId": b.bo.ID, "email": "evil@example.com"},
		} {
			if got := b.userErrors(who, name, input); !strings.HasPrefix(got, "error FORBIDDEN") {
				t.Errorf("%s by %+v: %q", name, who.Actor, got)
			}
		}
		if got := b.userErrors(who, "createToken", object{"name": "x"}); !strings.HasPrefix(got, "error FORBIDDEN") {
			t.Errorf("for themselves by %+v: %q", who.Actor, got)
		}
	}
	if got := b.userErrors(session(b.dev), "createToken", service1); got != "FORBIDDEN " {
		t.Errorf("a member, for a service: %q", got)
	}
	service1["serviceAccountId"] = "svc_nothing"
	if got := b.userErrors(session(b.dev), "createToken", service1); got != "FORBIDDEN " {
		t.Errorf("a member learns which accounts there are: %q", got)
	}
	short := b.by(b.newToken(session(b.dev), object{"name": "hour", "ttl": "PT1H"}).secret)
	if got := b.userErrors(short, "createToken", object{"name": "longer", "ttl": "PT2H"}); got != "INVALID ttl" {
		t.Errorf("one that lasts longer: %q", got)
	}
	child := b.newToken(short, object{"name": "as long"})
	b.pass(time.Hour)
	if b.by(child.secret) != nil {
		t.Error("a token outlives the one that made it")
	}
}

// A person may have many tokens, but not fill the store and the journal with them.
func TestAPersonsTokensAreLimited(t *testing.T) {
	b := newBed(t)
	made := 0
	for range 70 {
		if got := b.userErrors(session(b.dev), "createToken", object{"name": "x"}); got == "LIMITED " {
			break
		}
		made++
	}
	if made != 60 {
		t.Errorf("%d at once", made)
	}
	for range 70 {
		b.pass(2 * time.Minute)
		if got := b.userErrors(session(b.dev), "createToken", object{"name": "x"}); got == "LIMITED " {
			break
		}
		made++
	}
	if made != 100 {
		t.Errorf("%d in all", made)
	}
	r := b.do(session(b.dev), `{ viewer { user { tokens(first: 100) { nodes { id } pageInfo { hasNextPage } } } } }`, nil)
	if list := r.Data["viewer"].(object)["user"].(object)["tokens"].(object)["nodes"].([]any); len(list) != 100 {
		t.Errorf("%d are listed", len(list))
	}
}

// Everybody sees and ends their own sessions, and administrators everybody's.
func TestSessions(t *testing.T) {
	b := newBed(t)
	home, work, phone := b.signIn(b.dev), b.signIn(b.dev), b.signIn(b.dev)
	ada := b.signIn(b.ada)
	list := func(who caller) (ids []string, current string) {
		r := b.do(who, `{ viewer { user { sessions(first: 5) { nodes { id userId current createdAt lastSeenAt expiresAt } } } } }`, nil)
		if len(r.Errors) > 0 {
			t.Fatal(r.Errors)
		}
		for _, n := range r.Data["viewer"].(object)["user"].(object)["sessions"].(object)["nodes"].([]any) {
			s := n.(object)
			ids = append(ids, s["id"].(string))
			if s["current"] == true {
				current += s["id"].(string)
			}
			if s["userId"] != who.Actor.ID || s["createdAt"] != "2026-11-23T10:00:00Z" || s["expiresAt"] != "2026-11-23T22:00:00Z" {
				t.Errorf("%v", s)
			}
		}
		slices.Sort(ids)
		return ids, current
	}
	want := []string{home.SessionID, work.SessionID, phone.SessionID}
	slices.Sort(want)
	if ids, current := list(home); !slices.Equal(ids, want) || current != home.SessionID {
		t.Errorf("%v, %s", ids, current)
	}
	for _, id := range []string{ada.SessionID, "ses_nothing"} {
		if got := b.userErrors(home, "endSession", object{"sessionId": id}); got != "NOT_FOUND sessionId" {
			t.Errorf("a member ends an administrator's: %q", got)
		}
	}
	if got := b.userErrors(home, "endSessions", object{"userId": b.ada.ID}); got != "FORBIDDEN userId" {
		t.Errorf("a member ends an administrator's: %q", got)
	}
	b.ok(home, "endSession", object{"sessionId": work.SessionID})
	if b.valid(work) || !b.valid(home) || !b.valid(phone) || b.done(b.dev.ID) == "SESSIONS_ENDED by Dev" {
		t.Error("the wrong session has ended")
	}
	if out := b.mutation(home, "endSessions", "endedCount", object{"exceptCurrent": true}); fmt.Sprint(out["endedCount"]) != "1" || b.valid(phone) || !b.valid(home) {
		t.Errorf("%v", out)
	}
	if out := b.mutation(ada, "endSessions", "endedCount", object{"userId": b.dev.ID}); fmt.Sprint(out["endedCount"]) != "1" || b.valid(home) || b.done(b.dev.ID) != "SESSIONS_ENDED by Ada" {
		t.Errorf("%v, %s", out, b.done(b.dev.ID))
	}
	if got := b.userErrors(ada, "endSessions", object{"userId": "usr_nothing"}); got != "NOT_FOUND userId" {
		t.Errorf("%q", got)
	}
	stay := b.signIn(b.dev)
	b.ok(ada, "endSession", object{"sessionId": stay.SessionID})
	if b.valid(stay) || b.done(b.dev.ID) != "SESSIONS_ENDED by Ada" {
		t.Error(b.done(b.dev.ID))
	}
}

// What is listed of people is theirs, and of those who may list people.
func TestWhoListsTokensAndSessions(t *testing.T) {
	b := newBed(t)
	b.newToken(session(b.dev), object{"name": "laptop"})
	query := `{ users(first: 9) { nodes { tokens(first: 1) { nodes { name } } sessions(first: 1) { nodes { id } } } } }`
	for _, who := range []caller{session(b.ada), service(auth.ScopeAdmin), token(b.ada, auth.ScopeAdmin)} {
		if r := b.do(who, query, nil); len(r.Errors) > 0 || !strings.Contains(fmt.Sprint(r.Data), "laptop") {
			t.Errorf("%+v: %v", who.Actor, r)
		}
	}
	for _, who := range []caller{session(b.dev), token(b.dev, auth.ScopeEventsRead), service(auth.ScopeEventsRead), acting(b.ada), nil} {
		if r := b.do(who, query, nil); strings.Contains(fmt.Sprint(r), "laptop") {
			t.Errorf("%+v: %v", who, r)
		}
	}
	var seen access.User
	seen, err := b.User(t.Context(), b.eve.ID)
	b.must(err)
	r := b.do(session(seen), `query($id: ID!) { node(id: $id) { ... on User { tokens { nodes { name } } } } }`, object{"id": b.dev.ID})
	if r.Data["node"] != nil {
		t.Errorf("%v", r)
	}
}
