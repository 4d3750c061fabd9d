package main

import (
	"testing"

	"github.com/vektah/gqlparser/v2"

	"procyon/graph"
)

// What the benchmark asks is what the console asks, and the schema knows it.
func TestHistoryQueriesAreTheConsoles(t *testing.T) {
	schema := graph.NewSchema(&graph.Resolver{}).Schema()
	for _, q := range historyQueries() {
		text, err := consoleOperation("..", q.operation)
		if err != nil {
			t.Error(err)
			continue
		}
		if _, err := gqlparser.LoadQueryWithRules(schema, text, nil); err != nil {
			t.Errorf("%s: %v", q.operation, err)
		}
	}
}
