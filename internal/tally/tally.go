// Package tally compares sets that are read in different orders, in bounded memory: by sums
// over hashes of their members. Sums are alike where the sets are, each member as often as in
// the other. Hashes depend on seeds that are chosen anew each time and that nobody sees, so
// nobody can make two sets whose sums are alike.
package tally

import (
	"hash/maphash"
	"sync/atomic"
)

// Seeds are what hashes depend on. Sums are compared with those of the same seeds.
type Seeds [2]maphash.Seed

// Hash is the hash of a member, in 128 bits.
type Hash [2]uint64

// NewSeeds returns seeds that nobody knows.
func NewSeeds() Seeds { return Seeds{maphash.MakeSeed(), maphash.MakeSeed()} }

// Hash returns the hash of a member.
func (s Seeds) Hash(member []byte) Hash {
	return Hash{maphash.Bytes(s[0], member), maphash.Bytes(s[1], member)}
}

// Plus is the sum of two, each of which is the hash of a member or such a sum. Who has many
// members adds them up by it and then to a Sum, at once: cores that add to the same Sum wait
// for each other.
func (h Hash) Plus(other Hash) Hash { return Hash{h[0] + other[0], h[1] + other[1]} }

// Sum is a sum over hashes. The zero value is that of nothing. It is safe for concurrent use.
type Sum [2]atomic.Uint64

// Add adds a member, or a sum of some: see Hash.Plus.
func (s *Sum) Add(h Hash) {
	s[0].Add(h[0])
	s[1].Add(h[1])
}

// Equal reports whether two sums are of the same members. Nobody may add meanwhile.
func (s *Sum) Equal(other *Sum) bool {
	return s[0].Load() == other[0].Load() && s[1].Load() == other[1].Load()
}
