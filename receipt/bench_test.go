package receipt_test

import (
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"procyon/access"
	"procyon/checkpoint"
	"procyon/journal"
	"procyon/receipt"
	"procyon/store"
	"procyon/store/sqlite"
)

// grow appends n entries of some 1 KB behind a head. Each 100,000th is of one request.
func grow(b *testing.B, db journal.Store, head journal.Head, n int) journal.Head {
	b.Helper()
	const batch = 1000
	at := time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)
	for range n / batch {
		entries, views := make([]journal.Entry, batch), make([]store.Document, batch)
		for i := range entries {
			seq := head.Seq + 1
			id, version := fmt.Sprintf("req_%d", seq), uint64(1)
			if seq%100_000 == 0 {
				id, version = "req_one", seq/100_000
			}
			after := fmt.Appendf(nil, `{"id":%q,"status":"PENDING","reason":"%0800d"}`, id, seq)
			e := journal.Entry{Seq: seq, At: at, Actor: access.Actor{Kind: access.ActorSystem, ID: "system"}, Subject: id, Version: version, Type: "CREATED", Data: []byte("{}"), After: after}
			if err := e.Seal(head.Hash); err != nil {
				b.Fatal(err)
			}
			head = journal.Head{Seq: seq, Hash: e.Hash, At: at}
			entries[i], views[i] = e, store.Document{ID: id, Version: version, Data: after}
		}
		if _, err := db.Append(b.Context(), entries, views); err != nil {
			b.Fatal(err)
		}
	}
	return head
}

// BenchmarkAMillionEntries is what it takes to sign a journal of a million entries after
// 100,000 new ones, and to make the receipt of a request whose ten entries are spread over it.
func BenchmarkAMillionEntries(b *testing.B) {
	if testing.Short() {
		b.Skip("makes a journal of a million entries")
	}
	dir := b.TempDir()
	db, err := sqlite.Open(b.Context(), filepath.Join(dir, "p.db"))
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	keys, err := checkpoint.LoadKeys(filepath.Join(dir, "checkpoint.key"))
	if err != nil {
		b.Fatal(err)
	}
	log := checkpoint.NewLog(db, keys, time.Now)
	head := grow(b, db, journal.Head{}, 900_000)
	if _, err := log.Make(b.Context()); err != nil {
		b.Fatal(err)
	}
	b.Run("checkpoint after 100,000 entries", func(b *testing.B) {
		for b.Loop() {
			b.StopTimer()
			head = grow(b, db, head, 100_000)
			b.StartTimer()
			if _, err := log.Make(b.Context()); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("receipt", func(b *testing.B) {
		for b.Loop() {
			if _, err := receipt.Make(b.Context(), db, log, "req_one", receipt.Most()); err != nil {
				b.Fatal(err)
			}
		}
	})
}
