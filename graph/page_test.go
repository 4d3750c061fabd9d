package graph_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"procyon/access"
)

// lists are all fields that page, found in the schema, as documents with %s for
// the arguments: those of the root, and those of a request, whose ID is $id.
func (b *bed) lists() map[string]string {
	out := map[string]string{}
	for _, kind := range []string{"Query", "AccessRequest"} {
		for _, f := range b.schema.Types[kind].Fields {
			if !strings.HasSuffix(f.Type.Name(), "Connection") {
				continue
			}
			doc := f.Name + "(%s) { pageInfo { hasNextPage } nodes { __typename } }"
			if kind != "Query" {
				doc = "accessRequest(id: $id) { " + doc + " }"
			}
			out[kind+"."+f.Name] = doc
		}
	}
	return out
}

func TestEveryListChecksItsPages(t *testing.T) {
	b := newBed(t)
	id := b.create()
	lists := b.lists()
	if len(lists) < 12 {
		t.Fatalf("the test finds no lists: %v", lists)
	}
	before := b.journal.Head()
	for name, doc := range lists {
		_, field, _ := strings.Cut(name, ".")
		for args, wrong := range map[string]string{
			"first: -1": "first", "first: 101": "first", "first: 2147483647": "first",
			"last: -1": "last", "last: 101": "last",
			"first: 1, last: 1": "first", `first: 1, before: "j1"`: "first", `last: 1, after: "j1"`: "first", `after: "j1", before: "j1"`: "first",
			`after: "nonsense"`: "CURSOR_MISMATCH[after]", `after: ""`: "CURSOR_MISMATCH[after]", `before: "nonsense"`: "CURSOR_MISMATCH[before]",
			`first: 1, after: "é"`: "CURSOR_MISMATCH[after]", `after: "` + strings.Repeat("QQ", 4000) + `"`: "CURSOR_MISMATCH[after]",
		} {
			r := b.do(session(b.ada), fmt.Sprintf("query($id: ID!) { "+doc+" accessRequest(id: $id) { id } }", args), object{"id": id})
			if len(r.Errors) != 1 {
				t.Errorf("%s(%.40s): %v", name, args, r.Errors)
				continue
			}
			e := r.Errors[0]
			if e.Extensions["code"] == "QUERY_TOO_COSTLY" && args == "first: 2147483647" {
				continue // refused still earlier
			}
			if !strings.HasSuffix(wrong, "]") {
				wrong = "INVALID[" + wrong + "]"
			}
			if fmt.Sprint(e.Extensions["code"], e.Extensions["field"]) != wrong || len(e.Path) == 0 || e.Path[len(e.Path)-1] != field {
				t.Errorf("%s(%.40s): %v", name, args, e)
			}
		}
		for _, args := range []string{"first: 0", "last: 0", "first: 1", "first: 100", "last: 1", "last: 100"} {
			if r := b.do(session(b.ada), fmt.Sprintf("query($id: ID!) { "+doc+" accessRequest(id: $id) { id } }", args), object{"id": id}); len(r.Errors) > 0 {
				t.Errorf("%s(%s): %v", name, args, r.Errors)
			}
		}
	}
	if b.journal.Head() != before {
		t.Error("something changed")
	}
}

// Whoever turns the pages sees each thing once, in the same order either way.
func TestTurningPages(t *testing.T) {
	b := newBed(t)
	by := access.System()
	for i := range 6 {
		name := fmt.Sprintf("%c account", 'f'-rune(i))
		if _, err := b.CreateAccount(t.Context(), by, access.NewAccount{Name: name, Provider: "GCP", ExternalID: name}); err != nil {
			t.Fatal(err)
		}
		b.create()
	}
	b.statusesOf(3)
	for field, want := range map[string]int{"accounts": 7, "accessRequests": 9, "users": 4, "journal": int(b.journal.Head()), "integrations": 1, "gateways": 0} {
		for size := 1; size <= 4; size++ {
			there := b.turn(field, "first", "after", size)
			back := b.turn(field, "last", "before", size)
			if len(there) != want || len(slices.Compact(slices.Sorted(slices.Values(there)))) != want || !slices.Equal(there, back) {
				t.Errorf("%s by %d: %v, and back %v; want %d", field, size, there, back, want)
			}
		}
	}
}

// A page of none tells whether there is something, and where there is none of what.
func TestPagesOfNone(t *testing.T) {
	b := newBed(t)
	ask := func(args string) string {
		r := b.do(session(b.ada), "{ users("+args+") { edges { cursor } nodes { id } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }", nil)
		if len(r.Errors) > 0 {
			t.Fatal(r.Errors)
		}
		l := r.Data["users"].(object)
		i := l["pageInfo"].(object)
		return fmt.Sprint(len(l["edges"].([]any)), len(l["nodes"].([]any)), i["hasNextPage"], i["hasPreviousPage"], i["startCursor"], i["endCursor"])
	}
	all := b.turn("users", "first", "after", 100)
	first, end := all[0], all[len(all)-1]
	for args, want := range map[string]string{
		"first: 0": "0 0 true false <nil> <nil>", "last: 0": "0 0 false true <nil> <nil>",
		`first: 0, after: "` + end + `"`: "0 0 false true <nil> <nil>", `last: 0, before: "` + first + `"`: "0 0 true false <nil> <nil>",
	} {
		if got := ask(args); got != want {
			t.Errorf("users(%s): %s, want %s", args, got, want)
		}
	}
	r := b.do(session(b.ada), "{ journal(first: 0) { nodes { seq } pageInfo { hasNextPage endCursor } } }", nil)
	if got := fmt.Sprint(r.Data["journal"]); got != "map[nodes:[] pageInfo:map[endCursor:<nil> hasNextPage:true]]" {
		t.Error(got)
	}
}

// nodes has an object for each ID, where it stands, and null for what is not there or not
// for the caller to see.
func TestNodes(t *testing.T) {
	b := newBed(t)
	id := b.create()
	ids := []any{b.db.ID, "req_none", id, b.account.ID, b.db.ID, "zzz_1", b.ada.ID, "x"}
	const query = `query($ids: [ID!]!) { nodes(ids: $ids) { id __typename } }`
	for who, want := range map[*access.User]string{
		&b.ada: "[Resource <nil> AccessRequest Account Resource <nil> User <nil>]",
		&b.eve: "[Resource <nil> <nil> Account Resource <nil> <nil> <nil>]",
	} {
		r := b.do(session(*who), query, object{"ids": ids})
		var got []any
		for i, n := range r.Data["nodes"].([]any) {
			if o, ok := n.(object); ok {
				got = append(got, o["__typename"])
				if o["id"] != ids[i] {
					t.Errorf("at %d: %v", i, o)
				}
			} else {
				got = append(got, n)
			}
		}
		if len(r.Errors) > 0 || fmt.Sprint(got) != want {
			t.Errorf("%s: %v, %v", who.Name, got, r.Errors)
		}
	}
	r := b.do(session(b.ada), query, object{"ids": slices.Repeat([]any{b.db.ID}, 101)})
	if len(r.Errors) != 1 || r.Errors[0].Extensions["code"] != "INVALID" {
		t.Errorf("101 IDs: %v", r.Errors)
	}
	if r := b.do(nil, query, object{"ids": ids}); r.Data["nodes"] != nil || len(r.Errors) != 1 {
		t.Errorf("a stranger: %v, %v", r.Data, r.Errors)
	}
}

func TestTheAPISaysWhatIsAllowed(t *testing.T) {
	b := newBedBy(t, access.Options{MaxDuration: 90 * time.Minute})
	r := b.do(session(b.dev), `{ limits { minDuration maxDuration minReasonLength maxReasonLength maxTicketLength maxItems maxStartAhead decideIn maxOpenRequests maxRequestsPerHour } }`, nil)
	want := "map[decideIn:PT24H maxDuration:PT1H30M maxItems:20 maxOpenRequests:30 maxReasonLength:1000 maxRequestsPerHour:60 maxStartAhead:PT720H maxTicketLength:80 minDuration:PT1M minReasonLength:1]"
	if got := fmt.Sprint(r.Data["limits"]); got != want || len(r.Errors) > 0 {
		t.Errorf("%s, %v", got, r.Errors)
	}
}

// statusesOf makes n requests in different statuses.
func (b *bed) statusesOf(n int) {
	b.t.Helper()
	for _, s := range []access.Status{access.StatusDenied, access.StatusCanceled, access.StatusActive}[:n] {
		id := b.create()
		statuses()[s](b, id)
	}
}

// turn reads a whole list in pages of a size, forwards or backwards, and returns
// its cursors in the list's order.
func (b *bed) turn(field, count, from string, size int) []string {
	b.t.Helper()
	query := fmt.Sprintf(`query($n: Int, $at: String) { %s(%s: $n, %s: $at) {
		edges { cursor } nodes { __typename } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }`, field, count, from)
	var all []string
	var at any
	for range 200 {
		r := b.do(session(b.ada), query, object{"n": size, "at": at})
		if len(r.Errors) > 0 {
			b.t.Fatal(r.Errors)
		}
		list := r.Data[field].(object)
		info := list["pageInfo"].(object)
		var page []string
		for _, e := range list["edges"].([]any) {
			page = append(page, e.(object)["cursor"].(string))
		}
		if n := len(page); n != len(list["nodes"].([]any)) || n > 0 && (info["startCursor"] != page[0] || info["endCursor"] != page[n-1]) {
			b.t.Errorf("%s: a page that does not fit itself: %v", field, list)
		}
		more := info["hasNextPage"]
		at = info["endCursor"]
		if count == "last" {
			more, at = info["hasPreviousPage"], info["startCursor"]
			all = append(page, all...)
		} else {
			all = append(all, page...)
		}
		if more == false {
			return all
		}
	}
	b.t.Fatalf("%s has no end", field)
	return nil
}

// Lists refuse other arguments that make no sense.
func TestBadListArguments(t *testing.T) {
	b := newBed(t)
	for query, want := range map[string]string{
		`{ resources(accountId: "acc_1", gatewayId: "gw_1") { nodes { id } } }`: "INVALID [gatewayId]",
		`{ notificationPreview(items: []) { unrouted } }`:                       "INVALID [items]",
		`{ notificationPreview(items: [{resourceId: "res_x"}]) { unrouted } }`:  "NOT_FOUND [items 0 resourceId]",
		`{ records(prefix: "", first: 0) { key } }`:                             "INVALID [first]",
		`{ records(prefix: "", first: 101) { key } }`:                           "INVALID [first]",
		`{ accessRequests(filter: {status: [SOMETIMES]}) { nodes { id } } }`:    "GRAPHQL_VALIDATION_FAILED <nil>",
		`{ accessRequests(orderBy: {direction: SIDEWAYS}) { nodes { id } } }`:   "GRAPHQL_VALIDATION_FAILED <nil>",
	} {
		who := session(b.ada)
		if strings.Contains(query, "records") {
			who = service("slack:act")
		}
		r := b.do(who, query, nil)
		if len(r.Errors) != 1 || fmt.Sprint(r.Errors[0].Extensions["code"], " ", r.Errors[0].Extensions["field"]) != want {
			t.Errorf("%s: %v, want %s", query, r.Errors, want)
		}
	}
}

// totalCount is how many there are where that is known, the same on each page, and null
// where it would have to be counted.
func TestTotals(t *testing.T) {
	b := newBed(t)
	for range 3 {
		b.create()
	}
	b.statusesOf(3)
	request := b.create()
	b.pass(time.Hour)
	total := func(who access.User, list string) any {
		t.Helper()
		r := b.do(session(who), "{ "+list+" { ... on "+b.typeOf(list)+" { totalCount } } }", nil)
		if len(r.Errors) > 0 {
			t.Fatal(list, r.Errors)
		}
		name, _, _ := strings.Cut(list, "(")
		return r.Data[name].(object)["totalCount"]
	}
	for list, want := range map[string]any{
		"users(first: 0)": 4, "users(first: 1)": 4, "users(last: 1)": 4, "users(first: 1, role: [ADMIN])": 2, "users(first: 1, role: [])": 0,
		"users(first: 1, role: [ADMIN], status: [ENABLED])": nil, "users(first: 2, role: [ADMIN], status: [ENABLED])": 2,
		`users(first: 1, search: "e")`: nil, `users(search: "zzz")`: 0, `users(first: 0, search: "zzz")`: 0, `users(first: 0, search: "dev@")`: 1,
		"users(first: 1, status: [ENABLED, DISABLED])": 4, "accounts(first: 0)": 1, "gateways(first: 0)": 0,
		"resources(first: 0)": 2, `resources(first: 1, accountId: "` + b.account.ID + `")`: 1, "resources(first: 0, kinds: [PRIVATE_SERVER, DATABASE])": 2,
		`resources(first: 1, accountId: "acc_none")`: 0, "integrations(first: 0)": 1, "integrations(first: 0, status: [BROKEN])": 0,
		"accessRequests(first: 1)": 7, "accessRequests(first: 1, filter: {status: [PENDING]})": 4, "accessRequests(first: 0, filter: {status: [DENIED, ACTIVE]})": 2,
		"accessRequests(first: 0, filter: {status: []})": 0, "accessRequests(first: 1, filter: {reviewableByMe: true})": nil,
		"accessRequests(first: 100, filter: {reviewableByMe: true})": 4, `accessRequests(first: 1, filter: {search: "production"})`: nil,
		"journal(first: 1)": int(b.journal.Head()), `journal(first: 0, filter: {subjectId: "` + request + `"})`: 1, "journal(first: 1, filter: {kinds: [USER]})": nil,
	} {
		if got := total(b.ada, list); fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("%s: %v, want %v", list, got, want)
		}
	}
	if got := total(b.dev, "accessRequests(first: 1)"); got != nil {
		t.Errorf("who sees their own alone is told of %v", got)
	}
	if got := total(b.eve, "accessRequests(first: 1)"); fmt.Sprint(got) != "0" {
		t.Errorf("who has asked for nothing: %v", got)
	}
	// It is asked for under any name, or not at all.
	r := b.do(session(b.ada), "{ accounts { n: totalCount } users { ...f } resources(first: 1) { nodes { id } } } fragment f on UserConnection { all: totalCount }", nil)
	if got := fmt.Sprint(r.Data["accounts"], r.Data["users"]); got != "map[n:1] map[all:4]" {
		t.Error(got)
	}
}

// typeOf is the type of a list of Query.
func (b *bed) typeOf(list string) string {
	name, _, _ := strings.Cut(list, "(")
	return b.schema.Query.Fields.ForName(name).Type.Name()
}

func TestRequestsAreFound(t *testing.T) {
	b := newBed(t)
	id := b.create()
	b.ok(session(b.ada), "reviewAccessRequest", object{"requestId": id, "expectedVersion": 1, "subject": "REQUEST", "decision": "DENY", "comment": "no"})
	b.pass(time.Hour)
	b.create()
	find := func(filter string) string {
		r := b.do(session(b.bo), "{ accessRequests(filter: {"+filter+"}) { nodes { id status } } }", nil)
		if len(r.Errors) > 0 {
			return fmt.Sprint(r.Errors[0].Extensions["code"], " ", r.Errors[0].Extensions["field"])
		}
		var out []string
		for _, n := range r.Data["accessRequests"].(object)["nodes"].([]any) {
			out = append(out, n.(object)["status"].(string))
		}
		return strings.Join(out, " ")
	}
	asked := b.now().Add(-30 * time.Minute).Format(time.RFC3339)
	for filter, want := range map[string]string{
		`reviewerId: "` + b.ada.ID + `"`: "DENIED", `reviewerId: "` + b.bo.ID + `"`: "", "decision: DENY": "DENIED", "decision: APPROVE": "",
		`search: "produc db"`: "PENDING DENIED", `search: "roduction"`: "", `search: "dev@EXAMPLE.com"`: "PENDING DENIED", `search: "production kraken"`: "",
		`role: "READER"`: "PENDING DENIED", `role: "none"`: "", `gatewayId: "gw_none"`: "", `ticket: "none"`: "",
		`createdAt: {from: "` + asked + `"}`: "PENDING", `createdAt: {to: "` + asked + `"}`: "DENIED", "createdAt: {}": "PENDING DENIED",
		`createdAt: {from: "` + asked + `", to: "` + asked + `"}`: "INVALID [filter createdAt to]", `ticket: " "`: "INVALID [filter ticket]", `role: ""`: "INVALID [filter role]",
		`search: "` + strings.Repeat("a", 201) + `"`: "INVALID [filter search]",
	} {
		if got := find(filter); got != want {
			t.Errorf("%s: %q, want %q", filter, got, want)
		}
	}
}
