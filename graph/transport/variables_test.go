package transport

import (
	"encoding/json"
	"slices"
	"testing"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
)

// A number whose exponent is the smallest int is no whole number, and no panic.
func TestWholeOfSmallestExponent(t *testing.T) {
	for _, n := range []json.Number{"0.1e-9223372036854775808", "1e-9223372036854775808", "0.12e-9223372036854775807"} {
		if digits, ok := whole(n); ok {
			t.Errorf("whole(%s) = %d digits, want none", n, len(digits))
		}
	}
}

// Wrong values beyond those that are told cost next to nothing.
func TestManyWrongValuesCostLittle(t *testing.T) {
	schema := gqlparser.MustLoadSchema(&ast.Source{Input: "enum E { A B C } type Query { f(e: [E!]): Int }"})
	doc := gqlparser.MustLoadQueryWithRules(schema, "query($e: [E!]) { f(e: $e) }", nil)
	given := map[string]any{"e": slices.Repeat([]any{json.Number("1")}, 100_000)}
	n := testing.AllocsPerRun(1, func() {
		c := &checker{Strict: &Strict{schema: schema}}
		c.variables(doc.Operations[0], given)
		if len(c.wrong) != maxErrors {
			t.Errorf("%d errors", len(c.wrong))
		}
	})
	if n > 10_000 {
		t.Errorf("%.0f allocations", n)
	}
}
