package slackbot

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"procyon/client"
)

// Records are read by whoever reads all of them, and by whoever reads one. That no other
// list is taken for whole is tested in internal/archtest.
func TestRecordsAreReadToTheirEnd(t *testing.T) {
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
