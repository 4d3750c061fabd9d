package scim_test

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"procyon/directory/scim"
	"procyon/directory/scim/scimtest"
)

// crowd makes five people, of whom each filter below finds some, by their first letters.
func crowd(t testing.TB) (http.Handler, map[string]string) {
	d := &scimtest.Directory{}
	ids := map[string]string{}
	for _, u := range []scim.User{
		{UserName: "Ada@example.com", Active: true, ExternalID: "X1", Title: "Engineer", DisplayName: "Ada", Name: scim.Name{GivenName: "Ada", FamilyName: "Ames"},
			Emails: []scim.Email{{Value: "ada@example.com", Type: "work", Primary: true}, {Value: "ada@home.example.com", Type: "home"}}},
		{UserName: "bo@example.com", Active: false, ExternalID: "x1", Title: "Intern", Name: scim.Name{FamilyName: "Berg"},
			Emails: []scim.Email{{Value: "bo@example.com", Type: "home", Primary: true}, {Value: "ada@example.com", Type: "other"}}},
		{UserName: "cy@example.com", Active: true, Department: "Data"},
		{UserName: `q"\é@example.com`, Active: true, Title: "engineer", EmployeeNumber: "7"},
		{UserName: "Kelvin@example.com", Active: true, Title: "Zoologist"},
	} {
		if u.Department != "" {
			u.ManagerID = ids["A"]
		}
		made, err := d.CreateUser(context.Background(), u)
		if err != nil {
			t.Fatal(err)
		}
		ids[strings.ToUpper(u.UserName[:1])] = made.ID
	}
	if _, err := d.CreateGroup(context.Background(), scim.Group{DisplayName: "Team"}, []string{ids["A"], ids["C"]}); err != nil {
		t.Fatal(err)
	}
	return newHandler(d), ids
}

func TestFilter(t *testing.T) {
	h, ids := crowd(t)
	b := &bed{t: t, handler: h}
	for filter, want := range map[string]string{
		`userName eq "ada@EXAMPLE.com"`: "A", `USERNAME EQ "ada@example.com"`: "A", `userName co "XAMPLE"`: "ABCQK", `userName sw "BO"`: "B", `userName ew "Y@example.COM"`: "C",
		`userName sw "` + "\u212a" + `elvin"`:   "K", // the Kelvin sign is a k without case
		`userName eq "q\"\\\u00e9@example.com"`: "Q", `userName co "\u00E9"`: "Q",
		`externalId eq "x1"`: "B", `externalId sw "X"`: "A", `externalId ne "x1"`: "A", // case matters
		`id eq "` + ids["C"] + `"`: "C", `id ge "` + ids["K"] + `"`: "K",
		`title eq "engineer"`: "AQ", `title gt "engineer"`: "BK", `title ge "ENGINEER"`: "ABQK", `title lt "intern"`: "AQ", `title le "intern"`: "ABQ",
		`name.familyName eq "berg"`: "B", `name.givenName pr`: "A", `name pr`: "AB",
		`urn:ietf:params:scim:schemas:core:2.0:User:userName sw "cy"`: "C",
		enterprise + `:department eq "data"`:                          "C", `department eq "data"`: "C", strings.ToUpper(enterprise) + `:department pr`: "C", `employeeNumber pr`: "Q",
		enterprise + `:manager.value eq "` + ids["A"] + `"`: "C", `manager eq "` + ids["A"] + `"`: "C", `manager pr`: "C",

		// A comparison with what has no value does not match, whichever it is.
		`title ne "intern"`: "AQK", `not (title eq "intern")`: "ACQK", `title eq null`: "C", `title ne null`: "ABQK", `not (title pr)`: "C", `department ne "x"`: "C",
		`department eq ""`: "", `title co ""`: "ABQK",
		// Of several values one must match.
		`emails ne "ada@example.com"`: "AB", `emails co "home"`: "A", `emails.value eq "ADA@example.com"`: "AB", `emails pr`: "AB", `emails.display pr`: "", `emails eq null`: "CQK",
		// In brackets it is one and the same.
		`emails[type eq "work" and value eq "ada@example.com"]`: "A", `emails[type eq "home" and value eq "ada@example.com"]`: "", `emails.type eq "home" and emails.value eq "ada@example.com"`: "AB",
		`emails[type eq "work"].value eq "ada@example.com"`: "A", `emails[type eq "work"].value ne "ada@example.com"`: "", `emails[type eq "home" or type eq "work"].value co "home"`: "A",
		`emails[type eq "home" and (value sw "bo" or primary eq false) and not (display pr)]`: "B", `emails[primary pr]`: "AB", `emails[not (primary eq true)]`: "AB",
		`emails [ type eq "work" ]`: "A",
		`groups.value pr`:           "AC", `groups.display eq "TEAM"`: "AC", `groups[display eq "team"]`: "AC",
		// true and false in any case, quoted or not.
		`active eq True`: "ACQK", `active eq "FALSE"`: "B", `active ne true`: "B", `active pr`: "ABCQK",
		// Times are instants.
		`meta.created eq "2026-01-01T00:00:02Z"`: "B", `meta.created eq "2026-01-01T01:00:02.000+01:00"`: "B", `meta.lastModified gt "2026-01-01T00:00:04Z"`: "K", `meta.created le "2026-01-01t00:00:01z"`: "A",
		`meta.resourceType eq "User"`: "ABCQK", `schemas eq "` + enterprise + `"`: "CQ",
		// Precedence: not, and, or.
		`title eq "x" and title pr or userName sw "cy"`: "C", `userName sw "cy" or title pr and title eq "intern"`: "BC", `(userName sw "cy" or title pr) and title eq "intern"`: "B",
		`not (active eq true) or not (title pr)`: "BC", `NOT(active eq true)`: "B", `  userName  sw  "cy"  AND  ( active  eq  true )  `: "C",
		// What is of no schema, or is not kept, has no value.
		`colour eq "red"`: "", `not (colour pr)`: "ABCQK", `phoneNumbers[type eq "work"].value eq "1"`: "", `addresses.country eq "NO"`: "", `urn:example:x eq "y"`: "", `emails[colour pr]`: "", `name.colour pr`: "",
	} {
		w := b.call("GET", "/Users?filter="+url.QueryEscape(filter), "")
		if w.Code != http.StatusOK {
			t.Errorf("%s: %d %s", filter, w.Code, w.Body)
			continue
		}
		var list struct {
			TotalResults int
			Resources    []struct{ UserName string }
		}
		if err := json.Unmarshal(w.Body.Bytes(), &list); err != nil {
			t.Fatal(err)
		}
		got := ""
		for _, u := range list.Resources {
			got += strings.ToUpper(u.UserName[:1])
		}
		if got != want || list.TotalResults != len(want) {
			t.Errorf("%s: found %q of %d, want %q", filter, got, list.TotalResults, want)
		}
	}
}

func TestFilterRefused(t *testing.T) {
	h, _ := crowd(t)
	b := &bed{t: t, handler: h}
	nested := func(n int, open string) string {
		return strings.Repeat(open, n) + `title pr` + strings.Repeat(")", n)
	}
	for filter, says := range map[string]string{
		`userName`: "ends", `userName eq`: "ends", `userName eq ada`: "value", `userName eq 'ada'`: "value", `userName eq "ada`: "quotation mark", `userName eq "\x"`: "JSON", `userName eq "a` + "\t" + `"`: "JSON",
		`userName eq "a\`: "quotation mark", `userName is "ada"`: "operators", `userName"x"`: "operator", `eq "x"`: "operators", `userName eq "a" userName pr`: "or the end", `userName pr and`: "or the end",
		`(userName pr`: ")", `userName pr)`: "or the end", `()`: "attribute", `not userName pr`: "operators", `not not (userName pr)`: "operators", `[userName pr]`: "attribute", `emails[]`: "attribute", `emails[type pr`: "]",
		`a.b.c pr`: "attribute", `.a pr`: "attribute", `a..b pr`: "attribute", `a. pr`: "attribute", `:a pr`: "attribute", `urn: pr`: "attribute", `1a pr`: "attribute", `a$b pr`: "attribute", `é pr`: "attribute",
		`emails.value[type pr]`: "whole attribute", `emails[emails[type pr]]`: "within brackets", `title[value pr]`: "no parts", `emails[type pr]. eq "x"`: "part", `emails[type pr].value`: "operator",
		`active gt true`: "active", `active eq "yes"`: "active", `active co "t"`: "active", `active eq 1`: "active", `title eq 7`: "a number", `title eq true`: "true and false", `title gt null`: "null",
		`meta.created co "2026"`: "time", `meta.created gt "yesterday"`: "time", `meta.created gt 5`: "time", `name eq "Ada"`: "name.formatted", `meta sw "x"`: "meta.resourceType",
		`userName eq 01`: "value", `userName eq -`: "value", `userName eq 1e`: "value",
		nested(21, "("): "20 deep", nested(50, "("): "20 deep", nested(50, "not ("): "20 deep", nested(2700, "not("): "bytes", nested(4000, "("): "20 deep",
		`userName eq "` + strings.Repeat("x", 8192) + `"`: "8192",
	} {
		if w := b.call("GET", "/Users?filter="+url.QueryEscape(filter), ""); !t.Run(filter[:min(len(filter), 40)], func(t *testing.T) {
			wantRefusal(t, w, http.StatusBadRequest, "invalidFilter", says)
		}) {
			t.Log(filter)
		}
	}
	wantJSON(t, b.call("GET", "/Users?filter="+url.QueryEscape(nested(20, "(")), ""), http.StatusOK, `{"totalResults":4}`)
}

// Of members it can be asked whether somebody is one, and nothing that would read them all.
func TestFilterMembers(t *testing.T) {
	h, ids := crowd(t)
	b := &bed{t: t, handler: h}
	is := func(who string) string { return `members.value eq "` + ids[who] + `"` }
	for filter, total := range map[string]string{
		is("A"): "1", is("B"): "0", `members eq "` + ids["A"] + `"`: "1", `members[value eq "` + ids["C"] + `"]`: "1", is("A") + " and " + is("C"): "1", is("A") + " and " + is("B"): "0",
		`(displayName eq "team" and (` + is("A") + `)) and id pr`: "1", `displayName eq "x" and ` + is("A"): "0",
	} {
		wantJSON(t, b.call("GET", "/Groups?filter="+url.QueryEscape(filter), ""), http.StatusOK, `{"totalResults":`+total+`}`)
	}
	for _, filter := range []string{
		"members pr", "not (" + is("A") + ")", is("A") + " or " + is("B"), `members.value ne "x"`, `members.value co "x"`, `members.type eq "User"`, `members[value eq "x" and type eq "User"]`,
		`members[value eq "x" or value eq "y"]`, `members.value eq null`, `members[value eq "x"].display eq "x"`, "members.value eq 7",
	} {
		wantRefusal(t, b.call("GET", "/Groups?filter="+url.QueryEscape(filter), ""), http.StatusBadRequest, "invalidFilter", "members")
	}
}
