package slacksim

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/slack-go/slack"

	"procyon/internal/chromium"
)

// live waits until a page of the simulator's follows what happens.
func live(p *chromium.Tab) *chromium.Tab {
	p.Until(`document.getElementById("live")?.textContent === "Live"`)
	return p
}

// TestStory plays a request and its approval on the page, in a real browser: one
// tab is the requester, the other the approver.
func TestStory(t *testing.T) {
	web := chromium.Start(t)
	b := newBed(t, Options{Now: time.Now})
	if _, err := b.AddChannel("", "approvals", false); err != nil {
		t.Fatal(err)
	}
	b.answers(b.approvals)
	dev, bo := live(web.Open(b.url+"/?as=dev&channel=approvals")), live(web.Open(b.url+"/?as=bo&app=messages"))

	dev.Focus("#say")
	dev.Press("/procyon request", "Enter")
	dev.Until(`document.querySelector("#modal[open] #modal-title").textContent === "Ask for access"`)
	dev.Click("#modal button", "Send")
	dev.Until(`document.querySelector(".input.wrong .error")?.textContent === "Please complete this required field."`)
	dev.Until(`document.activeElement.getAttribute("role") === "combobox"`)
	dev.Press("ord")
	dev.Until(`document.querySelectorAll("#modal [role=option]").length === 2`)
	dev.Picture("1-modal")
	dev.Accessible("the modal")
	dev.Press("ArrowDown", "Enter")
	dev.Until(`document.querySelector("#modal .chips li").dataset.value === "res_orders-db"`)
	dev.Focus("#modal textarea")
	dev.Press("to fix INC-42 <b>")
	dev.Run(`(() => { const d = document.querySelector("#modal input[type=date]"); d.value = "2026-12-01"; d.dispatchEvent(new Event("change", {bubbles: true})); })()`)
	dev.Click("#modal label span", "Wake me")
	dev.Click("#modal button", "Send")
	dev.Until(`!document.getElementById("modal")`)
	dev.Until(`document.querySelector("#log").textContent.includes("dev asks for orders-db")`)
	dev.Until(`document.querySelector("#log .message.only").textContent.includes("Only visible to you")`)
	dev.Picture("2-asked")
	dev.Accessible("the channel")

	bo.Until(`document.querySelector("#log").textContent.includes("to fix INC-42 <b>")`)
	bo.Until(`document.querySelector(".message.only") === null`)
	bo.Click("#log button", "Approve")
	bo.Until(`document.getElementById("confirm").open && document.getElementById("confirm-text").textContent === "Sure?"`)
	bo.Picture("3-confirm")
	bo.Accessible("the question")
	bo.Click("#confirm button", "No")
	bo.Until(`!document.getElementById("confirm").open`)
	if got := b.kinds(); slices.Contains(got, "block_actions") {
		t.Errorf("the app heard of a click that was not confirmed: %v", got)
	}
	bo.Click("#log button", "Approve")
	bo.Click("#confirm button", "Yes")
	bo.Until(`document.querySelector("#log").textContent.includes("approved by Bo Approver") && !document.querySelector("#log button")`)
	dev.Click("#log a.replies", "1 reply")
	dev.Until(`document.querySelector("#thread").textContent.includes("Bo Approver approved")`)
	live(dev)
	dev.Picture("4-approved")
	dev.Accessible("the thread")

	dev.Visit(b.url + "/?as=dev&app=home")
	live(dev)
	dev.Until(`document.querySelector("#home").textContent.includes("Hello Dev Developer")`)
	dev.Picture("5-home")
	dev.Accessible("the Home")
	dev.Click("#home button", "Ask")
	dev.Until(`document.querySelector("#modal[open]")`)
	dev.Press("Escape")
	dev.Until(`!document.getElementById("modal")`)
	dev.Visit(b.url + "/?as=dev&channel=approvals")
	live(dev)
	dev.Focus("#say")
	dev.Press("/nonsense", "Enter")
	dev.Until(`document.getElementById("notice").textContent === "/nonsense is not a valid command."`)
	web.Clean()
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
	web := chromium.Start(t)
	b := newBed(t, Options{})
	if _, err := b.AddChannel("", "approvals", false); err != nil {
		t.Fatal(err)
	}
	b.answers(func(http.ResponseWriter, heard) {})
	p := web.Open(b.page("scope", "commands,incoming-webhook", "redirect_uri", b.app+"/oauth"))
	p.Until(`document.title === "Procyon is requesting permission"`)
	p.Accessible("the page that installs the app")
	p.Picture("6-install")
	p.Click("button", "Allow")
	p.Until(`location.pathname === "/oauth" && location.search.includes("code=sim.") && location.search.includes("state=s1")`)
	web.Clean()
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
