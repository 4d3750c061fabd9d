package scalar

import (
	"errors"
	"io"
	"strconv"
	"time"

	"github.com/99designs/gqlgen/graphql"

	"procyon/duration"
)

// ParseDuration reads an ISO 8601 duration as duration.Parse does, in whole seconds, of at
// most 366 days.
func ParseDuration(s string) (time.Duration, error) {
	d, err := duration.Parse(s, duration.Max)
	switch {
	case errors.Is(err, duration.ErrTooLong):
		return 0, invalid("Duration", "must be at most 366 days")
	case err != nil:
		return 0, invalid("Duration", "must be ISO 8601 in whole weeks, days, hours, minutes and seconds, such as \"PT1H30M\"; years, months and fractions are not taken")
	}
	return d, nil
}

// MarshalDuration writes a duration as ISO 8601, e.g. PT1H30M.
func MarshalDuration(d time.Duration) graphql.Marshaler {
	return graphql.WriterFunc(func(w io.Writer) {
		_, _ = io.WriteString(w, strconv.Quote(duration.Format(d)))
	})
}

// UnmarshalDuration reads an ISO 8601 duration as ParseDuration does; years and months
// have no fixed length and are refused.
func UnmarshalDuration(v any) (time.Duration, error) {
	s, ok := v.(string)
	if !ok {
		return 0, invalid("Duration", "must be a string such as \"PT1H\"")
	}
	return ParseDuration(s)
}
