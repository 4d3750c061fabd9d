package app

import (
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"procyon/console/operation"
)

// The shortest limit that can be set for an operation's text lets all of the console's
// and the workers' pass.
func TestOwnOperationsFitTheLeastLimit(t *testing.T) {
	files, err := filepath.Glob("../../*/operations_gen.go")
	if err != nil || len(files) < 4 {
		t.Fatalf("generated operations: %v, %v", files, err)
	}
	constant := regexp.MustCompile("(?s)const (\\w+)_Operation = `(.*?)`")
	for _, name := range files {
		source, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		found := constant.FindAllSubmatch(source, -1)
		if len(found) == 0 {
			t.Errorf("%s: no operations", name)
		}
		for _, f := range found {
			if size := len(f[2]); size >= minQuery {
				t.Errorf("%s: %s has %d bytes, and %d can be the limit", name, f[1], size, minQuery)
			}
		}
	}
	texts, err := operation.All("../..")
	if err != nil || len(texts) < 20 {
		t.Fatalf("the console's operations: %v, %v", len(texts), err)
	}
	for name, text := range texts {
		if len(text) >= minQuery {
			t.Errorf("the console: %s has %d bytes, and %d can be the limit", name, len(text), minQuery)
		}
	}
}
