package app

import (
	"context"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2"

	"procyon/console/operation"
	"procyon/graph"
	"procyon/graph/transport"
)

// ownOperations are the texts of all that the console and the workers ask of the API.
func ownOperations(t *testing.T) map[string]string {
	t.Helper()
	files, err := filepath.Glob("../../*/operations_gen.go")
	deeper, _ := filepath.Glob("../../*/*/operations_gen.go")
	files = append(files, deeper...)
	if err != nil || len(files) < 4 {
		t.Fatalf("generated operations: %v, %v", files, err)
	}
	constant := regexp.MustCompile("(?s)const (\\w+)_Operation = `(.*?)`")
	own := map[string]string{}
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
			own[name+": "+string(f[1])] = string(f[2])
		}
	}
	texts, err := operation.All("../..")
	if err != nil || len(texts) < 20 {
		t.Fatalf("the console's operations: %v, %v", len(texts), err)
	}
	for name, text := range texts {
		own["the console: "+name] = text
	}
	return own
}

// The shortest limit that can be set for an operation's text lets all of the console's
// and the workers' pass.
func TestOwnOperationsFitTheLeastLimit(t *testing.T) {
	for name, text := range ownOperations(t) {
		if len(text) >= minQuery {
			t.Errorf("%s has %d bytes, and %d can be the limit", name, len(text), minQuery)
		}
	}
}

// No operation of the console and the workers comes near what one may cost, with the
// longest pages and lists of IDs that their sources ask for.
func TestOwnOperationsAreCheap(t *testing.T) {
	const (
		room = 0.8 // of the limit: more fields can come
		ids  = 100
		most = 100 // of the workers' pages
	)
	// The bot's lists show 10; Endless, Catalog and the page Slack say how long the pages of the console's lists are.
	pages := map[string]int{"listRequests": 10, "ReadList": 50, "ReadDeliveries": 50, "ReadCatalog": 20, "readSlackAdmin": 25, "ReadResources": 50, "ReadAccounts": 50, "ReadGateways": 50, "ReadJournal": 50}
	schema := graph.NewExecutableSchema(graph.Config{}).Schema()
	limits := transport.DefaultLimits()
	for name, text := range ownOperations(t) {
		doc, errs := gqlparser.LoadQueryWithRules(schema, text, nil)
		if errs != nil {
			t.Errorf("%s: %v", name, errs)
			continue
		}
		variables := map[string]any{}
		for _, v := range doc.Operations[0].VariableDefinitions {
			switch {
			case v.Variable == "first":
				n, ok := pages[doc.Operations[0].Name]
				if !ok && strings.HasPrefix(name, "the console: ") {
					t.Errorf("%s: how long are its pages?", name)
				}
				if !ok {
					n = most
				}
				variables["first"] = n
			case v.Type.Elem != nil && strings.HasSuffix(v.Variable, "ds"):
				variables[v.Variable] = make([]any, ids)
			}
		}
		op := &graphql.OperationContext{Doc: doc, Operation: doc.Operations[0], Variables: variables}
		if err := limits.MutateOperationContext(context.Background(), op); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		cost, _ := op.Stats.GetExtension("cost").(int)
		t.Logf("%5d %s", cost, name)
		if cost == 0 || float64(cost) > room*float64(limits.Cost) {
			t.Errorf("%s costs %d, and %d is the limit: ask for fewer fields, or for shorter pages", name, cost, limits.Cost)
		}
	}
}
