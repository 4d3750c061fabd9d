package e2e

import (
	"strings"
	"testing"
)

// The main job: who asks, and which channels hear what.
func TestFromRequestToChannel(t *testing.T) {
	t.Parallel()
	stores(t, func(t *testing.T, store func(t *testing.T) string) {
		for _, place := range []string{"in the gateway", "by itself"} {
			t.Run("notifier "+place, func(t *testing.T) {
				t.Parallel()
				b := newBed(t, store(t))
				b.patient()
				workers := map[string]string{"in the gateway": "notifier", "by itself": "none"}[place]
				g := b.serve(workers)
				b.people(g)
				if workers == "none" {
					b.notifier(g)()
				}
				fromRequestToChannel(t, b)
				g.stop()
			})
		}
	})
}

func fromRequestToChannel(t *testing.T, b *bed) {
	t.Helper()
	production := b.made("createAccount", "account", map[string]any{"name": "Production", "provider": "AWS", "externalId": "1"})
	staging := b.made("createAccount", "account", map[string]any{"name": "Staging", "provider": "GCP", "externalId": "2"})
	office := b.made("createGateway", "gateway", map[string]any{"name": "Office"})
	resource := func(r map[string]any) string { return b.made("createResource", "resource", r) }
	db := resource(map[string]any{"name": "db", "kind": "DATABASE", "accountId": production})
	web := resource(map[string]any{"name": "web", "kind": "APPLICATION", "accountId": staging})
	kafka := resource(map[string]any{"name": "kafka", "kind": "KAFKA_CLUSTER", "accountId": production, "roles": []string{"admin"}})
	bastion := resource(map[string]any{"name": "bastion", "kind": "PRIVATE_SERVER", "gatewayId": office})
	mac := resource(map[string]any{"name": "mac", "kind": "PRIVATE_SERVER"})
	integration := func(n string) string {
		return b.made("createIntegration", "integration", map[string]any{"name": n, "webhookUrl": b.hooks.url(n)})
	}
	prod, infra := integration("prod"), integration("infra")
	b.integrations = map[string]string{"prod": prod, "infra": infra}
	b.hears("infra")
	link := func(integration string, accounts ...string) {
		t.Helper()
		if err := mutate(t.Context(), b.admin, "setIntegrationAccounts", map[string]any{"integrationId": integration, "accountIds": accounts}, "integration { id }", nil); err != nil {
			t.Fatal(err)
		}
	}
	link(prod, production)
	link(infra, staging)
	if err := mutate(t.Context(), b.admin, "setNotificationChannels", map[string]any{"integrationId": infra, "gateways": true, "privateServers": true}, "integration { id }", nil); err != nil {
		t.Fatal(err)
	}
	first, err := b.ask(db, "Orders <!channel> & *stuck*")
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range []string{web, bastion, mac} {
		if _, err := b.ask(r, "For "+r); err != nil {
			t.Fatal(err)
		}
	}
	if err := mutate(t.Context(), b.dev, "reviewAccessRequest", map[string]any{"requestId": first, "expectedVersion": 1, "subject": "REQUEST", "decision": "APPROVE"}, "accessRequest { id }", nil); err == nil {
		t.Error("Dev approved their own request")
	}
	if err := mutate(t.Context(), b.boss, "reviewAccessRequest", map[string]any{"requestId": first, "expectedVersion": 1, "subject": "REQUEST", "decision": "APPROVE", "duration": "PT30M", "comment": "take care"}, "accessRequest { id }", nil); err != nil {
		t.Fatal(err)
	}
	if err := mutate(t.Context(), b.boss, "revokeAccessRequest", map[string]any{"requestId": first, "reason": "enough"}, "accessRequest { id }", nil); err != nil {
		t.Fatal(err)
	}
	// Both hear of a request for something of each, and see their own part.
	both := map[string]any{
		"items":    []any{map[string]any{"resourceId": web}, map[string]any{"resourceId": kafka, "role": "admin"}},
		"duration": "PT90M", "reason": "both\n> quoted", "ticket": "OPS-7",
	}
	var made struct{ AccessRequest struct{ ID string } }
	if err := mutate(t.Context(), b.dev, "createAccessRequest", both, "accessRequest { id }", &made); err != nil {
		t.Fatal(err)
	}
	deny := map[string]any{"requestId": made.AccessRequest.ID, "expectedVersion": 1, "subject": "REQUEST", "decision": "DENY", "comment": "not today"}
	if err := mutate(t.Context(), b.admin, "reviewAccessRequest", deny, "accessRequest { id }", nil); err != nil {
		t.Fatal(err)
	}
	b.hooks.wait(t, "what the integrations are owed", func() bool {
		return len(b.hooks.texts("prod")) == 5 && len(b.hooks.texts("infra")) == 6
	})
	texts := b.hooks.texts("prod")
	for i, want := range [][]string{
		{"Dev Developer asks for access", "Dev Developer (dev@example.com)", "db (Database, Production", "1 hour", "Orders &lt;!channel&gt; &amp;", "/requests/" + first},
		{"Access approved for Dev Developer", "Bo Boss (bo@example.com)", "30 minutes", "take care"},
		{"Access of Dev Developer revoked", "enough"},
		{"Dev Developer asks for access", "kafka", "admin", "1 hour 30 minutes", "OPS-7", "quoted", "1 more", "/requests/" + made.AccessRequest.ID},
		{"Access denied", adminEmail, "not today"},
	} {
		for _, w := range want {
			if !strings.Contains(texts[i], w) {
				t.Errorf("message %d lacks %q: %s", i+1, w, texts[i])
			}
		}
		if strings.Contains(texts[i], "<!channel>") {
			t.Errorf("a mention got through: %s", texts[i])
		}
	}
	for _, text := range texts {
		if strings.Contains(text, "web") {
			t.Errorf("the one sees what is the other's: %s", text)
		}
	}
	for _, text := range b.hooks.texts("infra") {
		if strings.Contains(text, "kafka") || strings.Contains(text, "Orders") {
			t.Errorf("the other sees what is the one's: %s", text)
		}
	}
	for i, r := range []string{web, bastion, mac} { // in the order of the events, after the test message
		if got := b.hooks.texts("infra")[i+1]; !strings.Contains(got, "For "+r) {
			t.Errorf("message %d is %s", i+1, got)
		}
	}
	if out := b.must("journal", "verify"); !strings.Contains(out, "The journal is whole") {
		t.Error(out)
	}
}
