package checkpoint

import (
	"encoding/binary"
	"testing"

	"golang.org/x/mod/sumdb/tlog"

	"procyon/journal"
)

// The growing tree has the roots that the library computes, and hands out its full tiles.
func TestTree(t *testing.T) {
	var all []tlog.Hash
	library := tlog.HashReaderFunc(func(indexes []int64) ([]tlog.Hash, error) {
		out := make([]tlog.Hash, len(indexes))
		for i, x := range indexes {
			out[i] = all[x]
		}
		return out, nil
	})
	tiles := 0
	grown := tree{full: func(level int, n int64, hashes []tlog.Hash) error {
		tiles++
		want, err := tlog.ReadTileData(tlog.Tile{H: height, L: level, N: n, W: width}, library)
		for i, h := range hashes {
			if err != nil || h != tlog.Hash(want[i*tlog.HashSize:]) {
				t.Fatalf("hash %d of tile %d/%d: %v", i, level, n, err)
			}
		}
		return nil
	}}
	for size := int64(0); ; size++ {
		if size < 600 || size > 65_534 && size < 65_540 || size > 131_071 {
			want, err := tlog.TreeHash(size, library)
			if err != nil || grown.root() != want {
				t.Fatalf("the root of %d entries: %v", size, err)
			}
		}
		if size == 131_074 {
			break
		}
		var h journal.Hash
		binary.BigEndian.PutUint64(h[:], uint64(size))
		more, err := tlog.StoredHashes(size, h[:], library)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, more...)
		if err := grown.add(h); err != nil {
			t.Fatal(err)
		}
	}
	if tiles != 2 {
		t.Errorf("%d full tiles", tiles)
	}
}
