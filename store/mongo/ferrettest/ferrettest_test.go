package ferrettest_test

import (
	"fmt"
	"sync/atomic"
	"testing"

	"procyon/journal"
	"procyon/store/mongo"
	"procyon/store/mongo/ferrettest"
	"procyon/store/storetest"
)

func TestConformance(t *testing.T) {
	server, err := ferrettest.Start("127.0.0.1:0", t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Stop)
	var databases atomic.Int32
	storetest.Run(t, func(t *testing.T) (a, b journal.Store) {
		uri := fmt.Sprintf("%stest%d", server.URI(), databases.Add(1))
		return open(t, uri), open(t, uri)
	}, storetest.Options{})
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
