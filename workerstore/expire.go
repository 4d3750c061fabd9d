package workerstore

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"procyon/access"
	"procyon/store"
)

// Records that end by themselves are listed by the day on which they do, for under each
// other term they are in the order of their keys. A document says which day is next.

const (
	expiredID   = "rec-expired"
	expireChunk = 100
	// room is left for the clocks of several servers: what one of them stores for a day is
	// there before any of them has done with it.
	room = 24 * time.Hour
)

type expired struct {
	Next string `json:"next"` // the first day whose records may still be there
}

func day(t time.Time) string         { return t.UTC().Format(time.DateOnly) }
func expiryTerm(at time.Time) string { return "rec/expiry=" + day(at) }
func dayAfter(d string) (string, error) {
	t, err := time.Parse(time.DateOnly, d)
	return day(t.AddDate(0, 0, 1)), err
}

// Expire forgets some of the records whose time is over, and returns how much it did: call
// it again until that is nothing. It is harmless beside others who do so, and beside who
// changes a record just then, which stays.
func (r *Store) Expire(ctx context.Context) (int, error) {
	next, version, err := r.nextDay(ctx)
	if err != nil || next >= day(r.now().Add(-room)) {
		return 0, err
	}
	docs, err := r.docs.List(ctx, store.Query{Term: "rec/expiry=" + next, Limit: expireChunk})
	if err == nil {
		err = r.docs.Remove(ctx, docs...)
	}
	if err != nil {
		return 0, fmt.Errorf("forget records: %w", err)
	}
	if len(docs) == expireChunk {
		return len(docs), nil
	}
	if next, err = dayAfter(next); err != nil {
		return 0, err
	}
	return len(docs) + 1, r.putNextDay(ctx, next, version+1)
}

// nextDay reads which day is next; at first that is today.
func (r *Store) nextDay(ctx context.Context) (next string, version uint64, err error) {
	docs, err := r.docs.Get(ctx, expiredID)
	if err != nil {
		return "", 0, fmt.Errorf("read which records are over: %w", err)
	}
	if len(docs) == 1 {
		e, err := access.Decode[expired](docs[0])
		return e.Next, docs[0].Version, err
	}
	next = day(r.now())
	return next, 1, r.putNextDay(ctx, next, 1)
}

// putNextDay stores which day is next, unless somebody else did.
func (r *Store) putNextDay(ctx context.Context, next string, version uint64) error {
	data, err := json.Marshal(expired{next})
	if err != nil {
		return fmt.Errorf("encode which records are over: %w", err)
	}
	err = r.docs.Put(ctx, store.Document{ID: expiredID, Version: version, Data: data})
	if errors.Is(err, store.ErrVersion) {
		return nil
	}
	return err
}
