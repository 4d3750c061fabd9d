package auth

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

func TestSessionEndsUnused(t *testing.T) {
	w := newWorld(t)
	r := w.post("Cookie", w.cookie(w.signIn(w.dev)))
	w.pass(12*time.Hour - time.Microsecond)
	if w.who(r) == nil {
		t.Fatal("it ended too early")
	}
	w.pass(12 * time.Hour)
	if w.who(r) != nil {
		t.Fatal("it goes on")
	}
}

func TestSessionEndsAtLast(t *testing.T) {
	w := newWorld(t)
	v := w.signIn(w.dev)
	r := w.post("Cookie", w.cookie(v))
	for w.now().Before(v.ExpiresAt) {
		p := w.who(r)
		if p == nil {
			t.Fatalf("it ended at %s", w.now())
		}
		if p.ExpiresAt.After(v.ExpiresAt) {
			t.Fatalf("it is to end at %s", p.ExpiresAt)
		}
		w.pass(11 * time.Hour)
	}
	if w.who(r) != nil {
		t.Error("it goes on")
	}
}

func TestUseIsRarelyWritten(t *testing.T) {
	w := newWorld(t)
	v := w.signIn(w.dev)
	r := w.post("Cookie", w.cookie(v))
	for range 60 {
		w.who(r)
		w.pass(time.Minute)
	}
	if n := w.store.docs[v.ID].Version; n != 2 {
		t.Errorf("it was written %d times in an hour", n)
	}
}

func TestSignOut(t *testing.T) {
	w := newWorld(t)
	a, b, other := w.signIn(w.dev), w.signIn(w.dev), w.signIn(w.ada)
	w.must(w.SignOut(t.Context(), "no token"))
	w.must(w.SignOut(t.Context(), a.Token))
	w.must(w.SignOut(t.Context(), a.Token))
	if w.who(w.post("Cookie", w.cookie(a))) != nil || w.who(w.post("Cookie", w.cookie(b))) == nil {
		t.Error("the wrong session ended")
	}
	w.must(w.SignOutAll(t.Context(), w.dev.ID))
	if w.who(w.post("Cookie", w.cookie(b))) != nil || w.who(w.post("Cookie", w.cookie(other))) == nil {
		t.Error("the wrong sessions ended")
	}
}

func TestDisabledPersonIsSignedOut(t *testing.T) {
	w := newWorld(t)
	v := w.signIn(w.dev)
	token, _ := w.personal(devEmail)
	w.dev.Disabled = true
	w.dir.set(w.dev)
	if w.who(w.post("Cookie", w.cookie(v))) != nil {
		t.Error("the session goes on")
	}
	r := w.post("Authorization", "Bearer "+token)
	_, err := w.Authenticate(t.Context(), r)
	w.wants(err, ErrUnauthenticated)
}

func TestSweep(t *testing.T) {
	w := newWorld(t)
	w.signIn(w.dev)
	_, _, err := w.CreatePersonalToken(t.Context(), w.operator, devEmail, "short", nil, time.Minute)
	w.must(err)
	w.pass(12 * time.Hour)
	if n, err := w.Sweep(t.Context()); n != 1 || err != nil {
		t.Errorf("%d swept, %v", n, err)
	}
	w.pass(2 * time.Hour)
	w.signIn(w.ada) // sweeps by the way
	if s, k := w.store.count(sessionPrefix), w.store.count(tokenPrefix); s != 1 || k != 0 {
		t.Errorf("%d sessions and %d tokens are left", s, k)
	}
	if w.store.count("crd_") != 2 {
		t.Error("a credential was swept")
	}
}

func TestCookie(t *testing.T) {
	for _, secure := range []bool{false, true} {
		w := newWorld(t, func(o *Options) { o.SecureCookie = secure })
		rec := httptest.NewRecorder()
		w.SetCookie(rec, Session{Token: "x", ExpiresAt: w.now().Add(time.Hour)})
		w.ClearCookie(rec)
		cookies := rec.Result().Cookies()
		name := map[bool]string{false: "procyon_session", true: "__Host-procyon_session"}[secure]
		for i, age := range []int{3600, -1} {
			c := cookies[i]
			if c.Name != name || c.Path != "/" || c.Domain != "" || !c.HttpOnly || c.Secure != secure || c.SameSite != http.SameSiteLaxMode || c.MaxAge != age {
				t.Errorf("got %+v", c)
			}
		}
	}
}

func TestCookieOfAnotherNameIsNotRead(t *testing.T) {
	w := newWorld(t, func(o *Options) { o.SecureCookie = true })
	if w.who(w.post("Cookie", "procyon_session="+w.signIn(w.dev).Token)) != nil {
		t.Error("on https, a cookie was taken that anybody could have set")
	}
}

func TestCSRFToken(t *testing.T) {
	w := newWorld(t)
	a, b := w.signIn(w.dev), w.signIn(w.dev)
	ctx, csrf, err := w.Session(w.post("Cookie", w.cookie(a)))
	w.must(err)
	if From(ctx).SessionID != a.ID || csrf != CSRFToken(a.Token) || strings.Contains(csrf, a.Token) {
		t.Errorf("got %q for %+v", csrf, From(ctx))
	}
	if !CheckCSRF(a.Token, csrf) || CheckCSRF(b.Token, csrf) || CheckCSRF(a.Token, "") || CheckCSRF("", CSRFToken("")) {
		t.Error("the wrong tokens are taken")
	}
}

func TestSessionIgnoresBearer(t *testing.T) {
	w := newWorld(t)
	token, _ := w.personal(devEmail)
	_, _, err := w.Session(w.post("Authorization", "Bearer "+token))
	w.wants(err, ErrUnauthenticated)
	_, _, err = w.Session(w.post("Cookie", w.CookieName()+"="+strings.Repeat("A", 43)))
	w.wants(err, ErrUnauthenticated)
}

// A session says when the person proved who they are: not that it was used since, and never a
// moment that is still to come.
func TestSignedInAt(t *testing.T) {
	w := newWorld(t)
	at := func(v Session) time.Duration {
		t.Helper()
		p := w.who(w.post("Cookie", w.cookie(v)))
		if p == nil {
			t.Fatal("there is no session")
		}
		if p.Actor.SignedInAt.IsZero() {
			return -1
		}
		return w.now().Sub(p.Actor.SignedInAt)
	}
	own := w.signIn(w.dev)
	w.pass(time.Hour)
	if got := at(own); got != time.Hour {
		t.Errorf("it says %s ago", got)
	}
	w.pass(time.Hour)
	if got := at(own); got != 2*time.Hour {
		t.Errorf("it says %s ago", got)
	}
	for proved, want := range map[time.Time]time.Duration{
		{}: -1, w.now().Add(-time.Minute): time.Minute, w.now().Add(time.Hour): 0,
	} {
		v, err := w.SignInPerson(t.Context(), w.dev.ID, proved, "")
		w.must(err)
		if got := at(v); got != want {
			t.Errorf("of %s it says %s ago, want %s", proved, got, want)
		}
	}
}
