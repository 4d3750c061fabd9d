package graph_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"procyon/access"
)

const leavingFields = `refusedBecause accesses { id } accessCount requests { id } requestCount sessionCount tokenCount slackLinkCount
	decisions { count undecided { id } undecidedCount }`

// leaving is what disabling somebody would end, or what demotionEnds says, as one text.
func (b *bed) leaving(who caller, u access.User, field, selection string) string {
	b.t.Helper()
	r := b.do(who, fmt.Sprintf(`query($id: ID!) { node(id: $id) { ... on User { %s { %s } } } }`, field, selection), object{"id": u.ID})
	if len(r.Errors) > 0 {
		return r.codes()
	}
	n, _ := r.Data["node"].(object)
	return fmt.Sprint(n[field])
}

// What is said before somebody is disabled is what then ends.
func TestWhatDisablingEndsIsSaidBefore(t *testing.T) {
	b := newBed(t)
	ada := session(b.ada)
	given, waits := b.create(), b.create()
	b.ok(ada, "reviewAccessRequest", object{"requestId": given, "decision": "APPROVE"})
	stay := b.signIn(b.dev)
	_, _ = b.newToken(stay, object{"name": "laptop"}), b.newToken(stay, object{"name": "ci"})
	b.link("UDEV", "dev@example.com", session(b.dev), "")
	want := fmt.Sprintf("map[accessCount:1 accesses:[map[id:%s]] decisions:map[count:0 undecided:[] undecidedCount:0] refusedBecause:<nil> requestCount:1 requests:[map[id:%s]] sessionCount:1 slackLinkCount:1 tokenCount:2]", given, waits)
	if got := b.leaving(ada, b.dev, "disablingEnds", leavingFields); got != want {
		t.Errorf("%s\nwant %s", got, want)
	}
	out := b.mutation(ada, "disableUser", "endedRequests { count } endedSessions endedTokens", object{"userId": b.dev.ID})
	if fmt.Sprint(out) != "map[endedRequests:map[count:2] endedSessions:1 endedTokens:2 userErrors:[]]" {
		t.Errorf("%v", out)
	}
	nothing := "map[accessCount:0 accesses:[] decisions:map[count:0 undecided:[] undecidedCount:0] refusedBecause:<nil> requestCount:0 requests:[] sessionCount:0 slackLinkCount:0 tokenCount:0]"
	if got := b.leaving(ada, b.dev, "disablingEnds", leavingFields); got != nothing {
		t.Errorf("afterwards: %s", got)
	}
	for name, who := range map[string]caller{"member": session(b.eve), "themselves": session(b.dev), "service": service("events:read")} {
		for _, field := range []string{"disablingEnds", "demotionEnds"} {
			if got := b.leaving(who, b.eve, field, "refusedBecause"); got == "map[refusedBecause:<nil>]" {
				t.Errorf("%s sees %s: %s", name, field, got)
			}
		}
	}
}

// An administrator's decisions are named, and those that nobody else may take; the last one
// is told why not.
func TestWhatIsLeftWithoutAnAdministratorIsSaidBefore(t *testing.T) {
	b := newBed(t)
	ada := session(b.ada)
	devs, bos := b.create(), b.createBy(session(b.bo))
	const fields = `refusedBecause decisions { count undecided { id } undecidedCount }`
	want := fmt.Sprintf("map[decisions:map[count:2 undecided:[map[id:%s]] undecidedCount:1] refusedBecause:<nil>]", bos)
	for _, field := range []string{"disablingEnds", "demotionEnds"} {
		if got := b.leaving(ada, b.ada, field, fields); got != want {
			t.Errorf("%s: %s\nwant %s", field, got, want)
		}
	}
	b.ok(ada, "disableUser", object{"userId": b.bo.ID})
	want = fmt.Sprintf("map[decisions:map[count:1 undecided:[map[id:%s]] undecidedCount:1] refusedBecause:Ada is the last administrator who can sign in; add another first.]", devs)
	for _, field := range []string{"disablingEnds", "demotionEnds"} {
		if got := b.leaving(ada, b.ada, field, fields); got != want {
			t.Errorf("of the last, %s: %s\nwant %s", field, got, want)
		}
	}
	if got := b.leaving(ada, b.dev, "demotionEnds", fields); got != "map[decisions:map[count:0 undecided:[] undecidedCount:0] refusedBecause:<nil>]" {
		t.Errorf("of a member: %s", got)
	}
}

// Who decides by another right than that of administrators goes on as a member.
func TestAMemberGoesOnDecidingByAnotherRight(t *testing.T) {
	b := newBed(t)
	b.govern(serversBy(b.ada))
	out := b.mutation(session(b.dev), "createAccessRequest", "accessRequest { id }", object{"items": []object{{"resourceId": b.server.ID}}, "duration": "PT1H", "reason": "r", "idempotencyKey": "k"})
	if said(out) != "" {
		t.Fatal(said(out))
	}
	const fields = `decisions { count undecidedCount }`
	if got := b.leaving(session(b.ada), b.ada, "demotionEnds", fields); got != "map[decisions:map[count:0 undecidedCount:0]]" {
		t.Errorf("as a member: %s", got)
	}
	if got := b.leaving(session(b.ada), b.ada, "disablingEnds", fields); got != "map[decisions:map[count:1 undecidedCount:1]]" {
		t.Errorf("disabled: %s", got)
	}
}

func TestWhenSomebodyWasHere(t *testing.T) {
	b := newBed(t)
	seen := func(who caller, u access.User) string {
		t.Helper()
		r := b.do(who, `query($id: ID!) { node(id: $id) { ... on User { lastSeenAt tokens { nodes { lastUsedAt } } } } }`, object{"id": u.ID})
		if len(r.Errors) > 0 {
			return r.codes()
		}
		return fmt.Sprint(r.Data["node"])
	}
	ada := session(b.ada)
	if got := seen(ada, b.dev); got != "map[lastSeenAt:<nil> tokens:map[nodes:[]]]" {
		t.Errorf("never: %s", got)
	}
	stay := b.signIn(b.dev)
	made := b.newToken(stay, object{"name": "laptop"})
	if got := seen(ada, b.dev); got != "map[lastSeenAt:2026-11-23T10:00:00Z tokens:map[nodes:[map[lastUsedAt:<nil>]]]]" {
		t.Errorf("signed in: %s", got)
	}
	for _, after := range []time.Duration{2 * time.Hour, 10 * time.Minute} { // written down once an hour
		b.pass(after)
		b.by(made.secret)
	}
	if got := seen(session(b.dev), b.dev); got != "map[lastSeenAt:2026-11-23T12:00:00Z tokens:map[nodes:[map[lastUsedAt:2026-11-23T12:00:00Z]]]]" {
		t.Errorf("by a token: %s", got)
	}
	b.ok(ada, "revokeToken", object{"tokenId": made.id})
	if b.by(made.secret) != nil {
		t.Error("a token that was used can't be revoked")
	}
	if got := seen(ada, b.dev); got != "map[lastSeenAt:2026-11-23T12:00:00Z tokens:map[nodes:[]]]" {
		t.Errorf("after their token: %s", got)
	}
	b.ok(ada, "disableUser", object{"userId": b.dev.ID}) // which ends all
	if got := seen(ada, b.dev); got != "map[lastSeenAt:2026-11-23T12:00:00Z tokens:map[nodes:[]]]" {
		t.Errorf("after their sessions: %s", got)
	}
}

func TestATimeZoneOfOnesOwn(t *testing.T) {
	b := newBed(t)
	dev := session(b.dev)
	zone := func(who caller) string {
		r := b.do(who, `query($id: ID!) { node(id: $id) { ... on User { timeZone } } }`, object{"id": b.dev.ID})
		return fmt.Sprint(r.codes(), r.Data["node"])
	}
	head := b.journal.Head()
	for _, z := range []any{"Europe/Berlin", "Europe/Berlin", "America/Argentina/Buenos_Aires", nil, "Asia/Kolkata"} {
		b.ok(dev, "setTimeZone", object{"timeZone": z})
		if want := fmt.Sprintf("map[timeZone:%v]", z); zone(dev) != want || zone(session(b.ada)) != want {
			t.Errorf("%v: %s", z, zone(dev))
		}
	}
	if b.journal.Head() != head {
		t.Error("a choice of one's own fills the journal")
	}
	for _, z := range []string{"Local", "Mars/Olympus", "../etc/passwd", "europe berlin", "\x00"} {
		if got := b.userErrors(dev, "setTimeZone", object{"timeZone": z}); got != "INVALID timeZone" {
			t.Errorf("%q: %q", z, got)
		}
	}
	if got := zone(session(b.eve)); got == "map[timeZone:Asia/Kolkata]" {
		t.Error("anybody sees it")
	}
}

func TestScopesAreExplained(t *testing.T) {
	b := newBed(t)
	r := b.do(session(b.dev), `{ tokenScopes { name description forPeople forServices } }`, nil)
	var people, services []string
	for _, v := range r.Data["tokenScopes"].([]any) {
		s := v.(object)
		if s["description"] == "" {
			t.Errorf("%v", s)
		}
		if s["forPeople"] == true {
			people = append(people, s["name"].(string))
		}
		if s["forServices"] == true {
			services = append(services, s["name"].(string))
		}
	}
	if !slices.Contains(people, "self") || slices.Contains(services, "self") || !slices.Contains(services, "slack:act") || slices.Contains(people, "slack:act") || slices.Contains(people, "scim") || len(people) != 7 || len(services) != 8 {
		t.Errorf("%v, %v", people, services)
	}
}
