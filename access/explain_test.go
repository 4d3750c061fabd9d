package access

import (
	"testing"
	"time"

	"procyon/policy"
)

// What a draft would lead to is what asking leads to once it is saved: by whom the policies were
// changed lately counts in both, and saving no change would change nothing.
func TestADraftIsExplainedAsSaved(t *testing.T) {
	w := newWorld(t)
	w.pass(25 * time.Hour)
	now, err := w.Policies(t.Context())
	w.must(err)
	set := policy.Set{Policies: []policy.Policy{everybody()}}
	draft := w.wish()
	draft.Policies = &set
	before, err := w.Explain(t.Context(), w.admin, draft)
	w.must(err)
	_, _, err = w.SetPolicies(t.Context(), w.admin, set, PolicyChange{Version: now.Version})
	w.must(err)
	after, err := w.Explain(t.Context(), w.admin, w.wish())
	w.must(err)
	again, err := w.Explain(t.Context(), w.admin, draft)
	w.must(err)
	for what, e := range map[string]Explanation{"before it was saved": before, "after it was": after, "of no change": again} {
		if steps := e.Plan.Tracks[0].Steps; len(steps) != 1 || steps[0].Approvers[0].ID != policy.Administrators {
			t.Errorf("%s, who made the policy needs %+v", what, steps)
		}
	}
	draft.ForUser = w.dev.ID
	if e, err := w.Explain(t.Context(), w.admin, draft); err != nil || len(e.Plan.Tracks[0].Steps) > 0 {
		t.Errorf("others need %+v (%v)", e.Plan.Tracks[0].Steps, err)
	}
}

func (w *world) wish() Wish {
	return Wish{Items: []ItemRef{{w.db.ID, "reader"}}, Duration: 3600, Reason: "INC-42"}
}
