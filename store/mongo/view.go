package mongo

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"go.mongodb.org/mongo-driver/v2/bson"
	driver "go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"procyon/store"
)

// viewRounds bounds how often views are looked at again because others write
// them too. Each round that is not the last has lost against somebody's progress.
const viewRounds = 20

// updateChunk is how many documents one command updates at most. A slow server still answers
// it in time; and there is one that holds a connection of its own for each of its updates
// until all are done, and has a hundred: it never answers more.
const updateChunk = 50

// Repair implements journal.Store.
func (s *Store) Repair(ctx context.Context, views []store.Document) error {
	ctx, end := s.session(ctx)
	defer end()
	return s.writeViews(ctx, views)
}

// Reindex implements journal.Store. It lists in the order of the IDs and stops at
// the first failure; those before it stay listed.
func (s *Store) Reindex(ctx context.Context, views []store.Document) error {
	if len(views) == 0 {
		return nil
	}
	ctx, end := s.session(ctx)
	defer end()
	sorted := slices.Clone(views) // who writes many in one order cannot deadlock
	slices.SortStableFunc(sorted, func(a, b store.Document) int { return strings.Compare(a.ID, b.ID) })
	writes := make([]driver.WriteModel, len(sorted))
	for i := range sorted {
		r := newDocumentRecord(&sorted[i])
		writes[i] = driver.NewUpdateOneModel().
			SetFilter(bson.D{{Key: "_id", Value: r.ID}, {Key: "version", Value: r.Version}}).
			SetUpdate(bson.D{{Key: "$set", Value: bson.D{{Key: "sort", Value: r.Sort}, {Key: "terms", Value: r.Terms}}}})
	}
	for chunk := range slices.Chunk(writes, updateChunk) {
		if _, err := s.documents.BulkWrite(ctx, chunk, options.BulkWrite().SetOrdered(true)); err != nil {
			return fmt.Errorf("mongo: list views anew: %w", err)
		}
	}
	return nil
}

// writeViews stores the views that are newer than what is stored: first in the
// hope that those of version 1 are absent and the others older, then by looking.
func (s *Store) writeViews(ctx context.Context, views []store.Document) error {
	pending := newest(views)
	var absent, older []documentRecord
	for _, r := range pending {
		if r.Version == 1 {
			absent = append(absent, r)
		} else {
			older = append(older, r)
		}
	}
	for range viewRounds {
		inserted, err := s.insertViews(ctx, absent)
		if err != nil {
			return err
		}
		updated, err := s.updateViews(ctx, older)
		if err != nil {
			return err
		}
		if inserted && updated {
			return nil
		}
		if absent, older, err = s.compareViews(ctx, pending); err != nil {
			return err
		}
		if len(absent) == 0 && len(older) == 0 {
			return nil
		}
	}
	return fmt.Errorf("mongo: write %d views: still overtaken by others after %d rounds", len(pending), viewRounds)
}

// newest keeps, of several versions of one document, the newest. They are in
// the order of their IDs: who writes many in one order cannot deadlock.
func newest(docs []store.Document) []documentRecord {
	latest := make(map[string]*store.Document, len(docs))
	for i := range docs {
		if have := latest[docs[i].ID]; have == nil || have.Version < docs[i].Version {
			latest[docs[i].ID] = &docs[i]
		}
	}
	records := make([]documentRecord, 0, len(latest))
	for _, d := range latest {
		records = append(records, newDocumentRecord(d))
	}
	slices.SortFunc(records, func(a, b documentRecord) int { return strings.Compare(a.ID, b.ID) })
	return records
}

// insertViews inserts those that are absent, and reports whether all were.
func (s *Store) insertViews(ctx context.Context, records []documentRecord) (bool, error) {
	if len(records) == 0 {
		return true, nil
	}
	_, err := s.documents.InsertMany(ctx, records, options.InsertMany().SetOrdered(false))
	if err == nil {
		return true, nil
	}
	var failure driver.BulkWriteException
	if !errors.As(err, &failure) || failure.WriteConcernError != nil {
		return false, fmt.Errorf("mongo: insert views: %w", err)
	}
	for _, e := range failure.WriteErrors {
		if e.Code != duplicate {
			return false, fmt.Errorf("mongo: insert the view %s: %w", records[e.Index].ID, err)
		}
	}
	return false, nil
}

// updateViews replaces those of which something older is stored, and reports
// whether that was so for all.
func (s *Store) updateViews(ctx context.Context, records []documentRecord) (bool, error) {
	if len(records) == 0 {
		return true, nil
	}
	all := true
	for chunk := range slices.Chunk(records, updateChunk) {
		matched, err := s.replaceOlder(ctx, chunk)
		if err != nil {
			return false, err
		}
		all = all && matched
	}
	return all, nil
}

func (s *Store) replaceOlder(ctx context.Context, records []documentRecord) (all bool, err error) {
	writes := make([]driver.WriteModel, len(records))
	for i := range records {
		filter := bson.D{{Key: "_id", Value: records[i].ID}, {Key: "version", Value: bson.D{{Key: "$lt", Value: records[i].Version}}}}
		writes[i] = driver.NewReplaceOneModel().SetFilter(filter).SetReplacement(&records[i])
	}
	result, err := s.documents.BulkWrite(ctx, writes, options.BulkWrite().SetOrdered(false))
	if err != nil {
		return false, fmt.Errorf("mongo: replace views: %w", err)
	}
	return result.MatchedCount == int64(len(records)), nil
}

// compareViews looks which views are absent and of which something older is stored.
func (s *Store) compareViews(ctx context.Context, records []documentRecord) (absent, older []documentRecord, err error) {
	ids := make([]string, len(records))
	for i := range records {
		ids[i] = records[i].ID
	}
	projection := options.Find().SetProjection(bson.D{{Key: "version", Value: 1}})
	stored, err := s.find(ctx, withIDs(ids), projection)
	if err != nil {
		return nil, nil, err
	}
	versions := make(map[string]int64, len(stored))
	for i := range stored {
		versions[stored[i].ID] = stored[i].Version
	}
	for _, r := range records {
		switch version, ok := versions[r.ID]; {
		case !ok:
			absent = append(absent, r)
		case version < r.Version:
			older = append(older, r)
		}
	}
	return absent, older, nil
}
