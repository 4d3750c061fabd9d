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
	"testing/synctest"
	"time"

	"procyon/access"
	"procyon/checkpoint"
	"procyon/journal"
	"procyon/store"
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

// hurried is a store in which somebody else writes before the first write.
type hurried struct {
	journal.Store
	first func()
}

func (s *hurried) Put(ctx context.Context, docs ...store.Document) error {
	if first := s.first; first != nil {
		s.first = nil
		first()
	}
	return s.Store.Put(ctx, docs...)
}

// Of two servers that have no key, and make one at once, one keeps its own. The other says
// whose it needs, and its own is gone again: it has signed nothing.
func TestServersThatMakeAKeyAtOnce(t *testing.T) {
	a := newTestApp(t)
	runCore(t, a.Core)
	if _, err := a.Access.CreateResource(t.Context(), Operator(), access.NewResource{Name: "r", Kind: access.ResourcePrivateServer}); err != nil {
		t.Fatal(err)
	}
	ours, theirs := filepath.Join(t.TempDir(), "checkpoint.key"), filepath.Join(t.TempDir(), "checkpoint.key")
	open := func(path string, db journal.Store) error {
		_, err := openCheckpoints(t.Context(), path, db, false, time.Now)
		return err
	}
	err := open(ours, &hurried{a.Store, func() {
		if err := open(theirs, a.Store); err != nil {
			t.Error(err)
		}
	}})
	owner, failed := checkpoint.Owner(t.Context(), a.Store)
	if failed != nil || err == nil || !strings.Contains(err.Error(), owner) || !strings.Contains(err.Error(), "PROCYON_CHECKPOINT_KEY_FILE") {
		t.Error(err, owner, failed)
	}
	if _, err := os.Stat(ours); !errors.Is(err, fs.ErrNotExist) {
		t.Error(err)
	}
	if err := open(ours, a.Store); err == nil || !strings.Contains(err.Error(), "there is no key file") {
		t.Error(err)
	}
	if _, err := os.Stat(ours); !errors.Is(err, fs.ErrNotExist) {
		t.Error("a key file was made that nobody needs", err)
	}
	key, err := os.ReadFile(theirs)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(ours, key, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{ours, theirs} {
		if err := open(path, a.Store); err != nil {
			t.Error(err)
		}
	}
	// One that is there already, of another key, is not touched.
	other := filepath.Join(t.TempDir(), "checkpoint.key")
	if _, err := checkpoint.LoadKeys(other); err != nil {
		t.Fatal(err)
	}
	if err := open(other, a.Store); err == nil || !strings.Contains(err.Error(), "has not that key") {
		t.Error(err)
	}
	if _, err := os.Stat(other); err != nil {
		t.Error(err)
	}
}

// What is in no hurry rests three times as long as it works, and while steps are due.
func TestGiveWay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &Core{}
		pause := c.giveWay()
		rests := func(want time.Duration) {
			t.Helper()
			time.Sleep(time.Second) //nolint:forbidigo // the work, on the test's own clock
			began := time.Now()
			if err := pause(t.Context()); err != nil || time.Since(began) != want {
				t.Error(time.Since(began), err)
			}
		}
		rests(3 * time.Second)
		rests(3 * time.Second)
		c.stepping.Store(true)
		time.AfterFunc(10*time.Second-time.Millisecond, func() { c.stepping.Store(false) })
		rests(9 * time.Second)
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if err := pause(ctx); !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
	})
}
