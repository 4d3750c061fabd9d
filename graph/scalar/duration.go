package scalar

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
)

var iso = regexp.MustCompile(`^P(?:(\d{1,9})W)?(?:(\d{1,9})D)?(?:T(?:(\d{1,9})H)?(?:(\d{1,9})M)?(?:(\d{1,9})(?:\.(\d{1,9}))?S)?)?$`)

const maxDuration = 366 * 24 * time.Hour

// ParseDuration reads an ISO 8601 duration, e.g. PT1H30M: whole numbers of
// weeks, days (of 24 hours), hours, minutes and seconds; at least one of them; at
// most 366 days. A negative or fractional one is refused.
func ParseDuration(s string) (time.Duration, error) {
	m := iso.FindStringSubmatch(s)
	if m == nil || s == "P" || strings.HasSuffix(s, "T") {
		return 0, invalid("Duration", "must be ISO 8601 in days, hours, minutes and seconds, such as \"PT1H30M\"")
	}
	units := []time.Duration{7 * 24 * time.Hour, 24 * time.Hour, time.Hour, time.Minute, time.Second}
	var total time.Duration
	for i, unit := range units {
		if m[i+1] == "" {
			continue
		}
		n, err := strconv.ParseInt(m[i+1], 10, 64)
		if err != nil || time.Duration(n) > maxDuration/unit {
			return 0, invalid("Duration", "must be at most 366 days")
		}
		total += time.Duration(n) * unit
	}
	if total > maxDuration {
		return 0, invalid("Duration", "must be at most 366 days")
	}
	if frac := m[6]; frac != "" {
		n, _ := strconv.ParseInt((frac + "000000000")[:9], 10, 64)
		total += time.Duration(n)
	}
	return total, nil
}

// FormatDuration writes a duration as ISO 8601, fractions of a second included.
func FormatDuration(d time.Duration) string {
	if d <= 0 {
		return "PT0S"
	}
	var b strings.Builder
	b.WriteString("PT")
	if h := d / time.Hour; h > 0 {
		fmt.Fprintf(&b, "%dH", h)
	}
	if m := d % time.Hour / time.Minute; m > 0 {
		fmt.Fprintf(&b, "%dM", m)
	}
	if s := d % time.Minute; s > 0 {
		fmt.Fprintf(&b, "%sS", strconv.FormatFloat(s.Seconds(), 'f', -1, 64))
	}
	return b.String()
}
