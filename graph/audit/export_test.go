package audit_test

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"procyon/access"
	"procyon/auth"
	"procyon/graph/audit"
	"procyon/internal/subject"
	"procyon/journal"
	"procyon/store"
	"procyon/store/sqlite"
)

// bed is a server of exports of a journal with some entries.
type bed struct {
	*audit.Export
	*httptest.Server
	valid atomic.Pointer[error]
	store *failing
}

// failing is a store that can't be read for some entries behind one, if that is set.
type failing struct {
	journal.Store
	past atomic.Uint64
}

func (f *failing) Entries(ctx context.Context, after uint64, limit int) ([]journal.Entry, error) {
	if p := f.past.Load(); p > 0 && after >= p && after < p+500 {
		return nil, errors.New("disk I/O error")
	}
	return f.Store.Entries(ctx, after, limit)
}

func admin() *auth.Principal {
	return &auth.Principal{Actor: access.Actor{Kind: access.ActorUser, ID: "usr_1", Name: "Ada", Admin: true}}
}

func newBed(t *testing.T, n int) *bed {
	t.Helper()
	db, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "p.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	fill(t, db, n)
	b := &bed{store: &failing{Store: db}}
	j, err := journal.Open(t.Context(), b.store, journal.Options{Kinds: subject.Kinds(), Tail: 1})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- j.Run(ctx) }()
	b.Export = audit.New(audit.Options{
		Journal: j, Source: "https://procyon.example.com", WriteTimeout: 500 * time.Millisecond, Recheck: time.Nanosecond, Log: slog.New(slog.DiscardHandler),
		Valid: func(context.Context) error {
			if err := b.valid.Load(); err != nil {
				return *err
			}
			return nil
		},
	})
	b.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "" {
			r = r.WithContext(auth.WithPrincipal(r.Context(), admin()))
		}
		b.ServeHTTP(w, r)
	}))
	t.Cleanup(func() {
		b.Export.Close()
		b.Server.Close()
		stop()
		<-ended
	})
	return b
}

// fill writes accounts, an integration, and what spreadsheets take for a formula.
func fill(t *testing.T, db journal.Store, n int) {
	t.Helper()
	var head journal.Head
	for head.Seq < uint64(n) {
		var entries []journal.Entry
		var views []store.Document
		for len(entries) < 256 && head.Seq < uint64(n) {
			e := journal.Entry{
				Seq: head.Seq + 1, At: time.Date(2026, 11, 1, 0, 0, int(head.Seq), 5000, time.UTC), Version: 1, Type: "CREATED",
				Actor:   access.Actor{Kind: access.ActorUser, ID: "usr_1", Name: "=Ada \"<&>\"", Email: "ada@example.com", Via: access.ViaConsole},
				Subject: "acc_" + strings.Repeat("0", 3) + time.Duration(head.Seq).String(),
				Data:    []byte(`{"name":"orders <b>","n":1}`), After: []byte(`{"id":"acc_1","name":"orders","provider":"AWS","x":"` + strings.Repeat("y", 500) + `"}`),
			}
			if e.Seq == 2 {
				e.Subject, e.Data, e.After = "int_1", []byte(`{"name":"On call","sealedUrl":"c2VjcmV0"}`), []byte(`{"id":"int_1","name":"On call","sealedUrl":"c2VjcmV0"}`)
			}
			if err := e.Seal(head.Hash); err != nil {
				t.Fatal(err)
			}
			head = journal.Head{Seq: e.Seq, Hash: e.Hash, At: e.At}
			entries, views = append(entries, e), append(views, store.Document{ID: e.Subject, Version: 1, Data: e.After})
		}
		if _, err := db.Append(t.Context(), entries, views); err != nil {
			t.Fatal(err)
		}
	}
}

// get asks for an export, and returns the answer, its body, and what reading it failed with.
func (b *bed) get(t *testing.T, method, query string) (*http.Response, string, error) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, b.URL+"/export/journal?"+query, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "yes")
	resp, err := b.Client().Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	return resp, string(body), err
}

// The program in docs/audit.md, which knows nothing of Procyon, proves an export, and finds
// what was changed in one.
func TestTheDocumentedVerifier(t *testing.T) {
	if testing.Short() {
		t.Skip("it starts node")
	}
	b := newBed(t, 700)
	_, body, err := b.get(t, http.MethodGet, "")
	if err != nil {
		t.Fatal(err)
	}
	page, err := os.ReadFile("../../docs/audit.md")
	if err != nil {
		t.Fatal(err)
	}
	_, program, _ := strings.Cut(string(page), "```js\n")
	program, _, _ = strings.Cut(program, "```")
	verify := func(export string) (string, error) {
		dir := t.TempDir()
		for name, content := range map[string]string{"verify.mjs": program, "journal.jsonl": export} {
			if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		cmd := exec.CommandContext(t.Context(), "node", "verify.mjs", "journal.jsonl")
		cmd.Dir = dir
		out, err := cmd.CombinedOutput()
		return string(out), err
	}
	if out, err := verify(body); err != nil || !strings.HasPrefix(out, "whole from the first to entry 700, ") || !strings.Contains(out, "; 1 chained only") {
		t.Fatalf("%s %v", out, err)
	}
	lines := strings.SplitAfter(body, "\n")
	for name, bad := range map[string]string{
		"a name":     strings.Replace(body, `"name":"=Ada`, `"name":"=Bo`, 1),
		"a detail":   strings.Replace(body, `"n":1`, `"n":2`, 1),
		"a type":     strings.Replace(body, `"CREATED"`, `"DELETED"`, 1),
		"a time":     strings.Replace(body, `:00.000005Z`, `:00.000006Z`, 1),
		"a line":     strings.Join(append(lines[:4:4], lines[5:]...), ""),
		"an order":   strings.Join(append(append(lines[:4:4], lines[5], lines[4]), lines[6:]...), ""),
		"the bytes":  strings.Replace(body, `"bytes":"Ag`, `"bytes":"Aw`, 1),
		"incomplete": body + `{"incomplete":{"message":"x","after":"j0"}}` + "\n",
	} {
		if out, err := verify(bad); err == nil || bad == body {
			t.Errorf("%s: %s", name, out)
		}
	}
}

// Every format has every entry once, says that it is whole, and holds no secret.
func TestFormats(t *testing.T) {
	b := newBed(t, 600)
	for format, media := range map[string]string{"csv": "text/csv", "jsonl": "application/jsonl", "cloudevents": "application/cloudevents-batch+json"} {
		resp, body, err := b.get(t, http.MethodGet, "format="+format)
		if err != nil || resp.StatusCode != http.StatusOK || !strings.HasPrefix(resp.Header.Get("Content-Type"), media) {
			t.Fatalf("%s: %v, %v", format, resp.Header, err)
		}
		if resp.Header.Get("Cache-Control") != "no-store" || !strings.HasPrefix(resp.Header.Get("Content-Disposition"), `attachment; filename="procyon-journal-`) {
			t.Errorf("%s: %v", format, resp.Header)
		}
		if got := resp.Trailer.Get(audit.Trailer); !strings.HasPrefix(got, "complete; entries=600; cursor=jgo.") {
			t.Errorf("%s: the trailer is %q", format, got)
		}
		if strings.Contains(body, "sealed") || strings.Contains(body, "c2VjcmV0") {
			t.Errorf("%s has what is sealed", format)
		}
		if n := entriesOf(t, format, body); n != 600 {
			t.Errorf("%s: %d entries", format, n)
		}
	}
	resp, body, err := b.get(t, http.MethodHead, "format=csv")
	if err != nil || body != "" || resp.StatusCode != http.StatusOK || resp.Header.Get("Content-Disposition") == "" {
		t.Errorf("HEAD: %v %q %v", resp, body, err)
	}
}

func entriesOf(t *testing.T, format, body string) int {
	t.Helper()
	switch format {
	case "csv":
		rows, err := csv.NewReader(strings.NewReader(body)).ReadAll()
		if err != nil || rows[1][10] != `'=Ada "<&>"` || rows[1][15] != `{"name":"orders <b>","n":1}` || rows[2][18] != "true" || rows[2][19] != "" {
			t.Errorf("%v, %v", rows[:3], err)
		}
		return len(rows) - 1
	case "jsonl":
		return strings.Count(body, "\n")
	default:
		var events []map[string]any
		if err := json.Unmarshal([]byte(body), &events); err != nil {
			t.Fatal(err)
		}
		seen := map[any]bool{}
		for _, e := range events {
			seen[e["id"]] = true
			for name := range e {
				if strings.Trim(name, "abcdefghijklmnopqrstuvwxyz0123456789") != "" {
					t.Fatalf("the attribute %q", name)
				}
			}
		}
		if e := events[0]; e["specversion"] != "1.0" || e["type"] != "procyon.account.created" || e["sequence"] != "1" || e["source"] != "https://procyon.example.com" {
			t.Errorf("%v", e)
		}
		return len(seen)
	}
}

// Filters and positions are those of the API's field.
func TestWhatIsAskedFor(t *testing.T) {
	b := newBed(t, 600)
	_, all, _ := b.get(t, http.MethodGet, "")
	cursor := func(line int) string {
		var r struct{ Cursor string }
		if err := json.Unmarshal([]byte(strings.Split(all, "\n")[line-1]), &r); err != nil {
			t.Fatal(err)
		}
		return r.Cursor
	}
	for query, want := range map[string]int{
		"kinds=INTEGRATION": 1, "kinds=INTEGRATION,ACCOUNT&kinds=USER": 600, "types=DELETED": 0, "subjectId=int_1": 1, "actorId=usr_1": 600, "actorId=usr_2": 0,
		"words=on+CALL": 1, "words=ada+orders": 599, "words=c2Vj": 0, "from=2026-11-01T00:09:00Z": 60, "to=2026-11-01T00:00:10Z": 10,
		"after=" + cursor(590): 10, "through=" + cursor(5): 5, "after=" + cursor(2) + "&through=" + cursor(5): 3, "after=" + cursor(5) + "&through=" + cursor(2): 0, "after=j0": 600,
		"words=call&after=" + cursor(2): 0,
	} {
		if resp, body, err := b.get(t, http.MethodGet, query); err != nil || strings.Count(body, "\n") != want {
			t.Errorf("%s: %d entries, want %d: %v %v", query, strings.Count(body, "\n"), want, resp.Status, err)
		}
	}
	for query, want := range map[string]string{
		"format=xml": "'format'", "kind=USER": "'kind' is no parameter", "kinds=PERSON": "'kinds'", "words=%21": "no letter", "words=": "empty", "from=yesterday": "'from'", "format=csv&format=csv": "more than once",
		"from=2026-11-02T00:00:00Z&to=2026-11-01T00:00:00Z": "'to'", "after=j1": "'after'", "through=j0": "'through'", "after=x": "'after'", "words=" + strings.Repeat("a", 201): "200",
		"types=" + strings.Repeat("A,B,C,D,E,F,G", 4) + ",1,2,3,4,5,6,7,8,9,10,11,12,13": "at most 20",
	} {
		if resp, body, _ := b.get(t, http.MethodGet, query); resp.StatusCode != http.StatusBadRequest || !strings.Contains(body, want) || resp.Header.Get("Content-Disposition") != "" {
			t.Errorf("%s: %s %s", query, resp.Status, body)
		}
	}
	if resp, body, _ := b.get(t, http.MethodGet, "after=j1.00000000"); resp.StatusCode != http.StatusConflict || !strings.Contains(body, "JOURNAL_CHANGED") {
		t.Errorf("%s %s", resp.Status, body)
	}
	if resp, _, _ := b.get(t, http.MethodPost, ""); resp.StatusCode != http.StatusMethodNotAllowed {
		t.Error(resp.Status)
	}
	if resp, err := b.Client().Get(b.URL + "/export/journal"); err != nil || resp.StatusCode != http.StatusUnauthorized {
		t.Errorf("a stranger: %v %v", resp, err)
	} else {
		resp.Body.Close()
	}
}

// The documentation names what can be asked for.
func TestTheDocumentationNamesTheKinds(t *testing.T) {
	page, err := os.ReadFile("../../docs/audit.md")
	if err != nil {
		t.Fatal(err)
	}
	for kind := range audit.SubjectKinds() {
		if !strings.Contains(string(page), "`"+kind+"`") {
			t.Errorf("docs/audit.md does not name the kind %s", kind)
		}
	}
}
