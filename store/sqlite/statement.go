package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
)

// statements are those of the writer, prepared once on its connection. They are
// to be closed before it: SQLite keeps a file open that a statement may use.
type statements struct {
	all []*sql.Stmt

	begin, end, rollback     *sql.Stmt
	savepoint, release, undo *sql.Stmt

	head, insertEntry, reindexEntries, filed, file        *sql.Stmt
	state, insertDocument, updateDocument, deleteDocument *sql.Stmt
	insertTerm, deleteTerm                                *sql.Stmt
	clearDocuments, clearTerms                            *sql.Stmt
}

func (s *statements) prepare(ctx context.Context, conn *sql.Conn) error {
	for _, p := range []query{
		{&s.begin, `BEGIN IMMEDIATE`},
		{&s.end, `COMMIT`},
		{&s.rollback, `ROLLBACK`},
		{&s.savepoint, `SAVEPOINT job`},
		{&s.release, `RELEASE job`},
		{&s.undo, `ROLLBACK TO job`},
		{&s.head, `SELECT seq, hash FROM entry ORDER BY seq DESC LIMIT 1`},
		{&s.insertEntry, `INSERT INTO entry (format, seq, at, actor, subject, version, type, data, after, prev, hash, actor_id, by_id, body)
			VALUES (?, ?, ?, '', ?, ?, ?, x'', x'', ?, ?, ?, ?, ?)`},
		{&s.reindexEntries, `REINDEX entry`},
		{&s.filed, filedEntries},
		{&s.file, `UPDATE entry SET actor_id = ?, by_id = ? WHERE seq = ?`},
		{&s.state, `SELECT num, version, sort, body FROM document WHERE id = ?`},
		{&s.insertDocument, `INSERT INTO document (version, sort, body, id) VALUES (?, ?, ?, ?)`},
		{&s.updateDocument, `UPDATE document SET version = ?, sort = ?, body = ? WHERE num = ?`},
		{&s.deleteDocument, `DELETE FROM document WHERE num = ?`},
		// A row that is there already is one of a document that somebody lost: a
		// rebuild of the views brings it back.
		{&s.insertTerm, `INSERT INTO term (term, sort, num) VALUES (?, ?, ?) ON CONFLICT DO NOTHING`},
		{&s.deleteTerm, `DELETE FROM term WHERE term = ? AND sort = ? AND num = ?`},
		{&s.clearDocuments, `DELETE FROM document WHERE num IN (SELECT num FROM document WHERE id > ? AND id < ? ORDER BY id LIMIT ?)`},
		{&s.clearTerms, `DELETE FROM term`},
	} {
		var err error
		if *p.to, err = conn.PrepareContext(ctx, p.text); err != nil { //nolint:sqlclosecheck // kept, and closed with its connection
			return errors.Join(fmt.Errorf("%q: %w", p.text, err), s.closeAll())
		}
		s.all = append(s.all, *p.to)
	}
	return nil
}

func (s *statements) closeAll() error {
	var err error
	for _, each := range s.all {
		err = errors.Join(err, each.Close())
	}
	return err
}
