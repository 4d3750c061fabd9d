package graph_test

import (
	"fmt"
	"strings"
	"testing"

	"procyon/catalogfile"
	"procyon/catalogimport"
)

// check checks a file as an administrator, and returns the ID of the import.
func (b *bed) check(who caller, csv string) string {
	b.t.Helper()
	v, err := b.resolver.Imports.Check(b.t.Context(), who.Actor, catalogimport.File{Name: "catalog.csv", Format: catalogfile.CSV, Content: strings.NewReader(csv)}, nil)
	b.must(err)
	return v.ID
}

// imported imports a file as an administrator, to its end, and returns the ID.
func (b *bed) imported(csv string) string {
	b.t.Helper()
	id := b.check(session(b.ada), csv)
	b.ok(session(b.ada), "importCatalog", object{"importId": id})
	b.must(b.resolver.Imports.Work(b.t.Context()))
	return id
}

// importOf reads an import with its rows.
func (b *bed) importOf(id, rows string) string {
	b.t.Helper()
	r := b.do(session(b.ada), `query($id: ID!) { catalogImport(id: $id) { status fileName actor { name } counts { new changed same wrong } appliedCount refusedCount rowsKept stopReason
		rows`+rows+` { totalCount nodes { number verdict type name in changes column fault subjectId outcome refusal } } } }`, object{"id": id})
	if len(r.Errors) > 0 {
		b.t.Fatal(r.Errors)
	}
	if r.Data["catalogImport"] == nil {
		return "null"
	}
	i := r.Data["catalogImport"].(object)
	c := i["counts"].(object)
	list := i["rows"].(object)
	out := fmt.Sprint(i["status"], " ", c["new"], c["changed"], c["same"], c["wrong"], " ", i["appliedCount"], i["refusedCount"], " of ", list["totalCount"])
	for _, n := range list["nodes"].([]any) {
		row := n.(object)
		out += fmt.Sprint("\n", row["number"], " ", row["verdict"], " ", row["type"], " ", row["name"], " ", row["in"], " ", row["changes"], " ", row["column"], " ", row["outcome"], " ", row["refusal"])
	}
	return out
}

// A file is checked, its rows are read by what they would do, and imported: the journal says
// who did it and by which import.
func TestCatalogIsImported(t *testing.T) {
	b := newBed(t)
	ada := session(b.ada)
	head := b.journal.Head()
	wrong := b.check(ada, "type,name,kind,account,roles\nresource,db,DB,Production,reader\nresource,db,Database,Production,reader|writer|owner\n")
	if got := b.importOf(wrong, `(verdicts: [WRONG])`); got != "CHECKED 0 1 0 1 0 0 of 1\n2 WRONG resource db Production [] kind <nil> <nil>" {
		t.Error(got)
	}
	if got := b.userErrors(ada, "importCatalog", object{"importId": wrong}); !strings.HasPrefix(got, "CONFLICT") {
		t.Errorf("with a wrong row: %s", got)
	}
	if b.journal.Head() != head {
		t.Error("checking wrote something")
	}
	id := b.imported("type,name,kind,account,roles\nresource,db,Database,Production,reader|writer|owner\nresource,cache,DATABASE,1,\nresource,server,private server,,\n")
	want := "DONE 1 1 1 0 2 0 of 3\n2 CHANGED resource db Production [roles: added owner] <nil> APPLIED <nil>" +
		"\n3 NEW resource cache 1 [] <nil> APPLIED <nil>\n4 SAME resource server <nil> [] <nil> <nil> <nil>"
	if got := b.importOf(id, ""); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if got := b.importOf(id, "(outcomes: [REFUSED])"); got != "DONE 1 1 1 0 2 0 of 0" {
		t.Error(got)
	}
	r := b.do(ada, `query($s: ID) { journal(filter: {subjectId: $s}, last: 1) { nodes { type actor { name via catalogImportId } } } }`, object{"s": b.db.ID})
	if e := r.Data["journal"].(object)["nodes"].([]any)[0].(object); fmt.Sprint(e["type"], e["actor"]) != fmt.Sprint("UPDATED", map[string]any{"name": "Ada", "via": "api", "catalogImportId": id}) {
		t.Error(e)
	}
	head = b.journal.Head()
	b.ok(ada, "importCatalog", object{"importId": id})
	b.ok(ada, "stopCatalogImport", object{"importId": id})
	b.must(b.resolver.Imports.Work(t.Context()))
	if b.journal.Head() != head {
		t.Error("repeating an import that has ended changes something")
	}
	if got := b.importOf("imp_none", ""); got != "null" {
		t.Error(got)
	}
}

func TestOnlyWhoCheckedAFileImportsIt(t *testing.T) {
	b := newBed(t)
	id := b.check(session(b.ada), "type,name\ngateway,Berlin\n")
	if got := b.userErrors(session(b.bo), "importCatalog", object{"importId": id}); !strings.HasPrefix(got, "FORBIDDEN") {
		t.Error(got)
	}
	if got := b.userErrors(session(b.ada), "stopCatalogImport", object{"importId": id}); !strings.HasPrefix(got, "NOT_FOUND") {
		t.Errorf("stopping what has not begun: %s", got)
	}
}
