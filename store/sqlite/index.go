package sqlite

import (
	"encoding/binary"
	"fmt"
	"math"

	sqlite3 "modernc.org/sqlite/lib"

	"procyon/access"
	"procyon/journal"
)

// index is what rows are found by: how it is read, row by row and from it alone, and what
// it must have of an entry.
type index struct {
	name, table string
	query       string
	columns     int
	of          func(b []byte, e *journal.Entry) ([]byte, bool) // nil: it is none of entries
	inParts     bool
}

// Those of documents.
const (
	byTerm = 5
	byID   = 6
)

// indexes are all of them. That they are read from themselves is for the plan's test.
var indexes = [...]index{
	{name: "entry_actor", table: "entry", query: `SELECT ` + entryActor + `, seq FROM entry INDEXED BY entry_actor ORDER BY ` + entryActor + `, seq`, columns: 2, of: func(b []byte, e *journal.Entry) ([]byte, bool) {
		return appendActor(b, e, e.Actor.ID), true
	}},
	{name: "entry_by", table: "entry", query: `SELECT ` + entryBy + `, seq FROM entry INDEXED BY entry_by WHERE ` + entryBy + ` IS NOT NULL ORDER BY ` + entryBy + `, seq`, columns: 2, of: func(b []byte, e *journal.Entry) ([]byte, bool) {
		return appendActor(b, e, e.Actor.ByID), e.Actor.ByID != ""
	}},
	{name: "entry_type", table: "entry", query: `SELECT type, ` + entryKind + `, seq FROM entry INDEXED BY entry_type ORDER BY type, ` + entryKind + `, seq`, columns: 3, of: func(b []byte, e *journal.Entry) ([]byte, bool) {
		return appendText(appendText(b, []byte(e.Type)), []byte(access.KindOf(e.Subject))), true
	}},
	{name: "entry_kind", table: "entry", query: `SELECT ` + entryKind + `, seq FROM entry INDEXED BY entry_kind ORDER BY ` + entryKind + `, seq`, columns: 2, of: func(b []byte, e *journal.Entry) ([]byte, bool) {
		return appendText(b, []byte(access.KindOf(e.Subject))), true
	}},
	{name: "the index by subjects", table: "entry", query: `SELECT subject, version, seq FROM entry ORDER BY subject, version, seq`, columns: 3, of: func(b []byte, e *journal.Entry) ([]byte, bool) {
		return appendInteger(appendText(b, []byte(e.Subject)), int64(e.Version)), true
	}},
	byTerm: {name: "term", table: "term", query: `SELECT term, sort, num FROM term`, columns: 3, inParts: true},
	byID:   {name: "the index by IDs", table: "document", query: `SELECT id, num FROM document ORDER BY id, num`, columns: 2},
}

// key is the row that the index must have of an entry, unless it has none.
func (x *index) key(b []byte, e *journal.Entry) ([]byte, bool) {
	if x.of == nil {
		return b, false
	}
	b, ok := x.of(b, e)
	return appendInteger(b, int64(e.Seq)), ok
}

// indexPart is a part of an index that is read in one go.
type indexPart struct {
	where string
	args  []int64
}

// parts are those of an index.
func (x *index) parts() []indexPart {
	if !x.inParts {
		return []indexPart{{}}
	}
	const bits = 5 // terms are hashes, so that the parts are alike
	var parts []indexPart
	for i := range int64(1 << bits) {
		from := math.MinInt64 + i<<(64-bits) // which wraps around
		parts = append(parts, indexPart{` WHERE term BETWEEN ? AND ? ORDER BY term, sort, num`, []int64{from, from + 1<<(64-bits) - 1}})
	}
	return parts
}

// appendActor appends what an entry's actor is found by: the ID in format 1, a hash of it in
// others.
func appendActor(b []byte, e *journal.Entry, id string) []byte {
	if e.Format == journal.WithAfter {
		return appendText(b, []byte(id))
	}
	if h := hashID(id); h.Valid {
		return appendInteger(b, h.Int64)
	}
	return append(b, 0)
}

// Rows are compared as bytes, which are in the order that SQLite has them in: NULL, then
// integers, then texts.
const (
	integerMark = 1
	textMark    = 2
	otherMark   = 3
)

func appendInteger(b []byte, n int64) []byte {
	return binary.BigEndian.AppendUint64(append(b, integerMark), uint64(n)^1<<63)
}

// appendText appends a text without NULs in it.
func appendText(b, text []byte) []byte {
	return append(append(append(b, textMark), text...), 0)
}

func appendCell(b []byte, c *cells, column int) []byte {
	switch c.kind(column) {
	case sqlite3.SQLITE_INTEGER:
		return appendInteger(b, c.integer(column))
	case sqlite3.SQLITE_NULL:
		return append(b, 0)
	case sqlite3.SQLITE_TEXT:
		return appendText(b, c.bytes(column))
	}
	return fmt.Appendf(append(b, otherMark), "%x", c.bytes(column))
}
