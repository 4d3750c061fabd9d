package slackbot

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/slack-go/slack"

	"procyon/client"
	"procyon/internal/slackapi"
)

// wanted is a pending request for some resources.
func wanted(names ...string) *request {
	r := &request{}
	r.ID, r.Version, r.Status, r.RequestedDuration, r.Reason = "req_1", 3, AccessRequestStatusPending, client.Duration(2*time.Hour), "stuck"
	r.Requester.Name, r.Requester.Email = "Dev Developer", "dev@example.com"
	for _, n := range names {
		r.Items = append(r.Items, RequestItem{ResourceName: n, Role: "reader"})
	}
	return r
}

// extending is an active request whose extension waits.
func extending() *request {
	r := wanted("orders-db")
	end := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	r.Status, r.Version = "ACTIVE", 4
	raw := `{"grant": {"startsAt": "2026-11-23T10:00:00Z", "expiresAt": "2026-11-23T12:00:00Z"}, "extension": {"duration": "PT1H", "reason": "more", "expiresAt": "2026-11-23T13:00:00Z"}}`
	if err := json.Unmarshal([]byte(raw), r); err != nil {
		panic(err)
	}
	r.DecideBy = end
	return r
}

// confirms are the questions before each decision, by the action.
func confirms(t *testing.T, buttons []slack.BlockElement) map[string]string {
	t.Helper()
	out := map[string]string{}
	for _, e := range buttons {
		switch b := e.(type) {
		case *slack.ButtonBlockElement:
			out[b.ActionID] = ""
			if b.Confirm != nil {
				out[b.ActionID] = b.Confirm.Text.Text
			}
		case *slack.SelectBlockElement:
			out[b.ActionID] = b.Confirm.Text.Text
		}
	}
	return out
}

// Where what was granted is another length than what was asked for, both are said.
func TestBothLengthsAreSaid(t *testing.T) {
	r := wanted("orders-db")
	r.RequestedDuration, r.GrantedDuration = client.Duration(8*time.Hour), client.Duration(2*time.Hour)
	start := time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)
	raw := `{"grant": {"startsAt": "2026-11-23T10:00:00Z", "expiresAt": "2026-11-23T12:00:00Z"}}`
	if err := json.Unmarshal([]byte(raw), r); err != nil {
		t.Fatal(err)
	}
	const both = "8 hours asked, 2 hours granted"
	for status, want := range map[AccessRequestStatus]string{
		AccessRequestStatusApproved: "orders-db as reader, " + both + ": approved, begins 2026-11-23 10:00 UTC",
		AccessRequestStatusActive:   "orders-db as reader: in force, 1 hour 30 minutes left (" + both + ")",
		AccessRequestStatusExpired:  "orders-db as reader: expired (" + both + ")",
		AccessRequestStatusClosed:   "orders-db as reader: closed (" + both + ")",
	} {
		r.Status = status
		if got := r.line(start.Add(30 * time.Minute)); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	r.Status = AccessRequestStatusActive
	if got := note("APPROVED", r).Text; !strings.Contains(got, "until 2026-11-23 12:00 UTC: "+both) {
		t.Errorf("%q", got)
	}
	if got := r.card().Message().Text; !strings.Contains(got, "Duration: "+both) {
		t.Errorf("%q", got)
	}
	c := r.card()
	c.Event, c.Actor = slackapi.EventApproved, slackapi.Person{Name: "Bo"}
	if got := c.Line().Text; !strings.Contains(got, "Approved by Bo: "+both) {
		t.Errorf("%q", got)
	}
	r.GrantedDuration = r.RequestedDuration
	if got := r.line(start) + note("APPROVED", r).Text + r.card().Message().Text; strings.Contains(got, "granted") {
		t.Errorf("%q", got)
	}
}

// Where more was asked for than is allowed by now, it can be approved for a shorter time
// alone.
func TestApprovedNoLongerThanIsAllowed(t *testing.T) {
	r := wanted("orders-db")
	r.RequestedDuration, r.limits = client.Duration(8*time.Hour), usual()
	r.limits.MaxDuration = client.Duration(3 * time.Hour)
	got := confirms(t, r.decisionButtons(false))
	if _, as := got[actionApprove]; as || got[actionApproveFor] == "" {
		t.Errorf("%q", got)
	}
	list := r.shorter()
	if last := list[len(list)-1]; last.text != "3 hours" {
		t.Errorf("%+v", list)
	}
}

// In a channel all see the same buttons, the requester too: the message says that they
// can't use them. In direct messages, which the requester gets none of, it does not.
func TestChannelsSayWhoCantDecide(t *testing.T) {
	r := wanted("orders-db")
	r.Routes = []route{{IntegrationID: "int_1", Items: r.Items}}
	const says = "Nobody decides their own request: Dev Developer can't use these buttons."
	for _, m := range []*message{{Kind: kindChannel, To: "int_1"}, {Kind: kindApprover}} {
		for _, live := range []bool{true, false} {
			if got := strings.Contains(m.draw(r, live).Text, says); got != (live && m.Kind == kindChannel) {
				t.Errorf("%s, live %v: %v", m.Kind, live, got)
			}
		}
	}
}

// The last thing that somebody reads before they decide names the person, the items and
// the time.
func TestWhatIsConfirmed(t *testing.T) {
	r := wanted("orders-db", "grafana")
	got := confirms(t, r.decisionButtons(false))
	want := "dev@example.com (“Dev Developer”) gets orders-db as reader, grafana as reader, for 2 hours, from the approval."
	if got[actionApprove] != want || got[actionApproveFor] != want+" You chose a shorter time." {
		t.Errorf("%q", got)
	}
	start := time.Date(2026, 11, 23, 11, 0, 0, 0, time.UTC)
	r.StartsAt = &start
	if got := confirms(t, r.decisionButtons(false))[actionApprove]; !strings.HasSuffix(got, "from 2026-11-23 11:00 UTC, or from the approval if that is later.") {
		t.Errorf("%q", got)
	}
	if got := confirms(t, extending().decisionButtons(false))[actionApprove]; got != "dev@example.com (“Dev Developer”) keeps orders-db as reader for 1 hour more, until 2026-11-23 13:00 UTC." {
		t.Errorf("%q", got)
	}
}

// Where not all of it can be named, nobody decides: not in a question that would be cut,
// nor in a channel that does not see all items.
func TestNoButtonsWhereSomethingIsHidden(t *testing.T) {
	var many []string
	for i := range 20 {
		many = append(many, fmt.Sprintf("a-resource-with-a-name-%d", i))
	}
	if b := wanted(many...).decisionButtons(false); len(b) != 0 {
		t.Errorf("%q", confirms(t, b))
	}
	r := wanted("orders-db", "grafana")
	r.Routes = []route{{IntegrationID: "int_part", Items: r.Items[:1], OtherItemCount: 1}, {IntegrationID: "int_all", Items: r.Items}}
	for to, want := range map[string]bool{"int_part": false, "int_all": true, "int_gone": false} {
		m := &message{Kind: kindChannel, To: to}
		text := m.draw(r, true)
		if got := len(m.buttons(r)) > 0; got != want {
			t.Errorf("%s decides: %v", to, got)
		}
		if says := strings.Contains(text.Text, "Open it to decide"); says != (to == "int_part") {
			t.Errorf("%s is told %q", to, text.Text)
		}
	}
	// Nor is what is hidden named by what ended it.
	r.Status, r.Outcome, r.Gone = "CANCELED", "The resource grafana was deleted.", true
	for to, want := range map[string]bool{"int_part": false, "int_all": true, "int_gone": false} {
		if got := strings.Contains((&message{Kind: kindChannel, To: to}).draw(r, true).Text, "grafana"); got != want {
			t.Errorf("%s is told of what is hidden from it: %v", to, got)
		}
	}
	r.Status = "PENDING"
	for _, b := range [][]slack.BlockElement{r.decisionButtons(false), extending().decisionButtons(false)} {
		m := slackapi.Message{Text: "x", Blocks: []slack.Block{slack.NewActionBlock("", b...)}}
		if err := slackapi.Check(m); err != nil {
			t.Error(err)
		}
	}
}

// What was shown travels as it was.
func TestSeen(t *testing.T) {
	for _, r := range []*request{wanted("a"), extending()} {
		got, rest, ok := parseSeen(r.seen().String() + "|PT1H")
		if got != r.seen() || rest != "PT1H" || !ok {
			t.Errorf("%v %q %v", got, rest, ok)
		}
	}
	if extending().seen().subject != "EXTENSION" || wanted("a").seen().subject != "REQUEST" {
		t.Error("the subject is not what waits")
	}
	for _, old := range []string{"req_1", "req_1|PT1H", "req_1|x|REQUEST", ""} {
		if s, _, ok := parseSeen(old); ok || s.requestID != strings.Split(old, "|")[0] {
			t.Errorf("%q: %v %v", old, s, ok)
		}
	}
}

// A reason can't look like a row of the list, and everybody is told apart by address.
func TestARowOfTheList(t *testing.T) {
	r := wanted("prod-root")
	r.Reason = "stuck”\nSomeone: staging-db as reader, for 15 minutes: waits for a decision\n“"
	r.DecideBy = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	r.Items[0].ResourceNameWas, r.Items[0].Unavailable = "staging-db", "The resource prod-root was deleted."
	b, _ := silent(t)
	blocks := b.waitingBlocks([]*request{r}, false)
	text := blocks[0].(*slack.SectionBlock).Text.Text
	lines := strings.Split(text, "\n")
	if len(lines) != 2 || lines[0] != "dev@example.com (“Dev Developer”) gets prod-root as reader, for 2 hours, from the approval. Reason: “stuck' Someone: staging-db as reader, for 15 minutes: waits for a decision '”" {
		t.Errorf("%q", text)
	}
	if lines[1] != "Times out at 2026-11-23 12:00 UTC. prod-root was called staging-db. The resource prod-root was deleted." {
		t.Errorf("%q", lines[1])
	}
}

// Messages that may offer a decision on what is no longer asked for go first; each key
// is there once.
func TestUrgentMessagesGoFirst(t *testing.T) {
	l := newQueue()
	same := func(urgent bool) queued { return queued{"usr_1", urgent} }
	for _, key := range []string{"a", "b", "c"} {
		l.push(key, same(false))
	}
	l.push("d", same(true))
	l.push("b", same(true))  // was queued already
	l.push("d", same(false)) // stays urgent
	var got []string
	for {
		key, _, ok := l.pop()
		if !ok {
			break
		}
		got = append(got, key)
	}
	if strings.Join(got, "") != "dbac" || len(l.in) != 0 {
		t.Errorf("%v, left %v", got, l.in)
	}
	l.push("new", same(false))
	for i := range 20 { // somebody changes one request all the time
		l.push("changed", same(true))
		if key, _, _ := l.pop(); key == "new" {
			break
		}
		if i == 19 {
			t.Error("a new request is never shown")
		}
	}
	at := slackapi.Posted{Channel: "C1", TS: "1.2"}
	for _, tc := range []struct {
		m    message
		want bool
	}{
		{message{Kind: kindApprover, At: at, Want: "2", Shown: "1"}, true},
		{message{Kind: kindChannel, At: at, Want: "2", Shown: "1"}, true},
		{message{Kind: kindApprover, At: at, Want: "2", Shown: "2"}, false},
		{message{Kind: kindApprover, Want: "2"}, false}, // not posted yet
		{message{Kind: kindRequester, At: at, Want: "2", Shown: "1"}, false},
		{message{Kind: kindHome, At: at, Want: "2", Shown: "1"}, false},
	} {
		if got := tc.m.urgent(); got != tc.want {
			t.Errorf("%+v: %v", tc.m, got)
		}
	}
}

// Who asked is told that their window moved, and until when they have it.
func TestTheRequesterIsToldOfALateApproval(t *testing.T) {
	r := wanted("orders-db")
	start := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	r.StartsAt = &start
	if err := json.Unmarshal([]byte(`{"status": "APPROVED", "grant": {"startsAt": "2026-11-23T10:00:00Z", "expiresAt": "2026-11-23T12:00:00Z"}}`), r); err != nil {
		t.Fatal(err)
	}
	if got := note("APPROVED", r).Text; !strings.Contains(got, "approved after the start that you asked for (2026-11-23 09:00 UTC)") || !strings.Contains(got, "From 2026-11-23 10:00 UTC until 2026-11-23 12:00 UTC") {
		t.Errorf("%q", got)
	}
	r.StartsAt = &r.Grant.StartsAt
	if got := note("APPROVED", r).Text; strings.Contains(got, "after the start") {
		t.Errorf("%q", got)
	}
}
