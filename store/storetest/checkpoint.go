package storetest

import (
	"fmt"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"procyon/checkpoint"
	"procyon/journal"
)

// testCheckpoints lets two servers sign one journal, at once too: what they keep beside it is
// the same, and proves each entry, also for older checkpoints.
func testCheckpoints(t *testing.T, s suite) {
	keys, err := checkpoint.LoadKeys(filepath.Join(t.TempDir(), "checkpoint.key"))
	if err != nil {
		t.Fatal(err)
	}
	var head journal.Head
	var hashes []journal.Hash
	var made []*checkpoint.Checkpoint
	for _, n := range []int{255, 2, 300} {
		subjects := make([]string, n)
		for i := range subjects {
			subjects[i] = fmt.Sprintf("gw_%d", int(head.Seq)+i)
		}
		entries, views := batch(t, head, subjects...)
		s.append(t, entries, views)
		for i := range entries {
			hashes = append(hashes, entries[i].Hash)
		}
		head = headOf(&entries[n-1])
		var got [2]*checkpoint.Checkpoint
		var at sync.WaitGroup
		for i, db := range []journal.Store{s.a, s.b} {
			at.Go(func() {
				var err error
				if got[i], err = checkpoint.NewLog(db, keys, time.Now).Make(t.Context()); err != nil {
					t.Error(err)
				}
			})
		}
		at.Wait()
		if t.Failed() {
			return
		}
		if got[0].Size != head.Seq || *got[0] != *got[1] {
			t.Errorf("two servers signed %+v and %+v", got[0], got[1])
		}
		made = append(made, got[0])
	}
	log := checkpoint.NewLog(s.b, keys, time.Now)
	for _, c := range made {
		for seq := uint64(1); seq <= c.Size; seq += 50 {
			proofs, err := log.Prove(t.Context(), c, seq)
			if err != nil {
				t.Fatal(err)
			}
			if err := tlog.CheckRecord(proofs[0], int64(c.Size), c.Root, int64(seq)-1, tlog.RecordHash(hashes[seq-1][:])); err != nil {
				t.Errorf("entry %d of %d: %v", seq, c.Size, err)
			}
		}
	}
	newest, err := checkpoint.Stored(t.Context(), s.a)
	if err != nil || newest == nil || *newest != *made[len(made)-1] {
		t.Errorf("the newest is %+v, %v", newest, err)
	}
}
