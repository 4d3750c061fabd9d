package e2e

import (
	"encoding/json"
	"fmt"
	"testing"
)

// judge has axe-core judge what somebody sees, on a wide screen and on a phone, and fails
// where what lies over the page is cut off there, which axe-core does not see.
func (p person) judge(t *testing.T, when string) {
	t.Helper()
	for _, at := range []struct {
		width  int
		judged func(when string)
	}{{1280, p.Accessible}, {360, p.AccessibleInLight}} {
		p.Size(at.width, 850)
		here := fmt.Sprintf("%s at %d px", when, at.width)
		at.judged(here)
		var cut []string
		p.Must(json.Unmarshal(p.Run(`[...document.querySelectorAll("[role=dialog], [role=menu], [role=listbox]")].flatMap((e) => {
		  const { left, right } = e.getBoundingClientRect();
		  return left < 0 || right > innerWidth ? [left + " to " + right + ": " + e.textContent.slice(0, 80)] : [];
		})`), &cut))
		if len(cut) > 0 {
			t.Errorf("%s is cut off: %q", here, cut)
		}
	}
	p.Size(1280, 850)
}

// axe-core finds nothing on any page, and nothing in whatever opens over one.
func TestAxeInTheConsole(t *testing.T) {
	t.Parallel()
	c := newCompany(t)
	own := c.asksAs(c.admin, "one of my own")
	mine := c.asksAs(c.admin, "one that I hold")
	c.decides(mine, "APPROVE")
	c.must("journal", "checkpoint") // so that there are receipts without a wait
	p := c.as(adminEmail, "/")
	p.Size(1280, 850)

	for _, at := range c.pages() {
		p.Visit(c.url(at.path))
		p.Until(`document.querySelector("h1")`)
		p.sees(at.admin)
		p.judge(t, at.path)
	}

	dialog, menu := `document.querySelector("[role=dialog]")`, `document.querySelector("[role=menuitem]")`
	integration, who, group := "/integrations/"+c.works, "/people/"+c.who, "/groups/"+c.group
	c.as(adminEmail, "/") // another session, which can be ended
	for _, over := range []struct {
		name, path string
		sees       string   // before anything is pressed
		press      []string // the names of buttons
		until      string
	}{
		{"the person's menu", "/", "Home", []string{"Administrator: settings and sign out"}, menu},
		{"the decision with its denial", "/requests/" + c.pending, "Decide", []string{"Deny…"}, `document.activeElement.tagName === "TEXTAREA"`},
		{"a receipt", "/requests/" + c.denied, "Notifications", []string{"Download receipt"}, `document.body.innerText.includes("Saved as")`},
		{"a revocation", "/requests/" + c.active, "Revoke…", []string{"Revoke…"}, dialog},
		{"an extension", "/requests/" + mine, "Extend…", []string{"Extend…"}, dialog},
		{"a closing", "/requests/" + mine, "Close…", []string{"Close…"}, dialog},
		{"a cancellation", "/requests/" + own, "Cancel request…", []string{"Cancel request…"}, dialog},
		{"a resource", "/catalog?open=" + c.resource, "Who holds access now", nil, dialog},
		{"a change of a resource", "/catalog?open=" + c.resource, "until", []string{"Edit…"}, `document.querySelectorAll("[role=dialog]").length > 1`},
		{"the end of a resource", "/catalog?open=" + c.resource, "until", []string{"Delete…"}, `document.body.innerText.includes("End these as well")`},
		{"the form of a resource", "/catalog?act=add", "Catalog", nil, dialog},
		{"the form of an account", "/catalog?tab=accounts&act=add", "Catalog", nil, dialog},
		{"the form of a webhook with errors", "/integrations?add=webhook", "Webhook Url", []string{"Continue"}, `document.querySelector("[aria-invalid=true]")`},
		{"the form of a channel", "/integrations?add=channel", "Integrate a channel", nil, `document.querySelector("input[name=workspaceId], [aria-label='Integrate a channel'] input")`},
		{"an integration's menu", integration, "Channel-Account linking", []string{"Channel-Account linking: menu"}, menu},
		{"the choice of accounts", integration + "?menu=accounts", "Linked", nil, `document.querySelector("[aria-label='Cloud accounts'] input")`},
		{"a channel that is selected, and taken back", integration, "Notification", []string{"Select: GateWay Notification Channel", "Remove: GateWay Notification Channel"}, dialog},
		{"another URL", integration, "Rotate URL…", []string{"Rotate URL…"}, dialog},
		{"another name", integration, "Rename…", []string{"Rename…"}, dialog},
		{"the end of an integration for now", integration, "Disable…", []string{"Disable…"}, dialog},
		{"the end of an integration", integration, "Delete…", []string{"Delete…"}, dialog},
		{"what can be done with a person", "/people?words=col", longWord, []string{"What to do with " + longWord}, menu},
		{"a person with errors", "/people?add=true", "How they sign in the first time", []string{"Add"}, `document.querySelector("[aria-invalid=true]")`},
		{"another name or address", who, "What you can do", []string{"Change name or e-mail…"}, dialog},
		{"another role", who, "What you can do", []string{"Make an administrator…"}, dialog},
		{"another password", who, "What you can do", []string{"Reset the password…"}, dialog},
		{"the end of a person", who, "What you can do", []string{"Disable…"}, `document.querySelector("[role=dialog]")?.innerText.includes("1 token")`},
		{"a manager", who, "What you can do", []string{"Set the manager…"}, dialog},
		{"another account of a person", who, "What you can do", []string{"Join another account…"}, dialog},
		{"a person who is handed over", who, "What you can do", []string{"Hand over to the directory…"}, dialog},
		{"a group with errors", "/groups?add=true", "It is kept here", []string{"Add"}, `document.querySelector("[aria-invalid=true]")`},
		{"another name of a group", group, "What you can do", []string{"Rename…"}, dialog},
		{"who is added to a group", group, "What you can do", []string{"Add people…"}, dialog},
		{"who is taken out of a group", group, longWord, []string{"Remove " + longWord + "…"}, dialog},
		{"the end of a group", group, "What you can do", []string{"Delete…"}, dialog},
		{"the form of a policy", "/policies", "Policies, in their order", []string{"Add a policy…"}, `document.querySelector("[role=dialog] fieldset")`},
		{"the form of a guardrail", "/policies", "Policies, in their order", []string{"Add a guardrail…"}, `document.querySelector("[role=dialog] fieldset")`},
		{"the owners of a resource", "/catalog?open=" + c.resource, "Owners", []string{"Set owners…"}, `document.querySelectorAll("[role=dialog]").length > 1`},
		{"the tags of a resource", "/catalog?open=" + c.resource, "Tags", []string{"Set tags…"}, `document.querySelectorAll("[role=dialog]").length > 1`},
		{"a service account", "/people?tab=services", "Add a service account", []string{"Add a service account"}, dialog},
		{"a token of a service", "/people?tab=services", "a worker in this server acts as it", []string{"Make a token…"}, `document.querySelector("[role=dialog] input[type=checkbox]")`},
		{"what can be exported", "/audit", "requested", []string{"Export"}, menu},
		{"what narrows the journal", "/audit", "requested", []string{"Filter"}, `document.querySelector("[role=dialog] input[type=date]")`},
		{"the journal that is narrowed", "/audit?who=system&kind=ACCESS_REQUEST&from=2026-01-01&to=2027-01-01", "Kind: Access request", nil, `document.querySelector("[aria-label^='Remove Time']")`},
		{"the way to a day of the journal", "/audit", "requested", []string{"Go to date"}, `document.querySelector("[role=dialog] table")`},
		{"a token of one's own", "/profile", "Make a token…", []string{"Make a token…"}, dialog},
		{"the end of a session", "/profile", "This session", []string{"End all others…"}, dialog},
		{"a password of one's own", "/profile", "Change password…", []string{"Change password…"}, dialog},
	} {
		p.Visit(c.url(over.path))
		p.sees(over.sees)
		p.presses(over.press...)
		p.Until(over.until)
		p.judge(t, over.name)
	}

	p.Visit(c.url("/"))
	p.sees("Home")
	p.presses("Search Ctrl K")
	p.Until(`document.querySelector("input[aria-label^='Search, or']")`)
	p.judge(t, "the palette")
	p.Press("Donau")
	p.Until(`document.querySelector("[role=dialog]").innerText.includes("Pending")`)
	p.judge(t, "what the palette finds")
	p.Press("Escape")
	p.Until(`!document.querySelector("[role=dialog]")`)
	p.Press("?")
	p.sees("Shortcuts of single letters")
	p.judge(t, "the shortcuts")

	p.Visit(c.url("/requests?tab=history"))
	p.sees("an old")
	p.presses("Filter")
	p.sees("Approver")
	p.judge(t, "the filters")
	for _, kind := range []string{"Time", "Person", "Approver", "Status", "Account", "Resource", "Ticket"} {
		p.presses(kind)
		switch kind {
		case "Person", "Approver", "Account", "Resource":
			p.Until(`document.querySelector("[role=option]")`)
		case "Time":
			p.sees("Show these days")
		default:
			p.Until(`document.querySelector("[role=dialog] input")`)
		}
		p.judge(t, "the filter by "+kind)
		p.presses("All filters")
	}
	p.Visit(c.url("/requests?tab=history&ticket=INC-42&status=DENIED"))
	p.sees("Ticket: INC-42", "an old")
	p.presses("Go to date")
	p.Until(`document.querySelector("[role=dialog] table")`)
	p.judge(t, "the way to a date")
	p.Visit(c.url("/requests"))
	p.sees(c.pendingReason[:40])
	p.Must(p.Page.Locator("button[aria-label^='Deny ']").First().Click())
	p.Until(`document.activeElement.tagName === "TEXTAREA"`)
	p.judge(t, "the drawer of a decision")

	p.Visit(c.url("/ask"))
	p.Must(p.Page.Locator("button[aria-label^='Add ']").First().Click())
	p.Until(`document.querySelector("[aria-label='In your request'] li")`)
	p.judge(t, "a queue")
	p.Must(p.Page.Locator("input[aria-label^='Role of']").First().Click())
	p.Until(`document.querySelector("[role=option]")`)
	p.judge(t, "the choice of a role")
	p.Press("Escape")
	p.Must(p.Page.GetByLabel("At a time").Click())
	p.Must(p.Page.Locator("#ask-startsAt").Click())
	p.Until(`document.querySelector("[role=dialog] table")`)
	p.judge(t, "the calendar of a start")

	p.Visit(c.url(integration + "?part=deliveries"))
	p.sees("Delivered")
	p.Must(p.Page.Locator("a[data-row]").First().Click())
	p.Until(dialog)
	p.judge(t, "a delivery")

	everybody, anything := map[string]any{"everyone": true}, map[string]any{}
	c.done(mutate(t.Context(), c.admin, "setPolicies", map[string]any{"expectedVersion": 0, "set": map[string]any{"policies": []any{
		map[string]any{"name": longWord, "who": map[string]any{"userIds": []any{c.who}}, "what": anything, "maxDuration": "PT1H"},
		map[string]any{"policyId": "pol_default", "name": "Everything else", "who": everybody, "what": anything, "maxDuration": "PT2H", "steps": []any{map[string]any{"need": 1, "administrators": true}}},
	}}}, "policySet { version }", nil))
	p.Visit(c.url("/policies?tab=versions"))
	p.sees("Version 1", "Added the policy")
	p.judge(t, "the versions of the policies")
	p.Visit(c.url("/policies?tab=versions&version=1"))
	p.sees("Was: 8 hours", "Now: 2 hours")
	p.judge(t, "what a version changed")
	p.Visit(c.url("/policies"))
	p.sees("Version 1, changed")
	p.presses("Remove " + longWord)
	p.Until(`[...document.querySelectorAll("button")].some((b) => b.textContent === "Rehearse on the newest requests" && !b.ariaDisabled)`)
	p.presses("Rehearse on the newest requests")
	p.sees("would be treated in another way")
	p.judge(t, "a rehearsal of a draft")

	person{c.web.Person().Open(c.url("/"))}.judge(t, "the sign-in")

	p.Size(360, 850)
	p.Visit(c.url("/"))
	p.presses("More")
	p.Until(menu)
	p.Accessible("the rest of the navigation at 360 px")
	c.web.Clean("404")
	c.g.stop()
}
