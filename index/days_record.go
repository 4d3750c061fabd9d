package index

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sort"
	"time"

	"procyon/access"
	"procyon/journal"
	"procyon/store"
)

// Each day is a document. It says which entries it counts, and these follow on those of the
// day before it: so what is kept is whole, or it is counted anew. The last one grows, and a
// day is written to its end before the next one is.

// daysTerm lists the days, the oldest first. They are no views: no subject is of their kind.
const daysTerm = "meta/days"

func dayID(begins time.Time) string { return "meta_day_" + begins.Format(time.DateOnly) }

// dayRecord is what is stored of a day.
type dayRecord struct {
	Begins    time.Time        `json:"begins"`
	After     uint64           `json:"after"`
	At        journal.Position `json:"at"`
	Became    []uint32         `json:"became,omitempty"`
	Waits     []uint32         `json:"waits,omitempty"`
	Asked     []uint32         `json:"asked,omitempty"` // by the place in Resources
	Resources []string         `json:"resources,omitempty"`
}

// ForgetDays takes away what is kept of the days, as ForgetEnded does of what it keeps.
func ForgetDays(ctx context.Context, docs store.Documents) error {
	for kept, err := range store.EachPage(ctx, docs, daysTerm, KeptDays) {
		if err == nil {
			err = docs.Remove(ctx, kept...)
		}
		if err != nil {
			return fmt.Errorf("index: forget what became of requests by day: %w", err)
		}
	}
	return nil
}

// load implements counts.
func (d *Days) load(ctx context.Context) (journal.Position, error) {
	days, err := d.kept(ctx)
	if err != nil {
		return journal.Position{}, err
	}
	if len(days) == 0 {
		return d.start(ctx)
	}
	d.days = days
	return days[len(days)-1].at, nil
}

// kept reads the days that are kept; none where they are not whole, or of another journal.
func (d *Days) kept(ctx context.Context) ([]*day, error) {
	var days []*day
	for docs, err := range store.EachPage(ctx, d.docs, daysTerm, KeptDays) {
		if err != nil {
			return nil, fmt.Errorf("index: %w", err)
		}
		for _, doc := range docs {
			var r dayRecord
			if json.Unmarshal(doc.Data, &r) != nil {
				return nil, nil
			}
			one, ok := d.dayOf(r)
			if !ok || len(days) > 0 && one.after != days[len(days)-1].at.Seq {
				return nil, nil
			}
			switch ok, err := d.in(ctx, r.At); {
			case err != nil:
				return nil, err
			case !ok:
				return nil, nil
			}
			days = append(days, one)
		}
	}
	return days, nil
}

// in tells whether a place is in the journal.
func (d *Days) in(ctx context.Context, at journal.Position) (bool, error) {
	err := d.journal.Check(ctx, at)
	if access.CodeOf(err) == access.CodeJournalChanged {
		return false, nil
	}
	return err == nil, err
}

// start is the place from which days are counted where none are kept: before the first
// entry of the oldest one.
func (d *Days) start(ctx context.Context) (journal.Position, error) {
	head := d.journal.Head()
	if head == 0 {
		return journal.Position{}, nil
	}
	last, err := d.entry(ctx, head)
	if err != nil {
		return journal.Position{}, err
	}
	first := sort.Search(int(head-1), func(i int) bool { // seq i+1; the head itself is late enough
		if err != nil {
			return true
		}
		var e journal.Entry
		e, err = d.entry(ctx, uint64(i)+1)
		return err != nil || !e.At.Before(oldest(last.At))
	})
	if err != nil || first == 0 {
		return journal.Position{}, err
	}
	before, err := d.entry(ctx, uint64(first))
	return before.Position(), err
}

func (d *Days) entry(ctx context.Context, seq uint64) (journal.Entry, error) {
	entries, err := d.journal.Read(ctx, seq-1, 1)
	if err == nil && len(entries) == 0 {
		err = errors.New("it is not there")
	}
	if err != nil {
		return journal.Entry{}, fmt.Errorf("index: read entry %d: %w", seq, err)
	}
	return entries[0], nil
}

// keep implements counts.
func (d *Days) keep(ctx context.Context, at journal.Position) error {
	for _, day := range d.days {
		if day.saved >= day.at.Seq {
			continue
		}
		if err := d.keepDay(ctx, day); err != nil {
			return fmt.Errorf("index: keep %s: %w", dayID(day.begins), err)
		}
		day.saved = day.at.Seq
	}
	return d.forgetOthers(ctx, at)
}

// keepTries is how often it is tried again to write a day, where others write it as well.
const keepTries = 10

// keepDay writes a day, unless another server has counted further.
func (d *Days) keepDay(ctx context.Context, day *day) error {
	data, err := json.Marshal(d.record(day))
	if err != nil {
		return err
	}
	for range keepTries {
		docs, err := d.docs.Get(ctx, dayID(day.begins))
		if err != nil {
			return err
		}
		doc := store.Document{ID: dayID(day.begins), Version: 1, Sort: store.TimeSort(day.begins), Terms: []string{daysTerm}, Data: data}
		if len(docs) > 0 {
			var r dayRecord
			if json.Unmarshal(docs[0].Data, &r) == nil && r.After == day.after && r.At.Seq >= day.at.Seq {
				if ok, err := d.in(ctx, r.At); ok || err != nil {
					return err
				}
			}
			doc.Version = docs[0].Version + 1
		}
		if err = d.docs.Put(ctx, doc); !errors.Is(err, store.ErrVersion) {
			return err
		}
	}
	return store.ErrVersion
}

// forgetOthers removes the days that are not counted any more, once a day, and those of
// another journal that come after its own.
func (d *Days) forgetOthers(ctx context.Context, at journal.Position) error {
	if len(d.days) == 0 || at.Seq < d.journal.Head() {
		return nil
	}
	first, last := d.days[0].begins, d.days[len(d.days)-1].begins
	if d.swept.Equal(last) {
		return nil
	}
	before := store.Range{Reader: d.docs, Before: store.TimeSort(first)}
	after := store.Range{Reader: d.docs, From: store.TimeSort(last.AddDate(0, 0, 1))}
	for _, r := range []store.Range{before, after} {
		for docs, err := range store.EachPage(ctx, r, daysTerm, KeptDays) {
			if err == nil {
				docs = slices.DeleteFunc(docs, func(doc store.Document) bool { return d.newer(ctx, doc) })
				err = d.docs.Remove(ctx, docs...)
			}
			if err != nil {
				return fmt.Errorf("index: remove what is counted no longer: %w", err)
			}
		}
	}
	d.swept = last
	return nil
}

// newer tells whether another server has counted that day of this journal, which is behind
// this one's last.
func (d *Days) newer(ctx context.Context, doc store.Document) bool {
	var r dayRecord
	if json.Unmarshal(doc.Data, &r) != nil || r.Begins.Before(d.days[0].begins) {
		return false
	}
	ok, err := d.in(ctx, r.At)
	return ok || err != nil
}

func (d *Days) record(day *day) dayRecord {
	r := dayRecord{Begins: day.begins, After: day.after, At: day.at, Became: day.became.flat(), Waits: day.waits.flat()}
	asked := slices.Clone(day.asked)
	for i := range asked {
		id := d.ids[asked[i].of]
		if n := len(r.Resources); n == 0 || r.Resources[n-1] != id {
			r.Resources = append(r.Resources, id)
		}
		asked[i].of = uint32(len(r.Resources) - 1)
	}
	r.Asked = asked.flat()
	return r
}

// dayOf reads what record wrote; ok is false where it is damaged.
func (d *Days) dayOf(r dayRecord) (out *day, ok bool) {
	numbers := make([]uint32, len(r.Resources))
	for i, id := range r.Resources {
		numbers[i] = d.number(id)
	}
	sound := true
	named := func(of uint32, below int) uint32 {
		if int64(of) >= int64(below) {
			sound = false
			return 0
		}
		return of
	}
	out = &day{begins: r.Begins.UTC(), after: r.After, at: r.At, saved: r.At.Seq}
	var a, b, c bool
	out.became, a = cellsOf(r.Became, func(of uint32) uint32 { return named(of, int(timedOut)+1) })
	out.waits, b = cellsOf(r.Waits, func(of uint32) uint32 { return named(of, waitClasses) })
	out.asked, c = cellsOf(r.Asked, func(of uint32) uint32 {
		if len(numbers) == 0 {
			sound = false
			return 0
		}
		return numbers[named(of, len(numbers))]
	})
	return out, sound && a && b && c
}
