package console

import (
	"context"
	"errors"
	"fmt"

	"github.com/Khan/genqlient/graphql"
)

// API runs GraphQL operations in this process.
type API interface {
	// Do runs a document that holds one query or mutation as the principal in ctx,
	// and decodes the response's data, as encoding/json does, into out. variables is
	// anything that encodes to a JSON object, or nil.
	//
	// It returns an *Error where the response has errors (the first of them); out
	// is then of no use. Expected failures of a mutation are no errors here: they
	// are in the payload's userErrors. It must be safe for concurrent use.
	Do(ctx context.Context, query string, variables, out any) error
}

// The operations in query/, and the types of what they ask and are answered, are
// generated from the schema: what it renames does not build here.
//
//go:generate go tool genqlient
//go:generate go run procyon/internal/initialism operations_gen.go

// operations runs the generated operations by an API.
type operations struct{ API }

// MakeRequest implements graphql.Client. Its error is what the API's Do returns.
func (o operations) MakeRequest(ctx context.Context, req *graphql.Request, resp *graphql.Response) error {
	return o.Do(ctx, req.Query, req.Variables, resp.Data)
}

// userError is an expected failure of a mutation.
type userError struct {
	Code    string   `json:"code"`
	Field   []string `json:"field"`
	Message string   `json:"message"`
}

// Codes of an Error that the console treats in a way of their own; any other code
// becomes the page of an internal error.
const (
	CodeUnauthenticated = "UNAUTHENTICATED" // sign in first
	CodeForbidden       = "FORBIDDEN"       // not for this person
	CodeNotFound        = "NOT_FOUND"       // absent, or not to be seen
	CodeInvalid         = "INVALID"         // an argument is malformed
	CodeUnknownOutcome  = "UNKNOWN_OUTCOME" // a change may have been made or not

	// A list's cursor in an address is of another list or filter, of an earlier release,
	// or of a journal from before a backup was restored.
	CodeCursorMismatch = "CURSOR_MISMATCH"
	CodeCursorExpired  = "CURSOR_EXPIRED"
	CodeJournalChanged = "JOURNAL_CHANGED"
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
