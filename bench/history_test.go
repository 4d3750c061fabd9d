package main

import (
	"testing"

	"github.com/vektah/gqlparser/v2"

	"procyon/console/operation"
	"procyon/graph"
)

// What the benchmark asks is what the console asks, and the schema knows it.
func TestHistoryQueriesAreTheConsoles(t *testing.T) {
	schema := graph.NewSchema(&graph.Resolver{}).Schema()
	texts, err := operation.All("..")
	if err != nil {
		t.Fatal(err)
	}
	for _, q := range historyQueries() {
		if _, err := gqlparser.LoadQueryWithRules(schema, texts[q.operation], nil); texts[q.operation] == "" || err != nil {
			t.Errorf("%s: %v", q.operation, err)
		}
	}
}
