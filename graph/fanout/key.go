package fanout

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"hash"
	"maps"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/lexer"
)

// key names the group that an operation belongs to. Two subscribers share one
// only if all of these are equal: the document, token by token; the operation's
// name; the values of all variables, but for one that is used for nothing but
// the position to start at; the request's extensions; the viewer's scope; and, where the results depend on
// the viewer, the viewer.
func (f *Fanout) key(ctx context.Context, op *graphql.OperationContext) (key string, shareable bool) {
	scope, shareable := f.opt.Scope(ctx)
	if !shareable {
		return "", false
	}
	variables := maps.Clone(op.Variables)
	if name := afterVariable(op); name != "" {
		delete(variables, name)
	}
	// The keys of maps come out sorted.
	values, err := json.Marshal([]any{variables, op.Extensions})
	if err != nil {
		return "", false
	}
	sum := sha256.New()
	if !addDocument(sum, op.RawQuery) {
		return "", false
	}
	add(sum, op.OperationName)
	add(sum, string(values))
	add(sum, scope)
	if op.DisableIntrospection {
		add(sum, "no introspection")
	}
	if f.opt.ViewerDependent(op) {
		add(sum, "viewer")
		add(sum, f.opt.ViewerID(ctx))
	}
	return string(sum.Sum(nil)), true
}

// add writes a part so that no two lists of parts are written alike.
func add(sum hash.Hash, part string) {
	var size [8]byte
	binary.BigEndian.PutUint64(size[:], uint64(len(part)))
	sum.Write(size[:])
	sum.Write([]byte(part))
}

// addDocument writes the tokens of a query: white space, commas and comments
// make no difference, anything else does.
func addDocument(sum hash.Hash, query string) bool {
	lex := lexer.New(&ast.Source{Input: query})
	for {
		token, err := lex.ReadToken()
		if err != nil {
			return false
		}
		if token.Kind == lexer.EOF {
			add(sum, "end")
			return true
		}
		if token.Kind == lexer.Comment {
			continue
		}
		add(sum, token.Kind.Name())
		add(sum, token.Value)
	}
}

// afterVariable names the variable that the root field's argument "after" takes
// its value from, if nothing else in the document uses it; "" otherwise.
func afterVariable(op *graphql.OperationContext) string {
	uses := map[string]int{}
	count := &counter{doc: op.Doc, uses: uses}
	for _, o := range op.Doc.Operations {
		count.directives(o.Directives)
		count.selections(o.SelectionSet)
	}
	for _, fragment := range op.Doc.Fragments {
		count.directives(fragment.Directives)
		count.selections(fragment.SelectionSet)
	}
	for _, selection := range op.Operation.SelectionSet {
		field, ok := selection.(*ast.Field)
		if !ok {
			continue
		}
		arg := field.Arguments.ForName("after")
		if arg != nil && arg.Value.Kind == ast.Variable && uses[arg.Value.Raw] == 1 {
			return arg.Value.Raw
		}
	}
	return ""
}

// counter counts where a document uses its variables.
type counter struct {
	doc  *ast.QueryDocument
	uses map[string]int
}

func (c *counter) selections(set ast.SelectionSet) {
	for _, selection := range set {
		switch selection := selection.(type) {
		case *ast.Field:
			c.arguments(selection.Arguments)
			c.directives(selection.Directives)
			c.selections(selection.SelectionSet)
		case *ast.InlineFragment:
			c.directives(selection.Directives)
			c.selections(selection.SelectionSet)
		case *ast.FragmentSpread:
			c.directives(selection.Directives)
		}
	}
}

func (c *counter) directives(list ast.DirectiveList) {
	for _, d := range list {
		c.arguments(d.Arguments)
	}
}

func (c *counter) arguments(list ast.ArgumentList) {
	for _, a := range list {
		c.value(a.Value)
	}
}

func (c *counter) value(v *ast.Value) {
	if v == nil {
		return
	}
	if v.Kind == ast.Variable {
		c.uses[v.Raw]++
	}
	for _, child := range v.Children {
		c.value(child.Value)
	}
}
