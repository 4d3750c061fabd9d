package journal

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"sync"
)

// String returns the hash in hexadecimal.
func (h Hash) String() string { return hex.EncodeToString(h[:]) }

// Seal puts the entry behind the one with the hash prev: it encodes Actor, and sets Prev
// and the entry's own hash. The format is the newest.
func (e *Entry) Seal(prev Hash) error {
	actor, err := json.Marshal(&e.Actor)
	if err != nil {
		return fmt.Errorf("journal: entry %d: actor: %w", e.Seq, err)
	}
	e.Format, e.ActorJSON, e.Prev = WithAfterSum, actor, prev
	e.Hash, err = e.Sum()
	return err
}

// Sum computes the entry's hash: SHA-256 over AppendEncoding.
func (e *Entry) Sum() (Hash, error) {
	buffer := encodings.Get().(*[]byte)
	defer encodings.Put(buffer)
	encoding, err := e.AppendEncoding((*buffer)[:0])
	if err != nil {
		return Hash{}, err
	}
	if cap(encoding) <= keptEncoding {
		*buffer = encoding
	}
	return sha256.Sum256(encoding), nil
}

// encodings are buffers for what Sum hashes. Larger ones than keptEncoding are few, and not
// kept.
var encodings = sync.Pool{New: func() any { return new([]byte) }}

const keptEncoding = 64 << 10

// AppendEncoding appends the bytes that the entry's hash is over: the format in one byte,
// Seq, At, ActorJSON, Subject, Version, Type, Data, the after-image and Prev. Numbers have
// 8 bytes, big endian; times are in microseconds since 1970; texts and bytes are preceded by
// their length, as a number; hashes are not. The after-image is there itself in format 1 and
// as its SHA-256 in format 2. So no two different entries have the same encoding, whoever
// verifies one needs to encode nothing anew, and may do without the after-image.
//
// It fails for a format of a newer release alone.
func (e *Entry) AppendEncoding(b []byte) ([]byte, error) {
	if e.Format != WithAfter && e.Format != WithAfterSum {
		return nil, e.unknown()
	}
	b = append(b, byte(e.Format))
	b = number(b, e.Seq)
	b = number(b, uint64(e.At.UnixMicro()))
	b = text(b, e.ActorJSON)
	b = text(b, e.Subject)
	b = number(b, e.Version)
	b = text(b, e.Type)
	b = text(b, e.Data)
	if e.Format == WithAfter {
		b = text(b, e.After)
	} else {
		after := sha256.Sum256(e.After)
		b = append(b, after[:]...)
	}
	return append(b, e.Prev[:]...), nil
}

// unknown is the error for an entry whose format this release does not know.
func (e *Entry) unknown() error {
	return fmt.Errorf("journal: entry %d has format %d, and this release knows up to %d; run the newer release that wrote it", e.Seq, e.Format, WithAfterSum)
}

func number(b []byte, n uint64) []byte { return binary.BigEndian.AppendUint64(b, n) }

func text[T string | []byte](b []byte, t T) []byte {
	return append(number(b, uint64(len(t))), t...)
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
