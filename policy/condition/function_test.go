package condition_test

import (
	"fmt"
	"testing"
	"time"
)

// Windows go by what the clock on the wall shows, also where it is turned.
func TestWindows(t *testing.T) {
	c := conditions(t)
	const daily, work, nights, friday = `"MON-SUN", "02:00", "03:00"`, `"MON-FRI", "08:00", "18:00"`, `"MON-SUN", "22:00", "06:00"`, `"FRI", "22:00", "06:00"`
	for _, test := range []struct {
		at, window string
		in         bool
	}{
		{"2026-11-27T06:59:59Z", work, false}, {"2026-11-27T07:00:00Z", work, true}, // 08:00 in winter
		{"2026-07-03T05:59:59Z", work, false}, {"2026-07-03T06:00:00Z", work, true}, // and in summer
		{"2026-11-27T16:59:59Z", work, true}, {"2026-11-27T17:00:00Z", work, false}, {"2026-11-28T10:00:00Z", work, false},
		// On 29 March 2026 the hour from 02:00 is skipped: there is none of that window.
		{"2026-03-29T00:59:59Z", daily, false}, {"2026-03-29T01:00:00Z", daily, false}, {"2026-03-28T01:30:00Z", daily, true}, {"2026-03-30T00:30:00Z", daily, true},
		// On 25 October 2026 it is shown twice, and in the window twice.
		{"2026-10-24T23:59:59Z", daily, false}, {"2026-10-25T00:00:00Z", daily, true}, {"2026-10-25T01:59:59Z", daily, true}, {"2026-10-25T02:00:00Z", daily, false},
		// Over midnight a window is of the day on which it begins.
		{"2026-11-27T21:00:00Z", nights, true}, {"2026-11-28T04:59:59Z", nights, true}, {"2026-11-28T05:00:00Z", nights, false},
		{"2026-11-27T21:00:00Z", friday, true}, {"2026-11-28T04:00:00Z", friday, true}, {"2026-11-27T04:00:00Z", friday, false}, {"2026-11-28T21:00:00Z", friday, false},
		// Ranges go over the end of the week, and times up to the end of a day.
		{"2026-11-29T12:00:00Z", `"SAT-MON", "00:00", "24:00"`, true}, {"2026-11-24T12:00:00Z", `"SAT-MON", "00:00", "24:00"`, false},
		{"2026-11-27T22:59:59Z", `"WED,FRI", "12:00", "24:00"`, true}, {"2026-11-27T23:00:00Z", `"WED,FRI", "12:00", "24:00"`, false},
	} {
		at, err := time.Parse(time.RFC3339, test.at)
		if err != nil {
			t.Fatal(err)
		}
		a := ask()
		a.Now = at
		for name, want := range map[string]bool{"inside": test.in, "outside": !test.in} {
			expression := fmt.Sprintf(`%s(now, "Europe/Berlin", %s)`, name, test.window)
			if got, err := c.Holds(expression, a, &a.Items[0]); err != nil || got != want {
				t.Errorf("%s at %s: %v, %v", expression, test.at, got, err)
			}
		}
	}
}
