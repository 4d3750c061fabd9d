package transport

import (
	"context"
	"net/http"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
)

// HTTP carries queries and mutations by POST, and queries by GET, as the
// GraphQL over HTTP specification describes. A GET changes nothing and a POST
// must be JSON, so that a session cookie cannot be made use of by another site.
// HEAD is answered as GET is, without the body.
type HTTP struct {
	// MaxBody is how long a body may be, in bytes; 0 means DefaultMaxBody.
	MaxBody int64
}

var _ graphql.Transport = HTTP{}

// Supports implements graphql.Transport. It takes any GET, HEAD and POST that those
// before it in the list have left.
func (HTTP) Supports(r *http.Request) bool { return reads(r) || r.Method == http.MethodPost }

// reads tells whether a request's method is one that changes nothing.
func reads(r *http.Request) bool { return r.Method == http.MethodGet || r.Method == http.MethodHead }

// Do implements graphql.Transport.
func (h HTTP) Do(w http.ResponseWriter, r *http.Request, exec graphql.GraphExecutor) {
	media := accepted(r.Header, mediaJSON, mediaResponse)
	if media == "" {
		refusef(http.StatusNotAcceptable, "Results come as application/graphql-response+json or application/json; neither is in the Accept header. Subscriptions come as text/event-stream.").write(w, r)
		return
	}
	op, errs, refused := prepare(w, r, h.MaxBody, exec)
	if refused != nil {
		refused.write(w, r)
		return
	}
	if len(errs) == 0 && op.Operation.Operation == ast.Subscription {
		refusef(http.StatusBadRequest, "A subscription needs a stream: use WebSocket (graphql-transport-ws) or server-sent events (Accept: text/event-stream).").write(w, r)
		return
	}
	if resp := answer(r.Context(), op, errs, exec); resp != nil {
		writeJSON(w, media, status(media, resp), encodeResponse(resp))
	}
}

// prepare reads and checks a request up to its operation. Errors in the
// operation come back as a list, beside what there is of the operation.
func prepare(w http.ResponseWriter, r *http.Request, maxBody int64, exec graphql.GraphExecutor) (*graphql.OperationContext, gqlerror.List, *refusal) {
	if maxBody <= 0 {
		maxBody = DefaultMaxBody
	}
	params, refused := readParams(w, r, maxBody)
	if refused != nil {
		return nil, nil, refused
	}
	op, errs := create(r.Context(), params, exec)
	if len(errs) == 0 && reads(r) && op.Operation.Operation == ast.Mutation {
		refused := refusef(http.StatusMethodNotAllowed, "A mutation cannot be sent by GET; use POST.")
		refused.allow = http.MethodPost
		return nil, nil, refused
	}
	return op, errs[:min(len(errs), maxErrors)], nil
}

// maxErrors is how many errors in an operation are worth telling: a document can
// have one in every word, each answered with a sentence.
const maxErrors = 20

// answer runs what prepare has returned, a query or mutation or the errors in one. It
// returns nil where the client is gone.
func answer(ctx context.Context, op *graphql.OperationContext, errs gqlerror.List, exec graphql.GraphExecutor) *graphql.Response {
	if len(errs) > 0 {
		return exec.DispatchError(graphql.WithOperationContext(ctx, op), errs)
	}
	return execute(ctx, op, exec)
}

// execute runs a query or mutation. It returns nil where ctx has ended.
func execute(ctx context.Context, op *graphql.OperationContext, exec graphql.GraphExecutor) *graphql.Response {
	handler, ctx := exec.DispatchOperation(ctx, op)
	return handler(ctx)
}

// status returns the HTTP status for a response. As application/json a
// well-formed request is always answered with 200, for clients that look at the
// body only then; with the newer media type the status tells as well.
func status(media string, resp *graphql.Response) int {
	if media == mediaJSON || len(resp.Data) > 0 || len(resp.Errors) == 0 {
		return http.StatusOK
	}
	switch resp.Errors[0].Extensions["code"] {
	case "UNAUTHENTICATED":
		return http.StatusUnauthorized
	case "FORBIDDEN":
		return http.StatusForbidden
	case CodeTimeout, CodeUnavailable:
		return http.StatusServiceUnavailable
	case CodeInternal, CodeUnknownOutcome:
		return http.StatusInternalServerError
	default:
		return http.StatusBadRequest
	}
}
