package graph_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"procyon/access"
	"procyon/auth"
)

// grouped makes a group of people that is kept here, and returns its ID.
func (b *bed) grouped(name string, people ...access.User) string {
	b.t.Helper()
	out := b.mutation(session(b.ada), "createGroup", "group { id } userErrors { message }", object{"name": name})
	id := out["group"].(object)["id"].(string)
	add := []string{}
	for _, u := range people {
		add = append(add, u.ID)
	}
	b.ok(session(b.ada), "setGroupMembers", object{"groupId": id, "addUserIds": add})
	return id
}

// ask asks one thing, of which nothing is refused.
func (b *bed) ask(who caller, query string) object {
	b.t.Helper()
	r := b.do(who, query, nil)
	if len(r.Errors) > 0 {
		b.t.Fatalf("%s: %v", query, r.Errors)
	}
	return r.Data
}

func names(list any) (out []string) {
	for _, n := range list.(object)["nodes"].([]any) {
		out = append(out, n.(object)["name"].(string))
	}
	return out
}

// provisioned is a person whom the directory made.
func (b *bed) provisioned(name string, active bool) access.User {
	b.t.Helper()
	by := access.Actor{Kind: access.ActorService, ID: "svc_1", Name: "directory"}
	email := strings.ToLower(name) + "@example.com"
	u, err := b.ProvisionUser(b.t.Context(), by, access.Provision{UserName: email, ExternalID: "x-" + name, Email: email, Name: name, Active: active})
	b.must(err)
	return u
}

// A group has members, who find it; both are listed, searched and counted.
func TestGroups(t *testing.T) {
	b := newBed(t)
	group := b.grouped("Database owners", b.dev, b.eve)
	b.grouped("Others")
	of := func(what string) object {
		return b.ask(session(b.ada), fmt.Sprintf(`{ node(id: %q) { ... on Group { %s } } }`, group, what))["node"].(object)
	}
	if got := of("name source externalId changing version memberCount"); fmt.Sprint(got) != "map[changing:false externalId:<nil> memberCount:2 name:Database owners source:LOCAL version:3]" {
		t.Errorf("the group is %v", got)
	}
	for args, want := range map[string]string{"": "Dev Eve", `(search: "ev")`: "Dev Eve", `(search: "eve@")`: "Eve", `(search: "ada")`: "", "(last: 1)": "Eve"} {
		if got := strings.Join(names(of("members" + args + " { nodes { name } totalCount }")["members"]), " "); got != want {
			t.Errorf("members%s: %q, want %q", args, got, want)
		}
	}
	for args, want := range map[string]string{"": "Database owners,Others", `(search: "owner")`: "Database owners", "(sources: [OIDC, SCIM])": "", "(sources: [LOCAL])": "Database owners,Others"} {
		if got := strings.Join(names(b.ask(session(b.ada), "{ groups"+args+" { nodes { name } } }")["groups"]), ","); got != want {
			t.Errorf("groups%s: %q, want %q", args, got, want)
		}
	}
	if got := names(b.ask(session(b.ada), fmt.Sprintf(`{ users(groupId: %q) { nodes { name } } }`, group))["users"]); fmt.Sprint(got) != "[Dev Eve]" {
		t.Errorf("users of the group: %v", got)
	}
	if got := names(b.ask(session(b.ada), `{ users(groupId: "grp_nothing") { nodes { name } } }`)["users"]); len(got) != 0 {
		t.Errorf("users of no group: %v", got)
	}
	b.ok(session(b.ada), "setGroupMembers", object{"groupId": group, "addUserIds": []string{b.bo.ID}, "removeUserIds": []string{b.dev.ID}})
	if got := names(of("members { nodes { name } }")["members"]); fmt.Sprint(got) != "[Bo Eve]" {
		t.Errorf("members afterwards: %v", got)
	}
	b.ok(session(b.ada), "deleteGroup", object{"groupId": group})
	if got := b.ask(session(b.ada), fmt.Sprintf(`{ node(id: %q) { id } users(groupId: %q) { nodes { name } } }`, group, group)); got["node"] != nil || len(names(got["users"])) != 0 {
		t.Errorf("after it was deleted: %v", got)
	}
	kinds := b.ask(session(b.ada), `{ journal(filter: {kinds: [GROUP]}, first: 1) { nodes { subjectKind subjectName type } } }`)["journal"].(object)["nodes"]
	if fmt.Sprint(kinds) != "[map[subjectKind:GROUP subjectName:Database owners type:CREATED]]" {
		t.Errorf("the journal's groups: %v", kinds)
	}
}

// People see the groups in which they are, and their manager, and nobody else's.
func TestWhoSeesGroupsAndManagers(t *testing.T) {
	b := newBed(t)
	mine, other := b.grouped("Mine", b.dev), b.grouped("Other", b.eve)
	b.ok(session(b.ada), "setManager", object{"userId": b.dev.ID, "managerId": b.eve.ID})
	me := b.ask(session(b.dev), `{ viewer { user { groups { nodes { source counts countsUntil by { actorId name } group { name } } totalCount } manager { name email disabled by { name } } } } }`)["viewer"].(object)["user"].(object)
	want := fmt.Sprintf("map[groups:map[nodes:[map[by:map[actorId:%s name:Ada] counts:true countsUntil:<nil> group:map[name:Mine] source:LOCAL]] totalCount:1] manager:map[by:map[name:Ada] disabled:false email:eve@example.com name:Eve]]", b.ada.ID)
	if fmt.Sprint(me) != want {
		t.Errorf("what Dev sees:\n%v\nwant\n%s", me, want)
	}
	for id, found := range map[string]bool{mine: true, other: false, "grp_nothing": false} {
		if got := b.ask(session(b.dev), fmt.Sprintf(`{ node(id: %q) { id } }`, id))["node"]; (got != nil) != found {
			t.Errorf("node(%s) by Dev: %v", id, got)
		}
	}
	if got := b.ask(service("admin"), fmt.Sprintf(`{ node(id: %q) { id } }`, other))["node"]; got == nil {
		t.Error("a service that manages does not find the group")
	}
	if got := b.ask(service("events:read"), fmt.Sprintf(`{ node(id: %q) { id } }`, other))["node"]; got != nil {
		t.Error("a service that reads events finds a group")
	}
}

// What the claims of a sign-in said is shown with its end, and after it as what counts no more.
func TestMembershipsOfClaims(t *testing.T) {
	b := newBed(t)
	u, err := b.Identify(t.Context(), access.System(), access.SignedIn{
		Identity: access.Identity{Issuer: "https://idp", Subject: "1"}, Email: "dev@example.com", EmailVerified: true, Groups: []string{"sre", "dba"},
	})
	b.must(err)
	ask := func() string {
		return fmt.Sprint(b.ask(session(u), `{ viewer { user { groups { nodes { source counts countsUntil group { name externalId } } } } } }`))
	}
	until := b.now().Add(access.ClaimsHold).UTC().Format(time.RFC3339)
	if got := ask(); strings.Count(got, "counts:true countsUntil:"+until) != 2 || strings.Index(got, "dba") > strings.Index(got, "sre") {
		t.Errorf("after signing in: %s; want until %s", got, until)
	}
	b.pass(access.ClaimsHold)
	if got := ask(); strings.Count(got, "counts:false") != 2 {
		t.Errorf("a day later: %s", got)
	}
}

func TestGroupsRefuse(t *testing.T) {
	b := newBed(t)
	ada := session(b.ada)
	group := b.grouped("Owners", b.dev)
	scim, err := b.CreateGroup(t.Context(), access.Actor{Kind: access.ActorService, ID: "svc_1"}, access.NewGroup{Name: "Directory's", Source: access.SourceSCIM, ExternalID: "x"})
	b.must(err)
	theirs := b.provisioned("Nina", true)
	for _, c := range []struct {
		call  string
		input object
		want  string
	}{
		{"createGroup", object{"name": " "}, "INVALID name"},
		{"createGroup", object{"name": "OWNERS"}, "DUPLICATE name"},
		{"updateGroup", object{"groupId": group, "name": strings.Repeat("x", 257)}, "INVALID name"},
		{"updateGroup", object{"groupId": group, "name": "New", "expectedVersion": 1}, "CONFLICT expectedVersion"},
		{"deleteGroup", object{"groupId": group, "expectedVersion": 99}, "CONFLICT expectedVersion"},
		{"updateGroup", object{"groupId": scim.ID, "name": "Ours"}, "FORBIDDEN groupId"},
		{"setGroupMembers", object{"groupId": scim.ID, "addUserIds": []string{theirs.ID}}, "FORBIDDEN groupId"},
		{"setGroupMembers", object{"groupId": group, "addUserIds": []string{b.eve.ID, "usr_nothing"}}, "NOT_FOUND addUserIds"},
		{"setGroupMembers", object{"groupId": group, "addUserIds": []string{group}}, "NOT_FOUND addUserIds"},
		{"setGroupMembers", object{"groupId": group, "addUserIds": []string{b.eve.ID}, "removeUserIds": []string{b.eve.ID}}, "INVALID addUserIds"},
		{"setGroupMembers", object{"groupId": group, "expectedVersion": 1}, "CONFLICT expectedVersion"},
		{"setManager", object{"userId": b.dev.ID, "managerId": b.dev.ID}, "INVALID managerId"},
		{"setManager", object{"userId": b.dev.ID, "managerId": "usr_nothing"}, "NOT_FOUND managerId"},
		{"setManager", object{"userId": theirs.ID, "managerId": b.dev.ID}, "CONFLICT userId"},
		{"joinUsers", object{"userId": b.dev.ID, "withUserId": b.dev.ID}, "INVALID withUserId"},
		{"handOverUser", object{"userId": b.bo.ID}, "CONFLICT userId"},
		{"setOwners", object{"ownerIds": []string{b.dev.ID}}, "INVALID accountId"},
		{"setOwners", object{"accountId": b.account.ID, "resourceId": b.db.ID, "ownerIds": []string{}}, "INVALID resourceId"},
		{"setOwners", object{"accountId": b.db.ID, "ownerIds": []string{}}, "NOT_FOUND accountId"},
		{"setOwners", object{"gatewayId": "gw_nothing", "ownerIds": []string{}}, "NOT_FOUND gatewayId"},
		{"setOwners", object{"resourceId": b.db.ID, "ownerIds": []string{b.account.ID}}, "NOT_FOUND ownerIds.0"},
		{"setOwners", object{"resourceId": b.db.ID, "ownerIds": b.many("usr_%d", 21)}, "INVALID ownerIds"},
		{"setTags", object{"resourceId": b.db.ID, "tags": []object{{"key": "env", "value": "a"}, {"key": "env", "value": "b"}}}, "INVALID tags.1.key"},
		{"setTags", object{"resourceId": b.db.ID, "tags": []object{{"key": "a=b"}}}, "INVALID tags.0.key"},
	} {
		before := b.journal.Head()
		if got := b.userErrors(ada, c.call, c.input); got != c.want {
			t.Errorf("%s(%.120v): %q, want %q", c.call, c.input, got, c.want)
		}
		if b.journal.Head() != before {
			t.Errorf("%s(%.120v) changed something", c.call, c.input)
		}
	}
}

func (b *bed) many(form string, n int) (out []string) {
	for i := range n {
		out = append(out, fmt.Sprintf(form, i))
	}
	return out
}

// Everybody who may ask for something sees who answers for it, and what it is marked with.
func TestOwnersAndTags(t *testing.T) {
	b := newBed(t)
	group := b.grouped("Owners", b.eve)
	b.ok(session(b.ada), "setOwners", object{"resourceId": b.db.ID, "ownerIds": []string{b.bo.ID, group}})
	b.ok(session(b.ada), "setOwners", object{"accountId": b.account.ID, "ownerIds": []string{b.eve.ID}})
	b.ok(session(b.ada), "setTags", object{"resourceId": b.db.ID, "tags": []object{{"key": "env", "value": "prod"}, {"key": "pii"}}})
	const wanted = `{ resources { nodes { name owners { kind name gone by { name } } tags { key value by { name } } account { owners { name } } } } }`
	want := "map[account:map[owners:[map[name:Eve]]] name:db owners:[map[by:map[name:Ada] gone:false kind:GROUP name:Owners] map[by:map[name:Ada] gone:false kind:USER name:Bo]] " +
		"tags:[map[by:map[name:Ada] key:env value:prod] map[by:map[name:Ada] key:pii value:]]]"
	if got := fmt.Sprint(b.ask(session(b.dev), wanted)); !strings.Contains(got, want) {
		t.Errorf("what Dev sees:\n%s\nwant\n%s", got, want)
	}
	for tags, want := range map[string]string{
		`[{key: "env", value: "prod"}]`: "db", `[{key: "env", value: "prod"}, {key: "pii"}]`: "db", `[{key: "env"}]`: "", `[{key: "env", value: "prod"}, {key: "x"}]`: "", "[]": "db server",
	} {
		if got := strings.Join(names(b.ask(session(b.dev), "{ resources(tags: "+tags+") { nodes { name } } }")["resources"]), " "); got != want {
			t.Errorf("resources(tags: %s): %q, want %q", tags, got, want)
		}
	}
	const things = `{ count aloneCount named { name alone } }`
	owned := "map[aloneCount:1 count:2 named:[map[alone:true name:server] map[alone:false name:db]]]"
	b.ok(session(b.ada), "setOwners", object{"resourceId": b.server.ID, "ownerIds": []string{group}})
	ends := b.ask(session(b.ada), fmt.Sprintf(`{ node(id: %q) { ... on Group { deletionEnds { owned %s } } } }`, group, things))["node"].(object)["deletionEnds"].(object)["owned"]
	if got := fmt.Sprint(ends); got != owned {
		t.Errorf("before the group is deleted it owns %s", got)
	}
	if got := fmt.Sprint(b.mutation(session(b.ada), "deleteGroup", "owned "+things, object{"groupId": group})["owned"]); got != owned {
		t.Errorf("once it is deleted it owned %s", got)
	}
	ends = b.ask(session(b.ada), fmt.Sprintf(`{ node(id: %q) { ... on User { disablingEnds { owned %s } } } }`, b.bo.ID, things))["node"].(object)["disablingEnds"].(object)["owned"]
	if got := fmt.Sprint(ends); got != "map[aloneCount:1 count:1 named:[map[alone:true name:db]]]" {
		t.Errorf("Bo owns %s", got)
	}
	b.ok(session(b.ada), "disableUser", object{"userId": b.bo.ID})
	if got := fmt.Sprint(b.ask(session(b.dev), wanted)); strings.Count(got, "gone:true") != 3 {
		t.Errorf("once they are gone: %s", got)
	}
	b.ok(session(b.ada), "setOwners", object{"resourceId": b.db.ID, "ownerIds": []string{}})
	b.ok(session(b.ada), "setTags", object{"resourceId": b.db.ID, "tags": []object{}})
	if got := fmt.Sprint(b.ask(session(b.dev), wanted)); !strings.Contains(got, "name:db owners:[] tags:[]") {
		t.Errorf("once there are none: %s", got)
	}
}

// Joined accounts name each other, and are separated again.
func TestJoinedAccounts(t *testing.T) {
	b := newBed(t)
	others := func(u access.User) string {
		out := b.ask(session(b.ada), fmt.Sprintf(`{ node(id: %q) { ... on User { otherAccounts { name } } } }`, u.ID))
		return fmt.Sprint(out["node"].(object)["otherAccounts"])
	}
	b.ok(session(b.ada), "joinUsers", object{"userId": b.eve.ID, "withUserId": b.dev.ID})
	if others(b.dev) != "[map[name:Eve]]" || others(b.eve) != "[map[name:Dev]]" || others(b.bo) != "[]" {
		t.Errorf("joined: %s, %s, %s", others(b.dev), others(b.eve), others(b.bo))
	}
	before := b.journal.Head()
	if got := b.userErrors(session(b.ada), "joinUsers", object{"userId": b.dev.ID, "withUserId": b.bo.ID}); got != "CONFLICT userId" || b.journal.Head() != before {
		t.Errorf("joining somebody to whom others are joined: %s, and %d entries", got, b.journal.Head()-before)
	}
	b.ok(session(b.ada), "separateUser", object{"userId": b.eve.ID})
	if others(b.dev) != "[]" {
		t.Errorf("separated: %s", others(b.dev))
	}
}

// Accounts of one employee name each other, and a manager who is the same human counts as
// nobody; who was separated is shown, with whose doing it was.
func TestAccountsOfOneEmployee(t *testing.T) {
	b := newBed(t)
	by := access.Actor{Kind: access.ActorService, ID: "svc_1", Name: "directory"}
	made := func(name, manager string) access.User {
		u, err := b.ProvisionUser(t.Context(), by, access.Provision{UserName: name, Email: name + "@example.com", Name: name, Active: true, Employee: "4711", ManagerID: manager})
		b.must(err)
		return u
	}
	one := made("sam", "")
	two := made("sam-admin", one.ID)
	of := func() string {
		return fmt.Sprint(b.ask(session(b.ada), fmt.Sprintf(`{ node(id: %q) { ... on User { otherAccounts { name } hasManyAccounts separation { employeeNumber by { name } } manager { name counts } directory { employeeNumber } } } }`, two.ID))["node"])
	}
	if got := of(); got != "map[directory:map[employeeNumber:4711] hasManyAccounts:false manager:map[counts:false name:sam] otherAccounts:[map[name:sam]] separation:<nil>]" {
		t.Errorf("joined: %s", got)
	}
	b.ok(session(b.ada), "separateUser", object{"userId": two.ID})
	if got := of(); got != "map[directory:map[employeeNumber:4711] hasManyAccounts:false manager:map[counts:true name:sam] otherAccounts:[] separation:map[by:map[name:Ada] employeeNumber:4711]]" {
		t.Errorf("separated: %s", got)
	}
}

// Who changes what another one has changed meanwhile is told so, and nothing is changed.
func TestWhatWasSeenOfPeopleAndTheCatalog(t *testing.T) {
	b := newBed(t)
	version := func(id string) any {
		return b.ask(session(b.ada), fmt.Sprintf(`{ node(id: %q) { ... on User { version } ... on Account { version } ... on Gateway { version } ... on Resource { version } } }`, id))["node"].(object)["version"]
	}
	gateway, err := b.CreateGateway(t.Context(), access.ActorOf(b.ada), access.NewGateway{Name: "VPN"})
	b.must(err)
	for _, c := range []struct {
		call, id string
		input    object
	}{
		{"setOwners", b.db.ID, object{"resourceId": b.db.ID, "ownerIds": []string{b.bo.ID}}},
		{"setOwners", b.account.ID, object{"accountId": b.account.ID, "ownerIds": []string{b.bo.ID}}},
		{"setOwners", gateway.ID, object{"gatewayId": gateway.ID, "ownerIds": []string{b.bo.ID}}},
		{"setTags", b.db.ID, object{"resourceId": b.db.ID, "tags": []object{{"key": "env"}}}},
		{"setManager", b.dev.ID, object{"userId": b.dev.ID, "managerId": b.bo.ID}},
		{"joinUsers", b.eve.ID, object{"userId": b.eve.ID, "withUserId": b.dev.ID}},
		{"separateUser", b.eve.ID, object{"userId": b.eve.ID}},
	} {
		seen, before := version(c.id), b.journal.Head()
		c.input["expectedVersion"] = 99
		if got := b.userErrors(session(b.ada), c.call, c.input); got != "CONFLICT expectedVersion" || b.journal.Head() != before {
			t.Errorf("%s of another version: %s, and %d entries", c.call, got, b.journal.Head()-before)
		}
		c.input["expectedVersion"] = seen
		b.ok(session(b.ada), c.call, c.input)
		if version(c.id) == seen {
			t.Errorf("%s does not raise the version", c.call)
		}
	}
}

// What the directory says of somebody is told, and what it means for letting them in.
func TestPeopleOfTheDirectory(t *testing.T) {
	b := newBed(t)
	nina := b.provisioned("Nina", true)
	of := func(u access.User) object {
		return b.ask(session(b.ada), fmt.Sprintf(`{ node(id: %q) { ... on User { directory { userName externalId active removed } handedOver disabledBy enablingRefusedBecause disablingEnds { overrulesDirectory } } } }`, u.ID))["node"].(object)
	}
	if got := fmt.Sprint(of(nina)); got != "map[directory:map[active:true externalId:x-Nina removed:false userName:nina@example.com] disabledBy:<nil> disablingEnds:map[overrulesDirectory:true] enablingRefusedBecause:<nil> handedOver:false]" {
		t.Errorf("active: %s", got)
	}
	b.ok(session(b.ada), "disableUser", object{"userId": nina.ID})
	if got := of(nina); got["disabledBy"] != "LOCAL" || got["enablingRefusedBecause"] != nil || got["disablingEnds"].(object)["overrulesDirectory"] != false {
		t.Errorf("disabled here: %v", got)
	}
	gone := b.provisioned("Gus", false)
	got := of(gone)
	if got["disabledBy"] != "SCIM" || !strings.Contains(fmt.Sprint(got["enablingRefusedBecause"]), "activate them there") || got["disablingEnds"].(object)["overrulesDirectory"] != true {
		t.Errorf("deactivated there: %v", got)
	}
	if got := b.userErrors(session(b.ada), "enableUser", object{"userId": gone.ID}); got != "CONFLICT userId" {
		t.Errorf("enabling them: %s", got)
	}
	b.ok(session(b.ada), "handOverUser", object{"userId": b.dev.ID})
	if got := of(b.dev); got["handedOver"] != true || got["directory"] != nil || got["disablingEnds"].(object)["overrulesDirectory"] != false {
		t.Errorf("handed over: %v", got)
	}
	b.ok(session(b.ada), "handOverUser", object{"userId": b.dev.ID, "handedOver": false})
	if got := of(b.dev); got["handedOver"] != false {
		t.Errorf("taken back: %v", got)
	}
	for _, who := range []caller{session(b.dev), service(auth.ScopeAdmin)} {
		if r := b.do(who, `mutation { handOverUser(input: {userId: "x"}) { userErrors { code } } }`, nil); r.codes() != "FORBIDDEN" {
			t.Errorf("handing over by %s: %s", who.Actor.Name, r.codes())
		}
	}
}

// A page reads what its objects refer to at once, however many they are.
func TestListsReadReferencesTogether(t *testing.T) {
	b := newBed(t)
	lists := map[string]string{
		"users":     `{ users(first: 20) { nodes { groups(first: 5) { nodes { group { name } by { name } } } manager { name by { name } } } } }`,
		"resources": `{ resources { nodes { owners { name by { name } } tags { by { name } } account { name } } } }`,
		"accounts":  `{ accounts { nodes { owners { name } } } }`,
	}
	count := func() map[string]int64 {
		out := map[string]int64{}
		for name, query := range lists {
			before := b.gets.Load()
			b.ask(session(b.ada), query)
			out[name] = b.gets.Load() - before
		}
		return out
	}
	group := b.grouped("All", b.dev, b.eve)
	add := func(i int) {
		name := fmt.Sprintf("n%02d", i)
		u, err := b.CreateUser(t.Context(), access.System(), access.NewUser{Email: name + "@example.com", Name: name})
		b.must(err)
		b.ok(session(b.ada), "setManager", object{"userId": u.ID, "managerId": b.bo.ID})
		b.ok(session(b.ada), "setGroupMembers", object{"groupId": b.grouped(name, u), "addUserIds": []string{b.eve.ID}})
		v, err := b.CreateAccount(t.Context(), access.System(), access.NewAccount{Name: name, Provider: "AWS", ExternalID: name})
		b.must(err)
		r, err := b.CreateResource(t.Context(), access.System(), access.NewResource{Name: name, Kind: access.ResourceDatabase, AccountID: v.ID})
		b.must(err)
		b.ok(session(b.ada), "setOwners", object{"accountId": v.ID, "ownerIds": []string{group}})
		b.ok(session(b.ada), "setOwners", object{"resourceId": r.ID, "ownerIds": []string{u.ID}})
	}
	add(1)
	few := count()
	for i := range 10 {
		add(10 + i)
	}
	for name, n := range count() {
		if n != few[name] {
			t.Errorf("%s: %d reads of a long list, %d of a short one", name, n, few[name])
		}
	}
}
