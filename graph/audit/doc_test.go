package audit_test

import (
	"os"
	"strings"
	"testing"

	"procyon/graph/audit"
)

// The page on exports names every kind that one can ask for.
func TestTheDocumentationNamesAllKinds(t *testing.T) {
	page, err := os.ReadFile("../../docs/audit.md")
	if err != nil {
		t.Fatal(err)
	}
	for kind := range audit.SubjectKinds() {
		if !strings.Contains(string(page), "`"+kind+"`") {
			t.Errorf("docs/audit.md does not name the kind %s", kind)
		}
	}
}
