package slacksim

import (
	"net/http"
	"testing"

	"github.com/slack-go/slack"
)

// TestForeigner: somebody of another company is a stranger until they share a channel
// with the app, and from then on Slack marks them by their own workspace alone.
func TestForeigner(t *testing.T) {
	b := newBed(t, Options{People: []Profile{{ID: "U0EVE", Name: "eve", Email: "eve@elsewhere.example", Foreign: "T0ELSEWHERE"}}})
	if err := b.AddWorkspace(Workspace{ID: "T0ELSEWHERE", Name: "Elsewhere"}); err != nil {
		t.Fatal(err)
	}
	shared := must[string](t)(b.AddChannel("", "shared", false))
	if u := must[*slack.User](t)(b.api.GetUserInfoContext(t.Context(), "U0EVE")); !u.IsStranger {
		t.Errorf("before there is a shared channel: %+v", u)
	}
	if err := b.Invite("shared", "eve"); err != nil {
		t.Fatal(err)
	}
	u := must[*slack.User](t)(b.api.GetUserInfoContext(t.Context(), "U0EVE"))
	if u.IsStranger || u.TeamID != "T0ELSEWHERE" || u.Profile.Email != "" || u.Enterprise.EnterpriseID != "" {
		t.Errorf("%+v", u)
	}
	if c := must[*slack.Channel](t)(b.api.GetConversationInfoContext(t.Context(), &slack.GetConversationInfoInput{ChannelID: shared})); !c.IsExtShared {
		t.Errorf("%+v", c)
	}
	if _, _, err := b.api.PostMessageContext(t.Context(), "#shared", slack.MsgOptionText("x", false), slack.MsgOptionBlocks(buttons("go"))); err != nil {
		t.Fatal(err)
	}
	// A click comes with the app's workspace, a form with the person's own.
	b.answers(func(_ http.ResponseWriter, h heard) {
		if trigger, _ := h.body["trigger_id"].(string); h.body["type"] == "block_actions" {
			m := slack.ModalViewRequest{Type: slack.VTModal, Title: plain("Form"), Submit: plain("Send"), Blocks: slack.Blocks{BlockSet: []slack.Block{paragraph("x")}}}
			if _, err := b.api.OpenViewContext(t.Context(), trigger, m); err != nil {
				t.Error(err)
			}
		}
	})
	eve := b.As("eve")
	if err := eve.Click(t.Context(), must[Message](t)(b.Expect(soon(t), "shared")), "go"); err != nil {
		t.Fatal(err)
	}
	if h := b.last(); dig(h.body, "user", "team_id") != "T0ELSEWHERE" || dig(h.body, "team", "id") != "T0SIMULATED" {
		t.Errorf("%v", h.body)
	}
	if err := must[*Form](t)(eve.AwaitModal(soon(t), "Form")).Submit(t.Context()); err != nil {
		t.Fatal(err)
	}
	h := b.last()
	if dig(h.body, "user", "team_id") != "T0ELSEWHERE" || dig(h.body, "team", "id") != "T0ELSEWHERE" || dig(h.body, "view", "app_installed_team_id") != "T0SIMULATED" {
		t.Errorf("%v", h.body)
	}
	b.clean()
}

// TestSibling: somebody of another workspace of the same organisation is no stranger,
// and Slack names the organisation with them.
func TestSibling(t *testing.T) {
	b := newBed(t, Options{Enterprise: "E0ACME", People: []Profile{{ID: "U0SIS", Name: "sis", Email: "sis@acme.example", Foreign: "T0SISTER"}}})
	if err := b.AddWorkspace(Workspace{ID: "T0SISTER", Name: "Sister", Enterprise: "E0ACME"}); err != nil {
		t.Fatal(err)
	}
	u := must[*slack.User](t)(b.api.GetUserInfoContext(t.Context(), "U0SIS"))
	if u.IsStranger || u.TeamID != "T0SISTER" || u.Enterprise.EnterpriseID != "E0ACME" || u.Profile.Email == "" {
		t.Errorf("%+v", u)
	}
	if me := must[*slack.AuthTestResponse](t)(b.api.AuthTestContext(t.Context())); me.EnterpriseID != "E0ACME" {
		t.Errorf("%+v", me)
	}
}

// The app hears who left, who came back and who became a guest.
func TestPeopleChange(t *testing.T) {
	b := newBed(t, Options{})
	steps := []struct {
		do               func() error
		deleted, limited bool
	}{
		{func() error { return b.Deactivate("", "dev") }, true, false},
		{func() error { return b.Reactivate("", "dev") }, false, false},
		{func() error { return b.Restrict("", "dev", true) }, false, true},
	}
	for i, s := range steps {
		if err := s.do(); err != nil {
			t.Fatal(err)
		}
		b.hears("user_change", i+1)
		h := b.last()
		if dig(h.body, "event", "user", "id") != "U0DEV" || dig(h.body, "event", "user", "deleted") != s.deleted || dig(h.body, "event", "user", "is_restricted") != s.limited {
			t.Errorf("%d: %v", i, h.body)
		}
		if u := must[*slack.User](t)(b.api.GetUserInfoContext(t.Context(), "U0DEV")); u.Deleted != s.deleted || u.IsRestricted != s.limited {
			t.Errorf("%d: %+v", i, u)
		}
	}
	if err := b.Deactivate("", "dev"); err != nil {
		t.Fatal(err)
	}
	if err := b.As("dev").Command(t.Context(), "", "/procyon"); err == nil {
		t.Error("somebody who left types a command")
	}
	if _, err := b.api.GetUserByEmailContext(t.Context(), "dev@example.com"); err == nil {
		t.Error("somebody who left is found by their address")
	}
}
