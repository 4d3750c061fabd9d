package slackbot_test

import (
	"fmt"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/mxschmitt/playwright-go"

	"procyon/internal/app/apptest"
	"procyon/internal/chromium"
)

// simulated opens the page of the simulated Slack as somebody, and waits until it
// follows what happens.
func (b *slackBed) simulated(web *chromium.Browser, as, place string) *chromium.Tab {
	b.T.Helper()
	p := web.Open(b.Config.Slack.APIURL[:strings.LastIndex(b.Config.Slack.APIURL, "/api/")] + "/?as=" + as + "&" + place)
	return b.follows(p)
}

func (b *slackBed) follows(p *chromium.Tab) *chromium.Tab {
	p.Until(`document.getElementById("live")?.textContent === "Live"`)
	return p
}

// says waits until the latest messages of a page hold some words.
func says(p *chromium.Tab, words string) {
	p.Until(fmt.Sprintf(`document.querySelector("#log").textContent.includes(%q)`, words))
}

// The whole story as people see it, in the simulated Slack's page and the console. Its
// pictures are those of docs/slack-story.md: make pictures.
func TestSlackStoryInABrowser(t *testing.T) {
	web := chromium.Start(t)
	b := newSlackBed(t)
	dev := b.simulated(web, "dev", "channel=oncall")
	dev.Focus("#say")
	dev.Press("/procyon request orders-db 2h stuck orders, see INC-42", "Enter")
	says(dev, "Link your Slack account to Procyon first.")
	dev.Picture("1-command")
	dev.Accessible("the command's answer")

	page := web.Open(apptest.LinkPage(b.Sim.As("dev").Ephemerals()[0]))
	signInAs(page, "dev@example.com")
	page.Until(`document.querySelector("h1")?.textContent === "Link this Slack account?"`)
	page.Picture("2-link")
	page.Click("button", "Link this account to me")
	page.Until(`document.querySelector("h1")?.textContent === "Your Slack account is linked"`)

	dev.Visit(strings.Replace(b.Config.Slack.APIURL, "/api/", "/?as=dev&app=messages", 1))
	b.follows(dev)
	says(dev, "Your Slack account is linked")
	var offers atomic.Int32 // of a list of resources
	dev.Page.OnRequest(func(r playwright.Request) {
		if body, err := r.PostData(); err == nil && strings.Contains(body, `"do":"suggest"`) {
			offers.Add(1)
		}
	})
	dev.Click("#log button", "Ask for access")
	dev.Until(`document.querySelector("#modal textarea")?.value === "stuck orders, see INC-42"`)
	dev.Run(`(() => { const s = [...document.querySelectorAll("#modal label")].find((l) => l.textContent.startsWith("Role on orders-db")); const m = document.getElementById(s.htmlFor); m.value = "reader"; m.dispatchEvent(new Event("change", {bubbles: true})); })()`)
	dev.Until(`document.querySelector("#modal").textContent.includes("Who is asked:")`)
	if offers.Load() > 0 {
		t.Error("a form that nobody has entered yet covers itself with a list")
	}
	dev.Must(dev.Page.Locator("#modal [role=combobox]").Click())
	dev.Until(`document.querySelector("#modal [role=option]")?.checkVisibility()`)
	dev.Press("Escape")
	dev.Until(`document.querySelector("#modal [role=listbox]").hidden`)
	dev.Focus("#modal textarea")
	dev.Picture("3-form")
	dev.Accessible("the form")
	dev.Click("#modal button", "Ask")
	dev.Until(`!document.getElementById("modal")`)

	bo := b.simulated(web, "bo", "channel=oncall")
	says(bo, "Dev Developer asks for access")
	bo.Until(`[...document.querySelectorAll("#log button")].some((e) => e.textContent.trim() === "Approve")`)
	bo.Picture("4-asked")
	bo.Accessible("the channel")
	bo.Click("#log button", "Approve")
	bo.Until(`document.getElementById("confirm").open`)
	bo.Picture("5-confirm")
	bo.Click("#confirm button", "Approve")
	says(bo, "Access approved for Dev Developer")
	bo.Click("#log a.replies", "1 reply")
	bo.Until(`document.querySelector("#thread")?.textContent.includes("Approved by Bo Approver")`)
	b.follows(bo)
	bo.Until(`![...document.querySelectorAll("#log button")].some((e) => e.textContent.trim() === "Approve")`)
	bo.Picture("6-approved")

	says(dev, "Your request was approved.")
	dev.Picture("7-told")
	dev.Visit(strings.Replace(b.Config.Slack.APIURL, "/api/", "/?as=dev&app=home", 1))
	b.follows(dev)
	dev.Until(`document.querySelector("#home").textContent.includes("orders-db as reader")`)
	dev.Picture("8-home")
	dev.Accessible("the Home tab")

	page.Visit(b.Config.Server.PublicURL + "/")
	page.Click("a", "orders-db reader")
	page.Until(`document.body.innerText.includes("Bo Approver")`)
	page.Picture("9-console")
	web.Clean()
}
