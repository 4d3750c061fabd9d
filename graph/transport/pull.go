package transport

import (
	"context"
	"errors"
	"io"

	"github.com/vektah/gqlparser/v2/gqlerror"
)

// pullAtOnce is how many results of a stream are taken at once, for one write, and
// before another operation of the same connection has its turn.
const pullAtOnce = 64

// batch is room for the results of one pull, to be used again and again. The zero
// value is ready.
type batch []Payload

// pull takes what a stream has ready and gives each result to add, in order. more
// says that there may be others at once. err, which comes after the last result,
// says how the stream has ended; see outcome.
func (b *batch) pull(ctx context.Context, stream Stream, add func(Payload)) (more bool, err error) {
	ready, err := stream.Pull(ctx, (*b)[:0], pullAtOnce)
	for _, p := range ready {
		add(p)
	}
	clear(ready) // the bytes are shared, and may be large
	*b = ready[:0]
	return err == nil && len(ready) == pullAtOnce, err
}

// outcome says what the client is told of the end of a stream: errors, or where there
// are none, that it is complete, or that it was interrupted and can be resumed.
func outcome(err error) (errs gqlerror.List, interrupted bool) {
	errs = Presentable(err)
	return errs, errs == nil && !errors.Is(err, io.EOF)
}

// Presentable returns the GraphQL errors that err is, which a client may see; nil
// where it is of another kind.
func Presentable(err error) gqlerror.List {
	var list gqlerror.List
	var one *gqlerror.Error
	switch {
	case errors.As(err, &list):
		return list
	case errors.As(err, &one):
		return gqlerror.List{one}
	default:
		return nil
	}
}
