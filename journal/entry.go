package journal

import (
	"fmt"
	"math"
	"time"

	"procyon/access"
)

// Entry is one committed change of one subject. Entries are never changed or
// removed; their sequence is dense: 1, 2, 3, …
type Entry struct {
	Format  Format // of what the hash is over
	Seq     uint64
	At      time.Time    // UTC, microseconds; not before the entry before it
	Actor   access.Actor // who did it, and for whom
	Subject string       // the subject's ID; its prefix names the kind
	Version uint64       // of the subject after this entry: 1, 2, 3, …
	Type    string       // e.g. "REQUEST_CREATED"
	Data    []byte       // JSON: what happened
	After   []byte       // JSON: the subject's whole state afterwards
	Prev    Hash         // the hash of the entry before; zero for the first
	Hash    Hash         // SHA-256 over the encoding: see AppendEncoding

	// ActorJSON is Actor as it is stored. The hash is over these bytes and not over what a
	// release makes of them: so a field that a newer one has added is no fault to an older
	// one, and a field that somebody has planted is found. Seal and SetActor set it.
	ActorJSON []byte
}

// Format numbers how entries are encoded for their hash. Both stay valid for ever: a
// journal's older entries may be of the first.
type Format uint8

const (
	// WithAfter has the after-image in what the hash is over. No release writes it any more.
	WithAfter Format = 1
	// WithAfterSum has the SHA-256 of the after-image there.
	WithAfterSum Format = 2
)

// SetActor takes the actor as it is stored.
func (e *Entry) SetActor(stored []byte) error {
	e.ActorJSON = stored
	var err error
	if e.Actor, err = actors.decode(stored); err != nil {
		return fmt.Errorf("journal: the actor of entry %d is damaged: %w", e.Seq, err)
	}
	return nil
}

// FormatOf is the format of a stored number; what can't be one is the greatest, which nobody
// knows.
func FormatOf(n int64) Format {
	if n < 0 || n > math.MaxUint8 {
		return math.MaxUint8
	}
	return Format(n)
}

// Hash is a SHA-256 sum.
type Hash [32]byte

// Head is the last entry of a journal; the zero value is an empty one.
type Head struct {
	Seq  uint64
	Hash Hash
	At   time.Time
}
