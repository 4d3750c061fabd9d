package e2e

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// The caches of Relay, Apollo and urql judge the API: after any order of queries,
// mutations and replayed events they show what the server says. Relay's compiler judges
// the schema, too, which it gets from the running server.
func TestCachesShowTheTruth(t *testing.T) {
	t.Parallel()
	b := founded(t)
	g := b.serve("none")
	b.people(g)
	given, err := json.Marshal(map[string]any{
		"url": "http://" + g.address + "/graphql", "ada": b.tok["ada"], "bo": b.tok["bo"], "dev": b.tok["dev"],
		"hook": b.hooks.url("caches"), "seeds": []int{2, 4}, "steps": 50,
	})
	if err != nil {
		t.Fatal(err)
	}
	dir := judges(t)
	cmd := exec.CommandContext(t.Context(), "node", "main.js", string(given))
	cmd.Dir, cmd.Env, cmd.SysProcAttr = dir, ownEnvironment(), ownGroup()
	if out, err := cmd.CombinedOutput(); err != nil || len(out) > 0 {
		t.Errorf("%v\n%s", err, out)
	}
	g.stop()
}

// judges is a new folder with the programs of testdata/caches.
func judges(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	sources, err := filepath.Glob("testdata/caches/*.js*")
	if err != nil {
		t.Fatal(err)
	}
	for _, source := range sources {
		data, err := os.ReadFile(source)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, filepath.Base(source)), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink(nodeModules(t, "testdata/caches", "relay-runtime"), filepath.Join(dir, "node_modules")); err != nil {
		t.Fatal(err)
	}
	return dir
}
