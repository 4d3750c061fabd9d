package slackbot

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"procyon/client"
)

// firstOnly are the operations of which the first page is all that is wanted.
var firstOnly = map[string]string{
	"listRequests": "people are shown the first, and told that there are more",
	"readRecords":  "goes on after a key, and tells the end by a page that is not full",
}

// No operation of the bot's can take a first page for the whole: each that reads a list in
// pages asks whether there is more, and can go on.
func TestEveryListCanGoOn(t *testing.T) {
	files, err := filepath.Glob("query/*.graphql")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	begins, lists := regexp.MustCompile(`(?m)^(?:query|mutation|subscription|fragment) (\w+)`), 0
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		at := begins.FindAllSubmatchIndex(data, -1)
		for i, m := range at {
			end := len(data)
			if i+1 < len(at) {
				end = at[i+1][0]
			}
			name, text := string(data[m[2]:m[3]]), string(data[m[0]:end])
			pages := regexp.MustCompile(`[(,] ?first: *([^\s,)]+)`).FindAllStringSubmatch(text, -1)
			if len(pages) == 0 {
				continue
			}
			lists++
			for _, p := range pages {
				if p[1] != "$first" {
					t.Errorf("%s: %s reads %s at most, whatever there is", file, name, p[1])
				}
			}
			if firstOnly[name] == "" && (!strings.Contains(text, "after: $after") || !regexp.MustCompile(`pageInfo \{ hasNextPage endCursor \}`).MatchString(text)) {
				t.Errorf("%s: %s can't go on after its first page", file, name)
			}
		}
	}
	if lists < 4 {
		t.Errorf("the test finds %d lists only", lists)
	}
	// Records are read by whoever reads all of them, and by whoever reads one.
	calls := 0
	sources, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range sources {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if file != "operations_gen.go" && !strings.HasSuffix(file, "_test.go") {
			calls += strings.Count(string(data), "readRecords(")
		}
	}
	if calls != 2 {
		t.Errorf("records are read in %d places: go through records or record", calls)
	}
}

// All pages of records are gone through, also while what was given is deleted; and whoever
// stops early is given nothing more.
func TestRecordsAreAllRead(t *testing.T) {
	const all = 2*aPage + 17
	gone, reads := map[string]bool{}, 0
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var in struct {
			Variables struct {
				Prefix, After string
				First         int
			}
		}
		if err := json.NewDecoder(r.Body).Decode(&in); err != nil {
			t.Error(err)
		}
		reads++
		list := []record{}
		for i := range all {
			key := fmt.Sprintf("x/%03d", i)
			if !gone[key] && key > in.Variables.After && len(list) < in.Variables.First {
				list = append(list, record{Key: key, Version: 1})
			}
		}
		w.Header().Set("Content-Type", "application/graphql-response+json")
		_ = json.NewEncoder(w).Encode(map[string]any{"data": map[string]any{"records": list}})
	}))
	t.Cleanup(web.Close)
	c, err := client.New(client.Options{URL: web.URL, Token: "t"})
	if err != nil {
		t.Fatal(err)
	}
	g := &server{c}
	n := 0
	for page, err := range g.records(t.Context(), "x/") {
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range page {
			gone[r.Key] = true
			n++
		}
	}
	if n != all {
		t.Errorf("%d of %d", n, all)
	}
	clear(gone)
	reads = 0
	for range g.records(t.Context(), "x/") {
		break
	}
	if reads != 1 {
		t.Errorf("%d pages for one", reads)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	failed := 0
	for _, err := range g.records(ctx, "x/") {
		if err != nil {
			failed++
		}
	}
	if failed != 1 {
		t.Errorf("%d errors, want one", failed)
	}
}

// Whoever goes through a list that does not go on is not kept for ever.
func TestWholeEnds(t *testing.T) {
	var seen []string
	err := whole(func(after string) (string, bool, error) {
		seen = append(seen, after)
		return map[string]string{"": "a", "a": "b"}[after], after != "b", nil
	})
	if err != nil || strings.Join(seen, ",") != ",a,b" {
		t.Error(seen, err)
	}
	if err := whole(func(string) (string, bool, error) { return "a", true, nil }); err == nil {
		t.Error("it ended without a word")
	}
}
