// Package fanouttest is a small subscription schema over a journal in memory,
// for the tests and measurements of shared execution and of the transports.
package fanouttest

import (
	"context"
	"sync"
	"sync/atomic"

	"github.com/99designs/gqlgen/graphql/executor"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"procyon/graph/fanout"
	"procyon/journal"
)

//go:generate go tool gqlgen generate --config gqlgen.yml

// Viewer is who subscribes. Administrators see every event, others their own.
type Viewer struct {
	ID    string
	Admin bool
}

type viewerKey struct{}

// WithViewer puts a viewer in a context.
func WithViewer(ctx context.Context, v Viewer) context.Context {
	return context.WithValue(ctx, viewerKey{}, v)
}

// ViewerFrom returns the viewer in a context, the zero Viewer where there is none.
func ViewerFrom(ctx context.Context) Viewer {
	v, _ := ctx.Value(viewerKey{}).(Viewer)
	return v
}

// NewExecutor returns gqlgen's executor of the schema over a log.
func NewExecutor(log *Log) *Executor {
	schema := NewExecutableSchema(Config{Resolvers: &Resolver{log: log}})
	return &Executor{Executor: executor.New(schema), Schema: schema}
}

// Options are those that fit the schema's rules of visibility.
func Options(exec *Executor) fanout.Options {
	return fanout.Options{
		Scope: func(ctx context.Context) (string, bool) {
			v := ViewerFrom(ctx)
			if v.Admin {
				return "admin", true
			}
			return "member " + v.ID, v.ID != ""
		},
		ViewerID:        func(ctx context.Context) string { return ViewerFrom(ctx).ID },
		ViewerDependent: fanout.ViewerDependent(exec.Schema.Schema()),
		Read:            Read,
	}
}

// Log is a journal in memory.
type Log struct {
	mu      sync.Mutex // guards entries, more and fail
	entries []journal.Entry
	more    chan struct{}
	fail    error

	looked atomic.Int64
	coming atomic.Bool
}

// Expect says what Coming is to tell.
func (l *Log) Expect(more bool) { l.coming.Store(more) }

// Coming implements fanout.Log.
func (l *Log) Coming() bool { return l.coming.Load() }

// Looked is how often an execution has looked at an entry, whether it is an event of it.
func (l *Log) Looked() int { return int(l.looked.Load()) }

var _ fanout.Log = (*Log)(nil)

// NewLog returns an empty log.
func NewLog() *Log { return &Log{more: make(chan struct{})} }

// Publish appends entries at once, numbering them, and wakes those who wait.
func (l *Log) Publish(entries ...journal.Entry) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, e := range entries {
		e.Seq = uint64(len(l.entries)) + 1
		l.entries = append(l.entries, e)
	}
	close(l.more)
	l.more = make(chan struct{})
}

// Fail makes Read and Wait return err from now on; nil makes them work again.
func (l *Log) Fail(err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.fail = err
	close(l.more)
	l.more = make(chan struct{})
}

// Head implements fanout.Log.
func (l *Log) Head() uint64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	return uint64(len(l.entries))
}

// Read implements fanout.Log.
func (l *Log) Read(_ context.Context, after uint64, limit int) ([]journal.Entry, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.fail != nil {
		return nil, l.fail
	}
	rest := l.entries[min(after, uint64(len(l.entries))):]
	return rest[:min(limit, len(rest))], nil
}

// Check implements fanout.Log.
func (l *Log) Check(_ context.Context, p journal.Position) error {
	if p.Seq > l.Head() {
		return &gqlerror.Error{Message: "The log does not reach that far.", Extensions: map[string]any{"code": "JOURNAL_CHANGED"}}
	}
	return nil
}

// Wait implements fanout.Log.
func (l *Log) Wait(ctx context.Context, after uint64) error {
	for {
		l.mu.Lock()
		more, head, fail := l.more, uint64(len(l.entries)), l.fail
		l.mu.Unlock()
		if fail != nil {
			return fail
		}
		if head > after {
			return nil
		}
		select {
		case <-more:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}
