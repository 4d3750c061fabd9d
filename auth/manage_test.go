package auth

import (
	"context"
	"errors"
	"testing"
	"time"

	"procyon/access"
	"procyon/store"
)

// A worker that runs in a server is switched on and off by who starts that: it would end
// the server if it were refused, also the one at which somebody could let it in again.
func TestAWorkerOfThisProcessGoesOn(t *testing.T) {
	w := newWorld(t)
	secret, err := w.LocalToken(t.Context(), w.operator, "slackbot", []string{ScopeSlackAct})
	w.must(err)
	own, acting := w.as(secret), w.as(secret, ActForHeader, w.dev.ID)
	a := w.dir.accounts["svc_slackbot"]
	if !w.WorksHere(a.ID) || w.WorksHere("svc_other") {
		t.Error("it is not known who works here")
	}
	for _, disabled := range []bool{true, false} {
		a.Disabled = disabled
		a.Epoch++
		w.dir.setAccount(a)
		_, err = w.EndDisabled(t.Context(), a.ID)
		w.must(err)
		w.pass(checkFor)
		for _, ctx := range []context.Context{own, acting, w.as(secret, ActForHeader, w.dev.ID)} {
			w.must(w.Valid(ctx))
		}
	}
}

// Tokens of a service account that was disabled are over for good.
func TestTokensOfADisabledServiceAccount(t *testing.T) {
	w := newWorld(t)
	secret, id := w.service(ScopeEventsRead)
	ctx := w.as(secret)
	w.must(w.Valid(ctx))
	a := w.dir.accounts["svc_worker"]
	a.Disabled, a.Epoch = true, 1
	w.dir.setAccount(a)
	over, err := w.EndDisabled(t.Context(), a.ID)
	w.must(err)
	if over != (Over{Tokens: 1}) || w.store.count(tokenPrefix) != 0 {
		t.Errorf("%+v", over)
	}
	w.wants(w.Valid(ctx), ErrUnauthenticated) // at once
	a.Disabled, a.Epoch = false, 2
	w.dir.setAccount(a)
	_, err = w.Authenticate(t.Context(), w.post("Authorization", "Bearer "+secret))
	w.wants(err, ErrUnauthenticated)
	if err := w.RevokeToken(t.Context(), w.operator, id); access.CodeOf(err) != access.CodeNotFound {
		t.Errorf("what is over is revoked: %v", err)
	}
}

// Of an account that another server disabled a moment ago, before it cleared anything away.
func TestAnEpochEndsTokensByItself(t *testing.T) {
	w := newWorld(t)
	secret, _ := w.service(ScopeEventsRead)
	a := w.dir.accounts["svc_worker"]
	a.Epoch = 2
	w.dir.setAccount(a)
	_, err := w.Authenticate(t.Context(), w.post("Authorization", "Bearer "+secret))
	w.wants(err, ErrUnauthenticated)
}

func TestOneTimePassword(t *testing.T) {
	w := newWorld(t)
	stay := w.signIn(w.dev)
	_, first, err := w.OneTimePassword(t.Context(), w.operator, w.dev.ID)
	w.must(err)
	if p, err := w.bySession(t.Context(), stay.Token); err == nil {
		t.Errorf("a session goes on: %+v", p)
	}
	_, err = w.try(devEmail, password, home)
	w.wants(err, ErrCredentials)
	choose := func(password, other string) error {
		_, err := w.SignIn(t.Context(), Attempt{Email: devEmail, Password: password, NewPassword: other, RemoteAddr: home})
		return err
	}
	var wanted *ChooseError
	for _, other := range []string{"", "short", first} {
		if err := choose(first, other); !errors.As(err, &wanted) || (wanted.Wrong == "") != (other == "") {
			t.Errorf("%q: %v", other, err)
		}
	}
	w.wants(choose("wrong horse battery", "another horse battery"), ErrCredentials)
	w.must(choose(first, "another horse battery"))
	w.wants(choose(first, "a third horse battery"), ErrCredentials)
	_, err = w.try(devEmail, "another horse battery", home)
	w.must(err)
	if n := len(w.dir.noted); n < 2 || w.dir.noted[n-2] != "password of usr_dev by operator, one-time true" || w.dir.noted[n-1] != "password of usr_dev by usr_dev, one-time false" {
		t.Errorf("%q", w.dir.noted)
	}

	_, late, err := w.OneTimePassword(t.Context(), w.operator, w.dev.ID)
	w.must(err)
	w.pass(oneTimeTTL)
	w.wants(choose(late, "another horse battery"), ErrCredentials)
	// Nor by a token, which a new password leaves.
	if _, err := w.ChangePassword(t.Context(), access.ActorOf(w.dev), late, "another horse battery"); access.CodeOf(err) != access.CodeConflict {
		t.Errorf("a one-time password that is over is changed for another: %v", err)
	}
}

// Of two who have a one-time password and choose at once, one gets in.
func TestOneTimePasswordIsUsedOnce(t *testing.T) {
	w := newWorld(t)
	_, first, err := w.OneTimePassword(t.Context(), w.operator, w.dev.ID)
	w.must(err)
	var other error
	raced := false
	w.dir.onNote = func() {
		if raced {
			return
		}
		raced = true
		_, other = w.SignIn(t.Context(), Attempt{Email: devEmail, Password: first, NewPassword: "another horse battery", RemoteAddr: home})
	}
	_, err = w.SignIn(t.Context(), Attempt{Email: devEmail, Password: first, NewPassword: "a third horse battery", RemoteAddr: home})
	w.wants(err, ErrCredentials)
	w.must(other)
}

// A store without transactions may keep the token and not its key: a repeat then makes
// another, and never two that are known.
func TestACallThatIsRepeatedAtOnceMakesOneToken(t *testing.T) {
	w := newWorld(t)
	key := "k"
	in := NewToken{OwnerID: w.dev.ID, Name: "laptop", IdempotencyKey: &key}
	by := access.ActorOf(w.dev)
	var first Issued
	w.store.hook = func(string) {
		w.store.hook = nil
		var err error
		first, err = w.CreateToken(t.Context(), by, in)
		w.must(err)
	}
	second, err := w.CreateToken(t.Context(), by, in)
	w.must(err)
	if first.Secret == "" || second.Secret != "" || first.ID != second.ID || w.store.count(tokenPrefix) != 1 || len(w.dir.issued) != 1 {
		t.Errorf("%+v, %+v, %d tokens", first, second, w.store.count(tokenPrefix))
	}
	w.pass(91 * 24 * time.Hour)
	if _, err := w.Sweep(t.Context()); err != nil || w.store.count(keyPrefix) != 0 {
		t.Errorf("keys stay for ever: %v", err)
	}
}

// lossy is a store whose answer to one Put is lost.
type lossy struct {
	*memory
	lost bool
}

var errLost = errors.New("the connection is lost")

func (l *lossy) Put(ctx context.Context, docs ...store.Document) error {
	err := l.memory.Put(ctx, docs...)
	if err == nil && !l.lost {
		l.lost, err = true, errLost
	}
	return err
}

// A call of which nobody knows whether it made a token can be repeated with its key.
func TestATokenIsMadeByTheRepeatOfACallThatFailed(t *testing.T) {
	w := newWorld(t)
	w.docs = &lossy{memory: w.store}
	key := "k"
	in := NewToken{OwnerID: w.dev.ID, Name: "laptop", IdempotencyKey: &key}
	by := access.ActorOf(w.dev)
	_, err := w.CreateToken(t.Context(), by, in)
	w.wants(err, errLost)
	made, err := w.CreateToken(t.Context(), by, in)
	w.must(err)
	if made.Secret == "" || w.store.count(tokenPrefix) != 1 || w.store.count(keyPrefix) != 1 {
		t.Errorf("%+v, %d tokens", made, w.store.count(tokenPrefix))
	}
}

// People who may manage are told from all others by one rule.
func TestMayManage(t *testing.T) {
	admin := access.Actor{Kind: access.ActorUser, ID: "usr_ada", Admin: true}
	for want, change := range map[bool][]func(*access.Actor){
		true: {
			func(*access.Actor) {}, func(a *access.Actor) { a.Scopes = []string{ScopeAdmin} }, func(a *access.Actor) { a.Scopes = []string{ScopeSelf, ScopeEventsRead} },
			func(a *access.Actor) { *a = access.System() },
		},
		false: {
			func(a *access.Actor) { a.Admin = false }, func(a *access.Actor) { a.Scopes = []string{} }, func(a *access.Actor) { a.Scopes = []string{ScopeEventsRead} },
			func(a *access.Actor) { a.ByID = "svc_1" }, func(a *access.Actor) { a.Kind, a.Scopes = access.ActorService, []string{ScopeAdmin} },
		},
	} {
		for i, f := range change {
			a := admin
			f(&a)
			if MayManage(a) != want {
				t.Errorf("%v %d: %+v", want, i, a)
			}
		}
	}
}

func TestSessionsAreListedInPages(t *testing.T) {
	w := newWorld(t)
	for range 5 {
		w.signIn(w.dev)
		w.pass(time.Minute)
	}
	var seen []string
	p := store.Page{First: 2}
	for {
		l, err := w.Sessions(t.Context(), w.dev.ID, p)
		w.must(err)
		for _, d := range l.Docs {
			s, err := access.Decode[SessionInfo](d)
			w.must(err)
			if s.ID != d.ID || s.UserID != w.dev.ID || !s.ExpiresAt.Equal(s.CreatedAt.Add(12*time.Hour)) {
				t.Errorf("%+v", s)
			}
			seen = append(seen, s.ID)
		}
		if p.After = l.End; !l.Next {
			break
		}
	}
	if len(seen) != 5 {
		t.Errorf("%d of 5", len(seen))
	}
	w.pass(12 * time.Hour)
	if l, err := w.Sessions(t.Context(), w.dev.ID, store.Page{First: 9}); err != nil || len(l.Docs) != 0 {
		t.Errorf("%d are over, and listed: %v", len(l.Docs), err)
	}
}
