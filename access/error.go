package access

import (
	"errors"
	"fmt"
)

// Code tells the kinds of expected failures apart; each is a UserErrorCode of the API.
type Code string

// The kinds of expected failures.
const (
	CodeInvalid    Code = "INVALID"     // a value is missing, malformed or out of range
	CodeNotFound   Code = "NOT_FOUND"   // absent, or not to be seen
	CodeDuplicate  Code = "DUPLICATE"   // the name is taken
	CodeForbidden  Code = "FORBIDDEN"   // not for this actor
	CodeConflict   Code = "CONFLICT"    // the state does not allow it (any more)
	CodeInUse      Code = "IN_USE"      // others still refer to it
	CodeLease      Code = "LEASE"       // held by somebody else, or lost
	CodeSelfReview Code = "SELF_REVIEW" // a review of one's own request
	CodeLimited    Code = "LIMITED"     // as many, or as often, as is allowed already

	CodeCursorMismatch Code = "CURSOR_MISMATCH" // a cursor of another list, filter, order or kind, or none
	CodeCursorExpired  Code = "CURSOR_EXPIRED"  // a cursor in a format that is no longer read
	CodeJournalChanged Code = "JOURNAL_CHANGED" // a place that is not in this journal
)

// Error is an expected failure. Nothing was changed.
type Error struct {
	Code    Code
	Field   string // the input field at fault, dotted ("items.0.role"); empty where none is
	Message string // for a person: what was wrong and what to do
	Subject string // the ID of what stands in the way; empty where nothing does
}

func (e *Error) Error() string {
	if e.Field == "" {
		return e.Message
	}
	return e.Field + ": " + e.Message
}

// Errorf makes an expected failure.
func Errorf(code Code, field, format string, args ...any) *Error {
	return &Error{Code: code, Field: field, Message: fmt.Sprintf(format, args...)}
}

// AtField says in which input field the fault of an expected failure lies, where what
// failed knows that by another name, or by none. Any other error stays as it is.
func AtField(field string, err error) error {
	var e *Error
	if !errors.As(err, &e) {
		return err
	}
	moved := *e
	moved.Field = field
	return &moved
}

// Moved is AtField for a fault that lies in the field from, and leaves any other where it
// is.
func Moved(from, to string, err error) error {
	var e *Error
	if errors.As(err, &e) && e.Field == from {
		return AtField(to, err)
	}
	return err
}

// CodeOf returns the code of an expected failure, or "" for any other error.
func CodeOf(err error) Code {
	var e *Error
	if errors.As(err, &e) {
		return e.Code
	}
	return ""
}
