package graph

import (
	"context"

	"procyon/access"
	"procyon/graph/scalar"
	"procyon/journal"
	"procyon/store"
)

// entries pages through the journal, or through one subject's part of it. Its
// list cursors are journal cursors (of a subject: its versions).
func (r *Resolver) entries(ctx context.Context, subject *string, first *int, after *string, last *int, before *string) (*JournalEntryConnection, error) {
	s := sequence{r: r, ctx: ctx, subject: value(subject)}
	end, err := s.end()
	if err != nil {
		return nil, err
	}
	from, to, err := window(end, first, after, last, before)
	if err != nil {
		return nil, err
	}
	entries, err := s.read(from, int(to-from))
	if err != nil {
		return nil, err
	}
	out := &JournalEntryConnection{
		Edges: []*JournalEntryEdge{}, Nodes: []*JournalEntry{},
		PageInfo: &PageInfo{HasPreviousPage: from > 0, HasNextPage: to < end},
	}
	for i, e := range entries {
		c := scalar.FormatCursor(from + uint64(i) + 1)
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
	r       *Resolver
	ctx     context.Context
	subject string
}

func (s sequence) end() (uint64, error) {
	if s.subject == "" {
		return s.r.Journal.Head(), nil
	}
	return s.r.Access.Version(s.ctx, s.subject)
}

func (s sequence) read(after uint64, n int) ([]journal.Entry, error) {
	if n <= 0 {
		return nil, nil
	}
	if s.subject == "" {
		return s.r.Journal.Read(s.ctx, after, n)
	}
	return s.r.History.Subject(s.ctx, s.subject, after, n)
}

// window is the part (from, to] of a dense sequence 1…end that a page asks for.
func window(end uint64, first *int, after *string, last *int, before *string) (from, to uint64, err error) {
	backward := last != nil || before != nil
	if backward && (first != nil || after != nil) {
		return 0, 0, access.Errorf(access.CodeInvalid, "first", "Give first and after, or last and before.")
	}
	var p store.Page
	if backward {
		p.Last, err = count("last", last)
	} else {
		p.First, err = count("first", first)
	}
	if err != nil {
		return 0, 0, err
	}
	if p.Last > 0 {
		to = end
		if before != nil {
			n, err := listPosition("before", *before)
			if err != nil {
				return 0, 0, err
			}
			to = min(end, max(n, 1)-1)
		}
		return to - min(to, uint64(p.Last)), to, nil
	}
	if after != nil {
		if from, err = listPosition("after", *after); err != nil {
			return 0, 0, err
		}
	}
	from = min(from, end)
	return from, min(end, from+uint64(p.First)), nil
}

func listPosition(name, cursor string) (uint64, error) {
	n, err := scalar.ParseCursor(cursor)
	if err != nil {
		return 0, access.Errorf(access.CodeInvalid, name, "%s is not a cursor that this list has given out.", name)
	}
	return n, nil
}
