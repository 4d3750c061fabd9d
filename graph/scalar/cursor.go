package scalar

import (
	"io"
	"strconv"
	"strings"

	"github.com/99designs/gqlgen/graphql"

	"procyon/access"
	"procyon/journal"
)

// A cursor is written as j, the number of its entry in base 36, a full stop and the
// entry's mark; the journal's beginning, which has no entry, is j0.
const beginning = "j0"

// MarshalCursor writes a cursor.
func MarshalCursor(p journal.Position) graphql.Marshaler {
	return graphql.WriterFunc(func(w io.Writer) { _, _ = io.WriteString(w, strconv.Quote(FormatCursor(p))) })
}

// UnmarshalCursor reads a cursor.
func UnmarshalCursor(v any) (journal.Position, error) {
	s, ok := v.(string)
	if !ok {
		return journal.Position{}, mismatch("must be a string that this API has given out")
	}
	return ParseCursor(s)
}

// FormatCursor writes a position as a cursor.
func FormatCursor(p journal.Position) string {
	if p.Seq == 0 {
		return beginning
	}
	return "j" + strconv.FormatUint(p.Seq, 36) + "." + p.Mark.String()
}

// ParseCursor reads what FormatCursor wrote, and nothing else. Its error is an *Error:
// CURSOR_EXPIRED for what an earlier release wrote, else CURSOR_MISMATCH. Whether the
// journal has that entry is not looked at.
func ParseCursor(s string) (journal.Position, error) {
	number, mark, marked := strings.Cut(strings.TrimPrefix(s, "j"), ".")
	seq, err := strconv.ParseUint(number, 36, 63)
	if err != nil || !strings.HasPrefix(s, "j"+strconv.FormatUint(seq, 36)) {
		return journal.Position{}, mismatch("is not one of a stream that this API has given out; the cursors of lists are for their list alone")
	}
	switch {
	case s == beginning:
		return journal.Position{}, nil
	case !marked:
		return journal.Position{}, &Error{
			"Cursor", "was given out by an earlier release, in a format that is no longer read: begin at j0, or from a position that you have kept otherwise",
			access.CodeCursorExpired,
		}
	}
	p := journal.Position{Seq: seq}
	if p.Mark, err = journal.ParseMark(mark); err != nil || seq == 0 {
		return journal.Position{}, mismatch("is not whole: give it exactly as this API has given it out")
	}
	return p, nil
}

func mismatch(rule string) error { return &Error{"Cursor", rule, access.CodeCursorMismatch} }
