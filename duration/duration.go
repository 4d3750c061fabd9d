// Package duration reads and writes lengths of time: in ISO 8601, as the API does, and
// in words, as people are told. A day is 24 hours; years and months have no fixed
// length and don't exist here.
package duration

import (
	"errors"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// The errors of Parse.
var (
	ErrSyntax  = errors.New("not an ISO 8601 duration of days, hours, minutes and seconds, such as PT1H30M")
	ErrTooLong = errors.New("the duration is too long")
)

// Day and Week are of fixed length.
const (
	Day  = 24 * time.Hour
	Week = 7 * Day
)

var iso = regexp.MustCompile(`^P(?:(\d{1,9})W)?(?:(\d{1,9})D)?(?:T(?:(\d{1,9})H)?(?:(\d{1,9})M)?(?:(\d{1,9})(?:\.(\d{1,9}))?S)?)?$`)

// Parse reads an ISO 8601 duration, e.g. PT1H30M: whole numbers of weeks, days, hours
// and minutes, and seconds with their fraction; at least one of them. What is longer
// than longest is ErrTooLong, all else that is refused ErrSyntax. The result is never
// negative.
func Parse(s string, longest time.Duration) (time.Duration, error) {
	m := iso.FindStringSubmatch(s)
	if m == nil || s == "P" || strings.HasSuffix(s, "T") {
		return 0, ErrSyntax
	}
	var total time.Duration
	for i, unit := range []time.Duration{Week, Day, time.Hour, time.Minute, time.Second} {
		n, _ := strconv.ParseInt("0"+m[i+1], 10, 64) // at most nine digits
		if time.Duration(n) > (longest-total)/unit {
			return 0, ErrTooLong
		}
		total += time.Duration(n) * unit
	}
	nanos, _ := strconv.ParseInt((m[6] + "000000000")[:9], 10, 64)
	if total += time.Duration(nanos); total > longest {
		return 0, ErrTooLong
	}
	return total, nil
}

// Format writes a duration as ISO 8601 in hours, minutes and seconds, with no part of
// it lost. A negative one is written as zero.
func Format(d time.Duration) string {
	if d <= 0 {
		return "PT0S"
	}
	s := "PT"
	if h := d / time.Hour; h > 0 {
		s += strconv.FormatInt(int64(h), 10) + "H"
	}
	if m := d % time.Hour / time.Minute; m > 0 {
		s += strconv.FormatInt(int64(m), 10) + "M"
	}
	if rest := d % time.Minute; rest > 0 {
		s += strconv.FormatInt(int64(rest/time.Second), 10)
		if nanos := rest % time.Second; nanos > 0 {
			s += "." + strings.TrimRight(strconv.FormatInt(int64(time.Second+nanos), 10)[1:], "0")
		}
		s += "S"
	}
	return s
}
