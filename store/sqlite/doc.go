// Package sqlite keeps the journal and the documents in one SQLite file, with
// no C code. It implements journal.Store.
//
// One connection writes and a few read. Writes of concurrent callers are
// committed in groups: each is a savepoint of one transaction, so that one
// caller's conflict leaves the others alone, and all of them share the cost of
// making it durable. The file is in WAL mode with synchronous=FULL: what was
// acknowledged survives the death of the process and the loss of power.
//
// Several processes of one machine may open the same file. It must not be on a
// network file system, which cannot lock it.
package sqlite
