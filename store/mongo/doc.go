// Package mongo keeps the journal and the documents in MongoDB, or in a server
// that speaks its protocol. It implements journal.Store.
//
// It uses only what every such server does right: an insert guarded by unique
// keys, and a replacement of one document by its ID and version. There are no
// transactions, no change streams and no upserts. An entry is committed by its
// insert, which is guarded by its sequence number (the _id) and by its subject
// and version; views are written after it, each guarded by its version, and
// journal.Journal repairs those that a crash left behind. What is acknowledged
// is on a majority of a replica set, in its journal.
package mongo
