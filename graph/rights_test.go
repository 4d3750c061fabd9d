package graph_test

import (
	"fmt"
	"slices"
	"sort"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2/ast"

	"procyon/access"
	"procyon/auth"
)

// rule is who may use a field, as its @auth says: "public", or a role and scopes.
func rule(f *ast.FieldDefinition) string {
	d := f.Directives.ForName("auth")
	if d == nil {
		return ""
	}
	role, scopes := "MEMBER", ""
	for _, a := range d.Arguments {
		switch a.Name {
		case "public":
			if a.Value.Raw == "true" {
				return "public"
			}
		case "role":
			role = a.Value.Raw
		case "scopes":
			var list []string
			for _, c := range a.Value.Children {
				list = append(list, c.Value.Raw)
			}
			sort.Strings(list)
			scopes = " " + strings.Join(list, " ")
		}
	}
	return role + scopes
}

// rights is every field that states who may use it. A change of anybody's rights is
// a change of this table.
func rights() map[string]string {
	const (
		asking    = "MEMBER slack:act"
		managing  = "ADMIN admin"
		leasing   = "ADMIN deliveries:write events:read"
		delivers  = "ADMIN deliveries:write"
		slackOnly = "ADMIN slack:act"
		people    = "ADMIN" // no service, whatever its scopes: it could make somebody who decides
	)
	table := map[string]string{
		"Query.viewer": "public", "Query.node": "MEMBER admin deliveries:write events:read slack:act",
		"Query.created": "MEMBER admin deliveries:write events:read slack:act",
		"Query.nodes":   "MEMBER admin deliveries:write events:read slack:act", "Query.limits": "MEMBER admin events:read slack:act",
		"Query.accounts": "MEMBER admin events:read slack:act", "Query.gateways": "MEMBER admin events:read slack:act", "Query.resources": "MEMBER admin events:read slack:act",
		"Query.accessRequests": "MEMBER admin deliveries:write events:read slack:act", "Query.accessRequest": "MEMBER admin deliveries:write events:read slack:act",
		"Query.integrations": "ADMIN admin deliveries:write", "Query.notificationPreview": "MEMBER admin slack:act", "Query.explainAccess": "MEMBER admin slack:act",
		"Query.policySet": managing, "Query.rehearsePolicies": managing, "Query.policyVersions": managing, "Query.policyVersion": managing, "Query.policiesNaming": managing, "Mutation.setPolicies": people,
		"Query.deliveries": "ADMIN admin deliveries:write", "Query.nextDelivery": "ADMIN admin deliveries:write",
		"Query.journal": "ADMIN admin journal:read", "JournalEntry.before": "ADMIN admin journal:read", "JournalEntry.after": "ADMIN admin journal:read",
		"Query.journalEntry": "ADMIN admin journal:read", "Query.journalCheckpoint": "ADMIN admin journal:read", "Query.accessRequestReceipt": "ADMIN admin journal:read",
		"Query.users": managing, "Query.groups": managing, "Query.directory": managing,
		"Group.members": managing, "Group.memberCount": managing, "User.groups": "MEMBER admin", "User.manager": "MEMBER admin",
		"User.directory": managing, "User.handedOver": managing, "User.otherAccounts": managing, "User.hasManyAccounts": managing, "User.separation": managing, "Group.deletionEnds": managing, "User.disabledBy": managing, "User.enablingRefusedBecause": managing,
		"Mutation.createGroup": people, "Mutation.updateGroup": people, "Mutation.deleteGroup": people, "Mutation.setGroupMembers": people,
		"Mutation.setManager": people, "Mutation.setOwners": people, "Mutation.setTags": people, "Mutation.joinUsers": people,
		"Mutation.separateUser": people, "Mutation.handOverUser": people,
		"Query.slackWorkspaces": "ADMIN admin slack:act", "Query.slackLinks": "MEMBER admin slack:act", "Query.slackIdentity": slackOnly,
		"Query.slackLinkOffer": "MEMBER", "Query.records": slackOnly,
		"Query.slackWorkspace": "ADMIN admin slack:act", "Query.slackWaiting": "ADMIN admin slack:act",
		"Query.slackApp": managing,
		"Query.problems": "ADMIN admin slack:act", "Query.overview": managing, "Query.catalogImport": managing, "Query.catalogImports": managing,
		"Mutation.importCatalog": managing, "Mutation.stopCatalogImport": managing,

		"Mutation.createAccessRequest": asking, "Mutation.updateAccessRequest": asking, "Mutation.cancelAccessRequest": asking,
		"Mutation.reviewAccessRequest": asking, "Mutation.closeAccessRequest": asking, "Mutation.revokeAccessRequest": asking,
		"Mutation.extendAccessRequest": asking, "Mutation.redeliver": managing, "Mutation.planDeliveries": delivers,
		"Mutation.recordDeliveryAttempt": delivers, "Mutation.acquireConsumer": leasing, "Mutation.releaseConsumer": leasing,
		"Mutation.advanceConsumer": leasing, "Mutation.createIntegration": managing, "Mutation.updateIntegration": managing,
		"Mutation.deleteIntegration": managing, "Mutation.testIntegration": managing, "Mutation.setIntegrationAccounts": managing,
		"Mutation.setNotificationChannels": managing, "Mutation.installSlackWorkspace": slackOnly, "Mutation.uninstallSlackWorkspace": slackOnly,
		"Mutation.startSlackInstall": "ADMIN", "Mutation.acceptSlackWorkspace": "ADMIN", "Mutation.removeSlackWorkspace": "ADMIN",
		"Mutation.startSlackLink": slackOnly, "Mutation.confirmSlackLink": "MEMBER", "Mutation.agreeSlackLink": managing,
		"Mutation.removeSlackLink": "MEMBER admin slack:act", "Mutation.putRecords": slackOnly,
		"Mutation.refreshSlackChannels": "ADMIN admin slack:act", "Mutation.reportSlackChannels": slackOnly,

		"Mutation.createUser": people, "Mutation.updateUser": people, "Mutation.setUserRole": people, "Mutation.disableUser": people,
		"Mutation.enableUser": people, "Mutation.resetPassword": people, "Mutation.setPassword": "MEMBER",
		"Mutation.createServiceAccount": people, "Mutation.disableServiceAccount": people, "Mutation.enableServiceAccount": people,
		"Mutation.createToken": "MEMBER", "Mutation.revokeToken": "MEMBER", "Mutation.endSession": "MEMBER", "Mutation.endSessions": "MEMBER",
		"Mutation.deleteConsumer": leasing, "Query.consumers": managing, "Query.serviceAccounts": managing,
		"User.tokens": "MEMBER admin", "User.sessions": "MEMBER admin", "User.timeZone": "MEMBER admin", "User.lastSeenAt": "MEMBER admin",
		"User.disablingEnds": managing, "User.demotionEnds": managing, "Query.tokenScopes": "MEMBER", "Mutation.setTimeZone": "MEMBER",
		"ServiceAccount.tokens": managing, "Consumer.serviceAccount": managing,

		"Subscription.requestEvents": "MEMBER admin events:read slack:act",

		"Integration.webhookUrl": "ADMIN webhooks:read", "Delivery.integration": "ADMIN admin deliveries:write",
		"Integration.lastDelivery": "ADMIN admin deliveries:write", "Integration.pendingCount": "ADMIN admin deliveries:write", "Integration.owed": "ADMIN admin deliveries:write", "Integration.deadCount": "ADMIN admin deliveries:write",
		"AccessRequest.reviewers": "ADMIN admin slack:act", "User.slackLinks": "ADMIN admin slack:act",
		"SlackWorkspace.offeredWebhook": "ADMIN admin", "SlackWorkspace.missingScopes": "ADMIN admin", "SlackWorkspace.linkCount": "ADMIN admin", "SlackWorkspace.channels": "ADMIN admin slack:act", "SlackWorkspace.channelsAsOf": "ADMIN admin slack:act",
		"SlackWorkspace.channelsComplete": "ADMIN admin slack:act", "SlackWorkspace.channelsWanted": "ADMIN admin slack:act",
		"Account.integrations": "ADMIN admin deliveries:write",
	}
	for _, noun := range []string{"Account", "Gateway", "Resource"} {
		for _, verb := range []string{"create", "update", "delete"} {
			table["Mutation."+verb+noun] = managing
		}
	}
	return table
}

func TestEveryRootFieldSaysWhoMayUseIt(t *testing.T) {
	b := newBed(t)
	want, seen := rights(), map[string]bool{}
	for _, def := range b.schema.Types {
		root := def.Name == "Query" || def.Name == "Mutation" || def.Name == "Subscription"
		for _, f := range def.Fields {
			name := def.Name + "." + f.Name
			got := rule(f)
			if strings.HasPrefix(f.Name, "__") || !root && got == "" {
				continue
			}
			if root && got == "" {
				t.Errorf("%s does not say who may use it: it lacks @auth", name)
				continue
			}
			expected, listed := want[name]
			if !listed {
				t.Errorf("%s (%s) is not in the table of rights", name, got)
			} else if got != expected {
				t.Errorf("%s: %q, the table says %q", name, got, expected)
			}
			seen[name] = true
		}
	}
	for name := range want {
		if !seen[name] {
			t.Errorf("the table has %s, which is not in the schema", name)
		}
	}
}

// callers are everybody who can call, by what they hold, which no store has: it can't end.
func (b *bed) callers() map[string]caller {
	signedIn := func(u access.User) caller {
		p := token(u)
		p.Actor.Scopes = nil
		return p
	}
	out := map[string]caller{
		"nobody": nil, "member": signedIn(b.dev), "administrator": signedIn(b.ada), "member acting": acting(b.dev), "administrator acting": acting(b.ada),
		"member's empty token": token(b.dev, []string{}...), "service without scopes": service(),
	}
	for _, s := range auth.Scopes(access.ActorService) {
		out["service "+s] = service(s)
	}
	out["notifier"] = service(auth.ScopeDeliveriesWrite, auth.ScopeWebhooksRead, auth.ScopeEventsRead)
	for _, s := range auth.Scopes(access.ActorUser) {
		out["member's token "+s], out["administrator's token "+s] = token(b.dev, s), token(b.ada, s)
	}
	for _, p := range out {
		if p != nil {
			p.TokenID = ""
		}
	}
	return out
}

// Fields beneath the root that state who may use them, called through an object
// that the caller may see.
func TestRightsOfInnerFields(t *testing.T) {
	b := newBed(t)
	request := b.create()
	owed := b.owe()
	group := b.grouped("db-owners", b.dev)
	node := func(id, kind, field, selection string) string {
		return fmt.Sprintf(`{ node(id: %q) { ... on %s { %s%s } } }`, id, kind, field, selection)
	}
	account := b.mutation(session(b.ada), "createServiceAccount", "serviceAccount { id }", object{"name": "siem"})["serviceAccount"].(object)["id"].(string)
	queries := map[string][]string{
		"User.tokens":                     {node(b.dev.ID, "User", "tokens", "(first: 1) { nodes { id } }"), `{ viewer { user { tokens { nodes { id } } } } }`},
		"User.sessions":                   {node(b.dev.ID, "User", "sessions", "(first: 1) { nodes { id } }"), `{ viewer { user { sessions { nodes { id } } } } }`},
		"User.timeZone":                   {node(b.dev.ID, "User", "timeZone", ""), `{ viewer { user { timeZone } } }`},
		"User.lastSeenAt":                 {node(b.dev.ID, "User", "lastSeenAt", ""), `{ viewer { user { lastSeenAt } } }`},
		"User.disablingEnds":              {node(b.dev.ID, "User", "disablingEnds", " { accessCount }"), `{ users(first: 1) { nodes { disablingEnds { accessCount } } } }`},
		"Group.members":                   {node(group, "Group", "members", "(first: 1) { nodes { id } }"), `{ groups(first: 1) { nodes { members { nodes { id } } } } }`},
		"Group.memberCount":               {node(group, "Group", "memberCount", "")},
		"Group.deletionEnds":              {node(group, "Group", "deletionEnds", " { owned { count } }")},
		"User.groups":                     {node(b.dev.ID, "User", "groups", "(first: 1) { nodes { counts } }"), `{ viewer { user { groups { nodes { counts } } } } }`},
		"User.manager":                    {node(b.dev.ID, "User", "manager", " { userId }"), `{ viewer { user { manager { userId } } } }`},
		"User.directory":                  {node(b.dev.ID, "User", "directory", " { userName }"), `{ viewer { user { directory { userName } } } }`},
		"User.handedOver":                 {node(b.dev.ID, "User", "handedOver", "")},
		"User.hasManyAccounts":            {node(b.dev.ID, "User", "hasManyAccounts", ""), `{ viewer { user { hasManyAccounts } } }`},
		"User.separation":                 {node(b.dev.ID, "User", "separation", " { since }"), `{ viewer { user { separation { since } } } }`},
		"User.otherAccounts":              {node(b.dev.ID, "User", "otherAccounts", " { id }"), `{ viewer { user { otherAccounts { id } } } }`},
		"User.disabledBy":                 {node(b.dev.ID, "User", "disabledBy", "")},
		"User.enablingRefusedBecause":     {node(b.dev.ID, "User", "enablingRefusedBecause", "")},
		"User.demotionEnds":               {node(b.dev.ID, "User", "demotionEnds", " { refusedBecause }")},
		"ServiceAccount.tokens":           {node(account, "ServiceAccount", "tokens", "(first: 1) { nodes { id } }"), `{ serviceAccounts(last: 1) { nodes { tokens { nodes { id } } } } }`},
		"Consumer.serviceAccount":         {node("con_notifier", "Consumer", "serviceAccount", " { id }"), `{ consumers(first: 1) { nodes { serviceAccount { id } } } }`},
		"Integration.webhookUrl":          {node(b.integration.ID, "Integration", "webhookUrl", ""), `{ integrations(first: 1) { nodes { webhookUrl } } }`},
		"Integration.lastDelivery":        {node(b.integration.ID, "Integration", "lastDelivery", " { id }"), `{ integrations(first: 1) { nodes { lastDelivery { id } } } }`},
		"Integration.pendingCount":        {node(b.integration.ID, "Integration", "pendingCount", "")},
		"Integration.owed":                {node(b.integration.ID, "Integration", "owed", "")},
		"Integration.deadCount":           {node(b.integration.ID, "Integration", "deadCount", "")},
		"Delivery.integration":            {node(owed, "Delivery", "integration", " { id }"), fmt.Sprintf(`{ accessRequest(id: %q) { deliveries(first: 1) { nodes { integration { id } } } } }`, request)},
		"AccessRequest.reviewers":         {node(request, "AccessRequest", "reviewers", " { id }")},
		"SlackWorkspace.offeredWebhook":   {node(b.workspace, "SlackWorkspace", "offeredWebhook", " { channel }")},
		"SlackWorkspace.channels":         {node(b.workspace, "SlackWorkspace", "channels", "(first: 1) { nodes { name } }")},
		"SlackWorkspace.missingScopes":    {node(b.workspace, "SlackWorkspace", "missingScopes", "")},
		"SlackWorkspace.linkCount":        {node(b.workspace, "SlackWorkspace", "linkCount", "")},
		"SlackWorkspace.channelsAsOf":     {node(b.workspace, "SlackWorkspace", "channelsAsOf", "")},
		"SlackWorkspace.channelsComplete": {node(b.workspace, "SlackWorkspace", "channelsComplete", "")},
		"SlackWorkspace.channelsWanted":   {node(b.workspace, "SlackWorkspace", "channelsWanted", "")},
		"JournalEntry.before":             {fmt.Sprintf(`{ accessRequest(id: %q) { timeline { nodes { before } } } }`, request)},
		"JournalEntry.after":              {fmt.Sprintf(`{ accessRequest(id: %q) { timeline { nodes { after } } } }`, request)},
		"User.slackLinks":                 {node(b.dev.ID, "User", "slackLinks", " { id }"), `{ viewer { user { slackLinks { id } } } }`},
		"Account.integrations":            {node(b.account.ID, "Account", "integrations", " { id }"), `{ accounts(first: 1) { nodes { integrations { id } } } }`},
	}
	for name := range rights() {
		kind, field, _ := strings.Cut(name, ".")
		if kind == "Query" || kind == "Mutation" || kind == "Subscription" {
			continue
		}
		f := b.schema.Types[kind].Fields.ForName(field)
		if len(queries[name]) == 0 {
			t.Errorf("%s is not in the test's table", name)
		}
		for _, query := range queries[name] {
			reached := map[string]int{}
			for caller, who := range b.callers() {
				r := b.do(who, query, nil)
				want := verdict(f, who)
				if name == "Integration.webhookUrl" && want == "allowed" && !slices.Contains(who.Actor.Scopes, auth.ScopeWebhooksRead) {
					want = "FORBIDDEN" // a person's rights are not enough
				}
				got := "unseen"
				for _, e := range r.Errors {
					if len(e.Path) > 0 && e.Path[len(e.Path)-1] == field {
						got = fmt.Sprint(e.Extensions["code"])
					}
				}
				if strings.Contains(fmt.Sprint(r.Data), field+":") && got == "unseen" {
					got = "allowed"
				}
				reached[got]++
				if got != want && got != "unseen" {
					t.Errorf("%s by %s: %s, want %s (%v)", query, caller, got, want, r)
				}
			}
			if reached["allowed"] == 0 {
				t.Errorf("%s: nobody may: %v", query, reached)
			}
		}
	}
}

// What the schema says is what happens: every root field, called by everybody.
func TestRightsAreEnforced(t *testing.T) {
	b := newBed(t)
	callers := b.callers()
	for _, kind := range []string{"Query", "Mutation", "Subscription"} {
		for _, f := range b.schema.Types[kind].Fields {
			if strings.HasPrefix(f.Name, "__") {
				continue
			}
			query := b.minimal(kind, f)
			for name, who := range callers {
				want := verdict(f, who)
				if f.Name == "records" && want == "allowed" && who.Actor.Kind != "SERVICE" {
					want = "FORBIDDEN" // people have none
				}
				got := "allowed"
				r := b.do(who, query, nil)
				for _, e := range r.Errors {
					if code := e.Extensions["code"]; len(e.Path) == 1 && (code == "UNAUTHENTICATED" || code == "FORBIDDEN") {
						got = fmt.Sprint(code)
					}
				}
				if strings.Contains(r.codes(), "VALIDATION") || strings.Contains(r.codes(), "PARSE") {
					t.Fatalf("%s: the test's own document is bad: %v", query, r.Errors)
				}
				if got != want {
					t.Errorf("%s.%s by %s: %s, want %s (%v)", kind, f.Name, name, got, want, r.Errors)
				}
			}
		}
	}
}

// verdict is what a field's rule means for a caller, written down a second time:
// see auth.Allows for the first.
func verdict(f *ast.FieldDefinition, who caller) string {
	parts := strings.Fields(rule(f))
	role, scopes := parts[0], parts[1:]
	has := func() bool {
		for _, s := range scopes {
			for _, mine := range who.Actor.Scopes {
				if s == mine {
					return true
				}
			}
		}
		return false
	}
	switch {
	case role == "public":
		return "allowed"
	case who == nil:
		return "UNAUTHENTICATED"
	case who.Actor.ByID != "":
		if !strings.Contains(strings.Join(scopes, " "), auth.ScopeSlackAct) {
			return "FORBIDDEN"
		}
	case who.Actor.Kind == "SERVICE":
		if !has() {
			return "FORBIDDEN"
		}
		return "allowed"
	case who.Actor.Scopes == nil, // signed in
		strings.Contains(strings.Join(who.Actor.Scopes, " "), auth.ScopeSelf), strings.Contains(strings.Join(who.Actor.Scopes, " "), auth.ScopeAdmin):
	case !has():
		return "FORBIDDEN"
	}
	if role == "ADMIN" && !who.Actor.Admin {
		return "FORBIDDEN"
	}
	return "allowed"
}

// minimal is the shortest document that uses a field.
func (b *bed) minimal(kind string, f *ast.FieldDefinition) string {
	var args []string
	for _, a := range f.Arguments {
		if a.Type.NonNull && a.DefaultValue == nil {
			args = append(args, a.Name+": "+b.dummy(a.Type))
		}
	}
	list := ""
	if len(args) > 0 {
		list = "(" + strings.Join(args, ", ") + ")"
	}
	selection := ""
	if def := b.schema.Types[f.Type.Name()]; def.IsCompositeType() {
		selection = " { __typename }"
	}
	return strings.ToLower(kind) + " { " + f.Name + list + selection + " }"
}

// dummy is some value of a type; it need not make sense.
func (b *bed) dummy(t *ast.Type) string {
	if t.Elem != nil {
		return "[]"
	}
	def := b.schema.Types[t.Name()]
	switch def.Kind {
	case ast.Enum:
		return def.EnumValues[0].Name
	case ast.InputObject:
		var fields []string
		for _, f := range def.Fields {
			if f.Type.NonNull && f.DefaultValue == nil {
				fields = append(fields, f.Name+": "+b.dummy(f.Type))
			}
		}
		return "{" + strings.Join(fields, ", ") + "}"
	}
	switch def.Name {
	case "Int":
		return "1"
	case "Boolean":
		return "true"
	case "Duration":
		return `"PT1H"`
	case "Cursor":
		return `"j0"`
	case "URL":
		return `"https://example.com/"`
	case "DateTime":
		return `"2026-11-23T10:39:00Z"`
	}
	return `"nothing"`
}
