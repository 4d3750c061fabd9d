package fanouttest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/executor"

	"procyon/graph/fanout"
	"procyon/journal"
)

// Executor is gqlgen's, with the schema that it was made of.
type Executor struct {
	*executor.Executor
	Schema graphql.ExecutableSchema
}

// Resolver is the root of the schema's resolvers.
type Resolver struct{ log *Log }

// Fact is what an entry's data says.
type Fact struct {
	Kind, Text, Owner string
}

// Entry makes a journal entry of a fact. The kind "panic" makes the reading of the entry
// panic, "none" is the event of no subscription, "fail" its field "fail" give an error, and "boom" its field
// "boom" panic.
func Entry(f Fact) journal.Entry {
	data, err := json.Marshal(f)
	if err != nil {
		panic(err)
	}
	return journal.Entry{Type: "EVENT", Data: data}
}

type plainKey struct{}

// WithPlain makes subscriptions run as gqlgen's own do, each by itself with a
// goroutine and a channel: what shared execution is compared with. The channel
// is fed up to the entry last, then closed; 0 means for ever.
func WithPlain(ctx context.Context, last uint64) context.Context {
	return context.WithValue(ctx, plainKey{}, last)
}

type (
	queryResolver        struct{ *Resolver }
	mutationResolver     struct{ *Resolver }
	subscriptionResolver struct{ *Resolver }
	eventResolver        struct{ *Resolver }
)

// Query implements ResolverRoot.
func (r *Resolver) Query() QueryResolver { return queryResolver{r} }

// Mutation implements ResolverRoot.
func (r *Resolver) Mutation() MutationResolver { return mutationResolver{r} }

// Subscription implements ResolverRoot.
func (r *Resolver) Subscription() SubscriptionResolver { return subscriptionResolver{r} }

// Event implements ResolverRoot.
func (r *Resolver) Event() EventResolver { return eventResolver{r} }

func (queryResolver) Ping(context.Context) (string, error) { return "pong", nil }

// Hold waits until its request is cancelled.
func (queryResolver) Hold(ctx context.Context) (string, error) {
	<-ctx.Done()
	return "", ctx.Err()
}

func (r mutationResolver) Publish(ctx context.Context, text string) (string, error) {
	r.log.Publish(Entry(Fact{Kind: "said", Text: text, Owner: ViewerFrom(ctx).ID}))
	return text, nil
}

func (r subscriptionResolver) Events(ctx context.Context, filter *EventFilter, after *string) (<-chan *Event, error) {
	var pos *journal.Position
	if after != nil {
		n, err := strconv.ParseUint(*after, 10, 64)
		if err != nil {
			return nil, errors.New("after is no cursor")
		}
		pos = &journal.Position{Seq: n}
	}
	viewer := ViewerFrom(ctx)
	if last, ok := ctx.Value(plainKey{}).(uint64); ok {
		return r.plain(ctx, pos, last, func(e journal.Entry) (*Event, bool, error) {
			f, _, err := Read(e)
			if f == nil || err != nil {
				return nil, false, err
			}
			return match(viewer, filter, e, f.(Fact)) //nolint:forcetypeassert // Read's
		}), nil
	}
	return fanout.Bind(ctx, pos, route(viewer, filter), func(e *fanout.Event) (*Event, bool, error) {
		r.log.looked.Add(1)
		if e.Err != nil {
			return nil, false, e.Err
		}
		return match(viewer, filter, e.Entry, e.Value.(Fact)) //nolint:forcetypeassert // Read's
	})
}

// Read is fanout.Options.Read: a fact, and that it touches its owner and its kind.
func Read(e journal.Entry) (any, []string, error) {
	var f Fact
	if err := json.Unmarshal(e.Data, &f); err != nil {
		return nil, nil, err
	}
	switch f.Kind {
	case "panic":
		panic("the resolver's code panics")
	case "none":
		return nil, nil, nil
	}
	return f, []string{"owner " + f.Owner, "kind " + f.Kind}, nil
}

// route is by the owner where one owner is meant, else by the kind.
func route(viewer Viewer, filter *EventFilter) fanout.Route {
	switch {
	case !viewer.Admin:
		return fanout.Route{"owner " + viewer.ID}
	case filter == nil:
		return nil
	case filter.Mine != nil && *filter.Mine:
		return fanout.Route{"owner " + viewer.ID}
	case filter.Owner != nil:
		return fanout.Route{"owner " + *filter.Owner}
	case filter.Kind != nil:
		return fanout.Route{"kind " + *filter.Kind}
	}
	return nil
}

func (r subscriptionResolver) plain(ctx context.Context, pos *journal.Position, last uint64, event func(journal.Entry) (*Event, bool, error)) <-chan *Event {
	at := r.log.Head()
	if pos != nil {
		at = pos.Seq
	}
	out := make(chan *Event, 1)
	go func() {
		defer close(out)
		for at < last || last == 0 {
			if r.log.Wait(ctx, at) != nil {
				return
			}
			entries, _ := r.log.Read(ctx, at, 64)
			for _, e := range entries {
				at = e.Seq
				v, ok, err := event(e)
				if err != nil {
					return
				}
				if !ok {
					continue
				}
				select {
				case out <- v:
				case <-ctx.Done():
					return
				}
			}
		}
	}()
	return out
}

func match(viewer Viewer, filter *EventFilter, e journal.Entry, f Fact) (*Event, bool, error) {
	if !viewer.Admin && f.Owner != viewer.ID {
		return nil, false, nil
	}
	if filter != nil {
		if filter.Kind != nil && *filter.Kind != f.Kind ||
			filter.Owner != nil && *filter.Owner != f.Owner ||
			filter.Mine != nil && *filter.Mine != (f.Owner == viewer.ID) {
			return nil, false, nil
		}
	}
	seq := strconv.FormatUint(e.Seq, 10)
	return &Event{ID: "evt_" + seq, Cursor: seq, Kind: f.Kind, Text: f.Text, Owner: f.Owner}, true, nil
}

func (eventResolver) Note(ctx context.Context, e *Event) (string, error) {
	return fmt.Sprintf("%s for %s", e.Text, ViewerFrom(ctx).ID), nil
}

func (eventResolver) MayReview(ctx context.Context, e *Event) (bool, error) {
	return e.Owner != ViewerFrom(ctx).ID, nil
}

func (eventResolver) Thing(_ context.Context, e *Event) (Thing, error) { return e, nil }

func (eventResolver) Secret(ctx context.Context, e *Event) (string, error) {
	if !ViewerFrom(ctx).Admin {
		return "hidden", nil
	}
	return strings.ToUpper(e.Text), nil
}

func (eventResolver) Fail(_ context.Context, e *Event) (*string, error) {
	if e.Kind == "fail" {
		return nil, errors.New("this field failed")
	}
	return nil, nil
}

func (eventResolver) Boom(_ context.Context, e *Event) (string, error) {
	if e.Kind == "boom" {
		panic("this field panics")
	}
	return "quiet", nil
}
