package transport_test

import (
	"encoding/json"
	"testing"
)

// TestGraphQLOverHTTPAudit runs all rules of the npm package graphql-http, the
// reference for the GraphQL over HTTP specification.
func TestGraphQLOverHTTPAudit(t *testing.T) {
	url := newHTTPBed(t).url
	lines, failed := runNode(t, "audit.mjs", url)
	kept := 0
	for _, line := range lines {
		var r struct{ ID, Name, Status, Reason string }
		if err := json.Unmarshal(line, &r); err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		if r.Status == "ok" {
			kept++
			continue
		}
		t.Errorf("%s %s: %s", r.ID, r.Name, r.Reason)
	}
	if failed || kept != 61 || len(lines) != 61 {
		t.Errorf("kept %d of %d rules, want 61 of 61", kept, len(lines))
	}
}
