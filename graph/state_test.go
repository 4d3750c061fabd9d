package graph_test

import (
	"strings"
	"testing"
	"time"

	"github.com/vektah/gqlparser/v2/ast"

	"procyon/access"
)

// statuses are how a request of Dev's comes to each of its statuses.
func statuses() map[access.Status]func(b *bed, id string) {
	approve := func(b *bed, id string) {
		b.ok(session(b.ada), "reviewAccessRequest", object{"requestId": id, "decision": "APPROVE"})
	}
	activate := func(b *bed, id string) {
		approve(b, id)
		b.tick(0)
	}
	return map[access.Status]func(b *bed, id string){
		access.StatusPending: func(*bed, string) {},
		access.StatusApproved: func(b *bed, id string) {
			b.ok(session(b.dev), "updateAccessRequest", object{"requestId": id, "startsAt": b.now().Add(time.Hour).Format(time.RFC3339)})
			approve(b, id)
		},
		access.StatusActive: activate,
		access.StatusExpired: func(b *bed, id string) {
			activate(b, id)
			b.tick(time.Hour)
		},
		access.StatusClosed: func(b *bed, id string) {
			activate(b, id)
			b.ok(session(b.dev), "closeAccessRequest", object{"requestId": id})
		},
		access.StatusRevoked: func(b *bed, id string) {
			activate(b, id)
			b.ok(session(b.bo), "revokeAccessRequest", object{"requestId": id, "reason": "over"})
		},
		access.StatusDenied: func(b *bed, id string) {
			b.ok(session(b.ada), "reviewAccessRequest", object{"requestId": id, "decision": "DENY"})
		},
		access.StatusCanceled: func(b *bed, id string) { b.ok(session(b.dev), "cancelAccessRequest", object{"requestId": id}) },
		access.StatusTimedOut: func(b *bed, _ string) { b.tick(24 * time.Hour) },
	}
}

// status is where a request stands.
func (b *bed) status(id string) access.Status {
	b.t.Helper()
	r, err := b.Request(b.t.Context(), id)
	b.must(err)
	return r.Status
}

// What may be done to a request in each status, by those whose right it is; all
// else is a CONFLICT and changes nothing.
func TestWrongStates(t *testing.T) {
	b := newBed(t)
	steps := map[string]struct {
		who   caller
		input object
		okIn  []access.Status
	}{
		"updateAccessRequest": {session(b.dev), object{"reason": "better"}, []access.Status{access.StatusPending}},
		"cancelAccessRequest": {session(b.dev), object{}, []access.Status{access.StatusPending, access.StatusApproved}},
		"reviewAccessRequest": {session(b.ada), object{"decision": "APPROVE"}, []access.Status{access.StatusPending}},
		"closeAccessRequest":  {session(b.dev), object{}, []access.Status{access.StatusActive}},
		"revokeAccessRequest": {session(b.ada), object{"reason": "over"}, []access.Status{access.StatusApproved, access.StatusActive}},
		"extendAccessRequest": {session(b.dev), object{"duration": "PT1H", "reason": "more"}, []access.Status{access.StatusActive}},
	}
	for status, reach := range statuses() {
		for name, step := range steps {
			id := b.create()
			reach(b, id)
			if got := b.status(id); got != status {
				t.Fatalf("the test's own request is %s, not %s", got, status)
			}
			want := "CONFLICT requestId"
			for _, s := range step.okIn {
				if s == status {
					want = ""
				}
			}
			step.input["requestId"] = id
			before := b.journal.Head()
			if got := b.userErrors(step.who, name, step.input); got != want {
				t.Errorf("%s while %s: %q, want %q", name, status, got, want)
			}
			if changed := b.journal.Head() != before; changed != (want == "") {
				t.Errorf("%s while %s: changed %v", name, status, changed)
			}
		}
	}
}

// Whose right it is: others who may see the request are refused, those who may not
// are told that there is none.
func TestOthersRequests(t *testing.T) {
	b := newBed(t)
	for name, c := range map[string]struct {
		in    access.Status
		input object
		admin string // what another administrator gets
	}{
		"updateAccessRequest": {access.StatusPending, object{"reason": "better"}, "FORBIDDEN requestId"},
		"cancelAccessRequest": {access.StatusPending, object{}, "FORBIDDEN requestId"},
		"closeAccessRequest":  {access.StatusActive, object{}, "FORBIDDEN requestId"},
		"extendAccessRequest": {access.StatusActive, object{"duration": "PT1H", "reason": "more"}, "FORBIDDEN requestId"},
		"revokeAccessRequest": {access.StatusActive, object{"reason": "over"}, ""},
		"reviewAccessRequest": {access.StatusPending, object{"decision": "DENY"}, ""},
	} {
		id := b.create()
		statuses()[c.in](b, id)
		c.input["requestId"] = id
		for _, who := range []caller{session(b.eve), acting(b.eve)} {
			if got := b.userErrors(who, name, c.input); got != "NOT_FOUND requestId" {
				t.Errorf("%s by another member: %q", name, got)
			}
		}
		if c.admin == "" { // the requester may not do what takes an administrator
			if got := b.userErrors(session(b.dev), name, c.input); !strings.HasSuffix(got, " requestId") || b.status(id) != c.in {
				t.Errorf("%s by the requester: %q", name, got)
			}
		}
		if got := b.userErrors(session(b.bo), name, c.input); got != c.admin {
			t.Errorf("%s by another administrator: %q, want %q", name, got, c.admin)
		}
	}
}

// An administrator decides nothing about a request of their own: not the request,
// not its extension, not for themselves through Slack.
func TestSelfReview(t *testing.T) {
	b := newBed(t)
	id := b.createBy(session(b.ada))
	for _, who := range []caller{session(b.ada), token(b.ada, "admin"), acting(b.ada)} {
		for _, decision := range []string{"APPROVE", "DENY"} {
			if got := b.userErrors(who, "reviewAccessRequest", object{"requestId": id, "decision": decision}); got != "SELF_REVIEW requestId" {
				t.Errorf("%s: %q", decision, got)
			}
		}
	}
	b.ok(session(b.bo), "reviewAccessRequest", object{"requestId": id, "decision": "APPROVE"})
	b.tick(0)
	b.ok(session(b.ada), "extendAccessRequest", object{"requestId": id, "duration": "PT1H", "reason": "more"})
	if got := b.userErrors(session(b.ada), "reviewAccessRequest", object{"requestId": id, "decision": "APPROVE"}); got != "SELF_REVIEW requestId" {
		t.Errorf("the extension: %q", got)
	}
}

// Every mutation that takes an ID says NOT_FOUND at that field for an ID that is
// empty, not one at all, unknown, or of another kind.
func TestUnknownIDs(t *testing.T) {
	b := newBed(t)
	lease := object{"name": "c", "holder": "h", "ttl": "PT1M"}
	b.ok(service("deliveries:write"), "acquireConsumer", lease)
	ada, worker := session(b.ada), service("deliveries:write", "slack:act")
	name := object{"name": "another"}
	type call struct {
		who  caller
		rest object
	}
	calls := map[string]call{
		"updateAccount.accountId": {ada, name}, "deleteAccount.accountId": {ada, nil},
		"updateGateway.gatewayId": {ada, name}, "deleteGateway.gatewayId": {ada, nil},
		"updateResource.resourceId": {ada, name}, "deleteResource.resourceId": {ada, nil},
		"updateIntegration.integrationId": {ada, name}, "deleteIntegration.integrationId": {ada, nil}, "testIntegration.integrationId": {ada, nil},
		"setIntegrationAccounts.integrationId":  {ada, object{"accountIds": []string{b.account.ID}}},
		"setNotificationChannels.integrationId": {ada, object{"gateways": true, "privateServers": true}},
		"updateAccessRequest.requestId":         {ada, object{"reason": "x"}}, "cancelAccessRequest.requestId": {ada, nil},
		"reviewAccessRequest.requestId": {ada, object{"decision": "APPROVE"}}, "closeAccessRequest.requestId": {ada, nil},
		"revokeAccessRequest.requestId":    {ada, object{"reason": "x"}},
		"extendAccessRequest.requestId":    {ada, object{"duration": "PT1H", "reason": "x"}},
		"redeliver.deliveryId":             {ada, nil},
		"recordDeliveryAttempt.deliveryId": {worker, object{"consumer": "c", "epoch": 1, "outcome": "DELIVERED", "tookMs": 1000}},
		"startSlackLink.workspaceId":       {worker, object{"slackUserId": "U1", "slackName": "dev"}},
		"acceptSlackWorkspace.workspaceId": {ada, object{"installedAt": "2026-01-01T00:00:00Z"}}, "removeSlackWorkspace.workspaceId": {ada, nil},
		"refreshSlackChannels.workspaceId": {ada, nil},
		"updateUser.userId":                {ada, name}, "setUserRole.userId": {ada, object{"role": "ADMIN"}}, "disableUser.userId": {ada, nil}, "enableUser.userId": {ada, nil},
		"updateGroup.groupId": {ada, name}, "deleteGroup.groupId": {ada, nil}, "setGroupMembers.groupId": {ada, nil},
		"setManager.userId": {ada, nil}, "setTags.resourceId": {ada, object{"tags": []object{}}}, "separateUser.userId": {ada, nil}, "handOverUser.userId": {ada, nil},
		"joinUsers.userId": {ada, object{"withUserId": b.dev.ID}}, "joinUsers.withUserId": {ada, object{"userId": b.dev.ID}},
		"resetPassword.userId": {ada, nil}, "disableServiceAccount.serviceAccountId": {ada, nil}, "enableServiceAccount.serviceAccountId": {ada, nil},
		"endSession.sessionId": {ada, nil}, "revokeToken.tokenId": {ada, nil},
		"agreeSlackLink.linkId": {ada, nil}, "removeSlackLink.linkId": {ada, nil},
		"importCatalog.importId": {ada, nil}, "stopCatalogImport.importId": {ada, nil},
	}
	for _, f := range b.schema.Types["Mutation"].Fields {
		input := f.Arguments.ForName("input")
		if input == nil {
			continue
		}
		for _, id := range b.schema.Types[input.Type.Name()].Fields {
			if id.Type.NamedType != "ID" || !id.Type.NonNull {
				continue
			}
			c, listed := calls[f.Name+"."+id.Name]
			if !listed {
				t.Errorf("%s.%s is not in the test's table", f.Name, id.Name)
				continue
			}
			b.tryIDs(f, id.Name, c.who, c.rest)
		}
	}
}

func (b *bed) tryIDs(f *ast.FieldDefinition, field string, who caller, rest object) {
	b.t.Helper()
	kind := map[string]string{
		"accountId": "acc", "gatewayId": "gw", "resourceId": "res", "integrationId": "int", "requestId": "req", "deliveryId": "dlv",
		"workspaceId": "wsp", "linkId": "slk", "userId": "usr", "withUserId": "usr", "groupId": "grp", "serviceAccountId": "svc", "sessionId": "ses", "tokenId": "tok",
	}[field]
	ids := []string{"", "nothing", "_", kind + "_", kind + "_nothing", strings.Repeat("x", 5000)}
	for _, other := range []string{b.account.ID, b.db.ID, b.integration.ID, b.dev.ID} {
		if !strings.HasPrefix(other, kind+"_") {
			ids = append(ids, other)
		}
	}
	before := b.journal.Head()
	for _, id := range ids {
		input := object{field: id}
		for k, v := range rest {
			input[k] = v
		}
		want := "NOT_FOUND " + field
		if id == "" {
			want = "error INVALID"
		}
		if got := b.userErrors(who, f.Name, input); got != want && (id != "" || !strings.HasPrefix(got, want)) {
			b.t.Errorf("%s, %s %.40q: %q", f.Name, field, id, got)
		}
	}
	if b.journal.Head() != before {
		b.t.Errorf("%s changed something", f.Name)
	}
}
