package auth

import (
	"errors"
	"fmt"
	"time"
)

// The kinds of refusals; errors.Is finds them. The messages of the errors that
// wrap them are for the caller and hold no secrets.
var (
	// ErrUnauthenticated says that nobody is signed in, or that what was given
	// to prove it is wrong, expired or revoked.
	ErrUnauthenticated = errors.New("sign in, or send a valid token")
	// ErrForbidden says that who is calling may not do this.
	ErrForbidden = errors.New("not allowed")
	// ErrRightsChanged says that the caller's rights are no longer those with
	// which they were authenticated: do it again.
	ErrRightsChanged = errors.New("your rights have changed; connect again")
	// ErrCredentials says that the e-mail address or the password is wrong, or
	// that the person was disabled; never which.
	ErrCredentials = errors.New("the e-mail address or the password is wrong")
)

// TooManyError says that there were too many attempts to sign in.
type TooManyError struct {
	RetryAfter time.Duration // how long to wait; above 0
}

func (e *TooManyError) Error() string {
	return fmt.Sprintf("too many attempts to sign in; try again in %s", e.RetryAfter.Round(time.Second))
}

// ChooseError says that a one-time password was right, and that a new one must come with
// it.
type ChooseError struct {
	Wrong string // what was wrong with the new one, for a person; "" where there was none
}

func (e *ChooseError) Error() string {
	return "this is a one-time password: choose one of your own. " + e.Wrong
}

// refusal is an error of one of the kinds above with words of its own.
type refusal struct {
	kind    error
	message string
}

func (e *refusal) Error() string { return e.message }
func (e *refusal) Unwrap() error { return e.kind }

func unauthenticated(message string) error { return &refusal{ErrUnauthenticated, message} }

func forbidden(format string, args ...any) error {
	return &refusal{ErrForbidden, fmt.Sprintf(format, args...)}
}
