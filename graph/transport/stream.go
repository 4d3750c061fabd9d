package transport

import (
	"context"
	"errors"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/gqlerror"
)

// Source opens subscriptions. graph/fanout is the one that shares executions
// between subscribers.
type Source interface {
	// Open starts the operation, which has been parsed, validated and limited.
	// wake is called, from any goroutine and never blocking, whenever Pull may
	// have something new, an end included; it may be called once too often.
	// Errors are request errors: the operation never started.
	Open(ctx context.Context, op *graphql.OperationContext, wake func()) (Stream, gqlerror.List)
}

// Stream is one subscription's results, pulled by the connection that carries
// them: a slow connection is only behind, and costs nobody else anything.
type Stream interface {
	// Pull appends the results that are ready to dst, at most max, in order. It
	// never blocks on other subscribers. After the last result it returns io.EOF;
	// any other error ends the subscription too: a gqlerror.List is told to the
	// client, all else counts as ErrInterrupted.
	Pull(ctx context.Context, dst []Payload, max int) ([]Payload, error)
	// Close releases the subscription. It may be called more than once.
	Close()
}

// ErrInterrupted ends a stream that can go on by resuming after its last event. It is
// no GraphQL error: the transport says in its own way how to resume.
var ErrInterrupted = errors.New("interrupted: resume after the last cursor")

// Payload is one execution result.
type Payload struct {
	Cursor string // of the event, for SSE's id; empty where there is none
	Data   []byte // the JSON response {"data":…}; shared between subscribers, never to be changed
}
