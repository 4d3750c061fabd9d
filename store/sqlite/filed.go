package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"procyon/journal"
)

// filedChunk is how many entries are compared with what they are found by at once.
const filedChunk = 500

// filedEntries reads what the actors of entries of format 2 are found by, with what that
// follows from.
const filedEntries = `SELECT format, seq, at, subject, body, actor_id, by_id FROM entry WHERE format <> 1 AND seq > ? ORDER BY seq LIMIT ?`

// filedBy is what the row of an entry has of its actor: hashes of the IDs of who did it, and
// of the service that acted for them.
type filedBy struct{ actor, by sql.NullInt64 }

func fileBy(e *journal.Entry) filedBy { return filedBy{hashID(e.Actor.ID), hashID(e.Actor.ByID)} }

// hashID is short, for each entry has it twice. Nobody chooses IDs, so hardly any two share
// a hash; Find tells them apart.
func hashID(id string) sql.NullInt64 {
	if id == "" {
		return sql.NullInt64{}
	}
	return sql.NullInt64{Int64: hashTerm(id) >> 32, Valid: true}
}

// filed is an entry with what it is found by and should be.
type filed struct {
	seq        int64
	have, want filedBy
}

// eachFiled goes through the entries of format 2, but for those that are damaged: who
// verifies the journal hears of them.
func eachFiled(ctx context.Context, statement *sql.Stmt, each func(filed) error) error {
	for after := int64(0); ; {
		chunk, last, err := readFiled(ctx, statement, after)
		if err != nil {
			return fmt.Errorf("sqlite: read what the entries after %d are found by: %w", after, err)
		}
		if last == 0 {
			return nil
		}
		for _, f := range chunk {
			if err := each(f); err != nil {
				return err
			}
		}
		after = last
	}
}

// readFiled returns some entries, and the number of the last one; 0: there are none.
func readFiled(ctx context.Context, statement *sql.Stmt, after int64) (chunk []filed, last int64, err error) {
	rows, err := statement.QueryContext(ctx, after, filedChunk)
	if err != nil {
		return nil, 0, err
	}
	defer rows.Close()
	for rows.Next() {
		var e journal.Entry
		var at int64
		var body sql.RawBytes
		f := filed{}
		if err := rows.Scan(&e.Format, &last, &at, &e.Subject, &body, &f.have.actor, &f.have.by); err != nil {
			return nil, 0, err
		}
		e.Seq, e.At = uint64(last), time.UnixMicro(at)
		if e.SetBody(body) == nil {
			f.seq, f.want = last, fileBy(&e)
			chunk = append(chunk, f)
		}
	}
	return chunk, last, rows.Err()
}
