package scim_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"procyon/directory/scim"
)

// Whatever a filter is, it is answered or refused as a filter. The directory of these tests
// fails if what it is told for an index does not hold of whom the filter finds.
func FuzzFilter(f *testing.F) {
	for _, seed := range []string{
		``, `userName eq "ada@example.com"`, `emails[type eq "work" and value co "@example.com"]`, `emails[type eq "work"].value ne "x"`, `not (title pr) and (active eq True or meta.created gt "2026-01-01T00:00:00Z")`,
		`urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value eq "user-1"`, `members.value eq "user-1" and displayName sw "T"`, `members[value eq "user-1"]`, `groups[value eq "group-6"] or id pr`,
		`title eq null or title ne null`, `userName eq "\"\\\u00e9\ud83d\ude00"`, `externalId eq "x1" and id eq "user-2" and emails eq "ADA@EXAMPLE.COM"`, strings.Repeat("(", 50), strings.Repeat("not (", 20) + "a pr" + strings.Repeat(")", 20),
		`a.b pr`, `a.$ref eq -1.5e+3`, `userName eq "a\`, `manager eq "user-1" and not (manager.value ne "user-1")`,
	} {
		f.Add(seed)
	}
	h, _ := crowd(f)
	f.Fuzz(func(t *testing.T, filter string) {
		b := &bed{t: t, handler: h}
		for _, path := range []string{"/Users", "/Groups"} {
			w := b.call("GET", path+"?filter="+url.QueryEscape(filter), "")
			if w.Code == http.StatusOK {
				continue
			}
			wantRefusal(t, w, http.StatusBadRequest, "invalidFilter", "")
		}
	})
}

// Whatever a PATCH is, it is done or refused as a whole, and what it leaves is a person, and a
// group, as the protocol has them.
func FuzzPatch(f *testing.F) {
	for _, seed := range []string{
		`{"op":"replace","value":{"active":"False","emails[type eq \"work\"].value":"x@example.com"}}`, `{"op":"Add","path":"emails","value":[{"value":"x","primary":true},{"value":"X"}]}`,
		`{"op":"replace","path":"emails.primary","value":"True"}`, `{"op":"remove","path":"emails[not (type eq \"work\")].value"}`, `{"op":"replace","path":"emails[type eq \"home\"]","value":{"value":"ada@example.com","type":"work"}}`,
		`{"op":"add","path":"` + enterprise + `","value":{"manager":"user-1","department":null}}`, `{"op":"remove","path":"` + enterprise + `:manager.value"}`, `{"op":"add","path":"members","value":[{"value":"user-1"}]}`,
		`{"op":"remove","path":"members[value eq \"user-1\" or value eq \"user-2\"]"},{"op":"replace","path":"members","value":["user-1"]}`, `{"op":"replace","value":{"id":"user-1","displayName":"x","name":{"formatted":""}}}`,
		`{"op":"replace","path":"name","value":null}`, `{"op":"remove","path":"userName"}`, `{"op":"add","path":"emails[value eq \"n@example.com\" and type eq \"other\"].display","value":"N"}`, `{"op":"add","path":"title","value":{}}`,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, operations string) {
		b := newBed(t)
		for _, path := range []string{"/Users/" + b.ada, "/Groups/" + b.group} {
			read := path + "?attributes=id,userName,displayName,active,members,emails,name,meta," + enterprise
			before := b.call("GET", read, "").Body.String()
			w := b.call("PATCH", path, patchBody(operations))
			after := b.call("GET", read, "").Body.String()
			switch {
			case w.Code >= 500 || w.Code < 200:
				t.Fatalf("%d %s", w.Code, w.Body)
			case w.Code >= 400 && before != after:
				t.Fatalf("%s, and it was %s and is %s", w.Body, before, after)
			}
			checkWhole(t, after)
		}
	})
}

// checkWhole looks at what has to hold of each resource, whatever was done to it.
func checkWhole(t *testing.T, body string) {
	t.Helper()
	var r struct {
		ID, UserName, DisplayName string
		Active                    *bool
		Emails                    []struct {
			Value, Type string
			Primary     bool
		}
		Members []struct{ Value string }
	}
	if err := json.Unmarshal([]byte(body), &r); err != nil {
		t.Fatal(err)
	}
	primary, seen := 0, map[string]bool{}
	for _, e := range r.Emails {
		key := scim.Fold(e.Value + "\x00" + e.Type)
		if e.Value == "" || seen[key] {
			t.Fatalf("an address is there twice, or empty: %s", body)
		}
		if seen[key] = true; e.Primary {
			primary++
		}
	}
	if primary > 1 || r.Active == nil != (r.UserName == "") || r.UserName == "" && r.DisplayName == "" {
		t.Fatalf("it is no whole resource: %s", body)
	}
}
