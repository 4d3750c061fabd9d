package journal

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"procyon/access"
	"procyon/store"
)

const (
	// storeTimeout bounds a commit. It is long: an outcome that is not known is worse than
	// one that is late.
	storeTimeout = 10 * time.Second
	// settleTimeout bounds how long it is looked what became of a write.
	settleTimeout = 10 * time.Second
	// minPause and maxPause are the bounds of the waits between tries, which double.
	minPause, maxPause = time.Millisecond, 100 * time.Millisecond
	// holdEvery is how often it is looked whether the store still has what is known here.
	holdEvery = time.Second
)

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
			j.poll(ctx)
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

// poll looks for what other servers have written, and now and then whether the store has
// what is known here. What it finds wrong is reported; once the journal is broken off
// there is nothing more to find.
func (j *Journal) poll(ctx context.Context) {
	if j.Broken() != nil {
		return
	}
	c, cancel := context.WithTimeout(ctx, storeTimeout)
	defer cancel()
	err := j.refresh(c)
	if err == nil && time.Since(j.held) >= holdEvery {
		j.held = time.Now()
		err = j.holds(c)
	}
	if err != nil && ctx.Err() == nil && j.Broken() == nil { // which has reported itself
		j.opts.OnError(err)
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

// gather takes what else is waiting, up to a batch, and leaves out what was withdrawn.
func (j *Journal) gather(first *pending) []*pending {
	var batch []*pending
	for p := first; ; {
		if p.take() {
			batch = append(batch, p)
		}
		if len(batch) == j.opts.MaxBatch {
			return batch
		}
		select {
		case p = <-j.queue:
		default:
			return batch
		}
	}
}

// commit writes a batch, again and again without those that turn out to be raced,
// until each has its answer. Where others write faster it comes back after a random
// moment, so as not to stand in their way. Where it is not known what became of a write
// it keeps looking for settleTimeout, and writes the same again: the store refuses what
// is there already. For a caller who has left nothing is written any more: what can still
// arrive then is what is on its way, for storeTimeout at most.
func (j *Journal) commit(batch []*pending) {
	since, until, unsure := j.Head(), time.Now().Add(storeTimeout), false
	for try := 0; ; try++ {
		b := j.build(slices.DeleteFunc(batch, (*pending).left), since)
		if len(b.items) == 0 {
			return
		}
		known := j.Head()
		var cause error
		if batch, cause = j.write(b, until); len(batch) == 0 {
			return
		}
		if !unsure && slices.ContainsFunc(batch, (*pending).unsure) {
			unsure, until = true, time.Now().Add(settleTimeout)
		}
		if errors.As(cause, new(*TakenError)) {
			since = 0 // where one was decided too long ago, others were
		}
		var failed error
		if batch, failed = j.learn(batch, until, cause); failed == nil && !time.Now().Before(until) {
			failed = cause
		}
		if failed != nil {
			j.note(failed)
			giveUp(batch, failed)
			return
		}
		if try > 0 || j.Head() == known {
			pause(try)
		}
	}
}

// pause waits for a random while, the longer the more was tried.
func pause(try int) {
	<-time.NewTimer(rand.N(min(maxPause, minPause<<min(try, 20)))).C //nolint:gosec // a wait is no secret
}

// write writes a batch once, answers those that are committed or raced, and returns the
// others, with the reason why they are not.
func (j *Journal) write(b built, until time.Time) ([]*pending, error) {
	ctx, cancel := context.WithDeadline(context.Background(), until)
	defer cancel()
	n, err := j.store.Append(ctx, b.entries, b.views)
	for _, p := range b.items[:n] {
		j.settle(p) // before anybody hears of its entry
	}
	j.publish(b.entries[:n], b.views[:n])
	if n > 0 {
		j.note(nil)
	}
	for i := range n {
		b.items[i].done <- result{seq: b.entries[i].Seq}
	}
	rest := b.items[n:]
	var taken *TakenError
	switch {
	case err == nil, errors.Is(err, ErrBehind), errors.Is(err, ErrNotWritten):
	case errors.Is(err, ErrReplaced):
		return rest, j.breakOff(err)
	case errors.As(err, &taken) && taken.Index >= n && taken.Index < len(b.items):
		b.items[taken.Index].done <- result{err: access.ErrRaced}
		rest = slices.Delete(slices.Clone(rest), taken.Index-n, taken.Index-n+1)
	default:
		for i := n; i < len(b.items); i++ {
			b.items[i].tried(attempt{b.entries[n].head(), b.entries[i].head()})
		}
	}
	if err != nil {
		err = fmt.Errorf("journal: append: %w", err)
	}
	return rest, err
}

// note keeps how a commit went, for Ready.
func (j *Journal) note(failed error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.failed, j.failedAt = failed, time.Now()
}

// learn finds out what is in the journal after a write that failed for some cause, answers
// those whose change is there, and returns the others; with an error where it is of no use
// to try again.
func (j *Journal) learn(batch []*pending, until time.Time, cause error) (rest []*pending, err error) {
	unsure := slices.ContainsFunc(batch, (*pending).unsure)
	if errors.Is(cause, ErrNotWritten) && !unsure {
		return batch, cause
	}
	ctx, cancel := context.WithDeadline(context.Background(), until)
	defer cancel()
	switch err := j.refresh(ctx); {
	case j.Broken() != nil:
		return batch, j.Broken()
	case err != nil && unsure:
		return batch, nil
	case err != nil:
		return batch, err
	}
	for _, p := range batch {
		if seq := j.outcome(ctx, p); seq != 0 {
			p.done <- result{seq: seq}
		} else {
			rest = append(rest, p)
		}
	}
	return rest, nil
}

// giveUp answers those that are not committed, or of which that is not known.
func giveUp(batch []*pending, cause error) {
	for _, p := range batch {
		if p.unsure() {
			p.done <- result{err: fmt.Errorf("%w: %s", access.ErrUnknownOutcome, cause.Error())} // whatever cause says is no answer
		} else {
			p.done <- result{err: cause}
		}
	}
}

// built is a batch, chained to the head and ready to be written.
type built struct {
	items   []*pending
	entries []Entry
	views   []store.Document
}

// build chains a batch to the head. Changes that were overtaken, by what has come into
// the journal since, or by others of the batch, get their answer here.
func (j *Journal) build(batch []*pending, since uint64) built {
	j.mu.Lock()
	head := j.head
	versions := map[string]uint64{}
	for i := len(j.tail) - 1; i >= 0 && j.tail[i].Seq > since; i-- {
		versions[j.tail[i].Subject] = max(versions[j.tail[i].Subject], j.tail[i].Version)
	}
	j.mu.Unlock()
	start := head.Seq
	b := built{}
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
