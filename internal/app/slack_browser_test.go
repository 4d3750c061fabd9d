package app

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"procyon/internal/chromium"
	"procyon/internal/slacksim"
	"procyon/store"
)

// offer runs /procyon login as a person, and returns the page that it leads to.
func (b *slackBed) offer(p *slacksim.Person) string {
	b.t.Helper()
	b.must(p.Command(b.ctx, "prod-approvals", "/procyon login"))
	said, err := p.ExpectEphemeral(b.ctx)
	b.must(err)
	return linkURL.FindString(strings.ReplaceAll(string(said.Blocks), `\/`, "/"))
}

func (b *slackBed) linked(name string) bool {
	b.t.Helper()
	l, err := b.g.workspaces.Links(b.ctx, "", b.person(name+"@example.com").ID, store.Page{First: 1})
	b.must(err)
	return len(l.Docs) > 0
}

// signInAs fills in the sign-in page.
func signInAs(p *chromium.Tab, email string) {
	p.Until(`document.querySelector("#password")`)
	p.Focus("#email")
	p.Press(email)
	p.Focus("#password")
	p.Press(demoPassword)
	p.Click("button", "Sign in")
}

// The page behind /procyon login, in a real browser: it names both sides, links on its
// form alone, works once, and fits on a phone.
func TestLinkPageInABrowser(t *testing.T) {
	web := chromium.Start(t)
	b := newSlackBed(t)
	dev := b.sim.As("dev")
	page := b.offer(dev)
	for _, method := range []string{http.MethodGet, http.MethodHead} { // a preview, a scanner
		req, err := http.NewRequestWithContext(b.ctx, method, page, nil)
		b.must(err)
		resp, err := http.DefaultClient.Do(req)
		b.must(err)
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
	again := newSurfer(t)
	wants(t, again.send(again.get(page), url.Values{"email": {"dev@example.com"}, "password": {demoPassword}}), "no longer good")

	p.Visit(b.cfg.publicURL + "/") // the start page points the new link out
	p.Until(`document.body.innerText.includes("Was that not you?")`)
	p.Accessible("the start page")
	p.Picture("link-3-notice")
	p.Click("button", "It was me")
	p.Until(`document.readyState === "complete" && !document.body.innerText.includes("Was that not you?")`)
	p.Click("a", "Slack")
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
	b.must(b.sim.AddPerson("", slacksim.Profile{Name: "gil", Real: "Gil", Email: "gil@private.example"}))
	gil := b.sim.As("gil")
	_, err := gil.Say("prod-approvals", "hello")
	b.must(err)
	p := web.Open(b.offer(gil))
	signInAs(p, "dev@example.com")
	p.Until(`document.body.innerText.includes("The e-mail addresses differ")`)
	p.Picture("wait-1-ask")
	p.Click("button", "Link this account to me")
	p.Until(`document.querySelector("h1")?.textContent === "An administrator has to agree"`)
	_, err = gil.AwaitMessage(b.ctx, "", func(m slacksim.Message) bool { return strings.Contains(m.Text, "waits for an administrator") })
	b.must(err)
	b.must(gil.Command(b.ctx, "prod-approvals", "/procyon requests"))
	said, err := gil.ExpectEphemeral(b.ctx)
	b.must(err)
	if !strings.Contains(said.Text, "waits for an administrator") {
		t.Errorf("before the consent, Slack says %q", said.Text)
	}

	p.Click("button", "Sign out")
	signInAs(p, "ada@example.com")
	p.Until(`document.querySelector("h1")?.textContent === "Start"`)
	p.Click("a", "Slack")
	p.Until(`document.body.innerText.includes("Links that wait for an administrator")`)
	p.Accessible("the administrator's page")
	p.Picture("wait-2-agree")
	p.Size(375, 800)
	p.Until("document.documentElement.scrollWidth <= innerWidth")
	p.Click("button", "Agree")
	p.Until(`document.body.innerText.includes("You agreed to the link")`)
	_, err = gil.AwaitMessage(b.ctx, "", func(m slacksim.Message) bool { return strings.Contains(m.Text, "here you are Dev Developer") })
	b.must(err)
	web.Clean()
}

// Nobody links by a form of somebody else's session, or without one.
func TestLinkFormIsBoundToTheSession(t *testing.T) {
	b := newSlackBed(t)
	page := b.offer(b.sim.As("dev"))
	ada := newSurfer(t)
	asked := ada.send(ada.get(page), url.Values{"email": {"ada@example.com"}, "password": {demoPassword}})
	wants(t, asked, "Link this Slack account?", "The e-mail addresses differ")
	token := hiddenField.FindAllStringSubmatch(asked[strings.LastIndex(asked, "<form"):], -1)[0][2]
	dev := newSurfer(t)
	dev.send(dev.get(page), url.Values{"email": {"dev@example.com"}, "password": {demoPassword}})
	wants(t, dev.read(dev.web.PostForm(page, url.Values{"csrf": {token}})), "out of date")
	wants(t, dev.read(dev.web.PostForm(page, url.Values{})), "out of date")
	stranger := newSurfer(t)
	wants(t, stranger.read(stranger.web.PostForm(page, url.Values{"csrf": {token}})), "You are signed out")
	if b.linked("dev") {
		t.Error("linked by another session's form")
	}
}
