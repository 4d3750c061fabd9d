package auth

import (
	"slices"
	"testing"
	"time"

	"procyon/access"
	"procyon/policy"
)

// What is open began with the groups and accounts that somebody had then: where these are
// others it begins anew, also where time alone ends them.
func TestGroupsAndAccountsThatChange(t *testing.T) {
	w := newWorld(t)
	var now access.Actor
	w.dir.actor = func(a *access.Actor) {
		a.Groups, a.SameHuman, a.RightsUntil = now.Groups, now.SameHuman, now.RightsUntil
	}
	until := w.now().Add(2 * time.Second)
	for name, then := range map[string]struct{ before, after access.Actor }{
		"joined to another account": {access.Actor{}, access.Actor{SameHuman: []string{"usr_other"}}},
		"in another group":          {access.Actor{Groups: []policy.Right{{ID: "grp_a"}}}, access.Actor{Groups: []policy.Right{{ID: "grp_a"}, {ID: "grp_b"}}}},
		"in a group no longer":      {access.Actor{Groups: []policy.Right{{ID: "grp_a"}}}, access.Actor{}},
	} {
		now = then.before
		r := w.post("Cookie", w.cookie(w.signIn(w.dev)))
		ctx, err := w.Authenticate(t.Context(), r)
		w.must(err)
		w.must(w.Valid(ctx))
		now = then.after
		w.pass(checkFor)
		if err := w.Valid(ctx); err != ErrRightsChanged { //nolint:errorlint // it is returned bare
			t.Errorf("%s: %v", name, err)
		}
	}
	now = access.Actor{Groups: []policy.Right{{ID: "grp_claimed"}}, RightsUntil: until.Add(3 * checkFor)}
	r := w.post("Cookie", w.cookie(w.signIn(w.dev)))
	ctx, err := w.Authenticate(t.Context(), r)
	w.must(err)
	if !slices.Equal(From(ctx).Actor.Groups, now.Groups) {
		t.Fatalf("%+v", From(ctx).Actor)
	}
	w.must(w.Valid(ctx))
	now = access.Actor{}
	w.pass(2 * time.Second)                           // less than what others end may take: it is no change of anybody's
	if err := w.Valid(ctx); err != ErrRightsChanged { //nolint:errorlint // it is returned bare
		t.Errorf("what claims said counts past its day: %v", err)
	}
}
