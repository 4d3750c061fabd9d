package transport

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
)

// operation is one live id.
type operation struct {
	id     string
	prefix []byte
	stream Stream
	dirty  atomic.Bool // the stream may have something
	gone   atomic.Bool // nothing is to be sent any more
}

func (op *operation) close() {
	op.gone.Store(true)
	op.stream.Close()
}

// ready is the stream's wake.
func (s *socket) ready(op *operation) {
	op.dirty.Store(true)
	s.signal()
}

func (s *socket) subscribe(m incoming) {
	if !s.acked.Load() {
		s.end(4401, "Unauthorized")
		return
	}
	params, why := decodeSubscribe(m)
	if why != "" {
		s.invalid(why)
		return
	}
	id := *m.ID
	s.mu.Lock()
	taken, full := s.find(id) >= 0, len(s.ops) >= s.t.maxSubscriptions()
	s.mu.Unlock()
	if taken {
		s.end(4409, fmt.Sprintf("Subscriber for %s already exists", id))
		return
	}
	if full {
		s.refuse(id, gqlerror.List{tooMany()})
		return
	}
	if s.authorized(s.ctx) {
		s.start(id, params)
	}
}

// decodeSubscribe returns the operation asked for, or what is wrong with the message.
func decodeSubscribe(m incoming) (params *graphql.RawParams, why string) {
	if m.ID == nil || *m.ID == "" {
		return nil, "missing id"
	}
	if len(*m.ID) > maxID {
		return nil, "the id is too long"
	}
	payload := struct {
		Query *string `json:"query"`
		*graphql.RawParams
	}{RawParams: &graphql.RawParams{}}
	decoder := json.NewDecoder(bytes.NewReader(m.Payload))
	decoder.UseNumber()
	if err := decoder.Decode(&payload); err != nil {
		return nil, "the payload of subscribe is malformed"
	}
	if payload.Query == nil || *payload.Query == "" {
		return nil, "missing query"
	}
	payload.RawParams.Query = *payload.Query
	return payload.RawParams, ""
}

// start begins an operation. Subscriptions are opened here, in the reader, so
// that a mutation sent after the subscription on the same connection is seen by it.
func (s *socket) start(id string, params *graphql.RawParams) {
	now := graphql.Now()
	params.ReadTime = graphql.TraceTiming{Start: now, End: now}
	ctx := graphql.StartOperationTrace(s.ctx)
	opCtx, errs := create(ctx, params, s.exec)
	if len(errs) > 0 {
		s.refuse(id, s.exec.DispatchError(graphql.WithOperationContext(ctx, opCtx), errs).Errors)
		return
	}
	op := &operation{id: id, prefix: nextPrefix(id)}
	if opCtx.Operation.Operation == ast.Subscription {
		op.stream, errs = s.t.Source.Open(ctx, opCtx, func() { s.ready(op) })
	} else {
		op.stream, errs = s.execute(ctx, opCtx, op)
	}
	if len(errs) > 0 {
		s.refuse(id, errs)
		return
	}
	s.mu.Lock()
	s.ops = append(s.ops, op) // release, which runs in this goroutine, closes it if the connection is ending
	s.mu.Unlock()
	s.ready(op)
}

func (s *socket) refuse(id string, errs gqlerror.List) {
	s.reply(message{ID: id, Type: "error", Payload: documented(errs)}.frame())
}

// complete is the client's: it wants no more of an operation. No answer is due.
func (s *socket) complete(m incoming) {
	if m.ID == nil || *m.ID == "" {
		s.invalid("missing id")
		return
	}
	s.mu.Lock()
	i := s.find(*m.ID)
	var op *operation
	if i >= 0 {
		op = s.ops[i]
		s.ops = slices.Delete(s.ops, i, i+1)
	}
	s.mu.Unlock()
	if op != nil {
		op.close()
	}
}

// drop takes an ended operation off; false where the client did so before.
func (s *socket) drop(op *operation) bool {
	s.mu.Lock()
	i := slices.Index(s.ops, op)
	if i >= 0 {
		s.ops = slices.Delete(s.ops, i, i+1)
	}
	s.mu.Unlock()
	if i >= 0 {
		op.close()
	}
	return i >= 0
}

// find returns the index of an id in ops, -1 where it is free. mu is held.
func (s *socket) find(id string) int {
	return slices.IndexFunc(s.ops, func(op *operation) bool { return op.id == id })
}

// execute runs a query or mutation in a goroutine of its own. One that the
// client has given up still counts until it has returned.
func (s *socket) execute(ctx context.Context, opCtx *graphql.OperationContext, op *operation) (Stream, gqlerror.List) {
	s.mu.Lock()
	full := s.running >= s.t.maxSubscriptions()
	if !full {
		s.running++
	}
	s.mu.Unlock()
	if full {
		return nil, gqlerror.List{tooMany()}
	}
	ctx, cancel := context.WithCancel(ctx) // how long it may take is for Limits
	single := &single{cancel: cancel}
	s.t.tasks.Go(func() {
		defer cancel()
		defer func() {
			s.mu.Lock()
			s.running--
			s.mu.Unlock()
		}()
		single.set(s.result(ctx, opCtx))
		s.ready(op)
	})
	return single, nil
}

// result returns the response as JSON, whatever happens on the way.
func (s *socket) result(ctx context.Context, opCtx *graphql.OperationContext) (data []byte) {
	defer func() {
		if p := recover(); p != nil {
			_ = opCtx.RecoverFunc(ctx, p) // reports it
			data = []byte(`{"errors":[{"message":"Internal error."}]}`)
		}
	}()
	resp := execute(ctx, opCtx, s.exec)
	if resp == nil {
		code := CodeTimeout
		if opCtx.Operation.Operation == ast.Mutation {
			code = CodeUnknownOutcome
		}
		resp = &graphql.Response{Errors: gqlerror.List{failuref(code, "The operation took too long, or was stopped.")}}
	}
	return EncodeResult(resp)
}

func tooMany() *gqlerror.Error {
	return failuref("TOO_MANY_OPERATIONS", "Too many live operations on this connection: complete some, or open another connection.")
}

// single is the stream of one result.
type single struct {
	cancel context.CancelFunc
	mu     sync.Mutex // guards data
	data   []byte     // nil until there is one
}

func (o *single) set(data []byte) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.data = data
}

// Pull implements Stream.
func (o *single) Pull(_ context.Context, dst []Payload, _ int) ([]Payload, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.data == nil {
		return dst, nil
	}
	return append(dst, Payload{Data: o.data}), io.EOF
}

// Close implements Stream.
func (o *single) Close() { o.cancel() }
