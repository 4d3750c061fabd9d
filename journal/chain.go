package journal

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
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

// Sum computes the entry's hash: the SHA-256 sum of its Encoding.
func (e *Entry) Sum() (Hash, error) {
	b, err := e.Encoding()
	if err != nil {
		return Hash{}, err
	}
	return sha256.Sum256(b), nil
}

// Encoding returns the bytes whose SHA-256 sum is the entry's hash: a version byte and then
// each field, in the order of the struct, numbers as 8 bytes big endian (times in
// microseconds since 1970), texts and bytes preceded by their length. So no two different
// entries have the same encoding.
func (e *Entry) Encoding() ([]byte, error) {
	actor, err := json.Marshal(e.Actor)
	if err != nil {
		return nil, fmt.Errorf("journal: entry %d: actor: %w", e.Seq, err)
	}
	const fixed = 1 + 8*8 + len(Hash{}) // the version, three numbers and five lengths, the hash before
	b := make([]byte, 0, fixed+len(actor)+len(e.Subject)+len(e.Type)+len(e.Data)+len(e.After))
	b = append(b, 1)
	b = binary.BigEndian.AppendUint64(b, e.Seq)
	b = binary.BigEndian.AppendUint64(b, uint64(e.At.UnixMicro()))
	b = appendText(b, actor)
	b = appendText(b, e.Subject)
	b = binary.BigEndian.AppendUint64(b, e.Version)
	b = appendText(b, e.Type)
	b = appendText(b, e.Data)
	b = appendText(b, e.After)
	return append(b, e.Prev[:]...), nil
}

func appendText[T string | []byte](b []byte, text T) []byte {
	return append(binary.BigEndian.AppendUint64(b, uint64(len(text))), text...)
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
