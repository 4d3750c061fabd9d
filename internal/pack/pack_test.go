package pack_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"os"
	"strings"
	"testing"

	"procyon/internal/pack"
)

const entry = `{"kind":"USER","id":"usr_019376c5f30f700a9c1a2dacabc19929","name":"Dev","email":"dev@example.com","via":"console"}`

func parts(texts ...string) [][]byte {
	out := make([][]byte, len(texts))
	for i, s := range texts {
		out[i] = []byte(s)
	}
	return out
}

func same(a, b [][]byte) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if !bytes.Equal(a[i], b[i]) {
			return false
		}
	}
	return true
}

// A dictionary that was released is what makes sense of what is stored.
func TestDictionariesStayAsTheyWereReleased(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{"1": "27f1daa548ae34d5c36b040269ed7ef19b1ad9fd8abcc1868401b26581ca9b22"} {
		data, err := os.ReadFile("dictionary/" + name)
		if err != nil {
			t.Fatal(err)
		}
		if sum := sha256.Sum256(data); hex.EncodeToString(sum[:]) != want {
			t.Errorf("dictionary %s was changed: what was packed with it is lost. Add another one instead", name)
		}
	}
}

// What an earlier commit has packed is unpacked.
func TestUnpackEarlier(t *testing.T) {
	t.Parallel()
	for packed, want := range map[string][][]byte{
		"02010001dd0100440237366335663330663730306139633161326461636162633139393239446576646576027d07fc9892218ec8b4a88e9824b47b341cae61509b61":     parts(entry, `{"at":"2026-11-20T10:00:00Z"}`, `{"id":"req_1"}`),
		"03010001ed01006402027372373663356633306637303061396331613264616361626331393932394465766465760106c0cf8e34c5f29aaa8f73c59a40c76edf71af4a01": parts(entry+"\x01", entry),
		"010201016162": parts("a", "b"),
	} {
		b, err := hex.DecodeString(packed)
		if err != nil {
			t.Fatal(err)
		}
		got, err := pack.Unpack(b, "req_1", "2026-11-20T10:00:00Z")
		if err != nil || !same(got, want) {
			t.Errorf("%q, %v", got, err)
		}
	}
}

func TestPack(t *testing.T) {
	t.Parallel()
	every := make([]byte, 256)
	for i := range every {
		every[i] = byte(i)
	}
	large := strings.Repeat("0123456789abcdef ", 1<<16)
	for name, in := range map[string][][]byte{
		"entry":           parts(entry, `{"at":"2026-11-20T10:00:00Z"}`, `{"id":"req_1","updatedAt":"2026-11-20T10:00:00Z"}`),
		"nothing":         parts(),
		"one empty":       parts(""),
		"empty ones":      parts("", "", ""),
		"short":           parts("a", "b"),
		"known beside":    parts("req_1req_1req_11", "req_"),
		"control":         parts("a\x00b", "\x01\x02", "c"),
		"every byte":      {every, every},
		"large":           parts(large, "x"),
		"not UTF-8":       parts("\xff\xfe\xfd"),
		"no JSON":         parts("\n\t"),
		"more than limit": {make([]byte, pack.Limit+1)},
	} {
		packed := pack.Pack(in, "req_1", "2026-11-20T10:00:00Z", "", "ab", "\x03\x04\x05")
		got, err := pack.Unpack(packed, "req_1", "2026-11-20T10:00:00Z", "", "ab", "\x03\x04\x05")
		if err != nil || !same(got, in) {
			t.Errorf("%s: %d parts, %v", name, len(got), err)
		}
	}
}

func TestPackIsSmall(t *testing.T) {
	t.Parallel()
	if n := len(pack.Pack(parts(entry, `{}`), "req_1")); n > 100 {
		t.Errorf("it has %d bytes", n)
	}
	if n := len(pack.Pack(parts("usr_019376c5f30f700a9c1a2dacabc19929"), "usr_019376c5f30f700a9c1a2dacabc19929")); n > 12 {
		t.Errorf("what is known has %d bytes", n)
	}
}

func TestUnpackDamaged(t *testing.T) {
	t.Parallel()
	whole := pack.Pack(parts(entry, entry, "req_1 and req_1"), "req_1")
	for n := range whole {
		if got, err := pack.Unpack(whole[:n], "req_1"); err == nil {
			t.Errorf("cut off after %d of %d bytes: %q", n, len(whole), got)
		} else if !errors.Is(err, pack.ErrDamaged) {
			t.Errorf("cut off after %d: %v", n, err)
		}
	}
	if _, err := pack.Unpack(whole); !errors.Is(err, pack.ErrDamaged) {
		t.Errorf("without what is known: %v", err)
	}
	if _, err := pack.Unpack([]byte{99, 1, 2}); !errors.Is(err, pack.ErrNewer) {
		t.Errorf("a form of a newer release: %v", err)
	}
	// Few bytes that expand to many: by compression, and by what is known.
	bomb := pack.Pack([][]byte{bytes.Repeat([]byte("a"), pack.Limit-100)})
	if got, err := pack.Unpack(bomb); err != nil || len(got[0]) != pack.Limit-100 {
		t.Fatal(err)
	}
	marks := pack.Pack([][]byte{bytes.Repeat([]byte("abc"), 1<<20)}, "abc")
	if _, err := pack.Unpack(marks, strings.Repeat("abc", 100)); !errors.Is(err, pack.ErrDamaged) {
		t.Errorf("what expands beyond the limit: %v", err)
	}
}

// Whatever is packed comes back, and whatever bytes are unpacked end in a bounded answer.
func FuzzPack(f *testing.F) {
	f.Add([]byte(entry), []byte(`{"a":1}`), "usr_1", []byte{2, 0x20})
	f.Add([]byte{}, []byte{0}, "", []byte{1, 3, 1, 1})
	f.Add([]byte("aaaa"), []byte("aaa"), "aaa", pack.Pack(parts(entry, "{}")))
	f.Fuzz(func(t *testing.T, a, b []byte, known string, packed []byte) {
		got, err := pack.Unpack(pack.Pack([][]byte{a, b}, known, "usr_"), known, "usr_")
		if err != nil || !same(got, [][]byte{a, b}) {
			t.Errorf("%q, %v", got, err)
		}
		out, err := pack.Unpack(packed, known)
		size := 0
		for _, p := range out {
			size += len(p)
		}
		if err == nil && size > max(pack.Limit, len(packed)) || err != nil && !errors.Is(err, pack.ErrDamaged) && !errors.Is(err, pack.ErrNewer) {
			t.Errorf("%d bytes, %v", size, err)
		}
	})
}

func BenchmarkPack(b *testing.B) {
	in := parts(entry, `{"at":"2026-11-20T10:00:00Z"}`, strings.Repeat(entry, 4))
	for b.Loop() {
		pack.Pack(in, "req_1", "2026-11-20T10:00:00Z")
	}
}

func BenchmarkUnpack(b *testing.B) {
	packed := pack.Pack(parts(entry, `{"at":"2026-11-20T10:00:00Z"}`, strings.Repeat(entry, 4)), "req_1", "2026-11-20T10:00:00Z")
	for b.Loop() {
		if _, err := pack.Unpack(packed, "req_1", "2026-11-20T10:00:00Z"); err != nil {
			b.Fatal(err)
		}
	}
}
