package graph

import (
	"context"

	"procyon/access"
)

// actMutations are the mutations that do what the acts say.
var actMutations = map[access.Act]string{
	access.ActApprove: "reviewAccessRequest", access.ActDeny: "reviewAccessRequest", access.ActUpdate: "updateAccessRequest",
	access.ActCancel: "cancelAccessRequest", access.ActClose: "closeAccessRequest", access.ActExtend: "extendAccessRequest",
	access.ActRevoke: "revokeAccessRequest",
}

// viewerActions are what the caller can do with a request: what the domain allows, unless
// the mutation for it is closed to who or what is calling.
func (r *Resolver) viewerActions(ctx context.Context, v *access.Request) ([]*AccessRequestAction, error) {
	actions, err := r.Access.Actions(ctx, actor(ctx), v)
	if err != nil {
		return nil, err
	}
	out := make([]*AccessRequestAction, len(actions))
	for i, a := range actions {
		if err := refusedUse(ctx, "Mutation", actMutations[a.Act]); err != nil {
			a.Refused = err.Error()
		}
		out[i] = &AccessRequestAction{Act: AccessRequestAct(a.Act), Allowed: a.Refused == "", Reason: optional(a.Refused)}
	}
	return out, nil
}

// approvers are the names of those who may decide a request now.
func (r *Resolver) approvers(ctx context.Context, v *access.Request) ([]string, error) {
	if r.approversHidden(ctx, v) {
		return []string{}, nil
	}
	people, err := r.Access.Reviewers(ctx, *v)
	if err != nil {
		return nil, err
	}
	names := make([]string, len(people))
	for i, u := range people {
		names[i] = u.Name
	}
	return names, nil
}
