package slacksim

import (
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/slack-go/slack"
)

func TestClick(t *testing.T) {
	b := newBed(t, Options{})
	if _, err := b.AddChannel("", "approvals", false); err != nil {
		t.Fatal(err)
	}
	menu := slack.NewActionBlock("menu", slack.NewOptionsSelectBlockElement(slack.OptTypeStatic, plain("How long?"), "long", slack.NewOptionBlockObject("1h", plain("An hour"), nil), slack.NewOptionBlockObject("2h", plain("Two hours"), nil)))
	if _, _, err := b.api.PostMessageContext(t.Context(), "#approvals", slack.MsgOptionText("asks", false), slack.MsgOptionBlocks(paragraph("asks"), buttons("approve", "deny"), menu)); err != nil {
		t.Fatal(err)
	}
	m := must[Message](t)(b.Expect(soon(t), "approvals"))
	bo := b.As("bo")
	if err := bo.On(m).Fill(t.Context(), "How long?", "Two hours"); err != nil {
		t.Fatal(err)
	}
	if err := bo.Click(t.Context(), m, "Button approve"); err != nil {
		t.Fatal(err)
	}
	h := b.last()
	for _, want := range []struct {
		path []any
		is   any
	}{
		{[]any{"type"}, "block_actions"}, {[]any{"actions", 0, "action_id"}, "approve"}, {[]any{"actions", 0, "value"}, "value of approve"},
		{[]any{"actions", 0, "block_id"}, "buttons"}, {[]any{"user", "id"}, "U0BO"}, {[]any{"channel", "name"}, "approvals"},
		{[]any{"message", "ts"}, m.TS}, {[]any{"container", "message_ts"}, m.TS}, {[]any{"container", "is_ephemeral"}, false},
		{[]any{"state", "values", "menu", "long", "selected_option", "value"}, "2h"}, {[]any{"enterprise"}, nil},
	} {
		if got := dig(h.body, want.path...); got != want.is {
			t.Errorf("%v: %v, want %v", want.path, got, want.is)
		}
	}
	to, _ := h.body["response_url"].(string)
	if status, body, _ := post(t, b.client, to, `{"replace_original":true,"text":"decided"}`); status != 200 {
		t.Error(status, body)
	}
	if m := must[Message](t)(b.Await(soon(t), "approvals", func(m Message) bool { return m.Text == "decided" })); m.Blocks != nil || m.Edits != 1 {
		t.Errorf("%+v", m)
	}
	if err := bo.Click(t.Context(), m, "Button approve"); err == nil {
		t.Error("a button is pressed that is not there any more")
	}
	if status, _, _ := post(t, b.client, to, `{"delete_original":true}`); status != 200 || len(b.Messages("approvals")) != 0 {
		t.Error(status)
	}
	b.clean()
}

// TestEphemeralClick: Slack does not send an ephemeral message back to the app.
func TestEphemeralClick(t *testing.T) {
	b := newBed(t, Options{})
	b.says(`{"text":"link","blocks":[{"type":"actions","elements":[{"type":"button","action_id":"go","text":{"type":"plain_text","text":"Go"}}]}]}`)
	if err := b.As("dev").Command(t.Context(), "", "/procyon"); err != nil {
		t.Fatal(err)
	}
	m := must[Message](t)(b.As("dev").ExpectEphemeral(soon(t)))
	b.answers(nil)
	if err := b.As("ada").Click(t.Context(), m, "Go"); err == nil {
		t.Error("somebody presses what they don't see")
	}
	if err := b.As("dev").Click(t.Context(), m, "Go"); err != nil {
		t.Fatal(err)
	}
	if h := b.last(); h.body["message"] != nil || dig(h.body, "container", "is_ephemeral") != true || h.body["response_url"] == nil {
		t.Errorf("%v", h.body)
	}
	b.says(`{"text":"x"}`)
	if err := b.As("dev").Click(t.Context(), m, "Go"); err != nil {
		t.Fatal(err)
	}
	b.clean("invalid_response") // an answer that Slack ignores
}

func TestHome(t *testing.T) {
	b := newBed(t, Options{})
	b.answers(func(_ http.ResponseWriter, h heard) {
		if dig(h.body, "event", "type") != "app_home_opened" {
			return
		}
		user, _ := dig(h.body, "event", "user").(string)
		if _, err := b.api.PublishViewContext(b.t.Context(), slack.PublishViewContextRequest{UserID: user, View: slack.HomeTabViewRequest{
			Type: slack.VTHomeTab, Blocks: slack.Blocks{BlockSet: []slack.Block{paragraph("Hello " + user), buttons("ask")}},
		}}); err != nil {
			t.Error(err)
		}
	})
	if f := must[*Form](t)(b.As("dev").OpenHome()); f != nil {
		t.Error("a Home before anything was published")
	}
	f := must[*Form](t)(b.As("dev").AwaitHome(soon(t), "Hello U0DEV"))
	if b.As("ada").Home() != nil {
		t.Error("somebody else's Home")
	}
	if err := b.Settle(soon(t)); err != nil {
		t.Fatal(err)
	}
	b.answers(nil)
	if err := f.Click(t.Context(), "Button ask"); err != nil {
		t.Fatal(err)
	}
	if h := b.last(); dig(h.body, "view", "type") != "home" || h.body["trigger_id"] == nil || h.body["response_url"] != nil || h.body["channel"] != nil {
		t.Errorf("%v", h.body)
	}
	b.clean()
}

func TestEventsAreRetried(t *testing.T) {
	b := newBed(t, Options{AckTimeout: 10 * time.Second})
	b.answers(func(w http.ResponseWriter, _ heard) { w.WriteHeader(http.StatusServiceUnavailable) })
	if _, err := b.As("dev").OpenHome(); err != nil {
		t.Fatal(err)
	}
	if err := b.Settle(soon(t)); err != nil {
		t.Fatal(err)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	var nums []string
	ids := map[any]bool{}
	for _, h := range b.got {
		nums = append(nums, h.header.Get("X-Slack-Retry-Num")+h.header.Get("X-Slack-Retry-Reason"))
		ids[h.body["event_id"]] = true
	}
	if !slices.Equal(nums, []string{"", "1http_error", "2http_error", "3http_error"}) || len(ids) != 1 {
		t.Errorf("%v %v", nums, ids)
	}
}

func TestVerifyEvents(t *testing.T) {
	b := newBed(t, Options{})
	b.answers(func(w http.ResponseWriter, h heard) { _, _ = io.WriteString(w, h.body["challenge"].(string)) })
	if err := b.VerifyEvents(t.Context()); err != nil {
		t.Error(err)
	}
	b.answers(func(w http.ResponseWriter, h heard) {
		_ = json.NewEncoder(w).Encode(map[string]any{"challenge": h.body["challenge"]})
	})
	if err := b.VerifyEvents(t.Context()); err != nil {
		t.Error(err)
	}
	b.says("no")
	if err := b.VerifyEvents(t.Context()); err == nil {
		t.Error("a wrong answer is taken")
	}
}

// TestAgain repeats what was sent: the same body under a new signature.
func TestAgain(t *testing.T) {
	b := newBed(t, Options{})
	if err := b.As("dev").Command(t.Context(), "", "/procyon help"); err != nil {
		t.Fatal(err)
	}
	first := b.last()
	b.clock.add(time.Minute)
	if status, _, err := b.Again(t.Context(), "/procyon"); err != nil || status != http.StatusOK {
		t.Error(status, err)
	}
	again := b.last()
	if again.form.Encode() != first.form.Encode() || again.header.Get("X-Slack-Signature") == first.header.Get("X-Slack-Signature") {
		t.Errorf("%v, first %v", again, first)
	}
	if _, _, err := b.Again(t.Context(), "view_submission"); err == nil {
		t.Error("something is repeated that never was")
	}
}
