// Package overview says how asking and deciding goes, in numbers: what waits, what was
// decided and how fast, what is asked for most, and whether notifications arrive. What it
// reads does not grow with the history: days are counted as they come (index.Days), and what
// waits and what was sent is counted in the stores' indexes.
package overview

import (
	"context"
	"time"
	_ "time/tzdata" // for systems without time zones

	"procyon/access"
	"procyon/delivery"
	"procyon/index"
)

// Overview has the numbers. It is safe for concurrent use.
type Overview struct {
	Access *access.Service
	Ledger *delivery.Ledger
	Days   Days
	Now    func() time.Time

	past past
}

// Days counts requests by day; [index.Days] does.
type Days interface {
	Between(ctx context.Context, times []time.Time, resources int) (index.Counted, error)
}

const (
	// MaxDays is how many days an overview has at most: so many are counted in any zone.
	MaxDays = 90
	// MaxResources is how many of the busiest resources are named.
	MaxResources = 10
	// MaxIntegrations is how many integrations are named.
	MaxIntegrations = 20
	// MostCounted is up to how much is counted of what waits and of what was sent.
	MostCounted = 1_000_000
)

// Span is the last days of a time zone, today included, up to a moment.
type Span struct {
	At    time.Time
	dates []string    // of each day
	begin []time.Time // of each day, and of tomorrow
}

// Last is the span of the last days in a zone; today counts as one of them.
func (o *Overview) Last(days int, zone string) (Span, error) {
	if days < 1 || days > MaxDays {
		return Span{}, access.Errorf(access.CodeInvalid, "days", "Ask for 1 to %d days.", MaxDays)
	}
	z, err := zoneOf(zone)
	if err != nil {
		return Span{}, err
	}
	s := Span{At: o.Now().Truncate(time.Second)}
	year, month, today := s.At.In(z).Date()
	for i := range days + 1 {
		day := today - days + 1 + i
		s.dates = append(s.dates, time.Date(year, month, day, 0, 0, 0, 0, time.UTC).Format(time.DateOnly))
		s.begin = append(s.begin, wholeQuarter(time.Date(year, month, day, 0, 0, 0, 0, z)))
	}
	return s, nil
}

// zoneOf finds a time zone by its name in the IANA database.
func zoneOf(name string) (*time.Location, error) {
	zone, err := time.LoadLocation(name)
	if err != nil || name == "" || name == "Local" {
		return nil, access.Errorf(access.CodeInvalid, "timeZone", "There is no time zone %q: give a name of the IANA database, such as Europe/Berlin.", name)
	}
	return zone, nil
}

// wholeQuarter is the quarter of an hour in which a day begins. All zones are whole quarters
// away from UTC; in years before they were, a day begins up to a quarter early.
func wholeQuarter(t time.Time) time.Time { return t.Truncate(15 * time.Minute) }

// Date is that of a day of it, such as "2026-11-23", from 0.
func (s Span) Date(day int) string { return s.dates[day] }

// From is when the first day begins.
func (s Span) From() time.Time { return s.begin[0] }

// Requests is what became of requests in the span.
func (o *Overview) Requests(ctx context.Context, s Span) (index.Counted, error) {
	return o.Days.Between(ctx, s.begin, MaxResources)
}

// Age is how many requests wait for a decision that were made between two times; zero is no
// bound.
type Age struct {
	From, Before time.Time
	Count        int
}

// ages are where the classes of age begin.
var ages = []time.Duration{15 * time.Minute, time.Hour, 4 * time.Hour}

// Pending counts what waits for a decision by how long it has, the newest first.
func (o *Overview) Pending(ctx context.Context, s Span) ([]Age, error) {
	var out []Age
	var before time.Time
	for _, age := range ages {
		out = append(out, Age{From: s.At.Add(-age), Before: before})
		before = s.At.Add(-age)
	}
	out = append(out, Age{Before: before})
	for i, a := range out {
		var err error
		if out[i].Count, err = o.Access.PendingCount(ctx, a.From, a.Before, MostCounted); err != nil {
			return nil, err
		}
	}
	return out, nil
}
