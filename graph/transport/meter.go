package transport

import (
	"encoding/json"
	"reflect"
	"strconv"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
)

// meter adds up an operation as if its fragments were written out, and stops at
// the first limit, so that a document of fragments within fragments, whose size
// written out is exponential, costs no more to refuse than one that is allowed.
type meter struct {
	limits     Limits
	op         *graphql.OperationContext
	cost       int
	aliases    int
	directives int
	steps      int
}

// place is where in the operation the meter is.
type place struct {
	depth    int // of the fields around
	maxDepth int
	factor   int // by which the fields around multiply
}

// stepsPerCost bounds the selections looked at, spreads included, which have no
// cost of their own: a document would have to be all spreads to need so many.
const stepsPerCost = 10

func (m *meter) operation() *gqlerror.Error {
	if err := m.applied(m.op.Operation.Directives); err != nil {
		return err
	}
	for _, v := range m.op.Operation.VariableDefinitions {
		if err := m.applied(v.Directives); err != nil {
			return err
		}
	}
	return m.selections(m.op.Operation.SelectionSet, place{maxDepth: m.limits.Depth, factor: 1})
}

func (m *meter) selections(set ast.SelectionSet, at place) *gqlerror.Error {
	for _, selection := range set {
		m.steps++
		if m.steps/stepsPerCost > m.limits.Cost {
			return m.costly(selection.GetPosition())
		}
		if err := m.selection(selection, at); err != nil {
			return err
		}
	}
	return nil
}

func (m *meter) selection(selection ast.Selection, at place) *gqlerror.Error {
	switch s := selection.(type) {
	case *ast.Field:
		return m.field(s, at)
	case *ast.InlineFragment:
		if err := m.applied(s.Directives); err != nil {
			return err
		}
		return m.selections(s.SelectionSet, at)
	case *ast.FragmentSpread:
		if err := m.applied(s.Directives); err != nil {
			return err
		}
		fragment := m.op.Doc.Fragments.ForName(s.Name)
		if fragment == nil { // the validator has seen to it
			return nil
		}
		if err := m.applied(fragment.Directives); err != nil {
			return err
		}
		return m.selections(fragment.SelectionSet, at)
	}
	return nil
}

func (m *meter) field(f *ast.Field, at place) *gqlerror.Error {
	if err := m.applied(f.Directives); err != nil {
		return err
	}
	if f.Alias != f.Name {
		if m.aliases++; m.aliases > m.limits.Aliases {
			return located(f.Position, failuref(CodeTooManyAliases, "The operation renames more than %d fields.", m.limits.Aliases))
		}
	}
	if at.depth == 0 && (f.Name == "__schema" || f.Name == "__type") {
		at.maxDepth = m.limits.IntrospectionDepth
	}
	if at.depth++; at.depth > at.maxDepth {
		return located(f.Position, failuref(CodeTooDeep, "The operation is nested more than %d levels deep.", at.maxDepth))
	}
	if m.cost += at.factor; m.cost > m.limits.Cost {
		return m.costly(f.Position)
	}
	for _, arg := range f.Arguments {
		if err := m.lists(arg.Value, at.factor); err != nil {
			return err
		}
	}
	at.factor = m.multiply(at.factor, m.size(f))
	return m.selections(f.SelectionSet, at)
}

// multiply stops a little over the limit, where nothing is allowed any more.
func (m *meter) multiply(factor, size int) int {
	over := m.limits.Cost + 1
	if size > over/factor {
		return over
	}
	return factor * size
}

// lists counts the elements of the lists in an argument as written in the document.
func (m *meter) lists(v *ast.Value, factor int) *gqlerror.Error {
	if v.Kind == ast.Variable {
		return m.listsIn(v, m.op.Variables[v.Raw], factor)
	}
	if v.Kind == ast.ListValue {
		if err := m.list(v, len(v.Children), factor); err != nil {
			return err
		}
	}
	for _, child := range v.Children {
		if err := m.lists(child.Value, factor); err != nil {
			return err
		}
	}
	return nil
}

// listsIn counts the elements of the lists in a variable's value, at its place in the
// document. A single value where the schema has a list came as a slice of its own type.
func (m *meter) listsIn(at *ast.Value, value any, factor int) *gqlerror.Error {
	v := reflect.ValueOf(value)
	switch v.Kind() {
	case reflect.Slice:
		if err := m.list(at, v.Len(), factor); err != nil {
			return err
		}
		for i := range v.Len() {
			if err := m.listsIn(at, v.Index(i).Interface(), factor); err != nil {
				return err
			}
		}
	case reflect.Map:
		for _, element := range v.Seq2() {
			if err := m.listsIn(at, element.Interface(), factor); err != nil {
				return err
			}
		}
	default:
	}
	return nil
}

// list counts one list of n elements.
func (m *meter) list(at *ast.Value, n, factor int) *gqlerror.Error {
	if n > m.limits.List {
		return located(at.Position, failuref(CodeListTooLong, "A list in an argument has %d elements; at most %d are taken.", n, m.limits.List))
	}
	if m.cost += n * factor; m.cost > m.limits.Cost {
		return m.costly(at.Position)
	}
	return nil
}

// size returns how many of the fields beneath f there may be, at least 1.
func (m *meter) size(f *ast.Field) int {
	if f.Definition == nil {
		return 1
	}
	if d := f.Definition.Directives.ForName("listSize"); d != nil {
		return m.listSize(d, f)
	}
	pages, given, size := false, false, 1
	for _, name := range []string{"first", "last"} {
		def := f.Definition.Arguments.ForName(name)
		if def == nil {
			continue
		}
		pages = true
		if n, ok := m.number(def, f.Arguments.ForName(name)); ok {
			given, size = true, max(size, n)
		}
	}
	if pages && !given {
		return m.limits.ListSize
	}
	return size
}

// listSize is the size of a list without pages, as @listSize says.
func (m *meter) listSize(d *ast.Directive, f *ast.Field) int {
	size := 1
	if a := d.Arguments.ForName("assumedSize"); a != nil {
		n, _ := strconv.Atoi(a.Value.Raw)
		size = max(size, n)
	}
	if a := d.Arguments.ForName("slicingArguments"); a != nil {
		for _, name := range a.Value.Children {
			if arg := f.Arguments.ForName(name.Value.Raw); arg != nil {
				size = max(size, m.length(arg.Value))
			}
		}
	}
	return size
}

// length is how many elements the list of an argument has.
func (m *meter) length(v *ast.Value) int {
	if v.Kind == ast.ListValue {
		return len(v.Children)
	}
	if list := reflect.ValueOf(m.op.Variables[v.Raw]); v.Kind == ast.Variable && list.Kind() == reflect.Slice {
		return list.Len()
	}
	return 1
}

// number returns an argument's value, or its default; false where neither is a
// number. What does not fit is over the limit anyway.
func (m *meter) number(def *ast.ArgumentDefinition, arg *ast.Argument) (int, bool) {
	value := def.DefaultValue
	if arg != nil {
		value = arg.Value
		if _, set := m.op.Variables[value.Raw]; value.Kind == ast.Variable && !set {
			value = def.DefaultValue
		}
	}
	v, err := value.Value(m.op.Variables)
	if err != nil {
		return m.limits.Cost + 1, true
	}
	var n int64
	switch v := v.(type) {
	case int64:
		n = v
	case int:
		n = int64(v)
	case float64:
		n = int64(min(v, 1<<40))
	case json.Number:
		if n, err = v.Int64(); err != nil {
			n = int64(m.limits.Cost) + 1
		}
	default:
		return 0, false
	}
	return int(min(n, int64(m.limits.Cost)+1)), true
}

// applied counts directives.
func (m *meter) applied(list ast.DirectiveList) *gqlerror.Error {
	if m.directives += len(list); m.directives > m.limits.Directives {
		return located(list[0].Position, failuref(CodeTooManyDirectives, "The operation applies more than %d directives.", m.limits.Directives))
	}
	return nil
}

func (m *meter) costly(at *ast.Position) *gqlerror.Error {
	return located(at, failuref(CodeTooCostly, "The operation costs more than %d. Ask for fewer fields, or for shorter lists with first or last.", m.limits.Cost))
}

// located says where in the document the error is.
func located(at *ast.Position, err *gqlerror.Error) *gqlerror.Error {
	if at != nil {
		err.Locations = []gqlerror.Location{{Line: at.Line, Column: at.Column}}
	}
	return err
}
