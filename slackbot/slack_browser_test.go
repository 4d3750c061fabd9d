package slackbot_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"procyon/internal/app/apptest"
	"procyon/internal/chromium"
	"procyon/internal/demo"
	"procyon/internal/slacksim"
	"procyon/slackworkspace"
	"procyon/store"
)

// offer runs /procyon login as a person, and returns the page that it leads to.
func (b *slackBed) offer(p *slacksim.Person) string {
	b.T.Helper()
	b.Must(p.Command(b.Ctx, "prod-approvals", "/procyon login"))
	said, err := p.ExpectEphemeral(b.Ctx)
	b.Must(err)
	return apptest.LinkPage(said)
}

func (b *slackBed) linked(name string) bool {
	b.T.Helper()
	l, err := b.App.Workspaces.Links(b.Ctx, slackworkspace.LinkFilter{UserID: b.Person(name + "@example.com").ID}, store.Page{First: 1})
	b.Must(err)
	return len(l.Docs) > 0
}

// signInAs fills in the sign-in page.
func signInAs(p *chromium.Tab, email string) {
	p.Until(`document.querySelector("#password")`)
	p.Focus("#email")
	p.Press(email)
	p.Focus("#password")
	p.Press(demo.Password)
	p.Click("button", "Sign in")
}

// The page behind /procyon login, in a real browser: it names both sides, links on its
// form alone, works once, and fits on a phone.
func TestLinkPageInABrowser(t *testing.T) {
	web := chromium.Start(t)
	b := newSlackBed(t)
	dev := b.Sim.As("dev")
	page := b.offer(dev)
	for _, method := range []string{http.MethodGet, http.MethodHead} { // a preview, a scanner
		req, err := http.NewRequestWithContext(b.Ctx, method, page, nil)
		b.Must(err)
		resp, err := http.DefaultClient.Do(req)
		b.Must(err)
		resp.Body.Close()
	}
	p := web.Open(page)
	p.Size(375, 800)
	p.Accessible("the sign-in page")
	p.Picture("link-1-signin")
	signInAs(p, "dev@example.com")
	p.Until(`document.querySelector("h1")?.textContent === "Link this Slack account?"`)
	for _, words := range []string{"Dev Developer", "dev@example.com", dev.ID(), "Procyon demo"} {
		p.Until(fmt.Sprintf("document.body.innerText.includes(%q)", words))
	}
	p.Until("document.documentElement.scrollWidth <= innerWidth")
	p.Accessible("the page that asks")
	p.Picture("link-2-ask")
	if b.linked("dev") {
		t.Fatal("looking at the page linked")
	}
	p.Click("button", "Link this account to me")
	p.Until(`document.querySelector("h1")?.textContent === "Your Slack account is linked"`)
	p.Accessible("the page that says so")
	if !b.linked("dev") {
		t.Fatal("not linked")
	}
	again := apptest.NewBrowser(t)
	apptest.Wants(t, again.Send(again.Get(page), url.Values{"email": {"dev@example.com"}, "password": {demo.Password}}), "no longer good")

	p.Visit(b.Config.Server.PublicURL + "/") // Home points the new link out
	p.Until(`document.body.innerText.includes("Was that you?")`)
	p.Until("document.documentElement.scrollWidth <= innerWidth")
	p.Accessible("Home")
	p.Picture("link-3-notice")
	p.Click("button", "It was me")
	p.Until(`!document.body.innerText.includes("Was that you?")`)
	p.Visit(b.Config.Server.PublicURL + "/links")
	p.Until(`document.querySelector("h1")?.textContent === "Slack"`)
	p.Accessible("the page about Slack")
	p.Click("summary", "Unlink…")
	p.Click("button", "Unlink this account")
	p.Until(`document.body.innerText.includes("no longer linked")`)
	if b.linked("dev") {
		t.Error("still linked")
	}
	web.Clean()
}

// A link between two addresses waits: an administrator sees it and agrees, in the
// console, and Slack then says so.
func TestLinkWaitsForAnAdministrator(t *testing.T) {
	web := chromium.Start(t)
	b := newSlackBed(t)
	b.Must(b.Sim.AddPerson("", slacksim.Profile{Name: "gil", Real: "Gil", Email: "gil@private.example"}))
	gil := b.Sim.As("gil")
	_, err := gil.Say("prod-approvals", "hello")
	b.Must(err)
	p := web.Open(b.offer(gil))
	signInAs(p, "dev@example.com")
	p.Until(`document.body.innerText.includes("The e-mail addresses differ")`)
	p.Picture("wait-1-ask")
	p.Click("button", "Link this account to me")
	p.Until(`document.querySelector("h1")?.textContent === "An administrator has to agree"`)
	_, err = gil.AwaitMessage(b.Ctx, "", func(m slacksim.Message) bool { return strings.Contains(m.Text, "waits for an administrator") })
	b.Must(err)
	b.Must(gil.Command(b.Ctx, "prod-approvals", "/procyon requests"))
	said, err := gil.ExpectEphemeral(b.Ctx)
	b.Must(err)
	if !strings.Contains(said.Text, "waits for an administrator") {
		t.Errorf("before the consent, Slack says %q", said.Text)
	}

	p.Click("button", "Sign out")
	signInAs(p, "ada@example.com")
	p.Until(`document.querySelector("h1")?.textContent === "Home" && document.body.innerText.includes("Somebody waits in Slack")`)
	p.Click("a", "Slack")
	p.Until(`document.body.innerText.includes("Links that wait")`)
	p.Accessible("the administrator's page")
	p.Picture("wait-2-agree")
	p.Size(375, 800)
	p.Until("document.documentElement.scrollWidth <= innerWidth")
	p.Run(`document.querySelector("[aria-label^='Agree to the link']").click()`)
	p.Until(`document.querySelector("[role=dialog]")?.innerText.includes("asks and decides as")`)
	p.Click("button", "Agree")
	_, err = gil.AwaitMessage(b.Ctx, "", func(m slacksim.Message) bool { return strings.Contains(m.Text, "here you are Dev Developer") })
	b.Must(err)
	web.Clean()
}

// Nobody links by a form of somebody else's session, or without one.
func TestLinkFormIsBoundToTheSession(t *testing.T) {
	b := newSlackBed(t)
	page := b.offer(b.Sim.As("dev"))
	ada := apptest.NewBrowser(t)
	asked := ada.Send(ada.Get(page), url.Values{"email": {"ada@example.com"}, "password": {demo.Password}})
	apptest.Wants(t, asked, "Link this Slack account?", "The e-mail addresses differ")
	token := apptest.Hidden(asked)[0][1]
	dev := apptest.NewBrowser(t)
	dev.Send(dev.Get(page), url.Values{"email": {"dev@example.com"}, "password": {demo.Password}})
	apptest.Wants(t, dev.Read(dev.Web.PostForm(page, url.Values{"csrf": {token}})), "out of date")
	apptest.Wants(t, dev.Read(dev.Web.PostForm(page, url.Values{})), "out of date")
	stranger := apptest.NewBrowser(t)
	apptest.Wants(t, stranger.Read(stranger.Web.PostForm(page, url.Values{"csrf": {token}})), "You are signed out")
	if b.linked("dev") {
		t.Error("linked by another session's form")
	}
}
