package graph

import (
	"context"

	"procyon/access"
)

func toServiceAccount(a access.ServiceAccount) *ServiceAccount {
	return &ServiceAccount{ID: a.ID, Name: a.Name, Disabled: a.Disabled, CreatedAt: a.CreatedAt}
}

// disableServiceAccount switches a service account off, and says how many tokens that ended.
func (r *Resolver) disableServiceAccount(ctx context.Context, id string) (*DisableServiceAccountPayload, error) {
	if r.Auth.WorksHere(id) {
		return nil, access.Errorf(access.CodeConflict, "serviceAccountId", "A worker that runs in this server acts as this service account, without a token. Take it off the server's setting PROCYON_WORKERS instead.")
	}
	a, err := r.Access.DisableServiceAccount(ctx, actor(ctx), id)
	if err != nil {
		return nil, access.Moved("id", "serviceAccountId", err)
	}
	over, err := r.Auth.EndDisabled(ctx, a.ID)
	if err != nil {
		return nil, err
	}
	return &DisableServiceAccountPayload{ServiceAccount: toServiceAccount(a), EndedTokens: &over.Tokens}, nil
}
