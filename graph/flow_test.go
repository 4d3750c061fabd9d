package graph_test

import (
	"strings"
	"testing"
	"time"

	"procyon/access"
)

// create asks as Dev, and returns the request's ID.
func (b *bed) create() string {
	b.t.Helper()
	return b.createBy(session(b.dev))
}

// createBy asks as somebody.
func (b *bed) createBy(who caller) string {
	b.t.Helper()
	r := b.do(who, `mutation($input: CreateAccessRequestInput!) { createAccessRequest(input: $input) { accessRequest { id } userErrors { message } } }`,
		object{"input": b.looked("createAccessRequest", b.with("x", nil))})
	if len(r.Errors) > 0 {
		b.t.Fatal(r.Errors)
	}
	return r.Data["createAccessRequest"].(object)["accessRequest"].(object)["id"].(string)
}

// story is a request's time line: the types of its entries.
func (b *bed) story(id string) string {
	b.t.Helper()
	r := b.do(session(b.ada), `query($id: ID!) { accessRequest(id: $id) { timeline(first: 50) { nodes { type } } } }`, object{"id": id})
	var out []string
	for _, n := range r.Data["accessRequest"].(object)["timeline"].(object)["nodes"].([]any) {
		out = append(out, n.(object)["type"].(string))
	}
	return strings.Join(out, " ")
}

// ok is a mutation that must work.
func (b *bed) ok(who caller, name string, input object) {
	b.t.Helper()
	if got := b.userErrors(who, name, input); got != "" {
		b.t.Fatalf("%s: %s", name, got)
	}
}

// tick lets time pass, and what it brings happen.
func (b *bed) tick(d time.Duration) {
	b.t.Helper()
	s := access.NewSchedule(b.Service)
	b.must(s.Load(b.t.Context()))
	b.pass(d)
	b.must(s.Advance(b.t.Context()))
}

func TestStories(t *testing.T) {
	b := newBed(t)
	ada, dev := session(b.ada), session(b.dev)
	review := func(id, decision string) object { return object{"requestId": id, "decision": decision, "comment": "c"} }
	for want, live := range map[string]func(id string){
		"CREATED UPDATED APPROVED ACTIVATED EXTENSION_REQUESTED EXTENDED EXPIRED": func(id string) {
			b.ok(dev, "updateAccessRequest", object{"requestId": id, "reason": "better"})
			approve := review(id, "APPROVE")
			approve["duration"] = "PT30M"
			b.ok(ada, "reviewAccessRequest", approve)
			b.tick(0)
			b.ok(dev, "extendAccessRequest", object{"requestId": id, "duration": "PT1H", "reason": "more"})
			b.ok(ada, "reviewAccessRequest", review(id, "APPROVE"))
			b.tick(89 * time.Minute)
			b.tick(2 * time.Minute)
		},
		"CREATED APPROVED ACTIVATED EXTENSION_REQUESTED EXTENSION_DENIED CLOSED": func(id string) {
			b.ok(ada, "reviewAccessRequest", review(id, "APPROVE"))
			b.tick(0)
			b.ok(dev, "extendAccessRequest", object{"requestId": id, "duration": "PT1H", "reason": "more"})
			b.ok(ada, "reviewAccessRequest", review(id, "DENY"))
			b.ok(dev, "closeAccessRequest", object{"requestId": id})
		},
		"CREATED DENIED":   func(id string) { b.ok(ada, "reviewAccessRequest", review(id, "DENY")) },
		"CREATED CANCELED": func(id string) { b.ok(dev, "cancelAccessRequest", object{"requestId": id}) },
		"CREATED APPROVED ACTIVATED REVOKED": func(id string) {
			b.ok(ada, "reviewAccessRequest", review(id, "APPROVE"))
			b.tick(0)
			b.ok(session(b.bo), "revokeAccessRequest", object{"requestId": id, "reason": "enough"})
		},
		"CREATED TIMED_OUT": func(string) { b.tick(24 * time.Hour) },
	} {
		id := b.create()
		live(id)
		if got := b.story(id); got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
		// Once it is over nothing more can happen to it.
		for name, input := range map[string]object{
			"updateAccessRequest": {"requestId": id, "reason": "x"}, "cancelAccessRequest": {"requestId": id}, "closeAccessRequest": {"requestId": id},
			"extendAccessRequest": {"requestId": id, "duration": "PT1H", "reason": "x"},
		} {
			if got := b.userErrors(dev, name, input); !strings.HasPrefix(got, "CONFLICT") {
				t.Errorf("%s after %s: %q", name, want, got)
			}
		}
		for name, input := range map[string]object{"reviewAccessRequest": review(id, "APPROVE"), "revokeAccessRequest": {"requestId": id, "reason": "x"}} {
			if got := b.userErrors(ada, name, input); !strings.HasPrefix(got, "CONFLICT") {
				t.Errorf("%s after %s: %q", name, want, got)
			}
		}
	}
}

func TestWhoMayDecide(t *testing.T) {
	b := newBed(t)
	id := b.create()
	approve := object{"requestId": id, "decision": "APPROVE"}
	for want, who := range map[string]caller{
		"FORBIDDEN requestId": session(b.dev), "NOT_FOUND requestId": session(b.eve), "FORBIDDEN requestId ": acting(b.dev),
	} {
		if got := b.userErrors(who, "reviewAccessRequest", approve); got != strings.TrimSpace(want) && got != "SELF_REVIEW requestId" {
			t.Errorf("%s: %q, want %q", who.Actor.Name, got, want)
		}
	}
	r := b.do(session(b.ada), `mutation($input: CreateAccessRequestInput!) { createAccessRequest(input: $input) { accessRequest { id } userErrors { message } } }`, object{"input": b.looked("createAccessRequest", b.with("x", nil))})
	own := r.Data["createAccessRequest"].(object)["accessRequest"].(object)["id"].(string)
	if got := b.userErrors(session(b.ada), "reviewAccessRequest", object{"requestId": own, "decision": "APPROVE"}); got != "SELF_REVIEW requestId" {
		t.Errorf("one's own request: %q", got)
	}
	longer := object{"requestId": id, "decision": "APPROVE", "duration": "PT2H"}
	if got := b.userErrors(session(b.ada), "reviewAccessRequest", longer); got != "INVALID duration" {
		t.Errorf("longer than asked: %q", got)
	}
	b.ok(acting(b.ada), "reviewAccessRequest", approve)
	if got := b.userErrors(session(b.bo), "reviewAccessRequest", approve); got != "CONFLICT requestId" {
		t.Errorf("the second decision: %q", got)
	}
	entries, err := b.journal.Read(t.Context(), b.journal.Head()-1, 1)
	b.must(err)
	if by := entries[0].Actor; by.ID != b.ada.ID || by.ByID != "svc_1" {
		t.Errorf("the journal says that %+v decided", by)
	}
}

func TestWhoSeesWhat(t *testing.T) {
	b := newBed(t)
	id := b.create()
	see := func(who caller) bool {
		r := b.do(who, `query($id: ID!) { accessRequest(id: $id) { id } node(id: $id) { id } }`, object{"id": id})
		one, two := r.Data["accessRequest"] != nil, r.Data["node"] != nil
		list := b.do(who, `{ accessRequests(first: 10) { nodes { id } } }`, nil)
		listed := list.Data != nil && len(list.Data["accessRequests"].(object)["nodes"].([]any)) == 1
		if one != two || one != listed {
			t.Errorf("%s sees it by one way and not by another: %v %v %v", who.Actor.Name, one, two, listed)
		}
		return one
	}
	for _, c := range []struct {
		who  caller
		want bool
	}{
		{session(b.dev), true}, {session(b.ada), true}, {session(b.eve), false}, {acting(b.eve), false}, {acting(b.dev), true},
		{service("events:read"), true},
	} {
		if see(c.who) != c.want {
			t.Errorf("%s sees it: %v", c.who.Actor.Name, !c.want)
		}
	}
}

// The secret part of a webhook's URL is for one scope alone.
func TestWebhookURLStaysSecret(t *testing.T) {
	b := newBed(t)
	query := `query($id: ID!) {
		integrations(first: 10) { nodes { id name webhookUrlMasked } }
		node(id: $id) { ... on Integration { name webhookUrlMasked accounts { id } } }
		journal(first: 100) { nodes { subjectId type data hash } }
	}`
	for _, who := range []caller{session(b.ada), service("admin", "journal:read", "deliveries:write")} {
		r := b.do(who, query, object{"id": b.integration.ID})
		if len(r.Errors) > 0 {
			t.Fatal(r.Errors)
		}
		if text := strings.ToLower(strings.Join(flatten(r.Data), " ")); strings.Contains(text, "verysecretpart") || !strings.Contains(text, "hooks.slack.com") {
			t.Errorf("%s: %s", who.Actor.Name, text)
		}
	}
	clear := `{ integrations(first: 10) { nodes { webhookUrl } } }`
	if r := b.do(service("webhooks:read", "deliveries:write"), clear, nil); !strings.Contains(strings.Join(flatten(r.Data), " "), hookURL) {
		t.Errorf("the notifier does not see it: %v", r)
	}
	for _, who := range []caller{service("admin"), token(b.ada, "admin"), token(b.dev, "webhooks:read", "deliveries:write")} {
		r := b.do(who, clear, nil)
		if text := strings.Join(flatten(r.Data), " "); strings.Contains(text, hookURL) {
			t.Errorf("%v sees it: %s", who.Actor.Scopes, text)
		}
	}
	bad := b.do(session(b.ada), `mutation($input: CreateIntegrationInput!) { createIntegration(input: $input) { userErrors { message } } }`,
		object{"input": object{"name": "x", "webhookUrl": "https://evil.example/services/verySecretPart"}})
	if strings.Contains(strings.Join(flatten(bad.Data), " "), "verySecretPart") {
		t.Error("an error tells the URL")
	}
}

// flatten lists all texts in an answer.
func flatten(v any) []string {
	switch v := v.(type) {
	case string:
		return []string{v}
	case []any:
		var out []string
		for _, e := range v {
			out = append(out, flatten(e)...)
		}
		return out
	case map[string]any:
		var out []string
		for _, e := range v {
			out = append(out, flatten(e)...)
		}
		return out
	}
	return nil
}
