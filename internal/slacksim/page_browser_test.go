package slacksim

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/slack-go/slack"

	"procyon/internal/chromium"
)

// where is the place of what a selector finds.
func where(t *testing.T, p *chromium.Tab, selector string) (at struct{ Top, Bottom, Left, Right float64 }) {
	t.Helper()
	raw := p.Run(fmt.Sprintf(`(() => { const r = document.querySelector(%q).getBoundingClientRect(); return {Top: r.top, Bottom: r.bottom, Left: r.left, Right: r.right}; })()`, selector))
	if err := json.Unmarshal(raw, &at); err != nil {
		t.Fatalf("%s: %s", selector, raw)
	}
	return at
}

// The list of what there is to choose lies over the form: nothing moves when it opens, so
// a click lands where it was aimed.
func TestOptionsOverlay(t *testing.T) {
	web := chromium.Start(t)
	b := newBed(t, Options{Now: time.Now})
	if _, err := b.AddChannel("", "approvals", false); err != nil {
		t.Fatal(err)
	}
	b.answers(b.approvals)
	p := live(web.Open(b.url + "/?as=dev&channel=approvals"))
	for _, size := range [][2]int{{1280, 800}, {390, 780}} {
		p.Size(size[0], size[1])
		p.Focus("#say")
		p.Press("/procyon request", "Enter")
		p.Until(`document.querySelector("#modal[open]")`)
		before := where(t, p, "#modal button.primary")
		p.Focus("#modal [role=combobox]")
		p.Press("ord")
		p.Until(`document.querySelectorAll("#modal [role=option]").length === 2`)
		if after := where(t, p, "#modal button.primary"); after != before {
			t.Errorf("at %d px the button moved from %+v to %+v", size[0], before, after)
		}
		list, dialog := where(t, p, "#modal [role=listbox]"), where(t, p, "#modal")
		if list.Left < dialog.Left || list.Right > dialog.Right || list.Bottom > dialog.Bottom {
			t.Errorf("at %d px the list %+v is cut by the form %+v", size[0], list, dialog)
		}
		p.Picture(fmt.Sprintf("options-%d", size[0]))
		p.Click("#modal button", "Send") // with the list open
		p.Until(`document.querySelector(".input.wrong .error")?.textContent === "Please complete this required field."`)
		p.Click("#modal button", "Cancel")
		p.Until(`!document.getElementById("modal")`)
	}
	web.Clean()
}

// Only the messages scroll, new ones are marked until they are seen, threads open at the
// side, and it all fits on a phone.
func TestConversation(t *testing.T) {
	web := chromium.Start(t)
	b := newBed(t, Options{Now: time.Now})
	id := must[string](t)(b.AddChannel("", "approvals", false))
	if _, err := b.AddChannel("", "general", false); err != nil {
		t.Fatal(err)
	}
	say := func(options ...slack.MsgOption) string {
		_, ts, err := b.api.PostMessageContext(t.Context(), id, options...)
		if err != nil {
			t.Fatal(err)
		}
		return ts
	}
	p := live(web.Open(b.url + "/?as=dev&channel=general"))
	first := say(slack.MsgOptionText("message 0", false), slack.MsgOptionBlocks(paragraph("*message* 0 "+strings.Repeat("long ", 80))))
	for i := 1; i < 40; i++ {
		say(slack.MsgOptionText(fmt.Sprintf("message %d", i), false))
	}
	p.Until(`document.querySelector("#channels a.unread")?.textContent.replace(/\s+/g, " ").includes("approvals , 40 unread")`)
	p.Accessible("unread messages")
	p.Picture("unread-1280")
	p.Visit(b.url + "/?as=dev&channel=approvals")
	live(p)
	p.Until(`!document.querySelector("#channels a.unread")`)

	for _, size := range [][2]int{{1280, 800}, {390, 780}} {
		p.Size(size[0], size[1])
		p.Until("document.documentElement.scrollWidth <= innerWidth && document.documentElement.scrollHeight <= innerHeight")
		p.Until(`document.getElementById("scroll").scrollHeight > document.getElementById("scroll").clientHeight`)
		header, composer := where(t, p, "h1"), where(t, p, "#composer")
		p.Run(`document.getElementById("scroll").scrollTop = 0`)
		if now := where(t, p, "h1"); now != header || now.Top < 0 {
			t.Errorf("at %d px the header went from %+v to %+v", size[0], header, now)
		}
		if now := where(t, p, "#composer"); now != composer || now.Bottom > float64(size[1]) {
			t.Errorf("at %d px the composer went from %+v to %+v", size[0], composer, now)
		}
		p.Picture(fmt.Sprintf("conversation-%d", size[0]))
		p.Accessible(fmt.Sprintf("the conversation at %d px", size[0]))
	}

	// An edit is said to be one only where the text is shown: as Slack does.
	say(slack.MsgOptionText("a reply", false), slack.MsgOptionTS(first))
	p.Until(`document.querySelector("#log > li a.replies")?.textContent === "1 reply"`)
	if _, _, _, err := b.api.UpdateMessageContext(t.Context(), id, first, slack.MsgOptionText("changed", false), slack.MsgOptionBlocks(paragraph("*changed*"))); err != nil {
		t.Fatal(err)
	}
	p.Until(`document.querySelector("#log > li").textContent.includes("changed") && !document.querySelector(".edited")`)
	p.Until(`!document.querySelector("#log > li details").open`)
	p.Click("#log a.replies", "1 reply")
	p.Until(`document.querySelectorAll("#thread li").length === 2`)
	live(p)
	say(slack.MsgOptionText("another reply", false), slack.MsgOptionTS(first))
	p.Until(`document.querySelectorAll("#thread li").length === 3`)
	p.Picture("thread-390")
	p.Accessible("the thread on a phone")
	p.Until("document.documentElement.scrollWidth <= innerWidth")
	p.Size(1280, 800)
	p.Picture("thread-1280")
	side, main := where(t, p, "#thread"), where(t, p, "main")
	if side.Left < main.Right || side.Bottom > 800 {
		t.Errorf("the thread %+v is not beside the messages %+v", side, main)
	}
	p.Click("#thread a", "✕")
	p.Until(`document.readyState === "complete" && !document.getElementById("thread")`)
	if _, _, _, err := b.api.UpdateMessageContext(t.Context(), id, first, slack.MsgOptionText("changed again", false), slack.MsgOptionBlocks()); err != nil {
		t.Fatal(err)
	}
	p.Until(`document.querySelector("#log > li .edited")`)
	web.Clean()
}
