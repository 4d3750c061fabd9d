package journal

import (
	"context"
	"errors"
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
// meanwhile is judged as it is then, by its own entries. It reads and unpacks each entry and
// each document once. Of its memory one bit an entry grows with the journal.
func Verify(ctx context.Context, db Store, p Proof) (r Report, err error) {
	format, err := readFormat(ctx, db)
	if err == nil && format.Rebuilding {
		err = errRebuilding
	}
	if err != nil {
		return r, err
	}
	in, err := db.Inspect(ctx)
	if err != nil {
		return r, fmt.Errorf("journal: %w", err)
	}
	defer func() { err = errors.Join(err, in.Close()) }()

	r.Listed = format.present()
	c := chain{db: db, proof: p}
	v := newViews(db, in, p.Kinds, r.Listed)
	if err := v.readKeys(ctx); err != nil {
		return r, err
	}
	if err := c.prove(ctx, in, v.entry); err != nil {
		return r, err
	}
	if err := v.verify(ctx); err != nil {
		return r, err
	}
	if err := in.Finding(ctx); err != nil {
		return r, fmt.Errorf("journal: entries or documents are not found by what they are; rebuild the views: %w", err)
	}
	// What came meanwhile: views that were judged above may rest on it.
	if err := c.follow(ctx); err != nil {
		return r, err
	}
	r.Entries, r.Head, r.Subjects = c.head.Seq, c.head, v.subjects
	return r, nil
}

// chain follows the journal's entries.
type chain struct {
	db    Store
	proof Proof
	head  Head // up to which all is proved
}

// provedAtOnce is how many entries are read and hashed in one go.
const provedAtOnce = 2000

// prove proves what is up to the inspection's head, and calls also for each entry that holds
// together with those before it: from several goroutines, in no order. Some chunks at a time
// are read and hashed at once, each by itself; then they are put together in their order.
func (c *chain) prove(ctx context.Context, in Inspection, also func(*Entry)) error {
	end := in.Head().Seq
	atOnce := runtime.GOMAXPROCS(0)
	links := make([]link, 8*atOnce)
	for c.head.Seq < end {
		first := c.head.Seq
		g, ctx := errgroup.WithContext(ctx)
		g.SetLimit(atOnce)
		for i := range links {
			after := first + uint64(i)*provedAtOnce
			g.Go(func() error { return links[i].read(ctx, in, after, min(after+provedAtOnce, end), also) })
		}
		if err := g.Wait(); err != nil {
			return err
		}
		for i := range links {
			if err := c.add(&links[i]); err != nil {
				return err
			}
		}
		if to := min(first+uint64(len(links))*provedAtOnce, end); c.head.Seq < to {
			return fmt.Errorf("journal: entry %d is missing, and the last one is %d", c.head.Seq+1, end)
		}
	}
	return nil
}

// follow proves what came after its head.
func (c *chain) follow(ctx context.Context) error {
	for {
		entries, err := c.db.Entries(ctx, c.head.Seq, refreshChunk)
		if err != nil {
			return fmt.Errorf("journal: read after entry %d: %w", c.head.Seq, err)
		}
		if len(entries) == 0 {
			return nil
		}
		var l link
		l.begin()
		for i := range entries {
			if !l.grow(&entries[i]) {
				break
			}
		}
		if err := c.add(&l); err != nil {
			return err
		}
	}
}

// link is a chunk of the journal that holds together: up to the first that is wrong.
type link struct {
	prev   Hash   // to which the first is chained
	first  uint64 // its number; 0: there is none
	hashes []Hash
	head   Head
	wrong  error // what follows, if that is wrong
}

// errWrong ends the reading of a chunk.
var errWrong = errors.New("journal: the rest is not chained")

// read reads the entries between two numbers. Its error is the store's.
func (l *link) read(ctx context.Context, in Inspection, after, to uint64, also func(*Entry)) error {
	l.begin()
	if after >= to {
		return nil
	}
	err := in.Entries(ctx, after, to, func(e *Entry) error {
		if !l.grow(e) {
			return errWrong
		}
		also(e)
		return nil
	})
	switch {
	case errors.Is(err, errWrong):
		return nil
	case err != nil && ctx.Err() == nil:
		l.wrong = fmt.Errorf("journal: read after entry %d: %w", after+uint64(len(l.hashes)), err)
		return nil // what comes before it may be wrong, too
	}
	return err
}

func (l *link) begin() { *l = link{hashes: l.hashes[:0]} }

// grow puts an entry behind the chunk, unless it does not follow.
func (l *link) grow(e *Entry) bool {
	if len(l.hashes) == 0 {
		l.prev, l.first, l.head = e.Prev, e.Seq, Head{Seq: e.Seq - 1, Hash: e.Prev}
	}
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
		return l.wrong
	}
	switch {
	case l.first != c.head.Seq+1:
		return fmt.Errorf("journal: entry %d follows entry %d: there must be no gap", l.first, c.head.Seq)
	case l.prev != c.head.Hash:
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
