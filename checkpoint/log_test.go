package checkpoint_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"procyon/access"
	"procyon/checkpoint"
	"procyon/journal"
	"procyon/store"
	"procyon/store/sqlite"
)

var start = time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)

// bed is a store with its keys, and what is in its journal.
type bed struct {
	*testing.T
	path   string
	keys   *checkpoint.Keys
	db     journal.Store
	head   journal.Head
	hashes []journal.Hash
	now    time.Time
	salt   string // lets another journal have other entries
}

func newBed(t *testing.T) *bed {
	t.Helper()
	dir := t.TempDir()
	b := &bed{T: t, path: filepath.Join(dir, "p.db"), now: start}
	b.db = b.open()
	var err error
	b.keys, err = checkpoint.LoadKeys(filepath.Join(dir, "checkpoint.key"))
	b.must(err)
	return b
}

// open opens a further handle on the store.
func (b *bed) open() journal.Store {
	b.Helper()
	db, err := sqlite.Open(b.Context(), b.path)
	b.must(err)
	b.Cleanup(func() { b.must(db.Close()) })
	return db
}

func (b *bed) must(err error) {
	b.Helper()
	if err != nil {
		b.Fatal(err)
	}
}

// grow appends n entries.
func (b *bed) grow(n int) {
	b.Helper()
	var entries []journal.Entry
	var views []store.Document
	for range n {
		seq := b.head.Seq + 1
		after := fmt.Sprintf(`{"id":"gw_%d","name":%q}`, seq, b.salt)
		e := journal.Entry{Seq: seq, At: start, Actor: access.Actor{Kind: access.ActorSystem, ID: "system"}, Subject: fmt.Sprintf("gw_%d", seq), Version: 1, Type: "CREATED", Data: []byte(after), After: []byte(after)}
		b.must(e.Seal(b.head.Hash))
		b.head = journal.Head{Seq: seq, Hash: e.Hash, At: e.At}
		b.hashes = append(b.hashes, e.Hash)
		entries = append(entries, e)
		views = append(views, store.Document{ID: e.Subject, Version: 1, Data: e.After})
	}
	_, err := b.db.Append(b.Context(), entries, views)
	b.must(err)
}

func (b *bed) log(db journal.Store) *checkpoint.Log {
	return checkpoint.NewLog(db, b.keys, func() time.Time { return b.now })
}

func (b *bed) make() *checkpoint.Checkpoint {
	b.Helper()
	c, err := b.log(b.db).Make(b.Context())
	b.must(err)
	return c
}

// compare holds the journal against checkpoints, as journal.Verify does.
func (b *bed) compare(checkpoints ...checkpoint.Checkpoint) (proved uint64, err error) {
	b.Helper()
	c := checkpoint.Compare(checkpoints...)
	for i, h := range b.hashes {
		b.must(c.Observe(uint64(i)+1, h))
	}
	return c.End(b.head.Seq)
}

// root is the tree's root by the library alone, which keeps the whole tree.
func (b *bed) root(size uint64) tlog.Hash {
	b.Helper()
	var all []tlog.Hash
	r := tlog.HashReaderFunc(func(indexes []int64) ([]tlog.Hash, error) {
		out := make([]tlog.Hash, len(indexes))
		for i, x := range indexes {
			out[i] = all[x]
		}
		return out, nil
	})
	for i := range int64(size) {
		more, err := tlog.StoredHashes(i, b.hashes[i][:], r)
		b.must(err)
		all = append(all, more...)
	}
	root, err := tlog.TreeHash(int64(size), r)
	b.must(err)
	return root
}

// wantProved checks that entries are proved to be in a checkpoint.
func (b *bed) wantProved(c *checkpoint.Checkpoint) {
	b.Helper()
	seqs := []uint64{1, (c.Size + 1) / 2, c.Size}
	proofs, err := b.log(b.db).Prove(b.Context(), c, seqs...)
	b.must(err)
	for i, p := range proofs {
		leaf := tlog.RecordHash(b.hashes[seqs[i]-1][:])
		if err := tlog.CheckRecord(p, int64(c.Size), c.Root, int64(seqs[i])-1, leaf); err != nil {
			b.Errorf("entry %d of %d: %v", seqs[i], c.Size, err)
		}
	}
}

// Checkpoints of all sizes have the root that RFC 6962 says, are read back, and prove
// entries; also older ones, from what a newer one has stored.
func TestCheckpoints(t *testing.T) {
	b := newBed(t)
	if _, err := b.log(b.db).Make(t.Context()); !errors.Is(err, checkpoint.ErrEmpty) {
		t.Fatal(err)
	}
	var made []*checkpoint.Checkpoint
	for _, n := range []int{1, 1, 1, 252, 1, 1, 255, 256, 1, 700} {
		b.grow(n)
		b.now = b.now.Add(time.Hour)
		c := b.make()
		if c.Size != b.head.Seq || c.Head != b.head.Hash || !c.At.Equal(b.now) || c.Root != b.root(c.Size) {
			t.Fatalf("%+v", c)
		}
		read, err := checkpoint.Parse([]byte(c.Note), b.keys)
		if err != nil || read != *c {
			t.Fatalf("%v\n%+v\n%+v", err, read, c)
		}
		made = append(made, c)
	}
	for _, c := range made {
		b.wantProved(c)
	}
	b.now = b.now.Add(time.Hour)
	if again := b.make(); *again != *made[len(made)-1] {
		t.Errorf("a journal that did not grow was signed again: %+v", again)
	}
	var all []checkpoint.Checkpoint
	for _, c := range made {
		all = append(all, *c)
	}
	rand.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	if proved, err := b.compare(all...); err != nil || proved != b.head.Seq {
		t.Error(proved, err)
	}
	// What is stored of the tree can go, and come back.
	b.must(checkpoint.Forget(t.Context(), b.db))
	if _, err := b.log(b.db).Prove(t.Context(), made[len(made)-1], 1); err == nil || !strings.Contains(err.Error(), "journal rebuild") {
		t.Error(err)
	}
	b.grow(1)
	b.wantProved(b.make())
}

// A checkpoint is made when the newest is old, and the journal has grown.
func TestCheckpointsThatAreDue(t *testing.T) {
	b := newBed(t)
	due := func(want uint64) {
		t.Helper()
		c, err := b.log(b.db).MakeDue(t.Context(), time.Hour, nil)
		if err != nil || want == 0 && c != nil || want > 0 && (c == nil || c.Size != want) {
			t.Fatal(c, err)
		}
	}
	due(0)
	b.grow(1)
	due(1)
	b.grow(1)
	b.now = b.now.Add(59 * time.Minute)
	due(0)
	b.now = b.now.Add(time.Minute)
	due(2)
	b.now = b.now.Add(time.Hour)
	due(0)
	b.grow(1)
	b.now = start.AddDate(1, 0, 0) // a clock that is wrong
	due(3)
	b.grow(1)
	b.now = start.AddDate(1, 0, 0).Add(-59 * time.Minute) // one that is a little behind
	due(0)
	b.now = start.Add(5 * time.Hour)
	due(4)
}

// Servers that sign at once get the same checkpoint.
func TestServersThatSignAtOnce(t *testing.T) {
	b := newBed(t)
	other := b.open()
	for _, n := range []int{300, 1, 600} {
		b.grow(n)
		var got [4]*checkpoint.Checkpoint
		var wg sync.WaitGroup
		for i := range got {
			wg.Go(func() {
				var err error
				if got[i], err = b.log([]journal.Store{b.db, other}[i%2]).Make(t.Context()); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		for _, c := range got {
			if c == nil || *c != *got[0] {
				t.Errorf("%+v\n%+v", c, got[0])
			}
		}
		b.wantProved(got[0])
	}
}

// brittle is a store that a crash takes away before the nth write.
type brittle struct {
	journal.Store
	left int
}

var errCrash = errors.New("crash")

func (s *brittle) Put(ctx context.Context, docs ...store.Document) error {
	if s.left == 0 {
		return errCrash
	}
	s.left--
	return s.Store.Put(ctx, docs...)
}

// A crash between any two writes costs nothing: who signs next goes on, and gets what it
// would have.
func TestCrashWhileSigning(t *testing.T) {
	if testing.Short() {
		t.Skip("needs more entries than a tile of tiles")
	}
	b := newBed(t)
	b.grow(65_300)
	b.make()
	b.grow(600)
	for crashes := 0; ; crashes++ {
		c, err := b.log(&brittle{b.db, 1}).Make(t.Context())
		if err == nil {
			if crashes < 3 {
				t.Errorf("%d crashes", crashes)
			}
			if c.Root != b.root(c.Size) {
				t.Error("another root")
			}
			b.wantProved(c)
			return
		}
		if !errors.Is(err, errCrash) {
			t.Fatal(err)
		}
	}
}

// Nothing is signed that does not continue what was signed.
func TestRewrittenJournalsAreNotSigned(t *testing.T) {
	honest := newBed(t)
	honest.grow(700)
	c := honest.make()
	for name, forge := range map[string]func(b *bed){
		"another beginning": func(b *bed) { b.salt = "x"; b.grow(700) },
		"rewritten":         func(b *bed) { b.grow(500); b.salt = "x"; b.grow(300) },
		"cut off":           func(b *bed) { b.grow(600) },
	} {
		b := newBed(t)
		b.keys = honest.keys
		forge(b)
		newest, err := honest.db.List(t.Context(), store.Query{Term: "checkpoint", Limit: 1})
		b.must(err)
		b.must(b.db.Put(t.Context(), newest...))
		if _, err := b.log(b.db).Make(t.Context()); !errors.Is(err, checkpoint.ErrRewritten) {
			t.Errorf("%s: %v", name, err)
		}
		want := map[string]string{"another beginning": "it is of another journal", "rewritten": "history was rewritten", "cut off": "its end was cut off"}[name]
		if _, err := b.compare(*c); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v; want %q", name, err, want)
		}
	}
	// From which checkpoint on is told.
	b := newBed(t)
	b.keys = honest.keys
	b.grow(500)
	before := b.make()
	b.salt = "x"
	b.grow(300)
	_, err := b.compare(*c, *before)
	if err == nil || !strings.Contains(err.Error(), "behind entry 500") {
		t.Error(err)
	}
}

// Only what the key has signed is a checkpoint; an older key stays good where the file has it.
func TestKeys(t *testing.T) {
	b := newBed(t)
	b.grow(3)
	c := b.make()
	public, err := checkpoint.PublicKeys(b.keys.Public())
	b.must(err)
	if got, err := checkpoint.Parse([]byte(c.Note), public); err != nil || got != *c {
		t.Error(got, err)
	}
	for i := range c.Note {
		if _, err := checkpoint.Parse([]byte(c.Note[:i]+string(c.Note[i]^1)+c.Note[i+1:]), public); err == nil {
			t.Fatalf("byte %d may be another", i)
		}
	}
	foreign, err := checkpoint.LoadKeys(filepath.Join(t.TempDir(), "other.key"))
	b.must(err)
	if _, err := checkpoint.Parse([]byte(c.Note), foreign); !errors.Is(err, checkpoint.ErrUnknownKey) {
		t.Error(err)
	}

	old := b.keys
	b.keys = foreign
	b.grow(1)
	if _, err := b.log(b.db).Make(t.Context()); !errors.Is(err, checkpoint.ErrUnknownKey) {
		t.Error(err)
	}
	dir := t.TempDir()
	rotated := filepath.Join(dir, "rotated.key")
	private, err := os.ReadFile(keyFile(t))
	b.must(err)
	b.must(os.WriteFile(rotated, []byte(string(private)+"# the old one\n"+old.Public()+"\n"), 0o600))
	b.keys, err = checkpoint.ReadKeys(rotated)
	b.must(err)
	if c := b.make(); c.Size != 4 || strings.HasPrefix(old.Public(), c.Key) {
		t.Errorf("%+v", c)
	}
	b.keys = foreign
	if c, err := b.log(b.db).MakeAnew(t.Context()); err != nil || c.Size != 4 || !strings.HasPrefix(foreign.Public(), c.Key) {
		t.Errorf("%+v %v", c, err)
	}
	for text, want := range map[string]string{"PRIVATE+KEY+x\n": "line 1 is no key", old.Public() + "\n": "no private key", "": "no private key"} {
		b.must(os.WriteFile(rotated, []byte(text), 0o600))
		if _, err := checkpoint.ReadKeys(rotated); err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "PRIVATE+") {
			t.Errorf("%q: %v", text, err)
		}
	}
	if _, err := checkpoint.PublicKeys(strings.TrimSpace(strings.SplitN(string(private), "\n", 2)[1])); err == nil || !strings.Contains(err.Error(), "private") || strings.Contains(err.Error(), "PRIVATE+") {
		t.Error(err)
	}
}

func keyFile(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "k.key")
	if _, err := checkpoint.LoadKeys(path); err != nil {
		t.Fatal(err)
	}
	return path
}
