package index

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

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
	seq       uint64 // guarded by following: up to which entry it is up to date
	loaded    atomic.Bool

	mu     sync.RWMutex // guards lists, known, around and tags
	lists  map[access.Kind]*list
	known  map[string]known   // by ID
	around map[string]*around // by ID: what others belong to
	tags   map[string]tagSet  // each is one bit
}

// known is what finds a subject's row.
type known struct {
	version uint64
	sort    string
}

// around is what others belong to: its name finds them, too.
type around struct {
	number    int32
	text      string
	signature signature
}

// tagSet is a set of tags, a bit each.
type tagSet uint64

// patience is how long somebody waits who asks while the views are read: the first moments
// of a server with very many names. Then they are told that it is not known yet.
const patience = time.Second

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
		n.lists[kind] = newList()
	}
	return n
}

// Find implements access.Names.
func (n *Names) Find(ctx context.Context, q access.NameQuery) (found []store.Position, more bool, err error) {
	if ok, err := n.ready(ctx); err != nil || !ok {
		return nil, false, cmp.Or(err, access.ErrNotIndexed)
	}
	n.mu.RLock()
	defer n.mu.RUnlock()
	l := n.lists[q.Kind]
	c, ok := n.query(q)
	if l == nil || !ok {
		return nil, false, nil
	}
	l.scan(c, q.After, q.Desc, func(at store.Position) bool {
		if more = len(found) == q.Limit; !more {
			found = append(found, at)
		}
		return !more
	})
	return found, more, nil
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
	if ok, err := n.ready(ctx); err != nil || !ok {
		return 0, false, err
	}
	n.mu.RLock()
	defer n.mu.RUnlock()
	l := n.lists[kind]
	switch {
	case l == nil, in != "" && tags != nil:
		return 0, false, nil
	case in != "":
		if a := n.around[in]; a != nil {
			count = l.in[a.number]
		}
		return count, true, nil
	case tags == nil:
		return l.size, true, nil
	}
	for set := n.tagsOf(tags); set != 0; set &= set - 1 {
		count += l.tagged[set&-set]
	}
	return count, true, nil
}

// ready is Follow for somebody who asks; ok is false where that would take long.
func (n *Names) ready(ctx context.Context) (ok bool, err error) {
	if !n.loaded.Load() {
		short, cancel := context.WithTimeout(ctx, patience)
		defer cancel()
		if err := n.following.enter(short); err != nil {
			return false, ctx.Err()
		}
		n.following.leave()
	}
	return true, n.Follow(ctx)
}

// Follow brings it up to date with all that was committed before the call.
func (n *Names) Follow(ctx context.Context) error {
	if err := n.following.enter(ctx); err != nil {
		return err
	}
	defer n.following.leave()
	if !n.loaded.Load() {
		if err := n.load(ctx); err != nil {
			return err
		}
	}
	if err := n.journal.CatchUp(ctx); err != nil {
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
	n.loaded.Store(true)
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
		l.drop(store.Position{Sort: old.sort, ID: id})
		delete(n.known, id)
	}
	if ok {
		r, b := n.row(id, listing)
		n.known[id] = known{version, r.place.Sort}
		l.add(r, b)
	}
}

// row is what is kept of a subject.
func (n *Names) row(id string, listing access.Listing) (row, brief) {
	r := row{place: store.Position{Sort: cmp.Or(listing.Sort, access.Fold(listing.Name)), ID: id}}
	r.text = search.Fold(listing.Name)
	if r.text == r.place.Sort {
		r.text = r.place.Sort // one text, kept once
	}
	if listing.Also != "" {
		r.text += "\n" + search.Fold(listing.Also)
	}
	b := brief{signature: signatureOf(r.text), in: nowhere}
	if listing.In != "" {
		b.in = n.aroundOf(listing.In).number
	}
	for _, t := range listing.Tags {
		b.tags |= n.tag(t)
	}
	if k := access.KindOf(id); k == access.KindAccount || k == access.KindGateway {
		a := n.aroundOf(id)
		a.text, a.signature = r.text, b.signature
	}
	return r, b
}

func (n *Names) aroundOf(id string) *around {
	a := n.around[id]
	if a == nil {
		a = &around{number: int32(len(n.around))}
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
