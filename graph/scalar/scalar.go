// Package scalar has the API's custom scalars. Each refuses bad input by its
// own name, so that the caller knows what was expected.
package scalar

import (
	"encoding/json"
	"io"
	"net/url"
	"strconv"
	"time"

	"github.com/99designs/gqlgen/graphql"

	"procyon/access"
)

// MarshalDateTime writes a time as RFC 3339 in UTC.
func MarshalDateTime(t time.Time) graphql.Marshaler {
	return graphql.WriterFunc(func(w io.Writer) {
		_, _ = io.WriteString(w, strconv.Quote(t.UTC().Format(time.RFC3339Nano)))
	})
}

// UnmarshalDateTime reads an RFC 3339 time with its zone, from the year 1970 to 9999.
func UnmarshalDateTime(v any) (time.Time, error) {
	s, ok := v.(string)
	if !ok {
		return time.Time{}, invalid("DateTime", "must be a string such as "+exampleTime)
	}
	t, err := time.Parse(time.RFC3339Nano, s)
	if err != nil || t.Year() < 1970 || t.Year() > 9999 {
		return time.Time{}, invalid("DateTime", "must be RFC 3339 with a zone, such as "+exampleTime)
	}
	return t.UTC(), nil
}

const exampleTime = "2026-11-23T10:39:00Z"

// Error refuses a value by its scalar's name, and says what it must be. It never
// holds the value.
type Error struct {
	Scalar, Rule string
	Code         access.Code // the kind of failure
}

func (e *Error) Error() string { return e.Scalar + " " + e.Rule }

func invalid(scalar, rule string) error { return &Error{scalar, rule, access.CodeInvalid} }

// MarshalString writes a text.
func MarshalString(s string) graphql.Marshaler { return graphql.MarshalString(s) }

// UnmarshalString reads a text and nothing else. A number in a variable is no text
// (GraphQL specification, October 2021, section 3.5.3), though its JSON is kept as one.
func UnmarshalString(v any) (string, error) {
	s, ok := v.(string)
	if !ok {
		return "", invalid("String", "must be a string")
	}
	return s, nil
}

// MarshalURL writes a URL.
func MarshalURL(s string) graphql.Marshaler { return graphql.MarshalString(s) }

// UnmarshalURL reads an absolute http or https URL of at most 2000 characters.
// The error never repeats it: it may hold a secret.
func UnmarshalURL(v any) (string, error) {
	s, ok := v.(string)
	if !ok {
		return "", invalid("URL", "must be a string")
	}
	u, err := url.Parse(s)
	if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" || len(s) > 2000 {
		return "", invalid("URL", "must be an absolute http or https URL of at most 2000 characters")
	}
	return s, nil
}

// MarshalJSON writes JSON as it is.
func MarshalJSON(v json.RawMessage) graphql.Marshaler {
	return graphql.WriterFunc(func(w io.Writer) {
		if len(v) == 0 {
			v = json.RawMessage("null")
		}
		_, _ = w.Write(v)
	})
}

// UnmarshalJSON refuses: the scalar is for output.
func UnmarshalJSON(any) (json.RawMessage, error) {
	return nil, invalid("JSON", "is for output alone")
}
