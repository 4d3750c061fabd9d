package e2e

import (
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	_ "modernc.org/sqlite" // to tamper with
)

func TestWhatTheCommandsRefuse(t *testing.T) {
	t.Parallel()
	b := newBed(t, "sqlite:"+t.TempDir()+"/procyon.db")
	b.must("user", "create", "--email", "ada@example.com", "--name", "Ada", "--password", "a-long-password") // makes the store
	for want, args := range map[string][]string{
		`there is no command "fly"`:           {"fly"},
		"unknown flag: --fly":                 {"serve", "--fly"},
		"at least 12":                         {"user", "create", "--email", "a@example.com", "--name", "A", "--password", "short"},
		"is not an e-mail address":            {"user", "create", "--email", "nobody", "--name", "A", "--password", "a-long-password"},
		"There is no such user":               {"token", "create", "--user", "nobody@example.com"},
		"can't have the scope":                {"token", "create", "--name", "x", "--scope", "everything"},
		"needs --name and --scope":            {"token", "create"},
		"is not an http or https URL":         {"serve", "--public-url", "procyon"},
		"must be sqlite:PATH or mongodb://…":  {"serve", "--store", "postgres://x"},
		"MAX_OPEN_REQUESTS -1 must be from":   {"serve", "--max-open-requests", "-1"},
		"REQUESTS_PER_HOUR 1001 must be from": {"serve", "--max-requests-per-hour", "1001"},
		`no worker "cook"`:                    {"serve", "--workers", "cook"},
		"PROCYON_SERVICE_TOKEN is missing":    {"notifier"},
	} {
		if _, err := b.run(args...); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v: %v; want %q", args, err, want)
		}
	}
}

func TestTamperingIsFound(t *testing.T) {
	t.Parallel()
	b := founded(t)
	g := b.serve("none")
	b.people(g)
	resource := b.catalog("tamper")
	for range 3 {
		if _, err := b.ask(resource, "an honest reason"); err != nil {
			t.Fatal(err)
		}
	}
	g.stop()
	if out := b.must("journal", "verify"); !strings.Contains(out, "The journal is whole") {
		t.Fatal(out)
	}
	db, err := sql.Open("sqlite", b.file())
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var seq int
	if err := db.QueryRow(`SELECT max(seq) - 1 FROM entry`).Scan(&seq); err != nil {
		t.Fatal(err)
	}
	if _, err := db.Exec(`UPDATE entry SET body = (SELECT body FROM entry WHERE seq = ?1 - 1) WHERE seq = ?1`, seq); err != nil {
		t.Fatal(err)
	}
	_, err = b.run("journal", "verify")
	if err == nil || !strings.Contains(err.Error(), fmt.Sprintf("entry %d ", seq)) {
		t.Errorf("tampering with entry %d is not found: %v", seq, err)
	}
}

func TestRebuildRestoresViews(t *testing.T) {
	t.Parallel()
	b := founded(t)
	g := b.serve("none")
	b.people(g)
	resource := b.catalog("rebuild")
	id, err := b.ask(resource, "x")
	if err != nil {
		t.Fatal(err)
	}
	g.stop()
	db, err := sql.Open("sqlite", b.file())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.Exec(`DELETE FROM document WHERE id LIKE 'req_%' OR id LIKE 'res_%'`); err != nil {
		t.Fatal(err)
	}
	db.Close()
	if _, err := b.run("journal", "verify"); err == nil || !strings.Contains(err.Error(), "rebuild the views") {
		t.Errorf("lost views are not found: %v", err)
	}
	if out := b.must("journal", "rebuild"); !strings.Contains(out, "All views were made anew") {
		t.Error(out)
	}
	if out := b.must("journal", "verify"); !strings.Contains(out, "whole") {
		t.Error(out)
	}
	g.again()
	var list struct {
		AccessRequests struct{ Nodes []struct{ ID, Reason string } }
	}
	if err := b.dev.Do(t.Context(), `{ accessRequests(filter: {status: [PENDING]}, first: 10) { nodes { id reason } } }`, nil, &list); err != nil {
		t.Error(err)
	}
	if n := list.AccessRequests.Nodes; len(n) != 1 || n[0].ID != id || n[0].Reason != "x" {
		t.Errorf("the views have %v", n)
	}
	if _, err := b.ask(resource, "y"); err != nil {
		t.Error(err)
	}
	g.stop()
}

// A person who is disabled, and a token that is revoked, are out at a server that
// runs; the last administrator stays.
func TestPeopleAndTokensEnd(t *testing.T) {
	t.Parallel()
	b := founded(t)
	g := b.serve("none")
	b.people(g)
	works := func(token string) bool {
		return g.client(token).Do(t.Context(), `{ viewer { name } accounts(first: 1) { nodes { id } } }`, nil, nil) == nil
	}
	web := g.browser(t)
	if web.signIn("dev@example.com", devPassword, "/"); !web.isSignedIn() {
		t.Fatal("Dev is not signed in")
	}
	b.must("user", "disable", "--email", "DEV@example.com")
	eventually(t, "Dev's token and session are refused", func() bool {
		_, page := web.get("/requests")
		return !works(b.tok["dev"]) && strings.Contains(page, "Password")
	})
	if web.signIn("dev@example.com", devPassword, "/"); web.isSignedIn() {
		t.Error("somebody disabled signs in")
	}
	b.must("user", "disable", "--email", "dev@example.com") // nothing more to do
	b.must("user", "enable", "--email", "dev@example.com")
	b.must("user", "password", "--email", "dev@example.com", "--password", "another-long-password")
	if works(b.tok["dev"]) {
		t.Error("a token that ended with its owner works again")
	}
	if list := b.must("token", "list", "--user", "dev@example.com"); list != "" {
		t.Errorf("Dev still has %s", list)
	}
	if web.signIn("dev@example.com", "another-long-password", "/"); !web.isSignedIn() {
		t.Error("the new password does not work")
	}

	list := b.must("token", "list", "--user", "bo@example.com")
	id := strings.Fields(list)[0]
	if !strings.HasPrefix(id, "tok_") || strings.Contains(list, b.tok["bo"]) {
		t.Fatal(list)
	}
	b.must("token", "revoke", "--id", id)
	eventually(t, "Bo's token is refused", func() bool { return !works(b.tok["bo"]) })
	if list := b.must("token", "list", "--user", "bo@example.com"); list != "" {
		t.Errorf("Bo still has %s", list)
	}
	if _, err := b.run("token", "revoke", "--id", id); err == nil {
		t.Error("revoked twice")
	}

	b.must("user", "role", "--email", "bo@example.com", "--role", "member")
	if _, err := b.run("user", "role", "--email", adminEmail, "--role", "member"); err == nil || !strings.Contains(err.Error(), "last administrator") {
		t.Errorf("the last administrator: %v", err)
	}
	b.must("user", "role", "--email", "bo@example.com", "--role", "admin")
	b.must("user", "disable", "--email", "bo@example.com")
	if _, err := b.run("user", "disable", "--email", adminEmail); err == nil || !strings.Contains(err.Error(), "last administrator") {
		t.Errorf("the last administrator: %v", err)
	}
	if out := b.must("journal", "verify"); !strings.Contains(out, "whole") {
		t.Error(out)
	}
}

// With another key file than the store's nothing starts, so that nothing is sealed
// with it; with the right one, and with a new key on top of it, all does.
func TestAnotherKeyFileIsRefused(t *testing.T) {
	t.Parallel()
	stores(t, func(t *testing.T, store func(t *testing.T) string) {
		b := newBed(t, store(t))
		b.must("user", "create", "--email", "ada@example.com", "--name", "Ada", "--password", "a-long-password") // makes the store
		b.must("token", "create", "--name", "first", "--scope", "events:read")
		other := filepath.Join(b.dir, "other.key")
		_, err := b.run("token", "create", "--name", "second", "--scope", "events:read", "--secret-key-file", other)
		if err == nil || !strings.Contains(err.Error(), "other.key is not the one") {
			t.Fatalf("another key file: %v", err)
		}
		own := filepath.Join(b.dir, "secret.key")
		old, err := os.ReadFile(own)
		if err != nil {
			t.Fatal(err)
		}
		added, err := os.ReadFile(other)
		if err != nil {
			t.Fatal(err)
		}
		words := strings.Fields(string(added)) // a comment, an ID, a key
		rotated := []byte("k9 " + words[len(words)-1] + "\n" + string(old))
		if err := os.WriteFile(own, rotated, 0o600); err != nil {
			t.Fatal(err)
		}
		b.must("token", "create", "--name", "third", "--scope", "events:read")
		if err := os.WriteFile(own, rotated[:len(rotated)-len(old)], 0o600); err != nil { // the old key goes
			t.Fatal(err)
		}
		b.must("token", "create", "--name", "fourth", "--scope", "events:read")
		if err := os.WriteFile(own, old, 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := b.run("token", "create", "--name", "fifth", "--scope", "events:read"); err == nil {
			t.Error("a store that was moved to a new key starts without it")
		}
	})
}
