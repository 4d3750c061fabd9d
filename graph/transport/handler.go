package transport

import (
	"context"
	"crypto/rand"
	"errors"
	"log/slog"
	"net/http"
	"runtime/debug"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/gqlerror"
)

// Options say what a handler is made of.
type Options struct {
	// Transports are asked in order; the first that supports a request serves it.
	// HTTP supports what is left, so it comes last.
	Transports []graphql.Transport
	// Recovered is told of a panic and returns what the client may know of it. Nil
	// means to log it with its stack, and to answer with an ID under which the log
	// has it.
	Recovered func(ctx context.Context, panicked any) *gqlerror.Error
	// Logger is what the default of Recovered logs to; nil means slog's default.
	Logger *slog.Logger
}

// New returns the handler of the GraphQL URL. Requests that no transport
// supports are answered with 405.
func New(exec graphql.GraphExecutor, opt Options) http.Handler {
	if opt.Logger == nil {
		opt.Logger = slog.Default()
	}
	if opt.Recovered == nil {
		opt.Recovered = opt.logPanic
	}
	return &handler{exec: exec, opt: opt}
}

type handler struct {
	exec graphql.GraphExecutor
	opt  Options
}

// ServeHTTP implements http.Handler.
func (h *handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	r = r.WithContext(graphql.StartOperationTrace(r.Context()))
	defer func() {
		if panicked := recover(); panicked != nil {
			h.recovered(w, r, panicked)
		}
	}()
	for _, t := range h.opt.Transports {
		if t.Supports(r) {
			t.Do(w, r, h.exec)
			return
		}
	}
	refused := refusef(http.StatusMethodNotAllowed, "Use POST, or GET for queries.")
	refused.allow = "GET, HEAD, POST"
	refused.write(w, r)
}

// recovered answers for a transport that panicked. Where an answer has begun
// already, the connection is cut, so that nobody takes half of it for the whole.
func (h *handler) recovered(w http.ResponseWriter, r *http.Request, panicked any) {
	if err, ok := panicked.(error); ok && errors.Is(err, http.ErrAbortHandler) {
		panic(panicked)
	}
	answer := h.opt.Recovered(r.Context(), panicked)
	if w.Header().Get("Content-Type") != "" { // set by each transport as it begins to write
		panic(http.ErrAbortHandler)
	}
	(&refusal{status: http.StatusInternalServerError, err: answer}).write(w, r)
}

// logPanic is the default of Options.Recovered.
func (o *Options) logPanic(ctx context.Context, panicked any) *gqlerror.Error {
	id := rand.Text()[:12]
	o.Logger.ErrorContext(ctx, "panic in a GraphQL transport", "id", id, "panic", panicked, "stack", string(debug.Stack()))
	answer := failuref(CodeInternal, "Internal error; the log has it as %s.", id)
	answer.Extensions["id"] = id
	return answer
}
