package problem

import (
	"context"
	"fmt"
	"strings"

	"procyon/access"
	"procyon/phrase"
)

// policies finds policies that name what was removed, by whomever: what they are for is
// refused until an administrator edits them.
func (f *Finder) policies(ctx context.Context, _ access.Actor) (of, error) {
	list, err := f.Access.BrokenPolicies(ctx)
	if err != nil {
		return of{}, err
	}
	found := of{count: min(len(list), maxCounted)}
	for _, p := range list[:min(len(list), MaxOfKind)] {
		names := phrase.Quoted(p.Gone[0])
		if more := len(p.Gone) - 1; more > 0 {
			names += " and " + phrase.Count(more, "other")
		}
		found.problems = append(found.problems, Problem{
			Key: fmt.Sprintf("%s/%s@%s", PolicyBroken, p.ID, strings.Join(p.GoneIDs[:min(len(p.GoneIDs), 3)], "+")), Kind: PolicyBroken,
			Text: fmt.Sprintf("The policy %s names what was removed (%s), and refuses everything that it is for.", phrase.Quoted(p.Name), names),
			Mend: "Take it out of the policy, or remove the policy.", Path: "policies",
		})
	}
	return found, nil
}
