package access

import (
	"strings"
	"testing"

	"procyon/store"
)

func provision(name string) Provision {
	return Provision{UserName: name + "@example.com", ExternalID: "ext-" + name, Email: name + "@example.com", Name: name, Active: true, Record: []byte(`{"userName": "` + name + `"}`)}
}

func (w *world) fromDirectory(in Provision) User {
	w.t.Helper()
	u, err := w.ProvisionUser(w.t.Context(), directory, in)
	w.must(err)
	return u
}

// The directory takes over nobody who is kept here, unless an administrator hands them over.
func TestDirectoryTakesOverNobody(t *testing.T) {
	w := newWorld(t)
	boss := w.person("boss", true)
	local := w.person("lena", false)
	in := provision("lena")
	in.Email = w.user(local.ID).Email
	_, err := w.ProvisionUser(t.Context(), directory, in)
	w.wants(err, CodeDuplicate, "emails")
	forBoss := provision("boss")
	forBoss.Email = w.user(boss.ID).Email
	_, err = w.ProvisionUser(t.Context(), directory, forBoss)
	w.wants(err, CodeDuplicate, "emails")
	_, err = w.HandOver(t.Context(), w.admin, boss.ID, true)
	w.wants(err, CodeConflict, "id")
	_, err = w.ReprovisionUser(t.Context(), directory, local.ID, func(User) (Provision, error) { return in, nil })
	w.wants(err, CodeNotFound, "id")
	w.wants(w.DeprovisionUser(t.Context(), directory, local.ID, nil), CodeNotFound, "id")

	_, err = w.HandOver(t.Context(), w.admin, local.ID, true)
	w.must(err)
	_, err = w.SetAdmin(t.Context(), w.admin, local.ID, true) // handed over, and then an administrator
	w.must(err)
	_, err = w.ProvisionUser(t.Context(), directory, in)
	w.wants(err, CodeDuplicate, "emails")
	_, err = w.SetAdmin(t.Context(), w.admin, local.ID, false)
	w.must(err)
	u := w.fromDirectory(in)
	if u.ID != local.ID || u.Provisioned == nil || u.HandedOver || u.Admin {
		t.Errorf("%+v", u)
	}
	_, err = w.UpdateUser(t.Context(), w.admin, u.ID, UserPatch{Name: new("Other")})
	w.wants(err, CodeConflict, "id")
}

func TestDirectoryDeactivates(t *testing.T) {
	w := newWorld(t)
	u := w.fromDirectory(provision("mia"))
	r := w.askBy(ActorOf(u))
	set := func(active bool) User {
		t.Helper()
		in := provision("mia")
		in.Active = active
		u, err := w.ReprovisionUser(t.Context(), directory, u.ID, func(User) (Provision, error) { return in, nil })
		w.must(err)
		return u
	}
	epoch := u.Epoch
	if u = set(false); !u.Disabled || u.Ending || u.Epoch <= epoch {
		t.Errorf("%+v", u)
	}
	if r, _ = w.Request(t.Context(), r.ID); r.Open() {
		t.Errorf("their request is %s", r.Status)
	}
	_, err := w.EnableUser(t.Context(), w.admin, u.ID)
	w.wants(err, CodeConflict, "id")
	if u = set(true); u.Disabled {
		t.Errorf("%+v", u)
	}
	_, _, err = w.DisableUser(t.Context(), w.admin, u.ID)
	w.must(err)
	if u = set(true); !u.Disabled {
		t.Error("the directory enables whom an administrator has disabled")
	}
	set(false)
	if u = set(true); !u.Disabled {
		t.Error("the directory enables whom an administrator has disabled, once it deactivated them, too")
	}
	_, err = w.EnableUser(t.Context(), w.admin, u.ID)
	w.must(err)
}

// Who left frees the user name, the e-mail address and the identity for somebody else.
func TestDirectoryTakesAway(t *testing.T) {
	w := newWorld(t)
	u := w.fromDirectory(provision("kim"))
	_, err := w.Identify(t.Context(), System(), signedIn("s9", "kim@example.com"))
	w.must(err)
	w.must(w.DeprovisionUser(t.Context(), directory, u.ID, nil))
	if u = w.user(u.ID); !u.Disabled || !u.Left || u.Ending {
		t.Errorf("%+v", u)
	}
	_, err = w.EnableUser(t.Context(), w.admin, u.ID)
	w.wants(err, CodeConflict, "id")
	_, err = w.Identify(t.Context(), System(), signedIn("s9", "kim@example.com"))
	w.wants(err, CodeForbidden, "") // who left does not come back as somebody else
	next := w.fromDirectory(provision("kim"))
	if next.ID == u.ID {
		t.Error("the next of that name is taken for the one who left")
	}
	in, err := w.Identify(t.Context(), System(), signedIn("s9", "kim@example.com"))
	w.must(err)
	if in.ID != next.ID {
		t.Errorf("signed in as %s", in.ID)
	}
}

// Who left is in no group, whoever put them there, and the next of their name begins in none.
func TestWhoLeftIsInNoGroup(t *testing.T) {
	w := newWorld(t)
	u := w.fromDirectory(provision("kim"))
	in := signedIn("s9", "kim@example.com")
	in.Groups = []string{"claimed"}
	_, err := w.Identify(t.Context(), System(), in)
	w.must(err)
	local, theirs := w.group(SourceLocal, "Here"), w.group(SourceSCIM, "There")
	_, err = w.ChangeMembers(t.Context(), w.admin, SourceLocal, local.ID, []string{u.ID}, nil, nil)
	w.must(err)
	_, err = w.ChangeMembers(t.Context(), directory, SourceSCIM, theirs.ID, []string{u.ID}, nil, nil)
	w.must(err)
	left := w.user(u.ID)
	if len(left.Groups) != 3 {
		t.Fatalf("%+v", left.Groups)
	}
	w.must(w.DeprovisionUser(t.Context(), directory, u.ID, nil))
	if u := w.user(u.ID); len(u.Groups) != 0 || len(w.members(local.ID)) != 0 {
		t.Errorf("%+v", u.Groups)
	}
	if left.Left = true; len(left.GroupIDs(w.now())) != 0 {
		t.Error("memberships of somebody who left before count")
	}
	next := w.fromDirectory(provision("kim"))
	who, err := w.Identify(t.Context(), System(), signedIn("s9", "kim@example.com"))
	w.must(err)
	if who.ID != next.ID || len(who.Groups) != 0 {
		t.Errorf("signed in as %s, not %s, in %+v", who.ID, next.ID, who.Groups)
	}
}

// A refusal tells the directory nothing of who is an administrator.
func TestDirectoryIsNotToldWhoAdministrates(t *testing.T) {
	w := newWorld(t)
	told := map[string]bool{}
	for _, who := range []Actor{w.person("boss", true), w.person("lena", false)} {
		in := provision("new")
		in.Email = w.user(who.ID).Email
		_, err := w.ProvisionUser(t.Context(), directory, in)
		w.wants(err, CodeDuplicate, "emails")
		told[strings.ReplaceAll(err.Error(), who.ID, "usr")] = true
	}
	if len(told) != 1 {
		t.Errorf("it is told %v", told)
	}
}

func TestDirectoryAndAdministrators(t *testing.T) {
	w := newWorld(t)
	u := w.fromDirectory(provision("ada2"))
	if u.Admin {
		t.Fatal("the directory made an administrator")
	}
	_, err := w.SetAdmin(t.Context(), w.admin, u.ID, true)
	w.must(err)
	in := provision("ada2")
	in.Email = "attacker@example.com"
	u, err = w.ReprovisionUser(t.Context(), directory, u.ID, func(User) (Provision, error) { return in, nil })
	w.must(err)
	if !u.Admin || u.EmailProves() {
		t.Errorf("%+v: whoever has the new address would sign in as an administrator", u)
	}
	_, err = w.Identify(t.Context(), System(), signedIn("evil", "attacker@example.com"))
	w.wants(err, CodeForbidden, "email")
	for _, other := range []Actor{w.boss, w.admin} {
		_, err = w.SetAdmin(t.Context(), w.admin, other.ID, false)
		w.must(err)
	}
	in.Active = false
	_, err = w.ReprovisionUser(t.Context(), directory, u.ID, func(User) (Provision, error) { return in, nil })
	w.wants(err, CodeConflict, "id") // the last one who can sign in
	w.wants(w.DeprovisionUser(t.Context(), directory, u.ID, nil), CodeConflict, "id")
}

// Whoever has an address that the directory gave somebody signs in as a member by it, and never
// as an administrator, in whichever order they were made one.
func TestAddressesThatTheDirectoryChanged(t *testing.T) {
	const was, is = "eve@example.com", "new@example.com"
	for _, c := range []struct {
		steps   string // create is first
		address string // of who signs in
		comesIn bool
	}{
		{"sign in", was, true},
		{"promote, sign in", was, true},
		{"change, sign in", is, true},
		{"change, sign in, promote", is, true}, // it was they who were promoted
		{"change, promote, sign in", is, false},
		{"promote, change, sign in", is, false},
		{"change, change back, promote, sign in", was, false},
		{"change, promote, demote, sign in", is, true},
		{"promote, change, demote, sign in", is, true},
		{"promote, change, demote, promote, sign in", is, false},
		{"change, promote, confirm, sign in", is, true},
		{"promote, change, confirm, sign in", is, true},
		{"change, confirm, promote, sign in", is, true},
		{"promote, sign in", is, true}, // as somebody else
	} {
		t.Run(c.steps+" as "+c.address, func(t *testing.T) {
			w := newWorld(t)
			in := provision("eve")
			u := w.fromDirectory(in)
			move := func(to string) {
				in.Email = to
				_, err := w.ReprovisionUser(t.Context(), directory, u.ID, func(User) (Provision, error) { return in, nil })
				w.must(err)
			}
			var err error
			for step := range strings.SplitSeq(c.steps, ", ") {
				switch step {
				case "change":
					move(is)
				case "change back":
					move(was)
				case "promote", "demote":
					_, err = w.SetAdmin(t.Context(), w.admin, u.ID, step == "promote")
				case "confirm":
					_, err = w.UpdateUser(t.Context(), operator, u.ID, patchOf("", in.Email))
				case "sign in":
					var who User
					who, err = w.Identify(t.Context(), System(), signedIn("s1", c.address))
					if !c.comesIn {
						w.wants(err, CodeForbidden, "email")
						err = nil
					} else if err == nil && (who.ID == u.ID) != (c.address == in.Email) {
						t.Errorf("signed in as %+v", who)
					}
				}
				w.must(err)
			}
		})
	}
}

func TestDirectoryNamesAreUnique(t *testing.T) {
	w := newWorld(t)
	w.fromDirectory(provision("one"))
	in := provision("two")
	in.UserName = "ONE@example.com"
	_, err := w.ProvisionUser(t.Context(), directory, in)
	w.wants(err, CodeDuplicate, "userName")
	in = provision("two")
	in.ExternalID = "ext-one"
	_, err = w.ProvisionUser(t.Context(), directory, in)
	w.wants(err, CodeDuplicate, "externalId")
	in = provision("two")
	in.Email = "not an address"
	_, err = w.ProvisionUser(t.Context(), directory, in)
	w.wants(err, CodeInvalid, "emails")
}

func TestManagers(t *testing.T) {
	w := newWorld(t)
	boss, local := w.fromDirectory(provision("boss2")), w.person("lena", false)
	in := provision("ina")
	in.ManagerID = boss.ID
	u := w.fromDirectory(in)
	if u.Manager == nil || u.Manager.UserID != boss.ID || u.Manager.ByID != directory.ID {
		t.Errorf("%+v", u.Manager)
	}
	for _, id := range []string{local.ID, "usr_none"} { // the directory sees only its own
		in.ManagerID = id
		_, err := w.ReprovisionUser(t.Context(), directory, u.ID, func(User) (Provision, error) { return in, nil })
		w.wants(err, CodeNotFound, "manager")
	}
	in.ManagerID = u.ID
	_, err := w.ReprovisionUser(t.Context(), directory, u.ID, func(User) (Provision, error) { return in, nil })
	w.wants(err, CodeInvalid, "manager")
	_, err = w.SetManager(t.Context(), w.admin, u.ID, "", nil)
	w.wants(err, CodeConflict, "userId")
	_, err = w.SetManager(t.Context(), w.admin, local.ID, local.ID, nil)
	w.wants(err, CodeInvalid, "manager")
	_, err = w.SetManager(t.Context(), w.admin, local.ID, boss.ID, nil)
	w.must(err)
}

func TestOwnersAndTags(t *testing.T) {
	w := newWorld(t)
	a, g := w.person("ann", false), w.group(SourceLocal, "DBAs")
	id := w.db.ID
	w.wants(w.SetOwners(t.Context(), a, id, []string{a.ID}, nil), CodeForbidden, "")
	w.wants(w.SetOwners(t.Context(), w.admin, id, []string{"usr_none"}, nil), CodeNotFound, "ownerIds.0")
	w.must(w.SetOwners(t.Context(), w.admin, id, []string{a.ID, g.ID}, nil))
	r, err := w.Resource(t.Context(), id)
	w.must(err)
	since := r.Owners[0].At
	w.pass(60e9)
	w.must(w.SetOwners(t.Context(), w.admin, id, []string{r.Owners[0].ID}, nil))
	if r, err = w.Resource(t.Context(), id); err != nil || len(r.Owners) != 1 || !r.Owners[0].At.Equal(since) || r.Owners[0].ByID != w.admin.ID {
		t.Errorf("%+v, %v: who stays an owner is one since when they were", r.Owners, err)
	}
	_, err = w.SetTags(t.Context(), w.admin, id, []Tag{{Key: "env", Value: "prod"}, {Key: "env"}}, nil)
	w.wants(err, CodeInvalid, "tags.1.key")
	r, err = w.SetTags(t.Context(), w.admin, id, []Tag{{Key: "pci"}, {Key: "env", Value: "prod"}}, nil)
	w.must(err)
	for _, c := range []struct {
		tags []Tag
		want int
	}{{[]Tag{{Key: "env", Value: "prod"}}, 1}, {[]Tag{{Key: "pci"}, {Key: "env", Value: "prod"}}, 1}, {[]Tag{{Key: "env", Value: "prod"}, {Key: "env", Value: "test"}}, 0}, {[]Tag{{Key: "env"}}, 0}} {
		l, err := w.Resources(t.Context(), ResourceFilter{Tags: c.tags, Search: "orders"}, store.Page{First: 5})
		w.must(err)
		if len(l.Docs) != c.want {
			t.Errorf("%v finds %d", c.tags, len(l.Docs))
		}
	}
	for parent, want := range map[string]int{w.account.ID: 1, "acc_other": 0} {
		l, err := w.Resources(t.Context(), ResourceFilter{Tags: []Tag{{Key: "pci"}}, Parent: parent}, store.Page{First: 5})
		w.must(err)
		if len(l.Docs) != want {
			t.Errorf("of %s %d are tagged, want %d", parent, len(l.Docs), want)
		}
	}
	if len(r.Tags) != 2 || r.Tags[0].Key != "env" || r.Tags[0].ByID != w.admin.ID || len(r.Owners) != 1 {
		t.Errorf("%+v", r)
	}
}

// Whom an administrator has disabled the directory does not bring back by making them anew.
func TestDirectoryBringsNobodyBack(t *testing.T) {
	w := newWorld(t)
	u := w.fromDirectory(provision("mia"))
	_, err := w.Identify(t.Context(), System(), signedIn("s7", "mia@example.com"))
	w.must(err)
	_, _, err = w.DisableUser(t.Context(), w.admin, u.ID)
	w.must(err)
	w.must(w.DeprovisionUser(t.Context(), directory, u.ID, nil))
	_, err = w.ProvisionUser(t.Context(), directory, provision("mia"))
	w.wants(err, CodeDuplicate, "userName")
	other := provision("mia2")
	other.Email = "mia@example.com"
	_, err = w.ProvisionUser(t.Context(), directory, other)
	w.wants(err, CodeDuplicate, "emails")
	_, err = w.Identify(t.Context(), System(), signedIn("s7", "mia@example.com"))
	w.wants(err, CodeForbidden, "")
	after, err := w.EnableUser(t.Context(), w.admin, u.ID)
	w.must(err)
	if !after.Disabled {
		t.Error("who was deleted by the directory is enabled")
	}
	if next := w.fromDirectory(provision("mia")); next.ID == u.ID {
		t.Error("made of the same record")
	}
}
