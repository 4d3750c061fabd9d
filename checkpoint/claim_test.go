package checkpoint_test

import (
	"context"
	"errors"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"procyon/checkpoint"
	"procyon/journal"
	"procyon/store"
)

// A long journal is signed in pieces, with pauses between them, and the checkpoint is that
// of all at once. Who stops it in a pause has signed nothing.
func TestPausesWhileALongJournalIsSigned(t *testing.T) {
	b := newBed(t)
	b.grow(5000)
	stop := errors.New("stop")
	if c, err := b.log(b.db).MakeDue(t.Context(), time.Hour, func(context.Context) error { return stop }); c != nil || !errors.Is(err, stop) {
		t.Error(c, err)
	}
	pauses := 0
	c, err := b.log(b.db).MakeDue(t.Context(), time.Hour, func(context.Context) error {
		pauses++
		return nil
	})
	b.must(err)
	if pauses != 2 {
		t.Errorf("%d pauses", pauses)
	}
	b.wantProved(c)
}

// Servers that each have made a key get one between them: the others are told whose it is.
func TestOneKeySignsFirst(t *testing.T) {
	b := newBed(t)
	b.grow(1)
	other := b.open()
	var logs [4]*checkpoint.Log
	for i := range logs {
		keys, err := checkpoint.LoadKeys(filepath.Join(t.TempDir(), "checkpoint.key"))
		b.must(err)
		logs[i] = checkpoint.NewLog([]journal.Store{b.db, other}[i%2], keys, time.Now)
	}
	var errs [len(logs)]error
	var wg sync.WaitGroup
	for i, l := range logs {
		wg.Go(func() { errs[i] = l.Claim(t.Context(), false) })
	}
	wg.Wait()
	owner, err := checkpoint.Owner(t.Context(), b.db)
	b.must(err)
	var winner *checkpoint.Log
	for i, err := range errs {
		var claimed *checkpoint.ClaimedError
		switch {
		case err == nil && winner == nil:
			winner = logs[i]
		case !errors.As(err, &claimed) || claimed.Key != owner:
			t.Errorf("server %d: %v, and the key is %s", i, err, owner)
		}
	}
	if winner == nil {
		t.Fatal("nobody got it")
	}
	b.must(winner.Claim(t.Context(), false)) // again, as after a restart
	c, err := winner.Make(t.Context())
	b.must(err)
	if c.Key != owner {
		t.Error(c.Key, owner)
	}
	// From now on the checkpoint says it.
	for _, l := range logs {
		b.must(l.Claim(t.Context(), false))
	}
}

// Whoever wants a new key takes it from one that is lost before it has signed anything.
func TestANewKeyIsClaimed(t *testing.T) {
	b := newBed(t)
	b.grow(1)
	b.must(b.log(b.db).Claim(t.Context(), false))
	keys, err := checkpoint.LoadKeys(filepath.Join(t.TempDir(), "checkpoint.key"))
	b.must(err)
	fresh := checkpoint.NewLog(b.db, keys, time.Now)
	var claimed *checkpoint.ClaimedError
	if err := fresh.Claim(t.Context(), false); !errors.As(err, &claimed) {
		t.Fatal(err)
	}
	b.must(fresh.Claim(t.Context(), true))
	if err := b.log(b.db).Claim(t.Context(), false); !errors.As(err, &claimed) {
		t.Error(err)
	}
}

// contended is a store in which somebody else always writes first.
type contended struct{ journal.Store }

func (contended) Put(context.Context, ...store.Document) error { return store.ErrVersion }

// What others change all the time is given up with an error, and not tried for ever.
func TestContentionEnds(t *testing.T) {
	b := newBed(t)
	b.grow(300)
	l := b.log(contended{b.db})
	if err := l.Claim(t.Context(), false); err == nil || !strings.Contains(err.Error(), "try again") {
		t.Error(err)
	}
	if _, err := l.Make(t.Context()); err == nil || !strings.Contains(err.Error(), "sign again later") {
		t.Error(err)
	}
}
