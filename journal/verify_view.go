package journal

import (
	"bytes"
	"context"
	"fmt"
	"iter"
	"maps"
	"runtime"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"procyon/access"
	"procyon/store"
)

// views compares the views with what the entries say. Both come in the order of the
// subjects' IDs, from two readings of the store. What differs there may only have changed
// between the two, so it is looked at again by itself.
type views struct {
	db       Store
	kinds    access.Kinds
	listed   bool // compare how they are listed, too
	subjects int
}

const (
	// viewChunk is how many views are compared at once.
	viewChunk = 200
	// lateTries and latePause are how often, and after which while, a view is looked at again
	// that is behind its entries: on MongoDB it is written after them.
	lateTries = 20
	latePause = 250 * time.Millisecond
)

// pair is what the store has of one subject: its end, its view, or both.
type pair struct {
	id   string
	end  *Ending
	view *store.Document
}

// verify compares all of them. The error is of the first that is wrong by its ID, within
// a few hundred that are compared at once.
func (v *views) verify(ctx context.Context) error {
	g, ctx := errgroup.WithContext(ctx)
	ends := ahead(ctx, g, v.db.Subjects(ctx))
	docs := ahead(ctx, g, v.all(ctx))
	pairs := make(chan []pair)
	g.Go(func() error {
		defer close(pairs)
		return v.merge(ctx, ends, docs, pairs)
	})
	for range runtime.GOMAXPROCS(0) {
		g.Go(func() error {
			for some := range pairs {
				for i := range some {
					if v.judge(&some[i]) == nil {
						continue
					}
					if err := v.again(ctx, some[i].id); err != nil {
						return err
					}
				}
			}
			return nil
		})
	}
	return g.Wait()
}

// all returns the documents of all kinds of subjects, in the order of their IDs.
func (v *views) all(ctx context.Context) iter.Seq2[store.Document, error] {
	return func(yield func(store.Document, error) bool) {
		for _, prefix := range prefixes(v.kinds) {
			for d, err := range v.db.Views(ctx, prefix) {
				if !yield(d, err) || err != nil {
					return
				}
			}
		}
	}
}

// prefixes are what the IDs of all subjects begin with, in order.
func prefixes(kinds access.Kinds) []string {
	var out []string
	for _, k := range slices.Sorted(maps.Keys(kinds)) {
		out = append(out, string(k)+"_")
	}
	slices.Sort(out) // "a_" and "ab_" stand otherwise than "a" and "ab"
	return out
}

// merge puts what is of the same subject together.
func (v *views) merge(ctx context.Context, ends <-chan []Ending, docs <-chan []store.Document, pairs chan<- []pair) error {
	e, d := reading[Ending]{from: ends}, reading[store.Document]{from: docs}
	var some []pair
	for {
		end, doc := e.peek(), d.peek()
		var p pair
		switch {
		case end == nil && doc == nil:
			if ctx.Err() != nil {
				return ctx.Err()
			}
			return send(ctx, pairs, some)
		case doc == nil || end != nil && end.Last.Subject < doc.ID:
			p = pair{id: end.Last.Subject, end: end}
		case end == nil || doc.ID < end.Last.Subject:
			p = pair{id: doc.ID, view: doc}
		default:
			p = pair{id: doc.ID, end: end, view: doc}
		}
		if p.end != nil {
			v.subjects++
			e.next()
		}
		if p.view != nil {
			d.next()
		}
		if some = append(some, p); len(some) == viewChunk {
			if err := send(ctx, pairs, some); err != nil {
				return err
			}
			some = nil
		}
	}
}

// judge says what is wrong with a subject's view.
func (v *views) judge(p *pair) error {
	switch {
	case p.end != nil && v.kinds[access.KindOf(p.id)] == nil:
		return fmt.Errorf("journal: entry %d is of %s, and this release knows no kind %q", p.end.Last.Seq, p.id, access.KindOf(p.id))
	case p.end != nil && !p.end.Whole:
		return fmt.Errorf("journal: entries of %s are missing or in another order: its last, entry %d, is version %d", p.id, p.end.Last.Seq, p.end.Last.Version)
	case p.end == nil:
		return fmt.Errorf("journal: %s is a view of version %d, and no entry says how it came: somebody put it there, or entries were removed; rebuild the views", p.id, p.view.Version)
	case p.view == nil:
		return fmt.Errorf("journal: the view of %s (entry %d) is missing; rebuild the views", p.id, p.end.Last.Seq)
	case p.view.Version > p.end.Last.Version:
		return fmt.Errorf("journal: the view of %s has version %d, its last entry (%d) version %d: entries were removed, or the view was put there", p.id, p.view.Version, p.end.Last.Seq, p.end.Last.Version)
	case p.view.Version < p.end.Last.Version:
		return fmt.Errorf("journal: the view of %s has version %d, its last entry (%d) version %d: the view is out of date; rebuild the views", p.id, p.view.Version, p.end.Last.Seq, p.end.Last.Version)
	}
	return v.compare(&p.end.Last, p.view)
}

// compare says in what a view is not what an entry says.
func (v *views) compare(e *Entry, view *store.Document) error {
	if !bytes.Equal(e.After, view.Data) {
		return fmt.Errorf("journal: the view of %s is not what entry %d says; rebuild the views", view.ID, e.Seq)
	}
	if !v.listed {
		return nil
	}
	want, err := v.kinds.View(e.Subject, e.Version, e.After)
	if err != nil {
		return err
	}
	switch {
	case want.Sort != view.Sort:
		return fmt.Errorf("journal: the view of %s stands at %q in its lists, and by entry %d it belongs at %q; rebuild the views", view.ID, view.Sort, e.Seq, want.Sort)
	case !slices.Equal(want.Terms, view.Terms):
		return fmt.Errorf("journal: the view of %s is listed under %q, and by entry %d it belongs under %q; rebuild the views", view.ID, view.Terms, e.Seq, want.Terms)
	}
	return nil
}

// again judges one subject by what the store has of it now. The view is read before the
// entries, so it is not ahead of them. Where these are newer, others have written meanwhile:
// then the view must be what the entry of its own version says, and come to the last one in
// a while.
func (v *views) again(ctx context.Context, id string) error {
	var due uint64 // the version that the view must come to
	for try := 0; ; try++ {
		docs, err := v.db.Get(ctx, id)
		if err != nil {
			return fmt.Errorf("journal: read the view of %s: %w", id, err)
		}
		p := pair{id: id}
		var version uint64
		if len(docs) > 0 {
			p.view, version = &docs[0], docs[0].Version
		}
		var own *Entry
		if p.end, own, err = history(ctx, v.db, id, version); err != nil {
			return err
		}
		if p.end == nil && p.view == nil {
			return nil // it was no subject's, and is gone
		}
		if own != nil {
			if err := v.compare(own, p.view); err != nil {
				return err
			}
		}
		wrong := v.judge(&p)
		late := p.end != nil && p.end.Whole && version < p.end.Last.Version
		if wrong == nil || !late || try == lateTries {
			return wrong
		}
		if due == 0 {
			due = p.end.Last.Version
		}
		if version >= due {
			return nil // it keeps up, and others write faster than it is looked at
		}
		if err := pauseFor(ctx, latePause); err != nil {
			return err
		}
	}
}

// history reads all entries of a subject, and returns how it ends and the entry of a
// version; nil where there is none.
func history(ctx context.Context, db Store, id string, version uint64) (end *Ending, own *Entry, err error) {
	for {
		var last Entry
		if end != nil {
			last = end.Last
		}
		entries, err := db.Subject(ctx, id, last.Version, refreshChunk)
		if err != nil {
			return nil, nil, fmt.Errorf("journal: read %s: %w", id, err)
		}
		if len(entries) == 0 {
			return end, own, nil
		}
		if end == nil {
			end = &Ending{Whole: true}
		}
		for i := range entries {
			e := &entries[i]
			end.Whole = end.Whole && e.Version == last.Version+1 && e.Seq > last.Seq
			if e.Version == version {
				own = e
			}
			last = *e
		}
		end.Last = last
	}
}

// ahead reads in a goroutine of its own, some chunks ahead of who takes them. The channel
// is closed behind the last.
func ahead[T any](ctx context.Context, g *errgroup.Group, from iter.Seq2[T, error]) <-chan []T {
	to := make(chan []T, 2)
	g.Go(func() error {
		defer close(to)
		var some []T
		for one, err := range from {
			if err != nil {
				return fmt.Errorf("journal: read the subjects: %w", err)
			}
			if some = append(some, one); len(some) == viewChunk {
				if err := send(ctx, to, some); err != nil {
					return err
				}
				some = nil
			}
		}
		return send(ctx, to, some)
	})
	return to
}

func send[T any](ctx context.Context, to chan<- []T, some []T) error {
	if len(some) == 0 {
		return nil
	}
	select {
	case to <- some:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// reading takes what comes in chunks one by one.
type reading[T any] struct {
	from <-chan []T
	some []T
}

// peek returns the next one, or nil behind the last.
func (r *reading[T]) peek() *T {
	for len(r.some) == 0 {
		some, ok := <-r.from
		if !ok {
			return nil
		}
		r.some = some
	}
	return &r.some[0]
}

func (r *reading[T]) next() { r.some = r.some[1:] }
