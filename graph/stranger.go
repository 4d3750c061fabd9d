package graph

import (
	"context"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/errcode"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"procyon/auth"
)

// Discreet is an executor that tells those who are not signed in nothing of the schema:
// what is wrong with their operation, beyond its syntax and its size, would name types
// and fields.
type Discreet struct{ graphql.GraphExecutor }

// maxStranger is how long a document of somebody who is not signed in may be, in bytes.
// It is more than they have a use for, and little to validate.
const maxStranger = 2048

// CreateOperationContext implements graphql.GraphExecutor.
func (d Discreet) CreateOperationContext(ctx context.Context, params *graphql.RawParams) (*graphql.OperationContext, gqlerror.List) {
	if auth.From(ctx) != nil {
		return d.GraphExecutor.CreateOperationContext(ctx, params)
	}
	if len(params.Query) > maxStranger {
		return &graphql.OperationContext{OperationName: params.OperationName}, gqlerror.List{signInFirst()}
	}
	op, errs := d.GraphExecutor.CreateOperationContext(ctx, params)
	for _, e := range errs {
		if e.Extensions["code"] == errcode.ValidationFailed {
			return op, gqlerror.List{signInFirst()}
		}
	}
	return op, errs
}

func signInFirst() *gqlerror.Error {
	return &gqlerror.Error{Message: "Sign in, or send a token.", Extensions: map[string]any{"code": CodeUnauthenticated}}
}
