package mongo

import (
	"context"
	"fmt"
	"slices"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"procyon/store"
)

// Put implements journal.Store. It stores in order and stops at the first
// failure; those before it stay stored.
func (s *Store) Put(ctx context.Context, docs ...store.Document) error {
	for i := range docs {
		if docs[i].ID == "" || docs[i].Version == 0 {
			return fmt.Errorf("mongo: document %q of version %d: it needs an ID, and versions start at 1", docs[i].ID, docs[i].Version)
		}
	}
	ctx, end := s.session(ctx)
	defer end()
	for len(docs) > 0 {
		fresh := slices.IndexFunc(docs, func(d store.Document) bool { return d.Version != 1 })
		if fresh < 0 {
			fresh = len(docs)
		}
		if err := s.insert(ctx, docs[:fresh]); err != nil {
			return err
		}
		docs = docs[fresh:]
		if len(docs) > 0 {
			if err := s.replace(ctx, &docs[0]); err != nil {
				return err
			}
			docs = docs[1:]
		}
	}
	return nil
}

// insert stores documents that must be absent.
func (s *Store) insert(ctx context.Context, docs []store.Document) error {
	if len(docs) == 0 {
		return nil
	}
	records := make([]documentRecord, len(docs))
	for i := range docs {
		records[i] = newDocumentRecord(&docs[i])
	}
	_, err := s.documents.InsertMany(ctx, records, options.InsertMany().SetOrdered(true))
	if err == nil {
		return nil
	}
	if _, ok := firstDuplicate(err); ok {
		return store.ErrVersion
	}
	return fmt.Errorf("mongo: insert %s: %w", docs[0].ID, err)
}

// replace stores a document over its version before.
func (s *Store) replace(ctx context.Context, d *store.Document) error {
	filter := bson.D{{Key: "_id", Value: d.ID}, {Key: "version", Value: int64(d.Version - 1)}}
	result, err := s.documents.ReplaceOne(ctx, filter, newDocumentRecord(d))
	if err != nil {
		return fmt.Errorf("mongo: replace %s: %w", d.ID, err)
	}
	if result.MatchedCount != 1 {
		return store.ErrVersion
	}
	return nil
}

// Delete implements journal.Store.
func (s *Store) Delete(ctx context.Context, ids ...string) error {
	if len(ids) == 0 {
		return nil
	}
	ctx, end := s.session(ctx)
	defer end()
	_, err := s.documents.DeleteMany(ctx, withIDs(ids))
	if err != nil {
		return fmt.Errorf("mongo: delete %d documents: %w", len(ids), err)
	}
	return nil
}

// Remove implements journal.Store.
func (s *Store) Remove(ctx context.Context, docs ...store.Document) error {
	for i := range docs {
		filter := bson.D{{Key: "_id", Value: docs[i].ID}, {Key: "version", Value: int64(docs[i].Version)}}
		if _, err := s.documents.DeleteOne(ctx, filter); err != nil {
			return fmt.Errorf("mongo: remove %s: %w", docs[i].ID, err)
		}
	}
	return nil
}

// Get implements journal.Store.
func (s *Store) Get(ctx context.Context, ids ...string) ([]store.Document, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	return s.findDocuments(ctx, withIDs(ids), options.Find())
}

// withIDs is the condition of having one of some IDs. Of one it is an equation: there are
// servers that look through all documents for a list.
func withIDs(ids []string) bson.D {
	if len(ids) == 1 {
		return bson.D{{Key: "_id", Value: ids[0]}}
	}
	return bson.D{{Key: "_id", Value: bson.D{{Key: "$in", Value: ids}}}}
}

// List implements journal.Store.
func (s *Store) List(ctx context.Context, q store.Query) ([]store.Document, error) {
	if q.Limit <= 0 {
		return nil, nil
	}
	order, past, from := 1, "$gt", "$gte"
	if q.Desc {
		order, past, from = -1, "$lt", "$lte"
	}
	filter := bson.D{{Key: "terms", Value: q.Term}}
	if q.After != nil {
		filter = append(filter,
			// The first condition bounds the scan of the index, the second is the position.
			bson.E{Key: "sort", Value: bson.D{{Key: from, Value: q.After.Sort}}},
			bson.E{Key: "$or", Value: bson.A{
				bson.D{{Key: "sort", Value: bson.D{{Key: past, Value: q.After.Sort}}}},
				bson.D{{Key: "_id", Value: bson.D{{Key: past, Value: q.After.ID}}}},
			}})
	}
	return s.findDocuments(ctx, filter, options.Find().
		SetSort(bson.D{{Key: "sort", Value: order}, {Key: "_id", Value: order}}).SetLimit(int64(q.Limit)))
}

var _ store.Counter = (*Store)(nil)

// Count implements store.Counter.
func (s *Store) Count(ctx context.Context, term, from, before string, most int) (int, error) {
	within := bson.D{{Key: "$gte", Value: from}}
	if before != "" {
		within = append(within, bson.E{Key: "$lt", Value: before})
	}
	ctx, end := s.session(ctx)
	defer end()
	n, err := s.documents.CountDocuments(ctx, bson.D{{Key: "terms", Value: term}, {Key: "sort", Value: within}}, options.Count().SetLimit(int64(most)))
	if err != nil {
		return 0, fmt.Errorf("mongo: count documents: %w", err)
	}
	return int(n), nil
}

func (s *Store) findDocuments(ctx context.Context, filter bson.D, how *options.FindOptionsBuilder) ([]store.Document, error) {
	records, err := s.find(ctx, filter, how)
	if err != nil {
		return nil, err
	}
	docs := make([]store.Document, len(records))
	for i := range records {
		docs[i] = records[i].document()
	}
	return docs, nil
}

func (s *Store) find(ctx context.Context, filter bson.D, how *options.FindOptionsBuilder) ([]documentRecord, error) {
	ctx, end := s.session(ctx)
	defer end()
	cursor, err := s.documents.Find(ctx, filter, how)
	if err != nil {
		return nil, fmt.Errorf("mongo: read documents: %w", err)
	}
	var records []documentRecord
	if err := cursor.All(ctx, &records); err != nil {
		return nil, fmt.Errorf("mongo: read documents: %w", err)
	}
	return records, nil
}
