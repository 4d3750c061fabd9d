package graph

import (
	"context"
	"slices"

	"github.com/99designs/gqlgen/graphql"

	"procyon/access"
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

// mayReadSecrets lets those alone read webhook URLs in clear whose token holds the
// scope for it. @auth lets an administrator's session in as well, which may do all
// that the person may; but no person needs the URL, and a browser is no place for it.
func mayReadSecrets(ctx context.Context) error {
	if slices.Contains(actor(ctx).Scopes, auth.ScopeWebhooksRead) {
		return nil
	}
	return access.Errorf(access.Forbidden, "", "This needs a token with the scope %s.", auth.ScopeWebhooksRead)
}

// NewSchema makes the executable schema.
func NewSchema(r *Resolver) graphql.ExecutableSchema {
	return single{NewExecutableSchema(Config{Resolvers: r, Directives: DirectiveRoot{Auth: authorize}})}
}
