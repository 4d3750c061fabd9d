package client

import (
	"encoding/json"
	"fmt"
	"time"

	"procyon/duration"
)

// Duration is a length of time in variables and results, where it is ISO 8601 in whole
// seconds, such as "PT1H30M".
type Duration time.Duration

// String is the duration in ISO 8601; a part of a second is left out, and a negative one
// is zero.
func (d Duration) String() string { return duration.Format(time.Duration(d)) }

// MarshalJSON implements json.Marshaler. What is not whole seconds, or is negative, the
// API could not be told: that is an error.
func (d Duration) MarshalJSON() ([]byte, error) {
	if !duration.Whole(time.Duration(d)) {
		return nil, fmt.Errorf("the API takes durations in whole seconds, none of them negative; this is %s", time.Duration(d))
	}
	return json.Marshal(d.String())
}

// UnmarshalJSON implements json.Unmarshaler. It reads weeks, days, hours, minutes and
// seconds; null leaves the duration as it is.
func (d *Duration) UnmarshalJSON(data []byte) error {
	if string(data) == "null" {
		return nil
	}
	var s string
	if err := json.Unmarshal(data, &s); err != nil {
		return fmt.Errorf("a duration must be a string: %w", err)
	}
	read, err := ParseDuration(s)
	if err != nil {
		return err
	}
	*d = read
	return nil
}

// ParseDuration reads whole weeks, days, hours, minutes and seconds in ISO 8601.
func ParseDuration(s string) (Duration, error) {
	d, err := duration.Parse(s, maxDuration)
	if err != nil {
		return 0, fmt.Errorf("%q: %w", s, err)
	}
	return Duration(d), nil
}

// maxDuration is far beyond what a server writes.
const maxDuration = 10 * 366 * duration.Day
