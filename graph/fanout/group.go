package fanout

import (
	"runtime"
	"sync"
	"time"

	"procyon/graph/transport"
)

// group is one shared execution with its latest results and its subscribers. It has a
// goroutine only while there is something to render.
type group struct {
	key    string
	f      *Fanout
	run    *run
	router *router
	places []int // under each topic of its route, in the router's lists; under the router's lock
	inbox  inbox
	at     uint64 // every entry up to here that concerns it is rendered; of the one who works
	past   past   // for those subscribers for whom the ring is too short

	mu   sync.RWMutex // guards ring and err
	ring ring
	err  error // why the group ended; the results before it are still there

	subMu sync.Mutex // guards subs; also the index of each of them; taken after Fanout.mu
	subs  []*stream
}

// work renders what there is to render, unless that is going on.
func (g *group) work() {
	if g.inbox.begin() {
		g.f.loops.Go(g.loop)
	}
}

// loop renders until there is nothing more, the run is cancelled or fails.
func (g *group) loop() {
	for full := false; full || g.gather(); {
		events, err := g.next()
		if err != nil {
			g.end(g.f.fault(g.run.ctx, err))
			return
		}
		if events == nil {
			return
		}
		full = len(events) == groupStep
		batch, err := g.renderAll(events)
		g.publish(batch)
		if err != nil {
			g.end(err)
			return
		}
	}
}

// To hand something out costs each subscriber's connection a write, some microseconds of a
// processor, whether it is one result or ten. So a round waits about half as long as it
// will take, and again while more comes or is being written: that goes out in the same writes.
const (
	gatherEach = 2 * time.Microsecond // for each subscriber
	gatherMost = 10 * time.Millisecond
)

// gather waits for more to hand out at once; false where the run has ended.
func (g *group) gather() bool {
	g.subMu.Lock()
	wait := min(gatherEach*time.Duration(len(g.subs)), gatherMost/2)
	g.subMu.Unlock()
	had := g.inbox.count()
	if had == 0 || wait < gatherMost/100 {
		return g.run.ctx.Err() == nil // there is nothing yet, or to wait would cost more
	}
	for waited := wait; ; waited += wait {
		select {
		case <-time.After(wait):
		case <-g.run.ctx.Done():
			return false
		}
		n := g.inbox.count()
		if n == had && !g.f.log.Coming() || n >= groupStep || waited+wait > gatherMost {
			return true
		}
		had = n
	}
}

// next returns the events to look at next; nil, and the work is over, where there are none.
func (g *group) next() ([]Event, error) {
	back, seqs, ok := g.inbox.take(g.at)
	if !ok {
		return nil, nil
	}
	if back {
		return g.router.read(g.run.ctx, g.at, groupStep)
	}
	events := make([]Event, 0, len(seqs))
	for _, seq := range seqs {
		if seq <= g.at {
			continue
		}
		e, ok := g.router.event(seq)
		if !ok {
			one, err := g.router.read(g.run.ctx, seq-1, 1)
			if err != nil {
				return nil, err
			}
			e = one[0]
		}
		events = append(events, e)
	}
	return events, nil
}

// renderAll renders events, of which the last is then g's position. With an error come
// the results before it.
func (g *group) renderAll(events []Event) ([]item, error) {
	batch := make([]item, 0, len(events))
	for i := range events {
		it, ok, err := g.f.render(g.run, &events[i])
		if err == nil {
			err = g.run.ctx.Err()
		}
		if err != nil {
			return batch, err
		}
		if ok {
			batch = append(batch, it)
		}
		g.at = events[i].Seq
	}
	return batch, nil
}

// render gives the result of an event; false where it is not in the stream.
func (f *Fanout) render(r *run, e *Event) (item, bool, error) {
	if !r.route.concerns(e) {
		return item{}, false, nil
	}
	data, ok, err := r.render(e)
	if err != nil || !ok {
		return item{}, false, err
	}
	return item{seq: e.Seq, payload: transport.Payload{Cursor: f.opt.Cursor(e.Position()), Data: data}}, true, nil
}

func (g *group) publish(batch []item) {
	if len(batch) == 0 {
		return
	}
	g.mu.Lock()
	for _, it := range batch {
		g.ring.add(it)
	}
	g.mu.Unlock()
	g.wakeAll()
}

// end lets nobody join any more and tells the subscribers why.
func (g *group) end(err error) {
	g.f.mu.Lock()
	g.f.forget(g)
	g.f.mu.Unlock()
	g.run.cancel()
	g.mu.Lock()
	g.err = err
	g.mu.Unlock()
	g.wakeAll()
}

// wakeAtOnce is how many subscribers are woken before somebody else may run: their
// writers find in the processor's cache what waking has just touched, and end before
// the next are woken, so that few are alive at a time.
const wakeAtOnce = 16

// wakeAll wakes all but those who are behind, who come back by themselves. It holds the lock
// meanwhile: a wake never blocks.
func (g *group) wakeAll() {
	g.subMu.Lock()
	defer g.subMu.Unlock()
	for i, s := range g.subs {
		if s.behind.Load() {
			continue
		}
		s.wake()
		if i%wakeAtOnce == wakeAtOnce-1 {
			runtime.Gosched()
		}
	}
}

func (g *group) join(s *stream) {
	s.group = g
	g.subMu.Lock()
	defer g.subMu.Unlock()
	s.index = len(g.subs)
	g.subs = append(g.subs, s)
}

// part removes s, once, and returns how many are left.
func (g *group) part(s *stream) int {
	g.subMu.Lock()
	defer g.subMu.Unlock()
	if s.index >= 0 {
		last := len(g.subs) - 1
		g.subs[s.index] = g.subs[last]
		g.subs[s.index].index = s.index
		g.subs[last] = nil
		g.subs = g.subs[:last]
		s.index = -1
	}
	return len(g.subs)
}

// read appends up to limit results after pos and returns the new position. behind says that
// there are more than most of them, or that the ring does not reach back to pos; nothing is
// appended then. err comes after the last result.
func (g *group) read(pos uint64, dst []transport.Payload, limit, most int) (out []transport.Payload, at uint64, behind bool, err error) {
	g.mu.RLock()
	defer g.mu.RUnlock()
	if pos < g.ring.floor {
		return dst, pos, true, nil
	}
	items := g.ring.after(pos)
	switch n := len(items); {
	case n == 0:
		return dst, pos, false, g.err
	case n > most:
		return dst, pos, true, nil
	}
	for i := range items[:min(limit, len(items))] {
		dst, pos = append(dst, items[i].payload), items[i].seq
	}
	return dst, pos, false, nil
}
