package mongo

import (
	"context"
	"fmt"

	"go.mongodb.org/mongo-driver/v2/bson"
	driver "go.mongodb.org/mongo-driver/v2/mongo"
)

// schemaID is the ID of the one record of the schema's collection.
const schemaID = "procyon"

// schemaRecord is what a database says of itself.
type schemaRecord struct {
	Version int64 `bson:"version"`
	// Traits is the number of the entry up to which those that an older release wrote have
	// their traits; nil where all have them.
	Traits *int64 `bson:"traits"`
}

// checkSchema notes the version of the schema in a new database or in one of an older
// release, which then can't open it any more, and refuses one that a newer release wrote.
func checkSchema(ctx context.Context, schema *driver.Collection) error {
	_, err := schema.InsertOne(ctx, bson.D{{Key: "_id", Value: schemaID}, {Key: "version", Value: int64(schemaVersion)}})
	if err == nil {
		return nil
	}
	if !driver.IsDuplicateKeyError(err) {
		return fmt.Errorf("mongo: note the schema version: %w", err)
	}
	have, err := readSchema(ctx, schema)
	if err != nil {
		return err
	}
	if have.Version > schemaVersion {
		return fmt.Errorf("mongo: the database has schema version %d and this release knows up to %d; run the newer release that wrote it", have.Version, schemaVersion)
	}
	if have.Version == schemaVersion {
		return nil
	}
	change := bson.D{{Key: "version", Value: int64(schemaVersion)}}
	if have.Version < withTraits {
		change = append(change, bson.E{Key: "traits", Value: int64(0)})
	}
	older := bson.D{{Key: "_id", Value: schemaID}, {Key: "version", Value: have.Version}}
	if _, err := schema.UpdateOne(ctx, older, bson.D{{Key: "$set", Value: change}}); err != nil {
		return fmt.Errorf("mongo: note the schema version: %w", err)
	}
	return nil
}

func readSchema(ctx context.Context, schema *driver.Collection) (schemaRecord, error) {
	var have schemaRecord
	if err := schema.FindOne(ctx, bson.D{{Key: "_id", Value: schemaID}}).Decode(&have); err != nil {
		return have, fmt.Errorf("mongo: read the schema version: %w", err)
	}
	return have, nil
}

// fill gives the entries of an older release their traits, from where an earlier process
// stopped. Several may do so at once.
func (s *Store) fill(ctx context.Context, schema *driver.Collection, note func(string)) error {
	have, err := readSchema(ctx, schema)
	if err != nil || have.Traits == nil {
		return err
	}
	head, err := s.Head(ctx)
	if err != nil {
		return err
	}
	if head.Seq >= manyEntries {
		note(fmt.Sprintf("The store is brought up to date: of %d entries, those after %d are indexed by who did it, by kind and by type.", head.Seq, *have.Traits))
	}
	mark := func(traits any) error {
		change := bson.D{{Key: "$set", Value: bson.D{{Key: "traits", Value: traits}}}}
		if _, err := schema.UpdateOne(ctx, bson.D{{Key: "_id", Value: schemaID}}, change); err != nil {
			return fmt.Errorf("mongo: note how far the entries are indexed: %w", err)
		}
		return nil
	}
	if err := s.writeTraits(ctx, *have.Traits, func(seq int64) error { return mark(seq) }); err != nil {
		return err
	}
	return mark(nil)
}
