package journal

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"procyon/access"
	"procyon/store"
)

// Options of a Journal. The zero value is good.
type Options struct {
	Poll     time.Duration // how often to look for other servers' entries; 0: 100 ms
	Tail     int           // how many recent entries to keep in memory; 0: 2048
	MaxBatch int           // how many changes one write carries at most; 0: 256
	Kinds    access.Kinds  // the kinds of subjects that it holds; nil: access's own
	// OnRelist hears how many views of an older release were listed anew, each time that some
	// thousands more are; nil: nobody does. Open takes as long as it takes.
	OnRelist func(done int)
	OnError  func(error) // told of failures that no caller hears of; nil: ignored
}

// Journal writes a store's journal and follows it. It implements access.Log.
// It is safe for concurrent use; Run must be running for Append to make progress.
type Journal struct {
	store  Store
	opts   Options
	queue  chan *pending
	coming atomic.Int64      // changes handed in and not settled; see pending.settled
	looks  chan chan<- error // who waits for a look at the store

	held time.Time // when it was last looked whether the store has the head; of Run

	mu     sync.Mutex // guards all that follows but end
	head   Head
	tail   []recent      // dense, up to head
	more   chan struct{} // closed when head grows
	ended  error         // why Run ended
	broken error         // why nothing can be written any more: see Broken
	failed error         // why the last commit failed; nil where it did not
	// failedAt is when.
	failedAt time.Time

	end chan struct{} // closed when Run has ended
}

// recent is an entry with the terms that its subject was listed under.
type recent struct {
	Entry
	terms []string
}

// ErrStopped says that the journal's Run has ended.
var ErrStopped = errors.New("journal: stopped")

// Open reads the head and the recent entries of a store, and repairs the views
// that a crash may have left behind: those of the last batch. Views that an older
// release wrote are listed anew where this one lists them otherwise. Several
// servers of this release may open a store at once, but those of an older one must
// be stopped first: what they write afterwards stays listed in the old way. A store
// whose views a newer release has listed, or of which a rebuild was cut short, is refused,
// and left as it is.
func Open(ctx context.Context, store Store, opts Options) (*Journal, error) {
	if opts.Poll == 0 {
		opts.Poll = 100 * time.Millisecond
	}
	if opts.Tail == 0 {
		opts.Tail = 2048
	}
	if opts.MaxBatch == 0 {
		opts.MaxBatch = 256
	}
	if opts.Kinds == nil {
		opts.Kinds = access.NewKinds(access.OwnKinds())
	}
	if opts.OnError == nil {
		opts.OnError = func(error) {}
	}
	j := &Journal{store: store, opts: opts, queue: make(chan *pending, opts.MaxBatch), looks: make(chan chan<- error), more: make(chan struct{}), end: make(chan struct{})}
	have, err := readFormat(ctx, store)
	if err == nil && have.Rebuilding {
		err = errRebuilding
	}
	if err != nil {
		return nil, err
	}
	head, err := store.Head(ctx)
	if err != nil {
		return nil, fmt.Errorf("journal: read the head: %w", err)
	}
	from := head.Seq - min(head.Seq, uint64(opts.MaxBatch))
	if from > 0 {
		before, err := store.Entries(ctx, from-1, 1)
		if err != nil || len(before) != 1 {
			return nil, fmt.Errorf("journal: read entry %d: %w", from, err)
		}
		j.head = before[0].head()
	}
	if err := j.refresh(ctx); err != nil {
		return nil, err
	}
	if err := relist(ctx, store, opts, have); err != nil {
		return nil, err
	}
	return j, nil
}

// Head returns the sequence number up to which this process knows the journal.
func (j *Journal) Head() uint64 {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.head.Seq
}

// Read returns up to limit entries after a position, in order; none where there
// are none yet. It does not wait. Recent ones come from memory.
func (j *Journal) Read(ctx context.Context, after uint64, limit int) ([]Entry, error) {
	j.mu.Lock()
	if after >= j.head.Seq {
		j.mu.Unlock()
		return nil, nil
	}
	if len(j.tail) > 0 && after+1 >= j.tail[0].Seq {
		from := int(after + 1 - j.tail[0].Seq)
		n := min(limit, len(j.tail)-from)
		out := make([]Entry, n)
		for i := range out {
			out[i] = j.tail[from+i].Entry
		}
		j.mu.Unlock()
		return out, nil
	}
	limit = min(limit, int(min(j.head.Seq-after, 1<<30)))
	j.mu.Unlock()
	return j.store.Entries(ctx, after, limit)
}

// Wait returns once Head is greater than after, or ctx is done, or Run has ended.
func (j *Journal) Wait(ctx context.Context, after uint64) error {
	for {
		j.mu.Lock()
		more, head, ended := j.more, j.head.Seq, j.ended
		j.mu.Unlock()
		if head > after {
			return nil
		}
		if ended != nil {
			return ended
		}
		select {
		case <-more:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// Append implements access.Log. Once ctx is done it returns at once: the change is
// withdrawn then, or its outcome unknown.
func (j *Journal) Append(ctx context.Context, c access.Change) (uint64, error) {
	view, err := j.opts.Kinds.View(c.Subject, c.Version, c.After) // here, for callers don't wait for each other
	if err != nil {
		return 0, err
	}
	p := &pending{change: c, view: view, done: make(chan result, 1)}
	j.mu.Lock()
	ended, broken := j.ended, j.broken
	j.mu.Unlock()
	if err := cmp.Or(ended, broken); err != nil {
		return 0, err
	}
	j.coming.Add(1)
	defer j.settle(p)
	select {
	case j.queue <- p:
	case <-j.end:
		return 0, ErrStopped
	case <-ctx.Done():
		return 0, ctx.Err()
	}
	select {
	case r := <-p.done:
		return r.seq, r.err
	case <-j.end:
		return p.leave(ErrStopped)
	case <-ctx.Done():
		return p.leave(ctx.Err())
	}
}

// Coming tells whether changes were handed in here that are not in the journal yet: more
// entries are to be expected soon. It is no promise, and costs next to nothing.
func (j *Journal) Coming() bool { return j.coming.Load() > 0 }

// settle has a change no longer count as coming. It may be called more than once.
func (j *Journal) settle(p *pending) {
	if !p.settled.Swap(true) {
		j.coming.Add(-1)
	}
}

// publish takes in entries that are committed, in order, and wakes who waits.
func (j *Journal) publish(entries []Entry, views []store.Document) {
	if len(entries) == 0 {
		return
	}
	j.mu.Lock()
	for i := range entries {
		j.tail = append(j.tail, recent{entries[i], views[i].Terms})
	}
	if len(j.tail) > 2*j.opts.Tail {
		j.tail = append([]recent(nil), j.tail[len(j.tail)-j.opts.Tail:]...)
	}
	j.head = entries[len(entries)-1].head()
	wake := j.more
	j.more = make(chan struct{})
	j.mu.Unlock()
	close(wake)
}

// refresh takes in what other servers have written, and makes sure of its views.
func (j *Journal) refresh(ctx context.Context) error {
	for {
		j.mu.Lock()
		head := j.head
		j.mu.Unlock()
		entries, err := j.store.Entries(ctx, head.Seq, refreshChunk)
		if err != nil {
			return fmt.Errorf("journal: read after entry %d: %w", head.Seq, err)
		}
		if len(entries) == 0 {
			return nil
		}
		views := make([]store.Document, len(entries))
		for i := range entries {
			if err := entries[i].Follows(head); err != nil {
				return j.breakOff(err)
			}
			head = entries[i].head()
			if views[i], err = j.opts.Kinds.View(entries[i].Subject, entries[i].Version, entries[i].After); err != nil {
				return err
			}
		}
		if err := j.store.Repair(ctx, newest(views)); err != nil {
			return fmt.Errorf("journal: repair views: %w", err)
		}
		j.publish(entries, views)
	}
}

const refreshChunk = 500

// newest keeps the last view of each document, in order.
func newest(views []store.Document) []store.Document {
	last := make(map[string]int, len(views))
	for i := range views {
		last[views[i].ID] = i
	}
	if len(last) == len(views) {
		return views
	}
	out := make([]store.Document, 0, len(last))
	for i := range views {
		if last[views[i].ID] == i {
			out = append(out, views[i])
		}
	}
	return out
}
