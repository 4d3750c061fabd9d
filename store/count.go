package store

import "context"

// Counter is a Reader that counts what is under a term without reading it.
type Counter interface {
	// Count returns how many documents are under a term whose Sort is from From on and before
	// Before ("": no bound), but no more than most, which is at least 1.
	Count(ctx context.Context, term, from, before string, most int) (int, error)
}

// countChunk is how many documents are read at once where the reader does not count.
const countChunk = 500

// Count returns how many documents are under a term within the bounds, and at most so many:
// where it returns most, there may be more. It costs little for each where the reader is a
// Counter; otherwise they are read.
func (r Range) Count(ctx context.Context, term string, most int) (int, error) {
	if c, ok := r.Reader.(Counter); ok {
		return c.Count(ctx, term, r.From, r.Before, most)
	}
	n := 0
	for docs, err := range EachPage(ctx, r, term, countChunk) {
		if err != nil {
			return 0, err
		}
		if n += len(docs); n >= most {
			return most, nil
		}
	}
	return n, nil
}
