package graph

import (
	"context"
	"encoding/json"

	"procyon/access"
	"procyon/checkpoint"
	"procyon/graph/audit"
	"procyon/journal"
)

// subjectKinds are what the kinds of subjects are called in the API.
func subjectKinds() map[SubjectKind]access.Kind {
	kinds := map[SubjectKind]access.Kind{}
	for name, kind := range audit.SubjectKinds() {
		kinds[SubjectKind(name)] = kind
	}
	return kinds
}

// subjectKind is the kind of a subject, by its ID.
func subjectKind(id string) SubjectKind {
	kind := access.KindOf(id)
	for named, k := range audit.SubjectKinds() {
		if k == kind {
			return SubjectKind(named)
		}
	}
	return "" // which is refused: a test holds the kinds of the journal to the API's
}

// fromJournalFilter is in one form for the same filter.
func fromJournalFilter(f *JournalFilter) (journal.Filter, error) {
	if f == nil {
		return journal.Filter{}, nil
	}
	out := journal.Filter{Subject: value(f.SubjectID), Actor: value(f.ActorID), Types: distinct[string](f.Types)}
	if len(out.Types) > audit.MaxTypes {
		return out, access.Errorf(access.CodeInvalid, "filter.types", "Name at most %d types.", audit.MaxTypes)
	}
	if f.Kinds != nil {
		out.Kinds = []access.Kind{}
	}
	for _, k := range distinct[SubjectKind](f.Kinds) {
		out.Kinds = append(out.Kinds, subjectKinds()[k])
	}
	var err error
	if out.Words, err = audit.ParseWords("filter.words", value(f.Words)); err != nil {
		return out, err
	}
	out.From, out.To, err = fromTimeRange("filter.at", f.At)
	return out, err
}

// journal pages through the entries that a filter wants.
func (r *Resolver) journal(ctx context.Context, filter *JournalFilter, asked span) (*JournalEntryConnection, error) {
	w, err := asked.check()
	if err != nil {
		return nil, err
	}
	f, err := fromJournalFilter(filter)
	if err != nil {
		return nil, err
	}
	if err := r.Journal.CatchUp(ctx); err != nil { // the list has what another server just answered
		return nil, err
	}
	l, part, argument, cursor := listOf("journal", f), journal.Part{Limit: max(w.n, 1)}, "after", asked.after
	if w.backward {
		part, argument, cursor = journal.Part{Limit: max(w.n, 1), Backward: true}, "before", asked.before
	}
	if cursor != nil {
		n, mark, err := l.entry(argument, *cursor)
		if err == nil {
			err = access.AtField(argument, r.Journal.Check(ctx, journal.Position{Seq: n, Mark: mark}))
		}
		if err != nil {
			return nil, err
		}
		part.From = n
	}
	found, err := r.Journal.Find(ctx, f, part)
	if err != nil {
		return nil, err
	}
	if w.n == 0 { // whether there is something is all that is asked
		found.More, found.Entries, found.Stop = found.More || len(found.Entries) > 0, nil, nil
	}
	out := l.entries(found.Entries, func(e *journal.Entry) uint64 { return e.Seq })
	out.PageInfo.HasNextPage, out.PageInfo.HasPreviousPage = found.More, cursor != nil
	stop := &out.PageInfo.EndCursor
	if part.Backward {
		out.PageInfo.HasNextPage, out.PageInfo.HasPreviousPage = cursor != nil, found.More
		stop = &out.PageInfo.StartCursor
	}
	if out.TotalCount, err = r.entryCount(ctx, &f); err != nil {
		return nil, err
	}
	if found.Stop != nil {
		*stop = new(l.behindEntry(found.Stop.Seq, found.Stop.Mark))
	}
	return out, nil
}

// newestCheckpoint is the store's, where there is one.
func (r *Resolver) newestCheckpoint(ctx context.Context) (*JournalCheckpoint, error) {
	c, err := r.Checkpoint(ctx)
	if c == nil || err != nil {
		return nil, err
	}
	return toCheckpoint(c), nil
}

func toCheckpoint(c *checkpoint.Checkpoint) *JournalCheckpoint {
	return &JournalCheckpoint{
		Origin: c.Origin, Size: int(c.Size), RootHash: c.Root.String(), HeadHash: c.Head.String(), At: c.At, Key: c.Key, Note: c.Note,
	}
}

// journalEntry is the entry at a place, nil where there is none.
func (r *Resolver) journalEntry(ctx context.Context, seq int) (*JournalEntry, error) {
	if seq < 1 {
		return nil, nil
	}
	if uint64(seq) > r.Journal.Head() { // another server may just have written it
		if err := r.Journal.CatchUp(ctx); err != nil || uint64(seq) > r.Journal.Head() {
			return nil, err
		}
	}
	entries, err := r.Journal.Read(ctx, uint64(seq)-1, 1)
	if err != nil || len(entries) == 0 {
		return nil, err
	}
	return toEntry(entries[0]), nil
}

// entryCount is how many entries a filter wants, where that is known.
func (r *Resolver) entryCount(ctx context.Context, f *journal.Filter) (*int, error) {
	switch {
	case !f.Whole():
		return nil, nil
	case f.Subject == "":
		return new(int(r.Journal.Head())), nil
	}
	n, err := r.Access.Version(ctx, f.Subject)
	return new(int(n)), err
}

// entries is a page of a list of entries; nth is the number of an entry in the list.
func (l list) entries(entries []journal.Entry, nth func(*journal.Entry) uint64) *JournalEntryConnection {
	out := &JournalEntryConnection{Edges: []*JournalEntryEdge{}, Nodes: []*JournalEntry{}, PageInfo: &PageInfo{}}
	for i := range entries {
		e := &entries[i]
		c, n := l.behindEntry(nth(e), e.Hash.Mark()), toEntry(*e)
		out.Edges, out.Nodes = append(out.Edges, &JournalEntryEdge{Cursor: c, Node: n}), append(out.Nodes, n)
		if i == 0 {
			out.PageInfo.StartCursor = &c
		}
		out.PageInfo.EndCursor = &c
	}
	return out
}

// stateBefore is the state that an entry changed, as people may read it; nil for the first
// of its subject.
func (r *Resolver) stateBefore(ctx context.Context, e *journal.Entry) (json.RawMessage, error) {
	if e.Version < 2 {
		return nil, nil
	}
	before, err := r.History.Subject(ctx, e.Subject, e.Version-2, 1)
	if err != nil || len(before) == 0 {
		return nil, err
	}
	return audit.Readable(e.Subject, before[0].After), nil
}

// timeline is one subject's part of the journal: the dense sequence of its versions.
type timeline struct {
	list        list
	subject     string
	newestFirst bool
}

// page pages through the timeline.
func (s timeline) page(ctx context.Context, r *Resolver, asked span) (*JournalEntryConnection, error) {
	from, to, end, err := s.window(ctx, r, asked)
	if err != nil {
		return nil, err
	}
	var entries []journal.Entry
	if to > from {
		if entries, err = r.History.Subject(ctx, s.subject, from, int(to-from)); err != nil {
			return nil, err
		}
	}
	out := s.list.entries(entries, func(e *journal.Entry) uint64 { return e.Version })
	out.TotalCount = new(int(end))
	out.PageInfo.HasPreviousPage, out.PageInfo.HasNextPage = from > 0, to < end
	return out, nil
}

// window is the part (from, to] of the versions 1…end that a page asks for. The end is
// looked up last: to read a position may bring it on.
func (s timeline) window(ctx context.Context, r *Resolver, asked span) (from, to, end uint64, err error) {
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
	if end, err = r.Access.Version(ctx, s.subject); err != nil {
		return 0, 0, 0, err
	}
	if s.newestFirst {
		after, before, w.backward = before, after, !w.backward
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

// position reads a cursor of the timeline, if one is given, and makes sure that its entry
// is still the one behind which it was given out. 0 is none.
func (s timeline) position(ctx context.Context, r *Resolver, argument string, cursor *string) (uint64, error) {
	if cursor == nil {
		return 0, nil
	}
	n, mark, err := s.list.entry(argument, *cursor)
	if err != nil {
		return 0, err
	}
	entries, err := r.History.Subject(ctx, s.subject, n-1, 1)
	if err == nil && (len(entries) == 0 || entries[0].Hash.Mark() != mark) {
		return 0, access.AtField(argument, journal.Changed("The journal has no such entry any more"))
	}
	return n, err
}
