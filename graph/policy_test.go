package graph_test

import (
	"fmt"
	"strings"
	"testing"

	"procyon/access"
	"procyon/policy"
)

// serversBy is a policy under which one person decides who gets private servers, whether
// they are an administrator or not.
func serversBy(u access.User) policy.Policy {
	return policy.Policy{
		Name: "Servers", Who: policy.Who{Everyone: true}, What: policy.What{Kinds: []string{string(access.ResourcePrivateServer)}}, MaxDuration: 8 * 3600,
		Steps: []policy.Step{{Need: 1, Approvers: policy.Approvers{UserIDs: []string{u.ID}}}},
	}
}

// Whoever a policy names sees, hears and decides what it is for, and nobody decides by
// being an administrator: in lists, subscriptions, previews, and by API and bot.
func TestWhoSeesAndDecidesIsThePolicys(t *testing.T) {
	b := newBed(t)
	b.govern(serversBy(b.eve))
	f := b.streams(0)
	heard, codes := b.follow(f, session(b.eve), eventsQuery, nil)
	all, more := b.follow(f, session(b.ada), eventsQuery, nil)
	if codes+more != "" {
		t.Fatal(codes, more)
	}
	ask := func(by access.User, r access.Resource) string {
		t.Helper()
		v, err := b.CreateRequest(t.Context(), session(by).Actor, access.NewRequest{
			Items: []access.ItemRef{{ResourceID: r.ID, Role: firstRole(r)}}, Duration: 3600, Reason: "a reason that is long enough",
		})
		b.must(err)
		return v.ID
	}
	server, hidden, adas := ask(b.dev, b.server), ask(b.dev, b.db), ask(b.ada, b.server)
	for _, filter := range []string{`{}`, `{reviewableByMe: true}`} {
		all := strings.Join([]string{server, hidden, adas}, " ")
		for who, want := range map[*access.User]string{&b.eve: server + " " + adas, &b.ada: all, &b.bo: all, &b.dev: server + " " + hidden} {
			switch {
			case filter == `{}` || who == &b.eve:
			case who == &b.dev:
				want = ""
			default:
				want = hidden
			}
			for _, c := range []caller{session(*who), acting(*who)} {
				got := b.do(c, `{ accessRequests(filter: `+filter+`, orderBy: {field: CREATED_AT, direction: ASC}, first: 10) { nodes { id } } }`, nil)
				if s := idsOf(got); s != want {
					t.Errorf("%s lists %s: %q, want %q (%v)", who.Name, filter, s, want, got.Errors)
				}
			}
		}
	}
	for who, want := range map[*access.User]string{&b.eve: "map[id:" + server + " viewerCanReview:true]", &b.ada: "map[id:" + server + " viewerCanReview:false]", &b.dev: "map[id:" + server + " viewerCanReview:false]"} {
		for _, c := range []caller{session(*who), acting(*who)} {
			got := b.do(c, `query($id: ID!) { accessRequest(id: $id) { id viewerCanReview } }`, object{"id": server})
			if s := fmt.Sprint(got.Data["accessRequest"]); s != want {
				t.Errorf("%s reads %s, want %s (%v)", who.Name, s, want, got.Errors)
			}
		}
	}
	preview := b.do(session(b.dev), `query($id: ID!) { notificationPreview(items: [{resourceId: $id}]) { approvers } }`, object{"id": b.server.ID})
	if s := fmt.Sprint(preview.Data["notificationPreview"]); s != "map[approvers:[Eve]]" {
		t.Errorf("previewed %s (%v)", s, preview.Errors)
	}
	for _, by := range []access.User{b.ada, b.bo} {
		if got := b.userErrors(session(by), "reviewAccessRequest", object{"requestId": server, "decision": "APPROVE"}); !strings.HasPrefix(got, "FORBIDDEN") {
			t.Errorf("%s reviewed: %q", by.Name, got)
		}
	}
	if got := b.userErrors(acting(b.eve), "reviewAccessRequest", object{"requestId": server, "decision": "APPROVE"}); got != "" {
		t.Errorf("the approver: %q", got)
	}
	if got := b.userErrors(session(b.eve), "reviewAccessRequest", object{"requestId": hidden, "decision": "APPROVE"}); !strings.HasPrefix(got, "NOT_FOUND") {
		t.Errorf("the approver, of what is not theirs: %q", got)
	}
	if got := b.userErrors(session(b.eve), "revokeAccessRequest", object{"requestId": server, "reason": "no longer needed at all"}); got != "" {
		t.Errorf("the approver revoked: %q", got)
	}
	var to []string
	for _, ev := range heard.next(4) {
		to = append(to, fmt.Sprint(ev["request"].(object)["requestId"]))
	}
	if want := []string{server, adas, server, server}; strings.Join(to, " ") != strings.Join(want, " ") {
		t.Errorf("the approver heard %v, want %v", to, want)
	}
	for _, want := range []string{server, hidden, adas} {
		if ev := all.next(1)[0]; ev["request"].(object)["requestId"] != want {
			t.Errorf("the administrator heard of %v", ev["request"])
		}
	}
}

func firstRole(r access.Resource) string {
	if len(r.Roles) == 0 {
		return ""
	}
	return r.Roles[0]
}

func idsOf(r reply) string {
	var out []string
	list, _ := r.Data["accessRequests"].(object)
	nodes, _ := list["nodes"].([]any)
	for _, n := range nodes {
		out = append(out, n.(object)["id"].(string))
	}
	return strings.Join(out, " ")
}
