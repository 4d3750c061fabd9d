package sqlite

import (
	"context"
	"database/sql"
)

// statements are those of the writer, prepared once on its connection. Closing
// the connection closes them.
type statements struct {
	begin, end, rollback     *sql.Stmt
	savepoint, release, undo *sql.Stmt

	head, insertEntry                                     *sql.Stmt
	state, insertDocument, updateDocument, deleteDocument *sql.Stmt
	insertTerm, deleteTerm                                *sql.Stmt
}

func (s *statements) prepare(ctx context.Context, conn *sql.Conn) error {
	for _, p := range []struct {
		to   **sql.Stmt
		text string
	}{
		{&s.begin, `BEGIN IMMEDIATE`},
		{&s.end, `COMMIT`},
		{&s.rollback, `ROLLBACK`},
		{&s.savepoint, `SAVEPOINT job`},
		{&s.release, `RELEASE job`},
		{&s.undo, `ROLLBACK TO job`},
		{&s.head, `SELECT coalesce(max(seq), 0) FROM entry`},
		{&s.insertEntry, `INSERT INTO entry (seq, at, actor, subject, version, type, data, after, prev, hash) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`},
		{&s.state, `SELECT version, sort, terms FROM document WHERE id = ?`},
		{&s.insertDocument, `INSERT INTO document (version, sort, terms, data, id) VALUES (?, ?, ?, ?, ?)`},
		{&s.updateDocument, `UPDATE document SET version = ?, sort = ?, terms = ?, data = ? WHERE id = ?`},
		{&s.deleteDocument, `DELETE FROM document WHERE id = ?`},
		{&s.insertTerm, `INSERT INTO term (term, sort, id) VALUES (?, ?, ?)`},
		{&s.deleteTerm, `DELETE FROM term WHERE term = ? AND sort = ? AND id = ?`},
	} {
		var err error
		if *p.to, err = conn.PrepareContext(ctx, p.text); err != nil { //nolint:sqlclosecheck // kept, and closed with its connection
			return err
		}
	}
	return nil
}
