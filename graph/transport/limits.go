package transport

import (
	"context"
	"errors"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/executor"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"procyon/duration"
)

// Codes of the errors that a limit gives, in extensions.code. An operation with
// too many tokens is a parse failure.
const (
	CodeTooLong           = "QUERY_TOO_LONG"
	CodeListTooLong       = "LIST_TOO_LONG"
	CodeTooDeep           = "QUERY_TOO_DEEP"
	CodeTooCostly         = "QUERY_TOO_COSTLY"
	CodeTooManyAliases    = "TOO_MANY_ALIASES"
	CodeTooManyDirectives = "TOO_MANY_DIRECTIVES"
	CodeTimeout           = "TIMEOUT"
)

// CodeUnknownOutcome is the code of a mutation of which nobody can say whether it was
// carried out.
const CodeUnknownOutcome = "UNKNOWN_OUTCOME"

// AskAgain is what to do about one, for people.
const AskAgain = "Ask again with the same idempotency key; without one, look before you ask again."

// Limits bound what one operation may ask for, whatever transport it came by.
// Fragments count as often as they are spread. A zero takes DefaultLimits' value.
type Limits struct {
	// Depth is how many fields may be nested in each other, root fields being 1.
	Depth int
	// IntrospectionDepth stands in for Depth beneath __schema and __type, whose
	// usual query unwraps types more deeply than any other.
	IntrospectionDepth int
	// Aliases is how many fields may be renamed.
	Aliases int
	// Directives is how many directives may be applied.
	Directives int
	// Text is how long a document may be, in bytes. It is not even parsed if it is longer.
	Text int
	// Tokens is how long a document may be, in lexical tokens. Apply sets it.
	Tokens int
	// Cost is the sum over all fields, at 1 each, and over all elements of lists in their
	// arguments. A field with the argument first or last multiplies the fields beneath it
	// by that number, one with @listSize by its assumedSize. At most 1e9.
	Cost int
	// ListSize is the number for a field whose first and last are not given.
	ListSize int
	// List is how many elements a list in an argument may have.
	List int
	// Time is how long a query or mutation may run, for its resolvers see a
	// context that ends then. Subscriptions run as long as they like.
	Time time.Duration
}

// DefaultLimits returns the limits that the API starts from. No query of the
// console comes near them.
func DefaultLimits() Limits {
	return Limits{
		Depth:              12,
		IntrospectionDepth: 20,
		Aliases:            15,
		Directives:         50,
		Text:               16 << 10,
		Tokens:             1000,
		Cost:               5000,
		ListSize:           50,
		List:               1000,
		Time:               10 * time.Second,
	}
}

var (
	_ graphql.HandlerExtension          = Limits{}
	_ graphql.OperationParameterMutator = Limits{}
	_ graphql.OperationContextMutator   = Limits{}
	_ graphql.OperationInterceptor      = Limits{}
)

// Apply puts the limits on an executor. It is what to call: the number of
// tokens is a setting of the parser, which Use alone would not make.
func (l Limits) Apply(exec *executor.Executor) {
	l = l.complete()
	exec.SetParserTokenLimit(l.Tokens)
	exec.Use(l)
}

// ExtensionName implements graphql.HandlerExtension.
func (Limits) ExtensionName() string { return "Limits" }

// Validate implements graphql.HandlerExtension.
func (l Limits) Validate(graphql.ExecutableSchema) error {
	for _, n := range []int{l.Depth, l.IntrospectionDepth, l.Aliases, l.Directives, l.Text, l.Tokens, l.Cost, l.ListSize, l.List, int(l.Time)} {
		if n < 0 {
			return errors.New("transport: a limit is negative; leave it 0 for its default")
		}
	}
	return nil
}

// complete fills in defaults.
func (l Limits) complete() Limits {
	d := DefaultLimits()
	for _, p := range []struct {
		n    *int
		from int
	}{
		{&l.Depth, d.Depth},
		{&l.IntrospectionDepth, d.IntrospectionDepth},
		{&l.Aliases, d.Aliases},
		{&l.Directives, d.Directives},
		{&l.Text, d.Text},
		{&l.Tokens, d.Tokens},
		{&l.Cost, d.Cost},
		{&l.ListSize, d.ListSize},
		{&l.List, d.List},
	} {
		if *p.n == 0 {
			*p.n = p.from
		}
	}
	if l.Time == 0 {
		l.Time = d.Time
	}
	return l
}

// MutateOperationParameters implements graphql.OperationParameterMutator: it refuses a
// document that is too long before anything looks at it.
func (l Limits) MutateOperationParameters(_ context.Context, p *graphql.RawParams) *gqlerror.Error {
	if limit := l.complete().Text; len(p.Query) > limit {
		return failuref(CodeTooLong, "The document has %d bytes; at most %d are taken. Put values into variables, and ask for less at a time.", len(p.Query), limit)
	}
	return nil
}

// MutateOperationContext implements graphql.OperationContextMutator: it refuses
// an operation that is over a limit. The operation itself is left as it is.
func (l Limits) MutateOperationContext(_ context.Context, op *graphql.OperationContext) *gqlerror.Error {
	m := &meter{limits: l.complete(), op: op}
	err := m.operation()
	op.Stats.SetExtension(costOf, m.cost)
	return err
}

// costOf is under which name an operation's cost is kept, and told in its answer.
const costOf = "cost"

// Cost is the extension "cost" of the answer to a query or mutation.
type Cost struct {
	Asked int `json:"asked"` // what it may cost, as Limits.Cost counts; checked before it ran
	Spent int `json:"spent"` // how many fields the answer has
	Left  int `json:"left"`  // what it could have cost besides
}

// tell adds the cost of an operation to its answer.
func (l Limits) tell(op *graphql.OperationContext, resp *graphql.Response) {
	asked, ok := op.Stats.GetExtension(costOf).(int)
	if resp == nil || !ok {
		return
	}
	if resp.Extensions == nil {
		resp.Extensions = map[string]any{}
	}
	resp.Extensions[costOf] = Cost{Asked: asked, Spent: members(resp.Data), Left: l.Cost - asked}
}

// members counts the members of all objects in some JSON, which is valid.
func members(raw []byte) int {
	n := 0
	text, escaped := false, false
	for _, c := range raw {
		switch {
		case escaped:
			escaped = false
		case text && c == '\\':
			escaped = true
		case c == '"':
			text = !text
		case c == ':' && !text:
			n++
		}
	}
	return n
}

// InterceptOperation implements graphql.OperationInterceptor: it gives queries
// and mutations their deadline.
func (l Limits) InterceptOperation(ctx context.Context, next graphql.OperationHandler) graphql.ResponseHandler {
	l = l.complete()
	handler := next(ctx)
	op := graphql.GetOperationContext(ctx)
	kind := op.Operation.Operation
	if kind == ast.Subscription {
		return handler
	}
	return func(ctx context.Context) *graphql.Response {
		ctx, cancel := context.WithTimeout(ctx, l.Time)
		defer cancel()
		resp := handler(ctx)
		// A deadline, whoever set it; a caller who goes away cancels.
		if errors.Is(ctx.Err(), context.DeadlineExceeded) && (resp == nil || len(resp.Errors) > 0) {
			resp = late(kind, resp, l.Time)
		}
		l.tell(op, resp)
		return resp
	}
}

// late is the response of an operation that its deadline cut short: the errors
// that this caused in the resolvers say nothing of use.
func late(kind ast.Operation, resp *graphql.Response, limit time.Duration) *graphql.Response {
	if kind == ast.Mutation {
		if resp == nil {
			resp = &graphql.Response{}
		}
		err := failuref(CodeUnknownOutcome, "The mutation took longer than %s. What is missing here may have been done or not. %s", duration.Words(limit), AskAgain)
		return &graphql.Response{Data: resp.Data, Errors: gqlerror.List{err}}
	}
	return &graphql.Response{Errors: gqlerror.List{failuref(CodeTimeout, "The query took longer than %s. Ask for less at a time.", duration.Words(limit))}}
}
