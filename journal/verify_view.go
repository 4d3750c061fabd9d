package journal

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"slices"
	"sync/atomic"
	"time"

	"procyon/access"
	"procyon/internal/tally"
	"procyon/store"
)

// views compares the views with what the entries say, in one reading of each, in whatever
// order they come, by sums over both. Each subject is in one of some thousand groups by a hash
// of its ID. Where the sums of a group are not alike, or something in it is wrong by itself,
// all subjects of it are looked at one by one: what differs there may only have changed
// between the readings.
type views struct {
	db       Store
	in       Inspection
	kinds    access.Kinds
	listed   bool // compare how they are listed, too
	subjects int

	seeds  tally.Seeds
	last   []uint64 // bits: which entries are the last of their subjects
	groups []group
}

// group is a part of the subjects.
type group struct {
	entries, views tally.Sum // of each subject's last entry, and of its view
	suspect        atomic.Bool
}

const (
	// viewGroups is a power of two.
	viewGroups = 1 << 13
	// lateTries and latePause are how often, and after which while, a view is looked at again
	// that is behind its entries: on MongoDB it is written after them.
	lateTries = 20
	latePause = 250 * time.Millisecond
)

func newViews(db Store, in Inspection, kinds access.Kinds, listed bool) *views {
	return &views{
		db: db, in: in, kinds: kinds, listed: listed, seeds: tally.NewSeeds(),
		last: make([]uint64, in.Head().Seq/64+1), groups: make([]group, viewGroups),
	}
}

func (v *views) groupOf(id string) *group {
	return &v.groups[v.seeds.Hash([]byte(id))[0]%viewGroups]
}

// sum is the hash of a version of a subject.
func (v *views) sum(id string, version uint64, state []byte) tally.Hash {
	of := v.seeds.Hash(state)
	b := make([]byte, 0, 128)
	b = binary.BigEndian.AppendUint64(b, version)
	b = binary.BigEndian.AppendUint64(b, of[0])
	b = binary.BigEndian.AppendUint64(b, of[1])
	return v.seeds.Hash(append(b, id...))
}

// readKeys takes down which entries are the last of their subjects. Subjects whose versions
// are not dense are suspect.
func (v *views) readKeys(ctx context.Context) error {
	var last Key
	whole := true
	end := func() {
		if last.Subject == "" {
			return
		}
		v.subjects++
		at := last.Seq / 64
		if !whole || v.kinds[access.KindOf(last.Subject)] == nil || at >= uint64(len(v.last)) {
			v.groupOf(last.Subject).suspect.Store(true)
			return
		}
		v.last[at] |= 1 << (last.Seq % 64)
	}
	err := v.in.Keys(ctx, func(k Key) error {
		if k.Subject == last.Subject {
			whole = whole && k.Version == last.Version+1 && k.Seq > last.Seq
		} else {
			end()
			whole = k.Version == 1
		}
		last = k
		return nil
	})
	end()
	if err != nil {
		return fmt.Errorf("journal: read the subjects: %w", err)
	}
	return nil
}

// entry takes down an entry, where it is the last of its subject.
func (v *views) entry(e *Entry) {
	if v.last[e.Seq/64]>>(e.Seq%64)&1 == 1 {
		v.groupOf(e.Subject).entries.Add(v.sum(e.Subject, e.Version, e.After))
	}
}

// view takes down a view, unless it is a document of something else.
func (v *views) view(d *store.Document) error {
	if v.kinds[access.KindOf(d.ID)] == nil {
		return nil
	}
	g := v.groupOf(d.ID)
	g.views.Add(v.sum(d.ID, d.Version, d.Data))
	if v.listed {
		want, err := v.kinds.View(d.ID, d.Version, d.Data)
		if err != nil || want.Sort != d.Sort || !slices.Equal(want.Terms, d.Terms) {
			g.suspect.Store(true)
		}
	}
	return nil
}

// verify compares all of them, once all entries were taken down. The error is of the first
// that is wrong by its ID, of those that have entries, or of one that has none.
func (v *views) verify(ctx context.Context) error {
	if err := v.in.Documents(ctx, v.view); err != nil {
		return fmt.Errorf("journal: read the views: %w", err)
	}
	var some bool
	for i := range v.groups {
		g := &v.groups[i]
		if !g.entries.Equal(&g.views) {
			g.suspect.Store(true)
		}
		some = some || g.suspect.Load()
	}
	if !some {
		return nil
	}
	var last string
	if err := v.in.Keys(ctx, func(k Key) error {
		if k.Subject == last || !v.groupOf(k.Subject).suspect.Load() {
			return nil
		}
		last = k.Subject
		return v.again(ctx, last)
	}); err != nil {
		return err
	}
	return v.in.IDs(ctx, func(id string) error {
		if v.kinds[access.KindOf(id)] == nil || !v.groupOf(id).suspect.Load() {
			return nil
		}
		return v.again(ctx, id)
	})
}

// pair is what the store has of one subject: its end, its view, or both.
type pair struct {
	id   string
	end  *Ending
	view *store.Document
}

// judge says what is wrong with a subject's view.
func (v *views) judge(p *pair) error {
	switch {
	case p.end != nil && v.kinds[access.KindOf(p.id)] == nil:
		return fmt.Errorf("journal: entry %d is of %s, and this release knows no kind %q", p.end.Last.Seq, p.id, access.KindOf(p.id))
	case p.end != nil && !p.end.Whole:
		return fmt.Errorf("journal: entries of %s are missing or in another order: its last, entry %d, is version %d", p.id, p.end.Last.Seq, p.end.Last.Version)
	case p.end == nil:
		return fmt.Errorf("journal: %s is a view of version %d, and no entry says how it came: somebody put it there, or entries were removed; rebuild the views", p.id, p.view.Version)
	case p.view == nil:
		return fmt.Errorf("journal: the view of %s (entry %d) is missing; rebuild the views", p.id, p.end.Last.Seq)
	case p.view.Version > p.end.Last.Version:
		return fmt.Errorf("journal: the view of %s has version %d, its last entry (%d) version %d: entries were removed, or the view was put there", p.id, p.view.Version, p.end.Last.Seq, p.end.Last.Version)
	case p.view.Version < p.end.Last.Version:
		return fmt.Errorf("journal: the view of %s has version %d, its last entry (%d) version %d: the view is out of date; rebuild the views", p.id, p.view.Version, p.end.Last.Seq, p.end.Last.Version)
	}
	return v.compare(&p.end.Last, p.view)
}

// compare says in what a view is not what an entry says.
func (v *views) compare(e *Entry, view *store.Document) error {
	if !bytes.Equal(e.After, view.Data) {
		return fmt.Errorf("journal: the view of %s is not what entry %d says; rebuild the views", view.ID, e.Seq)
	}
	if !v.listed {
		return nil
	}
	want, err := v.kinds.View(e.Subject, e.Version, e.After)
	if err != nil {
		return err
	}
	switch {
	case want.Sort != view.Sort:
		return fmt.Errorf("journal: the view of %s stands at %q in its lists, and by entry %d it belongs at %q; rebuild the views", view.ID, view.Sort, e.Seq, want.Sort)
	case !slices.Equal(want.Terms, view.Terms):
		return fmt.Errorf("journal: the view of %s is listed under %q, and by entry %d it belongs under %q; rebuild the views", view.ID, view.Terms, e.Seq, want.Terms)
	}
	return nil
}

// again judges one subject by what the store has of it now. The view is read before the
// entries, so it is not ahead of them. Where these are newer, others have written meanwhile:
// then the view must be what the entry of its own version says, and come to the last one in
// a while.
func (v *views) again(ctx context.Context, id string) error {
	var due uint64 // the version that the view must come to
	for try := 0; ; try++ {
		docs, err := v.db.Get(ctx, id)
		if err != nil {
			return fmt.Errorf("journal: read the view of %s: %w", id, err)
		}
		p := pair{id: id}
		var version uint64
		if len(docs) > 0 {
			p.view, version = &docs[0], docs[0].Version
		}
		var own *Entry
		if p.end, own, err = history(ctx, v.db, id, version); err != nil {
			return err
		}
		if p.end == nil && p.view == nil {
			return nil // it was no subject's, and is gone
		}
		if own != nil {
			if err := v.compare(own, p.view); err != nil {
				return err
			}
		}
		wrong := v.judge(&p)
		late := p.end != nil && p.end.Whole && version < p.end.Last.Version
		if wrong == nil || !late || try == lateTries {
			return wrong
		}
		if due == 0 {
			due = p.end.Last.Version
		}
		if version >= due {
			return nil // it keeps up, and others write faster than it is looked at
		}
		if err := pauseFor(ctx, latePause); err != nil {
			return err
		}
	}
}

// history reads all entries of a subject, and returns how it ends and the entry of a
// version; nil where there is none.
func history(ctx context.Context, db Store, id string, version uint64) (end *Ending, own *Entry, err error) {
	for {
		var last Entry
		if end != nil {
			last = end.Last
		}
		entries, err := db.Subject(ctx, id, last.Version, refreshChunk)
		if err != nil {
			return nil, nil, fmt.Errorf("journal: read %s: %w", id, err)
		}
		if len(entries) == 0 {
			return end, own, nil
		}
		if end == nil {
			end = &Ending{Whole: true}
		}
		for i := range entries {
			e := &entries[i]
			end.Whole = end.Whole && e.Version == last.Version+1 && e.Seq > last.Seq
			if e.Version == version {
				own = e
			}
			last = *e
		}
		end.Last = last
	}
}
