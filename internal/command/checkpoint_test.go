package command_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// What is signed on the command line proves the journal later, and a request's receipt is
// checked without the store.
func TestCheckpointsOnTheCommandLine(t *testing.T) {
	dir := t.TempDir()
	store := func(name string) []string {
		return []string{"PROCYON_STORE=sqlite:" + filepath.Join(dir, name, "procyon.db"), "PROCYON_SECRET_KEY_FILE=" + filepath.Join(dir, "secret.key")}
	}
	run := func(wantCode int, want string, env []string, args ...string) string {
		t.Helper()
		code, out, errs := invoke(t, env, args...)
		if code != wantCode || !strings.Contains(out+errs, want) || strings.Contains(out+errs, "PRIVATE+KEY") {
			t.Fatalf("%v: %d %s%s\nwant %q", args, code, out, errs, want)
		}
		return out
	}
	write := func(name, text string) string {
		t.Helper()
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	env := store("a")
	run(1, "there is no file", env, "journal", "checkpoint")
	user := func(env []string, name string) {
		t.Helper()
		run(0, "", env, "user", "create", "--email", name+"@example.com", "--name", name, "--password", "a-long-password")
	}
	user(env, "ada")
	first := write("first", run(0, "procyon/journal/", env, "journal", "checkpoint"))
	if info, err := os.Stat(filepath.Join(dir, "checkpoint.key")); err != nil || info.Mode().Perm() != 0o600 {
		t.Fatal(info, err)
	}
	user(env, "bo")
	second := write("second", run(0, "procyon/journal/", env, "journal", "checkpoint"))
	key := strings.TrimSpace(run(0, "procyon+", env, "journal", "checkpoint", "--public-key"))

	user(env, "cy")
	run(0, "those that were signed", env, "journal", "verify", "--checkpoint", first, "--checkpoint", second, "--public-key", key)
	run(0, "those that were signed", env, "journal", "verify", "--checkpoint", first)
	run(0, "All views were made anew", env, "journal", "rebuild")
	run(0, "those that were signed", env, "journal", "verify", "--checkpoint", write("third", run(0, "", env, "journal", "checkpoint")))
	run(1, "no such file", env, "journal", "verify", "--checkpoint", first+"x")
	run(1, "it is no checkpoint", env, "journal", "verify", "--checkpoint", write("empty", ""))
	run(1, "this is no public key", env, "journal", "verify", "--checkpoint", first, "--public-key", "x")
	run(1, "no request with this ID", env, "receipt", "req_1")

	other := store("b")
	user(other, "ada")
	run(1, "it is of another journal", other, "journal", "verify", "--checkpoint", first)

	lost := append(env[:1:1], "PROCYON_CHECKPOINT_KEY_FILE="+filepath.Join(dir, "new.key"))
	run(1, "there is no key file", lost, "journal", "checkpoint")
	run(1, "there is no key file", lost, "receipt", "req_1")
	user(env, "di")
	fourth := write("fourth", run(0, "procyon/journal/", lost, "journal", "checkpoint", "--new-key"))
	run(0, "those that were signed", lost, "journal", "verify", "--checkpoint", fourth)
	run(1, "a key that is not known here", lost, "journal", "verify", "--checkpoint", first)
	run(1, "a key that is not known here", env, "journal", "checkpoint")
}
