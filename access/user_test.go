package access

import (
	"bytes"
	"context"
	"slices"
	"testing"

	"procyon/store"
)

func patchOf(name, email string) UserPatch {
	var p UserPatch
	if name != "" {
		p.Name = &name
	}
	if email != "" {
		p.Email = &email
	}
	return p
}

var operator = Actor{Kind: ActorSystem, ID: "operator", Admin: true}

func TestUpdateUser(t *testing.T) {
	w := newWorld(t)
	u, err := w.UpdateUser(t.Context(), w.admin, w.dev.ID, patchOf("  Devi ", "Devi@Example.com"))
	w.must(err)
	if u.Name != "Devi" || u.Email != "Devi@Example.com" || u.Admin || u.ID != w.dev.ID {
		t.Errorf("%+v", u)
	}
	if last := w.log.changes[len(w.log.changes)-1]; last.Type != "PROFILE_CHANGED" || string(last.Data) != `{"name":"Devi","email":"Devi@Example.com","emailUnproven":true,"edit":{"byId":"usr_0001","at":"2026-11-23T10:00:00Z"}}` {
		t.Errorf("%s %s", last.Type, last.Data)
	}
	for _, email := range []string{"devi@example.com", "DEVI@example.com"} {
		if found, err := w.UserByEmail(t.Context(), email); err != nil || found.ID != u.ID {
			t.Errorf("%s finds %+v, %v", email, found, err)
		}
	}
	_, err = w.UserByEmail(t.Context(), "dev@example.com")
	w.wants(err, CodeNotFound, "email")
	head := w.log.Head()
	for _, same := range []UserPatch{{}, patchOf("Devi", ""), patchOf("Devi", "Devi@Example.com")} {
		_, err = w.UpdateUser(t.Context(), w.admin, w.dev.ID, same)
		w.must(err)
	}
	if w.log.Head() != head {
		t.Error("what changes nothing writes something")
	}
	// The case of one's own address can be changed; the old address is free.
	_, err = w.UpdateUser(t.Context(), w.admin, w.dev.ID, patchOf("", "devi@example.com"))
	w.must(err)
	_, err = w.CreateUser(t.Context(), w.admin, NewUser{Email: "dev@example.com", Name: "Another"})
	w.must(err)
}

func TestUpdateUserRefuses(t *testing.T) {
	w := newWorld(t)
	for name, c := range map[string]struct {
		by    Actor
		id    string
		p     UserPatch
		code  Code
		field string
	}{
		"a name of blanks":      {w.admin, w.dev.ID, patchOf(" ", ""), CodeInvalid, "name"},
		"no address":            {w.admin, w.dev.ID, patchOf("", "Dev <dev@example.com>"), CodeInvalid, "email"},
		"an empty address":      {w.admin, w.dev.ID, UserPatch{Email: new(string)}, CodeInvalid, "email"},
		"somebody else's":       {w.admin, w.dev.ID, patchOf("", "ADA@example.com"), CodeDuplicate, "email"},
		"nobody":                {w.admin, "usr_nobody", patchOf("Dev", ""), CodeNotFound, "id"},
		"by a member":           {w.dev, w.dev.ID, patchOf("Boss", ""), CodeForbidden, ""},
		"a resource for people": {w.admin, w.db.ID, patchOf("Dev", ""), CodeNotFound, "id"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := w.UpdateUser(t.Context(), c.by, c.id, c.p)
			w.t = t
			w.wants(err, c.code, c.field)
		})
	}
	w.t = t
	// An administrator who is none any more.
	_, err := w.SetAdmin(t.Context(), w.admin, w.boss.ID, false)
	w.must(err)
	_, err = w.UpdateUser(t.Context(), w.boss, w.dev.ID, patchOf("Boss", ""))
	w.wants(err, CodeForbidden, "")
}

// Of two who get one address at once, one has it.
func TestUpdateUserInARace(t *testing.T) {
	w := newWorld(t)
	w.log.raceOn = func(Change) {
		_, err := w.UpdateUser(t.Context(), w.admin, w.boss.ID, patchOf("", "new@example.com"))
		w.must(err)
	}
	_, err := w.UpdateUser(t.Context(), w.admin, w.dev.ID, patchOf("", "New@example.com"))
	w.wants(err, CodeDuplicate, "email")
	w.log.raceOn = func(Change) {
		_, err := w.UpdateUser(t.Context(), w.admin, w.boss.ID, patchOf("", "third@example.com"))
		w.must(err)
	}
	_, err = w.CreateUser(t.Context(), w.admin, NewUser{Name: "Third", Email: "third@example.com"})
	w.wants(err, CodeDuplicate, "email")
}

// Nobody comes to somebody else's account by an address that an administrator changed.
func TestAChangedAddressTiesNobody(t *testing.T) {
	w := newWorld(t)
	_, err := w.UpdateUser(t.Context(), w.admin, w.boss.ID, patchOf("", "ada.second@example.com"))
	w.must(err)
	_, err = w.Identify(t.Context(), System(), signedIn("ada2", "ada.second@example.com"))
	w.wants(err, CodeForbidden, "email")
	// Back again is a change like any other.
	_, err = w.UpdateUser(t.Context(), w.admin, w.boss.ID, patchOf("", "bo@example.com"))
	w.must(err)
	_, err = w.Identify(t.Context(), System(), signedIn("bo", "bo@example.com"))
	w.wants(err, CodeForbidden, "email")
	// An administrator can't confirm it, nor by another case; the operator can.
	for _, same := range []string{"bo@example.com", "BO@example.com"} {
		_, err = w.UpdateUser(t.Context(), w.admin, w.boss.ID, patchOf("", same))
		w.must(err)
		_, err = w.Identify(t.Context(), System(), signedIn("bo", "bo@example.com"))
		w.wants(err, CodeForbidden, "email")
	}
	_, err = w.UpdateUser(t.Context(), operator, w.boss.ID, patchOf("", "bo@example.com"))
	w.must(err)
	u, err := w.Identify(t.Context(), System(), signedIn("bo", "bo@example.com"))
	w.must(err)
	if u.ID != w.boss.ID {
		t.Errorf("%+v", u)
	}
	// Who is tied stays tied, whatever their address, and whoever has it at the provider.
	_, err = w.UpdateUser(t.Context(), w.admin, w.boss.ID, patchOf("", "bo.new@example.com"))
	w.must(err)
	if again, err := w.Identify(t.Context(), System(), signedIn("bo", "")); err != nil || again.ID != w.boss.ID || again.Email != "bo.new@example.com" {
		t.Errorf("%+v, %v", again, err)
	}
	_, err = w.Identify(t.Context(), System(), signedIn("other", "bo.new@example.com"))
	w.wants(err, CodeForbidden, "email")
	// Whoever has the address now that they gave up is somebody new, without any right.
	fresh, err := w.Identify(t.Context(), System(), signedIn("heir", "bo@example.com"))
	w.must(err)
	if fresh.ID == w.boss.ID || fresh.Admin {
		t.Errorf("%+v", fresh)
	}
}

// A name alone leaves what the address proves.
func TestANameTiesAsBefore(t *testing.T) {
	w := newWorld(t)
	_, err := w.UpdateUser(t.Context(), w.admin, w.dev.ID, patchOf("Devi", ""))
	w.must(err)
	u, err := w.Identify(t.Context(), System(), signedIn("d", "dev@example.com"))
	w.must(err)
	if u.ID != w.dev.ID {
		t.Errorf("%+v", u)
	}
}

// afterList runs a function once, right after a term was listed.
type afterList struct {
	store.Reader
	term string
	run  func()
}

func (r *afterList) List(ctx context.Context, q store.Query) ([]store.Document, error) {
	docs, err := r.Reader.List(ctx, q)
	if run := r.run; q.Term == r.term && run != nil {
		r.run = nil
		run()
	}
	return docs, err
}

// Between the look at an address and the tie the person gets another one.
func TestAnAddressThatChangesInTheMomentOfATie(t *testing.T) {
	w := newWorld(t)
	views := &afterList{Reader: w.log, term: userEmailTerm("dev@example.com"), run: func() {
		_, err := w.UpdateUser(t.Context(), operator, w.dev.ID, patchOf("", "moved@example.com"))
		w.must(err)
	}}
	s := New(NewSubjects(w.log, views, w.Subjects.opts), w.opts)
	u, err := s.Identify(t.Context(), System(), signedIn("s", "dev@example.com"))
	w.must(err)
	if u.ID == w.dev.ID || views.run != nil {
		t.Errorf("%+v", u)
	}
}

// Letters that only look like others' once they are in lower case are others.
func TestALookAlikeTiesNobody(t *testing.T) {
	w := newWorld(t)
	ken := w.person("ken", true)
	_, err := w.Identify(t.Context(), System(), signedIn("s", "\u212aen@example.com")) // a Kelvin sign
	w.wants(err, CodeForbidden, "email")
	u, err := w.Identify(t.Context(), System(), signedIn("ken", "KEN@example.com"))
	w.must(err)
	if u.ID != ken.ID {
		t.Errorf("%+v", u)
	}
}

// Each entry of a change leads to the state after it, from the state before.
func TestProfileChangesReplay(t *testing.T) {
	w := newWorld(t)
	for _, p := range []UserPatch{patchOf("One", ""), patchOf("", "one@example.com"), patchOf("Two", "two@example.com")} {
		for _, by := range []Actor{w.admin, operator} {
			_, err := w.UpdateUser(t.Context(), by, w.dev.ID, p)
			w.must(err)
		}
	}
	var before []byte
	var types []string
	for _, c := range w.log.changes {
		if c.Subject != w.dev.ID {
			continue
		}
		after, err := kinds.Replay(c.Subject, before, c.Type, c.Data)
		if err != nil || !bytes.Equal(after, c.After) {
			t.Errorf("version %d: %s, %v; want %s", c.Version, after, err, c.After)
		}
		before, types = after, append(types, c.Type)
	}
	if want := []string{"CREATED", "PROFILE_CHANGED", "PROFILE_CHANGED", "PROFILE_CHANGED", "PROFILE_CHANGED", "PROFILE_CHANGED"}; !slices.Equal(types, want) {
		t.Errorf("%v", types)
	}
}
