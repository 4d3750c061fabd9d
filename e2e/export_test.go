package e2e

import (
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
)

// exported asks a server for an export with a token, and returns the answer, which was read
// to its end, and its body.
func (b *bed) exported(g *server, token, query string) (*http.Response, string) {
	b.t.Helper()
	resp := b.exports(g, token, query)
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	return resp, string(body)
}

func (b *bed) exports(g *server, token, query string) *http.Response {
	b.t.Helper()
	r, err := http.NewRequestWithContext(b.t.Context(), http.MethodGet, "http://"+g.address+"/export/journal?"+query, http.NoBody)
	if err != nil {
		b.t.Fatal(err)
	}
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		b.t.Fatal(err)
	}
	return resp
}

// An export of the real server, on every store, is the journal: chained from its first entry
// to its last, each entry with the bytes of its hash.
func TestExportIsTheJournal(t *testing.T) {
	t.Parallel()
	stores(t, func(t *testing.T, store func(t *testing.T) string) {
		b := newBed(t, store(t))
		g := b.serve("none")
		b.people(g)
		resource := b.catalog("export")
		for i := range 3 {
			if _, err := b.ask(resource, fmt.Sprintf("because of incident number%d", i)); err != nil {
				t.Fatal(err)
			}
		}
		reader := strings.TrimSpace(b.must("token", "create", "--name", "siem", "--scope", "journal:read"))
		b.tok["siem"] = reader

		for range 8 { // more than are made at once: what is cut off gives its place back
			b.exports(g, reader, "").Body.Close()
		}
		resp, lines := b.exported(g, reader, "format=jsonl")
		for resp.StatusCode == http.StatusTooManyRequests { // until the server has noticed
			resp, lines = b.exported(g, reader, "format=jsonl")
		}
		n, err := chained(lines)
		if err != nil || n < 8 {
			t.Fatalf("%s: %d entries: %v", resp.Status, n, err)
		}
		if said := resp.Trailer.Get("Procyon-Export"); !strings.HasPrefix(said, fmt.Sprintf("complete; entries=%d; ", n)) {
			t.Errorf("it says %q of itself", said)
		}
		_, table := b.exported(g, reader, "format=csv")
		if rows, err := csv.NewReader(strings.NewReader(table)).ReadAll(); err != nil || len(rows) != n+1 {
			t.Errorf("CSV: %d rows, want %d: %v", len(rows), n+1, err)
		}
		var events []struct{ Sequence string }
		_, batch := b.exported(g, reader, "format=cloudevents")
		if err := json.Unmarshal([]byte(batch), &events); err != nil || len(events) != n {
			t.Errorf("CloudEvents: %d, want %d: %v", len(events), n, err)
		}
		for query, want := range map[string]int{"kinds=ACCESS_REQUEST": 3, "words=incident+number2": 1, "types=NONE": 0, "words=nobodywrotethis": 0} {
			resp, body := b.exported(g, reader, query)
			if got := strings.Count(body, "\n"); resp.StatusCode != http.StatusOK || got != want {
				t.Errorf("%s: %s, %d entries, want %d", query, resp.Status, got, want)
			}
		}
		for name, status := range map[string]int{"dev": http.StatusForbidden, "": http.StatusUnauthorized} {
			if resp, body := b.exported(g, b.tok[name], ""); resp.StatusCode != status || strings.Contains(body, "incident") {
				t.Errorf("%q: %s %s", name, resp.Status, body)
			}
		}
		g.stop()
		b.must("journal", "verify")
		if strings.Contains(b.log.String(), "panic") {
			t.Error("a handler panicked: see the log")
		}
	})
}

// chained proves an export in JSON Lines, and returns how many entries it has.
func chained(lines string) (n int, err error) {
	prev := strings.Repeat("0", 64)
	for line := range strings.Lines(lines) {
		var e struct {
			Seq            int
			PrevHash, Hash string
			Redacted       bool
			Bytes          []byte
		}
		if err := json.Unmarshal([]byte(line), &e); err != nil {
			return n, err
		}
		sum := sha256.Sum256(e.Bytes)
		if n++; e.Seq != n || e.PrevHash != prev || !e.Redacted && hex.EncodeToString(sum[:]) != e.Hash {
			return n, fmt.Errorf("entry %d is not what follows: %s", e.Seq, line)
		}
		prev = e.Hash
	}
	return n, nil
}
