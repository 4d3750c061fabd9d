package ferrettest_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"
	driver "go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"procyon/access"
	"procyon/internal/subject"
	"procyon/journal"
	"procyon/store"
	"procyon/store/mongo"
	"procyon/store/mongo/ferrettest"
	"procyon/store/storetest"
)

// few are the entries of a new database, which it opens with the driver as well.
func few(t *testing.T, n int) (uri string, db *driver.Database, entries []journal.Entry) {
	t.Helper()
	server, err := ferrettest.Start("127.0.0.1:0", t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Stop)
	uri = server.URI() + "upgrade"
	var head journal.Head
	var views []store.Document
	for i := range n {
		e := journal.Entry{
			Seq: head.Seq + 1, Subject: fmt.Sprint("req_", i), Version: 1, Type: "CREATED", Data: []byte("{}"), After: []byte("{}"),
			Actor: access.Actor{Kind: access.ActorUser, ID: fmt.Sprint("usr_", i%3), ByID: "svc_1"},
		}
		if err := e.Seal(head.Hash); err != nil {
			t.Fatal(err)
		}
		head = journal.Head{Seq: e.Seq, Hash: e.Hash, At: e.At}
		view, err := subject.Kinds().View(e.Subject, 1, e.After)
		if err != nil {
			t.Fatal(err)
		}
		entries, views = append(entries, e), append(views, view)
	}
	if _, err := open(t, uri).Append(t.Context(), entries, views); err != nil {
		t.Fatal(err)
	}
	client, err := driver.Connect(options.Client().ApplyURI(server.URI()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := client.Disconnect(context.WithoutCancel(t.Context())); err != nil {
			t.Error(err)
		}
	})
	return uri, client.Database("upgrade"), entries
}

// What is wrong with the entries is found on MongoDB, too.
func TestVerifyFindsWhatIsWrongWithEntries(t *testing.T) {
	uri, db, entries := few(t, 9)
	for name, fault := range map[string]struct {
		plant func(*driver.Collection) error
		want  string
	}{
		"altered": {func(c *driver.Collection) error {
			_, err := c.UpdateOne(t.Context(), bson.D{{Key: "_id", Value: int64(4)}}, bson.D{{Key: "$set", Value: bson.D{{Key: "type", Value: "DENIED"}}}})
			return err
		}, "entry 4 was altered"},
		"removed": {func(c *driver.Collection) error {
			_, err := c.DeleteOne(t.Context(), bson.D{{Key: "_id", Value: int64(4)}})
			return err
		}, "entry 5 follows entry 3"},
		"cut off": {func(c *driver.Collection) error {
			_, err := c.DeleteMany(t.Context(), bson.D{{Key: "_id", Value: bson.D{{Key: "$gt", Value: int64(8)}}}})
			return err
		}, "req_8 is a view of version 1, and no entry says how it came"},
	} {
		all := db.Collection("entry")
		if err := fault.plant(all); err != nil {
			t.Fatal(err)
		}
		if _, err := journal.Verify(t.Context(), open(t, uri), journal.Proof{Kinds: subject.Kinds()}); err == nil || !strings.Contains(err.Error(), fault.want) {
			t.Errorf("%s: %v", name, err)
		}
		if _, err := all.DeleteMany(t.Context(), bson.D{}); err != nil {
			t.Fatal(err)
		}
		restore(t, uri, entries)
	}
}

// restore writes entries, whose views are there already.
func restore(t *testing.T, uri string, entries []journal.Entry) {
	t.Helper()
	views := make([]store.Document, len(entries))
	for i, e := range entries {
		var err error
		if views[i], err = subject.Kinds().View(e.Subject, e.Version, e.After); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := open(t, uri).Append(t.Context(), entries, views); err != nil {
		t.Fatal(err)
	}
}

// forget takes the traits off the entries after a number.
func forget(t *testing.T, db *driver.Database, after int) {
	t.Helper()
	filter := bson.D{{Key: "_id", Value: bson.D{{Key: "$gt", Value: int64(after)}}}}
	if _, err := db.Collection("entry").UpdateMany(t.Context(), filter, bson.D{{Key: "$unset", Value: bson.D{{Key: "traits", Value: ""}}}}); err != nil {
		t.Fatal(err)
	}
}

// schema sets what the database says of itself.
func schema(t *testing.T, db *driver.Database, record bson.D) {
	t.Helper()
	c := db.Collection("schema")
	if _, err := c.DeleteOne(t.Context(), bson.D{{Key: "_id", Value: "procyon"}}); err != nil {
		t.Fatal(err)
	}
	if _, err := c.InsertOne(t.Context(), append(bson.D{{Key: "_id", Value: "procyon"}}, record...)); err != nil {
		t.Fatal(err)
	}
}

// Entries of an older release are found once the store was opened, also where that was cut
// short before; from then on they are not looked at again.
func TestUpgrade(t *testing.T) {
	uri, db, entries := few(t, 60)
	for name, c := range map[string]struct {
		schema bson.D
		forget int
	}{
		"of an older release": {bson.D{{Key: "version", Value: int64(2)}}, 0},
		"cut short":           {bson.D{{Key: "version", Value: int64(3)}, {Key: "traits", Value: int64(20)}}, 20},
		"cut short at once":   {bson.D{{Key: "version", Value: int64(3)}, {Key: "traits", Value: int64(0)}}, 0},
	} {
		forget(t, db, c.forget)
		schema(t, db, c.schema)
		s := open(t, uri)
		if err := storetest.CheckIndex(t.Context(), s); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		got, err := s.Find(t.Context(), journal.EntryQuery{Trait: journal.Trait{Actor: "usr_1"}, Limit: 100})
		if err != nil || len(got) != len(entries)/3 || !slices.IsSortedFunc(got, func(a, b journal.Entry) int { return int(a.Seq) - int(b.Seq) }) {
			t.Errorf("%s: %d entries are found, %v", name, len(got), err)
		}
	}
	forget(t, db, 50)
	s := open(t, uri) // which is up to date, so it does not look
	if err := storetest.CheckIndex(t.Context(), s); err == nil || !strings.Contains(err.Error(), "entry 51") {
		t.Errorf("entries without traits: %v", err)
	}
	if _, err := journal.Verify(t.Context(), s, journal.Proof{Kinds: subject.Kinds()}); err == nil || !strings.Contains(err.Error(), "rebuild") {
		t.Errorf("Verify: %v", err)
	}
	if err := s.RebuildIndex(t.Context()); err != nil {
		t.Fatal(err)
	}
	if report, err := journal.Verify(t.Context(), s, journal.Proof{Kinds: subject.Kinds()}); err != nil || report.Entries != 60 {
		t.Errorf("after a rebuild: %+v, %v", report, err)
	}
	schema(t, db, bson.D{{Key: "version", Value: int64(5)}})
	if _, err := mongo.Open(t.Context(), uri); err == nil || !strings.Contains(err.Error(), "newer release") {
		t.Errorf("a newer release's: %v", err)
	}
}
