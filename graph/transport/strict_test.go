package transport_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/executor"
	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"procyon/graph/transport"
)

// valueTypes are the types of the fields f0, f1 and so on.
var valueTypes = []string{
	"Int", "Int!", "Float", "String", "Boolean", "ID", "Color", "Even", "[Int]", "[Int!]!", "[[Int]]", "[[Int!]]", "[Color!]", "[Even]",
	"Point", "Point!", "[Point]", "Pick", "[ID!]", "[String]",
}

const valueSchema = `
enum Color { RED GREEN }
scalar Even
input Point { x: Int! y: Int! = 7 tags: [String!] color: Color next: Point all: [Point!] at: Even id: ID pick: Pick grid: [[Int]] f: Float b: Boolean }
input Pick @oneOf { a: Int b: String }
`

func valueSchemaText() string {
	var fields strings.Builder
	for i, t := range valueTypes {
		fmt.Fprintf(&fields, " f%d(v: %s): Int", i, t)
	}
	return valueSchema + "type Query {" + fields.String() + " must(n: Int!, s: [Int!]): Int page(n: Int! = 3): Int }"
}

// valueExecutor is strict, and executes nothing.
func valueExecutor() *transport.Strict {
	text := valueSchemaText()
	schema := gqlparser.MustLoadSchema(&ast.Source{Input: text})
	return transport.NewStrict(executor.New(&graphql.ExecutableSchemaMock{SchemaFunc: func() *ast.Schema { return schema }}), schema, transport.Scalars{
		"Even": func(v any) error {
			if s, ok := v.(string); !ok || len(s)%2 != 0 {
				return errors.New("Even must be a string of an even length")
			}
			return nil
		},
	})
}

// sent are variables as a transport reads them.
func sent(t testing.TB, text string) (out map[string]any) {
	t.Helper()
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	if err := d.Decode(&out); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return out
}

func (c valueCase) ask(t testing.TB, exec graphql.GraphExecutor) (*graphql.OperationContext, gqlerror.List) {
	t.Helper()
	p := &graphql.RawParams{Query: c.Document}
	if c.Variables != "" {
		p.Variables = sent(t, c.Variables)
	}
	return exec.CreateOperationContext(graphql.StartOperationTrace(t.Context()), p)
}

type valueCase struct {
	Document  string `json:"document"`
	Variables string `json:"variables,omitempty"` // JSON; "": the value is in the document
}

// valueCases is each value for each type.
func valueCases() []valueCase {
	var out []valueCase
	both := []string{
		`0`, `-0`, `1`, `-1`, `2147483647`, `-2147483648`, `2147483648`, `-2147483649`, `4294967297`, `1e10`, `1.0`, `1e0`, `10e-1`, `1.5`, `-0.0`, `1e-1`, `1E2`, `1.5e1`,
		`true`, `false`, `null`, `""`, `"1"`, `"1.5"`, `"true"`, `"null"`, `"RED"`, `"red"`, `"Red"`, `"RED "`, `"even"`, `"odd"`, `"[]"`,
		`[]`, `[1]`, `[1,2]`, `[null]`, `[1,null]`, `[1,"2"]`, `["1"]`, `["RED"]`, `["red"]`, `["even"]`, `["odd"]`, `["even",1]`, `[[1]]`, `[[1],[2,null]]`, `[1,[2]]`, `[[[1]]]`, `[true]`, `[1.5]`, `[{}]`, `[[]]`, `[null,[]]`,
		`{}`,
	}
	objects := []string{
		`x:1`, `x:null`, `x:"1"`, `x:1.5`, `x:true`, `y:1`, `x:1,y:null`, `x:1,y:2`, `x:1,z:2`, `x:1,tags:"a"`, `x:1,tags:["a",null]`, `x:1,tags:[1]`, `x:1,tags:null`,
		`x:1,color:"RED"`, `x:1,color:"red"`, `x:1,color:null`, `x:1,next:{x:2}`, `x:1,next:{}`, `x:1,next:{x:2,next:{x:3,q:1}}`, `x:1,all:{x:2}`, `x:1,all:[{x:2},{}]`, `x:1,all:[null]`,
		`x:1,at:"even"`, `x:1,at:"odd"`, `x:1,at:5`, `x:1,id:5`, `x:1,id:"5"`, `x:1,id:1.5`, `x:1,id:true`, `x:1,pick:{a:1}`, `x:1,pick:{a:1,b:"x"}`, `x:1,pick:{}`, `x:1,pick:{a:null}`, `x:1,pick:null`,
		`x:1,grid:1`, `x:1,grid:[1,[2]]`, `x:1,grid:["1"]`, `x:1,f:1`, `x:1,f:1.5`, `x:1,f:"1"`, `x:1,b:true`, `x:1,b:"true"`, `x:1,b:1`, `x:1,__typename:"Point"`,
		`a:1`, `b:"x"`, `a:1,b:"x"`, `a:null`, `a:1,b:null`, `a:"1"`, `c:1`,
	}
	for i, typ := range valueTypes {
		variable := func(json string) {
			out = append(out, valueCase{fmt.Sprintf("query($v: %s) { f%d(v: $v) }", typ, i), `{"v":` + json + `}`})
		}
		literal := func(text string) {
			out = append(out, valueCase{Document: fmt.Sprintf("{ f%d(v: %s) }", i, text)},
				valueCase{Document: fmt.Sprintf("query($v: %s = %s) { f%d(v: $v) }", strings.TrimSuffix(typ, "!"), text, i), Variables: `{}`})
		}
		out = append(out, valueCase{fmt.Sprintf("query($v: %s) { f%d(v: $v) }", typ, i), `{"w":1}`})
		for _, v := range both {
			variable(v)
			literal(v)
		}
		for _, v := range []string{`RED`, `red`, `even`, `[RED]`, `[RED, BLUE]`, `"""block"""`, `{color: RED}`, `{x: 1, color: RED}`, `{x: 1, color: red}`, `{x: 1, color: "RED"}`, `{x: 1, at: even}`} {
			literal(v)
		}
		for _, fields := range objects {
			literal("{" + fields + "}")
			quoted := names.ReplaceAllString(fields, `"$1":`)
			variable("{" + quoted + "}")
			variable("[{" + quoted + "}]")
		}
		variable(`1e400`)
		variable(`"\u0000"`)
	}
	return out
}

var names = regexp.MustCompile(`(\w+):`)

// TestValuesAsTheReferenceHasThem asks graphql-js of each value for each type, as a
// variable and in the document.
func TestValuesAsTheReferenceHasThem(t *testing.T) {
	cases := valueCases()
	data, err := json.Marshal(map[string]any{"schema": valueSchemaText(), "cases": cases})
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "cases.json")
	if err := os.WriteFile(file, data, 0o600); err != nil {
		t.Fatal(err)
	}
	lines, failed := runNode(t, "values.mjs", file)
	if failed || len(lines) != len(cases) {
		t.Fatalf("%d of %d judged", len(lines), len(cases))
	}
	exec, good := valueExecutor(), 0
	for i, c := range cases {
		_, errs := c.ask(t, exec)
		if want := string(lines[i]) == "true"; want != (len(errs) == 0) {
			t.Errorf("%s %s: %v; the reference says %v", c.Document, c.Variables, errs, want)
		} else if want {
			good++
		}
	}
	t.Logf("%d of %d are good", good, len(cases))
}

// What is wrong is told in one way: with a code, with where it is, and without the value.
func TestValuesThatAreWrong(t *testing.T) {
	exec := valueExecutor()
	for _, c := range []struct {
		valueCase
		want string // the code, the variable and the message
	}{
		{valueCase{"query($v: Int) { f0(v: $v) }", `{"v":"secret"}`}, "INVALID v: The variable v must be an Int: a whole number from -2147483648 to 2147483647."},
		{valueCase{"query($v: Int!) { f1(v: $v) }", `{}`}, "INVALID v: The variable v is missing."},
		{valueCase{"query($v: Int!) { f1(v: $v) }", `{"v":null}`}, "INVALID v: The variable v must not be null."},
		{valueCase{"query($v: Float) { f2(v: $v) }", `{"v":"secret"}`}, "INVALID v: The variable v must be a Float: a number."},
		{valueCase{"query($v: String) { f3(v: $v) }", `{"v":["secret"]}`}, "INVALID v: The variable v must be a String."},
		{valueCase{"query($v: Boolean) { f4(v: $v) }", `{"v":"secret"}`}, "INVALID v: The variable v must be a Boolean: true or false."},
		{valueCase{"query($v: ID) { f5(v: $v) }", `{"v":{"secret":1}}`}, "INVALID v: The variable v must be an ID: a string, or a whole number."},
		{valueCase{"query($v: Color) { f6(v: $v) }", `{"v":"secret"}`}, "INVALID v: The variable v must be one of Color: RED, GREEN."},
		{valueCase{"query($v: Even) { f7(v: $v) }", `{"v":"secret1"}`}, "INVALID v: The variable v is wrong: Even must be a string of an even length."},
		{valueCase{"query($v: [Int]) { f8(v: $v) }", `{"v":[1,2,"secret"]}`}, "INVALID v[2]: The variable v[2] must be an Int: a whole number from -2147483648 to 2147483647."},
		{valueCase{"query($v: Point) { f14(v: $v) }", `{"v":"secret"}`}, "INVALID v: The variable v must be an object of Point."},
		{valueCase{"query($v: Point) { f14(v: $v) }", `{"v":{"x":1,"next":{"x":1,"all":[{"x":1},{}]}}}`}, "INVALID v.next.all[1].x: The variable v.next.all[1].x is missing."},
		{valueCase{"query($v: Point) { f14(v: $v) }", `{"v":{"x":1,"no_such":1}}`}, "INVALID v.no_such: The variable v.no_such is not a field of Point."},
		{valueCase{"query($v: Point) { f14(v: $v) }", `{"v":{"x":1,"https://secret":1}}`}, "INVALID v.…: The variable v.… is not a field of Point."},
		{valueCase{"query($v: Pick) { f17(v: $v) }", `{"v":{"a":1,"b":"secret"}}`}, "INVALID v: The variable v must have exactly one field of Pick, which is not null."},
		{valueCase{"query($v: Int = 1) { must(n: $v) }", `{"v":null}`}, "INVALID v: The variable v must not be null."},
		{valueCase{"query($v: Int) { page(n: $v) }", `{"v":null}`}, "INVALID v: The variable v must not be null."},
		{valueCase{"query($v: Int = null) { page(n: $v) }", `{}`}, "INVALID v: The variable v must not be null."},
		{valueCase{"query($v: Int = 1) { ...a } fragment a on Query { must(n: 1, s: [$v]) }", `{"v":null}`}, "INVALID v: The variable v must not be null."},
		{valueCase{"query($v: Int = 1) { ... on Query { f14(v: {x: $v}) } }", `{"v":null}`}, "INVALID v: The variable v must not be null."},
		{valueCase{"query($v: Boolean = true) { page @skip(if: $v) }", `{"v":null}`}, "INVALID v: The variable v must not be null."},

		{valueCase{`{ f0(v: "secret") }`, ""}, "GRAPHQL_VALIDATION_FAILED : This value must be an Int: a whole number from -2147483648 to 2147483647."},
		{valueCase{`{ f7(v: "secret1") }`, ""}, "INVALID : This value is wrong: Even must be a string of an even length."},
		{valueCase{`{ f14(v: {}) }`, ""}, "GRAPHQL_VALIDATION_FAILED : The field x of Point is missing."},
		{valueCase{`{ f14(v: {x: 1, no: "secret"}) }`, ""}, "GRAPHQL_VALIDATION_FAILED : no is not a field of Point."},
		{valueCase{`{ ...f ...f } fragment f on Query { f6(v: "secret") }`, ""}, "GRAPHQL_VALIDATION_FAILED : This value must be one of Color: RED, GREEN."},
		{valueCase{`{ f5(v: 99999999999999999999) }`, ""}, "GRAPHQL_VALIDATION_FAILED : This value must be an ID: a string, or a whole number."},
	} {
		_, errs := c.ask(t, exec)
		if len(errs) != 1 {
			t.Errorf("%s %s: %v", c.Document, c.Variables, errs)
			continue
		}
		e := errs[0]
		at, _ := e.Extensions["variable"].(string)
		if got := fmt.Sprintf("%s %s: %s", e.Extensions["code"], at, e.Message); got != c.want || len(e.Locations) != 1 || len(e.Path) > 0 {
			t.Errorf("%s %s:\ngot  %s (%v)\nwant %s", c.Document, c.Variables, got, e.Path, c.want)
		}
	}
	many := valueCase{"query($v: [Int]) { f8(v: $v) }", `{"v":["` + strings.Repeat(`","`, 500) + `"]}`}
	if _, errs := many.ask(t, exec); len(errs) != 20 {
		t.Errorf("%d errors", len(errs))
	}
	both := valueCase{"query($v: Int, $w: Point) { f0(v: $v) f14(v: $w) }", `{"v":"","w":{"y":true}}`}
	if _, errs := both.ask(t, exec); len(errs) != 3 {
		t.Errorf("%v", errs)
	}
}

// Values come to the operation as their types have them, and what was sent stays as it is.
func TestValuesThatComeIn(t *testing.T) {
	exec := valueExecutor()
	for _, c := range []struct {
		valueCase
		want any
	}{
		{valueCase{"query($v: Int) { f0(v: $v) }", `{"v":1.0}`}, int64(1)},
		{valueCase{"query($v: Int) { f0(v: $v) }", `{"v":-25e1}`}, int64(-250)},
		{valueCase{"query($v: Int) { f0(v: $v) }", `{"v":0e-999999999999999999999}`}, int64(0)},
		{valueCase{"query($v: Int = 5) { f0(v: $v) }", `{}`}, int64(5)},
		{valueCase{"query($v: Int = 5) { f0(v: $v) }", `{"v":null}`}, nil},
		{valueCase{"query($v: Float) { f2(v: $v) }", `{"v":1}`}, 1.0},
		{valueCase{"query($v: ID) { f5(v: $v) }", `{"v":5}`}, "5"},
		{valueCase{"query($v: ID) { f5(v: $v) }", `{"v":12345678901234567890123}`}, "12345678901234567890123"},
		{valueCase{"query($v: ID) { f5(v: $v) }", `{"v":5.0}`}, "5"},
		{valueCase{"query($v: [Int]) { f8(v: $v) }", `{"v":1.0}`}, []any{int64(1)}},
		{valueCase{"query($v: [[Int]]) { f10(v: $v) }", `{"v":[1,[2]]}`}, []any{[]any{int64(1)}, []any{int64(2)}}},
		{valueCase{"query($v: Point) { f14(v: $v) }", `{"v":{"x":1.0,"tags":"a","id":7,"f":2,"next":null}}`}, map[string]any{
			"x": int64(1), "tags": []any{"a"}, "id": "7", "f": 2.0, "next": nil,
		}},
	} {
		before := sent(t, c.Variables)
		op, errs := exec.CreateOperationContext(graphql.StartOperationTrace(t.Context()), &graphql.RawParams{Query: c.Document, Variables: before})
		if len(errs) > 0 || !reflect.DeepEqual(op.Variables["v"], c.want) {
			t.Errorf("%s %s: %#v, %v", c.Document, c.Variables, op.Variables["v"], errs)
		}
		if !reflect.DeepEqual(before, sent(t, c.Variables)) {
			t.Errorf("%s %s was changed to %v", c.Document, c.Variables, before)
		}
	}
}

// FuzzVariables has any JSON checked for each type. What is taken is of the type, so it
// is taken as it came out, too; what is refused is so with a code and a place.
func FuzzVariables(f *testing.F) {
	f.Add(`{"x":1,"tags":"a","color":"RED","all":[{"x":2}],"at":"even","pick":{"a":1},"grid":[1,[2]],"b":true}`)
	f.Add(`[1,"2",[3.0,null],{"b":"x"},true]`)
	f.Add(`{"x":1e400,"id":1e308,"next":{"x":-0e5}}`)
	exec := valueExecutor()
	f.Fuzz(func(t *testing.T, text string) {
		d := json.NewDecoder(strings.NewReader(text))
		d.UseNumber()
		var v any
		if d.Decode(&v) != nil {
			return
		}
		for i, typ := range valueTypes {
			p := graphql.RawParams{Query: fmt.Sprintf("query($v: %s) { f%d(v: $v) }", typ, i), Variables: map[string]any{"v": v}}
			op, errs := exec.CreateOperationContext(graphql.StartOperationTrace(t.Context()), &p)
			for _, e := range errs {
				at, _ := e.Extensions["variable"].(string)
				if e.Extensions["code"] != transport.CodeInvalid || !strings.HasPrefix(at, "v") || !strings.HasPrefix(e.Message, "The variable "+at+" ") || !utf8.ValidString(e.Message) {
					t.Fatalf("%s as %s: %v %v", text, typ, e, e.Extensions)
				}
			}
			if len(errs) > 0 {
				continue
			}
			out := op.Variables["v"]
			p.Variables = map[string]any{"v": out}
			again, errs := exec.CreateOperationContext(graphql.StartOperationTrace(t.Context()), &p)
			if len(errs) > 0 || !reflect.DeepEqual(again.Variables["v"], out) {
				t.Fatalf("%s as %s: %#v, then %#v, %v", text, typ, out, again.Variables["v"], errs)
			}
		}
	})
}
