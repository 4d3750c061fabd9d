package mongo

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math"

	"go.mongodb.org/mongo-driver/v2/bson"
	driver "go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"procyon/journal"
)

// Head implements journal.Store.
func (s *Store) Head(ctx context.Context) (journal.Head, error) {
	ctx, end := s.session(ctx)
	defer end()
	var r entryRecord
	last := options.FindOne().SetSort(bson.D{{Key: "_id", Value: -1}})
	err := s.entries.FindOne(ctx, bson.D{}, last).Decode(&r)
	if errors.Is(err, driver.ErrNoDocuments) {
		return journal.Head{}, nil
	}
	if err != nil {
		return journal.Head{}, fmt.Errorf("mongo: read the head: %w", err)
	}
	e, err := r.entry()
	return journal.Head{Seq: e.Seq, Hash: e.Hash, At: e.At}, err
}

// Holds implements journal.Store. It reads what the primary has: after a failover that
// may come to be known as written to a majority only later.
func (s *Store) Holds(ctx context.Context, h journal.Head) error {
	if h.Seq == 0 {
		return nil
	}
	ctx, end := s.session(ctx)
	defer end()
	var have struct {
		Hash []byte `bson:"hash"`
	}
	only := options.FindOne().SetProjection(bson.D{{Key: "hash", Value: 1}})
	err := s.local.FindOne(ctx, bson.D{{Key: "_id", Value: int64(min(h.Seq, math.MaxInt64))}}, only).Decode(&have)
	switch {
	case errors.Is(err, driver.ErrNoDocuments):
		return fmt.Errorf("%w: mongo: entry %d is missing", journal.ErrReplaced, h.Seq)
	case err != nil:
		return fmt.Errorf("mongo: read entry %d: %w", h.Seq, err)
	case !bytes.Equal(have.Hash, h.Hash[:]):
		return fmt.Errorf("%w: mongo: entry %d is another one", journal.ErrReplaced, h.Seq)
	}
	return nil
}

// Entries implements journal.Store.
func (s *Store) Entries(ctx context.Context, after uint64, limit int) ([]journal.Entry, error) {
	return s.readEntries(ctx, bson.D{{Key: "_id", Value: above(after)}}, bson.D{{Key: "_id", Value: 1}}, limit)
}

// Subject implements journal.Store.
func (s *Store) Subject(ctx context.Context, subject string, after uint64, limit int) ([]journal.Entry, error) {
	filter := bson.D{{Key: "subject", Value: subject}, {Key: "version", Value: above(after)}}
	return s.readEntries(ctx, filter, bson.D{{Key: "version", Value: 1}}, limit)
}

// above is the condition of a number that is greater.
func above(n uint64) bson.D {
	return bson.D{{Key: "$gt", Value: int64(min(n, math.MaxInt64))}}
}

func (s *Store) readEntries(ctx context.Context, filter, order bson.D, limit int) ([]journal.Entry, error) {
	if limit <= 0 {
		return nil, nil
	}
	ctx, end := s.session(ctx)
	defer end()
	cursor, err := s.entries.Find(ctx, filter, options.Find().SetSort(order).SetLimit(int64(limit)))
	if err != nil {
		return nil, fmt.Errorf("mongo: read entries: %w", err)
	}
	var records []entryRecord
	if err := cursor.All(ctx, &records); err != nil {
		return nil, fmt.Errorf("mongo: read entries: %w", err)
	}
	entries := make([]journal.Entry, len(records))
	for i := range records {
		if entries[i], err = records[i].entry(); err != nil {
			return nil, err
		}
	}
	return entries, nil
}
