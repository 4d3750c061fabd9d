package graph

import (
	"context"
	"maps"
	"slices"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"

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

// mayUse tells whether the caller may use a field, by the field's own @auth. For what
// shows the same in another way.
func mayUse(ctx context.Context, typ, field string) bool { return refusedUse(ctx, typ, field) == nil }

// MayUse says why the caller may not use a field of the schema, by its own @auth, in an error
// of the package auth; nil where they may. It is for what does a part of the field's work
// outside GraphQL.
func MayUse(ctx context.Context, typ, field string) error { return refusedUse(ctx, typ, field) }

// refusedUse says why the caller may not use a field; nil where they may.
func refusedUse(ctx context.Context, typ, field string) error {
	rule := parsedSchema.Types[typ].Fields.ForName(field).Directives.ForName("auth").ArgumentMap(nil)
	role, _ := rule["role"].(string)
	public, _ := rule["public"].(bool)
	listed, _ := rule["scopes"].([]any)
	var scopes []string
	for _, v := range listed {
		scope, _ := v.(string)
		scopes = append(scopes, scope)
	}
	return auth.Allows(auth.From(ctx), role, scopes, public)
}

// mayReadSecrets lets those alone read webhook URLs in clear whose token holds the
// scope for it. @auth lets an administrator's session in as well, which may do all
// that the person may; but no person needs the URL, and a browser is no place for it.
func mayReadSecrets(ctx context.Context) error {
	if slices.Contains(actor(ctx).Scopes, auth.ScopeWebhooksRead) {
		return nil
	}
	return access.Errorf(access.CodeForbidden, "", "This needs a token with the scope %s.", auth.ScopeWebhooksRead)
}

// NewSchema makes the executable schema.
func NewSchema(r *Resolver) graphql.ExecutableSchema {
	return single{NewExecutableSchema(Config{Schema: offered(), Resolvers: r, Directives: DirectiveRoot{Auth: authorize}})}
}

// offered is the schema without directives that the parser puts into every one and that
// no transport here carries out: they are not shown, and a document with one is refused.
func offered() *ast.Schema {
	s := *parsedSchema
	s.Directives = maps.Clone(s.Directives)
	for _, name := range []string{"defer", "stream"} {
		delete(s.Directives, name)
	}
	return &s
}
