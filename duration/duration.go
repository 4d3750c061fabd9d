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
	ErrSyntax  = errors.New("not an ISO 8601 duration in whole weeks, days, hours, minutes and seconds, such as PT1H30M")
	ErrTooLong = errors.New("the duration is too long")
)

// Day and Week are of fixed length.
const (
	Day  = 24 * time.Hour
	Week = 7 * Day
	// Max is the longest that the API and the settings take.
	Max = 366 * Day
)

var iso = regexp.MustCompile(`^P(?:(\d{1,9})W)?(?:(\d{1,9})D)?(?:T(?:(\d{1,9})H)?(?:(\d{1,9})M)?(?:(\d{1,9})S)?)?$`)

// Parse reads an ISO 8601 duration, e.g. PT1H30M: whole numbers of weeks, days, hours,
// minutes and seconds, at least one of them. What is longer than longest is ErrTooLong,
// all else that is refused ErrSyntax. The result is whole seconds, and never negative.
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
	return total, nil
}

// Whole tells whether Format can write d with no part of it lost: it is a whole number
// of seconds, and not negative.
func Whole(d time.Duration) bool { return d >= 0 && d%time.Second == 0 }

// Format writes a duration as ISO 8601 in hours, minutes and seconds. A part of a second
// is left out: see Whole. A negative duration is written as zero.
func Format(d time.Duration) string {
	if d < time.Second {
		return "PT0S"
	}
	s := "PT"
	for _, u := range []struct {
		size   time.Duration
		letter string
	}{{time.Hour, "H"}, {time.Minute, "M"}, {time.Second, "S"}} {
		if n := d / u.size; n > 0 {
			s += strconv.FormatInt(int64(n), 10) + u.letter
		}
		d %= u.size
	}
	return s
}
