package main

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"sync"

	"procyon/access"
	"procyon/internal/subject"
	"procyon/journal"
	"procyon/store"
)

// bulkLog is an access.Log and its views, for one writer alone: it gathers what is
// decided, and commits it in large batches beside. Guards are not looked at, for
// requests have none.
type bulkLog struct {
	kinds   access.Kinds
	store   journal.Store
	catalog map[string]store.Document // read once
	views   map[string]store.Document // of the batch that is gathered
	changes []bulkChange
	batches chan []bulkChange
	done    chan struct{} // closed when the committing goroutine has ended
	err     error         // why it did; to be read once it has
	end     func()
}

type bulkChange struct {
	access.Change
	view store.Document
}

func newBulkLog(ctx context.Context, db journal.Store) (*bulkLog, error) {
	head, err := db.Head(ctx)
	if err != nil {
		return nil, err
	}
	l := &bulkLog{
		kinds: subject.Kinds(), store: db, catalog: map[string]store.Document{}, views: map[string]store.Document{},
		batches: make(chan []bulkChange, 1), done: make(chan struct{}),
	}
	l.end = sync.OnceFunc(func() { close(l.batches) })
	go func() {
		defer close(l.done)
		for batch := range l.batches {
			if head, l.err = l.commit(ctx, head, batch); l.err != nil {
				return
			}
		}
	}()
	return l, nil
}

// Append implements access.Log, but that the change is committed later.
func (l *bulkLog) Append(_ context.Context, c access.Change) (uint64, error) {
	view, err := l.kinds.View(c.Subject, c.Version, c.After)
	if err != nil {
		return 0, err
	}
	l.views[c.Subject] = view
	l.changes = append(l.changes, bulkChange{c, view})
	return 0, nil
}

// Head implements access.Log.
func (l *bulkLog) Head() uint64 { return 0 }

// Get implements store.Reader, for subjects of the batch and of the catalog.
func (l *bulkLog) Get(ctx context.Context, ids ...string) ([]store.Document, error) {
	var out []store.Document
	for _, id := range ids {
		if d, ok := l.views[id]; ok {
			out = append(out, d)
			continue
		}
		if _, ok := l.catalog[id]; !ok {
			docs, err := l.store.Get(ctx, id)
			if err != nil || len(docs) == 0 {
				return out, err
			}
			l.catalog[id] = docs[0]
		}
		out = append(out, l.catalog[id])
	}
	return out, nil
}

// List implements store.Reader.
func (l *bulkLog) List(ctx context.Context, q store.Query) ([]store.Document, error) {
	return l.store.List(ctx, q)
}

// write hands what was gathered to be committed, and begins anew.
func (l *bulkLog) write() error {
	select {
	case l.batches <- l.changes:
		l.changes, l.views = nil, map[string]store.Document{}
		return nil
	case <-l.done:
		return errors.New("what was written before failed")
	}
}

// wait returns once everything is committed.
func (l *bulkLog) wait() error {
	l.end()
	<-l.done
	return l.err
}

// abandon ends the goroutine, whatever became of the rest.
func (l *bulkLog) abandon() { _ = l.wait() }

// commit chains a batch to the head, in the order of time, and stores it.
func (l *bulkLog) commit(ctx context.Context, head journal.Head, batch []bulkChange) (journal.Head, error) {
	slices.SortStableFunc(batch, func(a, b bulkChange) int { return cmp.Compare(a.At.UnixMicro(), b.At.UnixMicro()) })
	entries, views := make([]journal.Entry, len(batch)), make([]store.Document, len(batch))
	for i, c := range batch {
		e := journal.Entry{
			Seq: head.Seq + 1, At: c.At, Actor: c.Actor, Subject: c.Subject,
			Version: c.Version, Type: c.Type, Data: c.Data, After: c.After,
		}
		if e.At.Before(head.At) {
			e.At = head.At
		}
		if err := e.Seal(head.Hash); err != nil {
			return head, err
		}
		head = journal.Head{Seq: e.Seq, Hash: e.Hash, At: e.At}
		entries[i], views[i] = e, c.view
	}
	_, err := l.store.Append(ctx, entries, views)
	return head, err
}
