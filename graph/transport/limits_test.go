package transport_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/executor"
	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"procyon/graph/transport"
)

const treeSchema = `
directive @mark repeatable on FIELD | FRAGMENT_SPREAD | INLINE_FRAGMENT | QUERY | FRAGMENT_DEFINITION | VARIABLE_DEFINITION
directive @listSize(assumedSize: Int, slicingArguments: [String!]) on FIELD_DEFINITION
type Query { tree: Tree! page(first: Int, last: Int): Tree! small(first: Int = 2): Tree! many: [Tree!]! @listSize(assumedSize: 20) pick(ids: [ID!], of: [[Int!]!], in: Pick): Tree! found(ids: [ID!]!): [Tree]! @listSize(slicingArguments: ["ids"]) }
input Pick { ids: [ID!] all: [Pick!] }
type Mutation { grow: Tree }
type Subscription { leaves: Tree }
type Tree { leaf: Int tree: Tree! page(first: Int, last: Int): Tree! many: [Tree!]! @listSize(assumedSize: 20) pick(ids: [ID!]): Tree! }
`

// treeExecutor executes nothing: exec stands in for the resolvers.
func treeExecutor(limits transport.Limits, exec func(context.Context) *graphql.Response) *executor.Executor {
	schema := gqlparser.MustLoadSchema(&ast.Source{Input: treeSchema})
	e := executor.New(&graphql.ExecutableSchemaMock{
		SchemaFunc: func() *ast.Schema { return schema },
		ExecFunc:   func(context.Context) graphql.ResponseHandler { return exec },
	})
	limits.Apply(e)
	return e
}

func create(t testing.TB, e *executor.Executor, query string, variables map[string]any) (*graphql.OperationContext, gqlerror.List) {
	t.Helper()
	ctx := graphql.StartOperationTrace(t.Context())
	return e.CreateOperationContext(ctx, &graphql.RawParams{Query: query, Variables: variables})
}

// nested puts n trees around a leaf: n+1 levels.
func nested(n int) string {
	return strings.Repeat("tree{", n) + "leaf" + strings.Repeat("}", n)
}

// bomb is a chain of n fragments each of which spreads the next one twice.
func bomb(n int, leaf string) string {
	var b strings.Builder
	b.WriteString("{tree{...f0}}")
	for i := range n {
		fmt.Fprintf(&b, " fragment f%d on Tree{...f%d ...f%d}", i, i+1, i+1)
	}
	fmt.Fprintf(&b, " fragment f%d on Tree{%s}", n, leaf)
	return b.String()
}

// ids is a list of n, as JSON brings it.
func ids(n int) []any {
	list := make([]any, n)
	for i := range list {
		list[i] = json.Number(strconv.Itoa(i))
	}
	return list
}

// picks uses the variable v n times.
func picks(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "p%d:pick(ids:$v){leaf} ", i)
	}
	return b.String()
}

func TestLimits(t *testing.T) {
	vars := func(kv ...any) map[string]any {
		m := map[string]any{}
		for i := 0; i < len(kv); i += 2 {
			m[kv[i].(string)] = kv[i+1]
		}
		return m
	}
	for _, c := range []struct {
		name, query string
		variables   map[string]any
		code        string // empty: allowed
	}{
		{"depth at the limit", "{" + nested(11) + "}", nil, ""},
		{"depth over it", "{" + nested(12) + "}", nil, transport.CodeTooDeep},
		{"depth through a fragment", "{tree{...f}} fragment f on Tree{" + nested(11) + "}", nil, transport.CodeTooDeep},
		{"depth through inline fragments", "{tree{...on Tree{" + nested(11) + "}}}", nil, transport.CodeTooDeep},
		{"fragments add no level", "{tree{...on Tree{...on Tree{" + nested(10) + "}}}}", nil, ""},

		{"aliases at the limit", "{" + aliases(15) + "}", nil, ""},
		{"aliases over it", "{" + aliases(16) + "}", nil, transport.CodeTooManyAliases},
		{"aliases through fragments", "{a:tree{...f} b:tree{...f} c:tree{...f} d:tree{...f}} fragment f on Tree{w:leaf x:leaf y:leaf z:leaf}", nil, transport.CodeTooManyAliases},

		{"directives at the limit", "{tree{leaf" + strings.Repeat("@mark", 50) + "}}", nil, ""},
		{"directives over it", "{tree{leaf" + strings.Repeat("@mark", 51) + "}}", nil, transport.CodeTooManyDirectives},
		{"directives on the operation", "query" + strings.Repeat("@mark", 51) + "{tree{leaf}}", nil, transport.CodeTooManyDirectives},
		{"directives on a variable", "query($n:Int" + strings.Repeat("@mark", 51) + "){page(first:$n){leaf}}", nil, transport.CodeTooManyDirectives},
		{"directives on spreads", "{tree{...f" + strings.Repeat("@mark", 26) + "}} fragment f on Tree" + strings.Repeat("@mark", 25) + "{leaf}", nil, transport.CodeTooManyDirectives},
		{"directives on inline fragments", "{tree{...on Tree" + strings.Repeat("@mark", 51) + "{leaf}}}", nil, transport.CodeTooManyDirectives},

		{"cost at the limit", "{page(first:4999){leaf}}", nil, ""},
		{"cost over it", "{page(first:5000){leaf}}", nil, transport.CodeTooCostly},
		{"cost of last", "{page(last:5000){leaf}}", nil, transport.CodeTooCostly},
		{"cost multiplies", "{page(first:70){page(first:71){leaf}}}", nil, transport.CodeTooCostly},
		{"cost by default", "{page{page{leaf}}}", nil, ""},
		{"cost by default, nested", "{page{page{page{leaf}}}}", nil, transport.CodeTooCostly},
		{"cost by the schema's default", "{small{page(first:2498){leaf}}}", nil, ""},
		{"cost by the schema's default, over", "{small{page(first:2499){leaf}}}", nil, transport.CodeTooCostly},
		{"cost by a variable", "query($n:Int){page(first:$n){leaf}}", vars("n", json.Number("5000")), transport.CodeTooCostly},
		{"cost by a small variable", "query($n:Int){page(first:$n){leaf}}", vars("n", json.Number("4999")), ""},
		{"cost by a variable's default", "query($n:Int=5000){page(first:$n){leaf}}", nil, transport.CodeTooCostly},
		{"cost by a null variable", "query($n:Int){page(first:$n){page{page{leaf}}}}", vars("n", nil), transport.CodeTooCostly},
		{"cost by an absent variable", "query($n:Int){page(first:$n){page{page{leaf}}}}", nil, transport.CodeTooCostly},
		{"cost by an absent variable over the schema's default", "query($n:Int){small(first:$n){page(first:2499){leaf}}}", nil, transport.CodeTooCostly},
		{"cost of a huge number", "{page(first:9223372036854775807){leaf}}", nil, transport.CodeTooCostly},
		{"cost of huge numbers", "{page(first:9223372036854775807,last:4611686018427387904){page(first:4611686018427387904){leaf}}}", nil, transport.CodeTooCostly},
		{"cost of a number beyond all", "{page(first:99999999999999999999){leaf}}", nil, "GRAPHQL_VALIDATION_FAILED"},
		{"a negative number hides nothing", "{page(first:-1){page(first:4999){leaf}}}", nil, transport.CodeTooCostly},
		{"nor does zero", "{page(first:0){page(first:4999){leaf}}}", nil, transport.CodeTooCostly},
		{"first hides not last", "{page(first:1,last:5000){leaf}}", nil, transport.CodeTooCostly},

		{"lists without pages multiply", "{many{many{many{leaf}}}}", nil, transport.CodeTooCostly},
		{"lists without pages", "{many{many{leaf}}}", nil, ""},
		{"a list as long as an argument", "{found(ids:[1 2]){page(first:2498){leaf}}}", nil, transport.CodeTooCostly},
		{"a list as long as an argument, at the limit", "{found(ids:[1 2]){page(first:2497){leaf}}}", nil, ""},
		{"a list as long as a variable", "query($v:[ID!]!){found(ids:$v){page(first:50){leaf}}}", vars("v", ids(98)), transport.CodeTooCostly},
		{"a list as long as a variable, at the limit", "query($v:[ID!]!){found(ids:$v){page(first:50){leaf}}}", vars("v", ids(94)), ""},
		{"a list as long as a single value", "{found(ids:1){page(first:4996){leaf}}}", nil, ""},

		{"a list in a variable", "query($v:[ID!]){pick(ids:$v){leaf}}", vars("v", ids(1000)), ""},
		{"a list in a variable, too long", "query($v:[ID!]){pick(ids:$v){leaf}}", vars("v", ids(1001)), transport.CodeListTooLong},
		{"a list in the document", "{pick(ids:[" + strings.Repeat("1 ", 501) + "]){leaf}}", nil, ""},
		{"a list in an input object, too long", "query($v:Pick){pick(in:$v){leaf}}", vars("v", vars("ids", ids(1001))), transport.CodeListTooLong},
		{"a list in a written object, too long", "query($v:[ID!]){pick(in:{ids:$v}){leaf}}", vars("v", ids(1001)), transport.CodeListTooLong},
		{"lists in a list, too long", "query($v:[[Int!]!]){pick(of:$v){leaf}}", vars("v", []any{ids(1001)}), transport.CodeListTooLong},
		{"lists in a single value, too long", "query($v:[Pick!]){pick(in:{all:$v}){leaf}}", vars("v", vars("ids", ids(1001))), transport.CodeListTooLong},
		{"elements cost", "query($v:[ID!]){page(first:10){pick(ids:$v){leaf}}}", vars("v", ids(498)), transport.CodeTooCostly},
		{"elements cost, as often as the list is used", "query($v:[ID!]){" + picks(10) + "}", vars("v", ids(500)), transport.CodeTooCostly},
		{"elements cost, at the limit", "query($v:[ID!]){page(first:10){pick(ids:$v){leaf}}}", vars("v", ids(497)), ""},

		{"text at the limit", "{tree{leaf}}" + strings.Repeat(" ", 16<<10-12), nil, ""},
		{"text over it", "{tree{leaf}}" + strings.Repeat(" ", 16<<10-11), nil, transport.CodeTooLong},

		{"bomb of fields", bomb(90, "leaf"), nil, transport.CodeTooCostly},
		{"bomb of spreads", bomb(20, "leaf"), nil, transport.CodeTooCostly},

		{"tokens", "{tree{" + strings.Repeat("leaf ", 1000) + "}}", nil, "GRAPHQL_PARSE_FAILED"},

		{"introspection", introspection(9), nil, ""},
		{"introspection beside more", "{" + nested(11) + " __schema{types{fields{args{type{" + ofType(9) + "}}}}}}", nil, ""},
		{"introspection hides no depth", "{" + nested(12) + " __schema{types{name}}}", nil, transport.CodeTooDeep},
		{"introspection too deep", introspection(20), nil, transport.CodeTooDeep},
		{"__type", `{__type(name:"Tree"){fields{type{` + ofType(11) + `}}}}`, nil, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			e := treeExecutor(transport.Limits{}, nil)
			_, errs := create(t, e, c.query, c.variables)
			if c.code == "" {
				if len(errs) > 0 {
					t.Fatal(errs)
				}
				return
			}
			if len(errs) != 1 || errs[0].Extensions["code"] != c.code {
				t.Fatalf("got %v, want one error %s", errs, c.code)
			}
		})
	}
}

func aliases(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "a%d:tree{leaf} ", i)
	}
	return b.String()
}

func ofType(n int) string {
	return strings.Repeat("ofType{", n) + "name" + strings.Repeat("}", n)
}

// introspection is the usual introspection query, its types unwrapped n times.
func introspection(n int) string {
	return `query IntrospectionQuery{__schema{queryType{name}mutationType{name}subscriptionType{name}types{...FullType}directives{name description locations args{...InputValue}}}}
fragment FullType on __Type{kind name description fields(includeDeprecated:true){name description args{...InputValue}type{...TypeRef}isDeprecated deprecationReason}inputFields{...InputValue}interfaces{...TypeRef}enumValues(includeDeprecated:true){name description isDeprecated deprecationReason}possibleTypes{...TypeRef}}
fragment InputValue on __InputValue{name description type{...TypeRef}defaultValue}
fragment TypeRef on __Type{kind name ` + strings.Repeat("ofType{kind name ", n) + strings.Repeat("}", n) + `}`
}

func TestLimitsSayWhere(t *testing.T) {
	_, errs := create(t, treeExecutor(transport.Limits{Depth: 1}, nil), "{\n  tree {\n    leaf }}", nil)
	if len(errs) != 1 || len(errs[0].Locations) != 1 || errs[0].Locations[0] != (gqlerror.Location{Line: 3, Column: 5}) {
		t.Fatalf("got %+v", errs)
	}
}

func TestLimitsRefuseNegatives(t *testing.T) {
	if err := (transport.Limits{Cost: -1}).Validate(nil); err == nil {
		t.Fatal("a negative limit was taken")
	}
}

// TestTimeLimit has a resolver that waits for its context to end.
func TestTimeLimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		query := late(t, "{tree{leaf}}", "null", transport.CodeTimeout, time.Hour)
		if query.Data != nil {
			t.Errorf("query: data %s", query.Data)
		}
		mutation := late(t, "mutation{grow{leaf}}", `{"grow":null}`, transport.CodeUnknownOutcome, time.Hour)
		if string(mutation.Data) != `{"grow":null}` {
			t.Errorf("mutation: data %s", mutation.Data)
		}
		// Who calls may have a deadline, too.
		late(t, "{tree{leaf}}", "null", transport.CodeTimeout, 10*time.Second)
		late(t, "mutation{grow{leaf}}", `{"grow":null}`, transport.CodeUnknownOutcome, 10*time.Second)
	})
}

// late runs an operation for a caller who has this much time, which is too slow.
func late(t *testing.T, query, data, code string, callers time.Duration) *graphql.Response {
	t.Helper()
	caller, cancel := context.WithTimeout(t.Context(), callers)
	defer cancel()
	e := treeExecutor(transport.Limits{}, func(ctx context.Context) *graphql.Response {
		<-ctx.Done()
		return &graphql.Response{Data: json.RawMessage(data), Errors: gqlerror.List{{Message: ctx.Err().Error()}}}
	})
	op, errs := create(t, e, query, nil)
	if errs != nil {
		t.Fatal(errs)
	}
	handler, ctx := e.DispatchOperation(caller, op)
	start := time.Now()
	resp := handler(ctx)
	if took := time.Since(start); took != 10*time.Second {
		t.Errorf("took %s", took)
	}
	if len(resp.Errors) != 1 || resp.Errors[0].Extensions["code"] != code || !strings.Contains(resp.Errors[0].Message, "took longer than 10 seconds.") {
		t.Errorf("got %v", resp.Errors)
	}
	return resp
}

// An answer says what it cost.
func TestCostIsTold(t *testing.T) {
	data := `{"tree":{"a:\"b":"c\\\\","d":[{"e":1},{"e":2}],"f":":"}}`
	e := treeExecutor(transport.Limits{Cost: 100}, func(context.Context) *graphql.Response {
		return &graphql.Response{Data: json.RawMessage(data)}
	})
	op, errs := create(t, e, "{tree{leaf page(first: 20){leaf}}}", nil)
	if errs != nil {
		t.Fatal(errs)
	}
	handler, ctx := e.DispatchOperation(t.Context(), op)
	told, err := json.Marshal(handler(ctx).Extensions)
	if err != nil {
		t.Fatal(err)
	}
	if want := `{"cost":{"asked":23,"spent":6,"left":77}}`; string(told) != want {
		t.Errorf("%s, want %s", told, want)
	}
}

func TestTimeLimitLeavesSubscriptions(t *testing.T) {
	e := treeExecutor(transport.Limits{}, func(ctx context.Context) *graphql.Response {
		if _, limited := ctx.Deadline(); limited {
			t.Error("a subscription has a deadline")
		}
		return nil
	})
	op, errs := create(t, e, "subscription{leaves{leaf}}", nil)
	if errs != nil {
		t.Fatal(errs)
	}
	handler, ctx := e.DispatchOperation(t.Context(), op)
	handler(ctx)
}
