package duration

import (
	"strings"
	"time"

	"procyon/phrase"
)

// Words says how long something is, to the second: "1 hour 30 minutes". Nothing, and
// what is negative, is "0 seconds".
func Words(d time.Duration) string {
	var parts []string
	for _, u := range []struct {
		noun string
		size time.Duration
	}{{"day", Day}, {"hour", time.Hour}, {"minute", time.Minute}, {"second", time.Second}} {
		if n := int(d / u.size); n > 0 {
			parts = append(parts, phrase.Count(n, u.noun))
			d %= u.size
		}
	}
	if len(parts) == 0 {
		return "0 seconds"
	}
	return strings.Join(parts, " ")
}

// Granted says how long was asked for, and what was granted where that is another: "8 hours
// asked, 2 hours granted". granted is zero where nothing is.
func Granted(asked, granted time.Duration) string {
	if granted <= 0 || granted == asked {
		return RoughWords(asked)
	}
	return RoughWords(asked) + " asked, " + RoughWords(granted) + " granted"
}

// RoughWords says how long something is, to the minute; to the second where it is
// shorter. Nothing, and what is negative, is "0 minutes".
func RoughWords(d time.Duration) string {
	switch {
	case d <= 0:
		return "0 minutes"
	case d < time.Minute:
		return phrase.Count(int(d.Round(time.Second)/time.Second), "second")
	default:
		return Words(d.Truncate(time.Minute))
	}
}
