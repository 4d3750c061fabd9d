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
