package access

import (
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
// there is more: one page looks at no more than maxExamined.
type Listed struct {
	Docs     []Document
	Next     bool // there is more after it
	Previous bool // there is more before it

	// Start and End are where the pages before and after this one begin, if that is not
	// at the first and last of Docs: documents beyond those were looked at and dropped,
	// and need not be looked at again.
	Start, End *Position
}

const (
	// maxExamined is how many documents one page looks at at most where a filter drops some.
	maxExamined = 1000
	// maxChunk is how many documents of a term are read at once where a filter drops some.
	maxChunk = 256
)

func (s *Service) list(ctx context.Context, terms []string, desc bool, p Page, keep func(Document) bool) (Listed, error) {
	return List(ctx, s.views, terms, desc, p, keep)
}

// List merges the ranges of some terms, ordered ascending or (desc) descending,
// and keeps what keep says; nil keeps all. Terms that are given twice are read once.
func List(ctx context.Context, views Views, terms []string, desc bool, p Page, keep func(Document) bool) (Listed, error) {
	backward := p.Last > 0
	limit, from := p.First, p.After
	if backward {
		limit, from = p.Last, p.Before
	}
	docs, more, stop, err := newMerger(views, terms, desc != backward, limit, from).page(ctx, limit, keep)
	if err != nil {
		return Listed{}, err
	}
	if backward {
		slices.Reverse(docs)
		return Listed{Docs: docs, Previous: more, Next: p.Before != nil, Start: stop}, nil
	}
	return Listed{Docs: docs, Next: more, Previous: p.After != nil, End: stop}, nil
}

// merger reads several terms as one ordered list without repeats.
type merger struct {
	views  Views
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

func newMerger(views Views, terms []string, desc bool, limit int, from *Position) *merger {
	m := &merger{views: views, desc: desc}
	for _, t := range terms {
		if !slices.ContainsFunc(m.ranges, func(r *span) bool { return r.term == t }) {
			m.ranges = append(m.ranges, &span{term: t, from: from, chunk: limit + 1})
		}
	}
	return m
}

// page returns the next documents that keep says, at most limit, and whether there is
// more. stop is the last document that was dropped behind them, if one was.
func (m *merger) page(ctx context.Context, limit int, keep func(Document) bool) (docs []Document, more bool, stop *Position, err error) {
	for examined := 0; ; examined++ {
		d, ok, err := m.next(ctx)
		if err != nil || !ok {
			return docs, false, nil, err
		}
		kept := keep == nil || keep(d)
		switch {
		case kept && len(docs) == limit, examined == maxExamined:
			return docs, true, stop, nil
		case kept:
			docs, stop = append(docs, d), nil
		default:
			stop = d.position()
		}
	}
}

func (d *Document) position() *Position { return &Position{Sort: d.Sort, ID: d.ID} }

func (m *merger) next(ctx context.Context) (Document, bool, error) {
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
func (m *merger) fill(ctx context.Context, r *span) error {
	if r.done || len(r.buf) > 0 {
		return nil
	}
	docs, err := m.views.List(ctx, Query{Term: r.term, After: r.from, Desc: m.desc, Limit: r.chunk})
	if err != nil {
		return err
	}
	r.done = len(docs) < r.chunk
	r.chunk = min(2*r.chunk, max(maxChunk, r.chunk))
	r.buf = docs
	if n := len(docs); n > 0 {
		r.from = docs[n-1].position()
	}
	return nil
}

func (m *merger) before(a, b Document) bool {
	less := a.Sort < b.Sort || a.Sort == b.Sort && a.ID < b.ID
	return less != m.desc
}

// EachPage reads the documents under a term, so many at a time, in order. What moves
// elsewhere meanwhile is not read again. The error of a read ends it.
func EachPage(ctx context.Context, views Views, term string, size int) func(yield func([]Document, error) bool) {
	return func(yield func([]Document, error) bool) {
		q := Query{Term: term, Limit: size}
		for {
			docs, err := views.List(ctx, q)
			if err != nil {
				yield(nil, fmt.Errorf("what is under %s: %w", term, err))
				return
			}
			if !yield(docs, nil) || len(docs) < q.Limit {
				return
			}
			q.After = docs[len(docs)-1].position()
		}
	}
}
