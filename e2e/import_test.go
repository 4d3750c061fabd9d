package e2e

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"procyon/client"
)

// checksBy has a server check a file of the catalog for the administrator, and returns the
// import's ID.
func (b *bed) checksBy(g *server, csv string) string {
	b.t.Helper()
	r, err := http.NewRequestWithContext(b.t.Context(), http.MethodPost, "http://"+g.address+"/import/catalog?name=catalog.csv", strings.NewReader(csv))
	if err != nil {
		b.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "text/csv")
	r.Header.Set("Authorization", "Bearer "+b.tok["ada"])
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		b.t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	var out struct{ ImportID string }
	if err := json.NewDecoder(resp.Body).Decode(&out); err != nil || out.ImportID == "" {
		b.t.Fatalf("%s: %v", resp.Status, err)
	}
	return out.ImportID
}

// A server that is killed while it imports is followed by another, which puts what is left,
// and nothing twice.
func TestImportOfAKilledServer(t *testing.T) {
	t.Parallel()
	const rows = 6000
	b := founded(t)
	one := b.serve("none")
	b.people(one)
	other := b.serve("none")
	var csv strings.Builder
	csv.WriteString("type,name,kind,roles\n")
	for i := range rows {
		fmt.Fprintf(&csv, "resource,server-%05d,PRIVATE_SERVER,root\n", i)
	}
	id := b.checksBy(one, csv.String())
	ada, beside := one.client(b.tok["ada"]), other.client(b.tok["ada"])
	state := func(who *client.Client) (status string, applied int) {
		var out struct {
			CatalogImport struct {
				Status       string
				AppliedCount int
			}
		}
		if err := who.Do(t.Context(), `query ($id: ID!) { catalogImport(id: $id) { status appliedCount } }`, map[string]any{"id": id}, &out); err != nil {
			t.Fatal(err)
		}
		return out.CatalogImport.Status, out.CatalogImport.AppliedCount
	}
	if err := mutate(t.Context(), ada, "importCatalog", map[string]any{"importId": id}, "catalogImport { id }", nil); err != nil {
		t.Fatal(err)
	}
	eventually(t, "some rows are in", func() bool { _, n := state(ada); return n > 0 })
	one.kill()
	status, before := state(beside)
	if status != "RUNNING" || before >= rows {
		t.Fatalf("it was killed too late: %s with %d rows", status, before)
	}
	eventually(t, "the other server finishes", func() bool { status, _ := state(beside); return status == "DONE" })
	if _, n := state(beside); n != rows {
		t.Errorf("%d rows are in, want %d", n, rows)
	}
	var list struct{ Resources struct{ TotalCount int } }
	if err := beside.Do(t.Context(), `{ resources(first: 1) { totalCount } }`, nil, &list); err != nil || list.Resources.TotalCount != rows {
		t.Errorf("%d resources, want %d: %v", list.Resources.TotalCount, rows, err)
	}
	other.stop()
	b.must("journal", "verify")
}
