package access

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"procyon/store"
)

// directory is the actor of what the directory says.
var directory = Actor{Kind: ActorService, ID: "svc_directory", Name: "directory", Via: "scim"}

func (w *world) group(source Source, name string) Group {
	w.t.Helper()
	by := w.admin
	if source == SourceSCIM {
		by = directory
	}
	g, err := w.CreateGroup(w.t.Context(), by, NewGroup{Name: name, Source: source})
	w.must(err)
	return g
}

// members are the IDs of who is in a group.
func (w *world) members(id string) []string {
	w.t.Helper()
	l, err := w.Users(w.t.Context(), UserFilter{GroupID: id}, store.Page{First: 100})
	w.must(err)
	var ids []string
	for _, d := range l.Docs {
		ids = append(ids, d.ID)
	}
	slices.Sort(ids)
	return ids
}

func (w *world) user(id string) User {
	w.t.Helper()
	u, err := w.User(w.t.Context(), id)
	w.must(err)
	return u
}

func TestGroupHoldsNoMembers(t *testing.T) {
	w := newWorld(t)
	a, b := w.person("ann", false), w.person("ben", false)
	g := w.group(SourceLocal, "On call")
	_, err := w.ChangeMembers(t.Context(), w.admin, SourceLocal, g.ID, []string{a.ID, b.ID, a.ID}, nil, nil)
	w.must(err)
	want := []string{a.ID, b.ID}
	slices.Sort(want)
	if got := w.members(g.ID); !slices.Equal(got, want) {
		t.Errorf("members %v", got)
	}
	u := w.user(a.ID)
	if len(u.Groups) != 1 || u.Groups[0].ByID != w.admin.ID || u.Groups[0].At.IsZero() || u.Groups[0].Source != SourceLocal {
		t.Errorf("%+v: who put them there, and when, is kept", u.Groups)
	}
	d := w.log.docs[g.ID]
	if slices.Contains(d.Terms, groupChangeTerm) || len(d.Data) > 400 {
		t.Errorf("the group after its change: %v %s", d.Terms, d.Data)
	}
	changes := len(w.log.changes)
	_, err = w.ChangeMembers(t.Context(), w.admin, SourceLocal, g.ID, []string{a.ID}, []string{"usr_stranger"}, nil)
	w.must(err)
	if len(w.log.changes) != changes {
		t.Error("what is so already is written again")
	}
	_, err = w.ChangeMembers(t.Context(), w.admin, SourceLocal, g.ID, nil, []string{a.ID}, nil)
	w.must(err)
	if got := w.members(g.ID); !slices.Equal(got, []string{b.ID}) {
		t.Errorf("members %v", got)
	}
}

// All of a change is checked before any of it is done.
func TestMembersAreCheckedWhole(t *testing.T) {
	w := newWorld(t)
	a := w.person("ann", false)
	g, theirs := w.group(SourceLocal, "Here"), w.group(SourceSCIM, "There")
	for name, c := range map[string]struct {
		by          Actor
		as          Source
		id          string
		add, remove []string
		code        Code
		field       string
	}{
		"nobody of that ID":       {w.admin, SourceLocal, g.ID, []string{a.ID, "usr_none"}, nil, CodeNotFound, "members"},
		"a group in itself":       {w.admin, SourceLocal, g.ID, []string{g.ID}, nil, CodeNotFound, "members"},
		"both ways":               {w.admin, SourceLocal, g.ID, []string{a.ID}, []string{a.ID}, CodeInvalid, "members"},
		"too many":                {w.admin, SourceLocal, g.ID, make([]string, MaxMembersChanged+1), nil, CodeInvalid, "members"},
		"by a member":             {a, SourceLocal, g.ID, []string{a.ID}, nil, CodeForbidden, ""},
		"the directory's":         {w.admin, SourceLocal, theirs.ID, []string{a.ID}, nil, CodeForbidden, "groupId"},
		"ours by the directory":   {directory, SourceSCIM, g.ID, []string{a.ID}, nil, CodeNotFound, "groupId"},
		"a local person in there": {directory, SourceSCIM, theirs.ID, []string{a.ID}, nil, CodeNotFound, "members"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := w.ChangeMembers(t.Context(), c.by, c.as, c.id, c.add, c.remove, nil)
			w.wants(err, c.code, c.field)
		})
	}
	if u := w.user(a.ID); len(u.Groups) != 0 {
		t.Errorf("%+v", u.Groups)
	}
	_, err := w.CreateGroup(t.Context(), w.admin, NewGroup{Name: "HERE", Source: SourceLocal})
	w.wants(err, CodeDuplicate, "name")
	w.group(SourceSCIM, "Here") // of another source
}

// A change that a crash cut off is finished by any server, and by the next change.
func TestMembersAfterACrash(t *testing.T) {
	for _, by := range []string{"schedule", "next change"} {
		t.Run(by, func(t *testing.T) {
			w := newWorld(t)
			g := w.group(SourceLocal, "Many")
			var ids []string
			for i := range 8 {
				ids = append(ids, w.person(fmt.Sprintf("p%d", i), false).ID)
			}
			_, err := w.ChangeMembers(t.Context(), w.admin, SourceLocal, g.ID, ids[6:], nil, nil)
			w.must(err)
			down, n := errors.New("down"), 0
			w.log.fail = func(c Change) error {
				if KindOf(c.Subject) == KindUser {
					if n++; n > 3 {
						return down
					}
				}
				return nil
			}
			if _, err := w.ChangeMembers(t.Context(), w.admin, SourceLocal, g.ID, ids[:6], ids[6:], nil); !errors.Is(err, down) {
				t.Fatalf("%v", err)
			}
			w.log.fail = nil
			switch by {
			case "schedule":
				s := NewSchedule(w.Service)
				w.must(s.Load(t.Context()))
				w.pass(endingGrace)
				w.must(s.Advance(t.Context()))
			default:
				extra := w.person("extra", false)
				_, err := w.ChangeMembers(t.Context(), w.admin, SourceLocal, g.ID, nil, []string{extra.ID}, nil)
				w.must(err)
			}
			want := slices.Clone(ids[:6])
			slices.Sort(want)
			if got := w.members(g.ID); !slices.Equal(got, want) {
				t.Errorf("members %v, want %v", got, want)
			}
			after, err := w.Group(t.Context(), g.ID)
			w.must(err)
			if after.Change != nil {
				t.Error("its change is not over")
			}
		})
	}
}

// A server that was held up in the middle of a change undoes nothing of a later one.
func TestALateServerUndoesNothing(t *testing.T) {
	w := newWorld(t)
	a := w.person("ann", false)
	g := w.group(SourceLocal, "Late")
	w.log.fail = func(c Change) error {
		if KindOf(c.Subject) == KindUser {
			return context.DeadlineExceeded
		}
		return nil
	}
	_, err := w.ChangeMembers(t.Context(), w.admin, SourceLocal, g.ID, []string{a.ID}, nil, nil)
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Fatal(err)
	}
	w.log.fail = nil
	late, err := w.Group(t.Context(), g.ID) // as the late server saw it
	w.must(err)
	_, err = w.ChangeMembers(t.Context(), w.admin, SourceLocal, g.ID, nil, []string{a.ID}, nil)
	w.must(err)
	w.must(w.finishMembers(t.Context(), System(), late))
	if got := w.members(g.ID); len(got) != 0 {
		t.Errorf("members %v", got)
	}
}

func TestDeletedGroupIsEmpty(t *testing.T) {
	w := newWorld(t)
	a := w.person("ann", false)
	g := w.group(SourceLocal, "Gone")
	_, err := w.ChangeMembers(t.Context(), w.admin, SourceLocal, g.ID, []string{a.ID}, nil, nil)
	w.must(err)
	w.must(w.DeleteGroup(t.Context(), w.admin, SourceLocal, g.ID, nil))
	if u := w.user(a.ID); len(u.Groups) != 0 {
		t.Errorf("%+v", u.Groups)
	}
	if d := w.log.docs[g.ID]; len(d.Terms) != 0 {
		t.Errorf("listed under %v", d.Terms)
	}
	_, err = w.ChangeMembers(t.Context(), w.admin, SourceLocal, g.ID, []string{a.ID}, nil, nil)
	w.wants(err, CodeNotFound, "groupId")
	w.group(SourceLocal, "Gone") // the name is free
}

func TestClaimsCountForADay(t *testing.T) {
	w := newWorld(t)
	in := signedIn("s1", "nina@example.com")
	in.Groups = []string{"ops", "dba", "ops", "bad\u0000name"}
	u, err := w.Identify(t.Context(), System(), in)
	w.must(err)
	if len(u.Groups) != 2 || len(u.GroupIDs(w.now())) != 2 {
		t.Fatalf("%+v", u)
	}
	ops, err := w.GroupOf(t.Context(), SourceOIDC, "ops")
	w.must(err)
	if !u.In(ops.ID) || ops.Source != SourceOIDC {
		t.Errorf("%+v", ops)
	}
	w.pass(30 * time.Minute)
	if again, err := w.Identify(t.Context(), System(), in); err != nil || again.Version != u.Version {
		t.Errorf("the same claims within the hour write: %+v, %v", again, err)
	}
	w.pass(ClaimsHold)
	if u = w.user(u.ID); len(u.GroupIDs(w.now())) != 0 || len(u.Groups) != 2 {
		t.Errorf("a day later they count still: %v of %v", u.GroupIDs(w.now()), u.Groups)
	}
	in.Groups = []string{"dba"}
	u, err = w.Identify(t.Context(), System(), in)
	w.must(err)
	if len(u.Groups) != 1 || u.In(ops.ID) || len(u.GroupIDs(w.now())) != 1 {
		t.Errorf("%+v", u.Groups)
	}
	in.Groups = nil // the provider does not say
	u, err = w.Identify(t.Context(), System(), in)
	w.must(err)
	if len(u.Groups) != 1 {
		t.Errorf("%+v", u.Groups)
	}
	w.must(w.DeleteGroup(t.Context(), w.admin, SourceLocal, u.Groups[0].GroupID, nil))
	in.Groups = []string{"dba"}
	if u, err = w.Identify(t.Context(), System(), in); err != nil || len(u.Groups) != 1 {
		t.Errorf("a claim whose group was deleted: %+v, %v", u, err)
	}
}

// A group of claims does not get a name that an administrator gave another one.
func TestNamesOfGroupsOfClaims(t *testing.T) {
	w := newWorld(t)
	in := signedIn("s1", "nina@example.com")
	named := func(claim string) Group {
		t.Helper()
		in.Groups = []string{claim}
		_, err := w.Identify(t.Context(), System(), in)
		w.must(err)
		g, err := w.GroupOf(t.Context(), SourceOIDC, claim)
		w.must(err)
		return g
	}
	rename := func(id, to string) error {
		_, err := w.UpdateGroup(t.Context(), w.admin, SourceLocal, id, GroupPatch{Name: &to}, nil)
		return err
	}
	long := strings.Repeat("x", maxGroupName)
	eng, dba := named("eng"), named("dba")
	w.must(rename(eng.ID, "Platform"))
	w.wants(rename(dba.ID, "PLATFORM"), CodeDuplicate, "name")
	if g := named("Platform"); g.Name != "Platform (2)" || g.ExternalID != "Platform" {
		t.Errorf("%+v", g)
	}
	if g := named("platform"); g.Name != "platform (3)" {
		t.Errorf("%+v", g)
	}
	w.must(rename(dba.ID, long))
	if g := named(long); g.Name != long[:maxGroupName-4]+" (2)" {
		t.Errorf("%+v", g)
	}
	w.log.raceOn = func(Change) { w.must(rename(eng.ID, "late")) } // while it is made
	if g := named("late"); g.Name != "late (2)" {
		t.Errorf("%+v", g)
	}
	if g := named("eng"); g.ID != eng.ID {
		t.Errorf("%+v", g)
	}
}

// A group of claims that is deleted while somebody signs in takes them in no more: there is
// another one of that name then.
func TestClaimsOfAGroupThatIsDeletedMeanwhile(t *testing.T) {
	w := newWorld(t)
	in := signedIn("s1", "nina@example.com")
	in.Groups = []string{"ops"}
	_, err := w.Identify(t.Context(), System(), in)
	w.must(err)
	old, err := w.GroupOf(t.Context(), SourceOIDC, "ops")
	w.must(err)
	other := signedIn("s2", "max@example.com")
	_, err = w.Identify(t.Context(), System(), other)
	w.must(err)
	other.Groups = []string{"ops"}
	w.log.raceOn = func(Change) { w.must(w.DeleteGroup(t.Context(), w.admin, SourceLocal, old.ID, nil)) }
	u, err := w.Identify(t.Context(), System(), other)
	w.must(err)
	if u.In(old.ID) || len(u.Groups) != 1 {
		t.Errorf("%+v", u.Groups)
	}
}
