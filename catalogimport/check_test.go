package catalogimport

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"procyon/access"
	"procyon/catalogfile"
	"procyon/store"
)

const header = "type,name,provider,externalId,kind,account,gateway,roles\n"

func TestEachRowIsJudged(t *testing.T) {
	w := newWorld(t)
	first := w.check(header + `account,Production,AWS,111,,,,
account,Staging,AWS,222,,,,
gateway,Berlin,,,,,,
resource,db,,,DATABASE,Production,,reader|writer
resource,cache,,,DATABASE,Production,,
resource,bastion,,,PRIVATE_SERVER,,,
`)
	w.start(first.ID)
	w.must(w.imports.Work(t.Context()))
	if got := w.catalog(); got != "Production=111 Staging=222 Berlin /bastion[] Production/cache[] Production/db[reader writer]" {
		t.Fatal(got)
	}
	head := w.Head()
	for name, c := range map[string]struct{ rows, want string }{
		"the same":                  {"account,Production,aws,111,,,,", "SAME"},
		"the same, by ID":           {"resource,db,,,Database,111,,reader|writer", "SAME"},
		"another name":              {"account,Prod,AWS,111,,,,", "CHANGED name: “Prod”, was “Production”"},
		"other letters":             {"gateway,BERLIN,,,,,,", "CHANGED name: “BERLIN”, was “Berlin”"},
		"new roles":                 {"resource,db,,,DATABASE,Production,,reader|admin", "CHANGED roles: added admin; removed writer"},
		"no roles":                  {"resource,db,,,DATABASE,Production,,", "CHANGED roles: removed reader, writer"},
		"other order":               {"resource,db,,,DATABASE,Production,,writer|reader", "CHANGED roles: in another order"},
		"elsewhere":                 {"resource,db,,,DATABASE,Staging,,", "NEW"},
		"alone":                     {"resource,db,,,windows-server,,,", "NEW"},
		"in an account of the file": {"account,New,GCP,p,,,,\nresource,db,,,DATABASE,p,,", "NEW NEW"},
		"behind a gateway":          {"gateway,Paris,,,,,,\nresource,db,,,DATABASE,,paris,", "NEW NEW"},
		"before its account":        {"resource,db,,,DATABASE,New,,\naccount,New,GCP,p,,,,", "NEW NEW"},
		"by the name to be":         {"account,Prod,AWS,111,,,,\nresource,db,,,DATABASE,Prod,,reader|writer", "CHANGED name: “Prod”, was “Production” SAME"},

		"no type":                {",x,,,,,,", "WRONG type: This is missing. Write account, gateway or resource."},
		"a wrong type":           {"folder,x,,,,,,", "WRONG type: “folder” is no type of rows. Write account, gateway or resource."},
		"no name":                {"gateway,,,,,,,", "WRONG name: Give at least 1 character."},
		"a long name":            {"gateway," + strings.Repeat("x", 81) + ",,,,,,", "WRONG name: Give at most 80 characters; these are 81."},
		"a line break":           {"gateway,\"a\nb\",,,,,,", "WRONG name: Remove the control or invisible character U+000A."},
		"a wrong kind":           {"resource,x,,,DATABSE,Production,,", "WRONG kind: “DATABSE” is no kind. Did you mean DATABASE? Write one of CLOUD_ROLE, DATABASE, KUBERNETES_CLUSTER, KAFKA_CLUSTER, APPLICATION, PRIVATE_SERVER, WINDOWS_SERVER."},
		"another kind":           {"resource,db,,,APPLICATION,Production,,", "WRONG kind: It is a DATABASE in the catalog, and what kind it is can't change. Delete it first, or give it another name."},
		"a wrong provider":       {"account,x,ACME,1,,,,", "WRONG provider: “ACME” is no provider. Write one of AWS, GCP, AZURE, SNOWFLAKE, OCI, ALIBABA, OTHER."},
		"no ID":                  {"account,x,AWS,,,,,", "WRONG externalId: Give at least 1 character."},
		"a taken name":           {"account,staging,AWS,333,,,,", "WRONG name: There is already another account named “Staging”. Give this one another name."},
		"a name twice":           {"account,x,AWS,3,,,,\naccount,X,AWS,4,,,,", "NEW WRONG name: The row 2 gives the same name. Give one of them another."},
		"an account twice":       {"account,x,AWS,3,,,,\naccount,y,AWS,3,,,,", "NEW WRONG externalId: The row 2 is of the same account. Leave one of them out."},
		"a gateway twice":        {"gateway,Paris,,,,,,\ngateway,PARIS,,,,,,", "NEW WRONG name: The row 2 is of the same gateway. Leave one of them out."},
		"a resource twice":       {"resource,x,,,DATABASE,Production,,\nresource,X,,,DATABASE,111,,", "NEW WRONG name: The row 2 is of the same resource. Leave one of them out."},
		"no such account":        {"resource,x,,,DATABASE,Prodd,,", "WRONG account: There is no account “Prodd”, neither in the catalog nor in the file."},
		"no such gateway":        {"resource,x,,,DATABASE,,Rome,", "WRONG gateway: There is no gateway “Rome”, neither in the catalog nor in the file."},
		"a wrong account":        {"account,x,ACME,9,,,,\nresource,x,,,DATABASE,9,,", "WRONG provider: “ACME” is no provider. Write one of AWS, GCP, AZURE, SNOWFLAKE, OCI, ALIBABA, OTHER. WRONG account: The account “9” is in a row that is wrong itself. Mend that first."},
		"account and gateway":    {"resource,x,,,DATABASE,Production,Berlin,", "WRONG gateway: A resource belongs to an account or sits behind a gateway, not both."},
		"neither":                {"resource,x,,,DATABASE,,,", "WRONG account: Only servers stand alone; give an account or a gateway."},
		"a role twice":           {"resource,x,,,DATABASE,Production,,a|a", "WRONG roles: The role \"a\" is given twice."},
		"what a gateway has not": {"gateway,x,,,DATABASE,,,", "WRONG kind: A row of the type gateway has no kind. Empty this cell, or mend the type."},
		"roles of an account":    {"account,x,AWS,9,,,,a", "WRONG roles: A row of the type account has no roles. Empty this cell, or mend the type."},
		"one name, two accounts": {"account,222,AWS,9,,,,\nresource,x,,,DATABASE,222,,", "NEW WRONG account: More than one account is called “222”, or has that ID. Write the one's name that no other has."},
	} {
		st := w.check(header + c.rows + "\n")
		var got []string
		for _, r := range w.rows(st.ID, RowFilter{}) {
			_, said, _ := strings.Cut(r, " ")
			got = append(got, said)
		}
		if strings.Join(got, " ") != c.want {
			t.Errorf("%s:\n got  %q\n want %q", name, got, c.want)
		}
		if n := st.Counts.New + st.Counts.Changed + st.Counts.Same + st.Counts.Wrong; n != len(got) || (st.Counts.Wrong > 0) != strings.Contains(c.want, "WRONG") {
			t.Errorf("%s: counts %+v of %d", name, st.Counts, len(got))
		}
	}
	if w.Head() != head {
		t.Error("checking files wrote into the journal")
	}
}

// Roles that are left out stay as they are.
func TestRolesThatAreNotSaid(t *testing.T) {
	w := newWorld(t)
	const name = "type,name,kind"
	st := w.check(name + ",roles\nresource,x,PRIVATE_SERVER,a|b\n")
	w.start(st.ID)
	w.must(w.imports.Work(t.Context()))
	if got := w.rows(w.check(name+"\nresource,x,PRIVATE_SERVER\n").ID, RowFilter{}); !slices.Equal(got, []string{"2 SAME"}) {
		t.Error(got)
	}
}

// A role that open requests name does not go by a file.
func TestRolesThatAreInUse(t *testing.T) {
	w := newWorld(t)
	st := w.check("type,name,kind,roles\nresource,x,PRIVATE_SERVER,a|b\n")
	w.start(st.ID)
	w.must(w.imports.Work(t.Context()))
	r, err := w.ResourceNamed(t.Context(), "", "x")
	w.must(err)
	later := w.check("type,name,kind,roles\nresource,x,PRIVATE_SERVER,a\n")
	w.start(later.ID)
	_, err = w.CreateUser(t.Context(), access.System(), access.NewUser{Name: "Bo", Email: "bo@example.com", Admin: true}) // who can decide
	w.must(err)
	_, err = w.CreateRequest(t.Context(), w.ada, access.NewRequest{Items: []access.ItemRef{{ResourceID: r.State.ID, Role: "b"}}, Duration: access.Seconds(3600), Reason: "why"})
	w.must(err)
	if got := w.rows(w.check("type,name,kind,roles\nresource,x,PRIVATE_SERVER,a\n").ID, RowFilter{}); !strings.HasPrefix(fmt.Sprint(got), "[2 WRONG roles: Open requests name a role that would go.") {
		t.Error(got)
	}
	w.must(w.imports.Work(t.Context()))
	if got := w.rows(later.ID, RowFilter{}); len(got) != 1 || !strings.Contains(got[0], "REFUSED1 open request names a role that goes") {
		t.Error(got)
	}
}

func TestFilesThatAreNotKept(t *testing.T) {
	w := newWorld(t)
	try := func(f File, still func() error) error {
		_, err := w.imports.Check(t.Context(), w.ada, f, still)
		return err
	}
	gone := errors.New("signed out")
	for name, c := range map[string]struct {
		err  error
		want string
	}{
		"no file":       {try(File{Format: catalogfile.CSV, Content: strings.NewReader("")}, nil), "file: The file is empty."},
		"a long name":   {try(File{Name: strings.Repeat("x", 201), Format: catalogfile.CSV, Content: strings.NewReader("type,name\ngateway,a")}, nil), "fileName: Give at most 200 characters; these are 201."},
		"rights ended":  {try(File{Format: catalogfile.CSV, Content: strings.NewReader("type,name\ngateway,a")}, func() error { return gone }), "signed out"},
		"store is gone": {try(File{Format: catalogfile.CSV, Content: failing{}}, nil), "the connection is gone"},
	} {
		if c.err == nil || c.err.Error() != c.want {
			t.Errorf("%s: %v", name, c.err)
		}
	}
	for range checkedAtOnce {
		w.imports.checking <- struct{}{}
	}
	if err := try(File{Format: catalogfile.CSV, Content: strings.NewReader("type,name\ngateway,a")}, nil); access.CodeOf(err) != access.CodeLimited {
		t.Errorf("more at once: %v", err)
	}
}

type failing struct{}

func (failing) Read([]byte) (int, error) { return 0, errors.New("the connection is gone") }

// The rows of a long file are read page by page, either way, by what they would do.
func TestRowsAreReadPageByPage(t *testing.T) {
	w := newWorld(t)
	var b strings.Builder
	b.WriteString("type,name\n")
	const n = 3*partSize + 17
	for i := range n {
		if i%100 == 7 || i > 2*partSize && i < 3*partSize {
			fmt.Fprintf(&b, "wrong,%d\n", i)
		} else {
			fmt.Fprintf(&b, "gateway,g%d\n", i)
		}
	}
	st := w.check(b.String())
	for _, verdicts := range [][]Verdict{nil, {VerdictWrong}, {VerdictNew}, {VerdictSame}, {}} {
		f := RowFilter{Verdicts: verdicts}
		want, ok := f.Count(st)
		there := w.rows(st.ID, f)
		var back []string
		p := store.Page{Last: 60}
		for {
			l, err := w.imports.Rows(t.Context(), st.ID, f, p)
			w.must(err)
			var some []string
			for _, d := range l.Docs {
				r, err := DecodeRow(d)
				w.must(err)
				some = append(some, fmt.Sprint(r.Number))
			}
			back = append(some, back...)
			if !l.Previous {
				break
			}
			p.Before = l.Start
		}
		if len(there) != want || len(back) != want || !ok {
			t.Errorf("%v: %d there, %d back, want %d", verdicts, len(there), len(back), want)
		}
		for i := range back {
			if number, _, _ := strings.Cut(there[i], " "); number != back[i] {
				t.Fatalf("%v: %s there, %s back", verdicts, there[i], back[i])
			}
		}
	}
}

// What was only checked is kept for a day, and twenty of it; what was imported for thirty.
func TestWhatIsKeptOfFiles(t *testing.T) {
	w := newWorld(t)
	var drafts []string
	for i := range maxDrafts + 3 {
		drafts = append(drafts, w.check(fmt.Sprintf("type,name\ngateway,g%d\n", i)).ID)
		w.pass(time.Second)
	}
	kept := func(id string) bool {
		st, err := w.imports.Get(t.Context(), id)
		if access.CodeOf(err) == access.CodeNotFound {
			return false
		}
		w.must(err)
		l, err := w.imports.Rows(t.Context(), id, RowFilter{}, store.Page{First: 1})
		w.must(err)
		if st.Kept != (len(l.Docs) == 1) {
			t.Errorf("%s: kept %v, %d rows", id, st.Kept, len(l.Docs))
		}
		return st.Kept
	}
	for i, id := range drafts {
		if kept(id) != (i >= 3) {
			t.Errorf("draft %d of %d: kept %v", i, len(drafts), kept(id))
		}
	}
	begun := drafts[10]
	w.start(begun)
	w.must(w.imports.Work(t.Context()))
	w.pass(keepDrafts)
	w.expire()
	if kept(drafts[11]) || !kept(begun) {
		t.Error("after a day")
	}
	w.pass(keepStarted)
	w.expire()
	if kept(begun) || w.get(begun).Status != Done {
		t.Error("after thirty days")
	}
	docs, err := w.db.List(t.Context(), store.Query{Term: partTerm, Limit: 10})
	w.must(err)
	if len(docs) > 0 {
		t.Errorf("rows are left: %d", len(docs))
	}
}

func (w *world) expire() {
	w.t.Helper()
	for range 50 {
		n, err := w.imports.Expire(w.t.Context())
		w.must(err)
		if n == 0 {
			return
		}
	}
	w.t.Fatal("it does not end")
}
