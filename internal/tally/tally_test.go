package tally_test

import (
	"testing"

	"procyon/internal/tally"
)

func TestSums(t *testing.T) {
	seeds := tally.NewSeeds()
	sum := func(members ...string) *tally.Sum {
		var s tally.Sum
		for _, m := range members {
			s.Add(seeds.Hash([]byte(m)))
		}
		return &s
	}
	for _, other := range [][]string{{}, {"a"}, {"a", "b", "b"}, {"a", "c"}, {"ab", ""}, {"a", "a"}} {
		if sum("a", "b").Equal(sum(other...)) {
			t.Errorf("a and b are as %q", other)
		}
	}
	if !sum("a", "b", "b").Equal(sum("b", "a", "b")) {
		t.Error("the order counts")
	}
	var at tally.Sum // at once
	at.Add(seeds.Hash([]byte("a")).Plus(seeds.Hash([]byte("b"))).Plus(seeds.Hash([]byte("b"))))
	if !sum("a", "b", "b").Equal(&at) {
		t.Error("it makes a difference whether they are added up before")
	}
	if seeds.Hash([]byte("a")) == tally.NewSeeds().Hash([]byte("a")) {
		t.Error("other seeds make the same hash")
	}
}
