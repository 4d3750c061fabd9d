package journal

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sort"
	"time"

	"procyon/access"
	"procyon/store"
)

// Filter says which entries are wanted: those that meet all of its conditions. The zero
// value wants all of them.
type Filter struct {
	Subject string        // of this subject; "": of all
	Actor   string        // done by this person or service, see Trait; "": by anybody
	Kinds   []access.Kind // of subjects of any of these kinds; nil: of all, empty: none
	Types   []string      // of any of these types; nil: of all, empty: none
	From    time.Time     // from this moment on; zero: from the beginning
	To      time.Time     // before this moment; zero: without an end
	// Words are those of search.Words: each must begin a word of what the entry says, see
	// says; nil: whatever it says.
	Words []string
}

// Whole tells whether a filter wants all entries, or all of one subject.
func (f *Filter) Whole() bool {
	return f.Actor == "" && f.Kinds == nil && f.Types == nil && f.From.IsZero() && f.To.IsZero() && f.Words == nil
}

// Part asks for a part of what a filter wants: the first Limit entries after a number, or
// the last ones before it.
type Part struct {
	Backward bool
	From     uint64 // the number from which it goes on, which is not in the part; 0: that end
	Through  uint64 // the number of the last entry that may be in it; 0: all may
	Limit    int    // how many at most; at least 1
}

// Found is a part of what a filter wants, in the journal's order whichever way it was
// asked for. It may have fewer entries than asked for, even none, though there are more:
// no more than store.MaxExamined are looked at and dropped, and for words, which no index
// has, MaxWordsExamined.
type Found struct {
	Entries []Entry
	More    bool // there is more in the direction that was asked for
	// Stop is where to go on if that is not at the last of Entries (the first, backward):
	// entries beyond that were looked at and dropped, and need not be looked at again.
	Stop *Position
}

// MaxWordsExamined is how many entries one part looks at and drops at most for words.
const MaxWordsExamined = 10 * store.MaxExamined

// maxExamined is how many entries a part looks at and drops at most.
func (f *Filter) maxExamined() int {
	if f.Words != nil {
		return MaxWordsExamined
	}
	return store.MaxExamined
}

// maxSpan is how many entries with one trait are read at once.
const maxSpan = 256

// Find returns a part of the entries that a filter wants, up to Head. What it reads does
// not grow with the journal: it looks at the entries with the one condition that is
// likely to be met by the fewest, between two numbers that are the filter's times, and
// drops those that do not meet the rest.
func (j *Journal) Find(ctx context.Context, f Filter, p Part) (Found, error) {
	j.mu.Lock()
	head := j.head
	j.mu.Unlock()
	first, err := j.firstSince(ctx, head, f.From)
	if err != nil {
		return Found{}, err
	}
	end := head.Seq + 1
	if !f.To.IsZero() {
		if end, err = j.firstSince(ctx, head, f.To); err != nil {
			return Found{}, err
		}
	}
	if p.Through > 0 {
		end = min(end, p.Through+1)
	}
	s := &entrySearch{journal: j, desc: p.Backward, after: first - 1, before: end}
	switch {
	case p.From == 0:
	case p.Backward:
		s.before = min(s.before, p.From)
	default:
		s.after = max(s.after, p.From)
	}
	s.over(f, j.opts.Kinds, p.Limit)
	found, err := s.part(ctx, &f, p.Limit)
	if p.Backward {
		slices.Reverse(found.Entries)
	}
	return found, err
}

// firstSince returns the number of the first entry up to head that was not before a
// moment, or the one after head. An entry is never before the one before it, so that can
// be searched for: in a journal of a million entries it reads twenty.
func (j *Journal) firstSince(ctx context.Context, head Head, t time.Time) (uint64, error) {
	if t.IsZero() || head.Seq == 0 {
		return 1, nil
	}
	if head.At.Before(t) {
		return head.Seq + 1, nil
	}
	var failed error
	n := sort.Search(int(head.Seq)-1, func(i int) bool { // the last is known not to be before
		if failed != nil {
			return true
		}
		entries, err := j.Read(ctx, uint64(i), 1)
		if err != nil || len(entries) != 1 {
			failed = fmt.Errorf("journal: read entry %d: %w", i+1, err)
			return true
		}
		return !entries[0].At.Before(t)
	})
	return uint64(n) + 1, failed
}

// entrySearch reads the entries between two numbers, neither of which is meant, that some
// spans have: each once, in one order. It is for one goroutine.
type entrySearch struct {
	journal       *Journal
	desc          bool
	after, before uint64
	spans         []*traitSpan
	given         uint64 // the number of the entry that next returned last
}

// traitSpan is what is read of the entries with one trait; nil: of all entries.
type traitSpan struct {
	trait *Trait
	last  uint64 // the number of the last entry that was read; 0: none was
	chunk int    // how many to read next
	buf   []Entry
	done  bool
}

// over chooses what to read for a filter: the condition of a subject, of a person or
// service, of a type, of a kind, in this order. What the server itself did is much: that
// comes last.
func (s *entrySearch) over(f Filter, kinds access.Kinds, limit int) {
	var traits []Trait
	among := f.Kinds
	if among == nil {
		among = slices.Sorted(maps.Keys(kinds))
	}
	person := access.KindOf(f.Actor) != ""
	switch {
	case f.Kinds != nil && len(f.Kinds) == 0, f.Types != nil && len(f.Types) == 0:
		return
	case f.Subject != "":
		traits = []Trait{{Subject: f.Subject}}
	case f.Actor != "" && (person || f.Types == nil && f.Kinds == nil):
		traits = []Trait{{Actor: f.Actor}}
	case f.Types != nil:
		for _, k := range among {
			for _, t := range f.Types {
				traits = append(traits, Trait{Kind: k, Type: t})
			}
		}
	case f.Kinds != nil:
		for _, k := range f.Kinds {
			traits = append(traits, Trait{Kind: k})
		}
	default:
		s.spans = []*traitSpan{{chunk: limit + 1}}
	}
	for i := range traits {
		chunk := min(limit+1, max(4, maxSpan/len(traits))) // what many spans hold is bounded
		s.spans = append(s.spans, &traitSpan{trait: &traits[i], chunk: chunk})
	}
}

// part returns the next entries that a filter wants.
func (s *entrySearch) part(ctx context.Context, f *Filter, limit int) (Found, error) {
	var found Found
	for dropped := 0; ; {
		e, err := s.next(ctx)
		if err != nil || e == nil {
			return found, err
		}
		wanted := f.wants(e)
		if wanted && len(found.Entries) == limit || dropped == f.maxExamined() {
			found.More = true
			return found, nil
		}
		if wanted {
			found.Entries, found.Stop = append(found.Entries, *e), nil
			continue
		}
		dropped++
		found.Stop = new(e.Position())
	}
}

// next returns the next entry, or nil where there is none.
func (s *entrySearch) next(ctx context.Context) (*Entry, error) {
	for {
		var best *traitSpan
		for _, r := range s.spans {
			if err := s.fill(ctx, r); err != nil {
				return nil, err
			}
			if len(r.buf) > 0 && (best == nil || (r.buf[0].Seq < best.buf[0].Seq) != s.desc) {
				best = r
			}
		}
		if best == nil {
			return nil, nil
		}
		e := &best.buf[0]
		best.buf = best.buf[1:]
		if e.Seq != s.given { // a trait that was named twice has it twice
			s.given = e.Seq
			return e, nil
		}
	}
}

// fill reads on where a span has nothing left, from then on in larger parts.
func (s *entrySearch) fill(ctx context.Context, r *traitSpan) error {
	if r.done || len(r.buf) > 0 {
		return nil
	}
	q := EntryQuery{After: s.after, Before: s.before, Desc: s.desc, Limit: r.chunk}
	switch {
	case r.last == 0:
	case s.desc:
		q.Before = r.last
	default:
		q.After = r.last
	}
	if q.Before <= q.After+1 {
		r.done = true
		return nil
	}
	var err error
	if r.trait == nil {
		r.buf, err = s.all(ctx, q)
	} else {
		q.Trait = *r.trait
		r.buf, err = s.journal.store.Find(ctx, q)
	}
	if err != nil {
		return fmt.Errorf("journal: find entries: %w", err)
	}
	r.done = len(r.buf) < r.chunk
	r.chunk = max(r.chunk, min(2*r.chunk, maxSpan))
	if n := len(r.buf); n > 0 {
		r.last = r.buf[n-1].Seq
	}
	return nil
}

// all reads the entries between two numbers, whatever their traits.
func (s *entrySearch) all(ctx context.Context, q EntryQuery) ([]Entry, error) {
	n := min(q.Before-q.After-1, uint64(q.Limit))
	if !q.Desc {
		return s.journal.Read(ctx, q.After, int(n))
	}
	entries, err := s.journal.Read(ctx, q.Before-1-n, int(n))
	slices.Reverse(entries)
	return entries, err
}
