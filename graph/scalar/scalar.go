// Package scalar has the API's custom scalars. Each refuses bad input by its
// own name, so that the caller knows what was expected.
package scalar

import (
	"encoding/json"
	"io"
	"net/url"

	"github.com/99designs/gqlgen/graphql"

	"procyon/access"
)

// Error refuses a value by its scalar's name, and says what it must be. It never
// holds the value.
type Error struct {
	Scalar, Rule string
	Code         access.Code // the kind of failure
}

func (e *Error) Error() string { return e.Scalar + " " + e.Rule }

// ErrorCode is the error's extensions.code.
func (e *Error) ErrorCode() string { return string(e.Code) }

func invalid(scalar, rule string) error { return &Error{scalar, rule, access.CodeInvalid} }

// Checks tell of each scalar here, by its name, what is wrong with a value that comes in.
func Checks() map[string]func(any) error {
	return map[string]func(any) error{
		"ID":       check(UnmarshalID),
		"DateTime": check(UnmarshalDateTime),
		"Duration": check(UnmarshalDuration),
		"Cursor":   check(UnmarshalCursor),
		"URL":      check(UnmarshalURL),
		"JSON":     check(UnmarshalJSON),
	}
}

func check[T any](read func(any) (T, error)) func(any) error {
	return func(v any) error {
		_, err := read(v)
		return err
	}
}

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
