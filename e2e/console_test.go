package e2e

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/mxschmitt/playwright-go"

	"procyon/internal/chromium"
)

// person is somebody at the console, in a window of their own.
type person struct{ *chromium.Tab }

// visits signs somebody in, who wanted to go to a path.
func visits(web *chromium.Browser, g *server, email, password, path string) person {
	p := person{web.Person().Open("http://" + g.address + path)}
	p.signsIn(email, password)
	return p
}

// signsIn fills in the sign-in page.
func (p person) signsIn(email, password string) {
	p.Until(`document.querySelector("#password")`)
	p.Focus("#email")
	p.Press(email)
	p.Focus("#password")
	p.Press(password)
	p.Click("button", "Sign in")
}

// sees waits for words anywhere on the page.
func (p person) sees(words ...string) {
	for _, w := range words {
		p.Until(fmt.Sprintf(`document.body.innerText.includes(%q)`, w))
	}
}

// fills puts a text into the field of that label.
func (p person) fills(label, text string) {
	p.Must(p.Page.GetByLabel(label, playwright.PageGetByLabelOptions{Exact: playwright.Bool(true)}).Fill(text))
}

// The link in a notification works: sign in, see the request, decide it. A page that is
// open misses nothing of a restart, and sees what others decide.
func TestDecideInTheConsole(t *testing.T) {
	t.Parallel()
	web := chromium.Start(t)
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

	ada := visits(web, g, adminEmail, adminPassword, path)
	ada.sees("Access for Dev Developer", "for the <b>console</b>", "Pending")
	ada.Accessible("the page of a request")
	dev := visits(web, g, "dev@example.com", devPassword, path)
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
	web.Clean("ERR_CONNECTION_REFUSED", "ERR_CONNECTION_RESET") // while nothing runs
	g.stop()
}

// The guide's way from nothing to the first notification, in its words: an integration is
// added, accounts are linked to it, channels are chosen, and a request that somebody asks
// for in the console reaches it.
func TestGuideInTheConsole(t *testing.T) {
	t.Parallel()
	web := chromium.Start(t)
	b := founded(t)
	g := b.serve("notifier")
	b.people(g)
	b.catalog("console")
	const hook = "B0CONSOLE"
	ada := visits(web, g, adminEmail, adminPassword, "/integrations")
	ada.sees("All Integrations", "Active", "Slack")
	ada.Accessible("all integrations")
	ada.Click("button, a", "Integrate")
	ada.fills("Integration Name", "DevOps")
	ada.fills("Webhook Url", "not a webhook")
	ada.Click("button", "Continue")
	ada.Until(`document.querySelector("[aria-invalid=true]")`)
	ada.Accessible("the form with an error")
	ada.fills("Webhook Url", b.hooks.url(hook))
	ada.Click("button", "Continue")
	ada.sees("DevOps", "Manage Integration")
	ada.Accessible("the active integrations")
	ada.Click("a, button", "Manage Integration")
	ada.sees("Channel-Account linking", "Notification")
	ada.Must(ada.Page.Locator("[aria-label='Channel-Account linking: menu']").Click())
	ada.Click("[role=menuitem]", "Manage")
	ada.Until(`document.querySelector("[aria-label='Cloud accounts'] input")`)
	ada.Must(ada.Page.Locator("[aria-label='Cloud accounts'] input").Click())
	ada.Click("button", "Update")
	ada.Until(`document.querySelector("table[aria-label='Linked accounts'] tbody tr")`)
	ada.Must(ada.Page.Locator("button[aria-label^='Select: GateWay']").Click())
	ada.Until(`document.querySelector("button[aria-label^='Remove: GateWay']")`)
	ada.Accessible("an integration")
	ada.Click("button", "Send test message")
	b.hooks.wait(t, "the test message", func() bool { return strings.Contains(strings.Join(b.hooks.texts(hook), "\n"), "Test message") })

	dev := visits(web, g, "dev@example.com", devPassword, "/ask")
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
	web.Clean()
	g.stop()
}

// The demo's people in the console: one asks for the production database, its owner sees it
// at once and approves it, and so does security. Its pictures are those of the README: make
// pictures.
func TestDemoInTheConsole(t *testing.T) {
	t.Parallel()
	web := chromium.Start(t)
	b := newBed(t, "")
	g, _ := b.demo()
	const password = "procyon-demo-1"
	olga := visits(web, g, "olga@example.com", password, "/")
	olga.Size(1280, 800)
	olga.sees("Nothing waits for your decision.")
	olga.Click("button", "It was me") // the sample data's link to Slack
	dev := visits(web, g, "dev@example.com", password, "/ask")
	dev.Size(1280, 800)
	dev.sees("orders-db", "staging-cluster")
	dev.Must(dev.Page.Locator("[aria-label='Add orders-db reader']").Click())
	dev.fills("Why?", "Orders are stuck in the queue since the last release")
	dev.fills("Ticket", "INC-42")
	dev.sees("Production approvals") // who will hear
	dev.Picture("console-ask")
	dev.Click("button", "Ask for access")
	dev.sees("Access for Dev Developer", "Pending", "May decide")
	olga.sees("Orders are stuck in the queue since the last release") // by itself
	olga.Until(`document.querySelector("[data-of=waiting]")`)         // and is counted
	olga.Picture("console-home")
	olga.Click("button", "Approve…")
	olga.sees("Dev Developer gets this for", "INC-42")
	olga.Accessible("the drawer of a decision")
	olga.Click("a", "The whole request")
	olga.sees("What is asked for", "Production approvals: Requested")
	olga.Picture("console-request")
	olga.Click("button", "Approve")
	olga.sees("You approved this")
	sam := visits(web, g, "sam@example.com", password, "/requests")
	sam.Click("a", "orders-db reader")
	sam.sees("Approved by Olga Owner.")
	sam.Click("button", "Approve")
	sam.sees("You approved this")
	dev.sees("Active", "Sam Security")
	ada := visits(web, g, "ada@example.com", password, "/integrations?tab=active")
	ada.Must(ada.Page.GetByRole("link", playwright.PageGetByRoleOptions{Name: "Manage Integration: On call"}).Click())
	ada.Click("button", "Change channel…")
	ada.sees("Look again") // the bot has told which channels there are
	ada.judge(t, "the choice of a channel")
	web.Clean()
	g.stop()
}
