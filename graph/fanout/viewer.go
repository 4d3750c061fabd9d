package fanout

import (
	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
)

// ViewerDependent makes Options.ViewerDependent from a schema: an operation
// depends on the viewer if it selects a field, anywhere, or gives a value other
// than null to an argument or input field, whose definition has the directive
// @viewerDependent. A field of an interface counts as those of all types that
// implement it. What @skip and @include leave out counts too.
func ViewerDependent(schema *ast.Schema) func(op *graphql.OperationContext) bool {
	return func(op *graphql.OperationContext) bool {
		w := &viewerWalk{schema: schema, variables: op.Variables, seen: map[string]bool{}}
		return w.selections(op.Operation.SelectionSet)
	}
}

const viewerDirective = "viewerDependent"

type viewerWalk struct {
	schema    *ast.Schema
	variables map[string]any
	seen      map[string]bool // fragments
}

func (w *viewerWalk) selections(set ast.SelectionSet) bool {
	for _, selection := range set {
		switch selection := selection.(type) {
		case *ast.Field:
			if w.field(selection) || w.selections(selection.SelectionSet) {
				return true
			}
		case *ast.InlineFragment:
			if w.selections(selection.SelectionSet) {
				return true
			}
		case *ast.FragmentSpread:
			if w.seen[selection.Name] {
				continue
			}
			w.seen[selection.Name] = true
			if selection.Definition == nil || w.selections(selection.Definition.SelectionSet) {
				return true
			}
		}
	}
	return false
}

func (w *viewerWalk) field(f *ast.Field) bool {
	if f.Definition == nil || f.ObjectDefinition == nil || marked(f.Definition.Directives) {
		return true
	}
	if f.ObjectDefinition.IsAbstractType() {
		for _, t := range w.schema.GetPossibleTypes(f.ObjectDefinition) {
			if d := t.Fields.ForName(f.Name); d != nil && marked(d.Directives) {
				return true
			}
		}
	}
	values := f.ArgumentMap(w.variables)
	for _, a := range f.Definition.Arguments {
		if v := values[a.Name]; v != nil && (marked(a.Directives) || w.input(a.Type, v)) {
			return true
		}
	}
	return false
}

func (w *viewerWalk) input(t *ast.Type, value any) bool {
	if t.Elem != nil {
		list, ok := value.([]any)
		if !ok {
			return w.input(t.Elem, value) // one value stands for a list of one
		}
		for _, v := range list {
			if v != nil && w.input(t.Elem, v) {
				return true
			}
		}
		return false
	}
	object, ok := value.(map[string]any)
	if !ok {
		return false
	}
	definition := w.schema.Types[t.NamedType]
	if definition == nil {
		return true
	}
	for _, f := range definition.Fields {
		if v := object[f.Name]; v != nil && (marked(f.Directives) || w.input(f.Type, v)) {
			return true
		}
	}
	return false
}

func marked(list ast.DirectiveList) bool {
	return list.ForName(viewerDirective) != nil
}
