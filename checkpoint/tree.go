package checkpoint

import (
	"golang.org/x/mod/sumdb/tlog"

	"procyon/journal"
)

// height is that of the tiles in which the tree is kept: each has up to 256 hashes.
const (
	height = 8
	width  = 1 << height
)

// tree is the growing Merkle tree (RFC 6962) over the hashes of a journal's entries: the
// leaf of entry n, the (n-1)th, is that entry's hash. It holds the tiles at its right edge
// alone, so its memory grows with the logarithm of the journal. The zero value is empty.
type tree struct {
	size int64
	// edge has for each level of tiles the hashes of the last one, less than width.
	edge [][]tlog.Hash
	// full is told each tile above the lowest level once it is full; nil: nobody is.
	full func(level int, n int64, hashes []tlog.Hash) error
}

// add puts the next entry's hash behind the others.
func (t *tree) add(h journal.Hash) error {
	t.size++
	node := tlog.RecordHash(h[:])
	for level := 0; ; level++ {
		if level == len(t.edge) {
			t.edge = append(t.edge, make([]tlog.Hash, 0, width))
		}
		t.edge[level] = append(t.edge[level], node)
		if len(t.edge[level]) < width {
			return nil
		}
		if level > 0 && t.full != nil {
			if err := t.full(level, t.tile(level)-1, t.edge[level]); err != nil {
				return err
			}
		}
		node = subtree(t.edge[level])
		t.edge[level] = t.edge[level][:0]
	}
}

// tile is the number of the last tile of a level: the one that is not full.
func (t *tree) tile(level int) int64 { return t.size >> (height * (level + 1)) }

// root is the tree's root hash.
func (t *tree) root() tlog.Hash {
	var parts []tlog.Hash // from the left: full subtrees, each smaller than the one before
	for level := len(t.edge) - 1; level >= 0; level-- {
		rest := t.edge[level]
		for part := width / 2; part > 0; part /= 2 {
			if len(rest) >= part {
				parts = append(parts, subtree(rest[:part]))
				rest = rest[part:]
			}
		}
	}
	if len(parts) == 0 {
		root, _ := tlog.TreeHash(0, nil)
		return root
	}
	root := parts[len(parts)-1]
	for i := len(parts) - 2; i >= 0; i-- {
		root = tlog.NodeHash(parts[i], root)
	}
	return root
}

// subtree is the root of a full subtree, whose leaves are a power of two.
func subtree(leaves []tlog.Hash) tlog.Hash {
	var nodes [width]tlog.Hash
	n := copy(nodes[:], leaves)
	for ; n > 1; n /= 2 {
		for i := range n / 2 {
			nodes[i] = tlog.NodeHash(nodes[2*i], nodes[2*i+1])
		}
	}
	return nodes[0]
}
