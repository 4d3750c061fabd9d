package app

import (
	"context"
	"sync"

	"procyon/access"
	"procyon/journal"
)

// rights follows what it depends on who somebody is and what they may do: every entry of
// the journal but those of requests. It is safe for concurrent use.
type rights struct {
	journal *journal.Journal

	mu   sync.Mutex // guards all that follows
	at   uint64     // looked at up to this entry
	last uint64     // one of these that counts, or is after the last that does
}

// rightsNear is how many entries are looked at; where there are more it is taken that one
// of them counts.
const rightsNear = 2000

// changed returns a number that is another one once an entry counts; what any server has
// committed before it is called is looked at. Where it fails nothing is known.
func (r *rights) changed(ctx context.Context) (uint64, error) {
	if err := r.journal.ReachTo(ctx, r.journal.Head()+1); err != nil {
		return 0, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	head := r.journal.Head()
	if head-min(r.at, head) > rightsNear {
		r.at, r.last = head, head
	}
	for r.at < head {
		entries, err := r.journal.Read(ctx, r.at, 500)
		if err != nil {
			return 0, err
		}
		for i := range entries {
			if access.KindOf(entries[i].Subject) != access.KindRequest {
				r.last = entries[i].Seq
			}
		}
		r.at += uint64(len(entries))
	}
	return r.last, nil
}
