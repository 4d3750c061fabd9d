package graph

import (
	"encoding/base64"
	"strings"

	"procyon/access"
	"procyon/store"
)

const (
	defaultPage = 50
	maxPage     = 100
)

// page reads the four arguments of a list: first and after, or last and before.
func page(first *int, after *string, last *int, before *string) (store.Page, error) {
	var p store.Page
	backward := last != nil || before != nil
	if backward && (first != nil || after != nil) {
		return p, access.Errorf(access.CodeInvalid, "first", "Give first and after, or last and before.")
	}
	var err error
	if backward {
		if p.Last, err = count("last", last); err != nil {
			return p, err
		}
		p.Before, err = position("before", before)
		return p, err
	}
	if p.First, err = count("first", first); err != nil {
		return p, err
	}
	p.After, err = position("after", after)
	return p, err
}

func count(name string, n *int) (int, error) {
	if n == nil {
		return defaultPage, nil
	}
	if *n < 1 || *n > maxPage {
		return 0, access.Errorf(access.CodeInvalid, name, "%s must be from 1 to %d.", name, maxPage)
	}
	return *n, nil
}

// A list cursor is the position of a document, opaque to callers.
func listCursor(p store.Position) string {
	return base64.RawURLEncoding.EncodeToString([]byte(p.ID + "\x00" + p.Sort))
}

func position(name string, cursor *string) (*store.Position, error) {
	if cursor == nil {
		return nil, nil
	}
	raw, err := base64.RawURLEncoding.DecodeString(*cursor)
	id, sort, ok := strings.Cut(string(raw), "\x00")
	if err != nil || !ok || id == "" || len(raw) > 1000 {
		return nil, access.Errorf(access.CodeInvalid, name, "%s is not a cursor that this list has given out.", name)
	}
	return &store.Position{Sort: sort, ID: id}, nil
}

// connection makes a page of a list out of its documents, if listing them succeeded.
func connection[S, N, E any](l store.Listed, failed error, node func(S) *N, edge func(cursor string, n *N) *E) (edges []*E, nodes []*N, info *PageInfo, err error) {
	if failed != nil {
		return nil, nil, nil, failed
	}
	edges, nodes = make([]*E, 0, len(l.Docs)), make([]*N, 0, len(l.Docs))
	info = &PageInfo{HasNextPage: l.Next, HasPreviousPage: l.Previous}
	for i, d := range l.Docs {
		s, err := access.Decode[S](d)
		if err != nil {
			return nil, nil, nil, err
		}
		n, c := node(s), listCursor(store.Position{Sort: d.Sort, ID: d.ID})
		edges, nodes = append(edges, edge(c, n)), append(nodes, n)
		if i == 0 {
			info.StartCursor = &c
		}
		info.EndCursor = &c
	}
	if l.Start != nil {
		info.StartCursor = new(listCursor(*l.Start))
	}
	if l.End != nil {
		info.EndCursor = new(listCursor(*l.End))
	}
	return edges, nodes, info, nil
}
