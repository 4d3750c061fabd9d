package e2e

import "testing"

// An administrator sees how it goes, and each number leads to what it counts.
func TestOverviewInTheConsole(t *testing.T) {
	t.Parallel()
	c := newCompany(t)
	p := c.as(adminEmail, "/")
	p.sees("Home")
	p.Press("g")
	p.Press("o")
	p.at("/overview")
	p.sees("Waiting for a decision", "under 15 min", "Decisions a day", "Time to decide", "Busiest resources", "Deliveries")
	counted := `[...document.querySelectorAll("a")].find((a) => a.textContent.endsWith("under 15 min"))`
	p.Until(counted + ` && parseInt(` + counted + `.textContent) > 0`)
	p.Run(`sessionStorage.setItem("counted", parseInt(` + counted + `.textContent))`)
	p.Run(counted + `.click()`)
	p.Until(`location.pathname === "/requests" && new URLSearchParams(location.search).has("since")`)
	p.sees("Time: since", c.pendingReason[:40])
	p.Until(`document.querySelectorAll("[data-row]").length === Number(sessionStorage.getItem("counted"))`)

	p.Visit(c.url("/overview?days=90"))
	p.at("/overview?days=90")
	p.Until(`[...document.querySelectorAll("input")].some((i) => i.value === "Last 90 days")`)
	p.Until(`[...document.querySelectorAll("[aria-label='Decisions a day, as a table'] tbody tr")].length === 90`)
	p.Press("g")
	p.Press("d")
	p.at("/api")
	p.sees("Say who is calling", c.url("/graphql"))
	p.presses("Copy: Say who is calling")
	p.sees("Copied")
	p.Must(p.Page.GetByRole("tab").Filter().Nth(1).Click())
	p.sees("Begin here", "accessRequests")
	p.fills("Find in the schema", "busiest")
	p.sees("RequestNumbers.busiestResources")
	p.Must(p.Page.GetByText("RequestNumbers.busiestResources").Click())
	p.sees("The resources for which most requests were made")
	p.Until(`new URLSearchParams(location.search).get("type") === "RequestNumbers"`)
	c.web.Clean()
	c.g.stop()
}
