package client

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// Duration is a length of time in variables and results, where it is ISO 8601,
// such as "PT1H30M". Negative ones are written as zero.
type Duration time.Duration

// String is the duration in ISO 8601.
func (d Duration) String() string {
	t := max(0, time.Duration(d))
	var b strings.Builder
	b.WriteString("PT")
	if h := t / time.Hour; h > 0 {
		fmt.Fprintf(&b, "%dH", h)
	}
	if m := t % time.Hour / time.Minute; m > 0 {
		fmt.Fprintf(&b, "%dM", m)
	}
	seconds, nanos := t%time.Minute/time.Second, t%time.Second
	switch {
	case nanos > 0:
		fmt.Fprintf(&b, "%d.%sS", seconds, strings.TrimRight(fmt.Sprintf("%09d", nanos), "0"))
	case seconds > 0 || b.Len() == len("PT"):
		fmt.Fprintf(&b, "%dS", seconds)
	}
	return b.String()
}

// MarshalJSON implements json.Marshaler.
func (d Duration) MarshalJSON() ([]byte, error) { return json.Marshal(d.String()) }

// UnmarshalJSON implements json.Unmarshaler. It reads days, hours, minutes and
// seconds; null leaves the duration as it is.
func (d *Duration) UnmarshalJSON(data []byte) error {
	if string(data) == "null" {
		return nil
	}
	var s string
	if err := json.Unmarshal(data, &s); err != nil {
		return fmt.Errorf("a duration must be a string: %w", err)
	}
	return d.parse(s)
}

// ParseDuration reads days, hours, minutes and seconds in ISO 8601.
func ParseDuration(s string) (Duration, error) {
	var d Duration
	err := d.parse(s)
	return d, err
}

func (d *Duration) parse(s string) error {
	m := isoDuration.FindStringSubmatch(s)
	if m == nil || s == "P" || strings.HasSuffix(s, "T") {
		return fmt.Errorf("%q is not an ISO 8601 duration of days, hours, minutes and seconds", s)
	}
	var total time.Duration
	for i, unit := range []time.Duration{24 * time.Hour, time.Hour, time.Minute, time.Second} {
		if m[i+1] == "" {
			continue
		}
		n, err := strconv.ParseInt(m[i+1], 10, 64)
		if err != nil || n > int64(maxDuration/unit) {
			return fmt.Errorf("the duration %q is too long", s)
		}
		total += time.Duration(n) * unit
	}
	if m[5] != "" {
		n, err := strconv.ParseInt((m[5] + "000000000")[:9], 10, 64)
		if err != nil {
			return fmt.Errorf("the duration %q: %w", s, err)
		}
		total += time.Duration(n)
	}
	*d = Duration(total)
	return nil
}

const maxDuration = 10 * 366 * 24 * time.Hour

var isoDuration = regexp.MustCompile(`^P(?:(\d{1,9})D)?(?:T(?:(\d{1,9})H)?(?:(\d{1,9})M)?(?:(\d{1,9})(?:\.(\d{1,9}))?S)?)?$`)
