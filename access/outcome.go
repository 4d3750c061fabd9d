package access

import (
	"context"
	"errors"
	"sync/atomic"
)

// UncommittedError says that the log could not be written, so that a change was not made and
// never will be. Where a command makes several, others of it may have been made: see
// [Uncommitted].
type UncommittedError struct{ cause error }

func (e *UncommittedError) Error() string { return "access: not committed: " + e.cause.Error() }

// Unwrap returns why.
func (e *UncommittedError) Unwrap() error { return e.cause }

// watched is the key under which a context has whether something was committed in it.
type watched struct{}

// WatchCommits returns a context that knows whether something was committed in it: for one
// command, whose failure [Uncommitted] then judges.
func WatchCommits(ctx context.Context) context.Context {
	return context.WithValue(ctx, watched{}, new(atomic.Bool))
}

// Uncommitted tells whether err says that nothing of a command was committed, nor will be.
// It is false where that is not certain: without [WatchCommits], after a commit that
// succeeded or whose outcome is not known, and for an error of several.
func Uncommitted(ctx context.Context, err error) bool {
	some, ok := ctx.Value(watched{}).(*atomic.Bool)
	if !ok || some.Load() {
		return false
	}
	for ; err != nil; err = errors.Unwrap(err) {
		if _, ok := err.(*UncommittedError); ok { //nolint:errorlint // one of several would say nothing of the others
			return true
		}
	}
	return false
}

// committed takes in how a commit went, and returns its error in the words of this package.
func committed(ctx context.Context, err error) error {
	var refused *Error
	switch {
	case errors.Is(err, ErrRaced), errors.As(err, &refused):
		return err // it is decided again, or said why it can't be
	case err == nil, errors.Is(err, ErrUnknownOutcome):
		if some, ok := ctx.Value(watched{}).(*atomic.Bool); ok {
			some.Store(true)
		}
		return err
	}
	return &UncommittedError{err}
}
