package scalar

import (
	"strings"
	"testing"
	"time"

	"procyon/duration"
)

func TestDurations(t *testing.T) {
	for in, want := range map[string]time.Duration{
		"PT1H": time.Hour, "PT1H30M": 90 * time.Minute, "P1DT30M": 24*time.Hour + 30*time.Minute, "P1W": 7 * 24 * time.Hour,
		"PT24H": 24 * time.Hour, "PT0S": 0, "PT0H5M": 5 * time.Minute, "P0DT1H": time.Hour, "PT90S": 90 * time.Second,
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
	for _, in := range []string{"", "P", "PT", "P1DT", "1h", "PT-1H", "-PT1H", "P1Y", "P1M", "PT1.5H", "PT1H ", "P367D", "PT999999999H", "PT9999999999S", "pt1h", "PT90.5S", "PT8H0.5S", "PT1.0S", "P0.5W"} {
		if got, err := ParseDuration(in); err == nil || !strings.HasPrefix(err.Error(), "Duration ") {
			t.Errorf("%q: %s, %v", in, got, err)
		}
	}
}

func TestBadInputIsRefusedByName(t *testing.T) {
	for _, in := range []any{"2026-11-23", "2026-11-23T10:00:00", "yesterday", "", 5, nil} {
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
	f.Add("P1W2DT3H4M5S")
	f.Fuzz(func(t *testing.T, in string) {
		d, err := ParseDuration(in)
		if err != nil {
			return
		}
		if !duration.Whole(d) || d > 366*24*time.Hour {
			t.Fatalf("%q gives %s", in, d)
		}
		if again, err := ParseDuration(duration.Format(d)); err != nil || again != d {
			t.Fatalf("%q gives %s, written %s, read %s, %v", in, d, duration.Format(d), again, err)
		}
	})
}
