package journal

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"procyon/access"
	"procyon/store"
)

// storeTimeout bounds one round of a commit. It is long: an outcome that is not
// known is worse than one that is late.
const storeTimeout = 30 * time.Second

// Run commits what Append hands in and follows what other servers write, until
// ctx is done. What was handed in before that is still committed.
func (j *Journal) Run(ctx context.Context) error {
	defer j.stop()
	tick := time.NewTicker(j.opts.Poll)
	defer tick.Stop()
	for {
		select {
		case p := <-j.queue:
			j.commit(j.gather(p))
		case answer := <-j.looks:
			j.look(answer)
		case <-tick.C:
			c, cancel := context.WithTimeout(ctx, storeTimeout)
			if err := j.refresh(c); err != nil && ctx.Err() == nil {
				j.opts.OnError(err)
			}
			cancel()
		case <-ctx.Done():
			for {
				select {
				case p := <-j.queue:
					j.commit(j.gather(p))
				default:
					return nil
				}
			}
		}
	}
}

func (j *Journal) stop() {
	j.mu.Lock()
	j.ended = ErrStopped
	wake := j.more
	j.more = make(chan struct{})
	j.mu.Unlock()
	close(wake)
	close(j.end)
}

// gather takes what else is waiting, up to a batch.
func (j *Journal) gather(first *pending) []*pending {
	batch := []*pending{first}
	for len(batch) < j.opts.MaxBatch {
		select {
		case p := <-j.queue:
			batch = append(batch, p)
		default:
			return batch
		}
	}
	return batch
}

// commit writes a batch, again and again without those that turn out to be
// raced, until each has its answer.
func (j *Journal) commit(batch []*pending) {
	ctx, cancel := context.WithTimeout(context.Background(), storeTimeout)
	defer cancel()
	for len(batch) > 0 {
		b := j.build(batch)
		batch = b.items
		if len(batch) == 0 {
			return
		}
		n, err := j.store.Append(ctx, b.entries, b.views)
		j.publish(b.entries[:n], b.views[:n])
		for i := range n {
			batch[i].done <- result{seq: b.entries[i].Seq}
		}
		rest := batch[n:]
		var taken *TakenError
		switch {
		case err == nil:
			return
		case errors.Is(err, ErrBehind):
			err = j.refresh(ctx)
		case errors.As(err, &taken) && taken.Index >= n && taken.Index < len(batch):
			batch[taken.Index].done <- result{err: access.ErrRaced}
			rest = slices.Delete(slices.Clone(rest), taken.Index-n, taken.Index-n+1)
			err = j.refresh(ctx)
		default:
			rest, err = j.settle(ctx, b, n, err)
		}
		if err != nil {
			fail(rest, err)
			return
		}
		batch = rest
	}
}

// settle finds out what became of a write whose outcome is not known: what is in
// the journal is answered, and the rest fails.
func (j *Journal) settle(ctx context.Context, b built, n int, cause error) ([]*pending, error) {
	cause = fmt.Errorf("journal: append: %w", cause)
	if err := j.refresh(ctx); err != nil {
		return b.items[n:], fmt.Errorf("%w (and its outcome is unknown: %w)", cause, err)
	}
	var rest []*pending
	for i := n; i < len(b.items); i++ {
		if j.has(&b.entries[i]) {
			b.items[i].done <- result{seq: b.entries[i].Seq}
		} else {
			rest = append(rest, b.items[i])
		}
	}
	return rest, cause
}

func (j *Journal) has(e *Entry) bool {
	j.mu.Lock()
	defer j.mu.Unlock()
	if len(j.tail) == 0 || e.Seq < j.tail[0].Seq || e.Seq > j.head.Seq {
		return false
	}
	return j.tail[e.Seq-j.tail[0].Seq].Hash == e.Hash
}

func fail(items []*pending, err error) {
	for _, p := range items {
		p.done <- result{err: err}
	}
}

// built is a batch, chained to the head and ready to be written.
type built struct {
	items   []*pending
	entries []Entry
	views   []store.Document
}

// build chains a batch to the head. Changes that were overtaken, by what is in
// the journal or by others of the batch, get their answer here.
func (j *Journal) build(batch []*pending) built {
	j.mu.Lock()
	head := j.head
	j.mu.Unlock()
	start := head.Seq
	b := built{}
	versions := map[string]uint64{}
	for _, p := range batch {
		c := &p.change
		if v, ok := versions[c.Subject]; ok && c.Version != v+1 || j.raced(c.Guards, start, &b) {
			p.done <- result{err: access.ErrRaced}
			continue
		}
		e := Entry{
			Seq: head.Seq + 1, At: c.At.UTC().Truncate(time.Microsecond), Actor: c.Actor,
			Subject: c.Subject, Version: c.Version, Type: c.Type, Data: c.Data, After: c.After,
		}
		if e.At.Before(head.At) {
			e.At = head.At
		}
		if err := e.Seal(head.Hash); err != nil {
			p.done <- result{err: err}
			continue
		}
		head = e.head()
		versions[c.Subject] = c.Version
		b.items, b.entries, b.views = append(b.items, p), append(b.entries, e), append(b.views, p.view)
	}
	return b
}

// raced checks guards against the entries after their Since: those of the tail
// and those already in the batch. A guard older than the tail counts as raced.
func (j *Journal) raced(guards []access.Guard, start uint64, b *built) bool {
	if len(guards) == 0 {
		return false
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	for _, g := range guards {
		if g.Since < start && (len(j.tail) == 0 || g.Since+1 < j.tail[0].Seq) {
			return true
		}
		for i := len(j.tail) - 1; i >= 0 && j.tail[i].Seq > g.Since; i-- {
			if j.tail[i].Subject == g.Key || slices.Contains(j.tail[i].terms, g.Key) {
				return true
			}
		}
		for i := range b.entries {
			if b.entries[i].Subject == g.Key || slices.Contains(b.views[i].Terms, g.Key) {
				return true
			}
		}
	}
	return false
}
