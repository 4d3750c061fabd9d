package e2e

import (
	"errors"
	"io"
	"net/http"
	"os"
	"strings"
	"testing"

	"procyon/client"
)

// readiness is what /readyz says.
func (g *server) readiness() (status int, why string) {
	g.b.t.Helper()
	resp, err := http.Get("http://" + g.address + "/readyz")
	if err != nil {
		g.b.t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		g.b.t.Fatal(err)
	}
	return resp.StatusCode, string(text)
}

// Somebody who puts a copy in the place of the store while a server runs on it is told so at
// the next change, and nothing is acknowledged that nobody would find; after a restart the
// server goes on from the copy.
func TestTheStoreIsReplacedUnderAServer(t *testing.T) {
	t.Parallel()
	b := founded(t)
	g := b.serve("none")
	b.people(g)
	resource := b.catalog("store")
	b.askFor(resource, "kept", 2)
	g.stop()
	copied, err := os.ReadFile(b.file())
	if err != nil {
		t.Fatal(err)
	}
	g.again()
	b.askFor(resource, "lost", 3)
	if err := os.WriteFile(b.file()+".copy", copied, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(b.file()+".copy", b.file()); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if _, err := b.ask(resource, "never."); !errors.Is(err, client.ErrJournalChanged) {
			t.Errorf("a change: %v", err)
		}
	}
	eventually(t, "it is not ready", func() bool {
		status, why := g.readiness()
		return status == http.StatusServiceUnavailable && strings.Contains(why, "restart")
	})
	if n := strings.Count(b.log.String(), "the store has another journal than before"); n != 1 {
		t.Errorf("the log says it %d times", n)
	}
	g.stop()
	g.again()
	b.askFor(resource, "new", 1)
	g.stop()
	if out := b.must("journal", "verify"); !strings.Contains(out, "whole") {
		t.Error(out)
	}
}
