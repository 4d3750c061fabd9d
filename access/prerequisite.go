package access

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"procyon/store"
)

// catalog is a part of the catalog and of the people, as they were at one position of
// the log or later: what some requests name.
type catalog struct {
	since uint64
	ids   []string // of all that was looked for
	docs  map[string]store.Document
}

// maxRead is how many documents are read at once.
const maxRead = 200

// read reads subjects by ID; those that are not there are left out.
func (s *Subjects) read(ctx context.Context, ids ...string) (catalog, error) {
	c := catalog{since: s.Head(), docs: make(map[string]store.Document, len(ids))}
	c.ids = slices.Clone(ids)
	slices.Sort(c.ids)
	c.ids = slices.Compact(c.ids)
	for chunk := range slices.Chunk(c.ids, maxRead) {
		docs, err := s.views.Get(ctx, chunk...)
		if err != nil {
			return c, fmt.Errorf("read %d subjects: %w", len(chunk), err)
		}
		for _, d := range docs {
			c.docs[d.ID] = d
		}
	}
	return c, nil
}

// find decodes a subject, and tells whether it is there.
func find[S any](c catalog, id string) (S, bool, error) {
	d, ok := c.docs[id]
	if !ok {
		return *new(S), false, nil
	}
	v, err := Decode[S](d)
	return v, err == nil, err
}

// guards keep all that was looked for as it was until a commit.
func (c catalog) guards() []Guard {
	out := make([]Guard, len(c.ids))
	for i, id := range c.ids {
		out[i] = Guard{Key: id, Since: c.since}
	}
	return out
}

// with adds what was read later.
func (c catalog) with(later catalog) catalog {
	maps.Copy(c.docs, later.docs)
	c.ids = append(c.ids, later.ids...)
	return c
}

// subjects are the IDs of what an item names.
func (i Item) subjects() []string {
	out := []string{i.ResourceID}
	if i.AccountID != "" {
		out = append(out, i.AccountID)
	}
	if i.GatewayID != "" {
		out = append(out, i.GatewayID)
	}
	return out
}

// prerequisites are the IDs of what must be there for a request to begin and to last:
// its requester, and each item's resource, account and gateway.
func (r *Request) prerequisites() []string {
	out := []string{r.Requester.ID}
	for _, i := range r.Items {
		out = append(out, i.subjects()...)
	}
	return out
}

// loss is a prerequisite of a request that is gone.
type loss struct {
	why string // in a sentence for people; "": nothing is gone
	// cuts tells what ends running access, too: a person who was disabled, and what was
	// deleted or is to end. A role that merely went keeps access from beginning and from
	// being extended.
	cuts bool
}

// missing says which prerequisite of a request is gone: one that cuts, if any does.
func (c catalog) missing(r *Request) (loss, error) {
	u, ok, err := find[User](c, r.Requester.ID)
	if err != nil {
		return loss{}, err
	}
	if !ok || u.Disabled {
		return loss{fmt.Sprintf("%s was disabled.", r.Requester.Name), true}, nil
	}
	var first loss
	for _, i := range r.Items {
		l, err := c.missingFor(i)
		if l.cuts || err != nil {
			return l, err
		}
		if first.why == "" {
			first = l
		}
	}
	return first, nil
}

func (c catalog) missingFor(i Item) (loss, error) {
	r, ok, err := find[Resource](c, i.ResourceID)
	switch {
	case err != nil:
		return loss{}, err
	case !ok || r.Deleted:
		return loss{fmt.Sprintf("The resource %s was deleted.", cmp.Or(r.Name, i.ResourceName)), true}, nil
	case i.Role == "" && len(r.Roles) > 0:
		return loss{fmt.Sprintf("The resource %s has roles now, and none was chosen.", r.Name), r.Ending}, nil
	case i.Role != "" && !slices.Contains(r.Roles, i.Role):
		return loss{fmt.Sprintf("The resource %s has no role %s any more.", r.Name, i.Role), r.Ending}, nil
	}
	if i.AccountID != "" {
		a, ok, err := find[Account](c, i.AccountID)
		if err != nil || !ok || a.Deleted {
			return loss{fmt.Sprintf("The account %s was deleted.", cmp.Or(a.Name, i.AccountName)), true}, err
		}
	}
	if i.GatewayID != "" {
		g, ok, err := find[Gateway](c, i.GatewayID)
		if err != nil || !ok || g.Deleted {
			return loss{fmt.Sprintf("The gateway %s was deleted.", cmp.Or(g.Name, i.GatewayName)), true}, err
		}
	}
	return loss{}, nil
}

// checkPrerequisites says which prerequisite of a request is gone, and returns the
// guards that keep all of them as they are until the commit.
func (s *Service) checkPrerequisites(ctx context.Context, r *Request) (loss, []Guard, error) {
	c, err := s.read(ctx, r.prerequisites()...)
	if err != nil {
		return loss{}, nil, err
	}
	l, err := c.missing(r)
	return l, c.guards(), err
}

// ItemNow is an item as its resource, account and gateway are called now. The embedded
// Item has the names of now; those of then are in the fields of their own where they
// differ.
type ItemNow struct {
	Item
	ResourceWas string
	AccountWas  string
	GatewayWas  string
	Missing     string // why it can't be given any more, in a sentence; "" where it can
}

// ItemsNow looks up what the items of some requests are called now, in the order given.
// It reads them all at once; what is deleted keeps its last name.
func (s *Service) ItemsNow(ctx context.Context, lists ...[]Item) ([][]ItemNow, error) {
	var ids []string
	for _, items := range lists {
		for _, i := range items {
			ids = append(ids, i.subjects()...)
		}
	}
	c, err := s.read(ctx, ids...)
	if err != nil {
		return nil, err
	}
	out := make([][]ItemNow, len(lists))
	for n, items := range lists {
		out[n] = make([]ItemNow, len(items))
		for k, i := range items {
			if out[n][k], err = c.now(i); err != nil {
				return nil, err
			}
		}
	}
	return out, nil
}

func (c catalog) now(i Item) (ItemNow, error) {
	n := ItemNow{Item: i}
	r, ok, err := find[Resource](c, i.ResourceID)
	if err != nil {
		return n, err
	}
	if ok {
		rename(&n.ResourceName, &n.ResourceWas, r.Name)
	}
	a, ok, err := find[Account](c, i.AccountID)
	if err != nil {
		return n, err
	}
	if ok {
		rename(&n.AccountName, &n.AccountWas, a.Name)
	}
	g, ok, err := find[Gateway](c, i.GatewayID)
	if err != nil {
		return n, err
	}
	if ok {
		rename(&n.GatewayName, &n.GatewayWas, g.Name)
	}
	l, err := c.missingFor(n.Item)
	n.Missing = l.why
	return n, err
}

// ItemNames looks up what some lists of items are called now, all at once and when the
// first is asked for. It is safe for concurrent use.
type ItemNames struct {
	service *Service
	lists   [][]Item
	once    sync.Once
	now     [][]ItemNow
	err     error
}

// Names makes an ItemNames; it reads nothing yet.
func (s *Service) Names(lists ...[]Item) *ItemNames { return &ItemNames{service: s, lists: lists} }

// Of returns the items of a list, counted from 0, as they are called now.
func (n *ItemNames) Of(ctx context.Context, list int) ([]ItemNow, error) {
	n.once.Do(func() { n.now, n.err = n.service.ItemsNow(ctx, n.lists...) })
	if n.err != nil {
		return nil, n.err
	}
	return n.now[list], nil
}

func rename(name, was *string, now string) {
	if *name != now {
		*name, *was = now, *name
	}
}

// labels names items for a person.
func labels(items []Item) string {
	out := make([]string, len(items))
	for i, item := range items {
		out[i] = item.Label()
	}
	return strings.Join(out, ", ")
}
