package graph

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"strings"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/executor"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"procyon/access"
	"procyon/auth"
	"procyon/graph/scalar"
	"procyon/graph/transport"
)

// userErrors turns an expected failure into a payload's errors, and gives any
// other error back.
func userErrors(err error) ([]*UserError, error) {
	if err == nil {
		return []*UserError{}, nil
	}
	var e *access.Error
	if !errors.As(err, &e) {
		return nil, err
	}
	ue := &UserError{Code: UserErrorCode(e.Code), Message: e.Message}
	if e.Field != "" {
		ue.Field = append([]string{"input"}, strings.Split(e.Field, ".")...)
	}
	return []*UserError{ue}, nil
}

// outcome is what a mutation's payload says: what was done, as the schema has it, or the
// errors for which it was not. Of both, and of a failure that nobody expects, exactly
// one is there.
func outcome[S, N any](done S, err error, node func(S) N) (was N, ue []*UserError, failed error) {
	ue, failed = userErrors(err)
	if failed == nil && len(ue) == 0 {
		was = node(done)
	}
	return was, ue, failed
}

// answered is outcome for a payload of several parts: out, or one that has the errors
// alone. errs is where it has them.
func answered[P any](out *P, err error, errs func(*P) *[]*UserError) (*P, error) {
	ue, err := userErrors(err)
	if err != nil {
		return nil, err
	}
	if len(ue) > 0 {
		out = new(P)
	}
	*errs(out) = ue
	return out, nil
}

// same is for an outcome that the schema has as it is.
func same[T any](v T) *T { return &v }

// absent turns NOT_FOUND into nil, for fields that are null then.
func absent[T any](v *T, err error) (*T, error) { return nullAt(access.CodeNotFound, v, err) }

// present is what was looked up, as the schema has it; nil where it is not there.
func present[S, N any](ok bool, v S, err error, node func(S) *N) (*N, error) {
	if err != nil || !ok {
		return nil, err
	}
	return node(v), nil
}

// nullAt turns one kind of failure into nil.
func nullAt[T any](code access.Code, v *T, err error) (*T, error) {
	if access.CodeOf(err) == code {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return v, nil
}

// Extension codes of GraphQL errors, besides those of the domain and of the limits.
const (
	CodeUnauthenticated = "UNAUTHENTICATED"
	CodeForbidden       = "FORBIDDEN"
	CodeInternal        = "INTERNAL"
)

// HandleErrors has an executor say errors as [ErrorPresenter] does, and panics as well.
func HandleErrors(exec *executor.Executor, log *slog.Logger) {
	exec.SetErrorPresenter(ErrorPresenter(log))
	exec.SetRecoverFunc(Recover)
	exec.AroundResponses(func(ctx context.Context, next graphql.ResponseHandler) *graphql.Response {
		// A document that can't be read has no operation.
		if op := graphql.GetOperationContext(ctx).Operation; op != nil && op.Operation == ast.Mutation {
			ctx = access.WatchCommits(ctx)
		}
		return next(ctx)
	})
}

// ErrorPresenter returns how errors of resolvers look to a caller: expected ones
// with their code; any other as "internal" with an ID under which the log has it. For
// those who are not signed in see [Discreet]: nothing of theirs that could fail runs.
func ErrorPresenter(log *slog.Logger) graphql.ErrorPresenterFunc {
	return func(ctx context.Context, err error) *gqlerror.Error {
		var known *gqlerror.Error
		made := errors.As(err, &known) && known.Err == nil // by the parser, the validator or the limits
		e := &gqlerror.Error{Path: graphql.GetPath(ctx), Locations: locations(ctx)}
		var expected *access.Error
		var value *scalar.Error
		switch {
		case made:
			return known
		case errors.Is(err, auth.ErrUnauthenticated):
			first := signInFirst()
			e.Message, e.Extensions = first.Message, first.Extensions
		case errors.As(err, &value):
			if known != nil && len(known.Path) > 0 {
				e.Path = known.Path // which argument it is
			}
			e.Message, e.Extensions = value.Error(), map[string]any{"code": string(value.Code)}
		case errors.As(err, &expected):
			e.Message, e.Extensions = expected.Message, map[string]any{"code": string(expected.Code)}
			if expected.Field != "" {
				e.Extensions["field"] = strings.Split(expected.Field, ".")
			}
		case errors.Is(err, auth.ErrForbidden):
			e.Message, e.Extensions = bare(err).Error(), map[string]any{"code": CodeForbidden}
		default:
			id := rand.Text()[:12]
			level := slog.LevelError
			if errors.Is(err, context.Canceled) && ctx.Err() != nil {
				level = slog.LevelDebug // whoever asked is gone
			}
			log.Log(ctx, level, "internal error", "id", id, "path", e.Path.String(), "error", err)
			e.Message, e.Extensions = "Internal error; the log has it as "+id+".", map[string]any{"code": CodeInternal, "id": id}
			switch {
			case access.Uncommitted(ctx, err):
				e.Message = "The gateway can't write to its store just now, so this was not done; the log has it as " + id + "."
				e.Extensions["code"] = transport.CodeUnavailable
			case changing(ctx):
				e.Message = "Something failed; the log has it as " + id + ". The change may have been made or not. " + transport.AskAgain
				e.Extensions["code"] = transport.CodeUnknownOutcome
			}
		}
		return e
	}
}

// changing tells whether it is a mutation that failed, rather than a part of what it
// answers: the failure may have come after the commit.
func changing(ctx context.Context) bool {
	field := graphql.GetFieldContext(ctx)
	return field != nil && graphql.HasOperationContext(ctx) && len(field.Path()) == 1 &&
		graphql.GetOperationContext(ctx).Operation.Operation == ast.Mutation
}

// locations is where the field that failed stands in the document.
func locations(ctx context.Context) []gqlerror.Location {
	field := graphql.GetFieldContext(ctx)
	if field == nil || field.Field.Field == nil || field.Field.Position == nil {
		return nil
	}
	return []gqlerror.Location{{Line: field.Field.Position.Line, Column: field.Field.Position.Column}}
}

// bare is an error without what the executor has put around it: that repeats the place
// in its text.
func bare(err error) error {
	var around *gqlerror.Error
	for errors.As(err, &around) && around.Err != nil {
		err = around.Err
	}
	return err
}

// Recover turns a panic in a resolver into an error, for the presenter to log.
func Recover(_ context.Context, v any) error {
	return fmt.Errorf("panic: %v\n%s", v, debug.Stack())
}
