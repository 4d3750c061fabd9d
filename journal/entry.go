package journal

import (
	"time"

	"procyon/access"
)

// Entry is one committed change of one subject. Entries are never changed or
// removed; their sequence is dense: 1, 2, 3, …
type Entry struct {
	Seq     uint64
	At      time.Time    // UTC, microseconds; not before the entry before it
	Actor   access.Actor // who did it, and for whom
	Subject string       // the subject's ID; its prefix names the kind
	Version uint64       // of the subject after this entry: 1, 2, 3, …
	Type    string       // e.g. "REQUEST_CREATED"
	Data    []byte       // JSON: what happened
	After   []byte       // JSON: the subject's whole state afterwards
	Prev    Hash         // the hash of the entry before; zero for the first
	Hash    Hash         // SHA-256 over the canonical encoding of all of the above
}

// Hash is a SHA-256 sum.
type Hash [32]byte

// Head is the last entry of a journal; the zero value is an empty one.
type Head struct {
	Seq  uint64
	Hash Hash
	At   time.Time
}
