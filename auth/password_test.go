package auth

import (
	"strings"
	"testing"

	"procyon/access"
)

func TestCheckPassword(t *testing.T) {
	w := newWorld(t)
	for p, good := range map[string]bool{
		"": false, "eleven char": false, "twelve chars": true, "zwölf Zeiche": true, "zwölf Zeich": false,
		strings.Repeat("x", 1024): true, strings.Repeat("x", 1025): false, strings.Repeat("\xff", 20): false,
	} {
		err := w.CheckPassword(p)
		if good && err != nil {
			t.Errorf("%.20q: %v", p, err)
		}
		if !good {
			w.wantsCode(err, access.CodeInvalid, "password")
			w.wantsCode(w.SetPassword(t.Context(), w.operator, w.dev.ID, p), access.CodeInvalid, "password")
		}
	}
	w.wantsCode(w.SetPassword(t.Context(), w.operator, "usr_nobody", password), access.CodeNotFound, "id")
	if w.store.count("crd_") != 0 {
		t.Error("a credential was stored")
	}
}

// The real cost, once: what a service has that is told nothing else.
func TestHashHasTheRecommendedCost(t *testing.T) {
	w := newWorld(t, func(o *Options) { o.CheapHashes = false })
	a, err := w.hash(t.Context(), password)
	w.must(err)
	if !strings.HasPrefix(a, "$argon2id$v=19$m=19456,t=2,p=1$") {
		t.Fatalf("got %s", a)
	}
	h, err := parsePHC(a)
	w.must(err)
	if h.String() != a || h.weaker(recommended()) {
		t.Errorf("read as %s", h)
	}
	for try, want := range map[string]bool{password: true, password + " ": false} {
		if got, err := w.verify(t.Context(), w.gate, h, try); err != nil || got != want {
			t.Errorf("%q: %v, %v", try, got, err)
		}
	}
}

func TestEachHashHasItsSalt(t *testing.T) {
	w := newWorld(t)
	a, err := w.hash(t.Context(), password)
	w.must(err)
	b, err := w.hash(t.Context(), password)
	w.must(err)
	if a == b {
		t.Error("two hashes are the same")
	}
}

func TestParsePHCRefuses(t *testing.T) {
	const salt, key = "AAAAAAAAAAAAAAAAAAAAAA", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
	if _, err := parsePHC("$argon2id$v=19$m=8,t=1,p=1$" + salt + "$" + key); err != nil {
		t.Fatal(err)
	}
	for _, s := range []string{
		"", "$", password, "$argon2i$v=19$m=8,t=1,p=1$" + salt + "$" + key, "$argon2id$v=16$m=8,t=1,p=1$" + salt + "$" + key,
		"$argon2id$v=19$m=0,t=1,p=1$" + salt + "$" + key, "$argon2id$v=19$m=8,t=0,p=1$" + salt + "$" + key,
		"$argon2id$v=19$m=8,t=1,p=0$" + salt + "$" + key, "$argon2id$v=19$m=262145,t=1,p=1$" + salt + "$" + key,
		"$argon2id$v=19$m=8,t=17,p=1$" + salt + "$" + key, "$argon2id$v=19$m=8,t=1,p=300$" + salt + "$" + key,
		"$argon2id$v=19$t=1,m=8,p=1$" + salt + "$" + key, "$argon2id$v=19$m=8,t=1$" + salt + "$" + key,
		"$argon2id$v=19$m=8,t=1,p=1$" + salt + "$", "$argon2id$v=19$m=8,t=1,p=1$$" + key, "$argon2id$v=19$m=8,t=1,p=1$" + salt + "$" + key + "$",
	} {
		if _, err := parsePHC(s); err == nil {
			t.Errorf("%q is taken", s)
		}
	}
}

func FuzzParsePHC(f *testing.F) {
	f.Add("$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")
	f.Add("$argon2id$v=19$m=4294967295,t=1,p=1$$")
	f.Fuzz(func(t *testing.T, s string) {
		h, err := parsePHC(s)
		if err != nil {
			return
		}
		if h.cost.memory > 256*1024 || h.cost.time > 16 || h.cost.threads > 16 || h.cost.threads == 0 {
			t.Fatalf("cost %+v", h.cost)
		}
		again, err := parsePHC(h.String())
		if err != nil || again.String() != h.String() {
			t.Fatalf("%q becomes %q: %v", s, again, err)
		}
	})
}

func TestEnsureAdmin(t *testing.T) {
	for _, c := range []struct{ name, email, password, wantEmail string }{
		{"all random", "", "", "admin@localhost"},
		{"own address", "root@example.com", "", "root@example.com"},
		{"own both", "root@example.com", "a password of mine", "root@example.com"},
		{"identity without password", adaEmail, "", adaEmail},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t)
			printed, err := w.EnsureAdmin(t.Context(), c.email, c.password)
			w.must(err)
			p := c.password
			if p == "" {
				_, rest, _ := strings.Cut(printed, "password ")
				p, _, _ = strings.Cut(rest, " ")
				if len(p) != 24 {
					t.Fatalf("printed %q", printed)
				}
			} else if strings.Contains(printed, p) {
				t.Errorf("printed the password that the operator knows: %q", printed)
			}
			if !strings.Contains(printed, c.wantEmail) {
				t.Errorf("printed %q", printed)
			}
			v, err := w.try(c.wantEmail, p, home)
			w.must(err)
			if who := w.who(w.post("Cookie", w.cookie(v))); who == nil || !who.Actor.Admin {
				t.Errorf("signed in as %+v", who)
			}
			if again, err := w.EnsureAdmin(t.Context(), "x@example.com", ""); again != "" || err != nil {
				t.Errorf("the second start: %q, %v", again, err)
			}
		})
	}
}

// A later start is told from the first one, whatever became of the first administrator.
func TestTheFirstAdministratorIsNoneAnyMore(t *testing.T) {
	w := newWorld(t)
	_, err := w.EnsureAdmin(t.Context(), "", password)
	w.must(err)
	u, err := w.dir.UserByEmail(t.Context(), defaultAdmin)
	w.must(err)
	u.Admin = false // another is one, by their role
	w.dir.set(u)
	w.must(w.SetPassword(t.Context(), w.operator, u.ID, "another horse battery"))
	if printed, err := w.EnsureAdmin(t.Context(), "", ""); printed != "" || err != nil {
		t.Errorf("the next start: %q, %v", printed, err)
	}
}

func TestEnsureAdminRefuses(t *testing.T) {
	w := newWorld(t)
	_, err := w.EnsureAdmin(t.Context(), "root@example.com", "short")
	w.wantsCode(err, access.CodeInvalid, "password")
	_, err = w.EnsureAdmin(t.Context(), devEmail, "")
	w.wantsCode(err, access.CodeConflict, "email")
	if len(w.dir.users) != 2 || w.store.count("crd_") != 0 {
		t.Error("something was made")
	}
}

func TestEnsureAdminMeetsAnotherGateway(t *testing.T) {
	w := newWorld(t)
	w.must(w.putCredential(t.Context(), access.User{ID: w.ada.ID}, credential{}, credential{})) // not listed yet
	printed, err := w.EnsureAdmin(t.Context(), adaEmail, "")
	if printed != "" || err != nil {
		t.Errorf("got %q, %v", printed, err)
	}
}
