package transport

import (
	"maps"
	"slices"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/lexer"
)

// ResumeAfter makes a subscription begin after the cursor, by its root field's
// argument "after", whatever the client had put there. It changes op but nothing
// that op shares with others: documents are cached.
//
// Where the argument is a variable that serves no other purpose, its value is
// set, so that the operation stays the one that others have sent too. Else the
// operation is copied as far as the argument.
func ResumeAfter(op *graphql.OperationContext, cursor string) error {
	r := &resumer{op: op, cursor: cursor}
	set := r.selections(op.Operation.SelectionSet)
	if !r.found {
		return failuref(CodeBadRequest, "The subscription has no argument after, so Last-Event-ID cannot resume it.")
	}
	if r.variable != "" {
		variables := maps.Clone(op.Variables)
		if variables == nil {
			variables = map[string]any{}
		}
		variables[r.variable] = cursor
		op.Variables = variables
		return nil
	}
	operation := *op.Operation
	operation.SelectionSet = set
	op.Operation = &operation
	return nil
}

type resumer struct {
	op       *graphql.OperationContext
	cursor   string
	found    bool
	variable string // the one to set
}

// selections returns a copy of the root's selections with the argument set.
func (r *resumer) selections(set ast.SelectionSet) ast.SelectionSet {
	set = slices.Clone(set)
	for i, selection := range set {
		switch s := selection.(type) {
		case *ast.Field:
			set[i] = r.field(s)
		case *ast.InlineFragment:
			fragment := *s
			fragment.SelectionSet = r.selections(s.SelectionSet)
			set[i] = &fragment
		case *ast.FragmentSpread:
			set[i] = r.inline(s)
		}
	}
	return set
}

// inline writes a fragment out: as a fragment it belongs to the document.
func (r *resumer) inline(s *ast.FragmentSpread) ast.Selection {
	fragment := r.op.Doc.Fragments.ForName(s.Name)
	if fragment == nil { // the validator has seen to it
		return s
	}
	return &ast.InlineFragment{
		TypeCondition:    fragment.TypeCondition,
		Directives:       s.Directives,
		SelectionSet:     r.selections(fragment.SelectionSet),
		Position:         s.Position,
		ObjectDefinition: s.ObjectDefinition,
	}
}

func (r *resumer) field(f *ast.Field) *ast.Field {
	if f.Definition == nil {
		return f
	}
	def := f.Definition.Arguments.ForName("after")
	if def == nil {
		return f
	}
	r.found = true
	index := slices.IndexFunc(f.Arguments, func(a *ast.Argument) bool { return a.Name == "after" })
	if index >= 0 {
		if v := f.Arguments[index].Value; v.Kind == ast.Variable && usedOnce(r.op.RawQuery, v.Raw) {
			r.variable = v.Raw
			return f
		}
	}
	after := &ast.Argument{Name: "after", Position: f.Position, Value: &ast.Value{
		Raw: r.cursor, Kind: ast.StringValue, Position: f.Position, ExpectedType: def.Type,
	}}
	field := *f
	field.Arguments = slices.Clone(f.Arguments)
	if index >= 0 {
		field.Arguments[index] = after
	} else {
		field.Arguments = append(field.Arguments, after)
	}
	return &field
}

// usedOnce reports whether a query has the variable in its definition and in one
// more place. A document of several operations may give a no for a yes.
func usedOnce(query, name string) bool {
	lex := lexer.New(&ast.Source{Input: query})
	places, dollar := 0, false
	for {
		token, err := lex.ReadToken()
		if err != nil || token.Kind == lexer.EOF {
			return err == nil && places == 2
		}
		if dollar && token.Kind == lexer.Name && token.Value == name {
			places++
		}
		dollar = token.Kind == lexer.Dollar
	}
}
