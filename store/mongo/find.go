package mongo

import (
	"context"
	"fmt"
	"math"
	"slices"

	"go.mongodb.org/mongo-driver/v2/bson"
	driver "go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"procyon/access"
	"procyon/journal"
)

// traitChunk is how many entries one command reads the traits of at most.
const traitChunk = 500

// Find implements journal.Store.
func (s *Store) Find(ctx context.Context, q journal.EntryQuery) ([]journal.Entry, error) {
	seq := above(q.After)
	if q.Before > 0 {
		seq = append(seq, bson.E{Key: "$lt", Value: int64(min(q.Before, math.MaxInt64))})
	}
	direction := 1
	if q.Desc {
		direction = -1
	}
	order := bson.D{{Key: "_id", Value: direction}}
	var has bson.E
	switch t := q.Trait; {
	case t.Actor != "":
		has = bson.E{Key: "traits", Value: traitActor(t.Actor)}
	case t.Subject != "": // whose versions are in the order of the numbers
		has, order = bson.E{Key: "subject", Value: t.Subject}, bson.D{{Key: "version", Value: direction}}
	case t.Type != "":
		has = bson.E{Key: "traits", Value: traitType(t.Kind, t.Type)}
	default:
		has = bson.E{Key: "traits", Value: traitKind(t.Kind)}
	}
	return s.readEntries(ctx, bson.D{has, {Key: "_id", Value: seq}}, order, q.Limit)
}

// RebuildIndex implements journal.Store.
func (s *Store) RebuildIndex(ctx context.Context) error {
	return s.writeTraits(ctx, 0, func(int64) error { return nil })
}

// wantTraits are the traits that a record should have.
func (r *entryRecord) wantTraits() []string {
	e, err := r.content()
	if err != nil {
		e.Actor = access.Actor{} // who verifies the journal hears of it
	}
	return traitsOf(e.Actor, r.Subject, r.Type)
}

// writeTraits gives the entries after a number the traits that they lack. done hears of
// each number up to which they have them.
func (s *Store) writeTraits(ctx context.Context, after int64, done func(int64) error) error {
	return s.eachTraits(ctx, after, func(records []entryRecord) error {
		var writes []driver.WriteModel
		for i := range records {
			r := &records[i]
			if want := r.wantTraits(); !slices.Equal(r.Traits, want) {
				writes = append(writes, driver.NewUpdateOneModel().
					SetFilter(bson.D{{Key: "_id", Value: r.Seq}}).
					SetUpdate(bson.D{{Key: "$set", Value: bson.D{{Key: "traits", Value: want}}}}))
			}
		}
		for chunk := range slices.Chunk(writes, updateChunk) {
			if _, err := s.entries.BulkWrite(ctx, chunk, options.BulkWrite().SetOrdered(false)); err != nil {
				return fmt.Errorf("mongo: write what the entries from %d are found by: %w", records[0].Seq, err)
			}
		}
		return done(records[len(records)-1].Seq)
	})
}

// eachTraits reads, of the entries after a number, what their traits follow from, some at
// a time.
func (s *Store) eachTraits(ctx context.Context, after int64, each func([]entryRecord) error) error {
	how := options.Find().SetSort(bson.D{{Key: "_id", Value: 1}}).SetLimit(traitChunk).
		SetProjection(bson.D{{Key: "format", Value: 1}, {Key: "at", Value: 1}, {Key: "actor", Value: 1}, {Key: "body", Value: 1}, {Key: "subject", Value: 1}, {Key: "type", Value: 1}, {Key: "traits", Value: 1}})
	for {
		cursor, err := s.entries.Find(ctx, bson.D{{Key: "_id", Value: above(uint64(after))}}, how)
		var records []entryRecord
		if err == nil {
			err = cursor.All(ctx, &records)
		}
		if err != nil {
			return fmt.Errorf("mongo: read what the entries after %d are found by: %w", after, err)
		}
		if len(records) == 0 {
			return nil
		}
		if err := each(records); err != nil {
			return err
		}
		after = records[len(records)-1].Seq
	}
}
