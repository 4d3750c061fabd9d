package slacksim

import (
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/slack-go/slack"

	"procyon/internal/chromium"
)

// every is a modal with each kind of field.
const every = `{"type":"modal","callback_id":"every","title":{"type":"plain_text","text":"Every field"},"submit":{"type":"plain_text","text":"Send"},"blocks":[` +
	`{"type":"header","text":{"type":"plain_text","text":"All of them"}},{"type":"context","elements":[{"type":"mrkdwn","text":"_small_"}]},` +
	`%s,` +
	`{"type":"section","block_id":"s","text":{"type":"mrkdwn","text":"Beside"},"accessory":{"type":"static_select","action_id":"side","placeholder":{"type":"plain_text","text":"Pick one"},"options":[%[2]s]}},` +
	`{"type":"actions","block_id":"act","elements":[{"type":"button","action_id":"press","text":{"type":"plain_text","text":"Press"}},{"type":"overflow","action_id":"over","options":[%[2]s]}]}]}`

// everyField lists the fields: what they are, what the page's user does, and what
// Slack tells.
func everyField() []struct{ element, js, path, want string } {
	return []struct{ element, js, path, want string }{
		{`"type":"plain_text_input"`, `set("#ID", "typed")`, "value", "typed"},
		{`"type":"plain_text_input","multiline":true`, `set("#ID", "two\nlines")`, "value", "two\nlines"},
		{`"type":"email_text_input"`, `set("#ID", "a@example.com")`, "value", "a@example.com"},
		{`"type":"url_text_input"`, `set("#ID", "https://example.com/")`, "value", "https://example.com/"},
		{`"type":"number_input","is_decimal_allowed":false`, `set("#ID", "42")`, "value", "42"},
		{`"type":"static_select","options":[OPTIONS]`, `set("#ID", "b")`, "selected_option.value", "b"},
		{`"type":"multi_static_select","options":[OPTIONS]`, `check("#ID", "a", "c")`, "selected_options.1.value", "c"},
		{`"type":"radio_buttons","options":[OPTIONS]`, `check("#ID", "b")`, "selected_option.value", "b"},
		{`"type":"checkboxes","options":[OPTIONS]`, `check("#ID", "a")`, "selected_options.0.value", "a"},
		{`"type":"datepicker"`, `set("#ID", "2026-12-24")`, "selected_date", "2026-12-24"},
		{`"type":"timepicker"`, `set("#ID", "18:30")`, "selected_time", "18:30"},
		{`"type":"datetimepicker"`, `set("#ID", new Date(1798137000000 - new Date(1798137000000).getTimezoneOffset() * 60000).toISOString().slice(0, 16))`, "selected_date_time", "1.798137e+09"},
		{`"type":"users_select"`, `set("#ID", "U0BO")`, "selected_user", "U0BO"},
		{`"type":"multi_users_select"`, `check("#ID", "U0ADA", "U0BO")`, "selected_users.1", "U0BO"},
		{`"type":"channels_select"`, `set("#ID", document.querySelector("#ID").options[1].value)`, "selected_channel", "GENERAL"},
		{`"type":"multi_external_select","min_query_length":0`, `true`, "selected_options.0.value", "res_1"},
	}
}

// TestEveryControl fills each kind of field on the page and compares with what the
// app is told.
func TestEveryControl(t *testing.T) {
	web := chromium.Start(t)
	b := newBed(t, Options{Now: time.Now})
	general := must[string](t)(b.AddChannel("", "general", false))
	options := `{"text":{"type":"plain_text","text":"A & a"},"value":"a"},{"text":{"type":"plain_text","text":"B"},"value":"b"},{"text":{"type":"plain_text","text":"C"},"value":"c"}`
	var inputs []string
	for i, f := range everyField() {
		inputs = append(inputs, fmt.Sprintf(`{"type":"input","block_id":"b%d","label":{"type":"plain_text","text":"Field %d"},"hint":{"type":"plain_text","text":"hint"},"element":{"action_id":"f",%s}}`, i, i, strings.ReplaceAll(f.element, "OPTIONS", options)))
	}
	view := fmt.Sprintf(every, strings.Join(inputs, ","), options)
	b.answers(func(w http.ResponseWriter, h heard) {
		if h.body["type"] == "block_suggestion" {
			w.Header().Set("Content-Type", "application/json")
			_, _ = io.WriteString(w, `{"option_groups":[{"label":{"type":"plain_text","text":"Databases"},"options":[{"text":{"type":"plain_text","text":"orders-db"},"value":"res_1","description":{"type":"plain_text","text":"Production"}}]}]}`)
		}
		if h.form.Get("command") != "" {
			if _, got, _ := b.call("views.open", b.in.Token, "trigger_id="+h.form.Get("trigger_id")+"&view="+strings.ReplaceAll(view, "&", "%26")); got["ok"] != true {
				t.Errorf("%v", got)
			}
		}
	})
	p := live(web.Open(b.url + "/?as=dev&channel=general"))
	p.Focus("#say")
	p.Press("/procyon", "Enter")
	p.Until(`document.querySelector("#modal[open]")`)
	id := strings.Trim(string(p.Run(`document.getElementById("modal").dataset.view`)), `"`)
	p.Run(`
	window.tell = (e) => e.dispatchEvent(new Event("change", {bubbles: true}));
	window.set = (id, value) => { const e = document.querySelector(id); e.value = value; tell(e); };
	window.check = (id, ...values) => { for (const v of values) { const e = document.querySelector(id + "-" + v); e.checked = true; tell(e); } }; 0`)
	for i, f := range everyField() {
		p.Run(strings.ReplaceAll(f.js, `"#ID"`, fmt.Sprintf(`"#" + CSS.escape("%s-b%d/f")`, id, i)))
	}
	p.Focus("#modal [role=combobox]")
	p.Until(`document.querySelector("#modal [role=option]")`) // offered before anything is typed
	p.Picture("7-controls")
	p.Focus("#modal textarea")
	p.Until(`document.querySelector("#modal [role=listbox]").hidden`)
	p.Focus("#modal [role=combobox]")
	p.Click("#modal [role=option]", "orders-db Production")
	p.Until(`document.querySelector("#modal .chips li")`)
	p.Accessible("every control")
	p.Run(`set("#" + CSS.escape("` + id + `-s/side"), "b")`)
	p.Run(`set("#" + CSS.escape("` + id + `-act/over"), "c")`)
	p.Click("#modal button", "Press")
	b.hears("block_actions", 3)
	p.Click("#modal button", "Send")
	p.Until(`!document.getElementById("modal")`)
	got := b.last().body
	for i, f := range everyField() {
		path := []any{"view", "state", "values", fmt.Sprintf("b%d", i), "f"}
		for part := range strings.SplitSeq(f.path, ".") {
			if part == "0" || part == "1" {
				path = append(path, int(part[0]-'0'))
			} else {
				path = append(path, part)
			}
		}
		want := strings.ReplaceAll(f.want, "GENERAL", general)
		if v := fmt.Sprint(dig(got, path...)); v != want {
			t.Errorf("%s: %v, want %s", f.element, v, want)
		}
	}
	if v := dig(got, "view", "state", "values", "s", "side", "selected_option", "value"); v != "b" {
		t.Errorf("the accessory: %v", v)
	}
	web.Clean()
	b.clean()
}

// TestEveryFieldByHand does by the Go API what TestEveryControl does on the page.
func TestEveryFieldByHand(t *testing.T) {
	b := newBed(t, Options{})
	f := b.opening(b.As("dev"), modal("Ask"))
	for _, c := range []struct {
		name string
		to   []string
		good bool
	}{
		{"date", []string{"2026-13-01"}, false}, {"date", []string{"2026-12-01"}, true}, {"date", []string{"2026-12-01", "2026-12-02"}, false}, {"date", nil, true},
		{"more", []string{"wake", "log"}, true}, {"more", []string{"other"}, false}, {"role", []string{"writer"}, true}, {"nothing", []string{"x"}, false},
	} {
		if err := f.Fill(t.Context(), c.name, c.to...); (err == nil) != c.good {
			t.Errorf("%s %v: %v", c.name, c.to, err)
		}
	}
	if got := f.Value("more"); !slices.Equal(got, []string{"wake", "log"}) || len(f.Value("date")) != 0 {
		t.Errorf("%v", got)
	}
	if text := f.Text(); !strings.Contains(text, "The reader") || !strings.Contains(text, "Reason") {
		t.Errorf("%s", text)
	}
	if _, err := b.api.PublishViewContext(t.Context(), slack.PublishViewContextRequest{UserID: "U0NONE", View: slack.HomeTabViewRequest{Type: slack.VTHomeTab}}); err == nil {
		t.Error("a Home for nobody")
	}
}
