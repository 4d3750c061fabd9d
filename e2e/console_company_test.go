package e2e

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/mxschmitt/playwright-go"

	"procyon/client"
	"procyon/internal/chromium"
)

// company is a bed with what makes pages hard to draw: names as long as they can be, a
// request in each state, an integration that works and one that is broken.
type company struct {
	*bed
	g   *server
	web *chromium.Browser

	resource, works, broken  string // IDs
	pending, active, denied  string
	colleague, pendingReason string
	who                      string // the ID of the colleague
	group                    string // the ID of a group with the colleague in it
	checked                  string // the ID of an import
}

const (
	colEmail  = "col@example.com"
	longWord  = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft" // 80 characters, as most names may have
	longWords = "Payments and settlements production cluster of the European region, replica 7   "
)

func newCompany(t *testing.T) *company {
	t.Helper()
	web := chromium.Start(t)
	b := founded(t)
	g := b.serve("notifier")
	b.people(g)
	c := &company{bed: b, g: g, web: web, pendingReason: "Orders are stuck: " + strings.Repeat("unbroken", 30)}
	b.must("user", "create", "--email", colEmail, "--name", longWord, "--password", devPassword)
	c.colleague = strings.TrimSpace(b.must("token", "create", "--user", colEmail))
	b.tok["col"] = c.colleague
	account := b.made("createAccount", "account", map[string]any{"name": longWord, "provider": "AWS", "externalId": "1"})
	c.resource = b.made("createResource", "resource", map[string]any{"name": longWord, "kind": "DATABASE", "accountId": account, "roles": []any{longWord[:len(longWord)-1] + "1", "reader"}})
	b.made("createResource", "resource", map[string]any{"name": strings.TrimSpace(longWords), "kind": "KUBERNETES_CLUSTER", "accountId": account})
	c.hooks.faults(func(name string, _ int) (int, string, http.Header) {
		if name == "B0BROKEN" {
			return 404, "no_service", nil
		}
		return 200, "ok", nil
	})
	c.works = b.made("createIntegration", "integration", map[string]any{"name": longWord, "webhookUrl": c.hooks.url("B0WORKS")})
	c.broken = b.made("createIntegration", "integration", map[string]any{"name": strings.TrimSpace(longWords), "webhookUrl": c.hooks.url("B0BROKEN")})
	for _, id := range []string{c.works, c.broken} {
		c.done(mutate(t.Context(), b.admin, "setIntegrationAccounts", map[string]any{"integrationId": id, "accountIds": []any{account}}, "integration { id }", nil))
	}
	var found struct {
		Users struct{ Nodes []struct{ ID string } }
	}
	c.done(b.admin.Do(t.Context(), `{ users(search: "col@example.com") { nodes { id } } }`, nil, &found))
	c.who = found.Users.Nodes[0].ID
	c.group = b.made("createGroup", "group", map[string]any{"name": "Approvers of " + longWord})
	c.done(mutate(t.Context(), b.admin, "setGroupMembers", map[string]any{"groupId": c.group, "addUserIds": []any{c.who}}, "group { id }", nil))
	c.done(mutate(t.Context(), b.admin, "setOwners", map[string]any{"resourceId": c.resource, "ownerIds": []any{c.group, c.who}}, "resource { id }", nil))
	c.done(mutate(t.Context(), b.admin, "setTags", map[string]any{"resourceId": c.resource, "tags": []any{map[string]any{"key": longWord, "value": longWord}}}, "resource { id }", nil))
	c.denied = c.asks("an old <b>one</b>")
	c.decides(c.denied, "DENY")
	c.active = c.asks("one that is in force")
	c.decides(c.active, "APPROVE")
	c.pending = c.asks(c.pendingReason)
	c.checked = c.checks(wrongRows())
	b.hooks.wait(t, "what the integrations hear", func() bool {
		return strings.Contains(strings.Join(b.hooks.texts("B0WORKS"), "\n"), "stuck") && len(b.hooks.arrivals("B0BROKEN")) > 0
	})
	return c
}

func (c *company) done(err error) {
	c.t.Helper()
	if err != nil {
		c.t.Fatal(err)
	}
}

// asks has Dev ask for the resource.
func (c *company) asks(reason string) string {
	c.t.Helper()
	return c.asksAs(c.dev, reason)
}

// asksAs has somebody ask for the resource.
func (c *company) asksAs(who *client.Client, reason string) string {
	c.t.Helper()
	var out struct{ AccessRequest struct{ ID string } }
	c.done(mutate(c.t.Context(), who, "createAccessRequest", map[string]any{
		"items": []any{map[string]any{"resourceId": c.resource, "role": "reader"}}, "duration": "PT1H", "reason": reason, "ticket": "INC-42", "allowDuplicate": true,
	}, "accessRequest { id }", &out))
	return out.AccessRequest.ID
}

// decides has Bo, who is an administrator, decide.
func (c *company) decides(id, decision string) {
	c.t.Helper()
	c.done(mutate(c.t.Context(), c.boss, "reviewAccessRequest", map[string]any{
		"requestId": id, "expectedVersion": 1, "subject": "REQUEST", "decision": decision, "comment": "seen",
	}, "accessRequest { id }", nil))
}

// requests is how many requests there are for a reason.
func (c *company) requests(reason string) int {
	c.t.Helper()
	var out struct {
		AccessRequests struct{ Nodes []struct{ Reason string } }
	}
	c.done(c.admin.Do(c.t.Context(), `{ accessRequests(first: 100) { nodes { reason } } }`, nil, &out))
	n := 0
	for _, r := range out.AccessRequests.Nodes {
		if r.Reason == reason {
			n++
		}
	}
	return n
}

// url is a page's whole address.
func (c *company) url(path string) string { return "http://" + c.g.address + path }

// as signs somebody in and leads them to a page.
func (c *company) as(email, path string) person {
	c.t.Helper()
	password := devPassword
	if email == adminEmail {
		password = adminPassword
	}
	p := visits(c.web, c.g, email, password, path)
	p.at(path)
	return p
}

// tab is another page of the same person.
func (p person) tab(url string) person {
	page, err := p.Page.Context().NewPage()
	p.Must(err)
	next := person{p.With(page)}
	next.Visit(url)
	return next
}

// at waits until the address is this one.
func (p person) at(path string) {
	p.Until(fmt.Sprintf(`location.pathname + location.search === %q`, path))
}

// presses presses a button, or else a link, by its whole name: the last of that name, for
// what was opened last lies over the rest.
func (p person) presses(names ...string) {
	exact := playwright.Bool(true)
	for _, name := range names {
		button := p.Page.GetByRole("button", playwright.PageGetByRoleOptions{Name: name, Exact: exact})
		link := p.Page.GetByRole("link", playwright.PageGetByRoleOptions{Name: name, Exact: exact})
		p.Must(button.Or(link).First().WaitFor())
		n, err := button.Count()
		p.Must(err)
		if n == 0 {
			button = link
		}
		p.Must(button.Last().Click())
	}
}

// off waits until a button says that it can't be pressed now.
func (p person) off(name string) {
	b := p.Page.GetByRole("button", playwright.PageGetByRoleOptions{Name: name, Exact: playwright.Bool(true), Disabled: playwright.Bool(true)})
	p.Must(b.First().WaitFor())
}

// holds waits until the field of a label has a text.
func (p person) holds(label, text string) {
	f := p.Page.GetByLabel(label, playwright.PageGetByLabelOptions{Exact: playwright.Bool(true)})
	p.Must(playwright.NewPlaywrightAssertions(20_000).Locator(f).ToHaveValue(text))
}
