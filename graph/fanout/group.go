package fanout

import (
	"runtime"
	"sync"

	"procyon/graph/transport"
)

// group is one shared execution with its latest results and its subscribers.
type group struct {
	key string
	f   *Fanout
	run *run

	mu   sync.RWMutex // guards ring and err
	ring ring
	err  error // why the group ended; the results before it are still there

	subMu sync.Mutex // guards subs; also the index of each of them; taken after Fanout.mu
	subs  []*stream
}

// loop renders entry after entry until the run is cancelled or fails.
func (g *group) loop() {
	ctx := g.run.ctx
	pos := g.ring.floor
	for {
		entries, err := g.f.log.Read(ctx, pos, groupStep)
		if err == nil && len(entries) == 0 {
			err = g.f.log.Wait(ctx, pos)
		}
		if err == nil {
			err = ctx.Err()
		}
		if err != nil {
			g.end(g.f.fault(ctx, err))
			return
		}
		batch := make([]item, 0, len(entries))
		for _, e := range entries {
			data, ok, err := g.run.render(e)
			if err != nil {
				g.publish(batch)
				g.end(err)
				return
			}
			pos = e.Seq
			if ok {
				batch = append(batch, item{seq: e.Seq, payload: transport.Payload{Cursor: g.f.opt.Cursor(e.Position()), Data: data}})
			}
		}
		g.publish(batch)
	}
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

// wakeAll holds the lock meanwhile: a wake never blocks.
func (g *group) wakeAll() {
	g.subMu.Lock()
	defer g.subMu.Unlock()
	for i, s := range g.subs {
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

// read appends up to limit results after pos and returns the new position.
// behind says that the ring does not reach back to pos; nothing is appended then.
// err comes after the last result.
func (g *group) read(pos uint64, dst []transport.Payload, limit int) (out []transport.Payload, at uint64, behind bool, err error) {
	g.mu.RLock()
	defer g.mu.RUnlock()
	if pos < g.ring.floor {
		return dst, pos, true, nil
	}
	items := g.ring.after(pos)
	if len(items) == 0 {
		return dst, pos, false, g.err
	}
	for i := range items[:min(limit, len(items))] {
		dst, pos = append(dst, items[i].payload), items[i].seq
	}
	return dst, pos, false, nil
}
