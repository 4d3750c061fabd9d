package mongo

import (
	"context"
	"errors"
	"fmt"

	"go.mongodb.org/mongo-driver/v2/bson"
	driver "go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"procyon/journal"
	"procyon/store"
)

// duplicate is the code of a unique key that is taken. Servers differ in the text.
const duplicate = 11000

// Append implements journal.Store. The entries that it says are committed have
// their views. Where it fails before the views are written it returns 0, and the
// outcome is unknown.
//
// No unique key tells that the entry before the first is gone, as it is after a backup was
// restored meanwhile: so that one is read before the insert, and again before anything is
// acknowledged. What was inserted behind a gap is taken away again.
func (s *Store) Append(ctx context.Context, entries []journal.Entry, views []store.Document) (int, error) {
	if len(views) != len(entries) {
		return 0, fmt.Errorf("mongo: %d entries come with %d views; each needs its own", len(entries), len(views))
	}
	records := make([]entryRecord, len(entries))
	batch := bson.NewObjectID()
	for i := range entries {
		var err error
		if records[i], err = newEntryRecord(&entries[i], batch); err != nil {
			return 0, err
		}
		if entries[i].Seq != entries[0].Seq+uint64(i) {
			return 0, fmt.Errorf("mongo: entry %d does not continue entry %d", entries[i].Seq, entries[i-1].Seq)
		}
	}
	if len(entries) == 0 {
		return 0, nil
	}
	ctx, end := s.session(ctx)
	defer end()
	before := journal.Head{Seq: entries[0].Seq - 1, Hash: entries[0].Prev}
	if err := s.Holds(ctx, before); errors.Is(err, journal.ErrReplaced) {
		return 0, err
	} else if err != nil {
		return 0, fmt.Errorf("%w: %w", journal.ErrNotWritten, err)
	}
	n, err := s.insertEntries(ctx, records)
	if unknown(err) {
		return 0, err
	}
	if e := s.Holds(ctx, before); e != nil {
		if errors.Is(e, journal.ErrReplaced) {
			e = errors.Join(e, s.takeBack(ctx, batch, records))
		}
		return 0, e
	}
	if e := s.writeViews(ctx, views[:n]); e != nil {
		return 0, errors.Join(e, err)
	}
	return n, err
}

// takeBack removes the entries of a batch that nobody was told of.
func (s *Store) takeBack(ctx context.Context, batch bson.ObjectID, records []entryRecord) error {
	filter := bson.D{{Key: "_id", Value: bson.D{{Key: "$gte", Value: records[0].Seq}, {Key: "$lte", Value: records[len(records)-1].Seq}}}, {Key: "batch", Value: batch}}
	if _, err := s.entries.DeleteMany(ctx, filter); err != nil {
		return fmt.Errorf("mongo: take back entries from %d: %w", records[0].Seq, err)
	}
	return nil
}

// unknown reports whether an error leaves open what was committed.
func unknown(err error) bool {
	var taken *journal.TakenError
	return err != nil && !errors.Is(err, journal.ErrBehind) && !errors.As(err, &taken)
}

// insertEntries inserts in order up to the first that clashes, and says with what.
func (s *Store) insertEntries(ctx context.Context, records []entryRecord) (int, error) {
	n := 0
	for n < len(records) {
		_, err := s.entries.InsertMany(ctx, records[n:], options.InsertMany().SetOrdered(true))
		if err == nil {
			return len(records), nil
		}
		i, ok := firstDuplicate(err)
		if !ok {
			return 0, fmt.Errorf("mongo: write entries from %d: %w", records[n].Seq, err)
		}
		n += i
		ours, err := s.clash(ctx, n, &records[n])
		if err != nil {
			return n, err
		}
		if ours {
			n++ // an insert whose answer was lost; go on after it
		}
	}
	return n, nil
}

// firstDuplicate returns the index of the record whose key was taken, where
// that and nothing else stopped an ordered insert.
func firstDuplicate(err error) (int, bool) {
	var failure driver.BulkWriteException
	if !errors.As(err, &failure) || failure.WriteConcernError != nil || len(failure.WriteErrors) != 1 || failure.WriteErrors[0].Code != duplicate {
		return 0, false
	}
	return failure.WriteErrors[0].Index, true
}

// clash tells which key of a record was taken, or that the record itself is
// there. It reads what the primary has: what clashed may not be on a majority yet.
func (s *Store) clash(ctx context.Context, index int, record *entryRecord) (ours bool, err error) {
	var have struct {
		Batch bson.ObjectID `bson:"batch"`
	}
	projection := bson.D{{Key: "batch", Value: 1}}
	err = s.local.FindOne(ctx, bson.D{{Key: "_id", Value: record.Seq}}, options.FindOne().SetProjection(projection)).Decode(&have)
	switch {
	case err == nil && have.Batch == record.Batch:
		return true, nil
	case err == nil:
		return false, journal.ErrBehind
	case !errors.Is(err, driver.ErrNoDocuments):
		return false, fmt.Errorf("mongo: read entry %d: %w", record.Seq, err)
	}
	key := bson.D{{Key: "subject", Value: record.Subject}, {Key: "version", Value: record.Version}}
	err = s.local.FindOne(ctx, key, options.FindOne().SetProjection(projection)).Err()
	switch {
	case err == nil:
		return false, &journal.TakenError{Index: index, Subject: record.Subject, Version: uint64(record.Version)}
	case errors.Is(err, driver.ErrNoDocuments):
		// What clashed was undone by a failover.
		return false, fmt.Errorf("mongo: entry %d clashed with an entry that is gone; try again", record.Seq)
	default:
		return false, fmt.Errorf("mongo: read version %d of %s: %w", record.Version, record.Subject, err)
	}
}
