package store

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// Document is one stored JSON document: the current state of a subject (a
// view, which follows from the journal), or an operational record such as a
// session or a delivery.
//
// A document is found by its ID or by one of its Terms. A term is an exact
// key such as "request/status=PENDING"; the documents under one term are
// ordered by (Sort, ID). Every query of the product is a range of one term,
// or a merge of a few, so its cost does not grow with what is stored beside.
type Document struct {
	ID      string   // unique over all kinds; its prefix names the kind ("req_…")
	Version uint64   // 1, 2, 3, …: guards every change
	Sort    string   // order under each term; compared bytewise
	Terms   []string // where it is listed; none hides it from every list
	Data    []byte   // JSON
}

// Position returns the document's place under each of its terms.
func (d *Document) Position() *Position { return &Position{Sort: d.Sort, ID: d.ID} }

// Position is a place in a term's order: that of the document with this Sort and ID,
// whether there is one or not. Positions are ordered by Sort, then by ID, bytewise.
type Position struct {
	Sort string
	ID   string
}

// Query asks for the documents under one term.
type Query struct {
	Term  string
	After *Position // exclusive, in the order asked for; nil starts at the end that Desc names
	Desc  bool      // newest (greatest) first
	Limit int       // how many at most; at least 1
}

// Reader reads documents. What was written before a call began is in its answer.
type Reader interface {
	// Get returns the documents with these IDs, in any order; absent ones are left out.
	Get(ctx context.Context, ids ...string) ([]Document, error)

	// List returns the documents under a term, in order, from after a position.
	List(ctx context.Context, q Query) ([]Document, error)
}

// Documents reads and writes operational documents: what is not domain state, such
// as sessions, tokens, deliveries and leases. It is safe for concurrent use, by
// several processes too.
type Documents interface {
	Reader

	// Put stores operational documents: Version 1 inserts, Version n replaces
	// version n-1. A document whose stored version is another gives ErrVersion.
	// A driver that has transactions stores all or none; others store in order
	// and stop at the first failure.
	Put(ctx context.Context, docs ...Document) error

	// Delete removes operational documents, whatever their versions; absent ones are ignored.
	Delete(ctx context.Context, ids ...string) error

	// Remove removes the operational documents that are still as they were read: of the same
	// version. Others, and absent ones, stay as they are. It is for what is kept no longer,
	// which somebody may just be changing.
	Remove(ctx context.Context, docs ...Document) error
}

// ErrVersion says that a document's stored version is not the one that the change was
// made from, because somebody else has changed it: read it again and decide again.
var ErrVersion = errors.New("document changed by somebody else")

// TimeSort writes a time, in microseconds, so that its bytes order as times do. It
// always has the same length.
func TimeSort(t time.Time) string { return fmt.Sprintf("%016x", t.UnixMicro()) }
