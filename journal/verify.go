package journal

import (
	"context"
	"fmt"
	"runtime"
	"time"

	"golang.org/x/sync/errgroup"

	"procyon/access"
)

// Proof says what Verify goes by.
type Proof struct {
	Kinds access.Kinds // the kinds of subjects that the journal holds
	// Observe is told each entry's hash, in their order; nil: nobody is. An error ends it.
	Observe func(seq uint64, h Hash) error
}

// Report is what Verify found.
type Report struct {
	Entries  uint64
	Subjects int
	Head     Head // keep it elsewhere: only with it can a cut tail be told
	// Listed says that the lists were compared. They are not where an older release wrote the
	// views: whoever opens the journal lists them anew.
	Listed bool
}

// Verify reads the whole journal and proves:
//   - that nothing in it was altered, removed or reordered: the sequence is dense, each entry
//     is chained to the one before, and so are each subject's versions;
//   - that each view is what its subject's entries say, listed where they say, and that there
//     is no other: so a tail that was cut off shows as a view ahead of the journal, and what
//     somebody put beside the journal as a view without entries;
//   - that entries and documents are found by what they are.
//
// The error names the first that is wrong. It may run beside servers: what they write
// meanwhile is judged as it is then, by its own entries. Its memory does not grow with the
// journal.
func Verify(ctx context.Context, db Store, p Proof) (Report, error) {
	var r Report
	format, err := readFormat(ctx, db)
	if err == nil && format.Rebuilding {
		err = errRebuilding
	}
	if err != nil {
		return r, err
	}
	r.Listed = format.present()
	c := chain{db: db, proof: p}
	v := views{db: db, kinds: p.Kinds, listed: r.Listed}
	if err := c.follow(ctx); err != nil {
		return r, err
	}
	if err := v.verify(ctx); err != nil {
		return r, err
	}
	if err := checkFinding(ctx, db); err != nil {
		return r, err
	}
	// What came meanwhile: views that were judged above may rest on it.
	if err := c.follow(ctx); err != nil {
		return r, err
	}
	r.Entries, r.Head, r.Subjects = c.head.Seq, c.head, v.subjects
	return r, nil
}

// checkFinding checks what entries and documents are found by, both at once.
func checkFinding(ctx context.Context, db Store) error {
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error {
		if err := db.CheckIndex(ctx); err != nil {
			return fmt.Errorf("journal: entries are not found by what they are; rebuild the views: %w", err)
		}
		return nil
	})
	g.Go(func() error {
		if err := db.CheckLists(ctx); err != nil {
			return fmt.Errorf("journal: documents are not found where they are listed; rebuild the views: %w", err)
		}
		return nil
	})
	return g.Wait()
}

// chain follows the journal's entries.
type chain struct {
	db    Store
	proof Proof
	head  Head // up to which all is proved
}

// follow proves what is between its head and the journal's. Some chunks at a time are read
// and hashed at once, each by itself; then they are put together in their order.
func (c *chain) follow(ctx context.Context) error {
	end, err := c.db.Head(ctx)
	if err != nil {
		return fmt.Errorf("journal: read the head: %w", err)
	}
	atOnce := runtime.GOMAXPROCS(0)
	links := make([]link, 4*atOnce)
	for c.head.Seq < end.Seq {
		from := c.head.Seq
		g, ctx := errgroup.WithContext(ctx)
		g.SetLimit(atOnce)
		for i := range links {
			g.Go(func() (err error) {
				links[i], err = readLink(ctx, c.db, c.head.Seq+uint64(i)*refreshChunk)
				return err
			})
		}
		if err := g.Wait(); err != nil {
			return err
		}
		for i := range links {
			if err := c.add(&links[i]); err != nil {
				return err
			}
			if len(links[i].hashes) < refreshChunk {
				break // what others have written since stands behind it, maybe not all of it
			}
		}
		if c.head.Seq == from {
			return fmt.Errorf("journal: entry %d is missing, and the last one is %d", from+1, end.Seq)
		}
	}
	return nil
}

// link is a chunk of the journal that holds together: up to the first that is wrong.
type link struct {
	prev   Hash   // to which the first is chained
	first  uint64 // its number; 0: there is none
	hashes []Hash
	head   Head
	wrong  error // what follows, if that is wrong
}

// readLink reads the entries after a number. The error is the store's.
func readLink(ctx context.Context, db Store, after uint64) (link, error) {
	entries, err := db.Entries(ctx, after, refreshChunk)
	if err != nil {
		return link{}, fmt.Errorf("journal: read after entry %d: %w", after, err)
	}
	if len(entries) == 0 {
		return link{}, nil
	}
	l := link{prev: entries[0].Prev, first: entries[0].Seq, head: Head{Seq: after, Hash: entries[0].Prev}}
	l.hashes = make([]Hash, 0, len(entries))
	for i := range entries {
		if !l.grow(&entries[i]) {
			break
		}
	}
	return l, nil
}

// grow puts an entry behind the chunk, unless it does not follow.
func (l *link) grow(e *Entry) bool {
	if l.wrong = e.Follows(l.head); l.wrong != nil {
		return false
	}
	l.head = e.head()
	l.hashes = append(l.hashes, l.head.Hash)
	return true
}

// add puts a chunk behind what is proved.
func (c *chain) add(l *link) error {
	if l.first == 0 {
		return nil
	}
	if l.first == c.head.Seq+1 && l.prev != c.head.Hash {
		return fmt.Errorf("journal: entry %d is not chained to entry %d: one of them was altered, removed or replaced", l.first, c.head.Seq)
	}
	if c.proof.Observe != nil {
		for i, h := range l.hashes {
			if err := c.proof.Observe(l.first+uint64(i), h); err != nil {
				return err
			}
		}
	}
	if l.wrong != nil {
		return l.wrong
	}
	c.head = l.head
	return nil
}

// pauseFor waits, unless ctx is done before.
func pauseFor(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
