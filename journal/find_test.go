package journal_test

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"procyon/access"
	"procyon/journal"
	"procyon/search"
	"procyon/store"
)

// counting is a store that counts the entries that are read from it.
type counting struct {
	journal.Store
	read atomic.Int64
}

func (c *counting) Entries(ctx context.Context, after uint64, limit int) ([]journal.Entry, error) {
	entries, err := c.Store.Entries(ctx, after, limit)
	c.read.Add(int64(len(entries)))
	return entries, err
}

func (c *counting) Find(ctx context.Context, q journal.EntryQuery) ([]journal.Entry, error) {
	entries, err := c.Store.Find(ctx, q)
	c.read.Add(int64(len(entries)))
	return entries, err
}

// long is a journal of n entries that make makes, of which it has few in memory.
func long(t *testing.T, n int, vary func(i int, e *journal.Entry)) (*journal.Journal, *counting, []journal.Entry) {
	t.Helper()
	db := &counting{Store: opened(t, filepath.Join(t.TempDir(), "p.db"))}
	var head journal.Head
	all := make([]journal.Entry, n)
	views := make([]store.Document, n)
	versions := map[string]uint64{}
	for i := range all {
		e := &all[i]
		*e = journal.Entry{Seq: head.Seq + 1, At: begin().Add(time.Duration(i) * time.Minute), Type: "UPDATED", Subject: fmt.Sprintf("acc_%d", i), After: []byte(`{}`), Data: []byte(`{}`)}
		e.Actor = access.Actor{Kind: access.ActorUser, ID: "usr_many"}
		vary(i, e)
		versions[e.Subject]++
		e.Version = versions[e.Subject]
		if e.At.Before(head.At) {
			e.At = head.At
		}
		if err := e.Seal(head.Hash); err != nil {
			t.Fatal(err)
		}
		head = journal.Head{Seq: e.Seq, Hash: e.Hash, At: e.At}
		views[i] = store.Document{ID: e.Subject, Version: e.Version, Data: e.After}
	}
	for at := 0; at < n; at += 1000 {
		end := min(n, at+1000)
		if _, err := db.Append(t.Context(), all[at:end], views[at:end]); err != nil {
			t.Fatal(err)
		}
	}
	j, err := journal.Open(t.Context(), db, journal.Options{Kinds: kinds, MaxBatch: 8})
	if err != nil {
		t.Fatal(err)
	}
	db.read.Store(0)
	return j, db, all
}

func begin() time.Time { return time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC) }

// meets says what a filter wants, in other words than the filter itself.
func meets(f journal.Filter, e *journal.Entry) bool {
	switch {
	case f.Subject != "" && f.Subject != e.Subject,
		f.Actor != "" && f.Actor != e.Actor.ID && f.Actor != e.Actor.ByID,
		f.Kinds != nil && !slices.Contains(f.Kinds, access.KindOf(e.Subject)),
		f.Types != nil && !slices.Contains(f.Types, e.Type),
		!f.From.IsZero() && e.At.Before(f.From),
		!f.To.IsZero() && !e.At.Before(f.To):
		return false
	}
	return true
}

// Pages of whatever is wanted, from either end, are all that is wanted, each entry once.
func TestFindPagesThroughWhatIsWanted(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	people := []string{"usr_1", "usr_2", "svc_1", "system", ""}
	subjects := []string{"acc_1", "acc_2", "req_1", "req_2", "res_1", "usr_1"}
	types := []string{"CREATED", "APPROVED", "DENIED"}
	pick := func(list []string) string { return list[random.IntN(len(list))] }
	j, _, all := long(t, 400, func(_ int, e *journal.Entry) {
		e.Subject, e.Type, e.Actor = pick(subjects), pick(types), access.Actor{ID: pick(people), ByID: pick(people)}
		e.At = begin().Add(time.Duration(random.IntN(20)) * time.Minute) // many at one moment, once they are in order
	})
	slice := func(list []string) []string {
		out := []string{}
		for range random.IntN(4) {
			out = append(out, pick(list))
		}
		return out
	}
	for range 150 {
		var f journal.Filter
		if random.IntN(4) == 0 {
			f.Subject = pick(append(subjects, "acc_9"))
		}
		if random.IntN(2) == 0 {
			f.Actor = pick(append(people, "usr_9"))
		}
		if random.IntN(3) == 0 {
			f.Types = slice(append(types, "NONE"))
		}
		if random.IntN(3) == 0 {
			f.Kinds = []access.Kind{}
			for _, k := range slice([]string{"acc", "req", "res", "usr", "gw"}) {
				f.Kinds = append(f.Kinds, access.Kind(k))
			}
		}
		if random.IntN(3) == 0 {
			f.From = begin().Add(time.Duration(random.IntN(30)-5) * time.Minute)
		}
		if random.IntN(3) == 0 {
			f.To = begin().Add(time.Duration(random.IntN(30)-5) * time.Minute)
		}
		var want []uint64
		for i := range all {
			if meets(f, &all[i]) {
				want = append(want, all[i].Seq)
			}
		}
		for _, backward := range []bool{false, true} {
			if got := turn(t, j, f, backward, 1+random.IntN(60)); !slices.Equal(got, want) {
				t.Fatalf("%+v, backward %v: %v, want %v", f, backward, got, want)
			}
		}
	}
}

// turn turns all pages of what a filter wants, and returns the numbers in order.
func turn(t *testing.T, j *journal.Journal, f journal.Filter, backward bool, limit int) []uint64 {
	t.Helper()
	var got []uint64
	p := journal.Part{Backward: backward, Limit: limit}
	for range 1000 {
		found, err := j.Find(t.Context(), f, p)
		if err != nil {
			t.Fatal(err)
		}
		if len(found.Entries) > limit || found.More && len(found.Entries) == 0 && found.Stop == nil {
			t.Fatalf("%+v: %d entries of %d, more: %v, stop: %v", f, len(found.Entries), limit, found.More, found.Stop)
		}
		page := numbers(found.Entries)
		if n := len(page); backward && n > 0 {
			got, p.From = append(page, got...), page[0]
		} else if n > 0 {
			got, p.From = append(got, page...), page[n-1]
		}
		if found.Stop != nil {
			p.From = found.Stop.Seq
		}
		if !found.More {
			return got
		}
	}
	t.Fatalf("%+v: the pages do not end", f)
	return nil
}

func numbers(entries []journal.Entry) []uint64 {
	out := make([]uint64, len(entries))
	for i := range entries {
		out[i] = entries[i].Seq
	}
	return out
}

// What is rare is found without a look at what is not.
func TestFindReadsWhatIsRareAlone(t *testing.T) {
	const n = 12_000
	j, db, _ := long(t, n, func(i int, e *journal.Entry) {
		if i%2400 == 7 {
			e.Actor, e.Type, e.Subject = access.Actor{ID: "usr_rare", ByID: "svc_rare"}, "APPROVED", fmt.Sprint("req_", i)
		}
		if i%2 == 0 {
			e.Actor = access.Actor{Kind: access.ActorSystem, ID: "system"}
		}
	})
	month := time.Duration(n/4) * time.Minute
	for _, c := range []struct {
		name string
		f    journal.Filter
		want int
		read int64
	}{
		{"by a person", journal.Filter{Actor: "usr_rare"}, 5, 5},
		{"by a service for people", journal.Filter{Actor: "svc_rare"}, 5, 5},
		{"by nobody", journal.Filter{Actor: "usr_none"}, 0, 0},
		{"of a type", journal.Filter{Types: []string{"APPROVED", "DENIED"}}, 5, 5},
		{"of a kind", journal.Filter{Kinds: []access.Kind{access.KindRequest, access.KindUser}}, 5, 5},
		{"of a subject", journal.Filter{Subject: "req_7"}, 1, 1},
		{"all of it", journal.Filter{Subject: "req_7", Actor: "usr_rare", Types: []string{"APPROVED"}}, 1, 1},
		{"in a time", journal.Filter{Types: []string{"APPROVED"}, From: begin().Add(month), To: begin().Add(2 * month)}, 1, 40},
		{"a type, by the server", journal.Filter{Actor: "system", Types: []string{"APPROVED"}}, 0, 5},
		{"a kind, by the server", journal.Filter{Actor: "system", Kinds: []access.Kind{access.KindRequest}}, 0, 5},
		{"before all", journal.Filter{To: begin()}, 0, 20},
		{"after all", journal.Filter{From: begin().Add(5 * month)}, 0, 0},
		{"none", journal.Filter{Types: []string{}}, 0, 0},
		{"the wrong way round", journal.Filter{Actor: "usr_many", From: begin().Add(month), To: begin()}, 0, 40},
		{"everything", journal.Filter{From: begin().Add(month)}, 50, 72},
		{"much", journal.Filter{Actor: "usr_many"}, 50, 51},
	} {
		for _, backward := range []bool{false, true} {
			db.read.Store(0)
			found, err := j.Find(t.Context(), c.f, journal.Part{Limit: 50, Backward: backward})
			if err != nil || len(found.Entries) != c.want {
				t.Errorf("%s: %v, %v, want %d", c.name, numbers(found.Entries), err, c.want)
			}
			if read := db.read.Load(); read > c.read {
				t.Errorf("%s: %d entries were read, want at most %d", c.name, read, c.read)
			}
		}
	}
}

// A page looks at no more than a bounded number of entries, and says where to go on.
func TestFindIsBounded(t *testing.T) {
	const n = 5000
	j, db, all := long(t, n, func(i int, e *journal.Entry) {
		if i == 0 || i == n-1 {
			e.Type = "DELETED"
		}
		if i == n/2 {
			e.Actor.ID = "usr_other"
			e.Type = "DELETED"
		}
	})
	f := journal.Filter{Actor: "usr_many", Types: []string{"DELETED"}}
	for backward, first := range map[bool]uint64{false: all[0].Seq, true: all[n-1].Seq} {
		db.read.Store(0)
		found, err := j.Find(t.Context(), f, journal.Part{Limit: 10, Backward: backward})
		if err != nil || len(found.Entries) != 1 || found.Entries[0].Seq != first || !found.More || found.Stop == nil {
			t.Fatalf("backward %v: %+v, %v", backward, found, err)
		}
		if read := db.read.Load(); read > store.MaxExamined+256 {
			t.Errorf("%d entries were read", read)
		}
		if err := j.Check(t.Context(), *found.Stop); err == nil {
			continue
		}
		t.Errorf("it stops at %v, where there is nothing", found.Stop)
	}
	if got := turn(t, j, f, false, 10); !slices.Equal(got, []uint64{1, n}) {
		t.Errorf("%v", got)
	}
}

// For words, which nothing but the entries themselves has, a page looks at more, and says
// where to go on, too.
func TestFindByWordsIsBounded(t *testing.T) {
	const n = journal.MaxWordsExamined + 2000
	j, db, _ := long(t, n, func(i int, e *journal.Entry) {
		if i == 0 || i == n-1 {
			e.Data = []byte(`{"reason":"A Needle"}`)
		}
	})
	f := journal.Filter{Words: []string{"needle"}}
	for backward, first := range map[bool]uint64{false: 1, true: n} {
		db.read.Store(0)
		found, err := j.Find(t.Context(), f, journal.Part{Limit: 10, Backward: backward})
		if err != nil || len(found.Entries) != 1 || found.Entries[0].Seq != first || !found.More || found.Stop == nil {
			t.Fatalf("backward %v: %v, %v, %v", backward, numbers(found.Entries), found.Stop, err)
		}
		if read := db.read.Load(); read < journal.MaxWordsExamined-1000 || read > journal.MaxWordsExamined+257 {
			t.Errorf("%d entries were read", read)
		}
	}
	if got := turn(t, j, f, true, 10); !slices.Equal(got, []uint64{1, n}) {
		t.Errorf("%v", got)
	}
}

// Whatever an entry's bytes are like, words find in it what it says.
func TestWordsAreFoundHoweverTheyAreWritten(t *testing.T) {
	says := []string{"Plain words", "in UPPER case", "<escaped> & more", "tab\tand \"quotes\"", "Zoë's façade", "東京 tower", "x1-y2_z3", "back\\slash", "ﬁne ligature", "K for Kelvin"}
	j, _, _ := long(t, len(says), func(i int, e *journal.Entry) {
		text, err := json.Marshal(map[string]any{"reason": says[i], "sealedUrl": "secret"})
		if err != nil {
			t.Fatal(err)
		}
		e.Data, e.After = text, []byte(`{"list":["Nested Thing"]}`)
		e.Actor.Name = "Ada Ångström"[:3+i%2*11]
	})
	for words, want := range map[string]string{
		"plain": "[1]", "upper": "[2]", "ESCAPED": "[3]", "quo tab": "[4]", "zoe facade": "[5]", "京": "[6]", "z3": "[7]", "slash": "[8]", "fine": "[9]", "kelvin": "[10]",
		"nest": "[1 2 3 4 5 6 7 8 9 10]", "angstrom": "[2 4 6 8 10]", "ada upp": "[2]", "pper": "[]", "secret": "[]", "reason": "[]", "x1 plain": "[]",
	} {
		for _, backward := range []bool{false, true} {
			found, err := j.Find(t.Context(), journal.Filter{Words: search.Words(words)}, journal.Part{Limit: 20, Backward: backward})
			if got := fmt.Sprint(numbers(found.Entries)); err != nil || got != want {
				t.Errorf("%s: %s, %v, want %s", words, got, err, want)
			}
		}
	}
}

// What another server has written is not found before this one knows of it, and from
// then on it is.
func TestFindEndsAtTheHead(t *testing.T) {
	path := filepath.Join(t.TempDir(), "p.db")
	writer, _ := open(t, path)
	j, err := journal.Open(t.Context(), opened(t, path), journal.Options{Kinds: kinds})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	for i := range uint64(3) {
		if _, err := writer.Append(t.Context(), change("acc_1", i+1)); err != nil {
			t.Fatal(err)
		}
		for _, f := range []journal.Filter{{}, {Actor: "system"}, {Subject: "acc_1"}, {Kinds: []access.Kind{"acc"}}, {Types: []string{"UPDATED"}}} {
			found, err := j.Find(t.Context(), f, journal.Part{Limit: 9})
			if err != nil || len(found.Entries) != 0 {
				t.Errorf("%+v: %v, %v", f, numbers(found.Entries), err)
			}
		}
	}
	go func() { ended <- j.Run(ctx) }()
	if err := j.ReachTo(t.Context(), 3); err != nil {
		t.Fatal(err)
	}
	if got := turn(t, j, journal.Filter{Actor: "system"}, true, 2); !slices.Equal(got, []uint64{1, 2, 3}) {
		t.Errorf("%v", got)
	}
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}
