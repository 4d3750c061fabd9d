package duration

import (
	"errors"
	"testing"
	"time"
)

const year = 366 * Day

func TestParse(t *testing.T) {
	for in, want := range map[string]time.Duration{
		"PT1H": time.Hour, "PT1H30M": 90 * time.Minute, "P1DT30M": Day + 30*time.Minute, "P1W": Week, "P2D": 48 * time.Hour,
		"PT24H": Day, "PT0S": 0, "P0D": 0, "P0W": 0, "PT0H5M": 5 * time.Minute, "P0DT1H": time.Hour, "P1DT0S": Day, "P1W2DT3H4M5S": 9*Day + 3*time.Hour + 4*time.Minute + 5*time.Second,
		"PT090S": 90 * time.Second, "PT90S": 90 * time.Second, "P366D": year,
	} {
		got, err := Parse(in, year)
		if err != nil || got != want {
			t.Errorf("%s: %s, %v", in, got, err)
		}
		again, err := Parse(Format(got), year)
		if err != nil || again != got {
			t.Errorf("%s written as %s: %s, %v", in, Format(got), again, err)
		}
	}
	for _, in := range []string{
		"", "P", "PT", "P1DT", "1h", "PT-1H", "-PT1H", "P1Y", "P1M", "P-1D", "PD", "PT1", "PT1.5H", "PT1H ", "PT1h", "pt1h", "PT1H T1M", "PT5NS",
		"PT0.5S", "PT90.5S", "PT8H0.5S", "PT1.0S", "PT1,5S", "PT1.S", "PT.5S", "P0.5D", "P1.5W", "PT1S1M", "P1D1W", "PT1M1M", "+PT1H", "P+1D", "PT１H", "PT1H\n", "\nPT1H", "P1Y2M", "PT1234567890S",
	} {
		if got, err := Parse(in, year); !errors.Is(err, ErrSyntax) {
			t.Errorf("%q: %s, %v", in, got, err)
		}
	}
	for _, in := range []string{"P367D", "P999D", "P53W", "P366DT1S", "P52W3D", "PT99999H", "PT999999999H", "PT999999999S", "P999999999W"} {
		if got, err := Parse(in, year); !errors.Is(err, ErrTooLong) {
			t.Errorf("%q: %s, %v", in, got, err)
		}
	}
}

func TestFormat(t *testing.T) {
	for d, want := range map[time.Duration]string{
		-time.Hour: "PT0S", 0: "PT0S", 10 * time.Second: "PT10S", 90 * time.Minute: "PT1H30M", 25 * time.Hour: "PT25H", time.Hour + time.Second: "PT1H1S",
		1500 * time.Millisecond: "PT1S", 3 * time.Microsecond: "PT0S", time.Minute - 1: "PT59S",
	} {
		if got := Format(d); got != want {
			t.Errorf("%v: %s, want %s", d, got, want)
		}
		back, err := Parse(Format(d), year)
		if err != nil || (back == d) != Whole(d) {
			t.Errorf("%v is written %s and read %v, %v; whole: %v", d, Format(d), back, err, Whole(d))
		}
	}
}

func TestWords(t *testing.T) {
	for d, want := range map[time.Duration]string{
		-time.Hour: "0 seconds", 0: "0 seconds", time.Second: "1 second", 90 * time.Minute: "1 hour 30 minutes",
		49 * time.Hour: "2 days 1 hour", 61 * time.Second: "1 minute 1 second",
	} {
		if got := Words(d); got != want {
			t.Errorf("Words(%v) = %q, want %q", d, got, want)
		}
	}
	for d, want := range map[time.Duration]string{
		-time.Hour: "0 minutes", 0: "0 minutes", 30 * time.Second: "30 seconds", time.Second: "1 second",
		time.Minute: "1 minute", 61 * time.Second: "1 minute", time.Hour: "1 hour", 90 * time.Minute: "1 hour 30 minutes",
		8 * time.Hour: "8 hours", 49*time.Hour + time.Minute: "2 days 1 hour 1 minute",
	} {
		if got := RoughWords(d); got != want {
			t.Errorf("RoughWords(%v) = %q, want %q", d, got, want)
		}
	}
}

func TestGranted(t *testing.T) {
	for want, d := range map[string][2]time.Duration{
		"8 hours asked, 2 hours granted": {8 * time.Hour, 2 * time.Hour}, "1 hour asked, 2 hours granted": {time.Hour, 2 * time.Hour},
		"8 hours": {8 * time.Hour, 8 * time.Hour}, "2 hours": {2 * time.Hour, 0},
	} {
		if got := Granted(d[0], d[1]); got != want {
			t.Errorf("%v: %q, want %q", d, got, want)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add("PT1H30M")
	f.Add("P1W2DT3H4M5S")
	f.Add("P366DT0S")
	f.Fuzz(func(t *testing.T, in string) {
		d, err := Parse(in, year)
		if err != nil {
			return
		}
		if !Whole(d) || d > year {
			t.Fatalf("%q gives %s", in, d)
		}
		if again, err := Parse(Format(d), year); err != nil || again != d {
			t.Fatalf("%q gives %s, written %s, read %s, %v", in, d, Format(d), again, err)
		}
	})
}
