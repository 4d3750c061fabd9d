package mongo_test

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"go.mongodb.org/mongo-driver/v2/bson"
	driver "go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"procyon/journal"
	"procyon/store/mongo"
	"procyon/store/storetest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// TestConformance runs the suite on the server that the environment names. The
// module in ferrettest runs it on a server that it brings along.
func TestConformance(t *testing.T) {
	server := os.Getenv("PROCYON_TEST_MONGODB_URI")
	if server == "" {
		t.Skip("PROCYON_TEST_MONGODB_URI is not set: name a MongoDB server to test against, like mongodb://127.0.0.1:27017/")
	}
	storetest.Run(t, func(t *testing.T) (a, b journal.Store) {
		uri := newDatabase(t, server)
		return open(t, uri), open(t, uri)
	}, storetest.Options{CompareAndSetRaces: true})
}

// newDatabase returns the URI of a database that is dropped after the test.
func newDatabase(t *testing.T, server string) string {
	t.Helper()
	u, err := url.Parse(server)
	if err != nil {
		t.Fatal("PROCYON_TEST_MONGODB_URI must be a URI with one host")
	}
	name := fmt.Sprintf("procyon_test_%d", time.Now().UnixNano())
	u.Path = "/" + name
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		client, err := driver.Connect(options.Client().ApplyURI(server))
		if err != nil {
			t.Fatal(err)
		}
		defer client.Disconnect(ctx)
		if err := client.Database(name).RunCommand(ctx, bson.D{{Key: "dropDatabase", Value: 1}}).Err(); err != nil {
			t.Error(err)
		}
	})
	return u.String()
}

func open(t *testing.T, uri string) *mongo.Store {
	t.Helper()
	s, err := mongo.Open(t.Context(), uri)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func TestOpenKeepsSecrets(t *testing.T) {
	for _, uri := range []string{
		"mongodb://admin:hunter2%zz@127.0.0.1/", "mongodb://admin:hunter2@:x/", "postgres://admin:hunter2@127.0.0.1/",
		"mongodb://admin:hunter2@127.0.0.1:1/?serverSelectionTimeoutMS=50&connectTimeoutMS=50",
	} {
		s, err := mongo.Open(t.Context(), uri)
		if err == nil {
			s.Close()
			t.Fatalf("Open of %q succeeded", uri)
		}
		if strings.Contains(err.Error(), "hunter2") {
			t.Errorf("the error tells the password: %v", err)
		}
	}
}
