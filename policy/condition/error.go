package condition

import (
	"errors"
	"fmt"
	"strings"

	"cel.dev/cel-go/common"
	"cel.dev/cel-go/interpreter"

	"procyon/policy"
)

// Error is what is wrong with a condition, and where.
type Error struct {
	Line    int // from 1
	Column  int // in characters, from 1
	Message string
}

func (e *Error) Error() string { return fmt.Sprintf("%d:%d: %s", e.Line, e.Column, e.Message) }

func (e *Error) before(o *Error) bool {
	return e.Line < o.Line || e.Line == o.Line && e.Column < o.Column
}

func errorAt(l common.Location, message string) *Error {
	return &Error{Line: max(l.Line(), 1), Column: max(l.Column(), 0) + 1, Message: message}
}

func tooLong(size int) *Error {
	return &Error{1, 1, fmt.Sprintf("Give at most %d bytes; these are %d.", policy.MaxCondition, size)}
}

// reason is why a condition can't be evaluated, for people: it names no value.
type reason string

func (r reason) Error() string { return string(r) }

// The reasons.
const (
	errZone     = reason(`time zones have names such as "Europe/Berlin" and "UTC"`)
	errDays     = reason(`days are written as "MON-FRI" or "SAT,SUN"`)
	errClock    = reason(`times are written as "08:00", up to "24:00" for the end of a day`)
	errEmpty    = reason("the two times of a window have to differ")
	errCost     = reason("it costs too much with so much to go through")
	errAbsent   = reason("it reads something that is not there")
	errTooLarge = reason("a number or a time in it is too large")
	errInvalid  = reason("it reads a text as something else that it is not")
	errOther    = reason("it failed")
	errNone     = reason("it is no condition that this server can evaluate")
)

// evaluation says why a condition could not be evaluated. What CEL says names values, such
// as the key that a tag does not have, so nothing of it is passed on.
func evaluation(err error) error {
	if ours, ok := errors.AsType[reason](err); ok {
		return ours
	}
	if canceled, ok := errors.AsType[interpreter.EvalCancelledError](err); ok && canceled.Cause == interpreter.CostLimitExceeded {
		return errCost
	}
	for _, known := range []struct {
		theirs string
		ours   reason
	}{
		{"no such key", errAbsent}, {"index out of bounds", errAbsent}, {"out of range", errAbsent}, {"optional.none()", errAbsent},
		{"overflow", errTooLarge}, {"conversion error", errInvalid}, {"invalid", errInvalid},
	} {
		if strings.Contains(err.Error(), known.theirs) {
			return known.ours
		}
	}
	return errOther
}
