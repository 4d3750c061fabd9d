package console

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// length is a Duration of the API.
type length time.Duration

// UnmarshalJSON reads ISO 8601.
func (l *length) UnmarshalJSON(raw []byte) error {
	var s string
	if err := json.Unmarshal(raw, &s); err != nil {
		return fmt.Errorf("a duration: %w", err)
	}
	d, err := parseLength(s)
	if err != nil {
		return err
	}
	*l = length(d)
	return nil
}

// String writes it for a person: 1 hour 30 minutes.
func (l length) String() string { return lengthWords(time.Duration(l)) }

const longestDays = 366

// parseLength reads ISO 8601 in days, hours, minutes and seconds: P1DT30M, PT1H.
func parseLength(s string) (time.Duration, error) {
	bad := fmt.Errorf("%.40q is not an ISO 8601 duration such as PT1H30M", s)
	rest, ok := strings.CutPrefix(s, "P")
	if !ok || rest == "" || strings.HasSuffix(rest, "T") || strings.ContainsAny(rest, "-+ ") {
		return 0, bad
	}
	days, clock, _ := strings.Cut(rest, "T")
	var total time.Duration
	if days != "" {
		n, err := strconv.Atoi(strings.TrimSuffix(days, "D"))
		if err != nil || !strings.HasSuffix(days, "D") || n > longestDays {
			return 0, bad
		}
		total = time.Duration(n) * 24 * time.Hour
	}
	if clock == "" {
		return total, nil
	}
	if strings.Trim(clock, "0123456789.HMS") != "" {
		return 0, bad
	}
	d, err := time.ParseDuration(strings.ToLower(clock))
	if err != nil || d < 0 || d > longestDays*24*time.Hour {
		return 0, bad
	}
	return total + d, nil
}

// isoLength writes whole seconds as ISO 8601.
func isoLength(d time.Duration) string {
	d = d.Truncate(time.Second)
	if d < time.Second {
		return "PT0S"
	}
	s := "PT"
	for _, u := range []struct {
		unit time.Duration
		mark string
	}{{time.Hour, "H"}, {time.Minute, "M"}, {time.Second, "S"}} {
		if n := d / u.unit; n > 0 {
			s += strconv.FormatInt(int64(n), 10) + u.mark
			d %= u.unit
		}
	}
	return s
}

// lengthWords writes a length of time in days, hours, minutes and seconds.
func lengthWords(d time.Duration) string {
	var parts []string
	for _, u := range []struct {
		unit time.Duration
		noun string
	}{{24 * time.Hour, "day"}, {time.Hour, "hour"}, {time.Minute, "minute"}, {time.Second, "second"}} {
		if n := int(d / u.unit); n > 0 {
			parts = append(parts, plural(n, u.noun))
			d %= u.unit
		}
	}
	if len(parts) == 0 {
		return "0 seconds"
	}
	return strings.Join(parts, " ")
}

// fromNow says roughly how far off a moment is: in 3 hours, 5 minutes ago.
func fromNow(t, now time.Time) string {
	d := t.Sub(now)
	past := d < 0
	d = d.Abs()
	words := "less than a minute"
	switch {
	case d >= 48*time.Hour:
		words = plural(int(d.Hours()/24), "day")
	case d >= 2*time.Hour:
		words = plural(int(d.Hours()), "hour")
	case d >= time.Minute:
		words = plural(int(d.Minutes()), "minute")
	}
	if past {
		return words + " ago"
	}
	return "in " + words
}
