package graph_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"procyon/auth"
)

// problems are what somebody is told to mend: each as "KIND text / mend / url", by its key.
func (b *bed) problems(who caller) (keys []string, told string) {
	b.t.Helper()
	r := b.do(who, `{ problems { count problems { key kind since text mend url } } }`, nil)
	if len(r.Errors) > 0 {
		b.t.Fatal(r.Errors)
	}
	found := r.Data["problems"].(object)
	var lines []string
	for _, p := range found["problems"].([]any) {
		p := p.(object)
		if p["since"] == nil && p["kind"] != "POLICY_BROKEN" { // its journal entry is another subject's
			b.t.Errorf("since when is not known: %v", p)
		}
		keys = append(keys, p["key"].(string))
		lines = append(lines, fmt.Sprint(p["kind"], " ", p["text"], " / ", p["mend"], " / ", strings.TrimPrefix(p["url"].(string), "https://procyon.example.com/")))
	}
	if fmt.Sprint(found["count"]) != fmt.Sprint(len(keys)) {
		b.t.Errorf("%v are counted, and %d listed", found["count"], len(keys))
	}
	return keys, strings.Join(lines, "\n")
}

// wantProblems wants exactly this to be told to an administrator, and returns the keys.
func (b *bed) wantProblems(want ...string) []string {
	b.t.Helper()
	keys, got := b.problems(session(b.ada))
	if got != strings.Join(want, "\n") {
		b.t.Errorf("told:\n%s\nwant:\n%s", got, strings.Join(want, "\n"))
	}
	return keys
}

// Each kind of problem is there while it lasts, under one key, and gone once it is mended;
// the same anew is another problem.
func TestProblems(t *testing.T) {
	b := newBed(t)
	ada, worker := session(b.ada), service(auth.ScopeDeliveriesWrite)
	b.wantProblems()

	request := b.create()
	unheard := "REQUEST_UNHEARD No channel hears of a request that waits for a decision: dev@example.com (“Dev”) asks for “db as reader”." +
		" / Link an integration to the account “Production”. Until then tell the approvers yourself. / integrations"
	b.wantProblems(unheard)
	b.ok(ada, "setIntegrationAccounts", object{"integrationId": b.integration.ID, "accountIds": []string{b.account.ID}})
	b.wantProblems()
	b.ok(ada, "updateIntegration", object{"integrationId": b.integration.ID, "enabled": false})
	b.wantProblems(strings.Replace(unheard, "Link an integration to the account “Production”", "Switch on the integration “approvals”, which is linked to it, or link another one", 1))
	b.ok(ada, "updateIntegration", object{"integrationId": b.integration.ID, "enabled": true})
	b.ok(worker, "acquireConsumer", object{"name": "notifier", "holder": "h", "ttl": "PT5M"})
	b.ok(session(b.dev), "updateAccessRequest", object{"requestId": request, "reason": "another"})
	b.plan()

	breaks := func() []string {
		t.Helper()
		_, id, version := b.nextOwed()
		b.outcome(id, "BROKEN", version)
		return b.wantProblems("INTEGRATION_BROKEN The integration “approvals” is broken: no_service. Nothing about “Production” reaches it. 1 notification waits for it." +
			" / Make a new webhook in Slack, then Rotate URL. / integrations/" + b.integration.ID)
	}
	first := breaks()
	b.ok(ada, "updateIntegration", object{"integrationId": b.integration.ID, "name": "prod"})
	b.ok(ada, "updateIntegration", object{"integrationId": b.integration.ID, "name": "approvals"})
	if again, _ := b.problems(ada); again[0] != first[0] {
		t.Errorf("the same failure is another problem: %v, %v", first, again)
	}
	b.ok(ada, "updateIntegration", object{"integrationId": b.integration.ID, "enabled": true})
	b.wantProblems()
	if anew := breaks(); anew[0] == first[0] || strings.Split(anew[0], "@")[0] != strings.Split(first[0], "@")[0] {
		t.Errorf("a new failure is the same problem, or of something else: %v, %v", first, anew)
	}
	b.ok(ada, "updateIntegration", object{"integrationId": b.integration.ID, "enabled": true})

	_, id, version := b.nextOwed()
	b.outcome(id, "DEAD", version)
	dead := b.wantProblems("DELIVERIES_DEAD 1 notification to “approvals” is a dead letter, the last one because of: no_service." +
		" / Read in the log what went wrong, mend that, and redeliver them. / integrations/" + b.integration.ID + "?part=deliveries&status=DEAD")
	b.ok(ada, "redeliver", object{"deliveryId": id})
	b.wantProblems()
	b.pass(24 * time.Hour)
	b.ok(worker, "acquireConsumer", object{"name": "notifier", "holder": "h", "ttl": "PT5M"})
	_, id, version = b.nextOwed()
	b.pass(24 * time.Hour) // a day of trying
	b.ok(worker, "acquireConsumer", object{"name": "notifier", "holder": "h", "ttl": "PT5M"})
	b.outcome(id, "DEAD", version)
	if again, _ := b.problems(ada); again[0] != dead[0] {
		t.Errorf("what was owed on one day is one problem: %v, %v", dead, again)
	}
	b.ok(ada, "redeliver", object{"deliveryId": id})
	b.outcome(id, "DEAD", version)
	if anew, _ := b.problems(ada); anew[0] == dead[0] || strings.Split(anew[0], "@")[0] != strings.Split(dead[0], "@")[0] {
		t.Errorf("another day's is the same problem, or of something else: %v, %v", dead, anew)
	}
	b.pass(8 * 24 * time.Hour)
	b.wantProblems()
}

// What waits in Slack is told to who can decide it: nobody agrees to their own link.
func TestProblemsInSlack(t *testing.T) {
	b := newBed(t)
	b.link("UBO", "", session(b.bo), "")
	l := b.link("UDEV", "x@elsewhere.example", session(b.dev), "")["link"].(object)
	w := b.mutation(service("slack:act"), "installSlackWorkspace", workspaceFields, slackInstall("TEVIL", ""))["workspace"].(object)
	evil := "SLACK_WORKSPACE_WAITING The Slack workspace “Evil” (evil.slack.com, TEVIL) has the app and waits to be accepted. / Accept it if it is yours, or deny it. / slack"
	bo := "SLACK_LINK_WAITING “UBO” (UBO) in “Acme” wants to be linked to bo@example.com (“Bo”); Slack told no e-mail address of theirs (the app needs the scope users:read.email, and the workspace may hide addresses). / Agree if it is them, or remove the link. / slack"
	dev := "SLACK_LINK_WAITING “UDEV” (UDEV) in “Acme” wants to be linked to dev@example.com (“Dev”); in Slack their e-mail address is x@elsewhere.example. / Agree if it is them, or remove the link. / slack"
	b.wantProblems(evil, bo, dev)
	for name, who := range map[string]caller{"an administrator": session(b.bo), "the bot for one": acting(b.bo)} {
		if _, got := b.problems(who); got != evil+"\n"+dev {
			t.Errorf("%s is told\n%s", name, got)
		}
	}
	if _, got := b.problems(service("slack:act")); got != evil+"\n"+bo+"\n"+dev {
		t.Errorf("the bot is told\n%s", got)
	}
	b.ok(session(b.ada), "removeSlackWorkspace", object{"workspaceId": w["id"]})
	b.ok(session(b.ada), "agreeSlackLink", object{"linkId": l["id"]})
	b.wantProblems(bo)
	if r := b.do(session(b.dev), `{ problems { count } }`, nil); r.codes() != "FORBIDDEN" || r.Data["problems"] != nil {
		t.Errorf("a member is told %v", r)
	}
}

// However much is wrong, what is told and counted is bounded; the worst comes first.
func TestProblemsAreBounded(t *testing.T) {
	b := newBed(t)
	for range 21 {
		b.create()
		b.pass(time.Hour) // nobody asks for much in an hour
	}
	b.link("UBO", "", session(b.bo), "")
	r := b.do(session(b.ada), `{ problems(first: 100) { count problems { kind } } one: problems(first: 1) { count problems { kind } } bad: problems(first: 101) { count } }`, nil)
	found, one := r.Data["problems"].(object), r.Data["one"].(object)
	list := found["problems"].([]any)
	if len(list) != 21 || fmt.Sprint(found["count"]) != "22" || list[0].(object)["kind"] != "REQUEST_UNHEARD" || list[20].(object)["kind"] != "SLACK_LINK_WAITING" {
		t.Errorf("%d problems: %v", len(list), found)
	}
	if len(one["problems"].([]any)) != 1 || fmt.Sprint(one["count"]) != "22" || r.codes() != "INVALID" {
		t.Errorf("%v %v", one, r.Errors)
	}
}

// The many dead letters of one integration hide no other's.
func TestManyDeadLettersHideNoOthers(t *testing.T) {
	b := newBed(t)
	ada := session(b.ada)
	b.ok(service(auth.ScopeDeliveriesWrite), "acquireConsumer", object{"name": "notifier", "holder": "h", "ttl": "PT5M"})
	noisy := b.mutation(ada, "createIntegration", "integration { id }", object{"name": "noisy", "kind": "SLACK_WEBHOOK", "webhookUrl": hookURL})["integration"].(object)["id"].(string)
	lost := func(integration string, n int) {
		for range n {
			b.pass(time.Millisecond)
			d, err := b.resolver.Ledger.Test(t.Context(), integration, "x")
			b.must(err)
			b.outcome(d.ID, "DEAD", 0)
		}
	}
	lost(b.integration.ID, 1)
	lost(noisy, 101)
	const mend = ", the last one because of: no_service. / Read in the log what went wrong, mend that, and redeliver them. / integrations/"
	b.wantProblems(
		"DELIVERIES_DEAD 100 or more notifications to “noisy” are dead letters"+mend+noisy+"?part=deliveries&status=DEAD",
		"DELIVERIES_DEAD 1 notification to “approvals” is a dead letter"+mend+b.integration.ID+"?part=deliveries&status=DEAD",
	)
	b.ok(ada, "deleteIntegration", object{"integrationId": noisy})
	b.wantProblems("DELIVERIES_DEAD 1 notification to “approvals” is a dead letter" + mend + b.integration.ID + "?part=deliveries&status=DEAD")
}
