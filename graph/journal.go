package graph

import (
	"context"

	"procyon/access"
	"procyon/journal"
)

// entries pages through the journal, or through one subject's part of it.
func (r *Resolver) entries(ctx context.Context, s sequence, asked span) (*JournalEntryConnection, error) {
	from, to, end, err := s.window(ctx, r, asked)
	if err != nil {
		return nil, err
	}
	entries, err := s.read(ctx, r, from, int(to-from))
	if err != nil {
		return nil, err
	}
	out := &JournalEntryConnection{
		TotalCount: new(int(end)),
		Edges: []*JournalEntryEdge{}, Nodes: []*JournalEntry{},
		PageInfo: &PageInfo{HasPreviousPage: from > 0, HasNextPage: to < end},
	}
	for i, e := range entries {
		c := s.list.behindEntry(from+uint64(i)+1, e.Hash.Mark())
		n := toEntry(e)
		out.Edges, out.Nodes = append(out.Edges, &JournalEntryEdge{Cursor: c, Node: n}), append(out.Nodes, n)
		if i == 0 {
			out.PageInfo.StartCursor = &c
		}
		out.PageInfo.EndCursor = &c
	}
	return out, nil
}

// sequence is the dense sequence that is paged: the journal's entries, or one
// subject's versions.
type sequence struct {
	list    list
	subject string
}

func (s sequence) end(ctx context.Context, r *Resolver) (uint64, error) {
	if s.subject == "" {
		return r.Journal.Head(), nil
	}
	return r.Access.Version(ctx, s.subject)
}

func (s sequence) read(ctx context.Context, r *Resolver, after uint64, n int) ([]journal.Entry, error) {
	if n <= 0 {
		return nil, nil
	}
	if s.subject == "" {
		return r.Journal.Read(ctx, after, n)
	}
	return r.History.Subject(ctx, s.subject, after, n)
}

// window is the part (from, to] of the sequence 1…end that a page asks for. The end is
// looked up last: to read a position may bring it on.
func (s sequence) window(ctx context.Context, r *Resolver, asked span) (from, to, end uint64, err error) {
	w, err := asked.check()
	if err != nil {
		return 0, 0, 0, err
	}
	after, err := s.position(ctx, r, "after", asked.after)
	if err != nil {
		return 0, 0, 0, err
	}
	before, err := s.position(ctx, r, "before", asked.before)
	if err != nil {
		return 0, 0, 0, err
	}
	if end, err = s.end(ctx, r); err != nil {
		return 0, 0, 0, err
	}
	if w.backward {
		to = end
		if before > 0 {
			to = min(end, before-1)
		}
		return to - min(to, uint64(w.n)), to, end, nil
	}
	from = min(after, end)
	return from, min(end, from+uint64(w.n)), end, nil
}

// position reads a cursor of the sequence, if one is given, and makes sure that its entry
// is still the one behind which it was given out. 0 is none.
func (s sequence) position(ctx context.Context, r *Resolver, argument string, cursor *string) (uint64, error) {
	if cursor == nil {
		return 0, nil
	}
	n, mark, err := s.list.entry(argument, *cursor)
	if err != nil {
		return 0, err
	}
	if s.subject == "" {
		return n, access.AtField(argument, r.Journal.Check(ctx, journal.Position{Seq: n, Mark: mark}))
	}
	entries, err := r.History.Subject(ctx, s.subject, n-1, 1)
	if err == nil && (len(entries) == 0 || entries[0].Hash.Mark() != mark) {
		return 0, access.AtField(argument, journal.Changed("The journal has no such entry any more"))
	}
	return n, err
}
