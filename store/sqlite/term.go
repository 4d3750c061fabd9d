package sqlite

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
)

var errTerms = errors.New("sqlite: the terms of a document are damaged; rebuild the views if it is one")

// hashTerm shortens a term to what the rows of table term hold. Two terms may
// share a hash, also on purpose: who reads compares the terms themselves.
func hashTerm(term string) int64 {
	sum := sha256.Sum256([]byte(term))
	return int64(binary.BigEndian.Uint64(sum[:8]))
}

// hashTerms hashes terms, each hash once.
func hashTerms(terms []string) []int64 {
	hashes := make([]int64, 0, len(terms))
	for _, t := range terms {
		if h := hashTerm(t); !contains(hashes, h) {
			hashes = append(hashes, h)
		}
	}
	return hashes
}

// contains is a linear search: a document has a handful of terms.
func contains(hashes []int64, h int64) bool {
	for _, have := range hashes {
		if have == h {
			return true
		}
	}
	return false
}

// unpackTerms reads the terms of a document as an older release has stored them: each
// behind its length. No terms are nil.
func unpackTerms(packed []byte) ([]string, error) {
	var terms []string
	for len(packed) > 0 {
		size, n := binary.Uvarint(packed)
		if n <= 0 || size > uint64(len(packed)-n) {
			return nil, errTerms
		}
		end := n + int(size)
		terms = append(terms, string(packed[n:end]))
		packed = packed[end:]
	}
	return terms, nil
}
