package e2e

import (
	"net/url"
	"strings"
	"testing"
)

// signsInAgain follows "You are signed out" to the sign-in.
func (p person) signsInAgain(email, password string) {
	p.sees("You are signed out")
	p.presses("Sign in")
	p.Until(`document.querySelector("#password")`)
	p.Must(p.Page.Locator("#email").Fill(email))
	p.Must(p.Page.Locator("#password").Fill(password))
	p.Click("button", "Sign in")
}

// A session ends while somebody types: by an administrator, and by signing out in another
// tab. They are led to sign in, and are back where they were with what they typed; only a
// secret is gone.
func TestSessionEndsInTheConsole(t *testing.T) {
	t.Parallel()
	c := newCompany(t)
	var who struct{ Viewer struct{ UserID string } }
	c.done(c.admin.Do(t.Context(), `{ viewer { userId } }`, nil, &who))
	deny := "/requests?open=" + c.pending + "&act=deny"
	ask := c.as(adminEmail, "/ask")
	decision, integration := ask.tab(c.url(deny)), ask.tab(c.url("/integrations?add=webhook"))

	ask.Must(ask.Page.Locator("button[aria-label^='Add ']").First().Click())
	ask.fills("Why?", "typed before the end")
	ask.fills("Ticket", "INC-1")
	decision.fills("Why?", "not this way")
	integration.fills("Integration Name", "Half of it")
	integration.fills("Webhook Url", c.hooks.url("B0TYPED"))
	for _, end := range []func(){
		func() {
			c.done(mutate(t.Context(), c.boss, "endSessions", map[string]any{"userId": who.Viewer.UserID}, "endedCount", nil))
		},
		func() {
			other := ask.tab(c.url("/"))
			other.presses("Administrator: settings and sign out")
			other.Click("[role=menuitem]", "Sign out")
			other.Until(`document.querySelector("#password")`)
			other.Must(other.Page.Close())
		},
	} {
		end()
		for _, p := range []person{ask, decision, integration} {
			p.sees("You are signed out") // by itself, in each tab
		}
		decision.Accessible("the end of the session")
		ask.signsInAgain(adminEmail, adminPassword)
		ask.at("/ask")
		ask.holds("Why?", "typed before the end")
		ask.holds("Ticket", "INC-1")
		ask.Until(`document.querySelector("[aria-label='In your request'] li")`)

		// The others only have to look again: the session is one for all tabs.
		decision.presses("Sign in")
		decision.at(deny)
		decision.holds("Why?", "not this way")
		integration.presses("Sign in")
		integration.at("/integrations?add=webhook")
		integration.holds("Integration Name", "Half of it")
		integration.holds("Webhook Url", "")
		integration.sees("Paste it again")
		if kept := string(integration.Run(`JSON.stringify([{...sessionStorage}, {...localStorage}])`)); strings.Contains(kept, webhookSecret) || strings.Contains(kept, url.QueryEscape(webhookSecret)) {
			t.Errorf("the browser keeps the secret: %s", kept)
		}
	}
	decision.presses("Deny")
	decision.sees("You denied this")
	ask.presses("Ask for access")
	ask.sees("Access for Administrator", "Pending")
	if n := c.requests("typed before the end"); n != 1 {
		t.Errorf("%d requests were made", n)
	}
	c.web.Clean("401", "WebSocket")
	c.g.stop()
}
