package demo

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"
)

func write(t *testing.T, path string) {
	t.Helper()
	if err := os.WriteFile(path, []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
}

func there(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// One demo at a time has a folder; the next finds nothing of the last one's store.
func TestAFolderIsOneDemosAtATime(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new", "demo")
	if err := whoHas(dir); err != nil {
		t.Error(err)
	}
	f, err := take(t.Context(), dir, place{Console: "http://console", Slack: "http://slack"})
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range []string{"procyon.db", "procyon.db-wal", "secret.key", "notes.txt"} {
		write(t, filepath.Join(dir, file))
	}
	for range 2 {
		_, err = take(t.Context(), dir, place{Console: "http://other"})
		var running *RunningError
		if !errors.As(err, &running) || running.At != (place{Process: os.Getpid(), Console: "http://console", Slack: "http://slack"}) {
			t.Fatalf("%+v, %v", running, err)
		}
		if who := whoHas(dir); who == nil || who.Error() != err.Error() {
			t.Errorf("%v", who)
		}
	}
	if !there(filepath.Join(dir, "procyon.db")) {
		t.Error("the store of the demo that runs is gone")
	}
	if err := f.give(); err != nil {
		t.Fatal(err)
	}
	if err := whoHas(dir); err != nil {
		t.Error(err)
	}
	f, err = take(t.Context(), dir, place{})
	if err != nil {
		t.Fatal(err)
	}
	if err := f.clear(); err != nil {
		t.Fatal(err)
	}
	for file, want := range map[string]bool{"procyon.db": false, "procyon.db-wal": false, "secret.key": false, "notes.txt": true, lockName: true} {
		if there(filepath.Join(dir, file)) != want {
			t.Errorf("%s is there: %v", file, !want)
		}
	}
	if err := f.give(); err != nil {
		t.Fatal(err)
	}
}

// A folder of something else, such as a server's store, is refused before it is touched.
func TestAFolderOfSomethingElseIsRefused(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "procyon.db"))
	_, err := take(t.Context(), dir, place{})
	if err == nil || !strings.Contains(err.Error(), "procyon.db") || !strings.Contains(err.Error(), "--demo-dir") {
		t.Errorf("%v", err)
	}
	if !there(filepath.Join(dir, "procyon.db")) || there(filepath.Join(dir, lockName)) {
		t.Error("it was touched")
	}
}

// Of two that start at once one has the addresses. That the other looks who is there does
// not keep it from the folder.
func TestWhoLooksKeepsNobodyFromAFolder(t *testing.T) {
	dir := t.TempDir()
	look, err := lockFile(filepath.Join(dir, lockName))
	if err != nil {
		t.Fatal(err)
	}
	time.AfterFunc(glance/20, func() { _ = look.Close() })
	f, err := take(t.Context(), dir, place{})
	if err != nil {
		t.Fatal(err)
	}
	if err := f.give(); err != nil {
		t.Fatal(err)
	}
}

// Whoever can write beside a demo has it write nowhere but to its own lock.
func TestALockIsNoLink(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("only an administrator makes links there")
	}
	elsewhere := filepath.Join(t.TempDir(), "elsewhere")
	write(t, elsewhere)
	for name, put := range map[string]func(path string) error{
		"a link":           func(path string) error { return os.Symlink(elsewhere, path) },
		"a link to be":     func(path string) error { return os.Symlink(elsewhere+"-2", path) },
		"another's folder": func(path string) error { return os.Mkdir(path, 0o700) },
	} {
		dir := t.TempDir()
		if err := put(filepath.Join(dir, lockName)); err != nil {
			t.Fatal(err)
		}
		if f, err := take(t.Context(), dir, place{}); err == nil {
			t.Errorf("%s is taken as a lock", name)
			_ = f.give()
		}
		if who := whoHas(dir); who != nil {
			t.Errorf("%s: %v", name, who)
		}
	}
	if text, err := os.ReadFile(elsewhere); string(text) != "x" || there(elsewhere+"-2") {
		t.Errorf("a file elsewhere is changed: %q, %v", text, err)
	}
}
