package client

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"sync"
	"time"
)

// Defaults of [SubscribeOptions].
const (
	DefaultBuffer     = 64
	DefaultMinBackoff = 200 * time.Millisecond
	DefaultMaxBackoff = 15 * time.Second
	DefaultSilence    = 45 * time.Second
	// steadyAfter is how long a connection must last for the backoff to begin anew.
	steadyAfter = 30 * time.Second
)

// SubscribeOptions say what to follow.
type SubscribeOptions struct {
	// Query is a subscription with one field, which takes the variable $after and
	// selects `cursor`.
	Query string
	// Variables are those of the query besides `after`.
	Variables map[string]any
	// After is the position to go on from. "" begins with what happens from now
	// on; until the first event there is then no position to resume from, see
	// [Event.MayFollowGap].
	After string
	// Cursor finds the cursor in an event's data; nil takes the field `cursor` of
	// the one root field.
	Cursor func(data json.RawMessage) (string, error)
	// Buffer is how many events may wait for the consumer; beyond them the
	// connection is not read, and the server waits. 0 means [DefaultBuffer].
	Buffer int
	// MinBackoff and MaxBackoff bound the wait before the first try to connect
	// again, and the longest. Each wait is drawn at random from the upper half.
	MinBackoff, MaxBackoff time.Duration
	// Silence is how long the server may say nothing, not even answer a ping,
	// before it is taken for dead. 0 means [DefaultSilence].
	Silence time.Duration
	// Interrupted is told why a connection ended before it is made again. Optional.
	// It must not block.
	Interrupted func(err error)
	// Connected is told each time the server was given the subscription. Optional.
	// It must not block.
	Connected func()
}

// Event is one result of a subscription.
type Event struct {
	// Cursor is its position.
	Cursor string
	// Data is the GraphQL data.
	Data json.RawMessage
	// Errors are those of fields that could not be read; the fields are null.
	Errors []GraphQLError
	// MayFollowGap: the connection was lost before there was a position to resume
	// from, so events before this one may have been missed. Never where
	// SubscribeOptions.After was given, nor after the first event.
	MayFollowGap bool
}

// Decode decodes the event's data.
func (e *Event) Decode(out any) error {
	if err := json.Unmarshal(e.Data, out); err != nil {
		return fmt.Errorf("decode event %s: %w", e.Cursor, err)
	}
	return nil
}

// ErrClosed is what Next returns after Close.
var ErrClosed = errors.New("client: the subscription is closed")

// Subscription yields events in order, without gap or repeat, over as many
// connections as it takes. Next and Poll are for one goroutine; Close is for any.
type Subscription struct {
	client *Client
	opt    SubscribeOptions
	events chan Event
	cancel context.CancelFunc
	done   chan struct{}
	err    error // why it ended; set before events is closed
	once   sync.Once

	// Of the goroutine that connects.
	last string // the position to resume from
	gap  bool
}

// Subscribe begins a subscription, which lasts until ctx is done, Close is called
// or the server refuses it for good. It returns at once; failures to connect
// are retried for ever, and refusals come from Next.
func (c *Client) Subscribe(ctx context.Context, o SubscribeOptions) (*Subscription, error) {
	if o.Query == "" {
		return nil, errors.New("client: a subscription needs a query")
	}
	if o.Cursor == nil {
		o.Cursor = rootCursor
	}
	o.Buffer = orDefault(o.Buffer, DefaultBuffer)
	o.MinBackoff = orDefault(o.MinBackoff, DefaultMinBackoff)
	o.MaxBackoff = max(o.MinBackoff, orDefault(o.MaxBackoff, DefaultMaxBackoff))
	o.Silence = orDefault(o.Silence, DefaultSilence)
	ctx, cancel := context.WithCancel(ctx)
	s := &Subscription{client: c, opt: o, events: make(chan Event, o.Buffer), cancel: cancel, done: make(chan struct{}), last: o.After}
	go s.run(ctx)
	return s, nil
}

func orDefault[T int | time.Duration](v, fallback T) T {
	if v > 0 {
		return v
	}
	return fallback
}

// Next waits for the next event. Its error is ctx's, or final: ErrClosed, the
// context's of Subscribe, or an *[Error] with which the server refused: where it does not
// have our position in its journal any more, that is [ErrJournalChanged].
func (s *Subscription) Next(ctx context.Context) (Event, error) {
	select {
	case e, ok := <-s.events:
		return e, s.endedUnless(ok)
	case <-ctx.Done():
		return Event{}, ctx.Err()
	}
}

// Poll returns an event that is there already.
func (s *Subscription) Poll() (Event, bool) {
	select {
	case e, ok := <-s.events:
		return e, ok
	default:
		return Event{}, false
	}
}

func (s *Subscription) endedUnless(ok bool) error {
	if ok {
		return nil
	}
	return s.err
}

// Close ends the subscription and waits until its connection is gone. Events that
// wait can still be taken. It may be called more than once.
func (s *Subscription) Close() {
	s.once.Do(s.cancel)
	<-s.done
}

// run connects again and again.
func (s *Subscription) run(ctx context.Context) {
	defer close(s.done)
	defer s.cancel()
	defer close(s.events)
	failures := 0
	for {
		before, began := s.last, time.Now()
		err := s.connect(ctx)
		if ctx.Err() != nil {
			s.err = ErrClosed
			return
		}
		if s.last != before || time.Since(began) > steadyAfter {
			failures = 0
		}
		if !IsRetryable(err) {
			s.err = err
			return
		}
		s.gap = s.last == ""
		if s.opt.Interrupted != nil {
			s.opt.Interrupted(err)
		}
		if !Sleep(ctx, Backoff(failures, s.opt.MinBackoff, s.opt.MaxBackoff)) {
			s.err = ErrClosed
			return
		}
		failures++
	}
}

// variables are those of the query, resuming from the last position.
func (s *Subscription) variables() map[string]any {
	vars := maps.Clone(s.opt.Variables)
	if vars == nil {
		vars = map[string]any{}
	}
	delete(vars, "after")
	if s.last != "" {
		vars["after"] = s.last
	}
	return vars
}

// take hands an event to the consumer, waiting until there is room.
func (s *Subscription) take(ctx context.Context, a answer) error {
	if !a.hasData() {
		if len(a.Errors) > 0 {
			return graphQLError(0, a.Errors)
		}
		return &Error{Code: CodeProtocol, Message: "an event without data"}
	}
	cursor, err := s.opt.Cursor(a.Data)
	if err != nil {
		return &Error{Code: CodeProtocol, Message: "an event without a cursor: select it in the subscription", cause: err}
	}
	if cursor == s.last {
		return nil // a repeat
	}
	select {
	case s.events <- Event{Cursor: cursor, Data: a.Data, Errors: a.Errors, MayFollowGap: s.gap}:
		s.last, s.gap = cursor, false
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// rootCursor is the default of SubscribeOptions.Cursor.
func rootCursor(data json.RawMessage) (string, error) {
	var fields map[string]struct {
		Cursor string `json:"cursor"`
	}
	if err := json.Unmarshal(data, &fields); err != nil {
		return "", err
	}
	for _, f := range fields {
		if f.Cursor != "" && len(fields) == 1 {
			return f.Cursor, nil
		}
	}
	return "", errors.New("no cursor")
}
