package transport

import (
	"strconv"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
	"github.com/vektah/gqlparser/v2/validator/core"
)

// scalarRule is the name of the rule of custom scalars' values.
const scalarRule = "ScalarValues"

// literalRule is the validator's rule that values written in a document are of their
// types, in place of its own, which looks at no number's size. Custom scalars are left
// to scalarRule.
func (s *Strict) literalRule(on *core.Events, fail core.AddErrFunc) {
	told := map[*ast.Value]bool{} // a fragment is looked at more than once
	on.OnValue(func(_ *core.Walker, v *ast.Value) {
		if v.Definition == nil || v.ExpectedType == nil || told[v] {
			return
		}
		for _, why := range s.literal(v) {
			told[v] = true
			fail(core.Message("%s", why), core.At(v.Position))
		}
	})
}

// scalarRule is the rule that values written in a document are what their custom scalars
// must be.
func (s *Strict) scalarRule(on *core.Events, fail core.AddErrFunc) {
	told := map[*ast.Value]bool{}
	on.OnValue(func(_ *core.Walker, v *ast.Value) {
		if v.Definition == nil || v.ExpectedType == nil || told[v] || !custom(v.Definition) && s.scalars[v.Definition.Name] == nil || v.Kind == ast.Variable || v.Kind == ast.NullValue {
			return
		}
		if v.Kind == ast.ListValue && v.ExpectedType.Elem != nil {
			return // its elements are looked at themselves
		}
		if err := s.refused(v.Definition, plain(v)); err != nil {
			told[v] = true
			fail(core.Message("This value %s.", whyRefused(err)), core.At(v.Position), func(e *gqlerror.Error) { e.Err = err })
		}
	})
}

// enumLiteral is a name, which is no string.
type enumLiteral string

// plain is a value of a document as a scalar sees it.
func plain(v *ast.Value) any {
	if v.Kind == ast.EnumValue {
		return enumLiteral(v.Raw)
	}
	out, err := v.Value(nil)
	if err != nil {
		return nil // a number beyond what there is
	}
	return out
}

// literal says what is wrong with one value itself, not with those in it.
func (s *Strict) literal(v *ast.Value) []string {
	def := v.Definition
	switch {
	case v.Kind == ast.Variable:
		return nil
	case v.Kind == ast.NullValue:
		return unless(!v.ExpectedType.NonNull, mustHave)
	case v.Kind == ast.ListValue && v.ExpectedType.Elem != nil, custom(def):
		return nil
	case def.Kind == ast.Enum:
		return unless(v.Kind == ast.EnumValue && def.EnumValues.ForName(v.Raw) != nil, mustEnum(def))
	case def.Kind == ast.InputObject && v.Kind == ast.ObjectValue:
		return literalObject(v)
	case def.Kind == ast.InputObject:
		return unless(false, mustObject(def))
	}
	text := v.Kind == ast.StringValue || v.Kind == ast.BlockValue
	switch def.Name {
	case "Int":
		return unless(v.Kind == ast.IntValue && fits(v.Raw, 32), mustInt)
	case "Float":
		_, err := strconv.ParseFloat(v.Raw, 64)
		return unless((v.Kind == ast.IntValue && fits(v.Raw, 64) || v.Kind == ast.FloatValue) && err == nil, mustFloat)
	case "String":
		return unless(text, mustString)
	case "Boolean":
		return unless(v.Kind == ast.BooleanValue, mustBoolean)
	default:
		return unless(text || v.Kind == ast.IntValue && fits(v.Raw, 64), mustID)
	}
}

// fits tells whether a whole number has at most so many bits: what runs the operation
// knows no longer ones than 64.
func fits(raw string, bits int) bool {
	_, err := strconv.ParseInt(raw, 10, bits)
	return err == nil
}

func unless(good bool, must string) []string {
	if good {
		return nil
	}
	return []string{"This value " + must + "."}
}

// literalObject says what is wrong with the fields of an input object.
func literalObject(v *ast.Value) (wrong []string) {
	def := v.Definition
	for _, f := range def.Fields {
		if f.Type.NonNull && f.DefaultValue == nil && v.Children.ForName(f.Name) == nil {
			wrong = append(wrong, "The field "+f.Name+" of "+def.Name+" "+isMissing+".")
		}
	}
	for _, child := range v.Children {
		if def.Fields.ForName(child.Name) == nil {
			wrong = append(wrong, child.Name+" is not a field of "+def.Name+".")
		}
	}
	if def.Directives.ForName("oneOf") != nil && (len(v.Children) != 1 || v.Children[0].Value.Kind == ast.NullValue) {
		wrong = append(wrong, "This value "+mustOne(def)+".")
	}
	return wrong
}
