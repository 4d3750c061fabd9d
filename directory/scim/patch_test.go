package scim_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"procyon/directory/scim/scimtest"
)

const enterprise = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"

func patchBody(operations string) string {
	return `{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[` + operations + `]}`
}

func decode(t *testing.T, w *httptest.ResponseRecorder) map[string]any {
	t.Helper()
	var o map[string]any
	d := json.NewDecoder(w.Body)
	d.UseNumber()
	if err := d.Decode(&o); err != nil {
		t.Fatal(err)
	}
	return o
}

func wantJSON(t *testing.T, w *httptest.ResponseRecorder, status int, want string) {
	t.Helper()
	text := w.Body.String()
	if w.Code != status {
		t.Fatalf("got %d %s, want %d", w.Code, text, status)
	}
	var o any
	d := json.NewDecoder(strings.NewReader(want))
	d.UseNumber()
	if err := d.Decode(&o); err != nil {
		t.Fatal(err)
	}
	if wrong := scimtest.Differs(decode(t, w), o); wrong != "" {
		t.Errorf("%s\n%s", wrong, text)
	}
}

// wantRefusal looks that a call was refused in the protocol's form.
func wantRefusal(t *testing.T, w *httptest.ResponseRecorder, status int, scimType, says string) {
	t.Helper()
	text := w.Body.String()
	if w.Code != status || w.Header().Get("Content-Type") != "application/scim+json" {
		t.Fatalf("got %d %s %s, want %d", w.Code, w.Header().Get("Content-Type"), text, status)
	}
	o := decode(t, w)
	has, _ := o["scimType"].(string)
	detail, _ := o["detail"].(string)
	if has != scimType || !strings.Contains(detail, says) || strings.Contains(detail, "%!") {
		t.Errorf("got %s, want %s that says %q", text, scimType, says)
	}
}

// Each begins with Ada as newBed makes her.
func TestPatchUser(t *testing.T) {
	const work = `{"value":"ada@example.com","type":"work","primary":true}`
	for _, test := range []struct{ name, operations, want string }{
		{"add a value of one", `{"op":"add","path":"title","value":"Engineer"}`, `{"title":"Engineer"}`},
		{"add over another", `{"op":"add","path":"displayName","value":"A"}`, `{"displayName":"A"}`},
		{"no case in names and operations", `{"OP":"rEPLACE","Path":"DISPLAYname","VALUE":"A"}`, `{"displayName":"A"}`},
		{"a core URN", `{"op":"replace","path":"urn:ietf:params:scim:schemas:core:2.0:User:name.givenName","value":"A"}`, `{"name":{"givenName":"A","familyName":"Ames"}}`},
		{"add to a complex one keeps its parts", `{"op":"add","path":"name","value":{"middleName":"M"}}`, `{"name":{"givenName":"Ada","familyName":"Ames","middleName":"M"}}`},
		{"replace a complex one keeps its parts", `{"op":"replace","path":"name","value":{"givenName":"A"}}`, `{"name":{"givenName":"A","familyName":"Ames"}}`},
		{"null takes a part away", `{"op":"replace","path":"name.givenName","value":null}`, `{"name":{"givenName":null,"familyName":"Ames"}}`},
		{"remove a part", `{"op":"remove","path":"name.givenName"}`, `{"name":{"givenName":null,"familyName":"Ames"}}`},
		{"remove all parts", `{"op":"remove","path":"name.givenName"},{"op":"remove","path":"name.familyName"}`, `{"name":null}`},
		{"remove what is not there", `{"op":"remove","path":"title"}`, `{"title":null}`},
		{"operations follow on each other", `{"op":"add","path":"title","value":"x"},{"op":"replace","path":"title","value":"y"}`, `{"title":"y"}`},

		{"add an address", `{"op":"add","path":"emails","value":[{"value":"o@example.com","type":"other"}]}`, `{"emails":[` + work + `,{"type":"home"},{"value":"o@example.com","type":"other"}]}`},
		{"add one that is there", `{"op":"add","path":"emails","value":[{"value":"ADA@example.com","type":"Work"}]}`, `{"emails":[{"primary":true},{"type":"home"}]}`},
		{"add one without a list", `{"op":"add","path":"emails","value":{"value":"o@example.com"}}`, `{"emails":[` + work + `,{"type":"home"},{"value":"o@example.com","type":null}]}`},
		{"add one as a text", `{"op":"add","path":"emails","value":["o@example.com"]}`, `{"emails":[` + work + `,{"type":"home"},{"value":"o@example.com"}]}`},
		{"a new primary is the only one", `{"op":"add","path":"emails","value":[{"value":"o@example.com","primary":"TRUE"}]}`, `{"emails":[{"value":"ada@example.com","primary":null},{"primary":null},{"value":"o@example.com","primary":true}]}`},
		{"a part makes another primary", `{"op":"replace","path":"emails[type eq \"home\"].primary","value":true}`, `{"emails":[{"type":"work","primary":null},{"type":"home","primary":true}]}`},
		{"replace all addresses", `{"op":"replace","path":"emails","value":[{"value":"o@example.com"}]}`, `{"emails":[{"value":"o@example.com"}]}`},
		{"replace all with none", `{"op":"replace","path":"emails","value":[]}`, `{"emails":null}`},
		{"replace chosen ones whole", `{"op":"replace","path":"emails[type eq \"work\"]","value":{"value":"o@example.com","type":"other"}}`, `{"emails":[{"value":"o@example.com","type":"other","primary":null},{"type":"home"}]}`},
		{"add parts to chosen ones", `{"op":"add","path":"emails[type eq \"work\"]","value":{"display":"Ada"}}`, `{"emails":[{"value":"ada@example.com","type":"work","display":"Ada","primary":true},{"type":"home"}]}`},
		{"a part of chosen ones", `{"op":"replace","path":"emails[type eq \"WORK\" and primary eq true].value","value":"o@example.com"}`, `{"emails":[{"value":"o@example.com","type":"work"},{"value":"ada@home.example.com"}]}`},
		{"both conditions by one and the same", `{"op":"remove","path":"emails[type eq \"home\" and primary eq true]"}`, `{"emails":[` + work + `,{"type":"home"}]}`},
		{"a part of all of them", `{"op":"replace","path":"emails.display","value":"Ada"}`, `{"emails":[{"display":"Ada"},{"display":"Ada"}]}`},
		{"a chosen one that is not there is made", `{"op":"replace","path":"emails[type eq \"other\"].value","value":"o@example.com"}`, `{"emails":[` + work + `,{"type":"home"},{"value":"o@example.com","type":"other"}]}`},
		{"also where there are none", `{"op":"remove","path":"emails"},{"op":"add","path":"emails[type eq \"work\"].value","value":"o@example.com"}`, `{"emails":[{"value":"o@example.com","type":"work"}]}`},
		{"and without a condition", `{"op":"remove","path":"emails"},{"op":"add","path":"emails.value","value":"o@example.com"}`, `{"emails":[{"value":"o@example.com"}]}`},
		{"but not of nothing", `{"op":"replace","path":"emails[type eq \"other\"].value","value":null}`, `{"emails":[` + work + `,{"type":"home"}]}`},
		{"remove chosen ones", `{"op":"remove","path":"emails[type eq \"work\"]"}`, `{"emails":[{"type":"home"}]}`},
		{"remove none that is chosen", `{"op":"remove","path":"emails[type eq \"other\"]"}`, `{"emails":[` + work + `,{"type":"home"}]}`},
		{"without its value there is none", `{"op":"remove","path":"emails[type eq \"work\"].value"}`, `{"emails":[{"type":"home"}]}`},
		{"remove by a list", `{"op":"remove","path":"emails","value":[{"value":"ADA@example.com"}]}`, `{"emails":[{"type":"home"}]}`},
		{"remove by an empty list", `{"op":"remove","path":"emails","value":[]}`, `{"emails":[` + work + `,{"type":"home"}]}`},
		{"remove all", `{"op":"remove","path":"emails"}`, `{"emails":null}`},

		{"without a path", `{"op":"add","value":{"title":"x","emails":[{"value":"o@example.com"}],"name":{"givenName":"A"}}}`, `{"title":"x","emails":[` + work + `,{"type":"home"},{"value":"o@example.com"}],"name":{"givenName":"A","familyName":"Ames"}}`},
		{"replace without a path", `{"op":"replace","value":{"emails":[{"value":"o@example.com"}],"schemas":[],"meta":{},"groups":[]}}`, `{"emails":[{"value":"o@example.com"}]}`},
		{"an extension without a path", `{"op":"replace","value":{"` + enterprise + `":{"department":"D","manager":null}}}`, `{"` + enterprise + `":{"department":"D","employeeNumber":"1"}}`},
		{"a whole extension", `{"op":"add","path":"` + enterprise + `","value":{"department":"D"}}`, `{"` + enterprise + `":{"department":"D","employeeNumber":"1"}}`},
		{"remove a whole extension", `{"op":"remove","path":"` + enterprise + `"}`, `{"` + enterprise + `":null,"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"]}`},
		{"remove of an extension that is gone", `{"op":"remove","path":"` + enterprise + `"},{"op":"remove","path":"` + enterprise + `:manager"}`, `{"` + enterprise + `":null}`},
		{"what is not kept", `{"op":"add","path":"phoneNumbers[type eq \"work\"].value","value":7},{"op":"add","path":"password","value":"secret"},{"op":"remove","path":"` + enterprise + `:costCenter"},{"op":"add","value":{"roles":[1]}}`, `{"displayName":"Ada Ames"}`},
		{"active as a text", `{"op":"replace","path":"active","value":"fAlse"}`, `{"active":false}`},
	} {
		t.Run(test.name, func(t *testing.T) {
			b := newBed(t)
			wantJSON(t, b.call("PATCH", "/Users/"+b.ada, patchBody(test.operations)), http.StatusOK, test.want)
		})
	}
}

// Nothing is done of what is refused, also where the first operations are right.
func TestPatchRefused(t *testing.T) {
	for _, test := range []struct{ name, operations, scimType, says string }{
		{"no such attribute", `{"op":"add","path":"nickname2","value":"x"}`, "invalidPath", `no attribute "nickname2"`},
		{"no such part", `{"op":"add","path":"name.first","value":"x"}`, "invalidPath", "name.first"},
		{"no such attribute without a path", `{"op":"add","value":{"colour":"x"}}`, "invalidPath", "colour"},
		{"no such extension", `{"op":"add","path":"urn:example:User:x","value":"x"}`, "invalidPath", "urn:example"},
		{"no such part of a value", `{"op":"add","path":"emails","value":[{"colour":"x"}]}`, "invalidSyntax", "colour"},
		{"a path that is none", `{"op":"add","path":"emails[type eq \"work\"","value":"x"}`, "invalidFilter", "]"},
		{"more behind a path", `{"op":"add","path":"emails[type eq \"work\"].value.x","value":"x"}`, "invalidPath", "the end"},
		{"brackets on one value", `{"op":"add","path":"name[givenName pr]","value":{}}`, "invalidPath", "one value"},
		{"a condition that is none", `{"op":"add","path":"emails[type like \"work\"].value","value":"x"}`, "invalidFilter", "operators"},
		{"a condition that does not fit", `{"op":"add","path":"emails[primary gt true].value","value":"x"}`, "invalidFilter", "primary"},
		{"a text for a boolean", `{"op":"replace","path":"active","value":"no"}`, "invalidValue", "active"},
		{"a number for a boolean", `{"op":"replace","path":"active","value":0}`, "invalidValue", "active"},
		{"a number for a text", `{"op":"replace","path":"title","value":7}`, "invalidValue", "title"},
		{"a list for a text", `{"op":"replace","path":"title","value":["x"]}`, "invalidValue", "title"},
		{"a text for a complex one", `{"op":"replace","path":"name","value":"Ada"}`, "invalidValue", "name"},
		{"a number for an address", `{"op":"add","path":"emails","value":[7]}`, "invalidValue", "emails"},
		{"an address without a value", `{"op":"add","path":"emails","value":[{"type":"work"}]}`, "invalidValue", "emails has no value"},
		{"two primary", `{"op":"add","path":"emails","value":[{"value":"a","primary":true},{"value":"b","primary":true}]}`, "invalidValue", "primary"},
		{"two made primary", `{"op":"replace","path":"emails.primary","value":true}`, "invalidValue", "primary"},
		{"a control character", `{"op":"replace","path":"title","value":"a\u0000b"}`, "invalidValue", "title"},
		{"a long text", `{"op":"replace","path":"title","value":"` + strings.Repeat("é", 1001) + `"}`, "invalidValue", "title"},
		{"no active", `{"op":"remove","path":"active"}`, "mutability", "active"},
		{"active null", `{"op":"replace","path":"active","value":null}`, "mutability", "active"},
		{"no userName", `{"op":"remove","path":"userName"}`, "mutability", "userName"},
		{"an empty userName", `{"op":"replace","path":"userName","value":""}`, "mutability", "userName"},
		{"id", `{"op":"replace","path":"id","value":"x"}`, "mutability", "id"},
		{"another id without a path", `{"op":"replace","value":{"id":"x"}}`, "mutability", "id"},
		{"groups", `{"op":"add","path":"groups","value":[{"value":"x"}]}`, "mutability", "groups"},
		{"a part that is read only", `{"op":"add","path":"` + enterprise + `:manager.$ref","value":"x"}`, "mutability", "manager.$ref"},
		{"removal without a path", `{"op":"remove","value":{"title":"x"}}`, "noTarget", "path"},
		{"a value that no condition names", `{"op":"replace","path":"emails[value co \"zz\"].value","value":"o@example.com"}`, "noTarget", "emails"},
		{"a made value that is none", `{"op":"replace","path":"emails[type eq \"other\"].primary","value":true}`, "noTarget", "emails"},
		{"no operation", `{"op":"move","path":"title"}`, "invalidSyntax", "op is"},
		{"no value", `{"op":"replace","path":"title"}`, "invalidValue", "value"},
		{"something else in an operation", `{"op":"replace","path":"title","value":"x","from":"y"}`, "invalidSyntax", "from"},
		{"no operation at all", `7`, "invalidSyntax", "Operation"},
		{"a path that is no text", `{"op":"add","path":7,"value":"x"}`, "invalidPath", "path"},
		{"no object without a path", `{"op":"add","value":"x"}`, "invalidValue", "Without a path"},
	} {
		t.Run(test.name, func(t *testing.T) {
			b := newBed(t)
			before := b.call("GET", "/Users/"+b.ada, "").Body.String()
			w := b.call("PATCH", "/Users/"+b.ada, patchBody(`{"op":"replace","path":"displayName","value":"changed"},`+test.operations))
			wantRefusal(t, w, http.StatusBadRequest, test.scimType, test.says)
			if after := b.call("GET", "/Users/"+b.ada, "").Body.String(); after != before {
				t.Errorf("it is now %s", after)
			}
		})
	}
}

func TestPatchForm(t *testing.T) {
	b := newBed(t)
	for name, body := range map[string]string{
		"no schemas":          `{"Operations":[{"op":"remove","path":"title"}]}`,
		"other schemas":       `{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"Operations":[{"op":"remove","path":"title"}]}`,
		"no operations":       `{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"]}`,
		"an empty list":       patchBody(``),
		"something else":      `{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[{"op":"remove","path":"title"}],"more":1}`,
		"the same name twice": `{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[{"op":"remove","path":"title"}],"operations":[]}`,
	} {
		t.Run(name, func(t *testing.T) {
			wantRefusal(t, b.call("PATCH", "/Users/"+b.ada, body), http.StatusBadRequest, "invalidSyntax", "")
		})
	}
	many := strings.Repeat(`{"op":"remove","path":"title"},`, 1000) + `{"op":"remove","path":"title"}`
	wantRefusal(t, b.call("PATCH", "/Users/"+b.ada, patchBody(many)), http.StatusRequestEntityTooLarge, "tooMany", "further requests")
}

// An update that meets another one begins anew, and its precondition with it.
func TestPatchMeetsAnother(t *testing.T) {
	b := newBed(t)
	etag := b.call("GET", "/Users/"+b.ada, "").Header().Get("ETag")
	for _, test := range []struct {
		header []string
		status int
	}{{nil, http.StatusOK}, {[]string{"If-Match: " + etag}, http.StatusPreconditionFailed}} {
		b.dir.Between = func() {
			b.dir.Between = nil
			wantJSON(t, b.call("PATCH", "/Users/"+b.ada, patchBody(`{"op":"add","path":"name.middleName","value":"M"}`)), http.StatusOK, `{}`)
			b.call("PATCH", "/Users/"+b.ada, patchBody(`{"op":"remove","path":"name.givenName"}`))
		}
		w := b.call("PATCH", "/Users/"+b.ada, patchBody(`{"op":"replace","path":"title","value":"x"}`), test.header...)
		if w.Code != test.status {
			t.Fatalf("got %d %s", w.Code, w.Body)
		}
	}
	wantJSON(t, b.call("GET", "/Users/"+b.ada, ""), http.StatusOK, `{"title":"x","name":{"givenName":null,"middleName":"M","familyName":"Ames"}}`)
}
