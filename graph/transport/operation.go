package transport

import (
	"context"
	"strconv"
	"strings"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/errcode"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
)

// create reads and checks a document up to the operation that is to run. Where there is
// no such operation, the error says which one was looked for among which.
func create(ctx context.Context, params *graphql.RawParams, exec graphql.GraphExecutor) (*graphql.OperationContext, gqlerror.List) {
	op, errs := exec.CreateOperationContext(ctx, params)
	if len(errs) == 1 && op != nil && op.Doc != nil && op.Operation == nil && errs[0].Extensions["code"] == errcode.ValidationFailed {
		errs = gqlerror.List{failuref(errcode.ValidationFailed, "%s", missing(op.Doc.Operations, params.OperationName))}
	}
	return op, errs
}

// maxNamed bounds what an error repeats of a client's own names: how many of them, and
// how much of each, in bytes.
const maxNamed, maxName = 10, 100

// missing says why none of a document's operations, one at least, can run.
func missing(list ast.OperationList, name string) string {
	var names []string
	for _, op := range list[:min(len(list), maxNamed)] {
		if op.Name != "" {
			names = append(names, shown(op.Name))
		}
	}
	there := "it has " + strings.Join(names, ", ")
	switch {
	case len(list) > maxNamed:
		there += " and others"
	case len(names) == 0:
		there = "its one operation has no name, so leave operationName out"
	}
	if name == "" {
		return "The document has several operations, and operationName does not say which to run: " + there + "."
	}
	return "The document has no operation named " + shown(name) + ": " + there + "."
}

func shown(name string) string {
	if len(name) > maxName {
		name = strings.ToValidUTF8(name[:maxName], "") + "…"
	}
	return strconv.Quote(name)
}
