package slacksim

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/slack-go/slack"
)

// modal is a form with one of each kind of field that the tests use.
func modal(title string) slack.ModalViewRequest {
	option := func(v string) *slack.OptionBlockObject { return slack.NewOptionBlockObject(v, plain("The "+v), nil) }
	least := 2
	external := slack.NewOptionsMultiSelectBlockElement(slack.MultiOptTypeExternal, plain("Type a name"), "resources")
	external.MinQueryLength = &least
	reason := slack.NewPlainTextInputBlockElement(nil, "reason")
	reason.Multiline, reason.MaxLength = true, 20
	in := func(id, label string, e slack.BlockElement) *slack.InputBlock {
		return slack.NewInputBlock(id, plain(label), nil, e)
	}
	when := in("when", "Start", slack.NewDatePickerBlockElement("date"))
	when.Optional = true
	checks := in("checks", "More", slack.NewCheckboxGroupsBlockElement("more", option("wake"), option("log")))
	checks.Optional = true
	role := in("role", "Role", slack.NewOptionsSelectBlockElement(slack.OptTypeStatic, nil, "pick", option("reader"), option("writer")))
	role.DispatchAction = true
	return slack.ModalViewRequest{
		Type: slack.VTModal, Title: plain(title), Submit: plain("Send"), Close: plain("Cancel"), NotifyOnClose: true, CallbackID: "request", PrivateMetadata: "m",
		Blocks: slack.Blocks{BlockSet: []slack.Block{in("what", "What", external), role, in("why", "Reason", reason), when, checks}},
	}
}

// opening opens a modal by a command, and gives it.
func (b *bed) opening(who *Person, m slack.ModalViewRequest) *Form {
	b.t.Helper()
	b.answers(func(w http.ResponseWriter, h heard) {
		if _, err := b.api.OpenViewContext(b.t.Context(), h.form.Get("trigger_id"), m); err != nil {
			b.t.Error(err)
		}
	})
	if err := who.Command(b.t.Context(), "", "/procyon request"); err != nil {
		b.t.Fatal(err)
	}
	b.answers(nil)
	return must[*Form](b.t)(who.AwaitModal(soon(b.t), m.Title.Text))
}

func TestCommand(t *testing.T) {
	b := newBed(t, Options{})
	dev := b.As("dev")
	if _, err := b.AddChannel("", "general", false); err != nil {
		t.Fatal(err)
	}
	b.says(`{"text":"only you","blocks":[{"type":"divider"}]}`)
	if err := dev.Command(t.Context(), "general", "/procyon request  a <b> & c "); err != nil {
		t.Fatal(err)
	}
	f := b.last().form
	for name, want := range map[string]string{
		"command": "/procyon", "text": "request  a &lt;b&gt; &amp; c", "user_id": "U0DEV", "user_name": "dev", "team_id": "T0SIMULATED",
		"channel_name": "general", "api_app_id": "A0PROCYON", "is_enterprise_install": "false",
	} {
		if f.Get(name) != want {
			t.Errorf("%s: %q, want %q", name, f.Get(name), want)
		}
	}
	if m := must[Message](t)(dev.ExpectEphemeral(soon(t))); m.Text != "only you" || m.Only != "U0DEV" || len(b.Messages("general")) != 0 {
		t.Errorf("%+v", m)
	}
	// Five more answers within half an hour, the default for one person only.
	to := f.Get("response_url")
	for i, want := range []int{200, 200, 200, 200, 200, 404} {
		if status, body, _ := post(t, b.client, to, fmt.Sprintf(`{"response_type":"in_channel","text":"%d"}`, i)); status != want {
			t.Errorf("%d: %d %s", i, status, body)
		}
	}
	if n := len(b.Messages("general")); n != 5 {
		t.Errorf("%d messages", n)
	}
	b.answers(nil)
	if err := dev.Command(t.Context(), "", "/procyon"); err != nil {
		t.Fatal(err)
	}
	b.clock.add(31 * time.Minute)
	if status, body, _ := post(t, b.client, b.last().form.Get("response_url"), `{"text":"late"}`); status != 404 || !strings.Contains(body, "expired_url") {
		t.Error(status, body)
	}
	if b.last().form.Get("channel_name") != "directmessage" {
		t.Error(b.last().form)
	}
	b.clean("used_url", "expired_url")
}

func TestCommandProblems(t *testing.T) {
	b := newBed(t, Options{AckTimeout: 50 * time.Millisecond})
	dev := b.As("dev")
	released := make(chan struct{})
	for name, c := range map[string]struct {
		line   string
		answer func(http.ResponseWriter, heard)
		code   string
		shown  string
	}{
		"slow":    {"/procyon", func(http.ResponseWriter, heard) { <-released }, "operation_timeout", `/procyon failed with the error "operation_timeout"`},
		"broken":  {"/procyon", func(w http.ResponseWriter, _ heard) { w.WriteHeader(http.StatusInternalServerError) }, "dispatch_failed", `/procyon failed with the error "dispatch_failed"`},
		"unknown": {"/other", nil, "", "/other is not a valid command."},
		"invalid": {"/procyon", func(w http.ResponseWriter, _ heard) {
			w.Header().Set("Content-Type", "application/json")
			_, _ = io.WriteString(w, `{"blocks":[{"type":"header"}]}`)
		}, "invalid_blocks", `/procyon failed with the error "dispatch_failed"`},
	} {
		b.answers(c.answer)
		err := dev.Command(t.Context(), "", c.line)
		var p *Problem
		if !errors.As(err, &p) || p.Code != c.code {
			t.Errorf("%s: %v", name, err)
		}
		if m := must[Message](t)(dev.ExpectEphemeral(soon(t))); m.Text != c.shown || m.User != "USLACKBOT" {
			t.Errorf("%s: %+v", name, m)
		}
		if r := b.Refused(); c.code != "" && (len(r) == 0 || r[len(r)-1].Body != c.code) {
			t.Errorf("%s: %+v", name, r)
		}
	}
	close(released)
}

func TestModal(t *testing.T) {
	b := newBed(t, Options{})
	dev := b.As("dev")
	f := b.opening(dev, modal("Ask"))
	err := f.Submit(t.Context())
	if got := f.Errors(); err == nil || len(got) != 3 || got["why"] != "Please complete this required field." {
		t.Errorf("%v %v", err, got)
	}
	if err := f.Fill(t.Context(), "resources", "db"); err == nil {
		t.Error("something was chosen that was never offered")
	}
	b.says(`{"options":[{"text":{"type":"plain_text","text":"orders-db"},"value":"res_1"},{"text":{"type":"plain_text","text":"other-db"},"value":"res_2"}]}`)
	if got, err := f.Suggest(t.Context(), "What", "d"); err != nil || got != nil || slices.Contains(b.kinds(), "block_suggestion") {
		t.Error("the app was asked though too little was typed", got, err)
	}
	got := must[[]Option](t)(f.Suggest(t.Context(), "What", "db"))
	if h := b.last(); len(got) != 2 || got[0].Text != "orders-db" || h.body["value"] != "db" || h.body["action_id"] != "resources" || dig(h.body, "view", "callback_id") != "request" {
		t.Errorf("%v %v", got, h.body)
	}
	b.answers(nil)
	fill := func(name string, to ...string) {
		t.Helper()
		if err := f.Fill(t.Context(), name, to...); err != nil {
			t.Fatal(err)
		}
	}
	fill("What", "orders-db", "res_2")
	fill("Role", "The writer")
	if h := b.last(); h.body["type"] != "block_actions" || dig(h.body, "actions", 0, "selected_option", "value") != "writer" || dig(h.body, "container", "type") != "view" {
		t.Errorf("%v: the role tells at once", h.body)
	}
	fill("why", strings.Repeat("x", 21))
	if err := f.Submit(t.Context()); err == nil || f.Errors()["why"] != "Please enter at most 20 characters." {
		t.Errorf("%v %v", err, f.Errors())
	}
	fill("why", "to fix")
	fill("date", "2026-11-24")
	fill("more", "log")
	b.says(`{"response_action":"errors","errors":{"why":"Say more."}}`)
	if err := f.Submit(t.Context()); err == nil || f.Errors()["why"] != "Say more." {
		t.Errorf("%v %v", err, f.Errors())
	}
	b.answers(nil)
	if err := f.Submit(t.Context()); err != nil || !f.Gone() || dev.Modal() != nil {
		t.Error(err)
	}
	h := b.last()
	values := dig(h.body, "view", "state", "values")
	for _, want := range []struct {
		path []any
		is   any
	}{
		{[]any{"what", "resources", "selected_options", 1, "value"}, "res_2"}, {[]any{"role", "pick", "selected_option", "value"}, "writer"},
		{[]any{"why", "reason", "value"}, "to fix"}, {[]any{"when", "date", "selected_date"}, "2026-11-24"}, {[]any{"checks", "more", "selected_options", 0, "value"}, "log"},
	} {
		if got := dig(values, want.path...); got != want.is {
			t.Errorf("%v: %v, want %v", want.path, got, want.is)
		}
	}
	if h.body["type"] != "view_submission" || dig(h.body, "user", "id") != "U0DEV" || dig(h.body, "view", "private_metadata") != "m" || h.body["trigger_id"] == nil {
		t.Errorf("%v", h.body)
	}
	b.clean()
}

func TestViewsKeepWhatWasTyped(t *testing.T) {
	b := newBed(t, Options{})
	dev := b.As("dev")
	loading := slack.ModalViewRequest{Type: slack.VTModal, Title: plain("Loading"), Blocks: slack.Blocks{BlockSet: []slack.Block{paragraph("One moment")}}}
	f := b.opening(dev, loading)
	var v struct{ ID, Hash string }
	mustJSON(t, f.JSON(), &v)
	done := make(chan error, 1)
	go func() {
		_, err := b.api.UpdateViewContext(t.Context(), modal("Ask"), "", v.Hash, v.ID)
		done <- err
	}()
	f = must[*Form](t)(dev.AwaitModal(soon(t), "Ask"))
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	if _, err := b.api.UpdateViewContext(t.Context(), modal("Again"), "", v.Hash, v.ID); err == nil || err.Error() != "hash_conflict" {
		t.Error(err)
	}
	if err := f.Fill(t.Context(), "why", "typed"); err != nil {
		t.Fatal(err)
	}
	if _, err := b.api.UpdateViewContext(t.Context(), modal("Again"), "", "", v.ID); err != nil {
		t.Fatal(err)
	}
	if got := f.Value("why"); len(got) != 1 || got[0] != "typed" || f.Title() != "Again" {
		t.Errorf("%v %s", got, f.Title())
	}
	b.clean("hash_conflict")
}

func mustJSON(t *testing.T, raw []byte, into any) {
	t.Helper()
	if err := json.Unmarshal(raw, into); err != nil {
		t.Fatal(err)
	}
}

func TestStack(t *testing.T) {
	b := newBed(t, Options{})
	dev := b.As("dev")
	f := b.opening(dev, slack.ModalViewRequest{Type: slack.VTModal, Title: plain("1"), NotifyOnClose: true, Blocks: slack.Blocks{BlockSet: []slack.Block{buttons("push")}}})
	push := func(title string, want string) {
		t.Helper()
		b.answers(func(_ http.ResponseWriter, h heard) {
			trigger, _ := h.body["trigger_id"].(string)
			view := slack.ModalViewRequest{Type: slack.VTModal, Title: plain(title), ClearOnClose: title == "3", Blocks: slack.Blocks{BlockSet: []slack.Block{buttons("push")}}}
			got := ""
			if _, err := b.api.PushViewContext(context.Background(), trigger, view); err != nil {
				got = err.Error()
			}
			if got != want {
				t.Errorf("%s: %q, want %q", title, got, want)
			}
		})
		if err := dev.Modal().Click(t.Context(), "Button push"); err != nil {
			t.Error(err)
		}
	}
	push("2", "")
	push("3", "")
	push("4", "push_limit_reached")
	b.answers(nil)
	var v struct {
		Root     string `json:"root_view_id"`
		Previous string `json:"previous_view_id"`
	}
	mustJSON(t, dev.Modal().JSON(), &v)
	if dev.Modal().Title() != "3" || v.Root != f.view || v.Previous == "" {
		t.Errorf("%s %+v", dev.Modal().Title(), v)
	}
	if err := f.Submit(t.Context()); err == nil {
		t.Error("a covered modal was sent")
	}
	if err := dev.Modal().Close(t.Context()); err != nil || dev.Modal() != nil {
		t.Error("clear_on_close did not close all", err)
	}
	f = b.opening(dev, modal("Ask"))
	if err := f.Close(t.Context()); err != nil || b.last().body["type"] != "view_closed" || b.last().body["is_cleared"] != false {
		t.Errorf("%v %v", err, b.last().body)
	}
	b.clean("push_limit_reached")
}

func TestTriggers(t *testing.T) {
	b := newBed(t, Options{})
	view := slack.ModalViewRequest{Type: slack.VTModal, Title: plain("T"), Blocks: slack.Blocks{BlockSet: []slack.Block{paragraph("x")}}}
	if err := b.As("dev").Command(t.Context(), "", "/procyon"); err != nil {
		t.Fatal(err)
	}
	trigger := b.last().form.Get("trigger_id")
	b.clock.add(3*time.Second + 1)
	if _, err := b.api.OpenViewContext(t.Context(), trigger, view); err == nil || err.Error() != "expired_trigger_id" {
		t.Error(err)
	}
	if err := b.As("dev").Command(t.Context(), "", "/procyon"); err != nil {
		t.Fatal(err)
	}
	trigger = b.last().form.Get("trigger_id")
	for _, want := range []string{"", "exchanged_trigger_id"} {
		_, err := b.api.OpenViewContext(t.Context(), trigger, view)
		if got := fmt.Sprint(err); got != want && (want != "" || err != nil) {
			t.Errorf("%s, want %s", got, want)
		}
	}
}

// TestWrongAnswers has the simulator tell of what Slack shows as trouble.
func TestWrongAnswers(t *testing.T) {
	for _, body := range []string{
		`{}`, `ok`, `{"response_action":"errors"}`, `{"response_action":"errors","errors":{"nowhere":"x"}}`, `{"response_action":"update","view":{"type":"home","blocks":[]}}`,
		`{"response_action":"close"}`, `{"text":"hello"}`,
	} {
		b := newBed(t, Options{})
		f := b.opening(b.As("dev"), slack.ModalViewRequest{Type: slack.VTModal, Title: plain("T"), Submit: plain("Go"), Blocks: slack.Blocks{BlockSet: []slack.Block{paragraph("x")}}})
		b.says(body)
		if err := f.Submit(t.Context()); err == nil || f.Gone() {
			t.Errorf("%s is taken", body)
		}
		b.clean("invalid_response")
	}
	for _, body := range []string{``, `{"options":[{"text":"x","value":"y"}]}`, `{}`, `{"options":[],"option_groups":[]}`} {
		b := newBed(t, Options{})
		f := b.opening(b.As("dev"), modal("Ask"))
		b.says(body)
		if got, err := f.Suggest(t.Context(), "What", "db"); err == nil {
			t.Errorf("%s: %v", body, got)
		}
		b.clean("invalid_response")
	}
}
