package duration

import (
	"errors"
	"strings"
	"testing"
	"time"
)

// What people type as a length of time, and what stands behind it.
func TestLead(t *testing.T) {
	const m, h = time.Minute, time.Hour
	for in, want := range map[string]struct {
		d    time.Duration
		rest string
	}{
		"2h": {2 * h, ""}, "2H": {2 * h, ""}, "2 h": {2 * h, ""}, "2hrs why not": {2 * h, "why not"}, "2 hours why not": {2 * h, "why not"}, "2 Hours": {2 * h, ""},
		"1h30m": {90 * m, ""}, "1h 30m": {90 * m, ""}, "1h30": {90 * m, ""}, "1h05 fix": {65 * m, "fix"}, "1 hour 30 minutes": {90 * m, ""}, "1 hour and 30 minutes": {90 * m, ""},
		"1 hour, 30 min, fix": {90 * m, "fix"}, "1h & 5m": {65 * m, ""}, "90min": {90 * m, ""}, "90 min. stuck": {90 * m, "stuck"}, "90m": {90 * m, ""}, "45 mins": {45 * m, ""},
		"1d": {Day, ""}, "1 day": {Day, ""}, "2 days, 3 hours": {51 * h, ""}, "1w2d": {9 * Day, ""}, "1wk": {Week, ""},
		"1.5h": {90 * m, ""}, "1,5h": {90 * m, ""}, "1½ hours": {90 * m, ""}, "½h": {30 * m, ""}, "0.1h": {6 * m, ""}, "1.5 hours.": {90 * m, ""},
		"half an hour": {30 * m, ""}, "half hour": {30 * m, ""}, "half a day": {12 * h, ""}, "a half hour": {30 * m, ""}, "Half an Hour please": {30 * m, "please"}, "quarter of an hour": {15 * m, ""}, "a quarter hour": {15 * m, ""},
		"an hour": {h, ""}, "an hour and a half": {90 * m, ""}, "1 hour and a half": {90 * m, ""}, "one and a half hours": {90 * m, ""}, "1 and a half hours": {90 * m, ""}, "two hours": {2 * h, ""}, "a couple of hours": {2 * h, ""}, "Fifteen minutes": {15 * m, ""},
		"PT2H": {2 * h, ""}, "pt1h30m, why": {90 * m, "why"}, "P1D": {Day, ""},
		"2h: stuck": {2 * h, "stuck"}, "2h - stuck": {2 * h, "stuck"}, "2h – stuck": {2 * h, "stuck"}, "2h, stuck": {2 * h, "stuck"}, "2h. Stuck": {2 * h, "Stuck"},
		"2h and fix it": {2 * h, "and fix it"}, "2h 30 rows": {2 * h, "30 rows"}, "1h 2h": {h, "2h"}, "30s": {30 * time.Second, ""}, "2h hours": {2 * h, "hours"},
		"0h": {0, ""}, "2hours30minutes": {150 * m, ""}, " 2h": {2 * h, ""},
	} {
		d, rest, err := Lead(in)
		if err != nil || d != want.d || rest != want.rest {
			t.Errorf("%q: %v, %q, %v", in, d, rest, err)
		}
	}
	for in, want := range map[string]error{
		"": ErrSyntax, "why": ErrSyntax, "2": ErrSyntax, "2 tables are broken": ErrSyntax, "5xx errors": ErrSyntax, "3rd try": ErrSyntax, "2nd": ErrSyntax, "a quick look": ErrSyntax, "another hour": ErrSyntax,
		"2 hours ago it broke": ErrSyntax, "an hour ago": ErrSyntax, "2 days old data": ErrSyntax, "5-minute outage": ErrSyntax, "a few tables": ErrSyntax, "few": ErrSyntax, "h": ErrSyntax, "hour": ErrSyntax, "P1 incident": ErrSyntax, "INC-42": ErrSyntax, "12:30h": ErrSyntax,
		"2hurs foo": ErrUnclear, "2hours-": nil, "2h-4h": ErrUnclear, "2h/day": ErrUnclear, "1h3x": ErrUnclear, "1h99": ErrUnclear, "a few hours": ErrUnclear, "several days": ErrUnclear, "0.0001s": ErrUnclear, "1d2w": ErrUnclear,
		"2 months": ErrNoFixedLength, "1y": ErrNoFixedLength, "a year": ErrNoFixedLength, "99999999999h": ErrTooLong, "1001w": ErrTooLong, "1000w 1d": ErrTooLong, "P999999999W": ErrTooLong,
	} {
		if _, _, err := Lead(in); !errors.Is(err, want) || err == nil && want != nil {
			t.Errorf("%q: %v, want %v", in, err, want)
		}
	}
	// What was meant as a length and is none can be quoted.
	for in, want := range map[string]string{"2hurs foo": "foo", "2 months foo": "foo", "2h-4h foo": "foo", "a few hours to fix": "to fix", "99999999h foo": "foo", "1h3x foo": "foo"} {
		if _, rest, err := Lead(in); err == nil || strings.TrimSpace(rest) != want {
			t.Errorf("%q: %q, %v", in, rest, err)
		}
	}
}

func TestRead(t *testing.T) {
	for in, want := range map[string]time.Duration{"2 hours": 2 * time.Hour, "PT8H": 8 * time.Hour, "half an hour ": 30 * time.Minute} {
		if d, err := Read(in, 8*time.Hour); err != nil || d != want {
			t.Errorf("%q: %v, %v", in, d, err)
		}
	}
	for in, want := range map[string]error{"": ErrSyntax, "2h foo": ErrSyntax, "9h": ErrTooLong, "2 months": ErrNoFixedLength, "2hurs": ErrUnclear} {
		if d, err := Read(in, 8*time.Hour); !errors.Is(err, want) {
			t.Errorf("%q: %v, %v", in, d, err)
		}
	}
}

// FuzzLead: what is read can be read again as it is written, and what is left is the end
// of what was typed.
func FuzzLead(f *testing.F) {
	for _, s := range []string{"1h 30m why", "half an hour", "2h30 x", "1½ days and a half", "PT1H, x", "a few hours", "99999999999.9w", "2h-4h", "½½h", "1h\xff"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		d, rest, err := Lead(s)
		if !strings.HasSuffix(strings.TrimSpace(s), rest) {
			t.Fatalf("%q leaves %q", s, rest)
		}
		if err != nil {
			if errors.Is(err, ErrSyntax) && rest != strings.TrimSpace(s) {
				t.Fatalf("%q is none and leaves %q", s, rest)
			}
			return
		}
		if !Whole(d) || d > 2*longest {
			t.Fatalf("%q gives %v", s, d)
		}
		for _, again := range []string{Format(d), Words(d)} {
			if d2, rest, err := Lead(again + " x"); d > 0 && (err != nil || d2 != d || rest != "x") {
				t.Fatalf("%q gives %v, written %q, read %v, %q, %v", s, d, again, d2, rest, err)
			}
		}
	})
}
