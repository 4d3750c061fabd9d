package auth

import (
	"testing"
	"time"

	"procyon/access"
)

// What an entry says has ended, and a crash has left, is ended by it: a token with what was
// made with it, one session, or all that began before. Nothing else is, and once it is over
// nothing is written.
func TestWhatACrashLeftIsFinished(t *testing.T) {
	w := newWorld(t)
	one, two := w.signIn(w.dev), w.signIn(w.dev)
	secret, id := w.personal(devEmail)
	made, err := w.made(w.as(secret))
	w.must(err)
	other, _ := w.personal(devEmail)
	good := func(what string, sessions []Session, secrets ...string) {
		t.Helper()
		for _, v := range sessions {
			if _, err := w.bySession(t.Context(), v.Token); err != nil {
				t.Errorf("%s: a session: %v", what, err)
			}
		}
		for _, s := range secrets {
			if w.who(w.post("Authorization", "Bearer "+s)) == nil {
				t.Errorf("%s: a token is not good", what)
			}
		}
		if n := w.store.count(sessionPrefix) + w.store.count(tokenPrefix); n != len(sessions)+len(secrets) {
			t.Errorf("%s: %d are left, want %d", what, n, len(sessions)+len(secrets))
		}
	}
	finish := func(r access.Revoked) {
		t.Helper()
		r.OwnerID, r.By = w.dev.ID, w.operator
		for range 2 {
			w.must(w.Finish(t.Context(), r))
		}
	}
	good("at first", []Session{one, two}, secret, made.Secret, other)
	finish(access.Revoked{})
	good("of nothing", []Session{one, two}, secret, made.Secret, other)
	finish(access.Revoked{TokenID: id})
	good("of a token", []Session{one, two}, other)
	finish(access.Revoked{SessionID: one.ID})
	good("of a session", []Session{two}, other)
	at := w.now()
	w.pass(time.Second)
	later := w.signIn(w.dev)
	finish(access.Revoked{AllSessions: true, At: at})
	good("of all sessions", []Session{later}, other)
}
