package journal

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// errEncoding says that bytes are not what an entry's hash covers.
var errEncoding = errors.New("journal: these are not the bytes of an entry")

// Decode reads an entry from the bytes that its hash covers (see Entry.Hashed), and sets
// its hash to that of the bytes. It is for who has an entry from elsewhere: what it
// guarantees is that nothing but the bytes counts.
func Decode(b []byte) (Entry, error) {
	if len(b) == 0 {
		return Entry{}, errEncoding
	}
	if b[0] != formatWhole {
		return Entry{}, fmt.Errorf("journal: an entry of format %d: a newer release wrote it, and can read it", b[0])
	}
	r := decoder{b[1:], true}
	var e Entry
	e.Seq = r.number()
	e.At = time.UnixMicro(int64(r.number())).UTC()
	actor := r.text()
	e.Subject = string(r.text())
	e.Version = r.number()
	e.Type = string(r.text())
	e.Data = r.text()
	e.After = r.text()
	copy(e.Prev[:], r.take(uint64(len(e.Prev))))
	if !r.ok || len(r.rest) > 0 {
		return Entry{}, errEncoding
	}
	if err := json.Unmarshal(actor, &e.Actor); err != nil {
		return Entry{}, errEncoding
	}
	e.Hash = sha256.Sum256(b)
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
