package e2e

import (
	"strings"
	"sync/atomic"
	"testing"

	"github.com/mxschmitt/playwright-go"
)

// The network goes away under what is open: what was loaded stays, says of when it is, and
// nothing can be done with it; when the network is back, what happened meanwhile is there.
func TestOfflineInTheConsole(t *testing.T) {
	t.Parallel()
	c := newCompany(t)
	list := c.as(adminEmail, "/requests")
	home, request, log := list.tab(c.url("/")), list.tab(c.url("/requests/"+c.pending)), list.tab(c.url("/integrations/"+c.works+"?part=deliveries"))
	all := []person{list, home, request, log}
	shown := c.pendingReason[:40]
	list.sees(shown)
	home.sees(shown)
	request.sees(shown, "Decide")
	log.sees("Delivered")

	c.done(list.Page.Context().SetOffline(true))
	for _, p := range all {
		p.sees("Procyon can’t be reached. This is the state of ")
	}
	stale := string(list.Run(`document.querySelector("[role=status]").innerText`))
	list.sees(shown)
	home.sees(shown)
	request.sees(shown, "You can decide once Procyon can be reached.")
	log.sees("Delivered", "Procyon can’t be reached now.") // beside Send test message
	request.off("Approve")
	log.off("Send test message")
	log.off("Rename…")
	list.Until(`[...document.querySelectorAll("button[aria-label^='Approve ']")].every((b) => b.disabled || b.dataset.disabled)`)
	home.Until(`[...document.querySelectorAll("button[aria-label^='Approve ']")].every((b) => b.disabled || b.dataset.disabled)`)
	list.Accessible("Requests while offline")
	request.Accessible("a request while offline")

	fresh := c.asks("asked while they were away")
	c.decides(c.pending, "DENY")
	if now := string(list.Run(`document.querySelector("[role=status]").innerText`)); now != stale {
		t.Errorf("what is shown is said to be of %s, and then of %s", stale, now)
	}
	c.done(list.Page.Context().SetOffline(false))
	for _, p := range all {
		p.Until(`!document.body.innerText.includes("Procyon can’t be reached")`)
	}
	list.sees("1 new request", "Denied") // in its place, and the new one waits
	list.presses("1 new request")
	list.sees("asked while they were away")
	home.sees("asked while they were away", "Denied") // what another decided stays in its place
	request.sees("Bo Boss", "Denied")
	log.Visit(c.url("/requests/" + fresh))
	log.sees("Decide")
	c.web.Clean("ERR_INTERNET_DISCONNECTED", "WebSocket")
	c.g.stop()
}

// loses makes the page's next call of a mutation reach the server and its answer nobody,
// and counts how often the page sends it.
func (p person) loses(mutation string) *atomic.Int64 {
	sent := new(atomic.Int64)
	p.Must(p.Page.Route("**/graphql", func(r playwright.Route) {
		body, _ := r.Request().PostData()
		if !strings.Contains(body, mutation+"(input") {
			_ = r.Continue()
			return
		}
		if sent.Add(1) == 1 {
			_, _ = r.Fetch()
		}
		_ = r.Abort("connectionreset")
	}))
	return sent
}

// An answer is lost after the server did what it was asked: it is found out, and sent once.
func TestLostAnswersInTheConsole(t *testing.T) {
	t.Parallel()
	c := newCompany(t)
	ada, dev := c.as(adminEmail, "/requests/"+c.pending), c.as("dev@example.com", "/ask")
	once := func(what string, sent *atomic.Int64) {
		if sent.Load() != 1 {
			t.Errorf("%s was sent %d times", what, sent.Load())
		}
	}

	decision := ada.loses("reviewAccessRequest")
	ada.presses("Deny…")
	ada.fills("Why?", "not now")
	ada.presses("Deny")
	ada.sees("You denied this")
	once("the decision", decision)

	asked := dev.loses("createAccessRequest")
	dev.Must(dev.Page.Locator("button[aria-label^='Add ']").First().Click())
	dev.fills("Why?", "whose answer was lost")
	dev.presses("Ask for access")
	dev.sees("Access for Dev Developer", "whose answer was lost", "Pending")
	once("the request", asked)
	if n := c.requests("whose answer was lost"); n != 1 {
		t.Errorf("%d requests were made", n)
	}
	canceled := dev.loses("cancelAccessRequest")
	dev.presses("Cancel request…", "Cancel request")
	dev.sees("Canceled")
	once("the cancellation", canceled)

	ada.Visit(c.url("/integrations?add=webhook"))
	added := ada.loses("createIntegration")
	ada.fills("Integration Name", "Found out")
	ada.fills("Webhook Url", c.hooks.url("B0FOUND"))
	ada.presses("Continue")
	ada.sees("Found out", "Manage Integration")
	ada.Until(`new URLSearchParams(location.search).get("fresh")`)
	once("the integration", added)

	renamed := ada.loses("updateIntegration")
	ada.Visit(c.url("/integrations/" + c.works))
	ada.presses("Rename…")
	ada.fills("Integration Name", "By another name")
	ada.presses("Rename")
	ada.sees("By another name")
	ada.Until(`!document.querySelector("[role=dialog]")`)
	once("the name", renamed)
	c.web.Clean("ERR_CONNECTION_RESET")
	c.g.stop()
}
