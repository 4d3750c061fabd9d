package e2e

import (
	"maps"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// founded is a bed on a store of SQLite that has the people already. All such beds begin
// with a copy of one store, which the product made.
func founded(t *testing.T) *bed {
	t.Helper()
	origin, tokens := found(t)
	b := newBed(t, "")
	b.env = append(b.env, "PROCYON_STORE=sqlite:"+b.file())
	for _, name := range []string{"procyon.db", "secret.key"} {
		data, err := os.ReadFile(filepath.Join(origin, name))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(b.dir, name), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	b.tok = maps.Clone(tokens)
	return b
}

// file is where a founded bed has its store.
func (b *bed) file() string { return filepath.Join(b.dir, "procyon.db") }

// origin is the store that founded copies.
var origin struct {
	mu     sync.Mutex // guards what follows
	dir    string     // "" until it is made
	tokens map[string]string
}

// found makes the origin, once, and returns its folder and the people's tokens.
func found(t *testing.T) (dir string, tokens map[string]string) {
	t.Helper()
	origin.mu.Lock()
	defer origin.mu.Unlock()
	if origin.dir != "" {
		return origin.dir, origin.tokens
	}
	dir, err := os.MkdirTemp(scratch, "founded-")
	if err != nil {
		t.Fatal(err)
	}
	b := newBed(t, "sqlite:"+filepath.Join(dir, "procyon.db"))
	b.env = append(b.env, "PROCYON_SECRET_KEY_FILE="+filepath.Join(dir, "secret.key"))
	g := b.serve("none")
	b.people(g)
	g.stop()
	if _, err := os.Stat(filepath.Join(dir, "procyon.db-wal")); err == nil {
		t.Fatal("the store is not all in one file after the gateway stopped")
	}
	origin.dir, origin.tokens = dir, b.tok
	return origin.dir, origin.tokens
}

// people makes Dev and Bo, and tokens for all, unless the bed's store has them.
func (b *bed) people(g *server) {
	b.t.Helper()
	if b.tok["ada"] == "" {
		b.register()
	}
	b.admin, b.dev, b.boss = g.client(b.tok["ada"]), g.client(b.tok["dev"]), g.client(b.tok["bo"])
}

func (b *bed) register() {
	b.t.Helper()
	b.must("user", "create", "--email", "dev@example.com", "--name", "Dev Developer", "--password", devPassword)
	b.must("user", "create", "--email", "bo@example.com", "--name", "Bo Boss", "--password", devPassword, "--admin")
	for name, email := range map[string]string{"ada": adminEmail, "dev": "dev@example.com", "bo": "bo@example.com"} {
		b.tok[name] = strings.TrimSpace(b.must("token", "create", "--user", email))
	}
}
