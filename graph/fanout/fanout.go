// Package fanout runs one journal-backed subscription for many subscribers.
//
// Subscribers whose operations are the same document with the same variables,
// asked by viewers of the same scope, form a group. A group executes the
// operation once for each journal entry, keeps the latest results in a bounded
// ring, and wakes its subscribers, who copy what is after their position. Those
// whose position is older than the ring, because of their cursor or because they
// were slow, catch up together, in small steps when they are pulled: one renders
// a step and the others have it too. Then they join the ring: no gap, no repeat.
// Nothing is queued for anybody.
//
// One goroutine reads the journal for all groups, and tells each group of the entries that
// may concern it, by what they touch: see Route. A group that nothing concerns costs an
// entry nothing, and has no goroutine.
//
// Sharing is safe because everything that a result may depend on is part of the
// group's key: see Options and the key's own comment. A group runs with the
// context values of the subscriber that began it, without that subscriber's
// cancellation; so a value in the context may influence a result only if it is
// covered by Options.Scope, or by Options.ViewerDependent and Options.ViewerID.
//
// The schema's resolver takes part by returning what Bind returns.
package fanout

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"runtime"
	"strconv"
	"sync"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"procyon/graph/transport"
	"procyon/journal"
)

// Log is what is read of the journal.
type Log interface {
	// Head returns the last entry's sequence number, 0 when there is none.
	Head() uint64
	// Read returns up to limit entries with Seq > after, densely and in order;
	// at least one where Head() > after. It never waits for new ones. An error
	// that is a *gqlerror.Error is what subscribers are told.
	Read(ctx context.Context, after uint64, limit int) ([]journal.Entry, error)
	// Check returns nil where p is the log's beginning, or the position of an entry that
	// Read gives by now; else its error says why not, as Read's does. It may look at the
	// store.
	Check(ctx context.Context, p journal.Position) error
	// Wait returns nil once Head() > after, or the reason why that will not be.
	Wait(ctx context.Context, after uint64) error
	// Coming tells whether more entries are being written right now, as far as is known.
	Coming() bool
}

// Options say what results may depend on. The functions are called from many
// goroutines at once.
type Options struct {
	// Scope names what the viewer in ctx may see: viewers of the same scope see
	// the same events and the same values in them. shareable false gives the
	// subscriber an execution of its own. Required.
	Scope func(ctx context.Context) (scope string, shareable bool)
	// ViewerDependent reports whether an operation's results depend on who the
	// viewer is beyond the scope; ViewerID is then part of the key. Required;
	// ViewerDependent (the function of this package) makes one from the schema.
	ViewerDependent func(op *graphql.OperationContext) bool
	// ViewerID names the viewer in ctx, uniquely and never empty. Required.
	ViewerID func(ctx context.Context) string
	// Valid is given a subscriber's own context, and returns what is asked before
	// results are handed to it: has its session or token ended, have its rights changed?
	// A GraphQL error of that, see transport.Presentable, ends the subscription for good;
	// any other means that it can't be told now, and interrupts it. It must be quick: it
	// runs for each delivery. Nil means always valid.
	Valid func(ctx context.Context) func() error
	// Read says what subscriptions need to know of an entry: the value that is Event.Value,
	// nil where it is the event of no subscription, and what it touches, see Route. It is
	// called about once for each entry, for all subscriptions together. Nil: each entry may
	// be an event, and its own value.
	Read func(e journal.Entry) (value any, topics []string, err error)
	// Cursor writes an entry's position as Payload.Cursor; nil: its number in decimal.
	Cursor func(journal.Position) string
	// RingCount and RingBytes bound the results that a group keeps, at least
	// one; 0 means 1,024 and 4 MiB.
	RingCount, RingBytes int
	// CatchUps is how many of those who are behind take results at a time; 0 means twice
	// GOMAXPROCS. Who lacks no more than the 64 latest results waits for none of them.
	CatchUps int
	// Now is the clock by which what was rendered for one subscriber who is behind gets too
	// old for another; nil: the system's.
	Now func() time.Time
	// Logger hears of internal failures; nil means slog's default.
	Logger *slog.Logger
}

const (
	// groupStep is how many entries are read, or rendered by somebody, at once.
	groupStep = 64
	// catchUpBytes is what a subscriber that is behind takes at once, about.
	catchUpBytes = 256 << 10
)

// Fanout opens subscriptions. It is safe for concurrent use.
type Fanout struct {
	log  Log
	exec graphql.GraphExecutor
	opt  Options

	mu     sync.Mutex // guards closed, unique, groups and router
	closed bool
	unique uint64 // numbers the keys of those that share with nobody
	groups map[string]*group
	router *router // nil where there are no groups
	loops  sync.WaitGroup

	parts *cache[partKey, *part]
	turns *turns
}

var _ transport.Source = (*Fanout)(nil)

// New returns a Fanout that reads log and executes with exec. Close ends it.
func New(log Log, exec graphql.GraphExecutor, opt Options) *Fanout {
	if opt.Valid == nil {
		opt.Valid = func(context.Context) func() error { return func() error { return nil } }
	}
	if opt.Cursor == nil {
		opt.Cursor = func(p journal.Position) string { return strconv.FormatUint(p.Seq, 10) }
	}
	if opt.RingCount <= 0 {
		opt.RingCount = 1024
	}
	if opt.RingBytes <= 0 {
		opt.RingBytes = 4 << 20
	}
	if opt.CatchUps <= 0 {
		opt.CatchUps = 2 * runtime.GOMAXPROCS(0)
	}
	if opt.Now == nil {
		opt.Now = time.Now
	}
	if opt.Logger == nil {
		opt.Logger = slog.Default()
	}
	f := &Fanout{log: log, exec: exec, opt: opt, groups: map[string]*group{}, turns: &turns{most: opt.CatchUps}}
	f.parts = newCache[partKey](pastBytes, func(p *part) int { return p.size + 128*(len(p.items)+1) })
	return f
}

// Open implements transport.Source. The operation is dispatched once with the
// subscriber's own context, so that directives and the resolver judge it, and
// say where it begins; that execution then serves the group, if it is the
// first, or the subscriber's catching up, or is dropped.
func (f *Fanout) Open(ctx context.Context, op *graphql.OperationContext, wake func()) (transport.Stream, gqlerror.List) {
	r, errs := f.start(context.WithoutCancel(ctx), op)
	if errs != nil {
		return nil, errs
	}
	s := &stream{ctx: ctx, op: op, wake: wake, valid: f.opt.Valid(ctx), pos: r.after, opened: r.head}
	key, shareable := f.key(ctx, op)

	f.mu.Lock()
	defer f.mu.Unlock()
	if f.closed {
		r.cancel()
		return nil, gqlerror.List{problem("UNAVAILABLE", "The server is about to stop; try again soon.")}
	}
	if !shareable {
		f.unique++
		key = "own " + strconv.FormatUint(f.unique, 10)
	}
	if g := f.groups[key]; g != nil {
		g.join(s)
		s.adopt(r)
	} else {
		f.begin(key, r).join(s)
	}
	wake() // there may be something before the next event: what came after the cursor
	return s, nil
}

// begin starts a group on r. It scans from where the run begins, unless that is
// so long ago that others would have to wait for it.
func (f *Fanout) begin(key string, r *run) *group {
	from := r.after
	if r.head > from && r.head-from > uint64(f.opt.RingCount/2) {
		from = r.head
	}
	g := &group{key: key, f: f, run: r, at: from, ring: ring{floor: from, maxCount: f.opt.RingCount, maxBytes: f.opt.RingBytes}}
	f.groups[key] = g
	f.follow().attach(g)
	g.work() // for what went by before
	return g
}

// Close ends every subscription, as interrupted, and waits for the groups' goroutines.
func (f *Fanout) Close() {
	f.mu.Lock()
	f.closed = true
	if f.router != nil {
		f.router.cancel() // it ends the groups
	}
	f.mu.Unlock()
	f.loops.Wait()
}

// leave takes s out of its group, and ends the group with its last subscriber.
func (f *Fanout) leave(s *stream) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if s.group.part(s) > 0 {
		return
	}
	f.forget(s.group)
	s.group.run.cancel()
}

// forget lets no one join g any more, and tells it of nothing more. f.mu is held.
func (f *Fanout) forget(g *group) {
	if f.groups[g.key] == g {
		delete(f.groups, g.key)
	}
	if g.router.detach(g) == 0 {
		g.router.cancel()
		if f.router == g.router {
			f.router = nil
		}
	}
}

// fault turns what went wrong while reading the log into what ends a
// subscription, which can be resumed unless the log says otherwise.
func (f *Fanout) fault(ctx context.Context, err error) error {
	if known := transport.Presentable(err); known != nil {
		return known
	}
	if ctx.Err() == nil && !errors.Is(err, io.EOF) {
		f.opt.Logger.ErrorContext(ctx, "subscription interrupted: the journal cannot be read", "error", err)
	}
	return transport.ErrInterrupted
}

func problem(code, message string) *gqlerror.Error {
	return &gqlerror.Error{Message: message, Extensions: map[string]any{"code": code}}
}
