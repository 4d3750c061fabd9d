package mongo

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	driver "go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
	"go.mongodb.org/mongo-driver/v2/mongo/readconcern"
	"go.mongodb.org/mongo-driver/v2/mongo/readpref"
	"go.mongodb.org/mongo-driver/v2/mongo/writeconcern"
	"go.mongodb.org/mongo-driver/v2/x/mongo/driver/connstring"

	"procyon/journal"
)

const (
	// defaultDatabase is used where the URI names none.
	defaultDatabase = "procyon"
	// schemaVersion is that of the documents' shape. 2: requests have a version of their
	// terms, which an older release would drop from what it writes. 3: entries have traits.
	// 4: new entries are of format 2, and packed.
	schemaVersion = 4
	// withTraits is the schema version from which on all entries have traits.
	withTraits = 3
	// closeTimeout bounds how long Close waits for connections in use.
	closeTimeout = 10 * time.Second
	// selectTimeout bounds how long a call waits for a server that is not there.
	selectTimeout = 10 * time.Second
	// callTimeout bounds a call whose context has no deadline.
	callTimeout = 30 * time.Second
	// indexTimeout bounds how long an index of many entries is made.
	indexTimeout = time.Hour
	// manyEntries is how many entries a journal has, at least, where it takes long to bring
	// it up to date: some seconds.
	manyEntries = 100_000
)

// Store is a database of a server. It is safe for concurrent use. Close it when done.
type Store struct {
	client    *driver.Client
	entries   *driver.Collection
	documents *driver.Collection
	// local reads what the primary has, also before a majority has it.
	local *driver.Collection // of entries
	close func() error

	replicated bool                           // it is a replica set or a sharded cluster
	seen       atomic.Pointer[bson.Timestamp] // see session
}

var _ journal.Store = (*Store)(nil)

// Open connects to the server at a mongodb:// or mongodb+srv:// URI and makes
// the indexes that are absent. The database is the one that the URI's path
// names, or "procyon". Reads and writes go to the primary. The context bounds
// the opening only.
func Open(ctx context.Context, uri string) (*Store, error) {
	return OpenNoting(ctx, uri, func(string) {})
}

// OpenNoting is Open which says what takes long, in sentences for people, before it does
// that: where a store of an earlier release is brought up to date.
func OpenNoting(ctx context.Context, uri string, note func(string)) (*Store, error) {
	parsed, err := connstring.ParseAndValidate(uri)
	if err != nil {
		// The parser's error may hold parts of the URI, so of the password.
		return nil, errors.New("mongo: the URI is not valid: it must be like mongodb://user:password@host:27017/procyon, with special characters in it percent-encoded")
	}
	name := parsed.Database
	if name == "" {
		name = defaultDatabase
	}
	settings := options.Client().ApplyURI(uri).SetAppName("procyon")
	if parsed.ServerSelectionTimeout == 0 {
		settings.SetServerSelectionTimeout(selectTimeout)
	}
	if parsed.Timeout == 0 {
		settings.SetTimeout(callTimeout)
	}
	client, err := driver.Connect(settings)
	if err != nil {
		return nil, fmt.Errorf("mongo: connect: %w", err)
	}
	closing := sync.OnceValue(func() error {
		ctx, cancel := context.WithTimeout(context.Background(), closeTimeout)
		defer cancel()
		return client.Disconnect(ctx)
	})
	s := &Store{client: client, close: closing}
	if err := s.prepare(ctx, name, note); err != nil {
		return nil, errors.Join(err, closing())
	}
	return s, nil
}

// Close finishes what is under way and disconnects. It may be called more than once.
func (s *Store) Close() error { return s.close() }

// prepare asks the server what it is, and makes what is absent from the database.
func (s *Store) prepare(ctx context.Context, name string, note func(string)) error {
	concern, err := s.readConcern(ctx)
	if err != nil {
		return err
	}
	s.replicated = concern.Level == readconcern.Majority().Level
	durable := true
	db := s.client.Database(name, options.Database().
		SetReadPreference(readpref.Primary()).
		SetWriteConcern(&writeconcern.WriteConcern{W: writeconcern.WCMajority, Journal: &durable}))
	committed := options.Collection().SetReadConcern(concern)
	s.entries = db.Collection("entry", committed)
	s.documents = db.Collection("document", committed)
	s.local = db.Collection("entry")
	schema := db.Collection("schema")
	if err := checkSchema(ctx, schema); err != nil {
		return err
	}
	_, err = s.entries.Indexes().CreateOne(ctx, driver.IndexModel{
		Keys:    bson.D{{Key: "subject", Value: 1}, {Key: "version", Value: 1}},
		Options: options.Index().SetUnique(true),
	})
	if err != nil {
		return fmt.Errorf("mongo: index the entries: %w", err)
	}
	_, err = s.documents.Indexes().CreateOne(ctx, driver.IndexModel{
		Keys: bson.D{{Key: "terms", Value: 1}, {Key: "sort", Value: 1}, {Key: "_id", Value: 1}},
	})
	if err != nil {
		return fmt.Errorf("mongo: index the documents: %w", err)
	}
	if err := s.indexTraits(ctx); err != nil {
		return err
	}
	return s.fill(ctx, schema, note)
}

// indexTraits makes the index that Find goes by. That takes long where an older release
// has written many entries.
func (s *Store) indexTraits(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, indexTimeout)
	defer cancel()
	_, err := s.entries.Indexes().CreateOne(ctx, driver.IndexModel{
		Keys: bson.D{{Key: "traits", Value: 1}, {Key: "_id", Value: 1}},
	})
	if err != nil {
		return fmt.Errorf("mongo: index the traits of the entries: %w", err)
	}
	return nil
}

// readConcern is majority on a replica set and a sharded cluster: what was read
// is then not undone by a failover. A lone server has nothing of the kind.
func (s *Store) readConcern(ctx context.Context) (*readconcern.ReadConcern, error) {
	var hello struct {
		SetName string `bson:"setName"`
		Msg     string `bson:"msg"`
	}
	err := s.client.Database("admin").RunCommand(ctx, bson.D{{Key: "hello", Value: 1}}).Decode(&hello)
	if err != nil {
		return nil, fmt.Errorf("mongo: ask the server what it is: %w", err)
	}
	if hello.SetName != "" || hello.Msg == "isdbgrid" {
		return readconcern.Majority(), nil
	}
	return readconcern.Local(), nil
}
