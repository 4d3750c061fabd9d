package scalar

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"procyon/duration"
)

func TestDurations(t *testing.T) {
	for in, want := range map[string]time.Duration{
		"PT1H": time.Hour, "PT1H30M": 90 * time.Minute, "P1DT30M": 24*time.Hour + 30*time.Minute, "P1W": 7 * 24 * time.Hour,
		"PT24H": 24 * time.Hour, "PT0S": 0, "PT0.25S": 250 * time.Millisecond, "PT90S": 90 * time.Second,
	} {
		got, err := ParseDuration(in)
		if err != nil || got != want {
			t.Errorf("%s: %s, %v", in, got, err)
		}
		again, err := ParseDuration(duration.Format(got))
		if err != nil || again != got {
			t.Errorf("%s written as %s: %s, %v", in, duration.Format(got), again, err)
		}
	}
	for _, in := range []string{"", "P", "PT", "P1DT", "1h", "PT-1H", "-PT1H", "P1Y", "P1M", "PT1.5H", "PT1H ", "P367D", "PT999999999H", "PT9999999999S", "pt1h"} {
		if got, err := ParseDuration(in); err == nil || !strings.HasPrefix(err.Error(), "Duration ") {
			t.Errorf("%q: %s, %v", in, got, err)
		}
	}
}

func TestBadInputIsRefusedByName(t *testing.T) {
	for _, in := range []any{"2026-11-23", "2026-11-23T10:00:00", "yesterday", "", 5, nil, "0001-01-01T00:00:00Z"} {
		if _, err := UnmarshalDateTime(in); err == nil || !strings.HasPrefix(err.Error(), "DateTime ") {
			t.Errorf("DateTime %v: %v", in, err)
		}
	}
	for _, in := range []any{"", "ftp://x/", "https://", "//x/secret", "secret", 1, nil, "https://x/" + strings.Repeat("a", 2000)} {
		_, err := UnmarshalURL(in)
		if err == nil || !strings.HasPrefix(err.Error(), "URL ") || strings.Contains(err.Error(), "secret") {
			t.Errorf("URL %v: %v", in, err)
		}
	}
	if _, err := UnmarshalJSON("{}"); err == nil {
		t.Error("JSON was taken as input")
	}
}

func FuzzDuration(f *testing.F) {
	f.Add("PT1H30M")
	f.Add("P1DT0.000000001S")
	f.Fuzz(func(t *testing.T, in string) {
		d, err := ParseDuration(in)
		if err != nil {
			return
		}
		if d < 0 || d > 366*24*time.Hour {
			t.Fatalf("%q gives %s", in, d)
		}
		if again, err := ParseDuration(duration.Format(d)); err != nil || again != d {
			t.Fatalf("%q gives %s, written %s, read %s, %v", in, d, duration.Format(d), again, err)
		}
	})
}

func FuzzDateTime(f *testing.F) {
	f.Add("2026-11-23T10:39:00+02:00")
	f.Fuzz(func(t *testing.T, in string) {
		at, err := UnmarshalDateTime(in)
		if err != nil {
			return
		}
		var b bytes.Buffer
		MarshalDateTime(at).MarshalGQL(&b)
		again, err := UnmarshalDateTime(strings.Trim(b.String(), `"`))
		if err != nil || !again.Equal(at) {
			t.Fatalf("%q is written %s and read %s, %v", in, b.String(), again, err)
		}
	})
}
