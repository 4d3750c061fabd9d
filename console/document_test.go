package console_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/parser"
)

// Every document that a page runs is valid against the product's schema.
func TestDocumentsFitSchema(t *testing.T) {
	schema := loadSchema(t)
	files, err := filepath.Glob("query/*.graphql")
	if err != nil || len(files) < 4 {
		t.Fatalf("documents: %v, %v", files, err)
	}
	var all string
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := parser.ParseQuery(&ast.Source{Name: name, Input: string(text)}); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		all += string(text)
	}
	doc, errs := gqlparser.LoadQueryWithRules(schema, all, nil)
	if errs != nil {
		t.Fatal(errs)
	}
	if len(doc.Operations) < 11 {
		t.Errorf("%d operations, want those of all pages", len(doc.Operations))
	}
	for _, op := range doc.Operations {
		if op.Name == "" {
			t.Error("an operation has no name")
		}
	}
}
