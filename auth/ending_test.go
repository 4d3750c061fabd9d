package auth

import (
	"context"
	"errors"
	"slices"
	"testing"

	"procyon/access"
	"procyon/store"
)

// What is in the journal is carried through, though whoever asked for it has gone.
func TestWhoLeavesKeepsNothingFromEnding(t *testing.T) {
	for name, c := range map[string]struct {
		do    func(w *world, ctx context.Context, session, token string) error
		noted string
	}{
		"a session": {func(w *world, ctx context.Context, session, _ string) error {
			return w.EndSession(ctx, w.operator, session)
		}, "1 sessions of usr_dev ended by operator"},
		"all sessions": {func(w *world, ctx context.Context, _, _ string) error {
			_, err := w.EndSessions(ctx, w.operator, w.dev.ID, "")
			return err
		}, "1 sessions of usr_dev ended by operator"},
		"a token": {func(w *world, ctx context.Context, _, token string) error {
			return w.RevokeToken(ctx, w.operator, token)
		}, "token of usr_dev revoked by operator"},
		"by a password": {func(w *world, ctx context.Context, _, _ string) error {
			_, _, err := w.OneTimePassword(ctx, w.operator, w.dev.ID)
			return err
		}, "password of usr_dev by operator, one-time true"},
	} {
		w := newWorld(t)
		v := w.signIn(w.dev)
		_, token := w.personal(devEmail)
		ctx, leave := context.WithCancel(t.Context())
		w.dir.onNote = leave
		w.dir.noted = nil
		if err := c.do(w, ctx, v.ID, token); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		left := w.store.count(sessionPrefix)
		if name == "a token" {
			left = w.store.count(tokenPrefix)
		}
		if left != 0 || !slices.Equal(w.dir.noted, []string{c.noted}) {
			t.Errorf("%s: %d are left, and %q", name, left, w.dir.noted)
		}
	}
}

// No token is gone of which the journal does not say so.
func TestATokenStaysThatTheJournalKnowsAsGood(t *testing.T) {
	w := newWorld(t)
	secret, id := w.personal(devEmail)
	w.dir.failing = errors.New("the power is out")
	if err := w.RevokeToken(t.Context(), w.operator, id); !errors.Is(err, w.dir.failing) {
		t.Fatal(err)
	}
	w.must(w.Valid(w.as(secret)))
	w.dir.failing = nil
	w.must(w.RevokeToken(t.Context(), w.operator, id))
	w.wantsCode(w.RevokeToken(t.Context(), w.operator, id), access.CodeNotFound, "id")
}

// No crash leaves a new password with the sessions of the old one.
func TestNoSessionOutlivesItsPassword(t *testing.T) {
	w := newWorld(t)
	v := w.signIn(w.dev)
	w.store.hook = func(id string) {
		if id == credentialID(w.dev.ID) && w.store.count(sessionPrefix) > 0 {
			t.Error("the password is another, and the session is still there")
		}
	}
	_, _, err := w.OneTimePassword(t.Context(), w.operator, w.dev.ID)
	w.must(err)
	_, err = w.bySession(t.Context(), v.Token)
	w.wants(err, ErrUnauthenticated)
}

// Who is too late with a password does not end the sessions of the one that was first.
func TestWhoIsTooLateEndsNoSession(t *testing.T) {
	w := newWorld(t)
	w.must(w.SetPassword(t.Context(), w.operator, w.dev.ID, password))
	was, err := w.credential(t.Context(), w.dev.ID)
	w.must(err)
	w.must(w.SetPassword(t.Context(), w.operator, w.dev.ID, "another horse battery"))
	v, err := w.try(devEmail, "another horse battery", home)
	w.must(err)
	w.wants(w.setPassword(t.Context(), w.operator, w.dev, was, credential{Hash: was.Hash}), store.ErrVersion)
	_, err = w.bySession(t.Context(), v.Token)
	w.must(err)
}
