package graph

import (
	"context"
	"slices"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/errcode"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"procyon/auth"
	"procyon/graph/transport"
)

// Discreet is an executor that tells those who are not signed in nothing of the schema.
// What is wrong with their operation, beyond its syntax and its size, would name types
// and fields, and an answer beside refused fields would tell them from those that are not
// there: nothing runs but what is open to everyone.
type Discreet struct{ graphql.GraphExecutor }

// maxStranger is how long a document of somebody who is not signed in may be, in bytes.
// It is more than they have a use for, and little to validate.
const maxStranger = 2048

// ofSyntaxAndSize are the codes of what anybody is told: of what is found before the
// schema is looked at. The other limits are judged once a document is known to be valid.
var ofSyntaxAndSize = []string{errcode.ParseFailed, transport.CodeTooLong}

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
		code, _ := e.Extensions["code"].(string)
		if !slices.Contains(ofSyntaxAndSize, code) {
			return op, gqlerror.List{signInFirst()}
		}
	}
	if len(errs) == 0 && !public(op.Operation.SelectionSet) {
		return op, gqlerror.List{signInFirst()}
	}
	return op, errs
}

// public tells whether all root fields of a valid operation are open to everyone.
func public(set ast.SelectionSet) bool {
	for _, selection := range set {
		open := false
		switch s := selection.(type) {
		case *ast.Field:
			auth := s.Definition.Directives.ForName("auth")
			open = s.Name == "__typename" || auth != nil && auth.ArgumentMap(nil)["public"] == true
		case *ast.InlineFragment:
			open = public(s.SelectionSet)
		case *ast.FragmentSpread:
			open = public(s.Definition.SelectionSet)
		}
		if !open {
			return false
		}
	}
	return true
}

func signInFirst() *gqlerror.Error {
	return &gqlerror.Error{Message: "Sign in, or send a token.", Extensions: map[string]any{"code": CodeUnauthenticated}}
}
