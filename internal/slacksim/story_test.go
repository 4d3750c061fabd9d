package slacksim

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/slack-go/slack"
)

// TestStory plays a request and its approval on the page, in a real browser: one
// tab is the requester, the other the approver.
func TestStory(t *testing.T) {
	web := chromium(t)
	b := newBed(t, Options{Now: time.Now})
	if _, err := b.AddChannel("", "approvals", false); err != nil {
		t.Fatal(err)
	}
	b.answers(b.approvals)
	dev, bo := web.open(b.url+"/?as=dev&channel=approvals"), web.open(b.url+"/?as=bo&app=messages")

	dev.focus("#say")
	dev.press("/procyon request", "Enter")
	dev.until(`document.querySelector("#modal[open] #modal-title").textContent === "Ask for access"`)
	dev.click("#modal button", "Send")
	dev.until(`document.querySelector(".input.wrong .error")?.textContent === "Please complete this required field."`)
	dev.until(`document.activeElement.getAttribute("role") === "combobox"`)
	dev.press("ord")
	dev.until(`document.querySelectorAll("#modal [role=option]").length === 2`)
	dev.picture("1-modal")
	dev.accessible("the modal")
	dev.press("ArrowDown", "Enter")
	dev.until(`document.querySelector("#modal .chips li").dataset.value === "res_orders-db"`)
	dev.focus("#modal textarea")
	dev.press("to fix INC-42 <b>")
	dev.run(`(() => { const d = document.querySelector("#modal input[type=date]"); d.value = "2026-12-01"; d.dispatchEvent(new Event("change", {bubbles: true})); })()`)
	dev.click("#modal label span", "Wake me")
	dev.click("#modal button", "Send")
	dev.until(`!document.getElementById("modal")`)
	dev.until(`document.querySelector("#log").textContent.includes("dev asks for orders-db")`)
	dev.until(`document.querySelector("#log .message.only").textContent.includes("Only visible to you")`)
	dev.picture("2-asked")
	dev.accessible("the channel")

	bo.until(`document.querySelector("#log").textContent.includes("to fix INC-42 <b>")`)
	bo.until(`document.querySelector(".message.only") === null`)
	bo.click("#log button", "Approve")
	bo.until(`document.getElementById("confirm").open && document.getElementById("confirm-text").textContent === "Sure?"`)
	bo.picture("3-confirm")
	bo.accessible("the question")
	bo.click("#confirm button", "No")
	bo.until(`!document.getElementById("confirm").open`)
	if got := b.kinds(); slices.Contains(got, "block_actions") {
		t.Errorf("the app heard of a click that was not confirmed: %v", got)
	}
	bo.click("#log button", "Approve")
	bo.click("#confirm button", "Yes")
	bo.until(`document.querySelector("#log").textContent.includes("approved by Bo Approver") && !document.querySelector("#log button")`)
	dev.until(`document.querySelector("#log .thread").textContent.includes("Bo Approver approved")`)
	dev.picture("4-approved")
	dev.accessible("the thread")

	dev.visit(b.url + "/?as=dev&app=home")
	dev.until(`document.querySelector("#home").textContent.includes("Hello Dev Developer")`)
	dev.picture("5-home")
	dev.accessible("the Home")
	dev.click("#home button", "Ask")
	dev.until(`document.querySelector("#modal[open]")`)
	dev.press("Escape")
	dev.until(`!document.getElementById("modal")`)
	dev.visit(b.url + "/?as=dev&channel=approvals")
	dev.focus("#say")
	dev.press("/nonsense", "Enter")
	dev.until(`document.getElementById("notice").textContent === "/nonsense is not a valid command."`)
	web.clean()
	b.clean()
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, h := range b.got {
		if h.body["type"] == "view_submission" {
			v := dig(h.body, "view", "state", "values")
			if dig(v, "when", "date", "selected_date") != "2026-12-01" || dig(v, "more", "more", "selected_options", 0, "value") != "wake" {
				t.Errorf("%v", v)
			}
		}
	}
}

// TestConsentInABrowser presses Allow in a real browser, whose policy lets the form
// lead to the app and nowhere else.
func TestConsentInABrowser(t *testing.T) {
	web := chromium(t)
	b := newBed(t, Options{})
	if _, err := b.AddChannel("", "approvals", false); err != nil {
		t.Fatal(err)
	}
	b.answers(func(http.ResponseWriter, heard) {})
	p := web.open(b.url)
	p.b.do(p.session, "Page.navigate", map[string]any{"url": b.page("scope", "commands,incoming-webhook", "redirect_uri", b.app+"/oauth")})
	p.until(`document.title === "Procyon is requesting permission"`)
	p.accessible("the page that installs the app")
	p.picture("6-install")
	p.click("button", "Allow")
	p.until(`location.pathname === "/oauth" && location.search.includes("code=sim.") && location.search.includes("state=s1")`)
	web.clean()
}

func option1(text, value string) *slack.OptionBlockObject {
	return slack.NewOptionBlockObject(value, plain(text), nil)
}

// askForm is the modal of the story.
func askForm() slack.ModalViewRequest {
	least := 1
	what := slack.NewOptionsSelectBlockElement(slack.OptTypeExternal, plain("Type a name"), "what")
	what.MinQueryLength = &least
	why := slack.NewPlainTextInputBlockElement(plain("What needs doing?"), "why")
	why.Multiline = true
	when := slack.NewInputBlock("when", plain("Start"), nil, slack.NewDatePickerBlockElement("date"))
	more := slack.NewInputBlock("more", plain("More"), nil, slack.NewCheckboxGroupsBlockElement("more", option1("Wake me", "wake")))
	when.Optional, more.Optional = true, true
	return slack.ModalViewRequest{
		Type: slack.VTModal, Title: plain("Ask for access"), Submit: plain("Send"), Close: plain("Cancel"), CallbackID: "ask",
		Blocks: slack.Blocks{BlockSet: []slack.Block{
			slack.NewInputBlock("what", plain("What"), plain("Any resource."), what), slack.NewInputBlock("why", plain("Reason"), nil, why), when, more,
		}},
	}
}

// approvals is a small app: it asks by a form, tells the channel and the approver,
// and updates both when the approver decides.
func (b *bed) approvals(w http.ResponseWriter, h heard) {
	ctx := b.t.Context()
	check := func(err error) {
		if err != nil {
			b.t.Error(err)
		}
	}
	say := func(to, thread, text string, blocks ...slack.Block) string {
		options := []slack.MsgOption{slack.MsgOptionText(text, false), slack.MsgOptionBlocks(blocks...)}
		if thread != "" {
			options = append(options, slack.MsgOptionTS(thread))
		}
		_, ts, err := b.api.PostMessageContext(ctx, to, options...)
		check(err)
		return ts
	}
	trigger, _ := h.body["trigger_id"].(string)
	switch kind, _ := h.body["type"].(string); {
	case h.form.Get("command") != "":
		_, err := b.api.OpenViewContext(ctx, h.form.Get("trigger_id"), askForm())
		check(err)
	case kind == "block_suggestion":
		w.Header().Set("Content-Type", "application/json")
		_, _ = fmt.Fprintf(w, `{"options":[{"text":{"type":"plain_text","text":"orders-db"},"value":"res_orders-db"},{"text":{"type":"plain_text","text":"orders-kafka"},"value":"res_orders-kafka"}]}`)
	case kind == "view_submission":
		why, _ := dig(h.body, "view", "state", "values", "why", "why", "value").(string)
		text := "dev asks for orders-db: " + strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(why)
		ts := say("#approvals", "", text)
		confirm := slack.NewConfirmationBlockObject(plain("Approve?"), plain("Sure?"), plain("Yes"), plain("No"))
		button := slack.NewButtonBlockElement("approve", ts, plain("Approve")).WithStyle(slack.StylePrimary).WithConfirm(confirm)
		say("U0BO", "", text, paragraph("*Request*\n"+text), slack.NewActionBlock("decide", button))
		id := must[string](b.t)(b.AddChannel("", "approvals", false))
		_, err := b.api.PostEphemeralContext(ctx, id, "U0DEV", slack.MsgOptionText("Bo Approver was asked.", false))
		check(err)
	case kind == "block_actions" && dig(h.body, "actions", 0, "action_id") == "ask":
		_, err := b.api.OpenViewContext(ctx, trigger, askForm())
		check(err)
	case kind == "block_actions":
		channel, _ := dig(h.body, "channel", "id").(string)
		ts, _ := dig(h.body, "message", "ts").(string)
		parent, _ := dig(h.body, "actions", 0, "value").(string)
		_, _, _, err := b.api.UpdateMessageContext(ctx, channel, ts, slack.MsgOptionText("approved by Bo Approver", false))
		check(err)
		say("#approvals", parent, "Bo Approver approved")
	case dig(h.body, "event", "type") == "app_home_opened":
		_, err := b.api.PublishViewContext(ctx, slack.PublishViewContextRequest{UserID: "U0DEV", View: slack.HomeTabViewRequest{Type: slack.VTHomeTab, Blocks: slack.Blocks{BlockSet: []slack.Block{
			slack.NewHeaderBlock(plain("Hello Dev Developer")), slack.NewDividerBlock(), paragraph("You have *no* open requests."),
			slack.NewActionBlock("ask", slack.NewButtonBlockElement("ask", "", plain("Ask"))),
		}}}})
		check(err)
	}
}
