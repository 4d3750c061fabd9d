package console

import (
	"context"
	"errors"
	"fmt"
)

// API runs GraphQL operations in this process.
type API interface {
	// Do runs a document that holds one query or mutation as the principal in ctx,
	// and decodes the response's data, as encoding/json does, into out.
	//
	// It returns an *Error where the response has errors (the first of them); out
	// is then of no use. Expected failures of a mutation are no errors here: they
	// are in the payload's userErrors. It must be safe for concurrent use.
	Do(ctx context.Context, query string, variables map[string]any, out any) error
}

// Codes of an Error that the console treats in a way of their own; any other code
// becomes the page of an internal error.
const (
	CodeUnauthenticated = "UNAUTHENTICATED" // sign in first
	CodeForbidden       = "FORBIDDEN"       // not for this person
	CodeNotFound        = "NOT_FOUND"       // absent, or not to be seen
	CodeInvalid         = "INVALID"         // an argument, e.g. a list's cursor, is malformed
)

// Error is a GraphQL error: its extension `code`, and a message fit to be shown.
type Error struct {
	Code    string
	Message string
}

func (e *Error) Error() string { return fmt.Sprintf("graphql: %s: %s", e.Code, e.Message) }

// codeOf returns the code of an *Error, or "" for any other error.
func codeOf(err error) string {
	var e *Error
	if errors.As(err, &e) {
		return e.Code
	}
	return ""
}
