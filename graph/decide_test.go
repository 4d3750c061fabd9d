package graph_test

import (
	"strings"
	"testing"
	"time"

	"procyon/access"
)

// A shorter duration that is nothing must not pass for "as asked".
func TestDurationOfAReview(t *testing.T) {
	b := newBed(t)
	id := b.create()
	review := object{"requestId": id, "decision": "APPROVE"}
	before := b.journal.Head()
	for _, bad := range []string{"PT0S", "PT1S", "PT59S", "PT1H1S", "P1D"} {
		review["duration"] = bad
		if got := b.userErrors(session(b.ada), "reviewAccessRequest", review); got != "INVALID duration" {
			t.Errorf("%s: %q", bad, got)
		}
	}
	deny := object{"requestId": id, "decision": "DENY", "duration": "PT1M"}
	if got := b.userErrors(session(b.ada), "reviewAccessRequest", deny); got != "INVALID duration" {
		t.Errorf("a denial with a duration: %q", got)
	}
	if b.journal.Head() != before {
		t.Fatal("bad durations changed something")
	}
	review["duration"] = "PT1M"
	b.ok(session(b.ada), "reviewAccessRequest", review)
	r, err := b.Request(t.Context(), id)
	b.must(err)
	if got := r.Grant.ExpiresAt.Sub(r.Grant.StartsAt); got != time.Minute {
		t.Errorf("granted for %s", got)
	}
}

// An approval that comes after the end extends nothing, also where nobody has
// written the end down yet.
func TestLateExtension(t *testing.T) {
	b := newBed(t)
	id := b.create()
	statuses()[access.StatusActive](b, id)
	b.ok(session(b.dev), "extendAccessRequest", object{"requestId": id, "duration": "PT1H", "reason": "more"})
	b.pass(time.Hour)
	if got := b.userErrors(session(b.ada), "reviewAccessRequest", object{"requestId": id, "decision": "APPROVE"}); got != "CONFLICT requestId" {
		t.Errorf("got %q", got)
	}
}

// A message to an integration that would not get it is refused, as a test and as
// a repetition.
func TestMessagesToIntegrationsThatDoNotWork(t *testing.T) {
	b := newBed(t)
	test := object{"integrationId": b.integration.ID}
	sent := b.do(session(b.ada), `mutation($input: TestIntegrationInput!) { testIntegration(input: $input) { delivery { id } userErrors { message } } }`, object{"input": test})
	again := object{"deliveryId": sent.Data["testIntegration"].(object)["delivery"].(object)["id"]}
	if got := b.userErrors(session(b.ada), "redeliver", again); got != "CONFLICT deliveryId" {
		t.Errorf("one that is pending: %q", got)
	}
	refused := func(why, wantTest string) {
		t.Helper()
		before := b.journal.Head()
		if got := b.userErrors(session(b.ada), "testIntegration", test); got != wantTest {
			t.Errorf("a test while %s: %q", why, got)
		}
		if got := b.userErrors(session(b.ada), "redeliver", again); got != "CONFLICT deliveryId" {
			t.Errorf("a repetition while %s: %q", why, got)
		}
		if b.journal.Head() != before {
			t.Errorf("%s: something changed", why)
		}
	}
	b.must(b.BreakIntegration(t.Context(), access.System(), b.integration.ID, "no_service"))
	refused("broken", "CONFLICT integrationId")
	b.ok(session(b.ada), "updateIntegration", object{"integrationId": b.integration.ID, "enabled": false})
	refused("switched off", "CONFLICT integrationId")
	b.ok(session(b.ada), "updateIntegration", object{"integrationId": b.integration.ID, "enabled": true})
	b.ok(session(b.ada), "testIntegration", test)
	b.ok(session(b.ada), "deleteIntegration", test)
	refused("deleted", "NOT_FOUND integrationId")
	r := b.do(session(b.ada), `{ deliveries(first: 10) { nodes { status } } }`, nil)
	for _, n := range r.Data["deliveries"].(object)["nodes"].([]any) {
		if n.(object)["status"] != "DEAD" {
			t.Errorf("a deleted integration is still owed %v", n)
		}
	}
}

// Who may follow events with a lease: no member may stop the notifier's by taking it.
func TestLeasesAreNotForMembers(t *testing.T) {
	b := newBed(t)
	lease := object{"name": "notifier", "holder": "me", "ttl": "PT1M"}
	for _, who := range []caller{session(b.dev), token(b.dev, "events:read", "deliveries:write"), acting(b.dev), acting(b.ada)} {
		if got := b.userErrors(who, "acquireConsumer", lease); got[:15] != "error FORBIDDEN" {
			t.Errorf("%s: %q", who.Actor.Name, got)
		}
	}
	b.ok(service("deliveries:write"), "acquireConsumer", lease)
	lease["holder"] = "somebody else"
	if got := b.userErrors(service("events:read"), "acquireConsumer", lease); got != "LEASE holder" {
		t.Errorf("another holder: %q", got)
	}
	if got := b.userErrors(service("events:read"), "advanceConsumer", object{"name": "notifier", "epoch": 2, "cursor": b.cursor(1)}); got != "LEASE epoch" {
		t.Errorf("another epoch: %q", got)
	}
	if got := b.userErrors(service("events:read"), "advanceConsumer", object{"name": "notifier", "epoch": 1, "cursor": "jzzzz.00000000"}); got != "JOURNAL_CHANGED cursor" {
		t.Errorf("a cursor beyond the end: %q", got)
	}
}

// What an extension may ask for, and that there is one at a time.
func TestBadExtensions(t *testing.T) {
	b := newBed(t)
	id := b.create()
	statuses()[access.StatusActive](b, id)
	ask := func(duration, reason string) string {
		return b.userErrors(session(b.dev), "extendAccessRequest", object{"requestId": id, "duration": duration, "reason": reason})
	}
	before := b.journal.Head()
	for _, c := range []struct{ duration, reason, want string }{
		{"PT0S", "more", "INVALID duration"}, {"PT59S", "more", "INVALID duration"}, {"PT7H1S", "more", "INVALID duration"},
		{"P366D", "more", "INVALID duration"}, {"PT1H", " ", "INVALID reason"},
	} {
		if got := ask(c.duration, c.reason); got != c.want {
			t.Errorf("%s, %q: %q, want %q", c.duration, c.reason, got, c.want)
		}
	}
	if b.journal.Head() != before {
		t.Error("bad extensions changed something")
	}
	if got := ask("PT7H", "more"); got != "" {
		t.Fatalf("up to what the policy allows: %q", got)
	}
	if got := ask("PT1M", "and more"); got != "CONFLICT requestId" {
		t.Errorf("a second one: %q", got)
	}
	if got := b.userErrors(session(b.ada), "reviewAccessRequest", object{"requestId": id, "decision": "APPROVE", "duration": "PT7H1S"}); got != "INVALID duration" {
		t.Errorf("longer than asked: %q", got)
	}
}

// Of many who decide at once, one does, and the others are told who did.
func TestOneDecision(t *testing.T) {
	b := newBed(t)
	id := b.create()
	results := make(chan reply)
	const clicks = 8
	for i := range clicks {
		who, decision := session(b.ada), "APPROVE"
		if i%2 > 0 {
			who, decision = session(b.bo), "DENY"
		}
		input := object{"requestId": id, "decision": decision, "expectedVersion": 1, "subject": "REQUEST", "comment": "so"}
		go func() {
			results <- b.do(who, `mutation($input: ReviewAccessRequestInput!) { reviewAccessRequest(input: $input) { accessRequest { status } userErrors { code message } } }`,
				object{"input": input})
		}()
	}
	decided, told := 0, 0
	for range clicks {
		out := (<-results).Data["reviewAccessRequest"].(object)
		errs := out["userErrors"].([]any)
		switch {
		case len(errs) == 0:
			decided++
		case errs[0].(object)["code"] == "CONFLICT" && strings.Contains(errs[0].(object)["message"].(string), " by "):
			told++
		default:
			t.Errorf("%v", out)
		}
	}
	if decided != 1 || told != clicks-1 {
		t.Errorf("%d decided, %d were told", decided, told)
	}
	if got := b.story(id); got != "CREATED APPROVED" && got != "CREATED DENIED" {
		t.Errorf("the journal has %s", got)
	}
}
