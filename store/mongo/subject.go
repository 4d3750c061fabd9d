package mongo

import (
	"context"
	"fmt"
	"iter"
	"math"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"procyon/journal"
)

const (
	// keyChunk and documentChunk are how many keys of entries and how many documents one
	// command reads.
	keyChunk      = 5000
	documentChunk = 500
)

// Subjects implements journal.Store.
func (s *Store) Subjects(ctx context.Context) iter.Seq2[journal.Ending, error] {
	return journal.Endings(s.keys(ctx), func(seqs []uint64) ([]journal.Entry, error) {
		ids := make(bson.A, len(seqs))
		for i, seq := range seqs {
			ids[i] = int64(min(seq, math.MaxInt64))
		}
		return s.readEntries(ctx, bson.D{{Key: "_id", Value: bson.D{{Key: "$in", Value: ids}}}}, bson.D{{Key: "_id", Value: 1}}, len(seqs))
	})
}

// keys returns those of all entries, by subject and version: the order of their index.
func (s *Store) keys(ctx context.Context) iter.Seq2[journal.Key, error] {
	return func(yield func(journal.Key, error) bool) {
		// The rest of the subject at which the last page was cut, then those behind it: each
		// is a range of the index.
		var last journal.Key
		var rest bool
		for {
			filter := bson.D{{Key: "subject", Value: bson.D{{Key: "$gt", Value: last.Subject}}}}
			if rest {
				filter = bson.D{{Key: "subject", Value: last.Subject}, {Key: "version", Value: above(last.Version)}}
			}
			page, err := s.readKeys(ctx, filter)
			if err != nil {
				yield(last, err)
				return
			}
			for _, k := range page {
				if !yield(k, nil) {
					return
				}
				last = k
			}
			switch {
			case len(page) == keyChunk:
				rest = true
			case !rest:
				return
			default:
				rest = false
			}
		}
	}
}

func (s *Store) readKeys(ctx context.Context, filter bson.D) ([]journal.Key, error) {
	ctx, end := s.session(ctx)
	defer end()
	how := options.Find().SetSort(bson.D{{Key: "subject", Value: 1}, {Key: "version", Value: 1}}).SetLimit(keyChunk).
		SetProjection(bson.D{{Key: "subject", Value: 1}, {Key: "version", Value: 1}})
	cursor, err := s.entries.Find(ctx, filter, how)
	var records []entryRecord
	if err == nil {
		err = cursor.All(ctx, &records)
	}
	if err != nil {
		return nil, fmt.Errorf("mongo: read the subjects: %w", err)
	}
	keys := make([]journal.Key, len(records))
	for i := range records {
		keys[i] = journal.Key{Subject: records[i].Subject, Version: uint64(records[i].Version), Seq: uint64(records[i].Seq)}
	}
	return keys, nil
}

// between is the condition of an ID that is greater than one, and begins with a prefix,
// which ends in an ASCII character.
func between(from, prefix string) bson.D {
	to := []byte(prefix)
	to[len(to)-1]++
	return bson.D{{Key: "_id", Value: bson.D{{Key: "$gt", Value: from}, {Key: "$lt", Value: string(to)}}}}
}

// Clear implements journal.Store. It reads IDs alone.
func (s *Store) Clear(ctx context.Context, prefixes ...string) error {
	only := options.Find().SetProjection(bson.D{{Key: "_id", Value: 1}}).SetLimit(documentChunk)
	for _, prefix := range prefixes {
		for {
			records, err := s.find(ctx, between(prefix, prefix), only)
			if err != nil {
				return err
			}
			if len(records) == 0 {
				break
			}
			ids := make([]string, len(records))
			for i := range records {
				ids[i] = records[i].ID
			}
			if err := s.Delete(ctx, ids...); err != nil {
				return err
			}
		}
	}
	return nil
}
