package graph_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2/ast"
)

// An empty ID names nothing. Taken for none it would let everything pass, so it is
// refused wherever an ID can be given to a query.
func TestEmptyIDsAreRefused(t *testing.T) {
	b := newBed(t)
	b.create()
	tried := 0
	for _, f := range b.schema.Query.Fields {
		for _, a := range f.Arguments {
			var values []string
			if a.Type.NamedType == "ID" {
				values = append(values, `""`)
			}
			if in := b.schema.Types[a.Type.Name()]; in.Kind == ast.InputObject && a.Type.Elem == nil {
				for _, part := range in.Fields {
					if part.Type.NamedType == "ID" {
						values = append(values, fmt.Sprintf(`{%s: ""%s}`, part.Name, needed(in, part)))
					}
				}
			}
			for _, v := range values {
				tried++
				who := session(b.ada)
				q := fmt.Sprintf("{ %s(%s: %s) { __typename } }", f.Name, a.Name, v)
				if b.schema.Types[f.Type.Name()].IsLeafType() {
					q = fmt.Sprintf("{ %s(%s: %s) }", f.Name, a.Name, v)
				}
				if r := b.do(who, q, nil); r.codes() != "INVALID" {
					t.Errorf("%s: %v %v", q, r.Data, r.Errors)
				}
			}
		}
	}
	if tried < 12 {
		t.Errorf("only %d were tried", tried)
	}
	streams := b.streams(0)
	for _, filter := range []string{`requesterId: ""`, `accountId: ""`, `resourceId: ""`} {
		f, codes := b.follow(streams, session(b.ada), "subscription { requestEvents(filter: {"+filter+"}) { cursor } }", nil)
		if codes != "INVALID" {
			t.Errorf("a stream with %s: %v %q", filter, f, codes)
		}
	}
}

// An empty list matches nothing, and false means false.
func TestEmptyListsMatchNothing(t *testing.T) {
	b := newBed(t)
	mine := b.createBy(session(b.ada))
	request := b.create()
	b.owe()
	for query, want := range map[string]string{
		`accessRequests(filter: {status: []})`:                                        "",
		`accessRequests(filter: {status: null})`:                                      request + " " + mine,
		`accessRequests(filter: {})`:                                                  request + " " + mine,
		`accessRequests(filter: {reviewableByMe: true})`:                              request,
		`accessRequests(filter: {reviewableByMe: false})`:                             mine,
		`accessRequests(filter: {reviewableByMe: true, status: []})`:                  "",
		`accessRequests(filter: {reviewableByMe: false, status: [PENDING]}, last: 5)`: mine,
		`deliveries(filter: {status: []})`:                                            "",
	} {
		r := b.do(session(b.ada), "{ list: "+query+" { nodes { id } } }", nil)
		if len(r.Errors) > 0 {
			t.Errorf("%s: %v", query, r.Errors)
			continue
		}
		var ids []string
		for _, n := range r.Data["list"].(object)["nodes"].([]any) {
			ids = append(ids, n.(object)["id"].(string))
		}
		if got := strings.Join(ids, " "); got != want {
			t.Errorf("%s: %q, want %q", query, got, want)
		}
	}
	if r := b.do(session(b.ada), "{ deliveries(filter: {}) { nodes { id } } }", nil); len(r.Data["deliveries"].(object)["nodes"].([]any)) != 1 {
		t.Errorf("an empty filter: %v %v", r.Data, r.Errors)
	}
}

// An empty key is no key, and who gives one believes to be safe.
func TestEmptyIdempotencyKeyIsRefused(t *testing.T) {
	b := newBed(t)
	for name, input := range map[string]object{
		"createGateway": {"name": "Berlin"},
		"createAccount": {"name": "A", "provider": "AWS", "externalId": "1"},
		"createAccessRequest": {
			"items": []any{object{"resourceId": b.server.ID}}, "duration": "PT1H", "reason": "because of this",
		},
		"cancelAccessRequest": {"requestId": b.create()},
	} {
		input["idempotencyKey"] = ""
		who := session(b.ada)
		if strings.Contains(name, "Request") {
			who = session(b.dev)
		}
		if got := b.userErrors(who, name, input); got != "INVALID idempotencyKey" {
			t.Errorf("%s: %q", name, got)
		}
	}
}

// needed are the other parts that an input has to have, as empty as they can be.
func needed(in *ast.Definition, but *ast.FieldDefinition) string {
	var b strings.Builder
	for _, f := range in.Fields {
		if f == but || !f.Type.NonNull || f.DefaultValue != nil {
			continue
		}
		if f.Type.Elem != nil {
			fmt.Fprintf(&b, " %s: []", f.Name)
		} else {
			fmt.Fprintf(&b, ` %s: "x"`, f.Name)
		}
	}
	return b.String()
}
