package transport_test

import (
	"context"
	"fmt"
	"runtime"
	"strings"
	"testing"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"

	"procyon/graph/transport"
)

func everybody(context.Context) bool { return true }

func TestDocumentsAreKeptUpToABound(t *testing.T) {
	c := transport.NewDocuments(3*(4096+3*400+20), everybody)
	doc := func(i int) string { return fmt.Sprintf("{leaf%010d}", i) } // three tokens
	kept := func(i int) bool {
		_, ok := c.Get(t.Context(), doc(i))
		return ok
	}
	for i := range 3 {
		c.Add(t.Context(), doc(i), &ast.QueryDocument{})
		c.Add(t.Context(), doc(i), &ast.QueryDocument{}) // counts once
	}
	if !kept(0) || !kept(1) || !kept(2) {
		t.Fatal("three fit")
	}
	kept(0) // used
	c.Add(t.Context(), doc(3), &ast.QueryDocument{})
	if !kept(0) || kept(1) || !kept(2) || !kept(3) {
		t.Error("what was not used for the longest time should have gone, and nothing else")
	}
	c.Add(t.Context(), strings.Repeat("a ", 10_000), &ast.QueryDocument{})
	if !kept(0) || !kept(2) || !kept(3) {
		t.Error("what would not fit at all pushed others out")
	}
}

func TestDocumentsAreClosedToStrangers(t *testing.T) {
	known := false
	c := transport.NewDocuments(1<<20, func(context.Context) bool { return known })
	c.Add(t.Context(), "{a}", &ast.QueryDocument{})
	known = true
	if _, ok := c.Get(t.Context(), "{a}"); ok {
		t.Error("a stranger's document was kept")
	}
	c.Add(t.Context(), "{a}", &ast.QueryDocument{})
	known = false
	if _, ok := c.Get(t.Context(), "{a}"); ok {
		t.Error("a stranger was given a document")
	}
}

// What documents are said to weigh is held against what the runtime measures, for those
// that grow most when they are parsed.
func TestDocumentsWeighNoLessThanTheyDo(t *testing.T) {
	const budget = 8 << 20
	for name, document := range map[string]string{
		"fields":     "{" + strings.Repeat("leaf ", 990) + "}",
		"numbers":    "query q%d{pick(ids:[" + strings.Repeat("1 ", 980) + "]){leaf}}",
		"lists":      "{pick(of:[" + strings.Repeat("[1]", 320) + "]){leaf}}",
		"objects":    "{pick(in:{all:[" + strings.Repeat("{ids:1}", 190) + "]}){leaf}}",
		"fragments":  "{" + strings.Repeat("...on Query{tree{leaf}}", 110) + "}",
		"directives": "{tree{leaf" + strings.Repeat("@mark ", 490) + "}}",
		"variables":  "query(" + strings.Repeat("$v%d:Int ", 1) + "){page(first:$v%d){leaf}}",
	} {
		t.Run(name, func(t *testing.T) {
			c := transport.NewDocuments(budget, everybody)
			e := treeExecutor(transport.Limits{}, nil)
			e.SetQueryCache(c)
			before := heap()
			for i := range 60 {
				text := strings.ReplaceAll(document, "%d", fmt.Sprint(i)) + fmt.Sprintf("#%d", i)
				ctx := graphql.StartOperationTrace(t.Context())
				if _, errs := e.CreateOperationContext(ctx, &graphql.RawParams{Query: text, Variables: map[string]any{}}); len(errs) > 0 && errs[0].Extensions["code"] == "GRAPHQL_PARSE_FAILED" {
					t.Fatal(errs)
				}
			}
			if grown := heap() - before; grown > budget {
				t.Errorf("the cache holds %d bytes of memory; it may hold %d", grown, budget)
			}
			runtime.KeepAlive(c)
		})
	}
}

// heap is how many bytes are in use.
func heap() int {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int(m.HeapAlloc)
}
