package journal

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"time"
)

// errEncoding says that bytes are not what an entry's hash is over.
var errEncoding = errors.New("journal: these are not the bytes of an entry")

// ErrAfter says that an after-image is not the one that an entry was sealed with.
var ErrAfter = errors.New("journal: what the subject is said to be afterwards is not what the entry says")

// Decode reads an entry that comes from elsewhere: from the bytes that its hash is over (see
// AppendEncoding) and its after-image, which is compared with them. The entry's hash is that
// of the bytes. Nothing of them is left out: AppendEncoding gives them back.
func Decode(encoding, after []byte) (Entry, error) {
	if len(encoding) == 0 {
		return Entry{}, errEncoding
	}
	e := Entry{Format: Format(encoding[0])}
	r := decoder{encoding[1:], true}
	e.Seq = r.number()
	if e.Format != WithAfter && e.Format != WithAfterSum {
		return Entry{}, e.unknown()
	}
	e.At = time.UnixMicro(int64(r.number())).UTC()
	actor := r.text()
	e.Subject = string(r.text())
	e.Version = r.number()
	e.Type = string(r.text())
	e.Data = r.text()
	sum := sha256.Sum256(after)
	var same bool
	if e.Format == WithAfter {
		same = bytes.Equal(r.text(), after)
	} else {
		same = bytes.Equal(r.take(uint64(len(sum))), sum[:])
	}
	copy(e.Prev[:], r.take(uint64(len(e.Prev))))
	switch {
	case !r.ok || len(r.rest) > 0:
		return Entry{}, errEncoding
	case !same:
		return Entry{}, ErrAfter
	}
	e.After, e.Hash = after, sha256.Sum256(encoding)
	if err := e.SetActor(actor); err != nil {
		return Entry{}, err
	}
	return e, nil
}

// decoder reads an encoding from its beginning. ok is false once it was too short.
type decoder struct {
	rest []byte
	ok   bool
}

func (d *decoder) take(n uint64) []byte {
	if n > uint64(len(d.rest)) {
		d.ok = false
		return nil
	}
	out := d.rest[:n:n]
	d.rest = d.rest[n:]
	return out
}

func (d *decoder) number() uint64 {
	b := d.take(8)
	if b == nil {
		return 0
	}
	return binary.BigEndian.Uint64(b)
}

func (d *decoder) text() []byte { return d.take(d.number()) }
