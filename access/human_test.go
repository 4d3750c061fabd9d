package access

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// Nobody decides for themselves by another account of theirs, whichever was joined to
// which, and when.
func TestJoinedAccountsAreOneHuman(t *testing.T) {
	for _, way := range []string{"requester to admin", "admin to requester", "both to a third"} {
		t.Run(way, func(t *testing.T) {
			w := newWorld(t)
			boss := w.person("boss", true)
			daily, power, third := w.person("ann", false), w.person("ann-admin", true), w.person("ann-other", false)
			r := w.askBy(daily)
			join := func(a, b Actor) {
				t.Helper()
				_, err := w.JoinUsers(t.Context(), boss, a.ID, b.ID, nil)
				w.must(err)
			}
			decision := ReviewRequest{Basis: Basis{ExpectedVersion: r.Version()}, Subject: r.Subject(), Decision: DecisionApprove}
			w.log.raceOn = func(Change) { // they are joined while the review is under way
				switch way {
				case "requester to admin":
					join(daily, power)
				case "admin to requester":
					join(power, daily)
				default:
					join(daily, third)
					join(power, third)
				}
			}
			_, err := w.ReviewRequest(t.Context(), power, r.ID, decision)
			w.wants(err, CodeSelfReview, "requestId")
			who, err := w.Reviewers(t.Context(), r)
			w.must(err)
			for _, u := range who {
				if u.ID == power.ID {
					t.Error("they are named among those who may decide")
				}
			}
			_, err = w.ReviewRequest(t.Context(), boss, r.ID, decision)
			w.must(err)
		})
	}
}

func TestJoiningAndSeparating(t *testing.T) {
	w := newWorld(t)
	boss := w.person("boss", true)
	a, b, c, d := w.person("a", false), w.person("b", true), w.person("c", false), w.person("d", false)
	_, err := w.JoinUsers(t.Context(), boss, a.ID, a.ID, nil)
	w.wants(err, CodeInvalid, "withUserId")
	_, err = w.JoinUsers(t.Context(), a, c.ID, a.ID, nil)
	w.wants(err, CodeForbidden, "")
	for range 2 { // to repeat it changes nothing
		_, err = w.JoinUsers(t.Context(), boss, b.ID, a.ID, nil)
		w.must(err)
	}
	_, err = w.JoinUsers(t.Context(), boss, d.ID, c.ID, nil)
	w.must(err)
	_, err = w.JoinUsers(t.Context(), boss, c.ID, b.ID, nil)
	w.wants(err, CodeConflict, "userId") // others are joined to it
	_, err = w.SeparateUser(t.Context(), boss, a.ID, nil)
	w.wants(err, CodeConflict, "userId")
	own, err := w.Actor(t.Context(), w.user(b.ID))
	w.must(err)
	_, err = w.SeparateUser(t.Context(), own, b.ID, nil)
	w.wants(err, CodeForbidden, "userId")
	_, err = w.SeparateUser(t.Context(), boss, b.ID, nil)
	w.must(err)
	if u := w.user(b.ID); u.Human != "" {
		t.Errorf("%+v", u)
	}
}

// Who was joined to another account while their call was under way does not separate it.
func TestSeparatingAsOfNow(t *testing.T) {
	w := newWorld(t)
	boss := w.person("chief", true)
	a, b := w.person("a", false), w.person("b", true)
	_, err := w.JoinUsers(t.Context(), boss, a.ID, b.ID, nil)
	w.must(err)
	_, err = w.SeparateUser(t.Context(), b, a.ID, nil) // b's call began before
	w.wants(err, CodeForbidden, "userId")
}

// employee is a person whom the directory gives a number.
func (w *world) employee(name, number string) User {
	w.t.Helper()
	in := provision(name)
	in.Employee = number
	return w.fromDirectory(in)
}

// numbers gives somebody whom the directory made another number.
func (w *world) numbers(id, name, number string) {
	w.t.Helper()
	in := provision(name)
	in.Employee = number
	_, err := w.ReprovisionUser(w.t.Context(), directory, id, func(User) (Provision, error) { return in, nil })
	w.must(err)
}

// same tells whether two accounts are one human's, asked of each.
func (w *world) same(a, b string) bool {
	w.t.Helper()
	one, err := w.Actor(w.t.Context(), w.user(a))
	w.must(err)
	other, err := w.Actor(w.t.Context(), w.user(b))
	w.must(err)
	if one.Is(b) != other.Is(a) {
		w.t.Fatalf("%s is %s: %t; the other way round: %t", a, b, one.Is(b), other.Is(a))
	}
	return one.Is(b)
}

// Accounts of one employee are one human's from the entry that says so, whoever else an
// administrator joined to one of them: nothing is left to a second entry.
func TestEmployeesAreOneHumanAtOnce(t *testing.T) {
	w := newWorld(t)
	boss := w.person("boss", true)
	local, daily := w.person("ann-local", true), w.employee("ann", "4711")
	_, err := w.JoinUsers(t.Context(), boss, daily.ID, local.ID, nil)
	w.must(err)
	r := w.askBy(ActorOf(daily))
	entries := w.log.Head()
	power := w.employee("ann-admin", "4711")
	if n := w.log.Head() - entries; n != 1 {
		t.Errorf("%d entries", n)
	}
	for _, other := range []string{daily.ID, local.ID} {
		if !w.same(power.ID, other) {
			t.Errorf("%s is somebody else", other)
		}
	}
	_, err = w.SetAdmin(t.Context(), boss, power.ID, true)
	w.must(err)
	_, err = w.review(ActorOf(w.user(power.ID)), r.ID, ReviewRequest{Decision: DecisionApprove})
	w.wants(err, CodeSelfReview, "requestId")
	_, err = w.review(local, r.ID, ReviewRequest{Decision: DecisionApprove})
	w.wants(err, CodeSelfReview, "requestId")
}

// A number that the directory gives while a review is under way counts in it.
func TestANumberIsSeenInTheCommit(t *testing.T) {
	for _, way := range []string{"the reviewer's", "the requester's", "a third one's"} {
		t.Run(way, func(t *testing.T) {
			w := newWorld(t)
			daily, power := w.employee("ann", "1"), w.employee("ann-admin", "2")
			third := w.employee("ann-other", "2")
			_, err := w.SetAdmin(t.Context(), w.admin, power.ID, true)
			w.must(err)
			_, err = w.JoinUsers(t.Context(), w.boss, w.person("ann-old", false).ID, daily.ID, nil)
			w.must(err)
			r := w.askBy(ActorOf(daily))
			w.log.raceOn = func(Change) {
				switch way {
				case "the reviewer's":
					w.numbers(power.ID, "ann-admin", "1")
				case "the requester's":
					w.numbers(daily.ID, "ann", "2")
				default: // which changes neither of the two
					_, err := w.JoinUsers(t.Context(), w.boss, third.ID, daily.ID, nil)
					w.must(err)
				}
			}
			_, err = w.review(ActorOf(w.user(power.ID)), r.ID, ReviewRequest{Decision: DecisionApprove})
			w.wants(err, CodeSelfReview, "requestId")
		})
	}
}

// What an administrator separates the directory does not join again by saying the same
// number; by another number it does.
func TestSeparatedFromAnEmployee(t *testing.T) {
	w := newWorld(t)
	a, b, c := w.employee("sam", "4711"), w.employee("sam-admin", "4711"), w.employee("sam-test", "4711")
	for range 2 {
		u, err := w.SeparateUser(t.Context(), w.boss, b.ID, nil)
		w.must(err)
		if u.Apart == nil || u.Apart.Employee != "4711" || u.Apart.ByID != w.boss.ID {
			t.Fatalf("%+v", u.Apart)
		}
	}
	w.numbers(b.ID, "sam-admin", "4711")
	w.numbers(a.ID, "sam", "4711")
	w.employee("sam-late", "4711")
	if w.same(a.ID, b.ID) || !w.same(a.ID, c.ID) {
		t.Error("the directory undoes what an administrator said")
	}
	w.numbers(b.ID, "sam-admin", "12")
	d := w.employee("kim", "12")
	if !w.same(b.ID, d.ID) || w.same(a.ID, b.ID) {
		t.Error("another number does not count")
	}
	w.numbers(b.ID, "sam-admin", "4711")
	if !w.same(a.ID, b.ID) {
		t.Error("what was said of a number outlasts another one")
	}
}

// Whom the directory deletes and makes anew is still the same human, by each name.
func TestJoinsAreCarriedToTheSuccessor(t *testing.T) {
	for name, in := range map[string]func(Provision) Provision{
		"the user name":      func(p Provision) Provision { p.ExternalID, p.Email = "", "new@example.com"; return p },
		"the external ID":    func(p Provision) Provision { p.UserName, p.Email = "new", "new@example.com"; return p },
		"the e-mail address": func(p Provision) Provision { p.UserName, p.ExternalID = "new", ""; return p },
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			daily, power := w.fromDirectory(provision("ann")), w.person("ann-admin", true)
			_, err := w.JoinUsers(t.Context(), w.boss, daily.ID, power.ID, nil)
			w.must(err)
			var last User
			for range 3 {
				last = daily
				w.must(w.DeprovisionUser(t.Context(), directory, last.ID, nil))
				w.pass(60e9)
				daily = w.fromDirectory(in(provision("ann")))
				if !w.same(daily.ID, power.ID) {
					t.Fatal("they decide for themselves")
				}
			}
			r := w.askBy(ActorOf(daily))
			_, err = w.review(power, r.ID, ReviewRequest{Decision: DecisionApprove})
			w.wants(err, CodeSelfReview, "requestId")
			_, err = w.SeparateUser(t.Context(), w.boss, last.ID, nil)
			w.wants(err, CodeConflict, "userId")
			_, err = w.SeparateUser(t.Context(), w.boss, daily.ID, nil) // it was somebody else of that name
			w.must(err)
			if w.same(daily.ID, power.ID) {
				t.Error("they are not separated")
			}
		})
	}
}

// Who has more accounts than are followed decides nothing, and is told why.
func TestManyAccounts(t *testing.T) {
	w := newWorld(t)
	var last User
	for i := range maxSameHuman {
		last = w.employee(fmt.Sprintf("contractor-%03d", i), "0")
	}
	_, err := w.SetAdmin(t.Context(), w.admin, last.ID, true)
	w.must(err)
	power := ActorOf(w.user(last.ID))
	if _, err = w.review(power, w.ask(3600).ID, ReviewRequest{Decision: DecisionApprove}); err != nil {
		t.Fatalf("%d accounts are followed: %v", maxSameHuman, err)
	}
	one := w.employee("contractor-more", "0")
	r := w.ask(3600)
	for _, d := range []Decision{DecisionApprove, DecisionDeny} {
		_, err = w.review(power, r.ID, ReviewRequest{Decision: d})
		if w.wants(err, CodeForbidden, "requestId"); !strings.Contains(err.Error(), "count as yours") {
			t.Error(err)
		}
	}
	_, err = w.SeparateUser(t.Context(), power, one.ID, nil)
	w.wants(err, CodeForbidden, "userId")
	_, err = w.JoinUsers(t.Context(), w.boss, one.ID, w.dev.ID, nil)
	w.wants(err, CodeLimited, "withUserId")
	_, err = w.SeparateUser(t.Context(), w.boss, one.ID, nil)
	w.must(err)
	_, err = w.review(power, r.ID, ReviewRequest{Decision: DecisionApprove})
	w.must(err)
}

// Accounts that can't sign in are no hindrance to joining others.
func TestDisabledAccountsLeaveRoom(t *testing.T) {
	w := newWorld(t)
	first := w.person("first", false)
	join := func(i int) error {
		p := w.person(fmt.Sprintf("p%d", i), false)
		_, err := w.JoinUsers(t.Context(), w.boss, p.ID, first.ID, nil)
		if err == nil && i%2 == 0 {
			_, _, err = w.DisableUser(t.Context(), w.boss, p.ID)
		}
		return err
	}
	for i := range 2*maxJoined - 2 {
		w.must(join(i))
	}
	w.wants(join(1001), CodeLimited, "withUserId")
}

// A manager who turns out to be oneself counts as nobody.
func TestOwnManager(t *testing.T) {
	w := newWorld(t)
	ann := w.employee("ann", "1")
	in := provision("ann-admin")
	in.Employee, in.ManagerID = "1", ann.ID
	power := w.fromDirectory(in) // the directory may say so
	local, chief := w.person("kim", false), w.person("chief", false)
	_, err := w.JoinUsers(t.Context(), w.boss, local.ID, power.ID, nil)
	w.must(err)
	_, err = w.SetManager(t.Context(), w.boss, local.ID, ann.ID, nil)
	w.wants(err, CodeInvalid, "manager")
	_, err = w.SetManager(t.Context(), w.boss, local.ID, chief.ID, nil)
	w.must(err)
	counts := func(id string, want bool) {
		t.Helper()
		if got, _, err := w.ManagerCounts(t.Context(), w.user(id)); err != nil || got != want {
			t.Errorf("the manager of %s counts: %t, %v", id, got, err)
		}
	}
	counts(power.ID, false)
	counts(ann.ID, false) // nobody is
	counts(local.ID, true)
	_, err = w.JoinUsers(t.Context(), w.boss, chief.ID, ann.ID, nil)
	w.must(err)
	counts(local.ID, false)
}

// Joining never allows more, in any order of whatever joins, with crashes between: who may
// decide which request only ever becomes less, until an administrator separates somebody.
func TestJoiningNeverAllowsMore(t *testing.T) {
	for seed := range uint64(25) {
		w := newWorld(t)
		rnd := rand.New(rand.NewPCG(seed, 1)) // the same each time
		names, ids := map[string]string{}, []string{}
		for i := range 6 {
			name := fmt.Sprintf("p%d", i)
			u := w.fromDirectory(provision(name))
			if _, err := w.SetAdmin(t.Context(), w.boss, u.ID, true); err != nil {
				t.Fatal(err)
			}
			names[u.ID], ids = name, append(ids, u.ID)
		}
		var asked []Request
		for _, id := range ids {
			asked = append(asked, w.askBy(ActorOf(w.user(id))))
		}
		allowed := func() map[[2]string]bool {
			out := map[[2]string]bool{}
			for _, r := range asked {
				who, err := w.Reviewers(t.Context(), r)
				w.must(err)
				for _, u := range who {
					out[[2]string{u.ID, r.ID}] = true
				}
			}
			return out
		}
		before := allowed()
		for step := range 10 {
			a, b := ids[rnd.IntN(len(ids))], ids[rnd.IntN(len(ids))]
			left := rnd.IntN(3)
			w.log.fail = func(Change) error { // the server stops before one of the entries
				if left--; left == 0 {
					return errors.New("stopped")
				}
				return nil
			}
			if rnd.IntN(2) == 0 {
				_, _ = w.JoinUsers(t.Context(), w.boss, a, b, nil)
			} else if u := w.user(a); u.Employee() == "" { // another number would take the first away
				in := provision(names[a])
				in.Employee = fmt.Sprint("n", rnd.IntN(3))
				_, _ = w.ReprovisionUser(t.Context(), directory, a, func(User) (Provision, error) { return in, nil })
			}
			w.log.fail = nil
			after := allowed()
			for pair := range after {
				if !before[pair] {
					t.Fatalf("seed %d, step %d: %v may decide now", seed, step, pair)
				}
			}
			same := map[[2]string]bool{}
			for _, x := range ids {
				for _, y := range ids {
					same[[2]string{x, y}] = w.same(x, y)
				}
			}
			for _, x := range ids { // one human's accounts are so of each other, and of all that these are
				for _, y := range ids {
					for _, z := range ids {
						if same[[2]string{x, y}] && same[[2]string{y, z}] && !same[[2]string{x, z}] {
							t.Fatalf("seed %d, step %d: %s, %s and %s", seed, step, x, y, z)
						}
					}
				}
			}
			before = after
		}
	}
}

// What an older release did not list under new terms stands under one that is listed anew.
func TestWhoLeftIsListedAnew(t *testing.T) {
	w := newWorld(t)
	u := w.employee("ann", "1")
	w.must(w.DeprovisionUser(t.Context(), directory, u.ID, nil))
	u = w.user(u.ID)
	_, terms := u.Index()
	for from := range ViewFormat {
		if !slices.ContainsFunc(Relist(from), func(term string) bool { return slices.Contains(terms, term) }) {
			t.Errorf("format %d", from)
		}
	}
}
