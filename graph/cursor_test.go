package graph_test

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2/ast"

	"procyon/journal"
	"procyon/store/storetest"
)

const (
	mismatch = "CURSOR_MISMATCH"
	expired  = "CURSOR_EXPIRED"
	changed  = "JOURNAL_CHANGED"
)

// connections are all fields that page, found in the schema, as "Query.accounts".
func (b *bed) connections() map[string]*ast.FieldDefinition {
	out := map[string]*ast.FieldDefinition{}
	for _, def := range b.schema.Types {
		for _, f := range def.Fields {
			if def.Kind == ast.Object && strings.HasSuffix(f.Type.Name(), "Connection") {
				out[def.Name+"."+f.Name] = f
			}
		}
	}
	return out
}

// page reads a page of a list; args are without their parentheses. $id is a request.
func (b *bed) page(list, args, request string) reply {
	b.t.Helper()
	kind, field, _ := strings.Cut(list, ".")
	doc := field + "(" + args + ") { edges { cursor } pageInfo { startCursor endCursor } }"
	switch kind {
	case "Query":
		return b.do(session(b.ada), "{ "+doc+" }", nil)
	case "AccessRequest":
		r := b.do(session(b.ada), "query($id: ID!) { accessRequest(id: $id) { "+doc+" } }", object{"id": request})
		r.Data, _ = r.Data["accessRequest"].(object)
		return r
	case "User", "ServiceAccount", "SlackWorkspace", "CatalogImport", "Group":
		of := map[string]string{"User": "users", "Group": "groups", "ServiceAccount": "serviceAccounts", "CatalogImport": "catalogImports", "SlackWorkspace": "slackWorkspaces"}[kind]
		r := b.do(session(b.ada), "{ "+of+"(last: 1) { nodes { "+doc+" } } }", nil)
		parents, _ := r.Data[of].(object)["nodes"].([]any)
		r.Data, _ = parents[0].(object)
		return r
	}
	b.t.Fatalf("the test does not know how to read lists of %s", kind)
	return reply{}
}

// cursorIn is the cursor of the first edge of a list.
func (b *bed) cursorIn(list, args, request string) string {
	b.t.Helper()
	r := b.page(list, args, request)
	_, field, _ := strings.Cut(list, ".")
	if len(r.Errors) > 0 {
		b.t.Fatalf("%s(%s): %v", list, args, r.Errors)
	}
	edges := r.Data[field].(object)["edges"].([]any)
	if len(edges) == 0 {
		b.t.Fatalf("%s(%s) is empty", list, args)
	}
	return edges[0].(object)["cursor"].(string)
}

// refuses expects a code and the argument in the error of a list.
func (b *bed) refuses(list, args, request, want string) {
	b.t.Helper()
	r := b.page(list, args, request)
	got := ""
	for _, e := range r.Errors {
		got += fmt.Sprint(e.Extensions["code"])
		if field := e.Extensions["field"]; field != nil {
			got += fmt.Sprint(" ", field.([]any)[0])
		}
	}
	if got != want {
		b.t.Errorf("%s(%.120s): got %q, want %q: %v", list, args, got, want, r.Errors)
	}
}

// fullBed has something in every list; the request has deliveries.
func fullBed(t *testing.T) (b *bed, request string) {
	b = newBed(t)
	b.ok(session(b.ada), "createGateway", object{"name": "gw"})
	request = b.create()
	b.owe()
	b.link("U7", "dev@example.com", session(b.dev), "")
	b.ok(service("slack:act"), "reportSlackChannels", object{"slackId": "T1", "listing": "l", "piece": 1, "last": true, "channels": []object{{"channelId": "C1", "name": "ops"}}})
	b.imported("type,name\ngateway,gw\ngateway,Berlin\n")
	b.newToken(session(b.eve), object{"name": "laptop"}) // the last by name
	b.grouped("on-call", b.eve)
	b.govern()
	b.signIn(b.eve)
	account := b.mutation(session(b.ada), "createServiceAccount", "serviceAccount { id }", object{"name": "siem"})["serviceAccount"].(object)["id"].(string)
	b.newToken(session(b.ada), object{"name": "siem", "serviceAccountId": account, "scopes": []string{"events:read"}})
	return b, request
}

// other are arguments of a list that have it show other things than without them.
func (b *bed) other(f *ast.FieldDefinition) []string {
	var out []string
	for _, a := range f.Arguments {
		switch def := b.schema.Types[a.Type.Name()]; {
		case slices.Contains([]string{"first", "after", "last", "before"}, a.Name):
		case a.Type.Elem != nil && def.Kind == ast.InputObject:
			out = append(out, a.Name+": ["+b.dummy(a.Type.Elem)+"]")
		case def.Kind == ast.InputObject:
			for _, f := range def.Fields {
				v := b.dummy(f.Type)
				if f.DefaultValue != nil && f.DefaultValue.Raw == v {
					v = b.schema.Types[f.Type.Name()].EnumValues[1].Name
				}
				switch inner := b.schema.Types[f.Type.Name()]; {
				case f.Type.Elem != nil:
					v = "[" + b.dummy(f.Type.Elem) + "]"
				case inner.Kind == ast.InputObject: // where nothing is given, nothing is narrowed
					v = "{" + inner.Fields[0].Name + ": " + b.dummy(inner.Fields[0].Type) + "}"
				}
				out = append(out, a.Name+": {"+f.Name+": "+v+"}")
			}
		default:
			out = append(out, a.Name+": "+b.dummy(a.Type))
		}
	}
	return out
}

// The cursors of a list are good for that list alone, with the same arguments.
func TestListsTakeTheirOwnCursorsAlone(t *testing.T) {
	b, request := fullBed(t)
	lists := b.connections()
	if len(lists) < 12 {
		t.Fatalf("the test finds no lists: %v", lists)
	}
	stream := b.cursor(b.journal.Head())
	given := map[string]string{}
	for list := range lists {
		given[list] = b.cursorIn(list, "first: 1", request)
	}
	narrowed := 0
	for list, f := range lists {
		for of, cursor := range given {
			want := " after"
			if of == list {
				b.refuses(list, `first: 1, after: "`+cursor+`"`, request, "")
				b.refuses(list, `last: 1, before: "`+cursor+`"`, request, "")
				continue
			}
			b.refuses(list, `first: 1, after: "`+cursor+`"`, request, mismatch+want)
			b.refuses(list, `last: 1, before: "`+cursor+`"`, request, mismatch+" before")
		}
		for _, args := range b.other(f) {
			narrowed++
			b.refuses(list, args+`, first: 1, after: "`+given[list]+`"`, request, mismatch+" after")
		}
		for _, cursor := range []string{stream, "j0", "l1.", "l1.YQ", "l.YQ", "lx.YQ", given[list] + "A", given[list][:len(given[list])-1], strings.Replace(given[list], "l1.", "L1.", 1)} {
			b.refuses(list, `first: 1, after: "`+cursor+`"`, request, mismatch+" after")
		}
		earlier := base64.RawURLEncoding.EncodeToString([]byte("acc_00000009\x00name"))
		b.refuses(list, `first: 1, after: "`+earlier+`"`, request, expired+" after")
		b.refuses(list, `first: 1, after: "l2.YQ"`, request, expired+" after")
		wasStreams := mismatch // a stream's, which this list never gave out
		if entryLists[f.Type.Name()] {
			wasStreams = expired
		}
		b.refuses(list, `first: 1, after: "j1"`, request, wasStreams+" after")
	}
	if narrowed < 15 {
		t.Errorf("only %d arguments narrow lists", narrowed)
	}
	for list, cursor := range given {
		if r := b.do(session(b.ada), `subscription($a: Cursor) { requestEvents(after: $a) { cursor } }`, object{"a": cursor}); r.codes() != mismatch {
			t.Errorf("a cursor of %s begins a stream: %v", list, r.Errors)
		}
		r := b.do(service("events:read"), `mutation($a: Cursor!) { advanceConsumer(input: {name: "notifier", epoch: 1, cursor: $a}) { userErrors { code } } }`, object{"a": cursor})
		if r.codes() != mismatch {
			t.Errorf("a cursor of %s moves a consumer: %v", list, r.Errors)
		}
	}
}

// What a request has is that request's.
func TestCursorsOfAnotherRequest(t *testing.T) {
	b, request := fullBed(t)
	other := b.create()
	for list := range b.connections() {
		if strings.HasPrefix(list, "AccessRequest.") {
			b.refuses(list, `first: 1, after: "`+b.cursorIn(list, "first: 1", request)+`"`, other, mismatch+" after")
		}
	}
}

// The same arguments in other words are the same.
func TestTheSameFilterInOtherWords(t *testing.T) {
	b, request := fullBed(t)
	for list, words := range map[string][]string{
		"Query.accessRequests": {
			``, `filter: null`, `filter: {}`, `filter: {status: null, requesterId: null}`, `filter: {reviewableByMe: null}`, `orderBy: null`,
			`orderBy: {field: CREATED_AT, direction: DESC}`,
		},
		"Query.accessRequests by status": {`filter: {status: [PENDING, ACTIVE]}`, `filter: {status: [ACTIVE, PENDING, ACTIVE]}`},
		"Query.deliveries":               {`filter: {status: [PENDING, DEAD]}`, `filter: {integrationId: null, status: [DEAD, PENDING]}`},
		"Query.accounts":                 {`search: "Prod"`, `search: " prod "`},
		"Query.resources":                {``, `search: null`, `search: " "`, `accountId: null`},
		"Query.slackLinks":               {``, `filter: {}`, `filter: {status: null}`, `search: null`, `search: " "`},
		"Query.journal":                  {``, `filter: null`, `filter: {}`, `filter: {subjectId: null, actorId: null, kinds: null, types: null, at: null}`, `filter: {at: {}}`, `filter: {at: {from: null, to: null}}`},
		"Query.journal by kind":          {`filter: {kinds: [USER, ACCOUNT]}`, `filter: {kinds: [ACCOUNT, USER, ACCOUNT], types: null}`},
		"Query.journal by type":          {`filter: {types: ["UPDATED", "CREATED"]}`, `filter: {types: ["CREATED", "UPDATED", "CREATED"]}`},
		"Query.journal by time":          {`filter: {at: {from: "2026-11-23T00:00:00Z"}}`, `filter: {at: {from: "2026-11-23T02:00:00+02:00", to: null}}`},
	} {
		list, _, _ = strings.Cut(list, " ")
		for _, a := range words {
			cursor := b.cursorIn(list, a+" first: 1", request)
			for _, c := range words {
				b.refuses(list, c+` first: 1, after: "`+cursor+`"`, request, "")
			}
		}
	}
}

// entryLists are the lists whose cursors are places of entries.
var entryLists = map[string]bool{"JournalEntryConnection": true, "PolicyVersionConnection": true}

// altered is a cursor of a list of entries, with another mark, and one far behind the end.
func altered(t *testing.T, cursor string) (marked, beyond string) {
	t.Helper()
	raw, err := base64.RawURLEncoding.DecodeString(strings.TrimPrefix(cursor, "l1."))
	if err != nil {
		t.Fatal(err)
	}
	body := raw[:len(raw)-4]
	whole := func() string {
		sum := sha256.Sum256(body)
		return "l1." + base64.RawURLEncoding.EncodeToString(append(slices.Clone(body), sum[:4]...))
	}
	if whole() != cursor {
		t.Fatalf("%s is made otherwise", cursor)
	}
	body[len(body)-1] ^= 1
	marked = whole()
	body[len(body)-1] ^= 1
	body[len(body)-len(journal.Mark{})-3] = 0x7f
	return marked, whole()
}

// The lists of entries know that an entry is another one.
func TestListsOfAnotherJournal(t *testing.T) {
	b, request := fullBed(t)
	for list, f := range b.connections() {
		if !entryLists[f.Type.Name()] {
			continue
		}
		marked, beyond := altered(t, b.cursorIn(list, "first: 1", request))
		for _, cursor := range []string{marked, beyond} {
			b.refuses(list, `first: 1, after: "`+cursor+`"`, request, changed+" after")
			b.refuses(list, `last: 1, before: "`+cursor+`"`, request, changed+" before")
		}
	}
}

// Two journals that were one once, as after a backup was restored: what one gave out
// since is refused by the other at once, and what both have is good in both.
func TestARestoredBackup(t *testing.T) {
	f := storetest.LoadFixture(t)
	lost, b := newBedOn(t, f.SQLite(t), f.At), newBedOn(t, f.SQLite(t), f.At)
	var err error
	both := lost.cursor(lost.journal.Head() - 3)
	for _, x := range []*bed{lost, b} {
		x.ada, err = x.User(t.Context(), f.ID(t, "ada"))
		x.must(err)
	}
	fork := b.journal.Head()
	for i := range 6 {
		lost.ok(session(lost.ada), "createGateway", object{"name": fmt.Sprint("lost ", i)})
	}
	for i := range 3 {
		b.ok(session(b.ada), "createGateway", object{"name": fmt.Sprint("new ", i)})
	}
	worker := service("events:read", "deliveries:write")
	b.ok(worker, "acquireConsumer", object{"name": "c", "holder": "h", "ttl": "PT1M"})
	before := b.consumer(worker, "c")
	events := b.streams(0)
	for seq := fork + 1; seq <= lost.journal.Head(); seq++ {
		cursor := lost.cursor(seq)
		if _, codes := b.follow(events, session(b.ada), eventsQuery, object{"after": cursor}); codes != changed {
			t.Errorf("entry %d begins a stream: %q", seq, codes)
		}
		for call, input := range map[string]object{
			"advanceConsumer": {"name": "c", "epoch": 1, "cursor": cursor},
			"planDeliveries":  {"consumer": "c", "epoch": 1, "cursor": cursor, "deliveries": []object{}},
		} {
			if got := b.userErrors(worker, call, input); got != changed+" cursor" {
				t.Errorf("%s to entry %d: %q", call, seq, got)
			}
		}
		if got := b.userErrors(worker, "acquireConsumer", object{"name": "c", "holder": "h", "ttl": "PT1M", "resetTo": cursor}); got != changed+" resetTo" {
			t.Errorf("resetTo entry %d: %q", seq, got)
		}
	}
	end := lost.page("Query.journal", "last: 1", "").Data["journal"].(object)["pageInfo"].(object)["endCursor"].(string)
	b.refuses("Query.journal", `first: 1, after: "`+end+`"`, "", changed+" after")
	if after := b.consumer(worker, "c"); fmt.Sprint(after) != fmt.Sprint(before) {
		t.Errorf("the consumer was %v and is %v", before, after)
	}
	if _, codes := b.follow(events, session(b.ada), eventsQuery, object{"after": both}); codes != "" {
		t.Errorf("what both have: %q", codes)
	}
	b.ok(worker, "acquireConsumer", object{"name": "c", "holder": "h", "ttl": "PT1M", "resetTo": both})
	b.ok(session(b.ada), "acquireConsumer", object{"name": "c", "holder": "h", "ttl": "PT1S", "resetTo": "j0"}) // an administrator may
	if got := b.consumer(worker, "c"); fmt.Sprint(got) != "map[consumer:map[cursor:j0 epoch:3] userErrors:[]]" {
		t.Errorf("after two resets: %v", got)
	}
	if got := b.userErrors(service2("events:read"), "acquireConsumer", object{"name": "c", "holder": "h", "ttl": "PT1S", "resetTo": "j0"}); got != "FORBIDDEN name" {
		t.Errorf("another service resets it: %q", got)
	}
}

// service2 is another service.
func service2(scopes ...string) caller {
	p := service(scopes...)
	p.Actor.ID = "svc_2"
	return p
}

// consumer keeps a consumer's lease and tells where it stands.
func (b *bed) consumer(who caller, name string) object {
	b.t.Helper()
	return b.mutation(who, "acquireConsumer", "consumer { cursor epoch }", object{"name": name, "holder": "h", "ttl": "PT1M"})
}
