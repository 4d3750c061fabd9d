package e2e

import (
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"testing"
)

// page is a page of the console, and what each person sees there; "" is nothing of note.
type page struct {
	path string
	// Of an administrator, of who asked, and of a colleague who has nothing to do with it.
	admin, dev, colleague string
}

// pages are all pages. In the policy that there is, administrators decide and nobody else
// does, so an approver is an administrator: there is no column for one who is not.
func (c *company) pages() []page {
	const closed, none = "Only administrators can open this page.", "This request does not exist, or you may not see it."
	part := "/integrations/" + c.works
	return []page{
		{"/", "“" + strings.TrimSpace(longWords) + "” is broken", "Your requests", "You have no access now."},
		{"/requests", c.pendingReason[:40], c.pendingReason[:40], "No request waits for a decision."},
		{"/requests?tab=approved", "one that is in force", "one that is in force", "No access is approved or active now."},
		{"/requests?tab=history", "an old <b>one</b>", "an old <b>one</b>", "No request is over yet."},
		{"/requests?words=nothing%20like%20it", "No request matches these filters.", "No request matches these filters.", "No request matches these filters."},
		{"/requests/" + c.pending, "Decide", "What you can do", none},
		{"/requests/" + c.active, "Revoke…", "Close…", none},
		{"/requests/" + c.denied, "Time line", "Ask again", none},
		{"/requests/arq_nothing", none, none, none},
		{"/ask", longWord, longWord, longWord},
		{"/ask?edit=" + c.pending, "", "Edit your request", ""},
		{"/ask?again=" + c.denied, "", "Ask again", ""},
		{"/integrations", "Incoming webhook", closed, closed},
		{"/integrations?add=webhook", "Webhook Url", closed, closed},
		{"/integrations?tab=active", longWord, closed, closed},
		{part, "Channel-Account linking", closed, closed},
		{part + "?part=events", "The access runs out.", closed, closed},
		{part + "?part=deliveries", "Delivered", closed, closed},
		{"/integrations/" + c.broken, "Nothing reaches it", closed, closed},
		{"/links", "Slack", "Slack", "Slack"},
		{"/nothing", "This page does not exist", "This page does not exist", "This page does not exist"},
	}
}

// Each page shows each person what is theirs and no more, says who can open what they
// can't, and leads who is signed out to the sign-in and back.
func TestEachPageInTheConsole(t *testing.T) {
	t.Parallel()
	c := newCompany(t)
	secrets := map[string][]string{
		"everybody": {webhookSecret, adminPassword, devPassword, c.tok["ada"], c.tok["dev"], c.tok["bo"]},
		colEmail:    {"stuck", "one that is in force", "an old", "INC-42"},
	}
	for _, who := range []struct {
		email string
		sees  func(page) string
	}{
		{adminEmail, func(p page) string { return p.admin }},
		{"dev@example.com", func(p page) string { return p.dev }},
		{colEmail, func(p page) string { return p.colleague }},
	} {
		p := c.as(who.email, "/")
		for _, at := range c.pages() {
			p.Visit(c.url(at.path))
			p.Until(`document.querySelector("h1")`)
			p.sees(who.sees(at))
			html, err := p.Page.Content()
			p.Must(err)
			for _, secret := range append(secrets["everybody"], secrets[who.email]...) {
				if strings.Contains(html, secret) {
					t.Errorf("%s sees %.6s… at %s", who.email, secret, at.path)
				}
			}
			if who.email == adminEmail {
				p.fits(t, at.path)
			}
		}
	}
	stranger := c.g.browser(t)
	for _, at := range c.pages() {
		if at.path == "/nothing" {
			continue // is nowhere, whoever asks
		}
		if _, html := stranger.get(at.path); !strings.Contains(html, "<h1>Sign in</h1>") || !strings.Contains(html, `value="`+strings.ReplaceAll(at.path, "&", "&amp;")+`"`) {
			t.Errorf("%s does not lead a stranger to the sign-in and back", at.path)
		}
	}
	deep := "/requests?tab=history&words=" + url.QueryEscape("old one") + "&open=" + c.denied
	bo := visits(c.web, c.g, "bo@example.com", devPassword, deep)
	bo.sees("an old <b>one</b>")
	bo.Until(fmt.Sprintf(`new URLSearchParams(location.search).get("open") === %q`, c.denied))
	c.web.Clean("404")
	c.g.stop()
}

// fits fails where a page is wider than one of the usual screens.
func (p person) fits(t *testing.T, when string) {
	t.Helper()
	for _, width := range []int{360, 768, 1280, 1920} {
		p.Size(width, 850)
		var wide []string
		raw := p.Run(`new Promise((done) => {
		  let left = 20;
		  const look = () => {
		    if (document.documentElement.scrollWidth <= innerWidth) return done([]);
		    if (left-- > 0) return requestAnimationFrame(look);
		    done([...document.body.querySelectorAll("*")].filter((e) => e.getBoundingClientRect().right > innerWidth + 1).slice(0, 3).map((e) => e.outerHTML.slice(0, 200)));
		  };
		  requestAnimationFrame(() => requestAnimationFrame(look));
		})`)
		p.Must(json.Unmarshal(raw, &wide))
		if len(wide) > 0 {
			t.Errorf("at %d px %s scrolls sideways: %s", width, when, strings.Join(wide, "\n"))
		}
	}
}

// axe finds nothing on any page, in both schemes, on a phone and on a screen, nor on what
// lies over it on a screen.
func TestAxeInTheConsole(t *testing.T) {
	t.Parallel()
	c := newCompany(t)
	ada := c.as(adminEmail, "/")
	dev := c.as("dev@example.com", "/")
	for _, size := range [][2]int{{1280, 850}, {360, 800}} {
		judged := func(p person, when string) {
			p.Until(`!document.querySelector("[aria-busy=true], [data-mantine-transition]")`)
			p.Accessible(fmt.Sprintf("%s at %d px", when, size[0]))
		}
		ada.Size(size[0], size[1])
		dev.Size(size[0], size[1])
		for _, at := range c.pages() {
			p, words := ada, at.admin
			if words == "" {
				p, words = dev, at.dev
			}
			p.Visit(c.url(at.path))
			p.sees(words)
			judged(p, at.path)
		}
		for _, over := range c.overlays() {
			p := ada
			if over.dev {
				p = dev
			}
			p.Visit(c.url(over.path))
			p.Until(`document.querySelector("h1")`)
			over.opens(p)
			if size[0] > 1000 { // on a phone it is the same, but for its width
				judged(p, over.name)
			}
			if over.dialog {
				p.fitsNow(t, over.name)
			}
		}
	}
	c.web.Clean("404")
	c.g.stop()
}

// fitsNow is fits at the size that the page has.
func (p person) fitsNow(t *testing.T, when string) {
	t.Helper()
	if string(p.Run(`document.documentElement.scrollWidth <= innerWidth`)) != "true" {
		t.Errorf("%s scrolls sideways at %s px", when, p.Run(`innerWidth`))
	}
}

// overlay is what lies over a page, or is open on it.
type overlay struct {
	name, path  string
	dev, dialog bool
	opens       func(person)
}

func (c *company) overlays() []overlay {
	part := "/integrations/" + c.works
	dialog := func(p person, words ...string) {
		p.Until(`document.querySelector("[role=dialog]")`)
		p.sees(words...)
	}
	asks := func(button, words string) func(person) {
		return func(p person) { p.presses(button); dialog(p, words) }
	}
	return []overlay{
		{"the palette", "/requests", false, true, func(p person) {
			p.Press("Control+k")
			p.Until(`document.activeElement.matches("[role=dialog] input")`)
			p.Press("stuck")
			p.Until(`[...document.querySelectorAll("[role=dialog] *")].some((e) => e.textContent.startsWith("Dev Developer:"))`)
		}},
		{"the list of keys", "/", false, true, func(p person) { p.Press("?"); dialog(p, "Keyboard shortcuts") }},
		{"the menu of the person", "/", false, false, func(p person) {
			p.presses("Administrator: settings and sign out")
			p.sees("Keyboard shortcuts")
		}},
		{"the filters of Requests", "/requests", false, true, func(p person) { p.presses("Filter"); dialog(p, "Approver") }},
		{"a filter by person", "/requests", false, true, func(p person) {
			p.presses("Filter", "Person")
			dialog(p, "Dev Developer (dev@example.com)")
		}},
		{"going to a date", "/requests", false, true, func(p person) { p.presses("Go to date"); dialog(p) }},
		{"Requests with filters", "/requests?tab=history&words=old&ticket=INC-42&from=2026-01-01", false, false, func(p person) { p.sees("Ticket: INC-42") }},
		{"a decision beside the list", "/requests?open=" + c.pending + "&act=deny", false, false, func(p person) { p.sees("Why?") }},
		{"a denial without its reason", "/requests/" + c.pending, false, false, func(p person) {
			p.presses("Deny…", "Deny")
			p.sees("Say why.")
		}},
		{"revoking", "/requests/" + c.active, false, true, asks("Revoke…", "will read it.")},
		{"extending", "/requests/" + c.active, true, true, asks("Extend…", "How much longer")},
		{"canceling", "/requests/" + c.pending, true, true, asks("Cancel request…", "Cancel this request?")},
		{"the ask form with what is wrong", "/ask", true, false, func(p person) {
			p.presses("Ask for access")
			p.Until(`document.querySelector("[aria-invalid=true]")`)
		}},
		{"the ask form filled", "/ask", true, false, func(p person) {
			p.Must(p.Page.Locator("button[aria-label^='Add ']").First().Click())
			p.fills("Why?", "something <b>long</b>, "+longWord)
			p.Must(p.Page.GetByText("At a time").Click())
			p.sees("Starts at", longWord)
		}},
		{"a form with an error", "/integrations?add=webhook", false, false, func(p person) {
			p.fills("Webhook Url", "nothing")
			p.presses("Continue")
			p.Until(`document.querySelector("[aria-invalid=true]")`)
		}},
		{"the menu of linking", part, false, false, func(p person) {
			p.presses("Channel-Account linking: menu")
			p.Until(`document.querySelector("[role=menuitem]")`)
		}},
		{"managing the accounts", part + "?menu=accounts", false, false, func(p person) { p.Until(`document.querySelector("[aria-label='Cloud accounts'] input")`) }},
		{"rotating the URL", part, false, true, asks("Rotate URL…", "Rotate the URL of")},
		{"renaming", part, false, true, asks("Rename…", "no two are called the same")},
		{"disabling", part, false, true, asks("Disable…", "it can be enabled again")},
		{"deleting", part, false, true, asks("Delete…", "Type its name")},
		{"a delivery", part + "?part=deliveries", false, true, func(p person) {
			p.Must(p.Page.Locator("[data-row]").First().Click())
			dialog(p, "Redeliver")
		}},
		{"a delivery that was given up", "/integrations/" + c.broken + "?part=deliveries", false, true, func(p person) {
			p.Must(p.Page.Locator("[data-row]").Last().Click())
			dialog(p, "Redeliver")
		}},
		{"a request that changed while one looked", "/requests/" + c.pending, false, false, func(p person) {
			p.sees("Decide")
			var r struct{ AccessRequest struct{ Version int } }
			c.done(c.dev.Do(c.t.Context(), `query ($id: ID!) { accessRequest(id: $id) { version } }`, map[string]any{"id": c.pending}, &r))
			c.done(mutate(c.t.Context(), c.dev, "updateAccessRequest", map[string]any{
				"requestId": c.pending, "expectedVersion": r.AccessRequest.Version, "duration": fmt.Sprintf("PT%dM", 90+r.AccessRequest.Version),
			}, "accessRequest { id }", nil))
			p.sees("See what changed")
		}},
	}
}
