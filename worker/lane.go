package worker

import (
	"context"
	"sync"

	"golang.org/x/sync/errgroup"
)

// Lanes do what belongs to one key in order, and the keys' work at the same time: each
// key has a lane, a goroutine of its own that works when it is woken. Make them with
// [NewLanes], for one session each. They are safe for concurrent use.
type Lanes struct {
	open  func(key string) func(context.Context) error
	ctx   context.Context // done when no lane works any more, or is to
	group *errgroup.Group

	mu    sync.Mutex // guards wakes; under it no lane begins once ctx is done
	wakes map[string]chan struct{}
}

// NewLanes makes lanes that work until ctx is done. For each new key open makes the
// lane's work, which is called by one goroutine at a time, once for any number of wakes
// before it. An error of it ends all lanes.
func NewLanes(ctx context.Context, open func(key string) func(context.Context) error) *Lanes {
	group, ctx := errgroup.WithContext(ctx)
	l := &Lanes{open: open, ctx: ctx, group: group, wakes: map[string]chan struct{}{}}
	group.Go(func() error { // so that Wait waits also while there is no lane
		<-ctx.Done()
		l.mu.Lock() // whoever is making a lane has made it
		defer l.mu.Unlock()
		return nil
	})
	return l
}

// Wake has the key's lane work: from now on if it rests, and else once more. It tells
// whether lanes still work.
func (l *Lanes) Wake(key string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.ctx.Err() != nil {
		return false
	}
	wake, ok := l.wakes[key]
	if !ok {
		wake = make(chan struct{}, 1)
		l.wakes[key] = wake
		work := l.open(key)
		l.group.Go(func() error { return l.run(work, wake) })
	}
	select {
	case wake <- struct{}{}:
	default: // it will look anyway
	}
	return true
}

func (l *Lanes) run(work func(context.Context) error, wake <-chan struct{}) error {
	for {
		select {
		case <-wake:
		case <-l.ctx.Done():
			return nil
		}
		if err := work(l.ctx); err != nil && l.ctx.Err() == nil {
			return err
		}
	}
}

// Wait waits until ctx is done and all lanes have ended, and returns nil; or, where a
// lane failed, its error once the others have ended.
func (l *Lanes) Wait() error { return l.group.Wait() }
