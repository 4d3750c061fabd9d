package e2e

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"procyon/internal/chromium"
)

// person is somebody at the console, in a window of their own.
type person struct{ *chromium.Tab }

// visits signs somebody in, who wanted to go to a path; browsers keep cookies, so each
// person needs one of their own.
func visits(t *testing.T, g *server, email, password, path string) (person, *chromium.Browser) {
	t.Helper()
	web := chromium.Start(t)
	p := person{web.Open("http://" + g.address + path)}
	p.Until(`document.querySelector("#password")`)
	p.Focus("#email")
	p.Press(email)
	p.Focus("#password")
	p.Press(password)
	p.Click("button", "Sign in")
	return p, web
}

// sees waits for words anywhere on the page.
func (p person) sees(words ...string) {
	for _, w := range words {
		p.Until(fmt.Sprintf(`document.body.innerText.includes(%q)`, w))
	}
}

// fills puts a text into the field of that label.
func (p person) fills(label, text string) {
	field := fmt.Sprintf(`[...document.querySelectorAll("label")].find((l) => l.textContent.trim() === %q)?.control`, label)
	p.Until(field)
	p.Run(field + `.focus()`)
	p.Press(text)
}

// The link in a notification works: sign in, see the request, decide it. A page that is
// open misses nothing of a restart, and sees what others decide.
func TestDecideInTheConsole(t *testing.T) {
	t.Parallel()
	b := founded(t)
	g := b.serve("none")
	b.people(g)
	resource := b.catalog("console")
	id, err := b.ask(resource, "for the <b>console</b>")
	if err != nil {
		t.Fatal(err)
	}
	path := "/requests/" + id
	stranger := g.browser(t)
	if status, page := stranger.get(path); status != http.StatusOK || !strings.Contains(page, "<h1>Sign in</h1>") {
		t.Fatalf("a stranger sees %d %s", status, page)
	}
	if stranger.signIn(adminEmail, "wrong password", path); stranger.isSignedIn() {
		t.Error("a wrong password signs in")
	}

	ada, adas := visits(t, g, adminEmail, adminPassword, path)
	ada.sees("Access for Dev Developer", "for the <b>console</b>", "Pending")
	ada.Accessible("the page of a request")
	dev, devs := visits(t, g, "dev@example.com", devPassword, path)
	dev.sees("Pending", "What you can do", "Cancel request")
	if string(dev.Run(`[...document.querySelectorAll("button")].some((e) => e.textContent.trim() === "Approve" && !e.dataset.disabled && !e.disabled)`)) != "false" {
		t.Error("the requester could approve")
	}
	dev.Accessible("the page of one's own request")

	g.kill()
	ada.sees("Procyon can’t be reached.")
	g.again() // sessions outlive the process, and pages find it again
	ada.Until(`!document.body.innerText.includes("Procyon can’t be reached.")`)

	ada.Click("button", "Approve")
	ada.sees("You approved this")
	dev.sees("Active", "approved the request")
	var r struct {
		AccessRequest struct {
			Status  string
			Reviews []struct{ Reviewer struct{ Email, Via string } }
		}
	}
	err = b.admin.Do(t.Context(), `query ($id: ID!) { accessRequest(id: $id) { status reviews { reviewer { email via } } } }`, map[string]any{"id": id}, &r)
	if got := r.AccessRequest; err != nil || got.Status != "ACTIVE" || len(got.Reviews) != 1 || got.Reviews[0].Reviewer.Email != adminEmail || got.Reviews[0].Reviewer.Via != "console" {
		t.Errorf("%v %+v", err, got)
	}
	ada.Visit("http://" + g.address + "/requests")
	ada.sees("Pending Requests", "Approved Requests", "History")
	ada.Accessible("the list of requests")
	ada.Visit("http://" + g.address + "/")
	ada.sees("Nothing waits for your decision.")
	ada.Accessible("Home")
	for _, web := range []*chromium.Browser{adas, devs} {
		web.Clean("ERR_CONNECTION_REFUSED", "ERR_CONNECTION_RESET") // while nothing runs
	}
	g.stop()
}

// The guide's way from nothing to the first notification, in its words: an integration is
// added, accounts are linked to it, channels are chosen, and a request that somebody asks
// for in the console reaches it.
func TestGuideInTheConsole(t *testing.T) {
	t.Parallel()
	b := founded(t)
	g := b.serve("notifier")
	b.people(g)
	b.catalog("console")
	const hook = "B0CONSOLE"
	ada, adas := visits(t, g, adminEmail, adminPassword, "/integrations")
	ada.sees("All Integrations", "Active", "Slack")
	ada.Accessible("all integrations")
	ada.Click("button, a", "Integrate")
	ada.fills("Integration Name", "DevOps")
	ada.fills("Webhook Url", "not a webhook")
	ada.Click("button", "Continue")
	ada.Until(`document.querySelector("[aria-invalid=true]")`)
	ada.Accessible("the form with an error")
	ada.Run(`document.querySelector("[aria-invalid=true]").select()`)
	ada.Press(b.hooks.url(hook))
	ada.Click("button", "Continue")
	ada.sees("DevOps", "Manage Integration")
	ada.Accessible("the active integrations")
	ada.Click("a, button", "Manage Integration")
	ada.sees("Channel-Account linking", "Notification")
	ada.Run(`document.querySelector("[aria-label='Channel-Account linking: menu']").click()`)
	ada.Click("[role=menuitem]", "Manage")
	ada.Until(`document.querySelector("[aria-label='Cloud accounts'] input")`)
	ada.Run(`document.querySelector("[aria-label='Cloud accounts'] input").click()`)
	ada.Click("button", "Update")
	ada.Until(`document.querySelector("table[aria-label='Linked accounts'] tbody tr")`)
	ada.Run(`document.querySelector("button[aria-label^='Select: GateWay']").click()`)
	ada.Until(`document.querySelector("button[aria-label^='Remove: GateWay']")`)
	ada.Accessible("an integration")
	ada.Click("button", "Send test message")
	b.hooks.wait(t, "the test message", func() bool { return strings.Contains(strings.Join(b.hooks.texts(hook), "\n"), "Test message") })

	dev, devs := visits(t, g, "dev@example.com", devPassword, "/ask")
	dev.sees("Ask for access", "console")
	dev.Accessible("asking for access")
	dev.Click("button", "Add")
	dev.fills("Why?", "Orders are stuck in the queue")
	dev.sees("DevOps")
	dev.Click("button", "Ask for access")
	dev.sees("Access for Dev Developer", "Pending")
	b.hooks.wait(t, "the notification", func() bool {
		return strings.Contains(strings.Join(b.hooks.texts(hook), "\n"), "Orders are stuck in the queue")
	})
	adas.Clean()
	devs.Clean()
	g.stop()
}

// The demo's people in the console: one asks for the production database, another sees it
// at once, and decides. Its pictures are those of the README: make pictures.
func TestDemoInTheConsole(t *testing.T) {
	t.Parallel()
	b := newBed(t, "")
	g, _ := b.demo()
	const password = "procyon-demo-1"
	ada, adas := visits(t, g, "ada@example.com", password, "/")
	ada.Size(1280, 800)
	ada.sees("Nothing waits for your decision.")
	ada.Click("button", "It was me") // the sample data's link to Slack
	dev, devs := visits(t, g, "dev@example.com", password, "/ask")
	dev.Size(1280, 800)
	dev.sees("orders-db", "staging-cluster")
	dev.Run(`document.querySelector("[aria-label='Add orders-db reader']").click()`)
	dev.fills("Why?", "Orders are stuck in the queue since the last release")
	dev.fills("Ticket", "INC-42")
	dev.sees("Production approvals") // who will hear
	dev.Picture("console-ask")
	dev.Click("button", "Ask for access")
	dev.sees("Access for Dev Developer", "Pending", "May decide")
	ada.sees("Orders are stuck in the queue since the last release") // by itself
	ada.Picture("console-home")
	ada.Click("button", "Approve…")
	ada.sees("Dev Developer gets this for", "INC-42")
	ada.Accessible("the drawer of a decision")
	ada.Click("a", "The whole request")
	ada.sees("What is asked for", "Production approvals: Requested")
	ada.Picture("console-request")
	ada.Click("button", "Approve")
	ada.sees("You approved this")
	dev.sees("Active", "Ada Admin")
	adas.Clean()
	devs.Clean()
	g.stop()
}
