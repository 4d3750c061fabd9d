package client

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// Codes of errors that do not come from the server. Its own are in
// extensions.code, such as UNAUTHENTICATED, FORBIDDEN, JOURNAL_CHANGED or INTERNAL.
const (
	// CodeNetwork: no answer, or not the whole of it.
	CodeNetwork = "NETWORK"
	// CodeHTTP: an answer that is not GraphQL's, such as a proxy's; see Status.
	CodeHTTP = "HTTP"
	// CodeClosed: the server closed a WebSocket connection; see Status.
	CodeClosed = "CLOSED"
	// CodeProtocol: an answer that makes no sense.
	CodeProtocol = "PROTOCOL"
)

// Codes of the server that decide what this package does.
const (
	// CodeJournalChanged: the journal has no such place. See [ErrJournalChanged].
	CodeJournalChanged = "JOURNAL_CHANGED"
	// CodeCursorExpired: another release gave the cursor out. See [ErrCursorExpired].
	CodeCursorExpired = "CURSOR_EXPIRED"
	// CodeCursorMismatch: not a cursor of this stream or list. See [ErrCursorMismatch].
	CodeCursorMismatch = "CURSOR_MISMATCH"
	// CodeUnauthenticated: no token, or not a good one.
	CodeUnauthenticated = "UNAUTHENTICATED"
	// CodeForbidden: the token does not allow this.
	CodeForbidden = "FORBIDDEN"
)

// What is wrong with a position, whether it comes as an [*Error] or as [UserErrors]:
// errors.Is knows them. To try again with the same position can't help.
var (
	// ErrJournalChanged says that the journal has no such place: a backup was restored,
	// or it is another server's. Look at what happened since the backup, then begin
	// anew: at "j0", or with what happens from now on.
	ErrJournalChanged = errors.New("the journal has no such place")
	// ErrCursorExpired says that another release gave the cursor out, in a format that
	// is no longer read: begin anew, or from a position that was kept otherwise.
	ErrCursorExpired = errors.New("the cursor is in a format that is no longer read")
	// ErrCursorMismatch says that the cursor is of another list, filter, order or kind,
	// or none at all: a mistake of the program.
	ErrCursorMismatch = errors.New("the cursor does not belong here")
)

// cursorError is what a code says of a position; nil where it says nothing of one.
func cursorError(code string) error {
	switch code {
	case CodeJournalChanged:
		return ErrJournalChanged
	case CodeCursorExpired:
		return ErrCursorExpired
	case CodeCursorMismatch:
		return ErrCursorMismatch
	}
	return nil
}

// IsBadCursor tells whether err is one of [ErrJournalChanged], [ErrCursorExpired] and
// [ErrCursorMismatch].
func IsBadCursor(err error) bool {
	return errors.Is(err, ErrJournalChanged) || errors.Is(err, ErrCursorExpired) || errors.Is(err, ErrCursorMismatch)
}

// transient are the server's codes that another try may not meet again.
func transient(code string) bool {
	return slices.Contains([]string{"INTERNAL", "UNKNOWN_OUTCOME", "TIMEOUT", "UNAVAILABLE", "INTERRUPTED", "TOO_MANY_REQUESTS", "TOO_MANY_CONNECTIONS", "TOO_MANY_OPERATIONS", "NOT_SIGNED"}, code)
}

// GraphQLError is one error of a GraphQL response.
type GraphQLError struct {
	Message    string         `json:"message"`
	Path       []any          `json:"path,omitempty"`
	Extensions map[string]any `json:"extensions,omitempty"`
}

// Code is the error's extensions.code, "" where there is none.
func (e *GraphQLError) Code() string {
	code, _ := e.Extensions["code"].(string)
	return code
}

// Error is why an operation or subscription failed. It never holds the token.
type Error struct {
	// Status is the HTTP status, or the code a WebSocket connection was closed
	// with (1000 and up); 0 where there was no answer.
	Status int
	// Code is the first GraphQL error's extensions.code, "" where it has none, or
	// one of this package's.
	Code string
	// Message says what was wrong.
	Message string
	// Errors are all the GraphQL errors.
	Errors []GraphQLError
	// Retryable: the same call may succeed later. A mutation may have been carried out
	// nevertheless, where no answer came or the code is UNKNOWN_OUTCOME: give it an
	// idempotencyKey and send the same again, or look before you do.
	Retryable bool

	cause error
}

func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString("gateway: ")
	b.WriteString(e.Message)
	switch {
	case e.Code != "" && e.Status != 0:
		fmt.Fprintf(&b, " (%s, %d)", e.Code, e.Status)
	case e.Code != "":
		fmt.Fprintf(&b, " (%s)", e.Code)
	}
	return b.String()
}

// Is tells whether target says what the error says of a position.
func (e *Error) Is(target error) bool { return errors.Is(cursorError(e.Code), target) }

// Unwrap returns the cause, if it is known.
func (e *Error) Unwrap() error { return e.cause }

// IsRetryable tells whether err is an *[Error] that another try may not meet.
func IsRetryable(err error) bool {
	var e *Error
	return errors.As(err, &e) && e.Retryable
}

// IsRefusal tells whether err says that the caller may not do this at all, with this
// token: another try can't help.
func IsRefusal(err error) bool {
	var u UserErrors
	code := CodeOf(err)
	return code == CodeUnauthenticated || code == CodeForbidden || errors.As(err, &u) && u.Has(CodeForbidden)
}

// CodeOf is the code of an *[Error], "" for any other.
func CodeOf(err error) string {
	var e *Error
	if errors.As(err, &e) {
		return e.Code
	}
	return ""
}

// networkError describes a call without an answer. The http package's error
// holds the URL, which is no secret but of no use either.
func networkError(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	var outer *url.Error
	if errors.As(err, &outer) {
		err = outer.Err
	}
	return &Error{Code: CodeNetwork, Message: "no answer: " + err.Error(), Retryable: true, cause: err}
}

// statusError describes an answer that is not GraphQL's. Whatever its status, it is no
// refusal of the token: something before the server may give it while the server is away.
func statusError(status int) *Error {
	e := &Error{Status: status, Code: CodeHTTP, Message: "the answer is not GraphQL's; is this the address of the API?"}
	switch {
	case unavailable(status):
		e.Message, e.Retryable = "the gateway is not available", true
	case status == http.StatusUnauthorized, status == http.StatusForbidden, status == http.StatusNotFound:
		e.Retryable = true
	}
	return e
}

// unavailable tells whether a status says that another try may do better.
func unavailable(status int) bool {
	return status >= 500 && status < 600 || status == http.StatusTooManyRequests || status == http.StatusRequestTimeout || status == http.StatusTooEarly
}

func graphQLError(status int, list []GraphQLError) *Error {
	e := &Error{Status: status, Code: list[0].Code(), Message: list[0].Message, Errors: list}
	e.Retryable = true
	for i := range list {
		e.Retryable = e.Retryable && (transient(list[i].Code()) || unavailable(status))
	}
	return e
}

// UserError is an expected failure of a mutation, as its payload's userErrors
// have it.
type UserError struct {
	Code    string   `json:"code"`
	Field   []string `json:"field"`
	Message string   `json:"message"`
}

// UserErrors are a payload's userErrors. They are an error where there are any.
type UserErrors []UserError

// Err is u as an error, or nil where it is empty.
func (u UserErrors) Err() error {
	if len(u) == 0 {
		return nil
	}
	return u
}

func (u UserErrors) Error() string {
	parts := make([]string, len(u))
	for i, e := range u {
		parts[i] = e.Message + " (" + e.Code + ")"
	}
	return strings.Join(parts, "; ")
}

// Is tells whether target says what one of them says of a position.
func (u UserErrors) Is(target error) bool {
	return slices.ContainsFunc(u, func(e UserError) bool { return errors.Is(cursorError(e.Code), target) })
}

// Has tells whether one of them has the code.
func (u UserErrors) Has(code string) bool {
	return slices.ContainsFunc(u, func(e UserError) bool { return e.Code == code })
}
