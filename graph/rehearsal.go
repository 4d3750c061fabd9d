package graph

import (
	"context"

	"procyon/access"
)

// maxDiffering is how many requests of a rehearsal are told of.
const maxDiffering = 20

func (r *Resolver) rehearsePolicies(ctx context.Context, in RehearsePoliciesInput) (*PolicyRehearsal, error) {
	v, err := r.Access.Rehearse(ctx, actor(ctx), fromPolicySet(in.Set), in.Newest)
	if err != nil {
		return nil, err
	}
	out := &PolicyRehearsal{
		RequestCount: v.Looked, GoneCount: v.Gone, OtherPolicyCount: v.OtherPolicy, OtherApproversCount: v.OtherApprovers, RefusedCount: v.Refused,
		AllowedCount: v.Allowed, ApprovedAtOnceCount: v.AtOnce, DifferingCount: len(v.Differing), Differing: []*RehearsedRequest{},
	}
	told := v.Differing[:min(maxDiffering, len(v.Differing))]
	named := r.Access.Lookup()
	for _, d := range told {
		named.Want(d.Before.Plan.Approvers()...)
		named.Want(d.After.Plan.Approvers()...)
	}
	for _, d := range told {
		next := &RehearsedRequest{RequestID: d.Request.ID, RequesterName: d.Request.Requester.Name, AskedAt: d.Request.CreatedAt, Items: []string{}}
		for _, i := range d.Request.Items {
			next.Items = append(next.Items, i.Label())
		}
		if next.Before, err = outcomeWords(ctx, &d.Before, named); err != nil {
			return nil, err
		}
		if next.After, err = outcomeWords(ctx, &d.After, named); err != nil {
			return nil, err
		}
		out.Differing = append(out.Differing, next)
	}
	return out, nil
}

// outcomeWords says what policies make of a request, with what its approvers are called now.
func outcomeWords(ctx context.Context, o *access.RehearsedOutcome, named *access.Lookup) (string, error) {
	var failed error
	words := o.Words(func(id string) string {
		name, there, err := access.NameOf(ctx, named, id)
		if err != nil {
			failed = err
		}
		if !there {
			return ""
		}
		return name
	})
	return words, failed
}
