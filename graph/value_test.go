package graph_test

import (
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/99designs/gqlgen/graphql"

	"procyon/auth"
	"procyon/delivery"
	"procyon/graph"
	"procyon/graph/transport"
)

// Times keep their microseconds through the store, and finer ones are refused.
func TestTimesAreKept(t *testing.T) {
	b := newBed(t)
	const at, finer = "2026-11-23T12:00:00.123456Z", "2026-11-23T12:00:00.1234567Z"
	out := b.mutation(session(b.dev), "createAccessRequest", "accessRequest { id startsAt }", b.with("startsAt", at))
	r := out["accessRequest"].(object)
	if r["startsAt"] != at {
		t.Errorf("asked for %s, got %v", at, r["startsAt"])
	}
	change := object{"requestId": r["id"], "startsAt": "2026-11-23T13:30:00.5+01:00"}
	out = b.mutation(session(b.dev), "updateAccessRequest", "accessRequest { startsAt }", change)
	if got := out["accessRequest"].(object)["startsAt"]; got != "2026-11-23T12:30:00.5Z" {
		t.Errorf("changed to %v", got)
	}
	out = b.mutation(session(b.ada), "reviewAccessRequest", "accessRequest { grant { startsAt expiresAt } }", object{"requestId": r["id"], "decision": "APPROVE", "expectedVersion": 2, "subject": "REQUEST"})
	if g := fmt.Sprint(out["accessRequest"].(object)["grant"]); g != "map[expiresAt:2026-11-23T13:30:00.5Z startsAt:2026-11-23T12:30:00.5Z]" {
		t.Errorf("granted %s", g)
	}

	b.create()
	id := b.owe()
	worker := service(auth.ScopeDeliveriesWrite)
	attempt := object{"consumer": "notifier", "epoch": 1, "deliveryId": id, "outcome": string(delivery.OutcomeRetry), "tookMs": 1, "nextAttemptAt": at}
	out = b.mutation(worker, "recordDeliveryAttempt", "delivery { nextAttemptAt }", attempt)
	if got := out["delivery"].(object)["nextAttemptAt"]; got != at {
		t.Errorf("next attempt at %v", got)
	}

	seen := b.do(session(b.ada), `query($id: ID!) { node(id: $id) { ... on SlackWorkspace { installedAt } } }`, object{"id": b.workspace}).Data["node"].(object)["installedAt"]
	if got := b.userErrors(session(b.ada), "acceptSlackWorkspace", object{"workspaceId": b.workspace, "installedAt": seen}); got != "" {
		t.Errorf("accepted as it was seen: %q", got)
	}
	for name, input := range map[string]object{
		"createAccessRequest":   b.with("startsAt", finer),
		"updateAccessRequest":   {"requestId": r["id"], "startsAt": finer},
		"recordDeliveryAttempt": {"consumer": "notifier", "epoch": 1, "deliveryId": id, "outcome": "RETRY", "tookMs": 1, "nextAttemptAt": finer},
		"acceptSlackWorkspace":  {"workspaceId": b.workspace, "installedAt": finer},
		"createIntegration":     {"name": "x", "offeredByWorkspaceId": b.workspace, "offerInstalledAt": finer},
	} {
		if got := b.userErrors(session(b.ada), name, input); !strings.Contains(got, "INVALID") || !strings.Contains(got, "microsecond") {
			t.Errorf("%s: %q", name, got)
		}
	}
}

// How long an attempt took is told in milliseconds, up to a day.
func TestHowLongAnAttemptTook(t *testing.T) {
	b := newBed(t)
	b.create()
	id := b.owe()
	worker := service(auth.ScopeDeliveriesWrite)
	attempt := func(took any) object {
		return object{"consumer": "notifier", "epoch": 1, "deliveryId": id, "outcome": "RETRY", "tookMs": took, "nextAttemptAt": "2026-11-23T12:00:00Z"}
	}
	for _, took := range []int{-1, 86_400_001, 1<<31 - 1} {
		if got := b.userErrors(worker, "recordDeliveryAttempt", attempt(took)); got != "INVALID tookMs" {
			t.Errorf("%d: %q", took, got)
		}
	}
	for _, took := range []int{0, 1, 80, 86_400_000} {
		out := b.mutation(worker, "recordDeliveryAttempt", "delivery { attempts { tookMs } }", attempt(took))
		attempts := out["delivery"].(object)["attempts"].([]any)
		if got := attempts[len(attempts)-1].(object)["tookMs"]; got != float64(took) {
			t.Errorf("%d: %v", took, got)
		}
	}
}

// Durations that would be cut are refused for every field that takes one.
func TestDurationsAreWhole(t *testing.T) {
	b := newBed(t)
	id := b.create()
	for name, input := range map[string]object{
		"createAccessRequest": b.with("duration", "PT90.5S"),
		"updateAccessRequest": {"requestId": id, "duration": "PT7H59M59.5S"},
		"reviewAccessRequest": {"requestId": id, "decision": "APPROVE", "duration": "PT8H0.5S"},
		"extendAccessRequest": {"requestId": id, "reason": "more", "duration": "PT60.000S"},
		"acquireConsumer":     {"name": "c", "holder": "h", "ttl": "PT1.5S"},
	} {
		before := b.journal.Head()
		for _, who := range []caller{session(b.ada), session(b.dev)} {
			if got := b.userErrors(who, name, input); !strings.HasPrefix(got, "error INVALID The variable input.") || !strings.Contains(got, "whole weeks, days, hours, minutes and seconds") {
				t.Errorf("%s: %q", name, got)
			}
		}
		if b.journal.Head() != before {
			t.Errorf("%s changed something", name)
		}
	}
	out := b.mutation(session(b.dev), "updateAccessRequest", "accessRequest { requestedDuration }", object{"requestId": id, "duration": "P0DT0H90M"})
	if got := out["accessRequest"].(object)["requestedDuration"]; got != "PT1H30M" {
		t.Errorf("got %v", got)
	}
	r := b.mutation(session(b.dev), "createAccessRequest", "userErrors { message }", b.with("duration", "PT8H1S"))
	if got := said(r); !strings.Contains(got, "At most 8 hours is allowed for this; 8 hours 1 second was asked for.") {
		t.Errorf("%s", got)
	}
}

// A value that is wrong is found before anything of the operation runs, and nothing that
// was sent is repeated.
func TestWrongValuesRunNothing(t *testing.T) {
	b := newBed(t)
	before := b.journal.Head()
	const first = `one: createGateway(input: {name: "one"}) { userErrors { code } } `
	for query, vars := range map[string]object{
		`mutation { ` + first + `createAccessRequest(input: {items: [], duration: "secret", reason: "x"}) { userErrors { code } } }`:          nil,
		`mutation($d: Duration!) { ` + first + `createAccessRequest(input: {items: [], duration: $d, reason: "x"}) { userErrors { code } } }`: {"d": "secret"},
		`mutation { ` + first + `createIntegration(input: {name: "x", webhookUrl: "secret"}) { userErrors { code } } }`:                       nil,
		`mutation($u: URL) { ` + first + `createIntegration(input: {name: "x", webhookUrl: $u}) { userErrors { code } } }`:                    {"u": "secret"},
		`mutation($n: String!) { ` + first + `createGateway(input: {name: $n}) { userErrors { code } } }`:                                     {"n": []string{"secret"}},
		`query($s: [AccessRequestStatus!]) { accessRequests(filter: {status: $s}) { nodes { id } } }`:                                         {"s": "pending"},
		`query($f: AccessRequestFilter) { accessRequests(filter: $f) { nodes { id } } }`:                                                      {"f": object{"status": []string{"Pending"}}},
		`query($o: AccessRequestOrder) { accessRequests(orderBy: $o) { nodes { id } } }`:                                                      {"o": object{"field": "CREATED_AT", "direction": "desc"}},
		`query($n: Int) { accounts(first: $n) { nodes { id } } }`:                                                                             {"n": "2"},
		`query { accounts(first: 4294967297) { nodes { id } } }`:                                                                              nil,
		`query($n: Int) { records(prefix: "x", first: $n) { key } }`:                                                                          {"n": nil},
	} {
		r := b.do(session(b.ada), query, vars)
		if len(r.Errors) == 0 || r.Data != nil {
			t.Errorf("%s: %v %v", query, r.Errors, r.Data)
			continue
		}
		for _, e := range r.Errors {
			if code := e.Extensions["code"]; code == "INTERNAL" || strings.Contains(e.Message, "secret") || len(e.Path) > 0 {
				t.Errorf("%s: %v %s %v", query, code, e.Message, e.Path)
			}
		}
	}
	if b.journal.Head() != before {
		t.Error("something changed")
	}
}

// Who is not signed in hears nothing of types, fields and variables, by any transport.
func TestStrangersHearNothingOfValues(t *testing.T) {
	b := newBed(t)
	api := transport.New(graph.Discreet{GraphExecutor: b.exec}, transport.Options{Transports: []graphql.Transport{transport.HTTP{}}})
	for _, body := range []string{
		`{"query": "mutation($i: CreateIntegrationInput!) { createIntegration(input: $i) { integration { id } } }", "variables": {"i": {"kind": "x"}}}`,
		`{"query": "query($d: Duration) { viewer { id } }", "variables": {"d": "1h"}}`,
		`{"query": "{ accounts(first: \"1\") { nodes { id } } }"}`,
		`{"query": "subscription { requestEvents(after: \"x1\") { cursor } }"}`,
		`{"query": "query($n: ID!) { node(id: $n) { id } }", "variables": {}}`,
	} {
		r := httptest.NewRequestWithContext(t.Context(), "POST", "/graphql", strings.NewReader(body))
		r.Header.Set("Content-Type", "application/json")
		w := httptest.NewRecorder()
		api.ServeHTTP(w, r)
		if got := w.Body.String(); got != `{"errors":[{"message":"Sign in, or send a token.","extensions":{"code":"UNAUTHENTICATED","documentation":"errors#UNAUTHENTICATED"}}]}` {
			t.Errorf("%s: %s", body, got)
		}
	}
}
