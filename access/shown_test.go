package access

import (
	"slices"
	"testing"

	"procyon/policy"
)

// Nobody decides on items that they were not shown: what becomes a reviewer's own between
// what they looked at and the commit is not covered by their review, though the request's
// version is the same.
func TestWhatBecomesTheReviewersUnseenIsNotDecided(t *testing.T) {
	for name, races := range map[string]func(a *attack, r Request){
		"they are put into a group": func(a *attack, _ Request) { a.join(System(), a.eve.ID) },
		"somebody meets the step before theirs": func(a *attack, r Request) {
			a.must(a.approves(a.boss, r.ID))
		},
	} {
		t.Run(name, func(t *testing.T) {
			start := func() (*attack, Request) {
				a := newAttack(t)
				first := policy.Step{Need: 1, Approvers: policy.Approvers{UserIDs: []string{a.boss.ID}}}
				byGroup := policy.Step{Need: 1, Approvers: policy.Approvers{GroupIDs: []string{a.group.ID}}}
				server := everybody(byGroup)
				if name != "they are put into a group" {
					a.join(System(), a.eve.ID)
					server = everybody(first, byGroup)
				} else {
					a.join(System(), a.boss.ID) // somebody has to be able to
				}
				server.ID, server.Name, server.What = "", "Servers", policy.What{ResourceIDs: []string{a.server.ID}}
				a.govern(policy.Set{Policies: []policy.Policy{server, everybody(policy.Step{Need: 1, Approvers: policy.Approvers{UserIDs: []string{a.eve.ID}}})}})
				r, err := a.CreateRequest(t.Context(), a.dev, NewRequest{Items: []ItemRef{{a.server.ID, ""}, {a.db.ID, "reader"}}, Duration: 3600, Reason: "INC-42"})
				a.must(err)
				return a, r
			}
			review := func(a *attack, r Request, c ReviewRequest) (Request, error) {
				eve, _, err := a.AsOfNow(t.Context(), a.eve)
				a.must(err)
				c.Decision, c.ExpectedVersion = DecisionApprove, r.Version()
				a.log.raceOn = func(Change) { races(a, r) }
				return a.review(eve, r.ID, c)
			}
			a, r := start()
			now, err := review(a, r, ReviewRequest{Shown: []string{a.db.ID}})
			a.must(err)
			last := now.Reviews[len(now.Reviews)-1]
			if now.Status != StatusPending || now.Version() != r.Version() || last.Reviewer.ID != a.eve.ID || !slices.Equal(now.covered(&last), []string{a.db.ID}) {
				t.Errorf("it is %s, by %+v", now.Status, now.Reviews)
			}
			a.must(a.approves(a.eve, r.ID)) // once they have looked
			a.is(r.ID, StatusApproved)

			a, r = start()
			_, err = review(a, r, ReviewRequest{Shown: []string{}})
			a.wants(err, CodeConflict, "resourceIds")
			a.is(r.ID, StatusPending)

			a, r = start()
			now, err = review(a, r, ReviewRequest{}) // who does not say what they saw
			a.must(err)
			if now.Status != StatusApproved {
				t.Errorf("it is %s", now.Status)
			}
		})
	}
}

// What was shown is bounded, and names may be of what is no longer there.
func TestShownIsBounded(t *testing.T) {
	w := newWorld(t)
	r := w.ask(3600)
	shown := make([]string, maxItems+1)
	_, err := w.review(w.boss, r.ID, ReviewRequest{Decision: DecisionApprove, Shown: shown})
	w.wants(err, CodeInvalid, "resourceIds")
	_, err = w.review(w.boss, r.ID, ReviewRequest{Decision: DecisionApprove, Shown: []string{"res_gone", w.db.ID}})
	w.must(err)
}
