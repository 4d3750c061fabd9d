// Package pack makes small pieces of JSON smaller: entries and documents of a store, which
// look alike and are each too short to be compressed by themselves. It compresses with a
// dictionary of the forms that they have, and leaves out what whoever reads them knows
// anyway, such as their ID.
//
// What it wrote must be read for ever. So a dictionary that was released is never changed
// (a test holds its sum): a better one gets a number of its own, and forms that read it.
package pack

import (
	_ "embed"
	"encoding/binary"
	"errors"
	"fmt"
	"math/bits"
	"slices"
	"strings"
	"sync"

	"github.com/klauspost/compress/zstd"
)

// Limit is how many bytes a compressed piece has at most when it is unpacked: more is
// stored as it is. So damage can't expand without limit.
const Limit = 32 << 20

// Errors of Unpack.
var (
	// ErrDamaged says that bytes are nothing that Pack has made.
	ErrDamaged = errors.New("pack: the bytes are damaged")
	// ErrNewer says that a newer release has made them.
	ErrNewer = errors.New("pack: a newer release wrote this; run that")
)

// How a piece is packed: its first byte.
const (
	plain  = 1 // not compressed: the parts' lengths, then the parts
	lined  = 2 // with dictionary 1: the parts with a zero byte between them, and marks for what is known
	framed = 3 // with dictionary 1: as plain
)

// maxMark is the greatest byte that stands for a text that is known; 0 separates parts.
// JSON has none of these.
const maxMark = 7

//go:embed dictionary/1
var dictionary1 []byte

// magic begins every frame of the compression, and is left out.
const magic = "\x28\xb5\x2f\xfd"

// smallWindow is how far back a piece refers to itself. It bounds the memory of encoders;
// larger pieces are compressed a little worse.
const smallWindow = 128 << 10

var encoder = sync.OnceValue(func() *zstd.Encoder {
	e, err := zstd.NewWriter(nil, zstd.WithEncoderDict(dictionary1), zstd.WithEncoderLevel(zstd.SpeedFastest),
		zstd.WithEncoderCRC(false), zstd.WithWindowSize(smallWindow), zstd.WithLowerEncoderMem(true))
	if err != nil {
		panic(err) // by the options alone
	}
	return e
})

var decoder = sync.OnceValue(func() *zstd.Decoder {
	d, err := zstd.NewReader(nil, zstd.WithDecoderDicts(dictionary1), zstd.WithDecoderConcurrency(0), zstd.WithDecoderMaxMemory(Limit))
	if err != nil {
		panic(err) // by the options alone
	}
	return d
})

// scratch are buffers that are needed for a while.
var scratch = sync.Pool{New: func() any { return new([]byte) }}

// give puts a buffer back, unless it is one of few that are large.
func give(b *[]byte) {
	if cap(*b) <= smallWindow {
		scratch.Put(b)
	}
}

// Pack packs parts. known are up to seven texts that whoever unpacks them will know, too:
// they cost next to nothing where they occur. Unpack returns the parts as they are, whatever
// they are; nil and empty are the same.
func Pack(parts [][]byte, known ...string) []byte {
	size := 0
	for _, p := range parts {
		size += len(p)
	}
	buffer := scratch.Get().(*[]byte)
	defer give(buffer)
	form, text := byte(framed), (*buffer)[:0]
	if size <= Limit-framing(parts) {
		if hasMarks(parts) {
			text = appendFrames(text, parts)
		} else {
			form, text = lined, appendLine(text, parts, known)
		}
		*buffer = text
		packed := encoder().EncodeAll(text, make([]byte, 0, 64+len(text)/2))
		packed = packed[len(magic)-1:] // the last byte of the magic makes place for the form
		packed[0] = form
		if len(packed) <= size {
			return slices.Clip(packed)
		}
	}
	return appendFrames(append(make([]byte, 0, 1+size+framing(parts)), plain), parts)
}

// framing is how much the lengths of parts need at most.
func framing(parts [][]byte) int { return (1 + len(parts)) * binary.MaxVarintLen64 }

func hasMarks(parts [][]byte) bool {
	for _, p := range parts {
		if nextMark(p, 0) < len(p) {
			return true
		}
	}
	return false
}

// nextMark returns where the next byte is that is a mark or separates parts, or len(b). It
// looks at eight bytes at once.
func nextMark(b []byte, from int) int {
	const each, high = 0x0101010101010101, 0x8080808080808080
	for ; from+8 <= len(b); from += 8 {
		x := binary.LittleEndian.Uint64(b[from:])
		if less := (x - each*(maxMark+1)) & ^x & high; less != 0 {
			return from + bits.TrailingZeros64(less)/8
		}
	}
	for ; from < len(b); from++ {
		if b[from] <= maxMark {
			break
		}
	}
	return from
}

// usable tells of each text whether it is worth a mark, and can have one.
func usable(known []string) (is [maxMark]bool) {
	for i, k := range known[:min(len(known), maxMark)] {
		is[i] = len(k) > 2 && strings.IndexFunc(k, func(r rune) bool { return r <= maxMark }) < 0
	}
	return is
}

func appendFrames(b []byte, parts [][]byte) []byte {
	b = binary.AppendUvarint(b, uint64(len(parts)))
	for _, p := range parts {
		b = binary.AppendUvarint(b, uint64(len(p)))
	}
	for _, p := range parts {
		b = append(b, p...)
	}
	return b
}

// appendLine puts parts behind each other. What is known is replaced from left to right:
// where several texts begin the first of known is meant.
func appendLine(b []byte, parts [][]byte, known []string) []byte {
	var first [256]byte // bits: which of known begin with a byte
	for i, is := range usable(known) {
		if is {
			first[known[i][0]] |= 1 << i
		}
	}
	for n, p := range parts {
		if n > 0 {
			b = append(b, 0)
		}
		from := 0 // what of p is not appended yet
		for at := 0; at < len(p); {
			candidates := first[p[at]]
			if candidates == 0 {
				at++
				continue
			}
			mark := markAt(p[at:], known, candidates)
			if mark == 0 {
				at++
				continue
			}
			b = append(append(b, p[from:at]...), byte(mark))
			at += len(known[mark-1])
			from = at
		}
		b = append(b, p[from:]...)
	}
	return b
}

// markAt returns the mark of the first candidate that p begins with; 0: of none.
func markAt(p []byte, known []string, candidates byte) int {
	for i := 0; candidates>>i != 0; i++ {
		if candidates>>i&1 == 1 && len(p) >= len(known[i]) && string(p[:len(known[i])]) == known[i] {
			return 1 + i
		}
	}
	return 0
}

// Unpack returns the parts that Pack was given. known must be the same. The parts are the
// caller's, and share nothing with packed. Its errors wrap ErrDamaged or ErrNewer.
func Unpack(packed []byte, known ...string) ([][]byte, error) {
	o := openers.Get().(*Opener)
	defer openers.Put(o)
	parts, err := o.Unpack(packed, known...)
	if err == nil {
		o.parts, o.whole = nil, nil // they are the caller's now
	}
	return parts, err
}

var openers = sync.Pool{New: func() any { return new(Opener) }}

// Opener unpacks one piece after the other with as little new memory as can be. The zero
// value is ready. It is for one goroutine.
type Opener struct {
	frame, text []byte
	whole       []byte // what the parts are slices of
	parts       [][]byte
	marks       []int // where in text they are
}

// Unpack is as the function, but the parts are valid until the next call.
func (o *Opener) Unpack(packed []byte, known ...string) ([][]byte, error) {
	if len(packed) == 0 {
		return nil, ErrDamaged
	}
	o.letGo()
	switch form := packed[0]; form {
	case plain:
		o.whole = append(o.whole[:0], packed[1:]...)
		return o.cutFrames()
	case lined, framed:
		o.frame = append(append(o.frame[:0], magic...), packed[1:]...)
		text, err := decoder().DecodeAll(o.frame, o.text[:0])
		if err != nil {
			return nil, fmt.Errorf("%w: %w", ErrDamaged, err)
		}
		o.text = text
		if form == framed {
			o.whole = append(o.whole[:0], text...)
			return o.cutFrames()
		}
		return o.cutLine(known)
	default:
		return nil, fmt.Errorf("%w: form %d", ErrNewer, form)
	}
}

// letGo forgets buffers that are large: few pieces need them.
func (o *Opener) letGo() {
	if max(cap(o.frame), cap(o.text), cap(o.whole), cap(o.marks)*8, cap(o.parts)*24) > smallWindow {
		*o = Opener{}
	}
}

// cutFrames cuts whole.
func (o *Opener) cutFrames() ([][]byte, error) {
	b := o.whole
	count, n := binary.Uvarint(b)
	if n <= 0 || count > uint64(len(b)) {
		return nil, ErrDamaged
	}
	b = b[n:]
	sizes := make([]int, count)
	for i := range sizes {
		size, n := binary.Uvarint(b)
		if n <= 0 || size > uint64(len(b)) {
			return nil, ErrDamaged
		}
		sizes[i], b = int(size), b[n:]
	}
	o.parts = o.parts[:0]
	for _, size := range sizes {
		if size > len(b) {
			return nil, ErrDamaged
		}
		o.parts, b = append(o.parts, b[:size:size]), b[size:]
	}
	if len(b) > 0 {
		return nil, ErrDamaged
	}
	return o.parts, nil
}

// cutLine is the inverse of appendLine, from text to whole.
func (o *Opener) cutLine(known []string) ([][]byte, error) {
	text, size, count, are := o.text, len(o.text), 1, usable(known)
	o.marks = o.marks[:0]
	for at := nextMark(text, 0); at < len(text); at = nextMark(text, at+1) {
		o.marks = append(o.marks, at)
		switch c := int(text[at]); {
		case c == 0:
			count++
		case !are[c-1]:
			return nil, ErrDamaged
		default:
			size += len(known[c-1]) - 1
		}
		if size > Limit {
			return nil, ErrDamaged
		}
	}
	whole := slices.Grow(o.whole[:0], size) // and no more, so that parts stay where they are
	parts := slices.Grow(o.parts[:0], count)
	from, begun := 0, 0 // what of text is not copied yet, and where in whole the part begins
	for _, at := range o.marks {
		whole = append(whole, text[from:at]...)
		from = at + 1
		if c := text[at]; c > 0 {
			whole = append(whole, known[c-1]...)
			continue
		}
		parts = append(parts, whole[begun:len(whole):len(whole)])
		begun = len(whole)
	}
	whole = append(whole, text[from:]...)
	o.whole, o.parts = whole, append(parts, whole[begun:len(whole):len(whole)])
	return o.parts, nil
}
