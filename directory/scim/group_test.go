package scim_test

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"procyon/directory/scim"
	"procyon/directory/scim/scimtest"
)

// team is a group of three people, and one who is none of it.
func team(t *testing.T) *bed {
	b := &bed{t: t, dir: &scimtest.Directory{}}
	b.handler = newHandler(b.dir)
	for _, name := range []string{"a", "b", "c", "d"} { // user-1 to user-4
		if _, err := b.dir.CreateUser(context.Background(), scim.User{UserName: name}); err != nil {
			t.Fatal(err)
		}
	}
	g, err := b.dir.CreateGroup(context.Background(), scim.Group{DisplayName: "Team", ExternalID: "t"}, []string{"user-1", "user-2", "user-3"})
	if err != nil {
		t.Fatal(err)
	}
	b.group = g.ID
	return b
}

func (b *bed) members() string {
	list, _, err := b.dir.Members(context.Background(), b.group, 100_000)
	if err != nil {
		b.t.Fatal(err)
	}
	var ids []string
	for _, m := range list {
		ids = append(ids, strings.TrimPrefix(m.ID, "user-"))
	}
	slices.Sort(ids)
	return strings.Join(ids, "")
}

func TestPatchMembers(t *testing.T) {
	for _, test := range []struct{ name, operations, members string }{
		{"add", `{"op":"add","path":"members","value":[{"value":"user-4"}]}`, "1234"},
		{"add one, not in a list", `{"op":"Add","path":"Members","value":{"value":"user-4","type":"User","display":"D"}}`, "1234"},
		{"add one as a text", `{"op":"add","path":"members","value":["user-4"]}`, "1234"},
		{"add one that is there", `{"op":"add","path":"members","value":[{"value":"user-1"},{"value":"user-1"}]}`, "123"},
		{"add nobody", `{"op":"add","path":"members","value":[]}`, "123"},
		{"add without a path", `{"op":"add","value":{"members":[{"value":"user-4"}],"displayName":"T"}}`, "1234"},
		{"replace", `{"op":"replace","path":"members","value":[{"value":"user-4"}]}`, "4"},
		{"replace without a path", `{"op":"replace","value":{"members":[{"value":"user-4"},{"value":"user-1"}]}}`, "14"},
		{"replace with nobody", `{"op":"replace","path":"members","value":[]}`, ""},
		{"remove by a condition", `{"op":"remove","path":"members[value eq \"user-2\"]"}`, "13"},
		{"remove by several", `{"op":"remove","path":"members[value eq \"user-2\" or (value eq \"user-1\" or value eq \"user-3\")]"}`, ""},
		{"remove by a list", `{"op":"Remove","path":"members","value":[{"$ref":null,"value":"user-2"},{"value":"user-3"}]}`, "1"},
		{"remove by an empty list", `{"op":"remove","path":"members","value":[]}`, "123"},
		{"remove who is none", `{"op":"remove","path":"members[value eq \"user-4\"]"},{"op":"remove","path":"members[value eq \"nobody\"]"}`, "123"},
		{"remove all", `{"op":"remove","path":"members"}`, ""},
		{"remove all and add", `{"op":"remove","path":"members"},{"op":"add","path":"members","value":[{"value":"user-4"}]}`, "4"},
		{"add, then remove", `{"op":"add","path":"members","value":[{"value":"user-4"}]},{"op":"remove","path":"members[value eq \"user-4\"]"}`, "123"},
		{"remove, then add", `{"op":"remove","path":"members[value eq \"user-1\"]"},{"op":"add","path":"members","value":[{"value":"user-1"}]}`, "123"},
		{"replace, then remove", `{"op":"replace","path":"members","value":[{"value":"user-4"},{"value":"user-1"}]},{"op":"remove","path":"members","value":[{"value":"user-1"}]}`, "4"},
		{"add, then replace", `{"op":"add","path":"members","value":[{"value":"user-4"}]},{"op":"replace","path":"members","value":[{"value":"user-1"}]}`, "1"},
	} {
		t.Run(test.name, func(t *testing.T) {
			b := team(t)
			if w := b.call("PATCH", "/Groups/"+b.group, patchBody(test.operations)); w.Code != http.StatusNoContent {
				t.Fatalf("%d %s", w.Code, w.Body)
			}
			if got := b.members(); got != test.members {
				t.Errorf("members are %s, want %s", got, test.members)
			}
		})
	}
}

func TestPatchMembersRefused(t *testing.T) {
	for _, test := range []struct{ name, operations, scimType, says string }{
		{"nobody's id", `{"op":"add","path":"members","value":[{"value":"user-4"},{"value":"user-9"}]}`, "invalidValue", "user-9"},
		{"a group in itself", `{"op":"add","path":"members","value":[{"value":"group-5"}]}`, "invalidValue", "itself"},
		{"a group", `{"op":"add","path":"members","value":[{"value":"group-6","type":"Group"}]}`, "invalidValue", "member of a group"},
		{"no value", `{"op":"add","path":"members","value":[{"display":"D"}]}`, "invalidValue", "no value"},
		{"a number", `{"op":"add","path":"members","value":[{"value":4}]}`, "invalidValue", "members.value"},
		{"a list in a list", `{"op":"add","path":"members","value":[["user-4"]]}`, "invalidValue", "a list"},
		{"another part", `{"op":"add","path":"members","value":[{"value":"user-4","role":"x"}]}`, "invalidSyntax", "role"},
		{"a part", `{"op":"replace","path":"members[value eq \"user-1\"].display","value":"x"}`, "mutability", "display"},
		{"a part of all", `{"op":"replace","path":"members.type","value":"Group"}`, "mutability", "member"},
		{"a chosen one", `{"op":"replace","path":"members[value eq \"user-1\"]","value":{"value":"user-4"}}`, "mutability", "member"},
		{"another condition", `{"op":"remove","path":"members[display eq \"user-1\"]"}`, "invalidFilter", "value eq"},
		{"two conditions", `{"op":"remove","path":"members[value eq \"user-1\" and value eq \"user-2\"]"}`, "invalidFilter", "value eq"},
		{"no name", `{"op":"remove","path":"displayName"}`, "mutability", "displayName"},
		{"a person's attribute", `{"op":"add","path":"userName","value":"x"}`, "invalidPath", "userName"},
	} {
		t.Run(test.name, func(t *testing.T) {
			b := team(t)
			wantRefusal(t, b.call("PATCH", "/Groups/"+b.group, patchBody(`{"op":"replace","path":"displayName","value":"changed"},{"op":"remove","path":"members[value eq \"user-1\"]"},`+test.operations)), http.StatusBadRequest, test.scimType, test.says)
			wantJSON(t, b.call("GET", "/Groups/"+b.group, ""), http.StatusOK, `{"displayName":"Team"}`)
			if got := b.members(); got != "123" {
				t.Errorf("members are %s", got)
			}
		})
	}
}

func TestPutGroup(t *testing.T) {
	const group = `"schemas":["urn:ietf:params:scim:schemas:core:2.0:Group"],"displayName":"New"`
	b := team(t)
	wantJSON(t, b.call("PUT", "/Groups/"+b.group, `{`+group+`}`), http.StatusOK, `{"displayName":"New","externalId":null,"members":null}`)
	if got := b.members(); got != "123" {
		t.Errorf("a replacement that does not speak of members made them %q", got)
	}
	wantJSON(t, b.call("PUT", "/Groups/"+b.group, `{`+group+`,"members":[{"value":"user-4"},{"value":"user-4"}]}`), http.StatusOK, `{"members":[{"value":"user-4","$ref":"`+base+`/Users/user-4"}]}`)
	wantJSON(t, b.call("PUT", "/Groups/"+b.group, `{`+group+`,"members":[]}`), http.StatusOK, `{"members":null}`)
	if got := b.members(); got != "" {
		t.Errorf("members are %q", got)
	}
	wantRefusal(t, b.call("POST", "/Groups", `{`+group+`,"members":[{"value":"user-9"}]}`), http.StatusBadRequest, "invalidValue", "user-9")
	wantJSON(t, b.call("GET", "/Groups?filter=displayName eq \"New\"", ""), http.StatusOK, `{"totalResults":1}`)
	wantJSON(t, b.call("PATCH", "/Groups/"+b.group+"?attributes=displayName", patchBody(`{"op":"add","path":"externalId","value":"y"}`)), http.StatusOK, `{"displayName":"New","externalId":null,"members":null}`)
}

// As many members as one request can name go through, also in the longest forms; one more is
// refused with what to do. A list that is too long is an error, never a part of it.
func TestManyMembers(t *testing.T) {
	const most = scim.MaxMembers
	b := &bed{t: t, dir: &scimtest.Directory{}}
	b.handler = newHandler(b.dir)
	d := b.dir
	var ids []string
	for i := range most + 1 {
		u, err := d.CreateUser(context.Background(), scim.User{UserName: fmt.Sprintf("person-%d@example.com", i)})
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, u.ID)
	}
	g, err := d.CreateGroup(context.Background(), scim.Group{DisplayName: "All"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	b.group = g.ID
	list := func(ids []string) string {
		var members []string
		for _, id := range ids {
			members = append(members, fmt.Sprintf(`{"value":%q,"$ref":"%s/Users/%s","display":"Somebody With A Long Name, of a department with one, too","type":"User"}`, id, base, id))
		}
		return "[" + strings.Join(members, ",") + "]"
	}
	patch := func(operations string) int {
		return b.call("PATCH", "/Groups/"+b.group, patchBody(operations)).Code
	}
	if code := patch(`{"op":"add","path":"members","value":` + list(ids[:most]) + `}`); code != http.StatusNoContent {
		t.Fatalf("%d members: %d", most, code)
	}
	wantJSON(t, b.call("GET", "/Groups/"+b.group+"?attributes=members.value", ""), http.StatusOK, `{"id":"`+b.group+`"}`)
	wantRefusal(t, b.call("PATCH", "/Groups/"+b.group, patchBody(`{"op":"replace","path":"members","value":`+list(ids)+`}`)), http.StatusRequestEntityTooLarge, "tooMany", "further requests")
	wantRefusal(t, b.call("PATCH", "/Groups/"+b.group, patchBody(`{"op":"add","path":"members","value":`+list(ids[:6000])+`},{"op":"remove","path":"members","value":`+list(ids[5000:])+`}`)), http.StatusRequestEntityTooLarge, "tooMany", "further requests")
	wantRefusal(t, b.call("POST", "/Groups", `{"schemas":["urn:ietf:params:scim:schemas:core:2.0:Group"],"displayName":"New","members":`+list(ids)+`}`), http.StatusRequestEntityTooLarge, "tooMany", "further requests")
	if code := patch(`{"op":"add","path":"members","value":` + list(ids[most:]) + `}`); code != http.StatusNoContent {
		t.Fatalf("one more: %d", code)
	}
	wantRefusal(t, b.call("GET", "/Groups/"+b.group+"?attributes=members", ""), http.StatusBadRequest, "tooMany", "groups.value eq")
	wantRefusal(t, b.call("GET", "/Groups?attributes=members", ""), http.StatusBadRequest, "tooMany", "groups.value eq")
	var removals []string
	for _, id := range ids[:most] {
		removals = append(removals, fmt.Sprintf(`{"op":"remove","path":"members[value eq \"%s\"]"}`, id))
	}
	if code := patch(strings.Join(removals, ",")); code != http.StatusNoContent {
		t.Fatalf("a removal of each: %d", code)
	}
	if got := b.members(); got != strings.TrimPrefix(ids[most], "user-") {
		t.Errorf("members are %s", got)
	}
}
