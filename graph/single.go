package graph

import (
	"context"
	"strings"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
)

// single refuses subscriptions that select anything but one stream, as the GraphQL
// specification asks (October 2021, section 5.2.3.1). The validator lets some
// through: the same field under two names, a field that is skipped, __typename;
// the generated code can't execute them.
type single struct{ graphql.ExecutableSchema }

// Exec implements graphql.ExecutableSchema.
func (s single) Exec(ctx context.Context) graphql.ResponseHandler {
	op := graphql.GetOperationContext(ctx)
	if op.Operation.Operation != ast.Subscription {
		return s.ExecutableSchema.Exec(ctx)
	}
	fields := graphql.CollectFields(op, op.Operation.SelectionSet, []string{"Subscription"})
	if len(fields) == 1 && !strings.HasPrefix(fields[0].Name, "__") {
		return s.ExecutableSchema.Exec(ctx)
	}
	return graphql.OneShot(&graphql.Response{Errors: gqlerror.List{{
		Message:    "A subscription must select exactly one stream of events.",
		Extensions: map[string]any{"code": "GRAPHQL_VALIDATION_FAILED"},
	}}})
}
