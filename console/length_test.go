package console

import (
	"encoding/json"
	"strconv"
	"testing"
	"time"
)

func TestReadLength(t *testing.T) {
	for s, want := range map[string]time.Duration{
		"PT1H": time.Hour, "PT1H30M": 90 * time.Minute, "P1DT30M": 24*time.Hour + 30*time.Minute, "P2D": 48 * time.Hour, "PT90S": 90 * time.Second, "PT0S": 0,
	} {
		if got, err := readLength(s); err != nil || got != want {
			t.Errorf("%s: %v, %v", s, got, err)
		}
	}
	for _, s := range []string{"", "P", "PT", "1h", "P1DT", "PT-1H", "PT1h", "P1Y", "P-1D", "PD", "PT1", "P999D", "PT99999H", "PT1H T1M", "PT5NS", "PT0.5S"} {
		if got, err := readLength(s); err == nil {
			t.Errorf("%q: took it for %v", s, got)
		}
	}
}

func readLength(s string) (time.Duration, error) {
	var l length
	err := json.Unmarshal([]byte(strconv.Quote(s)), &l)
	return time.Duration(l), err
}

func TestLengthWords(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0: "0 seconds", time.Second: "1 second", 90 * time.Minute: "1 hour 30 minutes", 49 * time.Hour: "2 days 1 hour",
	} {
		if got := length(d).String(); got != want {
			t.Errorf("%v: %s", d, got)
		}
	}
	now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	for d, want := range map[time.Duration]string{
		30 * time.Second: "in less than a minute", -30 * time.Second: "less than a minute ago", 90 * time.Minute: "in 90 minutes",
		-5 * time.Hour: "5 hours ago", 72 * time.Hour: "in 3 days",
	} {
		if got := fromNow(now.Add(d), now); got != want {
			t.Errorf("%v: %s", d, got)
		}
	}
}
