package store

import (
	"cmp"
	"context"
	"fmt"
	"slices"
)

// Page asks for a part of a list: the first N after a position, or the last N
// before one. Exactly one of First and Last is at least 1.
type Page struct {
	First  int
	After  *Position
	Last   int
	Before *Position
}

// Listed is a part of a list, in the list's order whichever way it was asked for.
// Where a filter drops documents it may be shorter than asked for, even empty, though
// there is more: one page looks at no more than MaxExamined.
type Listed struct {
	Docs     []Document
	Next     bool // there is more after it
	Previous bool // there is more before it

	// Start and End are where the pages before and after this one begin: at the first and
	// last of Docs, or at a document beyond these that was looked at and dropped, and need
	// not be looked at again. nil where nothing was looked at.
	Start, End *Position
}

// Bounded is a part with the first and last of its documents for the Start and End that it
// lacks.
func (l Listed) Bounded() Listed {
	if n := len(l.Docs); n > 0 {
		l.Start, l.End = cmp.Or(l.Start, l.Docs[0].Position()), cmp.Or(l.End, l.Docs[n-1].Position())
	}
	return l
}

// None is a part of nothing at the place of a part that was read: there is more on its
// far side if that part has something, or more behind it.
func (l Listed) None(backward bool) Listed {
	some := len(l.Docs) > 0
	if backward {
		return Listed{Previous: l.Previous || some, Next: l.Next}
	}
	return Listed{Next: l.Next || some, Previous: l.Previous}
}

const (
	// MaxExamined is how many documents one page looks at at most where a filter drops some.
	MaxExamined = 1000
	// maxChunk is how many documents of a term are read at once where a filter drops some.
	maxChunk = 256
)

// List merges the ranges of some terms, ordered ascending or (desc) descending,
// and keeps what keep says; nil keeps all. Terms that are given twice are read once.
func List(ctx context.Context, from Reader, terms []string, desc bool, p Page, keep func(Document) bool) (Listed, error) {
	backward := p.Last > 0
	limit, after := p.First, p.After
	if backward {
		limit, after = p.Last, p.Before
	}
	docs, more, stop, err := Merge(from, terms, desc != backward, limit, after).page(ctx, limit, keep)
	if err != nil {
		return Listed{}, err
	}
	if backward {
		slices.Reverse(docs)
		return Listed{Docs: docs, Previous: more, Next: p.Before != nil, Start: stop}.Bounded(), nil
	}
	return Listed{Docs: docs, Next: more, Previous: p.After != nil, End: stop}.Bounded(), nil
}

// Merger reads several terms as one ordered list without repeats. It is not safe for
// concurrent use.
type Merger struct {
	docs   Reader
	desc   bool
	ranges []*span
	last   string
}

type span struct {
	term  string
	from  *Position
	chunk int // how many to read next
	buf   []Document
	done  bool
}

// Merge makes a Merger of some terms, ordered ascending or (desc) descending, from after
// a position, or from the start where that is nil. limit is how many documents are
// expected to be wanted: of each term one more than that is read at first, and up to 256
// at once from then on. It reads nothing yet.
func Merge(docs Reader, terms []string, desc bool, limit int, after *Position) *Merger {
	m := &Merger{docs: docs, desc: desc}
	for _, t := range terms {
		if !slices.ContainsFunc(m.ranges, func(r *span) bool { return r.term == t }) {
			m.ranges = append(m.ranges, &span{term: t, from: after, chunk: limit + 1})
		}
	}
	return m
}

// page returns the next documents that keep says, at most limit, and whether there is
// more. stop is the last document that was dropped behind them, if one was.
func (m *Merger) page(ctx context.Context, limit int, keep func(Document) bool) (docs []Document, more bool, stop *Position, err error) {
	for examined := 0; ; examined++ {
		d, ok, err := m.Next(ctx)
		if err != nil || !ok {
			return docs, false, nil, err
		}
		kept := keep == nil || keep(d)
		switch {
		case kept && len(docs) == limit, examined == MaxExamined:
			return docs, true, stop, nil
		case kept:
			docs, stop = append(docs, d), nil
		default:
			stop = d.Position()
		}
	}
}

// Next returns the next document, or false where there is none.
func (m *Merger) Next(ctx context.Context) (Document, bool, error) {
	for {
		var best *span
		for _, r := range m.ranges {
			if err := m.fill(ctx, r); err != nil {
				return Document{}, false, err
			}
			if len(r.buf) > 0 && (best == nil || m.before(r.buf[0], best.buf[0])) {
				best = r
			}
		}
		if best == nil {
			return Document{}, false, nil
		}
		d := best.buf[0]
		best.buf = best.buf[1:]
		if d.ID != m.last {
			m.last = d.ID
			return d, true, nil
		}
	}
}

// fill reads on where a range has nothing left. A range that is read again has documents
// that are dropped, so it is read in larger parts.
func (m *Merger) fill(ctx context.Context, r *span) error {
	if r.done || len(r.buf) > 0 {
		return nil
	}
	docs, err := m.docs.List(ctx, Query{Term: r.term, After: r.from, Desc: m.desc, Limit: r.chunk})
	if err != nil {
		return err
	}
	r.done = len(docs) < r.chunk
	r.chunk = min(2*r.chunk, max(maxChunk, r.chunk))
	r.buf = docs
	if n := len(docs); n > 0 {
		r.from = docs[n-1].Position()
	}
	return nil
}

func (m *Merger) before(a, b Document) bool {
	return a.Position().Before(*b.Position()) != m.desc
}

// EachPage reads the documents under a term, so many at a time, in order. What moves
// elsewhere meanwhile is not read again. The error of a read ends it.
func EachPage(ctx context.Context, from Reader, term string, size int) func(yield func([]Document, error) bool) {
	return func(yield func([]Document, error) bool) {
		q := Query{Term: term, Limit: size}
		for {
			docs, err := from.List(ctx, q)
			if err != nil {
				yield(nil, fmt.Errorf("what is under %s: %w", term, err))
				return
			}
			if !yield(docs, nil) || len(docs) < q.Limit {
				return
			}
			q.After = docs[len(docs)-1].Position()
		}
	}
}

// Range reads the documents alone whose Sort is within bounds. Documents that are asked for
// by ID it does not look at.
type Range struct {
	Reader
	From   string // the least; "": no bound
	Before string // more than the greatest; "": no bound
}

// List implements Reader.
func (r Range) List(ctx context.Context, q Query) ([]Document, error) {
	near, far := r.From, r.Before
	if q.Desc {
		near, far = r.Before, r.From
	}
	// No document's ID is empty, so the bound itself is before all that have it as their Sort.
	if begin := (Position{Sort: near}); near != "" && (q.After == nil || q.After.Before(begin) != q.Desc) {
		q.After = &begin
	}
	docs, err := r.Reader.List(ctx, q)
	if far == "" || err != nil {
		return docs, err
	}
	beyond := slices.IndexFunc(docs, func(d Document) bool { return (d.Sort < far) == q.Desc })
	if beyond >= 0 {
		docs = docs[:beyond]
	}
	return docs, nil
}

// Before tells whether a place comes before another in the order of Sort, then ID.
func (p Position) Before(q Position) bool { return p.Sort < q.Sort || p.Sort == q.Sort && p.ID < q.ID }
