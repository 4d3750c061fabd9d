package main

import (
	"database/sql"
	"errors"
	"path/filepath"
	"testing"

	"procyon/store/sqlite"
)

// The rows replace what the binary wrote that made the file.
func TestCrowdMoves(t *testing.T) {
	folder := t.TempDir()
	c, err := newCrowd(t.Context(), filepath.Join(folder, "crowd"), 1, 2)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(folder, "made", "procyon.db")
	made, err := sqlite.Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	if err := made.Close(); err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for range 2 { // what is there already goes
		if err := c.copyRows(t.Context(), db); err != nil {
			t.Fatal(err)
		}
	}
	var entries, documents int
	err = errors.Join(
		db.QueryRowContext(t.Context(), "SELECT count(*) FROM entry").Scan(&entries),
		db.QueryRowContext(t.Context(), "SELECT count(*) FROM document WHERE id LIKE 'usr_%' OR id LIKE 'tok_%'").Scan(&documents),
	)
	if err != nil || entries != 6 || documents != 6 {
		t.Errorf("%d entries, %d people and tokens, %v", entries, documents, err)
	}
	if len(c.admins) != 1 || len(c.members) != 2 || c.admins[0] == "" || c.members[1] == "" {
		t.Error("tokens are missing")
	}
}
