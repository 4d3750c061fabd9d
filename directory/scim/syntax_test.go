package scim

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	filterparser "github.com/scim2/filter-parser/v2"
)

// random makes filters that both grammars have: theirs takes no more than two comparisons in
// brackets, and knows no escapes.
type random struct{ *rand.Rand }

func (r random) of(list ...string) string { return list[r.IntN(len(list))] }

func (r random) path() string {
	return r.of("userName", "title", "name.givenName", "meta.created", "urn:ietf:params:scim:schemas:core:2.0:User:title", "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value", "a-b_c9")
}

func (r random) comparison(path string) string {
	if r.IntN(4) == 0 {
		return path + " " + r.of("pr", "PR")
	}
	return path + " " + r.of("eq", "ne", "co", "sw", "ew", "gt", "ge", "lt", "le", "EQ", "Co") + " " + r.of(`""`, `"x"`, `"a b (c) and [d]"`, `"é"`, "true", "False", "null", "0", "-7", "1.5", "2e3")
}

func (r random) filter(depth int) string {
	if depth == 0 {
		return r.comparison(r.path())
	}
	switch r.IntN(6) {
	case 0:
		return "(" + r.filter(depth-1) + ")"
	case 1:
		return r.of("not ", "NOT", "not  ") + "( " + r.filter(depth-1) + " )"
	case 2, 3:
		return r.filter(depth-1) + r.of(" and ", " AND ", " or ", "  or  ") + r.filter(depth-1)
	case 4:
		inner := r.comparison("type")
		switch r.IntN(3) {
		case 0:
			inner += r.of(" and ", " or ") + r.comparison("value")
		case 1:
			inner = "not (" + inner + ")"
		}
		return r.of("emails", "urn:ietf:params:scim:schemas:core:2.0:User:emails") + "[" + inner + "]"
	}
	return r.comparison(r.path())
}

// A parser that we did not write reads each filter as ours does.
func TestSyntaxAgainstLibrary(t *testing.T) {
	const seed = 17
	r := random{rand.New(rand.NewPCG(seed, seed))}
	for range 3000 {
		text := r.filter(r.IntN(4))
		theirs, err := filterparser.ParseFilterNumber([]byte(text))
		if err != nil {
			t.Fatalf("%s: the library refuses it: %v", text, err)
		}
		ours, err := parseFilter(text)
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		if got, want := form(ours), formOfTheirs(theirs); got != want {
			t.Fatalf("%s: read as\n%s, and by the library as\n%s", text, got, want)
		}
		again, err := parseFilter(ours.String())
		if err != nil || again.String() != ours.String() {
			t.Fatalf("%s: written as %s, and that read as %v %v", text, ours, again, err)
		}
	}
}

// form writes a filter with all its parentheses; terms in a row are joined from the left.
func form(e expression) string {
	switch e := e.(type) {
	case *logical:
		joined := form(e.terms[0])
		for _, term := range e.terms[1:] {
			joined = "(" + joined + " " + e.op + " " + form(term) + ")"
		}
		return joined
	case *negation:
		return "not " + form(e.term)
	case *bracket:
		return e.path.String() + "[" + form(e.term) + "]"
	case *comparison:
		return fmt.Sprintf("%s %s %#v", e.path, e.op, e.value)
	}
	return "?"
}

func formOfTheirs(e filterparser.Expression) string {
	switch e := e.(type) {
	case *filterparser.LogicalExpression:
		return "(" + formOfTheirs(e.Left) + " " + string(e.Operator) + " " + formOfTheirs(e.Right) + ")"
	case *filterparser.NotExpression:
		return "not " + formOfTheirs(e.Expression)
	case *filterparser.ValuePath:
		return e.AttributePath.String() + "[" + formOfTheirs(e.ValueFilter) + "]"
	case *filterparser.AttributeExpression:
		return fmt.Sprintf("%s %s %#v", e.AttributePath, strings.ToLower(string(e.Operator)), e.CompareValue)
	}
	return "?"
}

func TestPaths(t *testing.T) {
	for text, want := range map[string]string{
		"userName":                         `{"" "userName" ""}`,
		" name.givenName ":                 `{"" "name" "givenName"}`,
		`emails[type eq "work"].value`:     `{"" "emails" "value"} type eq "work"`,
		`members[value eq "]\""]`:          `{"" "members" ""} value eq "]\""`,
		"urn:ietf:x:2.0:User:manager.$ref": `{"urn:ietf:x:2.0:User" "manager" "$ref"}`,
		"urn:ietf:x:2.0:User":              `{"urn:ietf:x:2.0" "User" ""}`,
	} {
		p, err := parsePath(text)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		got := fmt.Sprintf("{%q %q %q}", p.urn, p.name, p.sub)
		if p.term != nil {
			got += " " + p.term.String()
		}
		if got != want {
			t.Errorf("%s: %s, want %s", text, got, want)
		}
	}
}

// The length of a filter bounds what it costs: one that is as long as it may be is read in
// one go.
func TestLongFilter(t *testing.T) {
	long := strings.Repeat("a pr or ", maxFilter/8-1) + "a pr"
	e, err := parseFilter(long)
	if err != nil || len(e.(*logical).terms) != maxFilter/8 {
		t.Errorf("%v", err)
	}
	var n json.Number = "7"
	if c := (&comparison{attributePath{name: "a"}, "eq", n}); c.String() != "a eq 7" {
		t.Error(c)
	}
}
