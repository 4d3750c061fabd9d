package console

import (
	"encoding/json"
	"fmt"
	"time"

	"procyon/duration"
	"procyon/phrase"
)

// length is a Duration of the API.
type length time.Duration

// UnmarshalJSON reads ISO 8601.
func (l *length) UnmarshalJSON(raw []byte) error {
	var s string
	if err := json.Unmarshal(raw, &s); err != nil {
		return fmt.Errorf("a duration: %w", err)
	}
	d, err := duration.Parse(s, duration.Max)
	if err != nil {
		return fmt.Errorf("%.40q: %w", s, err)
	}
	*l = length(d)
	return nil
}

// MarshalJSON writes ISO 8601.
func (l length) MarshalJSON() ([]byte, error) { return json.Marshal(duration.Format(time.Duration(l))) }

// String writes it for a person: 1 hour 30 minutes.
func (l length) String() string { return duration.Words(time.Duration(l)) }

// fromNow says roughly how far off a moment is: in 3 hours, 5 minutes ago.
func fromNow(t, now time.Time) string {
	d := t.Sub(now)
	past := d < 0
	d = d.Abs()
	words := "less than a minute"
	switch {
	case d >= 48*time.Hour:
		words = phrase.Count(int(d.Hours()/24), "day")
	case d >= 2*time.Hour:
		words = phrase.Count(int(d.Hours()), "hour")
	case d >= time.Minute:
		words = phrase.Count(int(d.Minutes()), "minute")
	}
	if past {
		return words + " ago"
	}
	return "in " + words
}
