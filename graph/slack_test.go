package graph_test

import (
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"procyon/graph"

	"procyon/access"
	"procyon/auth"
)

func slackInstall(slackID, offer string) object {
	in := object{"slackId": slackID, "name": "Evil", "domain": "evil.slack.com", "appId": "A1", "botUserId": "U0", "scopes": []string{}}
	if offer != "" {
		in["offer"] = offer
	}
	return in
}

const workspaceFields = "workspace { id slackId domain waiting acceptedBy acceptedAt installedAt removed }"

// installOffer asks for one as an administrator, and returns its token.
func (b *bed) installOffer(who caller) string {
	b.t.Helper()
	r := b.do(who, `mutation { startSlackInstall { url expiresAt userErrors { code } } }`, nil)
	if len(r.Errors) > 0 {
		b.t.Fatalf("%v", r.Errors)
	}
	out := r.Data["startSlackInstall"].(object)
	u, err := url.Parse(out["url"].(string))
	b.must(err)
	if u.Path != "/slack/install" || out["expiresAt"] == nil {
		b.t.Errorf("%v", out)
	}
	return u.Query().Get("offer")
}

// A workspace that a stranger installed is of no use to them, whatever the bot asks for.
func TestAWaitingWorkspaceIsOfNoUse(t *testing.T) {
	b := newBed(t)
	bot, ada := service("slack:act"), session(b.ada)
	w := b.mutation(bot, "installSlackWorkspace", workspaceFields, slackInstall("TEVIL", ""))["workspace"].(object)
	if w["waiting"] != true || w["acceptedBy"] != nil || w["domain"] != "evil.slack.com" {
		t.Fatalf("%v", w)
	}
	start := object{"workspaceId": w["id"], "slackUserId": "UCFO", "slackName": "Dev", "slackEmail": "dev@example.com"}
	if got := b.userErrors(bot, "startSlackLink", start); got != "CONFLICT workspaceId" {
		t.Errorf("a link begins in a workspace that waits: %q", got)
	}
	waiting := func() object {
		t.Helper()
		r := b.do(bot, `{ slackWaiting { workspaceCount linkCount workspaces { slackId } links { waitsBecause } administrators { name } } }`, nil)
		if len(r.Errors) > 0 {
			t.Fatal(r.Errors)
		}
		return r.Data["slackWaiting"].(object)
	}
	if got := waiting(); fmt.Sprint(got["workspaceCount"]) != "1" || len(got["administrators"].([]any)) != 2 {
		t.Errorf("%v", got)
	}
	for name, who := range map[string]caller{"the bot": bot, "a member": session(b.dev), "a service": service("admin"), "the bot for an administrator": acting(b.ada)} {
		for _, m := range []string{"acceptSlackWorkspace", "removeSlackWorkspace"} {
			in := object{"workspaceId": w["id"]}
			if m == "acceptSlackWorkspace" {
				in["installedAt"] = w["installedAt"]
			}
			if got := b.userErrors(who, m, in); !strings.Contains(got, "FORBIDDEN") {
				t.Errorf("%s by %s: %q", m, name, got)
			}
		}
		if r := b.do(who, `mutation { startSlackInstall { url } }`, nil); !strings.Contains(r.codes(), "FORBIDDEN") {
			t.Errorf("an offer for %s: %v", name, r)
		}
	}
	accepted := b.mutation(ada, "acceptSlackWorkspace", workspaceFields, object{"workspaceId": w["id"], "installedAt": w["installedAt"]})["workspace"].(object)
	if accepted["waiting"] != false || accepted["acceptedBy"] != "Ada" || accepted["acceptedAt"] == nil {
		t.Errorf("%v", accepted)
	}
	b.ok(bot, "startSlackLink", start)
	if got := waiting(); fmt.Sprint(got["workspaceCount"]) != "0" {
		t.Errorf("%v", got)
	}
}

// An administrator's offer accepts one installation, and nothing is used up by one that
// is refused.
func TestAnOfferAcceptsOneInstallation(t *testing.T) {
	b := newBed(t)
	bot := service("slack:act")
	offer := b.installOffer(session(b.ada))
	bad := slackInstall("T0ONE", offer)
	bad["webhook"] = object{"url": "https://elsewhere.example/x", "channel": "#ops"}
	if got := b.userErrors(bot, "installSlackWorkspace", bad); got != "INVALID webhook.url" {
		t.Errorf("%q", got)
	}
	w := b.mutation(bot, "installSlackWorkspace", workspaceFields, slackInstall("T0ONE", offer))["workspace"].(object)
	if w["waiting"] != false || w["acceptedBy"] != "Ada" {
		t.Errorf("%v", w)
	}
	w = b.mutation(bot, "installSlackWorkspace", workspaceFields, slackInstall("T0TWO", offer))["workspace"].(object)
	if w["waiting"] != true {
		t.Errorf("an offer is good twice: %v", w)
	}
	late := b.installOffer(session(b.ada))
	b.pass(auth.SlackInstallTTL)
	if w := b.mutation(bot, "installSlackWorkspace", workspaceFields, slackInstall("T0LATE", late))["workspace"].(object); w["waiting"] != true {
		t.Errorf("an offer is good for longer: %v", w)
	}
	former := b.installOffer(session(b.bo))
	_, _, err := b.DisableUser(t.Context(), access.System(), b.bo.ID)
	b.must(err)
	if w := b.mutation(bot, "installSlackWorkspace", workspaceFields, slackInstall("T0GONE", former))["workspace"].(object); w["waiting"] != true {
		t.Errorf("an offer of who is disabled: %v", w)
	}
}

// Who a Slack user is, and that anything is done for them, ends with the workspace.
func TestRemovedWorkspaceKnowsNobody(t *testing.T) {
	b := newBed(t)
	bot := service("slack:act")
	b.link("U1", "dev@example.com", session(b.dev), "")
	identity := func() any {
		t.Helper()
		r := b.do(bot, `{ slackIdentity(slackId: "T1", slackUserId: "U1") { user { id } } slackWorkspace(slackId: "T1") { removed waiting } }`, nil)
		if len(r.Errors) > 0 {
			t.Fatal(r.Errors)
		}
		return r.Data["slackIdentity"]
	}
	if identity() == nil {
		t.Fatal("dev is not known")
	}
	b.ok(session(b.ada), "removeSlackWorkspace", object{"workspaceId": b.workspace})
	if identity() != nil {
		t.Error("removed, and dev is known")
	}
	b.mutation(bot, "installSlackWorkspace", workspaceFields, slackInstall("T1", ""))
	if identity() != nil {
		t.Error("a stranger installed it again, and dev is known")
	}
	if ok, err := b.slack.Linked(t.Context(), b.dev.ID); err != nil || ok {
		t.Errorf("the bot may act for dev: %v, %v", ok, err)
	}
	if r := b.do(bot, `{ slackWorkspace(slackId: "T0NONE") { id } }`, nil); len(r.Errors) > 0 || r.Data["slackWorkspace"] != nil {
		t.Errorf("%v", r)
	}
}

// link runs both steps of a link and returns its payload.
func (b *bed) link(slackUser, email string, who caller, replaces string) object {
	b.t.Helper()
	in := object{"workspaceId": b.workspace, "slackUserId": slackUser, "slackName": slackUser}
	if email != "" {
		in["slackEmail"] = email
	}
	out := b.mutation(service("slack:act"), "startSlackLink", "url", in)
	_, token, _ := strings.Cut(out["url"].(string), "/link/slack/")
	confirm := object{"token": token}
	if replaces != "" {
		confirm["replacesLinkId"] = replaces
	}
	return b.mutation(who, "confirmSlackLink", "link { id status waitsBecause }", confirm)
}

// A link is replaced by whoever names it; the offer says which it is.
func TestReplacedSlackLink(t *testing.T) {
	b := newBed(t)
	dev := session(b.dev)
	old := b.link("UOLD", "dev@example.com", dev, "")["link"].(object)
	start := b.mutation(service("slack:act"), "startSlackLink", "url", object{"workspaceId": b.workspace, "slackUserId": "UNEW", "slackName": "new"})
	_, token, _ := strings.Cut(start["url"].(string), "/link/slack/")
	query := fmt.Sprintf(`{ slackLinkOffer(token: %q) { slackEmail replaces { id slackUserId } } }`, token)
	for who, want := range map[string]any{"dev": old["id"], "eve": nil} {
		as := map[string]caller{"dev": dev, "eve": session(b.eve)}[who]
		got := b.do(as, query, nil).Data["slackLinkOffer"].(object)["replaces"]
		if want == nil && got != nil || want != nil && got.(object)["id"] != want {
			t.Errorf("%s would replace %v", who, got)
		}
	}
	refused := b.link("UNEW", "dev@example.com", dev, "")
	if refused["link"] != nil || !strings.Contains(said(refused), "Run /procyon login in Slack again") {
		t.Errorf("%v", refused)
	}
	l := b.link("UNEW", "", dev, old["id"].(string))["link"].(object)
	if l["status"] != "WAITING" || l["waitsBecause"] != "EMAIL_HIDDEN" {
		t.Errorf("%v", l)
	}
	other := b.link("UNEW", "eve@example.com", session(b.eve), "")
	if !strings.Contains(said(other), "administrator, who removes the link in the console") {
		t.Errorf("%v", other)
	}
	if got := b.userErrors(session(b.ada), "agreeSlackLink", object{"linkId": l["id"], "userId": b.eve.ID}); got != "CONFLICT userId" {
		t.Errorf("%q", got)
	}
	b.ok(session(b.ada), "agreeSlackLink", object{"linkId": l["id"], "userId": b.dev.ID})
}

// An address that proves nothing is said not to match: the link would wait.
func TestSlackOfferByAnUnprovenAddress(t *testing.T) {
	b := newBed(t)
	offered := func() any {
		start := b.mutation(service("slack:act"), "startSlackLink", "url", object{"workspaceId": b.workspace, "slackUserId": "UDEV", "slackName": "dev", "slackEmail": "d2@example.com"})
		_, token, _ := strings.Cut(start["url"].(string), "/link/slack/")
		return b.do(session(b.dev), fmt.Sprintf(`{ slackLinkOffer(token: %q) { emailMatches } }`, token), nil).Data["slackLinkOffer"].(object)["emailMatches"]
	}
	for _, by := range []struct {
		who  access.Actor
		want bool
	}{{access.ActorOf(b.ada), false}, {access.System(), true}} {
		if _, err := b.UpdateUser(t.Context(), by.who, b.dev.ID, access.UserPatch{Email: new("d2@example.com")}); err != nil {
			t.Fatal(err)
		}
		if got := offered(); got != by.want {
			t.Errorf("given by %s, it matches: %v", by.who.Name, got)
		}
	}
}

// Links are found by what both sides were called, the newest first also where they are
// searched; whoever is no administrator finds their own alone.
func TestSlackLinksAreSearched(t *testing.T) {
	b := newBed(t)
	ada, bot := session(b.ada), service("slack:act")
	b.link("UDEV", "dev@example.com", session(b.dev), "")
	b.pass(time.Minute)
	b.link("UEVE", "private@home.example", session(b.eve), "")
	b.pass(time.Minute)
	b.link("UADA", "ada@example.com", ada, "")
	list := func(who caller, arguments string) (found []string, info object) {
		t.Helper()
		r := b.do(who, `{ slackLinks(`+arguments+`) { nodes { slackUserId } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }`, nil)
		if len(r.Errors) > 0 {
			return []string{r.codes()}, nil
		}
		l := r.Data["slackLinks"].(object)
		for _, n := range l["nodes"].([]any) {
			found = append(found, n.(object)["slackUserId"].(string))
		}
		return found, l["pageInfo"].(object)
	}
	for _, test := range []struct {
		who       caller
		arguments string
		want      string
	}{
		{ada, `search: "example"`, "UADA UEVE UDEV"},
		{ada, `search: "eve@example"`, "UEVE"}, // their address here
		{ada, `search: "HOME.example"`, "UEVE"},
		{ada, `search: "udev"`, "UDEV"},
		{ada, `search: "u example", filter: {status: WAITING}`, "UEVE"},
		{ada, `search: "u example", filter: {status: LINKED}`, "UADA UDEV"},
		{ada, `search: "example", filter: {userId: "` + b.dev.ID + `"}`, "UDEV"},
		{ada, `search: "ueve", filter: {userId: "` + b.dev.ID + `"}`, ""},
		{ada, `search: "nobody"`, ""},
		{ada, `search: "!"`, ""},
		{ada, `search: " "`, "UADA UEVE UDEV"},
		{bot, `search: "example"`, "UADA UEVE UDEV"},
		{session(b.eve), `search: "example"`, "UEVE"},
		{session(b.eve), `search: "udev"`, ""},
		{session(b.eve), `search: "udev", filter: {userId: "` + b.dev.ID + `"}`, ""},
		{ada, `search: "` + strings.Repeat("x", 201) + `"`, "INVALID"},
		{service("events:read"), `search: "example"`, "FORBIDDEN"},
	} {
		if found, _ := list(test.who, test.arguments); strings.Join(found, " ") != test.want {
			t.Errorf("%s: %v, want %s", test.arguments, found, test.want)
		}
	}
	first, info := list(ada, `search: "example", first: 2`)
	rest, end := list(ada, fmt.Sprintf(`search: "example", first: 2, after: %q`, info["endCursor"]))
	back, begin := list(ada, fmt.Sprintf(`search: "example", last: 2, before: %q`, end["startCursor"]))
	if fmt.Sprint(first, rest, back) != "[UADA UEVE] [UDEV] [UADA UEVE]" || info["hasNextPage"] != true || end["hasNextPage"] != false || begin["hasPreviousPage"] != false {
		t.Errorf("%v %v %v: %v %v %v", first, rest, back, info, end, begin)
	}
	b.ok(session(b.dev), "removeSlackLink", object{"linkId": b.linkOf("UDEV")})
	if found, _ := list(ada, `search: "example"`); strings.Join(found, " ") != "UADA UEVE" {
		t.Errorf("a link that was removed is found: %v", found)
	}
}

// linkOf is the ID of a Slack user's link.
func (b *bed) linkOf(slackUser string) string {
	b.t.Helper()
	l, err := b.slack.LinkOf(b.t.Context(), b.workspace, slackUser)
	b.must(err)
	return l.ID
}

// Administrators see what is needed to make the app, what a workspace did not give it, and how
// many people its removal concerns.
func TestSlackApp(t *testing.T) {
	b := newBed(t)
	ada := session(b.ada)
	b.resolver.App = graph.SlackApp{Manifest: "{}", Scopes: []string{"chat:write", "metadata.message:read"}, MissingSettings: []string{"PROCYON_SLACK_CLIENT_ID"}}
	r := b.do(ada, `{ slackApp { manifest scopes missingSettings } }`, nil)
	if got := fmt.Sprint(r.Data["slackApp"], r.Errors); !strings.Contains(got, "PROCYON_SLACK_CLIENT_ID") || !strings.Contains(got, "metadata.message:read") {
		t.Error(got)
	}
	b.mutation(service("slack:act"), "installSlackWorkspace", "workspace { id }", object{"slackId": "T1", "name": "Acme", "appId": "A1", "botUserId": "U0", "scopes": []string{"chat:write"}})
	b.link("UDEV", "dev@example.com", session(b.dev), "")
	see := func() string {
		t.Helper()
		r := b.do(ada, `query($id: ID!) { node(id: $id) { ... on SlackWorkspace { missingScopes linkCount } } }`, object{"id": b.workspace})
		return fmt.Sprint(r.Data["node"], r.Errors)
	}
	if got := see(); !strings.Contains(got, "metadata.message:read") || strings.Contains(got, "chat:write") || !strings.Contains(got, "linkCount:1") {
		t.Errorf("of a workspace: %s", got)
	}
	b.mutation(service("slack:act"), "uninstallSlackWorkspace", "workspace { id }", object{"slackId": "T1"})
	if got := see(); strings.Contains(got, "metadata.message:read") {
		t.Errorf("of one without the app: %s", got)
	}
}
