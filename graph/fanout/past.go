package fanout

import (
	"context"
	"errors"
	"sync"
	"time"
)

const (
	// pastAge is how long what was rendered for one subscriber who is behind is good for
	// another: what an event says of the present may be as old.
	pastAge = 5 * time.Second
	// pastBytes bounds all that is kept for subscribers who are behind.
	pastBytes = 32 << 20
)

var errEnds = errors.New("the journal ends before a position that it had reached")

// part is a group's results of some entries of the past, one after the other.
type part struct {
	from, to uint64 // it is of all entries after from, up to to
	items    []item
	size     int
	changed  uint64 // see router.moment
	made     time.Time
}

// past is what a group's subscribers share who are behind: one of them renders a part, and
// the others wait for it without blocking. It is safe for concurrent use.
type past struct {
	mu      sync.Mutex // guards all that follows
	count   int        // subscribers who are behind
	run     *run       // of the one who renders; nil where none was needed yet
	busy    bool
	waiting []func() // to be woken once nobody renders
	kept    bool     // there may be parts in the cache
}

// join takes in a subscriber who is behind, and r, which began where it does, may be of use.
func (p *past) join(r *run) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.count++
	if p.run == nil && !p.busy {
		p.run = r
	} else if r != nil {
		r.cancel()
	}
}

// caughtUp tells that a subscriber is behind no more.
func (g *group) caughtUp() {
	g.past.mu.Lock()
	g.past.count--
	forget := g.past.idle()
	g.past.mu.Unlock()
	g.forgetPast(forget)
}

// idle ends the run once nobody is behind, nor renders. It tells whether there may be parts
// to forget. mu is held.
func (p *past) idle() (forget bool) {
	if p.count > 0 || p.busy {
		return false
	}
	p.drop()
	forget, p.kept = p.kept, false
	return forget
}

func (g *group) forgetPast(forget bool) {
	if forget {
		g.f.parts.forget(func(k partKey) bool { return k.group == g })
	}
}

// drop ends the run. mu is held.
func (p *past) drop() {
	if p.run != nil {
		p.run.cancel()
		p.run = nil
	}
}

// enter lets one subscriber render. Any other is woken once that is over.
func (p *past) enter(wake func()) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.busy {
		p.waiting = append(p.waiting, wake)
		return false
	}
	p.busy = true
	return true
}

// leave ends what enter began. A run that failed is not used again.
func (g *group) leave(failed bool) {
	p := &g.past
	p.mu.Lock()
	p.busy = false
	if failed {
		p.drop()
	}
	forget := p.idle()
	waiting := p.waiting
	p.waiting = nil
	p.mu.Unlock()
	g.forgetPast(forget)
	for _, wake := range waiting {
		wake()
	}
}

// replay returns results of entries right after those that s has; nil where another
// subscriber is about to render them, and s is woken then.
func (g *group) replay(s *stream) (out *part, err error) {
	key := partKey{g, s.pos / groupStep}
	if out = g.kept(key, s); out != nil || !g.past.enter(s.wake) {
		return out, nil
	}
	defer func() { g.leave(err != nil) }()
	if p := g.kept(key, s); p != nil { // made while nobody was let in
		return p, nil
	}
	r, share, err := g.past.use(s)
	if err != nil {
		return nil, err
	}
	if out, err = g.renderPart(r, s.pos); err == nil && share {
		g.f.parts.add(key, out)
	}
	return out, err
}

// kept returns a part that goes on where s is, nil where there is none that is good.
func (g *group) kept(key partKey, s *stream) *part {
	if p, ok := g.f.parts.get(key); ok && p.from <= s.pos && s.pos < p.to && g.router.fresh(p, s.opened) {
		return p
	}
	return nil
}

// use returns the run to render with, and whether others may want the result. It is for the
// one who has entered, so nobody else changes the run meanwhile.
func (p *past) use(s *stream) (r *run, share bool, err error) {
	p.mu.Lock()
	r, share = p.run, p.count > 1
	p.kept = p.kept || share
	p.mu.Unlock()
	if r != nil {
		return r, share, nil
	}
	r, errs := s.group.f.start(context.WithoutCancel(s.ctx), s.op) // may look at the store: without the lock
	if errs != nil {
		return nil, false, errs
	}
	p.mu.Lock()
	p.run = r
	p.mu.Unlock()
	return r, share, nil
}

// renderPart renders the entries after pos, up to where the next part begins or the
// journal ends, at least one of them. With an error there is no result.
func (g *group) renderPart(r *run, pos uint64) (*part, error) {
	p := &part{from: pos, to: pos, changed: g.router.moment(), made: g.f.opt.Now()}
	for end := pos - pos%groupStep + groupStep; p.to < end; {
		events, err := g.router.read(r.ctx, p.to, int(end-p.to))
		if errors.Is(err, errEnds) && p.to > pos {
			break
		}
		if err != nil {
			return nil, g.f.fault(r.ctx, err)
		}
		for i := range events {
			it, ok, err := g.f.render(r, &events[i])
			switch {
			case err != nil && p.to > pos:
				return p, nil // whoever has had these finds out
			case err != nil:
				return nil, err
			}
			if ok {
				p.items = append(p.items, it)
				p.size += len(it.payload.Data)
			}
			p.to = events[i].Seq
		}
	}
	return p, nil
}

// partKey names the part of a group that has the entry after groupStep × number.
type partKey struct {
	group  *group
	number uint64
}
