package mongo

import (
	"context"
	"fmt"
	"math"
	"slices"
	"sync"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"procyon/journal"
	"procyon/store"
)

// inspection reads each part as of when it is read.
type inspection struct {
	s    *Store
	head journal.Head

	mu       sync.Mutex // guards all that follows
	misfiled error      // the first entry that is found by what it has not
	seq      int64      // of that one
}

// Inspect implements journal.Store.
func (s *Store) Inspect(ctx context.Context) (journal.Inspection, error) {
	head, err := s.Head(ctx)
	return &inspection{s: s, head: head}, err
}

// Close implements journal.Inspection.
func (*inspection) Close() error { return nil }

// Head implements journal.Inspection.
func (in *inspection) Head() journal.Head { return in.head }

// Keys implements journal.Inspection.
func (in *inspection) Keys(ctx context.Context, each func(journal.Key) error) error {
	for k, err := range in.s.keys(ctx) {
		if err == nil {
			err = each(k)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// Entries implements journal.Inspection.
func (in *inspection) Entries(ctx context.Context, after, to uint64, each func(*journal.Entry) error) error {
	ctx, end := in.s.session(ctx)
	defer end()
	between := bson.D{{Key: "$gt", Value: int64(min(after, math.MaxInt64))}, {Key: "$lte", Value: int64(min(to, math.MaxInt64))}}
	cursor, err := in.s.entries.Find(ctx, bson.D{{Key: "_id", Value: between}}, options.Find().SetSort(bson.D{{Key: "_id", Value: 1}}).SetBatchSize(traitChunk))
	if err != nil {
		return fmt.Errorf("mongo: read entries: %w", err)
	}
	defer cursor.Close(context.WithoutCancel(ctx))
	for cursor.Next(ctx) {
		var r entryRecord
		if err := cursor.Decode(&r); err != nil {
			return fmt.Errorf("mongo: read entries: %w", err)
		}
		e, err := r.entry()
		if err != nil {
			return err
		}
		in.file(&r, &e)
		if err := each(&e); err != nil {
			return err
		}
	}
	if err := cursor.Err(); err != nil {
		return fmt.Errorf("mongo: read entries: %w", err)
	}
	return nil
}

// file compares what an entry is found by with what it has.
func (in *inspection) file(r *entryRecord, e *journal.Entry) {
	want := traitsOf(e.Actor, r.Subject, r.Type)
	if slices.Equal(r.Traits, want) {
		return
	}
	in.mu.Lock()
	defer in.mu.Unlock()
	if in.misfiled == nil || r.Seq < in.seq {
		in.seq, in.misfiled = r.Seq, fmt.Errorf("mongo: entry %d is found by %q and must be by %q", r.Seq, r.Traits, want)
	}
}

// IDs implements journal.Inspection.
func (in *inspection) IDs(ctx context.Context, each func(string) error) error {
	return in.documents(ctx, bson.D{{Key: "_id", Value: 1}}, func(r *documentRecord) error { return each(r.ID) })
}

// Documents implements journal.Inspection.
func (in *inspection) Documents(ctx context.Context, each func(*store.Document) error) error {
	return in.documents(ctx, nil, func(r *documentRecord) error {
		d := r.document()
		return each(&d)
	})
}

func (in *inspection) documents(ctx context.Context, only bson.D, each func(*documentRecord) error) error {
	how := options.Find().SetSort(bson.D{{Key: "_id", Value: 1}}).SetLimit(documentChunk)
	if only != nil {
		how = how.SetProjection(only)
	}
	for last := ""; ; {
		records, err := in.s.find(ctx, bson.D{{Key: "_id", Value: bson.D{{Key: "$gt", Value: last}}}}, how)
		if err != nil {
			return err
		}
		for i := range records {
			if err := each(&records[i]); err != nil {
				return err
			}
		}
		if len(records) < documentChunk {
			return nil
		}
		last = records[len(records)-1].ID
	}
}

// Finding implements journal.Inspection. Where documents are listed is in themselves, and the
// indexes are the server's own.
func (in *inspection) Finding(context.Context) error { return in.misfiled }
