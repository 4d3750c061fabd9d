package graph_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/vektah/gqlparser/v2/ast"

	"procyon/access"
	"procyon/auth"
)

// acts are what a caller is told that they can do with a request, such as
// "APPROVE DENY -REVOKE", and the reason of each that they can't.
func (b *bed) acts(who caller, id string) (list string, why map[string]string) {
	b.t.Helper()
	r := b.do(who, `query($id: ID!) { accessRequest(id: $id) { viewerActions { act allowed reason } } }`, object{"id": id})
	if len(r.Errors) > 0 {
		b.t.Fatal(r.Errors)
	}
	var words []string
	why = map[string]string{}
	for _, n := range r.Data["accessRequest"].(object)["viewerActions"].([]any) {
		a := n.(object)
		act := a["act"].(string)
		if a["allowed"] == true {
			if a["reason"] != nil {
				b.t.Errorf("%s is allowed: %v", act, a["reason"])
			}
			words = append(words, act)
			continue
		}
		words = append(words, "-"+act)
		why[act], _ = a["reason"].(string)
		if why[act] == "" {
			b.t.Errorf("%s is refused without a reason", act)
		}
	}
	return strings.Join(words, " "), why
}

// What is told of acts is of the one who asks, by what they hold.
func TestWhatTheViewerCanDo(t *testing.T) {
	b := newBed(t)
	id := b.create()
	told := func(name string, who caller, want string) map[string]string {
		t.Helper()
		got, why := b.acts(who, id)
		if got != want {
			t.Errorf("%s is told %s, want %s", name, got, want)
		}
		return why
	}
	const none = "-APPROVE -DENY -REVOKE"
	why := told("the requester", session(b.dev), "-APPROVE -DENY UPDATE CANCEL -CLOSE -EXTEND")
	if why["APPROVE"] != "You can't decide your own request; Ada and Bo can." || why["CLOSE"] != "This request is still pending; it can't be closed." {
		t.Errorf("%v", why)
	}
	told("an administrator", session(b.ada), "APPROVE DENY -REVOKE")
	told("the bot for one", acting(b.ada), "APPROVE DENY -REVOKE")
	told("the bot for the requester", acting(b.dev), "-APPROVE -DENY UPDATE CANCEL -CLOSE -EXTEND")
	told("a service", service(auth.ScopeEventsRead), none)
	told("the bot for itself", service(auth.ScopeSlackAct), none)
	// A token can do less than whose it is.
	why = told("a limited token", token(b.ada, auth.ScopeEventsRead), none)
	if !strings.HasPrefix(why["APPROVE"], "This needs a token with one of these scopes") {
		t.Errorf("%v", why)
	}
	told("a limited token of the requester", token(b.dev, auth.ScopeEventsRead), "-APPROVE -DENY -UPDATE -CANCEL -CLOSE -EXTEND")

	// What was an administrator's right a moment ago is none.
	former := session(b.bo)
	b.ok(session(b.ada), "setUserRole", object{"userId": b.bo.ID, "role": "MEMBER"})
	why = told("a former administrator", former, none)
	if why["APPROVE"] != "Only an administrator can review this request." {
		t.Errorf("%v", why)
	}
	b.ok(session(b.ada), "reviewAccessRequest", object{"requestId": id, "decision": "APPROVE"})
	b.tick(time.Second)
	told("the requester of an access", session(b.dev), "-APPROVE -DENY -UPDATE -CANCEL CLOSE EXTEND")
	told("an administrator", session(b.ada), "-APPROVE -DENY REVOKE")
	b.ok(session(b.dev), "extendAccessRequest", object{"requestId": id, "duration": "PT1H", "reason": "more"})
	told("the requester of an extension", session(b.dev), "-APPROVE -DENY -UPDATE -CANCEL CLOSE -EXTEND")
	told("an administrator", session(b.ada), "APPROVE DENY REVOKE")
}

// A policy that takes approvals in the console alone allows them there.
func TestApprovingInTheConsole(t *testing.T) {
	b := newBedBy(t, access.Options{ApproveInConsole: true})
	id := b.create()
	there := b.signIn(b.ada)
	for name, c := range map[string]struct {
		who  caller
		want string
	}{"a session": {there, "APPROVE DENY -REVOKE"}, "a token": {session(b.ada), "-APPROVE DENY -REVOKE"}, "Slack": {acting(b.ada), "-APPROVE DENY -REVOKE"}} {
		got, why := b.acts(c.who, id)
		if got != c.want || strings.Contains(got, "-APPROVE") != strings.HasPrefix(why["APPROVE"], "Approvals are taken in the console alone") {
			t.Errorf("%s: %s %v", name, got, why)
		}
	}
	b.ok(there, "reviewAccessRequest", object{"requestId": id, "decision": "APPROVE"})
}

// Who may decide a request is told to whoever sees it, by name, while there is something
// to decide.
func TestApproversOfARequest(t *testing.T) {
	b := newBed(t)
	id := b.create()
	ask := func(who caller) string {
		t.Helper()
		r := b.do(who, `query($id: ID!) { accessRequest(id: $id) { approvers } }`, object{"id": id})
		return fmt.Sprint(r.Data["accessRequest"], r.codes())
	}
	for name, who := range map[string]caller{"the requester": session(b.dev), "an administrator": session(b.ada), "a service": service(auth.ScopeEventsRead), "the notifier": service(auth.ScopeDeliveriesWrite)} {
		if got := ask(who); got != "map[approvers:[Ada Bo]]" {
			t.Errorf("%s: %s", name, got)
		}
	}
	if got := ask(session(b.eve)); got != "<nil>" {
		t.Errorf("another: %s", got)
	}
	own := b.createBy(session(b.ada))
	id, own = own, id
	if got := ask(session(b.ada)); got != "map[approvers:[Bo]]" {
		t.Errorf("of an approver's own: %s", got)
	}
	id = own
	b.ok(session(b.ada), "reviewAccessRequest", object{"requestId": id, "decision": "DENY"})
	if got := ask(session(b.dev)); got != "map[approvers:[]]" {
		t.Errorf("decided: %s", got)
	}
}

// keyed are the mutations that take an idempotency key, found in the schema.
func (b *bed) keyed() []*ast.FieldDefinition {
	var out []*ast.FieldDefinition
	for _, f := range b.schema.Types["Mutation"].Fields {
		if in := f.Arguments.ForName("input"); in != nil && b.schema.Types[in.Type.Name()].Fields.ForName("idempotencyKey") != nil {
			out = append(out, f)
		}
	}
	return out
}

// Whatever was created with a key is found by it, before and after, by its maker alone: of
// each mutation that takes a key. The others change a request, which tells of keys.
func TestWhatAKeyCreated(t *testing.T) {
	b := newBed(t)
	ada, bo := b.signIn(b.ada), b.signIn(b.bo)
	inputs := map[string]object{
		"ACCESS_REQUEST": b.with("x", nil), "ACCOUNT": {"name": "Staging", "provider": "AWS", "externalId": "2"}, "GATEWAY": {"name": "Berlin"},
		"RESOURCE": {"name": "files", "kind": "PRIVATE_SERVER"}, "INTEGRATION": {"name": "ops", "webhookUrl": hookURL},
		"USER": {"email": "nina@example.com", "name": "Nina"}, "GROUP": {"name": "on-call"}, "SERVICE_ACCOUNT": {"name": "siem"}, "TOKEN": {"name": "laptop"},
	}
	created := func(who caller, kind, key string) string {
		t.Helper()
		r := b.do(who, `query($kind: CreatedKind!, $key: String!) { created(kind: $kind, idempotencyKey: $key) { id } }`, object{"kind": kind, "key": key})
		if len(r.Errors) > 0 {
			return r.codes()
		}
		n, _ := r.Data["created"].(object)
		id, _ := n["id"].(string)
		return id
	}
	kinds := map[string]bool{}
	for _, v := range b.schema.Types["CreatedKind"].EnumValues {
		kinds[v.Name] = true
	}
	for _, f := range b.keyed() {
		noun, creates := strings.CutPrefix(f.Name, "create")
		if !creates {
			if !strings.HasSuffix(f.Name, "AccessRequest") {
				t.Errorf("%s takes a key, and nothing tells whether it was done", f.Name)
			}
			continue
		}
		kind := screaming(noun)
		if !kinds[kind] {
			t.Errorf("%s takes a key, and CreatedKind has no %s", f.Name, kind)
			continue
		}
		delete(kinds, kind)
		input := object{"idempotencyKey": "k"}
		for name, v := range inputs[kind] {
			input[name] = v
		}
		if got := created(ada, kind, "k"); got != "" {
			t.Errorf("%s, before: %q", kind, got)
		}
		payload := strings.ToLower(noun[:1]) + noun[1:]
		out := b.mutation(ada, f.Name, payload+" { id }", b.looked(f.Name, input))
		if said(out) != "" {
			t.Fatalf("%s: %s", f.Name, said(out))
		}
		id := out[payload].(object)["id"].(string)
		for _, c := range []struct {
			name, want string
			who        caller
			key        string
		}{
			{"its maker", id, ada, "k"}, {"its maker, with another token", id, session(b.ada), "k"}, {"another key", "", ada, "k2"},
			{"another administrator", "", bo, "k"}, {"a member", "", session(b.dev), "k"}, {"a service", "", service(auth.ScopeAdmin), "k"},
			{"nobody", "UNAUTHENTICATED", nil, "k"}, {"an empty key", "INVALID", ada, ""}, {"a long one", "INVALID", ada, strings.Repeat("k", 81)},
		} {
			if got := created(c.who, kind, c.key); got != c.want {
				t.Errorf("%s, %s: %q, want %q", kind, c.name, got, c.want)
			}
		}
	}
	for kind := range kinds {
		t.Errorf("nothing creates a %s", kind)
	}
	// What may not be seen any more, and what is gone, is not told.
	b.ok(ada, "createIntegration", object{"name": "other", "webhookUrl": hookURL, "idempotencyKey": "gone"})
	gone := created(ada, "INTEGRATION", "gone")
	b.ok(ada, "deleteIntegration", object{"integrationId": gone})
	if got := created(ada, "INTEGRATION", "gone"); got != "" {
		t.Errorf("deleted: %q", got)
	}
	token := created(ada, "TOKEN", "k")
	b.ok(ada, "revokeToken", object{"tokenId": token})
	if got := created(ada, "TOKEN", "k"); got != "" {
		t.Errorf("revoked: %q", got)
	}
	b.ok(bo, "setUserRole", object{"userId": b.ada.ID, "role": "MEMBER"})
	b.ada.Admin = false
	for _, kind := range []string{"USER", "SERVICE_ACCOUNT"} {
		if got := created(session(b.ada), kind, "k"); got != "" {
			t.Errorf("%s, by who may not see it any more: %q", kind, got)
		}
	}
}

// screaming is a type's name as an enum has it: ServiceAccount is SERVICE_ACCOUNT.
func screaming(name string) string {
	var out strings.Builder
	for i, c := range name {
		if i > 0 && c < 'a' {
			out.WriteByte('_')
		}
		out.WriteRune(c)
	}
	return strings.ToUpper(out.String())
}

// Whoever lost the answer to a change looks up whether it was made; nobody else's keys
// tell.
func TestWhetherAChangeWasMade(t *testing.T) {
	b := newBed(t)
	id := b.create()
	changed := func(who caller, key string) string {
		t.Helper()
		r := b.do(who, `query($id: ID!, $key: String!) { accessRequest(id: $id) { id viewerChanged(idempotencyKey: $key) } }`, object{"id": id, "key": key})
		v, _ := r.Data["accessRequest"].(object)
		if v == nil || v["id"] != id {
			return "unseen"
		}
		return fmt.Sprint(v["viewerChanged"], " ", r.codes())
	}
	if got := changed(session(b.ada), "k"); got != "false " {
		t.Errorf("before: %s", got)
	}
	b.ok(session(b.ada), "reviewAccessRequest", object{"requestId": id, "decision": "APPROVE", "idempotencyKey": "k"})
	for name, c := range map[string]struct {
		who  caller
		key  string
		want string
	}{
		"who made it": {session(b.ada), "k", "true "}, "the bot for them": {acting(b.ada), "k", "true "}, "another key": {session(b.ada), "k2", "false "},
		"another approver": {session(b.bo), "k", "false "}, "the requester": {session(b.dev), "k", "false "}, "a service": {service(auth.ScopeEventsRead), "k", "false "},
		"who may not see it": {session(b.eve), "k", "unseen"}, "an empty key": {session(b.ada), "", "<nil> INVALID"},
	} {
		if got := changed(c.who, c.key); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

// What a list of integrations says of what each is owed.
func TestWhatAnIntegrationIsOwed(t *testing.T) {
	b := newBed(t)
	ask := func() string {
		t.Helper()
		r := b.do(session(b.ada), `{ integrations(first: 5) { nodes { lastDelivery { id kind status } pendingCount deadCount } } }`, nil)
		if len(r.Errors) > 0 {
			t.Fatal(r.Errors)
		}
		return fmt.Sprint(r.Data["integrations"].(object)["nodes"])
	}
	if got := ask(); got != "[map[deadCount:0 lastDelivery:<nil> pendingCount:0]]" {
		t.Error(got)
	}
	b.create()
	owed := b.owe()
	if got := ask(); got != "[map[deadCount:0 lastDelivery:map[id:"+owed+" kind:EVENT status:PENDING] pendingCount:1]]" {
		t.Error(got)
	}
	b.ok(service(auth.ScopeDeliveriesWrite), "recordDeliveryAttempt", object{"consumer": "notifier", "epoch": 1, "deliveryId": owed, "outcome": "DEAD", "tookMs": 1})
	b.pass(time.Second)
	b.ok(session(b.ada), "testIntegration", object{"integrationId": b.integration.ID})
	if got := ask(); !strings.HasPrefix(got, "[map[deadCount:1 lastDelivery:map[id:dlv_") || !strings.HasSuffix(got, " kind:TEST status:PENDING] pendingCount:1]]") {
		t.Error(got)
	}
}

// A log of deliveries narrows by event, kind and time.
func TestDeliveriesNarrow(t *testing.T) {
	b := newBed(t)
	b.create()
	owed := b.owe()
	b.pass(time.Hour)
	test := b.mutation(session(b.ada), "testIntegration", "delivery { id }", object{"integrationId": b.integration.ID})["delivery"].(object)["id"].(string)
	all := test + " " + owed
	for filter, want := range map[string]string{
		`{}`: all, `{eventTypes: [CREATED, DENIED]}`: owed, `{eventTypes: [DENIED]}`: "", `{eventTypes: []}`: "", `{kind: TEST}`: test, `{kind: EVENT}`: owed,
		`{kind: TEST, eventTypes: [CREATED]}`: "", `{owedAt: {from: "2026-11-23T10:30:00Z"}}`: test, `{owedAt: {to: "2026-11-23T10:30:00Z"}}`: owed,
		`{owedAt: {from: "2026-11-23T11:00:00Z", to: "2026-11-23T11:00:00.000001Z"}}`: test, `{owedAt: {to: "2026-11-23T11:00:00Z"}, status: [PENDING]}`: owed,
		`{owedAt: {from: "2026-11-23T11:00:00Z", to: "2026-11-23T11:00:00Z"}}`: "INVALID",
	} {
		r := b.do(session(b.ada), `{ deliveries(filter: `+filter+`, first: 10) { nodes { id } } }`, nil)
		var ids []string
		list, _ := r.Data["deliveries"].(object)
		nodes, _ := list["nodes"].([]any)
		for _, n := range nodes {
			ids = append(ids, n.(object)["id"].(string))
		}
		if got := strings.TrimSpace(strings.Join(ids, " ") + r.codes()); got != want {
			t.Errorf("%s: %q, want %q (%v)", filter, got, want, r.Errors)
		}
	}
}
