package app

import (
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"procyon/access"
	"procyon/checkpoint"
)

// A server signs the journal now and then, and logs what it signed.
func TestServersSignTheJournal(t *testing.T) {
	a := newTestApp(t)
	runCore(t, a.Core)
	path := a.cfg.Store.CheckpointKeyPath()
	grow := func() {
		t.Helper()
		if _, err := a.Access.CreateResource(t.Context(), Operator(), access.NewResource{Name: "r" + newID(), Kind: access.ResourcePrivateServer}); err != nil {
			t.Fatal(err)
		}
	}
	grow()
	if err := a.checkpoint(t.Context(), a.cfg.Store, 0); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
		t.Error("a server that signs nothing has made a key file", err)
	}

	logged := make(lines, 10)
	a.log = slog.New(slog.NewJSONHandler(logged, nil))
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- a.checkpoint(ctx, a.cfg.Store, 4*time.Millisecond) }()
	line := <-logged
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	made, err := a.newestCheckpoint(t.Context())
	if err != nil || made == nil {
		t.Fatal(made, err)
	}
	keys, err := checkpoint.ReadKeys(path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := checkpoint.Parse([]byte(made.Note), keys); err != nil || made.Size != a.Journal.Head() {
		t.Error(err, made.Size)
	}
	private, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if _, secret, ok := strings.Cut(string(private), "PRIVATE+KEY+"); !ok || strings.Contains(line, strings.TrimSpace(secret)) {
		t.Error("the log has the private key", ok)
	}
	if !strings.Contains(line, made.Origin) || !strings.Contains(line, made.Root.String()) {
		t.Error(line)
	}

	// Another server, which has not the key, signs nothing, makes no key, and says so.
	grow()
	elsewhere := StoreConfig{CheckpointKeyFile: filepath.Join(t.TempDir(), "checkpoint.key")}
	if c, err := a.dueCheckpoint(t.Context(), elsewhere, 0); err == nil || !strings.Contains(err.Error(), made.Key) || !strings.Contains(err.Error(), "PROCYON_CHECKPOINT_KEY_FILE") {
		t.Error(c, err)
	}
	if _, err := os.Stat(elsewhere.CheckpointKeyFile); !errors.Is(err, fs.ErrNotExist) {
		t.Error(err)
	}
	if c, err := a.dueCheckpoint(t.Context(), a.cfg.Store, 0); err != nil || c == nil || c.Size != made.Size+1 {
		t.Error(c, err)
	}
}

// lines are what a log writes, line by line. What nobody waits for is dropped.
type lines chan string

func (l lines) Write(line []byte) (int, error) {
	select {
	case l <- string(line):
	default:
	}
	return len(line), nil
}
