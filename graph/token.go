package graph

import (
	"context"

	"procyon/access"
	"procyon/auth"
)

func toToken(t auth.TokenInfo) *Token {
	out := &Token{ID: t.ID, Name: t.Name, Scopes: listed(t.Scopes), CreatedAt: t.CreatedAt, ExpiresAt: t.ExpiresAt, LastUsedAt: optionalTime(t.UsedAt)}
	switch access.KindOf(t.OwnerID) {
	case access.KindUser:
		out.UserID = &t.OwnerID
	case access.KindService:
		out.ServiceAccountID = &t.OwnerID
	}
	return out
}

// tokens is a page of somebody's tokens; list names whose.
func (r *Resolver) tokens(ctx context.Context, name, ownerID string, first *int, after *string, last *int, before *string) (*TokenConnection, error) {
	p, err := page(listOf(name, ownerID), first, after, last, before)
	if err != nil {
		return nil, err
	}
	l, err := r.Auth.Tokens(ctx, ownerID, p.Page)
	return connection[TokenConnection](ctx, p, l, err, toToken)
}

// createToken makes a token for the caller, or for a service account that they name.
func (r *Resolver) createToken(ctx context.Context, in CreateTokenInput) (*CreateTokenPayload, error) {
	owner := actor(ctx).ID
	if in.ServiceAccountID != nil {
		if owner = *in.ServiceAccountID; access.KindOf(owner) != access.KindService {
			return nil, access.Errorf(access.CodeNotFound, "serviceAccountId", "There is no such service account.")
		}
	}
	if in.Scopes != nil && len(in.Scopes) == 0 {
		return nil, access.Errorf(access.CodeInvalid, "scopes", "An empty list would be a token that opens nothing; leave the scopes out for all that you may.")
	}
	t, err := r.Auth.CreateToken(ctx, actor(ctx), auth.NewToken{
		OwnerID: owner, Name: in.Name, Scopes: in.Scopes, TTL: value(in.TTL), IdempotencyKey: in.IdempotencyKey,
	})
	if err != nil {
		return nil, access.Moved("ownerId", "serviceAccountId", err)
	}
	return &CreateTokenPayload{Token: toToken(t.TokenInfo), Secret: optional(t.Secret)}, nil
}

// tokenScopes are all scopes, as the table of them says.
func tokenScopes() []*TokenScope {
	return each(auth.TokenScopes(), func(s auth.TokenScope) *TokenScope {
		return &TokenScope{Name: s.Name, Description: s.Words, ForPeople: s.ForPeople, ForServices: s.ForServices}
	})
}
