package auth

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"procyon/access"
)

// besiege has strangers guess at a person's password from everywhere, and at whatever
// from home, until neither the person nor the address may be tried at once.
func (w *world) besiege(email string) {
	w.t.Helper()
	for w.limits.begin(w.now(), count{&w.limits.email, emailKey(email)}) == 0 {
		continue
	}
	for w.limits.begin(w.now(), count{&w.limits.address, addressKey(home)}) == 0 {
		continue
	}
}

// knows tells whether a browser's try as a person is looked at while strangers wait.
func (w *world) knows(browser string, u access.User) bool {
	w.t.Helper()
	w.besiege(u.Email)
	_, err := w.tryIn(browser, u.Email, password)
	return wait(err) == 0
}

func TestKnownBrowserIsNotKeptOut(t *testing.T) {
	w := newWorld(t)
	v := w.signIn(w.dev)
	w.besiege(devEmail)
	if _, err := w.try(devEmail, password, home); wait(err) == 0 {
		t.Fatalf("there is no siege: %v", err)
	}
	again, err := w.tryIn(v.Browser, "DEV@example.com", password)
	w.must(err)
	if !isSecret(again.Browser) || again.Browser == v.Browser {
		t.Error("the token is not a new one")
	}
	if w.knows(v.Browser, w.dev) {
		t.Error("the replaced token still counts")
	}
	w.must(w.SignOut(t.Context(), again.Token))
	if !w.knows(again.Browser, w.dev) {
		t.Error("signing out made the browser unknown")
	}
	for id, d := range w.store.docs {
		if strings.Contains(id+string(d.Data), again.Browser) {
			t.Errorf("the document %s tells the token", id)
		}
	}
}

// Whoever vouched for the person, their browser is known.
func TestKnownBrowserByVouching(t *testing.T) {
	w := newWorld(t)
	w.must(w.SetPassword(t.Context(), w.operator, w.dev.ID, password))
	a, err := w.SignInPerson(t.Context(), w.dev.ID, time.Time{}, "")
	w.must(err)
	b, err := w.SignInPerson(t.Context(), w.dev.ID, time.Time{}, a.Browser)
	w.must(err)
	if w.knows(a.Browser, w.dev) || !w.knows(b.Browser, w.dev) {
		t.Error("the wrong token counts")
	}
}

// What a browser is known by ends, and counts for one person.
func TestKnownBrowserEnds(t *testing.T) {
	for name, end := range map[string]func(w *world, v Session) (browser string, as access.User){
		"a new password": func(w *world, v Session) (string, access.User) {
			w.must(w.SetPassword(w.t.Context(), w.operator, w.dev.ID, password))
			return v.Browser, w.dev
		},
		"a new password whose sessions are not ended yet": func(w *world, v Session) (string, access.User) {
			c, err := w.credential(w.t.Context(), w.dev.ID)
			w.must(err)
			w.must(w.putCredential(w.t.Context(), w.dev, c, credential{Hash: c.Hash, Epoch: c.Epoch + 1}))
			return v.Browser, w.dev
		},
		"disabled": func(w *world, v Session) (string, access.User) {
			u := w.dev
			u.Disabled, u.Epoch = true, u.Epoch+1
			w.dir.set(u)
			return v.Browser, w.dev
		},
		"disabled and enabled": func(w *world, v Session) (string, access.User) {
			u := w.dev
			u.Epoch += 2
			w.dir.set(u)
			return v.Browser, w.dev
		},
		"signed out everywhere": func(w *world, v Session) (string, access.User) {
			w.must(w.SignOutAll(w.t.Context(), w.dev.ID))
			return v.Browser, w.dev
		},
		"time": func(w *world, v Session) (string, access.User) {
			w.pass(browserTTL)
			return v.Browser, w.dev
		},
		"another person": func(w *world, v Session) (string, access.User) {
			w.must(w.SetPassword(w.t.Context(), w.operator, w.ada.ID, password))
			return v.Browser, w.ada
		},
		"a made-up token": func(w *world, v Session) (string, access.User) { return strings.Repeat("A", 43), w.dev },
		"a session's":     func(w *world, v Session) (string, access.User) { return v.Token, w.dev },
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			v := w.signIn(w.dev)
			w.pass(browserTTL - time.Microsecond)
			if known, err := w.knownBrowser(t.Context(), v.Browser, devEmail); err != nil || known == "" {
				t.Fatalf("it is not known: %v", err)
			}
			w.pass(-time.Hour)
			if browser, as := end(w, v); w.knows(browser, as) {
				t.Error("it is known")
			}
		})
	}
}

// Who stole the token guesses no faster than from one more address.
func TestStolenBrowserIsLimited(t *testing.T) {
	w := newWorld(t)
	v := w.signIn(w.dev)
	w.besiege(devEmail)
	tries := 0
	guess := func() time.Duration {
		_, err := w.tryIn(v.Browser, devEmail, "wrong")
		if wait(err) == 0 {
			w.wants(err, ErrCredentials)
			tries++
		}
		return wait(err)
	}
	for guess() == 0 {
		continue
	}
	if tries != 10 {
		t.Errorf("%d tries at once", tries)
	}
}

// Who mistyped often in a known browser is no worse off than without it.
func TestKnownBrowserThatWaitsIsAStranger(t *testing.T) {
	w := newWorld(t)
	v := w.signIn(w.dev)
	for range 10 {
		w.wants(second(w.tryIn(v.Browser, devEmail, "wrong")), ErrCredentials)
	}
	_, err := w.tryIn(v.Browser, devEmail, password)
	w.must(err)
}

func second[A, B any](_ A, b B) B { return b }

// A browser's tries count as its own alone.
func TestKnownBrowserCountsApart(t *testing.T) {
	w := newWorld(t)
	v := w.signIn(w.dev)
	for range 8 {
		w.wants(second(w.tryIn(v.Browser, devEmail, "wrong")), ErrCredentials)
	}
	w.wants(second(w.try(devEmail, "wrong", home)), ErrCredentials)
}

func TestKnownBrowsersAreBounded(t *testing.T) {
	w := newWorld(t)
	first := w.signIn(w.dev)
	for range 2 * maxBrowsers {
		w.pass(time.Second)
		w.signIn(w.dev)
	}
	last := w.signIn(w.dev)
	if n := w.store.count(browserPrefix); n != maxBrowsers {
		t.Errorf("%d are kept", n)
	}
	if w.knows(first.Browser, w.dev) || !w.knows(last.Browser, w.dev) {
		t.Error("the wrong one was forgotten")
	}
	// Somebody who holds another person's token does not end it.
	w.pass(time.Hour)
	before := w.store.count(browserPrefix)
	w.must(w.SetPassword(t.Context(), w.operator, w.ada.ID, password))
	v := w.signIn(w.dev)
	_, err := w.tryIn(v.Browser, adaEmail, password)
	w.must(err)
	if !w.knows(v.Browser, w.dev) || w.store.count(browserPrefix) != before+1 {
		t.Error("somebody else ended it")
	}
	w.pass(browserTTL + 2*sweepAfter)
	for range 2 {
		_, err := w.Sweep(t.Context())
		w.must(err)
	}
	if n := w.store.count(browserPrefix); n != 0 {
		t.Errorf("%d are left", n)
	}
}

func TestBrowserCookie(t *testing.T) {
	for secure, name := range map[bool]string{false: "procyon_browser", true: "__Host-procyon_browser"} {
		w := newWorld(t, func(o *Options) { o.SecureCookie = secure })
		rec := httptest.NewRecorder()
		v := w.signIn(w.dev)
		w.SetCookie(rec, v)
		w.ClearCookie(rec)
		var found []*http.Cookie
		for _, c := range rec.Result().Cookies() {
			if strings.HasSuffix(c.Name, "browser") {
				found = append(found, c)
			}
		}
		if len(found) != 1 {
			t.Fatalf("got %v", found)
		}
		c := found[0]
		if c.Name != name || c.Path != "/" || c.Domain != "" || !c.HttpOnly || c.Secure != secure || c.SameSite != http.SameSiteLaxMode || c.MaxAge != 90*24*3600 {
			t.Errorf("got %+v", c)
		}
		if got := w.BrowserToken(w.post("Cookie", c.Name+"="+c.Value)); got != v.Browser {
			t.Errorf("read as %q", got)
		}
		if w.who(w.post("Cookie", w.CookieName()+"="+v.Browser)) != nil {
			t.Error("the token opens a session")
		}
	}
}
