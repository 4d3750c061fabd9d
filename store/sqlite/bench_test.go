package sqlite_test

import (
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"procyon/access"
	"procyon/journal"
	"procyon/store"
	"procyon/store/sqlite"
)

// BenchmarkAppend reports the time of a batch, and entries per second.
func BenchmarkAppend(b *testing.B) {
	for _, size := range []int{1, 16, 64, 256} {
		b.Run(fmt.Sprintf("batch=%d", size), func(b *testing.B) {
			s := open(b, filepath.Join(b.TempDir(), "procyon.db"))
			var head journal.Head
			n := 0
			for b.Loop() {
				b.StopTimer()
				entries, views := requests(b, head, size, n)
				n += size
				b.StartTimer()
				if _, err := s.Append(b.Context(), entries, views); err != nil {
					b.Fatal(err)
				}
				last := entries[size-1]
				head = journal.Head{Seq: last.Seq, Hash: last.Hash, At: last.At}
			}
			b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "entries/s")
		})
	}
}

// requests makes entries such as a busy server's: half of them create a
// request, half of them change one that is there.
func requests(b *testing.B, head journal.Head, size, from int) ([]journal.Entry, []store.Document) {
	b.Helper()
	entries := make([]journal.Entry, size)
	views := make([]store.Document, size)
	after := []byte(`{"state":"` + strings.Repeat("x", 1000) + `"}`)
	for i := range size {
		n := from + i
		e := journal.Entry{
			Seq: head.Seq + 1, At: time.UnixMicro(int64(1e15) + int64(n)).UTC(),
			Actor:   access.Actor{Kind: access.ActorUser, ID: "usr_1", Name: "Zoë", Email: "zoe@example.com", Via: "console"},
			Subject: requestID(n / 2), Version: uint64(n%2 + 1), Type: "REQUEST_CREATED", Data: []byte(`{"reason":"to see"}`), After: after,
		}
		if err := e.Seal(head.Hash); err != nil {
			b.Fatal(err)
		}
		head = journal.Head{Seq: e.Seq, Hash: e.Hash, At: e.At}
		status := []string{"PENDING", "APPROVED"}[n%2]
		views[i] = store.Document{ID: e.Subject, Version: e.Version, Sort: fmt.Sprintf("%020d", n/2), Data: after, Terms: []string{
			"request/", "request/status=" + status, fmt.Sprintf("request/requester=usr_%d", n/2%100),
			fmt.Sprintf("request/resource=res_%d", n/2%500), fmt.Sprintf("request/account=acc_%d", n/2%20), "request/open",
		}}
		entries[i] = e
	}
	return entries, views
}

// requestID is unordered, as a hash is, though not random.
func requestID(n int) string {
	r := rand.New(rand.NewPCG(uint64(n), 1))
	return fmt.Sprintf("req_%016x%016x", r.Uint64(), r.Uint64())
}

// BenchmarkPut reports the time of one of many concurrent updates.
func BenchmarkPut(b *testing.B) {
	for _, callers := range []int{1, 64} {
		b.Run(fmt.Sprintf("callers=%d", callers), func(b *testing.B) {
			s := open(b, filepath.Join(b.TempDir(), "procyon.db"))
			var next atomic.Int64
			b.SetParallelism(callers)
			run(b, callers, func(caller int) error {
				d := store.Document{ID: fmt.Sprintf("dlv_%d", caller), Sort: "2026-03-01T09:00:00Z", Data: []byte(`{"state":"` + strings.Repeat("x", 500) + `"}`)}
				for next.Add(1) <= int64(b.N) {
					d.Version++
					d.Terms = []string{"dlv/", []string{"dlv/due", "dlv/done"}[d.Version%2], "dlv/integration=int_1"}
					if err := s.Put(b.Context(), d); err != nil {
						return err
					}
				}
				return nil
			})
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "puts/s")
		})
	}
}

func run(b *testing.B, callers int, call func(caller int) error) {
	b.Helper()
	errs := make(chan error, callers)
	b.ResetTimer()
	for c := range callers {
		go func() { errs <- call(c) }()
	}
	for range callers {
		if err := <-errs; err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkList reads pages among 100,000 documents, half of them under the term.
func BenchmarkList(b *testing.B) {
	s := filled(b, 100_000)
	for _, test := range []struct {
		name  string
		query store.Query
	}{
		{"first", store.Query{Term: "dlv/even=0", Limit: 50}},
		{"last", store.Query{Term: "dlv/even=0", Limit: 50, Desc: true}},
		{"middle", store.Query{Term: "dlv/even=0", Limit: 50, After: &store.Position{Sort: fmt.Sprintf("%020d", 50_000)}}},
		{"none", store.Query{Term: "dlv/absent", Limit: 50}},
	} {
		b.Run(test.name, func(b *testing.B) {
			for b.Loop() {
				if _, err := s.List(b.Context(), test.query); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
	b.Run("get", func(b *testing.B) {
		for b.Loop() {
			if _, err := s.Get(b.Context(), requestID(777)); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func filled(b *testing.B, documents int) *sqlite.Store {
	b.Helper()
	s := open(b, filepath.Join(b.TempDir(), "procyon.db"))
	for from := 0; from < documents; from += 1000 {
		docs := make([]store.Document, 1000)
		for i := range docs {
			n := from + i
			docs[i] = store.Document{ID: requestID(n), Version: 1, Sort: fmt.Sprintf("%020d", n), Data: []byte(strings.Repeat("x", 1000)), Terms: []string{"dlv/", fmt.Sprintf("dlv/even=%d", n%2)}}
		}
		if err := s.Put(b.Context(), docs...); err != nil {
			b.Fatal(err)
		}
	}
	return s
}

// BenchmarkCount counts a hundred thousand documents under a term.
func BenchmarkCount(b *testing.B) {
	s := open(b, filepath.Join(b.TempDir(), "procyon.db"))
	const n, batch = 100_000, 5000
	for from := 0; from < n; from += batch {
		docs := make([]store.Document, batch)
		for i := range docs {
			at := store.TimeSort(time.Unix(int64(from+i), 0))
			docs[i] = store.Document{ID: fmt.Sprintf("dlv_%036d", from+i), Version: 1, Sort: at + "/0000000000000001", Terms: []string{"a", "b", "c"}, Data: []byte("{}")}
		}
		if err := s.Put(b.Context(), docs...); err != nil {
			b.Fatal(err)
		}
	}
	for b.Loop() {
		if got, err := s.Count(b.Context(), "b", store.TimeSort(time.Unix(0, 0)), "", 1_000_000); err != nil || got != n {
			b.Fatal(got, err)
		}
	}
}
