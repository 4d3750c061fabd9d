package graph_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"procyon/access"
	"procyon/auth"
	"procyon/delivery"
	"procyon/graph/scalar"
)

// owe plans the delivery of the newest event, and tries it once in vain.
func (b *bed) owe() (deliveryID string) {
	b.t.Helper()
	worker := service(auth.ScopeDeliveriesWrite)
	b.ok(worker, "acquireConsumer", object{"name": "notifier", "holder": "h", "ttl": "PT1M"})
	at := scalar.FormatCursor(b.journal.Last())
	r := b.do(worker, `mutation($input: PlanDeliveriesInput!) { planDeliveries(input: $input) { deliveries { id } userErrors { message } } }`, object{"input": object{
		"consumer": "notifier", "epoch": 1, "cursor": at, "deliveries": []object{{"eventCursor": at, "integrationId": b.integration.ID}},
	}})
	if len(r.Errors) > 0 {
		b.t.Fatal(r.Errors)
	}
	id := r.Data["planDeliveries"].(object)["deliveries"].([]any)[0].(object)["id"].(string)
	b.ok(worker, "recordDeliveryAttempt", object{
		"consumer": "notifier", "epoch": 1, "deliveryId": id, "outcome": string(delivery.OutcomeRetry), "tookMs": 1000, "error": "no answer",
		"nextAttemptAt": "2026-11-23T11:00:00Z",
	})
	return id
}

// Who sees which object by its ID: as those who may list it, and nobody else.
func TestWhoSeesWhichNode(t *testing.T) {
	b := newBed(t)
	request := b.create()
	owed := b.owe()
	gateway := b.mutation(session(b.ada), "createGateway", "gateway { id }", object{"name": "Berlin"})["gateway"].(object)["id"].(string)
	link := b.link("UBO", "bo@example.com", session(b.bo), "")["link"].(object)["id"].(string)
	b.ok(service("slack:act"), "reportSlackChannels", object{"slackId": "T1", "listing": "l", "piece": 1, "last": true, "channels": []object{{"channelId": "C1", "name": "ops"}}})
	channel := "sch_" + strings.TrimPrefix(b.workspace, "wsp_") + "_C1"
	account := b.mutation(session(b.ada), "createServiceAccount", "serviceAccount { id }", object{"name": "siem"})["serviceAccount"].(object)["id"].(string)
	own := b.newToken(session(b.dev), object{"name": "laptop"})
	its := b.newToken(session(b.ada), object{"name": "siem", "serviceAccountId": account, "scopes": []string{"events:read"}})
	stay := b.signIn(b.dev).SessionID
	callers := map[string]caller{
		"admin": session(b.ada), "owner": session(b.dev), "other": session(b.eve), "acting owner": acting(b.dev), "acting other": acting(b.eve), "acting admin": acting(b.ada),
		"limited admin": token(b.ada, auth.ScopeEventsRead),
	}
	for _, s := range auth.Scopes(access.ActorService) {
		callers[s] = service(s)
	}
	const (
		throughs = "acting owner,acting other,acting admin,"
	)
	objects := map[string]struct{ kind, seers string }{
		b.account.ID: {"Account", "admin,owner,other," + throughs + "limited admin,events:read,slack:act"},
		b.imported("type,name\ngateway,Berlin\ngateway,Paris\n"): {"CatalogImport", "admin"},

		b.grouped("dev's", b.dev): {"Group", "admin,owner,acting owner"},

		b.db.ID:          {"Resource", "admin,owner,other," + throughs + "limited admin,events:read,slack:act"},
		request:          {"AccessRequest", "admin,owner,acting owner,acting admin,limited admin,events:read,slack:act,deliveries:write"},
		b.dev.ID:         {"User", "admin,owner,acting owner"},
		b.eve.ID:         {"User", "admin,other,acting other"},
		b.integration.ID: {"Integration", "admin,deliveries:write"},
		b.workspace:      {"SlackWorkspace", "admin,acting admin,slack:act"},
		channel:          {"ListedSlackChannel", "admin,acting admin,slack:act"},
		"sch_x_C1":       {"", ""},
		"sch_":           {"", ""},
		owed:             {"Delivery", "admin,deliveries:write"},
		gateway:          {"Gateway", "admin,owner,other," + throughs + "limited admin,events:read,slack:act"},
		link:             {"SlackLink", "admin,acting admin,slack:act"},
		account:          {"ServiceAccount", "admin"},
		own.id:           {"Token", "admin,owner"},
		its.id:           {"Token", "admin"},
		stay:             {"Session", "admin,owner"},
		"con_notifier":   {"Consumer", "admin"},
		"con_nothing":    {"", ""},
		"svc_1":          {"", ""},
		"ses_1":          {"", ""},
		"tok_1":          {"", ""},
	}
	for _, kind := range b.schema.PossibleTypes["Node"] {
		if !slices.ContainsFunc(slices.Collect(maps.Values(objects)), func(o struct{ kind, seers string }) bool { return o.kind == kind.Name }) {
			t.Errorf("who sees a %s is not tested", kind.Name)
		}
	}
	for id, c := range objects {
		seers := "," + c.seers + ","
		for name, who := range callers {
			want := strings.Contains(seers, ","+name+",")
			r := b.do(who, `query($id: ID!) { node(id: $id) { __typename id } }`, object{"id": id})
			node, seen := r.Data["node"].(object)
			if name == "journal:read" || name == "webhooks:read" || name == "metrics:read" || name == "scim" {
				if r.codes() != "FORBIDDEN" {
					t.Errorf("%s asks for nodes: %v", name, r)
				}
				continue
			}
			if len(r.Errors) > 0 || seen != want || seen && (node["__typename"] != c.kind || node["id"] != id) {
				t.Errorf("%s asks for %s: %v %v, want it %v", name, id, r.Data, r.Errors, want)
			}
		}
	}
}

// A requester sees what became of their own request's notifications, but no
// integration, and nothing of others' requests, by any list.
func TestMembersSeeNoMoreThanTheirOwn(t *testing.T) {
	b := newBed(t)
	b.create()
	b.owe()
	everything := `{ accessRequests(first: 2) { nodes {
		id reason requester { email } timeline(first: 1) { nodes { type data } } deliveries(first: 1) { nodes { status integrationName attempts { error } } }
		notificationRoutes { integrationName }
	} } }`
	r := b.do(session(b.dev), everything, nil)
	if text := strings.Join(flatten(r.Data), " "); len(r.Errors) > 0 || !strings.Contains(text, "Fix it") || !strings.Contains(text, "no answer") {
		t.Errorf("the requester: %s %v", text, r.Errors)
	}
	for _, who := range []caller{session(b.eve), acting(b.eve), token(b.eve, "events:read", "deliveries:write", "journal:read")} {
		for _, query := range []string{
			everything,
			fmt.Sprintf(`{ accessRequests(first: 2, filter: {requesterId: %q}) { nodes { id reason } } }`, b.dev.ID),
			fmt.Sprintf(`{ accessRequests(first: 2, filter: {accountId: %q}) { nodes { id reason } } }`, b.account.ID),
			fmt.Sprintf(`{ accessRequests(first: 2, filter: {resourceId: %q, status: [PENDING]}) { nodes { id reason } } }`, b.db.ID),
			fmt.Sprintf(`{ accessRequests(first: 2, filter: {requesterId: "%s/acc=/res="}) { nodes { id reason } } }`, b.dev.ID),
			`{ accessRequests(first: 2, filter: {reviewableByMe: true}) { nodes { id reason } } }`,
			fmt.Sprintf(`{ slackLinks(filter: {userId: %q}) { nodes { id } } }`, b.dev.ID),
		} {
			r := b.do(who, query, nil)
			if text := strings.Join(flatten(r.Data), " "); text != "" {
				t.Errorf("%s: %s", query, text)
			}
		}
		for _, field := range []string{"deliveries", "journal", "users", "integrations"} {
			r := b.do(who, fmt.Sprintf(`{ %s(first: 1) { nodes { __typename } } }`, field), nil)
			if r.codes() != "FORBIDDEN" || r.Data[field] != nil {
				t.Errorf("%s: %v", field, r)
			}
		}
	}
	own := b.do(session(b.dev), `{ accessRequests(first: 1) { nodes { deliveries(first: 1) { nodes { integration { name } } } reviewers { name } } } }`, nil)
	if text := strings.Join(flatten(own.Data), " "); text != "" || !strings.Contains(own.codes(), "FORBIDDEN") {
		t.Errorf("the requester reads integrations and reviewers: %s %v", text, own.Errors)
	}
}

// The journal is for those who may read it, whole or in part.
func TestWhoReadsTheJournal(t *testing.T) {
	b := newBed(t)
	for want, callers := range map[string][]caller{
		"":                {session(b.ada), token(b.ada, "journal:read"), token(b.ada, "admin"), service("journal:read"), service("admin")},
		"FORBIDDEN":       {session(b.dev), token(b.dev, "journal:read"), token(b.dev, "admin"), service("events:read"), acting(b.ada), token(b.ada, "events:read")},
		"UNAUTHENTICATED": {nil},
	} {
		for _, who := range callers {
			for _, args := range []string{"first: 1", fmt.Sprintf("first: 1, filter: {subjectId: %q}", b.integration.ID), fmt.Sprintf("first: 1, filter: {actorId: %q}", b.ada.ID), "first: 1, filter: {kinds: []}"} {
				r := b.do(who, `{ journal(`+args+`) { nodes { seq } } }`, nil)
				if r.codes() != want || (r.Data["journal"] != nil) != (want == "") {
					t.Errorf("%+v: %v", who, r)
				}
			}
		}
	}
}

// A webhook's URL is in no answer to those without its scope, wherever they look.
func TestWebhookURLInNoAnswer(t *testing.T) {
	b := newBed(t)
	b.create()
	owed := b.owe()
	const secret = "verySecretPart"
	clear := []string{
		`{ integrations(first: 1) { nodes { webhookUrl } } }`,
		fmt.Sprintf(`{ node(id: %q) { ... on Integration { webhookUrl } } }`, b.integration.ID),
		fmt.Sprintf(`{ node(id: %q) { ... on Delivery { integration { webhookUrl } } } }`, owed),
		`{ deliveries(first: 1) { nodes { integration { webhookUrl } } } }`,
		`{ accounts(first: 1) { nodes { integrations { webhookUrl } } } }`,
		`{ accessRequests(first: 1) { nodes { deliveries(first: 1) { nodes { integration { webhookUrl } } } } } }`,
		fmt.Sprintf(`mutation { setNotificationChannels(input: {integrationId: %q, gateways: false, privateServers: false}) { integration { webhookUrl } } }`, b.integration.ID),
	}
	b.ok(session(b.ada), "setIntegrationAccounts", object{"integrationId": b.integration.ID, "accountIds": []string{b.account.ID}})
	for _, query := range clear {
		for _, who := range []caller{
			nil, session(b.dev), session(b.ada), token(b.ada, "admin"), token(b.dev, "webhooks:read", "deliveries:write", "self"), service("admin"), service("deliveries:write"), service("events:read", "slack:act", "journal:read", "admin"),
			acting(b.ada), token(b.ada, "deliveries:write", "events:read"),
		} {
			if text := fmt.Sprint(b.do(who, query, nil)); strings.Contains(text, secret) {
				t.Errorf("%s: %s", query, text)
			}
		}
		if text := fmt.Sprint(b.do(service("webhooks:read", "deliveries:write", "admin", "events:read", "slack:act"), query, nil)); !strings.Contains(text, secret) {
			t.Errorf("whoever may read it does not find it by %s: %s", query, text)
		}
	}
	for _, url := range []string{"http://hooks.slack.com/services/T/B/" + secret, "https://" + secret + "@hooks.slack.com/x", "ftp://" + secret, "https://" + secret + "/x", "https://hooks.slack.com/" + secret + "\x00", "::" + secret} {
		input := object{"integrationId": b.integration.ID, "webhookUrl": url}
		r := b.do(session(b.ada), `mutation($input: UpdateIntegrationInput!) { updateIntegration(input: $input) { userErrors { code field message } } }`, object{"input": input})
		if text := fmt.Sprint(r); strings.Contains(text, secret) || !strings.Contains(text, "INVALID") {
			t.Errorf("an error tells the URL, or there is none: %s", text)
		}
	}
	for after := uint64(0); after < b.journal.Head(); after += 50 {
		entries, err := b.journal.Read(t.Context(), after, 50)
		b.must(err)
		for _, e := range entries {
			if strings.Contains(string(e.Data)+string(e.After), secret) {
				t.Errorf("entry %d holds the URL in clear: %s", e.Seq, e.Type)
			}
		}
	}
	r := b.do(session(b.ada), `{ journal(first: 100) { nodes { type data } } }`, nil)
	if text := fmt.Sprint(r); strings.Contains(text, secret) || strings.Contains(text, "sealedUrl") {
		t.Error("the journal tells the URL")
	}
}
