package graph_test

import (
	"fmt"
	"strings"
	"testing"
)

// Values of the wrong form are refused before anything runs: those of variables with
// where they are in the variable, those in the document with where they are in it.
func TestBadValues(t *testing.T) {
	b := newBed(t)
	const (
		ask  = `mutation($i: CreateAccessRequestInput!) { createAccessRequest(input: $i) { userErrors { code } } }`
		join = `mutation($i: CreateIntegrationInput!) { createIntegration(input: $i) { userErrors { code } } }`
		link = `mutation($i: SetIntegrationAccountsInput!) { setIntegrationAccounts(input: $i) { userErrors { code } } }`
	)
	hook := func(key string, v any) object {
		o := object{"name": "x", "webhookUrl": hookURL}
		o[key] = v
		return object{"i": o}
	}
	request := func(key string, v any) object {
		o := b.with("x", nil)
		o[key] = v
		return object{"i": o}
	}
	before := b.journal.Head()
	for _, c := range []struct {
		query string
		vars  object
		want  string
	}{
		{ask, request("duration", "1h"), "INVALID i.duration"},
		{ask, request("duration", "-PT1H"), "INVALID i.duration"},
		{ask, request("duration", "P1M"), "INVALID i.duration"},
		{ask, request("duration", "P400D"), "INVALID i.duration"},
		{ask, request("duration", 3600), "INVALID i.duration"},
		{ask, request("startsAt", "tomorrow"), "INVALID i.startsAt"},
		{ask, request("startsAt", "2026-11-23T12:00:00"), "INVALID i.startsAt"},
		{ask, request("startsAt", 1), "INVALID i.startsAt"},
		{ask, request("reason", nil), "INVALID i.reason"},
		{ask, request("reason", object{"a": 1}), "INVALID i.reason"},
		{ask, request("reason", 5), "INVALID i.reason"},
		{ask, request("ticket", 5), "INVALID i.ticket"},
		{ask, request("ticket", true), "INVALID i.ticket"},
		{`query($s: String) { accounts(search: $s) { nodes { id } } }`, object{"s": 5}, "INVALID s"},
		{ask, request("items", []any{nil}), "INVALID i.items[0]"},
		{ask, request("status", "APPROVED"), "INVALID i.status"},
		{ask, nil, "INVALID i"},
		{`mutation { createAccessRequest(input: {items: [], duration: "1h", reason: "x"}) { userErrors { code } } }`, nil, "INVALID "},
		{`mutation { createAccessRequest(input: {items: [], reason: "x"}) { userErrors { code } } }`, nil, "GRAPHQL_VALIDATION_FAILED "},
		{`mutation { reviewAccessRequest(input: {requestId: "req_x", expectedVersion: 1, subject: REQUEST, decision: MAYBE}) { userErrors { code } } }`, nil, "GRAPHQL_VALIDATION_FAILED "},
		{join, hook("webhookUrl", "javascript:alert(1)"), "INVALID i.webhookUrl"},
		{join, hook("webhookUrl", "hooks.slack.com/services"), "INVALID i.webhookUrl"},
		{join, hook("webhookUrl", hookURL+strings.Repeat("x", 2000)), "INVALID i.webhookUrl"},
		{join, hook("webhookUrl", 1), "INVALID i.webhookUrl"},
		{join, hook("kind", "PIGEON"), "INVALID i.kind"},
		{join, hook("events", []string{"BORED"}), "INVALID i.events[0]"},
		{link, object{"i": object{"integrationId": b.integration.ID, "accountIds": []any{nil}}}, "INVALID i.accountIds[0]"},
		{`subscription($a: Cursor) { requestEvents(after: $a) { cursor } }`, object{"a": "x1"}, "CURSOR_MISMATCH a"},
		{`subscription { requestEvents(after: "x1") { cursor } }`, nil, "CURSOR_MISMATCH "},
		{`subscription { requestEvents(after: 1) { cursor } }`, nil, "CURSOR_MISMATCH "},
		{`query($n: Int) { accounts(first: $n) { nodes { id } } }`, object{"n": 1.5}, "INVALID n"},
		{`query($n: ID!) { node(id: $n) { id } }`, object{"n": object{"a": 1}}, "INVALID n"},
	} {
		r := b.do(session(b.ada), c.query, c.vars)
		if len(r.Errors) != 1 {
			t.Errorf("%s %v: %v", c.query, c.vars, r.Errors)
			continue
		}
		e := r.Errors[0]
		at, _ := e.Extensions["variable"].(string)
		if got := fmt.Sprint(e.Extensions["code"], " ", at); got != c.want || !strings.Contains(e.Message, at) || len(e.Path) > 0 || r.Data != nil || len(e.Locations) != 1 {
			t.Errorf("%s %v: %s (%s), want %s", c.query, c.vars, got, e.Message, c.want)
		}
	}
	if b.journal.Head() != before {
		t.Error("something changed")
	}
}

// A document over a limit is refused whole: none of its mutations runs.
func TestDocumentsOverALimitChangeNothing(t *testing.T) {
	b := newBed(t)
	before := b.journal.Head()
	gateways := func(n int) string {
		var s strings.Builder
		for i := range n {
			fmt.Fprintf(&s, "g%d: createGateway(input: {name: \"g%d\"}) { userErrors { code } } ", i, i)
		}
		return s.String()
	}
	for name, c := range map[string]struct{ query, want string }{
		"aliases":    {"mutation { " + gateways(16) + " }", "TOO_MANY_ALIASES"},
		"depth":      {"mutation { " + gateways(1) + ` cancelAccessRequest(input: {requestId: "x"}) { accessRequest { deliveries(first: 1) { nodes { ` + strings.Repeat("integration { slackChannel { workspace { offeredWebhook { ", 3) + "channel" + strings.Repeat(" } } } }", 3) + " } } } } }", "QUERY_TOO_DEEP"},
		"cost":       {"mutation { " + gateways(1) + ` cancelAccessRequest(input: {requestId: "x"}) { accessRequest { timeline(first: 100) { nodes { actor { userId name kind via email } data hash at version type seq cursor subjectId } } deliveries(first: 100) { nodes { attempts { at error } integration { accounts { integrations { name } } } } } } } }`, "QUERY_TOO_COSTLY"},
		"directives": {"mutation { g: createGateway(input: {name: \"g\"}) { " + strings.Repeat("userErrors { code @skip(if: true) message @skip(if: true) field @skip(if: true) } ", 20) + "} }", "TOO_MANY_DIRECTIVES"},
		"tokens":     {"mutation { " + gateways(1) + strings.Repeat("__typename ", 1100) + "}", "GRAPHQL_PARSE_FAILED"},
		"fragments":  {"mutation { " + gateways(1) + " ...a } fragment a on Mutation { ...b } fragment b on Mutation { ...a }", "GRAPHQL_VALIDATION_FAILED"},
	} {
		r := b.do(session(b.ada), c.query, nil)
		if len(r.Errors) == 0 || r.Errors[0].Extensions["code"] != c.want || r.Data != nil {
			t.Errorf("%s: %q %v %v, want %s", name, r.codes(), r.Errors, r.Data, c.want)
		}
	}
	if b.journal.Head() != before {
		t.Error("something changed")
	}
	if r := b.do(session(b.ada), "mutation { "+gateways(15)+" }", nil); len(r.Errors) > 0 {
		t.Errorf("at the limit: %v", r.Errors)
	}
}

// A subscription is one stream.
func TestSubscriptionsAreOneStream(t *testing.T) {
	b := newBed(t)
	f := b.streams(0)
	for _, query := range []string{
		`subscription { requestEvents { cursor } again: requestEvents { cursor } }`,
		`subscription { ...f } fragment f on Subscription { requestEvents { cursor } again: requestEvents { cursor } }`,
		`subscription { requestEvents { cursor } __typename }`,
		`subscription { __typename }`,
		`subscription { requestEvents @skip(if: true) { cursor } }`,
	} {
		if _, codes := b.follow(f, session(b.ada), query, nil); !strings.HasPrefix(codes, "GRAPHQL_VALIDATION_FAILED") {
			t.Errorf("%s: %q", query, codes)
		}
	}
	for _, query := range []string{
		`subscription { again: requestEvents { cursor } }`,
		`subscription { ...f } fragment f on Subscription { requestEvents { cursor } }`,
	} {
		if _, codes := b.follow(f, session(b.ada), query, nil); codes != "" {
			t.Errorf("%s: %q", query, codes)
		}
	}
}
