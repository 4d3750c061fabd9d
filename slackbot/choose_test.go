package slackbot

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/slack-go/slack"

	"procyon/internal/slackapi"
)

// governed is a pending request by policies, a track for each list of resources, of which
// the viewer decides the first.
func governed(tracks ...[]string) *request {
	var all []string
	for _, names := range tracks {
		all = append(all, names...)
	}
	r := wanted(all...)
	for i, names := range tracks {
		t := track{PolicyName: fmt.Sprint("Policy ", i+1), PolicyVersion: 3, Steps: []step{{Need: 1, Status: TrackStepStatusPresent, Lacking: 1, Approvers: []approver{{ApproverID: "usr_eve", Name: "Eve"}}}}}
		for _, n := range names {
			t.ResourceIDs = append(t.ResourceIDs, "res_"+n)
		}
		r.Tracks = append(r.Tracks, t)
	}
	for i := range r.Items {
		r.Items[i].ResourceID = "res_" + r.Items[i].ResourceName
	}
	r.ViewerCanReviewItems = r.Tracks[0].ResourceIDs
	return r
}

// The form of a choice shows all items in full, within Slack's limits.
func TestChoiceShowsAllItems(t *testing.T) {
	var mine, others []string
	for i := range 20 {
		mine = append(mine, fmt.Sprintf("%s-%d", strings.Repeat("a-long-name-", 9), i))
		others = append(others, fmt.Sprintf("%s-%d", strings.Repeat("another-name-", 9), i))
	}
	r := governed(mine, others)
	form := r.chooseForm("")
	if n := slackapi.Size(form.PrivateMetadata); n > 3000 {
		t.Errorf("the metadata are %d long", n)
	}
	raw, err := json.Marshal(form.Blocks)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range append(mine, others...) {
		if !strings.Contains(string(raw), "• "+name+" as reader") {
			t.Errorf("the form lacks %s", name)
		}
	}
	boxes := 0
	for _, b := range form.Blocks.BlockSet {
		switch b := b.(type) {
		case *slack.SectionBlock:
			if slackapi.Size(b.Text.Text) > slackapi.MaxSectionText || strings.Contains(b.Text.Text, "asks") {
				t.Errorf("%d characters", slackapi.Size(b.Text.Text))
			}
		case *slack.InputBlock:
			if e, ok := b.Element.(*slack.CheckboxGroupsBlockElement); ok {
				if boxes += len(e.Options); len(e.Options) > 10 || len(e.InitialOptions) != len(e.Options) {
					t.Errorf("%d boxes, %d checked", len(e.Options), len(e.InitialOptions))
				}
			}
		}
	}
	if boxes != len(mine) {
		t.Errorf("%d boxes", boxes)
	}
}

// What is approved in the console alone can't be approved by the form, and leads there.
func TestChoiceLeadsToTheConsole(t *testing.T) {
	r := governed([]string{"orders-db"}, []string{"grafana"})
	r.ApproveInConsole, r.Tracks[1].ApproveInConsole, r.URL = true, true, "https://procyon.example.com/requests/req_1"
	if form := r.chooseForm(""); form.Submit == nil {
		t.Error("what is approved anywhere can't be approved")
	}
	r.ViewerCanReviewItems = r.Tracks[1].ResourceIDs
	form := r.chooseForm("")
	raw, err := json.Marshal(form.Blocks)
	if err != nil || form.Submit != nil || !strings.Contains(string(raw), "taken in the console alone:\\n• grafana") || !strings.Contains(string(raw), r.URL) {
		t.Errorf("%v %s", err, raw)
	}
	if got := confirms(t, r.decisionButtons(false)); len(got) != 2 {
		t.Errorf("%q", got)
	}
	r.Tracks[0].ApproveInConsole = true
	if _, denies := confirms(t, r.decisionButtons(false))[actionDeny]; !denies || len(r.decisionButtons(false)) != 1 {
		t.Errorf("%q", confirms(t, r.decisionButtons(false)))
	}
}

// One click decides what is one part and shown as a whole; else it is chosen first.
func TestWhenItIsChosen(t *testing.T) {
	for name, c := range map[string]struct {
		r     *request
		hides bool
		want  []string
	}{
		"one item":             {governed([]string{"a"}), false, []string{actionApprove, actionApproveFor, actionDeny}},
		"one track":            {governed([]string{"a", "b"}), false, []string{actionApprove, actionApproveFor, actionChoose, actionDeny}},
		"two tracks":           {governed([]string{"a"}, []string{"b"}), false, []string{actionChoose, actionDeny}},
		"some are hidden":      {governed([]string{"a", "b"}), true, []string{actionChoose, actionDeny}},
		"too long a question":  {governed([]string{strings.Repeat("x", 300)}), false, []string{actionChoose, actionDeny}},
		"with nobody's policy": {wanted("a", "b"), false, []string{actionApprove, actionApproveFor, actionDeny}},
	} {
		got := confirms(t, c.r.decisionButtons(c.hides))
		if len(got) != len(c.want) {
			t.Errorf("%s: %q", name, got)
		}
		for _, a := range c.want {
			if _, ok := got[a]; !ok {
				t.Errorf("%s lacks %s: %q", name, a, got)
			}
		}
	}
}

// A channel hears of the tracks of what it sees, and asks only while one of these waits. No
// names are said where the requester is not to know them, but to approvers.
func TestTracksInMessages(t *testing.T) {
	r := governed([]string{"orders-db"}, []string{"grafana"})
	r.Tracks[0].HideApprovers = true
	r.Routes = []route{{IntegrationID: "int_1", Items: r.Items[:1], OtherItemCount: 1}}
	eve := slackLink{SlackUserID: "U1"}
	eve.Workspace.SlackID = "T1"
	r.Reviewers = []user{{ID: "usr_eve", SlackLinks: []slackLink{eve}}}
	channel := &message{Kind: kindChannel, To: "int_1"}
	if text := channel.draw(r, true).Text; strings.Contains(text, "grafana") || strings.Contains(text, "Eve") || !strings.Contains(text, "Policy Policy 1: Approval: waits for 1 approval") {
		t.Errorf("the channel reads %s", text)
	}
	asked, other := &message{Kind: kindApprover, SlackID: "T1", To: "U1"}, &message{Kind: kindApprover, SlackID: "T1", To: "U2"}
	if text := asked.draw(r, true).Text; !strings.Contains(text, "orders-db as reader – policy Policy 1: Approval: waits for 1 approval from: Eve") || len(asked.buttons(r)) == 0 {
		t.Errorf("an approver reads %s", text)
	}
	if text := other.draw(r, true).Text; !strings.Contains(text, "Nothing of this waits for your decision now.") || len(other.buttons(r)) != 0 {
		t.Errorf("who is not asked reads %s", text)
	}
	own := (&message{Kind: kindRequester}).draw(r, true).Text
	if strings.Count(own, "Eve") != 1 {
		t.Errorf("the requester reads %s", own)
	}
	r.Tracks[0].Steps[0].Status = TrackStepStatusMet
	if text := channel.draw(r, true).Text; !strings.Contains(text, "Nothing that is shown here waits for a decision now.") || len(channel.buttons(r)) != 0 {
		t.Errorf("the channel reads %s", text)
	}
	r.Status = AccessRequestStatusDenied
	if text := channel.draw(r, true).Text; strings.Contains(text, "waits for") {
		t.Errorf("once it is over the channel reads %s", text)
	}
}
