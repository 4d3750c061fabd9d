package seal

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestSecretsOpenOnlyWhereTheyBelong(t *testing.T) {
	path := filepath.Join(t.TempDir(), "keys", "secret.key")
	ring, err := LoadOrCreate(path)
	if err != nil {
		t.Fatal(err)
	}
	sealed, err := ring.Seal("https://hooks.slack.com/services/T/B/x", "int_1")
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(sealed, "hooks") {
		t.Fatal("the secret can be read")
	}
	again, err := LoadOrCreate(path)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := again.Open(sealed, "int_1"); err != nil || got != "https://hooks.slack.com/services/T/B/x" {
		t.Fatalf("got %q, %v", got, err)
	}
	if _, err := again.Open(sealed, "int_2"); err == nil {
		t.Fatal("opened for another owner")
	}
	if _, err := again.Open(sealed[:len(sealed)-2]+"AA", "int_1"); err == nil {
		t.Fatal("opened though altered")
	}
}

func TestRotation(t *testing.T) {
	path := filepath.Join(t.TempDir(), "secret.key")
	ring, err := LoadOrCreate(path)
	if err != nil {
		t.Fatal(err)
	}
	sealed, _ := ring.Seal("s", "c")
	old, _ := os.ReadFile(path)
	fresh := "new QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVphYmNkZWY=\n"
	if err := os.WriteFile(path, append([]byte(fresh), old...), 0o600); err != nil {
		t.Fatal(err)
	}
	rotated, err := Load(path)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := rotated.Open(sealed, "c"); err != nil || got != "s" {
		t.Fatalf("the old key is lost: %q, %v", got, err)
	}
	if s, _ := rotated.Seal("s", "c"); !strings.HasPrefix(s, "new.") {
		t.Fatalf("sealed with the old key: %s", s)
	}
}

func TestBadKeyFiles(t *testing.T) {
	for name, text := range map[string]string{
		"empty": "", "short": "a AAAA\n", "no id": "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVphYmNkZWY=\n",
		"twice": strings.Repeat("a QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVphYmNkZWY=\n", 2),
	} {
		path := filepath.Join(t.TempDir(), "k")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := Load(path); err == nil {
			t.Errorf("%s: loaded", name)
		}
	}
	path := filepath.Join(t.TempDir(), "open")
	if err := os.WriteFile(path, []byte("a QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVphYmNkZWY=\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := Load(path); err == nil || !strings.Contains(err.Error(), "chmod") {
		t.Errorf("a file that others can read: %v", err)
	}
}
