package graph_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"procyon/access"
)

// mutation runs one and returns its payload.
func (b *bed) mutation(who caller, name, selection string, input object) object {
	b.t.Helper()
	r := b.do(who, fmt.Sprintf("mutation($input: %sInput!) { %s(input: $input) { %s userErrors { code field message } } }", strings.ToUpper(name[:1])+name[1:], name, selection), object{"input": input})
	if len(r.Errors) > 0 {
		b.t.Fatalf("%s: %v", name, r.Errors)
	}
	return r.Data[name].(object)
}

// said is the message of a payload's error, "" where it has none.
func said(payload object) string {
	list := payload["userErrors"].([]any)
	if len(list) == 0 {
		return ""
	}
	return list[0].(object)["message"].(string)
}

// A decision names the version that was seen, and what it decides.
func TestDecisionsNameTheirVersion(t *testing.T) {
	b := newBed(t)
	id := b.create()
	b.ok(session(b.dev), "updateAccessRequest", object{"requestId": id, "duration": "PT2H", "expectedVersion": 1})
	b.pass(time.Minute)
	stale := object{"requestId": id, "expectedVersion": 1, "subject": "REQUEST", "decision": "APPROVE"}
	out := b.mutation(session(b.ada), "reviewAccessRequest", "accessRequest { id }", stale)
	if out["accessRequest"] != nil || !strings.Contains(said(out), "dev@example.com (“Dev”) changed this request 1 minute ago, after you saw it: duration: 1 hour → 2 hours") {
		t.Errorf("%v", out)
	}
	for _, bad := range []object{{"expectedVersion": 0}, {"expectedVersion": -1}, {"expectedVersion": 9}} {
		bad["requestId"], bad["subject"], bad["decision"] = id, "REQUEST", "APPROVE"
		if got := b.userErrors(session(b.ada), "reviewAccessRequest", bad); got != "INVALID expectedVersion" && got != "CONFLICT expectedVersion" {
			t.Errorf("%v: %q", bad, got)
		}
	}
	if got := b.userErrors(session(b.ada), "reviewAccessRequest", object{"requestId": id, "subject": "EXTENSION", "decision": "APPROVE"}); got != "CONFLICT subject" {
		t.Errorf("an extension of a pending request: %q", got)
	}
	if got := b.userErrors(session(b.ada), "reviewAccessRequest", object{"requestId": id, "decision": "DENY", "comment": " "}); got != "INVALID comment" {
		t.Errorf("a denial without a reason: %q", got)
	}
	stale["expectedVersion"], stale["idempotencyKey"] = 2, "k"
	b.ok(session(b.ada), "reviewAccessRequest", stale)
	head := b.journal.Head()
	b.ok(session(b.ada), "reviewAccessRequest", stale) // a repetition
	if b.journal.Head() != head {
		t.Error("a repeated decision was taken twice")
	}
	if got := b.userErrors(session(b.bo), "reviewAccessRequest", stale); got != "CONFLICT requestId" {
		t.Errorf("somebody else's with the same key: %q", got)
	}
	for _, name := range []string{"cancelAccessRequest", "closeAccessRequest"} {
		if got := b.userErrors(session(b.dev), name, object{"requestId": id, "expectedVersion": 0}); got != "INVALID expectedVersion" {
			t.Errorf("%s: %q", name, got)
		}
	}
}

// Every mutation that makes something or decides takes a key.
func TestKeysEverywhere(t *testing.T) {
	b := newBed(t)
	without := map[string]bool{
		// What these make or decide is the same however often they are called, or is no
		// state of the domain.
		"acquireConsumer": true, "agreeSlackLink": true, "createSlackLink": true, "revokeToken": true,
	}
	for _, f := range b.schema.Types["Mutation"].Fields {
		decides := strings.HasPrefix(f.Name, "create") || strings.HasPrefix(f.Name, "review") || strings.HasPrefix(f.Name, "revoke") || strings.HasSuffix(f.Name, "AccessRequest")
		if !decides || without[f.Name] {
			continue
		}
		input := b.schema.Types[f.Arguments.ForName("input").Type.Name()]
		if input.Fields.ForName("idempotencyKey") == nil {
			t.Errorf("%s takes no idempotencyKey", f.Name)
		}
		if strings.HasSuffix(f.Name, "AccessRequest") && f.Name != "createAccessRequest" && input.Fields.ForName("expectedVersion") == nil {
			t.Errorf("%s takes no expectedVersion", f.Name)
		}
	}
	for name, input := range map[string]object{
		"createAccount": {"name": "a", "provider": "AWS", "externalId": "2"}, "createGateway": {"name": "g"},
		"createResource":    {"name": "r", "kind": "PRIVATE_SERVER"},
		"createIntegration": {"name": "i", "kind": "SLACK_WEBHOOK", "webhookUrl": hookURL},
		"createUser":        {"name": "u", "email": "u@example.com"}, "createServiceAccount": {"name": "s"}, "createToken": {"name": "t"},
	} {
		input["idempotencyKey"] = "k"
		b.ok(session(b.ada), name, input)
		head := b.journal.Head()
		b.ok(session(b.ada), name, input)
		if b.journal.Head() != head {
			t.Errorf("%s makes two", name)
		}
		input["name"] = "another"
		if got := b.userErrors(session(b.ada), name, input); got != "CONFLICT idempotencyKey" {
			t.Errorf("%s with another input: %q", name, got)
		}
	}
}

// The same asked twice is said, with the first; a stranger's is not shown.
func TestDuplicateOf(t *testing.T) {
	b := newBed(t)
	id := b.create()
	in := b.with("x", nil)
	out := b.mutation(session(b.dev), "createAccessRequest", "accessRequest { id } duplicateOf { id status }", in)
	if twin, _ := out["duplicateOf"].(object); twin["id"] != id || twin["status"] != "PENDING" || out["accessRequest"] != nil || !strings.Contains(said(out), "You have asked for db as reader already") {
		t.Errorf("%v", out)
	}
	in["allowDuplicate"] = true
	if out := b.mutation(session(b.dev), "createAccessRequest", "accessRequest { id } duplicateOf { id }", in); out["accessRequest"] == nil || out["duplicateOf"] != nil {
		t.Errorf("%v", out)
	}
	delete(in, "allowDuplicate")
	if out := b.mutation(session(b.eve), "createAccessRequest", "accessRequest { id } duplicateOf { id }", in); out["accessRequest"] == nil || out["duplicateOf"] != nil {
		t.Errorf("somebody else's is in the way: %v", out)
	}
}

// What is deleted or renamed: names of now and of then, in requests, lists, routes and
// events; no Node any more; and its open requests end with it.
func TestRenamedAndDeleted(t *testing.T) {
	b := newBed(t)
	id := b.create()
	b.ok(session(b.ada), "setIntegrationAccounts", object{"integrationId": b.integration.ID, "accountIds": []string{b.account.ID}})
	b.ok(session(b.ada), "updateResource", object{"resourceId": b.db.ID, "name": "billing"})
	const items = `items { resourceName resourceNameWas accountName accountNameWas unavailable }`
	shown := func(want string) {
		t.Helper()
		r := b.do(session(b.ada), fmt.Sprintf(`query($id: ID!) { accessRequest(id: $id) { %[1]s } accessRequests(first: 5) { nodes { %[1]s } } deliveries(first: 1) { nodes { event { request { %[1]s } } } }
			accessRequest2: accessRequest(id: $id) { notificationRoutes { %[1]s } } }`, items), object{"id": id})
		if len(r.Errors) > 0 {
			t.Fatal(r.Errors)
		}
		got := []string{fmt.Sprint(r.Data["accessRequest"].(object)["items"])}
		for _, n := range r.Data["accessRequests"].(object)["nodes"].([]any) {
			got = append(got, fmt.Sprint(n.(object)["items"]))
		}
		for _, n := range r.Data["accessRequest2"].(object)["notificationRoutes"].([]any) {
			got = append(got, fmt.Sprint(n.(object)["items"]))
		}
		if len(got) < 3 {
			t.Fatalf("only %q", got)
		}
		for _, g := range got {
			if g != want {
				t.Errorf("got  %s\nwant %s", g, want)
			}
		}
	}
	shown("[map[accountName:Production accountNameWas:<nil> resourceName:billing resourceNameWas:db unavailable:<nil>]]")
	if got := b.userErrors(session(b.ada), "deleteResource", object{"resourceId": b.db.ID}); got != "IN_USE resourceId" {
		t.Errorf("%q", got)
	}
	if got := b.userErrors(session(b.ada), "updateResource", object{"resourceId": b.db.ID, "roles": []string{"writer"}}); got != "IN_USE roles" {
		t.Errorf("%q", got)
	}
	out := b.mutation(session(b.ada), "deleteResource", "deletedResourceId endedRequests { count requestIds }", object{"resourceId": b.db.ID, "endOpenRequests": true})
	if fmt.Sprint(out["endedRequests"]) != fmt.Sprintf("map[count:1 requestIds:[%s]]", id) {
		t.Errorf("%v", out)
	}
	shown("[map[accountName:Production accountNameWas:<nil> resourceName:billing resourceNameWas:db unavailable:The resource billing was deleted.]]")
	r := b.do(session(b.ada), `query($r: ID!, $q: ID!) { node(id: $r) { id } accessRequest(id: $q) { status outcome } }`, object{"r": b.db.ID, "q": id})
	if r.Data["node"] != nil || fmt.Sprint(r.Data["accessRequest"]) != "map[outcome:The resource billing was deleted. status:CANCELED]" {
		t.Errorf("%v", r.Data)
	}
}

// The list of what waits begins with what times out first.
func TestOrderByDeadline(t *testing.T) {
	b := newBed(t)
	extended := b.create()
	statuses()[access.StatusActive](b, extended)
	b.ok(session(b.dev), "extendAccessRequest", object{"requestId": extended, "duration": "PT1H", "reason": "more"})
	var want []string
	for range 3 {
		b.pass(time.Minute)
		want = append(want, b.create())
	}
	want = append([]string{extended}, want...)
	var got []string
	after := ""
	for range want {
		args := object{"first": 1}
		if after != "" {
			args["after"] = after
		}
		r := b.do(session(b.ada), `query($first: Int!, $after: String) { accessRequests(filter: {reviewableByMe: true}, orderBy: {field: DECIDE_BY, direction: ASC}, first: $first, after: $after) {
			nodes { id } pageInfo { endCursor hasNextPage } } }`, args)
		page := r.Data["accessRequests"].(object)
		got = append(got, page["nodes"].([]any)[0].(object)["id"].(string))
		after = page["pageInfo"].(object)["endCursor"].(string)
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if r := b.do(session(b.ada), `{ accessRequests(orderBy: {field: DECIDE_BY, direction: ASC}) { nodes { id } } }`, nil); r.codes() != "INVALID" {
		t.Errorf("%v", r.Errors)
	}
}

// The same list of items, twice in one query, is looked up by both without a race.
func TestItemsTwice(t *testing.T) {
	b := newBed(t)
	id := b.create()
	for range 20 {
		r := b.do(session(b.dev), `query($id: ID!) { accessRequest(id: $id) { a: items { resourceName } b: items { resourceName } } }`, object{"id": id})
		if v := r.Data["accessRequest"].(object); len(r.Errors) > 0 || fmt.Sprint(v["a"]) != fmt.Sprint(v["b"]) {
			t.Fatalf("%v %v", r.Data, r.Errors)
		}
	}
}
