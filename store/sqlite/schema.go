package sqlite

import (
	"context"
	"database/sql"
)

// applicationID marks a file as ours in its header ("PRCN").
const applicationID = 0x5052434e

// What an entry is found by beside its columns. An index is used where a query repeats
// its expression. Of an entry of format 1 it is the ID that its actor has, of the others a
// hash of it. An entry whose actor is damaged has none: it does not get in the way of the
// migration, and verify names it.
const (
	entryActor = `iif(format = 1, ` + plainActor + `, actor_id)`
	entryBy    = `iif(format = 1, ` + plainBy + `, by_id)`
	entryKind  = `substr(subject, 1, instr(subject, '_') - 1)`

	// Before there were formats.
	plainActor = `iif(json_valid(actor), json_extract(actor, '$.id'), NULL)`
	plainBy    = `iif(json_valid(actor), json_extract(actor, '$.byId'), NULL)`
)

// migration is a step from one schema to the next.
type migration struct {
	script string
	about  string // what it does that may take long, for people; "" where it is done at once
	// then does what a script can't, after it and in the same transaction; nil: nothing.
	then func(ctx context.Context, conn *sql.Conn) error
}

// migrations returns the steps that lead from an empty file to the present
// schema; the file's user_version says how many it has taken. A step that was
// released is never changed: append another.
func migrations() []migration {
	return []migration{
		// 1: The terms of a document are kept in it as well, packed, so that
		// a change knows which rows of term to remove. A row of term holds a
		// hash of the term, to be short; List compares the term itself.
		{script: `CREATE TABLE entry (
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
		) STRICT, WITHOUT ROWID;`},
		// 2: The tables stay. Requests have a version of their terms, which an older
		// release would drop from what it writes: it must not open the file.
		{script: `SELECT 1;`},
		// 3 to 6: Entries are found by who did it, by type and by kind. The indexes are
		// SQLite's own, so they can't miss an entry that is in the table. Each is a step,
		// so that who is killed has lost one at most.
		{script: `CREATE INDEX entry_actor ON entry (` + plainActor + `);`, about: "entries are indexed by who did it"},
		{script: `CREATE INDEX entry_by ON entry (` + plainBy + `) WHERE ` + plainBy + ` IS NOT NULL;`, about: "entries are indexed by the services that acted for people"},
		{script: `CREATE INDEX entry_type ON entry (type, ` + entryKind + `);`, about: "entries are indexed by type"},
		{script: `CREATE INDEX entry_kind ON entry (` + entryKind + `);`, about: "entries are indexed by the kind of what changed"},
		// 7 to 9: Entries of format 2 have their actor, data and after-image in one body,
		// packed, and hashes of the IDs of their actor; the columns of format 1 are empty.
		// Those that are there already stay as they are.
		{script: `ALTER TABLE entry ADD COLUMN format INTEGER NOT NULL DEFAULT 1;
		ALTER TABLE entry ADD COLUMN actor_id INTEGER;
		ALTER TABLE entry ADD COLUMN by_id INTEGER;
		ALTER TABLE entry ADD COLUMN body BLOB;`},
		{script: `DROP INDEX entry_actor; CREATE INDEX entry_actor ON entry (` + entryActor + `);`, about: "entries are indexed by who did it"},
		{script: `DROP INDEX entry_by; CREATE INDEX entry_by ON entry (` + entryBy + `) WHERE ` + entryBy + ` IS NOT NULL;`, about: "entries are indexed by the services that acted for people"},
		// 10 and 11: Data and terms of a document are packed as one. Documents have numbers,
		// by which the rows of term name them: an ID is four times as long, and a document
		// has dozens of rows.
		{script: `ALTER TABLE document RENAME TO former_document;
		CREATE TABLE document (
			num     INTEGER PRIMARY KEY,
			id      TEXT NOT NULL UNIQUE,
			version INTEGER NOT NULL,
			sort    TEXT NOT NULL,
			body    BLOB NOT NULL -- packed
		) STRICT;`, about: "documents are packed", then: packDocuments},
		{script: `ALTER TABLE term RENAME TO former_term;
		CREATE TABLE term (
			term INTEGER NOT NULL,
			sort TEXT NOT NULL,
			num  INTEGER NOT NULL, -- of the document
			PRIMARY KEY (term, sort, num)
		) STRICT, WITHOUT ROWID;
		INSERT INTO term SELECT t.term, t.sort, d.num FROM former_term t CROSS JOIN document d ON d.id = t.id ORDER BY t.term, t.sort, t.id;
		DROP TABLE former_term;`, about: "the lists are made shorter"},
	}
}
