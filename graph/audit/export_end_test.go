package audit_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"procyon/auth"
	"procyon/graph/audit"
)

// Who cuts an export off gives its place back: others are served at once.
func TestWhoCutsOff(t *testing.T) {
	b := newBed(t, 12_000)
	for range 5 { // more than one may have at once
		req, _ := http.NewRequestWithContext(t.Context(), http.MethodGet, b.URL+"/export/journal", nil)
		req.Header.Set("Authorization", "yes")
		resp, err := b.Client().Do(req)
		for err == nil && resp.StatusCode == http.StatusTooManyRequests { // until the server has noticed
			resp.Body.Close()
			resp, err = b.Client().Do(req)
		}
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.ReadFull(resp.Body, make([]byte, 1000)); err != nil {
			t.Fatal(err)
		}
		resp.Body.Close() // long before its end
	}
}

// What the store ends is never taken for whole, and goes on where it was.
func TestCutShort(t *testing.T) {
	b := newBed(t, 2000)
	b.store.past.Store(1000)
	for format, says := range map[string]string{"csv": "\r\nincomplete,j", "jsonl": `{"incomplete":{"after":"j`, "cloudevents": `"incomplete: `} {
		resp, body, err := b.get(t, http.MethodGet, "format="+format)
		if err == nil || resp.Trailer.Get(audit.Trailer) != "" || !strings.Contains(body, says) || json.Valid([]byte(body)) {
			t.Errorf("%s: %v, it ends with %q", format, err, body[max(0, len(body)-200):])
		}
		if strings.Contains(body, "disk I/O") {
			t.Errorf("%s tells of the store's insides", format)
		}
	}
	_, body, _ := b.get(t, http.MethodGet, "")
	b.store.past.Store(0)
	lines := strings.Split(strings.TrimSpace(body), "\n")
	var last struct{ Incomplete struct{ After string } }
	if err := json.Unmarshal([]byte(lines[len(lines)-1]), &last); err != nil {
		t.Fatal(err)
	}
	_, rest, err := b.get(t, http.MethodGet, "after="+last.Incomplete.After)
	if n := len(lines) - 1 + strings.Count(rest, "\n"); err != nil || n != 2000 {
		t.Errorf("%d entries together, %v", n, err)
	}
}

// A client that does not read holds a place until its time is over, and one page; others
// are told to wait. Whoever may no longer read is cut off.
func TestWhoDoesNotReadAndWhoMayNot(t *testing.T) {
	b := newBed(t, 12_000)
	var open []*http.Response
	for range 2 {
		req, _ := http.NewRequestWithContext(t.Context(), http.MethodGet, b.URL+"/export/journal", nil)
		req.Header.Set("Authorization", "yes")
		resp, err := b.Client().Do(req)
		if err != nil {
			t.Fatal(err)
		}
		open = append(open, resp)
	}
	resp, body, _ := b.get(t, http.MethodGet, "")
	if resp.StatusCode != http.StatusTooManyRequests || resp.Header.Get("Retry-After") == "" || !strings.Contains(body, "two of them") {
		t.Errorf("a third: %s %s", resp.Status, body)
	}
	for resp.StatusCode == http.StatusTooManyRequests { // until one that does not read is given up
		resp, _, _ = b.get(t, http.MethodGet, "types=NONE")
	}
	cut := 0
	for _, r := range open {
		if _, err := io.Copy(io.Discard, r.Body); err != nil {
			cut++
		}
		r.Body.Close()
	}
	if cut == 0 {
		t.Error("what was given up looks whole")
	}
}

// Rights are looked at while an export runs, and the server's end ends it.
func TestRightsAndEnds(t *testing.T) {
	b := newBed(t, 600)
	for _, test := range []struct {
		name string
		act  func()
		says string
	}{
		{"signed out", func() { b.valid.Store(&auth.ErrUnauthenticated) }, "may no longer read"},
		{"closing", func() { b.Export.Close() }, "The server stops"},
	} {
		b.valid.Store(nil)
		w := &acting{header: http.Header{}, acts: test.act}
		r := httptest.NewRequestWithContext(auth.WithPrincipal(t.Context(), admin()), http.MethodGet, "/export/journal", http.NoBody)
		func() {
			defer func() {
				if err := recover(); err != http.ErrAbortHandler || !strings.Contains(w.String(), test.says) { //nolint:errorlint // it is that very value
					t.Errorf("%s: %v, it ends with %q", test.name, err, w.String()[max(0, w.Len()-200):])
				}
			}()
			b.ServeHTTP(w, r)
		}()
	}
}

// acting takes what is written, and at each write something happens.
type acting struct {
	bytes.Buffer

	header http.Header
	acts   func()
}

func (a *acting) Header() http.Header { return a.header }
func (a *acting) WriteHeader(int)     {}

func (a *acting) Write(b []byte) (int, error) {
	a.acts()
	return a.Buffer.Write(b)
}
