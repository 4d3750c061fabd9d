package transport

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
)

// What values must be. None of these sentences repeats a value: it may be a secret.
const (
	mustInt     = "must be an Int: a whole number from -2147483648 to 2147483647"
	mustFloat   = "must be a Float: a number"
	mustString  = "must be a String"
	mustBoolean = "must be a Boolean: true or false"
	mustID      = "must be an ID: a string, or a whole number"
	mustHave    = "must not be null"
	isMissing   = "is missing"
)

func mustEnum(def *ast.Definition) string {
	names := make([]string, len(def.EnumValues))
	for i, v := range def.EnumValues {
		names[i] = v.Name
	}
	return "must be one of " + def.Name + ": " + strings.Join(names, ", ")
}

func mustObject(def *ast.Definition) string { return "must be an object of " + def.Name }

func mustOne(def *ast.Definition) string {
	return "must have exactly one field of " + def.Name + ", which is not null"
}

// valuePath is where in a variable a value is: the variable itself, a field, or an element.
type valuePath struct {
	within *valuePath // nil: the variable itself
	name   string     // "": an element
	index  int
}

// String writes it as filter.status[0].
func (p *valuePath) String() string {
	switch {
	case p.within == nil:
		return p.name
	case p.name == "":
		return p.within.String() + "[" + strconv.Itoa(p.index) + "]"
	default:
		return p.within.String() + "." + p.name
	}
}

// checker brings the variables of one operation into the form of their types.
type checker struct {
	*Strict
	def   *ast.VariableDefinition // the one at hand
	wrong gqlerror.List           // at most maxErrors
}

// variables returns the values of the variables that are declared and given.
func (c *checker) variables(op *ast.OperationDefinition, given map[string]any) map[string]any {
	out := make(map[string]any, len(given))
	var needed map[string]bool // variables where null may not be; made where one is null
	for _, def := range op.VariableDefinitions {
		c.def = def
		root := valuePath{name: def.Variable}
		v, is := given[def.Variable]
		switch {
		case !is && def.DefaultValue == nil && def.Type.NonNull:
			c.fail(&root, isMissing)
			continue
		case is:
			out[def.Variable] = c.value(def.Type, v, &root)
		case def.DefaultValue == nil || def.DefaultValue.Kind != ast.NullValue:
			continue
		}
		if v == nil && !def.Type.NonNull {
			if needed == nil {
				needed = map[string]bool{}
				neededIn(op.SelectionSet, map[string]bool{}, needed)
			}
			if needed[def.Variable] {
				c.fail(&root, mustHave)
			}
		}
	}
	return out
}

// neededIn collects the variables of a selection that stand where the schema takes no
// null. A variable that can be null may stand there if either has a default.
func neededIn(set ast.SelectionSet, seen, needed map[string]bool) {
	for _, selection := range set {
		switch s := selection.(type) {
		case *ast.Field:
			for _, a := range s.Arguments {
				neededBy(a.Value, needed)
			}
			neededByAll(s.Directives, needed)
			neededIn(s.SelectionSet, seen, needed)
		case *ast.InlineFragment:
			neededByAll(s.Directives, needed)
			neededIn(s.SelectionSet, seen, needed)
		case *ast.FragmentSpread:
			neededByAll(s.Directives, needed)
			if s.Definition != nil && !seen[s.Name] {
				seen[s.Name] = true
				neededIn(s.Definition.SelectionSet, seen, needed)
			}
		}
	}
}

func neededByAll(list ast.DirectiveList, needed map[string]bool) {
	for _, d := range list {
		for _, a := range d.Arguments {
			neededBy(a.Value, needed)
		}
	}
}

func neededBy(v *ast.Value, needed map[string]bool) {
	if v.Kind == ast.Variable && v.ExpectedType != nil && v.ExpectedType.NonNull {
		needed[v.Raw] = true
	}
	for _, child := range v.Children {
		neededBy(child.Value, needed)
	}
}

// value returns v as t has it.
func (c *checker) value(t *ast.Type, v any, at *valuePath) any {
	if len(c.wrong) >= maxErrors {
		return nil // nothing more is told, and nothing runs
	}
	if v == nil {
		if t.NonNull {
			c.fail(at, mustHave)
		}
		return nil
	}
	if t.Elem != nil {
		list, ok := v.([]any)
		if !ok {
			return []any{c.value(t.Elem, v, at)} // a single value is a list of one
		}
		out := make([]any, len(list))
		for i, e := range list {
			if len(c.wrong) >= maxErrors {
				break
			}
			out[i] = c.value(t.Elem, e, &valuePath{within: at, index: i})
		}
		return out
	}
	def := c.schema.Types[t.NamedType]
	if def.Kind == ast.InputObject {
		return c.object(def, v, at)
	}
	out, must := c.leaf(def, v)
	if must != "" {
		c.fail(at, must)
	} else if err := c.refused(def, out); err != nil {
		c.failed(at, whyRefused(err), codeOf(err))
	}
	return out
}

// leaf returns a scalar's or an enum's value, or what it must be.
func (c *checker) leaf(def *ast.Definition, v any) (out any, must string) {
	text, isText := v.(string)
	switch {
	case def.Kind == ast.Enum:
		if !isText || def.EnumValues.ForName(text) == nil {
			return nil, mustEnum(def)
		}
	case custom(def):
		return v, ""
	case def.Name == "String":
		if !isText {
			return nil, mustString
		}
	case def.Name == "Boolean":
		if _, ok := v.(bool); !ok {
			return nil, mustBoolean
		}
	case def.Name == "ID":
		if isText {
			return text, ""
		}
		if id, ok := whole(v); ok {
			return id, ""
		}
		return nil, mustID
	case def.Name == "Float":
		if f, err := strconv.ParseFloat(number(v), 64); err == nil {
			return f, ""
		}
		return nil, mustFloat
	case def.Name == "Int":
		digits, _ := whole(v)
		n, err := strconv.ParseInt(digits, 10, 32)
		if err != nil {
			return nil, mustInt
		}
		return n, ""
	}
	return v, ""
}

// refused is what a scalar finds wrong with a value that is of its form.
func (s *Strict) refused(def *ast.Definition, v any) error {
	if check := s.scalars[def.Name]; check != nil {
		return check(v)
	}
	return nil
}

func whyRefused(err error) string { return "is wrong: " + err.Error() }

// codeOf is the extensions.code of what a scalar refused.
func codeOf(err error) string {
	var coded interface{ ErrorCode() string }
	if errors.As(err, &coded) {
		return coded.ErrorCode()
	}
	return CodeInvalid
}

// object returns an input object. Fields that are absent stay so: their defaults come in
// where they are used.
func (c *checker) object(def *ast.Definition, v any, at *valuePath) any {
	fields, ok := v.(map[string]any)
	if !ok {
		c.fail(at, mustObject(def))
		return nil
	}
	out := make(map[string]any, len(fields))
	for _, f := range def.Fields {
		v, is := fields[f.Name]
		if is {
			out[f.Name] = c.value(f.Type, v, &valuePath{within: at, name: f.Name})
		} else if f.Type.NonNull && f.DefaultValue == nil {
			c.fail(&valuePath{within: at, name: f.Name}, isMissing)
		}
	}
	if len(out) < len(fields) {
		for _, name := range slices.Sorted(maps.Keys(fields)) {
			if _, known := out[name]; !known {
				c.fail(&valuePath{within: at, name: named(name)}, "is not a field of "+def.Name)
			}
		}
	}
	if def.Directives.ForName("oneOf") != nil {
		for _, v := range fields {
			if len(fields) != 1 || v == nil {
				c.fail(at, mustOne(def))
				break
			}
		}
		if len(fields) == 0 {
			c.fail(at, mustOne(def))
		}
	}
	return out
}

// maxFieldName is how long a name is that is repeated to who sent it, in bytes.
const maxFieldName = 60

// named is a field that the schema does not have, at the end of where it is. What can be
// no name is not repeated.
func named(field string) string {
	for i, r := range field {
		letter := 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || r == '_'
		if i >= maxFieldName || !letter && (i == 0 || r < '0' || r > '9') {
			return "…"
		}
	}
	return field
}

func (c *checker) fail(at *valuePath, why string) { c.failed(at, why, CodeInvalid) }

func (c *checker) failed(at *valuePath, why, code string) {
	if len(c.wrong) < maxErrors {
		e := located(c.def.Position, failuref(code, "The variable %s %s.", at.String(), why))
		e.Extensions["variable"] = at.String()
		c.wrong = append(c.wrong, e)
	}
}

// number is a JSON number's text; "" is none.
func number(v any) string {
	switch v := v.(type) {
	case json.Number:
		return v.String()
	case int, int32, int64:
		return fmt.Sprint(v)
	case float64:
		return strconv.FormatFloat(v, 'g', -1, 64)
	default:
		return ""
	}
}

// maxDigits is how many digits a whole number may have: more than any float64.
const maxDigits = 309

// whole returns a number's digits, with a minus before, where it is whole. How it is
// written makes no difference: 1.0 and 10e-1 are 1.
func whole(v any) (digits string, ok bool) {
	mantissa, exponent, _ := strings.Cut(strings.ToLower(number(v)), "e")
	mantissa, negative := strings.CutPrefix(mantissa, "-")
	units, fraction, _ := strings.Cut(mantissa, ".")
	all := units + fraction
	if units == "" || strings.Trim(all, "0123456789") != "" {
		return "", false
	}
	digits = strings.TrimRight(all, "0")
	zeros := len(all) - len(digits) - len(fraction) // the number is digits and so many zeros
	if digits = strings.TrimLeft(digits, "0"); digits == "" {
		return "0", true
	}
	if exponent != "" {
		e, err := strconv.Atoi(strings.TrimPrefix(exponent, "+"))
		if err != nil || e > maxDigits || e < -len(all) { // fewer zeros than that are there to take away
			return "", false
		}
		zeros += e
	}
	if zeros < 0 || len(digits)+zeros > maxDigits {
		return "", false
	}
	if digits += strings.Repeat("0", zeros); negative {
		digits = "-" + digits
	}
	return digits, true
}
