package main

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

// document is what stands between the backticks of graphql(`…`) in the console's sources.
var document = regexp.MustCompile("graphql\\(\\s*`([^`]*)`")

// consoleOperation returns the text of one of the console's operations with the fragments
// that it needs, as the console sends it. root is the repository's.
func consoleOperation(root, name string) (string, error) {
	folder := filepath.Join(root, "console", "web", "src")
	var all ast.QueryDocument
	err := filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || strings.Contains(path, ".test.") {
			return err
		}
		source, err := os.ReadFile(path)
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
		return "", err
	}
	op := all.Operations.ForName(name)
	if op == nil {
		return "", fmt.Errorf("%s has no operation %s", folder, name)
	}
	out := ast.QueryDocument{Operations: ast.OperationList{op}}
	spread(op.SelectionSet, all.Fragments, &out.Fragments)
	var text strings.Builder
	formatter.NewFormatter(&text).FormatQueryDocument(&out)
	return text.String(), nil
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
