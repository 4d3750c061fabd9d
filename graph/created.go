package graph

import (
	"context"

	"procyon/access"
)

// createdTable has a row for each value of CreatedKind, and so for each mutation that
// creates something with an idempotency key.
var createdTable = map[CreatedKind]func(r *Resolver, ctx context.Context, key string) (id string, err error){
	CreatedKindAccessRequest: createdSubject(access.KindRequest), CreatedKindAccount: createdSubject(access.KindAccount),
	CreatedKindGateway: createdSubject(access.KindGateway), CreatedKindResource: createdSubject(access.KindResource),
	CreatedKindIntegration: createdSubject(access.KindIntegration), CreatedKindUser: createdSubject(access.KindUser),
	CreatedKindServiceAccount: createdSubject(access.KindService), CreatedKindGroup: createdSubject(access.KindGroup),
	CreatedKindToken: func(r *Resolver, ctx context.Context, key string) (string, error) {
		v, err := r.Auth.CreatedToken(ctx, actor(ctx), key)
		return v.ID, err
	},
}

func createdSubject(kind access.Kind) func(r *Resolver, ctx context.Context, key string) (string, error) {
	return func(r *Resolver, ctx context.Context, key string) (string, error) {
		return r.Access.CreatedID(actor(ctx), kind, key)
	}
}

// created finds what the caller's own call created with an idempotency key, as node finds
// it; nil where that finds nothing.
func (r *Resolver) created(ctx context.Context, kind CreatedKind, key string) (Node, error) {
	id, err := createdTable[kind](r, ctx, key)
	if access.CodeOf(err) == access.CodeNotFound {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return r.node(ctx, id)
}
