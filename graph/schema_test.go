package graph_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2/ast"
)

// A refusal of one field must not erase what stands beside it, such as what a mutation
// in the same operation has done.
func TestWhatCanBeRefusedIsNullable(t *testing.T) {
	found := 0
	for _, typ := range newBed(t).schema.Types {
		for _, f := range typ.Fields {
			auth := f.Directives.ForName("auth")
			if auth == nil || auth.ArgumentMap(nil)["public"] == true {
				continue
			}
			found++
			if f.Type.NonNull {
				t.Errorf("%s.%s can be refused and is never null", typ.Name, f.Name)
			}
		}
	}
	if found < 50 {
		t.Errorf("only %d fields can be refused", found)
	}
}

// One id names one object: caches keep objects by it.
func TestOnlyNodesHaveAnID(t *testing.T) {
	schema := newBed(t).schema
	nodes := schema.PossibleTypes["Node"]
	for _, typ := range schema.Types {
		if typ.Kind != ast.Object && typ.Kind != ast.Interface || typ.Name == "Node" || typ.Fields.ForName("id") == nil {
			continue
		}
		if !slices.Contains(nodes, typ) {
			t.Errorf("%s has an id and is no Node", typ.Name)
		}
	}
}

// A mutation that was carried out says so, also beside a field that is refused.
func TestRefusalsEraseNothing(t *testing.T) {
	b := newBed(t)
	request := b.create()
	r := b.do(session(b.dev), `mutation($input: CancelAccessRequestInput!) {
		cancelAccessRequest(input: $input) { accessRequest { status reviewers { id } deliveries(first: 1) { nodes { integration { name } } } } userErrors { code } }
		createGateway(input: {name: "mine"}) { userErrors { code } }
	}`, object{"input": object{"requestId": request}})
	done, _ := r.Data["cancelAccessRequest"].(object)
	is, _ := done["accessRequest"].(object)
	if is["status"] != "CANCELED" || is["reviewers"] != nil || r.Data["createGateway"] != nil || r.codes() != "FORBIDDEN FORBIDDEN" {
		t.Fatalf("%v %v", r.Data, r.Errors)
	}
	for _, e := range r.Errors {
		if e.Message != "This needs an administrator." || len(e.Path) == 0 || len(e.Locations) != 1 || e.Locations[0].Line < 2 || e.Locations[0].Column < 2 {
			t.Errorf("%q at %v, path %v", e.Message, e.Locations, e.Path)
		}
	}
}

// A change that fails in a way that nobody expects may have been made; a look can't have.
func TestAFailedChangeMayHaveBeenMade(t *testing.T) {
	b := newBed(t)
	request := b.create()
	b.must(b.store.Close())
	for query, want := range map[string]string{
		`mutation { createGateway(input: {name: "Berlin", idempotencyKey: "k"}) { userErrors { code } } }`: "UNKNOWN_OUTCOME",
		`{ accessRequest(id: "` + request + `") { timeline(first: 1) { nodes { seq } } } }`:                "INTERNAL",
	} {
		r := b.do(session(b.ada), query, nil)
		if r.codes() != want || strings.Contains(r.Errors[0].Message, "sql") || (want == "UNKNOWN_OUTCOME") != strings.Contains(r.Errors[0].Message, "idempotency key") {
			t.Errorf("%s: %v", query, r.Errors)
		}
	}
}
