package journal

import (
	"fmt"
	"iter"
)

// Ending is the end of a subject's history.
type Ending struct {
	Last Entry // of its greatest version
	// Whole says that its versions are 1, 2, 3, … up to the last, each once and each behind
	// the one before.
	Whole bool
}

// Key is what an entry is known by beside its number.
type Key struct {
	Subject string
	Version uint64
	Seq     uint64
}

// endingChunk is how many entries Endings reads at once.
const endingChunk = 500

// Endings makes of all entries' keys, in the order of subjects and versions, how each
// subject ends. read returns the entries with these numbers, in any order; it is called for
// some hundred at a time. It is how a driver implements Store.Subjects.
func Endings(keys iter.Seq2[Key, error], read func(seqs []uint64) ([]Entry, error)) iter.Seq2[Ending, error] {
	return func(yield func(Ending, error) bool) {
		var ends []Ending
		flush := func() bool {
			if err := fill(ends, read); err != nil {
				yield(Ending{}, err)
				return false
			}
			for i := range ends {
				if !yield(ends[i], nil) {
					return false
				}
			}
			ends = ends[:0]
			return true
		}
		for k, err := range keys {
			if err != nil {
				yield(Ending{}, err)
				return
			}
			if n := len(ends); n > 0 && ends[n-1].Last.Subject == k.Subject {
				e := &ends[n-1]
				e.Whole = e.Whole && k.Version == e.Last.Version+1 && k.Seq > e.Last.Seq
				e.Last.Version, e.Last.Seq = k.Version, k.Seq
				continue
			}
			if len(ends) == endingChunk && !flush() {
				return
			}
			ends = append(ends, Ending{Whole: k.Version == 1, Last: Entry{Subject: k.Subject, Version: k.Version, Seq: k.Seq}})
		}
		flush()
	}
}

// fill puts the entries in the place of their keys.
func fill(ends []Ending, read func(seqs []uint64) ([]Entry, error)) error {
	if len(ends) == 0 {
		return nil
	}
	seqs := make([]uint64, len(ends))
	for i := range ends {
		seqs[i] = ends[i].Last.Seq
	}
	entries, err := read(seqs)
	if err != nil {
		return err
	}
	bySeq := make(map[uint64]*Entry, len(entries))
	for i := range entries {
		bySeq[entries[i].Seq] = &entries[i]
	}
	for i := range ends {
		e := bySeq[ends[i].Last.Seq]
		if e == nil || e.Subject != ends[i].Last.Subject || e.Version != ends[i].Last.Version {
			return fmt.Errorf("journal: entry %d, version %d of %s, is no longer there", ends[i].Last.Seq, ends[i].Last.Version, ends[i].Last.Subject)
		}
		ends[i].Last = *e
	}
	return nil
}
