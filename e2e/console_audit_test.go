package e2e

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"
	"testing"

	"github.com/mxschmitt/playwright-go"
)

// downloads presses an entry of a menu, and returns the file that the browser saves.
func (p person) downloads(entry string) []byte {
	_, data := p.saves("menuitem", entry)
	return data
}

// saves presses something, and returns what the browser saves for it: its name and content.
func (p person) saves(role playwright.AriaRole, name string) (file string, data []byte) {
	saved, err := p.Page.ExpectDownload(func() error {
		return p.Page.GetByRole(role, playwright.PageGetByRoleOptions{Name: name, Exact: playwright.Bool(true)}).Click()
	})
	p.Must(err)
	path, err := saved.Path() // waits until it is whole
	p.Must(err)
	data, err = os.ReadFile(path)
	p.Must(err)
	return saved.SuggestedFilename(), data
}

// chooses chooses an entry of a field by a part of its name; "" is the first.
func (p person) chooses(label, part string) {
	p.Must(p.Page.GetByLabel(label, playwright.PageGetByLabelOptions{Exact: playwright.Bool(true)}).And(p.Page.Locator("input")).Click())
	p.Must(p.Page.GetByRole("option").Filter(playwright.LocatorFilterOptions{HasText: part}).First().Click())
}

// exported is a line of an export in JSON Lines.
type exported struct {
	Seq                   int
	Type, SubjectID, Hash string
	Actor                 struct{ Name string }
	Bytes                 []byte // none of what is left out
	Redacted              bool
}

// entries reads an export in JSON Lines, and fails where the bytes of an entry are not those
// of its hash, or the server has another one.
func (b *bed) entries(file []byte) []exported {
	b.t.Helper()
	var out []exported
	for line := range bytes.Lines(file) {
		var e exported
		if err := json.Unmarshal(line, &e); err != nil {
			b.t.Fatalf("%s: %v", line, err)
		}
		var is struct{ JournalEntry struct{ Hash string } }
		if err := b.admin.Do(b.t.Context(), `query($seq: Int!) { journalEntry(seq: $seq) { hash } }`, map[string]any{"seq": e.Seq}, &is); err != nil {
			b.t.Fatal(err)
		}
		sum := sha256.Sum256(e.Bytes)
		if got := hex.EncodeToString(sum[:]); got != e.Hash && !e.Redacted || e.Hash != is.JournalEntry.Hash {
			b.t.Errorf("entry %d: its bytes have the hash %s, it says %s, and the server %s", e.Seq, got, e.Hash, is.JournalEntry.Hash)
		}
		out = append(out, e)
	}
	return out
}

// exports is what the API exports to the administrator.
func (c *company) exports(query url.Values) []byte {
	c.t.Helper()
	r, err := http.NewRequestWithContext(c.t.Context(), http.MethodGet, c.url("/export/journal?"+query.Encode()), http.NoBody)
	c.done(err)
	r.Header.Set("Authorization", "Bearer "+c.tok["ada"])
	resp, err := http.DefaultClient.Do(r)
	c.done(err)
	defer func() { _ = resp.Body.Close() }()
	data, err := io.ReadAll(resp.Body)
	c.done(err)
	return data
}

// An administrator finds in the journal what was done to what, reads an entry with what was
// different before, and exports what the filters let through: the same as the API says.
func TestAuditInTheConsole(t *testing.T) {
	t.Parallel()
	c := newCompany(t)
	p := c.as(adminEmail, "/requests/"+c.denied)
	p.presses("History in Audit")
	p.sees("Object: ", "denied", "requested")
	p.Until(`document.querySelectorAll("[data-row]").length === 2`)
	p.Until(`new URLSearchParams(location.search).get("object") === "` + c.denied + `"`)

	// The keys alone open an entry, and lead back to its row.
	p.Press("j", "Enter")
	p.sees("Field", "Before", "Hash of the entry before", "Bo Boss denied")
	p.Until(`new URLSearchParams(location.search).has("entry")`)
	entry := p.Page.URL()
	p.Press("Escape")
	p.Until(`document.activeElement.dataset.row !== undefined`)
	p.Visit(entry)
	p.sees("Bo Boss denied") // the address restores it
	p.Press("Escape")

	// What narrows it is a pill each, and goes one by one.
	p.Visit(c.url("/audit"))
	p.sees("Audit", "requested")
	p.Press("f")
	p.chooses("Who", "Bo Boss")
	p.chooses("Kind", "Access request")
	p.chooses("Type", "Approved")
	p.presses("Show")
	p.sees("Who: Bo Boss", "Kind: Access request", "Type: Approved", "approved")
	p.Until(`document.querySelectorAll("[data-row]").length === 1`)
	p.presses("Export")
	p.sees("What matches the filters: 1 entry, as of now")
	file := p.downloads("JSON Lines")
	if found := c.entries(file); len(found) != 1 || found[0].SubjectID != c.active || found[0].Type != "APPROVED" {
		t.Errorf("exported is %+v", found)
	}
	query := url.Values{"format": {"jsonl"}, "kinds": {"ACCESS_REQUEST"}, "types": {"APPROVED"}}
	if direct := c.exports(query); !bytes.Equal(file, direct) {
		t.Errorf("the browser saved\n%s\nand the API says\n%s", file, direct)
	}
	p.presses("Export")
	if csv := string(p.downloads("CSV")); !strings.Contains(csv, c.active) || strings.Contains(csv, c.denied) {
		t.Errorf("as CSV it is %s", csv)
	}
	p.presses("Remove Type: Approved")
	p.sees("denied")
	p.presses("Clear")
	p.Until(`location.search === ""`)
	p.presses("Export")
	p.sees("The whole journal: ")
	if all := c.entries(p.downloads("JSON Lines")); len(all) < 10 || all[0].Seq != 1 {
		t.Errorf("the whole journal begins with %+v", all[0])
	}

	// Words are found, and what finds nothing can be taken away.
	p.Must(p.Page.GetByLabel("Words in names, reasons, comments and IDs").Fill("nothinglikeit"))
	p.sees("No entry matches these filters.")
	p.presses("Clear")
	p.sees("requested")

	// The days of the overview, of people and of what is in the catalog lead here.
	p.presses("Overview")
	p.Must(p.Page.GetByRole("link", playwright.PageGetByRoleOptions{Name: "Denied: 1, in Audit"}).Click())
	p.sees("Type: Denied", "Time: ")
	p.Until(`document.querySelectorAll("[data-row]").length === 1`)
	for _, path := range []string{"/people/" + c.who, "/integrations/" + c.works, "/catalog?open=" + c.resource} {
		p.Visit(c.url(path))
		p.presses("History in Audit")
		p.sees("Object: ", "added")
	}
	c.web.Clean()
	c.g.stop()
}
