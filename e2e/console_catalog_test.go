package e2e

import (
	"fmt"
	"strings"
	"testing"

	"github.com/mxschmitt/playwright-go"
)

// checks has the administrator check a file of the catalog, and returns the import's ID.
func (c *company) checks(csv string) string { return c.checksBy(c.g, csv) }

// wrongRows is a file with a row of each verdict but one.
func wrongRows() string {
	return "type,name,kind,account,roles\nresource," + longWord + ",DB,Nowhere,\nresource," + longWord + ",DATABASE," + longWord + ",reader|writer\ngateway,Berlin,,,\n"
}

// An administrator imports a catalog: what is wrong is told row by row, and nothing is
// written; then the file is imported, found, changed and deleted, all in the browser.
func TestCatalogInTheConsole(t *testing.T) {
	t.Parallel()
	c := newCompany(t)
	p := c.as(adminEmail, "/catalog")
	p.sees("Import a file", longWord)
	p.Must(p.Page.Locator("a:has-text('Import a file')").First().Click())
	p.sees("Drop a CSV or JSON file here")
	takes := func(name, text string) {
		t.Helper()
		p.Must(p.Page.Locator("input[type=file]").SetInputFiles([]playwright.InputFile{{Name: name, MimeType: "text/csv", Buffer: []byte(text)}}))
	}
	takes("utf16.csv", "\xff\xfet\x00")
	p.sees("The file was not checked", "In Excel save it as")
	takes("wrong.csv", wrongRows())
	p.sees("Nothing is written yet", "1 row is wrong: mend it", "“DB” is no kind")
	p.off("Import 2")
	p.presses("Go back")

	var b strings.Builder
	b.WriteString("type;name;provider;externalId;kind;account;roles\r\naccount;Sandbox;AWS;999;;;\r\n")
	for i := range 400 {
		fmt.Fprintf(&b, "resource;cache-%03d;;;Kubernetes cluster;999;reader|writer\r\n", i)
	}
	p.sees("Drop a CSV or JSON file here")
	takes("right.csv", b.String())
	p.sees("Nothing is written yet", "401")
	p.presses("Import 401")
	p.sees("Done: 401 rows imported, 0 refused.")
	p.Visit(p.Page.URL())
	p.sees("Done: 401 rows imported, 0 refused.") // the address restores it

	p.Must(p.Page.Locator("a:has-text('To the catalog')").Click())
	p.sees("cache-000")
	p.fills("Find by name", "cache-39 sandbox")
	p.sees("cache-390", "cache-399")
	p.Must(p.Page.Locator("a[data-row]:has-text('cache-390')").Click())
	p.sees("Who holds access now", "Nobody holds access now.")
	p.presses("Edit…")
	p.fills("Name", "cache-main")
	p.presses("Save")
	p.Until(`!document.body.innerText.includes("Edit “")`)
	p.sees("cache-main")
	p.presses("Delete…")
	p.sees("Nobody holds it")
	p.Must(p.Page.Locator("[role=dialog] input").Last().Fill("cache-main"))
	p.presses("Delete cache-main")
	p.Until(`!document.body.innerText.includes("cache-main")`)

	// Who deletes what is held sees who holds it, and what ends.
	p.Visit(c.url("/catalog?open=" + c.resource))
	p.sees("Who holds access now", "until")
	p.presses("Delete…")
	p.sees("Ends 1 access (Dev", "End these as well")
	c.web.Clean("422")
	c.g.stop()
}
