package graph_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"procyon/access"
	"procyon/auth"
)

// newToken is a token as createToken answers.
type newToken struct{ id, secret string }

func (b *bed) newToken(who caller, input object) newToken {
	b.t.Helper()
	out := b.mutation(who, "createToken", "token { id } secret", input)
	if said(out) != "" {
		b.t.Fatal(said(out))
	}
	secret, _ := out["secret"].(string)
	return newToken{out["token"].(object)["id"].(string), secret}
}

// by is who holds a token's secret; nil where it opens nothing.
func (b *bed) by(secret string) caller {
	b.t.Helper()
	r := httptest.NewRequestWithContext(b.t.Context(), http.MethodPost, "http://procyon.example/graphql", http.NoBody)
	r.Header.Set("Authorization", "Bearer "+secret)
	ctx, err := b.auth.Authenticate(r.Context(), r)
	if errors.Is(err, auth.ErrUnauthenticated) {
		return nil
	}
	b.must(err)
	return auth.From(ctx)
}

// valid tells whether what is open under a principal may go on.
func (b *bed) valid(who caller) bool {
	b.t.Helper()
	err := b.auth.Valid(auth.WithPrincipal(b.t.Context(), who))
	return err == nil
}

const password = "correct horse battery"

// signIn signs a person in, with a password that they get if they have none.
func (b *bed) signIn(u access.User) caller {
	b.t.Helper()
	try := auth.Attempt{Email: u.Email, Password: password, RemoteAddr: "192.0.2.1:1"}
	v, err := b.auth.SignIn(b.t.Context(), try)
	if errors.Is(err, auth.ErrCredentials) {
		b.must(b.auth.SetPassword(b.t.Context(), access.System(), u.ID, password))
		v, err = b.auth.SignIn(b.t.Context(), try)
	}
	b.must(err)
	r := httptest.NewRequestWithContext(b.t.Context(), http.MethodGet, "http://procyon.example/", http.NoBody)
	r.AddCookie(&http.Cookie{Name: b.auth.CookieName(), Value: v.Token})
	ctx, _, err := b.auth.Session(r)
	b.must(err)
	return auth.From(ctx)
}

// A person who is added signs in with a one-time password, which is good for choosing one.
func TestAPersonIsAdded(t *testing.T) {
	b := newBed(t)
	in := object{"email": "nina@example.com", "name": "Nina", "role": "ADMIN", "idempotencyKey": "k"}
	out := b.mutation(session(b.ada), "createUser", "user { id role } oneTimePassword", in)
	first, _ := out["oneTimePassword"].(string)
	nina, err := b.UserByEmail(t.Context(), "nina@example.com")
	b.must(err)
	if len(first) < 20 || out["user"].(object)["id"] != nina.ID || !nina.Admin {
		t.Fatalf("%v", out)
	}
	if again := b.mutation(session(b.ada), "createUser", "user { id } oneTimePassword", in); again["oneTimePassword"] != nil || again["user"].(object)["id"] != nina.ID {
		t.Errorf("a repeat: %v", again)
	}
	var choose *auth.ChooseError
	try := auth.Attempt{Email: nina.Email, Password: first, RemoteAddr: "192.0.2.1:1"}
	if _, err := b.auth.SignIn(t.Context(), try); !errors.As(err, &choose) {
		t.Errorf("it opens a session: %v", err)
	}
	try.NewPassword = password
	if _, err := b.auth.SignIn(t.Context(), try); err != nil {
		t.Fatal(err)
	}
	if _, err := b.auth.SignIn(t.Context(), try); !errors.Is(err, auth.ErrCredentials) {
		t.Errorf("it is good twice: %v", err)
	}
	b.signIn(nina)
	for _, secret := range []string{first, password} {
		b.notInJournal(secret)
	}
	out = b.mutation(session(b.ada), "createUser", "user { id } oneTimePassword", object{"email": "sso@example.com", "name": "Sso", "withPassword": false})
	if out["oneTimePassword"] != nil || out["user"] == nil {
		t.Errorf("%v", out)
	}
	for want, input := range map[string]object{
		"DUPLICATE email": {"email": "NINA@example.com", "name": "Another"}, "INVALID email": {"email": "nobody", "name": "Another"},
		"INVALID name": {"email": "x@example.com", "name": " "}, "INVALID idempotencyKey": {"email": "x@example.com", "name": "X", "idempotencyKey": ""},
	} {
		if got := b.userErrors(session(b.ada), "createUser", input); got != want {
			t.Errorf("%v: %q", input, got)
		}
	}
}

// notInJournal says where an entry holds a secret.
func (b *bed) notInJournal(secret string) {
	b.t.Helper()
	for after := uint64(0); after < b.journal.Head(); after += 50 {
		entries, err := b.journal.Read(b.t.Context(), after, 50)
		b.must(err)
		for _, e := range entries {
			if strings.Contains(string(e.Data)+string(e.After), secret) {
				b.t.Errorf("entry %d (%s) holds a secret", e.Seq, e.Type)
			}
		}
	}
}

// done is what the journal has last of a subject: the type, and who did it.
func (b *bed) done(subject string) string {
	b.t.Helper()
	r := b.do(session(b.ada), `query($s: ID) { journal(filter: {subjectId: $s}, last: 1) { nodes { type actor { name } } } }`, object{"s": subject})
	if len(r.Errors) > 0 {
		b.t.Fatal(r.Errors)
	}
	e := r.Data["journal"].(object)["nodes"].([]any)[0].(object)
	return fmt.Sprint(e["type"], " by ", e["actor"].(object)["name"])
}

func TestPeopleAreChanged(t *testing.T) {
	b := newBed(t)
	ada := session(b.ada)
	out := b.mutation(ada, "updateUser", "user { name email }", object{"userId": b.dev.ID, "name": "Devi", "email": "devi@example.com"})
	if fmt.Sprint(out["user"]) != "map[email:devi@example.com name:Devi]" {
		t.Errorf("%v", out)
	}
	for want, input := range map[string]object{
		"DUPLICATE email": {"userId": b.dev.ID, "email": "EVE@example.com"}, "INVALID email": {"userId": b.dev.ID, "email": ""}, "INVALID name": {"userId": b.dev.ID, "name": ""},
	} {
		if got := b.userErrors(ada, "updateUser", input); got != want {
			t.Errorf("%v: %q", input, got)
		}
	}
	out = b.mutation(ada, "setUserRole", "user { role }", object{"userId": b.eve.ID, "role": "ADMIN"})
	if out["user"].(object)["role"] != "ADMIN" || b.done(b.eve.ID) != "UPDATED by Ada" {
		t.Errorf("%v, %s", out, b.done(b.eve.ID))
	}
	// Nobody takes their own rights away by mistake, and somebody stays who has them.
	for name, input := range map[string]object{"setUserRole": {"role": "MEMBER"}, "disableUser": {}} {
		input["userId"] = b.ada.ID
		if got := b.userErrors(ada, name, input); got != "CONFLICT userId" {
			t.Errorf("%s of oneself: %q", name, got)
		}
	}
	b.ok(ada, "setUserRole", object{"userId": b.eve.ID, "role": "MEMBER"})
	b.ok(ada, "disableUser", object{"userId": b.bo.ID})
	for name, input := range map[string]object{"setUserRole": {"role": "MEMBER"}, "disableUser": {}} {
		input["userId"], input["allowSelf"] = b.ada.ID, true
		if got := b.userErrors(ada, name, input); got != "CONFLICT userId" {
			t.Errorf("%s of the last administrator: %q", name, got)
		}
	}
	b.ok(ada, "enableUser", object{"userId": b.bo.ID})
	b.ok(ada, "setUserRole", object{"userId": b.ada.ID, "role": "MEMBER", "allowSelf": true})
}

// What is a person's ends when they are disabled, and does not come back.
func TestADisabledPersonHasNothing(t *testing.T) {
	b := newBed(t)
	request := b.create()
	stay := b.signIn(b.dev)
	made := b.newToken(stay, object{"name": "laptop"})
	holder := b.by(made.secret)
	if !b.valid(stay) || !b.valid(holder) {
		t.Fatal("not valid at first")
	}
	out := b.mutation(session(b.ada), "disableUser", "user { disabled } endedRequests { count requestIds } endedSessions endedTokens", object{"userId": b.dev.ID})
	if want := fmt.Sprintf("map[endedRequests:map[count:1 requestIds:[%s]] endedSessions:1 endedTokens:1 user:map[disabled:true] userErrors:[]]", request); fmt.Sprint(out) != want {
		t.Errorf("%v", out)
	}
	if b.valid(stay) || b.valid(holder) || b.by(made.secret) != nil {
		t.Error("something of theirs goes on")
	}
	out = b.mutation(session(b.ada), "disableUser", "endedSessions endedTokens", object{"userId": b.dev.ID})
	if fmt.Sprint(out["endedSessions"], out["endedTokens"]) != "0 0" {
		t.Errorf("again: %v", out)
	}
	if got := b.userErrors(session(b.ada), "resetPassword", object{"userId": b.dev.ID}); got != "CONFLICT userId" {
		t.Errorf("a password for who is disabled: %q", got)
	}
	b.ok(session(b.ada), "enableUser", object{"userId": b.dev.ID})
	if b.by(made.secret) != nil || b.valid(stay) {
		t.Error("something of theirs came back")
	}
	b.signIn(b.dev)
}

func TestPasswordsOfOthers(t *testing.T) {
	b := newBed(t)
	stay := b.signIn(b.dev)
	out := b.mutation(session(b.ada), "resetPassword", "user { id } oneTimePassword", object{"userId": b.dev.ID})
	secret, _ := out["oneTimePassword"].(string)
	if secret == "" || b.valid(stay) || b.done(b.dev.ID) != "PASSWORD_SET by Ada" {
		t.Errorf("%v, %s", out, b.done(b.dev.ID))
	}
	b.notInJournal(secret)
	try := auth.Attempt{Email: b.dev.Email, Password: secret, NewPassword: "another horse battery", RemoteAddr: "192.0.2.1:1"}
	if _, err := b.auth.SignIn(t.Context(), try); err != nil {
		t.Fatal(err)
	}
	if b.done(b.dev.ID) != "PASSWORD_SET by Dev" {
		t.Error(b.done(b.dev.ID))
	}
	if got := b.userErrors(session(b.ada), "resetPassword", object{"userId": b.ada.ID}); got != "CONFLICT userId" {
		t.Errorf("one's own: %q", got)
	}
	who, err := b.Identify(t.Context(), access.System(), access.SignedIn{Identity: access.Identity{Issuer: "https://id.example", Subject: "1"}, Email: b.eve.Email, EmailVerified: true})
	b.must(err)
	if got := b.userErrors(session(b.ada), "resetPassword", object{"userId": who.ID}); got != "CONFLICT userId" {
		t.Errorf("of who signs in elsewhere: %q", got)
	}
}

func TestOnesOwnPassword(t *testing.T) {
	b := newBed(t)
	if got := b.userErrors(session(b.eve), "setPassword", object{"currentPassword": "x", "password": password}); got != "CONFLICT currentPassword" {
		t.Errorf("who has none: %q", got)
	}
	stay := b.signIn(b.dev)
	good := object{"currentPassword": password, "password": "another horse battery"}
	for want, input := range map[string]object{
		"INVALID password":        {"currentPassword": password, "password": "short"},
		"INVALID currentPassword": {"currentPassword": "wrong", "password": "another horse battery"},
	} {
		if got := b.userErrors(stay, "setPassword", input); got != want {
			t.Errorf("%v: %q", input, got)
		}
	}
	if got := b.userErrors(stay, "setPassword", object{"currentPassword": password, "password": password}); got != "INVALID password" {
		t.Errorf("the same: %q", got)
	}
	for range 5 {
		_ = b.userErrors(stay, "setPassword", object{"currentPassword": "wrong", "password": "another horse battery"})
	}
	if got := b.userErrors(stay, "setPassword", good); got != "LIMITED currentPassword" {
		t.Errorf("after many guesses: %q", got)
	}
	b.pass(15 * time.Minute)
	b.ok(stay, "setPassword", good)
	if b.valid(stay) {
		t.Error("the session goes on")
	}
	for _, who := range []caller{token(b.dev, "events:read"), acting(b.dev), service("admin")} {
		if got := b.userErrors(who, "setPassword", good); !strings.HasPrefix(got, "error FORBIDDEN") {
			t.Errorf("%+v: %q", who, got)
		}
	}
}
