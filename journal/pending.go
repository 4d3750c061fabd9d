package journal

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"

	"procyon/access"
	"procyon/store"
)

// pending is a change that waits for its commit.
type pending struct {
	change access.Change
	view   store.Document
	done   chan result // capacity 1
	whose  atomic.Int32

	settled atomic.Bool // it is in the journal, or its caller has gone

	attempts []attempt // whose outcome is not known; of whoever commits
}

type result struct {
	seq uint64
	err error
}

// Whose a pending change is: the caller's, until it is taken for good or withdrawn.
const (
	ofCaller int32 = iota
	ofCommit
	ofNobody
	abandoned // of commit, and nobody waits for the answer
)

// take tells whether the change may still be committed, which its caller then can't
// withdraw any more.
func (p *pending) take() bool { return p.whose.CompareAndSwap(ofCaller, ofCommit) }

// leave is for a caller who waits no longer, for a reason: the change is withdrawn, or it
// is not known what becomes of it.
func (p *pending) leave(why error) (uint64, error) {
	if p.whose.CompareAndSwap(ofCaller, ofNobody) {
		return 0, why
	}
	select {
	case r := <-p.done:
		return r.seq, r.err
	default:
		p.whose.Store(abandoned)
		return 0, fmt.Errorf("%w: %w", access.ErrUnknownOutcome, why)
	}
}

// left tells whether the caller waits no longer.
func (p *pending) left() bool { return p.whose.Load() == abandoned }

// attempt is a write whose outcome is not known: the places of its first entry and of the
// change's own.
type attempt struct{ first, own Head }

func (p *pending) tried(a attempt) {
	if n := len(p.attempts); n == 0 || p.attempts[n-1] != a {
		p.attempts = append(p.attempts, a)
	}
}

// unsure tells whether the change may be committed, or may still become so.
func (p *pending) unsure() bool { return len(p.attempts) > 0 }

// outcome returns the number of the entry that a change has become, or 0 where it is none
// so far, and forgets those attempts that can't succeed any more: their place, or that of
// the first entry of the same write, has another entry.
func (j *Journal) outcome(ctx context.Context, p *pending) uint64 {
	var open []attempt
	for _, a := range p.attempts {
		own, err := j.holdsAt(ctx, a.own)
		first, err2 := j.holdsAt(ctx, a.first)
		switch {
		case errors.Join(err, err2) != nil:
			open = append(open, a)
		case own == same:
			return a.own.Seq
		case own == absent && first != other:
			open = append(open, a)
		}
	}
	p.attempts = open
	return 0
}

// presence is what the journal has at a place.
type presence int

const (
	absent presence = iota // nothing yet
	same
	other
)

// holdsAt tells whether the journal, as far as it is known here, has an entry.
func (j *Journal) holdsAt(ctx context.Context, h Head) (presence, error) {
	if h.Seq > j.Head() {
		return absent, nil
	}
	entries, err := j.Read(ctx, h.Seq-1, 1)
	switch {
	case err != nil:
		return absent, err
	case len(entries) == 1 && entries[0].Hash == h.Hash:
		return same, nil
	}
	return other, nil
}
