package graph_test

import (
	"fmt"
	"testing"
	"time"

	"procyon/auth"
	"procyon/graph/scalar"
)

// plan writes down that the last entry of the journal is owed to the integration.
func (b *bed) plan() {
	b.t.Helper()
	at := scalar.FormatCursor(b.journal.Last())
	b.ok(service(auth.ScopeDeliveriesWrite), "planDeliveries", object{
		"consumer": "notifier", "epoch": 1, "cursor": at, "deliveries": []object{{"eventCursor": at, "integrationId": b.integration.ID}},
	})
}

// nextOwed is what the integration gets next: the event, where the request stands, the
// delivery's ID and the version of the integration; "" where that is nothing.
func (b *bed) nextOwed() (event, id string, version int) {
	b.t.Helper()
	r := b.do(service(auth.ScopeDeliveriesWrite), `query($id: ID!) { nextDelivery(integrationId: $id) { id eventType request { status } integration { version } } }`, object{"id": b.integration.ID})
	if len(r.Errors) > 0 {
		b.t.Fatal(r.Errors)
	}
	d, ok := r.Data["nextDelivery"].(object)
	if !ok {
		return "", "", 0
	}
	_, err := fmt.Sscan(fmt.Sprint(d["integration"].(object)["version"]), &version)
	b.must(err)
	return fmt.Sprint(d["eventType"], " ", d["request"].(object)["status"]), d["id"].(string), version
}

// outcome records how an attempt went, at a version of the integration.
func (b *bed) outcome(id, outcome string, version int) {
	b.t.Helper()
	b.ok(service(auth.ScopeDeliveriesWrite), "recordDeliveryAttempt", object{
		"consumer": "notifier", "epoch": 1, "deliveryId": id, "outcome": outcome, "tookMs": 1, "error": "no_service", "integrationVersion": version,
	})
}

// What an integration is owed outlives that it is broken: it waits, one message a request,
// and is told as the request stands once the integration is mended. A late failure of what
// was mended before breaks nothing; and whoever looks at the request sees who does not hear.
func TestWhatABrokenIntegrationIsOwedIsToldOnceItIsMended(t *testing.T) {
	b := newBed(t)
	worker, ada := service(auth.ScopeDeliveriesWrite), session(b.ada)
	b.ok(worker, "acquireConsumer", object{"name": "notifier", "holder": "h", "ttl": "PT5M"})
	b.ok(ada, "setIntegrationAccounts", object{"integrationId": b.integration.ID, "accountIds": []string{b.account.ID}})
	request := b.create()
	b.plan()
	heard := func(want string) {
		t.Helper()
		r := b.do(session(b.dev), `query($id: ID!, $items: [AccessRequestItemInput!]!) {
			accessRequest(id: $id) { notificationRoutes { integrationStatus } silentRoutes { integrationStatus } }
			notificationPreview(items: $items) { routes { integrationStatus } silentRoutes { integrationStatus } unrouted }
		}`, object{"id": request, "items": []object{{"resourceId": b.db.ID, "role": "reader"}}})
		p, _ := r.Data["notificationPreview"].(object)
		q, _ := r.Data["accessRequest"].(object)
		if got := fmt.Sprint(q["notificationRoutes"], q["silentRoutes"], p["routes"], p["silentRoutes"], len(p["unrouted"].([]any))); got != want {
			t.Errorf("%s, want %s (%v)", got, want, r.Errors)
		}
	}
	const works, broken = "[map[integrationStatus:ENABLED]]", "[map[integrationStatus:BROKEN]]"
	heard(works + " [] " + works + " [] 0")

	event, id, tried := b.nextOwed()
	if event != "CREATED PENDING" {
		t.Fatal(event)
	}
	b.ok(ada, "updateIntegration", object{"integrationId": b.integration.ID, "webhookUrl": "https://hooks.slack.com/services/T1/B2/xyz"})
	b.outcome(id, "BROKEN", tried) // of the URL before
	event, again, version := b.nextOwed()
	if event != "CREATED PENDING" || again != id || version == tried {
		t.Fatalf("a late failure of the old URL: %q, version %d", event, version)
	}
	b.outcome(id, "BROKEN", version)
	if event, _, _ := b.nextOwed(); event != "" {
		t.Errorf("it is broken, and gets %s", event)
	}
	heard("[] " + broken + " [] " + broken + " 1")

	b.ok(ada, "reviewAccessRequest", object{"requestId": request, "decision": "APPROVE"})
	b.plan()
	b.tick(0) // it is in force now
	b.ok(ada, "updateIntegration", object{"integrationId": b.integration.ID, "enabled": true})
	heard(works + " [] " + works + " [] 0")
	event, id, version = b.nextOwed()
	if event != "APPROVED ACTIVE" {
		t.Errorf("mended, it gets %s", event)
	}
	b.outcome(id, "DELIVERED", version)
	if event, _, _ := b.nextOwed(); event != "" {
		t.Errorf("then it gets %s", event)
	}
	r := b.do(ada, `{ deliveries(filter: {status: [SUPERSEDED]}) { nodes { id eventType } } }`, nil)
	superseded := r.Data["deliveries"].(object)["nodes"].([]any)
	if len(superseded) != 1 || superseded[0].(object)["eventType"] != "CREATED" {
		t.Fatalf("superseded: %v", superseded)
	}
	b.pass(time.Minute)
	b.ok(ada, "redeliver", object{"deliveryId": superseded[0].(object)["id"]})
	if event, _, _ := b.nextOwed(); event != "CREATED ACTIVE" {
		t.Errorf("sent again: %s", event)
	}
}

// Events are owed to broken integrations, which their routes say.
func TestEventsAreRoutedToBrokenIntegrations(t *testing.T) {
	b := newBed(t)
	b.ok(session(b.ada), "setIntegrationAccounts", object{"integrationId": b.integration.ID, "accountIds": []string{b.account.ID}})
	b.create()
	b.ok(service(auth.ScopeDeliveriesWrite), "acquireConsumer", object{"name": "notifier", "holder": "h", "ttl": "PT5M"})
	b.plan()
	_, id, version := b.nextOwed()
	b.outcome(id, "BROKEN", version)
	r := b.do(service(auth.ScopeDeliveriesWrite), `{ deliveries(first: 1) { nodes { status event { notificationRoutes { integrationId integrationStatus } } } } }`, nil)
	want := fmt.Sprintf("[map[event:map[notificationRoutes:[map[integrationId:%s integrationStatus:BROKEN]]] status:PENDING]]", b.integration.ID)
	if got := fmt.Sprint(r.Data["deliveries"].(object)["nodes"]); got != want {
		t.Errorf("%s, want %s", got, want)
	}
	if got := b.userErrors(service(auth.ScopeDeliveriesWrite), "recordDeliveryAttempt", object{
		"consumer": "notifier", "epoch": 1, "deliveryId": id, "outcome": "BROKEN", "tookMs": 1, "integrationVersion": -1,
	}); got != "INVALID integrationVersion" {
		t.Error(got)
	}
}
