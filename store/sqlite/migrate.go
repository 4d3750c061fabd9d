package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

const (
	// migrationWait is how long a process waits for another one that migrates.
	migrationWait = 30 * time.Minute
	// manyEntries is how many entries a journal has, at least, where a migration says
	// that it takes long: some seconds.
	manyEntries = 100_000
)

// migrate brings the file to the present schema, each step in a transaction of
// its own: who is killed goes on with the step that was lost. It refuses a file that is
// not ours or that a newer release wrote. note hears of steps that take long.
func migrate(ctx context.Context, conn *sql.Conn, path string, note func(string)) error {
	steps := migrations()
	var version int
	if err := conn.QueryRowContext(ctx, "PRAGMA user_version").Scan(&version); err != nil {
		return fmt.Errorf("sqlite: read the schema version of %s: %w", path, err)
	}
	// Both can't be changed within a transaction; to go back to MEMORY at the end forgets
	// what was kept, so that RebuildIndex can change them.
	if err := sortIn(ctx, conn, "FILE"); err != nil {
		return err
	}
	if version > 0 && version < len(steps) { // what is stored is sorted anew
		if err := spill(ctx, conn, path); err != nil {
			return err
		}
	}
	for {
		done, err := step(ctx, conn, path, steps, note)
		if err != nil {
			return err
		}
		if done {
			return sortIn(ctx, conn, "MEMORY")
		}
	}
}

// sortIn says where a connection keeps what it needs for a while, such as what undoes a
// savepoint: FILE or MEMORY.
func sortIn(ctx context.Context, conn *sql.Conn, where string) error {
	if _, err := conn.ExecContext(ctx, "PRAGMA temp_store = "+where); err != nil {
		return fmt.Errorf("sqlite: keep what is for a while in %s: %w", where, err)
	}
	return nil
}

// step takes one migration, and reports whether there was none left to take.
// It looks while it holds the write lock: two processes may start at once.
func step(ctx context.Context, conn *sql.Conn, path string, steps []migration, note func(string)) (done bool, err error) {
	if err := lock(ctx, conn, path, len(steps)); err != nil {
		return false, err
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
	next := steps[version]
	if next.about != "" {
		var entries int
		if err := conn.QueryRowContext(ctx, `SELECT coalesce(max(seq), 0) FROM entry`).Scan(&entries); err != nil {
			return false, fmt.Errorf("sqlite: read the head of %s: %w", path, err)
		}
		if entries >= manyEntries {
			note(fmt.Sprintf("The store, of %d entries, is brought up to date: %s (step %d of %d).", entries, next.about, version+1, len(steps)))
		}
	}
	if err := take(ctx, conn, next, version+1); err != nil {
		return false, fmt.Errorf("sqlite: migrate %s to schema version %d: %w", path, version+1, err)
	}
	return false, nil
}

// take takes a step and commits it.
func take(ctx context.Context, conn *sql.Conn, m migration, version int) error {
	if _, err := conn.ExecContext(ctx, m.script); err != nil {
		return err
	}
	if m.then != nil {
		if err := m.then(ctx, conn); err != nil {
			return err
		}
	}
	_, err := conn.ExecContext(ctx, fmt.Sprintf("PRAGMA application_id = %d; PRAGMA user_version = %d; COMMIT", applicationID, version))
	return err
}

// lock begins a transaction that writes. Where somebody else holds the lock for longer
// than a write does, and the file is of an older schema, they migrate it: that is
// waited for.
func lock(ctx context.Context, conn *sql.Conn, path string, latest int) error {
	for began := time.Now(); ; {
		_, err := conn.ExecContext(ctx, "BEGIN IMMEDIATE")
		if err == nil {
			return nil
		}
		err = fmt.Errorf("sqlite: lock %s: %w", path, err)
		var failure *sqlite.Error
		if !errors.As(err, &failure) || failure.Code()&0xff != sqlite3.SQLITE_BUSY || time.Since(began) > migrationWait {
			return err
		}
		var version int
		if failed := conn.QueryRowContext(ctx, "PRAGMA user_version").Scan(&version); failed != nil || version >= latest {
			return errors.Join(err, failed)
		}
	}
}

// spill lets what is sorted for indexes of many entries go to the file's own folder: not
// to memory, and not to the system's folder for such things, which may be in memory or
// absent. SQLite knows one such folder in a process, and stays with this one; nothing
// else of ours goes there.
func spill(ctx context.Context, conn *sql.Conn, path string) error {
	folder, err := filepath.Abs(filepath.Dir(path))
	if err == nil {
		_, err = conn.ExecContext(ctx, "PRAGMA temp_store_directory = '"+strings.ReplaceAll(folder, "'", "''")+"'")
	}
	if err != nil {
		return fmt.Errorf("sqlite: sort in the folder of %s: %w", path, err)
	}
	return nil
}
