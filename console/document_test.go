package console_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/vektah/gqlparser/v2"
)

// Every document that a page runs is valid against the product's schema.
func TestDocumentsFitSchema(t *testing.T) {
	schema := loadSchema(t)
	files, err := filepath.Glob("query/*.graphql")
	if err != nil || len(files) < 8 {
		t.Fatalf("documents: %v, %v", files, err)
	}
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		doc, errs := gqlparser.LoadQueryWithRules(schema, string(text), nil)
		if errs != nil {
			t.Errorf("%s: %v", name, errs)
			continue
		}
		if len(doc.Operations) != 1 || doc.Operations[0].Name == "" {
			t.Errorf("%s: want one named operation", name)
		}
	}
}
