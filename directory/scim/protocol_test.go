package scim_test

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"procyon/directory/scim"
	"procyon/directory/scim/scimtest"
)

const newUser = `{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"new@example.com"`

func TestCreateUser(t *testing.T) {
	b := newBed(t)
	w := b.call("POST", "/Users", newUser+`,"ID":"mine","Meta":{"x":1},"groups":[{"value":"x"}],"EMAILS":{"VALUE":"new@example.com","Primary":"true","$ref":null},"name":{},"title":"","nickName":["ignored"]}`, "Content-Type: application/json")
	location := w.Header().Get("Location")
	if location != base+"/Users/user-3" || w.Header().Get("ETag") != `W/"3"` || w.Header().Get("Content-Type") != "application/scim+json" {
		t.Errorf("headers are %v", w.Header())
	}
	wantJSON(t, w, http.StatusCreated, `{"id":"user-3","schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"new@example.com","active":true,"groups":null,"name":null,"title":null,"nickName":null,
		"emails":[{"value":"new@example.com","primary":true,"$ref":null}],"meta":{"resourceType":"User","location":"`+location+`","version":"W/\"3\"","created":"2026-01-01T00:00:03Z","lastModified":"2026-01-01T00:00:03Z"}}`)
}

func TestCreateRefused(t *testing.T) {
	b := newBed(t)
	for _, test := range []struct {
		name, body string
		status     int
		scimType   string
		says       string
	}{
		{"an unknown attribute", newUser + `,"colour":"red"}`, 400, "invalidSyntax", "colour"},
		{"an unknown part", newUser + `,"name":{"first":"x"}}`, 400, "invalidSyntax", "first"},
		{"an unknown extension", newUser + `,"urn:example:2.0:User":{}}`, 400, "invalidSyntax", "urn:example"},
		{"an unknown attribute of an extension", newUser + `,"` + enterprise + `":{"colour":"red"}}`, 400, "invalidSyntax", "colour"},
		{"names that differ by case alone", newUser + `,"USERNAME":"x"}`, 400, "invalidSyntax", "twice"},
		{"the same name in a list", newUser + `,"emails":[{"value":"x","value":"y"}]}`, 400, "invalidSyntax", "twice"},
		{"no schemas", `{"userName":"x"}`, 400, "invalidSyntax", "schemas"},
		{"schemas of a group", `{"schemas":["urn:ietf:params:scim:schemas:core:2.0:Group"],"userName":"x"}`, 400, "invalidSyntax", "schemas"},
		{"no userName", `{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"]}`, 400, "invalidValue", "userName"},
		{"an empty userName", `{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":""}`, 400, "invalidValue", "userName"},
		{"a number", newUser + `,"title":7}`, 400, "invalidValue", "title"},
		{"a boolean that is none", newUser + `,"active":"maybe"}`, 400, "invalidValue", "active"},
		{"two primary", newUser + `,"emails":[{"value":"a","primary":true},{"value":"b","primary":true}]}`, 400, "invalidValue", "primary"},
		{"many addresses", newUser + `,"emails":["x"` + strings.Repeat(`,"x"`, 100) + `]}`, 400, "invalidValue", "101"},
		{"an extension that is a text", newUser + `,"` + enterprise + `":"x"}`, 400, "invalidValue", "enterprise"},
		{"a manager that is nobody", newUser + `,"` + enterprise + `":{"manager":"nobody"}}`, 400, "invalidValue", "nobody"},
		{"a name that is taken", strings.Replace(newUser, "new@", "ADA@", 1) + `}`, 409, "uniqueness", "ADA@"},
		{"no object", `["x"]`, 400, "invalidSyntax", "object"},
		{"no JSON", `{"schemas"`, 400, "invalidSyntax", "ends"},
		{"broken JSON", `{"schemas":,}`, 400, "invalidSyntax", "JSON"},
		{"no body", ``, 400, "invalidSyntax", "ends"},
		{"two values", newUser + `} {}`, 400, "invalidSyntax", "more than one"},
		{"no UTF-8", newUser + ",\"title\":\"\xff\"}", 400, "invalidSyntax", "UTF-8"},
		{"too deep", newUser + `,"title":` + strings.Repeat("[", 100_000), 400, "invalidSyntax", "deep"},
		{"many values", newUser + `,"title":[0` + strings.Repeat(",0", 100_000) + `]}`, 413, "tooMany", "100000 values"},
		{"too long", newUser + `,"title":"` + strings.Repeat("x", 4<<20) + `"}`, 413, "", "bytes"},
	} {
		t.Run(test.name, func(t *testing.T) {
			wantRefusal(t, b.call("POST", "/Users", test.body), test.status, test.scimType, test.says)
		})
	}
	wantJSON(t, b.call("GET", "/Users", ""), http.StatusOK, `{"totalResults":1}`)
	for _, kind := range []string{"text/plain", "application/x-www-form-urlencoded", "application/json; charset=latin1", "x"} {
		wantRefusal(t, b.call("POST", "/Users", newUser+"}", "Content-Type: "+kind), http.StatusUnsupportedMediaType, "", kind)
	}
}

// A replacement clears what it leaves out, but never brings back who was deactivated.
func TestPutUser(t *testing.T) {
	b := newBed(t)
	b.call("PATCH", "/Users/"+b.ada, patchBody(`{"op":"replace","path":"active","value":false}`))
	for _, more := range []string{`}`, `,"active":null}`} {
		wantJSON(t, b.call("PUT", "/Users/"+b.ada, newUser+more), http.StatusOK,
			`{"userName":"new@example.com","active":false,"displayName":null,"externalId":null,"emails":null,"name":null,"`+enterprise+`":null,"groups":[{"value":"`+b.group+`"}]}`)
	}
	wantRefusal(t, b.call("PUT", "/Users/nobody", newUser+"}"), http.StatusNotFound, "", "nobody")
}

func TestVersions(t *testing.T) {
	b := newBed(t)
	for _, path := range []string{"/Users/" + b.ada, "/Groups/" + b.group} {
		get := b.call("GET", path, "")
		tag := get.Header().Get("ETag")
		if !strings.HasPrefix(tag, `W/"`) {
			t.Fatalf("%s has the tag %s", path, tag)
		}
		for _, same := range []string{tag, strings.TrimPrefix(tag, "W/"), `"x", ` + tag, "*"} {
			if w := b.call("GET", path, "", "If-None-Match: "+same); w.Code != http.StatusNotModified || w.Body.Len() > 0 || w.Header().Get("ETag") != tag {
				t.Errorf("%s If-None-Match %s: %d", path, same, w.Code)
			}
		}
		if w := b.call("GET", path, "", `If-None-Match: W/"x"`); w.Code != http.StatusOK {
			t.Errorf("%s: %d", path, w.Code)
		}
		body := strings.Replace(newUser, "new@", "ada@", 1) + "}"
		if strings.HasPrefix(path, "/Groups") {
			body = `{"schemas":["urn:ietf:params:scim:schemas:core:2.0:Group"],"displayName":"x"}`
		}
		change := patchBody(`{"op":"replace","path":"displayName","value":"other"}`)
		for method, body := range map[string]string{"PUT": body, "PATCH": change, "DELETE": ""} {
			wantRefusal(t, b.call(method, path, body, `If-Match: W/"x", "y"`), http.StatusPreconditionFailed, "", "Read it again")
		}
		if w := b.call("PATCH", path, change, "If-Match: "+tag); w.Code >= 300 {
			t.Errorf("%s: %d %s", path, w.Code, w.Body)
		}
		if w := b.call("PATCH", path, change, "If-Match: *"); w.Code >= 300 {
			t.Errorf("%s: %d %s", path, w.Code, w.Body)
		}
		now := b.call("GET", path, "").Header().Get("ETag")
		if now == tag {
			t.Errorf("%s: a change left the tag %s", path, tag)
		}
		if w := b.call("DELETE", path, "", "If-Match: "+now); w.Code != http.StatusNoContent || w.Body.Len() > 0 {
			t.Errorf("%s: %d %s", path, w.Code, w.Body)
		}
	}
}

func TestAttributes(t *testing.T) {
	b := newBed(t)
	user, group := "/Users/"+b.ada, "/Groups/"+b.group
	for path, want := range map[string]string{
		user + "?attributes=userName":                       `{"id":"` + b.ada + `","schemas":["urn:ietf:params:scim:schemas:core:2.0:User","` + enterprise + `"],"userName":"ada@example.com","active":null,"meta":null,"emails":null,"` + enterprise + `":null}`,
		user + "?attributes=USERNAME, name.givenName":       `{"userName":"ada@example.com","name":{"givenName":"Ada","familyName":null},"emails":null}`,
		user + "?attributes=emails.value":                   `{"emails":[{"value":"ada@example.com","type":null},{"value":"ada@home.example.com","type":null}],"userName":null}`,
		user + "?attributes=emails&attributes=emails.value": `{"emails":[{"type":"work"},{"type":"home"}],"userName":null}`,
		user + "?attributes=" + enterprise:                  `{"` + enterprise + `":{"department":"Data","employeeNumber":"1"},"userName":null}`,
		user + "?attributes=" + enterprise + ":department":  `{"` + enterprise + `":{"department":"Data","employeeNumber":null},"userName":null}`,
		user + "?attributes=colour,,emails[type pr],x y":    `{"id":"` + b.ada + `","userName":null}`,
		user + "?attributes=emails.display,":                `{"emails":null}`,
		user + "?excludedAttributes=emails,name.givenName":  `{"emails":null,"name":{"familyName":"Ames","givenName":null},"userName":"ada@example.com","meta":{"resourceType":"User"}}`,
		user + "?excludedAttributes=id,schemas,emails.type": `{"id":"` + b.ada + `","emails":[{"value":"ada@example.com","type":null,"primary":true},{"type":null}]}`,
		user + "?excludedAttributes=" + enterprise:          `{"` + enterprise + `":null,"userName":"ada@example.com"}`,
		group:                               `{"displayName":"Data","members":null}`,
		group + "?excludedAttributes=":      `{"displayName":"Data","members":null}`,
		group + "?excludedAttributes=meta":  `{"displayName":"Data","members":null,"meta":null}`,
		group + "?attributes=members":       `{"displayName":null,"members":[{"value":"` + b.ada + `","type":"User","display":"Ada Ames","$ref":"` + base + `/Users/` + b.ada + `"}]}`,
		group + "?attributes=members.value": `{"members":[{"value":"` + b.ada + `","type":null}]}`,
		"/Groups?attributes=members":        `{"Resources":[{"members":[{"value":"` + b.ada + `"}]}]}`,
	} {
		t.Run(path, func(t *testing.T) { wantJSON(t, b.call("GET", path, ""), http.StatusOK, want) })
	}
	wantRefusal(t, b.call("GET", user+"?attributes=id&excludedAttributes=name", ""), http.StatusBadRequest, "invalidValue", "one of them")
	wantRefusal(t, b.call("GET", user+"?attributes="+strings.Repeat("a,", 101), ""), http.StatusBadRequest, "invalidValue", "attributes are named")
	wantJSON(t, b.call("POST", "/Users?attributes=id", newUser+"}"), http.StatusCreated, `{"userName":null}`)
	wantRefusal(t, b.call("POST", "/Users?attributes=id&excludedAttributes=name", newUser+"}"), http.StatusBadRequest, "invalidValue", "")
}

func TestLists(t *testing.T) {
	d := &scimtest.Directory{}
	b := &bed{t: t, handler: newHandler(d)}
	for i := range 250 {
		if _, err := d.CreateUser(context.Background(), scim.User{UserName: string(rune('a'+i%26)) + strings.Repeat("x", i)}); err != nil {
			t.Fatal(err)
		}
	}
	for path, want := range map[string]string{
		"/Users":                                `{"totalResults":250,"startIndex":1,"itemsPerPage":100}`,
		"/Users/":                               `{"totalResults":250,"startIndex":1,"itemsPerPage":100}`,
		"/Users?count=1000":                     `{"itemsPerPage":200}`,
		"/Users?count=0":                        `{"totalResults":250,"itemsPerPage":0,"Resources":[]}`,
		"/Users?count=-5&startIndex=-5":         `{"totalResults":250,"startIndex":1,"itemsPerPage":0,"Resources":[]}`,
		"/Users?startIndex=249":                 `{"totalResults":250,"startIndex":249,"itemsPerPage":2,"Resources":[{"id":"user-249"},{"id":"user-250"}]}`,
		"/Users?startIndex=9000000000":          `{"totalResults":250,"itemsPerPage":0}`,
		"/Users?filter=":                        `{"totalResults":250}`,
		`/Users?filter=userName eq "a"&count=1`: `{"schemas":["urn:ietf:params:scim:api:messages:2.0:ListResponse"],"totalResults":1,"Resources":[{"id":"user-1"}]}`,
	} {
		t.Run(path, func(t *testing.T) { wantJSON(t, b.call("GET", path, ""), http.StatusOK, want) })
	}
	for path, says := range map[string]string{"/Users?sortBy=userName": "sortBy", "/Users?count=many": "count", "/Users?startIndex=1.5": "startIndex", "/Users?startIndex=99999999999999999999": "startIndex"} {
		wantRefusal(t, b.call("GET", path, ""), http.StatusBadRequest, "invalidValue", says)
	}
	const search = `{"schemas":["urn:ietf:params:scim:api:messages:2.0:SearchRequest"],`
	wantJSON(t, b.call("POST", "/Users/.search", search+`"Filter":"userName eq \"A\"","startIndex":1,"count":5,"attributes":["id"]}`), http.StatusOK, `{"totalResults":1,"Resources":[{"id":"user-1","userName":null}]}`)
	wantRefusal(t, b.call("POST", "/Users/.search", search+`"sortBy":"userName"}`), http.StatusBadRequest, "invalidValue", "sortBy")
	wantRefusal(t, b.call("POST", "/Users/.search", search+`"where":"x"}`), http.StatusBadRequest, "invalidSyntax", "where")
	wantRefusal(t, b.call("POST", "/Users/.search", `{"filter":"id pr"}`), http.StatusBadRequest, "invalidSyntax", "schemas")
	wantRefusal(t, b.call("GET", "/Users/.search", ""), http.StatusMethodNotAllowed, "", "GET")
}

func TestWhatIsNotThere(t *testing.T) {
	b := newBed(t)
	for _, path := range []string{"/", "", "/Usersx", "/Users/a/b", "/Users/nobody", "/Groups/nobody", "/Schemas/x", "/ResourceTypes/x", "/users/" + b.ada} {
		wantRefusal(t, b.call("GET", "https://x"+path, ""), http.StatusNotFound, "", "")
	}
	for _, path := range []string{"/Me", "/Bulk", "/.search"} {
		wantRefusal(t, b.call("POST", path, "{}"), http.StatusNotImplemented, "", path)
	}
	for path, method := range map[string]string{"/Users": "PUT", "/Users/" + b.ada: "POST", "/Groups": "DELETE", "/Schemas": "POST", "/ServiceProviderConfig": "PATCH"} {
		w := b.call(method, path, "")
		if wantRefusal(t, w, http.StatusMethodNotAllowed, "", method); !strings.HasPrefix(w.Header().Get("Allow"), "GET, HEAD") {
			t.Errorf("Allow is %q", w.Header().Get("Allow"))
		}
	}
}

// What the server says of itself is what it does.
func TestDiscovery(t *testing.T) {
	b := newBed(t)
	wantJSON(t, b.call("GET", "/ServiceProviderConfig", ""), http.StatusOK, `{"patch":{"supported":true},"bulk":{"supported":false},"filter":{"supported":true,"maxResults":200},"sort":{"supported":false},"etag":{"supported":true},"changePassword":{"supported":false},"authenticationSchemes":[{"type":"oauthbearertoken"}]}`)
	wantJSON(t, b.call("GET", "/ResourceTypes", ""), http.StatusOK, `{"totalResults":2,"Resources":[{"id":"User","endpoint":"/Users","schemaExtensions":[{"schema":"`+enterprise+`","required":false}]},{"id":"Group","endpoint":"/Groups"}]}`)
	wantJSON(t, b.call("GET", "/resourcetypes/User", ""), http.StatusOK, `{"schema":"urn:ietf:params:scim:schemas:core:2.0:User","meta":{"location":"`+base+`/ResourceTypes/User"}}`)
	wantJSON(t, b.call("GET", "/Schemas", ""), http.StatusOK, `{"totalResults":3,"itemsPerPage":3,"Resources":[{"name":"User"},{"id":"`+enterprise+`"},{"name":"Group"}]}`)
	wantJSON(t, b.call("GET", "/Schemas/urn:ietf:params:scim:schemas:core:2.0:Group", ""), http.StatusOK, `{"attributes":[{"name":"displayName","type":"string","required":true,"caseExact":false,"returned":"default"},
		{"name":"members","type":"complex","multiValued":true,"mutability":"readWrite","returned":"request","subAttributes":[{"name":"value","caseExact":true,"mutability":"immutable"},{"name":"$ref","referenceTypes":["User"]},{"name":"type","canonicalValues":["User"]},{"name":"display"}]}]}`)
	wantRefusal(t, b.call("GET", "/Schemas?filter=id pr", ""), http.StatusForbidden, "", "filtered")
}

// broken is a directory whose people can't be read.
type broken struct {
	scim.Directory
	err error
}

func (d broken) User(context.Context, string) (scim.User, error) { return scim.User{}, d.err }

// An error of the server's own says nothing of itself to the provider, and all of it to the
// log; each call is reported.
func TestErrorsAndReports(t *testing.T) {
	var log strings.Builder
	var calls []scim.Call
	b := newBed(t)
	options := scim.Options{Log: slog.New(slog.NewTextHandler(&log, nil)), Report: func(_ context.Context, c scim.Call) { calls = append(calls, c) }}
	b.handler = scim.New(broken{b.dir, errors.New("the disk is full")}, options)
	w := b.call("GET", "/Users/x", "")
	if strings.Contains(w.Body.String(), "disk") {
		t.Errorf("the answer is %s", w.Body)
	}
	wantRefusal(t, w, http.StatusInternalServerError, "", "under the number")
	if !strings.Contains(log.String(), "the disk is full") {
		t.Errorf("the log is %s", log.String())
	}
	b.call("PATCH", "/Groups/"+b.group, patchBody(`{"op":"remove","path":"displayName"}`))
	secret := "a-secret-password"
	b.call("POST", "/Users", newUser+`,"password":"`+secret+`"}`)
	b.call("POST", "/Users", newUser+`,"active":"`+secret+`"}`)
	if len(calls) != 4 || calls[0].ID != "x" || calls[0].Status != 500 || calls[1].Resource != "Group" || calls[1].Err.Type != scim.TypeMutability || calls[2].Status != 201 || calls[2].Err != nil {
		t.Errorf("reported %+v", calls)
	}
	if detail := calls[3].Err.Detail; strings.Contains(detail+log.String(), secret) {
		t.Errorf("a value that was sent is in %s", detail)
	}
}

// A call is said to have changed something where it did: not where it only looked, found all as
// it should be, or was refused.
func TestReportsSayWhatChanged(t *testing.T) {
	var calls []scim.Call
	b := newBed(t)
	b.handler = scim.New(b.dir, scim.Options{Report: func(_ context.Context, c scim.Call) { calls = append(calls, c) }})
	user, group := "/Users/"+b.ada, "/Groups/"+b.group
	for _, c := range []struct {
		method, path, body string
		changed            bool
	}{
		{"GET", "/Users", "", false}, {"HEAD", user, "", false}, {"GET", group, "", false},
		{"POST", "/Users/.search", `{"schemas":["urn:ietf:params:scim:api:messages:2.0:SearchRequest"],"count":1}`, false},
		{"POST", "/Users", `{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"another@example.com"}`, true},
		{"POST", "/Users", `{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"another@example.com"}`, false},
		{"PATCH", user, patchBody(`{"op":"replace","path":"title","value":"Boss"}`), true},
		{"PATCH", user, patchBody(`{"op":"replace","path":"title","value":"Boss"}`), false},
		{"PUT", user, `{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"put@example.com"}`, true},
		{"PUT", user, `{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"put@example.com"}`, false},
		{"PATCH", group, patchBody(`{"op":"remove","path":"members"}`), true},
		{"PATCH", group, patchBody(`{"op":"remove","path":"members"}`), false},
		{"PUT", group, `{"schemas":["urn:ietf:params:scim:schemas:core:2.0:Group"],"displayName":"Put"}`, true},
		{"PUT", group, `{"schemas":["urn:ietf:params:scim:schemas:core:2.0:Group"],"displayName":"Put"}`, false},
		{"DELETE", group, "", true}, {"DELETE", group, "", false}, {"DELETE", user, "", true},
	} {
		w := b.call(c.method, c.path, c.body)
		if got := calls[len(calls)-1]; got.Changed != c.changed {
			t.Errorf("%s %s %s: changed is %v; %d %s", c.method, c.path, c.body, got.Changed, w.Code, w.Body)
		}
	}
}

// Who went away is told nothing, and nothing is told of them.
func TestWhoWentAwayIsNotReported(t *testing.T) {
	b := newBed(t)
	h := scim.New(broken{b.dir, context.Canceled}, scim.Options{Report: func(_ context.Context, c scim.Call) { t.Errorf("reported %+v", c) }})
	ctx, leave := context.WithCancel(t.Context())
	leave()
	h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequestWithContext(ctx, "GET", "/Users/x", nil))
}

func TestPrimaryEmail(t *testing.T) {
	for want, u := range map[string]scim.User{
		"":  {},
		"a": {Emails: []scim.Email{{Value: "a"}, {Value: "b"}}},
		"b": {Emails: []scim.Email{{Value: "a"}, {Value: "b", Type: "Work"}, {Value: "c", Type: "work"}}},
		"c": {Emails: []scim.Email{{Value: "a", Type: "work"}, {Value: "c", Primary: true}}},
	} {
		if got := u.PrimaryEmail(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

// Two texts have the same form exactly if they differ by case alone.
func TestFold(t *testing.T) {
	all := []string{"", "a", "A", "k", "K", "\u212a", "ſ", "s", "S", "ß", "ẞ", "σ", "ς", "Σ", "é", "É", "i", "I", "İ", "ı", "ǅ", "ǆ", "Ǆ", "Straße", "STRASSE"}
	for _, a := range all {
		for _, b := range all {
			if got := scim.Fold(a) == scim.Fold(b); got != strings.EqualFold(a, b) {
				t.Errorf("%q and %q: %v", a, b, got)
			}
		}
	}
	if scim.Fold("WORK") != "work" {
		t.Error("WORK has another form")
	}
}
