package delivery

import (
	"context"
	"errors"
	"fmt"
	"time"

	"procyon/store"
)

// DefaultKeep is how long deliveries are kept where [Ledger.Keep] says nothing.
const DefaultKeep = 90 * 24 * time.Hour

// keepDeleted is how long the place of a deleted consumer is kept by its name.
const keepDeleted = 30 * 24 * time.Hour

// keepIdle is how long a flow is kept in which nothing is owed: it says nothing then, but to
// make it anew at each message costs more.
const keepIdle = 24 * time.Hour

// expireChunk is how many documents of one kind Expire takes at once.
const expireChunk = 100

// keep is how long deliveries are kept, from when they were owed last.
func (l *Ledger) keep() time.Duration {
	if l.Keep > 0 {
		return l.Keep
	}
	return DefaultKeep
}

// Expire removes some of what is kept no longer, and returns how much: call it again until
// that is nothing. Deliveries are kept for [Ledger.Keep] since they were owed last. What is
// owed still by then, to an integration that nobody mended, becomes a dead letter before.
// Consumers that were deleted are forgotten after 30 days, flows in which nothing is owed
// after one. It is harmless beside others who
// do so, and beside who changes just then what it would remove: that stays.
func (l *Ledger) Expire(ctx context.Context) (int, error) {
	removed, failed := 0, error(nil)
	for _, step := range []func(context.Context) (int, error){l.expirePending, l.expireOver, l.expireIdle, l.expireDeleted} {
		n, err := step(ctx)
		removed += n
		failed = errors.Join(failed, err)
	}
	return removed, failed
}

// old reads some of what is under a term and was owed, or deleted, longer ago than d.
func (l *Ledger) old(ctx context.Context, term string, d time.Duration) ([]store.Document, error) {
	before := store.Range{Reader: l.docs, Before: store.TimeSort(l.now().Add(-d))}
	docs, err := before.List(ctx, store.Query{Term: term, Limit: expireChunk})
	if err != nil {
		return nil, fmt.Errorf("what is old under %s: %w", term, err)
	}
	return docs, nil
}

// expirePending makes dead letters of what nobody could deliver in all that time.
func (l *Ledger) expirePending(ctx context.Context) (int, error) {
	docs, err := l.old(ctx, statusTerm(StatusPending), l.keep())
	if err != nil {
		return 0, err
	}
	return len(docs), l.bury(ctx, docs, fmt.Sprintf("It could not be delivered in %d days.", int(l.keep().Hours()/24)))
}

func (l *Ledger) expireOver(ctx context.Context) (removed int, err error) {
	for _, s := range statuses {
		if s == StatusPending {
			continue
		}
		docs, err := l.old(ctx, statusTerm(s), l.keep())
		if err == nil {
			err = l.docs.Remove(ctx, docs...)
		}
		if err != nil {
			return removed, err
		}
		removed += len(docs)
	}
	return removed, nil
}

// expireIdle forgets flows that were left long ago. One that somebody lets wait just then is
// another version, and stays.
func (l *Ledger) expireIdle(ctx context.Context) (int, error) {
	docs, err := l.old(ctx, idleTerm, keepIdle)
	if err != nil {
		return 0, err
	}
	return len(docs), l.docs.Remove(ctx, docs...)
}
