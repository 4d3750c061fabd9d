package scalar

import (
	"io"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/99designs/gqlgen/graphql"
)

// MarshalDateTime writes a time as RFC 3339 in UTC.
func MarshalDateTime(t time.Time) graphql.Marshaler {
	return graphql.WriterFunc(func(w io.Writer) {
		_, _ = io.WriteString(w, strconv.Quote(t.UTC().Format(time.RFC3339Nano)))
	})
}

const exampleTime = "2026-11-23T10:39:00Z"

// rfc3339 is the grammar of RFC 3339, section 5.6. time.Parse is laxer: it takes
// hours of one digit, fractions after a comma, and any two digits for a zone. The
// groups are what comes before the seconds, the seconds, the fraction's digits, and
// the zone.
var rfc3339 = regexp.MustCompile(`^(\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:)(\d\d)(?:\.(\d+))?([Zz]|[+-](?:[01]\d|2[0-3]):[0-5]\d)$`)

// microseconds is how many digits of a fraction are kept: times are stored so.
const microseconds = 6

// UnmarshalDateTime reads an RFC 3339 time with its zone, in the years 1 to 9999 of UTC,
// to the microsecond. Finer fractions are refused, for they would be lost. A leap second,
// 23:59:60 UTC at the end of a month, is taken for the second after it, as POSIX does.
func UnmarshalDateTime(v any) (time.Time, error) {
	s, ok := v.(string)
	if !ok {
		return time.Time{}, invalid("DateTime", "must be a string such as \""+exampleTime+"\"")
	}
	fail := invalid("DateTime", "must be RFC 3339 with a zone, such as \""+exampleTime+"\"")
	m := rfc3339.FindStringSubmatch(s)
	if m == nil {
		return time.Time{}, fail
	}
	fraction := strings.TrimRight(m[3], "0")
	if len(fraction) > microseconds {
		return time.Time{}, invalid("DateTime", "must be to the microsecond: at most six digits of a fraction")
	}
	second, leap := m[2], m[2] == "60"
	if leap {
		second = "59"
	}
	t, err := time.Parse(time.RFC3339, strings.ToUpper(m[1]+second+"."+fraction+"0"+m[4]))
	if err != nil {
		return time.Time{}, fail
	}
	t = t.UTC()
	if leap {
		next := t.Truncate(time.Second).Add(time.Second)
		if next.Day() != 1 || !next.Equal(next.Truncate(24*time.Hour)) {
			return time.Time{}, invalid("DateTime", "has a second 60, which there is at 23:59:60 UTC at the end of a month alone")
		}
		t = t.Add(time.Second)
	}
	if t.Year() < 1 || t.Year() > 9999 {
		return time.Time{}, invalid("DateTime", "must be in the years 1 to 9999 of UTC")
	}
	return t, nil
}
