package graph

import (
	"context"

	"github.com/99designs/gqlgen/graphql"

	"procyon/auth"
)

// authorize is the @auth directive: the one place where it is decided who may use
// a field. The rule itself is auth.Allows.
func authorize(ctx context.Context, _ any, next graphql.Resolver, role Role, scopes []string, public bool) (any, error) {
	if err := auth.Allows(auth.From(ctx), string(role), scopes, public); err != nil {
		return nil, err
	}
	return next(ctx)
}

// NewSchema makes the executable schema.
func NewSchema(r *Resolver) graphql.ExecutableSchema {
	return NewExecutableSchema(Config{Resolvers: r, Directives: DirectiveRoot{Auth: authorize}})
}
