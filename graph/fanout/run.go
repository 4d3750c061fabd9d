package fanout

import (
	"context"
	"errors"
	"fmt"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"procyon/access"
	"procyon/graph/transport"
	"procyon/journal"
)

type runKey struct{}

// run is one dispatched operation: entries go in one at a time, and rendered
// results come out, in the caller's goroutine. It starts none of its own. Only
// one goroutine may use it at a time.
type run struct {
	log    Log
	ctx    context.Context
	cancel context.CancelFunc
	op     *graphql.OperationContext
	next   graphql.ResponseHandler

	// What Bind says.
	push        func(*Event) (bool, error)
	route       Route
	after, head uint64
}

// Bind is called by the resolver of a subscription field and gives what the
// resolver returns. after is the position that the client asked to resume from,
// nil for the journal's head; where it is not the log's, the log's error is given back.
// route says which entries may belong in the stream. event decides whether one does
// and makes its value; it is called for each that route lets through after the position,
// in order, never twice at once, and for entries that another subscriber of the same
// group asked for too. Both may depend only on the arguments but for after, and on what
// Options cover. An error from event ends the stream.
func Bind[T any](ctx context.Context, after *journal.Position, route Route, event func(*Event) (T, bool, error)) (<-chan T, error) {
	r, ok := ctx.Value(runKey{}).(*run)
	if !ok {
		return nil, problem("BAD_REQUEST", "Subscriptions need a streaming transport: WebSocket or server-sent events.")
	}
	if r.push != nil {
		return nil, errors.New("fanout: one subscription field binds twice")
	}
	if after != nil {
		if err := r.log.Check(ctx, *after); err != nil {
			return nil, unknown(err)
		}
	}
	r.head = r.log.Head()
	r.after = r.head
	if after != nil {
		r.after = after.Seq
	}
	values := make(chan T, 1)
	r.route = route
	r.push = func(e *Event) (bool, error) {
		value, ok, err := event(e)
		if err != nil || !ok {
			return false, err
		}
		select {
		case values <- value:
			return true, nil
		default:
			return false, errors.New("fanout: the event before was never rendered")
		}
	}
	return values, nil
}

// unknown turns a failure to find out whether a position is of the journal into one that
// is worth another try; what is wrong with the position stays.
func unknown(err error) error {
	var expected *access.Error
	var made *gqlerror.Error
	if errors.As(err, &expected) || errors.As(err, &made) {
		return err
	}
	return problem("UNAVAILABLE", "The journal can't be read now; subscribe again soon, with the same cursor.")
}

// start dispatches op. Whether the resolver, or what stands before it, refuses
// is known when it returns.
func (f *Fanout) start(ctx context.Context, op *graphql.OperationContext) (r *run, errs gqlerror.List) {
	r = &run{log: f.log, op: op}
	ctx, r.cancel = context.WithCancel(context.WithValue(ctx, runKey{}, r))
	r.ctx = ctx
	defer func() {
		if p := recover(); p != nil {
			errs = gqlerror.List{r.recovered(p)}
		}
		if errs != nil {
			r.cancel()
			r = nil
		}
	}()
	r.next, r.ctx = f.exec.DispatchOperation(ctx, op)
	if refused := refusal(r); refused != nil {
		return r, refused
	}
	return r, nil
}

// refusal returns why a dispatched operation gives no stream, nil where it does.
func refusal(r *run) gqlerror.List {
	// A resolver that failed after it called Bind leaves a handler that answers
	// at once; so does anything before it. A stream would wait for an entry.
	if r.push != nil {
		return nil
	}
	if resp := r.next(r.ctx); resp != nil && len(resp.Errors) > 0 {
		return resp.Errors
	}
	return gqlerror.List{problem("INTERNAL", "The subscription has no stream of events.")}
}

// render gives the response for an entry, as JSON; false where the entry is not
// in the stream. A GraphQL error in it is part of the response; err is of
// another kind: a bug, which it has reported, made fit for clients.
func (r *run) render(e *Event) (data []byte, ok bool, err error) {
	defer func() {
		if p := recover(); p != nil {
			data, ok, err = nil, false, gqlerror.List{r.recovered(p)}
		}
	}()
	if ok, err = r.push(e); err != nil {
		return nil, false, gqlerror.List{r.recovered(fmt.Errorf("entry %d: %w", e.Seq, err))}
	}
	if !ok {
		return nil, false, nil
	}
	resp := r.next(r.ctx)
	if resp == nil {
		return nil, false, transport.ErrInterrupted
	}
	return transport.EncodeResult(resp), true, nil // its Data is only good until the next one
}

// recovered reports what went wrong, as a panic in a resolver is, and returns
// what clients may know.
func (r *run) recovered(p any) *gqlerror.Error {
	err := r.op.RecoverFunc(r.ctx, p)
	var known *gqlerror.Error
	if !errors.As(err, &known) {
		return problem("INTERNAL", "Internal error.")
	}
	if known.Extensions["code"] == nil {
		known = problem("INTERNAL", known.Message)
	}
	return known
}
