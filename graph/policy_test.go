package graph_test

import (
	"fmt"
	"strings"
	"testing"

	"procyon/access"
)

// byOne is a policy under which one person alone decides, who is no administrator, and
// administrators are like anybody else: they see their own requests.
type byOne struct {
	access.BuiltinPolicy
	approver *access.User
}

func (p byOne) Sight(by access.Actor) access.Sight {
	switch {
	case by.Kind != access.ActorUser:
		return access.SightAll
	case by.ID == p.approver.ID:
		return access.SightSome
	default:
		return access.SightOwn
	}
}

// MaySee lets the approver see, of others, what they may decide.
func (p byOne) MaySee(by access.Actor, r *access.Request) bool {
	return by.Kind != access.ActorUser || by.ID == r.Requester.ID || p.MayReview(by, r) == nil
}

func (p byOne) MayReview(by access.Actor, r *access.Request) error {
	if by.ID != p.approver.ID || by.ID == r.Requester.ID || r.Items[0].ResourceKind != access.ResourcePrivateServer {
		return access.Errorf(access.CodeForbidden, "requestId", "Only the one may.")
	}
	return nil
}

func (p byOne) MayRevoke(by access.Actor, r *access.Request) error { return p.MayReview(by, r) }

func (p byOne) Approvers(*access.Request) access.Approvers {
	return access.Approvers{UserIDs: []string{p.approver.ID}}
}

// Whoever the policy names sees, hears and decides what the policy says, and nobody does
// so by being an administrator: in lists, subscriptions, previews, and by API and bot.
func TestWhoSeesAndDecidesIsThePolicys(t *testing.T) {
	var approver access.User
	b := newBedBy(t, byOne{approver: &approver})
	approver = b.eve
	f := b.streams(0)
	heard, codes := b.follow(f, session(b.eve), eventsQuery, nil)
	own, more := b.follow(f, session(b.ada), eventsQuery, nil)
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
		for who, want := range map[*access.User]string{&b.eve: server + " " + adas, &b.ada: adas, &b.bo: ""} {
			if filter != `{}` && who != &b.eve {
				want = ""
			}
			for _, c := range []caller{session(*who), acting(*who)} {
				got := b.do(c, `{ accessRequests(filter: `+filter+`, orderBy: {field: CREATED_AT, direction: ASC}, first: 10) { nodes { id } } }`, nil)
				if s := idsOf(got); s != want {
					t.Errorf("%s lists %s: %q, want %q (%v)", who.Name, filter, s, want, got.Errors)
				}
			}
		}
	}
	for who, want := range map[*access.User]string{&b.eve: "map[id:" + server + " viewerCanReview:true]", &b.ada: "<nil>", &b.dev: "map[id:" + server + " viewerCanReview:false]"} {
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
		if got := b.userErrors(session(by), "reviewAccessRequest", object{"requestId": server, "decision": "APPROVE"}); !strings.HasPrefix(got, "NOT_FOUND") {
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
	if ev := own.next(1)[0]; ev["request"].(object)["requestId"] != adas {
		t.Errorf("the administrator heard of %v", ev["request"])
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
