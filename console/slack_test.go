package console_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"procyon/console"
)

func linkOf(id, status, user string) object {
	return object{
		"id": id, "slackUserId": "U42", "slackName": "grace <script>", "slackEmail": "other@example.com", "status": status, "createdAt": "2026-11-23T11:59:00Z",
		"workspace": object{"name": "Acme <b>"}, "user": object{"id": user, "name": "Somebody", "email": "somebody@example.com"},
	}
}

func pageOf(nodes ...object) object {
	return object{"nodes": nodes, "pageInfo": object{"hasNextPage": false, "hasPreviousPage": false}}
}

func TestSlackPageOfAMember(t *testing.T) {
	s := newSite(t).signedIn()
	s.api.person["role"] = "MEMBER"
	s.api.fields["slackLinks"] = pageOf(linkOf("slk_1", "LINKED", "usr_grace"))
	got := s.get("/links")
	got.want(t, http.StatusOK, "Your Slack account", "grace <script>", "Acme <b>", "Unlink this account")
	got.wantNot(t, "Workspaces that have the app")
	if s.api.call("slackWorkspaces") != nil {
		t.Error("everybody's accounts were asked for")
	}
	s.api.fields["result"] = object{"userErrors": []object{}}
	s.post("/links/slk_1/remove", url.Values{"csrf": {sessionToken}}).wantTo(t, "/links")
	if in := s.api.call("removeSlackLink")["input"].(object); in["linkId"] != "slk_1" {
		t.Errorf("%v", in)
	}
}

func TestSlackPageOfAnAdministrator(t *testing.T) {
	s := newSite(t).signedIn()
	s.api.person["role"] = "ADMIN"
	s.api.fields["slackLinks"] = pageOf()
	s.api.fields["waiting"] = pageOf(linkOf("slk_w", "WAITING", "usr_other"))
	s.api.fields["links"] = pageOf(linkOf("slk_l", "LINKED", "usr_third"))
	s.api.fields["waitingWorkspaces"] = pageOf(object{
		"id": "wsp_w", "slackId": "TEVIL", "organization": false, "name": "Acme <b>", "domain": "acme-hq.slack.com",
		"installedAt": "2026-11-20T10:00:00.123456Z", "waiting": true, "offeredWebhook": object(nil),
	})
	s.api.fields["workspaces"] = pageOf(object{
		"id": "wsp_1", "slackId": "T1", "organization": false, "name": "Acme", "domain": "acme.slack.com", "installedAt": "2026-11-20T10:00:00Z",
		"acceptedBy": "Ada Lovelace", "acceptedAt": "2026-11-20T10:01:00Z", "offeredWebhook": object{"channel": "#ops", "integration": object(nil)},
	})
	got := s.get("/links")
	got.want(t, http.StatusOK, "Make it an integration", "#ops", "Add to Slack", "acme-hq.slack.com", "TEVIL", "accepted by", "Ada Lovelace", "e-mail addresses differ")
	for _, to := range []string{`action="/links/slk_w/agree"`, `action="/links/slk_l/remove"`, `action="/links/install"`, `action="/links/wsp_w/accept"`, `action="/links/wsp_w/refuse"`, `action="/links/wsp_1/refuse"`, `name="installedAt" value="2026-11-20T10:00:00.123456Z"`, `name="installedAt" value="2026-11-20T10:00:00Z"`, `name="waiting" value="true"`, `name="user" value="usr_other"`} {
		if !strings.Contains(got.body, to) {
			t.Errorf("the page lacks %s", to)
		}
	}
	s.api.fields["result"] = object{"userErrors": []object{}}
	s.post("/links/slk_w/agree", url.Values{"csrf": {sessionToken}}).want(t, http.StatusNotFound, "Not found")
	s.post("/links/slk_w/agree", url.Values{"csrf": {sessionToken}, "user": {"usr_other"}}).wantTo(t, "/links")
	if in := s.api.call("agreeSlackLink")["input"].(object); in["userId"] != "usr_other" {
		t.Errorf("%v", in)
	}
	const at = "2026-11-20T10:00:00Z"
	s.post("/links/wsp_1/webhook", url.Values{"csrf": {sessionToken}, "name": {" Ops "}}).want(t, http.StatusBadRequest, "did not say what you had before you")
	s.post("/links/wsp_1/webhook", url.Values{"csrf": {sessionToken}, "name": {" Ops "}, "installedAt": {at}}).wantTo(t, "/links")
	in := s.api.call("createIntegration")["input"].(object)
	if in["name"] != "Ops" || in["offeredByWorkspaceId"] != "wsp_1" || in["kind"] != "SLACK_WEBHOOK" || in["offerInstalledAt"] != at {
		t.Errorf("%v", in)
	}
	s.api.fields["result"] = object{"userErrors": []object{{"code": "DUPLICATE", "message": "There is already an integration named Ops.", "field": []string{"input", "name"}}}}
	s.post("/links/wsp_1/webhook", url.Values{"csrf": {sessionToken}, "name": {"Ops"}, "installedAt": {at}}).want(t, http.StatusConflict, "already an integration named Ops")
	s.api.fields["result"] = object{"userErrors": []object{{"code": "NOT_FOUND", "message": "There is no such Slack link.", "field": []string{"input", "linkId"}}}}
	s.post("/links/slk_l/remove", url.Values{"csrf": {sessionToken}}).want(t, http.StatusNotFound, "somebody else was faster")
}

// Where no Slack app is set up administrators are told what to set, in place of a button
// that leads nowhere. Where a workspace has the app, the bot is a process of its own.
func TestSlackPageWithoutAnApp(t *testing.T) {
	s := newSite(t, func(o *console.Options) {
		o.SlackMissing = []string{"PROCYON_SLACK_CLIENT_ID", "PROCYON_SLACK_SIGNING_SECRET"}
	}).signedIn()
	for _, name := range []string{"slackLinks", "waiting", "links", "slackWorkspaces"} {
		s.api.fields[name] = pageOf()
	}
	s.api.person["role"] = "ADMIN"
	got := s.get("/links")
	got.want(t, http.StatusOK, "be added to Slack yet", "PROCYON_SLACK_CLIENT_ID", "PROCYON_SLACK_SIGNING_SECRET", "docs/setup.md")
	got.wantNot(t, "Add to Slack")
	s.api.fields["slackWorkspaces"] = pageOf(object{"id": "wsp_1", "slackId": "T1", "organization": false, "name": "Acme", "installedAt": "2026-11-20T10:00:00Z", "offeredWebhook": object(nil)})
	got = s.get("/links")
	got.want(t, http.StatusOK, "Add to Slack")
	got.wantNot(t, "PROCYON_SLACK_CLIENT_ID")
	s.api.person["role"] = "MEMBER"
	s.get("/links").want(t, http.StatusOK, "ask an administrator to add Procyon")
}

func TestSlackFormsNeedTheSessionsToken(t *testing.T) {
	for _, path := range []string{"/links/slk_1/remove", "/links/slk_1/agree", "/links/wsp_1/webhook", "/links/wsp_1/accept", "/links/wsp_1/refuse", "/links/install"} {
		s := newSite(t).signedIn()
		s.post(path, url.Values{"csrf": {"guessed"}}).want(t, http.StatusForbidden, "out of date")
		if s.api.call("removeSlackLink") != nil || s.api.call("agreeSlackLink") != nil || s.api.call("createIntegration") != nil ||
			s.api.call("acceptSlackWorkspace") != nil || s.api.call("removeSlackWorkspace") != nil || s.api.call("startSlackInstall") != nil {
			t.Errorf("%s was done", path)
		}
		s.get(path).wantTo(t, "/links")
		newSite(t).post(path, url.Values{"csrf": {sessionToken}}).want(t, http.StatusForbidden, "signed out")
	}
}

// A workspace is accepted as the page showed it, refused without more, and added by a page
// that leads to Slack.
func TestSlackWorkspaceForms(t *testing.T) {
	s := newSite(t).signedIn()
	csrf := url.Values{"csrf": {sessionToken}}
	s.api.fields["result"] = object{"userErrors": []object{}}
	s.post("/links/wsp_w/accept", csrf).want(t, http.StatusBadRequest, "did not say what you had before you")
	if s.api.call("acceptSlackWorkspace") != nil {
		t.Error("accepted what nobody saw")
	}
	const at = "2026-11-20T10:00:00.123456Z"
	s.post("/links/wsp_w/accept", url.Values{"csrf": {sessionToken}, "installedAt": {at}}).wantTo(t, "/links")
	if in := s.api.call("acceptSlackWorkspace")["input"].(object); in["workspaceId"] != "wsp_w" || in["installedAt"] != at {
		t.Errorf("%v", in)
	}
	s.post("/links/wsp_w/refuse", csrf).wantTo(t, "/links")
	if in := s.api.call("removeSlackWorkspace")["input"].(object); in["workspaceId"] != "wsp_w" || in["waiting"] != nil {
		t.Errorf("%v", in)
	}
	s.post("/links/wsp_w/refuse", url.Values{"csrf": {sessionToken}, "waiting": {"true"}}).wantTo(t, "/links")
	if in := s.api.call("removeSlackWorkspace")["input"].(object); in["waiting"] != true {
		t.Errorf("%v", in)
	}
	s.api.fields["result"] = object{"url": "https://procyon.example.com/slack/install?offer=abc", "expiresAt": "2026-11-23T12:10:00Z", "userErrors": []object{}}
	got := s.post("/links/install", csrf)
	got.want(t, http.StatusOK, "Go on at Slack", "works once", "for whoever opens it")
	if !strings.Contains(got.body, `href="https://procyon.example.com/slack/install?offer=abc"`) {
		t.Error(got.body)
	}
	s.api.fields["result"] = object{"userErrors": []object{{"code": "CONFLICT", "message": "Acme was installed again.", "field": []string{"input", "installedAt"}}}}
	s.post("/links/wsp_w/accept", url.Values{"csrf": {sessionToken}, "installedAt": {at}}).want(t, http.StatusConflict, "installed again")
}
