package admission

import (
	"context"
	"sync"
)

// Place is what one request holds of a Guard, in the request's context. Its methods
// do nothing on nil, which is what a request has that came by no Guard.
type Place struct {
	mu       sync.Mutex // guards the fields below
	stranger func()     // gives back the stranger's place; nil once that is done
	held     []func()   // given back at the end
	kept     bool       // the end is not that of the handler
	ended    bool
}

type placeKey struct{}

// From returns the place of a request, by the context of that request or one that
// was made of it.
func From(ctx context.Context) *Place {
	p, _ := ctx.Value(placeKey{}).(*Place)
	return p
}

// Identified gives the stranger's place back: it is known who sent the request.
func (p *Place) Identified() {
	if p == nil {
		return
	}
	p.mu.Lock()
	give := p.stranger
	p.stranger = nil
	p.mu.Unlock()
	if give != nil {
		give()
	}
}

// Hold has give called when the request is over, or its connection if it was kept.
func (p *Place) Hold(give func()) {
	if p != nil {
		p.mu.Lock()
		ended := p.ended
		if !ended {
			p.held = append(p.held, give)
		}
		p.mu.Unlock()
		if !ended {
			return
		}
	}
	give()
}

// Keep makes the place last beyond the request's handler, until end is called: for a
// connection that was hijacked.
func (p *Place) Keep() (end func()) {
	if p == nil {
		return func() {}
	}
	p.mu.Lock()
	p.kept = true
	p.mu.Unlock()
	return p.end
}

// handled ends the place with its handler, unless it is kept.
func (p *Place) handled() {
	p.mu.Lock()
	kept := p.kept
	p.mu.Unlock()
	if !kept {
		p.end()
	}
}

func (p *Place) end() {
	p.Identified()
	p.mu.Lock()
	held := p.held
	p.held, p.ended = nil, true
	p.mu.Unlock()
	for _, give := range held {
		give()
	}
}
