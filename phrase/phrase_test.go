package phrase

import (
	"testing"
	"time"
)

func TestPhrases(t *testing.T) {
	zone := time.FixedZone("", 3600)
	for got, want := range map[string]string{
		Moment(time.Date(2026, 11, 23, 12, 30, 59, 0, zone)): "2026-11-23 11:30 UTC",
		Quoted(" on\none “line” "):                           "“on one 'line'”",
		Person("ann@example.com", "Ann”"):                    "ann@example.com (“Ann'”)",
		Person("", "Ann"):                                    "“Ann”",
		Count(1, "item"):                                     "1 item",
		Count(0, "item"):                                     "0 items",
	} {
		if got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
}

func TestSlips(t *testing.T) {
	for text, of := range map[string]map[string]int{
		"":         {"": 0, "ab": 2},
		"revoke":   {"revoke": 0, "revoek": 1, "revok": 1, "revooke": 1, "remove": 2, "vrekoe": 3},
		"Zürich":   {"Zurich": 1, "Zrüich": 1},
		"database": {"data-base": 1, "dtaabsae": 2},
	} {
		for other, want := range of {
			if got := Slips(text, other); got != want {
				t.Errorf("%q and %q: %d, want %d", text, other, got, want)
			}
			if back := Slips(other, text); back != want {
				t.Errorf("%q and %q: %d, want %d", other, text, back, want)
			}
		}
	}
}
