package app

import (
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A free port is known once it is taken, also in the URL for people; a URL that was told
// stays.
func TestBindFillsInThePort(t *testing.T) {
	for told, want := range map[string]string{"": "http://ADDRESS", "https://procyon.example.com": "https://procyon.example.com"} {
		cfg := Config{Server: ServerConfig{Listen: "127.0.0.1:0", PublicURL: told}}
		if err := cfg.Bind(t.Context()); err != nil {
			t.Fatal(err)
		}
		address := cfg.Server.bound.Addr().String()
		if cfg.Server.Listen != address || cfg.Server.PublicURL != strings.Replace(want, "ADDRESS", address, 1) {
			t.Errorf("%+v at %s", cfg.Server, address)
		}
		again := cfg
		if err := again.Bind(t.Context()); err != nil || again.Server.bound != cfg.Server.bound {
			t.Errorf("bound twice: %v", err)
		}
		cfg.Server.Unbind()
		cfg.Server.Unbind()
	}
}

// What can't be served takes no address, and an address that is taken leaves the store
// alone; where the store can't be opened the address is free again.
func TestOpenTakesAllOrNothing(t *testing.T) {
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address, dir := l.Addr().String(), t.TempDir()
	file := filepath.Join(dir, "procyon.db")
	open := func(store string) error {
		t.Helper()
		a, err := Open(t.Context(), Config{Server: ServerConfig{Listen: address}, Store: StoreConfig{URL: store}, Workers: "none"}, slog.New(slog.DiscardHandler))
		if err == nil {
			err = a.Close()
		}
		return err
	}
	if err := open("sqlite:" + file); err == nil || !strings.HasPrefix(err.Error(), "PROCYON_LISTEN: ") {
		t.Errorf("the address is taken, and it says %v", err)
	}
	if _, err := os.Stat(file); err == nil {
		t.Error("the store was made")
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	if err := open("nothing:at all"); err == nil {
		t.Error("a store of no kind is opened")
	}
	for range 2 {
		if err := open("sqlite:" + file); err != nil {
			t.Error(err)
		}
	}
}
