package auth

import (
	"errors"
	"fmt"
	"testing"
	"time"
)

// wait is how long an error says that the next try has to wait; 0 where it says nothing.
func wait(err error) time.Duration {
	var many *TooManyError
	if errors.As(err, &many) {
		return many.RetryAfter
	}
	return 0
}

// attack tries wrong passwords as fast as it may, for so long, and returns how many of
// them were looked at. next makes the e-mail address, network address and browser of
// each try; while a try is refused the same is made again.
func (w *world) attack(span time.Duration, next func(n int) Attempt) int {
	w.t.Helper()
	tries := 0
	for end := w.now().Add(span); w.now().Before(end); {
		a := next(tries)
		a.Password = "wrong"
		_, err := w.SignIn(w.t.Context(), a)
		switch after := wait(err); {
		case after > 0:
			w.pass(after)
		case errors.Is(err, ErrCredentials):
			tries++
		default:
			w.t.Fatal(err)
		}
	}
	return tries
}

// What each attack reaches in its first hour and in a later one, as it stands at limits.
func TestGuessesAnHour(t *testing.T) {
	at := func(n int) string { return fmt.Sprintf("10.%d.%d.%d:1", n>>16&255, n>>8&255, n&255) }
	var stolen string
	for _, c := range []struct {
		name         string
		next         func(n int) Attempt
		first, later int
	}{
		{"one person, one address", func(int) Attempt { return Attempt{Email: devEmail, RemoteAddr: home} }, 12, 4},
		{"nobody, one address", func(int) Attempt { return Attempt{Email: "nobody@example.com", RemoteAddr: home} }, 12, 4},
		{"one person, any number of addresses", func(n int) Attempt { return Attempt{Email: devEmail, RemoteAddr: at(n)} }, 85, 60},
		{"nobody, any number of addresses", func(n int) Attempt { return Attempt{Email: "nobody@example.com", RemoteAddr: at(n)} }, 85, 60},
		{"one person, the networks of one site", func(n int) Attempt {
			return Attempt{Email: devEmail, RemoteAddr: fmt.Sprintf("[2001:db8:1:%x::1]:1", n&0xffff)}
		}, 12, 4},
		// 17 and 4 of the browser, and those of an address: who stole a cookie also has that.
		{"one person, one address, a stolen cookie", func(int) Attempt {
			return Attempt{Email: devEmail, RemoteAddr: home, Browser: stolen}
		}, 17 + 12, 4 + 4},
		{"many people, one address", func(n int) Attempt {
			return Attempt{Email: fmt.Sprintf("%d@example.com", n), RemoteAddr: home}
		}, 224, 120},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t)
			stolen = w.signIn(w.dev).Browser
			if n := w.attack(time.Hour, c.next); n != c.first {
				t.Errorf("%d tries in the first hour, want %d", n, c.first)
			}
			w.attack(5*time.Hour, c.next)
			if n := w.attack(time.Hour, c.next); n != c.later {
				t.Errorf("%d tries in a later hour, want %d", n, c.later)
			}
		})
	}
}

// Somebody who mistypes a few times waits a minute, and is not told apart from nobody.
func TestMistyping(t *testing.T) {
	w := newWorld(t)
	w.must(w.SetPassword(t.Context(), w.operator, w.dev.ID, password))
	for i := range 5 {
		_, err := w.try([]string{devEmail, " Dev@Example.com "}[i%2], "wrong", home)
		w.wants(err, ErrCredentials)
	}
	w.pass(20 * time.Second)
	if _, err := w.try(devEmail, password, home); wait(err) != 40*time.Second {
		t.Fatalf("got %v", err)
	}
	w.pass(40 * time.Second)
	_, err := w.try(devEmail, password, home)
	w.must(err)
	for range 5 { // all is forgotten
		_, err := w.try(devEmail, "wrong", home)
		w.wants(err, ErrCredentials)
	}
}

// What was seen by attacking: whoever fails on purpose, from one other address, keeps
// nobody out but themselves, neither the person nor others at the person's address.
func TestOneAddressLocksNobodyOut(t *testing.T) {
	w := newWorld(t)
	w.must(w.SetPassword(t.Context(), w.operator, w.ada.ID, password))
	w.must(w.SetPassword(t.Context(), w.operator, w.dev.ID, password))
	w.attack(24*time.Hour, func(int) Attempt { return Attempt{Email: adaEmail, RemoteAddr: "198.51.100.7"} })
	_, err := w.try(adaEmail, password, home)
	w.must(err)
	_, err = w.try(devEmail, password, "198.51.100.7")
	w.must(err)
}

// An office behind one address: 31 typos, or 90, by different people.
func TestOfficeIsNotLockedOut(t *testing.T) {
	w := newWorld(t)
	w.must(w.SetPassword(t.Context(), w.operator, w.dev.ID, password))
	for i := range 90 {
		_, err := w.try(fmt.Sprintf("%d@example.com", i), "wrong", home)
		w.wants(err, ErrCredentials)
	}
	_, err := w.try(devEmail, password, home)
	w.must(err)
}

// An attack from everywhere makes a browser that is not known wait, but not for long,
// and not long after its end.
func TestDistributedAttackIsNoLockOut(t *testing.T) {
	w := newWorld(t)
	w.must(w.SetPassword(t.Context(), w.operator, w.dev.ID, password))
	w.attack(24*time.Hour, func(n int) Attempt {
		return Attempt{Email: devEmail, RemoteAddr: fmt.Sprintf("10.0.%d.%d", n>>8&255, n&255)}
	})
	_, err := w.try(devEmail, "wrong", "198.51.100.1")
	if after := wait(err); after > time.Minute {
		t.Fatalf("the next try waits for %s", after)
	} else if after == 0 {
		_, err = w.try(devEmail, password, home)
	}
	w.pass(wait(err))
	_, err = w.try(devEmail, password, home)
	w.must(err)
	w.pass(7 * time.Minute)
	for range 2 {
		_, err = w.try(devEmail, "wrong", home)
		w.wants(err, ErrCredentials)
	}
}

// The owner's own success gives an attack nothing back.
func TestSuccessForgivesNoStranger(t *testing.T) {
	w := newWorld(t)
	w.must(w.SetPassword(t.Context(), w.operator, w.dev.ID, password))
	for n := range 19 {
		_, err := w.try(devEmail, "wrong", fmt.Sprintf("10.0.0.%d", n))
		w.wants(err, ErrCredentials)
	}
	_, err := w.try(devEmail, password, home)
	w.must(err)
	_, err = w.try(devEmail, "wrong", "10.0.0.100")
	w.wants(err, ErrCredentials)
	if _, err = w.try(devEmail, "wrong", "10.0.0.101"); wait(err) != time.Second {
		t.Fatalf("got %v", err)
	}
}

// A try that is refused counts nowhere, and reads and hashes nothing.
func TestRefusedTriesCountNowhere(t *testing.T) {
	w := newWorld(t)
	for range 5 {
		_, err := w.try(devEmail, "wrong", home)
		w.wants(err, ErrCredentials)
	}
	before := w.store.reads()
	for range 1000 {
		if _, err := w.try(devEmail, "wrong", home); wait(err) != time.Minute {
			t.Fatalf("got %v", err)
		}
	}
	if n := w.store.reads() - before; n != 0 {
		t.Errorf("%d reads", n)
	}
	_, err := w.try(adaEmail, "wrong", home) // the address has failed 5 times, not 1,005
	w.wants(err, ErrCredentials)
}

// Tries at the same time are not more than tries in turn.
func TestTriesAtTheSameTime(t *testing.T) {
	w := newWorld(t)
	w.gate = newGate(2, 1000)
	errs := make(chan error)
	for range 200 {
		go func() { _, err := w.try(devEmail, "wrong", home); errs <- err }()
	}
	looked := 0
	for range 200 {
		if err := <-errs; errors.Is(err, ErrCredentials) {
			looked++
		} else if wait(err) == 0 {
			t.Error(err)
		}
	}
	if looked != 5 {
		t.Errorf("%d passwords were looked at", looked)
	}
}

// Strangers who keep the gate full keep out neither known browsers nor new passwords.
func TestFullGateKeepsAPlace(t *testing.T) {
	w := newWorld(t)
	v := w.signIn(w.dev)
	w.gate = newGate(1, 0)
	_, err := w.gate.enter(t.Context())
	w.must(err)
	if _, err := w.try(devEmail, password, home); wait(err) == 0 {
		t.Fatalf("got %v", err)
	}
	_, err = w.tryIn(v.Browser, devEmail, password)
	w.must(err)
	w.must(w.SetPassword(t.Context(), w.operator, w.dev.ID, "another good password"))
}

// Strangers can't make the identity provider hear from us without end.
func TestVouchedIsLimited(t *testing.T) {
	w := newWorld(t)
	asked, no := 0, errors.New("no")
	ask := func(addr string, answer error) error {
		return w.Vouched(t.Context(), addr, func() error { asked++; return answer })
	}
	for range 100 { // those who succeed count nowhere
		w.must(ask(home, nil))
	}
	asked = 0
	for end := w.now().Add(time.Hour); w.now().Before(end); {
		switch err := ask(home, no); {
		case wait(err) > 0:
			w.pass(wait(err))
		default:
			w.wants(err, no)
		}
	}
	if asked != 154 {
		t.Errorf("it was asked %d times in an hour", asked)
	}
	w.must(ask("198.51.100.1", nil))
	if err := ask(home, nil); wait(err) > 30*time.Second {
		t.Errorf("got %v", err)
	}
	w.pass(30 * time.Second)
	w.must(ask(home, nil))

	w.outside = newGate(1, 0)
	w.must(w.Vouched(t.Context(), home, func() error {
		if err := ask("198.51.100.2", nil); wait(err) == 0 {
			t.Errorf("two ask at once: %v", err)
		}
		return nil
	}))
	w.must(ask("198.51.100.2", nil))
}
