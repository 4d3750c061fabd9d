package graph_test

import (
	"fmt"
	"strings"
	"testing"
)

func listedChannel(id, name string, more object) object {
	c := object{"channelId": id, "name": name}
	for k, v := range more {
		c[k] = v
	}
	return c
}

// The bot says which channels it sees, administrators find them by name, and an
// integration is made by one.
func TestChannelsByName(t *testing.T) {
	b := newBed(t)
	bot, ada := service("slack:act"), session(b.ada)
	list := func(who caller, search string) string {
		t.Helper()
		r := b.do(who, fmt.Sprintf(`{ slackWorkspaces { nodes { channels(search: %q, first: 10) { nodes { name private archived member external } totalCount } } } }`, search), nil)
		if len(r.Errors) > 0 {
			return r.codes()
		}
		c := r.Data["slackWorkspaces"].(object)["nodes"].([]any)[0].(object)["channels"].(object)
		return fmt.Sprint(c["totalCount"], c["nodes"])
	}
	if got := list(ada, ""); got != "0 []" {
		t.Errorf("%s", got)
	}
	byName := func(name string) object {
		return object{"name": "On call " + name, "kind": "SLACK_CHANNEL", "slackChannel": object{"workspaceId": b.workspace, "name": name}}
	}
	if got := b.userErrors(ada, "createIntegration", byName("#on-call")); got != "CONFLICT slackChannel.name" {
		t.Errorf("before anything is known: %q", got)
	}
	report := object{"slackId": "T1", "listing": "l", "piece": 1, "last": true, "complete": true, "channels": []object{
		listedChannel("C0ONCALL", "on-call", object{"private": true, "member": true}), listedChannel("C0OLD", "old", object{"archived": true, "member": true}),
		listedChannel("C0SHARED", "shared", object{"external": true, "member": true}),
	}}
	b.ok(bot, "reportSlackChannels", report)
	if got := list(ada, "#CALL"); got != "1 [map[archived:false external:false member:true name:on-call private:true]]" {
		t.Errorf("%s", got)
	}
	if got := list(session(b.dev), ""); got != "FORBIDDEN" {
		t.Errorf("a member sees %s", got)
	}
	made := b.mutation(ada, "createIntegration", "integration { id slackChannel { channelId listed { name private } } }", byName("#on-call"))["integration"].(object)
	if got := fmt.Sprint(made["slackChannel"]); got != "map[channelId:C0ONCALL listed:map[name:on-call private:true]]" {
		t.Errorf("%s", got)
	}
	first := b.do(ada, `{ slackWorkspaces { nodes { channels(first: 1) { nodes { id name } } } } }`, nil).Data["slackWorkspaces"].(object)["nodes"].([]any)[0].(object)["channels"].(object)["nodes"].([]any)[0].(object)
	for who, want := range map[string]any{"ada": "old", "dev": nil} {
		r := b.do(map[string]caller{"ada": ada, "dev": session(b.dev)}[who], `query($id: ID!) { node(id: $id) { ... on ListedSlackChannel { name } } }`, object{"id": first["id"]})
		got, _ := r.Data["node"].(object)
		if got["name"] != want && (want == nil || got["name"] != first["name"]) {
			t.Errorf("%s finds %v by the ID of %v", who, r, first)
		}
	}
	for name, want := range map[string]string{"#old": "CONFLICT slackChannel.name", "#none": "NOT_FOUND slackChannel.name"} {
		if got := b.userErrors(ada, "createIntegration", byName(name)); got != want {
			t.Errorf("%s: %q", name, got)
		}
	}
	move := object{"integrationId": made["id"], "slackChannel": object{"workspaceId": b.workspace, "channelId": "C0OLD"}}
	if got := b.userErrors(ada, "updateIntegration", move); got != "CONFLICT slackChannel.channelId" {
		t.Errorf("%q", got)
	}
	move["slackChannel"] = object{"workspaceId": b.workspace, "name": "shared"}
	b.ok(ada, "updateIntegration", move)
	move["slackChannel"] = object{"workspaceId": b.workspace, "name": "shared", "channelId": "C0SHARED"}
	if got := b.userErrors(ada, "updateIntegration", move); got != "INVALID slackChannel" {
		t.Errorf("%q", got)
	}
	r := b.do(bot, `{ slackWorkspaces { nodes { channelsAsOf channelsComplete channelsWanted } } }`, nil)
	if got := fmt.Sprint(r.Data); !strings.Contains(got, "channelsComplete:true channelsWanted:false") || strings.Contains(got, "nil") || len(r.Errors) > 0 {
		t.Errorf("%s %v", got, r.Errors)
	}
}
