package access

import (
	"context"
	"sync"
)

// personLocks lets each person ask for one thing at a time on this server. It keeps no
// promise that the guards don't keep: but of many calls at once all but one would be
// raced, and decided again each time that one of them gets through.
type personLocks struct {
	mu   sync.Mutex             // guards held; also the users of each of them
	held map[string]*personLock // of those who ask or wait
}

type personLock struct {
	free  chan struct{} // holds a token while nobody asks
	users int           // who hold it or wait for it; guarded by personLocks.mu
}

// lock waits until the person asks for nothing else. unlock must be called, unless there
// is an error: that of ctx.
func (l *personLocks) lock(ctx context.Context, id string) (unlock func(), err error) {
	l.mu.Lock()
	if l.held == nil {
		l.held = map[string]*personLock{}
	}
	p, ok := l.held[id]
	if !ok {
		p = &personLock{free: make(chan struct{}, 1)}
		p.free <- struct{}{}
		l.held[id] = p
	}
	p.users++
	l.mu.Unlock()
	leave := func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		if p.users--; p.users == 0 {
			delete(l.held, id)
		}
	}
	select {
	case <-p.free:
		return func() { p.free <- struct{}{}; leave() }, nil
	case <-ctx.Done():
		leave()
		return nil, ctx.Err()
	}
}

// asking runs what asks for something for a person, one at a time where limits are
// counted.
func (s *Service) asking(ctx context.Context, by Actor, ask func() (Request, error)) (Request, error) {
	if s.maxOpen == 0 && s.maxPerHour == 0 {
		return ask()
	}
	unlock, err := s.persons.lock(ctx, by.ID)
	if err != nil {
		return Request{}, err
	}
	defer unlock()
	return ask()
}
