package index

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"

	"github.com/tidwall/btree"

	"procyon/access"
	"procyon/search"
	"procyon/store"
)

// Options are what Names needs to know of the subjects.
type Options struct {
	Kinds access.Kinds
	Terms map[access.Kind][]string // under which a store has all of a kind; other kinds are left out
	// OnError hears of a subject that can't be read: it is left out. nil: nobody does.
	OnError func(error)
}

// Names is an access.Names. It reads the views of all its kinds when it is first asked, or
// followed, and from then on the journal's entries. A hundred thousand names take about
// 25 MB. It is safe for concurrent use.
type Names struct {
	journal Journal
	views   store.Reader
	opts    Options

	following gate   // whoever is in it brings the rest up to date
	loaded    bool   // guarded by following
	seq       uint64 // guarded by following: up to which entry it is up to date

	mu     sync.RWMutex // guards lists, known, around and tags
	lists  map[access.Kind]*list
	known  map[string]known   // by ID
	around map[string]*around // by ID: what others belong to
	tags   map[string]tagSet  // each is one bit
}

// list is all of one kind, in the order of their names.
type list struct {
	rows   *btree.BTreeG[row]
	tagged map[tagSet]int // how many have a tag
	in     map[*around]int
}

// row is a subject in its list.
type row struct {
	place store.Position
	text  string // folded: what it is searched by
	in    *around
	tags  tagSet
}

// known is what finds a subject's row.
type known struct {
	version uint64
	sort    string
}

// around is what others belong to: its name finds them, too.
type around struct{ text string }

// tagSet is a set of tags, a bit each.
type tagSet uint64

// NewNames makes a Names, which reads nothing yet.
func NewNames(j Journal, views store.Reader, opts Options) *Names {
	if opts.OnError == nil {
		opts.OnError = func(error) {}
	}
	n := &Names{
		journal: j, views: views, opts: opts, following: newGate(),
		lists: map[access.Kind]*list{}, known: map[string]known{}, around: map[string]*around{}, tags: map[string]tagSet{},
	}
	for kind := range opts.Terms {
		n.lists[kind] = &list{
			rows:   btree.NewBTreeGOptions(func(a, b row) bool { return before(a.place, b.place) }, btree.Options{NoLocks: true}),
			tagged: map[tagSet]int{}, in: map[*around]int{},
		}
	}
	return n
}

func before(a, b store.Position) bool { return a.Sort < b.Sort || a.Sort == b.Sort && a.ID < b.ID }

// Find implements access.Names.
func (n *Names) Find(ctx context.Context, q access.NameQuery) (found []store.Position, more bool, err error) {
	if err := n.Follow(ctx); err != nil {
		return nil, false, err
	}
	n.mu.RLock()
	defer n.mu.RUnlock()
	l, passes := n.lists[q.Kind], n.passing(q)
	if l == nil || passes == nil {
		return nil, false, nil
	}
	look := func(r row) bool {
		if q.After != nil && r.place == *q.After || !passes(&r) {
			return true
		}
		if more = len(found) == q.Limit; !more {
			found = append(found, r.place)
		}
		return !more
	}
	switch {
	case q.After != nil && q.Desc:
		l.rows.Descend(row{place: *q.After}, look)
	case q.After != nil:
		l.rows.Ascend(row{place: *q.After}, look)
	case q.Desc:
		l.rows.Reverse(look)
	default:
		l.rows.Scan(look)
	}
	return found, more, nil
}

// passing tells which rows pass a query; nil where none can.
func (n *Names) passing(q access.NameQuery) func(*row) bool {
	in := n.around[q.In]
	if q.In != "" && in == nil {
		return nil
	}
	var groups []tagSet
	for _, tags := range q.Tags {
		group := n.tagsOf(tags)
		if group == 0 {
			return nil
		}
		groups = append(groups, group)
	}
	words := q.Words
	return func(r *row) bool {
		if in != nil && r.in != in {
			return false
		}
		for _, g := range groups {
			if r.tags&g == 0 {
				return false
			}
		}
		for _, w := range words {
			if !strings.Contains(r.text, w) && (r.in == nil || !strings.Contains(r.in.text, w)) {
				return false
			}
		}
		return true
	}
}

// tagsOf are the tags that some subject has or had.
func (n *Names) tagsOf(tags []string) tagSet {
	var set tagSet
	for _, t := range tags {
		set |= n.tags[t]
	}
	return set
}

// Count implements access.Names.
func (n *Names) Count(ctx context.Context, kind access.Kind, in string, tags []string) (count int, ok bool, err error) {
	if err := n.Follow(ctx); err != nil {
		return 0, false, err
	}
	n.mu.RLock()
	defer n.mu.RUnlock()
	l := n.lists[kind]
	switch {
	case l == nil, in != "" && tags != nil:
		return 0, false, nil
	case in != "":
		return l.in[n.around[in]], true, nil
	case tags == nil:
		return l.rows.Len(), true, nil
	}
	for set := n.tagsOf(tags); set != 0; set &= set - 1 {
		count += l.tagged[set&-set]
	}
	return count, true, nil
}

// Follow brings it up to date with all that was committed before the call.
func (n *Names) Follow(ctx context.Context) error {
	if err := n.following.enter(ctx); err != nil {
		return err
	}
	defer n.following.leave()
	if !n.loaded {
		if err := n.load(ctx); err != nil {
			return err
		}
	}
	if err := n.journal.ReachTo(ctx, n.journal.Head()+1); err != nil {
		return err
	}
	for n.seq < n.journal.Head() {
		entries, err := n.journal.Read(ctx, n.seq, chunk)
		if err == nil && len(entries) == 0 {
			err = errors.New("there are none")
		}
		if err != nil {
			return fmt.Errorf("index: read entries after %d: %w", n.seq, err)
		}
		n.mu.Lock()
		for i := range entries {
			n.take(entries[i].Subject, entries[i].Version, entries[i].After)
			n.seq = entries[i].Seq
		}
		n.mu.Unlock()
	}
	return nil
}

// load reads the views. Some are newer than the entry from which it then goes on: each is
// taken at its newest version.
func (n *Names) load(ctx context.Context) error {
	n.seq = n.journal.Head()
	for _, terms := range n.opts.Terms {
		for _, term := range terms {
			for docs, err := range store.EachPage(ctx, n.views, term, chunk) {
				if err != nil {
					return fmt.Errorf("index: %w", err)
				}
				n.mu.Lock()
				for _, d := range docs {
					n.take(d.ID, d.Version, d.Data)
				}
				n.mu.Unlock()
			}
		}
	}
	n.loaded = true
	return nil
}

// take takes in a subject's state.
func (n *Names) take(id string, version uint64, state []byte) {
	l := n.lists[access.KindOf(id)]
	old, had := n.known[id]
	if l == nil || had && old.version >= version {
		return
	}
	listing, ok, err := n.opts.Kinds.Listing(id, state)
	if err != nil {
		n.opts.OnError(fmt.Errorf("index: %w", err))
		return
	}
	if had {
		n.drop(l, row{place: store.Position{Sort: old.sort, ID: id}})
		delete(n.known, id)
	}
	if ok {
		r := n.row(id, listing)
		n.known[id] = known{version, r.place.Sort}
		n.add(l, r)
	}
}

// row makes the row of a subject.
func (n *Names) row(id string, listing access.Listing) row {
	r := row{place: store.Position{Sort: access.Fold(listing.Name), ID: id}}
	r.text = search.Fold(listing.Name)
	if r.text == r.place.Sort {
		r.text = r.place.Sort // one text, kept once
	}
	if listing.Also != "" {
		r.text += "\n" + search.Fold(listing.Also)
	}
	if listing.In != "" {
		r.in = n.aroundOf(listing.In)
	}
	for _, t := range listing.Tags {
		r.tags |= n.tag(t)
	}
	if k := access.KindOf(id); k == access.KindAccount || k == access.KindGateway {
		n.aroundOf(id).text = r.text
	}
	return r
}

func (n *Names) aroundOf(id string) *around {
	a := n.around[id]
	if a == nil {
		a = &around{}
		n.around[id] = a
	}
	return a
}

// tag is the bit of a tag. There are few tags: a 65th needs another kind of set.
func (n *Names) tag(t string) tagSet {
	bit, ok := n.tags[t]
	if !ok {
		if len(n.tags) == 64 {
			panic("index: more than 64 tags")
		}
		bit = 1 << len(n.tags)
		n.tags[t] = bit
	}
	return bit
}

func (n *Names) add(l *list, r row) {
	l.rows.Set(r)
	l.count(r, 1)
}

func (n *Names) drop(l *list, at row) {
	if r, ok := l.rows.Delete(at); ok {
		l.count(r, -1)
	}
}

// count adds to how many there are like a row.
func (l *list) count(r row, by int) {
	for set := r.tags; set != 0; set &= set - 1 {
		l.tagged[set&-set] += by
	}
	if r.in != nil {
		l.in[r.in] += by
	}
}
