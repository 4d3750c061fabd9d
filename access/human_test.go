package access

import "testing"

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
				_, err := w.JoinUsers(t.Context(), boss, a.ID, b.ID)
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
	_, err := w.JoinUsers(t.Context(), boss, a.ID, a.ID)
	w.wants(err, CodeInvalid, "withUserId")
	_, err = w.JoinUsers(t.Context(), a, c.ID, a.ID)
	w.wants(err, CodeForbidden, "")
	for range 2 { // to repeat it changes nothing
		_, err = w.JoinUsers(t.Context(), boss, b.ID, a.ID)
		w.must(err)
	}
	_, err = w.JoinUsers(t.Context(), boss, d.ID, c.ID)
	w.must(err)
	_, err = w.JoinUsers(t.Context(), boss, c.ID, b.ID)
	w.wants(err, CodeConflict, "userId") // others are joined to it
	_, err = w.SeparateUser(t.Context(), boss, a.ID)
	w.wants(err, CodeConflict, "userId")
	own, err := w.Actor(t.Context(), w.user(b.ID))
	w.must(err)
	_, err = w.SeparateUser(t.Context(), own, b.ID)
	w.wants(err, CodeForbidden, "userId")
	_, err = w.SeparateUser(t.Context(), boss, b.ID)
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
	_, err := w.JoinUsers(t.Context(), boss, a.ID, b.ID)
	w.must(err)
	_, err = w.SeparateUser(t.Context(), b, a.ID) // b's call began before
	w.wants(err, CodeForbidden, "userId")
}
