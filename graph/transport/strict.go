package transport

import (
	"context"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/executor"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
	"github.com/vektah/gqlparser/v2/validator/rules"
)

// CodeInvalid is the extensions.code of a variable whose value is not of its type, and of
// a value in a document that is not what its custom scalar must be.
const CodeInvalid = "INVALID"

// Scalars tell of each scalar, by its name, what is wrong with a value: nil where it is
// good. An error is shown to the caller, so it must not repeat the value; it may say its
// extensions.code by a method ErrorCode() string, which is INVALID else. Values of scalars
// that are not listed are held to what GraphQL itself says of them.
type Scalars map[string]func(value any) error

// Strict is an executor that holds all values to their types before anything runs, as
// the GraphQL specification asks (October 2021, sections 3.5 to 3.12 and 6.1.2). The
// validator beneath takes texts for numbers, numbers for texts, enums in any case and
// numbers of any size.
type Strict struct {
	graphql.GraphExecutor
	schema  *ast.Schema
	scalars Scalars
}

// NewStrict returns an executor that is strict. From then on exec is strict with the
// values that are written in documents; what comes by the result is strict with
// variables, too.
func NewStrict(exec *executor.Executor, schema *ast.Schema, scalars Scalars) *Strict {
	s := &Strict{GraphExecutor: exec, schema: schema, scalars: scalars}
	exec.SetDefaultRulesFn(func() *rules.Rules {
		r := rules.NewDefaultRules()
		r.ReplaceRule(rules.ValuesOfCorrectTypeRule.Name, s.literalRule)
		r.AddRule(scalarRule, s.scalarRule)
		return r
	})
	return s
}

// CreateOperationContext implements graphql.GraphExecutor. Each variable comes to the
// operation as its type has it: an Int as int64, a Float as float64, an ID as string, a
// single value in place of a list as a list.
func (s *Strict) CreateOperationContext(ctx context.Context, params *graphql.RawParams) (*graphql.OperationContext, gqlerror.List) {
	lax := *params
	lax.Variables, _ = clone(params.Variables).(map[string]any) // it is written to
	op, errs := s.GraphExecutor.CreateOperationContext(ctx, &lax)
	for _, e := range errs {
		if e.Rule == scalarRule {
			e.Extensions["code"] = codeOf(e.Err)
			e.Err = nil // the message says it
		}
	}
	if op.Operation == nil || len(errs) > 0 && op.Variables != nil {
		return op, errs // for another reason than variables
	}
	c := &checker{Strict: s}
	values := c.variables(op.Operation, params.Variables)
	if len(c.wrong) > 0 {
		op.Variables = nil
		return op, c.wrong
	}
	if len(errs) > 0 { // the validator does not know all forms of a number
		lax = *params
		lax.Variables = values
		return s.GraphExecutor.CreateOperationContext(ctx, &lax)
	}
	for name, v := range values {
		op.Variables[name] = v
	}
	return op, nil
}

// clone copies what JSON can hold.
func clone(v any) any {
	switch v := v.(type) {
	case map[string]any:
		out := make(map[string]any, len(v))
		for k, e := range v {
			out[k] = clone(e)
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i, e := range v {
			out[i] = clone(e)
		}
		return out
	default:
		return v
	}
}

// custom tells whether a scalar is not one of GraphQL's own.
func custom(def *ast.Definition) bool {
	return def.Kind == ast.Scalar && !def.OneOf("Int", "Float", "String", "Boolean", "ID")
}
