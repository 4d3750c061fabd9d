// Package operation reads what the console's application asks of the API from its sources,
// for tests and benchmarks that ask the same.
package operation

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/formatter"
	"github.com/vektah/gqlparser/v2/parser"
)

// document is what stands between the backticks of graphql(`…`).
var document = regexp.MustCompile("graphql\\(\\s*`([^`]*)`")

// All returns the text of each operation by its name, with the fragments that it needs. root
// is the repository's folder. It fails where two operations or fragments have one name.
func All(root string) (map[string]string, error) {
	var all ast.QueryDocument
	err := filepath.WalkDir(filepath.Join(root, "console", "web", "src"), func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || strings.Contains(path, ".test.") {
			return err
		}
		source, err := os.ReadFile(path) //nolint:gosec // G122: the sources of this repository
		if err != nil {
			return err
		}
		for _, m := range document.FindAllSubmatch(source, -1) {
			doc, err := parser.ParseQuery(&ast.Source{Name: path, Input: string(m[1])})
			if err != nil {
				return err
			}
			all.Operations, all.Fragments = append(all.Operations, doc.Operations...), append(all.Fragments, doc.Fragments...)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	out, fragments := map[string]string{}, map[string]bool{}
	for _, f := range all.Fragments {
		if fragments[f.Name] {
			return nil, fmt.Errorf("two fragments are called %s", f.Name)
		}
		fragments[f.Name] = true
	}
	for _, op := range all.Operations {
		if out[op.Name] != "" {
			return nil, fmt.Errorf("two operations are called %s", op.Name)
		}
		whole := ast.QueryDocument{Operations: ast.OperationList{op}}
		spread(op.SelectionSet, all.Fragments, &whole.Fragments)
		var text strings.Builder
		formatter.NewFormatter(&text).FormatQueryDocument(&whole)
		out[op.Name] = text.String()
	}
	return out, nil
}

// spread adds the fragments that a selection needs, each once.
func spread(set ast.SelectionSet, all ast.FragmentDefinitionList, needed *ast.FragmentDefinitionList) {
	for _, s := range set {
		switch s := s.(type) {
		case *ast.Field:
			spread(s.SelectionSet, all, needed)
		case *ast.InlineFragment:
			spread(s.SelectionSet, all, needed)
		case *ast.FragmentSpread:
			if f := all.ForName(s.Name); f != nil && needed.ForName(s.Name) == nil {
				*needed = append(*needed, f)
				spread(f.SelectionSet, all, needed)
			}
		}
	}
}
