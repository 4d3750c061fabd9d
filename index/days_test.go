package index_test

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"procyon/access"
	"procyon/index"
	"procyon/journal"
	"procyon/store"
	"procyon/store/sqlite"
)

// script is a journal whose entries are given, as far as they are shown.
type script struct {
	entries []journal.Entry
	head    uint64
	read    int // how many entries
}

func (s *script) Head() uint64 { return s.head }

func (s *script) Read(ctx context.Context, after uint64, limit int) ([]journal.Entry, error) {
	if after >= s.head {
		return nil, nil
	}
	out := s.entries[after:min(s.head, after+uint64(limit))]
	s.read += len(out)
	return out, ctx.Err()
}

func (*script) CatchUp(context.Context) error { return nil }

func (s *script) Check(_ context.Context, p journal.Position) error {
	if p.Seq > s.head || p.Seq > 0 && s.entries[p.Seq-1].Position() != p {
		return access.Errorf(access.CodeJournalChanged, "", "It is of another journal.")
	}
	return nil
}

// put adds an entry of a request.
func (s *script) put(rng *rand.Rand, r *access.Request, typ access.EventType, at time.Time) {
	after, err := json.Marshal(r)
	if err != nil {
		panic(err)
	}
	e := journal.Entry{Seq: uint64(len(s.entries)) + 1, At: at, Subject: r.ID, Type: string(typ), After: after}
	for i := range e.Hash {
		e.Hash[i] = byte(rng.Uint32())
	}
	s.entries = append(s.entries, e)
}

// randomly makes a history of so many entries, about an hour apart.
func randomly(rng *rand.Rand, n int) *script {
	s, at := &script{}, time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	var open []*access.Request
	for len(s.entries) < n {
		if rng.IntN(3) > 0 { // else in the same moment
			at = at.Add(time.Duration(math.Exp(rng.NormFloat64()*2+3)) * time.Minute).Truncate(time.Microsecond)
		}
		others := []access.EventType{access.EventUpdated, access.EventReviewed, access.EventActivated, access.EventExtended, access.EventExtensionDenied, access.EventExpired}
		switch what := rng.IntN(10); {
		case what < 4 || len(open) == 0:
			r := &access.Request{ID: fmt.Sprintf("req_%d", len(s.entries)), CreatedAt: at}
			for range 1 + rng.IntN(3) {
				r.Items = append(r.Items, access.Item{ResourceID: fmt.Sprintf("res_%d", int(math.Abs(rng.NormFloat64()*6))), Role: fmt.Sprint(rng.IntN(2))})
			}
			open = append(open, r)
			s.put(rng, r, access.EventCreated, at)
		case what < 8:
			i := rng.IntN(len(open))
			ends := []access.EventType{access.EventApproved, access.EventApproved, access.EventDenied, access.EventTimedOut, access.EventCanceled}
			s.put(rng, open[i], ends[rng.IntN(len(ends))], at)
			open = slices.Delete(open, i, i+1)
		case what == 8:
			s.put(rng, open[0], others[rng.IntN(len(others))], at)
		default:
			s.put(rng, &access.Request{ID: "usr_1"}, "DENIED", at)
		}
	}
	return s
}

// counted is what the entries say that are shown, counted one by one.
type counted struct {
	days  []index.Day // but for the waits
	waits []time.Duration
	asked []index.Asked
}

func (s *script) count(t *testing.T, times []time.Time) counted {
	t.Helper()
	out := counted{days: make([]index.Day, len(times)-1)}
	asked := map[string]int{}
	for _, e := range s.entries[:s.head] {
		i := slices.IndexFunc(times, e.At.Before) - 1
		if access.KindOf(e.Subject) != access.KindRequest || i < 0 {
			continue
		}
		var r access.Request
		must(t, json.Unmarshal(e.After, &r))
		switch access.EventType(e.Type) {
		case access.EventCreated:
			out.days[i].Made++
			of := map[string]bool{}
			for _, item := range r.Items {
				of[item.ResourceID] = true
			}
			for id := range of {
				asked[id]++
			}
		case access.EventApproved:
			out.days[i].Approved++
			out.waits = append(out.waits, e.At.Sub(r.CreatedAt))
		case access.EventDenied:
			out.days[i].Denied++
			out.waits = append(out.waits, e.At.Sub(r.CreatedAt))
		case access.EventTimedOut:
			out.days[i].TimedOut++
		}
	}
	for id, n := range asked {
		out.asked = append(out.asked, index.Asked{ResourceID: id, Requests: n})
	}
	slices.SortFunc(out.asked, func(a, b index.Asked) int {
		return cmp.Or(cmp.Compare(b.Requests, a.Requests), cmp.Compare(a.ResourceID, b.ResourceID))
	})
	slices.Sort(out.waits)
	return out
}

// check holds what is counted of some days of a zone, up to the last entry, against a plain
// count.
func (s *script) check(t *testing.T, d *index.Days, zone *time.Location, days int) {
	t.Helper()
	last := s.entries[s.head-1].At.In(zone)
	var times []time.Time
	for i := range days + 1 {
		times = append(times, time.Date(last.Year(), last.Month(), last.Day()-days+1+i, 0, 0, 0, 0, zone))
	}
	got, err := d.Between(t.Context(), times, 5)
	must(t, err)
	want := s.count(t, times)
	if !got.UpTo.IsZero() {
		t.Fatalf("it is counted up to %s", got.UpTo)
	}
	var all index.Day
	for i, day := range got.Days {
		w := want.days[i]
		if day.Made != w.Made || day.Approved != w.Approved || day.Denied != w.Denied || day.TimedOut != w.TimedOut || !day.Begins.Equal(times[i]) {
			t.Errorf("%s: %d, %d, %d, %d; want %d, %d, %d, %d", times[i], day.Made, day.Approved, day.Denied, day.TimedOut, w.Made, w.Approved, w.Denied, w.TimedOut)
		}
		if day.Waits.Count() != w.Approved+w.Denied {
			t.Errorf("%s: %d waits, want %d", times[i], day.Waits.Count(), w.Approved+w.Denied)
		}
		all.Made += day.Made
	}
	if got.All.Made != all.Made || got.All.Waits.Count() != len(want.waits) {
		t.Errorf("%d of all were made, want %d; %d waits, want %d", got.All.Made, all.Made, got.All.Waits.Count(), len(want.waits))
	}
	for _, part := range []float64{0, 0.01, 0.5, 0.9, 1} {
		q, ok := got.All.Waits.Quantile(part)
		if ok != (len(want.waits) > 0) {
			t.Errorf("quantile %v of %d: %t", part, len(want.waits), ok)
		} else if ok {
			w := want.waits[max(0, int(math.Ceil(part*float64(len(want.waits))))-1)]
			if off := (q - w).Abs(); off > time.Second && float64(off) > 0.05*float64(w) {
				t.Errorf("quantile %v: %s, want %s", part, q, w)
			}
		}
	}
	if w := want.asked[:min(5, len(want.asked))]; !slices.Equal(got.Asked, w) {
		t.Errorf("asked: %v; want %v", got.Asked, w)
	}
}

func openStore(t *testing.T) journal.Store {
	t.Helper()
	db, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "procyon.db"))
	must(t, err)
	t.Cleanup(func() { must(t, db.Close()) })
	return db
}

// Whatever servers keep, whenever they are killed, what is counted is what happened.
func TestDaysAreCounted(t *testing.T) {
	for seed := range uint64(4) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			rng := rand.New(rand.NewPCG(seed, 1))
			s, docs := randomly(rng, 4000), openStore(t)
			servers := []*index.Days{index.NewDays(s, docs), index.NewDays(s, docs)}
			zones := []*time.Location{time.UTC, time.FixedZone("Kathmandu", 5*3600+45*60), time.FixedZone("Marquesas", -(9*3600 + 30*60)), time.FixedZone("Line Islands", 14*3600)}
			for s.head < uint64(len(s.entries)) {
				s.head = min(uint64(len(s.entries)), s.head+1+rng.Uint64N(400))
				i := rng.IntN(len(servers))
				switch rng.IntN(5) {
				case 0:
					servers[i] = index.NewDays(s, docs) // it was killed
				case 1, 2:
					must(t, servers[i].Follow(t.Context()))
				case 3:
					must(t, servers[i].Keep(t.Context()))
				case 4:
					must(t, servers[i].Follow(t.Context()))
					must(t, servers[i].Keep(t.Context()))
				}
				must(t, servers[0].Follow(t.Context()))
				s.check(t, servers[0], zones[rng.IntN(len(zones))], []int{1, 7, 30, 90}[rng.IntN(4)])
			}
			must(t, servers[0].Keep(t.Context()))
			s.read = 0
			s.check(t, index.NewDays(s, docs), time.UTC, 90)
			if s.read > 0 {
				t.Errorf("%d entries were read again", s.read)
			}
			kept, err := docs.List(t.Context(), store.Query{Term: "meta/days", Limit: 1000})
			must(t, err)
			if len(kept) > index.KeptDays || len(kept) < 30 {
				t.Errorf("%d days are kept", len(kept))
			}
		})
	}
}

// Only the days that are kept are read of a long journal, and what is kept of another
// journal, or is damaged, or has a gap, is not believed.
func TestDaysAreCountedAnew(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 7))
	s, docs := randomly(rng, 9000), openStore(t)
	s.head = 9000
	count := func() {
		t.Helper()
		d := index.NewDays(s, docs)
		must(t, d.Follow(t.Context()))
		s.check(t, d, time.UTC, 90)
		must(t, d.Keep(t.Context()))
		s.read = 0
		s.check(t, index.NewDays(s, docs), time.UTC, 90)
		if s.read > 0 {
			t.Errorf("%d entries were read again", s.read)
		}
	}
	count()
	d := index.NewDays(s, docs)
	must(t, index.ForgetDays(t.Context(), docs))
	s.read = 0
	must(t, d.Follow(t.Context()))
	if days := s.entries[8999].At.Sub(s.entries[0].At) / (24 * time.Hour); s.read >= 9000 || days < 150 {
		t.Errorf("%d entries were read, of %d days", s.read, days)
	}
	must(t, d.Keep(t.Context()))

	kept, err := docs.List(t.Context(), store.Query{Term: "meta/days", Limit: 1000})
	must(t, err)
	damage := map[string]func(){
		"another": func() { s.entries[8999].Hash[0]++ },
		"behind":  func() { s.head = 8500 },
		"gap":     func() { must(t, docs.Delete(t.Context(), kept[40].ID)) },
		"damaged": func() {
			docs40, err := docs.Get(t.Context(), kept[40].ID)
			must(t, err)
			docs40[0].Version++
			docs40[0].Data = []byte(`{"asked":[4000000000,1,1]}`)
			must(t, docs.Put(t.Context(), docs40...))
		},
	}
	for name, do := range damage {
		t.Run(name, func(t *testing.T) {
			do()
			count()
		})
	}
}

// everyMinute is a journal of requests for ten resources each, which of says the name of, and
// every hundredth for a busy one besides.
func everyMinute(n int, of func(i int) string) *script {
	rng := rand.New(rand.NewPCG(3, 3))
	s, at := &script{head: uint64(n)}, time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
	for i := range n {
		r := &access.Request{ID: fmt.Sprintf("req_%d", i), CreatedAt: at}
		for k := range 10 {
			r.Items = append(r.Items, access.Item{ResourceID: "res_" + of(10*i+k)})
		}
		if i%100 == 0 {
			r.Items = append(r.Items, access.Item{ResourceID: "res_busy"})
		}
		s.put(rng, r, access.EventCreated, at)
		at = at.Add(time.Minute)
	}
	return s
}

// Nobody waits until a long journal is counted.
func TestDaysAreCountedByAndBy(t *testing.T) {
	s := everyMinute(5000, func(i int) string { return fmt.Sprint(i % 10) })
	d := index.NewDays(s, openStore(t))
	got, err := d.Between(t.Context(), []time.Time{s.entries[0].At, s.entries[0].At.AddDate(0, 0, 5)}, 5)
	must(t, err)
	if got.UpTo.IsZero() || got.All.Made != 0 {
		t.Errorf("%+v", got)
	}
	must(t, d.Follow(t.Context()))
	s.check(t, d, time.UTC, 90)
}

// However many resources are asked for on a day, what is kept of it is bounded, and has
// those asked for most.
func TestTheBusiestAreKept(t *testing.T) {
	s := everyMinute(1400, func(i int) string { return fmt.Sprint(i) })
	docs := openStore(t)
	d := index.NewDays(s, docs)
	must(t, d.Follow(t.Context()))
	must(t, d.Keep(t.Context()))
	for _, d := range []*index.Days{d, index.NewDays(s, docs)} {
		got, err := d.Between(t.Context(), []time.Time{s.entries[0].At, s.entries[0].At.AddDate(0, 0, 1)}, 20_000)
		must(t, err)
		if want := (index.Asked{ResourceID: "res_busy", Requests: 14}); got.Asked[0] != want || len(got.Asked) > 10_000 || got.All.Made != 1400 {
			t.Errorf("%d resources, the first %v, %d made", len(got.Asked), got.Asked[0], got.All.Made)
		}
	}
}
