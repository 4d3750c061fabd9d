package access

import "testing"

func signedIn(subject, email string) SignedIn {
	return SignedIn{Identity: Identity{"https://id.example", subject}, Email: email, EmailVerified: true, Name: " Nina  New "}
}

// Two first sign-ins at once make one person, whichever server is faster.
func TestIdentifyIsOnePersonAlsoInARace(t *testing.T) {
	w := newWorld(t)
	var first User
	w.log.raceOn = func(Change) {
		var err error
		first, err = w.Identify(t.Context(), System(), signedIn("s1", "nina@example.com"))
		w.must(err)
	}
	second, err := w.Identify(t.Context(), System(), signedIn("s1", "nina@example.com"))
	w.must(err)
	if first.ID == "" || first.ID != second.ID || second.Admin || second.Name != "Nina New" {
		t.Errorf("%+v and %+v", first, second)
	}
	if v, _ := w.Version(t.Context(), first.ID); v != 1 {
		t.Errorf("version %d: to come again unchanged writes nothing", v)
	}
	// Another identity in the same moment with the same address.
	w.log.raceOn = func(Change) {
		_, err := w.Identify(t.Context(), System(), signedIn("s2", "max@example.com"))
		w.must(err)
	}
	_, err = w.Identify(t.Context(), System(), signedIn("s3", "max@example.com"))
	w.wants(err, CodeForbidden, "email")
}

func TestIdentifyTiesAVerifiedAddressOnce(t *testing.T) {
	w := newWorld(t)
	u, err := w.CreateUser(t.Context(), w.admin, NewUser{Email: "Nina@example.com", Name: "Nina", Admin: true})
	w.must(err)
	in := signedIn("s1", "nina@example.com")
	in.EmailVerified = false
	_, err = w.Identify(t.Context(), System(), in)
	w.wants(err, CodeForbidden, "email")
	in.EmailVerified = true
	got, err := w.Identify(t.Context(), System(), in)
	w.must(err)
	if got.ID != u.ID || !got.Admin || got.Identity == nil || got.Identity.Subject != "s1" {
		t.Errorf("%+v", got)
	}
	in.Email, in.EmailVerified = "other@example.com", false // at the provider it is another by now
	got, err = w.Identify(t.Context(), System(), in)
	w.must(err)
	if got.ID != u.ID || got.Email != "Nina@example.com" || got.Name != "Nina New" {
		t.Errorf("%+v", got)
	}
	_, err = w.Identify(t.Context(), System(), signedIn("s2", "nina@example.com"))
	w.wants(err, CodeForbidden, "email")
	same := signedIn("s1", "nina@example.com")
	same.Issuer = "https://other.example"
	_, err = w.Identify(t.Context(), System(), same)
	w.wants(err, CodeForbidden, "email")
	for _, bad := range []SignedIn{{Identity: Identity{"https://id.example", ""}}, {Identity: Identity{"", "s"}}} {
		_, err = w.Identify(t.Context(), System(), bad)
		w.wants(err, CodeInvalid, "subject")
	}
}

// Of two administrators who are disabled at once, one stays.
func TestTheLastAdministratorStays(t *testing.T) {
	w := newWorld(t)
	one, err := w.User(t.Context(), w.admin.ID)
	w.must(err)
	_, err = w.SetAdmin(t.Context(), w.admin, w.boss.ID, false)
	w.must(err)
	_, _, err = w.DisableUser(t.Context(), w.admin, one.ID)
	w.wants(err, CodeConflict, "id")
	two, err := w.CreateUser(t.Context(), w.admin, NewUser{Email: "two@example.com", Name: "Two", Admin: true})
	w.must(err)
	w.log.raceOn = func(Change) {
		_, _, err := w.DisableUser(t.Context(), w.admin, two.ID)
		w.must(err)
	}
	_, _, err = w.DisableUser(t.Context(), w.admin, one.ID)
	w.wants(err, CodeConflict, "id")
	_, err = w.SetAdmin(t.Context(), w.admin, one.ID, false)
	w.wants(err, CodeConflict, "id")
	u, err := w.EnableUser(t.Context(), w.admin, two.ID)
	w.must(err)
	member, err := w.SetAdmin(t.Context(), w.admin, one.ID, false)
	w.must(err)
	if member.Admin {
		t.Error("still an administrator")
	}
	if u.Disabled {
		t.Error("still disabled")
	}
	if v, _ := w.Version(t.Context(), two.ID); v != 4 {
		t.Errorf("version %d", v)
	}
	_, err = w.EnableUser(t.Context(), w.admin, two.ID)
	w.must(err)
	if v, _ := w.Version(t.Context(), two.ID); v != 4 {
		t.Errorf("version %d: what changes nothing writes nothing", v)
	}
}

// Of two administrators who disable each other at the same moment one stays, also where
// there are others: who is disabled by then disables nobody.
func TestAdministratorsWhoDisableEachOther(t *testing.T) {
	for _, others := range []bool{false, true} {
		w := newWorld(t)
		if others {
			_, err := w.CreateUser(t.Context(), w.admin, NewUser{Email: "two@example.com", Name: "Two", Admin: true})
			w.must(err)
		}
		raced := false
		w.log.raceOn = func(Change) {
			if !raced {
				raced = true
				_, _, err := w.DisableUser(t.Context(), w.boss, w.admin.ID)
				w.must(err)
			}
		}
		_, _, err := w.DisableUser(t.Context(), w.admin, w.boss.ID)
		w.wants(err, CodeForbidden, "")
		boss, err := w.User(t.Context(), w.boss.ID)
		w.must(err)
		if boss.Disabled || !raced {
			t.Errorf("with others: %t; %+v", others, boss)
		}
	}
}
