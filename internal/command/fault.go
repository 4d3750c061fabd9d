package command

import (
	"errors"
	"strings"
	"unicode"

	"github.com/spf13/cobra"

	"procyon/access"
)

// The domain's errors name the fields of the API's input. A person at a command line knows
// flags alone.

// inFlags says an error in the words of a command line: an expected failure begins with
// the flag whose value is at fault, or with nothing where no flag has that name. What the
// domain calls otherwise than the command the command has moved before: see access.Moved.
func inFlags(c *cobra.Command, err error) error {
	text := err.Error()
	for _, e := range expected(err) {
		words := e.Message
		if f := flagName(e.Field); f != "" && c.Flags().Lookup(f) != nil {
			words = "--" + f + ": " + words
		}
		text = strings.Replace(text, e.Error(), words, 1)
	}
	return &reworded{text, err}
}

// reworded is an error in other words.
type reworded struct {
	text string
	err  error
}

func (t *reworded) Error() string { return t.text }
func (t *reworded) Unwrap() error { return t.err }

// expected are all expected failures in an error.
func expected(err error) []*access.Error {
	switch e := err.(type) { //nolint:errorlint // it looks at each error of the tree by itself
	case nil:
		return nil
	case *access.Error:
		return []*access.Error{e}
	case interface{ Unwrap() []error }:
		var all []*access.Error
		for _, part := range e.Unwrap() {
			all = append(all, expected(part)...)
		}
		return all
	}
	return expected(errors.Unwrap(err))
}

// flagName is how a flag for a field of the API would be called.
func flagName(field string) string {
	var b strings.Builder
	for _, r := range field {
		if unicode.IsUpper(r) {
			b.WriteByte('-')
		}
		b.WriteRune(unicode.ToLower(r))
	}
	return b.String()
}
