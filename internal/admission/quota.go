package admission

import (
	"errors"
	"sync"
)

// Why Take gives nothing.
var (
	// ErrShare: this one holds as much already as one may.
	ErrShare = errors.New("too much is held by one")
	// ErrTotal: all together hold as much as there is.
	ErrTotal = errors.New("too much is held by all")
)

// Quota is an amount of which many hold parts at once: of all of it together at most
// total, of which each at most a share. It remembers only who holds something. It is
// safe for concurrent use.
type Quota struct {
	total, share int64

	mu    sync.Mutex // guards taken and by
	taken int64
	by    map[string]int64
}

// NewQuota makes a quota of which nothing is taken.
func NewQuota(total, share int64) *Quota {
	return &Quota{total: total, share: share, by: map[string]int64{}}
}

// Take takes n for somebody, at once or not at all: the error is ErrShare or ErrTotal.
// give returns it; a second call does nothing.
func (q *Quota) Take(who string, n int64) (give func(), err error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	switch {
	case n > q.share-q.by[who]:
		return nil, ErrShare
	case n > q.total-q.taken:
		return nil, ErrTotal
	}
	q.taken += n
	q.by[who] += n
	return sync.OnceFunc(func() { q.give(who, n) }), nil
}

func (q *Quota) give(who string, n int64) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.taken -= n
	if q.by[who] -= n; q.by[who] <= 0 {
		delete(q.by, who)
	}
}

// Taken is how much is taken now.
func (q *Quota) Taken() int64 {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.taken
}
