package graph

import (
	"context"
	"slices"

	"github.com/99designs/gqlgen/graphql"

	"procyon/access"
	"procyon/store"
)

const (
	defaultPage = 50
	maxPage     = 100
)

// span is the four arguments of a list: first and after, or last and before.
type span struct {
	first  *int
	after  *string
	last   *int
	before *string
}

// wanted is how much of a list is asked for.
type wanted struct {
	n        int
	backward bool // from the end, or before a place
}

// check refuses numbers that are out of range, and both ways at once.
func (s span) check() (w wanted, err error) {
	if s.last == nil && s.before == nil {
		w.n, err = count("first", s.first)
		return w, err
	}
	if s.first != nil || s.after != nil {
		return w, access.Errorf(access.CodeInvalid, "first", "Give first and after, or last and before.")
	}
	w.backward = true
	w.n, err = count("last", s.last)
	return w, err
}

func count(name string, n *int) (int, error) {
	if n == nil {
		return defaultPage, nil
	}
	if *n < 0 || *n > maxPage {
		return 0, access.Errorf(access.CodeInvalid, name, "%s must be from 0 to %d.", name, maxPage)
	}
	return *n, nil
}

// paged is the part of a list that is asked for. It knows its list: without one there is
// no page, and no cursor.
type paged struct {
	store.Page
	list list
	// none says that nothing of the list is wanted, but whether there is something: the
	// page then is of one.
	none bool
	// count tells how many there are on all pages, where that is known; nil: it is not.
	count func(ctx context.Context) (n int, ok bool, err error)
}

// page reads the arguments of a list whose cursors are places of documents.
func page(l list, first *int, after *string, last *int, before *string) (paged, error) {
	p := paged{list: l}
	w, err := (span{first, after, last, before}).check()
	if err != nil {
		return p, err
	}
	p.none = w.n == 0
	if w.backward {
		p.Last = max(w.n, 1)
	} else {
		p.First = max(w.n, 1)
	}
	if p.After, err = l.document("after", after); err != nil {
		return p, err
	}
	p.Before, err = l.document("before", before)
	return p, err
}

// total is how many there are on all pages, if it is asked for and known.
func (p paged) total(ctx context.Context, l store.Listed) (*int, error) {
	if !selects(ctx, "totalCount") {
		return nil, nil
	}
	if p.After == nil && p.Before == nil && !l.Next && !l.Previous {
		return new(len(l.Docs)), nil // the page has all
	}
	if p.count == nil {
		return nil, nil
	}
	n, ok, err := p.count(ctx)
	if err != nil || !ok {
		return nil, err
	}
	return &n, nil
}

// selects tells whether a field of the object is selected that is being resolved.
func selects(ctx context.Context, name string) bool {
	of := graphql.GetFieldContext(ctx).Field.Definition.Type.Name()
	return slices.ContainsFunc(graphql.CollectFieldsCtx(ctx, []string{of}), func(f graphql.CollectedField) bool { return f.Name == name })
}

// A page has these fields for each kind of object, and what is in it these, as gqlgen
// makes them of the schema.
type (
	connected[N, E any] interface {
		~struct {
			Edges      []*E      `json:"edges"`
			Nodes      []*N      `json:"nodes"`
			PageInfo   *PageInfo `json:"pageInfo"`
			TotalCount *int      `json:"totalCount,omitempty"`
		}
	}
	edged[N any] interface {
		~struct {
			Cursor string `json:"cursor"`
			Node   *N     `json:"node"`
		}
	}
)

// connection makes a page of a list, a C, out of its documents, if listing them succeeded.
func connection[C connected[N, E], S, N any, E edged[N]](ctx context.Context, p paged, l store.Listed, failed error, node func(S) *N) (*C, error) {
	if failed != nil {
		return nil, failed
	}
	total, err := p.total(ctx, l)
	if err != nil {
		return nil, err
	}
	if p.none {
		l = l.None(p.Last > 0)
	}
	nodes, err := nodesOf(l, nil, node)
	if err != nil {
		return nil, err
	}
	edges := make([]*E, len(nodes))
	for i, d := range l.Docs {
		edges[i] = &E{Cursor: p.list.behind(*d.Position()), Node: nodes[i]}
	}
	info := &PageInfo{HasNextPage: l.Next, HasPreviousPage: l.Previous}
	if l.Start != nil {
		info.StartCursor = new(p.list.behind(*l.Start))
	}
	if l.End != nil {
		info.EndCursor = new(p.list.behind(*l.End))
	}
	return &C{Edges: edges, Nodes: nodes, PageInfo: info, TotalCount: total}, nil
}

// nodesOf reads what was listed, if listing it succeeded.
func nodesOf[S, N any](l store.Listed, failed error, node func(S) *N) ([]*N, error) {
	if failed != nil {
		return nil, failed
	}
	nodes := make([]*N, len(l.Docs))
	for i, d := range l.Docs {
		s, err := access.Decode[S](d)
		if err != nil {
			return nil, err
		}
		nodes[i] = node(s)
	}
	return nodes, nil
}
