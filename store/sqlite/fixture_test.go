package sqlite_test

import (
	"testing"

	"procyon/journal"
	"procyon/store/storetest"
)

// What an earlier release wrote is read and continued.
func TestFixture(t *testing.T) {
	t.Parallel()
	storetest.RunFixture(t, "sqlite", func(t *testing.T, f storetest.Fixture) journal.Store {
		return open(t, f.SQLite(t))
	})
}
