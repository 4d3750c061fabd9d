package condition_test

import (
	"os"
	"regexp"
	"testing"
)

// What the documentation shows is a condition: its examples, and what its tables call.
func TestDocumentation(t *testing.T) {
	page, err := os.ReadFile("../../docs/policies.md")
	if err != nil {
		t.Fatal(err)
	}
	c := conditions(t)
	examples := regexp.MustCompile("(?s)```cel\n(.*?)```").FindAllSubmatch(page, -1)
	if len(examples) == 0 {
		t.Error("there are no examples")
	}
	for _, e := range examples {
		if err := c.Check(string(e[1])); err != nil {
			t.Errorf("%s%v", e[1], err)
		}
	}
	calls := regexp.MustCompile("(?m)^\\| `(\\w+\\(now, .*?\\))` \\|").FindAllSubmatch(page, -1)
	if len(calls) != 5 {
		t.Errorf("%d functions are documented", len(calls))
	}
	for _, call := range calls {
		if err := c.Check("[" + string(call[1]) + "].size() == 1"); err != nil {
			t.Errorf("%s: %v", call[1], err)
		}
	}
}
