package journal

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"hash"
)

// String returns the hash in hexadecimal.
func (h Hash) String() string { return hex.EncodeToString(h[:]) }

// Seal sets e.Prev to the hash of the entry before and e.Hash to its own.
func (e *Entry) Seal(prev Hash) error {
	e.Prev = prev
	sum, err := e.Sum()
	if err != nil {
		return err
	}
	e.Hash = sum
	return nil
}

// Sum computes the entry's hash: SHA-256 over a version byte and then each
// field, in the order of the struct, numbers as 8 bytes big endian (times in
// microseconds since 1970), texts and bytes preceded by their length. So no two
// different entries have the same encoding.
func (e *Entry) Sum() (Hash, error) {
	actor, err := json.Marshal(e.Actor)
	if err != nil {
		return Hash{}, fmt.Errorf("journal: entry %d: actor: %w", e.Seq, err)
	}
	h := sha256.New()
	h.Write([]byte{1})
	number(h, e.Seq)
	number(h, uint64(e.At.UnixMicro()))
	text(h, actor)
	text(h, []byte(e.Subject))
	number(h, e.Version)
	text(h, []byte(e.Type))
	text(h, e.Data)
	text(h, e.After)
	h.Write(e.Prev[:])
	var sum Hash
	h.Sum(sum[:0])
	return sum, nil
}

func number(h hash.Hash, n uint64) {
	var b [8]byte
	binary.BigEndian.PutUint64(b[:], n)
	h.Write(b[:])
}

func text(h hash.Hash, b []byte) {
	number(h, uint64(len(b)))
	h.Write(b)
}

// Follows checks that e comes right after head, and that its hash is its own.
func (e *Entry) Follows(head Head) error {
	if e.Seq != head.Seq+1 {
		return fmt.Errorf("journal: entry %d follows entry %d: there must be no gap", e.Seq, head.Seq)
	}
	if e.Prev != head.Hash {
		return fmt.Errorf("journal: entry %d is not chained to entry %d: one of them was altered, removed or replaced", e.Seq, head.Seq)
	}
	sum, err := e.Sum()
	if err != nil {
		return err
	}
	if sum != e.Hash {
		return fmt.Errorf("journal: entry %d was altered: its hash is %s and should be %s", e.Seq, e.Hash, sum)
	}
	return nil
}

func (e *Entry) head() Head { return Head{Seq: e.Seq, Hash: e.Hash, At: e.At} }
