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
	_, err = w.finishMembers(t.Context(), System(), late, 0)
	w.must(err)
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

// A large change of a group holds up nothing that is due meanwhile: the schedule makes it part
// by part.
func TestALargeChangeHoldsUpNoEnd(t *testing.T) {
	for _, how := range []string{"deleted", "changed"} {
		t.Run(how, func(t *testing.T) {
			w := newWorld(t)
			g := w.group(SourceLocal, "Many")
			const many = 4 * memberChunk
			ids := make([]string, many)
			for i := range ids {
				ids[i] = w.person(fmt.Sprintf("p%04d", i), false).ID
			}
			_, err := w.ChangeMembers(t.Context(), w.admin, SourceLocal, g.ID, ids, nil, nil)
			w.must(err)
			r := w.ask(3600)
			down := errors.New("down")
			w.log.fail = func(c Change) error { // a crash right after it was written down
				if KindOf(c.Subject) == KindUser {
					return down
				}
				return nil
			}
			if how == "deleted" {
				err = w.DeleteGroup(t.Context(), w.admin, SourceLocal, g.ID, nil)
			} else {
				_, err = w.ChangeMembers(t.Context(), w.admin, SourceLocal, g.ID, nil, ids, nil)
			}
			if !errors.Is(err, down) {
				t.Fatal(err)
			}
			w.log.fail = nil
			s := NewSchedule(w.Service)
			w.must(s.Load(t.Context()))
			w.pass(endingGrace)
			changed, at := 0, 0
			w.log.fail = func(c Change) error {
				switch c.Subject {
				case r.ID:
					at = changed
				default:
					if changed++; changed == many/2-memberChunk/2 { // half-way, in the middle of a part
						w.pass(25 * time.Hour)
					}
					if changed%50 == 0 {
						w.pass(time.Millisecond) // as time does
					}
				}
				return nil
			}
			for calls := 0; !s.Next().IsZero() && !s.Next().After(w.now()); calls++ {
				if calls == many {
					t.Fatal("it does not end")
				}
				w.must(s.Advance(t.Context()))
			}
			if at == 0 || at > many/2+memberChunk {
				t.Errorf("the request ended after %d of %d people", at, many)
			}
			if got := w.members(g.ID); len(got) != 0 {
				t.Errorf("%d are left", len(got))
			}
			if g, err = w.Group(t.Context(), g.ID); err != nil || g.Change != nil {
				t.Errorf("its change is not over: %+v, %v", g.Change, err)
			}
		})
	}
}

// Whose token ends while a change is looked at has it refused as a whole; a change that is
// written down is finished.
func TestATokenThatEndsWithinAChange(t *testing.T) {
	w := newWorld(t)
	over := false
	w.opts.Standing = func(context.Context) error {
		if over {
			return Errorf(CodeForbidden, "", "It is over.")
		}
		return nil
	}
	svc, err := w.EnsureServiceAccount(t.Context(), System(), "directory")
	w.must(err)
	directory := directory
	directory.ID = svc.ID
	s := New(w.Subjects, w.opts)
	var ids []string
	for i := range 3 * membersAtOnce {
		ids = append(ids, w.fromDirectory(provision(fmt.Sprintf("p%d", i))).ID)
	}
	g, err := s.CreateGroup(t.Context(), directory, NewGroup{Name: "There", Source: SourceSCIM})
	w.must(err)
	change := func(ids ...string) error {
		_, err := s.ChangeMembers(t.Context(), directory, SourceSCIM, g.ID, ids, nil, nil)
		return err
	}
	// It ends between the decision and the commit.
	w.log.raceOn = func(Change) { over = true; w.must(w.RecordRevocation(t.Context(), System(), svc.ID, "tok_1")) }
	w.wants(change(ids...), CodeForbidden, "")
	if got := w.members(g.ID); len(got) != 0 {
		t.Fatalf("%d are in the group", len(got))
	}
	// It ends once people are being put in.
	over = false
	n := 0
	w.log.fail = func(c Change) error {
		if KindOf(c.Subject) == KindUser {
			if n++; n == 3 {
				over = true
			}
		}
		return nil
	}
	w.must(change(ids[1:]...))
	if got := w.members(g.ID); len(got) != len(ids)-1 || !over {
		t.Errorf("%d are in the group", len(got))
	}
	w.wants(change(ids[0]), CodeForbidden, "")
	_, err = s.ProvisionUser(t.Context(), directory, provision("late"))
	w.wants(err, CodeForbidden, "")
}

// People who are only listed in a group that is deleted, as a damaged index has them, keep
// nobody busy.
func TestADamagedIndexKeepsNobodyBusy(t *testing.T) {
	w := newWorld(t)
	a := w.person("ann", false)
	g := w.group(SourceLocal, "Gone")
	d := w.log.docs[a.ID]
	d.Terms = append(slices.Clone(d.Terms), memberTerm(g.ID))
	w.log.docs[a.ID] = d
	ctx, stop := context.WithTimeout(t.Context(), time.Minute)
	defer stop()
	w.must(w.DeleteGroup(ctx, w.admin, SourceLocal, g.ID, nil))
	if g, err := w.Group(ctx, g.ID); err != nil || g.Change != nil {
		t.Errorf("its change is not over: %+v, %v", g.Change, err)
	}
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
