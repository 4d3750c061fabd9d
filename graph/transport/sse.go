package transport

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
)

// SSE carries operations over server-sent events, in the distinct connections
// mode of https://github.com/enisdenjo/graphql-sse/blob/master/PROTOCOL.md: a
// request is one operation, each result an event "next", the end an event
// "complete". Queries and subscriptions come by POST or GET, mutations by POST.
//
// Each result of a subscription has its cursor as the event's id. A client that
// was cut off and comes again with it in the header Last-Event-ID, as a
// browser's EventSource does by itself, goes on right after it. A stream that the server
// ends says so with "complete", after an error where it is not at its end: some clients
// ask for a stream that was cut off once more from its beginning, and for ever. Of HEAD
// a subscription has the head of its answer alone.
type SSE struct {
	// Source opens subscriptions. Required.
	Source Source
	// Resume makes an operation begin after the cursor in Last-Event-ID. Its error
	// is shown to the client if it is a *gqlerror.Error. Nil means ResumeAfter.
	Resume func(op *graphql.OperationContext, cursor string) error
	// Enter is asked before a subscription is opened, with the request's context. Its
	// error refuses the request with 429, and is what the client gets. Optional.
	Enter func(ctx context.Context) *gqlerror.Error
	// MaxBody is how long a body may be, in bytes; 0 means DefaultMaxBody.
	MaxBody int64
	// WriteTimeout is how long a client may take to receive what is written to it
	// before it is cut off; 0 means 10 s.
	WriteTimeout time.Duration
	// KeepAlive is how often a comment is sent, so that what is in between does
	// not take a quiet connection for a dead one; 0 means 15 s.
	KeepAlive time.Duration
	// Authorized is asked with the request's context each time that KeepAlive is over.
	// Its error ends a stream, also one to which nothing is sent: a GraphQL error, see
	// Presentable, is what the client is told; any other means that it can't be told
	// now, and the client may come back. Nil means that nobody's rights end.
	Authorized func(ctx context.Context) error
	// Tick stands in for time.NewTicker in tests: it returns the channel of ticks
	// and what stops them.
	Tick func(time.Duration) (<-chan time.Time, func())
}

var _ graphql.Transport = SSE{}

// maxCursor bounds Last-Event-ID, in bytes. Ours are far shorter.
const maxCursor = 256

// Supports implements graphql.Transport: it takes those who would rather have
// events than anything else that we send.
func (SSE) Supports(r *http.Request) bool {
	return (reads(r) || r.Method == http.MethodPost) &&
		accepted(r.Header, mediaJSON, mediaResponse, mediaEvents) == mediaEvents
}

// Do implements graphql.Transport. What is no GraphQL request is answered as
// HTTP does; errors in the operation come as events, because that is all that an
// EventSource shows.
func (s SSE) Do(w http.ResponseWriter, r *http.Request, exec graphql.GraphExecutor) {
	op, errs, refused := prepare(w, r, s.MaxBody, exec)
	if refused != nil {
		refused.write(w, r)
		return
	}
	ctx := r.Context()
	subscribes := len(errs) == 0 && op.Operation.Operation == ast.Subscription
	if subscribes && s.Enter != nil {
		if err := s.Enter(ctx); err != nil {
			(&refusal{status: http.StatusTooManyRequests, err: err}).write(w, r)
			return
		}
	}
	out := newEventWriter(w, s.WriteTimeout)
	defer out.close(r)
	switch {
	case subscribes && r.Method == http.MethodHead:
		out.begin()
		_ = out.flush()
		return
	case subscribes:
		s.subscribe(ctx, r, op, out)
		return
	}
	if resp := answer(ctx, op, errs, exec); resp != nil {
		out.result(resp)
	}
}

// subscribe streams until the subscription ends or the client goes.
func (s SSE) subscribe(ctx context.Context, r *http.Request, op *graphql.OperationContext, out *eventWriter) {
	if err := s.resume(r, op); err != nil {
		out.result(&graphql.Response{Errors: gqlerror.List{err}})
		return
	}
	wake := make(chan struct{}, 1)
	stream, errs := s.Source.Open(ctx, op, func() {
		select {
		case wake <- struct{}{}:
		default: // it has yet to be heard
		}
	})
	if len(errs) > 0 {
		out.result(&graphql.Response{Errors: errs})
		return
	}
	defer stream.Close()
	tick, stop := s.tick()
	defer stop()

	out.begin()
	for out.flush() == nil && send(ctx, stream, out) {
		select {
		case <-wake:
		case <-tick:
			if s.Authorized != nil {
				if err := s.Authorized(ctx); err != nil {
					out.end(err)
					return
				}
			}
			out.comment()
		case <-ctx.Done():
			return
		}
	}
}

// send writes what the stream has ready. It returns false when nothing will follow.
func send(ctx context.Context, stream Stream, out *eventWriter) bool {
	for more := true; more; {
		var err error
		more, err = out.batch.pull(ctx, stream, out.next)
		if tooLong := out.tooLong; tooLong != nil {
			err = tooLong
		}
		if err != nil {
			out.end(err)
			return false
		}
		if out.flush() != nil {
			return false
		}
	}
	return true
}

// resume makes the operation begin after Last-Event-ID, if the request has one.
func (s SSE) resume(r *http.Request, op *graphql.OperationContext) *gqlerror.Error {
	cursor := r.Header.Get("Last-Event-ID")
	if cursor == "" {
		return nil
	}
	if len(cursor) > maxCursor {
		return failuref(CodeBadRequest, "The header Last-Event-ID is longer than %d bytes.", maxCursor)
	}
	resume := s.Resume
	if resume == nil {
		resume = ResumeAfter
	}
	err := resume(op, cursor)
	var known *gqlerror.Error
	switch {
	case err == nil:
		return nil
	case errors.As(err, &known):
		return known
	default:
		return failuref(CodeBadRequest, "The subscription cannot be resumed by Last-Event-ID.")
	}
}

func (s SSE) tick() (<-chan time.Time, func()) {
	every := s.KeepAlive
	if every <= 0 {
		every = 15 * time.Second
	}
	if s.Tick != nil {
		return s.Tick(every)
	}
	t := time.NewTicker(every)
	return t.C, t.Stop
}

// end writes why a stream is over: nothing where it is at its end, else an error.
func (e *eventWriter) end(err error) {
	errs, interrupted := outcome(err)
	if interrupted {
		errs = gqlerror.List{failuref(CodeInterrupted, "The stream was interrupted. Subscribe again with the cursor of your last event, as after or in the header Last-Event-ID.")}
	}
	if errs != nil {
		e.add(Payload{Data: encodeResponse(&graphql.Response{Errors: errs})})
	}
	e.complete()
	_ = e.flush()
}
