package sqlite

import (
	"context"
	"database/sql"
	"fmt"
)

// applicationID marks a file as ours in its header ("PRCN").
const applicationID = 0x5052434e

// migrations returns the steps that lead from an empty file to the present
// schema; the file's user_version says how many it has taken. A step that was
// released is never changed: append another.
func migrations() []string {
	return []string{
		// 1: The terms of a document are kept in it as well, packed, so that
		// a change knows which rows of term to remove. A row of term holds a
		// hash of the term, to be short; List compares the term itself.
		`CREATE TABLE entry (
			seq     INTEGER PRIMARY KEY,
			at      INTEGER NOT NULL, -- microseconds since 1970
			actor   TEXT NOT NULL,    -- JSON
			subject TEXT NOT NULL,
			version INTEGER NOT NULL,
			type    TEXT NOT NULL,
			data    BLOB NOT NULL,
			after   BLOB NOT NULL,
			prev    BLOB NOT NULL,
			hash    BLOB NOT NULL,
			UNIQUE (subject, version)
		) STRICT;
		CREATE TABLE document (
			id      TEXT PRIMARY KEY,
			version INTEGER NOT NULL,
			sort    TEXT NOT NULL,
			terms   BLOB NOT NULL,
			data    BLOB NOT NULL
		) STRICT;
		CREATE TABLE term (
			term INTEGER NOT NULL,
			sort TEXT NOT NULL,
			id   TEXT NOT NULL,
			PRIMARY KEY (term, sort, id)
		) STRICT, WITHOUT ROWID;`,
		// 2: The tables stay. Requests have a version of their terms, which an older
		// release would drop from what it writes: it must not open the file.
		`SELECT 1;`,
	}
}

// migrate brings the file to the present schema, each step in a transaction of
// its own. It refuses a file that is not ours or that a newer release wrote.
func migrate(ctx context.Context, conn *sql.Conn, path string) error {
	steps := migrations()
	for {
		done, err := step(ctx, conn, path, steps)
		if err != nil || done {
			return err
		}
	}
}

// step takes one migration, and reports whether there was none left to take.
// It looks while it holds the write lock: two processes may start at once.
func step(ctx context.Context, conn *sql.Conn, path string, steps []string) (done bool, err error) {
	if _, err := conn.ExecContext(ctx, "BEGIN IMMEDIATE"); err != nil {
		return false, fmt.Errorf("sqlite: lock %s: %w", path, err)
	}
	defer func() {
		if err != nil || done {
			_, _ = conn.ExecContext(context.WithoutCancel(ctx), "ROLLBACK")
		}
	}()
	var version, app, tables int
	row := conn.QueryRowContext(ctx, `SELECT
		(SELECT user_version FROM pragma_user_version),
		(SELECT application_id FROM pragma_application_id),
		(SELECT count(*) FROM sqlite_schema)`)
	if err := row.Scan(&version, &app, &tables); err != nil {
		return false, fmt.Errorf("sqlite: read the schema version of %s: %w", path, err)
	}
	switch {
	case app != applicationID && (version != 0 || tables != 0):
		return false, fmt.Errorf("sqlite: %s is a database of another program; choose another file", path)
	case version > len(steps):
		return false, fmt.Errorf("sqlite: %s has schema version %d and this release knows up to %d; run the newer release that wrote it", path, version, len(steps))
	case version == len(steps):
		return true, nil
	}
	script := fmt.Sprintf("%s\nPRAGMA application_id = %d; PRAGMA user_version = %d; COMMIT", steps[version], applicationID, version+1)
	if _, err := conn.ExecContext(ctx, script); err != nil {
		return false, fmt.Errorf("sqlite: migrate %s to schema version %d: %w", path, version+1, err)
	}
	return false, nil
}
