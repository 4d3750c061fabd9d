package notifier

import (
	"crypto/sha256"
	"sync"
	"time"
)

// pace keeps messages to one address apart, also where several integrations have
// the same address. It is safe for concurrent use.
type pace struct {
	every time.Duration // none: no limit

	mu   sync.Mutex          // guards next
	next map[place]time.Time // when an address may get its next message
}

// place stands for an address without holding it: addresses are secrets.
type place [sha256.Size]byte

func placeOf(address string) place { return sha256.Sum256([]byte(address)) }

func newPace(every time.Duration) *pace {
	return &pace{every: every, next: map[place]time.Time{}}
}

// delay is how long the address must be left alone.
func (p *pace) delay(at place) time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	return time.Until(p.next[at])
}

// take takes the address's turn, and tells whether it was free.
func (p *pace) take(at place) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := time.Now()
	if now.Before(p.next[at]) {
		return false
	}
	p.set(at, now.Add(p.every))
	return true
}

// hold leaves the address alone for a time, as its other side asked for.
func (p *pace) hold(at place, d time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if t := time.Now().Add(d); t.After(p.next[at]) {
		p.set(at, t)
	}
}

// remembered is how many addresses are kept before those that are free are forgotten.
const remembered = 1000

func (p *pace) set(at place, t time.Time) {
	if len(p.next) >= remembered {
		now := time.Now()
		for other, free := range p.next {
			if free.Before(now) {
				delete(p.next, other)
			}
		}
	}
	p.next[at] = t
}
