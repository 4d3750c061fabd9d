package ferrettest_test

import (
	"testing"

	"procyon/journal"
	"procyon/store/mongo/ferrettest"
	"procyon/store/storetest"
)

// What an earlier release wrote is read and continued.
func TestFixture(t *testing.T) {
	storetest.RunFixture(t, "ferretdb", func(t *testing.T, f storetest.Fixture) journal.Store {
		server, err := ferrettest.Start("127.0.0.1:0", f.FerretDB(t))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(server.Stop)
		return open(t, server.URI()+"procyon")
	})
}
