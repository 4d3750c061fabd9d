package graph_test

import (
	"slices"
	"strings"
	"testing"

	"procyon/access"
	"procyon/graph/scalar"
)

type object = map[string]any

func item(resource access.Resource, role ...string) object {
	o := object{"resourceId": resource.ID}
	if len(role) > 0 {
		o["role"] = role[0]
	}
	return o
}

// with is a good request with one thing changed.
func (b *bed) with(key string, v any) object {
	o := object{"items": []object{item(b.db, "reader")}, "duration": "PT1H", "reason": "Fix it"}
	if v == nil {
		delete(o, key)
	} else {
		o[key] = v
	}
	return o
}

// Bad input gets a typed error that names the field, and changes nothing.
func TestBadInput(t *testing.T) {
	b := newBed(t)
	ada, dev := session(b.ada), session(b.dev)
	long := strings.Repeat("ü", 81)
	integration := func(name, url string) object { return object{"name": name, "webhookUrl": url} }
	b.create()
	created := scalar.FormatCursor(b.journal.Last())
	plan := func(cursor, integration string) object {
		return object{"consumer": "nobody", "epoch": 1, "cursor": created, "deliveries": []object{
			{"eventCursor": created, "integrationId": b.integration.ID}, {"eventCursor": cursor, "integrationId": integration},
		}}
	}
	for _, c := range []struct {
		name  string
		who   caller
		call  string
		input object
		want  string
	}{
		{"empty name", ada, "createAccount", object{"name": " ", "provider": "AWS", "externalId": "1"}, "INVALID name"},
		{"long name", ada, "createAccount", object{"name": long, "provider": "AWS", "externalId": "1"}, "INVALID name"},
		{"account twice", ada, "createAccount", object{"name": "Another", "provider": "AWS", "externalId": "1"}, "DUPLICATE externalId"},
		{"account's name twice", ada, "createAccount", object{"name": "PRODUCTION", "provider": "AWS", "externalId": "1"}, "DUPLICATE name"},
		{"long gateway name", ada, "createGateway", object{"name": long}, "INVALID name"},
		{"resource in no account", ada, "createResource", object{"name": "x", "kind": "DATABASE", "accountId": "acc_nothing"}, "NOT_FOUND accountId"},
		{"resource nowhere", ada, "createResource", object{"name": "x", "kind": "DATABASE"}, "INVALID accountId"},
		{"long account name", ada, "updateAccount", object{"accountId": b.account.ID, "name": long}, "INVALID name"},
		{"no external ID", ada, "createAccount", object{"name": "x", "provider": "AWS", "externalId": ""}, "INVALID externalId"},
		{"long external ID", ada, "createAccount", object{"name": "x", "provider": "AWS", "externalId": strings.Repeat("é", 201)}, "INVALID externalId"},
		{"a name of many lines", ada, "createGateway", object{"name": "a\nb"}, "INVALID name"},
		{"a name that turns", ada, "createGateway", object{"name": "a\u202eb"}, "INVALID name"},
		{"empty gateway name", ada, "createGateway", object{"name": "\u00a0"}, "INVALID name"},
		{"empty resource name", ada, "updateResource", object{"resourceId": b.db.ID, "name": ""}, "INVALID name"},
		{"long resource name", ada, "updateResource", object{"resourceId": b.db.ID, "name": long}, "INVALID name"},
		{"a resource's name twice", ada, "createResource", object{"name": "DB", "kind": "DATABASE", "accountId": b.account.ID}, "DUPLICATE name"},
		{"a gateway as an account", ada, "createResource", object{"name": "x", "kind": "DATABASE", "accountId": "gw_x"}, "NOT_FOUND accountId"},
		{"unknown gateway", ada, "createResource", object{"name": "x", "kind": "DATABASE", "gatewayId": "gw_x"}, "NOT_FOUND gatewayId"},
		{"both an account and a gateway", ada, "createResource", object{"name": "x", "kind": "DATABASE", "accountId": b.account.ID, "gatewayId": "gw_x"}, "INVALID gatewayId"},
		{"a role without a name", ada, "updateResource", object{"resourceId": b.db.ID, "roles": []string{"a", " "}}, "INVALID roles.1"},
		{"too many roles", ada, "updateResource", object{"resourceId": b.db.ID, "roles": slices.Repeat([]string{"a"}, 51)}, "INVALID roles"},
		{"long integration name on change", ada, "updateIntegration", object{"integrationId": b.integration.ID, "name": long}, "INVALID name"},
		{"http on change", ada, "updateIntegration", object{"integrationId": b.integration.ID, "webhookUrl": "http://hooks.slack.com/services/T/B/x"}, "INVALID webhookUrl"},
		{"a port", ada, "createIntegration", integration("x", "https://hooks.slack.com:8443/services/T/B/x"), "INVALID webhookUrl"},
		{"a resource as an account", ada, "setIntegrationAccounts", object{"integrationId": b.integration.ID, "accountIds": []string{b.db.ID}}, "NOT_FOUND accountIds.0"},
		{"too many accounts", ada, "setIntegrationAccounts", object{"integrationId": b.integration.ID, "accountIds": slices.Repeat([]string{b.account.ID}, 501)}, "INVALID accountIds"},
		{"role twice", ada, "createResource", object{"name": "x", "kind": "DATABASE", "accountId": b.account.ID, "roles": []string{"a", "a"}}, "INVALID roles.1"},
		{"account in use", ada, "deleteAccount", object{"accountId": b.account.ID}, "IN_USE accountId"},

		{"empty integration name", ada, "createIntegration", integration("", hookURL), "INVALID name"},
		{"long integration name", ada, "createIntegration", integration(long, hookURL), "INVALID name"},
		{"integration's name twice", ada, "createIntegration", integration("Approvals", hookURL), "DUPLICATE name"},
		{"http", ada, "createIntegration", integration("x", "http://hooks.slack.com/services/T/B/x"), "INVALID webhookUrl"},
		{"another host", ada, "createIntegration", integration("x", "https://example.com/services/T/B/x"), "INVALID webhookUrl"},
		{"a host like Slack's", ada, "createIntegration", integration("x", "https://hooks.slack.com.example.com/x"), "INVALID webhookUrl"},
		{"a loopback", ada, "createIntegration", integration("x", "https://127.0.0.1/x"), "INVALID webhookUrl"},
		{"a password in the URL", ada, "createIntegration", integration("x", "https://a:b@hooks.slack.com/services/T/B/x"), "INVALID webhookUrl"},
		{"no events", ada, "updateIntegration", object{"integrationId": b.integration.ID, "events": []string{}}, "INVALID events"},
		{"unknown account", ada, "setIntegrationAccounts", object{"integrationId": b.integration.ID, "accountIds": []string{b.account.ID, "acc_x"}}, "NOT_FOUND accountIds.1"},
		{"unknown integration", ada, "setIntegrationAccounts", object{"integrationId": "int_x", "accountIds": []string{}}, "NOT_FOUND integrationId"},
		{"a request as an integration", ada, "testIntegration", object{"integrationId": b.db.ID}, "NOT_FOUND integrationId"},

		{"no items", dev, "createAccessRequest", b.with("items", []object{}), "INVALID items"},
		{"an item twice", dev, "createAccessRequest", b.with("items", []object{item(b.db, "reader"), item(b.db, "writer")}), "INVALID items.1.resourceId"},
		{"unknown role", dev, "createAccessRequest", b.with("items", []object{item(b.db, "owner")}), "INVALID items.0.role"},
		{"no role", dev, "createAccessRequest", b.with("items", []object{item(b.db)}), "INVALID items.0.role"},
		{"a role where there is none", dev, "createAccessRequest", b.with("items", []object{item(b.server, "root")}), "INVALID items.0.role"},
		{"unknown resource", dev, "createAccessRequest", b.with("items", []object{{"resourceId": "res_x"}}), "NOT_FOUND items.0.resourceId"},
		{"no time", dev, "createAccessRequest", b.with("duration", "PT0S"), "INVALID duration"},
		{"too long", dev, "createAccessRequest", b.with("duration", "PT8H1S"), "INVALID duration"},
		{"too many items", dev, "createAccessRequest", b.with("items", slices.Repeat([]object{item(b.server)}, 21)), "INVALID items"},
		{"half a minute", dev, "createAccessRequest", b.with("duration", "PT59S"), "INVALID duration"},
		{"an account as a resource", dev, "createAccessRequest", b.with("items", []object{{"resourceId": b.account.ID}}), "NOT_FOUND items.0.resourceId"},
		{"a start far ahead", dev, "createAccessRequest", b.with("startsAt", "2026-12-24T10:00:00Z"), "INVALID startsAt"},
		{"a long reason", dev, "createAccessRequest", b.with("reason", strings.Repeat("ü", 1001)), "INVALID reason"},
		{"a reason that hides", dev, "createAccessRequest", b.with("reason", "a\u202eb"), "INVALID reason"},
		{"a long ticket", dev, "createAccessRequest", b.with("ticket", long), "INVALID ticket"},
		{"a long key", dev, "createAccessRequest", b.with("idempotencyKey", long), "INVALID idempotencyKey"},
		{"a start in the past", dev, "createAccessRequest", b.with("startsAt", "2026-11-23T09:00:00Z"), "INVALID startsAt"},
		{"no reason", dev, "createAccessRequest", b.with("reason", " \n "), "INVALID reason"},
		{"a service asks", service("slack:act"), "createAccessRequest", b.with("x", nil), "FORBIDDEN "},
		{"unknown request", ada, "reviewAccessRequest", object{"requestId": "req_x", "decision": "APPROVE"}, "NOT_FOUND requestId"},
		{"unknown consumer", service("events:read"), "advanceConsumer", object{"name": "x", "epoch": 1, "cursor": "j0"}, "NOT_FOUND name"},
		{"short lease", service("events:read"), "acquireConsumer", object{"name": "x", "holder": "y", "ttl": "PT0S"}, "INVALID ttl"},
		{"long lease", service("events:read"), "acquireConsumer", object{"name": "x", "holder": "y", "ttl": "PT5M1S"}, "INVALID ttl"},
		{"unknown delivery", ada, "redeliver", object{"deliveryId": "dlv_x"}, "NOT_FOUND deliveryId"},
		{"a plan for no event", service("deliveries:write"), "planDeliveries", plan(b.cursor(1), b.integration.ID), "INVALID deliveries.1.eventCursor"},
		{"a plan for the beginning", service("deliveries:write"), "planDeliveries", plan("j0", b.integration.ID), "INVALID deliveries.1.eventCursor"},
		{"a plan of another journal", service("deliveries:write"), "planDeliveries", plan("j1.00000000", b.integration.ID), "JOURNAL_CHANGED deliveries.1.eventCursor"},
		{"a plan for no integration", service("deliveries:write"), "planDeliveries", plan(created, "int_x"), "NOT_FOUND deliveries.1.integrationId"},
		{"a plan without a lease", service("deliveries:write"), "planDeliveries", plan(created, b.integration.ID), "NOT_FOUND consumer"},
		{"a Slack user of no workspace", service("slack:act"), "startSlackLink", object{"workspaceId": "wsp_x", "slackUserId": "U1", "slackName": "Dev"}, "NOT_FOUND workspaceId"},
		{"a Slack user that is none", service("slack:act"), "startSlackLink", object{"workspaceId": b.workspace, "slackUserId": "dev", "slackName": "Dev"}, "INVALID slackUserId"},
		{"a Slack user without a name", service("slack:act"), "startSlackLink", object{"workspaceId": b.workspace, "slackUserId": "U1", "slackName": " "}, "INVALID slackName"},
		{"a Slack app that is none", service("slack:act"), "installSlackWorkspace", object{"slackId": "T2", "name": "Acme", "appId": "", "botUserId": "U1", "scopes": []string{}}, "INVALID appId"},
		{"too many records", service("slack:act"), "putRecords", object{"records": slices.Repeat([]object{{"key": "k", "version": 1, "value": "v"}}, 101)}, "INVALID records"},
		{"a record without a key", service("slack:act"), "putRecords", object{"records": []object{{"key": "", "version": 1, "value": "v"}}}, "INVALID records.0.key"},
		{"a record's version 0", service("slack:act"), "putRecords", object{"records": []object{{"key": "k", "version": 0, "value": "v"}}}, "INVALID records.0.version"},
		{"used link", dev, "confirmSlackLink", object{"token": "nothing"}, "NOT_FOUND token"},
	} {
		t.Run(c.name, func(t *testing.T) {
			before := b.journal.Head()
			if got := b.userErrors(c.who, c.call, c.input); got != c.want {
				t.Errorf("%s: got %q, want %q", c.call, got, c.want)
			}
			if b.journal.Head() != before {
				t.Error("it changed something")
			}
		})
	}
}

// What the types alone refuse gets a GraphQL error before anything runs.
func TestBadScalarsAndDocuments(t *testing.T) {
	b := newBed(t)
	create := `mutation($d: Duration!) { createAccessRequest(input: {items: [], duration: $d, reason: "x"}) { userErrors { code } } }`
	for name, c := range map[string]struct {
		query string
		vars  object
		want  string
	}{
		"negative duration": {create, object{"d": "-PT1H"}, "INVALID"},
		"no duration":       {create, object{"d": "1h"}, "INVALID"},
		"cursor":            {`subscription($a: Cursor) { requestEvents(after: $a) { cursor } }`, object{"a": "x1"}, "CURSOR_MISMATCH"},
		"unknown field":     {`{ accounts { nodes { password } } }`, nil, "GRAPHQL_VALIDATION_FAILED"},
		"syntax":            {`{ accounts {`, nil, "GRAPHQL_PARSE_FAILED"},
		"too deep":          {`{ ` + strings.Repeat("slackLinks(first: 1) { nodes { user { ", 1) + strings.Repeat("slackLinks { user { ", 5) + "id" + strings.Repeat(" } }", 5) + strings.Repeat(" } } }", 1) + ` }`, nil, "QUERY_TOO_DEEP"},
		"too costly":        {`{ accessRequests(first: 100) { nodes { timeline(first: 100) { nodes { type } } } } }`, nil, "QUERY_TOO_COSTLY"},
		"aliases":           {`{ ` + aliases(30) + ` }`, nil, "TOO_MANY_ALIASES"},
		"directives":        {`{ viewer { name ` + strings.Repeat("@include(if: true) ", 60) + ` } }`, nil, "TOO_MANY_DIRECTIVES GRAPHQL_VALIDATION_FAILED"},
		"tokens":            {`{ viewer { ` + strings.Repeat("id ", 1200) + ` } }`, nil, "GRAPHQL_PARSE_FAILED"},
		"page size":         {`{ accounts(first: 101) { nodes { id } } }`, nil, "INVALID"},
		"both directions":   {`{ accounts(first: 1, last: 1) { nodes { id } } }`, nil, "INVALID"},
		"negative page":     {`{ accounts(first: -1) { nodes { id } } }`, nil, "INVALID"},
		"foreign cursor":    {`{ accounts(after: "nonsense") { nodes { id } } }`, nil, "CURSOR_MISMATCH"},
	} {
		t.Run(name, func(t *testing.T) {
			r := b.do(session(b.ada), c.query, c.vars)
			if len(r.Errors) == 0 || !slices.Contains(strings.Fields(c.want), strings.Fields(r.codes() + " none")[0]) {
				t.Errorf("%q %v, want %s", r.codes(), r.Errors, c.want)
			}
		})
	}
}

func aliases(n int) string {
	var b strings.Builder
	for i := range n {
		b.WriteString("a" + strings.Repeat("x", i) + ": viewer { name } ")
	}
	return b.String()
}
