package e2e

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/mxschmitt/playwright-go"

	"procyon/internal/chromium"
	"procyon/internal/slacksim"
)

// uploads gives a file to the page's field for one.
func (p person) uploads(name, text string) {
	p.Must(p.Page.Locator("input[type=file]").SetInputFiles([]playwright.InputFile{{Name: name, MimeType: "text/csv", Buffer: []byte(text)}}))
}

// lastMonth is a bed with a server at which Dev was given access to the ledger in the middle
// of last month, by Bo. It returns that request.
func lastMonth(t *testing.T) (*bed, *server, string) {
	t.Helper()
	b := newBed(t, "")
	b.env = append(b.env, "PROCYON_STORE=sqlite:"+b.file())
	now := time.Now()
	c := b.clock("clock")
	b.env = append(b.env, c.env())
	c.ahead(time.Date(now.Year(), now.Month(), 1, 0, 0, 0, 0, time.Local).AddDate(0, 0, -15).Sub(now))
	g := b.serve("none")
	b.people(g)
	id, err := b.ask(b.catalog("ledger"), "the books of the month")
	if err != nil {
		t.Fatal(err)
	}
	err = mutate(t.Context(), b.boss, "reviewAccessRequest", map[string]any{"requestId": id, "expectedVersion": 1, "subject": "REQUEST", "decision": "APPROVE"}, "accessRequest { id }", nil)
	if err != nil {
		t.Fatal(err)
	}
	c.ahead(0)
	return b, g, id
}

// What an administrator does in a day, without a terminal: the catalog and people come in, a
// workspace of Slack is accepted, a channel that hears nothing is mended, an auditor's question
// is answered, and somebody who leaves is kept out.
func TestAdministratorsDayInTheConsole(t *testing.T) {
	t.Parallel()
	web := chromium.Start(t)
	b, g, approved := lastMonth(t)
	s := b.withSlack(g, 1)
	other, err := s.sim.AddChannel("", "oncall-2", false)
	if err != nil {
		t.Fatal(err)
	}
	ada := visits(web, g, adminEmail, adminPassword, "/")
	ada.sees("Home")

	// The catalog comes from a spreadsheet.
	ada.presses("Catalog", "Import a file")
	ada.sees("Imports so far", "Nothing was imported yet.")
	ada.uploads("catalog.csv", "type,name,provider,externalId,kind,account,roles\naccount,Production,AWS,123456789012,,,\nresource,orders-db,,,Database,Production,reader|writer\nresource,web,,,Application,Production,\n")
	ada.sees("Nothing is written yet")
	ada.presses("Import 3")
	ada.sees("Done: 3 rows imported, 0 refused.")
	ada.presses("Import another file")
	ada.sees("3 rows imported")
	ada.presses("catalog.csv")
	ada.sees("Done: 3 rows imported, 0 refused.")

	// Two people join.
	for _, name := range []string{"Zoe", "Yan"} {
		ada.presses("People", "Add a person")
		ada.fills("Name", name)
		ada.fills("E-mail address", strings.ToLower(name)+"@example.com")
		ada.presses("Add")
		if len(ada.shown("One-time password")) < 20 {
			t.Fatal("there is no one-time password")
		}
		ada.presses("I have stored it")
		ada.sees("What you can do", name)
	}

	// Somebody has put the app into the company's Slack, and it waits for an administrator.
	if page := s.installs(""); !strings.Contains(page, "waits for an administrator") {
		t.Fatalf("it does not wait: %s", page)
	}
	ada.presses("Home")
	ada.sees("Somebody waits in Slack", "T0SIMULATED")
	ada.Click("a", "Look")
	ada.at("/slack")
	ada.sees("Workspaces that wait")
	ada.Must(ada.Page.Locator("button[aria-label^='Accept ']").Click())
	ada.sees("Go by the address and the ID")
	ada.presses("Accept")
	ada.Until(`!document.body.innerText.includes("Workspaces that wait")`)
	ada.sees("accepted by Administrator")

	// A channel of theirs is told of production.
	channel, err := s.sim.AddChannel("", "oncall", true, "ada")
	if err != nil {
		t.Fatal(err)
	}
	if err := s.sim.Invite("oncall", "app"); err != nil {
		t.Fatal(err)
	}
	ada.presses("Integrations")
	ada.Click("a, button", "Integrate a channel")
	ada.fills("Integration Name", "On call")
	ada.chooses("Workspace", "")
	ada.channel(channel)
	ada.presses("Continue")
	// The app may not have heard yet that it was invited: then it says to try again in some seconds.
	ada.Until(`(() => {
		const text = document.body.innerText
		const press = [...document.querySelectorAll('button')].find((b) => b.innerText === 'Continue')
		if (press && text.includes('The app sees no channel') && Date.now() - (window.pressed ?? 0) > 1000) {
			window.pressed = Date.now()
			press.click()
		}
		return text.includes('Manage Integration')
	})()`)
	ada.sees("Manage Integration", "On call")
	ada.Click("a, button", "Manage Integration")
	ada.presses("Channel-Account linking: menu")
	ada.Click("[role=menuitem]", "Manage")
	ada.Must(ada.Page.GetByRole("checkbox", playwright.PageGetByRoleOptions{Name: "Production"}).Click())
	ada.presses("Update")
	ada.sees("Hears about Production")
	ada.Click("button", "Send test message")
	eventually(t, "the test message", func() bool { return len(s.sim.Messages("oncall")) > 0 })
	page, _, _ := strings.Cut(ada.Page.URL(), "?")

	// It hears nothing of a request, for somebody has thrown the app out. The page says so, and
	// what mends it; then what waited arrives.
	said := func(channel, reason string) func() bool {
		return func() bool {
			return slices.ContainsFunc(s.sim.Messages(channel), func(m slacksim.Message) bool { return reasonOf(m.Text) == reason })
		}
	}
	var orders struct {
		Resources struct{ Nodes []struct{ ID string } }
	}
	if err := b.admin.Do(t.Context(), `{ resources(search: "orders-db") { nodes { id } } }`, nil, &orders); err != nil {
		t.Fatal(err)
	}
	asks := func(reason string) string {
		t.Helper()
		var out struct{ AccessRequest struct{ ID string } }
		err := mutate(t.Context(), b.dev, "createAccessRequest", map[string]any{
			"items": []any{map[string]any{"resourceId": orders.Resources.Nodes[0].ID, "role": "reader"}}, "duration": "PT1H", "reason": reason, "allowDuplicate": true,
		}, "accessRequest { id }", &out)
		if err != nil {
			t.Fatal(err)
		}
		return out.AccessRequest.ID
	}
	if err := s.sim.Kick("oncall", "app"); err != nil {
		t.Fatal(err)
	}
	first := asks("round-0-1.")
	ada.sees("Nothing reaches it", "/invite", "1 message waits")
	ada.Visit("http://" + g.address + "/requests/" + first)
	ada.sees("No channel hears of this", "Mend On call")
	ada.presses("Home")
	ada.sees("Something is broken", "On call")
	ada.Click("a", "Mend")
	ada.Until(fmt.Sprintf(`location.href.startsWith(%q)`, page))
	if err := s.sim.Invite("oncall", "app"); err != nil {
		t.Fatal(err)
	}
	ada.Must(ada.Page.GetByRole("alert").GetByRole("button", playwright.LocatorGetByRoleOptions{Name: "Enable"}).Click())
	eventually(t, "the request in the channel", said("oncall", "round-0-1."))
	ada.Until(`!document.body.innerText.includes("Nothing reaches it")`)
	ada.Until(`document.activeElement.tagName === "H1"`) // what had the focus is gone

	// Then somebody archives it, and another one hears instead.
	s.sim.Archive("oncall")
	second := asks("round-0-2.")
	ada.sees("Nothing reaches it", "archived", "Unarchive the channel in Slack and press Enable, or choose another channel.")
	s.shows(other)
	ada.presses("Change channel…")
	ada.channel(other)
	ada.presses("Change channel")
	ada.Until(`!document.querySelector("[role=dialog]")`)
	ada.Until(`!document.body.innerText.includes("Nothing reaches it")`)
	eventually(t, "the other request in the other channel", said("oncall-2", "round-0-2."))

	// Who approved what last month? Two clicks, and a file for the auditor.
	ada.presses("Audit", "Approved last month")
	ada.sees("Bo Boss", "approved", "ledger")
	ada.Until(`document.querySelectorAll("[data-row]").length === 1`)
	ada.presses("Export")
	ada.sees("What matches the filters: 1 entry, as of now")
	if found := b.entries(ada.downloads("JSON Lines")); len(found) != 1 || found[0].SubjectID != approved || found[0].Type != "APPROVED" || found[0].Actor.Name != "Bo Boss" {
		t.Errorf("exported is %+v", found)
	}

	// Dev leaves: what ends is told before, and has ended.
	ada.Visit("http://" + g.address + "/requests/" + first)
	ada.presses("Approve")
	ada.sees("You approved this")
	ada.presses("People")
	ada.fills("Name or e-mail", "dev")
	ada.Until(`!document.body.innerText.includes("Bo Boss")`)
	ada.presses("What to do with Dev Developer")
	ada.Must(ada.Page.GetByRole("menuitem", playwright.PageGetByRoleOptions{Name: "Disable…"}).Click())
	ada.sees("Ends 1 access (orders-db reader), 1 request that waits (orders-db reader) and 1 token.")
	ada.presses("Disable Dev Developer")
	ada.sees("Disabled", "They hold nothing now, and wait for nothing.", "There is no token.")
	if one, two := b.status(first), b.status(second); one != "REVOKED" || two != "CANCELED" {
		t.Errorf("the access is %s, and the request %s", one, two)
	}
	if b.dev.Do(t.Context(), `{ viewer { name } }`, nil, nil) == nil {
		t.Error("a token of somebody who left opens something")
	}
	ada.presses("History in Audit")
	ada.sees("Administrator", "changed", "Object: Dev Developer")
	web.Clean("422")
	g.stop()
}

// channel says which channel of Slack it is by its ID, as who does not wait until the bot has
// told the names.
func (p person) channel(id string) {
	field := p.Page.GetByLabel("Channel ID", playwright.PageGetByLabelOptions{Exact: playwright.Bool(true)})
	by := p.Page.GetByRole("button", playwright.PageGetByRoleOptions{Name: "Type its ID", Exact: playwright.Bool(true)})
	p.Must(field.Or(by).First().WaitFor())
	if typed, err := field.Count(); err != nil || typed == 0 {
		p.Must(err)
		p.Must(by.Click())
	}
	p.Must(field.Fill(id))
}
