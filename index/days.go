package index

import (
	"cmp"
	"context"
	"slices"
	"sort"
	"time"

	"procyon/access"
	"procyon/journal"
	"procyon/store"
)

// Days counts what became of requests day by day: how many were made, approved, denied and
// timed out, how long decisions took, and which resources were asked for. It goes back
// [KeptDays] days from the journal's last entry, and is kept in the store, a document a
// day, with the place in the journal up to which it counts. Where it was never counted, or a
// backup was restored, those days of the journal are read. It is safe for concurrent use;
// several servers may keep it in one store.
type Days struct {
	counter
	docs store.Documents

	days    []*day            // guarded by counting, as what follows: the oldest first
	numbers map[string]uint32 // by a resource's ID
	ids     []string          // by its number
	swept   time.Time         // when the last day began after which others were removed
}

// KeptDays is how many days in UTC are counted, the last one included.
const KeptDays = 92

const (
	// keepDaysAfter is after how many entries they are written down.
	keepDaysAfter = 10_000
	// maxAsked is how many counts of resources a day has at most. Where they become more,
	// those of the resources asked for least are left out.
	maxAsked = 10_000
)

// What is counted of requests.
const (
	made uint32 = iota
	approved
	denied
	timedOut
)

// day is what is counted of a day in UTC.
type day struct {
	begins time.Time
	after  uint64           // the last entry before it
	at     journal.Position // up to where it counts
	saved  uint64           // up to which entry it is kept in the store

	became, waits, asked cells // of what is counted, classes of waits, numbers of resources
}

// NewDays makes a Days, which reads nothing yet.
func NewDays(j Journal, docs store.Documents) *Days {
	d := &Days{docs: docs, numbers: map[string]uint32{}}
	d.counter = newCounter(j, d, keepDaysAfter)
	return d
}

// Day is what became of requests between two times.
type Day struct {
	Begins                           time.Time
	Made, Approved, Denied, TimedOut int
	// Waits are how long those took that were approved or denied, from when the request was
	// made.
	Waits Waits
}

// Counted is what became of requests over some days.
type Counted struct {
	// UpTo is up to when all is counted, where that is not the present: the past is being
	// counted. Zero otherwise.
	UpTo  time.Time
	Days  []Day // one less than times were given
	All   Day   // of all of them
	Asked []Asked
}

// Asked is how many requests were made for a resource.
type Asked struct {
	ResourceID string
	Requests   int
}

// Between returns what is counted between each of some times and the next. They ascend, and
// are whole quarters of an hour. Of the resources it names those that most requests were
// made for, so many at most.
func (d *Days) Between(ctx context.Context, times []time.Time, resources int) (Counted, error) {
	done, err := d.enter(ctx)
	if err != nil {
		return Counted{}, err
	}
	defer d.leave()
	out := Counted{Days: make([]Day, len(times)-1), All: Day{Begins: times[0]}}
	for i := range out.Days {
		out.Days[i].Begins = times[i]
	}
	if !done {
		out.UpTo = times[0]
	}
	asked := make([]int, len(d.ids))
	for _, day := range d.days {
		if !done {
			out.UpTo = day.begins
		}
		in := day.within(times)
		for _, c := range day.became {
			if i := in[c.quarter]; i >= 0 {
				out.Days[i].count(c.of, int(c.n))
			}
		}
		for _, c := range day.waits {
			if i := in[c.quarter]; i >= 0 {
				out.Days[i].Waits[c.of] += int(c.n)
			}
		}
		for _, c := range day.asked {
			if in[c.quarter] >= 0 {
				asked[c.of] += int(c.n)
			}
		}
	}
	for i := range out.Days {
		out.All.add(&out.Days[i])
	}
	for number, n := range asked {
		if n > 0 {
			out.Asked = append(out.Asked, Asked{d.ids[number], n})
		}
	}
	slices.SortFunc(out.Asked, func(a, b Asked) int {
		return cmp.Or(cmp.Compare(b.Requests, a.Requests), cmp.Compare(a.ResourceID, b.ResourceID))
	})
	out.Asked = out.Asked[:min(resources, len(out.Asked))]
	return out, nil
}

// within says for each quarter of the day between which of some times and the next it is; -1
// is between none.
func (d *day) within(times []time.Time) (in [quartersDay]int) {
	for q := range in {
		at := d.begins.Add(time.Duration(q) * quarter)
		in[q] = sort.Search(len(times), func(i int) bool { return times[i].After(at) }) - 1
		if in[q] == len(times)-1 {
			in[q] = -1
		}
	}
	return in
}

func (d *Day) count(what uint32, n int) {
	switch what {
	case made:
		d.Made += n
	case approved:
		d.Approved += n
	case denied:
		d.Denied += n
	case timedOut:
		d.TimedOut += n
	}
}

func (d *Day) add(other *Day) {
	d.Made += other.Made
	d.Approved += other.Approved
	d.Denied += other.Denied
	d.TimedOut += other.TimedOut
	for i, n := range other.Waits {
		d.Waits[i] += n
	}
}

// take implements counts.
func (d *Days) take(e *journal.Entry) error {
	today := d.today(e)
	today.at = e.Position()
	if access.KindOf(e.Subject) != access.KindRequest {
		return nil
	}
	q := uint8(e.At.Sub(today.begins) / quarter)
	typ := access.EventType(e.Type)
	switch typ {
	case access.EventCreated:
		today.became.add(made, q)
	case access.EventApproved:
		today.became.add(approved, q)
	case access.EventDenied:
		today.became.add(denied, q)
	case access.EventTimedOut:
		today.became.add(timedOut, q)
		return nil
	default:
		return nil
	}
	r, err := access.Decode[access.Request](store.Document{ID: e.Subject, Version: e.Version, Data: e.After})
	if err != nil {
		return err
	}
	if typ != access.EventCreated {
		today.waits.add(waitClass(e.At.Sub(r.CreatedAt)), q)
		return nil
	}
	for i, item := range r.Items {
		if !slices.ContainsFunc(r.Items[:i], func(other access.Item) bool { return other.ResourceID == item.ResourceID }) {
			today.asked.add(d.number(item.ResourceID), q)
		}
	}
	if len(today.asked) > maxAsked {
		today.asked = today.asked.busiest(maxAsked / 2)
	}
	return nil
}

// today is the day of an entry. Times of entries never go back, so it is the last one or a
// new one.
func (d *Days) today(e *journal.Entry) *day {
	begins := dayOf(e.At)
	if n := len(d.days); n > 0 && !d.days[n-1].begins.Before(begins) {
		return d.days[n-1]
	}
	today := &day{begins: begins, after: e.Seq - 1}
	d.days = append(d.days, today)
	for d.days[0].begins.Before(oldest(begins)) {
		d.days = slices.Delete(d.days, 0, 1)
	}
	return today
}

// dayOf is when a day in UTC begins.
func dayOf(t time.Time) time.Time { return t.UTC().Truncate(24 * time.Hour) }

// oldest is when the oldest day begins that is counted, by the last one.
func oldest(last time.Time) time.Time { return dayOf(last).AddDate(0, 0, 1-KeptDays) }

// number is a resource's number.
func (d *Days) number(id string) uint32 {
	n, ok := d.numbers[id]
	if !ok {
		n = uint32(len(d.ids))
		d.numbers[id], d.ids = n, append(d.ids, id)
	}
	return n
}
