package fanout

import "sync"

// inboxCount is of how many entries a group is told at most. One that is told of more has
// to read the journal.
const inboxCount = 256

// inbox is what a group has still to look at, and whether somebody does. It is safe for
// concurrent use.
type inbox struct {
	mu      sync.Mutex // guards all that follows
	working bool
	backTo  uint64   // every entry up to here is to be read from the journal
	seqs    []uint64 // and then these, in order
}

// hear adds an entry. It tells whether work has to begin for it, once.
func (b *inbox) hear(seq uint64) (begin bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	n := len(b.seqs)
	if n > 0 && b.seqs[n-1] == seq {
		return false // by another topic
	}
	if n == inboxCount {
		b.backTo, b.seqs = b.seqs[n-1], b.seqs[:0]
	}
	b.seqs = append(b.seqs, seq)
	return n == 0 && !b.working
}

// reread has every entry up to one read from the journal.
func (b *inbox) reread(to uint64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.backTo = max(b.backTo, to)
}

// count is of how many entries the group was told and has not taken.
func (b *inbox) count() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return len(b.seqs)
}

// begin tells whether the caller is to work; somebody else does if not.
func (b *inbox) begin() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	was := b.working
	b.working = true
	return !was
}

// take tells the one who works what comes next after at: back, that the journal is to be
// read from there, or some entries. The work is over where ok is false.
func (b *inbox) take(at uint64) (back bool, seqs []uint64, ok bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch {
	case at < b.backTo:
		return true, nil, true
	case len(b.seqs) == 0:
		b.working = false
		return false, nil, false
	}
	n := min(len(b.seqs), groupStep)
	seqs, b.seqs = b.seqs[:n:n], b.seqs[n:]
	if len(b.seqs) == 0 {
		b.seqs = nil
	}
	return false, seqs, true
}
