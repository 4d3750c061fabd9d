package main

import (
	"path/filepath"
	"testing"

	"procyon/access"
	"procyon/internal/subject"
	"procyon/journal"
	"procyon/store/sqlite"
)

// Each of the crowd has a token, and all of it is in one file that can be copied.
func TestCrowdMoves(t *testing.T) {
	folder := t.TempDir()
	c, err := newCrowd(t.Context(), filepath.Join(folder, "crowd"), 1, 2)
	if err != nil {
		t.Fatal(err)
	}
	if len(c.admins) != 1 || len(c.members) != 2 || c.admins[0] == "" || c.members[1] == "" {
		t.Error("tokens are missing")
	}
	path := filepath.Join(folder, "procyon.db")
	if err := copyFile(c.store, path); err != nil {
		t.Fatal(err)
	}
	db, err := sqlite.Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := journal.Verify(t.Context(), db, journal.Proof{Kinds: subject.Kinds()}); err != nil {
		t.Error(err)
	}
	in, err := db.Inspect(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	found := map[access.Kind]int{}
	if err := in.IDs(t.Context(), func(id string) error {
		found[access.KindOf(id)]++
		return nil
	}); err != nil || found["usr"] != 3 || found["tok"] != 3 {
		t.Errorf("there are %v documents, %v", found, err)
	}
}
